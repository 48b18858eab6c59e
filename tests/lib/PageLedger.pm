# SPDX-License-Identifier: MIT
# Derives from --events alone the state of all frames and which pages are dirty (newer
# than their copies on disk), and lists the events that break a rule of reclaim:
#   - an event's old state is the new state of the frame's previous event
#   - a page is written to swap only if it is dirty
#   - a page that reclaim takes is clean: its content is on disk
package PageLedger;
use strict;
use warnings;
use Exporter 'import';
our @EXPORT = qw(ledger);

# Reasons that drop a page's content although it may be used again; after all other
# reasons (exit, unmap, ...) nobody can use the page again.
my %taken = map { $_ => 1 } qw(reclaim drop-cache);

# Returns 1 if a frame is dirty after its change to $to for $why, 0 if clean; undef: as before.
sub becomes_dirty {
    my ($from, $to, $why) = @_;
    return 0 if $to eq 'free' || $to eq 'file-clean';
    return 1 if $to eq 'file-dirty';
    return 0 if $why =~ /^swap-(?:in|ahead)$/ && $from eq 'free';
    return 0 if $why eq 'swap-out';
    return 1 if $to eq 'anonymous' || $to eq 'cow-shared';
    return undef;
}

# Returns a hash: broken (sentences), count by reason, came (the same for events of frames that were
# free), actor (counts by reason and actor), state (each frame's last).
sub ledger {
    my ($file) = @_;
    my (%state, %dirty, @broken, %count, %came, %actor);
    local $_; # the caller may be in a loop over $_
    open my $f, '<', $file or die "$file: $!";
    <$f>;
    while (<$f>) {
        chomp;
        my ($cycle, $pid, $pfn, $from, $to, $why, $actor) = split /,/;
        $count{$why}++;
        $came{$why}++ if $from eq 'free';
        $actor{$why}{$actor}++;
        next if $pfn eq '' || $from eq '';
        my $was = $state{$pfn} // 'free';
        push @broken, "frame $pfn at $cycle: $why from $from, it was $was" if $was ne $from;
        push @broken, "frame $pfn at $cycle: written although clean"
            if $why eq 'swap-out' && !$dirty{$pfn};
        push @broken, "frame $pfn at $cycle: dirty ($from), and dropped"
            if $to eq 'free' && $taken{$why} && $dirty{$pfn};
        $state{$pfn} = $to;
        # No event tells that a program writes to shared memory, only the D bits do; the
        # kernel reads them when it adds the page to swap.
        $dirty{$pfn} = 1 if $why eq 'swap-add' && $to eq 'shared-memory';
        my $d = becomes_dirty($from, $to, $why);
        $dirty{$pfn} = $d if defined $d;
    }
    return { broken => \@broken, count => \%count, came => \%came, actor => \%actor, state => \%state };
}

1;
