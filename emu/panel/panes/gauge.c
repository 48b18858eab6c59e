/* SPDX-License-Identifier: MIT */
/* Draws gauges of free frames and of swap; see gauge.h. */
#include "panel/panes/gauge.h"
#include "inspect/policy.h"

u32 level_colour(const struct draw *g, const char *name)
{
    return !strcmp(name, "min")    ? g->t->bad
           : !strcmp(name, "low")  ? g->t->warn
           : !strcmp(name, "high") ? g->t->fair
                                   : 0;
}

/* Returns the full scale: four times the highest threshold, because nothing
 * depends on more free memory than that, but never more than all frames; all
 * frames if there is no threshold. */
static u64 free_span(const struct draw *g)
{
    u64 top = 0, n = g->d->nframes ? g->d->nframes : 1;
    EACH(it, g->d->vm.gauge, g->d->vm.ngauges)
        if (gauge_colour(g, it) && it->value > top)
            top = it->value;
    return !top || top > n / 4 ? n : 4 * top;
}

/* True if the pageout daemon is awake. Its name differs from kernel to kernel,
 * so it is found as the process of the latest event whose actor is
 * ACTOR_PAGEOUT. Without such an event it counts as asleep. */
static bool daemon_runs(const struct ins_display *d)
{
    EACH(e, d->events, d->nevents)
        if (e->actor == ACTOR_PAGEOUT && e->pid && proc_of(d, e->pid))
            return proc_of(d, e->pid)->state != PS_SLEEPING;
    return false;
}

/* True if programs themselves looked for frames to take in the last 10 ms. */
static bool programs_look(const struct ins_display *d)
{
    EACH(e, d->events, d->nevents) {
        if (d->cycle - e->cycle > d->clock_hz / 100)
            break;
        if (e->actor != ACTOR_PAGEOUT && e->actor != ACTOR_LIMIT &&
            e->actor != ACTOR_SWAPPER &&
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
        return programs_look(g->d) ? "below low: programs reclaim"
                                   : "below low: the daemon runs";
    *colour = g->t->fair;
    if (inspect_gauge(p, "high", &at) && free < at)
        return daemon_runs(g->d) ? "below high: the daemon runs"
                                 : "below high: the daemon rests";
    if (inspect_gauge(p, "cachefree", &at) && free < at) /* priority paging */
        return "below cachefree: hands move";
    *colour = g->t->good;
    return inspect_gauge(p, "high", &at) ? "enough" : "";
}

static int gauge_part(u64 value, u64 span, int w)
{
    double x = (double)value / (double)(span ? span : 1) * w;
    return x > w ? w : (int)x;
}

/* Draws a tick, with a hit wide enough for the pointer to meet. */
static void draw_tick(struct draw *g, struct rect r, int x, u32 colour,
                      const char *name)
{
    int hair = g->l.hair, over = g->lh / 8, reach = g->pad / 2;
    int y = r.y - over, h = r.h + 2 * over;
    fill(g, x - hair, y, 3 * hair, h, g->t->band);
    fill(g, x, y, hair, h, colour);
    add_term(g, rect(x - reach, y, 2 * reach + hair, h), name);
}

void gauge_free(struct draw *g, struct rect r, u32 colour)
{
    const struct ins_policy *p = &g->d->vm;
    u64 free = g->d->free_frames + p->kept, span = free_span(g);
    fb_fill(g->fb, r, g->t->pane);
    fill(g, r.x, r.y, gauge_part(free, span, r.w), r.h, colour);
    if (p->kept) /* free frames whose page can still be found again */
        fill(g, r.x, r.y, gauge_part(p->kept, span, r.w), r.h,
             g->t->kind[FS_FILE_CLEAN][1]);
    EACH(it, p->gauge, p->ngauges) {
        u32 c = gauge_colour(g, it);
        int x = r.x + gauge_part(it->value, span, r.w - g->l.hair);
        if (c)
            draw_tick(g, r, x, c, it->name);
    }
}

void gauge_swap(struct draw *g, struct rect r)
{
    const struct ins_policy *p = &g->d->vm;
    bool full = p->swap_used >= p->swap_total;
    fb_fill(g->fb, r, g->t->pane);
    fill(g, r.x, r.y, gauge_part(p->swap_used, p->swap_total, r.w), r.h,
         full ? g->t->bad : g->t->kind[FS_SWAPCACHE][1]);
}

const char *gauge_names(const struct draw *g)
{
    const char *names = "";
    EACH(it, g->d->vm.gauge, g->d->vm.ngauges)
        if (gauge_colour(g, it))
            names = phrase("%s%s%s", names, *names ? " " : "", it->name);
    return names;
}

int gauge_put_names(struct draw *g, int x, int y)
{
    int blank = font_width(g->sans, " ");
    EACH(it, g->d->vm.gauge, g->d->vm.ngauges) {
        u32 colour = gauge_colour(g, it);
        if (!colour)
            continue;
        int end = put_as(g, g->sans, x, y, colour, it->name);
        add_term(g, line_at(g, x, y, end - x), it->name);
        x = end + blank;
    }
    return x - blank;
}
