/* SPDX-License-Identifier: MIT */
/* Code for values, as draft.c's statements need them. */
#pragma once

#include "engine/draft.h"

/* Returns the host register that always holds x[n], or T0 if there is none. */
enum reg draft_home(unsigned n);
/* True if v may be computed in the host register of x[reg]: that register is
 * not written before the last read of x[reg]. */
bool draft_in_place(const struct draft_code *t, unsigned v, unsigned reg);
/* Computes v in d. T0 to T2 may be used. */
void draft_value(struct draft_code *t, unsigned v, enum reg d);
/* Returns a register that holds v: its home, or tmp, which v is computed in. */
enum reg draft_operand(struct draft_code *t, unsigned v, enum reg tmp);
/* Sets the flags for comparison v; may use d and the temporaries after d. */
void draft_compare(struct draft_code *t, unsigned v, enum reg d);
/* Probes the host TLB and the line. On a hit, or if the stub of the miss brings
 * them, T2 is va's host address; else r's function is called. Uses T0, T1. */
void draft_probe(struct draft_code *t, unsigned bytes, bool store, unsigned va);
void draft_slow(struct draft_code *t, jump from);
void draft_late(struct draft_code *t, struct late l);
