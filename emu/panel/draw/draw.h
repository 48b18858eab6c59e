/* SPDX-License-Identifier: MIT */
/* The context of one drawing (struct draw), and all that a pane may call. A
 * pane reads the display and the view. It writes pixels, and records its hits
 * (the places to click) in the view. */
#pragma once

#include "panel/draw/palette.h"
#include "panel/view/view.h"

struct draw {
    struct fb *fb;
    const struct ins_display *d;
    struct view *v;
    const struct theme *t;
    struct layout l;
    struct grid grid;
    struct font *sans, *bold, *mono; /* of the body text's size */
    struct font *big, *big_bold;     /* of the caption's size */
    int lh, pad;                     /* as in l */
    struct { /* the free part of the pane's title line (pane_about) */
        int x, y, right;
    } title;
};

/* panes/panes.c: draws the whole panel and fills v's hits. Corrects choices in
 * v that do not fit the window (text size, zoom). */
void panel_draw(struct fb *fb, const struct ins_display *d, struct view *v);
/* Makes panel_draw's context and layout without drawing; corrects v->text. */
void draw_plan(struct draw *g, int w, int h, const struct ins_display *d,
               struct view *v);

/* True in a terminal: a character is one pixel wide and two high (fb.h). */
static inline bool in_cells(const struct draw *g)
{
    return g->v->pixels != PIXELS;
}

/* Sets g's fonts, lh and pad from the sizes in g->l. */
void draw_fonts(struct draw *g);
/* card.c: returns the lines that the card's words need in a terminal. */
int card_lines(const struct draw *g);

static inline void fill(struct draw *g, int x, int y, int w, int h, u32 colour)
{
    fb_fill(g->fb, rect(x, y, w, h), colour);
}

/* Widens a column of w pixels to hold a text of `text` pixels. */
static inline void wider(int *w, int text)
{
    *w = *w > text ? *w : text;
}

static inline struct rect line_at(const struct draw *g, int x, int y, int w)
{
    return rect(x, y, w, g->lh);
}

/* Returns the pane's place without title and margins, as draw_NAME gets it. */
struct rect pane_inside(const struct draw *g, enum pane_id id);

/* ---- text.c: writing -------------------------------------------------------
 * y is the top of a line of g->lh pixels; the text stands in the line's middle.
 * Each put function returns the x after the text, unless it says otherwise. */
int put_as(struct draw *g, struct font *f, int x, int y, u32 colour,
           const char *text);
#define put(g, x, y, colour, ...)                                              \
    put_as(g, (g)->sans, x, y, colour, phrase(__VA_ARGS__))
#define put_bold(g, x, y, colour, text) put_as(g, (g)->bold, x, y, colour, text)
#define put_mono(g, x, y, colour, text) put_as(g, (g)->mono, x, y, colour, text)
/* Writes a text in at most `room` pixels; a longer one ends in an ellipsis. */
int put_fit(struct draw *g, struct font *f, int x, int y, int room, u32 colour,
            const char *text);
#define put_in(g, font, r, colour, text)                                       \
    put_fit(g, font, (r).x, (r).y, (r).w, colour, text)
/* Writes whole clauses of a text, from the first, as many as fit. */
int put_clauses(struct draw *g, struct font *f, int x, int y, int room,
                u32 colour, const char *text);
/* Writes a text that ends at `right`; returns the x at which it begins. */
int put_right(struct draw *g, struct font *f, int right, int y, u32 colour,
              const char *text);
/* Breaks a text between words into as many lines as r has; the last line ends
 * in an ellipsis if text is left. Returns the y after the lines. */
int put_lines(struct draw *g, struct font *f, struct rect r, u32 colour,
              const char *text);
/* Returns the number of lines that put_lines needs in `room` pixels. */
int lines_of(struct font *f, int room, const char *text);
int line_high(const struct draw *g, const struct font *f);

/* Writes a text about the pane after its title, by put_clauses. */
void pane_about_say(struct draw *g, const char *words);
#define pane_about(g, ...) pane_about_say(g, phrase(__VA_ARGS__))
/* Writes a text at the right end of the title line, if there is room. */
void pane_aside(struct draw *g, u32 colour, const char *text);

/* ---- widgets.c: shared by the tabs of detail ----------------------------- */

/* Writes a tab's first sentence in the largest text in which it takes one line,
 * or else two, and leaves `keep` lines of body text below it. *r becomes the
 * space below. Returns the sentence's place. */
struct rect headline_say(struct draw *g, struct rect *r, int keep, u32 colour,
                         const char *text);
#define headline(g, r, keep, colour, ...)                                      \
    headline_say(g, r, keep, colour, phrase(__VA_ARGS__))
/* Draws a tab that has nothing to show: a first sentence, and more about it. */
void tab_empty(struct draw *g, struct rect r, const char *text,
               const char *more);
/* Returns the height of headline's sentence. */
int headline_high(const struct draw *g, struct rect r, int keep,
                  const char *text);
/* Returns a copy of g whose text is the largest, up to 7/4 of the body's size,
 * at which r holds `lines` lines of `digits` digits. */
struct draw larger(const struct draw *g, struct rect r, int lines, int digits);
/* Draws a button that acts as a key, at r's right end, and takes its width from
 * r. Draws nothing in a terminal, or if less than half of r would be left. */
void key_button(struct draw *g, struct rect *r, int key, const char *text);
/* Draws the eight low bits of a PTE as boxes, D to V; a click on a box explains
 * the bit. If V is clear, the others are dim: the hardware ignores them. */
int pte_boxes(struct draw *g, int x, int y, u64 pte);
int pte_boxes_width(const struct draw *g);
/* Marks, in those boxes, the bit that an event has changed. */
void pte_mark(struct draw *g, int x, int y, unsigned bit, u32 colour);
void draw_box(struct draw *g, struct rect at, u32 edge, u32 colour);
/* Draws a frame with its number, in the colour of its kind. */
void draw_frame_box(struct draw *g, struct rect at, u64 pfn, u8 kind);
/* Draws the kinds of a frame before and after an event, "■ → ■"; one box if the
 * kind stayed. */
void put_kinds(struct draw *g, int x, int y, const struct ins_event *e);
int kinds_wide(const struct draw *g);
/* Limits view.scroll to a list of n lines, `rows` of which fit, and returns it:
 * the number of the first line to show. If n > rows, draws a scroll bar at r's
 * right. */
unsigned scrolled(struct draw *g, enum pane_id id, struct rect r, unsigned n,
                  unsigned rows);
/* Returns the face's largest font in which text fits w x h, else the body's. */
struct font *font_within(struct draw *g, enum face face, int w, int h,
                         const char *text);

/* These draw an arrow on a pane (dash 0: solid). draw_link's arrow points to
 * the middle of `to`'s left edge. */
void draw_line(struct draw *g, int x0, int y0, int x1, int y1, u32 colour,
               int width, int dash);
void draw_link(struct draw *g, int x, int y, struct rect to, u32 colour,
               int width, int dash);

/* ---- hits ---------------------------------------------------------------- */
void add_hit(struct draw *g, struct hit hit, const char *line);
#define add_word(g, r, w, sentence)                                            \
    add_hit(g, (struct hit){r, HIT_WORD, 0, w, sentence, .line = ""}, "")
/* A click explains a word of guest/abi or of the glossary (glossary.def). */
#define add_term(g, r, w)                                                      \
    add_hit(g, (struct hit){.at = r, .kind = HIT_TERM, .word = w}, "")
#define add_frame(g, r, pfn)                                                   \
    add_hit(g, (struct hit){.at = r, .kind = HIT_FRAME, .what = pfn}, "")
#define add_key(g, r, k)                                                       \
    add_hit(g, (struct hit){.at = r, .kind = HIT_KEY, .what = (u64)(k)}, "")
/* add_light: a click lights frames up. add_line: a click runs a command.
 * add_why: a right click goes to the last write of "pa:0x80001000", "pfn:7". */
#define add_light(g, r, ...)                                                   \
    add_hit(g, (struct hit){.at = r, .kind = HIT_LIGHT}, phrase(__VA_ARGS__))
#define add_line(g, r, ...)                                                    \
    add_hit(g, (struct hit){.at = r, .kind = HIT_LINE}, phrase(__VA_ARGS__))
#define add_why(g, r, ...)                                                     \
    add_hit(g, (struct hit){.at = r, .kind = HIT_WHY}, phrase(__VA_ARGS__))
/* A click opens a tab, says a sentence, and lights up the frames to which
 * `words` apply ("": none). */
#define add_show(g, r, tab, w, sentence, words)                                \
    add_hit(g, (struct hit){r, HIT_SHOW, tab, w, sentence, .line = ""}, words)
/* A click selects the frame at pa; if pa is not RAM, it explains `term`. */
void add_pa(struct draw *g, struct rect at, u64 pa, const char *term);
/* A click lets the monitor explain the policy in force. */
void add_policy(struct draw *g, struct rect at);
/* A click says a sentence and lists the events behind it (tabs/events.c);
 * `what` is an enum events_list. */
enum events_list {
    EVENTS_ALL,
    EVENTS_MEMORY,     /* a frame's kind changed */
    EVENTS_FREE,       /* a frame became free, or was allocated */
    EVENTS_SWAP,       /* a frame entered or left the swap cache */
    EVENTS_LANE = 64,  /* + lane: events of that lane */
    EVENTS_PROC = 128, /* + pid: events of that process */
};
#define add_events(g, r, list, w, sentence, span)                              \
    add_hit(g, (struct hit){r, HIT_EVENTS, list, w, sentence, "", span}, "")

/* ---- format.c: numbers and names for people ------------------------------ */
const char *grouped(u64 n); /* "1,234,567" */
/* Returns the simulated time that cycles take: "12.35 ms", "1.234 s". */
const char *sim_time(const struct ins_display *d, u64 cycles);
const char *size_text(u64 bytes); /* "12K", "1.2M" */
/* Returns the number of frames of a kind now. For free frames it is the
 * kernel's own count, as in the bar and for the thresholds. (The kernel changes
 * its count some instructions before or after a frame's event, and the machine
 * may stop in between.) */
u64 kind_frames(const struct ins_display *d, u8 kind);
const char *disk_name(unsigned slot);
const struct ins_proc *proc_of(const struct ins_display *d, s64 pid);
const char *proc_name(const struct ins_display *d, u32 pid);
const char *proc_text(const struct ins_display *d, u32 pid); /* "hog (11)" */
bool frame_recent(const struct ins_display *d, u64 pfn);     /* within 31 ms */
/* Returns the frame at a physical address; NO_FRAME: it is not RAM. */
s64 ram_frame(const struct ins_display *d, u64 pa);
/* frame.c: returns the frame pane's sentence for the web page, which a screen
 * reader can read; "": no frame. */
const char *frame_words(const struct ins_display *d, struct view *v);

/* ---- places: the ends of an arrow ------------------------------------------
 * They return false if the thing is not on the screen now. */
bool place_frame(struct draw *g, u64 pfn, struct rect *r); /* map.c */
bool place_slot(struct draw *g, u64 slot, struct rect *r); /* slots.c */
bool place_free(struct draw *g, struct rect *r);           /* slots.c */
bool place_disk(struct draw *g, struct rect *r);           /* slots.c */
/* Describes the slot under the pointer, for the map's title; form 0 is the
 * longest. NULL: there is none. */
const char *slot_words(const struct draw *g, unsigned form);
/* slot_detail.c: returns the slot that the frame pane shows; INS_NO_SLOT: it
 * shows a frame or nothing. */
u32 slot_chosen(const struct draw *g);
void draw_slot_page(struct draw *g, struct rect r);
/* Returns the frame at a pixel of the map; NO_FRAME: none. */
s64 map_frame_at(const struct draw *g, int x, int y);

/* Draws a frame's cell, with at most one mark, for legend and frame pane. */
void draw_cell(struct draw *g, struct rect at, u8 kind, bool recent, u8 flags);
/* Draws the flags' mark on a cell of no kind. */
void draw_mark_alone(struct draw *g, struct rect at, u8 flags);
u32 kind_colour(const struct draw *g, u8 kind, bool recent); /* cells.c */
char kind_letter(u8 kind); /* for a terminal without colours */
/* Returns a lit frame's colour on the map. A free frame gets a grey of its own,
 * because its usual colour is nearly the background's. */
u32 lit_colour(const struct draw *g, u8 kind, bool recent); /* cells.c */

/* ---- panes (panes.def) --------------------------------------------------- */
struct controls;
enum pointer { POINTER_MOVE, POINTER_PRESS, POINTER_DRAG, POINTER_RELEASE };
#define PANE(id, name, key, em, lines, pointer, wheel, title, sentence)        \
    void draw_##name(struct draw *g, struct rect r);
#include "panel/panes.def"

/* Handles the pointer in a pane. Returns true if it has handled the click; else
 * the hit under the pointer acts. */
typedef bool pointer_fn(struct draw *g, struct controls *c, enum pointer what,
                        int x, int y);
typedef void wheel_fn(struct draw *g, struct controls *c, int steps, int x,
                      int y);
struct pane {
    const char *name, *title, *sentence;
    int key;
    void (*draw)(struct draw *g, struct rect r); /* r: below its title */
    pointer_fn *pointer; /* NULL: only its hits answer */
    wheel_fn *wheel;
};
extern const struct pane panes[PANES];
pointer_fn pointer_map, pointer_slots, pointer_time, pointer_policy;
wheel_fn wheel_map, wheel_time;
wheel_fn wheel_lines; /* scrolls a pane of lines (view.scroll) */
/* event_fork.c: the tab Event at a fork (ins_display.nforked). */
void draw_event_fork(struct draw *g, struct rect r);
/* event_stale.c: the same tab at a stale use (ins_display.stale_known). */
void draw_event_stale(struct draw *g, struct rect r);

/* ---- the lanes of the time axis (time_lanes.c) --------------------------- */
#define LANES      6
#define LANE_WORDS 8
const char *lane_name(int lane);
/* Returns an array of LANE_WORDS words for the monitor's `catch`; the unused
 * ones at its end are NULL. */
const char *const *lane_catches(int lane);
bool lane_stops(const struct ins_display *d, int lane);

/* draw_callout (callout.c) draws the latest event over all panes; draw_help
 * draws the page of keys in place of the panes. */
void draw_callout(struct draw *g);
/* Returns the event that draw_callout's arrow shows; NULL: no arrow. */
const struct ins_event *callout_event(const struct draw *g);
void draw_help(struct draw *g);

/* Returns the colour of a threshold in the bar's gauge, on the time axis and in
 * the policy tab; 0: the tab shows it dim, and the others do not show it. */
u32 level_colour(const struct draw *g, const char *name);
static inline u32 gauge_colour(const struct draw *g, const struct ins_gauge *it)
{
    return level_colour(g, it->name);
}
