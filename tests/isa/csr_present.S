/* SPDX-License-Identifier: MIT */
/* Of the 4096 CSR numbers, M can read those of the manual's tables 2.2 to 2.6
 * that this machine has, and Sstc's stimecmp, but no others.
 * qemu: has more */
#include "isa_test.h"

#define CSRR_A1 0x000025f3      /* csrrs a1, 0, zero */

BEGIN
    li t0, MSTATUS_FS
    csrs mstatus, t0
    la a0, slot
    la a4, ranges
    li s0, 0
TEST(1)
1:  li t0, CSRR_A1
    slli t1, s0, 20
    or t0, t0, t1
    sw t0, 0(a0)
    fence.i
    lhu t0, 0(a4)           /* the next range: first, last */
    lhu t1, 2(a4)
    bltu s0, t0, 2f
    jalr a0                 /* present: comes back */
    bne s0, t1, 3f
    addi a4, a4, 4
    j 3f
2:  TRAPS(CAUSE_ILLEGAL)
    jalr a0
    TRAPPED
    bne EPC, a0, fail
3:  addi s0, s0, 1
    li t0, 4096
    bne s0, t0, 1b
END

.balign 64
    .option norvc
slot:
    .word 0
    ret

.data
ranges:
    .half 0x001, 0x003          /* fflags, frm, fcsr */
    .half 0x100, 0x100          /* sstatus */
    .half 0x104, 0x106          /* sie, stvec, scounteren */
    .half 0x10a, 0x10a          /* senvcfg */
    .half 0x140, 0x144          /* sscratch, sepc, scause, stval, sip */
    .half 0x14d, 0x14d          /* stimecmp */
    .half 0x180, 0x180          /* satp */
    .half 0x300, 0x306          /* mstatus to mcounteren */
    .half 0x30a, 0x30a          /* menvcfg */
    .half 0x320, 0x320          /* mcountinhibit */
    .half 0x323, 0x33f          /* mhpmevent */
    .half 0x340, 0x344          /* mscratch, mepc, mcause, mtval, mip */
    .half 0x3a0, 0x3a0          /* pmpcfg0 */
    .half 0x3a2, 0x3a2          /* pmpcfg2 */
    .half 0x3b0, 0x3bf          /* pmpaddr */
    .half 0x7a0, 0x7a2          /* tselect, tdata1, tdata2 */
    .half 0xb00, 0xb00          /* mcycle */
    .half 0xb02, 0xb1f          /* minstret, mhpmcounter */
    .half 0xc00, 0xc1f          /* cycle, time, instret, hpmcounter */
    .half 0xf11, 0xf15          /* mvendorid to mconfigptr */
    .half 0xffff, 0xffff
