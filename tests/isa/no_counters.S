/* SPDX-License-Identifier: MIT */
/* Without Zicntr and Zihpm the unprivileged counters do not exist, whatever
 * mcounteren says; M's counters do. Without Zifencei fence.i is illegal, but
 * fence is not.
 * options: --isa rv64imac
 * qemu: always has Zicntr and Zihpm */
#include "isa_test.h"

BEGIN
    OPEN_PMP
    li t0, -1
    csrw mcounteren, t0
    csrw scounteren, t0
TEST(1)
    TRAPS(CAUSE_ILLEGAL)
    rdcycle a0
    TRAPPED
    CHECK(TVAL, 0xc0002573)
    TRAPS(CAUSE_ILLEGAL)
    rdtime a0
    TRAPPED
    GO(PRV_U)
    TRAPS(CAUSE_ILLEGAL)
    rdinstret a0
    TRAPPED
TEST(2)
    TRAPS(CAUSE_ILLEGAL)
    csrr a0, hpmcounter3
    TRAPPED
    TRAPS(CAUSE_ILLEGAL)
    csrr a0, hpmcounter31
    TRAPPED
TEST(3)
    csrr a0, mcycle
    csrr a1, mcycle
    bgeu a0, a1, fail
    csrr a0, minstret
    csrr a0, mhpmcounter3
    CHECK(a0, 0)
TEST(4)
    fence
    TRAPS(CAUSE_ILLEGAL)
    fence.i
    TRAPPED
    CHECK(TVAL, 0x100f)
TEST(5) /* Sstc is not there either */
    TRAPS(CAUSE_ILLEGAL)
    csrr a0, stimecmp
    TRAPPED
END
