/* SPDX-License-Identifier: MIT */
/* The lowest entry that matches any byte of an access decides, and must match
 * all of them - whatever others would allow (3.7.1, "Priority and Matching
 * Logic"). */
#include "pmp.h"

#define RW (PMP_R | PMP_W)

BEGIN
    la a4, area
TEST(1) /* a hole of four bytes in a page, and the other way round */
    PMP_ADDR(pmpaddr0, area + 8)
    PMP_RANGE(pmpaddr1, area, 4096)
    PMP_CFG((PMP_NAPOT | RW) << 8 | PMP_NA4)
    READS(a4, 7)
    NO_READ(a4, 8)
    NO_READ(a4, 11)
    READS(a4, 12)
    PMP_RANGE(pmpaddr0, area, 4096)
    PMP_ADDR(pmpaddr1, area + 8)
    PMP_CFG((PMP_NA4) << 8 | PMP_NAPOT | RW)
    READS(a4, 8)
    WRITES(a4, 8)
TEST(2) /* permissions do not add up */
    PMP_RANGE(pmpaddr1, area, 4096)
    PMP_CFG((PMP_NAPOT | RW) << 8 | PMP_NAPOT | PMP_R)
    READS(a4, 0)
    NO_WRITE(a4, 0)
    PMP_CFG((PMP_NAPOT | PMP_R) << 8 | PMP_NAPOT | RW)
    WRITES(a4, 0)
TEST(3) /* an access across two entries that both allow it */
    PMP_ADDR(pmpaddr0, area + 4)
    PMP_CFG((PMP_NAPOT | RW) << 8 | PMP_NA4 | RW)
    AS_U
    lw a0, 0(a4)
    lw a0, 4(a4)
    ld a0, 8(a4)
    TRAPS(CAUSE_LOAD_ACCESS)
    ld a0, 0(a4)
    TRAPPED
    CHECK_SAME(TVAL, a4)
    AS_U
    TRAPS(CAUSE_STORE_ACCESS)
    sd a0, 0(a4)
    TRAPPED
    AS_U
    TRAPS(CAUSE_LOAD_ACCESS)
    lw a0, 2(a4)
    TRAPPED
    AS_M
TEST(4) /* an entry that is off does not match */
    PMP_CFG((PMP_NAPOT | RW) << 8)
    AS_U
    ld a0, 0(a4)
    AS_M
TEST(5) /* a lock binds M by the same rule; entries without it let M pass */
    PMP_ADDR(pmpaddr0, area + 32)
    PMP_CFG((PMP_NAPOT) << 8 | PMP_L | PMP_NA4 | PMP_R)
    lw a0, 32(a4)
    TRAPS(CAUSE_STORE_ACCESS)
    sw a0, 32(a4)
    TRAPPED
    TRAPS(CAUSE_LOAD_ACCESS)    /* partly the locked one: fails */
    ld a0, 32(a4)
    TRAPPED
    sd a0, 40(a4)
    ld a0, 40(a4)
TEST(6) /* atomics: both permissions, all bytes */
    PMP_RANGE(pmpaddr1, area, 4096)
    PMP_RANGE(pmpaddr2, area + 64, 8)
    PMP_CFG((PMP_NAPOT | PMP_R) << 16 | PMP_L | PMP_NA4 | PMP_R)
    addi a5, a4, 64
    AS_U
    lr.d a0, (a5)
    TRAPS(CAUSE_STORE_ACCESS)
    sc.d a0, a0, (a5)
    TRAPPED
    AS_U
    TRAPS(CAUSE_STORE_ACCESS)
    amoadd.d a0, zero, (a5)
    TRAPPED
    PMP_CFG((PMP_NAPOT | RW) << 16 | PMP_L | PMP_NA4 | PMP_R)
    AS_U
    amoadd.d a0, zero, (a5)
    amoadd.w a0, zero, (a5)
    AS_M
END

.data
.balign 4096
area: .space 4096
