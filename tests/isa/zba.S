/* SPDX-License-Identifier: MIT */
/* Zba: addresses. The .uw forms take the low word of rs1, without sign; the
 * shift comes after it, so bit 31 may move into the upper word.
 * qemu-cpu: zba=true */
#include "isa_test.h"

    .option arch, +zba

BEGIN
    li a1, 0xfedcba9880000001
    li a2, 0x1000
TEST(1)
    add.uw a0, a1, a2
    CHECK(a0, 0x80001001)
    zext.w a0, a1 /* add.uw with x0 */
    CHECK(a0, 0x80000001)
TEST(2)
    sh1add a0, a1, a2
    CHECK(a0, 0xfdb9753100001002)
    sh2add a0, a1, a2
    CHECK(a0, 0xfb72ea6200001004)
    sh3add a0, a1, a2
    CHECK(a0, 0xf6e5d4c400001008)
TEST(3)
    sh1add.uw a0, a1, a2
    CHECK(a0, 0x100001002)
    sh2add.uw a0, a1, a2
    CHECK(a0, 0x200001004)
    sh3add.uw a0, a1, a2
    CHECK(a0, 0x400001008)
TEST(4)
    slli.uw a0, a1, 0
    CHECK(a0, 0x80000001)
    slli.uw a0, a1, 31
    CHECK(a0, 0x4000000080000000)
    slli.uw a0, a1, 63
    CHECK(a0, 0x8000000000000000)
TEST(5) /* sources and destination may be one */
    mv a0, a1
    sh3add.uw a0, a0, a0
    CHECK(a0, 0xfedcba9c80000009)
    sh1add zero, a1, a2
    CHECK(zero, 0)
END
