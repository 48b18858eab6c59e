#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The machine reads the structures of an unmodified Linux (emu/linux); Linux's own records judge its
# answers. Under Debian's kernel linux_snap.c records /proc/kpageflags, kpagecount, vmstat,
# buddyinfo, PID/status and MGLRU's lists. The script stops the machine and asks it; then
# linux_snap.c records a second time. A value that is the same in both records must be the same in
# the machine's answer, frame by frame; a number that changed must lie between the two. Memory is
# short: children of linux_snap.c write more than is free, so pages are swapped out.
#
# This runs one moment in 128 MiB. `make soak` (SOAK=1) runs twenty, compares the hash
# with that of a run without questions, and runs twenty in 112 MiB. In less RAM, Debian's
# kernel with its initrd does not start: its memory section table takes 32 MiB.
use lib 'tests/lib';
use Clockhand;
no warnings qw(portable); # numbers of 64 bits
use Debian;

my $images = debian_images();
$ENV{TEST_TIMEOUT} = 3000;

use constant {
    FRAMES     => 32768,
    RECORD     => 4 << 20,
    HALF       => 32768 * 16 + (256 << 10),
    KSM        => 1 << 21,
    SWAPBACKED => 1 << 14,
    OUR_OWN    => 1 << 48,
};
my $root = root_with('tests/machine/linux_snap.c');

# ---- the guest's records ----------------------------------------------------

sub texts {
    my %of;
    for my $part (split /^== /m, shift =~ s/\0.*//sr) {
        my ($path, $text) = split /\n/, $part, 2;
        $of{$path} = $text if defined $text;
    }
    return \%of;
}

sub half {
    my $raw = shift;
    my @number = unpack 'Q<' . 2 * FRAMES, $raw;
    return {
        flags => [ @number[ 0 .. FRAMES - 1 ] ],
        count => [ @number[ FRAMES .. 2 * FRAMES - 1 ] ],
        text  => texts(substr $raw, 16 * FRAMES),
    };
}

sub records {
    my ($disk, $n) = @_;
    my $all = slurp($disk);
    return map { [ half(substr $all, $_ * RECORD, HALF),
            half(substr $all, $_ * RECORD + HALF, HALF) ] } 0 .. $n - 1;
}

sub numbers { # "name value" or "Name:  value kB"
    my %n;
    $n{$1} = $2 while ($_[0] // '') =~ /^(\w+):?\s+(-?\d+)\b/mg;
    return \%n;
}

# ---- the machine's answers --------------------------------------------------

sub script {
    my ($rounds, $mb, @ask) = @_;
    my $text = qq(expect "$PROMPT" 120s\n);
    for my $command ('mkswap /dev/vdc', 'swapon /dev/vdc') {
        $text .= qq(send "$command\\n"\nexpect "$PROMPT" 60s\n);
    }
    $text .= qq(send "/root/linux_snap /dev/vdb $rounds $mb\\n"\n);
    for my $i (0 .. $rounds - 1) {
        $text .= qq(expect "SNAP $i" 600s\necho ROUND $i\n)
            . join '', map { "json info $_\n" } @ask;
    }
    return spew(tmp('snap.ch'), $text . qq(expect "SNAPPED" 600s\n) . "quit 0\n");
}

# Reads `json info frames all`: each frame's flags and map count; generations' sizes.
sub rows {
    my $line = shift;
    my (@flags, @refs, %generation, %owned);
    while ($line =~ /\{"pfn":(\d+),([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}/g) {
        my ($pfn, $row) = ($1, $2);
        $flags[$pfn] = hex $1 if $row =~ /"kpageflags":"0x([0-9a-f]+)"/;
        $refs[$pfn]  = $1     if $row =~ /"refs":(-?\d+)/;
        $owned{ $1 == $2 ? 'the first to map it' : $1 ? 'another' : 'nobody' }++
            if $row =~ /^"state":"anonymous".*"owner":(\d+),.*"pid":(\d+)/;
        $generation{"$1 " . ($flags[$pfn] & SWAPBACKED ? 'anon' : 'file')}++
            if $row =~ /"generation":([1-4])/;
    }
    return { flags => \@flags, count => \@refs, generation => \%generation, owned => \%owned };
}

# ---- the comparison ---------------------------------------------------------

sub compare_frames {
    my ($what, $before, $after, $ours, $frames) = @_;
    my ($same, $moved, @wrong) = (0, 0);
    for my $i (0 .. $frames - 1) {
        if ($before->{flags}[$i] != $after->{flags}[$i]
            || $before->{count}[$i] != $after->{count}[$i]) {
            $moved++;
            next;
        }
        $same++;
        # Linux 6.12 reports KSM for every anonymous page: its test for KSM passes if one of
        # two bits is set, and one of the two is set in every anonymous page.
        my $guest = $before->{flags}[$i] & ~KSM;
        my $flags = ($ours->{flags}[$i] // -1) & ~KSM & OUR_OWN - 1;
        push @wrong, sprintf 'frame %d: %x x%d, guest %x x%d', $i, $flags,
            $ours->{count}[$i] // -1, $guest, $before->{count}[$i]
            if $flags != $guest
            || ($ours->{count}[$i] // -1) != $before->{count}[$i];
    }
    is(scalar @wrong, 0, "$what: flags and map counts of $same frames")
        or diag(join "\n", scalar @wrong, @wrong[ 0 .. ($#wrong < 9 ? $#wrong : 9) ]);
    cmp_ok($moved, '<', $frames / 100, "$what: few changed between the records ($moved)");
}

# Each of the machine's numbers lies between the two of the guest.
sub compare_numbers {
    my ($what, $before, $after, $ours) = @_;
    my @wrong;
    my $n = 0;
    for my $name (sort keys %$ours) {
        my ($a, $b) = sort { $a <=> $b } map { $_->{$name} // -1 } $before, $after;
        $n++;
        push @wrong, "$name: $ours->{$name}, guest $a to $b"
            if $ours->{$name} < $a || $ours->{$name} > $b;
    }
    ok(!@wrong && $n, "$what: $n numbers") or diag(join "\n", @wrong);
}

sub blocks {
    my %n;
    for my $line (split /\n/, $_[0]) {
        my @n = ($line =~ /zone\s+\S+\s+(.*)/)[0] =~ /\d+/g;
        $n{$_} += $n[$_] for 0 .. $#n;
    }
    return \%n;
}

# Returns the sizes of MGLRU's lists by generation, the youngest first, from lru_gen,
# which has one memory cgroup.
sub generations {
    my @line = reverse(($_[0] // '') =~ /^\s+\d+\s+\d+\s+(\d+)\s+(\d+)\s*$/mg);
    my %n;
    for my $i (1 .. @line / 2) {
        ($n{"$i file"}, $n{"$i anon"}) = splice @line, 0, 2;
    }
    return \%n;
}

sub compare_processes {
    my ($what, $before, $after, $ours) = @_;
    my (%a, %b, %o);
    for my $path (grep { m,/status$, } keys %{ $before->{text} }) {
        my ($pid) = $path =~ /(\d+)/;
        my ($p)   = grep { $_->{pid} == $pid } @$ours;
        for my $pair ([ VmRSS => 'rss_frames' ], [ VmSwap => 'swapped_pages' ]) {
            my ($name, $key) = @$pair;
            my @guest = map { numbers($_->{text}{$path})->{$name} } $before, $after;
            next if !defined $guest[0] || !defined $guest[1]; # it has ended
            ($a{"$pid $name"}, $b{"$pid $name"}) = @guest;
            $o{"$pid $name"} = $p ? 4 * $p->{$key} : -1;
        }
    }
    compare_numbers("$what: RSS and swap of processes", \%a, \%b, \%o);
}

# Runs the guest; returns the output and the hash. tmp('records.img') has the records.
sub run_snap {
    my ($ram, $rounds, $mb, @ask) = @_;
    my ($disk, $swap) = map { tmp("$_.img") } qw(records swap);
    truncate spew($disk, ''), $rounds * RECORD or die;
    truncate spew($swap, ''), 128 << 20 or die;
    my @with = map { $_ eq '128M' ? $ram : $_ }
        boot_arguments("$root,overlay");
    my ($out, $err) = succeeds("$ram: all moments were recorded",
        clockhand(@with, '--timing', 'fast', '--drive',
        $disk, '--drive', $swap, '--hash', '-x', script($rounds, $mb, @ask)));
    my ($hash) = $err =~ /^hash ([0-9a-f]+)$/m;
    return ($out, $hash);
}

sub judge {
    my ($ram, $rounds, $mb) = @_;
    my ($out, $hash) = run_snap($ram, $rounds, $mb, 'frames all', 'vm', 'buddy', 'ps');
    my @answers = grep { /^[\[{]/ } split /\n/, $out;
    my @record  = records(tmp('records.img'), $rounds);
    for my $i (0 .. $rounds - 1) {
        my ($frames, $vm, $buddy, $ps) = splice @answers, 0, 4;
        my ($before, $after) = @{ $record[$i] };
        my $what = "$ram, moment $i";
        my ($a, $b) = map { $_->{text} } $before, $after;
        compare_numbers("$what: vmstat", numbers($a->{'/proc/vmstat'}),
            numbers($b->{'/proc/vmstat'}), json($vm // '{}')->{vmstat});
        my $rows = rows($frames // '');
        is_deeply([ keys %{ $rows->{owned} } ], ['the first to map it'], "$what: owners of anonymous frames")
            or diag(explain $rows->{owned});
        compare_frames($what, $before, $after, $rows, ($ram =~ /(\d+)/)[0] * 256);
        compare_numbers("$what: lru_gen",
            map({ generations($_->{'/tmp/debug/lru_gen'}) } $a, $b), $rows->{generation});
        my @free = @{ json($buddy // '[]') };
        compare_numbers("$what: buddyinfo", blocks($a->{'/proc/buddyinfo'}),
            blocks($b->{'/proc/buddyinfo'}), { map { $_ => $free[$_] // -1 } 0 .. 10 });
        compare_processes($what, $before, $after, json($ps // '[]'));
    }
    return $hash;
}

my $rounds = $ENV{SOAK} ? 20 : 1;
my $hash   = judge('128M', $rounds, 56);
if ($ENV{SOAK}) {
    my (undef, $unseen) = run_snap('128M', $rounds, 56);
    is($hash, $unseen, 'the same hash without questions');
    judge('112M', 20, 44);
}
done_testing;
