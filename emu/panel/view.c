/* SPDX-License-Identifier: MIT */
/* The view's own state, and its memory of displays; see view.h. */
#include "panel/view.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define NOTE_DISPLAYS 300 /* five seconds of a running machine */

struct view *view_new(bool light)
{
    struct view *v = xcalloc(1, sizeof *v);
    v->light = light;
    v->filter = -1;
    v->scale = 100;
    v->why_last = NEVER;
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
    v->note_age = 0;
}

void view_observe(struct view *v, const struct ins_display *d)
{
    history_observe(&v->history, d);
    if (!d->running && memcmp(v->note_over, d->caption, sizeof v->note_over))
        v->note[0] = 0; /* why it stopped, or what the step did, comes first */
    if (v->note_age < NOTE_DISPLAYS)
        v->note_age++;
}

const char *view_caption(const struct view *v, const struct ins_display *d)
{
    bool news = memcmp(v->note_over, d->caption, sizeof v->note_over) != 0;
    bool read = v->note_age >= NOTE_DISPLAYS;
    return v->note[0] && !(news && read) ? v->note : d->caption;
}

const char *frame_number(char *buf, u64 pfn)
{
    snprintf(buf, 24, "%llu", (unsigned long long)pfn);
    return buf;
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

static void push_sample(struct history *h, const struct ins_sample *s)
{
    if (h->n == HISTORY_SAMPLES) {
        h->first = (h->first + 1) % HISTORY_SAMPLES;
        h->n--;
    }
    h->sample[(h->first + h->n++) % HISTORY_SAMPLES] = *s;
}

/* Those that are at least `apart` cycles after the last one known. */
static void push_samples(struct history *h, const struct ins_display *d,
                         u64 apart)
{
    const struct ins_samples *from = &d->samples;
    for (unsigned i = 0; i < from->n && i < INS_SAMPLES; i++) {
        u64 at = from->at[i].cycle;
        if (at <= d->cycle &&
            (!h->n || at >= history_at(h, h->n - 1)->cycle + apart))
            push_sample(h, &from->at[i]);
    }
}

/* The display itself, a millisecond of simulated time after the last sample
 * or later, so that a rate is never taken over next to nothing. */
static void push_display(struct history *h, const struct ins_display *d)
{
    u64 ms = d->clock_hz / 1000;
    if (h->n && d->cycle - history_at(h, h->n - 1)->cycle < ms)
        return;
    struct ins_sample s = {.cycle = d->cycle, .free_frames = d->free_frames};
    memcpy(s.histogram, d->histogram, sizeof s.histogram);
    s.swap_used = d->vm.swap_used;
    s.kept = d->vm.kept;
    memcpy(s.tally, d->tally, sizeof s.tally);
    memcpy(s.counters, d->counters, sizeof s.counters);
    push_sample(h, &s);
}

/* 5 ms: at the pace of real time the charts then hold some 2.5 s. */
void history_observe(struct history *h, const struct ins_display *d)
{
    u64 next = h->nevents ? history_event(h, h->nevents - 1)->number + 1 : 0;
    if (h->n && d->cycle < history_at(h, h->n - 1)->cycle) {
        h->n = h->nevents = 0;
        next = 0;
    }
    push_samples(h, d, d->clock_hz / 200);
    push_display(h, d);
    unsigned n = d->nevents < INS_LANE_MAX ? d->nevents : INS_LANE_MAX;
    for (unsigned i = n; i-- > 0;) /* they come newest first */
        if (d->events[i].number >= next)
            push_event(h, &d->events[i]);
}

void history_of(struct history *h, const struct ins_display *d)
{
    push_samples(h, d, 1);
    history_observe(h, d);
}
