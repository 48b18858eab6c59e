/* SPDX-License-Identifier: MIT */
/* Chooses the events that the events tab lists: those of a row of the time
 * axis, of a lane, of a process or of a stretch of time (view.events). */
#pragma once

#include "panel/draw/draw.h"

struct event_filter {
    const char *name;
    u32 states; /* 1 << enum frame_state: a frame enters or leaves the state */
    bool moved; /* a frame's kind changed */
    int lane;   /* -1: none */
    s64 pid;    /* -1: none */
    bool all;
};

struct event_filter event_filter_of(const struct draw *g);

struct list {       /* indices into the timeline, newest first */
    unsigned n, of; /* of: all events kept up to the end of the listed time */
    unsigned at[INS_LANE_MAX + TIMELINE_EVENTS];
};

void event_list_make(struct list *l, const struct draw *g,
                     const struct event_filter *b);
/* Returns the number of events in the list's time that no display has listed. A
 * display holds only the latest events, but they are numbered without gaps. */
u64 event_list_unseen(const struct draw *g);

/* Writes a process's state, memory, and reason to wait from r's top down.
 * Returns the y below. */
int draw_process(struct draw *g, struct rect r, s64 pid);
