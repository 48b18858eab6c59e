/* SPDX-License-Identifier: MIT */
/* The panel's state: the user's choices, the places to click, and the panel's
 * memory of earlier displays. No SDL here: the window, the terminal, tests and
 * --screenshot use the same view. */
#pragma once

#include "panel/view/timeline.h"
#include "panel/draw/layout.h"
#include "panel/view/news.h"

/* ---- hits: places to click ----------------------------------------------- */
enum hit_kind {
    HIT_NONE,
    HIT_WORD,   /* the caption becomes "word: text" */
    HIT_TERM,   /* the caption explains word (inspect_explain) */
    HIT_ASK,    /* the monitor explains word: a policy's name */
    HIT_FRAME,  /* selects frame number `what` */
    HIT_KEY,    /* acts as the key `what` */
    HIT_LIGHT,  /* lights up the frames that line describes */
    HIT_EVENTS, /* lists the events of `what`, an enum events_list, in span */
    HIT_LINE,   /* runs line as a command of the monitor */
    HIT_SHOW,   /* opens tab `what`, lights line's frames if any, says text */
    HIT_WHY     /* right button: runs last-write on line */
};
struct span { /* columns of pixels and their cycles; w 0: no time */
    int x, w;
    u64 first, last;
};
static const struct span no_span = {0, 0, 0, 0};
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
/* The choices that Esc undoes: a list of events, the large biography, lit
 * frames, the selected frame, the time axis's kept cursor, the panel's own
 * caption. */
enum view_choice {
    CHOICE_LIST,
    CHOICE_BIOGRAPHY,
    CHOICE_LIGHT,
    CHOICE_FRAME,
    CHOICE_TIME,
    CHOICE_NOTE,
    CHOICES
};

/* A step of the way back: the view's choices before a click or the key y. */
struct waypoint {
    s64 pinned;
    enum pane_id tab;
    bool tab_first, whole_biography;
    bool moved; /* the click sent the machine to another moment */
    u64 cycle;  /* at which the machine stood before; NEVER: its present */
    unsigned events;
    u64 events_first, events_last;
    char lit[96];
};
#define TRAIL 32

struct view {
    enum pixels pixels;
    int text;  /* steps from the text size that suits the window */
    int scale; /* the screen's dots per point of the window, percent */
    bool light, heat, help;
    bool other_order;     /* not the order that suits the policy (view_rows) */
    bool console;         /* typed keys go to the guest */
    bool console_small;   /* the panel opened the console; it stays small */
    bool readers_turn;    /* a story ended with the guest at a prompt */
    bool whole_biography; /* it covers spaces and detail, too */
    enum pane_id tab;
    bool tab_first;           /* the tab was opened after the frame was selected
                               * (wanted.detail_first) */
    unsigned scroll[PANES];   /* lines above the first shown */
    unsigned zoom;            /* each step doubles the cells' size */
    s64 left, top;            /* first cell shown when zoomed */
    s64 hover, pinned;        /* frames, or NO_FRAME */
    int pointer_x, pointer_y; /* -1: outside the window */
    u64 cursor;               /* a cycle on the time axis; NEVER: none */
    u64 span,
        span_end; /* length of the time shown, 0: all; its last cycle, 0: now */
    unsigned events; /* enum events_list: the list of the events tab */
    u64 events_first, events_last; /* it lists only events of these cycles */
    int slider;                    /* for the arrow keys; 0: pace; -1: none */
    bool sliding; /* the slider is being dragged, and has reached slide_to */
    s64 slide_to;
    char unread[64]; /* typed to the guest since the machine stopped */
    bool finding;    /* a line is typed after `/` */
    char find[64];
    char note[200];      /* the panel's own caption */
    char note_over[260]; /* the session's caption when the note was made */
    double now, note_at; /* host seconds; now 0: no clock, no note grows old */
    u64 note_cycle;      /* the machine's cycle when the note was made */
    bool note_of_key;    /* a key made the note; a key or click clears it */
    /* chosen[what]: nchosen when it was chosen last; Esc undoes the highest. */
    u32 chosen[CHOICES], nchosen;
    unsigned nhits;
    struct hit hit[VIEW_HITS];
    char lit[96];  /* words for the frames that light up */
    bool pin_lit;  /* if `lit` describes a single frame, select it */
    bool why_here; /* the right button has an answer under the pointer */
    bool travels;  /* this click sends the machine to another moment */
    bool returns;  /* this click takes a step of the way back */
    struct waypoint trail[TRAIL]; /* the way back, the latest last */
    unsigned ntrail;
    struct timeline timeline;
    struct news news;
    struct fonts *fonts;
};

struct view *view_new(bool light);
/* Prepares the view for a terminal (fb_init_cells). */
void view_in_cells(struct view *v, bool letters);
/* Records a choice. Esc undoes the latest one whose effect is visible. */
void view_chose(struct view *v, enum view_choice what);
void view_free(struct view *v);
/* True: frames lie in rows by their numbers; else in Morton order. Rows suit a
 * policy with hands, since they show the sweep; the user may choose
 * otherwise. */
bool view_rows(const struct view *v, const struct ins_display *d);
/* Returns the frame under the pointer, else the pinned one, else NO_FRAME. */
s64 view_frame(const struct view *v);
void view_say(struct view *v, const struct ins_display *d, const char *text);
#define view_note(v, d, ...) view_say(v, d, phrase(__VA_ARGS__))
/* Updates timeline and news; the new caption of a stop clears the note. */
void view_observe(struct view *v, const struct ins_display *d);
/* Returns the caption's text: the note, until the session has a newer caption
 * and NOTE_SECONDS have passed; then the session's caption. */
const char *view_caption(const struct view *v, const struct ins_display *d);
/* Returns a frame's number as the monitor writes it. */
const char *frame_number(u64 pfn);
const struct hit *view_hit(const struct view *v, int x, int y);
/* Returns the hit for a right click at x, y: HIT_WHY or HIT_FRAME; or NULL. */
const struct hit *view_why(const struct view *v, int x, int y);
