/* SPDX-License-Identifier: MIT */
/* Loads, stores and atomics that the executor does not do itself. */
#ifndef CLOCKHAND_ENGINE_DATA_H
#define CLOCKHAND_ENGINE_DATA_H

#include "engine/exec.h"

/* data_miss.c: loads and stores that are no hit, for each timing. e->r is the
 * record in progress. */
enum outcome data_load_fast(struct engine *e, u64 va, unsigned n, u64 *v);
enum outcome data_load_cycle(struct engine *e, u64 va, unsigned n, u64 *v);
enum outcome data_store_fast(struct engine *e, u64 va, unsigned n, u64 v);
enum outcome data_store_cycle(struct engine *e, u64 va, unsigned n, u64 v);
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
