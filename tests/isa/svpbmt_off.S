/* SPDX-License-Identifier: MIT */
/* Without Svpbmt and Svnapot, bits 61 to 63 of a PTE are reserved.
 * options: --isa rv64gc */
#include "paging.h"

BEGIN
    PAGING
TEST(1)
    SET_PTE(l0, 1, page1, RW | (1 << 61))
    LOAD_FAULTS(PRV_S, 0x1000)
    SET_PTE(l0, 1, page1, RW | (2 << 61))
    STORE_FAULTS(PRV_S, 0x1000)
    SET_PTE(l0, 1, code_page, RX | (3 << 61))
    FETCH_FAULTS(PRV_S, 0x1000)
TEST(2)
    SET_PTE(l0, 8, area + 0x8000, RW | (1 << 63))
    LOAD_FAULTS(PRV_S, 0x8000)
    SET_PTE(l1, 1, l0, PTE_V | (1 << 63))
    LOAD_FAULTS(PRV_S, MEGA)
    SET_PTE(l1, 1, l0, PTE_V | (1 << 61))
    LOAD_FAULTS(PRV_S, MEGA)
    END

    PAGE_TABLES
    .balign 65536
area: .space 65536
