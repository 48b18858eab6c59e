/* SPDX-License-Identifier: MIT */
/* What the person at the panel has chosen, and what the panel remembers of
 * the displays it was shown. No SDL here: the window, a test and --screenshot
 * use the same view. */
#ifndef CLOCKHAND_PANEL_VIEW_H
#define CLOCKHAND_PANEL_VIEW_H

#include "inspect/inspect.h"
#include "panel/fb.h"
#include "panel/morton.h"

/* ---- history (history.c): what sparklines and lanes are drawn from --------
 */
#define HISTORY_SAMPLES 512
#define HISTORY_EVENTS  32768 /* why.c looks at all of them */
#define LANE_EVENTS     2048  /* the lanes show the latest one by one */
struct history {
    unsigned n, first; /* ring of samples, oldest at first */
    struct ins_sample sample[HISTORY_SAMPLES];
    unsigned nevents, first_event;
    struct ins_event event[HISTORY_EVENTS];
};
/* Takes what is new in d; forgets everything when time has gone back. */
void history_observe(struct history *h, const struct ins_display *d);
/* For one display alone (a picture): all samples that came with it. */
void history_of(struct history *h, const struct ins_display *d);
const struct ins_sample *history_at(const struct history *h, unsigned i);
const struct ins_event *history_event(const struct history *h, unsigned i);

/* ---- what can be clicked ---------------------------------------------------
 */
enum hit_kind {
    HIT_NONE,
    HIT_FRAME,
    HIT_STATE,
    HIT_TEXT,
    HIT_LANE,
    HIT_LIFE,
    HIT_SYSRQ,
    HIT_HELP,
    HIT_WHY,  /* its sentence, and the events behind it */
    HIT_STEP, /* as the key w */
    HIT_ASK,  /* a word that the monitor explains: a policy's name */
    HIT_TERM  /* a word of inspect_explain's, looked up when clicked */
};
struct hit {
    struct rect at;
    u8 kind;
    u64 what;         /* pfn, state or lane */
    const char *text; /* HIT_TEXT: a sentence that outlives the view */
    const char *word; /* what it is about, or NULL */
    struct span {     /* HIT_WHY: columns of pixels and the cycles there */
        int x, w;     /* w: 0 if it is about no time */
        u64 first, last;
    } span;
};
#define VIEW_HITS 768

/* ---- cells drawn once (map.c): kind, recent, flags -------------------------
 */
#define TILES ((FS_COUNT + 1) * 2 * 16)
struct tiles {
    int size, filter;
    bool light;
    bool ready[TILES];
    u32 *px; /* TILES pictures of size * size */
};

#define NO_FRAME (-1)
struct view {
    int text;  /* steps from the text size that fits best */
    int scale; /* dots of the screen to one of a usual screen, percent */
    bool light, linear, heat, help, console;
    bool life;    /* the biography has the lower panes' room */
    unsigned why; /* so have the events behind a chart, lane or process:
                   * 1 + its number; 0: no */
    u64 why_first, why_last; /* only those of these cycles */
    bool inside;       /* where there is no room for all panes: walk and TLB */
    unsigned scroll;   /* lines of the biography above its pane */
    unsigned charts;   /* which set of them */
    int filter;        /* a state, or -1: all */
    unsigned zoom;     /* each step doubles the cells */
    s64 left, top;     /* first cell shown when zoomed */
    s64 hover, pinned; /* frames, or NO_FRAME */
    int hover_x, hover_y;
    char note[200];      /* the panel's own caption */
    char note_over[200]; /* the session's caption when the note was made */
    unsigned note_age;   /* displays that came since */
    unsigned nhits;
    struct hit hit[VIEW_HITS];
    struct history history;
    struct tiles tiles;
};

struct view *view_new(bool light);
void view_free(struct view *v);
/* The frame that the frame pane shows: under the pointer, or pinned. */
s64 view_frame(const struct view *v);
void view_note(struct view *v, const struct ins_display *d, const char *fmt,
               ...) __attribute__((format(printf, 3, 4)));
/* A new display came: remember it, and let the note grow old. */
void view_observe(struct view *v, const struct ins_display *d);
/* What the caption bar says: the note until something else has happened and
 * it has been there for some seconds. */
const char *view_caption(const struct view *v, const struct ins_display *d);
/* A frame's number as the monitor writes it. buf: 24 bytes. */
const char *frame_number(char *buf, u64 pfn);
const struct hit *view_hit(const struct view *v, int x, int y);

#endif
