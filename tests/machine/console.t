#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Console input from a file reaches guests that do not use the lens device: a program that polls
# and one that sleeps in wfi each read every byte once, then a newline if the last line lacks it, then ^D.
use lib 'tests/lib';
use Clockhand;

my $echo = <<'C';
#include <stdint.h>
#define UART ((volatile unsigned char *)0x10000000)
#define PLIC(off) (*(volatile uint32_t *)(0xc000000ul + (off)))
volatile uint64_t tohost __attribute__((aligned(64)));
__asm__(".section .text.unlikely,\"ax\"\n.globl _start\n_start:\n"
        ".option push\n.option norelax\nla gp, __global_pointer$\n"
        ".option pop\n la sp, stack\n j begin\n"
        ".bss\n.skip 4096\nstack:\n.text\n");
static void end(unsigned code)
{
    tohost = (uint64_t)code << 1 | 1;
    for (;;)
        ;
}
/* ^D is the end of the input; every byte before it was echoed. */
static void take(unsigned char c)
{
    if (c == 4)
        end(0);
    UART[0] = c;
}
void begin(void)
{
#ifdef SLEEP
    UART[2] = 1;
    UART[1] = 1;
    PLIC(4 * 10) = 1;
    PLIC(0x2000) = 1 << 10; /* M-mode's context */
    __asm__ volatile("csrw mie, %0" ::"r"(1 << 11));
    for (;;) {
        __asm__ volatile("wfi");
        uint32_t irq = PLIC(0x200004);
        while (UART[5] & 1)
            take(UART[0]);
        PLIC(0x200004) = irq;
    }
#else
    for (;;)
        if (UART[5] & 1)
            take(UART[0]);
#endif
}
C
my %elf = (
    polls => compile_bare('polls.c', $echo, '-Wl,--no-warn-rwx-segments'),
    sleeps => compile_bare('sleeps.c', $echo, '-DSLEEP',
        '-Wl,--no-warn-rwx-segments'),
);
my %input = (
    nothing => '',
    lines => "one\ntwo three\n\nfour\n",
    'a long line' => ('x' x 400) . "\n",
    'an open line' => "one\ntwo",
);
for my $how (sort keys %elf) {
    for my $timing ('fast', 'cycle') {
        for my $what (sort keys %input) {
            my ($status, $out, $err) = run_command($input{$what},
                build() . '/clockhand', '--timing', $timing, '--max-sim-time', '100s', $elf{$how});
            my $want = $input{$what};
            $want .= "\n" if $want =~ /[^\n]\z/;
            is($status, 0, "$how, $timing, $what: ends") or diag($err);
            is($out, $want, "$how, $timing, $what: echoed");
        }
    }
}
done_testing;
