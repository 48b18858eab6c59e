/* SPDX-License-Identifier: MIT */
/* Why a chart or a lane is as it is: the latest events behind it, each with
 * its reason and its frame. In the biography's place, after a click. */
#include "panel/draw.h"

#include <stdio.h>

/* Rules of a chart's counters, the states of which it is the level, or the lane
 * that shows the event. */
struct behind {
    struct ins_rule rule[2][INS_RULES];
    unsigned nrules[2];
    u32 states; /* 1 << enum frame_state */
    int lane;   /* -1: a chart */
    s8 lane_of[R_COUNT];
    const char *name;
};

static struct behind behind_of(const struct draw *g)
{
    struct behind b = {.lane = -1};
    unsigned counter[2], n = 0, what = g->v->why - 1;
    if (what >= WHY_LANE) {
        b.lane = (int)(what - WHY_LANE);
        lanes_of(b.lane_of);
        b.name = lane_name(b.lane);
        return b;
    }
    b.name = chart_source(what, counter, &n, &b.states);
    for (unsigned i = 0; i < n; i++)
        b.nrules[i] = inspect_rules(counter[i], b.rule[i]);
    return b;
}

static bool has(u32 states, u8 state)
{
    return state < FS_COUNT && states >> state & 1;
}

static bool made(const struct behind *b, const struct ins_event *e)
{
    bool frame = e->pfn != LENS_NO_PFN, any = false;
    if (e->reason >= R_COUNT)
        return false;
    if (b->lane >= 0)
        return b->lane_of[e->reason] == b->lane;
    if (frame && has(b->states, e->from) != has(b->states, e->to))
        return true;
    for (unsigned i = 0; i < 2; i++)
        any |=
            b->nrules[i] && inspect_rules_match(b->rule[i], b->nrules[i], frame,
                                                e->from, e->to, e->reason);
    return any;
}

enum { FRAME = 9 };

static void row(struct draw *g, int x, int y, int columns,
                const struct ins_event *e)
{
    char text[24] = "-";
    bool frame = e->pfn < g->d->nframes;
    if (frame)
        snprintf(text, sizeof text, "0x%x", e->pfn);
    draw_life_row(g, x + FRAME * g->cw, y, columns - FRAME, e);
    put_fit(g, x, y, FRAME - 1, frame ? g->t->accent : g->t->dim, text);
    if (frame)
        add_hit(g, (struct rect){x, y, FRAME * g->cw, g->lh}, HIT_FRAME, e->pfn,
                NULL);
}

void draw_why_pane(struct draw *g, struct rect r)
{
    const struct history *h = &g->v->history;
    struct behind b = behind_of(g);
    unsigned n = 0, shown = 0;
    char about[96];
    for (unsigned i = 0; i < h->nevents; i++)
        n += made(&b, history_event(h, i));
    int rows = (r.h - g->ch - 5) / g->lh;
    unsigned most = (int)n > rows ? n - (unsigned)(rows > 0 ? rows : 0) : 0;
    g->v->scroll = g->v->scroll < most ? g->v->scroll : most;
    snprintf(about, sizeof about,
             "%.12s: %u of the latest %u events; Esc closes", b.name, n,
             h->nevents);
    struct rect in = pane_open(g, r, "WHY", about);
    add_word(g, (struct rect){r.x, r.y, r.w, g->ch + 3}, b.name,
             "the events behind it, latest first: frame, time, from and to, "
             "reason, whose");
    bool none = b.lane < 0 && !b.nrules[0] && !b.nrules[1] && !b.states;
    if (!n)
        put_fit(g, in.x, in.y, in.w / g->cw, g->t->dim,
                none ? "no event says when: it is counted, and that is all"
                     : "none of them made it");
    for (unsigned i = h->nevents, k = 0; i-- > 0 && (int)shown < rows;) {
        const struct ins_event *e = history_event(h, i);
        if (made(&b, e) && k++ >= g->v->scroll)
            row(g, in.x, in.y + (int)shown++ * g->lh, in.w / g->cw - 1, e);
    }
    pane_close(g);
}
