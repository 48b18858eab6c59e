/* SPDX-License-Identifier: MIT */
/* Values while a block's code is written: what draft.c's statements need. */
#ifndef CLOCKHAND_ENGINE_DRAFT_VALUE_H
#define CLOCKHAND_ENGINE_DRAFT_VALUE_H

#include "engine/draft.h"

/* The host's register that holds x register n all the time, or T0: none. */
enum reg draft_home(unsigned n);
/* Whether v may be computed in the register that is x[reg]'s home: nothing of
 * it is written before all of it that is needed has been read. */
bool draft_in_place(const struct draft_code *t, unsigned v, unsigned reg);
/* Computes v in d. T0 to T2 may be used. */
void draft_value(struct draft_code *t, unsigned v, enum reg d);
/* Where v is; in tmp if it must be somewhere. */
enum reg draft_operand(struct draft_code *t, unsigned v, enum reg tmp);
/* Sets the flags; d and what comes after it may be used. */
void draft_compare(struct draft_code *t, unsigned v, enum reg d);
/* T2: the host's address of the access at va, a hit. If it is none, the record
 * is executed by its function. T0 and T1 are used. */
void draft_probe(struct draft_code *t, unsigned bytes, bool store, unsigned va);
/* The record's function is called where the code jumps `from`. */
void draft_slow(struct draft_code *t, jump from);
/* l is written behind the block. */
void draft_late(struct draft_code *t, struct late l);

#endif
