/* SPDX-License-Identifier: MIT */
/* Gauges of free frames and of swap; see gauge.h. */
#include "panel/panes/gauge.h"

#include <stdio.h>

u32 gauge_colour(const struct draw *g, const struct ins_gauge *gauge)
{
    return !strcmp(gauge->name, "min")    ? g->t->bad
           : !strcmp(gauge->name, "low")  ? g->t->warn
           : !strcmp(gauge->name, "high") ? g->t->fair
                                          : 0;
}

/* The full scale: four times the highest threshold, because nothing depends on
 * more free memory than that threshold. Without thresholds, all of memory. */
static u64 free_span(const struct draw *g)
{
    u64 top = 0, n = g->d->nframes ? g->d->nframes : 1;
    for (unsigned i = 0; i < g->d->vm.ngauges; i++)
        if (gauge_colour(g, &g->d->vm.gauge[i]) &&
            g->d->vm.gauge[i].value > top)
            top = g->d->vm.gauge[i].value;
    return !top || top > n / 4 ? n : 4 * top;
}

/* True if the pageout daemon is awake. Its name differs from kernel to kernel:
 * the daemon is the process of the latest event with that actor. Without such
 * an event it was not woken yet. */
static bool daemon_runs(const struct ins_display *d)
{
    for (unsigned i = 0; i < d->nevents && i < INS_LANE_MAX; i++)
        if (d->events[i].actor == ACTOR_PAGEOUT && d->events[i].pid)
            for (unsigned k = 0; k < d->nprocs && k < INS_PROCS_MAX; k++)
                if (d->procs[k].pid == d->events[i].pid)
                    return d->procs[k].state != PS_SLEEPING;
    return false;
}

/* True if a program has reclaimed frames itself (direct reclaim) in the last 10
 * ms. */
static bool programs_look(const struct ins_display *d)
{
    for (unsigned i = 0; i < d->nevents && i < INS_LANE_MAX; i++) {
        const struct ins_event *e = &d->events[i];
        if (d->cycle - e->cycle > d->clock_hz / 100)
            break;
        if (e->actor != ACTOR_PAGEOUT &&
            (e->reason == R_RECLAIM || e->reason == R_SWAP_ADD ||
             e->reason == R_REF_CLEARED))
            return true;
    }
    return false;
}

const char *gauge_verdict(const struct draw *g, u32 *colour)
{
    const struct ins_policy *p = &g->d->vm;
    u64 at, free = g->d->free_frames + p->kept;
    *colour = g->t->bad;
    if (inspect_gauge(p, "min", &at) && free < at)
        return "below min: programs wait";
    *colour = g->t->warn;
    if (inspect_gauge(p, "low", &at) && free < at)
        return programs_look(g->d) ? "below low: programs look for frames"
                                   : "below low: the daemon runs";
    *colour = g->t->fair;
    if (inspect_gauge(p, "high", &at) && free < at)
        return daemon_runs(g->d) ? "below high: the daemon runs"
                                 : "below high: the daemon rests";
    *colour = g->t->good;
    return inspect_gauge(p, "high", &at) ? "enough" : "";
}

static int gauge_part(u64 value, u64 span, int w)
{
    double x = (double)value / (double)(span ? span : 1) * w;
    return x > w ? w : (int)x;
}

/* The tick's hit is wider than the tick, so that the pointer can meet it. */
static void draw_tick(struct draw *g, struct rect r, int x, u32 colour,
                      const char *name)
{
    int hair = g->l.px / 12 < 1 ? 1 : g->l.px / 12, over = g->lh / 8;
    int reach = g->pad / 2;
    fb_fill(g->fb,
            (struct rect){x - hair, r.y - over, 3 * hair, r.h + 2 * over},
            g->t->band);
    fb_fill(g->fb, (struct rect){x, r.y - over, hair, r.h + 2 * over}, colour);
    add_term(
        g,
        (struct rect){x - reach, r.y - over, 2 * reach + hair, r.h + 2 * over},
        name);
}

void gauge_free(struct draw *g, struct rect r, u32 colour)
{
    const struct ins_policy *p = &g->d->vm;
    u64 free = g->d->free_frames + p->kept, span = free_span(g);
    int hair = g->l.px / 12 < 1 ? 1 : g->l.px / 12;
    fb_fill(g->fb, r, g->t->pane);
    fb_fill(g->fb, (struct rect){r.x, r.y, gauge_part(free, span, r.w), r.h},
            colour);
    if (p->kept) /* free frames whose page can still be found again */
        fb_fill(g->fb,
                (struct rect){r.x, r.y, gauge_part(p->kept, span, r.w), r.h},
                g->t->kind[FS_FILE_CLEAN][1]);
    for (unsigned i = 0; i < p->ngauges; i++) {
        u32 c = gauge_colour(g, &p->gauge[i]);
        int x = r.x + gauge_part(p->gauge[i].value, span, r.w - hair);
        if (c)
            draw_tick(g, r, x, c, p->gauge[i].name);
    }
}

void gauge_swap(struct draw *g, struct rect r)
{
    const struct ins_policy *p = &g->d->vm;
    bool full = p->swap_used >= p->swap_total;
    fb_fill(g->fb, r, g->t->pane);
    fb_fill(g->fb,
            (struct rect){r.x, r.y,
                          gauge_part(p->swap_used, p->swap_total, r.w), r.h},
            full ? g->t->bad : g->t->kind[FS_SWAPCACHE][1]);
}

void gauge_names(const struct draw *g, char *buf, size_t n)
{
    const struct ins_policy *p = &g->d->vm;
    size_t len = 0;
    buf[0] = 0;
    for (unsigned i = 0; i < p->ngauges && len < n; i++)
        if (gauge_colour(g, &p->gauge[i]))
            len = append(buf, n, len, "%s%s", len ? " " : "", p->gauge[i].name);
}

int gauge_put_names(struct draw *g, int x, int y)
{
    const struct ins_policy *p = &g->d->vm;
    for (unsigned i = 0, n = 0; i < p->ngauges; i++) {
        u32 colour = gauge_colour(g, &p->gauge[i]);
        if (!colour)
            continue;
        x += n++ ? font_width(g->sans, " ") : 0;
        int end = put_as(g, g->sans, x, y, colour, p->gauge[i].name);
        add_term(g, (struct rect){x, y, end - x, g->lh}, p->gauge[i].name);
        x = end;
    }
    return x;
}
