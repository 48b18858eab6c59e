/* SPDX-License-Identifier: MIT */
/* The axis of simulated time that all rows of the time pane share. It gives the
 * cycle of each column of pixels, and holds the samples that are known. */
#pragma once

#include "panel/draw/draw.h"

#define AXIS_SAMPLES (2 * INS_SAMPLES + 2)
struct axis {
    struct rect names; /* the rows' names, left of the plot */
    struct rect plot;  /* columns x to x + w - 1 are cycles first to last */
    int labels;        /* y of the line with the times */
    u64 first, last;
    u64 begin, now; /* the oldest cycle remembered, and the present one */
    u64 here;       /* the cycle at which the machine stands */
    unsigned n;     /* of s, oldest first; `present` last unless in the past */
    const struct ins_sample *s[AXIS_SAMPLES];
    struct ins_sample present, asleep; /* asleep: the hart slept since then */
};

/* Returns a display's levels and counters as a sample. */
struct ins_sample axis_present(const struct ins_display *d);
/* Makes the axis for the time pane as g lays it out (draw_plan). */
void axis_make(struct axis *a, const struct draw *g);
/* Returns a cycle's column; cycles beyond the ends lie one column beyond. */
int axis_x(const struct axis *a, u64 cycle);
u64 axis_cycle(const struct axis *a, int x);
/* Returns the index of the latest sample up to a cycle; AXIS_SAMPLES: none. */
unsigned axis_sample(const struct axis *a, u64 cycle);
/* True if some of the time of sample i is shown. */
bool axis_shown(const struct axis *a, unsigned i);
/* Gives the columns of r that sample i stands for: from *x up to *end. False:
 * it lies outside the stretch of time that is shown. */
bool axis_columns(const struct axis *a, unsigned i, struct rect r, int *x,
                  int *end);
/* Returns a counter's growth per second between samples i - 1 and i. */
double axis_rate(const struct draw *g, const struct axis *a, unsigned i,
                 u64 (*count)(const struct ins_sample *s, unsigned what),
                 unsigned what);
/* Returns a cycle's time in words, fine enough to tell columns apart. */
const char *axis_time(const struct draw *g, const struct axis *a, u64 cycle);
/* axis_ticks writes times under the plot ("250 ms"), with lines up through it.
 * It leaves out a time that would touch one of the labels. */
struct axis_label {
    int from, to; /* columns; to < from: none */
};
void axis_ticks(struct draw *g, const struct axis *a,
                const struct axis_label *labels, unsigned n);
struct span axis_span(const struct axis *a);

/* ---- rows: r is the row's part of the plot ------------------------------- */

/* The rows from the top down. A lane has a row if it has events or stops the
 * machine; swap has one if it is in use. If rows would be lower than a name,
 * the least telling ones are left out: lanes first, then swap. */
enum { ROW_FRAMES, ROW_FREE, ROW_SWAP, ROW_LANE, ROWS = ROW_LANE + LANES };
struct time_rows {
    unsigned n;
    u8 row[ROWS];
    struct rect at[ROWS];
};
void time_rows(const struct draw *g, const struct axis *a,
               struct time_rows *rows);
/* Writes a row's name, centred in height. Returns the place left of the row. */
struct rect row_name(struct draw *g, const struct axis *a, struct rect r,
                     u32 colour, const char *name);

/* time_memory.c */
#define STACKS 7
struct stack_part {
    const char *word; /* the name of its frames */
    u8 kind;          /* it has this kind's colour */
};
extern const struct stack_part stack_parts[STACKS]; /* from the bottom up */
void stack_of(const struct ins_sample *s, u64 frames[STACKS]);
void draw_stack(struct draw *g, struct axis *a, struct rect r);

/* time_free.c */
#define RATES 4
u64 rate_count(const struct ins_sample *s, unsigned rate);
void draw_free(struct draw *g, struct axis *a, struct rect r);
void draw_swap(struct draw *g, struct axis *a, struct rect r);

/* time_lanes.c */
void draw_lanes(struct draw *g, struct axis *a, const struct time_rows *rows);
bool lane_used(const struct draw *g, const struct axis *a, int lane);
/* Returns a lane's rank; higher ones are more telling. */
int lane_rank(int lane);
int lane_of(u8 reason); /* -1: none */
/* Returns the most telling of the *n events near a column; NULL: none. */
const struct ins_event *lane_event(const struct draw *g, const struct axis *a,
                                   int x, unsigned *n);

/* time.c: describes the moment at column x, in at most `room` pixels. */
const char *time_words(struct draw *g, const struct axis *a, int x, int room);
/* Returns the pointer's column, else the kept cursor's; -1: none. */
int time_cursor(const struct draw *g, const struct axis *a);
