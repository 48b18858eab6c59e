/* SPDX-License-Identifier: MIT */
/* Loads, stores and atomics that the executor does not do itself. */
#ifndef CLOCKHAND_ENGINE_DATA_H
#define CLOCKHAND_ENGINE_DATA_H

#include "engine/exec.h"

/* data_miss.c: loads and stores that miss the host TLB, for each timing. e->r
 * is the record in progress. */
enum outcome data_load_fast(struct engine *e, u64 va, unsigned n, u64 *v);
enum outcome data_load_cycle(struct engine *e, u64 va, unsigned n, u64 *v);
enum outcome data_store_fast(struct engine *e, u64 va, unsigned n, u64 v);
enum outcome data_store_cycle(struct engine *e, u64 va, unsigned n, u64 v);
/* The host TLB has the page and the access is aligned. Only its line must be
 * fetched, made dirty, or freed of decoded code; the caller then accesses it.
 */
enum outcome data_line(struct engine *e, const struct host_page *s, u64 va,
                       bool store);

/* data_atomic.c: likewise, whether the host TLB hits or misses */
enum outcome data_lr(struct engine *e, u64 va, unsigned n, u64 *v);
enum outcome data_sc(struct engine *e, u64 va, unsigned n, u64 v, u64 *failed);
/* *host: host address for the AMO's read and write. */
enum outcome data_amo(struct engine *e, u64 va, unsigned n, void **host);
void data_amo_done(struct engine *e, u64 stored); /* for the log */
enum outcome data_cbo(struct engine *e, u64 va, enum cbo op);
/* Waits for posted stores. The next block entry notices an overdrawn budget. */
void data_fence(struct engine *e);

#endif
