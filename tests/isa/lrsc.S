/* SPDX-License-Identifier: MIT */
/* Load-reserved and store-conditional. */
#include "isa_test.h"

BEGIN
    la a0, cell
    la a5, other
TEST(1) /* a pair succeeds, and writes */
    li a1, 0x80000007
    sd a1, 0(a0)
    lr.w a2, (a0)
    CHECK(a2, -0x7ffffff9)
    li a3, 42
    sc.w a4, a3, (a0)
    CHECK(a4, 0)
    lwu a2, 0(a0)
    CHECK(a2, 42)
TEST(2) /* a second sc has no reservation left */
    li a3, 43
    sc.w a4, a3, (a0)
    CHECK(a4, 1)
    lwu a2, 0(a0)
    CHECK(a2, 42)
TEST(3) /* elsewhere: fails, writes nothing, and the reservation is gone */
    lr.d a2, (a0)
    sd zero, 0(a5)
    sc.d a4, a3, (a5)
    CHECK(a4, 1)
    ld a2, 0(a5)
    CHECK(a2, 0)
    sc.d a4, a3, (a0)
    CHECK(a4, 1)
TEST(4) /* doubleword */
    li a3, -5
    lr.d.aq a2, (a0)
    sc.d.rl a4, a3, (a0)
    CHECK(a4, 0)
    ld a2, 0(a0)
    CHECK(a2, -5)
TEST(5) /* sc alone */
    sc.d a4, zero, (a0)
    CHECK(a4, 1)
    ld a2, 0(a0)
    CHECK(a2, -5)
TEST(6) /* a loop of the constrained form makes progress */
    sd zero, 0(a0)
    li a6, 100
1:  lr.d a2, (a0)
    addi a2, a2, 3
    sc.d a4, a2, (a0)
    bnez a4, 1b
    addi a6, a6, -1
    bnez a6, 1b
    ld a2, 0(a0)
    CHECK(a2, 300)
TEST(7) /* rd may be rs2 */
    lr.d a2, (a0)
    li a3, 9
    sc.d a3, a3, (a0)
    CHECK(a3, 0)
    ld a2, 0(a0)
    CHECK(a2, 9)
END

.data
.balign 64
cell: .dword 0
.balign 4096
other: .dword 0
