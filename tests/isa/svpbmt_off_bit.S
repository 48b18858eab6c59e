/* SPDX-License-Identifier: MIT */
/* Without Svpbmt, menvcfg.PBMTE is read-only 0.
 * options: --isa rv64gc
 * qemu: 7.2 lets it be set (against manual 3.1.18) */
#include "isa_test.h"

BEGIN
TEST(1)
    li t0, 1 << 62
    csrs menvcfg, t0
    csrr a0, menvcfg
    srli a0, a0, 62
    andi a0, a0, 1
    CHECK(a0, 0)
    END
