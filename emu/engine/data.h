/* SPDX-License-Identifier: MIT */
/* Loads, stores and atomics that the executor does not perform itself. */
#pragma once

#include "engine/exec.h"

/* data_miss.c: these load and store where the host TLB misses, in fast and in
 * cycle timing. e->r is the record in progress. */
enum outcome data_load_fast(struct engine *e, u64 va, unsigned n, u64 *v);
enum outcome data_load_cycle(struct engine *e, u64 va, unsigned n, u64 *v);
enum outcome data_store_fast(struct engine *e, u64 va, unsigned n, u64 v);
enum outcome data_store_cycle(struct engine *e, u64 va, unsigned n, u64 v);
/* Charges an aligned access at this host address, in a page that the host TLB
 * has; a store also drops the decoded code there. The caller then does the
 * access. A repeated call does nothing. */
enum outcome charge_line(struct engine *e, u64 host, bool store);

/* data_miss.c: translated code calls these for a miss; [timed][store].
 * data_page_missed enters `at`'s page into the host TLB and returns `at`.
 * data_line_missed does charge_line() and returns 0. NOT_DONE, from either:
 * r's handler must do the access. */
#define NOT_DONE ~0ull
typedef u64 (*miss_fn)(struct engine *e, u64 at, const struct rec *r);
extern const miss_fn data_page_missed[2][2], data_line_missed[2][2];

/* data_atomic.c: all atomics and cbo.*; these do not use the host TLB. */
enum outcome data_lr(struct engine *e, u64 va, unsigned n, u64 *v);
/* *failed becomes 0: stored; 1: the reservation was lost, nothing stored. */
enum outcome data_sc(struct engine *e, u64 va, unsigned n, u64 v, u64 *failed);
/* Gives the host address at which the caller reads and writes. */
enum outcome data_amo(struct engine *e, u64 va, unsigned n, void **host);
void data_amo_done(struct engine *e, u64 stored); /* call after the store: for
                                                   * the log */
enum outcome data_cbo(struct engine *e, u64 va, enum cbo op);
/* Waits for posted stores. The next block entry notices an overdrawn budget. */
void data_fence(struct engine *e);
