/* SPDX-License-Identifier: MIT */
/* Without Zfh its instructions are illegal, even with FS on.
 * options: --isa rv64gc */
#include "isa_test.h"

    .option arch, +zfh

BEGIN
    li t0, MSTATUS_FS
    csrs mstatus, t0
    la s0, half
TEST(1)
    illegal flh fa0, 0(s0)
    illegal fsh fa0, 0(s0)
TEST(2)
    illegal fadd.h fa0, fa0, fa0
    illegal fmadd.h fa0, fa0, fa0, fa0
    illegal fle.h a0, fa0, fa0
    illegal fsqrt.h fa0, fa0
TEST(3)
    illegal fmv.x.h a0, fa0
    illegal fmv.h.x fa0, a0
    illegal fcvt.s.h fa0, fa0
    illegal fcvt.h.s fa0, fa0
    illegal fcvt.d.h fa0, fa0
    illegal fcvt.h.d fa0, fa0
    illegal fcvt.h.w fa0, a0
    END

    .data
    .balign 8
half:
    .dword 0
