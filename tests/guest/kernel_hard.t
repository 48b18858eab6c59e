#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Attacks the kernel, on QEMU and on Clockhand, with random mapping calls (compared with a model),
# random system calls and damaged programs; on Clockhand also lets every N-th allocation fail. After
# each attack the kernel's audit (frame table against page tables) must hold. SOAK=1 tries more
# seeds, more machines and more values of N.
use strict;
use warnings;
use lib 'tests/lib';
use Qemu;
use Test::More;

my $build = $ENV{BUILD} || 'build';

sub clockhand {
    my ($append, @options) = @_;
    open my $from, '-|', 'timeout', '-k', '2', '120', "$build/clockhand",
        '--timing', 'fast', @options, '--append', "quiet $append" or die "clockhand: $!";
    my $out = do { local $/; <$from> } // '';
    $out =~ s/\r//g;
    close $from;
    return ($out, $? >> 8);
}

# Each attack has a name, a command with a seed, and the pattern of a line that each
# seed must print once.
my @attacks = (
    ['vmstress', '/tests/vmstress $s 2000',
        qr/^vmstress: \d+: 2000 steps, all as the model says$/m],
    ['fuzz', '/tests/fuzz $s 30 200',
        qr/^fuzz: \d+: 30 children, \d+ system calls, longest wait \d+ ms, kernel sound$/m],
    ['elffuzz', '/tests/elffuzz $s 100',
        qr/^elffuzz: \d+: 100 programs, \d\d+ refused, kernel sound$/m],
);
my @seeds = $ENV{SOAK} ? (1, 2, 3, 4) : 1;
my $times = @seeds;
for my $attack (@attacks) {
    my ($name, $one, $pattern) = @$attack;
    my $run = "for s in @seeds; do $one || exit 1; done";
    my ($out, $status) = qemu_run($run, timeout => 120);
    is(scalar(() = $out =~ /$pattern/g), $times, "$name on QEMU") or diag($out);
    is($status, 0, "$name on QEMU: status");
    for my $options ($ENV{SOAK} ? ([], ['--ram', '8M']) : (), ['--ad', 'fault'],
        ['--asid', 'off', '--tlb', '4'])
    {
        my ($text, $code) = clockhand("run=$run", @$options);
        is(scalar(() = $text =~ /$pattern/g), $times,
            "$name on Clockhand @$options") or diag($text);
        is($code, 0, "$name on Clockhand @$options: status");
    }
}

# Every n-th allocation fails, except for init and the outer shell: the programs
# may fail in any way, but the kernel survives and its tables agree.
my $work = 'for i in 1 2 3 4; do ls -l /bin | sort | head -2; '
    . 'find / | wc -l; seq 1 300 | sort -rn | head -1; (echo a | cat); '
    . '/tests/all cow_fork remap anon_shared; /tests/fuzz 7 10 100; done; '
    . 'echo alive; echo 1 > /proc/audit && echo sound';
for my $n (3, 20, $ENV{SOAK} ? (2, 7, 61, 200) : ()) {
    my ($out, $status) = clockhand("allocfail=$n run=$work");
    like($out, qr/^alive\nsound$/m, "every $n-th allocation fails") or diag(substr $out, -400);
    unlike($out, qr/audit: .*(found|errors)|DAMAGED/, "... and no audit fails");
}
done_testing;
