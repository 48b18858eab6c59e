/* SPDX-License-Identifier: MIT */
/* Draws the rows of the time axis that are curves: free frames near the
 * thresholds, and the use of swap. Also reads the counters whose growth is told
 * at the cursor. */
#include "inspect/policy.h"
#include "panel/time/time_axis.h"

#include <stdlib.h>

static const struct {
    u8 counter, also; /* `also` is added if it is another counter */
} rates[RATES] = {
    {C_PGFAULT, C_PGFAULT},
    {C_PGSCAN_KSWAPD, C_PGSCAN_DIRECT},
    {C_PSWPIN, C_PSWPIN},
    {C_PSWPOUT, C_PSWPOUT},
};

u64 rate_count(const struct ins_sample *s, unsigned rate)
{
    u64 n = s->counters[rates[rate].counter];
    if (rates[rate].also != rates[rate].counter)
        n += s->counters[rates[rate].also];
    return n;
}

/* ---- free frames and swap ------------------------------------------------ */

/* The range that is drawn: from the lowest threshold to the highest, and as far
 * again below and above. Without thresholds it is all of memory. */
struct range {
    u64 low, high;
};

static struct range free_range(const struct draw *g, const struct axis *a)
{
    u64 min = NEVER, max = 0;
    for (unsigned i = 0; i < a->n; i++)
        for (unsigned k = 0; k < INS_LEVELS && axis_shown(a, i); k++) {
            u64 level = a->s[i]->level[k];
            min = level && level < min ? level : min;
            max = level > max ? level : max;
        }
    if (!max || max > g->d->nframes)
        return (struct range){0, g->d->nframes ? g->d->nframes : 1};
    u64 apart = max > min ? max - min : max;
    return (struct range){min > apart ? min - apart : 0, max + apart};
}

static int level_y(struct rect r, u64 value, struct range range)
{
    u64 level = value < range.low    ? range.low
                : value > range.high ? range.high
                                     : value;
    double part =
        (double)(level - range.low) / (double)(range.high - range.low);
    return r.y + r.h - 1 - (int)(part * (r.h - 1) + 0.5);
}

/* Draws a threshold as it was at each time, dashed, unlike the curve. */
static void threshold(struct draw *g, const struct axis *a, struct rect r,
                      struct range range, unsigned k)
{
    int dash = g->pad / 2 + 1;
    for (int x = r.x; x < r.x + r.w; x += 2 * dash) {
        unsigned i = axis_sample(a, axis_cycle(a, x));
        if (i == AXIS_SAMPLES || !a->s[i]->level[k])
            continue;
        int y = level_y(r, a->s[i]->level[k], range);
        fb_fill(g->fb, rect_cut(r, rect(x, y, dash, g->l.hair)),
                level_colour(g, ins_levels[k]));
    }
}

/* Writes a threshold's name at its line from x on, right of the earlier names,
 * if there is room. Returns the x after the name, or x if it wrote none. */
static int threshold_name(struct draw *g, const struct axis *a, struct rect r,
                          int x, struct range range, unsigned k)
{
    int w = font_width(g->sans, ins_levels[k]);
    unsigned i = axis_sample(a, axis_cycle(a, x));
    if (i == AXIS_SAMPLES || !a->s[i]->level[k]) /* threshold set later */
        i = a->n - 1;
    int y = level_y(r, a->s[i]->level[k], range) - g->lh / 2;
    bool fits = y >= r.y && y <= r.y + r.h - g->lh;
    if (!a->s[i]->level[k] || !fits || x + w + 2 * g->pad > r.x + r.w / 2)
        return x;
    fill(g, x - 2 * g->l.edge, y, w + g->pad, g->lh, g->t->pane);
    put_as(g, g->sans, x, y, level_colour(g, ins_levels[k]), ins_levels[k]);
    return x + w + g->pad;
}

void draw_swap(struct draw *g, struct axis *a, struct rect r)
{
    static const char about[] =
        "slots of swap that hold a page; the whole height is the most that "
        "were used";
    struct range all = {0, g->d->vm.swap_used};
    for (unsigned i = 0; i < a->n; i++)
        all.high =
            a->s[i]->swap_used > all.high ? a->s[i]->swap_used : all.high;
    u32 colour = g->t->kind[FS_SWAPCACHE][0];
    for (unsigned i = 0; all.high && i < a->n; i++) {
        int x, end;
        if (!axis_columns(a, i, r, &x, &end))
            continue;
        int y = level_y(r, a->s[i]->swap_used, all);
        if (a->s[i]->swap_used && end > x)
            fill(g, x, y, end - x, r.y + r.h - y, colour);
    }
    fill(g, r.x, r.y + r.h - 1, r.w, 1, g->t->rule);
    u32 ink = colour_mix(g->t->kind[FS_SWAPCACHE][1], g->t->ink, 90);
    struct rect at = row_name(g, a, r, ink, "swap");
    add_events(g, r, EVENTS_SWAP, "swap used", about, axis_span(a));
    add_events(g, at, EVENTS_SWAP, "swap used", about, no_span);
}

static void free_line(struct draw *g, const struct axis *a, struct rect r,
                      struct range range)
{
    int hair = g->l.hair, before = -1;
    for (unsigned i = 0; i < a->n; i++) {
        int x, end;
        if (!axis_columns(a, i, r, &x, &end))
            continue;
        int y = level_y(r, a->s[i]->free_frames + a->s[i]->kept, range);
        if (before >= 0 && before != y)
            fill(g, x, before < y ? before : y, hair, abs(before - y) + hair,
                 g->t->ink);
        fill(g, x, y, end > x ? end - x : 1, hair, g->t->ink);
        before = y;
    }
}

void draw_free(struct draw *g, struct axis *a, struct rect r)
{
    static const char about[] =
        "frames that can be given out at once, as the policy counts them; "
        "dashed: its thresholds as they were then. Far from them the line "
        "stays at the "
        "top or at the bottom";
    struct range range = free_range(g, a);
    int x = r.x + g->pad;
    fill(g, r.x, r.y + r.h - 1, r.w, 1, g->t->rule);
    struct rect inner = {r.x, r.y, r.w, r.h - g->l.hair + 1};
    /* In a terminal a line of text has room for a curve alone. */
    unsigned levels = g->l.edge || r.h > g->lh ? INS_LEVELS : 0;
    for (unsigned k = 0; k < levels; k++)
        threshold(g, a, inner, range, k);
    free_line(g, a, inner, range);
    for (unsigned k = 0; k < levels; k++)
        x = threshold_name(g, a, inner, x, range, k);
    add_events(g, r, EVENTS_FREE, "free", about, axis_span(a));
    struct rect at = row_name(g, a, r, g->t->ink, "free");
    add_word(g, at, "free", about);
}
