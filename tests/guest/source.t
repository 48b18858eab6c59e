#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The source level in the guest: a program's own lines, even if other processes
# are at the same address; the kernel's lines, into traps and out of them. The
# programs on the disk have no debug information: it lies in symbols/ beside the
# kernel.
use strict;
use warnings;
use lib 'tests/lib';
use Test::More;
use Clockhand;

sub run_script {
    my ($before, @lines) = @_;
    my $script = spew(tmp('s.ch'), join "\n", 'console off', 'expect "# " 5s', @$before, @lines, '');
    my ($status, $out, $err) = clockhand('-x', $script);
    is($status, 0, 'the script ends with status 0') or diag($err);
    return $out;
}

# ---- the kernel's lines while a program runs ----
my $listed = run_script(['send "hog 4M\n"'], 'run-for 20ms', 'run-until $priv == 0', 'print $priv', 'list vm_fault');
like($listed, qr/^0x0\n(?:\d+\t.*\n)+/m, 'list of a kernel function, the hart in user mode') or diag($listed);

# ---- two processes at the same addresses -----------------------------------------
# Two processes run hog: each step of one has to stop in the same process.
my $hog = slurp('guest/user/era/hog.c');
my $line = 1 + (() = substr($hog, 0, index($hog, 'page_fill(memory + i')) =~ /\n/g);
for my $verb ('next', 'step') {
    my $out = run_script(['send "hog 256K &\n"', 'send "hog 256K &\n"'], "break hog.c:$line", 'continue -v',
        'delete', map { ('print $satp', 'print $priv', 'info line', $verb) } 1 .. 12);
    like($out, qr/^breakpoint 1\n.*<(main|write_part)\b.*\nhog\.c:$line\t/m, 'break in a program');
    my @space = $out =~ /^(0x8\w+)$/mg;
    my %space = map { $_ => 1 } @space;
    is(scalar @space, 12, "$verb: twelve stops");
    is(scalar keys %space, 1, "... all in one address space");
    is((() = $out =~ /^0x0$/mg), 12, '... in user mode');
    my @lines = $out =~ /^Line (\d+) of "(?:hog|work|tiny)\.[ch]"/mg;
    is(scalar @lines, 12, '... each at a line of the program') or diag($out);
}

# Three children run the same function with the same stack, and the first
# started returns first. Each verb must stay with the third.
{
    my $verify = 1 + (() = substr($hog, 0, index($hog, 'u64 wrong = verify(STRIDE, 0')) =~ /\n/g);
    my @begin = (['send "hog 8M 3\n"'], "break hog.c:$verify if number == 2", 'continue', 'delete', 'print $satp');
    my $out = run_script(@begin, 'step -v', 'print from', 'finish', 'print $satp', 'info line');
    my @seen = $out =~ /^(0x8\w+)$/mg;
    like($out, qr/<verify\b.*\n.*\n8\n/, 'step goes into a function');
    is($seen[1], $seen[0], 'finish ends in the process that was left') or diag($out);
    like($out, qr/^Line \d+ of "hog\.c" .*<main/m, '... in its caller');
    $out = run_script(@begin, 'next', 'print $satp', 'info line');
    @seen = $out =~ /^(0x8\w+)$/mg;
    is($seen[1], $seen[0], 'next over a call ends in the same process') or diag($out);
    like($out, qr/^Line @{[$verify + 1]} of "hog\.c"/m, '... at the next line');
}

# ---- frames, variables -----------------------------------------------------------
{
    my $out = run_script(['send "hog 256K\n"'], "break hog.c:$line", 'continue', 'bt full', 'json bt',
        'print npages', 'print i', 'print whose', 'info locals', 'finish -v', 'list main');
    like($out, qr/^#0 .* write_part\S* \(from=.*?, whose=\d+\).* at hog\.c:$line$/m, 'bt: a program\'s arguments');
    like($out, qr/^#\d .* main\+\w+ \(.*\) at hog\.c:\d+\n/m, '... and its callers');
    like($out, qr/^#\d .* tiny_start.* at tiny\.c:\d+\n/m,
        '... up to the first function');
    like($out, qr/^int main\(|^\d+\t.*int main\(/m, 'list FUNCTION of a program');
    my ($frames) = $out =~ /^(\[.*)$/m;
    is(json($frames)->[0]{file} =~ s:.*/::r, 'hog.c', 'json bt: the file');
}

# ---- the kernel ------------------------------------------------------------------
{
    my $out = run_script(['send "ls / | tail -1\n"'], 'break page_fault', 'continue -v', 'bt',
        'print access', 'print tf->cause == $scause', 'print/x tf->tval - $stval',
        'print *tf', 'print (struct trapframe *)$a0 == tf', 'step -v', 'bt', 'finish -v', 'finish',
        'until trap.c:62', 'info line');
    like($out, qr/^#0 .* page_fault \(tf=\(struct trapframe \*\) 0x\w+, access=\d+\) at trap\.c:\d+$/m,
        'bt in the kernel: arguments by their type');
    like($out, qr/^#1 .* exception \(.*\), inlined, at trap\.c:\d+$/m, '... and calls that were inlined');
    like($out, qr/^\d+\n1\n0x0\n\{x = \{0, .*\}, pc = \d+, .*cause = \d+.*\}\n1\n/m, 'members, casts, whole structs');
    like($out, qr/<vm_fault>.*\nfault\.c:\d+\t/, 'step goes into a function');
    like($out, qr/^returned: -?\d+$/m, 'finish: the value returned');
    like($out, qr/^Line 62 of "trap\.c"/m, 'until LOC');
}

# ---- through a trap ---------------------------------------------------------------
# The call stack goes on from the kernel to the instruction that trapped: of a
# page fault, of a system call.
{
    my $out = run_script(['send "hog 256K\n"'], "break hog.c:$line", 'continue', 'delete', 'break page_fault',
        'continue', 'bt', 'frame 4', 'print $pc == $sepc', 'print whose', 'up', 'print npages',
        'frame 3', 'finish -v', 'print $priv', 'bt', 'delete', 'break syscall_dispatch', 'continue', 'bt',
        'delete', 'catch trap', 'continue', 'bt', 'stepi 6', 'bt');
    my @calls = grep { /^#0/ } split /(?=^#0)/m, $out;
    like($calls[0], qr/^#0 .* page_fault .*\n#1 .* exception .*\n#2 .* trap_from_user.*\n#3 .* <trap taken> trap_vector\S*\n#4 .* page_fill\S* \(.*\).* at work\.c:\d+\n#5 .* write_part\S* \(.*\).* at hog\.c:$line\n#6 .* main/m,
        'bt goes on from a page fault into the program') or diag($out);
    like($out, qr/^#4 .* page_fill\S* \(.*\nwork\.c:\d+\t.*\n1\n2\n#5 .* write_part.*\nhog\.c:$line\t.*\n64\n/m,
        'frame N of the program: its registers and variables');
    like($out, qr/^#3 .*<trap taken>.*\n0x\w+ <page_fill.*\n.*\n0x0\n#0 .* page_fill/m,
        'finish from the trap: back in the program') or diag($out);
    like($calls[-3], qr/^#0 .* syscall_dispatch.*<trap taken> trap_vector\S*\n#\d .*\n#\d .* main/s, '... from a system call');
    like($_, qr/^#0 .*<trap taken> trap_vector\S*\n#1 .*\n(?!#\d .*\?)/, '... from its first instructions')
        for @calls[-2, -1];
}

# A system call is one step of its program, however long others run meanwhile.
{
    my $wait = 1 + (() = substr($hog, 0, index($hog, 'if (wait4(')) =~ /\n/g);
    my $out = run_script(['send "hog 256K\n"'], "break hog.c:$wait", 'continue', 'delete',
        'print $priv', 'next -v', 'next -v', 'print $priv');
    my @priv = $out =~ /^0x(\d)$/mg;
    is("@priv", '0 0', 'next over a system call that waits: in the program again');
    # Here `next` steps over the ecall itself, inside the function. There is one
    # child, so the process does not call the kernel here a second time.
    $out = run_script(['send "hog 256K 1\n"'], "break hog.c:$wait", 'continue', 'delete', 'print $satp',
        'step -v', 'info line', 'next -v', 'info line', 'print $satp', 'print $priv');
    like($out, qr/^Line \d+ of "tiny\.c".*<wait4/m, 'step into the function that calls the kernel');
    like($out, qr/^(0x8\w+)\n.*\nLine \d+ of "hog\.c".*<main.*\n\1\n0x0$/ms, '... and next over its call, in the same process')
        or diag($out);
}

# ---- no debug information on the disk, no trace in the hash --------------------------
{
    my @elf = grep { -f } glob build() . '/guest/user/era/* ' . build() . '/guest/user/tests/*';
    my @with = grep { `riscv64-linux-gnu-readelf -SW $_` =~ /\.debug_|\.symtab/ } @elf;
    is("@with", '', 'programs in the image have no debug information');
    my @hash = map {
        (run_script(['send "ls /\n"'], @$_, 'run-until cycle >= 310000000', 'hash') =~ /hash (\w+)/)[0]
    } [], [ 'break page_fault', 'continue', 'bt full', 'next', 'info locals', 'next', 'finish', 'delete' ];
    is($hash[1], $hash[0], 'looking and stepping change nothing');
}
done_testing();
