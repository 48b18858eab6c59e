/* SPDX-License-Identifier: MIT */
/* minstret counts exactly, from the value that was written. mcountinhibit and
 * the counter enables work.
 * qemu: counts ticks of the host */
#include "isa_test.h"

BEGIN
    OPEN_PMP
TEST(1)
    csrwi minstret, 0
    csrr a0, minstret
    CHECK(a0, 0)
    csrwi minstret, 20
    nop
    nop
    csrr a0, minstret
    CHECK(a0, 22)
    csrr a0, instret
    csrr a1, minstret
    sub a1, a1, a0
    CHECK(a1, 1)
TEST(2) /* each instruction of a loop counts once, compressed or not */
    li a2, 100
    csrwi minstret, 0
1:  addi a2, a2, -1
    bnez a2, 1b
    csrr a0, minstret
    CHECK(a0, 200)
TEST(3) /* a trapping instruction does not retire; the handler's do */
    TRAPS(CAUSE_ILLEGAL)
    csrwi minstret, 0
    csrr a0, 0x5c0
    TRAPPED
    csrr a0, minstret       /* only the handler's 7 */
    CHECK(a0, 7)
    TRAPS(CAUSE_ECALL_M)
    csrwi minstret, 0
    ecall
    TRAPPED
    csrr a0, minstret
    CHECK(a0, 7)
TEST(4) /* an inhibited minstret or mcycle stops; minstret can be written */
    csrwi mcountinhibit, 4
    csrwi minstret, 9
    nop
    nop
    csrr a0, minstret
    CHECK(a0, 9)
    csrr a0, mcycle
    nop
    csrr a1, mcycle
    bgeu a0, a1, fail
    csrwi mcountinhibit, 1
    csrr a0, mcycle
    nop
    csrr a1, mcycle
    CHECK_SAME(a0, a1)
    csrwi mcountinhibit, 0
TEST(5) /* mcycle counts, and wraps */
    li a0, -2
    csrw mcycle, a0
    nop
    nop
    nop
    csrr a0, mcycle
    li a1, 100000
    bgeu a0, a1, fail
TEST(6) /* mcounteren enables for S and U, scounteren for U */
    csrwi mcounteren, 0
    li a0, -1
    csrw scounteren, a0
    csrr a0, cycle
    GO(PRV_S)
    TRAPS(CAUSE_ILLEGAL)
    rdcycle a0
    TRAPPED
    csrwi mcounteren, 1
    GO(PRV_S)
    rdcycle a0
    TRAPS(CAUSE_ILLEGAL)
    rdtime a0
    TRAPPED
    GO(PRV_U)
    rdcycle a0
    TRAPS(CAUSE_ILLEGAL)
    rdinstret a0
    TRAPPED
    li a0, 7
    csrw mcounteren, a0
    csrwi scounteren, 2
    GO(PRV_U)
    rdtime a0
    TRAPS(CAUSE_ILLEGAL)
    rdcycle a0
    TRAPPED
    GO(PRV_S)               /* scounteren does not bind S */
    rdcycle a0
    rdinstret a0
    BACK(PRV_S)
TEST(7) /* programmable counters exist */
    csrr a0, mhpmcounter3
    csrr a0, mhpmcounter31
    csrwi mhpmevent3, 0
TEST(8) /* time goes on */
    li a2, 1000000
    rdtime a0
1:  rdtime a1
    addi a2, a2, -1
    beqz a2, fail
    beq a0, a1, 1b
    bltu a1, a0, fail
END
