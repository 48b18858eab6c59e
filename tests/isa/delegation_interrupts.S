/* SPDX-License-Identifier: MIT */
/* mideleg, sie, sip (3.1.8, 3.1.9, 4.1.3): each of S's interrupts on its own.
 * Delegated: seen and enabled through sie and sip, taken in S from U at any
 * SIE, from S with SIE, never in M. Not delegated: sie and sip show 0, taken
 * in M from U and S at any MIE. mip.SSIP may be written through sip, STIP and
 * SEIP not. */
#include "isa_test.h"

#define IRQ(n) (1 << 63 | (n))

#define RAISE(n)            \
    li t0, 1 << (n);        \
    csrs mip, t0;           \
    csrs mie, t0;
#define QUIET               \
    li t0, 0x222;           \
    csrc mip, t0;           \
    csrc mie, t0;           \
    li a5, 0;               \
    li a6, 0;

#define DELEGATED(n)                    \
    QUIET                               \
    li t0, 1 << (n);                    \
    csrw mideleg, t0;                   \
    RAISE(n)                            \
    csrr a0, sip;                       \
    CHECK(a0, 1 << (n))                 \
    csrr a0, sie;                       \
    CHECK(a0, 1 << (n))                 \
    csrsi mstatus, MSTATUS_MIE;         \
    csrsi mstatus, MSTATUS_SIE;         \
    nop;                                \
    CHECK(a5, 0)                        \
    csrci mstatus, MSTATUS_MIE;         \
    csrci mstatus, MSTATUS_SIE;         \
    GO(PRV_U)                           \
    nop;                                \
    CHECK(a5, 1)                        \
    CHECK(a2, IRQ(n))                   \
    BACK(PRV_U)                         \
    RAISE(n)                            \
    GO(PRV_S)                           \
    nop;                                \
    CHECK(a5, 1)                        \
    csrsi sstatus, MSTATUS_SIE;         \
    nop;                                \
    CHECK(a5, 2)                        \
    CHECK(a2, IRQ(n))                   \
    csrci sstatus, MSTATUS_SIE;         \
    BACK(PRV_S)                         \
    CHECK(a6, 0)

#define NOT_DELEGATED(n)                \
    QUIET                               \
    li t0, ~(1 << (n));                 \
    csrw mideleg, t0;                   \
    RAISE(n)                            \
    csrr a0, sip;                       \
    CHECK(a0, 0)                        \
    csrr a0, sie;                       \
    CHECK(a0, 0)                        \
    csrw sie, zero;                     \
    csrr a0, mie;                       \
    CHECK(a0, 1 << (n))                 \
    csrci mstatus, MSTATUS_MIE;         \
    GO(PRV_U)                           \
    nop;                                \
    CHECK(a6, 1)                        \
    CHECK(a2, IRQ(n))                   \
    BACK(PRV_U)                         \
    RAISE(n)                            \
    GO(PRV_S)                           \
    nop;                                \
    CHECK(a6, 2)                        \
    BACK(PRV_S)                         \
    CHECK(a5, 0)

BEGIN
    OPEN_PMP
    la t0, s_handler
    csrw stvec, t0
    la t0, m_handler
    csrw mtvec, t0
TEST(1)
    DELEGATED(1)
TEST(2)
    NOT_DELEGATED(1)
TEST(3)
    DELEGATED(5)
TEST(4)
    NOT_DELEGATED(5)
TEST(5)
    DELEGATED(9)
TEST(6)
    NOT_DELEGATED(9)
TEST(7) /* sip: SSIP is S's to set and clear */
    QUIET
    li t0, 0x222
    csrw mideleg, t0
    csrs sip, t0
    csrr a0, mip
    andi a0, a0, 0x222
    CHECK(a0, 2)
    csrs mip, t0
    csrw sip, zero
    csrr a0, mip
    andi a0, a0, 0x222
    CHECK(a0, 0x220)
TEST(8) /* not delegated: sip cannot change SSIP */
    csrw mideleg, zero
    csrsi mip, 2
    csrw sip, zero
    csrr a0, mip
    andi a0, a0, 2
    CHECK(a0, 2)
    csrci mip, 2
    csrsi sip, 2
    csrr a0, mip
    andi a0, a0, 2
    CHECK(a0, 0)
TEST(9) /* M's own cannot be delegated */
    li t0, 0x888
    csrw mideleg, t0
    csrr a0, mideleg
    li t0, 0x888
    and a0, a0, t0
    CHECK(a0, 0)
END

.balign 4
m_handler:
    csrr t5, mcause
    bgez t5, on_trap
    mv a2, t5
    addi a6, a6, 1
    j 1f
.balign 4
s_handler:
    csrr a2, scause
    addi a5, a5, 1
    li t5, 0x222
    csrc sie, t5
    sret
1:  li t5, 0x222
    csrc mie, t5
    mret
