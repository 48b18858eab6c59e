/* SPDX-License-Identifier: MIT */
/* time is mtime (unprivileged manual 10.1, privileged 3.2.1): they agree when
 * read one after the other, also after writes of mtime. MTIP is 1 while mtime
 * >= mtimecmp, unsigned. time is read-only.
 * board: virt */
#include "isa_test.h"

#define MTIMECMP 0x2004000
#define MTIME    0x200bff8

.macro pending reg          /* reg = MTIP */
    csrr \reg, mip
    srli \reg, \reg, 7
    andi \reg, \reg, 1
.endm

BEGIN
    li s0, MTIME
    li s1, MTIMECMP
    li s2, -1
    sd s2, 0(s1)
TEST(1) /* never backwards, whichever way it is read */
    li a5, 1000
1:  ld a0, 0(s0)
    rdtime a1
    ld a2, 0(s0)
    bltu a1, a0, fail
    bltu a2, a1, fail
    addi a5, a5, -1
    bnez a5, 1b
TEST(2) /* mtime read by halves */
    lwu a0, 4(s0)
    rdtime a1
    srli a1, a1, 32
    CHECK_SAME(a0, a1)
    lwu a2, 0(s0)
    rdtime a1
    slli a1, a1, 32
    srli a1, a1, 32
    bltu a1, a2, fail
TEST(3) /* read-only */
    TRAPS(CAUSE_ILLEGAL)
    csrw time, zero
    TRAPPED
    TRAPS(CAUSE_ILLEGAL)
    csrrs a0, time, s0
    TRAPPED
TEST(4) /* MTIP: mtimecmp reached, and not reached */
    pending a0
    CHECK(a0, 0)
    sd zero, 0(s1)
    pending a0
    CHECK(a0, 1)
    sd s2, 0(s1)
    pending a0
    CHECK(a0, 0)
    rdtime a1
    sd a1, 0(s1)
    pending a0
    CHECK(a0, 1)
    li a1, 1 << 63              /* unsigned: far away */
    sd a1, 0(s1)
    pending a0
    CHECK(a0, 0)
TEST(5) /* mtimecmp by halves, read back */
    sw s2, 4(s1)
    sw zero, 0(s1)
    ld a0, 0(s1)
    li a1, 0xffffffff00000000
    CHECK_SAME(a0, a1)
    lwu a0, 4(s1)
    CHECK(a0, 0xffffffff)
    sd s2, 0(s1)
TEST(6) /* MTIP is a wire: writing mip changes nothing */
    li t0, 1 << 7
    csrs mip, t0
    pending a0
    CHECK(a0, 0)
    sd zero, 0(s1)
    csrc mip, t0
    pending a0
    CHECK(a0, 1)
    sd s2, 0(s1)
TEST(7) /* set mtime: time follows, and so does MTIP */
    li a0, 1 << 40
    sd a0, 0(s0)
    rdtime a1
    bltu a1, a0, fail
    sub a2, a1, a0
    li a3, 1 << 32
    bgeu a2, a3, fail
    addi a3, a0, -1
    sd a3, 0(s1)
    pending a0
    CHECK(a0, 1)
    sd zero, 0(s0)
    pending a0
    CHECK(a0, 0)
END
