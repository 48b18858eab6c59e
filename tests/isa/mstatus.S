/* SPDX-License-Identifier: MIT */
/* Legal values of mstatus and the other WARL registers. */
#include "isa_test.h"

/* Writes -1, reads those fields back, then 0. */
#define FIELDS(csr, fields)  \
    li a0, -1;               \
    li a1, fields;           \
    csrw csr, a0;            \
    csrr a0, csr;            \
    and a0, a0, a1;          \
    CHECK_SAME(a0, a1)       \
    csrw csr, zero;          \
    csrr a0, csr;            \
    and a0, a0, a1;          \
    CHECK(a0, 0)

BEGIN
    OPEN_PMP
TEST(1) /* XLEN fields are fixed at 64 */
    csrr a0, mstatus
    srli a1, a0, 32
    andi a1, a1, 15
    CHECK(a1, 10)
    csrr a0, misa
    srli a1, a0, 62
    CHECK(a1, 2)
    li a2, 0x14112d         /* IMAFDC, S and U */
    and a1, a0, a2
    CHECK_SAME(a1, a2)
TEST(2) /* MPP keeps U, S, M and never holds 2 */
    li a1, MSTATUS_MPP
    csrs mstatus, a1
    csrr a0, mstatus
    and a0, a0, a1
    CHECK_SAME(a0, a1)
    li a2, 1 << 12
    csrc mstatus, a2
    csrr a0, mstatus
    and a0, a0, a1
    CHECK(a0, 1 << 11)
    csrc mstatus, a1
    csrr a0, mstatus
    and a0, a0, a1
    CHECK(a0, 0)
TEST(3) /* sstatus is a window of mstatus */
    li a0, MSTATUS_SUM | MSTATUS_MXR | MSTATUS_SPP | MSTATUS_SPIE
    csrs mstatus, a0
    csrr a1, sstatus
    and a1, a1, a0
    CHECK_SAME(a1, a0)
    csrc sstatus, a0
    csrr a1, mstatus
    and a1, a1, a0
    CHECK(a1, 0)
    li a0, MSTATUS_MIE | MSTATUS_MPP | MSTATUS_MPRV | MSTATUS_TVM
    csrs sstatus, a0
    csrr a1, mstatus
    and a1, a1, a0
    CHECK(a1, 0)
TEST(4)
    FIELDS(mscratch, -1)
    FIELDS(mtval, -1)
    FIELDS(mideleg, 0x222)
    FIELDS(mie, 0xaaa)
TEST(5) /* sie and sip show the interrupts that are delegated */
    li a0, 0xaaa
    csrw mie, a0
    csrr a1, sie
    CHECK(a1, 0)
    csrwi mideleg, 2
    csrr a1, sie
    CHECK(a1, 2)
    csrwi sie, 0
    csrr a1, mie
    li a2, 0xaaa
    and a1, a1, a2
    CHECK(a1, 0xaa8)
    csrw mie, zero
    csrw mideleg, zero
TEST(6) /* exceptions can be delegated */
    li a0, -1
    csrw medeleg, a0
    csrr a1, medeleg
    li a2, 0xb109           /* what firmware asks for */
    and a3, a1, a2
    CHECK_SAME(a3, a2)
    csrw medeleg, zero
TEST(7) /* satp: an unsupported mode leaves all of it as it was */
    li a0, SATP_SV39 | 0x5a << 44 | 0x1234
    csrw satp, a0
    li a1, 0xb << 60 | 0x77
    csrw satp, a1
    csrr a2, satp
    CHECK_SAME(a2, a0)
    li a1, -1
    csrw satp, a1
    csrr a2, satp
    CHECK_SAME(a2, a0)
    csrw satp, zero
    csrr a2, satp
    CHECK(a2, 0)
TEST(8) /* 16 bits of ASID */
    li a0, SATP_SV39 | 0xffff << 44
    csrw satp, a0
    csrr a2, satp
    CHECK_SAME(a2, a0)
    csrw satp, zero
END
