/* SPDX-License-Identifier: MIT */
/* What was just told: the latest events, so that the map can show them: one by
 * one with a label and an arrow, or, where more come than can be followed,
 * gathered ("fork: 2,560 frames shared") and lit together. */
#ifndef CLOCKHAND_PANEL_NEWS_H
#define CLOCKHAND_PANEL_NEWS_H

#include "inspect/display.h"

#define NEWS_AGE   30   /* displays: half a second */
#define NEWS_FRESH 4096 /* frames that flash */
struct news_group {     /* events of one reason and process */
    u8 reason;
    u32 pid, n;           /* events; n 0: none */
    unsigned age, lasted; /* displays since the last, since the first */
};
struct news {
    u64 next; /* number of the first event that has not been told */
    u32 tally[R_COUNT];
    unsigned nfresh, first_fresh; /* a ring, oldest first */
    struct news_frame {
        u32 pfn;
        u8 reason;
        u8 age; /* displays since; at NEWS_AGE it is forgotten */
    } fresh[NEWS_FRESH];
    struct news_group group[4];
    struct ins_event last; /* that is worth an arrow; pfn LENS_NO_PFN: none */
    unsigned last_age;     /* displays since; NEWS_LONG: so many, or more */
};
#define NEWS_FEW    4   /* in NEWS_AGE displays: told one by one */
#define NEWS_NOW_MS 100 /* of the machine's time: what is older is past */
/* So long one of few is shown: in displays, and, since at a slow pace nothing
 * else may happen for long, in the machine's time. */
#define NEWS_LONG (4 * NEWS_AGE)
#define NEWS_MS   2

/* Takes the events that are new in d. While the machine stands nothing ages. */
void news_observe(struct news *t, const struct ins_display *d);
const struct news_frame *news_frame_at(const struct news *t, unsigned i);
/* Whether an event of that cycle is of now, by the machine's time. */
bool news_is_now(const struct ins_display *d, u64 cycle);
/* When it was, if that is past: "4.3 s ago", while the machine runs in whole
 * seconds, which can be read, or "less than 1 s ago"; else "". buf: 32 bytes.
 */
const char *news_ago(char *buf, const struct ins_display *d, u64 cycle);
/* Whether the caption's event is of now: not past, and the last of its frame
 * but for those of the same call of the kernel. */
bool news_caption_is_now(const struct ins_display *d);
/* When the caption's event was, unless news_caption_is_now; likewise. */
const char *news_caption_ago(char *buf, const struct ins_display *d);
/* The event that the display's caption tells of, or of those of that frame in
 * the same call of the kernel the one that says where its page went. NULL: it
 * tells of no frame, or the event is no longer listed. */
const struct ins_event *news_caption_event(const struct ins_display *d);
/* Whether the last event is still to be shown. */
bool news_shows_last(const struct news *t, const struct ins_display *d);
/* The group to be shown; NULL: none. */
const struct news_group *news_group(const struct news *t);

/* What an event is to the map (event_text.c). */
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
/* "frame 613: out to slot 5,679" */
void event_text_one(const struct ins_event *e, char *buf, size_t n);
/* "fork: 2,560 frames shared"; false: such events are not gathered. */
bool event_text_many(u8 reason, u32 count, char *buf, size_t n);

#endif
