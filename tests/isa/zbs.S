/* SPDX-License-Identifier: MIT */
/* Zbs: one bit, named by the low six bits of rs2 or by the immediate.
 * qemu-cpu: zbs=true */
#include "isa_test.h"

    .option arch, +zbs

#define BOTH(op, x, n, out)                     \
    li a1, x;                                   \
    li a2, n;                                   \
    op a0, a1, a2;                              \
    CHECK(a0, out)                              \
    addi a2, a2, -64;                           \
    op a0, a1, a2;                              \
    CHECK(a0, out)                              \
    op##i a0, a1, n;                            \
    CHECK(a0, out)

BEGIN
TEST(1)
    BOTH(bset, 0, 0, 1)
    BOTH(bset, 0, 63, 0x8000000000000000)
    BOTH(bset, -1, 40, -1)
TEST(2)
    BOTH(bclr, -1, 0, -2)
    BOTH(bclr, -1, 63, 0x7fffffffffffffff)
    BOTH(bclr, 0, 40, 0)
TEST(3)
    BOTH(binv, 0, 31, 0x80000000)
    BOTH(binv, -1, 32, 0xfffffffeffffffff)
TEST(4)
    BOTH(bext, 0x8000000000000000, 63, 1)
    BOTH(bext, 0x8000000000000000, 62, 0)
    BOTH(bext, 1, 0, 1)
END
