/* SPDX-License-Identifier: MIT */
/* The faults of AMOs and SCs are store faults; those of LRs are load faults.
 * qemu: 7.2 reports the AMO's read as a load */
#include "isa_test.h"

BEGIN
    li a1, 0x40000000
TEST(1)
    TRAPS(CAUSE_STORE_ACCESS)
    amoadd.w a0, a0, (a1)
    TRAPPED
    CHECK_SAME(TVAL, a1)
TEST(2)
    TRAPS(CAUSE_LOAD_ACCESS)
    lr.w a0, (a1)
    TRAPPED
TEST(3) /* an SC faults even without a reservation */
    TRAPS(CAUSE_STORE_ACCESS)
    sc.w a0, a0, (a1)
    TRAPPED
END
