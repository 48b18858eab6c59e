/* SPDX-License-Identifier: MIT */
/* cbo.zero clears the whole block of 64 bytes around rs1, for any low bits of
 * rs1, and the block's decoded code is dropped. Where there is no RAM, cbo.zero
 * raises a store access fault (CMO 1.0.1).
 * qemu: 7.2 lacks Zicboz */
#include "isa_test.h"

    .option arch, +zicboz

/* All doublewords of [block, block + 64) are `value`. */
#define ALL(value)                              \
    la t0, block;                               \
    li t1, 8;                                   \
1:  ld t2, 0(t0);                               \
    CHECK(t2, value)                            \
    addi t0, t0, 8;                             \
    addi t1, t1, -1;                            \
    bnez t1, 1b;
#define NEIGHBOURS                              \
    la t0, block;                               \
    ld t1, -8(t0);                              \
    CHECK(t1, 0x7777777777777777)               \
    ld t1, 64(t0);                              \
    CHECK(t1, 0x7777777777777777)
#define FILL                                    \
    la t0, block;                               \
    li t1, 8;                                   \
    li t2, -1;                                  \
1:  sd t2, 0(t0);                               \
    addi t0, t0, 8;                             \
    addi t1, t1, -1;                            \
    bnez t1, 1b;

BEGIN
TEST(1)
    ALL(-1)
    la a0, block
    cbo.zero (a0)
    ALL(0)
    NEIGHBOURS
    CHECK_ADDR(a0, block)
TEST(2) /* rs1 in the block's middle, and at its last byte */
    FILL
    la a0, block + 37
    cbo.zero (a0)
    ALL(0)
    NEIGHBOURS
    FILL
    la a0, block + 63
    cbo.zero (a0)
    ALL(0)
    NEIGHBOURS
TEST(3) /* a store after cbo.zero, then cbo.zero again */
    la a0, block
    sd a0, 8(a0)
    cbo.zero (a0)
    ld a1, 8(a0)
    CHECK(a1, 0)
TEST(4) /* code: its decoded form is dropped */
    la a0, code
    li a3, 3
2:  jalr a0
    CHECK(a2, 1)
    addi a3, a3, -1
    bnez a3, 2b
    cbo.zero (a0)
    fence.i
    TRAPS(CAUSE_ILLEGAL)
    jalr a0
    TRAPPED
    CHECK(TVAL, 0)
    CHECK_ADDR(EPC, code)
TEST(5) /* no RAM: the boot ROM, the timer, and nothing at all */
    li a0, 0x1000
    TRAPS(CAUSE_STORE_ACCESS)
    cbo.zero (a0)
    TRAPPED
    CHECK(TVAL, 0x1000)
    li a0, 0x2004008
    TRAPS(CAUSE_STORE_ACCESS)
    cbo.zero (a0)
    TRAPPED
    CHECK(TVAL, 0x2004008)
    li a0, 0x7000000000000039
    TRAPS(CAUSE_STORE_ACCESS)
    cbo.zero (a0)
    TRAPPED
    CHECK(TVAL, 0x7000000000000039)
TEST(6) /* a hot loop over four blocks, each zeroed and written */
    li a3, 2000
3:  la a0, blocks
    addi a1, a0, 256
4:  ld a2, 24(a0)
    bnez a2, 5f
    sd a3, 24(a0)
    sd a3, 56(a0)
5:  ld a2, 56(a0)
    CHECK_SAME(a2, a3)
    cbo.zero (a0)
    ld a2, 56(a0)
    bnez a2, fail
    addi a0, a0, 64
    bltu a0, a1, 4b
    addi a3, a3, -1
    bnez a3, 3b
TEST(7) /* cbo.zero zeroes instructions that were decoded together with it */
    la a0, 6f
    TRAPS(CAUSE_ILLEGAL)
    j 7f
    .balign 64
7:  nop
    nop
    cbo.zero (a0)
    .rept 12
    nop
    .endr
    .balign 64
6:  li a2, 9
    li a2, 10
    j fail
    .balign 64
    TRAPPED
    CHECK(TVAL, 0)
    CHECK_ADDR(EPC, 6b)
END

    .balign 64
code:
    li a2, 1
    ret
    .balign 64
    .data
    .balign 64
    .fill 64, 1, 0x77
block:
    .fill 64, 1, 0xff
    .fill 64, 1, 0x77
blocks:
    .space 256
