/* SPDX-License-Identifier: MIT */
/* A store-conditional pairs with the latest LR (unprivileged manual 8.2) if no
 * SC came between and both address the same line. An SC that fails writes
 * nothing, and returns a value that is not 0. (SC's faults: amo_fault.S.) */
#include "isa_test.h"

#define CELL(value)         \
    li t0, value;           \
    sd t0, 0(a0);
#define HOLDS(value)        \
    ld t0, 0(a0);           \
    CHECK(t0, value)

BEGIN
    la a0, cell
    la a5, other
    li a3, 42
TEST(1) /* the latest LR is elsewhere */
    CELL(1)
    lr.d a2, (a0)
    lr.d a2, (a5)
    sc.d a4, a3, (a0)
    beqz a4, fail
    HOLDS(1)
    lr.d a2, (a5)           /* a failed SC ends the reservation */
    sc.d a4, a3, (a0)
    sc.d a4, a3, (a5)
    beqz a4, fail
    ld t0, 0(a5)
    CHECK(t0, 0)
TEST(2) /* LR again: the last one counts */
    lr.d a2, (a5)
    lr.d a2, (a0)
    sc.d a4, a3, (a0)
    bnez a4, fail
    HOLDS(42)
TEST(3) /* a successful SC ends the reservation, too (a failed one: TEST 1) */
    CELL(2)
    lr.d a2, (a0)
    sc.d a4, a3, (a0)
    bnez a4, fail
    li a3, 43
    sc.d a4, a3, (a0)
    beqz a4, fail
    HOLDS(42)
TEST(4) /* 32 bits: the other half stays, the loaded value is signed */
    li t0, 0x11223344f5667788
    sd t0, 0(a0)
    lr.w a2, (a0)
    CHECK(a2, -0xa998878)
    li a3, 0x7fffffff00000001
    sc.w a4, a3, (a0)
    bnez a4, fail
    HOLDS(0x1122334400000001)
    addi a6, a0, 4
    lr.w a2, (a6)
    CHECK(a2, 0x11223344)
    sc.w a4, zero, (a6)
    bnez a4, fail
    HOLDS(1)
TEST(5) /* rd = rs1, and rs1 = rs2 */
    lr.d a2, (a0)
    mv a6, a0
    sc.d a6, a3, (a6)
    bnez a6, fail
    HOLDS(0x7fffffff00000001)
    lr.d a2, (a0)
    sc.d a4, a0, (a0)
    bnez a4, fail
    ld t0, 0(a0)
    CHECK_SAME(t0, a0)
    mv a6, a0
    lr.d a6, (a6)
    CHECK_SAME(a6, a0)
TEST(6) /* a constrained loop of 15 instructions (of 16 allowed) progresses */
    CELL(0)
    li a6, 50
1:  lr.d a2, (a0)
    addi a2, a2, 1
    addi a2, a2, 1
    addi a2, a2, 1
    addi a2, a2, 1
    addi a2, a2, 1
    addi a2, a2, 1
    addi a2, a2, 1
    addi a2, a2, 1
    addi a2, a2, 1
    addi a2, a2, 1
    addi a2, a2, 1
    addi a2, a2, 1
    sc.d a4, a2, (a0)
    bnez a4, 1b
    addi a6, a6, -1
    bnez a6, 1b
    HOLDS(600)
END

.data
.balign 64
cell: .dword 0
.balign 4096
other: .dword 0
