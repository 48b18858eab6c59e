/* SPDX-License-Identifier: MIT */
/* With menvcfg.STCE = 0, stimecmp never raises STIP, reached or not (Sstc 1.0,
 * 2: "in a manner as if it were not implemented").
 * qemu: 7.2 raises STIP all the same */
#include "isa_test.h"

BEGIN
    li s0, 1 << 63              /* STCE */
    csrc menvcfg, s0
TEST(1)
    csrw stimecmp, zero
    csrr a0, mip
    andi a0, a0, 1 << 5
    CHECK(a0, 0)
TEST(2) /* STCE on: STIP is pending; off again: it is not */
    csrs menvcfg, s0
    csrr a0, mip
    andi a0, a0, 1 << 5
    CHECK(a0, 1 << 5)
    csrc menvcfg, s0
    csrr a0, mip
    andi a0, a0, 1 << 5
    CHECK(a0, 0)
TEST(3) /* a write of STIP with STCE on has no effect later */
    csrs menvcfg, s0
    li s1, -1
    csrw stimecmp, s1
    li s2, 1 << 5
    csrs mip, s2
    csrc menvcfg, s0
    csrr a0, mip
    andi a0, a0, 1 << 5
    CHECK(a0, 0)
END
