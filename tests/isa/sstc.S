/* SPDX-License-Identifier: MIT */
/* Sstc: stimecmp raises STIP while menvcfg.STCE is on.
 * qemu: its Spike board has no time CSR, and so no stimecmp */
#include "isa_test.h"

#define STCE (1 << 63)

BEGIN
    OPEN_PMP
    li s0, STCE
    li s1, -1
TEST(1) /* M may always access stimecmp, S only with STCE and mcounteren.TM */
    csrw stimecmp, s1
    csrr a0, stimecmp
    CHECK_SAME(a0, s1)
    csrw mcounteren, zero
    csrc menvcfg, s0
    GO(PRV_S)
    TRAPS(CAUSE_ILLEGAL)
    csrr a0, stimecmp
    TRAPPED
    csrs menvcfg, s0
    GO(PRV_S)
    TRAPS(CAUSE_ILLEGAL)
    csrr a0, stimecmp
    TRAPPED
    csrwi mcounteren, 2
    GO(PRV_S)
    csrr a0, stimecmp
    CHECK_SAME(a0, s1)
    BACK(PRV_S)
TEST(2) /* STIP is pending exactly when time has reached stimecmp */
    csrr a0, mip
    andi a0, a0, 1 << 5
    CHECK(a0, 0)
    rdtime a0
    addi a0, a0, 100
    csrw stimecmp, a0
    li a2, 10000000
1:  addi a2, a2, -1
    beqz a2, fail
    rdtime a3               /* before mip, */
    csrr a1, mip
    rdtime a4               /* and after it */
    andi a1, a1, 1 << 5
    beqz a1, 2f
    bltu a4, a0, fail
    j 3f
2:  bgeu a3, a0, fail
    j 1b
3:  csrw stimecmp, s1       /* no longer pending */
    csrr a1, mip
    andi a1, a1, 1 << 5
    CHECK(a1, 0)
TEST(3) /* S takes the interrupt, and clears it by a later stimecmp */
    la t0, s_handler
    csrw stvec, t0
    li t0, 1 << 5
    csrw mideleg, t0
    csrw mie, t0
    li a5, 0
    csrsi mstatus, MSTATUS_SIE
    GO(PRV_S)
    rdtime a0
    addi a0, a0, 50
    csrw stimecmp, a0
    li a2, 10000000
4:  addi a2, a2, -1
    beqz a2, fail
    beqz a5, 4b
    CHECK(a5, 1)
    CHECK(a3, 1 << 63 | 5)
    bltu a4, a0, fail
TEST(4) /* STIP wakes wfi */
    csrci sstatus, MSTATUS_SIE
    rdtime a0
    addi a0, a0, 1000
    csrw stimecmp, a0
    wfi
    rdtime a1
    bltu a1, a0, fail
    BACK(PRV_S)
END

.balign 4
s_handler:
    addi a5, a5, 1
    csrr a3, scause
    rdtime a4
    csrw stimecmp, s1
    sret
