/* SPDX-License-Identifier: MIT */
/* mtval (3.1.16): the bits of an illegal instruction, 16 of them when it is
 * compressed; the address of a fault; 0 for calls and interrupts, whatever it
 * was before. */
#include "isa_test.h"

#define DIRTY           \
    li t0, -1;          \
    csrw mtval, t0;
#define ILLEGAL(bits, ...)      \
    DIRTY                       \
    TRAPS(CAUSE_ILLEGAL)        \
    __VA_ARGS__;                \
    TRAPPED                     \
    CHECK(TVAL, bits)

BEGIN
    OPEN_PMP
TEST(1) /* 32 bits */
    .option push
    .option norvc
    ILLEGAL(0x5c0515f3, csrrw a1, 0x5c0, a0)
    ILLEGAL(0xf1461673, csrrw a2, mhartid, a2)
    ILLEGAL(0x0200707b, .word 0x0200707b)
    li t0, MSTATUS_FS
    csrc mstatus, t0
    ILLEGAL(0x02b57553, fadd.d fa0, fa0, fa1)
    ILLEGAL(0x00053507, fld fa0, 0(a0))
    ILLEGAL(0x00302573, frcsr a0)
    .option pop
TEST(2) /* 16 bits */
    .option push
    .option arch, rv64gc
    ILLEGAL(0x2108, c.fld fa0, 0(a0))
    ILLEGAL(0xa108, c.fsd fa0, 0(a0))
    ILLEGAL(0x2502, c.fldsp fa0, 0(sp))
    ILLEGAL(0xa02a, c.fsdsp fa0, 0(sp))
    ILLEGAL(0x6101, .half 0x6101)
    ILLEGAL(0, .half 0)
    .option pop
TEST(3) /* privileged instructions, in a lower privilege */
    GO(PRV_U)
    TRAPS(CAUSE_ILLEGAL)
    mret
    TRAPPED
    CHECK(TVAL, 0x30200073)
    GO(PRV_U)
    TRAPS(CAUSE_ILLEGAL)
    sfence.vma a0, a1
    TRAPPED
    CHECK(TVAL, 0x12b50073)
    GO(PRV_S)
    TRAPS(CAUSE_ILLEGAL)
    csrr a0, mscratch
    TRAPPED
    CHECK(TVAL, 0x34002573)
TEST(4) /* addresses */
    li a1, 0x40000007
    DIRTY
    TRAPS(CAUSE_LOAD_ACCESS)
    lbu a0, -3(a1)
    TRAPPED
    CHECK(TVAL, 0x40000004)
    TRAPS(CAUSE_STORE_ACCESS)
    sb a0, 2(a1)
    TRAPPED
    CHECK(TVAL, 0x40000009)
    TRAPS(CAUSE_FETCH_ACCESS)
    jr a1
    TRAPPED
    CHECK(TVAL, 0x40000006)
    CHECK(EPC, 0x40000006)
    li a1, -8                   /* the last doubleword there is */
    TRAPS(CAUSE_LOAD_ACCESS)
    ld a0, 0(a1)
    TRAPPED
    CHECK(TVAL, -8)
TEST(5) /* calls */
    DIRTY
    TRAPS(CAUSE_ECALL_M)
    ecall
    TRAPPED
    CHECK(TVAL, 0)
    DIRTY
    GO(PRV_U)
    BACK(PRV_U)
    CHECK(TVAL, 0)
TEST(6) /* an interrupt */
    DIRTY
    la t0, m_handler
    csrw mtvec, t0
    csrwi mie, 2
    csrwi mip, 2
    csrsi mstatus, MSTATUS_MIE
    nop
    CHECK(a5, 0)
TEST(7) /* stval, by the same rules */
    la t0, s_handler
    csrw stvec, t0
    li t0, 1 << CAUSE_ILLEGAL | 1 << CAUSE_LOAD_ACCESS | 1 << CAUSE_ECALL_U
    csrw medeleg, t0
    li t0, -1
    csrw stval, t0
    li a1, 0x40000010
    TRAPS(CAUSE_ECALL_S)
    GO(PRV_U)
    .word 0xfffffffb
    TRAPPED
    CHECK(a5, 0xfffffffb)
    TRAPS(CAUSE_ECALL_S)
    GO(PRV_U)
    lh a0, 4(a1)
    TRAPPED
    CHECK(a5, 0x40000014)
    TRAPS(CAUSE_ECALL_S)
    GO(PRV_U)
    ecall
    TRAPPED
    CHECK(a5, 0)
    CHECK(TVAL, 0)
END

.balign 4
m_handler:
    csrr a5, mtval
    csrci mip, 2
    csrw mie, zero
    la t5, on_trap
    csrw mtvec, t5
    mret
.balign 4
s_handler:
    csrr a5, stval
    ecall
