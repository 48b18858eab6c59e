/* SPDX-License-Identifier: MIT */
/* Misaligned loads and stores are done in hardware: within a line, across
 * lines and across pages; sign extension as usual. */
#include "isa_test.h"

#define AT(base, off)                       \
    la a0, base + off;                      \
    li a1, 0x8899aabbccddeeff;              \
    sd zero, -8(a0);                        \
    sd zero, 8(a0);                         \
    sd a1, 0(a0);                           \
    ld a2, 0(a0);                           \
    CHECK_SAME(a2, a1)                      \
    ld a2, -8(a0);                          \
    CHECK(a2, 0)                            \
    ld a2, 8(a0);                           \
    CHECK(a2, 0)                            \
    lw a2, 0(a0);                           \
    CHECK(a2, -0x33221101)                  \
    lwu a2, 4(a0);                          \
    CHECK(a2, 0x8899aabb)                   \
    lh a2, 1(a0);                           \
    CHECK(a2, -0x2212)                      \
    lhu a2, 3(a0);                          \
    CHECK(a2, 0xbbcc)                       \
    li a3, 0x1122;                          \
    sh a3, 3(a0);                           \
    ld a2, 0(a0);                           \
    CHECK(a2, 0x8899aa1122ddeeff)           \
    li a3, 0x55667788;                      \
    sw a3, 1(a0);                           \
    ld a2, 0(a0);                           \
    CHECK(a2, 0x8899aa55667788ff)

BEGIN
TEST(1) AT(area, 16)
TEST(2) AT(area, 17)
TEST(3) AT(area, 18)
TEST(4) AT(area, 20)
TEST(5) AT(area, 23)
TEST(6) /* across a line */
    AT(area, 61)
    AT(area, 57)
TEST(7) /* across a page */
    AT(area, 4093)
    AT(area, 4095)
    AT(area, 4089)
TEST(8) /* floating point too */
    li t0, MSTATUS_FS
    csrs mstatus, t0
    la a0, area + 4091
    li a1, 0x3ff123456789abcd
    sd a1, 0(a0)
    fld fa0, 0(a0)
    fmv.x.d a2, fa0
    CHECK_SAME(a2, a1)
    fsd fa0, 6(a0)
    ld a2, 6(a0)
    CHECK_SAME(a2, a1)
    flw fa1, 6(a0)
    fmv.x.w a2, fa1
    CHECK(a2, 0x6789abcd)
END

.data
.balign 4096
area: .space 12288
