/* SPDX-License-Identifier: MIT */
/* The past of the displays that the panel was shown: levels, counters and
 * events over time, for the time axis and the list of events. */
#ifndef CLOCKHAND_PANEL_TIMELINE_H
#define CLOCKHAND_PANEL_TIMELINE_H

#include "inspect/display.h"

#define TIMELINE_SAMPLES 512
#define TIMELINE_EVENTS  32768 /* the list of events looks at all of them */
#define LANE_EVENTS      2048  /* the lanes show the latest one by one */
struct timeline {
    unsigned n, first; /* ring of samples, oldest at first */
    struct ins_sample sample[TIMELINE_SAMPLES];
    unsigned nevents, first_event;
    struct ins_event event[TIMELINE_EVENTS];
    bool branched; /* the last display was of a new future */
};
/* Takes what is new in d. While the machine stands in its past, what comes
 * after stays known; of a new future's, what is before it; when time has gone
 * back in another way (another machine was loaded), nothing. */
void timeline_observe(struct timeline *h, const struct ins_display *d);
/* For one display alone (a picture): all samples that came with it. */
void timeline_from_picture(struct timeline *h, const struct ins_display *d);
/* A display's own levels and counters. */
void timeline_sample_of(struct ins_sample *s, const struct ins_display *d);
const struct ins_sample *timeline_sample_at(const struct timeline *h,
                                            unsigned i);
const struct ins_event *timeline_event_at(const struct timeline *h, unsigned i);

#endif
