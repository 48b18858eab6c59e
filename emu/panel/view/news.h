/* SPDX-License-Identifier: MIT */
/* The latest events, for the map. Few events are shown one by one, with tag and
 * arrow. If more come than people can follow, a tag counts them ("fork: 2,560
 * frames shared") and their frames flash. Ages are counted in displays. */
#pragma once

#include "inspect/display.h"
#include "panel/draw/phrase.h"

#define NEWS_AGE   30   /* displays: half a second */
#define NEWS_FRESH 4096 /* frames that flash */
struct news_group {     /* events of one reason and process */
    u8 reason;
    u32 pid, n;           /* n: events; 0: the group is empty */
    unsigned age, lasted; /* displays since its last and its first event */
};
struct news {
    u64 next;  /* number of the first event not yet taken */
    u64 cycle; /* of the latest display */
    bool rests;
    u32 tally[R_COUNT];
    unsigned nfresh, first_fresh; /* a ring, oldest first */
    struct news_frame {
        u32 pfn;
        u8 reason;
        u8 age; /* displays since the event; at NEWS_AGE it is dropped */
    } fresh[NEWS_FRESH];
    struct news_group group[4];
    struct ins_event last; /* gets the arrow; pfn LENS_NO_PFN: none */
    unsigned last_age;     /* displays since `last`, NEWS_LONG at most */
};
#define NEWS_FEW    4   /* more events in NEWS_AGE displays: no arrow */
#define NEWS_NOW_MS 100 /* simulated; an older event has an "ago" */
/* A single event is shown until both NEWS_LONG displays and NEWS_MS simulated
 * ms have passed, because at a slow pace nothing else may happen for long. */
#define NEWS_LONG (4 * NEWS_AGE)
#define NEWS_MS   2

/* Takes the events that are new in d. Nothing ages while the machine stands. */
void news_observe(struct news *t, const struct ins_display *d);
const struct news_frame *news_frame_at(const struct news *t, unsigned i);
/* True if an event of that cycle counts as now: younger than NEWS_NOW_MS. */
bool news_is_now(const struct ins_display *d, u64 cycle);
/* Returns the age of an event of that cycle: "4.3 s ago"; "" if it counts as
 * now or comes later. While the machine runs, ages are in whole seconds, or
 * "less than 1 s ago", so that people can read them. */
const char *news_ago(const struct ins_display *d, u64 cycle);
/* True if the caption's event counts as now (news_is_now), and no later call of
 * the kernel had an event of its frame. */
bool news_caption_is_now(const struct ins_display *d);
/* Returns the age of the caption's event; "" if news_caption_is_now. */
const char *news_caption_ago(const struct ins_display *d);
/* Returns the event of the display's caption; if the same call of the kernel
 * had several events of that frame, the event that moved its page. NULL: the
 * event is no longer listed. The caption must be about a frame. */
const struct ins_event *news_caption_event(const struct ins_display *d);
/* Returns a frame's state just after a listed event, at cycle `then`: the state
 * that its next event found, or, if it had no later event, its state now. */
u8 news_state_then(const struct ins_display *d, u64 pfn, u64 then);
/* Returns the latest event after `then` that found frame pfn free; or NULL. */
const struct ins_event *news_given_anew(const struct ins_display *d, u64 pfn,
                                        u64 then);
/* True while the last event must be shown. */
bool news_shows_last(const struct news *t, const struct ins_display *d);
/* Returns the largest group, which is shown; NULL: none. */
const struct news_group *news_group(const struct news *t);

static inline bool is_free(u8 state)
{
    return state == FS_FREE || state == FS_ZEROED;
}

/* The way of a page in an event, which the arrow shows (event_text.c). */
enum page_way {
    WAY_NONE, /* the frame's page stays where it is */
    WAY_FROM_FRAME,
    WAY_TO_SLOT,
    WAY_FROM_SLOT,
    WAY_TO_DISK,
    WAY_FROM_DISK,
    WAY_TO_FREE,
    WAY_FROM_FREE
};
enum page_way event_way(const struct ins_event *e);
/* True if the page comes into the frame. */
static inline bool way_in(enum page_way way)
{
    return way == WAY_FROM_FRAME || way == WAY_FROM_SLOT ||
           way == WAY_FROM_DISK || way == WAY_FROM_FREE;
}
/* Returns "frame 613: out to slot 5,679". */
const char *event_text_one(const struct ins_event *e);
/* Returns "fork: 2,560 frames shared"; NULL: such events are not gathered. */
const char *event_text_many(u8 reason, u32 count);
