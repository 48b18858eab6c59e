/* SPDX-License-Identifier: MIT */
/* micro.t puts its rows into this program: two functions a row, which return
 * the cycles that they took. On entry a0 is 1 in the last round, else 0. */
#include "bare.h"

asm(".section .text.init,\"ax\"\n"
    ".globl _start\n_start: .option push\n.option norelax\n"
    " la gp, __global_pointer$\n.option pop\n la sp, stack_top\n"
    " la t0, handler\n csrw mtvec, t0\n li t0, 0x6000\n csrs mstatus, t0\n"
    " j main\n"
    ".balign 64\nhandler:\n csrr t0, mepc\n addi t0, t0, 4\n csrw mepc, t0\n"
    " mret\n"
    /* each(less, more, rounds): its branch shares no entry of the branch table
     * with a row, whose branches lie in the first 256 bytes of each 512 */
    ".balign 512\n.skip 384\neach:\n addi sp, sp, -112\n sd ra, 0(sp)\n"
    " .irp n,0,1,2,3,4,5,6,7,8,9,10,11\n sd s\\n, 8+8*\\n(sp)\n .endr\n"
    " addi sp, sp, -32\n sd a0, 0(sp)\n sd a1, 8(sp)\n sd a2, 16(sp)\n"
    "1: ld t0, 0(sp)\n ld a0, 16(sp)\n addi a0, a0, -1\n seqz a0, a0\n"
    " jalr t0\n sd a0, 24(sp)\n"
    " ld t0, 8(sp)\n ld a0, 16(sp)\n addi a0, a0, -1\n sd a0, 16(sp)\n"
    " seqz a0, a0\n jalr t0\n ld t0, 16(sp)\n bnez t0, 1b\n"
    " ld t0, 24(sp)\n sub a0, a0, t0\n addi sp, sp, 32\n"
    " .irp n,0,1,2,3,4,5,6,7,8,9,10,11\n ld s\\n, 8+8*\\n(sp)\n .endr\n"
    " ld ra, 0(sp)\n addi sp, sp, 112\n ret\n"
    /* a word that points to itself, and one that is 0 */
    ".data\n.balign 128\nword: .dword word, 0, 0, 0\n.skip 96\n"
    ".bss\n.align 4\n.skip 4096\nstack_top:\n.text\n"
    ".option push\n.option norvc\n.option norelax\n"
    "nothing: li a0, 0\n ret\n"
    "/* functions */"
    ".option pop\n");

/* Returns more()'s cycles minus less()'s in the last of `rounds` rounds. */
uint64_t each(void (*less)(void), void (*more)(void), uint64_t rounds);

#define EACH(less, more, rounds)                                               \
    {                                                                          \
        extern void less(void), more(void);                                    \
        put_number(each(less, more, rounds));                                  \
        put('\n');                                                             \
    }

int main(void)
{
    /* rows */
    tohost = 1;
    for (;;)
        ;
}
