/* SPDX-License-Identifier: MIT */
/* mtvec and stvec (3.1.7, 4.1.2): MODE is 0 or 1 and never reads back as
 * anything else; vectored, interrupt n goes to BASE + 4 n and every exception
 * to BASE; for all six interrupts. */
#include "isa_test.h"

#define CLINT     0x2000000
#define MTIMECMP  0x2004000
#define IRQ(n)    (1 << 63 | (n))

/* The interrupt came through vector n, with mtval 0 and this cause. */
#define CAME(n)         \
    CHECK(a6, n)        \
    CHECK(a2, IRQ(n))   \
    CHECK(a3, 0)        \
    li a6, -1;

/* SSIP, STIP or SEIP, to M or to S */
#define BY_MIP(n)                   \
    li t0, 1 << (n);                \
    csrs mip, t0;                   \
    csrsi mstatus, MSTATUS_MIE;     \
    nop;                            \
    csrci mstatus, MSTATUS_MIE;     \
    CAME(n)
#define BY_MIP_IN_S(n)              \
    li t0, 1 << (n);                \
    csrs mip, t0;                   \
    li t0, 0x222;                   \
    csrs sie, t0;                   \
    GO(PRV_S)                       \
    nop;                            \
    CAME(n)                         \
    BACK(PRV_S)                     \
    li t0, 0x222;                   \
    csrc mip, t0;

BEGIN
    OPEN_PMP
    li t0, MTIMECMP
    li t1, -1
    sd t1, 0(t0)
TEST(1) /* MODE */
    la t0, vectors
    ori t1, t0, 1
    csrw mtvec, t1
    csrr a0, mtvec
    CHECK_SAME(a0, t1)
    csrw mtvec, t0
    csrr a0, mtvec
    CHECK_SAME(a0, t0)
    ori t1, t0, 2
    csrw mtvec, t1
    csrr a0, mtvec
    andi a0, a0, 2
    CHECK(a0, 0)
    ori t1, t0, 3
    csrw mtvec, t1
    csrr a0, mtvec
    andi a0, a0, 2
    CHECK(a0, 0)
    csrw stvec, t1
    csrr a0, stvec
    andi a0, a0, 2
    CHECK(a0, 0)
TEST(2) /* to M */
    ori t0, t0, 1
    csrw mtvec, t0
    li t0, 0xaaa
    csrw mie, t0
    BY_MIP(1)
    BY_MIP(5)
    BY_MIP(9)
TEST(3)
    li t0, CLINT
    li t1, 1
    sw t1, 0(t0)
    csrsi mstatus, MSTATUS_MIE
    nop
1:  bltz a6, 1b
    csrci mstatus, MSTATUS_MIE
    CAME(3)
TEST(4)
    li t0, MTIMECMP
    sd zero, 0(t0)
    csrsi mstatus, MSTATUS_MIE
    nop
1:  bltz a6, 1b
    csrci mstatus, MSTATUS_MIE
    CAME(7)
TEST(5) /* exceptions: the base, whatever their number */
    TRAPS(CAUSE_BREAKPOINT)
    ebreak
    TRAPPED
    TRAPS(CAUSE_ECALL_M)
    ecall
    TRAPPED
    li a0, 0x40000000
    TRAPS(CAUSE_STORE_ACCESS)
    sd a0, 0(a0)
    TRAPPED
    CHECK(a6, -1)
TEST(6) /* delegated, through stvec */
    la t0, s_vectors
    ori t0, t0, 1
    csrw stvec, t0
    li t0, 0x222
    csrw mideleg, t0
    csrsi mstatus, MSTATUS_SIE
    li a6, -1
    BY_MIP_IN_S(1)
    BY_MIP_IN_S(5)
    BY_MIP_IN_S(9)
TEST(7) /* exceptions: its base */
    li t0, 1 << CAUSE_BREAKPOINT
    csrw medeleg, t0
    GO(PRV_U)
    ebreak
    CHECK(a6, 100)
    BACK(PRV_U)
END

/* Exceptions at the base, interrupt n at base + 4 n. */
.balign 256
    .option norvc
vectors:
    j on_trap
    j vector1
    j fail
    j vector3
    j fail
    j vector5
    j fail
    j vector7
    j fail
    j vector9
    .rept 6
    j fail
    .endr
    .option rvc
vector1:
    li a6, 1
    j leave
vector3:
    li a6, 3
    j leave
vector5:
    li a6, 5
    j leave
vector7:
    li a6, 7
    j leave
vector9:
    li a6, 9
leave:
    csrr a2, mcause
    csrr a3, mtval
    li t5, 0x222
    csrc mip, t5
    li t5, CLINT
    sw zero, 0(t5)
    li t5, MTIMECMP
    li t6, -1
    sd t6, 0(t5)
2:  csrr t5, mip
    bnez t5, 2b
    mret

.balign 256
    .option norvc
s_vectors:
    j s_exception
    j s_vector1
    .rept 3
    j fail
    .endr
    j s_vector5
    .rept 3
    j fail
    .endr
    j s_vector9
    .rept 6
    j fail
    .endr
    .option rvc
s_vector1:
    li a6, 1
    j s_leave
s_vector5:
    li a6, 5
    j s_leave
s_vector9:
    li a6, 9
s_leave: /* S cannot clear STIP and SEIP: disables them */
    csrr a2, scause
    csrr a3, stval
    li t5, 0x222
    csrc sie, t5
    sret
s_exception:
    li a6, 100
    csrr t5, sepc
    addi t5, t5, 2
    lhu t6, -2(t5)
    andi t6, t6, 3
    addi t6, t6, -3
    bnez t6, 3f
    addi t5, t5, 2
3:  csrw sepc, t5
    sret
