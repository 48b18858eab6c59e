/* SPDX-License-Identifier: MIT */
/* The value of each writable CSR after a write of all ones and after a write of
 * 0 (privileged manual, chapters 3 and 4). */
#include "isa_test.h"

/* Of the bits in `fields`, those in `ones` can be set, all can be cleared. */
#define FIELDS(csr, fields, ones)   \
    li a0, -1;                      \
    csrw csr, a0;                   \
    csrr a1, csr;                   \
    li a2, fields;                  \
    and a1, a1, a2;                 \
    CHECK(a1, ones)                 \
    csrw csr, zero;                 \
    csrr a1, csr;                   \
    and a1, a1, a2;                 \
    CHECK(a1, 0)
/* Every bit is kept: patterns. */
#define WHOLE(csr)                  \
    FIELDS(csr, -1, -1)             \
    li a0, 0xaaaaaaaaaaaaaaaa;      \
    csrw csr, a0;                   \
    csrr a1, csr;                   \
    CHECK_SAME(a0, a1)              \
    not a0, a0;                     \
    csrw csr, a0;                   \
    csrr a1, csr;                   \
    CHECK_SAME(a0, a1)
/* Writing changes nothing. */
#define FIXED(csr)                  \
    csrr a1, csr;                   \
    csrw csr, zero;                 \
    csrr a2, csr;                   \
    CHECK_SAME(a1, a2)              \
    li a0, -1;                      \
    csrw csr, a0;                   \
    csrr a2, csr;                   \
    CHECK_SAME(a1, a2)

BEGIN
TEST(1) /* registers for software's own use, and those that traps write */
    WHOLE(mscratch)
    WHOLE(sscratch)
    WHOLE(mtval)
    WHOLE(stval)
TEST(2) /* mcause, scause: at least the interrupt bit and causes 0 to 63 */
    li a0, 1 << 63 | 11
    csrw mcause, a0
    csrr a1, mcause
    CHECK_SAME(a0, a1)
    csrw scause, a0
    csrr a1, scause
    CHECK_SAME(a0, a1)
    li a0, 15
    csrw mcause, a0
    csrr a1, mcause
    CHECK_SAME(a0, a1)
    csrw scause, zero
    csrr a1, scause
    CHECK(a1, 0)
TEST(3) /* epc: any even address */
    li a0, 0xaaaaaaaaaaaaaaaa
    csrw mepc, a0
    csrr a1, mepc
    CHECK_SAME(a0, a1)
    csrw sepc, a0
    csrr a1, sepc
    CHECK_SAME(a0, a1)
    li a0, -2
    csrw mepc, a0
    csrr a1, mepc
    CHECK_SAME(a0, a1)
    csrw sepc, a0
    csrr a1, sepc
    CHECK_SAME(a0, a1)
TEST(4) /* interrupts: the standard six, S's three */
    FIELDS(mie, 0xbbb, 0xaaa)
    FIELDS(mideleg, 0xbbb, 0x222)
    li t0, 0x222
    csrw mideleg, t0
    FIELDS(sie, -1, 0x222)
    FIELDS(sip, -1, 2)
    FIELDS(mip, 0x333, 0x222)
    csrw mideleg, zero
    li t0, -1
    csrw mie, t0
    csrr a0, sie
    CHECK(a0, 0)
    csrw mie, zero
TEST(5) /* exceptions: not the call from M, nor absent causes */
    FIELDS(medeleg, 0xb3ff, 0xb3ff)
TEST(6) /* counter enables hold CY, TM and IR */
    FIELDS(mcounteren, 7, 7)
    FIELDS(scounteren, 7, 7)
TEST(7) /* nothing can be switched off in misa */
    csrr a3, misa
    li a0, 2 << 62 | 0x101          /* A, I */
    csrw misa, a0
    csrr a1, misa
    srli a2, a1, 62
    CHECK(a2, 2)
    andi a2, a1, 0x101
    CHECK(a2, 0x101)
    csrw misa, a3
    csrr a1, misa
    CHECK_SAME(a1, a3)
TEST(8) /* FIOM; reserved bits of both */
    FIELDS(menvcfg, 0x0fffffffffffff0f, 1)
    FIELDS(senvcfg, 0xffffffffffffff0f, 1)
TEST(9) /* identification: read-only */
    csrr a0, mhartid
    CHECK(a0, 0)
    TRAPS(CAUSE_ILLEGAL)
    csrw mvendorid, a0
    TRAPPED
    csrr a0, mvendorid
    csrr a0, marchid
    csrr a0, mimpid
    csrr a0, mconfigptr
TEST(10) /* fcsr: eight bits */
    li t0, MSTATUS_FS
    csrs mstatus, t0
    FIELDS(fcsr, -1, 0xff)
    FIELDS(fflags, -1, 31)
    FIELDS(frm, -1, 7)
END
