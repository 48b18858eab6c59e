/* SPDX-License-Identifier: MIT */
/* Loads, stores and atomics that the executor does not do itself. */
#ifndef CLOCKHAND_ENGINE_DATA_H
#define CLOCKHAND_ENGINE_DATA_H

#include "engine/exec.h"

/* data_miss.c: loads and stores that are no hit, called by the executor with
 * budget, b, r and page saved; for each timing. */
enum outcome data_load_fast(struct engine *e, u64 va, unsigned n, u64 *v);
enum outcome data_load_cycle(struct engine *e, u64 va, unsigned n, u64 *v);
enum outcome data_store_fast(struct engine *e, u64 va, unsigned n, u64 v);
enum outcome data_store_cycle(struct engine *e, u64 va, unsigned n, u64 v);
/* All of the integer load or store e->r: its page is not known, */
enum outcome data_x_fast(struct engine *e);
enum outcome data_x_cycle(struct engine *e);
enum outcome data_x_line(struct engine *e); /* or its line must be asked for */
/* The host TLB has the page and the access is aligned: only its line has to be
 * fetched, made dirty, or freed of decoded code. Whoever calls then accesses it
 * itself. */
enum outcome data_line(struct engine *e, const struct host_page *s, u64 va,
                       bool store);

/* data_atomic.c: likewise, hit or not */
enum outcome data_lr(struct engine *e, u64 va, unsigned n, u64 *v);
enum outcome data_sc(struct engine *e, u64 va, unsigned n, u64 v, u64 *failed);
/* *host: where the AMO may read and write. */
enum outcome data_amo(struct engine *e, u64 va, unsigned n, void **host);
void data_amo_done(struct engine *e, u64 stored); /* for the log */
enum outcome data_cbo(struct engine *e, u64 va, enum cbo op);
/* Waits for posted stores; what that overdraws shows at the next entry. */
void data_fence(struct engine *e);

#endif
