/* SPDX-License-Identifier: MIT */
/* Entry 0 as TOR up to address 0 matches nothing (3.7.1: it matches address
 * y with 0 <= y < pmpaddr0).
 * qemu: 7.2 takes it for all of memory */
#include "pmp.h"

BEGIN
    la a4, area
TEST(1)
    csrw pmpaddr0, zero
    PMP_CFG(PMP_TOR | PMP_R)
    NO_READ(a4, 0)
TEST(2) /* the next entry decides */
    PMP_RANGE(pmpaddr1, area, 8)
    PMP_CFG((PMP_NAPOT | PMP_R | PMP_W) << 8 | PMP_TOR | PMP_R)
    WRITES(a4, 0)
TEST(3) /* no entry at all: nothing for U */
    PMP_CFG(0)
    NO_READ(a4, 0)
    NO_WRITE(a4, 0)
END

.data
.balign 8
area: .dword 0
