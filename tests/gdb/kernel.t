#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# A real gdb debugs the guest's kernel. It follows a copy-on-write fault from a
# breakpoint to the page table entry that the kernel writes, shows processes as threads
# with address spaces of their own, and steps through a program of the guest by lines.
use lib 'tests/lib';
use Clockhand;
use Gdb;
use Qemu;

plan skip_all => 'no gdb-multiarch' unless has_gdb();

my $prog = tmp('prog');
# prog lies away from init's code, because a breakpoint holds in every address space.
system('riscv64-linux-gnu-gcc', '-g', '-O0', '-static', '-Wl,-Ttext-segment=0x400000',
    'tests/gdb/prog.c', '-o', $prog) == 0 or die 'no compiler';
my $image = qemu_image('tests/prog' => $prog);
my @guest = ('--drive', "$image,overlay", '--ram', '16M', '--timing', 'fast',
    '--run', '/tests/prog', '--hash');

my ($status, $out, $plain) = clockhand(@guest);
is("$status $out", "0 26\n", 'the program without gdb');

# ---- the kernel ----
# In the copy-on-write fault of the child, gdb watches the page table entry
# while the kernel writes the copy's frame into it.
my $machine = start(@guest);
my $text = gdb($machine, "add-symbol-file $prog",
    'break copy_frame if $stval == (unsigned long)&alone.mark',
    'ignore 1 1', 'continue',
    'bt', 'info threads', say_it('scause', '$scause'), say_it('stval', '$stval'),
    say_it('mark', '&alone.mark'), say_it('priv', '$priv'), say_it('asid',
        '$satp >> 44 & 0xffff'), 'set $slot = f->slot',
    say_it('writable', '*f->slot & 4'), 'delete', 'watch *(unsigned long *)$slot',
    'continue', 'bt 3', 'continue', 'bt 3', say_it('after', '*(unsigned long *)$slot & 4'),
    'delete', 'monitor info ps', 'monitor why cow_copied', 'x/2i $pc', 'detach');
like($text, qr/^Reading symbols from \S+kernel\.elf/m, 'gdb finds the kernel\'s symbols itself');
like($text, qr/"prog" hit Breakpoint 1, copy_frame \(f=/, 'the kernel stops in the fault');
like($text, qr/^#0 +copy_frame.*\n(#.*\n)*#\d+ +(\S+ in )?vm_fault .*\n(#.*\n)*#\d+ .*trap_from_user/m,
    'bt: vm_fault < trap_from_user');
like($text, qr/^#(\d+) +<signal handler called>\n#\d+ +0x\w+ in main \(\) at \S*prog\.c:\d+$/m,
    '... and through the trap into the program');
like($text, qr/^\* \d+ +Thread \d+ "prog" \(running\)/m, 'the thread is the process');
like($text, qr/^  \d+ +Thread \d+ "kpageoutd" \(sleeping\)/m, 'kpageoutd sleeps');
like($text, qr/^scause=0xf$/m, 'a store page fault');
my ($stval) = $text =~ /^stval=(\S+)$/m;
my ($mark)  = $text =~ /^mark=(\S+)$/m;
is($stval, $mark, '... at the variable\'s address');
like($text, qr/^priv=0x1$/m, 'in the supervisor');
like($text, qr/^asid=0x[1-9a-f]/m, 'in an address space');
like($text, qr/^writable=0$/m, 'the page may not be written');
like($text, qr/hit Hardware watchpoint 2: .*\n\nOld value = \d+\nNew value = \d+\n/m,
    'a watchpoint on its page table entry');
like($text, qr/^#[0-2] .*\bpte_map /m, 'the function that writes it');
like($text, qr/^after=0x4$/m, 'then the page may be written');
like($text, qr/^ +PID +PPID STATE/m, 'monitor info ps');
($status, $out, my $err) = finish_machine($machine);
is("$status $out", "0 26\n", 'detached, the program runs to its end');
is(hash_of($err), hash_of($plain), 'and the hash is that of the run without gdb');

# ---- processes as threads ----
$machine = start(@guest);
$text = gdb($machine, "add-symbol-file $prog", 'break meeting', 'continue', 'bt',
    say_it('here', 'alone.mark'),
    'thread apply all -s -q printf "thread: %#lx\n", alone.mark',
    'thread apply all -s -q bt', 'thread apply all -s -q print $sepc',
    'thread apply all -s -q info registers satp', 'delete', 'kill');
like($text, qr/hit Breakpoint 1, meeting \(child=\d+\)/, 'a breakpoint in a program of the guest');
like($text, qr/^#0  meeting .*\n#1  \S+ in main \(\)/m, 'bt');
like($text, qr/^here=0x1111$/m, 'the parent\'s variable');
is(join(' ', sort $text =~ /^thread: (\S+)$/mg), '0x1111 0x2222',
    'each process has its own alone.mark; other threads have none');
like($text, qr/^#0 +\S+ in pause \(\)\n#1 +\S+ in main \(\)/m,
    'where the child waits');
like($text, qr/<unavailable>/, 'a register that was not saved is unavailable');
my %satp = map { $_ => 1 } $text =~ /^satp +(0x8\w+)/mg;
cmp_ok(scalar keys %satp, '>=', 2, 'processes have address spaces of their own');
finish_machine($machine);

# ---- steps by lines, over page faults, system calls and interrupts ----
$machine = start(@guest);
$text = gdb($machine, "add-symbol-file $prog", 'break lines', 'continue',
    ('next') x 6, say_it('sum', 'sum'), say_it('fresh', 'fresh[4096]'), 'next',
    'next', 'delete', 'continue');
like($text, qr/hit Breakpoint 1, lines \(\)/, 'a breakpoint before the lines');
like($text, qr/^(\d+)\t.*malloc.*\n\d+\t.*4096.*\n\d+\t.*square.*\n\d+\t.*getppid.*\n\d+\t.*square.*\n\d+\t.*return/m, 'next, next, ...');
like($text, qr/^sum=0x1a$/m, '... over calls, faults and a system call');
like($text, qr/^fresh=0x1$/m, 'memory that was faulted in');
like($text, qr/^main \(\) at /m, 'back in main');
like($text, qr/exited normally\]$/m, 'the program ends normally');
($status, $out, $err) = finish_machine($machine);
is("$status $out", "0 26\n", 'the program\'s output');
is(hash_of($err), hash_of($plain), 'and the same hash');

$machine = start(@guest);
$text = gdb($machine, "add-symbol-file $prog", 'break square if n == 3', 'continue', 'finish',
    'delete', 'break getppid', 'continue', 'stepi', 'stepi', 'stepi',
    say_it('priv', '$priv'), 'kill');
like($text, qr/Value returned is \$1 = 9$/m, 'finish');
like($text, qr/^priv=0$/m, 'stepi over an ecall stays in the program');
finish_machine($machine);

# ---- a client that can only step single instructions ----
my %at = `riscv64-linux-gnu-nm $prog` =~ /^(\w+) T (lines|meeting)$/mg;
%at = reverse %at;
$machine = start(@guest);
my $raw = connect_raw($machine) or die 'no connection';
is(ask($raw, "Z0,$at{lines},2"), 'OK', 'a breakpoint');
like(ask($raw, 'c', 60), qr/^T05/, 'reached');
my ($steps, $stood, %privs) = (0, 0);
my $back = ask($raw, 'p1');
my $pc = '';
while ($steps++ < 3000 && $pc ne $back) {
    my $there = sprintf '0,%x,2', unpack 'Q<', pack 'H*', $pc || '00' x 8;
    ask($raw, "Z$there"); # this breakpoint must not end the step if a fault restarts the instruction
    my ($stop, $before) = (ask($raw, 's') // last, $pc);
    ask($raw, "z$there");
    ($pc) = $stop =~ /;20:(\w+);/ or last;
    $stood += $pc eq $before;
    $privs{ ask($raw, 'p1041') }++;
}
is($pc, $back, 'a function that allocates, faults and calls the kernel, step by step');
is(join(' ', keys %privs), '0' x 16, '... and no step enters the kernel');
is($stood, 0, '... and each step executes its instruction, even if that faults at first');
note("$steps steps");
is(ask($raw, "z0,$at{lines},2"), 'OK', 'the breakpoint is removed');
syswrite $raw, packet('D');
($status, $out, $err) = finish_machine($machine);
is("$status $out", "0 26\n", 'the program goes on to its end');
is(hash_of($err), hash_of($plain), 'and the same hash');

# ---- gdb's continue stops at the monitor's catches ----
$machine = start(@guest);
$text = gdb($machine, 'monitor catch cow', 'continue', 'bt', 'monitor delete', 'detach');
like($text, qr/^catch 1: .*cop/m, 'continue stops at the catch and says what it caught');
like($text, qr/^#0 .*lens_report/m, 'where the kernel stands');
($status, $out, $err) = finish_machine($machine);
is(hash_of($err), hash_of($plain), 'and the same hash');
done_testing;
