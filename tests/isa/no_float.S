/* SPDX-License-Identifier: MIT */
/* Without F there is no FP state: mstatus.FS is read-only 0 (3.1.6.6 allows
 * it), so is SD; fcsr and its parts do not exist; misa says so. Loads, stores
 * and moves are illegal, compressed ones too. (Without D alone: single_only.S.)
 * options: --isa rv64imac
 * qemu: its FS is writable wherever there is S (also allowed) */
#include "isa_test.h"

BEGIN
TEST(1)
    li t0, MSTATUS_FS
    csrs mstatus, t0
    csrr t1, mstatus
    and t0, t0, t1
    CHECK(t0, 0)
    bltz t1, fail
    csrs sstatus, t0
    csrr t1, sstatus
    li t0, MSTATUS_FS
    and t0, t0, t1
    CHECK(t0, 0)
TEST(2)
    TRAPS(CAUSE_ILLEGAL)
    csrr a0, fcsr
    TRAPPED
    CHECK(TVAL, 0x00302573)
    TRAPS(CAUSE_ILLEGAL)
    csrr a0, frm
    TRAPPED
    TRAPS(CAUSE_ILLEGAL)
    csrw fflags, zero
    TRAPPED
TEST(3)
    la a1, word
    TRAPS(CAUSE_ILLEGAL)
    flw fa0, 0(a1)
    TRAPPED
    TRAPS(CAUSE_ILLEGAL)
    fsd fa0, 0(a1)
    TRAPPED
    TRAPS(CAUSE_ILLEGAL)
    fmv.x.w a0, fa0
    TRAPPED
    TRAPS(CAUSE_ILLEGAL)
    c.fld fa0, 0(a1)
    TRAPPED
    CHECK(TVAL, 0x2188)
    TRAPS(CAUSE_ILLEGAL)
    c.fsdsp fa0, 0(sp)
    TRAPPED
TEST(4) /* A C I M S U */
    csrr t0, misa
    CHECK(t0, 2 << 62 | 1 << 0 | 1 << 2 | 1 << 8 | 1 << 12 | 1 << 18 | 1 << 20)
END

    .data
    .balign 8
word: .dword 0
