/* SPDX-License-Identifier: MIT */
/* satp (4.1.11): Bare and Sv39; a write of any other MODE leaves all of it as
 * it was; Bare to Sv39 and back take effect at once. */
#include "paging.h"

BEGIN
    PAGING
    csrr s0, satp
    la s1, page1
    ld s2, 0(s1)
TEST(1) /* modes 1 to 7, 11 to 15 (9 and 10, Sv48 and Sv57, are QEMU's) */
    .irp mode, 1,2,3,4,5,6,7,11,12,13,14,15
    li a0, \mode << 60 | 0x77
    csrw satp, a0
    csrr a1, satp
    CHECK_SAME(a1, s0)
    .endr
TEST(2) /* 44 bits of PPN */
    li a0, SATP_SV39 | 0xfffffffffff
    csrw satp, a0
    csrr a1, satp
    CHECK_SAME(a1, a0)
    csrw satp, s0
TEST(3) /* Sv39: the page; Bare: nothing at its address */
    SET_PTE(l0, 3, page1, RW)
    li s3, 0x3000
    li s4, 1000
1:  csrw satp, s0
    AS(PRV_S)
    ld a1, 0(s3)
    AS_M
    CHECK_SAME(a1, s2)
    csrw satp, zero
    AS(PRV_S)
    TRAPS(CAUSE_LOAD_ACCESS)
    ld a1, 0x180(zero)
    TRAPPED
    AS(PRV_S)
    ld a1, 0(s1)
    AS_M
    CHECK_SAME(a1, s2)
    addi s4, s4, -1
    bnez s4, 1b
TEST(4) /* from S itself, with the next fetch already by the new rule */
    csrw satp, zero
    GO(PRV_S)
    csrw satp, s0
    ld a1, 0(s3)
    csrw satp, zero
    nop
    csrw satp, s0
    ld a2, 0(s3)
    BACK(PRV_S)
    CHECK_SAME(a1, s2)
    CHECK_SAME(a2, s2)
TEST(5) /* M is never translated; U is */
    ld a1, 0(s1)
    CHECK_SAME(a1, s2)
    LOAD_FAULTS(PRV_U, 0x3000)
END

PAGE_TABLES
