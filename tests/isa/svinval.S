/* SPDX-License-Identifier: MIT */
/* Svinval: S and M may execute its three instructions, except that TVM makes
 * sinval.vma trap in S. Between the two fences sinval.vma does what sfence.vma
 * does, in all four forms.
 * options: --isa rv64gc_svinval
 * qemu-cpu: svinval=true */
#include "paging.h"

    .option arch, +svinval

/* Moves 0x1000 from page1 to page2; the given fence makes this visible. */
#define FENCED(...)                     \
    SET_PTE(l0, 1, page1, RW)           \
    LOADS(PRV_S, 0x1000, page1)         \
    li a1, 0x1000;                      \
    la t0, page2;                       \
    srli t0, t0, 12;                    \
    slli t0, t0, 10;                    \
    ori t0, t0, RW;                     \
    la t1, l0 + 8;                      \
    sd t0, 0(t1);                       \
    sfence.w.inval;                     \
    __VA_ARGS__;                        \
    sfence.inval.ir;                    \
    LOADS(PRV_S, 0x1000, page2)

BEGIN
    PAGING
TEST(1) /* M: all three, in spite of TVM */
    li t0, MSTATUS_TVM
    csrs mstatus, t0
    sinval.vma zero, zero
    sfence.w.inval
    sfence.inval.ir
TEST(2) /* S: all three */
    IN_MODE(PRV_S, 0)
    sinval.vma a0, a1
    sfence.w.inval
    sfence.inval.ir
    BACK(PRV_S)
TEST(3) /* S with TVM: sinval.vma traps as sfence.vma does, the others do not */
    IN_MODE(PRV_S, MSTATUS_TVM)
    illegal sinval.vma zero, zero
    IN_MODE(PRV_S, MSTATUS_TVM)
    illegal sinval.vma a0, a1
    IN_MODE(PRV_S, MSTATUS_TVM)
    sfence.w.inval
    sfence.inval.ir
    BACK(PRV_S)
TEST(4)
    li a5, 0
    FENCED(sinval.vma zero, zero)
    FENCED(sinval.vma a1, zero)
    FENCED(sinval.vma a1, a5)
    FENCED(sinval.vma zero, a5)
    END

    PAGE_TABLES
