/* SPDX-License-Identifier: MIT */
/* Svinval: U may execute none of its instructions; each of them traps with its
 * bits in tval, like every illegal instruction of this machine.
 * options: --isa rv64gc_svinval
 * qemu: 7.2 lets U execute the two fences (against manual 7); its tval is 0 */
#include "paging.h"

    .option arch, +svinval

BEGIN
    PAGING
TEST(1)
    SET_PTE(root, 2, _start, RWX | PTE_U)
    IN_MODE(PRV_U, 0)
    illegal sinval.vma zero, zero
    CHECK(TVAL, 0x16000073)
    IN_MODE(PRV_U, 0)
    illegal sfence.w.inval
    CHECK(TVAL, 0x18000073)
    IN_MODE(PRV_U, 0)
    illegal sfence.inval.ir
    CHECK(TVAL, 0x18100073)
    SET_PTE(root, 2, _start, RWX)
TEST(2) /* TVM changes nothing for U; for S only sinval.vma traps */
    SET_PTE(root, 2, _start, RWX | PTE_U)
    IN_MODE(PRV_U, MSTATUS_TVM)
    illegal sfence.w.inval
    SET_PTE(root, 2, _start, RWX)
    IN_MODE(PRV_S, MSTATUS_TVM)
    illegal sinval.vma a0, a1
    CHECK(TVAL, 0x16b50073)
    END

    PAGE_TABLES
