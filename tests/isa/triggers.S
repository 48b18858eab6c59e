/* SPDX-License-Identifier: MIT */
/* There are no debug triggers. Software sees this by the debug specification
 * (0.13, 5.2): tselect always reads 0, tdata1 has type 0. Only M may read them.
 * qemu: has some */
#include "isa_test.h"

BEGIN
    OPEN_PMP
    li a0, -1
TEST(1)
    csrw tselect, zero
    csrr a1, tselect
    CHECK(a1, 0)
    csrr a1, tdata1
    srli a1, a1, 60
    CHECK(a1, 0)
TEST(2)
    csrw tselect, a0
    csrr a1, tselect
    CHECK(a1, 0)
    csrw tdata1, a0
    csrr a1, tdata1
    srli a1, a1, 60
    CHECK(a1, 0)
    csrw tdata2, a0
TEST(3)
    GO(PRV_S)
    TRAPS(CAUSE_ILLEGAL)
    csrr a1, tselect
    TRAPPED
TEST(4) /* M has no access to the CSRs of Debug mode */
    TRAPS(CAUSE_ILLEGAL)
    csrr a1, dcsr
    TRAPPED
    TRAPS(CAUSE_ILLEGAL)
    csrr a1, dscratch0
    TRAPPED
END
