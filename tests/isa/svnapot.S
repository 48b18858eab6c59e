/* SPDX-License-Identifier: MIT */
/* Svnapot: 16 PTEs that name one 64 KiB page; everything that is reserved.
 * options: --isa rv64gc_svnapot
 * qemu-cpu: svnapot=true */
#include "paging.h"

#define PTE_N (1 << 63)
#define NAPOT (area + 0x8000) /* ppn[3:0] = 1000: 64 KiB at area */

/* l0[first .. first + 15] = one 64 KiB page with these flags */
#define SET_NAPOT(first, flags)  \
    SET_PTE(l0, first, NAPOT, PTE_N | (flags)) \
    la t1, l0 + 8 * (first);     \
    li t2, 15;                   \
1:  addi t1, t1, 8;              \
    sd t0, 0(t1);                \
    addi t2, t2, -1;             \
    bnez t2, 1b;                 \
    sfence.vma;                  \
    la t1, l0 + 8 * (first);

BEGIN
    PAGING
    la a4, area /* each of its pages begins with its own address */
    li a5, 16
1:  sd a4, 0(a4)
    li t0, 4096
    add t0, a4, t0
    sd a4, -8(t0) /* and ends with it */
    mv a4, t0
    addi a5, a5, -1
    bnez a5, 1b
TEST(1) /* the low bits of the PPN come from the address */
    SET_NAPOT(16, RW)
    li a0, 0x10000
    la a4, area
    li a5, 0x20000
    AS(PRV_S)
1:  ld a1, 0(a0)
    bne a1, a4, fail
    ld a1, 0x7f8(a0)
    bnez a1, fail
    li t0, 4096
    add a4, a4, t0
    add a0, a0, t0
    bne a0, a5, 1b
    AS_M
TEST(2) /* a store to the tenth page of it */
    STORES(PRV_S, 0x19010, area + 0x9010)
TEST(3) /* the VA's place in its range counts, not the PTE's bits: page 40 + 5 */
    SET_NAPOT(32, RW)
    LOADS(PRV_S, 0x25000, area + 0x5000)
    LOADS(PRV_S, 0x2f000, area + 0xf000)
    LOADS(PRV_S, 0x28000, area + 0x8000)
TEST(4) /* one access over two pages of the range, and out of it */
    li a0, 0x10ffc
    AS(PRV_S)
    ld a1, 0(a0)
    AS_M
    la a2, area + 0xffc
    ld a2, 0(a2)
    CHECK_SAME(a1, a2)
    SET_PTE_RAW(l0, 48, 0)
    li a0, 0x2fffc
    AS(PRV_S)
    TRAPS(CAUSE_LOAD_PAGE)
    ld a1, 0(a0)
    TRAPPED
    AS_M
    CHECK(TVAL, 0x30000)
TEST(5) /* every other size is reserved */
    la a4, area
    srli a4, a4, 12
    slli a4, a4, 10
    li t0, PTE_N | RW
    or a4, a4, t0
    li a5, 0
    la a6, l0 + 8 * 64
1:  li t0, 8
    beq a5, t0, 2f
    slli t0, a5, 10
    or t0, t0, a4
    sd t0, 0(a6)
    sfence.vma
    LOAD_FAULTS(PRV_S, 0x40000)
    STORE_FAULTS(PRV_S, 0x40008)
2:  addi a5, a5, 1
    li t0, 16
    bne a5, t0, 1b
TEST(6) /* N in a superpage, whatever its PPN says, and in a pointer */
    SET_PTE_RAW(l1, 1, 0x80000000 >> 2 | RW | PTE_N)
    LOAD_FAULTS(PRV_S, MEGA)
    SET_PTE_RAW(l1, 1, 0x80008000 >> 2 | RW | PTE_N)
    LOAD_FAULTS(PRV_S, MEGA)
    SET_PTE_RAW(root, 1, 0x80000000 >> 2 | RW | PTE_N)
    LOAD_FAULTS(PRV_S, GIGA)
    SET_PTE(l1, 1, l0, PTE_V | PTE_N)
    LOAD_FAULTS(PRV_S, MEGA + 0x10000)
    SET_PTE(l1, 1, l0, PTE_V)
    LOADS(PRV_S, MEGA + 0x13000, area + 0x3000)
TEST(7) /* rights are those of any leaf */
    SET_NAPOT(16, PTE_V | PTE_R | PTE_A)
    LOADS(PRV_S, 0x17000, area + 0x7000)
    STORE_FAULTS(PRV_S, 0x17008)
    FETCH_FAULTS(PRV_S, 0x17000)
    LOAD_FAULTS(PRV_U, 0x17000)
    SET_NAPOT(16, RW | PTE_U)
    LOADS(PRV_U, 0x1f000, area + 0xf000)
    LOAD_FAULTS(PRV_S, 0x1f000)
    SET_NAPOT(16, PTE_V | PTE_W | PTE_A | PTE_D)
    LOAD_FAULTS(PRV_S, 0x11000)
TEST(8) /* fetching */
    li t0, 0x73 /* ecall */
    la t1, area + 0x6ffc
    sw t0, 0(t1)
    fence.i
    SET_NAPOT(16, RX)
    FETCHES(PRV_S, 0x16ffc)
TEST(9) /* A and D are set in the PTE that was read */
    SET_NAPOT(16, PTE_V | PTE_R | PTE_W)
    li a0, 0x14000
    AS(PRV_S)
    ld a1, 0(a0)
    AS_M
    ld a2, 4 * 8(t1)
    andi a2, a2, 0xff
    CHECK(a2, PTE_V | PTE_R | PTE_W | PTE_A)
    AS(PRV_S)
    sd a1, 0(a0)
    AS_M
    ld a2, 4 * 8(t1)
    andi a2, a2, 0xff
    CHECK(a2, RW)
    END

    PAGE_TABLES
    .balign 65536
area: .space 65536
