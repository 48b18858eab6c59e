/* SPDX-License-Identifier: MIT */
/* NAPOT ranges of each size from 8 bytes to 16 KiB, and all of memory: both
 * ends to the byte (3.7.1, table 3.11). */
#include "pmp.h"

#define SIZE(bytes)                         \
    PMP_RANGE(pmpaddr0, area, bytes)        \
    PMP_CFG(PMP_NAPOT | PMP_R)              \
    NO_READ(a4, -1)                         \
    READS(a4, 0)                            \
    READS(a4, (bytes) - 1)                  \
    NO_READ(a4, bytes)                      \
    NO_WRITE(a4, 0)

BEGIN
    la a4, area
TEST(1)
    SIZE(8)
    SIZE(16)
    SIZE(32)
    SIZE(64)
    SIZE(128)
TEST(2)
    SIZE(256)
    SIZE(1024)
    SIZE(2048)
    SIZE(4096)
TEST(3)
    SIZE(8192)
    SIZE(16384)
TEST(4) /* everything: all ones */
    li t0, -1
    csrw pmpaddr0, t0
    PMP_CFG(PMP_NAPOT | PMP_R)
    READS(a4, 0)
    READS(a4, -4096)
    NO_WRITE(a4, 0)
TEST(5) /* the manual's example of a range: 0111 is 64 bytes */
    la t0, area + 64
    srli t0, t0, 2
    ori t0, t0, 7
    csrw pmpaddr0, t0
    csrr t1, pmpaddr0
    CHECK_SAME(t0, t1)
    NO_READ(a4, 63)
    READS(a4, 64)
    READS(a4, 127)
    NO_READ(a4, 128)
END

.data
.balign 16384
area: .space 16384
    .space 16384
