/* SPDX-License-Identifier: MIT */
/* The programmable counters (3.1.10 to 3.1.12): all 29 are there, read 0 and
 * keep nothing; mcounteren and scounteren enable hpmcounterN below M;
 * mcountinhibit has no bit 1.
 * qemu: has 16 of them */
#include "isa_test.h"

.macro all_of name
    .irp n, 3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    csrw m\name\n, a0
    csrr a1, m\name\n
    bnez a1, fail
    .endr
.endm

BEGIN
    OPEN_PMP
    li a0, -1
TEST(1)
    all_of hpmcounter
TEST(2)
    all_of hpmevent
TEST(3) /* below M */
    .irp n, 3,10,31
    csrw mcounteren, zero
    csrw scounteren, a0
    csrr a1, hpmcounter\n
    bnez a1, fail
    GO(PRV_S)
    TRAPS(CAUSE_ILLEGAL)
    csrr a1, hpmcounter\n
    TRAPPED
    li t0, 1 << \n
    csrw mcounteren, t0
    GO(PRV_U)
    csrr a1, hpmcounter\n
    BACK(PRV_U)
    li t0, ~(1 << \n)
    csrw scounteren, t0
    GO(PRV_U)
    TRAPS(CAUSE_ILLEGAL)
    csrr a1, hpmcounter\n
    TRAPPED
    GO(PRV_S)
    csrr a1, hpmcounter\n
    BACK(PRV_S)
    li t0, ~(1 << \n)
    csrw mcounteren, t0
    csrw scounteren, a0
    GO(PRV_S)
    TRAPS(CAUSE_ILLEGAL)
    csrr a1, hpmcounter\n
    TRAPPED
    .endr
TEST(4) /* hpmcounterN is a read-only view */
    TRAPS(CAUSE_ILLEGAL)
    csrw hpmcounter7, a0
    TRAPPED
TEST(5) /* mcountinhibit has CY and IR, but no bit for time */
    csrw mcountinhibit, a0
    csrr a1, mcountinhibit
    andi a2, a1, 7
    CHECK(a2, 5)
    csrr a2, time
    li a3, 1000000
1:  csrr a4, time
    addi a3, a3, -1
    beqz a3, fail
    beq a2, a4, 1b
    csrw mcountinhibit, zero
    csrr a1, mcountinhibit
    CHECK(a1, 0)
END
