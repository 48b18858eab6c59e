/* SPDX-License-Identifier: MIT */
/* The memory of displays: samples and events; see timeline.h. */
#include "panel/view/timeline.h"

const struct ins_sample *timeline_sample_at(const struct timeline *h,
                                            unsigned i)
{
    return &h->sample[(h->first + i) % TIMELINE_SAMPLES];
}

const struct ins_event *timeline_event_at(const struct timeline *h, unsigned i)
{
    return &h->event[(h->first_event + i) % TIMELINE_EVENTS];
}

static void push_event(struct timeline *h, const struct ins_event *e)
{
    if (h->nevents == TIMELINE_EVENTS) {
        h->first_event = (h->first_event + 1) % TIMELINE_EVENTS;
        h->nevents--;
    }
    h->event[(h->first_event + h->nevents++) % TIMELINE_EVENTS] = *e;
}

static void push_sample(struct timeline *h, const struct ins_sample *s)
{
    if (h->n == TIMELINE_SAMPLES) {
        h->first = (h->first + 1) % TIMELINE_SAMPLES;
        h->n--;
    }
    h->sample[(h->first + h->n++) % TIMELINE_SAMPLES] = *s;
}

/* The display's samples that lie at least `apart` cycles after the last known
 * one. */
static void push_samples(struct timeline *h, const struct ins_display *d,
                         u64 apart)
{
    const struct ins_samples *from = &d->samples;
    for (unsigned i = 0; i < from->n && i < INS_SAMPLES; i++) {
        u64 at = from->at[i].cycle;
        if (at <= d->cycle &&
            (!h->n || at >= timeline_sample_at(h, h->n - 1)->cycle + apart))
            push_sample(h, &from->at[i]);
    }
}

void timeline_sample_of(struct ins_sample *s, const struct ins_display *d)
{
    s->cycle = d->cycle;
    s->free_frames = d->free_frames;
    memcpy(s->histogram, d->histogram, sizeof s->histogram);
    s->swap_used = d->vm.swap_used;
    s->kept = d->vm.kept;
    inspect_levels(&d->vm, s->level);
    memcpy(s->tally, d->tally, sizeof s->tally);
    memcpy(s->counters, d->counters, sizeof s->counters);
}

/* The display itself as a sample, if the last one is a millisecond of simulated
 * time old: a rate over less would mean nothing. */
static void push_display(struct timeline *h, const struct ins_display *d)
{
    u64 ms = d->clock_hz / 1000;
    if (h->n && d->cycle < timeline_sample_at(h, h->n - 1)->cycle + ms)
        return;
    struct ins_sample s;
    timeline_sample_of(&s, d);
    push_sample(h, &s);
}

/* True if a later sample or event is known. */
static bool knows_after(const struct timeline *h, u64 cycle)
{
    return (h->n && cycle < timeline_sample_at(h, h->n - 1)->cycle) ||
           (h->nevents && cycle < timeline_event_at(h, h->nevents - 1)->cycle);
}

static void forget_after(struct timeline *h, u64 cycle)
{
    while (h->n && timeline_sample_at(h, h->n - 1)->cycle > cycle)
        h->n--;
    while (h->nevents && timeline_event_at(h, h->nevents - 1)->cycle > cycle)
        h->nevents--;
}

/* Samples are at least 5 ms apart: at the pace of real time the charts then
 * hold some 2.5 s. */
void timeline_observe(struct timeline *h, const struct ins_display *d)
{
    bool new_future = d->branched && !h->branched;
    bool old_future = h->branched && !d->branched;

    if (new_future)
        forget_after(h, d->cycle);
    else if (old_future || (!d->past && knows_after(h, d->cycle)))
        h->n = h->nevents = 0;
    h->branched = d->branched;
    u64 next =
        h->nevents ? timeline_event_at(h, h->nevents - 1)->number + 1 : 0;
    push_samples(h, d, d->clock_hz / 200);
    push_display(h, d);
    unsigned n = d->nevents < INS_LANE_MAX ? d->nevents : INS_LANE_MAX;
    for (unsigned i = n; i-- > 0;) /* they come newest first */
        if (d->events[i].number >= next)
            push_event(h, &d->events[i]);
}

void timeline_from_picture(struct timeline *h, const struct ins_display *d)
{
    push_samples(h, d, 1);
    timeline_observe(h, d);
}
