/* SPDX-License-Identifier: MIT */
/* Without Zicbop and Zihintpause their encodings are plain ori to x0 and fence,
 * and do not trap.
 * options: --isa rv64gc */
#include "isa_test.h"

    .option arch, +zicbop, +zihintpause

BEGIN
TEST(1)
    li a1, 0x8123456789abcdef
    prefetch.i 0(a1)
    prefetch.r 64(a1)
    prefetch.w -32(a1)
    CHECK(zero, 0)
TEST(2)
    pause
    .word 0x0100000f
END
