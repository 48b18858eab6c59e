/* SPDX-License-Identifier: MIT */
/* Makes the axis of simulated time; see time_axis.h. */
#include "panel/time/time_axis.h"
#include "inspect/policy.h"

#include <math.h>

/* ---- the samples --------------------------------------------------------- */

static void take(struct axis *a, const struct ins_series *s, u64 before)
{
    for (unsigned i = 0; i < s->n && i < INS_SAMPLES; i++)
        if (s->at[i].cycle < before)
            a->s[a->n++] = &s->at[i];
}

struct ins_sample axis_present(const struct ins_display *d)
{
    struct ins_sample s = {.cycle = d->cycle,
                           .free_frames = d->free_frames,
                           .swap_used = d->vm.swap_used,
                           .kept = d->vm.kept};
    memcpy(s.histogram, d->histogram, sizeof s.histogram);
    inspect_levels(&d->vm, s.level);
    memcpy(s.tally, d->tally, sizeof s.tally);
    memcpy(s.counters, d->counters, sizeof s.counters);
    return s;
}

/* Collects coarse samples of the whole life, recent ones, and the present. */
static void gather(struct axis *a, const struct draw *g)
{
    const struct ins_series *recent = &g->d->samples.recent;
    u64 fine = recent->n ? recent->at[0].cycle : NEVER;
    take(a, &g->d->samples.whole, fine < a->now ? fine : a->now);
    take(a, recent, a->now);
    if (g->d->past && a->n)
        return;
    a->present = a->asleep = axis_present(g->d);
    a->asleep.cycle =
        ins_new_until(recent->n ? recent : &g->d->samples.whole, a->now);
    if (a->asleep.cycle < a->now)
        a->s[a->n++] = &a->asleep;
    a->s[a->n++] = &a->present;
}

static int name_width(const struct draw *g, struct font *f)
{
    int w = 0;
    for (int i = 0; i < LANES; i++)
        wider(&w, font_width(f, phrase("%d %s", i + 1, lane_name(i))));
    return w + g->pad;
}

void axis_make(struct axis *a, const struct draw *g)
{
    struct rect r = g->l.at[PANE_TIME];
    memset(a, 0, offsetof(struct axis, s));
    a->here = g->d->cycle;
    a->now = g->d->past ? g->d->present : a->here;
    gather(a, g);
    r.x += g->pad;
    r.w -= 2 * g->pad;
    r.y += g->lh + g->pad / 4;
    r.h -= g->lh + g->pad / 2;
    a->labels = r.y + r.h - g->lh;
    int names = name_width(g, g->sans);
    a->names = rect(r.x, r.y, names, r.h - g->lh);
    a->plot = rect(r.x + names, r.y, r.w - names, r.h - g->lh);
    if (a->plot.w < 2)
        a->plot.w = 2;
    a->begin = a->n > 1 ? a->s[0]->cycle : 0;
    u64 all = a->now - a->begin, span = g->v->span;
    a->last =
        g->v->span_end && g->v->span_end < a->now ? g->v->span_end : a->now;
    if (!span || span >= all) {
        span = all;
        a->last = a->now;
    }
    if (a->last - a->begin < span)
        a->last = a->begin + span;
    a->first = a->last - span;
    if (a->last == a->first)
        a->last++;
}

int axis_x(const struct axis *a, u64 cycle)
{
    if (cycle < a->first)
        return a->plot.x - 1;
    if (cycle > a->last)
        return a->plot.x + a->plot.w;
    double part = (double)(cycle - a->first) / (double)(a->last - a->first);
    return a->plot.x + (int)(part * (a->plot.w - 1) + 0.5);
}

u64 axis_cycle(const struct axis *a, int x)
{
    if (x <= a->plot.x)
        return a->first;
    if (x >= a->plot.x + a->plot.w - 1)
        return a->last;
    double part = (double)(x - a->plot.x) / (a->plot.w - 1);
    return a->first + (u64)(part * (double)(a->last - a->first) + 0.5);
}

unsigned axis_sample(const struct axis *a, u64 cycle)
{
    unsigned low = 0, high = a->n; /* seeks the first later sample */
    while (low < high) {
        unsigned middle = (low + high) / 2;
        if (a->s[middle]->cycle > cycle)
            high = middle;
        else
            low = middle + 1;
    }
    return low ? low - 1 : AXIS_SAMPLES;
}

double axis_rate(const struct draw *g, const struct axis *a, unsigned i,
                 u64 (*count)(const struct ins_sample *s, unsigned what),
                 unsigned what)
{
    if (!i || i >= a->n)
        return 0;
    u64 hz = g->d->clock_hz ? g->d->clock_hz : 1;
    u64 now = count(a->s[i], what), then = count(a->s[i - 1], what);
    double seconds = (double)(a->s[i]->cycle - a->s[i - 1]->cycle) / (double)hz;
    /* no rate over less than half a millisecond */
    return seconds >= .0005 && now > then ? (double)(now - then) / seconds : 0;
}

struct span axis_span(const struct axis *a)
{
    return (struct span){a->plot.x, a->plot.w, a->first, a->last};
}

/* ---- times --------------------------------------------------------------- */

static double seconds(const struct draw *g, u64 cycles)
{
    return (double)cycles / (double)(g->d->clock_hz ? g->d->clock_hz : 1);
}

/* Returns a time with enough digits to tell times `step` seconds apart. */
static const char *time_text(double s, double step, bool ms)
{
    double unit = ms ? 1e3 : 1;
    int places = 0;
    for (double x = step * unit; x < 0.999 && places < 6; x *= 10)
        places++;
    return phrase("%.*f %s", places, s * unit, ms ? "ms" : "s");
}

const char *axis_time(const struct draw *g, const struct axis *a, u64 cycle)
{
    double step = seconds(g, a->last - a->first) / a->plot.w;
    return time_text(seconds(g, cycle), step < 1e-3 ? step : 1e-3,
                     seconds(g, a->last) < 1);
}

/* Returns the least of ... .5, 1, 2, 5, 10, ... that is not below v. */
static double nice(double v)
{
    static const double steps[] = {1, 2, 5, 10};
    double unit = pow(10, floor(log10(v)));
    for (unsigned i = 0; i < ARRAY_LEN(steps); i++)
        if (v <= unit * steps[i] * 1.0000001)
            return unit * steps[i];
    return unit * 10;
}

static u64 until_of(const struct axis *a, unsigned i)
{
    return i + 1 < a->n ? a->s[i + 1]->cycle : a->last;
}

bool axis_shown(const struct axis *a, unsigned i)
{
    return until_of(a, i) >= a->first && a->s[i]->cycle <= a->last;
}

bool axis_columns(const struct axis *a, unsigned i, struct rect r, int *x,
                  int *end)
{
    u64 until = until_of(a, i);
    if (!axis_shown(a, i))
        return false;
    *x = axis_x(a, a->s[i]->cycle);
    *end = axis_x(a, until);
    *x = *x < r.x ? r.x : *x;
    *end = *end > r.x + r.w ? r.x + r.w : *end;
    return true;
}

static bool over_label(const struct axis_label *labels, unsigned n, int from,
                       int to)
{
    for (unsigned i = 0; i < n; i++)
        if (from < labels[i].to && to > labels[i].from)
            return true;
    return false;
}

void axis_ticks(struct draw *g, const struct axis *a,
                const struct axis_label *labels, unsigned n)
{
    double from = seconds(g, a->first), to = seconds(g, a->last);
    int each = 14 * g->l.digit, parts = a->plot.w / each;
    double step = nice((to - from) / (parts > 8 ? 8 : parts < 1 ? 1 : parts));
    int gap = g->l.digit, right = a->plot.x + a->plot.w, free = a->plot.x;
    for (int i = 0; i < 16; i++) {
        double k = ceil(from / step) + i;
        if (k * step > to)
            break;
        u64 cycle = (u64)(k * step * (double)g->d->clock_hz + 0.5);
        int x = axis_x(a, cycle < a->first ? a->first : cycle);
        fill(g, x, a->plot.y, 1, a->plot.h + g->pad / 3, g->t->rule);
        const char *text = time_text(k * step, step, to < 1);
        int w = font_width(g->sans, text), left = x - w / 2;
        left = left < a->plot.x ? a->plot.x : left;
        if (left < free || left + w > right ||
            over_label(labels, n, left - gap, left + w + gap))
            continue;
        put_as(g, g->sans, left, a->labels, g->t->dim, text);
        free = left + w + gap;
    }
}
