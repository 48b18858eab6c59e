/* SPDX-License-Identifier: MIT */
/* These bits are always 0: bit 0 of mepc and sepc (3.1.14, 4.1.7), medeleg's
 * bit for ecalls from M (3.1.8), reserved bits of pmpcfg, the upper ten bits of
 * pmpaddr (3.7.1).
 * qemu: 7.2 lets all of them be set */
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
TEST(3)
    li a0, -1
    csrw medeleg, a0
    csrr a1, medeleg
    srli a1, a1, 11
    andi a1, a1, 1
    CHECK(a1, 0)
    csrw medeleg, zero
TEST(4)
    li a0, 0x6060606060606060
    csrw pmpcfg2, a0
    csrr a1, pmpcfg2
    CHECK(a1, 0)
TEST(5)
    li t0, -1
    csrw pmpaddr7, t0
    csrr a1, pmpaddr7
    CHECK(a1, 0x3fffffffffffff)
TEST(6) /* mret and sret to an address that was written with bit 0 set */
    OPEN_PMP
    la t0, 1f + 1
    csrw mepc, t0
    li t0, MSTATUS_MPP
    csrs mstatus, t0
    mret
    j fail
1:  la t0, 2f + 1
    csrw sepc, t0
    li t0, MSTATUS_SPP
    csrs mstatus, t0
    sret
    j fail
2:  BACK(PRV_S)
END
