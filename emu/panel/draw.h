/* SPDX-License-Identifier: MIT */
/* The context of one drawing, and the panes. Panes read the display and the
 * view; they write pixels and, into the view, what can be clicked. */
#ifndef CLOCKHAND_PANEL_DRAW_H
#define CLOCKHAND_PANEL_DRAW_H

#include "panel/layout.h"
#include "panel/palette.h"
#include "panel/view.h"

struct draw {
    struct fb *fb;
    const struct ins_display *d;
    struct view *v;
    const struct theme *t;
    struct layout l;
    struct grid grid;
    const struct font *f, *b; /* regular, bold */
    int cw, ch, lh;
};

/* Draws the whole panel; fills v's hits. Corrects v's choices that do not fit
 * the window (text, zoom). */
void panel_draw(struct fb *fb, const struct ins_display *d, struct view *v);

/* ---- draw.c: writing -------------------------------------------------------
 */
int put(struct draw *g, int x, int y, u32 colour, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
int put_bold(struct draw *g, int x, int y, u32 colour, const char *text);
/* At most `columns` code points; a text that is longer ends in an ellipsis. */
int put_fit(struct draw *g, int x, int y, int columns, u32 colour,
            const char *text);
int put_right(struct draw *g, int right, int y, u32 colour, const char *text);
/* Takes a line of at most `columns` bytes from the front of *text: whole words,
 * if one fits. Returns its length; *text is then what follows its blank. */
int take_line(const char **text, int columns);
/* Title bar over a pane: its name, then what there is to say about it.
 * Returns the inner part below, and clips to the pane. */
struct rect pane_open(struct draw *g, struct rect r, const char *name,
                      const char *about);
void pane_close(struct draw *g);
void add_hit(struct draw *g, struct rect at, enum hit_kind kind, u64 what,
             const char *text);
/* The same for a word with a sentence of its own (HIT_TEXT). */
void add_word(struct draw *g, struct rect at, const char *word,
              const char *sentence);
/* For a word of guest/abi or the glossary; without one nothing happens. */
void add_term(struct draw *g, struct rect at, const char *word);
/* A click asks the monitor what the policy in force does. */
void add_policy(struct draw *g, struct rect at);
/* As add_word, and the events behind it (why.c): what is a chart of a set, or
 * WHY_LANE + a lane. */
#define WHY_LANE 64
#define WHY_PROC 128 /* + pid */
void add_why(struct draw *g, struct rect at, unsigned what, const char *word,
             const char *sentence, struct span span);
/* Where on it the time lies that was clicked: behind what is drawn there. */
void draw_why_span(struct draw *g, struct rect at, unsigned what,
                   struct span span);
/* A word in what a pane's title says about it (ASCII before it). */
void add_title_term(struct draw *g, struct rect r, const char *name,
                    const char *about, const char *word, const char *term);
/* 1234567 -> "1,234,567". buf: 32 bytes. */
const char *grouped(char *buf, u64 n);
/* Simulated time of a cycle: "12.345 ms", "1.234 s". buf: 32 bytes. */
const char *sim_time(char *buf, const struct ins_display *d, u64 cycles);
/* "12K", "1.2M", "3.4G" of bytes. buf: 32 bytes. */
const char *size_text(char *buf, u64 bytes);
const char *proc_name(const struct ins_display *d, u32 pid);
/* The eight flag boxes DAGUXWRV of a PTE; returns the x after. */
int put_pte_flags(struct draw *g, int x, int y, u64 pte);

/* ---- map.c
 * -------------------------------------------------------------------- */
#define AGE_RECENT 40 /* ins_display.age below this: within 32 ms */
void draw_map(struct draw *g);
void draw_legend(struct draw *g);
/* One cell as the map draws it, for the legend and the frame pane too. */
void draw_cell(struct draw *g, int x, int y, int size, u8 kind, bool recent,
               u8 flags);
u32 kind_colour(const struct draw *g, u8 kind, bool recent);
bool frame_recent(const struct ins_display *d, u64 pfn);
/* The frame at a pixel of the window; NO_FRAME: none. */
s64 map_frame_at(const struct draw *g, int x, int y);
struct rect map_cell_rect(const struct draw *g, u64 pfn);
/* Zooms in (+1) or out (-1) so that the frame under x, y stays there. */
void map_zoom(struct draw *g, struct view *v, int step, int x, int y);
/* Moves a zoomed map by dx, dy pixels from where left, top was its origin. */
void map_drag(struct draw *g, struct view *v, s64 left, s64 top, int dx,
              int dy);
int map_cell_size(const struct draw *g); /* pixels; 0: several to a pixel */

/* ---- hands.c
 * ------------------------------------------------------------------ */
/* The colour of a hand: the one that takes frames, or only clears marks. */
u32 hand_colour(const struct draw *g, unsigned i);
bool hand_shown(const struct draw *g, unsigned i);
void draw_sweeps(struct draw *g); /* where the hands have been, over cells */
void draw_hands(struct draw *g);
void draw_hand_pointers(struct draw *g); /* on the rulers */
/* A small triangle on the top ruler and one on the left, for a cell. */
void draw_pointers(struct draw *g, struct rect cell, u32 colour);
/* A hand's mark around a cell, with hand tab_of - 1's letter; 0: none. */
void draw_hand_mark(struct draw *g, struct rect cell, u32 colour,
                    unsigned tab_of);

/* The layout and grid that panel_draw would use. */
void draw_plan(struct draw *g, int w, int h, const struct ins_display *d,
               struct view *v);

/* ---- panes ------------------------------------------------------------------
 */
/* A threshold of the policy's that people should see: its colour, 0: none. */
u32 gauge_colour(const struct draw *g, const struct ins_gauge *gauge);
void draw_memory_pane(struct draw *g, struct rect r);
void draw_disks_pane(struct draw *g, struct rect r);
void draw_life_pane(struct draw *g, struct rect r);
void draw_why_pane(struct draw *g, struct rect r);
/* What a chart is drawn from: counters, or the states that it is the level of
 * (1 << enum frame_state). Returns its name. */
const char *chart_source(unsigned what, unsigned counter[2], unsigned *n,
                         u32 *states);
void lanes_of(s8 lane[R_COUNT]); /* of each reason; -1: of none */
/* One event of a frame, in `columns`: with its sentence if there is room. */
void draw_life_row(struct draw *g, int x, int y, int columns,
                   const struct ins_event *e);
/* The same, and its sentence in lines of its own below, where the row has no
 * room for it but `spare` lines have; returns how many these are. */
int draw_life_event(struct draw *g, int x, int y, int columns, int spare,
                    const struct ins_event *e);
/* How far the biography can scroll when `rows` of it are shown. */
unsigned life_clamp(struct draw *g, int rows);

/* Lanes: what each is called, which words of `catch` stop at its events. */
#define LANE_WORDS 8
const char *lane_name(int lane);
const char *const *lane_catches(int lane); /* LANE_WORDS, NULLs at the end */
bool lane_stops(const struct ins_display *d, int lane);
#define CHART_SETS 2
const char *chart_set_name(unsigned set);
void draw_frame_pane(struct draw *g, struct rect r);
void draw_walk_pane(struct draw *g, struct rect r);
void draw_tlb_pane(struct draw *g, struct rect r);
const char *proc_state_sentence(u32 state);
void draw_procs_pane(struct draw *g, struct rect r);
void draw_console_pane(struct draw *g, struct rect r);
void draw_sparks(struct draw *g, struct rect r);
void draw_lanes(struct draw *g, struct rect r);
void draw_status(struct draw *g, struct rect r);
void draw_caption(struct draw *g, struct rect r);
void draw_help(struct draw *g);

#endif
