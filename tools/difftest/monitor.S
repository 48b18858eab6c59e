/* SPDX-License-Identifier: MIT */
/* The monitor, which runs a test program on either machine: it sets a block up,
 * enters it, records every trap, and after the block the whole state. Assembled
 * once, when the tester is built.
 *
 * mscratch and sscratch point to the variables while a block runs, so that no
 * register is taken from it. A trap resumes after its instruction, or, if a
 * jump has left the block's code, at ra. A block ends with an ecall at a known
 * address; when S takes that trap, it goes on to M through the first of
 * `ecall`, `ebreak` and `unimp` that is not delegated. */
#include "layout.h"

    .option norvc
    .text

/* ---- parts of both handlers ---------------------------------------------- */

    .macro vectors name, scratch, common
    .balign 256
\name:
    .set k, 0
    .rept 16
    j \name\()_stubs + 16 * k
    .set k, k + 1
    .endr
\name\()_stubs:
    .set k, 0
    .rept 16
    csrrw sp, \scratch, sp
    sd t0, \common\()_T(sp)
    addi t0, zero, k
    j \common
    .set k, k + 1
    .endr
    .endm

/* t3 = physical address of the code under test that `from` points to, or 0 */
    .macro window from
    li t4, BLOCKS_PA
    li t5, BLOCKS_BYTES
    sub t3, \from, t4
    bltu t3, t5, .Lin\@
    li t6, UCODE_VA
    sub t3, \from, t6
    bltu t3, t5, .Lin\@
    li t3, 0
    j .Lgot\@
.Lin\@:
    add t3, t3, t4
.Lgot\@:
    .endm

/* Puts a trap (t0: vector, t1: epc, t2: cause) into log and hash. cause, tval,
 * status: CSRs; prv: the privilege that took it. Keeps t1; t3: see window.
 * Where the machines may differ (departures.def), t2, the hash and the CSRs get
 * equal causes and tvals; the log has what the trap set. */
    .macro note_trap cause, tval, status, prv
    ld t4, V_TRAPS(sp)
    addi t4, t4, 1
    sd t4, V_TRAPS(sp)
    window t1
    li t5, 0
    beqz t3, 3f
    lhu t5, 0(t3)
    andi t6, t5, 3
    addi t6, t6, -3
    bnez t6, 3f
    lhu t6, 2(t3)
    slli t6, t6, 16
    or t5, t5, t6
3:  ld t4, V_LOGGED(sp)
    li t6, TRAPS_LOGGED
    bgeu t4, t6, 4f
    addi t4, t4, 1
    sd t4, V_LOGGED(sp)
    ld t4, V_LOG(sp)
    slli t0, t0, 32
    li t6, REC_TRAP | \prv << 40
    or t0, t0, t6
    sd t0, 0(t4)
    sd t2, 8(t4)
    sd t1, 16(t4)
    csrr t6, \tval
    sd t6, 24(t4)
    csrr t6, \status
    sd t6, 32(t4)
    sd t5, 40(t4)
    addi t4, t4, 8 * TRAP_WORDS
    sd t4, V_LOG(sp)
4:  csrr t4, \tval
    /* amo-read: a store fault that comes as a load fault */
    andi t6, t5, 0x7f
    addi t6, t6, -0x2f
    bnez t6, 5f
    srli t6, t5, 27
    addi t6, t6, -2
    beqz t6, 5f
    li t0, 13
    beq t2, t0, 6f
    li t0, 5
    bne t2, t0, 5f
6:  addi t2, t2, 2
    csrw \cause, t2
5:  /* ebreak-tval */
    li t6, 3
    bne t2, t6, 7f
    li t4, 0
    csrw \tval, t4
7:  /* split-load: its address may be rounded down */
    li t6, 13
    beq t2, t6, 8f
    li t6, 5
    bne t2, t6, 9f
8:  slli t6, t4, 52
    srli t6, t6, 52
    li t0, 0xff8
    bltu t6, t0, 9f
    andi t4, t4, -8
    csrw \tval, t4
9:  ld t6, V_THASH(sp)
    csrr t0, \status
    add t6, t6, t0
    add t6, t6, t4
    slli t0, t6, 13
    xor t6, t6, t0
    srli t0, t6, 7
    xor t6, t6, t0
    add t6, t6, t1
    slli t0, t6, 17
    xor t6, t6, t0
    add t6, t6, t2
    sd t6, V_THASH(sp)
    .endm

/* ---- M ---------------------------------------------------------------------- */

    .set m_common_T, V_X + 8 * 5
    .set s_common_T, V_S

    .globl _start
_start:
    j boot
    vectors m_vectors, mscratch, m_common
    .globl m_vectors

m_common:
    sd t1, V_X + 8 * 6(sp)
    sd t2, V_X + 8 * 7(sp)
    sd t3, V_X + 8 * 28(sp)
    sd t4, V_X + 8 * 29(sp)
    sd t5, V_X + 8 * 30(sp)
    sd t6, V_X + 8 * 31(sp)
    csrr t1, mepc
    ld t3, V_DESC(sp)
    ld t4, D_END(t3)
    beq t1, t4, pass_ends
    ld t4, D_END_U(t3)
    beq t1, t4, pass_ends
    la t4, escape
    sub t4, t1, t4
    sltiu t4, t4, 12
    bnez t4, pass_ends
    csrr t2, mcause
    note_trap mcause, mtval, mstatus, 3
    bltz t2, m_interrupt
    ld t4, V_TRAPS(sp)
    li t5, TRAPS_MAX
    bgeu t4, t5, pass_ends
    bnez t3, 1f
    mv t1, ra
    window t1
    beqz t3, pass_ends
    j 2f
1:  lhu t4, 0(t3)
    andi t4, t4, 3
    addi t4, t4, -3
    addi t1, t1, 2
    bnez t4, 2f
    addi t1, t1, 2
2:  csrw mepc, t1
m_return:
    ld t0, V_X + 8 * 5(sp)
    ld t1, V_X + 8 * 6(sp)
    ld t2, V_X + 8 * 7(sp)
    ld t3, V_X + 8 * 28(sp)
    ld t4, V_X + 8 * 29(sp)
    ld t5, V_X + 8 * 30(sp)
    ld t6, V_X + 8 * 31(sp)
    csrrw sp, mscratch, sp
    mret

/* Clears the interrupt's pending bit, or, if software cannot, its enable. */
m_interrupt:
    andi t4, t2, 63
    li t5, 1
    sll t5, t5, t4
    csrc mip, t5
    li t3, 7
    bne t4, t3, 1f
    li t3, MTIMECMP
    li t4, -1
    sd t4, 0(t3)
    j 2f
1:  li t3, 3
    bne t4, t3, 2f
    li t3, MSIP
    sw zero, 0(t3)
2:  csrr t4, mip
    and t4, t4, t5
    beqz t4, m_return
    csrc mie, t5
    j m_return

/* Ends a pass: puts all registers into the save area and the hash. */
pass_ends:
    csrr t0, mcause
    addi t0, t0, -3
    bnez t0, 1f
    csrw mtval, zero /* ebreak-tval */
1:  csrr t0, mstatus
    sd t0, V_MSTATUS(sp)
    sd t1, V_EPC(sp)
    li t1, 3 << 13
    csrs mstatus, t1
    csrr t0, mscratch
    sd t0, V_X + 8 * 2(sp)
    csrw mscratch, sp
    .irp r, 1,3,4,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27
    sd x\r, V_X + 8 * \r(sp)
    .endr
    csrr t0, fcsr
    sd t0, V_X(sp)
    .irp r, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    fsd f\r, V_F + 8 * \r(sp)
    .endr
    addi a0, sp, V_X
    addi a1, sp, V_X + 512
    ld a2, V_SHASH(sp)
    jal digest
    ld a3, V_EPC(sp)
    add a2, a2, a3
    sd a2, V_SHASH(sp)
    ld t0, V_PASSES(sp)
    addi t0, t0, -1
    sd t0, V_PASSES(sp)
    beqz t0, block_ends
    ld t1, V_FLAGS(sp)
    andi t1, t1, FLAG_DETAIL
    beqz t1, pass_begins
    jal record
    j pass_begins
block_ends:
    jal record
    ld t0, V_DESC(sp)
    addi t0, t0, D_BYTES
    j block_begins

/* a2 = hash of a2 and [a0, a1). Uses a3, a4. */
digest:
1:  ld a3, 0(a0)
    addi a0, a0, 8
    add a2, a2, a3
    slli a4, a2, 13
    xor a2, a2, a4
    srli a4, a2, 7
    xor a2, a2, a4
    bltu a0, a1, 1b
    ret

/* ---- blocks ----------------------------------------------------------------- */

boot:
    csrr t0, mhartid /* only hart 0 runs (departures.def: amo-read) */
    beqz t0, 2f
1:  wfi
    j 1b
2:
    .irp r, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    li x\r, 0
    .endr
    li sp, VARS_PA
    csrw mscratch, sp
    csrw sscratch, sp
    la t0, m_vectors
    csrw mtvec, t0
    li t0, S_PA
    csrw stvec, t0
    csrw mie, zero
    csrw mideleg, zero
    csrw medeleg, zero
    csrw satp, zero
    csrw mcounteren, zero
    csrw scounteren, zero
    csrw menvcfg, zero
    csrw senvcfg, zero
    csrw mepc, zero
    csrw mcause, zero
    csrw mtval, zero
    csrw sepc, zero
    csrw scause, zero
    csrw stval, zero
    li t0, MTIMECMP
    li t1, -1
    sd t1, 0(t0)
    li t0, MSIP
    sw zero, 0(t0)
    csrw mip, zero
    srli t2, t1, 10
    csrw pmpaddr15, t2 /* everything, for everybody */
    li t0, 0x1f << 56
    csrw pmpcfg2, t0
    li t0, 3 << 13
    csrs mstatus, t0
    .irp r, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    fmv.d.x f\r, zero
    .endr
    li t0, LOG_PA
    sd t0, V_LOG(sp)
    li t0, DESC_PA
    sd t0, V_DESC(sp)

/* t0: the descriptor of the next block. */
block_begins:
    sd t0, V_DESC(sp)
    ld t1, D_SETUP(t0)
    beqz t1, finish
    li t2, LOG_END_PA - 0x10000
    ld t3, V_LOG(sp)
    bgeu t3, t2, finish
    sd zero, V_TRAPS(sp)
    sd zero, V_LOGGED(sp)
    ld t2, D_PASSES(t0)
    sd t2, V_PASSES(sp)
    ld t2, D_SET(t0)
    sd t2, V_SET(sp)
    jalr t1
    li sp, VARS_PA
pass_begins:
    sd zero, V_TRAPS(sp)
    li t0, PLIC_CONTEXT(0) /* no external interrupt is left */
    lw zero, PLIC_CLAIM(t0)
    li t2, PLIC_CONTEXT(1)
    lw zero, PLIC_CLAIM(t2)
    li t1, UART
    sb zero, 1(t1)
    li t1, UART_IRQ
    sw t1, PLIC_CLAIM(t0) /* completes the interrupt where it is enabled */
    sw t1, PLIC_CLAIM(t2)
    li t0, PLIC_ENABLE(0)
    sw zero, 0(t0)
    li t0, PLIC_ENABLE(1)
    sw zero, 0(t0)
    csrw mip, zero
    ld s0, V_SET(sp)
    li t1, SETS_PA
    addi t0, s0, SET_BYTES
    sub t0, t0, t1
    li t2, SETS * SET_BYTES - 1
    and t0, t0, t2
    add t0, t0, t1
    sd t0, V_SET(sp)
    li t0, 3 << 13
    csrs mstatus, t0
    ld t0, 0(s0)
    csrw fcsr, t0
    .irp r, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    fld f\r, 256 + 8 * \r(s0)
    .endr
    ld t0, V_DESC(sp)
    ld t1, D_START(t0)
    csrw mepc, t1
    ld t1, D_MSTATUS(t0)
    csrw mstatus, t1
    ld t0, 8 * 2(s0)
    csrw mscratch, t0
    .irp r, 1,3,4,5,6,7,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,8
    ld x\r, 8 * \r(s0)
    .endr
    csrrw sp, mscratch, sp
    mret

/* ---- records ---------------------------------------------------------------- */

    .macro out reg
    sd \reg, 0(s0)
    addi s0, s0, 8
    .endm
record:
    mv s2, ra
    ld s0, V_LOG(sp)
    li t0, REC_BLOCK
    out t0
    ld t0, V_DESC(sp)
    out t0
    ld t0, V_PASSES(sp)
    out t0
    ld t0, V_EPC(sp)
    out t0
    ld t0, V_MSTATUS(sp)
    out t0
    ld t0, V_THASH(sp)
    out t0
    ld t0, V_SHASH(sp)
    out t0
    mv t0, sp
    addi t1, sp, 512
1:  ld t2, 0(t0)
    out t2
    addi t0, t0, 8
    bltu t0, t1, 1b
#define CSR(name) csrr t0, name; out t0
#include "csrs.def"
    /* an access that a PMP entry matches in part fails in M, too */
    csrrw s4, pmpcfg0, zero
    sfence.vma
    li s1, TABLES_PA
    li s3, TABLES
1:  mv a0, s1
    addi a1, a0, 8 * TABLE_DIGEST
    li a2, 0
    jal digest
    out a2
    li t0, 4096
    add s1, s1, t0
    addi s3, s3, -1
    bnez s3, 1b
    li s1, DATA_PA
    li s3, DATA_PAGES
1:  mv a0, s1
    addi a1, a0, 128
    li a2, 0
    jal digest
    li t0, 4096
    add s1, s1, t0
    addi a0, s1, -128
    mv a1, s1
    jal digest
    out a2
    addi s3, s3, -1
    bnez s3, 1b
    csrw pmpcfg0, s4
    sfence.vma
    sd s0, V_LOG(sp)
    jr s2

finish:
    ld t0, V_LOG(sp)
    li t1, REC_END
    sd t1, 0(t0)
    li t0, FINISHER
    li t1, 0x5555
    sw t1, 0(t0)
1:  j 1b

/* ---- S: its own page -------------------------------------------------------- */

    .section .s, "ax"
s_text:
    vectors s_vectors, sscratch, s_common
s_common:
    sd t1, V_S + 8(sp)
    sd t2, V_S + 16(sp)
    sd t3, V_S + 24(sp)
    sd t4, V_S + 32(sp)
    sd t5, V_S + 40(sp)
    sd t6, V_S + 48(sp)
    csrr t1, sepc
    la t4, escape
    sub t4, t1, t4
    sltiu t4, t4, 12
    beqz t4, 1f
    addi t1, t1, 4
    csrw sepc, t1
    csrr t1, scause
    addi t1, t1, -3
    bnez t1, s_return
    csrw stval, zero /* ebreak-tval */
    j s_return
1:  ld t3, V_DESC(sp)
    ld t4, D_END(t3)
    beq t1, t4, to_m
    ld t4, D_END_U(t3)
    beq t1, t4, to_m
    csrr t2, scause
    note_trap scause, stval, sstatus, 1
    bltz t2, s_interrupt
    ld t4, V_TRAPS(sp)
    li t5, TRAPS_MAX
    bgeu t4, t5, to_m
    bnez t3, 1f
    mv t1, ra
    window t1
    beqz t3, to_m
    j 2f
1:  lhu t4, 0(t3)
    andi t4, t4, 3
    addi t4, t4, -3
    addi t1, t1, 2
    bnez t4, 2f
    addi t1, t1, 2
2:  csrw sepc, t1
s_return:
    ld t0, V_S(sp)
    ld t1, V_S + 8(sp)
    ld t2, V_S + 16(sp)
    ld t3, V_S + 24(sp)
    ld t4, V_S + 32(sp)
    ld t5, V_S + 40(sp)
    ld t6, V_S + 48(sp)
    csrrw sp, sscratch, sp
    sret

s_interrupt:
    andi t4, t2, 63
    li t5, 1
    sll t5, t5, t4
    csrc sip, t5
    csrr t4, sip
    and t4, t4, t5
    beqz t4, s_return
    csrc sie, t5
    j s_return

to_m:
    ld t0, V_S(sp)
    ld t1, V_S + 8(sp)
    ld t2, V_S + 16(sp)
    ld t3, V_S + 24(sp)
    ld t4, V_S + 32(sp)
    ld t5, V_S + 40(sp)
    ld t6, V_S + 48(sp)
    csrrw sp, sscratch, sp
    .globl escape
escape:
    ecall
    ebreak
    unimp
1:  j 1b
