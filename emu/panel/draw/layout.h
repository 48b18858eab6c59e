/* SPDX-License-Identifier: MIT */
/* Computes the places of the panes from the size of window and text and from
 * the panes wanted large. The map takes all the height that it can use; the
 * panes to its right share the remaining width.
 *
 *   bar ---------------------------------------------------------
 *   map (square)        | slots | card
 *                       |       | detail (one tab of several)
 *                       |       | frame
 *   legend                      | spaces
 *   time --------------------------------------------------------
 *   hints -------------------------------------------------------
 *
 * If room is short, spaces is left out first, then frame or detail. A terminal
 * may lack time and legend, too. All other panes are always there. */
#pragma once

#include "panel/draw/fb.h"
#include "panel/draw/morton.h"

#define MIN_WIDTH    640
#define MIN_HEIGHT   480
#define TERM_COLUMNS 80 /* the least size of a terminal */
#define TERM_ROWS    24

enum pane_id {
#define PANE(id, name, key, em, lines, pointer, wheel, title, sentence)        \
    PANE_##id,
#include "panel/panes.def"
    PANES
};
#define TAB_FIRST PANE_EVENT /* the tabs are the last rows */
#define TABS      (PANES - TAB_FIRST)

/* A frame's cell on the map: w x h pixels, or, if there is no room, a pixel
 * for 1 << sx by 1 << sy frames. */
struct cells {
    int w, h;
    unsigned sx, sy;
};

struct layout {
    int px;                 /* the body text's em */
    int lh;                 /* height of a line of text */
    int pad;                /* space left and right of a pane's text */
    int gap;                /* space above and below a pane's text */
    int digit;              /* width of a digit */
    int thin;               /* a space less wide than a digit */
    int big;                /* the caption's em */
    int hair, line, stroke; /* thickness of a rule, a box's edge, an arrow */
    int tab_lines;          /* lines reserved for the tabs' names */
    int edge; /* extra height above and below a line of text in a box */
    int unit; /* lines of text lie at multiples of it */
    struct cells cells;
    struct rect at[PANES]; /* w 0: not there. Tabs lie within the detail */
};

enum pixels {
    PIXELS,
    CELLS,  /* a pixel is half a terminal's cell (fb.h) */
    LETTERS /* as CELLS, without colours */
};
/* The choices that layout_make follows. steps: text size, in steps above
 * the size that suits the window. big_detail: the tab also takes the place of
 * frame and spaces, because the user types in its console. big_frame: the
 * biography also takes the place of spaces and detail. detail_first: if only
 * one of frame and detail has room, detail is shown. tab_below: the tab lies
 * below the map (console_below). */
struct wanted {
    enum pixels pixels;
    int card; /* lines that the card needs in a terminal */
    int steps;
    int scale; /* the screen's dots per point of the window, in percent */
    bool big_detail, big_frame, detail_first, tab_below;
    enum pane_id tab;
};

/* Sets the sizes that follow from the text's size px, in pixels of a window. */
void layout_text(struct layout *l, int px);
/* Makes the layout. Returns the steps in force: fewer than wanted if a pane
 * that is always there would have no room, more if text would be too small. A
 * smaller window shows the top left of a MIN_WIDTH x MIN_HEIGHT picture. */
int layout_make(struct layout *l, int w, int h, const struct grid *g,
                struct wanted want);
