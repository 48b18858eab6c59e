/* SPDX-License-Identifier: MIT */
/* Keeps a ring of the latest events of all displays; see timeline.h. */
#include "panel/view/timeline.h"

const struct ins_event *timeline_event_at(const struct timeline *h, unsigned i)
{
    return i < h->nolder
               ? &h->older[i]
               : &h->event[(h->first_event + i - h->nolder) % TIMELINE_EVENTS];
}

unsigned timeline_from(const struct timeline *h, u64 cycle)
{
    unsigned low = 0, high = h->nevents;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        if (timeline_event_at(h, middle)->cycle < cycle)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void push_event(struct timeline *h, const struct ins_event *e)
{
    if (h->nevents == TIMELINE_EVENTS) {
        h->first_event = (h->first_event + 1) % TIMELINE_EVENTS;
        h->nevents--;
    }
    h->event[(h->first_event + h->nevents++) % TIMELINE_EVENTS] = *e;
}

/* True if a later event is known. */
static bool knows_after(const struct timeline *h, u64 cycle)
{
    return h->nevents && cycle < timeline_event_at(h, h->nevents - 1)->cycle;
}

void timeline_observe(struct timeline *h, const struct ins_display *d)
{
    bool new_future = d->branched && !h->branched;
    bool old_future = h->branched && !d->branched;
    h->nevents -= h->nolder;
    h->nolder = 0;
    if (new_future)
        while (knows_after(h, d->cycle))
            h->nevents--;
    else if (old_future || (!d->past && knows_after(h, d->cycle)))
        h->nevents = 0;
    h->branched = d->branched;
    u64 next =
        h->nevents ? timeline_event_at(h, h->nevents - 1)->number + 1 : 0;
    unsigned n = d->nevents < INS_LANE_MAX ? d->nevents : INS_LANE_MAX;
    for (unsigned i = n; i-- > 0;) /* they come newest first */
        if (d->events[i].number >= next)
            push_event(h, &d->events[i]);
    u64 oldest = h->nevents ? timeline_event_at(h, 0)->number : 0;
    for (unsigned i = n; d->past && i-- > 0 && d->events[i].number < oldest;
         h->nevents++)
        h->older[h->nolder++] = d->events[i];
}
