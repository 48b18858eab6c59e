/* SPDX-License-Identifier: MIT */
/* Event lanes: the kernel's latest events as ticks over simulated time, one
 * labelled lane for each sort. A lane's label (or its number) makes the
 * machine stop at its next event. */
#include "panel/draw.h"

#include <stdio.h>

static const struct lane {
    const char *name, *sentence;
    const char *catches[LANE_WORDS]; /* words of the monitor's `catch` */
} lanes[LANES] = {
    {"fault", "page faults that were served, one tick each", {"fault"}},
    {"cow", "writes to memory shared by fork: copied, or kept", {"cow"}},
    {"memory",
     "upper ticks: frames taken; lower: given back by munmap, exec, exit",
     {"alloc", "free"}},
    {"process",
     "fork, exec, exit, and the out-of-memory kill",
     {"fork", "exec", "proc-exit", "oom", "deadlock"}},
    {"reclaim",
     "upper ticks: the hand spared a used frame; lower: it took one",
     {"scan", "reclaim", "drop-cache", "cached", "cache-idle", "cache-reuse",
      "inode-reuse"}},
    {"disk",
     "upper ticks: pages read from files and swap; lower: written there",
     {"page-in", "file", "swapin", "pageout"}},
};

enum height { WHOLE, UPPER, LOWER };

/* By the kind of the reason (guest/abi/events.def). */
static const struct {
    const char *kind;
    u8 lane, height;
} kinds[] = {
    {"fault", 0, WHOLE},   {"cow", 1, WHOLE},    {"alloc", 2, UPPER},
    {"boot", 2, UPPER},    {"none", 2, UPPER},   {"free", 2, LOWER},
    {"fork", 3, WHOLE},    {"exec", 3, WHOLE},   {"exit", 3, WHOLE},
    {"oom", 3, WHOLE},     {"scan", 4, UPPER},   {"reclaim", 4, LOWER},
    {"pageout", 5, LOWER}, {"swapin", 5, UPPER}, {"file", 5, UPPER},
    {"lock", 4, UPPER},
};

const char *lane_name(int lane)
{
    return lanes[lane].name;
}

const char *const *lane_catches(int lane)
{
    return lanes[lane].catches;
}

bool lane_stops(const struct ins_display *d, int lane)
{
    for (unsigned i = 0; i < LANE_WORDS && lanes[lane].catches[i]; i++) {
        u64 mask = inspect_reason_mask(lanes[lane].catches[i]);
        if ((d->catching & mask) != mask)
            return false;
    }
    return true;
}

/* Where each reason's ticks go; lane -1: nowhere. */
struct places {
    struct {
        s8 lane;
        u8 height;
    } of[R_COUNT];
};

static struct places places_make(void)
{
    struct places p;
    for (unsigned r = 0; r < R_COUNT; r++) {
        p.of[r].lane = -1;
        p.of[r].height = WHOLE;
        for (unsigned i = 0; i < ARRAY_LEN(kinds); i++)
            if (!strcmp(kinds[i].kind, ins_reasons[r].kind)) {
                p.of[r].lane = (s8)kinds[i].lane;
                p.of[r].height = kinds[i].height;
            }
    }
    /* Those that lie elsewhere than their kind. */
    p.of[R_COW_SHARE].lane = 1;
    p.of[R_PAGE_IN].lane = 5;
    p.of[R_PAGE_IN].height = UPPER;
    p.of[R_FILE_WRITE].height = LOWER;
    return p;
}

/* The oldest event that is shown one by one. */
static unsigned first_shown(const struct history *h)
{
    return h->nevents > LANE_EVENTS ? h->nevents - LANE_EVENTS : 0;
}

/* Cycles that the lanes span: a nice number of microseconds, back from now
 * as far as the oldest event that is known, and half a second where so many
 * come that each is known for less: then what was counted stands for them. */
static u64 span_of(const struct draw *g)
{
    const struct history *h = &g->v->history;
    u64 us = g->d->clock_hz / 1000000 ? g->d->clock_hz / 1000000 : 1;
    u64 span = 10 * us, need = 10 * us;
    unsigned first = first_shown(h);
    if (h->nevents && g->d->cycle > history_event(h, first)->cycle)
        need = g->d->cycle - history_event(h, first)->cycle;
    if (h->n && g->d->cycle > history_at(h, 0)->cycle) {
        u64 known = g->d->cycle - history_at(h, 0)->cycle;
        u64 half = g->d->clock_hz / 2;
        known = known < half ? known : half;
        need = known > need ? known : need;
    }
    for (unsigned i = 0; span < need && i < 40; i++)
        span = i % 3 == 1 ? span / 2 * 5 : span * 2; /* 10 20 50 100 ... */
    return span;
}

static void axis(struct draw *g, struct rect p, int y, u64 span)
{
    char text[40];
    enum { PARTS = 5 };
    int per = p.w / PARTS;
    for (int i = 0; i <= PARTS; i++) {
        int x = p.x + i * (p.w - 1) / PARTS;
        fb_fill(g->fb, (struct rect){x, p.y, 1, p.h}, g->t->rule);
        u64 back = span - span / PARTS * (u64)i;
        if (i == PARTS) {
            put_right(g, p.x + p.w, y, g->t->dim, "now");
            continue;
        }
        double ms = (double)back * 1e3 / (double)g->d->clock_hz;
        snprintf(text, sizeof text, ms < 1000 ? "−%g ms" : "−%g s",
                 ms < 1000 ? ms : ms / 1000);
        if (text_columns(text) * g->cw + 4 * g->cw < per)
            put(g, x, y, g->t->dim, "%s", text);
    }
}

/* Its number, its name; inverted while the machine stops at its events. */
static void label(struct draw *g, struct rect at, int i)
{
    bool stops = lane_stops(g->d, i);
    u32 ink = g->t->data[i];
    if (stops) {
        fb_fill(g->fb, (struct rect){at.x, at.y, at.w - 3, at.h - 1},
                g->t->bad);
        ink = colour_strong(g->t->bad);
        int x = at.x + at.w - 3 - g->cw; /* two bars: pause */
        fb_fill(g->fb, (struct rect){x - 2, at.y + 2, 2, at.h - 5}, ink);
        fb_fill(g->fb, (struct rect){x + 2, at.y + 2, 2, at.h - 5}, ink);
    }
    put(g, at.x + 2, at.y, stops ? ink : g->t->dim, "%d", i + 1);
    put(g, at.x + 2 + 2 * g->cw, at.y, ink, "%s", lanes[i].name);
    add_hit(g, at, HIT_LANE, (u64)i, lanes[i].sentence);
}

static int x_of(const struct draw *g, struct rect p, u64 span, u64 cycle)
{
    u64 ago = g->d->cycle > cycle ? g->d->cycle - cycle : 0;
    ago = ago < span ? ago : span;
    return p.x + p.w - 1 -
           (int)((double)ago / (double)span * (double)(p.w - 1));
}

static struct rect tick(const struct draw *g, struct rect p, int lane,
                        enum height height, int x, int w)
{
    int full = g->ch - 3, half = full / 2;
    int y = p.y + lane * g->ch + 2 + (height == LOWER ? full - half : 0);
    return (struct rect){x, y, w, height == WHOLE ? full : half};
}

void lanes_of(s8 lane[R_COUNT])
{
    struct places p = places_make();
    for (unsigned r = 0; r < R_COUNT; r++)
        lane[r] = p.of[r].lane;
}

/* Before the oldest event that is known one by one: how many came between two
 * samples, the more the brighter. */
static void densities(struct draw *g, struct rect p, u64 span,
                      const struct places *at)
{
    const struct history *h = &g->v->history;
    u64 known =
        h->nevents ? history_event(h, first_shown(h))->cycle : g->d->cycle;
    for (unsigned i = 1; i < h->n; i++) {
        const struct ins_sample *a = history_at(h, i - 1),
                                *b = history_at(h, i);
        u32 sum[LANES][3] = {{0}};
        if (b->cycle + span < g->d->cycle || a->cycle >= known)
            continue;
        for (unsigned r = 0; r < R_COUNT; r++) {
            int lane = at->of[r].lane;
            if (b->tally[r] > a->tally[r] && lane >= 0)
                sum[lane][at->of[r].height] += b->tally[r] - a->tally[r];
        }
        int x = x_of(g, p, span, a->cycle);
        int end = x_of(g, p, span, b->cycle < known ? b->cycle : known);
        for (int k = 0; k < LANES * 3; k++) {
            u32 n = sum[k / 3][k % 3];
            unsigned bright = 70 + 20 * (31 - (unsigned)__builtin_clz(n | 1));
            if (n)
                fb_fill(g->fb,
                        tick(g, p, k / 3, k % 3, x, end > x ? end - x : 1),
                        colour_mix(g->t->pane, g->t->data[k / 3],
                                   bright < 220 ? bright : 220));
        }
    }
}

static void ticks(struct draw *g, struct rect p, u64 span,
                  const struct places *at)
{
    const struct history *h = &g->v->history;
    for (unsigned i = first_shown(h); i < h->nevents; i++) {
        const struct ins_event *e = history_event(h, i);
        if (e->reason >= R_COUNT || at->of[e->reason].lane < 0 ||
            e->cycle + span < g->d->cycle)
            continue;
        int lane = at->of[e->reason].lane;
        fb_fill(g->fb,
                tick(g, p, lane, at->of[e->reason].height,
                     x_of(g, p, span, e->cycle), 1),
                g->t->data[lane]);
    }
}

void draw_lanes(struct draw *g, struct rect r)
{
    int left = 12 * g->cw;
    struct rect p = {r.x + left, r.y, r.w - left, LANES * g->ch};
    u64 span = span_of(g);
    struct places at = places_make();
    struct span shown = {p.x, p.w, g->d->cycle > span ? g->d->cycle - span : 0,
                         g->d->cycle};
    fb_clip(g->fb, r);
    fb_fill(g->fb, p, g->t->pane);
    axis(g, p, p.y + p.h + 1, span);
    add_term(g, (struct rect){p.x, p.y + p.h, p.w, g->ch + 2}, "time");
    for (int i = 0; i < LANES; i++) {
        int y = r.y + i * g->ch;
        label(g, (struct rect){r.x, y, left, g->ch}, i);
        if (i)
            fb_fill(g->fb, (struct rect){p.x, y, p.w, 1}, g->t->page);
        struct rect lane = {p.x, y, p.w, g->ch};
        draw_why_span(g, lane, WHY_LANE + (unsigned)i, shown);
        add_why(g, lane, WHY_LANE + (unsigned)i, lanes[i].name,
                lanes[i].sentence, shown);
    }
    densities(g, p, span, &at);
    ticks(g, p, span, &at);
    pane_close(g);
}
