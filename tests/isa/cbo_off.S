/* SPDX-License-Identifier: MIT */
/* Without Zicbom and Zicboz their fields of the two envcfgs are read-only 0.
 * options: --isa rv64gc_zicbop
 * qemu: 7.2 lacks the CSRs' fields in any case */
#include "isa_test.h"

BEGIN
    li t0, 0xf1
TEST(1)
    csrw menvcfg, t0
    csrr t1, menvcfg
    CHECK(t1, 1)
TEST(2)
    csrw senvcfg, t0
    csrr t1, senvcfg
    CHECK(t1, 1)
END
