/* SPDX-License-Identifier: MIT */
/* Loads, stores and atomics that the executor does not perform itself. */
#pragma once

#include "engine/exec.h"

/* data_miss.c: loads and stores that miss the host TLB, for each timing. e->r
 * is the record in progress. */
enum outcome data_load_fast(struct engine *e, u64 va, unsigned n, u64 *v);
enum outcome data_load_cycle(struct engine *e, u64 va, unsigned n, u64 *v);
enum outcome data_store_fast(struct engine *e, u64 va, unsigned n, u64 v);
enum outcome data_store_cycle(struct engine *e, u64 va, unsigned n, u64 v);
/* Charges an aligned access at this host address, in a page that the host TLB
 * has: fetches the line, makes it dirty, or drops the decoded code in it. The
 * caller then does the access. A repeated call does nothing. */
enum outcome charge_line(struct engine *e, u64 host, bool store);

/* data_miss.c: functions that translated code calls for the same misses, by
 * [timed][store]. NOT_DONE: r's handler must do the access. page: enters `at`'s
 * page into the host TLB, returns `at`. line: charge_line(), returns 0. */
#define NOT_DONE ~0ull
typedef u64 (*miss_fn)(struct engine *e, u64 at, const struct rec *r);
extern const miss_fn data_page_missed[2][2], data_line_missed[2][2];

/* data_atomic.c: all atomics and cbo.*; these do not use the host TLB. */
enum outcome data_lr(struct engine *e, u64 va, unsigned n, u64 *v);
/* *failed: 1: the reservation was lost, and nothing is stored; 0: stored. */
enum outcome data_sc(struct engine *e, u64 va, unsigned n, u64 v, u64 *failed);
/* *host: host address for the AMO's read and write. */
enum outcome data_amo(struct engine *e, u64 va, unsigned n, void **host);
void data_amo_done(struct engine *e, u64 stored); /* for the log */
enum outcome data_cbo(struct engine *e, u64 va, enum cbo op);
/* Waits for posted stores. The next block entry notices an overdrawn budget. */
void data_fence(struct engine *e);
