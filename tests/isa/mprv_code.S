/* SPDX-License-Identifier: MIT */
/* With MPRV and MPP = S, M's loads and stores are translated as S's (3.1.6.3).
 * S has no mapping of M's code: a fetch by M must leave no translation of it.
 * qemu: 7.2 finds what the fetch left in its TLB */
#include "paging.h"

BEGIN
    PAGING
    SET_PTE_RAW(root, 2, 0)
TEST(1)
    li a7, 100
1:  la a0, 1b
    AS(PRV_S)
    TRAPS(CAUSE_LOAD_PAGE)
    ld a1, 0(a0)
    TRAPPED
    AS_M
    CHECK_SAME(TVAL, a0)
    AS(PRV_S)
    TRAPS(CAUSE_STORE_PAGE)
    sd a1, 0(a0)
    TRAPPED
    AS_M
    CHECK_SAME(TVAL, a0)
    ld a1, 0(a0) /* without MPRV M may load */
    addi a7, a7, -1
    bnez a7, 1b
    END

    PAGE_TABLES
