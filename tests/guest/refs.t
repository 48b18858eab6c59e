#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# --refs records every touch of a page by a program, exactly as this test counts touches
# from the --commit-log of the same run. Recording does not change the machine, and both
# engines write the same file.
use lib 'tests/lib';
use Clockhand;
no warnings qw(portable); # addresses have 64 bits

my $b = build();
my $command = 'ls / | head -3 >/dev/null; ls -l /etc >/dev/null';

# Returns the lines of a file's text form.
sub dump_refs {
    my ($status, $out, $err) = run_command('', "$b/vmsim", '--dump', shift);
    is("$status $err", '0 ', 'the file can be read');
    return split /\n/, $out;
}

# ---- recording does not change the machine; engines agree ----

my %file;
for my $timing (qw(fast cycle)) {
    my ($hash) = (guest($command, '--timing', $timing, '--hash'))[2];
    for my $engine (qw(interp jit)) {
        my $f = $file{"$timing $engine"} = tmp("$timing.$engine");
        my ($status, $out, $err) = guest($command, '--timing', $timing,
            '--engine', $engine, '--hash', '--refs', $f, '--events', tmp('events'));
        is("$status $err", "0 $hash", "$timing, $engine: the same hash with --refs");
    }
    ok(slurp($file{"$timing interp"}) eq slurp($file{"$timing jit"}),
        "$timing: both engines write the same file");
}

# The file tells when a process gets a page of zeros: what its address held before is gone.
my $zeros = grep { $_->{reason} =~ /^(?:demand-zero|zero-map|stack-grow)$/ && $_->{pid} }
    events(tmp('events'));
cmp_ok($zeros, '>', 10, 'processes got pages of zeros');
my @born = grep { /^!born / } dump_refs($file{'cycle jit'});
is(scalar(@born), $zeros, 'the file tells of each page of zeros');
my %born = map { $_ => 1 } @born;
cmp_ok(keys %born, '<', @born, '... also of a second one at the same address');

# ---- an independent count ----

# Counts the touches by retired instructions of user mode: a fetch from each page in which an
# instruction lies, its loads, its stores. An instruction that traps is in no commit log. If the
# trap is an environment call, or its cause is a load or store, the instruction was fetched; sepc
# and scause, which the kernel's trap_vector reads, tell this. Before an interrupt an instruction
# may have been fetched: such a touch is "maybe".
sub load_bytes {
    my $raw = shift;
    return 1 << ($raw >> 12 & 3) if ($raw & 3) == 3;
    return ($raw >> 13 & 7) == 2 ? 4 : 8; # c.lw c.lwsp; c.ld c.fld and their sp forms
}
my (@truth, @faults, $sepc, $cause);
sub touch {
    my ($kind, $first, $last, $maybe) = @_;
    push @truth, [$kind, $_, $maybe] for $first >> 12 .. $last >> 12;
}
my $both = tmp('both');
open my $log, '-|', "$b/clockhand", '--timing', 'fast', '--run', $command,
    '--commit-log', '-', '--refs', $both or die;
while (<$log>) {
    if (substr($_, 10, 1) eq '0') {
        my ($pc, $raw, $rest) = /^core   0: 0 0x(\w+) \(0x(\w+)\)(.*)/ or die $_;
        $pc = hex $pc;
        touch('fetch', $pc, $pc + length($raw) / 2 - 1);
        my @mem = $rest =~ / mem 0x(\w+)(?: 0x(\w+))?/g or next;
        my ($store) = grep { defined $mem[2 * $_ + 1] } 0 .. $#mem / 2;
        if (defined $store) { # an atomic operation counts as a store
            my $at = hex $mem[2 * $store];
            touch('store', $at, $at + length($mem[2 * $store + 1]) / 2 - 1);
        } else {
            my $at = hex $mem[0];
            touch('load', $at, $at + load_bytes(hex $raw) - 1);
        }
    } elsif (/\(0x141022f3\) x5  0x(\w+)/) { # csrr t0, sepc
        $sepc = hex $1;
    } elsif (/\(0x142023f3\) x7  0x(\w+)/) { # csrr t2, scause
        $cause = hex $1;
        touch('fetch', $sepc, $sepc, $cause >> 63)
            unless $cause == 12; # caused by the fetch itself
    } elsif (/\(0x14302e73\) x28 0x(\w+)/) { # csrr t3, stval
        my $kind = { 12 => 'fetch', 13 => 'load', 15 => 'store' }->{$cause};
        push @faults, sprintf '%s %x', $kind, hex($1) >> 12 if $kind;
    }
}
ok(close($log), 'a run with both logs');
ok(slurp($both) eq slurp($file{'fast interp'}), 'the same file with a commit log');

# Successive touches of the same page become one touch; processes are not kept apart here.
sub collapse {
    my (@out, %last, %kinds);
    for (@_) {
        my ($kind, $page, $maybe) = @$_;
        my $stream = $kind eq 'fetch' ? 'fetch' : 'data';
        if (($last{$stream} // -1) != $page) {
            %kinds = () if $stream eq 'data';
        } elsif ($stream eq 'fetch' || $kinds{$kind}) {
            next;
        }
        # an uncertain touch must not hide a certain one
        next if $maybe;
        $last{$stream} = $page;
        $kinds{$kind} = 1 if $stream eq 'data';
        push @out, sprintf '%s %x', $kind, $page;
    }
    return \@out;
}
my @lines = dump_refs($both);
my @told = grep { defined } map {
    /^\d+(?: w)? # \d+ 0x(\w+) (fetch|load|store)(?! kernel)/
        ? [$2, hex($1) >> 12] : undef
} @lines;
my ($count, $refs) = (collapse(@truth), collapse(@told));
cmp_ok(scalar(@$count), '>', 20_000, 'a run with many touches');
my $same = 0;
$same++ while $same < @$count && $same < @$refs && $count->[$same] eq $refs->[$same];
is(scalar(@$refs), scalar(@$count), 'as many touches as in the commit log');
is($same, scalar(@$count), '... the same touches in the same order')
    or diag(join "\n", map { "$count->[$_]\t$refs->[$_]" } $same - 3 .. $same + 3);

# Each page fault is marked at the touch that caused it.
my @marked = map { /^\d+(?: w)? # \d+ 0x(\w+)000 (\w+) fault/ ? "$2 $1" : () } @lines;
is_deeply([sort @marked], [sort @faults], 'the marks are the page faults');

# The kernel's own touches of a buffer's pages come one after the other.
succeeds('dd', guest('dd if=/dev/zero of=/tmp/x bs=64k count=3',
    '--timing', 'fast', '--refs', tmp('dd')));
my ($runs, $next, $kind) = (0, -1, '');
my %runs;
for (dump_refs(tmp('dd'))) {
    my ($page, $how) = /^\d+(?: w)? # \d+ 0x(\w+)000 (load|store) kernel/ or next;
    $runs = $how eq $kind && hex($page) == $next ? $runs + 1 : 1;
    ($next, $kind) = (hex($page) + 1, $how);
    $runs{$how}++ if $runs == 16;
}
is_deeply(\%runs, { store => 3, load => 3 },
    "the kernel's stores to and loads from a buffer of 16 pages, three times");

done_testing;
