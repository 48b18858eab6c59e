#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# A real gdb debugs a bare-metal program, with registers (FPU and CSRs, too), memory, break- and
# watchpoints of all sizes, steps, interrupt, detach, kill. The program cannot detect gdb.
use lib 'tests/lib';
use Clockhand;
use Gdb;

plan skip_all => 'no gdb-multiarch' unless has_gdb();

my $elf = compile_bare('prog.c', <<'C', '-g', '-O1', '-fno-tree-vectorize');
volatile unsigned long tohost __attribute__((section(".tohost"), aligned(64)));
volatile unsigned char byte;
volatile unsigned short half;
volatile unsigned int word;
volatile unsigned long dword, status = 7;
volatile unsigned long line[8];
volatile double real;
__attribute__((noinline)) long add(long a, long b)
{
    return a + b;
}
__attribute__((noinline)) void work(long n)
{
    for (long i = 0; i < n; i++) {
        byte += 1;
        half += 2;
        word += 3;
        dword = add(dword, i);
        line[i & 7] += byte;
        real = real + 0.5;
    }
}
__attribute__((naked)) void _start(void)
{
    __asm__("la sp, stack_top\n li t0, 0x6000\n csrs mstatus, t0\n j begin");
}
void begin(void)
{
    work(100);
    tohost = status << 1 | 1;
    for (;;)
        ;
}
__asm__(".bss\n.balign 16\n.zero 4096\nstack_top:\n.text\n");
C

my ($plain_status, undef, $plain) = clockhand($elf, '--hash');
is($plain_status, 7, 'the program without gdb');

# ---- registers ----
my $machine = start($elf, '--hash');
my $text = gdb($machine, 'info threads', 'break add', 'hbreak begin', 'continue',
    'continue', say_it('a1', '$a1'), say_it('priv', '$priv'),
    say_it('misa', '$misa & 0x2d'), say_it('fs', '$mstatus >> 13 & 3'),
    'info registers fcsr fs0', 'bt', 'stepi', 'x/i $pc', 'finish');
like($text, qr/^\* 1 +Thread 65536 "hart" \(no process\) /m, 'one thread');
like($text, qr/^Breakpoint 2, begin \(\)/m, 'a hardware breakpoint');
like($text, qr/^Breakpoint 1, add \(a=0, b=(b\@entry=)?0\)/m, 'a software breakpoint');
like($text, qr/^a1=0$/m, 'a register');
like($text, qr/^priv=0x3$/m, 'the privilege');
like($text, qr/^misa=0x2d$/m, 'a CSR: a, c, d, f');
like($text, qr/^fs=0x3$/m, 'another CSR: the program has used the FPU');
like($text, qr/^fcsr +0x\S+\tNV:0 /m, 'the FPU\'s CSR');
like($text, qr/^fs0 +\{float = 0, double = 0\.5\}/m, 'an FPU register');
like($text, qr/^#0  add .*\n#1  \S+ in work \(n=.*100\).*\n#2  \S+ in begin/m, 'bt');
like($text, qr/^=> 0x\w+ <add\+2>:/m, 'stepi');
like($text, qr/^\S+ in work .*\n.*\nValue returned is \$\d = 0$/m, 'finish');
my ($status, undef, $err) = finish_machine($machine);
is($status, 7, 'gdb has gone: the program goes on to its end');
is(hash_of($err), hash_of($plain), 'break, step, finish: the same hash');

# ---- writes ----
$machine = start($elf, '--hash', '--record', tmp('log'));
$text = gdb($machine, 'break add', 'continue', 'set var $a0 = 41',
    'set var $a1 = 1', 'finish', say_it('a0', '$a0'), 'set var $ft1 = 2.5',
    'set var $mscratch = 0x1234', say_it('mscratch', '$mscratch'),
    'info registers ft1', 'set var status = 9', say_it('status', 'status'),
    'set var line[3] = -1', say_it('line', 'line[3]'), 'print *(int *)0x10',
    'set var $zero = 1', 'maintenance flush register-cache',
    say_it('zero', '$zero'), 'set var $mhartid = 3',
    'maintenance flush register-cache', say_it('mhartid', '$mhartid'), 'delete',
    'continue');
like($text, qr/^a0=0x2a$/m, 'arguments in registers');
like($text, qr/^mscratch=0x1234$/m, 'a CSR');
like($text, qr/^ft1 .*double = 2\.5\}/m, 'a float');
like($text, qr/^status=0x9$/m, 'a variable');
like($text, qr/^line=0xf{16}$/m, 'an element of an array');
like($text, qr/Cannot access memory at address 0x10$/m, 'no memory at 0x10');
like($text, qr/^zero=0$/m, 'x0 stays 0');
like($text, qr/^mhartid=0$/m, 'a read-only register keeps its value');
like($text, qr/^\[Inferior 1 \(.*\) exited with code 011\]$/m,
    'the program ends with the status that gdb wrote');
($status, undef, $err) = finish_machine($machine);
is($status, 9, 'the machine ends with that status, too');
isnt(hash_of($err), hash_of($plain), 'the hash shows the written value');
($status, undef, my $again) = clockhand($elf, '--replay', tmp('log'), '--hash');
is("$status " . hash_of($again), '9 ' . hash_of($err), 'replayed without gdb: the same hash');

# ---- watchpoints ----
my @watched = (['byte', 1, 3], ['half', 2, 6], ['word', 4, 9], ['dword', 8, 6]);
for (@watched) {
    my ($name, $bytes, $third) = @$_;
    $machine = start($elf, '--hash');
    $text = gdb($machine, "watch $name", ('continue') x 3, "print sizeof $name",
        "print $name", 'delete', 'continue');
    my @changes = $text =~ /^New value = (\d+)/mg;
    is($changes[2], $third, "watch of $bytes bytes") or diag($text);
    like($text, qr/^\$1 = $bytes\n\$2 = $third\b/m, '... sees the third change');
    like($text, qr/Hardware watchpoint 1: $name$/m, '... by hardware');
    ($status, undef, $err) = finish_machine($machine);
    is(hash_of($err), hash_of($plain), '... and leaves no trace');
}
$machine = start($elf, '--hash');
$text = gdb($machine, 'watch line', 'continue', 'continue', 'print line',
    'delete', 'rwatch dword', 'continue', 'continue', 'delete', 'awatch status',
    'continue', 'bt 1', 'continue');
like($text, qr/^\$1 = \{1, 2, 0, 0, 0, 0, 0, 0\}$/m, 'watch of 64 bytes');
like($text, qr/^Hardware read watchpoint 2: dword\n\nValue = 1\n/m, 'rwatch');
like($text, qr/access \(read\/write\) watchpoint 3: status\n\nValue = 7\n/, 'awatch');
like($text, qr/^#0 .* begin /m, '... stops in begin');
($status, undef, $err) = finish_machine($machine);
is("$status " . hash_of($err), '7 ' . hash_of($plain), '... and these leave no trace either');

# ---- stepi over traps, in M and from U to M ----
my $traps = compile_bare('traps.s', <<'S');
.globl _start
_start: la t0, handler
    csrw mtvec, t0
    sd t0, 64(t0)
ecall_m: ecall
fault_m: ld t2, 8(zero)
    la t0, user
    csrw mepc, t0
    li t0, -1
    csrw pmpaddr0, t0
    li t0, 31
    csrw pmpcfg0, t0
    mret
user: nop
ecall_u: ecall
    nop
fault_u: ld t2, 8(zero)
spin: j spin
.balign 4
handler: csrr t0, mtvec
    sd t0, 64(t0)
    csrr t0, mepc
    addi t0, t0, 4
    csrw mepc, t0
    mret
S
for my $at (qw(ecall_m fault_m ecall_u fault_u)) {
    $machine = start($traps, '--max-sim-time', '1s');
    $text = gdb($machine, "break *$at", 'continue', 'monitor watch u64[&handler + 64]', 'stepi',
        'x/i $pc', ('stepi') x 6, say_it('behind', "\$pc - (unsigned long)&$at"),
        'reverse-stepi', 'x/i $pc', 'kill');
    like($text, qr/^=> 0x\w+ <handler>:/m, "stepi over $at stops in its handler");
    like($text, qr/^behind=0x4$/m, '... six more steps, over a watched store, return from it');
    like($text, qr/^=> 0x\w+ <handler\+\d+>:\s+mret$/m, '... and one step back is in it again');
    finish_machine($machine);
}

# ---- interrupt, detach, kill; steps by line ----
my $spin = compile_bare('spin.c', <<'C', '-g', '-O0');
volatile unsigned long turns, laps;
void turn(void)
{
    turns++;
}
void begin(void)
{
    for (;;) {
        turn();
        laps++;
    }
}
__attribute__((naked)) void _start(void)
{
    __asm__("la sp, stack_top\n j begin");
}
__asm__(".bss\n.balign 16\n.zero 4096\nstack_top:\n.text\n");
C
$machine = start($spin, '--max-sim-time', '3s', '--pace', '1');
$text = gdb($machine, 'shell (sleep 1; kill -INT $PPID) &', 'continue',
    'print turns > 0', 'tbreak turn', 'continue', 'next', 'next', 'step', 'step',
    'bt', 'detach');
like($text, qr/^Program received signal SIGINT/m, 'interrupt');
like($text, qr/^\$1 = 1$/m, 'the program had run');
like($text, qr/^#0  (turn|begin) \(\)/m, 'steps by line');
($status) = finish_machine($machine);
is($status, 124, 'detach: the program goes on');
$machine = start($spin);
$text = gdb($machine, 'break turn', 'continue', 'kill');
like($text, qr/^\[Inferior 1 .* killed\]$/m, 'kill');
succeeds('... ends the machine', finish_machine($machine));

# ---- the monitor's verbs ----
$machine = start($spin);
$text = gdb($machine, 'monitor print 6 * 7', 'monitor break turn',
    'monitor continue', 'monitor info breakpoints', 'monitor frobnicate',
    'monitor json print 1', 'maintenance flush register-cache', 'print $pc',
    'monitor delete', 'monitor run-for 1ms', 'monitor catch trap',
    'monitor help stepi', 'monitor quit 5');
like($text, qr/^42$/m, 'monitor: an answer');
like($text, qr/^breakpoint 1\n0x\w+ <turn\+?\S*> /m, 'a verb that runs the machine');
like($text, qr/^\(the machine has moved: maintenance flush/m, '... says that it has moved');
like($text, qr/^1 +breakpoint +turn +1 hit/m, 'a table');
like($text, qr/^frobnicate: unknown verb/m, 'an error');
like($text, qr/^\{"expr": ?"1"/m, 'JSON');
like($text, qr/^\$1 = \(void \(\*\)\(\)\) 0x\w+ <turn/m, 'gdb knows where the machine stopped');
like($text, qr/^stepi /m, 'help');
($status) = finish_machine($machine);
is($status, 5, 'monitor quit STATUS');

# ---- a breakpoint of the monitor's stops gdb's continue ----
$machine = start($spin);
$text = gdb($machine, 'monitor break turn', 'continue', 'bt', 'kill');
like($text, qr/^breakpoint 1$/m, 'gdb is told of the monitor\'s breakpoint');
like($text, qr/^#0  turn \(\)/m, '... and stands at it');
finish_machine($machine);
done_testing;
