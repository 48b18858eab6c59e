/* SPDX-License-Identifier: MIT */
/* fclass (unprivileged manual, table 11.5): all ten classes at their edges,
 * in both formats, no flag. */
#include "isa_test.h"

#define D(bits, class)      \
    li a0, bits;            \
    fmv.d.x fa0, a0;        \
    fclass.d a1, fa0;       \
    CHECK(a1, 1 << (class))
#define S(bits, class)      \
    li a0, bits;            \
    fmv.w.x fa0, a0;        \
    fclass.s a1, fa0;       \
    CHECK(a1, 1 << (class))

BEGIN
    li t0, MSTATUS_FS
    csrs mstatus, t0
    fsflags zero
TEST(1)
    D(0xfff0000000000000, 0)
    D(0xffefffffffffffff, 1)
    D(0x8010000000000000, 1)
    D(0x800fffffffffffff, 2)
    D(0x8000000000000001, 2)
    D(0x8000000000000000, 3)
    D(0, 4)
    D(1, 5)
    D(0x000fffffffffffff, 5)
    D(0x0010000000000000, 6)
    D(0x7fefffffffffffff, 6)
    D(0x7ff0000000000000, 7)
    D(0x7ff0000000000001, 8)
    D(0xfff7ffffffffffff, 8)
    D(0x7ff8000000000000, 9)
    D(0xffffffffffffffff, 9)
TEST(2)
    S(0xff800000, 0)
    S(0xff7fffff, 1)
    S(0x80800000, 1)
    S(0x807fffff, 2)
    S(0x80000001, 2)
    S(0x80000000, 3)
    S(0, 4)
    S(1, 5)
    S(0x007fffff, 5)
    S(0x00800000, 6)
    S(0x7f7fffff, 6)
    S(0x7f800000, 7)
    S(0x7f800001, 8)
    S(0xffbfffff, 8)
    S(0x7fc00000, 9)
    S(0xffffffff, 9)
TEST(3) /* not boxed: quiet NaN, whatever the low half */
    li a0, 0x7f800000
    fmv.d.x fa0, a0
    fclass.s a1, fa0
    CHECK(a1, 1 << 9)
    li a0, 0xfffffffe3f800000
    fmv.d.x fa0, a0
    fclass.s a1, fa0
    CHECK(a1, 1 << 9)
TEST(4)
    frflags a1
    CHECK(a1, 0)
END
