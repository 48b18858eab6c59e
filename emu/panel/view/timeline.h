/* SPDX-License-Identifier: MIT */
/* The events of all displays so far, for the time axis and the events tab. */
#pragma once

#include "inspect/display.h"
#include "panel/draw/phrase.h"

#define TIMELINE_EVENTS 32768 /* the most that are kept */
#define LANE_EVENTS     2048  /* the latest, which lanes show one by one */
struct timeline {
    unsigned nevents, first_event; /* a ring; event[first_event]: the oldest */
    struct ins_event event[TIMELINE_EVENTS];
    /* While the machine stands in its past: events of the display that the ring
     * has lost. They come before the ring's, and nevents counts them, too. */
    unsigned nolder;
    struct ins_event older[INS_LANE_MAX];
    bool branched; /* as in the last display */
};
/* Takes the new events of d. While the machine stands in its past, later events
 * stay. If it goes on from there with another input, only earlier events stay.
 * If time has jumped in any other way (branch leave, or another machine was
 * loaded), none stays. */
void timeline_observe(struct timeline *h, const struct ins_display *d);
/* Returns the index of the first event not before a cycle; nevents: none. */
unsigned timeline_from(const struct timeline *h, u64 cycle);
const struct ins_event *timeline_event_at(const struct timeline *h, unsigned i);
