/* SPDX-License-Identifier: MIT */
/* Tables as textbooks print them: the string, a row for each frame, and a row
 * that marks the faults; empty, to be filled, or filled. */
#pragma once

#include "tools/vmsim/memory.h"

/* A string of 20 references, a page number a line, as a file; from a seed. */
FILE *quiz_string(u64 seed);
void quiz_print_string(const struct string *, const struct numbering *);
/* The table of a simulation that was started; runs it if filled. */
void quiz_table(struct simulation *, const struct string *,
                const struct numbering *, bool filled);
