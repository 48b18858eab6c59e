/* SPDX-License-Identifier: MIT */
/* What the panel is shown, and what pictures and films show: displays,
 * captions, cards. The session owns a struct show, and gives it its state. */
#pragma once

#include "inspect/display.h"
#include "inspect/events.h"

#include <pthread.h>

struct config;
struct term;

/* The panel draws pictures one after another. open returns the handle for draw,
 * and the pictures' size. draw returns pixels 0x..RRGGBB, which stay valid
 * until its next call. */
struct show_pictures {
    void *(*open)(const struct config *c, int *w, int *h);
    const u32 *(*draw)(void *, const struct ins_display *d, int *w, int *h);
    void (*close)(void *);
};

/* The state of the session, asked when something is shown. */
struct show_state {
    bool going;     /* the machine runs */
    bool at_goal;   /* it stands where somebody wanted it to, not at a stop */
    bool led;       /* a script, a lesson or a debugger leads */
    bool file_runs; /* a file's commands are executed */
    double pace;    /* 0: max */
    u64 catching;   /* 1 << enum reason: the user's catches stop there */
};

#define CARDS 32
struct cards { /* so far (cards.c) */
    struct card {
        u64 cycle;   /* the panel shows `text` from this cycle on */
        u64 reasons; /* of events to draw beside it (card_tell) */
        char text[260];
        u64 figured; /* the cycle at which `figures` were measured */
        char figures[200];
    } at[CARDS];
    unsigned n;
    u64 over; /* they ended at this cycle: the present shows no card */
};

struct show {
    struct machine *m;
    const struct config *config;
    struct ins_events *events;   /* NULL: closed at the end */
    struct ins_truth_log *truth; /* NULL: not counted */
    const struct term *term;
    struct show_state (*state)(const void *session);
    const void *session;
    struct show *outer; /* of the session that has the window; NULL: this one */

    /* shared with the panel's thread, under lock */
    pthread_mutex_t lock;
    struct ins_display *shown;
    bool publish;
    s64 selected;   /* the panel's choice of a frame; -1: none */
    char light[96]; /* words: ins_display.lit_words */
    bool taken;     /* the panel has copied the last display */

    struct ins_display *work; /* the session's own, brought up to date */
    s64 published_frame;      /* `selected`, as last published */
    double published;         /* host time of the last display */
    struct speed {
        double host; /* host time of the last measurement */
        u64 instret, cycle;
        double mips, pace;
    } speed;
    bool covered;      /* session_cover */
    bool awaits_input; /* the machine stands still for standard input */
    bool page_shown;   /* `page` showed a frame: page_pfn, for page.refs */
    u64 page_pfn;

    u64 captioned; /* events considered for captions */
    char caption[260];
    u32 caption_pfn;      /* the caption's frame, or LENS_NO_PFN */
    u64 caption_cycle;    /* of the caption's event; NEVER: none */
    double caption_until; /* host time up to which its rank protects it */
    u8 caption_rank;      /* only an event of a higher rank replaces it */
    double answer_until;  /* until this host time the caption is an answer */
    bool on_way;          /* the caption says how far travel has come */
    u8 examples_shown[R_COUNT]; /* examples that next-event showed
                                 * (publish_note_example) */

    struct cards cards,
        aside;       /* aside: of the future that `branch` put aside */
    bool card_waits; /* the script waits until the user goes on */

    bool (*screenshot)(const struct ins_display *, const struct config *,
                       const char *, char *, size_t);
    struct picture { /* of --screenshot (picture.c) */
        bool tried, taken;
        struct ins_display *last_look; /* when --run's process ended */
        u32 last_look_pid;
    } picture;
    const struct show_pictures *pictures;
    struct film *film; /* film.c; NULL: nothing is recorded */
};

static inline void unlock(pthread_mutex_t **lock)
{
    pthread_mutex_unlock(*lock);
}

/* Holds the mutex to the end of the block. */
#define LOCKED(mutex)                                                          \
    __attribute__((cleanup(unlock))) pthread_mutex_t *locked = mutex;          \
    pthread_mutex_lock(locked)

/* ---- cards (cards.c) ------------------------------------------------- */
unsigned cards_now(const struct show *v); /* cards told up to this moment */
/* Returns the cycle at which the last card ended; 0: it has not ended. The end
 * is after the cycle of card_tell, which belongs to the card before it. */
u64 cards_last_end(const struct show *v);
/* True if the machine stands at the present where the cards ended, so that no
 * card is shown, and nothing has run since. */
bool cards_put_away(const struct show *v);
/* Adds the measurement of a claim or figure to the present card. */
void cards_figures(struct show *v, const char *text);
/* True: all cards are told, and the machine is halted at the last; so no
 * simulated time passes. */
bool cards_rest(const struct show *v);
/* Returns this moment's card; NULL: there is none to show. While the caption is
 * an answer (until answer_until) or tells how far travel is, none is shown.
 * At the present, none is shown if cards are over, or if the machine stands at
 * a stop or at an event and no card waits. */
const struct card *card_here(const struct show *v);
void cards_fill(const struct show *v, struct ins_display *d); /* card_... */
/* Call for a command of the panel's user, or one of the prompt that runs the
 * machine. At the present the command ends the cards, unless it is `card` or a
 * file runs: from then on only the past shows them. In the past the command
 * cancels that end, if nothing has run since. Ends an answer in the caption. */
void cards_over(struct show *v, const char *line);
/* Call after history_branch: copies the cards, for the future put aside, then
 * drops those of them that were told in that future. */
void cards_branch(struct show *v);

/* ---- displays and captions (show.c, captions.c) ---------------------- */
void publish_init(struct show *v);
void publish_free(struct show *v);
/* Call when the machine has gone to another moment: drops a caption of a later
 * moment and, if it is another machine (same_life is false), all samples. */
void publish_forget(struct show *v, bool same_life);
void publish_now(struct show *v, bool force);
/* For the panel's thread: copies the newest display if its serial differs from
 * *to's. True: copied. */
bool publish_copy(struct show *v, struct ins_display *to);
/* For the panel's thread: its choice of a frame, the words to light, and
 * whether displays are wanted at all. */
void publish_select(struct show *v, s64 pfn);
void publish_light(struct show *v, const char *words);
void publish_switch(struct show *v, bool on);
/* Shows a caption of the session's own, which captions of events do not replace
 * for `seconds` of host time. Earlier events get no caption any more. */
#define CAPTION_SECONDS 5 /* time to read one */
void publish_caption(struct show *v, const char *text, u32 pfn, double seconds);
/* Returns the frame to draw for an event; for a fork, one of those shared. */
u32 publish_frame(const struct show *v, const struct ins_event *e);
/* Drops the caption of an event that, at this moment, has not happened yet. */
void publish_drop_later(struct show *v);
void publish_event_caption(struct show *v); /* of the latest events, if due */
/* Finds the latest event with one of the reasons; publish_latest_told: of rank
 * RANK_TOLD or more. */
bool publish_latest_of(struct show *v, u64 reasons, struct ins_event *e);
bool publish_latest_told(struct show *v, struct ins_event *told);
/* Makes a caption of the latest event of rank RANK_TOLD or more. */
void publish_latest(struct show *v);
/* Returns 1 << enum reason of the events at which next-event stops, all of rank
 * RANK_TOLD or more. At the present, reasons that had enough examples are left
 * out; in the past none is, so that both directions have the same stops. */
u64 publish_reasons(const struct show *v, bool past);
/* Notes that next-event has stopped at an event of that reason. */
void publish_note_example(struct show *v, unsigned reason);
struct ins_display *publish_work(struct show *v); /* brought up to date */
/* Brings d up to date, except for the caption and the host's speed. quick: data
 * that is costly to read may wait (inspect_display_update). */
void publish_fill(struct show *v, struct ins_display *d, s64 selected,
                  bool quick);
/* Of the events after the first *told, gives the one whose caption has the
 * highest rank, and returns that rank (0: none has a caption). Sets *told to
 * the number of all events. */
unsigned publish_best_event(struct show *v, u64 *told, struct ins_event *out);
bool publish_on(struct show *v);

/* ---- pictures and films (picture.c, film.c) -------------------------- */
/* Draws the display into `file`. False, with a message in err. */
bool picture_take(struct show *v, const char *file, char *err, size_t n);
/* Returns 1 << enum reason of the events at which a picture may be due. */
u64 picture_reasons(const struct show *v);
void picture_event(struct show *v); /* call at such an event */
void picture_at_exit(struct show *v);
void picture_say(struct show *v); /* names its file on standard error */
void film_at_exit(struct show *v);
/* Films from now on, a picture every `every` cycles. False, with a message. */
bool film_begin(struct show *v, const char *file, u64 every, char *err,
                size_t n);
/* Ends the film, if there is one. False, with a message: it failed. */
bool film_end(struct show *v, char *err, size_t n);
u64 film_pictures(const struct show *v);     /* taken so far */
const char *film_file(const struct show *v); /* NULL: nothing is filmed */
