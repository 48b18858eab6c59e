/* SPDX-License-Identifier: MIT */
/* M may always execute the cbo instructions, S if CBIE, CBCFE, CBZE of menvcfg
 * allow it, U if those of menvcfg and of senvcfg do. CBIE 2 is reserved and
 * reads 0; senvcfg's fields do not depend on menvcfg's.
 * qemu: 7.2 lacks Zicbom and Zicboz */
#include "isa_test.h"

    .option arch, +zicbom, +zicboz

#define CBIE  0x30
#define CBCFE 0x40
#define CBZE  0x80

#define SET(m, s)                               \
    li t0, m;                                   \
    csrw menvcfg, t0;                           \
    li t0, s;                                   \
    csrw senvcfg, t0;
#define OK(prv, op)                             \
    GO(prv)                                     \
    op (a0);                                    \
    BACK(prv)
#define NOT(prv, op, bits)                      \
    GO(prv)                                     \
    TRAPS(CAUSE_ILLEGAL)                        \
    op (a0);                                    \
    TRAPPED                                     \
    CHECK(TVAL, bits)
#define ZERO  0x0045200f
#define CLEAN 0x0015200f
#define FLUSH 0x0025200f
#define INVAL 0x0005200f

BEGIN
    OPEN_PMP
    la a0, block
TEST(1) /* the bits that the registers keep */
    li t0, 0xff
    csrc menvcfg, t0
    csrw senvcfg, zero
    li t0, 0xf0
    csrs menvcfg, t0
    csrr t1, menvcfg
    andi t1, t1, 0xff
    CHECK(t1, 0xf0)
    csrr t1, senvcfg
    CHECK(t1, 0)
    li t0, CBCFE | CBZE | 2 << 4
    csrw senvcfg, t0
    csrr t1, senvcfg
    CHECK(t1, CBCFE | CBZE)
    li t0, 1 << 4
    csrw senvcfg, t0
    csrr t1, senvcfg
    CHECK(t1, 1 << 4)
TEST(2) /* nothing below M, everything in M */
    SET(0, CBIE | CBCFE | CBZE)
    cbo.zero (a0)
    cbo.clean (a0)
    cbo.flush (a0)
    cbo.inval (a0)
    NOT(PRV_S, cbo.zero, ZERO)
    NOT(PRV_S, cbo.clean, CLEAN)
    NOT(PRV_S, cbo.flush, FLUSH)
    NOT(PRV_S, cbo.inval, INVAL)
    NOT(PRV_U, cbo.zero, ZERO)
    NOT(PRV_U, cbo.clean, CLEAN)
    NOT(PRV_U, cbo.flush, FLUSH)
    NOT(PRV_U, cbo.inval, INVAL)
TEST(3) /* S may execute all, U none */
    SET(CBIE | CBCFE | CBZE, 0)
    OK(PRV_S, cbo.zero)
    OK(PRV_S, cbo.clean)
    OK(PRV_S, cbo.flush)
    OK(PRV_S, cbo.inval)
    NOT(PRV_U, cbo.zero, ZERO)
    NOT(PRV_U, cbo.clean, CLEAN)
    NOT(PRV_U, cbo.flush, FLUSH)
    NOT(PRV_U, cbo.inval, INVAL)
TEST(4) /* each field enables its own instructions only */
    SET(CBIE | CBCFE | CBZE, CBZE)
    OK(PRV_U, cbo.zero)
    NOT(PRV_U, cbo.clean, CLEAN)
    NOT(PRV_U, cbo.inval, INVAL)
    SET(CBIE | CBCFE | CBZE, CBCFE)
    OK(PRV_U, cbo.clean)
    OK(PRV_U, cbo.flush)
    NOT(PRV_U, cbo.zero, ZERO)
    NOT(PRV_U, cbo.inval, INVAL)
    SET(CBIE | CBCFE | CBZE, 1 << 4)
    OK(PRV_U, cbo.inval)
    NOT(PRV_U, cbo.flush, FLUSH)
    SET(1 << 4, CBIE)
    OK(PRV_S, cbo.inval)
    OK(PRV_U, cbo.inval)
    NOT(PRV_S, cbo.zero, ZERO)
TEST(5) /* MPRV changes the access, not the permission to execute */
    SET(0, 0)
    li t0, MSTATUS_MPP
    csrc mstatus, t0
    li t0, MSTATUS_MPRV
    csrs mstatus, t0
    cbo.zero (a0)
    csrc mstatus, t0
TEST(6) /* illegal comes before every fault of the address */
    li a0, 0x10000000
    NOT(PRV_S, cbo.zero, ZERO)
    NOT(PRV_U, cbo.clean, CLEAN)
END

    .bss
    .balign 64
block:
    .space 64
