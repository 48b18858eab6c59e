#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# A fault inside the kernel's fault handler is a double fault: the kernel reports it and stops. A
# third fault, during that report, resets the machine (001-7). These faults are planted: a load from
# address 0 replaces a function's first instruction. Also tests fork that copies at once (002-20).
use lib 'tests/lib';
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
    'double fault: the message has cause, address, registers') or diag($out, $err);
like($out, qr/^Kernel panic: unexpected trap, cause 13, address 0\r?$/m,
    '... panic() is called, with a reason');
like($out, qr/^process \d+ \(sh\)\r?\n pc [0-9a-f]{16}  ra [0-9a-f]{16}  sp .*\n(?:.*\n){6}.* t6 [0-9a-f]{16}\r?$/m,
    '... the registers follow');
like($err, qr/^#0 +0x[0-9a-f]+ +<vm_fault>.*\n#1 +0x[0-9a-f]+ +<page_fault\+\S+>, \w+\.c:\d+\n#2 +0x[0-9a-f]+ +<trap_from_user\+/m,
    '... and the call trace, with names');
is(() = $err =~ /^ +\d+  pid \d+ .* \(\w+\)/mg, 20, '... and the last twenty events');
like($out, qr/^the machine is off, status 1/m, '... and the machine is off');
is(() = $out =~ /of RAM, /g, 1, '... after one start');

($status, $out, $err) = planted('vm_fault', 'trap_from_kernel');
unlike($out, qr/Kernel panic|trap in the kernel/, 'triple fault: no message');
is(() = $out =~ /of RAM, /g, 2, '... the machine starts again') or diag($out);
like($out, qr/kpageoutd|pageout/, '... and runs') or diag($out, $err);

# --run shows a panic, although it does not show the rest of the console. A program's line with a
# panic's words is shown, too, but gets no call trace and is no failure.
($status, $out, $err) = clockhand('--set', 'vm.panic_on_oom=1', '--set',
    'vm.overcommit_memory=1', '--run', '/era/bin/hog 5x');
isnt($status, 0, '--run: a panic is a failure');
like($err, qr/^Kernel panic: out of memory.*\nprocess \d+ \(hog\)\n pc (?:.*\n){8}call trace.*\n#0 +\S+ +<oom_kill\+/m,
    '... and its message, registers and call trace are shown') or diag($err);
($status, $out, $err) = clockhand('--run', 'echo "Kernel panic: a joke" > /dev/console');
is("$status $err", '0 Kernel panic: a joke'."\n",
    'a program\'s own line is shown, but not taken for a panic');

# Program faults that the handler serves do not count as double faults, nor do
# faults of a system call at a bad pointer (/tests/all bad_pointers).
($status, $out) = guest('cat /proc/self/stat > /dev/null; echo on');
is($out, "on\n", 'ordinary faults are no double faults');

# ---- fork without copy-on-write (002-20) ----
# (With A bits set by faults, the child's faults must not count as fork's time.)
for my $ad (qw(hw fault)) {
    ($status, $out, $err) = clockhand('-x', 'tools/experiments/fork.ch', '--ad', $ad);
    is($status, 0, "tools/experiments/fork.ch holds, --ad $ad") or diag($err, $out);
}
# MAP_SHARED memory must still be shared. Copied memory must be separate, under pressure,
# too. No frame may be lost.
($status, $out) = guest('/tests/all anon_shared cow_isolation fork_exit_frames '
        . 'mlock_fork text_shared vfork_shares clone_vm; '
        . '/tests/pressure private 24000; /tests/pressure moved 20000; '
        . 'echo 1 > /proc/audit && echo sound', '--set', 'vm.fork=0',
    '--timing', 'fast', '--swap', '64M');
like($out, qr/^7 passed, 0 failed$/m, 'vm.fork=0: the tests that do not count '
    . 'copies pass') or diag($out);
like($out, qr/^pressure: private: 6000 pages, 0 errors$/m, '... under pressure');
like($out, qr/^pressure: moved: 5000 pages, 0 errors$/m, '... with memory that mremap moves');
like($out, qr/^sound$/m, '... the audit holds');
done_testing;
