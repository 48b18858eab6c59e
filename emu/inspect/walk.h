/* SPDX-License-Identifier: MIT */
/* Page walks, and memory by virtual and physical addresses. */
#pragma once

#include "machine/machine.h"

/* Translates va as the hart would now, without checking rights, for the monitor
 * and gdb. In Bare or M-mode (MPRV clear) pa is va. False: no translation. */
bool inspect_va_to_pa(struct machine *m, u64 va, u64 *pa);
/* Reads n bytes at va, page by page. False: a page is missing or is not RAM. */
bool inspect_read_va(struct machine *m, u64 va, void *p, size_t n);
/* Reads n bytes at a physical address (insn.c); false: not all are in RAM. */
bool inspect_read_pa(struct machine *m, u64 pa, void *p, size_t n);
/* inspect_leaves calls fn for each leaf of the hart's page table (pid 0) or of
 * a process's, in order of address. False: Bare, no process, cyclic tables. */
struct ins_leaf {
    u64 va, pa, pte_pa, pte;
    unsigned level; /* 0: 4 KiB, 1: 2 MiB, 2: 1 GiB */
};
bool inspect_leaves(struct machine *m, u32 pid,
                    void (*fn)(void *, const struct ins_leaf *), void *opaque);

/* Walks va through the hart's page table (pid 0) or a process's. False: Bare,
 * or no such process. out->steps hold level, PTE address, PTE; *pa 0: fault. */
bool inspect_walk(struct machine *m, u64 va, u32 pid, enum access access,
                  struct walk *out, u64 *pa);
