/* SPDX-License-Identifier: MIT */
/* What was just told: the latest events, so that the map can show them: one by
 * one with a label and an arrow, or, where more come than can be followed,
 * gathered ("fork: 2,560 frames shared") and lit together. */
#ifndef CLOCKHAND_PANEL_TOLD_H
#define CLOCKHAND_PANEL_TOLD_H

#include "inspect/display.h"

#define TOLD_AGE   30   /* displays: half a second */
#define TOLD_FRESH 4096 /* frames that flash */
struct told_group {     /* events of one reason and process */
    u8 reason;
    u32 pid, n;           /* events; n 0: none */
    unsigned age, lasted; /* displays since the last, since the first */
};
struct told {
    u64 next; /* number of the first event that has not been told */
    u32 tally[R_COUNT];
    unsigned nfresh, first_fresh; /* a ring, oldest first */
    struct told_fresh {
        u32 pfn;
        u8 reason;
        u8 age; /* displays since; at TOLD_AGE it is forgotten */
    } fresh[TOLD_FRESH];
    struct told_group group[4];
    struct ins_event last; /* that is worth an arrow; pfn LENS_NO_PFN: none */
    unsigned last_age;     /* displays since; TOLD_LONG: so many, or more */
};
#define TOLD_FEW    4   /* in TOLD_AGE displays: told one by one */
#define TOLD_NOW_MS 100 /* of the machine's time: what is older is past */
/* So long one of few is shown: in displays, and, since at a slow pace nothing
 * else may happen for long, in the machine's time. */
#define TOLD_LONG (4 * TOLD_AGE)
#define TOLD_MS   2

/* Takes the events that are new in d. While the machine stands nothing ages. */
void told_observe(struct told *t, const struct ins_display *d);
const struct told_fresh *told_fresh_at(const struct told *t, unsigned i);
/* Whether an event of that cycle is of now, by the machine's time. */
bool told_is_now(const struct ins_display *d, u64 cycle);
/* When it was, if that is past: "4.3 s ago", while the machine runs in whole
 * seconds, which can be read, or "less than 1 s ago"; else "". buf: 32 bytes.
 */
const char *told_ago(char *buf, const struct ins_display *d, u64 cycle);
/* Whether the caption's event is of now: not past, and the last of its frame
 * but for those of the same call of the kernel. */
bool told_caption_is_now(const struct ins_display *d);
/* When the caption's event was, unless told_caption_is_now; likewise. */
const char *told_caption_ago(char *buf, const struct ins_display *d);
/* The event that the display's caption tells of, or of those of that frame in
 * the same call of the kernel the one that says where its page went. NULL: it
 * tells of no frame, or the event is no longer listed. */
const struct ins_event *told_of_caption(const struct ins_display *d);
/* Whether the last event is still to be shown. */
bool told_last(const struct told *t, const struct ins_display *d);
/* The group to be shown; NULL: none. */
const struct told_group *told_group(const struct told *t);

/* What an event is to the map (event_text.c). */
enum tale_way {
    WAY_NONE, /* the frame's page stays where it is */
    WAY_FROM_FRAME,
    WAY_TO_SLOT,
    WAY_FROM_SLOT,
    WAY_TO_DISK,
    WAY_FROM_DISK,
    WAY_TO_FREE,
    WAY_FROM_FREE
};
enum tale_way tale_way(const struct ins_event *e);
/* "frame 613: out to slot 5,679" */
void tale_of_one(const struct ins_event *e, char *buf, size_t n);
/* "fork: 2,560 frames shared"; false: such events are not gathered. */
bool tale_of_many(u8 reason, u32 count, char *buf, size_t n);

#endif
