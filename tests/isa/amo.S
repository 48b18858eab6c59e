/* SPDX-License-Identifier: MIT */
/* A: signedness of minimum and maximum, sign extension of .w, the value
 * stored, registers that coincide. */
#include "isa_test.h"

/* memory, operand -> result in rd, memory afterwards */
#define AMO_D(insn, mem, src, rd, after) \
    la a0, cell;                         \
    li a1, mem;                          \
    sd a1, 0(a0);                        \
    li a2, src;                          \
    insn a3, a2, (a0);                   \
    CHECK(a3, rd)                        \
    ld a4, 0(a0);                        \
    CHECK(a4, after)

/* The word above the cell must not change. */
#define AMO_W(insn, mem, src, rd, after) \
    la a0, cell;                         \
    li a1, (mem) | 0x5a5a5a5a00000000;   \
    sd a1, 0(a0);                        \
    li a2, src;                          \
    insn a3, a2, (a0);                   \
    CHECK(a3, rd)                        \
    lwu a4, 0(a0);                       \
    CHECK(a4, after)                     \
    lwu a4, 4(a0);                       \
    CHECK(a4, 0x5a5a5a5a)

BEGIN
TEST(1)
    AMO_D(amoswap.d, 1, -2, 1, -2)
    AMO_D(amoadd.d, 0x7fffffffffffffff, 1, 0x7fffffffffffffff, 0x8000000000000000)
    AMO_D(amoxor.d, 0xff00, 0x0ff0, 0xff00, 0xf0f0)
    AMO_D(amoand.d, 0xff00, 0x0ff0, 0xff00, 0x0f00)
    AMO_D(amoor.d, 0xff00, 0x0ff0, 0xff00, 0xfff0)
    AMO_D(amomin.d, 3, -1, 3, -1)
    AMO_D(amomax.d, 3, -1, 3, 3)
    AMO_D(amominu.d, 3, -1, 3, 3)
    AMO_D(amomaxu.d, 3, -1, 3, -1)
TEST(2) /* only the low word of rs2 counts; rd is sign extended */
    AMO_W(amoswap.w, 0x80000000, 0x1234567890, -0x80000000, 0x34567890)
    AMO_W(amoadd.w, 0xffffffff, 1, -1, 0)
    AMO_W(amoxor.w, 0xff, 0xf80000000, 0xff, 0x800000ff)
    AMO_W(amoand.w, 0x80000001, 0xf80000000, -0x7fffffff, 0x80000000)
    AMO_W(amoor.w, 0x80000001, 0xf00000002, -0x7fffffff, 0x80000003)
    AMO_W(amomin.w, 0x80000000, 1, -0x80000000, 0x80000000)
    AMO_W(amomin.w, 1, 0x80000000, 1, 0x80000000)
    AMO_W(amomax.w, 0x80000000, 1, -0x80000000, 1)
    AMO_W(amominu.w, 0x80000000, 1, -0x80000000, 1)
    AMO_W(amomaxu.w, 0x80000000, 1, -0x80000000, 0x80000000)
    AMO_W(amomaxu.w, 1, 0x100000000, 1, 1)
TEST(3) /* rd = rs2, rd = rs1, rd = x0 */
    la a0, cell
    li a1, 10
    sd a1, 0(a0)
    li a2, 5
    amoadd.d a2, a2, (a0)
    CHECK(a2, 10)
    ld a3, 0(a0)
    CHECK(a3, 15)
    mv a4, a0
    amoswap.d.aqrl a4, a2, (a4)
    CHECK(a4, 15)
    amoadd.d zero, a2, (a0)
    ld a3, 0(a0)
    CHECK(a3, 20)
END

.data
.balign 64
cell: .dword 0, 0
