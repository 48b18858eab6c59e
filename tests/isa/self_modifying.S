/* SPDX-License-Identifier: MIT */
/* After fence.i a store to code takes effect at once, also on another page.
 * Without fence.i it takes effect soon, as Ziccid asks (in this machine at the
 * next instruction), also in a loop that has run often. */
#include "isa_test.h"

BEGIN
    la a4, patch
    la a5, far
    li s0, 0x00100513       /* li a0, 1 */
    li s1, 0x00200513       /* li a0, 2 */
TEST(1) /* with fence.i */
    sw s0, 0(a4)
    fence.i
    jal patch
    CHECK(a0, 1)
    sw s1, 0(a4)
    fence.i
    jal patch
    CHECK(a0, 2)
TEST(2) /* on another page */
    sw s0, 0(a5)
    fence.i
    jalr a5
    CHECK(a0, 1)
    sw s1, 0(a5)
    fence.i
    jalr a5
    CHECK(a0, 2)
TEST(3) /* a hot loop, changed every time around, without fence.i */
    li s2, 1000
1:  li s3, 0
2:  jal patch
    addi s3, s3, 1
    li t0, 100
    bltu t0, s3, fail
    li t0, 1
    andi t1, s2, 1
    add t0, t0, t1
    bne a0, t0, 3f
    j 4f
3:  mv t2, s0
    beqz t1, 5f
    mv t2, s1
5:  sw t2, 0(a4)
    j 2b
4:  addi s2, s2, -1
    bnez s2, 1b
TEST(4) /* a byte of an instruction */
    sw s0, 0(a4)
    fence.i
    jal patch
    li t0, 0x30             /* li a0, 1 becomes li a0, 3 */
    sb t0, 2(a4)
    fence.i
    jal patch
    CHECK(a0, 3)
END

.balign 64
    .option norvc
patch:
    li a0, 0
    ret
.balign 4096
    .space 4096
far:
    li a0, 0
    ret
