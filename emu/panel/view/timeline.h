/* SPDX-License-Identifier: MIT */
/* The events of all displays so far: the time axis and the list of events are
 * drawn from them. */
#pragma once

#include "inspect/display.h"
#include "panel/draw/phrase.h"

#define TIMELINE_EVENTS 32768 /* the list of events looks at all of them */
#define LANE_EVENTS     2048  /* the lanes show the latest one by one */
struct timeline {
    unsigned nevents, first_event; /* a ring; event[first_event]: the oldest */
    struct ins_event event[TIMELINE_EVENTS];
    bool branched; /* the last display was of a changed future */
};
/* Takes the new events of d. While the machine stands in its past, the later
 * ones are kept. If it goes on from there with another input, only the earlier
 * ones stay. If time has gone in any other way (branch leave, or another
 * machine was loaded), none stays. */
void timeline_observe(struct timeline *h, const struct ins_display *d);
/* Returns the first event of a cycle or later; nevents: there is none. */
unsigned timeline_from(const struct timeline *h, u64 cycle);
const struct ins_event *timeline_event_at(const struct timeline *h, unsigned i);
