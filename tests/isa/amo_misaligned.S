/* SPDX-License-Identifier: MIT */
/* A misaligned LR, SC or AMO traps before anything is read or stored, though
 * plain loads and stores need no alignment.
 * qemu: performs misaligned AMOs */
#include "isa_test.h"

BEGIN
    la a0, cell
    li a2, 5
TEST(1)
    addi a1, a0, 4
    TRAPS(CAUSE_STORE_MISALIGNED)
    amoadd.d a2, a2, (a1)
    TRAPPED
    CHECK_SAME(TVAL, a1)
    CHECK(a2, 5)
    addi a1, a0, 2
    TRAPS(CAUSE_STORE_MISALIGNED)
    amoswap.w a2, a2, (a1)
    TRAPPED
    CHECK_SAME(TVAL, a1)
    CHECK(a2, 5)
TEST(2)
    addi a1, a0, 2
    TRAPS(CAUSE_LOAD_MISALIGNED)
    lr.w a2, (a1)
    TRAPPED
    CHECK_SAME(TVAL, a1)
    addi a1, a0, 4
    TRAPS(CAUSE_LOAD_MISALIGNED)
    lr.d a2, (a1)
    TRAPPED
    TRAPS(CAUSE_STORE_MISALIGNED)
    sc.d a2, a3, (a1)
    TRAPPED
    CHECK_SAME(TVAL, a1)
TEST(3) /* nothing has changed, and a word at 4 is aligned */
    ld a3, 0(a0)
    CHECK(a3, 20)
    addi a1, a0, 4
    amoadd.w a3, a2, (a1)
    CHECK(a3, 0)
TEST(4) /* delegated: S takes the trap, with the address in stval */
    OPEN_PMP
    li t0, 1 << CAUSE_STORE_MISALIGNED
    csrw medeleg, t0
    la t0, s_handler
    csrw stvec, t0
    addi a1, a0, 2
    TRAPS(CAUSE_ECALL_S)
    GO(PRV_U)
1:  sc.w a2, a3, (a1)
    TRAPPED
    CHECK(a4, CAUSE_STORE_MISALIGNED)
    CHECK_SAME(a5, a1)
    CHECK_ADDR(a6, 1b)
END

.balign 4
s_handler:
    csrr a4, scause
    csrr a5, stval
    csrr a6, sepc
    ecall

.data
.balign 64
cell: .dword 20
