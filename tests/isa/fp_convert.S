/* SPDX-License-Identifier: MIT */
/* Conversions to integers out of range (unprivileged manual, table 11.4): the
 * nearest end, NV alone; NaN as +infinity; in range NX; the word forms sign
 * extend, the unsigned too. */
#include "isa_test.h"

#define NV 0x10
#define NX 0x01
#define TO(insn, bits, want, flags) \
    li a0, bits;                    \
    fmv.d.x fa0, a0;                \
    fsflags zero;                   \
    insn a1, fa0, rtz;              \
    CHECK(a1, want)                 \
    frflags a2;                     \
    CHECK(a2, flags)

#define INF   0x7ff0000000000000
#define MINF  0xfff0000000000000
#define QNAN  0x7ff8000000000000
#define MNAN  0xfff8000000000000
#define SNAN  0x7ff0000000000001

BEGIN
    li t0, MSTATUS_FS
    csrs mstatus, t0
TEST(1)
    TO(fcvt.w.d, INF, 0x7fffffff, NV)
    TO(fcvt.w.d, MINF, -0x80000000, NV)
    TO(fcvt.w.d, QNAN, 0x7fffffff, NV)
    TO(fcvt.w.d, MNAN, 0x7fffffff, NV)
    TO(fcvt.w.d, SNAN, 0x7fffffff, NV)
    TO(fcvt.w.d, 0x41e0000000000000, 0x7fffffff, NV)    /* 2^31 */
    TO(fcvt.w.d, 0x41dfffffffc00000, 0x7fffffff, 0)     /* 2^31 - 1 */
    TO(fcvt.w.d, 0x41dfffffffe00000, 0x7fffffff, NX)    /* and a half */
    TO(fcvt.w.d, 0xc1e0000000000000, -0x80000000, 0)
    TO(fcvt.w.d, 0xc1e0000000100000, -0x80000000, NX)
    TO(fcvt.w.d, 0xc1e0000000200000, -0x80000000, NV)   /* -2^31 - 1 */
TEST(2)
    TO(fcvt.wu.d, INF, -1, NV)
    TO(fcvt.wu.d, MINF, 0, NV)
    TO(fcvt.wu.d, QNAN, -1, NV)
    TO(fcvt.wu.d, 0x41efffffffe00000, -1, 0)            /* 2^32 - 1 */
    TO(fcvt.wu.d, 0x41e0000000000000, -0x80000000, 0)   /* 2^31 */
    TO(fcvt.wu.d, 0xbff0000000000000, 0, NV)            /* -1 */
    TO(fcvt.wu.d, 0xbfe0000000000000, 0, NX)            /* -0.5 */
    TO(fcvt.wu.d, 0x8000000000000000, 0, 0)             /* -0 */
TEST(3)
    TO(fcvt.l.d, INF, 0x7fffffffffffffff, NV)
    TO(fcvt.l.d, MINF, 0x8000000000000000, NV)
    TO(fcvt.l.d, QNAN, 0x7fffffffffffffff, NV)
    TO(fcvt.l.d, 0x43e0000000000000, 0x7fffffffffffffff, NV)
    TO(fcvt.l.d, 0x43dfffffffffffff, 0x7ffffffffffffc00, 0)
    TO(fcvt.l.d, 0xc3e0000000000000, 0x8000000000000000, 0)
    TO(fcvt.l.d, 0xc3e0000000000001, 0x8000000000000000, NV)
TEST(4)
    TO(fcvt.lu.d, INF, -1, NV)
    TO(fcvt.lu.d, MINF, 0, NV)
    TO(fcvt.lu.d, QNAN, -1, NV)
    TO(fcvt.lu.d, 0x43f0000000000000, -1, NV)
    TO(fcvt.lu.d, 0x43efffffffffffff, 0xfffffffffffff800, 0)
    TO(fcvt.lu.d, 0xbff0000000000000, 0, NV)
    TO(fcvt.lu.d, 0xbfefffffffffffff, 0, NX)
TEST(5) /* -0.5 and its like round into range before they are judged */
    li a0, 0xbfe0000000000000
    fmv.d.x fa0, a0
    fsflags zero
    fcvt.lu.d a1, fa0, rne
    CHECK(a1, 0)
    frflags a2
    CHECK(a2, NX)
    fsflags zero
    fcvt.lu.d a1, fa0, rdn
    CHECK(a1, 0)
    frflags a2
    CHECK(a2, NV)
TEST(6) /* singles */
    li a0, 0x4f000000           /* 2^31 */
    fmv.w.x fa0, a0
    fsflags zero
    fcvt.w.s a1, fa0, rtz
    CHECK(a1, 0x7fffffff)
    fcvt.wu.s a1, fa0, rtz
    CHECK(a1, -0x80000000)
    frflags a2
    CHECK(a2, NV)
    fcvt.d.s fa1, fa0           /* exact */
    fcvt.s.d fa2, fa1
    fmv.x.d a1, fa2
    CHECK(a1, 0xffffffff4f000000)
TEST(7) /* from integers: the width of the source */
    li a0, 0x1ffffffff
    fcvt.d.w fa0, a0
    fmv.x.d a1, fa0
    CHECK(a1, 0xbff0000000000000)
    fcvt.d.wu fa0, a0
    fmv.x.d a1, fa0
    CHECK(a1, 0x41efffffffe00000)
    fcvt.d.l fa0, a0
    fmv.x.d a1, fa0
    CHECK(a1, 0x41fffffffff00000)
    fsflags zero
    li a0, -1
    fcvt.s.lu fa0, a0           /* rounds up to 2^64 */
    fmv.x.w a1, fa0
    CHECK(a1, 0x5f800000)
    frflags a2
    CHECK(a2, NX)
END
