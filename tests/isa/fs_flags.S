/* SPDX-License-Identifier: MIT */
/* A raised flag makes the floating-point state dirty even if the instruction's
 * result goes to an x register.
 * qemu: 7.2 leaves FS alone */
#include "isa_test.h"

BEGIN
    li t0, MSTATUS_FS
    csrs mstatus, t0
    la a4, data
    fld fa0, 0(a4)          /* signalling NaN */
    csrc mstatus, t0
    li t0, 1 << 13
    csrs mstatus, t0
TEST(1) /* no flag: still Initial */
    fmv.x.d a0, fa0
    flt.d a0, fa1, fa1
    csrr a1, mstatus
    srli a1, a1, 13
    andi a1, a1, 3
    CHECK(a1, 1)
TEST(2)
    feq.d a0, fa0, fa0
    CHECK(a0, 0)
    csrr a1, mstatus
    srli a1, a1, 13
    andi a1, a1, 3
    CHECK(a1, 3)
    frflags a0
    CHECK(a0, 0x10)
END

.data
.balign 8
data:
    .dword 0x7ff0000000000001
