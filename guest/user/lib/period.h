/* SPDX-License-Identifier: MIT */
/* Samples all the kernel's numbers (/proc/counters), and prints the columns of
 * guest/abi/outputs.def from two samples. */
#pragma once

#include "abi/abi.h"
#include "lib/lines.h"

#define NVALUES (G_COUNT + C_COUNT) /* gauges, then counters */
#define ABSENT  (-1)                /* machine or policy has no such value */

struct sample {
    s64 value[NVALUES];
};

struct column {
    enum output output;
    const char *name;
    u8 width, decimals;
    enum column_kind kind;
    const char *source, *measures, *isnt;
};
extern const struct column columns[];
extern const unsigned ncolumns;

/* Reads /proc/counters; ends the program if that fails. */
struct sample sample_now(const char *program);
/* Simulated time between two samples, in us. */
u64 sample_us(const struct sample *a, const struct sample *b);

/* Stores one cell's text for the interval from a to b, at most 32 bytes. If
 * every value of a is 0, the interval began at start-up. */
void cell_text(const struct column *c, const struct sample *a,
               const struct sample *b, char *text);

/* Returns n * scale / of, rounded; a half goes to the even number, as in
 * printf's %.0f; if of is 0, returns 0. of * scale must fit in 64 bits. */
u64 scaled(u64 n, u64 scale, u64 of);

/* Prints the names or values of an output's columns, each right-aligned to its
 * width. A blank separates them and, if lead, precedes the first. In Solaris's
 * vmstat a cell that is too wide uses blanks of the cells that follow. */
void print_names(enum output o, bool lead);
void print_cells(enum output o, bool lead, const struct sample *a,
                 const struct sample *b);
/* As print_cells with lead; the columns of disk0 show disk `disk` instead. */
void print_cells_of_disk(enum output o, unsigned disk, const struct sample *a,
                         const struct sample *b);
/* From now on prints other's column `instead` in the place of o's column `name`
 * (at most eight such columns). Both names must be in outputs.def. */
void column_instead(enum output o, const char *name, enum output other,
                    const char *instead);
/* Prints totals since start-up, a line each; width 0: on the line before. */
void print_totals(enum output o);
/* Prints for every column what it means, and what it does not mean. */
void print_columns_help(enum output o);

/* Parses seconds, "5" or "0.25"; returns milliseconds, 0: malformed. */
u64 delay_ms(const char *p);
