/* SPDX-License-Identifier: MIT */
/* Illegal CSR accesses: to absent, to read-only, to more privileged CSRs. */
#include "isa_test.h"

BEGIN
    OPEN_PMP
TEST(1) /* absent ones trap precisely, whatever the form */
    li a0, 77
    TRAPS(CAUSE_ILLEGAL)
1:  csrr a0, 0x5c0
    TRAPPED
    CHECK(a0, 77)
    CHECK_ADDR(EPC, 1b)
    TRAPS(CAUSE_ILLEGAL)
    csrw 0x8ff, a0
    TRAPPED
    TRAPS(CAUSE_ILLEGAL)
    csrr a0, pmpcfg1        /* odd ones are RV32's */
    TRAPPED
    TRAPS(CAUSE_ILLEGAL)
    csrr a0, mstatush
    TRAPPED
TEST(2) /* read-only: reading with csrrs x0 is no write, csrrw always is */
    csrr a0, mhartid
    CHECK(a0, 0)
    csrrs a0, mhartid, zero
    csrrci a0, mhartid, 0
    TRAPS(CAUSE_ILLEGAL)
    csrrw a0, mhartid, zero
    TRAPPED
    TRAPS(CAUSE_ILLEGAL)
    li sp, 1
    csrrs a0, mhartid, sp
    TRAPPED
    TRAPS(CAUSE_ILLEGAL)
    csrrsi a0, cycle, 1
    TRAPPED
    csrrs zero, cycle, zero
    csrrc zero, instret, zero
TEST(3) /* S may not touch M's, U not S's */
    GO(PRV_S)
    csrr a0, sstatus
    TRAPS(CAUSE_ILLEGAL)
    csrr a0, mstatus
    TRAPPED
    srli a1, STATUS, 11
    andi a1, a1, 3
    CHECK(a1, PRV_S)
    GO(PRV_U)
    TRAPS(CAUSE_ILLEGAL)
    csrr a0, sstatus
    TRAPPED
    GO(PRV_U)
    TRAPS(CAUSE_ILLEGAL)
    csrw sscratch, a0
    TRAPPED
TEST(4) /* set, clear, immediate; the old value is read */
    csrwi mscratch, 31
    csrrsi a0, mscratch, 0
    CHECK(a0, 31)
    li a1, -1
    csrrc a0, mscratch, a1
    CHECK(a0, 31)
    csrrsi a0, mscratch, 5
    CHECK(a0, 0)
    csrrw a1, mscratch, a1
    CHECK(a1, 5)
    csrrci a0, mscratch, 3
    CHECK(a0, -1)
    csrr a0, mscratch
    CHECK(a0, -4)
TEST(5) /* rd = rs1: the old rs1 is written */
    li a0, 9
    csrrw a0, mscratch, a0
    CHECK(a0, -4)
    csrr a0, mscratch
    CHECK(a0, 9)
END
