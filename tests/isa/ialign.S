/* SPDX-License-Identifier: MIT */
/* Without C, instructions begin at multiples of 4. A jump elsewhere traps at
 * the jump, with its target in mtval and no register written; a branch only if
 * it is taken. Bit 1 of mepc and sepc reads 0. 16-bit code is illegal
 * (unprivileged manual 1.5, 2.5; privileged 3.1.14).
 * options: --isa rv64ima_zicsr_zifencei
 * qemu: 7.2 puts pc, not the target, into mtval, and lets mepc keep bit 1 */
#include "isa_test.h"

    .option norvc
    .option norelax

/* The jump (rd = ra) or branch `bits` must trap; mtval must be pc + offset. */
#define TRANSFER(bits, offset)                  \
    li ra, 0x77;                                \
    la a1, 3f;                                  \
    li a0, offset;                              \
    add a1, a1, a0;                             \
    TRAPS(CAUSE_FETCH_MISALIGNED)               \
3:  .word bits;                                 \
    TRAPPED                                     \
    CHECK_ADDR(EPC, 3b)                         \
    CHECK_SAME(TVAL, a1)                        \
    CHECK(ra, 0x77)
#define CAUSE_FETCH_MISALIGNED 0

BEGIN
    li a2, 1
TEST(1)
    TRANSFER(0x002000ef, 2)             /* jal ra, .+2 */
    TRANSFER(0x006000ef, 6)
    TRANSFER(0xfffff0ef, -2)
TEST(2) /* jalr clears its target's bit 0, bit 1 traps */
    la a3, 4f
    addi a3, a3, 2
    li ra, 0x77
    TRAPS(CAUSE_FETCH_MISALIGNED)
4:  jalr ra, 0(a3)
    TRAPPED
    CHECK_ADDR(EPC, 4b)
    CHECK_SAME(TVAL, a3)
    CHECK(ra, 0x77)
    TRAPS(CAUSE_FETCH_MISALIGNED)
    jalr ra, 1(a3)
    TRAPPED
    CHECK_SAME(TVAL, a3)
    CHECK(ra, 0x77)
    la a3, 5f
    jalr ra, 1(a3)
    j fail
5:  li ra, 0x77
    TRAPS(CAUSE_FETCH_MISALIGNED)
    la a3, fail
    jalr a3, 2(a3)      /* rd is rs1: it keeps its value */
    TRAPPED
    CHECK_ADDR(a3, fail)
TEST(3) /* branches that are taken */
    TRANSFER(0x00000163, 2)             /* beq zero, zero, .+2 */
    TRANSFER(0x00061163, 2)             /* bne a2, zero */
    TRANSFER(0x00c04163, 2)             /* blt zero, a2 */
    TRANSFER(0x00065163, 2)             /* bge a2, zero */
    TRANSFER(0x00c06163, 2)             /* bltu zero, a2 */
    TRANSFER(0x00067163, 2)             /* bgeu a2, zero */
    TRANSFER(0xfe000fe3, -2)    /* beq zero, zero, .-2 */
TEST(4) /* branches that are not taken */
    .word 0x00060163                    /* beq a2, zero, .+2 */
    .word 0x00001163
    .word 0x00064163
    .word 0x00c05163
    .word 0x00066163
    .word 0x00c07163
TEST(5) /* in a hot loop, both ways */
    li a4, 300
1:  addi a4, a4, -1
    TRAPS(CAUSE_FETCH_MISALIGNED)
    .word 0x00070163                    /* beq a4, zero, .+2 */
    bnez a4, 1b
    TRAPPED
TEST(6) /* mepc, sepc, mret */
    li t0, -1
    csrw mepc, t0
    csrr t0, mepc
    CHECK(t0, -4)
    li t0, 0x1006
    csrw sepc, t0
    csrr t0, sepc
    CHECK(t0, 0x1004)
    la t0, 6f + 2
    csrw mepc, t0
    li t1, MSTATUS_MPP
    csrs mstatus, t1
    mret
    j fail
6:
TEST(7) /* 16-bit code */
    TRAPS(CAUSE_ILLEGAL)
    .half 0x0001, 0x0001
    TRAPPED
    slli TVAL, TVAL, 48
    CHECK(TVAL, 1 << 48)
TEST(8) /* misa */
    csrr t0, misa
    andi t0, t0, 1 << 2
    CHECK(t0, 0)
END
