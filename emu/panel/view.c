/* SPDX-License-Identifier: MIT */
/* The view's own state, and its memory of displays; see view.h. */
#include "panel/view.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct view *view_new(bool light)
{
    struct view *v = xcalloc(1, sizeof *v);
    v->light = light;
    v->filter = -1;
    v->hover = v->pinned = NO_FRAME;
    return v;
}

void view_free(struct view *v)
{
    free(v->tiles.px);
    free(v);
}

s64 view_frame(const struct view *v)
{
    return v->hover != NO_FRAME ? v->hover : v->pinned;
}

void view_note(struct view *v, const struct ins_display *d, const char *fmt,
               ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(v->note, sizeof v->note, fmt, ap);
    va_end(ap);
    memcpy(v->note_over, d->caption, sizeof v->note_over);
}

const struct hit *view_hit(const struct view *v, int x, int y)
{
    for (unsigned i = v->nhits; i-- > 0;) /* the last drawn lies on top */
        if (rect_has(v->hit[i].at, x, y))
            return &v->hit[i];
    return NULL;
}

const struct ins_sample *history_at(const struct history *h, unsigned i)
{
    return &h->sample[(h->first + i) % HISTORY_SAMPLES];
}

const struct ins_event *history_event(const struct history *h, unsigned i)
{
    return &h->event[(h->first_event + i) % HISTORY_EVENTS];
}

static void push_event(struct history *h, const struct ins_event *e)
{
    if (h->nevents == HISTORY_EVENTS) {
        h->first_event = (h->first_event + 1) % HISTORY_EVENTS;
        h->nevents--;
    }
    h->event[(h->first_event + h->nevents++) % HISTORY_EVENTS] = *e;
}

static void push_sample(struct history *h, const struct ins_display *d)
{
    if (h->n == HISTORY_SAMPLES) {
        h->first = (h->first + 1) % HISTORY_SAMPLES;
        h->n--;
    }
    struct ins_sample *s = &h->sample[(h->first + h->n++) % HISTORY_SAMPLES];
    s->cycle = d->cycle;
    s->free_frames = d->free_frames;
    memcpy(s->histogram, d->histogram, sizeof s->histogram);
    memcpy(s->counters, d->counters, sizeof s->counters);
}

/* One sample at least a millisecond of simulated time after the last, so that
 * a rate is never taken over next to nothing. */
void history_observe(struct history *h, const struct ins_display *d)
{
    u64 last = h->n ? history_at(h, h->n - 1)->cycle : 0;
    u64 last_event =
        h->nevents ? history_event(h, h->nevents - 1)->number + 1 : 0;
    if (h->n && d->cycle < last) {
        h->n = h->nevents = 0;
        last_event = 0;
    }
    if (!h->n || d->cycle - last >= d->clock_hz / 1000)
        push_sample(h, d);
    unsigned n = d->nevents < INS_LANE_MAX ? d->nevents : INS_LANE_MAX;
    for (unsigned i = n; i-- > 0;) /* they come newest first */
        if (d->events[i].number >= last_event)
            push_event(h, &d->events[i]);
}

void history_of(struct history *h, const struct ins_display *d)
{
    const struct ins_samples *from = &d->samples;
    h->n = h->first = 0;
    for (unsigned i = 0; i < from->n && i < HISTORY_SAMPLES; i++)
        h->sample[h->n++] = from->at[i];
    history_observe(h, d);
}
