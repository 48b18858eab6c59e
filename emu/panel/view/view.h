/* SPDX-License-Identifier: MIT */
/* What the person at the panel has chosen, what can be clicked, and what the
 * panel remembers. No SDL here: the window, a test and --screenshot use the
 * same view. */
#ifndef CLOCKHAND_PANEL_VIEW_H
#define CLOCKHAND_PANEL_VIEW_H

#include "panel/view/timeline.h"
#include "panel/draw/layout.h"
#include "panel/view/news.h"

/* ---- what can be clicked ---------------------------------------------------
 */
enum hit_kind {
    HIT_NONE,
    HIT_WORD,   /* word: text, as the caption */
    HIT_TERM,   /* a word of inspect_explain's, looked up when clicked */
    HIT_ASK,    /* a word that the monitor explains: a policy's name */
    HIT_FRAME,  /* what: a frame, pinned */
    HIT_KEY,    /* what: a key, as if it were pressed */
    HIT_LIGHT,  /* line: words; their frames light up on the map */
    HIT_EVENTS, /* what: a list of the events tab (history), of a span */
    HIT_LINE,   /* line: a command of the monitor's */
    HIT_SHOW,   /* what: a tab; line: words, "": none; and the sentence */
    HIT_WHY     /* the right button's: line: the question who wrote it */
};
struct span { /* columns of pixels and the cycles there; w 0: no time */
    int x, w;
    u64 first, last;
};
struct hit {
    struct rect at;
    u8 kind;
    u64 what;
    const char *word, *text; /* outlive the view */
    char line[64];
    struct span span;
};
#define VIEW_HITS 1024

#define NO_FRAME (-1)
/* What Esc takes back: a list of events, all of a frame's life, frames lit, the
 * frame held, the time kept, the panel's own caption. */
enum view_choice {
    CHOICE_LIST,
    CHOICE_BIOGRAPHY,
    CHOICE_LIGHT,
    CHOICE_FRAME,
    CHOICE_TIME,
    CHOICE_NOTE,
    CHOICES
};

/* What one looked at, and when, before a click that led elsewhere. */
struct waypoint {
    s64 pinned;
    enum pane_id tab;
    bool tab_first, whole_biography;
    bool
        moved; /* the click sent the machine to another moment; before it, it */
    u64 cycle; /* stood here; NEVER: at its present */
    unsigned events;
    u64 events_first, events_last;
    char lit[96];
};
#define TRAIL 32

struct view {
    int text;  /* steps from the text size that suits the window */
    int scale; /* dots of the screen to one of a usual screen, percent */
    bool light, linear, heat, help;
    bool console;         /* keys go to the guest */
    bool whole_biography; /* the biography has the room of spaces and detail */
    enum pane_id tab;
    bool tab_first; /* it was chosen after the frame: layout.h, detail_first */
    unsigned scroll[PANES];   /* lines above what a pane shows */
    unsigned zoom;            /* each step doubles the cells */
    s64 left, top;            /* first cell shown when zoomed */
    s64 hover, pinned;        /* frames, or NO_FRAME */
    int pointer_x, pointer_y; /* -1: outside the window */
    u64 cursor;               /* a cycle on the time axis; NEVER: none */
    u64 span, span_end; /* cycles that it shows, 0: all; its last, 0: now */
    unsigned events;    /* what the events tab lists; 0: everything */
    u64 events_first, events_last; /* only those of these cycles */
    int slider;   /* the one that arrow keys move; 0: pace; -1: none */
    bool sliding; /* it is dragged, and stands at ... */
    s64 slide_to;
    bool finding; /* a line is typed after `/` */
    char find[64];
    char note[200];      /* the panel's own caption */
    char note_over[200]; /* the session's caption when the note was made */
    double now, note_at; /* host seconds; now 0: no clock, nothing grows old */
    bool note_of_key;    /* it says what a key did: the next one ends it */
    u32 chosen[CHOICES], nchosen; /* when, counted in choices */
    unsigned nhits;
    struct hit hit[VIEW_HITS];
    char lit[96];  /* the words whose frames shall light up */
    bool pin_lit;  /* and when it is one frame, it is held */
    bool why_here; /* what is under the pointer was written by somebody */
    bool travels;  /* the click at hand sends the machine elsewhere */
    bool returns;  /* it is one on the way back */
    struct waypoint trail[TRAIL]; /* the way back, the latest last */
    unsigned ntrail;
    struct timeline timeline;
    struct news news;
    struct fonts *fonts;
};

struct view *view_new(bool light);
/* That was chosen just now: Esc takes back the latest that is seen. */
void view_chose(struct view *v, enum view_choice what);
void view_free(struct view *v);
/* The frame that the frame pane shows: under the pointer, or pinned. */
s64 view_frame(const struct view *v);
void view_note(struct view *v, const struct ins_display *d, const char *fmt,
               ...) __attribute__((format(printf, 3, 4)));
/* A new display came: remember it. */
void view_observe(struct view *v, const struct ins_display *d);
/* What the caption says: the note until something else has happened and it
 * has been there for some seconds. */
const char *view_caption(const struct view *v, const struct ins_display *d);
/* How long ago that was (news_caption_ago), if it tells of an event. buf: 32
 * bytes. */
const char *view_when(const struct view *v, const struct ins_display *d,
                      char *buf);
/* A frame's number as the monitor writes it. buf: 24 bytes. */
const char *frame_number(char *buf, u64 pfn);
const struct hit *view_hit(const struct view *v, int x, int y);
/* What the right button asks about there: a HIT_WHY, or a HIT_FRAME; NULL:
 * nothing that was written. */
const struct hit *view_why(const struct view *v, int x, int y);

#endif
