/* SPDX-License-Identifier: MIT */
/* The stack of enables and privileges in mstatus (3.1.6.1, 3.3.2): values that
 * a trap pushes and xRET pops, for each combination; a trap to M inside a
 * handler of S leaves S's part alone. */
#include "isa_test.h"

#define STACK_M (MSTATUS_MIE | MSTATUS_MPIE | MSTATUS_MPP)
#define STACK_S (MSTATUS_SIE | MSTATUS_SPIE | MSTATUS_SPP)
#define STACK   (STACK_M | STACK_S)

/* mstatus' two stacks = value */
#define SET_STACK(value)    \
    li t0, STACK;           \
    csrc mstatus, t0;       \
    li t0, value;           \
    csrs mstatus, t0;
#define CHECK_STACK(reg, value) \
    li t0, STACK;               \
    and t0, reg, t0;            \
    CHECK(t0, value)

/* ecall in M */
#define PUSH_M(before, after)   \
    SET_STACK(before)           \
    TRAPS(CAUSE_ECALL_M)        \
    ecall;                      \
    TRAPPED                     \
    CHECK_STACK(STATUS, after)

/* mret; mstatus is read where it goes to: in M, or by an ecall from there */
#define POP_M(before, after)    \
    SET_STACK(before)           \
    la t0, 1f;                  \
    csrw mepc, t0;              \
    mret;                       \
1:  csrr a0, mstatus;           \
    CHECK_STACK(a0, after)
#define POP_LOWER(ret, prv, before, after)  \
    SET_STACK(before)                       \
    la t0, 1f;                              \
    csrw mepc, t0;                          \
    csrw sepc, t0;                          \
    TRAPS(8 + (prv))                        \
    ret;                                    \
1:  ecall;                                  \
    TRAPPED                                 \
    CHECK_STACK(STATUS, after)

BEGIN
    OPEN_PMP
TEST(1) /* M from M: MIE to MPIE, 0 to MIE, M to MPP; S's part untouched */
    PUSH_M(0, MSTATUS_MPP)
    PUSH_M(MSTATUS_MIE, MSTATUS_MPP | MSTATUS_MPIE)
    PUSH_M(MSTATUS_MPIE, MSTATUS_MPP)
    PUSH_M(MSTATUS_MIE | MSTATUS_MPIE, MSTATUS_MPP | MSTATUS_MPIE)
    PUSH_M(STACK_S, MSTATUS_MPP | STACK_S)
    PUSH_M(STACK_S | MSTATUS_MIE, MSTATUS_MPP | MSTATUS_MPIE | STACK_S)
TEST(2) /* mret to M: MPIE to MIE, 1 to MPIE, U to MPP */
    POP_M(MSTATUS_MPP, MSTATUS_MPIE)
    POP_M(MSTATUS_MPP | MSTATUS_MIE, MSTATUS_MPIE)
    POP_M(MSTATUS_MPP | MSTATUS_MPIE, MSTATUS_MPIE | MSTATUS_MIE)
    POP_M(STACK_M, MSTATUS_MPIE | MSTATUS_MIE)
    POP_M(STACK_S | MSTATUS_MPP, STACK_S | MSTATUS_MPIE)
TEST(3) /* mret to S and U, and the ecall's push on top of it */
    POP_LOWER(mret, PRV_U, 0, 0)
    POP_LOWER(mret, PRV_U, MSTATUS_MPIE, MSTATUS_MPIE)
    POP_LOWER(mret, PRV_S, 1 << 11, 1 << 11)
    POP_LOWER(mret, PRV_S, 1 << 11 | MSTATUS_MPIE, 1 << 11 | MSTATUS_MPIE)
    POP_LOWER(mret, PRV_U, MSTATUS_MIE | STACK_S, STACK_S)
TEST(4) /* sret, from M: SPIE to SIE, 1 to SPIE, U to SPP; MPP by the ecall */
    POP_LOWER(sret, PRV_U, 0, MSTATUS_SPIE)
    POP_LOWER(sret, PRV_U, MSTATUS_SIE, MSTATUS_SPIE)
    POP_LOWER(sret, PRV_U, MSTATUS_SPIE, MSTATUS_SIE | MSTATUS_SPIE)
    POP_LOWER(sret, PRV_S, MSTATUS_SPP, MSTATUS_SPIE | 1 << 11)
    POP_LOWER(sret, PRV_S, STACK_S, MSTATUS_SIE | MSTATUS_SPIE | 1 << 11)
TEST(5) /* to S from U and S; then from its handler to M, and back */
    li t0, 1 << CAUSE_BREAKPOINT
    csrw medeleg, t0
    la t0, s_handler
    csrw stvec, t0
    li t0, MSTATUS_SPIE
    csrc mstatus, t0
    csrsi mstatus, MSTATUS_SIE
    GO(PRV_U)
2:  ebreak
    la a7, 2b
    CHECK_SAME(a2, a7)
    CHECK(a1, MSTATUS_SPIE)         /* SIE pushed, from U */
    CHECK(a3, MSTATUS_SPIE)         /* and M's trap did not touch it */
    CHECK_SAME(a4, a2)
    BACK(PRV_U)
    csrr a0, mstatus
    andi a0, a0, STACK_S
    CHECK(a0, MSTATUS_SIE | MSTATUS_SPIE)
TEST(6)
    csrci mstatus, MSTATUS_SIE
    GO(PRV_S)
    ebreak
    CHECK(a1, MSTATUS_SPP)          /* SIE was 0, from S */
    CHECK(a3, MSTATUS_SPP)
    csrr a0, sstatus
    andi a0, a0, STACK_S
    CHECK(a0, MSTATUS_SPIE)
    BACK(PRV_S)
END

/* Traps to M and back: sstatus and sepc before in a1, a2, after in a3, a4. */
.balign 4
s_handler:
    csrr a1, sstatus
    andi a1, a1, STACK_S
    csrr a2, sepc
    TRAPS(CAUSE_ECALL_S)
3:  ecall
    TRAPPED
    CHECK_ADDR(EPC, 3b)
    srli a5, STATUS, 11
    andi a5, a5, 3
    CHECK(a5, PRV_S)
    GO(PRV_S)
    csrr a3, sstatus
    andi a3, a3, STACK_S
    csrr a4, sepc
    addi t0, a4, 4
    lhu t1, 0(a4)
    andi t1, t1, 3
    addi t1, t1, -3
    beqz t1, 4f
    addi t0, a4, 2
4:  csrw sepc, t0
    sret
