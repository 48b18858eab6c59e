/* SPDX-License-Identifier: MIT */
/* Values that pmpcfg and pmpaddr keep (3.7.1): grain 4 bytes, so NA4 exists and
 * every bit of an address is kept in each mode; bits 5 and 6 are 0; each byte
 * is its own. */
#include "pmp.h"

BEGIN
TEST(1) /* how software finds the grain: lowest bit that is set */
    csrw pmpcfg0, zero
    li a0, -1
    csrw pmpaddr0, a0
    csrr a1, pmpaddr0
    andi a1, a1, 1
    CHECK(a1, 1)
    csrwi pmpcfg0, PMP_NAPOT
    csrr a1, pmpaddr0
    andi a1, a1, 1
    CHECK(a1, 1)
    csrwi pmpcfg0, PMP_TOR
    csrr a1, pmpaddr0
    andi a1, a1, 1
    CHECK(a1, 1)
TEST(2) /* all four modes, all permissions but W without R */
    .irp cfg, 0x00,0x01,0x03,0x04,0x05,0x07,0x08,0x0f,0x10,0x13,0x17,0x18,0x1b,0x1d,0x1f
    csrwi pmpcfg0, \cfg
    csrr a1, pmpcfg0
    CHECK(a1, \cfg)
    .endr
TEST(3) /* eight bytes in each of two registers */
    li a0, 0x191f1b0f11130c08
    csrw pmpcfg0, a0
    csrr a1, pmpcfg0
    CHECK_SAME(a1, a0)
    li a0, 0x1819000708091b1d
    csrw pmpcfg2, a0
    csrr a1, pmpcfg2
    CHECK_SAME(a1, a0)
    csrr a1, pmpcfg0
    li a0, 0x191f1b0f11130c08
    CHECK_SAME(a1, a0)
    csrw pmpcfg0, zero
    csrw pmpcfg2, zero
TEST(4) /* sixteen addresses, each its own */
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
    li a0, 0x123456789abc + \n
    csrw pmpaddr\n, a0
    .endr
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
    csrr a1, pmpaddr\n
    CHECK(a1, 0x123456789abc + \n)
    .endr
TEST(5) /* M without a lock is bound by nothing */
    li a0, -1
    csrw pmpaddr0, a0
    csrwi pmpcfg0, PMP_NAPOT
    la a4, cell
    ld a1, 0(a4)
    sd a1, 0(a4)
TEST(6) /* S and U may not touch them */
    OPEN_PMP
    csrwi pmpcfg0, 0
    GO(PRV_S)
    TRAPS(CAUSE_ILLEGAL)
    csrr a1, pmpcfg0
    TRAPPED
    GO(PRV_S)
    TRAPS(CAUSE_ILLEGAL)
    csrw pmpaddr0, zero
    TRAPPED
END

.data
.balign 8
cell: .dword 0
