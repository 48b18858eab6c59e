/* SPDX-License-Identifier: MIT */
#pragma once

#include "dev/dev.h"

struct clint {
    struct hart *hart;
    struct events *events;
    u64 mtimecmp;
};
void clint_init(struct clint *c, struct hart *h, struct events *q);
void clint_reset(struct clint *c);
void clint_state(struct clint *c, struct state *s);
bool clint_read(void *clint, u64 offset, unsigned bytes, u64 *value);
bool clint_write(void *clint, u64 offset, unsigned bytes, u64 value);
/* Sets MTIP and schedules EV_TIMER from mtimecmp and (with Sstc) stimecmp. Call
 * it after a change of mtimecmp, stimecmp, mtime or menvcfg, and when EV_TIMER
 * is due, because mtime has reached one of the registers or has wrapped. */
void clint_update(struct clint *c);
