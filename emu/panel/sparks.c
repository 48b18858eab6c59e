/* SPDX-License-Identifier: MIT */
/* Sparklines with axes: levels, and counters' growth per millisecond, over
 * simulated time, from the displays that the panel has seen. */
#include "panel/draw.h"

#include <math.h>
#include <stdio.h>

enum what { FREE_FRAMES, ANONYMOUS, FILE_PAGES, RATE };
static const struct chart {
    u8 what, counter;
    const char *name, *sentence; /* of a level; a rate has its counter's */
} charts[] = {
    /* most telling first: a narrow window shows fewer */
    {FREE_FRAMES, 0, "free", "frames on the buddy allocator's free lists"},
    {ANONYMOUS, 0, "anonymous",
     "frames of anonymous memory: private, shared by fork, shared by mmap"},
    {RATE, C_PGFAULT, NULL, NULL},
    {RATE, C_COW_COPIED, NULL, NULL},
    {FILE_PAGES, 0, "file", "frames that hold pages of files"},
    {RATE, C_DEMAND_ZERO, NULL, NULL},
    {RATE, C_PGMAJFAULT, NULL, NULL},
    {RATE, C_PGPGIN, NULL, NULL},
    {RATE, C_SYSCALLS, NULL, NULL},
    {RATE, C_CTXT, NULL, NULL},
    {RATE, C_INTR, NULL, NULL},
    {RATE, C_PGALLOC, NULL, NULL},
    {RATE, C_FORKS, NULL, NULL},
    {RATE, C_EXECS, NULL, NULL},
};

static double level(const struct chart *c, const struct ins_sample *s)
{
    const u64 *h = s->histogram;
    switch (c->what) {
    case FREE_FRAMES:
        return (double)s->free_frames;
    case ANONYMOUS:
        return (double)(h[FS_ANON] + h[FS_COW] + h[FS_SHMEM]);
    default:
        return (double)(h[FS_FILE_CLEAN] + h[FS_FILE_DIRTY]);
    }
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
    u64 now = s->counters[c->counter], then = before->counters[c->counter];
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

static void draw_chart(struct draw *g, const struct chart *c, struct rect r,
                       u32 colour)
{
    const struct history *h = &g->v->history;
    const struct ins_counter_word *word =
        c->what == RATE ? &ins_counters[c->counter] : NULL;
    double top = 0, now = 0;
    for (unsigned i = 0; i < h->n; i++) {
        now = value_at(g, c, i);
        top = now > top ? now : top;
    }
    top = nice_above(top);
    char text[40];
    put_fit(g, r.x, r.y, 12, colour, word ? word->name : c->name);
    number(text, sizeof text, now);
    put_right(g, r.x + r.w, r.y, g->t->ink, text);
    int gutter = 5 * g->cw + 3;
    struct rect p = {r.x + gutter, r.y + g->lh, r.w - gutter,
                     r.h - g->lh - g->ch - 1};
    fb_fill(g->fb, p, g->t->pane);
    fb_fill(g->fb, (struct rect){p.x - 1, p.y, 1, p.h}, g->t->rule);
    fb_fill(g->fb, (struct rect){p.x - 1, p.y + p.h, p.w + 1, 1}, g->t->rule);
    number(text, sizeof text, top);
    put_right(g, p.x - 3, p.y, g->t->dim, text);
    put_right(g, p.x - 3, p.y + p.h - g->ch, g->t->dim, "0");
    if (h->n)
        curve(g, c, p, top, colour);
    int y = p.y + p.h + 1;
    char span[32], unit[40];
    snprintf(unit, sizeof unit, "%s%s", word ? word->unit : "frames",
             word ? "/ms" : "");
    int used = text_columns(unit) * g->cw;
    put_right(g, r.x + r.w, y, g->t->dim, unit);
    if (h->n > 1) {
        u64 cycles = history_at(h, h->n - 1)->cycle - history_at(h, 0)->cycle;
        double s = (double)cycles / (double)g->d->clock_hz;
        snprintf(span, sizeof span, s < 1 ? "−%.0fms" : "−%.1fs",
                 s < 1 ? s * 1e3 : s);
        if (text_columns(span) * g->cw + used + g->cw <= r.w)
            put(g, r.x, y, g->t->dim, "%s", span);
    }
    add_hit(g, r, HIT_TEXT, 0, word ? word->sentence : c->sentence);
}

void draw_sparks(struct draw *g, struct rect r)
{
    int n = g->l.sparks_columns;
    n = n > (int)ARRAY_LEN(charts) ? (int)ARRAY_LEN(charts) : n;
    int gap = 10, w = (r.w - (n - 1) * gap) / n;
    fb_clip(g->fb, r);
    for (int i = 0; i < n; i++)
        draw_chart(g, &charts[i],
                   (struct rect){r.x + i * (w + gap), r.y, w, r.h},
                   g->t->data[i % (int)ARRAY_LEN(g->t->data)]);
    pane_close(g);
}
