/* SPDX-License-Identifier: MIT */
/* fence and fence.i with anything in their reserved fields are fences, and
 * write no register (unprivileged manual 2.7, 3). */
#include "isa_test.h"

BEGIN
    li a0, 0x11
    li a1, 0x22
TEST(1)
    fence
    fence rw, w
    fence.tso
    .word 0x0ff5850f        /* rd = a0, rs1 = a1 */
    .word 0xfff5850f        /* and fm = 15 */
    .word 0x1ff0000f        /* fm = 1 */
    .word 0x80f0000f        /* fm = 8 (TSO), but not rw, rw */
    .word 0x0000850f
    CHECK(a0, 0x11)
    CHECK(a1, 0x22)
TEST(2)
    fence.i
    .word 0xfff5950f
    .word 0x0000950f
    .word 0x1235100f
    CHECK(a0, 0x11)
    CHECK(a1, 0x22)
TEST(3) /* fence.i with those fields still is a fence.i */
    la a2, patch
    lw a3, 0(a2)
    lw a4, 8(a2)
    jal patch
    CHECK(a5, 1)
    sw a4, 0(a2)
    .word 0xfff5950f
    jal patch
    CHECK(a5, 2)
END

.balign 64
    .option norvc
patch:
    li a5, 1
    ret
    li a5, 2
    .option rvc
