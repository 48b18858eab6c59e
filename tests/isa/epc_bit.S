/* SPDX-License-Identifier: MIT */
/* Bit 0 of mepc and sepc is always 0 (3.1.14, 4.1.7).
 * qemu: 7.2 keeps it until it is used */
#include "isa_test.h"

BEGIN
TEST(1)
    li a0, -1
    csrw mepc, a0
    csrr a0, mepc
    CHECK(a0, -2)
TEST(2)
    li a0, 3
    csrw sepc, a0
    csrr a0, sepc
    CHECK(a0, 2)
END
