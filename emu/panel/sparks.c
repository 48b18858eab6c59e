/* SPDX-License-Identifier: MIT */
/* Sparklines with axes: levels, and counters' growth per millisecond, over
 * simulated time, from the displays that the panel has seen. */
#include "panel/draw.h"

#include <math.h>
#include <stdio.h>

enum what { FREE_FRAMES, ANONYMOUS, FILE_PAGES, DIRTY, SWAP, RATE };
static const struct chart {
    u8 what, counter, also;             /* a rate may add two counters up */
    const char *name, *unit, *sentence; /* NULL: the counter's */
} charts[CHART_SETS][10] = {
    /* most telling first: a narrow window shows fewer */
    {
        {FREE_FRAMES, 0, 0, "free", "frames",
         "frames that can be had at once, as the policy counts them (MEMORY "
         "says of what); lines: min, low, high"},
        {RATE, C_PGFAULT, 0, NULL, NULL, NULL},
        {RATE, C_PGSCAN_KSWAPD, C_PGSCAN_DIRECT, "scan", NULL,
         "frames that the hand passed and could have taken"},
        {RATE, C_PSWPOUT, 0, "swap out", NULL, "pages written to swap"},
        {SWAP, 0, 0, "swap used", "slots",
         "slots of swap that hold a page; line: all there are"},
        {RATE, C_PGMAJFAULT, 0, NULL, NULL, NULL},
        {RATE, C_DFREE, 0, "reclaimed", NULL,
         "frames that the pageout daemon freed, or who did its work"},
        {RATE, C_PSWPIN, 0, "swap in", NULL, "pages read back from swap"},
        {ANONYMOUS, 0, 0, "anonymous", "frames",
         "anonymous memory in RAM: anonymous, cow-shared, shared-memory and "
         "swap-cache of the legend, added up"},
        {FILE_PAGES, 0, 0, "file", "frames", "frames that hold pages of files"},
    },
    {
        {DIRTY, 0, 0, "dirty", "frames",
         "pages of files that are newer than the disk"},
        {RATE, C_PGPGIN, 0, NULL, NULL, NULL},
        {RATE, C_PGPGOUT, 0, NULL, NULL, NULL},
        {RATE, C_COW_COPIED, 0, NULL, NULL, NULL},
        {RATE, C_DEMAND_ZERO, 0, NULL, NULL, NULL},
        {RATE, C_SYSCALLS, 0, NULL, NULL, NULL},
        {RATE, C_CTXT, 0, NULL, NULL, NULL},
        {RATE, C_INTR, 0, NULL, NULL, NULL},
        {RATE, C_PGALLOC, 0, NULL, NULL, NULL},
        {RATE, C_ALLOCSTALL, 0, NULL, NULL, NULL},
    },
};

const char *chart_set_name(unsigned set)
{
    static const char *const names[CHART_SETS] = {
        "memory under pressure: free, scan, swap",
        "files and programs: dirty, disk, copy on write, system calls"};
    return names[set % CHART_SETS];
}

enum { EACH = ARRAY_LEN(charts[0]) };

static const struct chart *chart_of(unsigned what)
{
    return &charts[what / EACH % CHART_SETS][what % EACH];
}

const char *chart_source(unsigned what, unsigned counter[2], unsigned *n,
                         u32 *states)
{
    static const u32 of[] = {
        [FREE_FRAMES] = 1u << FS_FREE,
        [ANONYMOUS] =
            1u << FS_ANON | 1u << FS_COW | 1u << FS_SHMEM | 1u << FS_SWAPCACHE,
        [FILE_PAGES] = 1u << FS_FILE_CLEAN | 1u << FS_FILE_DIRTY,
        [DIRTY] = 1u << FS_FILE_DIRTY,
        [SWAP] = 0,
    };
    const struct chart *c = chart_of(what);
    *n = 0;
    *states = c->what == RATE ? 0 : of[c->what];
    if (c->what == SWAP) {
        counter[(*n)++] = C_SWPC_ADD;
        counter[(*n)++] = C_SWPC_DEL;
    } else if (c->what == RATE) {
        counter[(*n)++] = c->counter;
        if (c->also)
            counter[(*n)++] = c->also;
    }
    return c->name ? c->name : ins_counters[c->counter].name;
}

static double level(const struct chart *c, const struct ins_sample *s)
{
    const u64 *h = s->histogram;
    switch (c->what) {
    case FREE_FRAMES:
        return (double)(s->free_frames + s->kept);
    case ANONYMOUS:
        return (double)(h[FS_ANON] + h[FS_COW] + h[FS_SHMEM] + h[FS_SWAPCACHE]);
    case DIRTY:
        return (double)h[FS_FILE_DIRTY];
    case SWAP:
        return (double)s->swap_used;
    default:
        return (double)(h[FS_FILE_CLEAN] + h[FS_FILE_DIRTY]);
    }
}

static u64 count_of(const struct chart *c, const struct ins_sample *s)
{
    return s->counters[c->counter] + (c->also ? s->counters[c->also] : 0);
}

/* The value that sample i stands for; a rate is over the time since i - 1. */
static double value_at(const struct draw *g, const struct chart *c, unsigned i)
{
    const struct history *h = &g->v->history;
    const struct ins_sample *s = history_at(h, i);
    if (c->what != RATE)
        return level(c, s);
    if (!i)
        return 0;
    const struct ins_sample *before = history_at(h, i - 1);
    double ms = (double)(s->cycle - before->cycle) * 1e3 /
                (double)(g->d->clock_hz ? g->d->clock_hz : 1);
    u64 now = count_of(c, s), then = count_of(c, before);
    return ms > 0 && now > then ? (double)(now - then) / ms : 0;
}

/* The next of 1, 2, 5, 10, 20, ... at or above v. */
static double nice_above(double v)
{
    double unit = v > 0 ? pow(10, floor(log10(v))) : 1;
    static const double steps[] = {1, 2, 5, 10};
    for (unsigned i = 0; i < ARRAY_LEN(steps); i++)
        if (v <= unit * steps[i] * 1.0000001)
            return unit * steps[i];
    return unit * 10;
}

/* At most five columns: 0.25, 12.5, 4096, 123k. */
static void number(char *buf, size_t n, double v)
{
    if (v >= 1e7)
        snprintf(buf, n, "%.0fM", v / 1e6);
    else if (v >= 1e5)
        snprintf(buf, n, "%.0fk", v / 1e3);
    else if (v >= 100 || v == floor(v))
        snprintf(buf, n, "%.0f", v);
    else if (v >= 10)
        snprintf(buf, n, "%.1f", v);
    else
        snprintf(buf, n, "%.2f", v);
}

static void curve(struct draw *g, const struct chart *c, struct rect p,
                  double top, u32 colour)
{
    const struct history *h = &g->v->history;
    u64 from = history_at(h, 0)->cycle, to = history_at(h, h->n - 1)->cycle;
    int px = 0, py = 0;
    for (unsigned i = 0; i < h->n; i++) {
        u64 at = history_at(h, i)->cycle - from;
        int x = p.x + (to > from
                           ? (int)((double)at / (double)(to - from) * (p.w - 1))
                           : p.w - 1);
        double v = value_at(g, c, i) / top;
        int y = p.y + p.h - 1 - (int)((v > 1 ? 1 : v) * (p.h - 1) + 0.5);
        if (i && (c->what != RATE || i > 1)) { /* as steps: nothing invented */
            fb_line(g->fb, px, py, x, py, colour);
            fb_line(g->fb, x, py, x, y, colour);
        }
        fb_fill(g->fb, (struct rect){x, y, 1, 1}, colour);
        px = x;
        py = y;
    }
}

/* Dashed, so that no threshold is taken for the curve. */
static void threshold(struct draw *g, struct rect p, double top, u64 value,
                      u32 colour)
{
    if ((double)value > top)
        return;
    int y = p.y + p.h - 1 - (int)((double)value / top * (p.h - 1) + 0.5);
    for (int x = p.x; x < p.x + p.w; x += 4)
        fb_fill(g->fb, (struct rect){x, y, 2, 1}, colour);
}

static void thresholds(struct draw *g, const struct chart *c, struct rect p,
                       double top)
{
    const struct ins_policy *vm = &g->d->vm;
    for (unsigned i = 0; c->what == FREE_FRAMES && i < vm->ngauges; i++)
        if (gauge_colour(g, &vm->gauge[i]))
            threshold(g, p, top, vm->gauge[i].value,
                      gauge_colour(g, &vm->gauge[i]));
    if (c->what == SWAP && vm->swap_total)
        threshold(g, p, top, vm->swap_total, g->t->bad);
}

/* Free frames near the thresholds: only what lies about them matters, and
 * what is above the top of the axis is drawn along it. */
static double top_of(const struct draw *g, const struct chart *c, double most,
                     double now)
{
    u64 high;
    if (c->what == FREE_FRAMES && inspect_gauge(&g->d->vm, "high", &high) &&
        high && now < 3 * (double)high && most > 3 * (double)high)
        return nice_above(2 * (double)high);
    return nice_above(most);
}

static void axes(struct draw *g, struct rect p, double top)
{
    char text[40];
    fb_fill(g->fb, p, g->t->pane);
    fb_fill(g->fb, (struct rect){p.x - 1, p.y, 1, p.h}, g->t->rule);
    fb_fill(g->fb, (struct rect){p.x - 1, p.y + p.h, p.w + 1, 1}, g->t->rule);
    number(text, sizeof text, top);
    put_right(g, p.x - 3, p.y, g->t->dim, text);
    put_right(g, p.x - 3, p.y + p.h - g->ch, g->t->dim, "0");
}

/* Below: what the axes measure. */
static void units(struct draw *g, const struct chart *c, struct rect r, int y)
{
    const struct history *h = &g->v->history;
    char span[32], unit[40];
    snprintf(unit, sizeof unit, "%s%s",
             c->what == RATE ? ins_counters[c->counter].unit : c->unit,
             c->what == RATE ? "/ms" : "");
    int used = text_columns(unit) * g->cw;
    put_right(g, r.x + r.w, y, g->t->dim, unit);
    if (h->n < 2)
        return;
    u64 cycles = history_at(h, h->n - 1)->cycle - history_at(h, 0)->cycle;
    double s = (double)cycles / (double)g->d->clock_hz;
    snprintf(span, sizeof span, s < 1 ? "−%.0fms" : "−%.1fs",
             s < 1 ? s * 1e3 : s);
    if (text_columns(span) * g->cw + used + g->cw <= r.w)
        put(g, r.x, y, g->t->dim, "%s", span);
}

static void draw_chart(struct draw *g, unsigned what, struct rect r, u32 colour)
{
    const struct chart *c = chart_of(what);
    const struct history *h = &g->v->history;
    const struct ins_counter_word *word = &ins_counters[c->counter];
    const char *name = c->name ? c->name : word->name;
    double most = 0, now = 0;
    for (unsigned i = 0; i < h->n; i++) {
        now = value_at(g, c, i);
        most = now > most ? now : most;
    }
    double top = top_of(g, c, most, now);
    char text[40];
    put_fit(g, r.x, r.y, 12, colour, name);
    number(text, sizeof text, now);
    put_right(g, r.x + r.w, r.y, g->t->ink, text);
    int gutter = 5 * g->cw + 3;
    struct rect p = {r.x + gutter, r.y + g->lh, r.w - gutter,
                     r.h - g->lh - g->ch - 1};
    struct span span = {p.x, p.w, 0, 0};
    if (h->n) {
        span.first = history_at(h, 0)->cycle;
        span.last = history_at(h, h->n - 1)->cycle;
    }
    axes(g, p, top);
    draw_why_span(g, p, what, span);
    thresholds(g, c, p, top);
    if (h->n)
        curve(g, c, p, top, colour);
    units(g, c, r, p.y + p.h + 1);
    add_why(g, r, what, name, c->sentence ? c->sentence : word->sentence, span);
}

void draw_sparks(struct draw *g, struct rect r)
{
    unsigned first = g->v->charts % CHART_SETS * EACH;
    int n = g->l.sparks_columns;
    n = n > (int)ARRAY_LEN(charts[0]) ? (int)ARRAY_LEN(charts[0]) : n;
    int gap = 10, w = (r.w - (n - 1) * gap) / n;
    fb_clip(g->fb, r);
    for (int i = 0; i < n; i++)
        draw_chart(g, first + (unsigned)i,
                   (struct rect){r.x + i * (w + gap), r.y, w, r.h},
                   g->t->data[i % (int)ARRAY_LEN(g->t->data)]);
    pane_close(g);
}
