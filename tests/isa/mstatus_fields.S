/* SPDX-License-Identifier: MIT */
/* mstatus and sstatus field by field (3.1.6, 4.1.1): FS takes all its four
 * values and SD follows it, endianness and XS are 0; sstatus is the same
 * register, without M's fields. UXL, SXL, VS: absent_fields.S. */
#include "isa_test.h"

#define SD      (1 << 63)
#define OTHERS  (3 << 36 | 3 << 15)     /* SBE MBE, XS */

BEGIN
    OPEN_PMP
TEST(1) /* FS and SD */
    li a2, 0
1:  slli a3, a2, 13
    li t0, MSTATUS_FS
    csrc mstatus, t0
    csrs mstatus, a3
    csrr a1, mstatus
    and a4, a1, t0
    CHECK_SAME(a4, a3)
    srli a1, a1, 63
    addi a4, a2, -3
    seqz a4, a4
    CHECK_SAME(a1, a4)
    csrr a1, sstatus
    and a5, a1, t0
    CHECK_SAME(a5, a3)
    srli a1, a1, 63
    CHECK_SAME(a1, a4)
    addi a2, a2, 1
    li t0, 4
    bne a2, t0, 1b
TEST(2) /* SD itself cannot be written */
    li t0, MSTATUS_FS
    csrc mstatus, t0
    li a0, SD
    csrs mstatus, a0
    csrr a1, mstatus
    srli a1, a1, 63
    CHECK(a1, 0)
    csrs mstatus, t0
    csrc mstatus, a0
    csrr a1, mstatus
    srli a1, a1, 63
    CHECK(a1, 1)
TEST(3) /* SBE, MBE and XS are absent */
    li a0, OTHERS
    csrs mstatus, a0
    csrr a1, mstatus
    and a1, a1, a0
    CHECK(a1, 0)
TEST(4) /* sstatus shows and takes only S's */
    li a0, ~(15 << 32)
    csrw mstatus, a0
    csrr a1, sstatus
    li a2, ~(3 << 9)
    and a1, a1, a2
    li a2, MSTATUS_SIE | MSTATUS_SPIE | MSTATUS_SPP | MSTATUS_FS | \
           MSTATUS_SUM | MSTATUS_MXR | 2 << 32 | SD
    CHECK_SAME(a1, a2)
    csrw sstatus, zero
    csrr a1, sstatus
    CHECK(a1, 2 << 32)
    csrr a1, mstatus
    li a2, MSTATUS_MIE | MSTATUS_MPIE | MSTATUS_MPP | MSTATUS_MPRV | \
           MSTATUS_TVM | MSTATUS_TW | MSTATUS_TSR
    and a1, a1, a2
    CHECK_SAME(a1, a2)
    csrw mstatus, zero
    li a0, ~(15 << 32)
    csrw sstatus, a0
    csrr a1, mstatus
    and a1, a1, a2
    CHECK(a1, 0)
TEST(5) /* MPRV acts only in M, and only on data */
    csrw mstatus, zero
    la a0, cell
    ld a1, 0(a0)
    li t0, MSTATUS_MPRV     /* MPP = U: PMP lets U in */
    csrs mstatus, t0
    ld a2, 0(a0)
    csrc mstatus, t0
    CHECK_SAME(a1, a2)
    csrw pmpcfg2, zero      /* and no more */
    csrs mstatus, t0
    nop
    TRAPS(CAUSE_LOAD_ACCESS)
    ld a2, 0(a0)
    TRAPPED
    csrc mstatus, t0
    OPEN_PMP
END

.data
.balign 8
cell: .dword 0x77
