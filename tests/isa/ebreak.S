/* SPDX-License-Identifier: MIT */
/* ebreak, long and compressed: cause 3, mtval is its address.
 * qemu: 7.2 sets mtval to 0 */
#include "isa_test.h"

BEGIN
TEST(1)
    .option norvc
    TRAPS(CAUSE_BREAKPOINT)
1:  ebreak
    TRAPPED
    CHECK_ADDR(EPC, 1b)
    CHECK_SAME(TVAL, EPC)
TEST(2)
    .option rvc
    TRAPS(CAUSE_BREAKPOINT)
2:  c.ebreak
    TRAPPED
    CHECK_ADDR(EPC, 2b)
    CHECK_SAME(TVAL, EPC)
END
