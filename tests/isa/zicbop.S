/* SPDX-License-Identifier: MIT */
/* prefetch.i, .r, .w are encoded as ori with rd = x0. Every ori to x0, with or
 * without Zicbop, reads and writes nothing and never faults, in any
 * privilege. */
#include "isa_test.h"

    .option arch, +zicbop

#define EACH(offset, reg)                       \
    prefetch.i offset(reg);                     \
    prefetch.r offset(reg);                     \
    prefetch.w offset(reg);

BEGIN
    OPEN_PMP
TEST(1)
    la a0, here
    EACH(0, a0)
    EACH(2016, a0)
    EACH(-2048, a0)
TEST(2) /* address 0, a device, an address that is not canonical */
    EACH(0, zero)
    li a1, 0x10000000
    EACH(32, a1)
    li a1, 0x8123456789abcdef
    EACH(-32, a1)
    CHECK(zero, 0)
TEST(3)
    GO(PRV_U)
    EACH(0, a1)
    BACK(PRV_U)
TEST(4) /* a reserved form, and ordinary ori */
    .word 0x00256013 /* ori x0, x10, 2 */
    ori zero, a0, 5
    ori zero, a0, -1
    CHECK(zero, 0)
    CHECK_ADDR(a0, here)
END

    .data
here: .dword 0
