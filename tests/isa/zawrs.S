/* SPDX-License-Identifier: MIT */
/* wrs.nto and wrs.sto (Zawrs 1.01) do not wait without a reservation or with an
 * interrupt pending, whatever MIE is. wrs.sto ends by itself; in this machine
 * wrs.nto does so too, later. A timer wakes both. With TW, a wrs.nto that would
 * wait is illegal in S and U.
 * qemu: 7.2 lacks Zawrs */
#include "isa_test.h"

    .option arch, +zawrs

#define CLINT    0x2000000
#define MTIMECMP 0x2004000
#define MTIME    0x200bff8

/* Cycles that `op` takes, in a0. */
#define TAKES(op)                               \
    csrr a1, mcycle;                            \
    op;                                         \
    csrr a0, mcycle;                            \
    sub a0, a0, a1;
#define AT_MOST(n)                              \
    li t0, n;                                   \
    bltu t0, a0, fail;
#define AT_LEAST(n)                             \
    li t0, n;                                   \
    bltu a0, t0, fail;
#define RESERVE                                 \
    la a2, word;                                \
    lr.d a3, (a2);

BEGIN
    OPEN_PMP
    li t0, MTIMECMP
    li t1, -1
    sd t1, 0(t0)
    la a2, word
    sc.d a3, zero, (a2)
TEST(1) /* no reservation */
    TAKES(wrs.nto)
    TAKES(wrs.nto)
    AT_MOST(100)
    TAKES(wrs.sto)
    AT_MOST(100)
TEST(2) /* a reservation: the short time passes */
    RESERVE
    TAKES(wrs.sto)
    AT_LEAST(900)
    AT_MOST(1200)
TEST(3) /* the reservation still holds; wrs.nto ends, too, much later */
    TAKES(wrs.nto)
    AT_LEAST(50000)
    sc.d a3, zero, (a2)
    CHECK(a3, 0)
    TAKES(wrs.nto)
    AT_MOST(100)
TEST(4) /* an interrupt pending, with MIE off: no wait */
    csrwi mie, 2
    csrwi mip, 2
    RESERVE
    TAKES(wrs.nto)
    TAKES(wrs.nto)
    AT_MOST(100)
    csrwi mip, 0
TEST(5) /* the timer ends wrs.nto */
    li t1, 1 << 7
    csrw mie, t1
    li t2, MTIME
    ld a4, 0(t2)
    addi a4, a4, 20 /* 2 us: before a wrs.nto's end, after a wrs.sto's */
    li t0, MTIMECMP
    sd a4, 0(t0)
    RESERVE
    TAKES(wrs.nto)
    AT_LEAST(500)
    AT_MOST(5000)
    ld a5, 0(t2)
    bltu a5, a4, fail
    li t1, -1
    sd t1, 0(t0)
    csrw mie, zero
TEST(6) /* TW: nobody below M waits in wrs.nto */
    li t0, MSTATUS_TW
    csrs mstatus, t0
    RESERVE
    wrs.nto
    GO(PRV_S)
    RESERVE
    wrs.sto
    TRAPS(CAUSE_ILLEGAL)
    wrs.nto
    TRAPPED
    CHECK(TVAL, 0x00d00073)
    GO(PRV_U)
    RESERVE
    wrs.sto
    TRAPS(CAUSE_ILLEGAL)
    wrs.nto
    TRAPPED
TEST(7) /* TW: without a reservation wrs.nto does not wait or trap */
    la a2, word
    sc.d a3, zero, (a2)
    GO(PRV_U)
    wrs.nto
    BACK(PRV_U)
TEST(8) /* without TW U may wait */
    li t0, MSTATUS_TW
    csrc mstatus, t0
    GO(PRV_U)
    RESERVE
    wrs.nto
    BACK(PRV_U)
TEST(9) /* MIE on: the interrupt comes with mepc after the wrs */
    la t0, handler
    csrw mtvec, t0
    li t1, 1 << 7
    csrw mie, t1
    li t2, MTIME
    ld a4, 0(t2)
    addi a4, a4, 20
    li t0, MTIMECMP
    sd a4, 0(t0)
    li a5, 0
    csrsi mstatus, MSTATUS_MIE
    RESERVE
1:  wrs.nto
2:  nop
    beqz a5, 1b
    CHECK_ADDR(a5, 2b)
END

    .balign 4
handler:
    csrr a5, mepc
    li t0, MTIMECMP
    li t1, -1
    sd t1, 0(t0)
    mret

    .data
    .balign 64
word: .dword 0
