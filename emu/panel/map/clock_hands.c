/* SPDX-License-Identifier: MIT */
/* Draws the clock's hands on the frame map. Each hand has a hollow ring round
 * its frame and a trail of the frames that it swept lately, paler the longer
 * ago: in the gaps between cells, or without gaps in the cells' first rows. */
#include "panel/map/map.h"

enum { SWEPT_MOST = 65536 };

bool hand_shown(const struct draw *g, unsigned i)
{
    return i < 2 && g->d->vm.hand[i] < g->d->nframes;
}

u32 hand_colour(const struct draw *g, unsigned i)
{
    return i ? g->t->data[0] : g->t->bad;
}

const char *hand_words(const struct draw *g, u64 pfn)
{
    if (hand_shown(g, 1) && g->d->vm.hand[1] == pfn)
        return "the front hand, which clears the marks of use";
    if (!hand_shown(g, 0) || g->d->vm.hand[0] != pfn)
        return NULL;
    return hand_shown(g, 1) ? "the back hand, which takes pages still unmarked"
                            : "the hand, which takes pages not used lately";
}

/* Returns how many frames hand i has swept in the last simulated second, but no
 * more than SWEPT_MOST or an eighth of memory, enough to show its way. */
static u64 swept(const struct draw *g, unsigned i)
{
    const struct ins_series *s = &g->d->samples.recent;
    u64 n = g->d->nframes, sum = 0, now = g->d->cycle;
    u64 most = n / 8 < SWEPT_MOST ? n / 8 : SWEPT_MOST;
    u32 at = g->d->vm.hand[i];
    for (unsigned k = s->n < INS_SAMPLES ? s->n : INS_SAMPLES; k && sum < most;
         k--) {
        const struct ins_sample *then = &s->at[k - 1];
        if (then->cycle > now) /* after the past moment that is shown */
            continue;
        if (then->hand[i] >= n || now - then->cycle > g->d->clock_hz)
            break;
        sum += (at + n - then->hand[i]) % n;
        at = then->hand[i];
    }
    return sum < most ? sum : most;
}

/* Shades the gap right of and below a cell, or without a gap its first row. */
static void glow(struct draw *g, struct rect c, int gap, u32 colour,
                 unsigned strength)
{
    if (gap) {
        fb_shade(g->fb, rect(c.x + c.w, c.y, gap, c.h + gap), colour, strength);
        fb_shade(g->fb, rect(c.x, c.y + c.h, c.w, gap), colour, strength);
    } else
        fb_shade(g->fb, rect(c.x, c.y, c.w, 1), colour, strength);
}

void draw_sweeps(struct draw *g, struct rect m)
{
    struct cells c = map_cells(g);
    u64 n = g->d->nframes;
    int gap = cells_gap(&c);
    if (c.w < 2 || c.h < 2)
        return; /* every pixel is some cell's own */
    for (unsigned i = 0; i < 2; i++) {
        u64 length = hand_shown(g, i) ? swept(g, i) : 0;
        u32 colour = hand_colour(g, i);
        for (u64 k = length; k; k--) {
            struct rect r = map_cell(g, (g->d->vm.hand[i] + n - k) % n);
            if (!rect_has(m, r.x, r.y))
                continue;
            unsigned strength = (unsigned)(10 + 220 * (length - k) / length);
            glow(g, r, gap, colour, strength);
        }
    }
}

void draw_hands(struct draw *g, struct rect m)
{
    int thick = g->l.line, out = g->l.px / 4;
    for (unsigned i = 2; i-- > 0;) {
        if (!hand_shown(g, i))
            continue;
        struct rect cell = map_cell(g, g->d->vm.hand[i]);
        if (rect_has(m, cell.x, cell.y))
            draw_ring(g, rect_inset(cell, -out), thick, hand_colour(g, i));
    }
}
