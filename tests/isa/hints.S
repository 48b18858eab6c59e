/* SPDX-License-Identifier: MIT */
/* HINTs (unprivileged manual 2.9, 5.4, 16.7): encodings that name x0 as their
 * destination, or move nothing; they execute and change no register. */
#include "isa_test.h"

/* reg = a digest of all that may change: x1..x31 but gp and t5, t6 */
#define DIGEST(reg)                     \
    li t5, 0;                           \
    .irp r, ra,sp,tp,t0,t1,t2,s0,s1,a0,a1,a2,a3,a4,a5,a6,a7,s2,s3,s4,s5,s6,s7,s8,t3,t4; \
    slli t6, t5, 5;                     \
    sub t5, t6, t5;                     \
    xor t5, t5, \r;                     \
    .endr;                              \
    mv reg, t5;

#define CHECK_UNCHANGED     \
    DIGEST(s10)             \
    CHECK_SAME(s10, s9)     \
    li s10, -1;

BEGIN
    .irp r, 1,2,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,28,29
    li x\r, 0x123456789abcdef * \r
    .endr
    DIGEST(s9)
TEST(1) /* RV64I */
    .option norvc
    lui zero, 0xfffff
    auipc zero, 0x12345
    addi zero, zero, 5
    addi zero, a0, 5
    addi a1, a1, 0
    slti zero, a0, 3
    sltiu zero, a0, 3
    xori zero, a0, -1
    ori zero, a0, 7
    andi zero, a0, 7
    slli zero, a0, 4
    srli zero, a0, 4
    srai zero, a0, 4
    addiw zero, a0, 4
    slliw zero, a0, 4
    srliw zero, a0, 4
    sraiw zero, a0, 4
    .irp op, add,sub,sll,slt,sltu,xor,srl,sra,or,and,addw,subw,sllw,srlw,sraw
    \op zero, a0, a1
    .endr
    .irp op, mul,mulh,mulhsu,mulhu,div,divu,rem,remu,mulw,divw,divuw,remw,remuw
    \op zero, a0, a1
    .endr
    CHECK_UNCHANGED
TEST(2) /* fence with an empty set on one side; pause */
    .word 0x0010000f
    .word 0x0100000f
    .word 0x0000000f
    .word 0x0f00000f
    CHECK_UNCHANGED
TEST(3) /* compressed */
    .option rvc
    .half 0x0001            /* c.nop */
    .half 0x0005            /* c.nop 1 */
    .half 0x107d            /* c.nop -1 */
    .half 0x0501            /* c.addi a0, 0 */
    .half 0x4001            /* c.li zero, 0 */
    .half 0x507d            /* c.li zero, -1 */
    .half 0x6005            /* c.lui zero, 1 */
    .half 0x707d            /* c.lui zero, -1 */
    .half 0x8006            /* c.mv zero, ra */
    .half 0x802a            /* c.mv zero, a0 */
    .half 0x9006            /* c.add zero, ra */
    .half 0x902a            /* c.add zero, a0 */
    .half 0x0006            /* c.slli zero, 1 */
    .half 0x107e            /* c.slli zero, 63 */
    .half 0x0002            /* c.slli64 zero */
    .half 0x0502            /* c.slli64 a0 */
    .half 0x8101            /* c.srli64 a0 */
    .half 0x8501            /* c.srai64 a0 */
    CHECK_UNCHANGED
END
