/* SPDX-License-Identifier: MIT */
/* vstimecmp belongs to the hypervisor extension: without it the number names no
 * CSR, Sstc or not (Sstc 1.0, 2.2).
 * qemu: 7.2 lets M have it */
#include "isa_test.h"

BEGIN
    OPEN_PMP
    csrr a0, stimecmp /* Sstc is there */
TEST(1)
    TRAPS(CAUSE_ILLEGAL)
    csrr a0, vstimecmp
    TRAPPED
TEST(2)
    TRAPS(CAUSE_ILLEGAL)
    csrw vstimecmp, a0
    TRAPPED
TEST(3)
    GO(PRV_S)
    TRAPS(CAUSE_ILLEGAL)
    csrr a0, vstimecmp
    TRAPPED
END
