/* SPDX-License-Identifier: MIT */
/* Prints tables as textbooks do: the string, a row for each frame, and a row
 * that marks the faults. A table is filled, or left empty as an exercise. */
#pragma once

#include "tools/vmsim/memory.h"

/* Returns a file in memory: 20 references drawn from seed, one a line. */
FILE *quiz_string(u64 seed);
void quiz_print_string(const struct string *, const struct numbering *);
/* Prints a started simulation's table; if filled, runs the simulation first. */
void quiz_table(struct simulation *, const struct string *,
                const struct numbering *, bool filled);
