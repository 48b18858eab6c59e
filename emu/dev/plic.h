/* SPDX-License-Identifier: MIT */
#pragma once

#include "dev/dev.h"

#define PLIC_SOURCES  97 /* numbers 1..96, as QEMU's virt */
#define PLIC_WORDS    ((PLIC_SOURCES + 31) / 32)
#define PLIC_CONTEXTS 2 /* hart 0: M, S */

struct plic {
    struct hart *hart;
    u32 priority[PLIC_SOURCES]; /* 0..7; 0 never interrupts */
    u32 level[PLIC_WORDS];
    u32 pending[PLIC_WORDS];
    u32 claimed[PLIC_WORDS];
    u32 enable[PLIC_CONTEXTS][PLIC_WORDS];
    u32 threshold[PLIC_CONTEXTS];
};
void plic_init(struct plic *p, struct hart *h);
void plic_reset(struct plic *p);
void plic_state(struct plic *p, struct state *s);
/* Drives a device's interrupt line: high makes the source pending, even if the
 * line was high before; low, not pending. Sets the hart's MEIP and SEIP. */
void plic_set(struct plic *p, unsigned irq, bool level);
bool plic_read(void *plic, u64 offset, unsigned bytes, u64 *value);
bool plic_write(void *plic, u64 offset, unsigned bytes, u64 value);
