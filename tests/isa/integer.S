/* SPDX-License-Identifier: MIT */
/* Integer corner cases: division, high products, shifts, word forms. */
#include "isa_test.h"

#define OP2(insn, a, b, want) \
    li a0, a;                 \
    li a1, b;                 \
    insn a2, a0, a1;          \
    CHECK(a2, want)

BEGIN
TEST(1) /* division by zero and overflow: table 7.1 */
    OP2(div, 7, 0, -1)
    OP2(divu, 7, 0, -1)
    OP2(rem, -7, 0, -7)
    OP2(remu, -7, 0, -7)
    OP2(div, 0x8000000000000000, -1, 0x8000000000000000)
    OP2(rem, 0x8000000000000000, -1, 0)
    OP2(divw, 0x80000000, -1, -0x80000000)
    OP2(remw, 0x80000000, -1, 0)
    OP2(divw, 5, 0x100000000, -1)
    OP2(divuw, 5, 0x100000000, -1)
    OP2(remw, 0xf80000001, 0, -0x7fffffff)
    OP2(remuw, 0xf80000001, 0, -0x7fffffff)
TEST(2) /* signs */
    OP2(div, -7, 2, -3)
    OP2(rem, -7, 2, -1)
    OP2(div, 7, -2, -3)
    OP2(rem, 7, -2, 1)
    OP2(divu, -1, 2, 0x7fffffffffffffff)
    OP2(divuw, -1, 1, -1)
    OP2(divuw, 0xffffffff, 2, 0x7fffffff)
    OP2(remuw, 0xffffffff, 0x80000000, 0x7fffffff)
TEST(3) /* high products */
    OP2(mulh, -1, -1, 0)
    OP2(mulhu, -1, -1, -2)
    OP2(mulhsu, -1, -1, -1)
    OP2(mulhsu, 0x8000000000000000, -1, 0x8000000000000000)
    OP2(mulhsu, 2, 0x8000000000000000, 1)
    OP2(mulh, 0x8000000000000000, 0x8000000000000000, 0x4000000000000000)
    OP2(mulhsu, -2, 0x8000000000000000, -1)
    OP2(mulw, 0x40000000, 2, -0x80000000)
    OP2(mul, 0x123456789abcdef1, 0x1000000000000001, 0x223456789abcdef1)
TEST(4) /* shift amounts: six bits, five for words */
    OP2(sll, 1, 64 + 63, 0x8000000000000000)
    OP2(srl, 0x8000000000000000, 63, 1)
    OP2(sra, 0x8000000000000000, 63, -1)
    OP2(sllw, 1, 32 + 31, -0x80000000)
    OP2(srlw, 0xf80000000, 31, 1)
    OP2(sraw, 0x080000000, 31, -1)
    OP2(srlw, -1, 32, -1)
    li a0, -1
    srliw a1, a0, 0
    CHECK(a1, -1)
    srliw a1, a0, 31
    CHECK(a1, 1)
    slliw a1, a0, 31
    CHECK(a1, -0x80000000)
    srai a1, a0, 63
    CHECK(a1, -1)
TEST(5) /* words wrap and sign extend */
    OP2(addw, 0x7fffffff, 1, -0x80000000)
    OP2(subw, 0x80000000, 1, 0x7fffffff)
    li a0, 0x7fffffff
    addiw a1, a0, 1
    CHECK(a1, -0x80000000)
    sext.w a1, a0
    CHECK(a1, 0x7fffffff)
TEST(6) /* comparisons */
    OP2(slt, -1, 0, 1)
    OP2(sltu, -1, 0, 0)
    li a0, 5
    sltiu a1, a0, -1
    CHECK(a1, 1)
    slti a1, a0, -1
    CHECK(a1, 0)
TEST(7) /* x0 stays 0; rd may be the base */
    li a0, 9
    add zero, a0, a0
    CHECK_SAME(zero, zero)
    mv a1, zero
    CHECK(a1, 0)
    la a0, 1f + 1       /* jalr clears bit 0, and reads rs1 before rd */
    jalr a0, 0(a0)
    j fail
1:  CHECK_ADDR(a0, 1b - 4)
    auipc a0, 0
2:  la a1, 2b - 4
    CHECK_SAME(a0, a1)
    lui a0, 0x80000
    CHECK(a0, -0x80000000)
END
