/* SPDX-License-Identifier: MIT */
/* cbo.clean, cbo.flush and cbo.inval in a machine whose caches are coherent:
 * data stay as they are (cbo.inval acts as if the block had been written back
 * just before: legal, since a cache may do so at any time). Read permission is
 * enough. Where there is no RAM they raise a store access fault.
 * qemu: 7.2 lacks Zicbom */
#include "isa_test.h"

    .option arch, +zicbom

#define EACH(reg)                               \
    cbo.clean (reg);                            \
    cbo.flush (reg);                            \
    cbo.inval (reg);

BEGIN
TEST(1) /* a load reads the value that was stored */
    la a0, block + 21
    li a1, 0x123456789
    sd a1, 3(a0)
    EACH(a0)
    ld a2, 3(a0)
    CHECK_SAME(a1, a2)
    CHECK_ADDR(a0, block + 21)
TEST(2) /* over and over, in many lines */
    li a3, 300
1:  la a0, block
    li a4, 64
2:  sd a3, 0(a0)
    cbo.clean (a0)
    sd a3, 8(a0)
    cbo.flush (a0)
    ld a1, 0(a0)
    CHECK_SAME(a1, a3)
    ld a1, 8(a0)
    CHECK_SAME(a1, a3)
    cbo.inval (a0)
    addi a0, a0, 64
    addi a4, a4, -1
    bnez a4, 2b
    addi a3, a3, -1
    bnez a3, 1b
TEST(3) /* the line that is being executed */
    la a0, 3f
    EACH(a0)
3:  cbo.inval (a0)
    cbo.flush (a0)
    nop
TEST(4)
    li a0, 0x10000005 /* the UART */
    TRAPS(CAUSE_STORE_ACCESS)
    cbo.clean (a0)
    TRAPPED
    CHECK(TVAL, 0x10000005)
    TRAPS(CAUSE_STORE_ACCESS)
    cbo.inval (a0)
    TRAPPED
    CHECK(TVAL, 0x10000005)
    li a0, 0x7000000000000039
    TRAPS(CAUSE_STORE_ACCESS)
    cbo.flush (a0)
    TRAPPED
    CHECK(TVAL, 0x7000000000000039)
END

    .bss
    .balign 64
block:
    .space 4096
