/* SPDX-License-Identifier: MIT */
/* Writes code that computes values, for the statements in draft.c. */
#pragma once

#include "engine/draft.h"

/* Returns the host register that always holds x[n], or T0 if there is none. */
enum reg draft_home(unsigned n);
/* True if v may be computed in the host register of x[reg]: that register is
 * not written before the last read of x[reg]. */
bool draft_in_place(const struct draft_code *t, unsigned v, unsigned reg);
/* Computes v in d; may use T0 to T2. */
void draft_value(struct draft_code *t, unsigned v, enum reg d);
/* Returns a register that holds v: v's home, or tmp, where it computes v. */
enum reg draft_operand(struct draft_code *t, unsigned v, enum reg tmp);
/* Sets the flags for comparison v; may use d and the temporaries after d. */
void draft_compare(struct draft_code *t, unsigned v, enum reg d);
/* Looks up page and line in the host TLB. If both hit, or the miss's stub gets
 * them, T2 is va's host address; else calls r's function. Uses T0, T1. */
void draft_probe(struct draft_code *t, unsigned bytes, bool store, unsigned va);
void draft_slow(struct draft_code *t, jump from);
void draft_late(struct draft_code *t, struct late l);
