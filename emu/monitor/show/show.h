/* SPDX-License-Identifier: MIT */
/* Internal to monitor/: what the panel is shown, and what pictures and films
 * show: displays, captions, a story's cards. */
#pragma once

#include "inspect/display.h"
#include "inspect/events.h"

#include <pthread.h>

struct session;
struct session_pictures;

#define CARDS 32
struct cards { /* the story so far (cards.c) */
    struct card {
        u64 cycle;   /* the panel shows `text` from this cycle on */
        u64 reasons; /* of events to draw beside it (story_card) */
        char text[260];
        u64 figured; /* the cycle at which `figures` were measured */
        char figures[200];
    } at[CARDS];
    unsigned n;
    u64 over; /* the story ended at this cycle: the present shows no card */
};

struct show {
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
    double speed_host;        /* host time of the last measurement of speed */
    u64 speed_instret, speed_cycle;
    double mips, pace_now;
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
    bool picture_tried, pictured;  /* --screenshot's picture: tried; taken */
    struct ins_display *last_look; /* when --run's process ended (picture.c) */
    u32 last_look_pid;
    const struct session_pictures *pictures;
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

/* ---- the story's cards (cards.c) ------------------------------------- */
unsigned story_now(const struct session *s); /* cards told up to this moment */
/* Returns the cycle at which the last card ended; 0: it has not ended. The end
 * is after the cycle of story_card, which belongs to the card before it. */
u64 story_last_end(const struct session *s);
/* True if the machine stands at the present where the story ended, so that no
 * card is shown, and nothing has run since. */
bool story_put_away(const struct session *s);
/* Adds the measurement of a claim or figure to the present card. */
void story_figures(struct session *s, const char *text);
/* True: the story is told, and the machine is halted at the last card; so no
 * simulated time passes. */
bool story_rests(const struct session *s);
/* Returns this moment's card; NULL: there is none to show. While the caption is
 * an answer (until answer_until) or tells how far travel is, none is shown.
 * At the present, none is shown if cards are over, or if the machine stands at
 * a stop or at an event and no card waits. */
const struct card *story_shown(const struct session *s);
void story_fill(const struct session *s, struct ins_display *d); /* card_... */
/* Call for a command of the panel's user, or one of the prompt that runs the
 * machine. At the present the command ends the cards, unless it is `card` or a
 * file runs: from then on only the past shows them. In the past the command
 * cancels that end, if nothing has run since. Ends an answer in the caption. */
void story_over(struct session *s, const char *line);
/* Call after history_branch: copies the cards, for the future put aside, then
 * drops those of them that were told in that future. */
void story_branch(struct session *s);

/* ---- displays and captions (show.c, captions.c) ---------------------- */
void publish_init(struct session *s);
void publish_free(struct session *s);
/* Call when the machine has gone to another moment: drops a caption of a later
 * moment and, if it is another machine (same_life is false), all samples. */
void publish_forget(struct session *s, bool same_life);
void publish_now(struct session *s, bool force);
/* Shows a caption of the session's own, which captions of events do not replace
 * for `seconds` of host time. Earlier events get no caption any more. */
#define CAPTION_SECONDS 5 /* time to read one */
void publish_caption(struct session *s, const char *text, u32 pfn,
                     double seconds);
/* Returns the frame to draw for an event; for a fork, one of those shared. */
u32 publish_frame(const struct session *s, const struct ins_event *e);
/* Drops the caption of an event that, at this moment, has not happened yet. */
void publish_drop_later(struct session *s);
void publish_event_caption(
    struct session *s); /* of the latest events, if due */
/* Finds the latest event with one of the reasons; publish_latest_told: of rank
 * RANK_TOLD or more. */
bool publish_latest_of(struct session *s, u64 reasons, struct ins_event *e);
bool publish_latest_told(struct session *s, struct ins_event *told);
/* Makes a caption of the latest event of rank RANK_TOLD or more. */
void publish_latest(struct session *s);
/* Returns 1 << enum reason of the events at which next-event stops, all of rank
 * RANK_TOLD or more. At the present, reasons that had enough examples are left
 * out; in the past none is, so that both directions have the same stops. */
u64 publish_reasons(const struct session *s, bool past);
/* Notes that next-event has stopped at an event of that reason. */
void publish_note_example(struct session *s, unsigned reason);
struct ins_display *publish_work(struct session *s); /* brought up to date */
/* Brings d up to date, except for the caption and the host's speed. quick: data
 * that is costly to read may wait (inspect_display_update). */
void publish_fill(struct session *s, struct ins_display *d, s64 selected,
                  bool quick);
/* Of the events after the first *told, gives the one whose caption has the
 * highest rank, and returns that rank (0: none has a caption). Sets *told to
 * the number of all events. */
unsigned publish_best_event(struct session *s, u64 *told,
                            struct ins_event *out);
bool publish_on(struct session *s);
/* Returns the session that has s's window: its outermost leader. */
struct session *outermost_session(struct session *s);

/* ---- pictures and films (picture.c, film.c) -------------------------- */
/* Returns 1 << enum reason of the events at which a picture may be due. */
u64 picture_reasons(const struct session *s);
void picture_event(struct session *s); /* call at such an event */
void picture_at_exit(struct session *s);
void picture_say(struct session *s); /* names its file on standard error */
void film_at_exit(struct session *s);
