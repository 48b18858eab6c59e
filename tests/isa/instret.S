/* SPDX-License-Identifier: MIT */
/* minstret (3.1.10; 3.3.1: ecall and ebreak do not retire) counts each
 * instruction that retires, xRET, wfi and taken branches included, but none
 * that traps or is interrupted. A write of minstret wins over the increment by
 * the writing instruction; csrrs and csrrc read before they write.
 * qemu: counts ticks of the host */
#include "isa_test.h"

#define COUNTS(n)           \
    csrr a0, minstret;      \
    CHECK(a0, n)

BEGIN
    OPEN_PMP
TEST(1) /* the next instruction reads the value that was written */
    li a1, -1
    csrw minstret, a1
    csrr a0, minstret
    CHECK(a0, -1)
    csrw minstret, a1
    nop
    csrr a0, minstret
    CHECK(a0, 0)
    csrwi minstret, 8
    csrrsi a0, minstret, 1      /* reads 8, writes 9 */
    CHECK(a0, 8)
    csrwi minstret, 8
    csrrsi a0, minstret, 1
    csrr a0, minstret
    CHECK(a0, 9)
    csrwi minstret, 9
    csrrci a0, minstret, 1
    csrr a0, minstret
    CHECK(a0, 8)
    csrwi minstret, 9
    csrrsi a0, minstret, 0      /* writes nothing, so it counts */
    csrr a0, minstret
    CHECK(a0, 10)
TEST(2) /* ecall, ebreak, two faults: only the handler's seven count */
    .irp n, 1,2,3,4
    .if \n == 1
    TRAPS(CAUSE_ECALL_M)
    csrwi minstret, 0
    ecall
    .elseif \n == 2
    TRAPS(CAUSE_BREAKPOINT)
    csrwi minstret, 0
    ebreak
    .elseif \n == 3
    TRAPS(CAUSE_LOAD_ACCESS)
    csrwi minstret, 0
    ld a0, 0(zero)
    .else
    TRAPS(CAUSE_FETCH_ACCESS)
    csrwi minstret, 0
    jr zero
    .endif
    TRAPPED
    csrr a0, minstret
    .if \n == 4
    CHECK(a0, 8)                /* the jump did retire */
    .else
    CHECK(a0, 7)
    .endif
    .endr
TEST(3) /* mret counts */
    la t0, 1f
    csrw mepc, t0
    li t0, MSTATUS_MPP
    csrs mstatus, t0
    csrwi minstret, 0
    mret
1:  COUNTS(1)
TEST(4) /* an interrupted instruction counts once, after mret */
    la t0, m_handler
    csrw mtvec, t0
    csrwi mie, 2
    csrwi mip, 2
    csrwi minstret, 0
    csrsi mstatus, MSTATUS_MIE
    nop
    csrr a0, minstret           /* csrsi, csrci, mret, nop */
    CHECK(a0, 4)
    csrci mstatus, MSTATUS_MIE
TEST(5) /* wfi counts once, however long it waits */
    csrwi mip, 2
    csrwi minstret, 0
    wfi
    COUNTS(1)
    csrwi mip, 0
    li t0, 0x2004000
    li t1, 0x200bff8
    ld t2, 0(t1)
    addi t2, t2, 200
    sd t2, 0(t0)
    li t2, 1 << 7
    csrw mie, t2
    csrwi minstret, 0
    wfi
    COUNTS(1)
TEST(6) /* each counts, fused or not, hints and compressed too */
    csrwi minstret, 0
    lui a1, 0x12345
    addiw a1, a1, 0x678
    auipc a2, 0
    addi a2, a2, 4
    .half 0x0001, 0x4001, 0x0006
    slli a1, a1, 32
    srli a1, a1, 32
    li a3, 1
    beqz zero, 2f
    nop
2:  jal 3f
    nop
3:  fence
    fence.i
    COUNTS(14)
TEST(7) /* instret reads as minstret */
    csrwi minstret, 0
    csrr a0, instret
    csrr a1, minstret
    CHECK(a0, 0)
    CHECK(a1, 1)
END

.balign 4
m_handler:
    csrci mip, 2
    mret
