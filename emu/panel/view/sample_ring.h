/* SPDX-License-Identifier: MIT */
/* The past of the displays that the panel was shown: levels, counters and
 * events over time, for the time axis and the list of events. */
#ifndef CLOCKHAND_PANEL_HISTORY_H
#define CLOCKHAND_PANEL_HISTORY_H

#include "inspect/display.h"

#define HISTORY_SAMPLES 512
#define HISTORY_EVENTS  32768 /* the list of events looks at all of them */
#define LANE_EVENTS     2048  /* the lanes show the latest one by one */
struct history {
    unsigned n, first; /* ring of samples, oldest at first */
    struct ins_sample sample[HISTORY_SAMPLES];
    unsigned nevents, first_event;
    struct ins_event event[HISTORY_EVENTS];
    bool branched; /* the last display was of a new future */
};
/* Takes what is new in d. While the machine stands in its past, what comes
 * after stays known; of a new future's, what is before it; when time has gone
 * back in another way (another machine was loaded), nothing. */
void history_observe(struct history *h, const struct ins_display *d);
/* For one display alone (a picture): all samples that came with it. */
void history_of(struct history *h, const struct ins_display *d);
/* A display's own levels and counters. */
void history_sample(struct ins_sample *s, const struct ins_display *d);
const struct ins_sample *history_at(const struct history *h, unsigned i);
const struct ins_event *history_event(const struct history *h, unsigned i);

#endif
