/* SPDX-License-Identifier: MIT */
/* Event lanes: the kernel's latest events as ticks over simulated time, one
 * labelled lane for each sort. */
#include "panel/draw.h"

#include <stdio.h>

static const struct lane {
    const char *name, *sentence;
    const char *kinds[5]; /* of guest/abi/events.def */
} lanes[LANES] = {
    {"fault", "page faults that were served, one tick each", {"fault"}},
    {"cow", "writes to memory shared by fork: copied, or kept", {"cow"}},
    {"alloc",
     "frames that the kernel took for itself",
     {"alloc", "boot", "none"}},
    {"free", "frames given back: munmap, exec, exit", {"free"}},
    {"process", "fork, exec and exit", {"fork", "exec", "exit", "oom"}},
    {"paging",
     "pages read, written back, swapped or reclaimed",
     {"file", "reclaim", "pageout", "swapin"}},
};

static int lane_of(const struct ins_event *e)
{
    if (e->reason >= R_COUNT)
        return -1;
    for (int i = 0; i < LANES; i++)
        for (unsigned k = 0; k < 5 && lanes[i].kinds[k]; k++)
            if (!strcmp(lanes[i].kinds[k], ins_reasons[e->reason].kind))
                return i;
    return -1;
}

/* Cycles that the lanes span: a nice number of microseconds, back from now
 * as far as the oldest event that is known. */
static u64 span_of(const struct draw *g)
{
    const struct history *h = &g->v->history;
    u64 us = g->d->clock_hz / 1000000 ? g->d->clock_hz / 1000000 : 1;
    u64 span = 10 * us, need = 10 * us;
    if (h->nevents && g->d->cycle > history_event(h, 0)->cycle)
        need = g->d->cycle - history_event(h, 0)->cycle;
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

void draw_lanes(struct draw *g, struct rect r)
{
    const struct history *h = &g->v->history;
    int label = 8 * g->cw;
    struct rect p = {r.x + label, r.y, r.w - label, LANES * g->ch};
    u64 span = span_of(g);
    fb_clip(g->fb, r);
    fb_fill(g->fb, p, g->t->pane);
    axis(g, p, p.y + p.h + 1, span);
    for (int i = 0; i < LANES; i++) {
        int y = r.y + i * g->ch;
        put(g, r.x, y, g->t->data[i], "%s", lanes[i].name);
        if (i)
            fb_fill(g->fb, (struct rect){p.x, y, p.w, 1}, g->t->page);
        add_hit(g, (struct rect){r.x, y, label, g->ch}, HIT_TEXT, 0,
                lanes[i].sentence);
    }
    for (unsigned i = 0; i < h->nevents; i++) {
        const struct ins_event *e = history_event(h, i);
        int lane = lane_of(e);
        u64 ago = g->d->cycle > e->cycle ? g->d->cycle - e->cycle : 0;
        if (lane < 0 || ago > span)
            continue;
        int x = p.x + p.w - 1 -
                (int)((double)ago / (double)span * (double)(p.w - 1));
        int y = r.y + lane * g->ch;
        fb_fill(g->fb, (struct rect){x, y + 2, 1, g->ch - 3}, g->t->data[lane]);
    }
    pane_close(g);
}
