/* SPDX-License-Identifier: MIT */
/* There is no 32-bit mode, no hypervisor and no vector unit: SXL and UXL are 2
 * and cannot be written (3.1.6.2), the VS interrupts are not there (table 3.6:
 * 2, 6 and 10 reserved), mstatus.VS is 0 (3.1.6.6).
 * qemu: UXL can be written, the VS interrupts exist without H, mstatus.VS
 * without V, and MPP holds 2 */
#include "isa_test.h"

BEGIN
TEST(1) /* SXL and UXL */
    li a0, -1
    csrw mstatus, a0
    csrr a1, mstatus
    srli a1, a1, 32
    andi a1, a1, 15
    CHECK(a1, 10)
    csrw mstatus, zero
    csrr a1, mstatus
    srli a1, a1, 32
    andi a1, a1, 15
    CHECK(a1, 10)
    li a0, 5 << 32
    csrw mstatus, a0
    csrr a1, mstatus
    srli a1, a1, 32
    andi a1, a1, 15
    CHECK(a1, 10)
    csrr a1, sstatus
    srli a1, a1, 32
    andi a1, a1, 15
    CHECK(a1, 2)            /* UXL alone */
    csrw sstatus, zero
    csrr a1, sstatus
    srli a1, a1, 32
    CHECK(a1, 2)
TEST(2)
    li a0, -1
    csrw mie, a0
    csrr a1, mie
    CHECK(a1, 0xaaa)
    csrw mie, zero
    csrw mideleg, a0
    csrr a1, mideleg
    CHECK(a1, 0x222)
    csrw mideleg, zero
    csrw mip, a0
    csrr a1, mip
    andi a1, a1, 0x444
    CHECK(a1, 0)
    csrw mip, zero
TEST(3)
    li a0, 3 << 9
    csrs mstatus, a0
    csrr a1, mstatus
    and a1, a1, a0
    CHECK(a1, 0)
TEST(4) /* writing a reserved value to MPP leaves a legal one */
    li a0, 2 << 11
    csrw mstatus, a0
    csrr a1, mstatus
    srli a1, a1, 11
    andi a1, a1, 3
    addi a1, a1, -2
    beqz a1, fail
END
