/* SPDX-License-Identifier: MIT */
/* Zfhmin without D: moves and conversions, no arithmetic, no doubles.
 * options: --isa rv64imafc_zfhmin_zicsr
 * qemu: 7.2 wants F and D together */
#include "isa_test.h"

    .option arch, +zfh

BEGIN
    li t0, MSTATUS_FS
    csrs mstatus, t0
TEST(1)
    li a0, 0xbc00
    fmv.h.x fa0, a0
    fcvt.s.h fa1, fa0
    fmv.x.w a0, fa1
    CHECK(a0, -0x40800000)
    fcvt.h.s fa2, fa1
    fmv.x.h a0, fa2
    CHECK(a0, -0x4400)
    la s0, half
    fsh fa2, 0(s0)
    flh fa3, 0(s0)
    fmv.x.h a0, fa3
    CHECK(a0, -0x4400)
TEST(2)
    illegal fadd.h fa0, fa0, fa0
    illegal fclass.h a0, fa0
    illegal fsgnj.h fa0, fa0, fa0
    illegal fcvt.w.h a0, fa0
    illegal fcvt.h.lu fa0, a0
    illegal fmadd.h fa0, fa0, fa0, fa0
TEST(3)
    illegal fcvt.d.h fa0, fa0
    illegal fcvt.h.d fa0, fa0
    END

    .data
    .balign 8
half:
    .dword 0
