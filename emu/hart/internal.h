/* SPDX-License-Identifier: MIT */
/* Interfaces between the files of this folder. */
#pragma once

#include "hart/hart.h"

/* Interrupts that belong to M, and those that may be delegated to S. */
#define IRQS_M (1ull << IRQ_MSIP | 1ull << IRQ_MTIP | 1ull << IRQ_MEIP)
#define IRQS_S (1ull << IRQ_SSIP | 1ull << IRQ_STIP | 1ull << IRQ_SEIP)

/* counters.c: the machine's counters as the guest reads and writes them. */
u64 hart_mcycle(const struct hart *h);
u64 hart_minstret(const struct hart *h);
void hart_mcycle_write(struct hart *h, u64 v);
void hart_minstret_write(struct hart *h, u64 v);
void hart_inhibit_write(struct hart *h, u32 v);

/* pmp.c: the CSRs pmpcfg (eight entries from `first`) and pmpaddr (one). */
u64 hart_pmpcfg_read(const struct hart *h, unsigned first);
void hart_pmpcfg_write(struct hart *h, unsigned first, u64 v);
void hart_pmpaddr_write(struct hart *h, unsigned i, u64 v);
