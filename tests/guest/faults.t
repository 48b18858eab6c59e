#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# A fault inside the kernel's fault handler is a double fault: the kernel reports it
# and stops. A third fault, during that report, cannot be handled by software: the
# machine is reset. (001-7) The faults are planted: a load from address 0 replaces a
# function's first instruction.
use strict;
use warnings;
use lib 'tests/lib';
use Test::More;
use Clockhand;

sub planted {
    my @where = @_;
    my $script = spew(tmp('fault.ch'), qq(expect "# " 60s\n)
            . join('', map { "set u32[$_] = 0x00003003\n" } @where)
            . qq(send "echo hello\\n"\nrun-for -v 4s\ninfo ps\n));
    return clockhand('-x', $script);
}
my ($status, $out, $err) = planted('vm_fault');
like($out, qr/^trap in the kernel: cause 0xd tval 0 pc 0x[0-9a-f]+ ra 0x[0-9a-f]+ sp 0x[0-9a-f]+ tp 0x[0-9a-f]+\r?$/m,
    'double fault: where it happened, with what in the registers') or diag($out, $err);
like($out, qr/^Kernel panic: unexpected trap, cause 13, address 0\r?$/m,
    '... panic() is called, with a reason');
like($out, qr/^process \d+ \(sh\)\r?\n pc [0-9a-f]{16}  ra [0-9a-f]{16}  sp .*\n(?:.*\n){6}.* t6 [0-9a-f]{16}\r?$/m,
    '... the registers follow');
like($err, qr/^#0 +0x[0-9a-f]+ +vm_fault\n#1 +0x[0-9a-f]+ +page_fault\+\S+\n#2 +0x[0-9a-f]+ +trap_from_user\+/m,
    '... and who called, by name');
is(() = $err =~ /^ +\d+  pid \d+ .* \(\w+\)/mg, 20, '... and the last twenty events');
like($out, qr/^the machine is off, status 1/m, '... and that is the end');
is(() = $out =~ /of RAM, /g, 1, '... it started once');

($status, $out, $err) = planted('vm_fault', 'trap_from_kernel');
unlike($out, qr/Kernel panic|trap in the kernel/, 'triple fault: not a word');
is(() = $out =~ /of RAM, /g, 2, '... the machine starts again') or diag($out);
like($out, qr/kpageoutd|pageout/, '... and runs') or diag($out, $err);

# The same with --run, where the console is not shown; and a program that only
# says that there is a panic.
($status, $out, $err) = clockhand('--set', 'vm.panic_on_oom=1', '--set',
    'vm.overcommit_memory=1', '--run', '/era/bin/hog 5x');
isnt($status, 0, '--run: a panic is a failure');
like($err, qr/^Kernel panic: out of memory.*\nprocess \d+ \(hog\)\n pc (?:.*\n){8}call trace.*\n#0 +\S+ +oom_kill\+/m,
    '... and all of it is told') or diag($err);
($status, $out, $err) = clockhand('--run', 'echo "Kernel panic: a joke" > /dev/console');
is("$status $err", '0 Kernel panic: a joke'."\n", 'a joke has no registers');

# A fault of a program that the handler serves is none of these; nor is one
# that a system call makes for it with a bad pointer: T:bad_pointers.
($status, $out) = guest('cat /proc/self/stat > /dev/null; echo on');
is($out, "on\n", 'ordinary faults are none of this');

# ---- wild pointers, and what the shell says of them (001-5, 001-6) ----
($status, $out, $err) = clockhand('-x', 'tools/experiments/wild.ch');
is($status, 0, 'tools/experiments/wild.ch holds') or diag($err, $out);

# ---- fork without copy-on-write (002-20) ----
# (With A bits set by faults the child's faults had counted as fork's time.)
for my $ad (qw(hw fault)) {
    ($status, $out, $err) = clockhand('-x', 'tools/experiments/fork.ch', '--ad', $ad);
    is($status, 0, "tools/experiments/fork.ch holds, --ad $ad") or diag($err, $out);
}
# Memory that two share because they asked for it is shared all the same; what
# was copied is really apart; no frame is lost; under pressure, too.
($status, $out) = guest('/tests/all anon_shared cow_isolation fork_exit_frames '
        . 'mlock_fork text_shared vfork_shares clone_vm; '
        . '/tests/pressure private 24000; /tests/pressure moved 20000; '
        . 'echo 1 > /proc/audit && echo sound', '--set', 'vm.fork=0',
    '--timing', 'fast', '--swap', '64M');
like($out, qr/^7 passed, 0 failed$/m, 'vm.fork=0: the tests that do not count '
    . 'copies') or diag($out);
like($out, qr/^pressure: private: 6000 pages, 0 errors$/m, '... under pressure');
like($out, qr/^pressure: moved: 5000 pages, 0 errors$/m, '... moved');
like($out, qr/^sound$/m, '... the audit holds');
done_testing;
