/* SPDX-License-Identifier: MIT */
/* TOR: entry 0 begins at 0, the others at their neighbour's address, whatever
 * that one's mode is; empty when it is not above it (3.7.1). */
#include "pmp.h"

BEGIN
    la a4, area
TEST(1) /* entry 0: everything below */
    PMP_ADDR(pmpaddr0, area + 16)
    PMP_CFG(PMP_TOR | PMP_R)
    READS(a4, -4096)
    READS(a4, 15)
    NO_READ(a4, 16)
    NO_WRITE(a4, 0)
    la a5, _start
    READS(a5, 0)
    li a5, 0x2000000        /* a device far below */
    AS_U
    lw t2, 0(a5)
    AS_M
TEST(2) /* the neighbour is off */
    PMP_ADDR(pmpaddr1, area + 32)
    PMP_CFG((PMP_TOR | PMP_R) << 8)
    NO_READ(a4, 15)
    READS(a4, 16)
    READS(a4, 31)
    NO_READ(a4, 32)
TEST(3) /* the neighbour is TOR, NA4: its own range goes first */
    PMP_CFG((PMP_TOR | PMP_R | PMP_W) << 8 | PMP_TOR | PMP_R)
    NO_WRITE(a4, 15)
    WRITES(a4, 16)
    PMP_CFG((PMP_TOR | PMP_R | PMP_W) << 8 | PMP_NA4 | PMP_R)
    NO_READ(a4, 15)
    NO_WRITE(a4, 19)
    WRITES(a4, 20)
    WRITES(a4, 31)
TEST(4) /* the neighbour is NAPOT: from its address as it is written */
    la t0, area + 64
    srli t0, t0, 2
    ori t0, t0, 1           /* 16 bytes; as an address area + 68 */
    csrw pmpaddr0, t0
    PMP_ADDR(pmpaddr1, area + 96)
    PMP_CFG((PMP_TOR | PMP_R | PMP_W) << 8 | PMP_NAPOT | PMP_R)
    NO_WRITE(a4, 64)
    READS(a4, 79)
    NO_WRITE(a4, 79)
    WRITES(a4, 80)
    WRITES(a4, 95)
    NO_READ(a4, 96)
TEST(5) /* empty: equal, and the wrong way round */
    PMP_ADDR(pmpaddr0, area + 96)
    PMP_CFG((PMP_TOR | PMP_R) << 8)
    NO_READ(a4, 95)
    NO_READ(a4, 96)
    PMP_ADDR(pmpaddr0, area + 128)
    NO_READ(a4, 95)
    NO_READ(a4, 100)
    NO_READ(a4, 128)
TEST(6) /* across the 64-byte line and the page */
    PMP_ADDR(pmpaddr2, area + 60)
    PMP_ADDR(pmpaddr3, area + 4100)
    PMP_CFG((PMP_TOR | PMP_R) << 24)
    NO_READ(a4, 59)
    READS(a4, 60)
    READS(a4, 64)
    READS(a4, 4095)
    READS(a4, 4099)
    NO_READ(a4, 4100)
TEST(7) /* entry 15 can be TOR */
    PMP_CFG(0)
    PMP_ADDR(pmpaddr14, area + 8)
    PMP_ADDR(pmpaddr15, area + 12)
    li t0, (PMP_TOR | PMP_R) << 56
    csrw pmpcfg2, t0
    NO_READ(a4, 7)
    READS(a4, 8)
    READS(a4, 11)
    NO_READ(a4, 12)
END

.data
.balign 4096
area: .space 8192
