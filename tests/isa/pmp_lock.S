/* SPDX-License-Identifier: MIT */
/* L (3.7.1): the entry's byte and address can be written no more, whatever its
 * mode; a locked TOR also holds the address below it, of which the byte stays
 * free; a locked entry binds M, fetches too. */
#include "pmp.h"

/* pmpaddr reg cannot be written */
#define HELD(reg)           \
    csrr a1, reg;           \
    not a2, a1;             \
    csrw reg, a2;           \
    csrr a2, reg;           \
    CHECK_SAME(a1, a2)
/* it can be written: another value, and back */
#define FREE(reg)           \
    csrr a1, reg;           \
    xori a2, a1, 64;        \
    csrw reg, a2;           \
    csrr a3, reg;           \
    CHECK_SAME(a3, a2)      \
    csrw reg, a1;

/* byte n of pmpcfg0 */
#define CHECK_BYTE(n, value)    \
    csrr t0, pmpcfg0;           \
    srli t0, t0, 8 * (n);       \
    andi t0, t0, 0xff;          \
    CHECK(t0, value)

BEGIN
    la a4, area
TEST(1) /* locked and off */
    PMP_ADDR(pmpaddr0, area)
    li t0, PMP_L
    csrs pmpcfg0, t0
    HELD(pmpaddr0)
    FREE(pmpaddr1)
    li t0, PMP_L | PMP_NA4 | PMP_RWX
    csrw pmpcfg0, t0
    CHECK_BYTE(0, PMP_L)
    sd zero, 0(a4)          /* matches nothing, forbids nothing */
TEST(2) /* NA4 and NAPOT: this address only */
    PMP_ADDR(pmpaddr2, area + 64)
    PMP_RANGE(pmpaddr3, area + 128, 8)
    li t0, (PMP_L | PMP_NA4 | PMP_R) << 16 | (PMP_L | PMP_NAPOT | PMP_W | PMP_R) << 24
    csrs pmpcfg0, t0
    HELD(pmpaddr2)
    HELD(pmpaddr3)
    FREE(pmpaddr1)
    FREE(pmpaddr4)
    csrw pmpcfg0, zero
    CHECK_BYTE(2, PMP_L | PMP_NA4 | PMP_R)
    CHECK_BYTE(3, PMP_L | PMP_NAPOT | PMP_W | PMP_R)
TEST(3) /* TOR: also the one below, but not its byte */
    PMP_ADDR(pmpaddr5, area + 256)
    PMP_ADDR(pmpaddr6, area + 264)
    li t0, (PMP_L | PMP_TOR | PMP_R) << 48
    csrs pmpcfg0, t0
    HELD(pmpaddr6)
    HELD(pmpaddr5)
    FREE(pmpaddr4)
    FREE(pmpaddr7)
    li a0, (PMP_NA4 | PMP_R) << 40
    csrs pmpcfg0, a0
    CHECK_BYTE(5, PMP_NA4 | PMP_R)
    csrc pmpcfg0, a0
    CHECK_BYTE(5, 0)
TEST(4) /* binds M */
    ld a0, 256(a4)
    TRAPS(CAUSE_STORE_ACCESS)
    sd a0, 256(a4)
    TRAPPED
    TRAPS(CAUSE_STORE_ACCESS)
    sw a0, 64(a4)
    TRAPPED
    sd a0, 128(a4)
TEST(5) /* and U, by the same byte */
    WRITES(a4, 128)
    READS(a4, 256)
    NO_WRITE(a4, 256)
    NO_READ(a4, 136)        /* no entry */
TEST(6) /* fetches of M */
    PMP_RANGE(pmpaddr8, locked_code, 64)
    li t0, PMP_L | PMP_NAPOT | PMP_R | PMP_W
    csrw pmpcfg2, t0
    la a0, locked_code
    lw a1, 0(a0)
    TRAPS(CAUSE_FETCH_ACCESS)
    jr a0
    TRAPPED
    CHECK_SAME(TVAL, a0)
    CHECK_SAME(EPC, a0)
TEST(7) /* set and clear of a neighbour do not touch a locked byte */
    li t0, (PMP_NAPOT | PMP_RWX) << 8
    csrs pmpcfg2, t0
    csrr a1, pmpcfg2
    li t0, 0xffff
    and a1, a1, t0
    CHECK(a1, (PMP_NAPOT | PMP_RWX) << 8 | PMP_L | PMP_NAPOT | PMP_R | PMP_W)
    csrw pmpcfg2, zero
    csrr a1, pmpcfg2
    CHECK(a1, PMP_L | PMP_NAPOT | PMP_R | PMP_W)
END

.balign 64
locked_code:
    j fail
.balign 64
.data
.balign 4096
area: .space 4096
