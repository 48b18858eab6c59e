/* SPDX-License-Identifier: MIT */
/* The walker sets A in a PTE that has been executed as code: its decoded code
 * must be dropped. As a PTE, 0x20000813 has U, V and R but not A; as code it is
 * addi a6, zero, 512. With A it is 0x20000853, as code fsgnj.s fa6, ft0, ft0.
 * The PTE's upper half, 0, is an illegal instruction, which ends each run.
 * qemu: 7.2 goes on with what it has translated, fence.i or not */
#include "paging.h"

#define PTE_LOW 0x20000813
#define EXECUTE               \
    la t1, l0 + 8;            \
    li a6, 0;                 \
    TRAPS(CAUSE_ILLEGAL)      \
    jr t1;                    \
    TRAPPED                   \
    addi t1, t1, 4;           \
    CHECK_SAME(EPC, t1)

BEGIN
    PAGING
    li t0, MSTATUS_FS
    csrs mstatus, t0
    li t0, 0x42280000
    fmv.w.x ft0, t0
TEST(1)
    SET_PTE_RAW(l0, 1, PTE_LOW)
    fence.i
    li a7, 100
1:  EXECUTE
    CHECK(a6, 512)
    addi a7, a7, -1
    bnez a7, 1b
TEST(2)
    li a0, 0x1000
    AS(PRV_U)
    ld a1, 0(a0)
    AS_M
    la t0, l0 + 8
    lw a1, 0(t0)
    CHECK(a1, PTE_LOW | PTE_A)
    fence.i
    fmv.w.x fa6, zero
    EXECUTE
    CHECK(a6, 0)
    fmv.x.w a1, fa6
    CHECK(a1, 0x42280000)
    END

    PAGE_TABLES
