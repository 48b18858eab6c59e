/* SPDX-License-Identifier: MIT */
/* Without Svinval its instructions are illegal, in M, too.
 * options: --isa rv64gc */
#include "isa_test.h"

    .option arch, +svinval

BEGIN
TEST(1)
    TRAPS(CAUSE_ILLEGAL)
    sinval.vma zero, zero
    TRAPPED
    TRAPS(CAUSE_ILLEGAL)
    sinval.vma a0, a1
    TRAPPED
    CHECK(TVAL, 0x16b50073)
TEST(2)
    TRAPS(CAUSE_ILLEGAL)
    sfence.w.inval
    TRAPPED
    TRAPS(CAUSE_ILLEGAL)
    sfence.inval.ir
    TRAPPED
    END
