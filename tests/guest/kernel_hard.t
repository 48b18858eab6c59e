#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The kernel under attack, on QEMU and on Clockhand: random mapping calls compared with
# a model, random system calls, damaged programs; on Clockhand also every N-th allocation
# failing. After each the kernel's audit (frame table against page tables) must hold.
use strict;
use warnings;
use lib 'tests/lib';
use Qemu;
use Test::More;

my $build = $ENV{BUILD} || 'build';

sub clockhand {
    my ($append, @options) = @_;
    open my $from, '-|', 'timeout', '-k', '2', '120', "$build/clockhand",
        '--timing', 'fast', @options, '--append', "quiet $append"
        or die "clockhand: $!";
    my $out = do { local $/; <$from> } // '';
    $out =~ s/\r//g;
    close $from;
    return ($out, $? >> 8);
}

# Each attack: NAME, command, pattern of the lines to count, their expected number.
my @attacks = (
    ['vmstress', 'for s in 1 2 3 4; do /tests/vmstress $s 2000 || exit 1; done',
        qr/^vmstress: \d+: 2000 steps, all as the model says$/m, 4],
    ['fuzz', 'for s in 1 2; do /tests/fuzz $s 30 200 || exit 1; done',
        qr/^fuzz: \d+: 30 children, \d+ system calls, longest wait \d+ ms, kernel sound$/m, 2],
    ['elffuzz', '/tests/elffuzz 1 100 && /tests/elffuzz 2 100',
        qr/^elffuzz: \d+: 100 programs, \d\d+ refused, kernel sound$/m, 2],
);
for my $attack (@attacks) {
    my ($name, $run, $pattern, $times) = @$attack;
    my ($out, $status) = qemu_run($run, timeout => 120);
    is(scalar(() = $out =~ /$pattern/g), $times, "$name on QEMU")
        or diag($out);
    is($status, 0, "$name on QEMU: status");
    for my $options ([], ['--ad', 'fault'], ['--asid', 'off', '--tlb', '4'],
        ['--ram', '8M'])
    {
        my ($text, $code) = clockhand("run=$run", @$options);
        is(scalar(() = $text =~ /$pattern/g), $times,
            "$name on Clockhand @$options") or diag($text);
        is($code, 0, "$name on Clockhand @$options: status");
    }
}

# Allocations fail for every process but init and the outer shell: the programs
# may fail in any way, but the kernel survives and its tables agree.
my $work = 'for i in 1 2 3 4; do ls -l /bin | sort | head -2; '
    . 'find / | wc -l; seq 1 300 | sort -rn | head -1; (echo a | cat); '
    . '/tests/all cow_fork remap anon_shared; /tests/fuzz 7 10 100; done; '
    . 'echo alive; echo 1 > /proc/audit && echo sound';
for my $n (2, 3, 7, 20, 61, 200) {
    my ($out, $status) = clockhand("allocfail=$n run=$work");
    like($out, qr/^alive\nsound$/m, "every $n. allocation fails")
        or diag(substr $out, -400);
    unlike($out, qr/audit: .*(found|errors)|DAMAGED/, "... and no audit fails");
}
done_testing;
