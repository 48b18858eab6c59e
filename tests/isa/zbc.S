/* SPDX-License-Identifier: MIT */
/* Zbc: carry-less products, whose 127 bits come in three views: clmulh:clmul
 * is the product, clmulr its bits 126..63.
 * qemu-cpu: zbc=true */
#include "isa_test.h"

    .option arch, +zbc

#define PRODUCT(x, y, high, low, reversed)      \
    li a1, x;                                   \
    li a2, y;                                   \
    clmul a0, a1, a2;                           \
    CHECK(a0, low)                              \
    clmul a0, a2, a1;                           \
    CHECK(a0, low)                              \
    clmulh a0, a1, a2;                          \
    CHECK(a0, high)                             \
    clmulh a0, a2, a1;                          \
    CHECK(a0, high)                             \
    clmulr a0, a1, a2;                          \
    CHECK(a0, reversed)                         \
    clmulr a0, a2, a1;                          \
    CHECK(a0, reversed)

BEGIN
TEST(1)
    PRODUCT(0, -1, 0, 0, 0)
    PRODUCT(1, -1, 0, -1, 1)
TEST(2) /* (x + 1)^2 = x^2 + 1 */
    PRODUCT(3, 3, 0, 5, 0)
TEST(3)
    PRODUCT(0x8000000000000000, 0x8000000000000000, 0x4000000000000000, 0,
            0x8000000000000000)
    PRODUCT(0x8000000000000000, 3, 1, 0x8000000000000000, 3)
TEST(4) /* a square spreads the bits */
    PRODUCT(-1, -1, 0x5555555555555555, 0x5555555555555555,
            0xaaaaaaaaaaaaaaaa)
END
