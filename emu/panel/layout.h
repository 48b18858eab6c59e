/* SPDX-License-Identifier: MIT */
/* Where the panes lie. Two plans: wide, and narrow, for windows that are small
 * or text that is large. In both, console, memory, disks, frame and caption are
 * there, and no pane's text is ever cut: a text too large for the window is
 * refused instead. Everything is computed from the window's size, the text's
 * size and the number of frames.
 *
 * Memory (thresholds, swap, hands) and disks lie under the legend where a flat
 * map leaves room there, else under or beside the processes. The narrow plan
 * has less of the console (the lines around its cursor), and TLB, walk and
 * processes as there is room. The biography, while it is asked for, lies over
 * the lower panes.
 *
 *   status ------------------------------------------------------------------
 *   map  title                | frame            | walk
 *        ruler                |                  | tlb
 *        frame map            |------------------+-------------
 *        legend               | console          | processes, memory, disks
 *   sparklines ----------------------------------------------------------------
 *   lanes
 *   caption -----------------------------------------------------------------
 *
 *   narrow:  map and legend   | frame
 *                             | walk, tlb (room left)
 *                             | processes | memory, disks
 *                             | console
 *            sparklines       |    lanes
 */
#ifndef CLOCKHAND_PANEL_LAYOUT_H
#define CLOCKHAND_PANEL_LAYOUT_H

#include "panel/fb.h"
#include "panel/morton.h"

#define MIN_WIDTH  640
#define MIN_HEIGHT 480
#define LANES      6

#define LEGEND_WIDE 3 /* columns */
/* Do the marks' words fit on one line, each at full length? */
bool legend_long(int width, int cw, int ch);
/* What an entry of the TLB takes, its frame number in four digits. */
#define TLB_CHARS 21
/* Digits of the TLB's column of frame numbers. */
int pfn_digits(u64 nframes);

/* The panes that get more room in a narrow window. */
enum layout_focus { FOCUS_NONE, FOCUS_CONSOLE, FOCUS_INSIDE /* walk, TLB */ };

struct layout {
    int size; /* index into font_regular */
    bool wide;
    struct rect status, map_title, ruler_top, ruler_left, map, legend, frame,
        walk, tlb, procs, console, memory, disks, life, sparks, lanes, caption;
    struct rect low; /* what the biography may cover */
    int cell;        /* pixels a frame, >= 1 */
    unsigned shrink; /* else 1 << shrink frames in each direction a pixel */
    int legend_columns, sparks_columns;
    bool legend_marks; /* there is room for them */
};

/* The largest text at which the wide plan fits, moved by `steps`, but never
 * to where not even the narrow plan fits. Returns the steps that were really
 * taken. scale: dots of the screen to one of a usual screen, percent. Windows
 * below MIN_WIDTH x MIN_HEIGHT get the plan of that size, and show its top
 * left. */
int layout_make(struct layout *l, int w, int h, const struct grid *g, int steps,
                enum layout_focus focus, int scale);
/* Afterwards: the biography over the lower panes. */
void layout_life(struct layout *l);

#endif
