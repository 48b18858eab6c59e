/* SPDX-License-Identifier: MIT */
/* STIP (Sstc 1.0, 2): with menvcfg.STCE it is stimecmp's alone, read-only in
 * mip and sip; without, it is a bit that M writes, and stimecmp does nothing.
 * board: virt */
#include "isa_test.h"

#define STIP (1 << 5)
#define STIP_IS(value)          \
    csrr t0, mip;               \
    srli t0, t0, 5;             \
    andi t0, t0, 1;             \
    CHECK(t0, value)
#define SIP_IS(value)           \
    csrr t0, sip;               \
    srli t0, t0, 5;             \
    andi t0, t0, 1;             \
    CHECK(t0, value)

BEGIN
    OPEN_PMP
    li s0, 1 << 63              /* STCE */
    li s1, -1
    li s2, STIP
    csrw mideleg, s2
    csrs menvcfg, s0
    csrw stimecmp, s1
TEST(1) /* not reached: software cannot set it */
    STIP_IS(0)
    csrs mip, s2
    STIP_IS(0)
    csrs sip, s2
    STIP_IS(0)
TEST(2) /* reached: software cannot clear it */
    csrw stimecmp, zero
    STIP_IS(1)
    SIP_IS(1)
    csrc mip, s2
    STIP_IS(1)
    csrw sip, zero
    STIP_IS(1)
    csrw mip, zero
    SIP_IS(1)
TEST(3) /* moving stimecmp clears it; the comparison is unsigned */
    csrw stimecmp, s1
    STIP_IS(0)
    csrw stimecmp, zero
    STIP_IS(1)
    li t1, 1 << 63
    csrw stimecmp, t1
    STIP_IS(0)
TEST(4) /* without STCE: M's bit again */
    csrc menvcfg, s0
    csrs mip, s2
    STIP_IS(1)
    SIP_IS(1)
    csrw sip, zero
    STIP_IS(1)
    csrc mip, s2
    STIP_IS(0)
TEST(5) /* stimecmp is kept meanwhile */
    csrs menvcfg, s0
    csrr a0, stimecmp
    li t1, 1 << 63
    CHECK_SAME(a0, t1)
    STIP_IS(0)
END
