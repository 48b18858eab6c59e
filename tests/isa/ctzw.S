/* SPDX-License-Identifier: MIT */
/* ctzw counts in the low word alone, and gives 32 if it is 0 (Zbb, ctzw).
 * qemu: 7.2 counts on into the upper word: 33 for 1 << 33 */
#include "isa_test.h"

    .option arch, +zbb

BEGIN
TEST(1)
    li a1, 1 << 33
    ctzw a0, a1
    CHECK(a0, 32)
TEST(2)
    ctzw a0, zero
    CHECK(a0, 32)
TEST(3)
    li a1, 0x1080000000
    ctzw a0, a1
    CHECK(a0, 31)
END
