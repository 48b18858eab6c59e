/* SPDX-License-Identifier: MIT */
/* Zbb: basic bit manipulation, at corners where a host's instruction differs
 * from the manual: counts of zero, shifts by all bits, words in wide registers.
 * ctzw has a file of its own.
 * qemu-cpu: zbb=true */
#include "isa_test.h"

    .option arch, +zbb

/* One operand: OP1(op, in, out); two: OP2(op, rs1, rs2, out). */
#define OP1(op, in, out)                        \
    li a1, in;                                  \
    op a0, a1;                                  \
    CHECK(a0, out)                              \
    CHECK(a1, in)
#define OP2(op, x, y, out)                      \
    li a1, x;                                   \
    li a2, y;                                   \
    op a0, a1, a2;                              \
    CHECK(a0, out)

BEGIN
TEST(1)
    OP1(clz, 0, 64)
    OP1(clz, 1, 63)
    OP1(clz, -1, 0)
    OP1(clzw, 0xffffffff00000000, 32)
    OP1(clzw, 0xffffffff00000001, 31)
    OP1(clzw, 0x80000000, 0)
TEST(2)
    OP1(ctz, 0, 64)
    OP1(ctz, 0x8000000000000000, 63)
    OP1(ctz, 1, 0)
TEST(3)
    OP1(cpop, 0, 0)
    OP1(cpop, -1, 64)
    OP1(cpopw, 0xfffffffff0000001, 5)
TEST(4)
    OP1(sext.b, 0x1234580, 0xffffffffffffff80)
    OP1(sext.b, 0xff7f, 0x7f)
    OP1(sext.h, 0x128000, 0xffffffffffff8000)
    OP1(zext.h, -1, 0xffff)
TEST(5)
    OP1(orc.b, 0x0001008000ff0000, 0x00ff00ff00ff0000)
    OP1(orc.b, 0x8040201008040201, 0xffffffffffffffff)
    OP1(rev8, 0x0123456789abcdef, 0xefcdab8967452301)
TEST(6)
    OP2(andn, 0xff00ff00ff00ff00, 0x0ff00ff00ff00ff0, 0xf000f000f000f000)
    OP2(orn, 0xff00ff00ff00ff00, 0x0ff00ff00ff00ff0, 0xff0fff0fff0fff0f)
    OP2(xnor, 0xff00ff00ff00ff00, 0x0ff00ff00ff00ff0, 0x0f0f0f0f0f0f0f0f)
TEST(7)
    OP2(min, -1, 1, -1)
    OP2(max, -1, 1, 1)
    OP2(minu, -1, 1, 1)
    OP2(maxu, -1, 1, -1)
TEST(8) /* by 0, and by the width: only the low bits of rs2 count */
    OP2(rol, 0x8000000000000001, 0, 0x8000000000000001)
    OP2(rol, 0x8000000000000001, 64 + 1, 3)
    OP2(ror, 0x8000000000000001, 64 + 1, 0xc000000000000000)
    OP2(ror, 0x8000000000000001, -1, 3)
    OP2(rolw, 0xffffffff80000001, 32 + 1, 3)
    OP2(rolw, 0x40000000, 1, 0xffffffff80000000)
    OP2(rorw, 0x1234567800000001, 32 + 1, 0xffffffff80000000)
    OP2(rorw, 0x1234567880000001, 0, 0xffffffff80000001)
TEST(9)
    li a1, 0x0123456789abcdef
    rori a0, a1, 0
    CHECK(a0, 0x0123456789abcdef)
    rori a0, a1, 63
    CHECK(a0, 0x02468acf13579bde)
    roriw a0, a1, 0
    CHECK(a0, 0xffffffff89abcdef)
    roriw a0, a1, 31
    CHECK(a0, 0x13579bdf)
END
