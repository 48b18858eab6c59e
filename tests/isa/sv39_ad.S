/* SPDX-License-Identifier: MIT */
/* A and D set by the walker (the default). */
#include "paging.h"

#define CHECK_PTE(index, flags) \
    la t0, l0 + 8 * (index);    \
    ld t1, 0(t0);               \
    andi t1, t1, 0xff;          \
    CHECK(t1, flags)
#define N (PTE_V | PTE_R | PTE_W | PTE_X)

BEGIN
    PAGING
TEST(1) /* a load sets A */
    SET_PTE(l0, 1, page1, N)
    LOADS(PRV_S, 0x1000, page1)
    CHECK_PTE(1, N | PTE_A)
TEST(2) /* a store to it then sets D */
    STORES(PRV_S, 0x1000, page1)
    CHECK_PTE(1, N | PTE_A | PTE_D)
TEST(3) /* a store sets both */
    SET_PTE(l0, 2, page1, N)
    STORES(PRV_S, 0x2000, page1)
    CHECK_PTE(2, N | PTE_A | PTE_D)
TEST(4) /* a fetch sets A */
    SET_PTE(l0, 3, code_page, N)
    FETCHES(PRV_S, 0x3000)
    CHECK_PTE(3, N | PTE_A)
TEST(5) /* an access that faults sets nothing */
    SET_PTE(l0, 4, page1, PTE_V | PTE_R)
    STORE_FAULTS(PRV_S, 0x4000)
    CHECK_PTE(4, PTE_V | PTE_R)
    SET_PTE(l0, 5, page1, N | PTE_U)
    LOAD_FAULTS(PRV_S, 0x5000)
    CHECK_PTE(5, N | PTE_U)
TEST(6) /* an lr sets A alone, an AMO D as well */
    SET_PTE(l0, 6, page1, N)
    li a0, 0x6000
    AS(PRV_S)
    lr.d a1, (a0)
    AS_M
    CHECK_PTE(6, N | PTE_A)
    AS(PRV_S)
    amoor.d a1, zero, (a0)
    AS_M
    CHECK_PTE(6, N | PTE_A | PTE_D)
TEST(7) /* superpages too */
    SET_PTE_RAW(l1, 1, 0x80000000 >> 2 | N)
    la a0, page1
    li a1, MEGA - 0x80000000
    add a0, a0, a1
    AS(PRV_S)
    sd zero, 0(a0)
    AS_M
    la t0, l1 + 8
    ld t1, 0(t0)
    andi t1, t1, 0xff
    CHECK(t1, N | PTE_A | PTE_D)
END

PAGE_TABLES
