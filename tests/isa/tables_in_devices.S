/* SPDX-License-Identifier: MIT */
/* The walker reads memory only: a table that lies in a device, in a hole, or at
 * the top of the physical addresses raises an access fault of the original
 * access's kind (privileged manual 4.3.2 step 2; by 3.6 the machine chooses the
 * PMAs of tables), and the device is not read.
 * qemu: 7.2 reads PTEs from devices and reports other causes */
#include "paging.h"

#define ALL_THREE(va)                   \
    DATA_ACCESS_FAULTS(va)              \
    AS(PRV_S)                           \
    TRAPS(CAUSE_STORE_ACCESS)           \
    amoadd.d a1, a1, (a0);              \
    TRAPPED                             \
    CHECK_SAME(TVAL, a0)                \
    AS_M                                \
    FETCH_ACCESS_FAULTS                 \
    CHECK_SAME(TVAL, a0)

BEGIN
    PAGING
TEST(1) /* the last table in the PLIC, in the UART, in a hole */
    SET_PTE_RAW(l1, 2, 0x0c000000 >> 2 | PTE_V)
    ALL_THREE(2 * MEGA)
    SET_PTE_RAW(l1, 2, 0x10000000 >> 2 | PTE_V)
    ALL_THREE(2 * MEGA)
    SET_PTE_RAW(l1, 2, 0x50000000 >> 2 | PTE_V)
    ALL_THREE(2 * MEGA)
TEST(2) /* no walk reads the PLIC's claim register, which would claim the
         * interrupt; nor does M's fetch of two bytes of that register */
    li t0, 0x0c000028 /* priority of source 10, the UART's */
    li t1, 1
    sw t1, 0(t0)
    li t0, 0x0c002000 /* enabled for M */
    li t1, 1 << 10
    sw t1, 0(t0)
    li t0, 0x10000001 /* the UART's IER: transmitter empty */
    li t1, 2
    sb t1, 0(t0)
    SET_PTE_RAW(l1, 2, 0x0c200000 >> 2 | PTE_V)
    ALL_THREE(2 * MEGA) /* PTE 0 is threshold and claim */
    li t0, 0x0c200004
    TRAPS(CAUSE_FETCH_ACCESS)
    jr t0
    TRAPPED
    lw a1, 0(t0)
    CHECK(a1, 10)
TEST(3) /* beyond memory, and the highest PPN there is */
    SET_PTE_RAW(l1, 2, 0x1000000000 >> 2 | PTE_V)
    ALL_THREE(2 * MEGA)
    SET_PTE_RAW(l1, 2, ((1 << 54) - (1 << 10)) | PTE_V)
    ALL_THREE(2 * MEGA)
TEST(4) /* a leaf to an address outside memory: no page fault either */
    SET_PTE_RAW(l0, 1, ((1 << 54) - (1 << 10)) | RWX)
    ALL_THREE(0x1000)
    SET_PTE_RAW(root, 1, ((1 << 54) - (1 << 28)) | RWX)
    ALL_THREE(GIGA + 0x3ffff000)
TEST(5) /* the root table outside memory */
    li t0, SATP_SV39 | 0x0c200
    csrw satp, t0
    sfence.vma
    ALL_THREE(0)
    li t0, SATP_SV39 | 0x50000
    csrw satp, t0
    sfence.vma
    ALL_THREE(0x1000)
    li t0, SATP_SV39 + (1 << 44) - 1
    csrw satp, t0
    csrr a1, satp
    CHECK_SAME(a1, t0) /* 44 bits of PPN */
    sfence.vma
    ALL_THREE(0x1000)
    END

    PAGE_TABLES
