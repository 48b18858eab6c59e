/* SPDX-License-Identifier: MIT */
/* Unless rs1 is x0, csrrs and csrrc write, even if register rs1 holds 0, and so
 * trap on a read-only CSR (unprivileged manual, 9.1).
 * qemu: 7.2 looks at the register's value instead */
#include "isa_test.h"

BEGIN
    li a1, 0
TEST(1)
    TRAPS(CAUSE_ILLEGAL)
    csrrs a0, mhartid, a1
    TRAPPED
TEST(2)
    TRAPS(CAUSE_ILLEGAL)
    csrrc a0, cycle, a1
    TRAPPED
TEST(3)
    csrrs a0, mhartid, zero
    csrrc a0, cycle, zero
END
