/* SPDX-License-Identifier: MIT */
/* F without D: singles work, doubles are illegal, compressed ones too, and so
 * are conversions between single and double.
 * options: --isa rv64imafc
 * qemu-cpu: d=false */
#include "isa_test.h"

BEGIN
    li t0, MSTATUS_FS
    csrs mstatus, t0
    la a1, word
TEST(1)
    flw fa0, 0(a1)
    fadd.s fa0, fa0, fa0
    fmv.x.w a0, fa0
    CHECK(a0, 0x40000000)
TEST(2)
    TRAPS(CAUSE_ILLEGAL)
    fld fa0, 0(a1)
    TRAPPED
    TRAPS(CAUSE_ILLEGAL)
    c.fld fa0, 0(a1)
    TRAPPED
    TRAPS(CAUSE_ILLEGAL)
    fadd.d fa0, fa0, fa0
    TRAPPED
    TRAPS(CAUSE_ILLEGAL)
    fcvt.s.d fa0, fa0
    TRAPPED
    TRAPS(CAUSE_ILLEGAL)
    fmv.x.d a0, fa0
    TRAPPED
TEST(3)
    csrr t0, misa
    srli t1, t0, 5
    andi t1, t1, 1
    CHECK(t1, 1)
    andi t0, t0, 1 << 3
    CHECK(t0, 0)
END

    .data
    .balign 8
word: .dword 0x3f800000
