#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# A real gdb goes backwards: by steps, by lines, to breakpoints and watchpoints, in a bare program
# and through a copy-on-write fault of the kernel; running forward again repeats the future.
use lib 'tests/lib';
use Clockhand;
use Gdb;
use Qemu;

plan skip_all => 'no gdb-multiarch' unless has_gdb();

# ---- a bare program ----
my $elf = compile_bare('count.c', <<'C', '-g', '-O0');
volatile unsigned long tohost __attribute__((section(".tohost"), aligned(64)));
volatile long count, sum;
void turn(void)
{
    count++;
    sum += count;
}
void begin(void)
{
    for (int i = 0; i < 10; i++)
        turn();
    tohost = sum << 1 | 1;
    for (;;)
        ;
}
__attribute__((naked)) void _start(void)
{
    __asm__("la sp, stack_top\n j begin");
}
__asm__(".bss\n.balign 16\n.zero 4096\nstack_top:\n.text\n");
C
my ($status, $out, $plain) = clockhand($elf, '--hash');
is($status, 55, 'the program without gdb');
my $machine = start($elf, '--hash');
my $text = gdb($machine, 'break turn', ('continue') x 5, say_it('fifth', 'count'),
    'reverse-continue', say_it('fourth', 'count'), 'stepi', 'stepi',
    say_it('on', '$pc'), 'reverse-stepi', 'stepi', say_it('again', '$pc'),
    'delete', 'watch sum', 'continue', say_it('then', 'sum'), 'reverse-continue',
    say_it('before', 'sum'), 'reverse-continue', say_it('earlier', 'sum'),
    'stepi', say_it('written', 'sum'),
    'delete', 'reverse-continue', say_it('start', '$pc'), 'set var $a0 = 7',
    'continue');
like($text, qr/^fifth=0x4$/m, 'forwards to a breakpoint, five times');
like($text, qr/^fourth=0x3$/m, 'reverse-continue to a breakpoint');
my ($on)    = $text =~ /^on=(\S+)$/m;
my ($again) = $text =~ /^again=(\S+)$/m;
is($again, $on, 'reverse-stepi and stepi lead back to the same pc');
like($text, qr/^then=0xa$/m, 'a watchpoint forwards');
like($text, qr/^Old value = 6\nNew value = 10\nturn \(\) at \S+count\.c:7\n7\t\}$/m,
    '... right behind the store, at the next line');
like($text, qr/^Old value = 10\nNew value = 6\n/m, 'the same write, backwards');
like($text, qr/^before=0x6$/m, '... before it');
like($text, qr/^Old value = 6\nNew value = 3\n/m, 'the write before');
like($text, qr/^earlier=0x3$/m, '... and the value before it');
like($text, qr/^written=0x6$/m, '... and the pc is at the store');
like($text, qr/No more reverse-execution history\./, 'reverse-continue to the beginning');
like($text, qr/^start=0x80\w+$/m, '... and the pc is at the first instruction');
like($text, qr/Could not write register "a0"/, 'the past is not written to');
like($text, qr/exited with code 067\]$/m, 'and forwards to the end');
($status, undef, my $err) = finish_machine($machine);
is("$status " . hash_of($err), '55 ' . hash_of($plain), 'with the same hash');

# ---- the same program, by lines and functions ----
$machine = start($elf, '--hash');
$text = gdb($machine, 'break turn', ('continue') x 5, 'delete', 'next',
    say_it('next', 'count'), 'reverse-step', say_it('reverse_step', 'count'),
    'step', 'reverse-finish', 'frame', say_it('caller', 'sum'), 'continue');
like($text, qr/^next=0x5$/m, 'a line forwards');
like($text, qr/^reverse_step=0x4$/m, 'reverse-step: the line has not run');
like($text, qr/^#0 +begin \(\) .*\n11\t +turn\(\);\ncaller=0xa$/m,
    'reverse-finish: before the call, in its caller');
($status, undef, $err) = finish_machine($machine);
is("$status " . hash_of($err), '55 ' . hash_of($plain), 'then to the end, with the same hash');

# ---- the kernel, and a program's lines ----
my $prog = tmp('prog');
system('riscv64-linux-gnu-gcc', '-g', '-O0', '-static', 'tests/gdb/prog.c', '-o',
    $prog) == 0 or die 'no compiler';
my $image = qemu_image('tests/prog' => $prog);
my @guest = ('--drive', "$image,overlay", '--ram', '16M', '--timing', 'fast',
    '--run', '/tests/prog', '--hash');
($status, $out, $plain) = clockhand(@guest);
$machine = start(@guest);
$text = gdb($machine, "add-symbol-file $prog",
    'break copy_frame if $stval == (unsigned long)&alone.mark', 'ignore 1 1',
    'continue', 'set $slot = f->slot', say_it('shared', '*f->slot'), 'delete',
    'break meeting', 'continue', 'delete', 'watch *(unsigned long *)$slot',
    'reverse-continue', 'reverse-continue', 'bt 3', say_it('back',
        '*(unsigned long *)$slot'), 'delete', 'tbreak copy_frame',
    'reverse-continue', 'bt 1', 'tbreak lines', 'continue', 'next', 'next',
    'next', 'next', say_it('nine', 'sum'), 'reverse-next', say_it('none', 'sum'),
    'reverse-next', 'tbreak getppid', 'continue', 'up',
    say_it('nine_again', 'sum'), 'delete', 'continue');
my ($shared) = $text =~ /^shared=(\S+)$/m;
like($text, qr/^back=\Q$shared\E$/m, 'the page table entry, before its write');
like($text, qr/^#[0-2] .*\b(copy_frame|pte_unmap)\b/m, 'the function that wrote it');
like($text, qr/^#0 +copy_frame /m, 'back in the copy-on-write fault');
like($text, qr/^nine=0x9$/m, 'a program, forwards by lines');
like($text, qr/^none=0$/m, 'backwards by lines');
like($text, qr/^nine_again=0x9$/m, 'and forwards again');
like($text, qr/exited normally\]$/m, 'to its end');
($status, $out, $err) = finish_machine($machine);
is("$status $out", "0 26\n", 'its output is printed once');
is(hash_of($err), hash_of($plain), 'with the same hash');
done_testing;
