/* SPDX-License-Identifier: MIT */
/* Where the panes lie. Two plans: wide (the console always shown) and compact
 * (the console covers other panes while it has the keys). Everything is
 * computed from the window's size, the text's size and the number of frames,
 * so that no pane's text is ever cut: a text too large for the window is
 * refused instead.
 *
 * Memory (thresholds, swap, hands) and disks lie under the legend where a flat
 * map leaves room there, else under the processes; in the compact plan they
 * may take the places of TLB and processes. The biography, while it is asked
 * for, lies over the lower panes.
 *
 *   status ------------------------------------------------------------------
 *   map  title                | frame            | walk
 *        ruler                |                  | tlb
 *        frame map            |------------------+-------------
 *        legend               | console          | processes     (wide)
 *   sparklines ----------------------------------------------------------------
 *   lanes
 * -----------------------------------------------------------------------
 *   caption
 * ---------------------------------------------------------------------- */
#ifndef CLOCKHAND_PANEL_LAYOUT_H
#define CLOCKHAND_PANEL_LAYOUT_H

#include "panel/fb.h"
#include "panel/morton.h"

#define MIN_WIDTH  800
#define MIN_HEIGHT 600
#define LANES      6

#define LEGEND_WIDE 3 /* columns; with fewer its marks take two lines */
/* What an entry of the TLB takes, its frame number in four digits. */
#define TLB_CHARS 21
/* Digits of the TLB's column of frame numbers. */
int pfn_digits(u64 nframes);

struct layout {
    int size; /* index into font_regular */
    bool wide;
    bool console_shown;
    struct rect status, map_title, ruler_top, ruler_left, map, legend, frame,
        walk, tlb, procs, console, memory, disks, life, sparks, lanes, caption;
    struct rect low; /* what the biography may cover */
    int cell;        /* pixels a frame, >= 1 */
    unsigned shrink; /* else 1 << shrink frames in each direction a pixel */
    int legend_columns, sparks_columns;
};

/* The largest text at which the wide plan fits, moved by `steps`, but never
 * to where not even the compact plan fits. Returns the steps that were
 * really taken. Windows below MIN_WIDTH x MIN_HEIGHT get the plan of that
 * size, and show its top left. */
int layout_make(struct layout *l, int w, int h, const struct grid *g, int steps,
                bool console);
/* Afterwards: memory and disks first where not all have room; the biography
 * over the lower panes. */
void layout_choose(struct layout *l, bool memory, bool life);

#endif
