/* SPDX-License-Identifier: MIT */
/* The clock's hands over the frame map: a ring around the frame that each is
 * at, a pointer on both rulers, and behind it, between the cells, a trail of
 * what it has swept lately, paler the longer ago. No mark covers a cell's own
 * colour. */
#include "panel/draw.h"

enum { RING = 4 };

bool hand_shown(const struct draw *g, unsigned i)
{
    return i < 2 && g->d->vm.hand[i] < g->d->nframes;
}

/* Hand 0 takes; hand 1, in front of it, only clears the marks of use. */
u32 hand_colour(const struct draw *g, unsigned i)
{
    return i ? g->t->data[0] : g->t->bad;
}

/* Frames that hand i has swept in the last second of the machine's time, half
 * of memory at most. */
static u64 swept(const struct draw *g, unsigned i)
{
    const struct ins_samples *s = &g->d->samples;
    u64 n = g->d->nframes, sum = 0, now = g->d->cycle;
    u32 at = g->d->vm.hand[i];
    unsigned known = s->nsweeps < INS_SWEEPS ? s->nsweeps : INS_SWEEPS;
    for (unsigned k = 0; k < known && sum < n / 2; k++) {
        const struct ins_sweep *w =
            &s->sweep[(s->nsweeps - 1 - k) % INS_SWEEPS];
        if (w->hand[i] >= n ||
            (now > w->cycle && now - w->cycle > g->d->clock_hz))
            break;
        sum += (at + n - w->hand[i]) % n;
        at = w->hand[i];
    }
    return sum < n / 2 ? sum : n / 2;
}

/* The gap right of and below a cell; in cells without gap their first row. */
static void glow(struct draw *g, struct rect c, int size, u32 colour)
{
    if (size >= 8) {
        fb_fill(g->fb, (struct rect){c.x + c.w, c.y, 1, size}, colour);
        fb_fill(g->fb, (struct rect){c.x, c.y + c.h, size, 1}, colour);
    } else if (size >= 4)
        fb_fill(g->fb, (struct rect){c.x, c.y, size, 1}, colour);
    else
        fb_fill(g->fb, (struct rect){c.x + 1, c.y + 1, 1, 1}, colour);
}

void draw_sweeps(struct draw *g)
{
    int size = map_cell_size(g);
    u64 n = g->d->nframes;
    if (size < 2)
        return;
    for (unsigned i = 0; i < 2; i++) {
        u64 length = hand_shown(g, i) ? swept(g, i) : 0;
        u32 colour = hand_colour(g, i);
        for (u64 k = length; k; k--) {
            u64 pfn = (g->d->vm.hand[i] + n - k) % n;
            unsigned strength = (unsigned)(30 + 226 * (length - k) / length);
            glow(g, map_cell_rect(g, pfn), size,
                 colour_mix(g->t->page, colour, strength));
        }
    }
}

void draw_hand_mark(struct draw *g, struct rect cell, u32 colour,
                    unsigned tab_of)
{
    struct rect r = rect_inset(cell, -RING);
    u32 edge = g->t->page;
    fb_frame(g->fb, rect_inset(r, -1), edge);
    fb_frame(g->fb, r, colour);
    fb_frame(g->fb, rect_inset(r, 1), colour);
    fb_frame(g->fb, rect_inset(r, 2), edge);
    if (!tab_of)
        return;
    /* Its letter on a tab, 3 x 5 pixels: B(ack), F(ront). */
    static const u8 letter[2][5] = {{6, 5, 6, 5, 6}, {7, 4, 6, 4, 4}};
    struct rect tab = {r.x + r.w, r.y - 2, 7, 9};
    if (tab.x + tab.w > g->l.map.x + g->l.map.w)
        tab.x = r.x - tab.w;
    fb_fill(g->fb, rect_inset(tab, -1), edge);
    fb_fill(g->fb, tab, colour);
    for (int y = 0; y < 5; y++)
        for (int x = 0; x < 3; x++)
            if (letter[(tab_of - 1) & 1][y] >> (2 - x) & 1)
                fb_fill(g->fb,
                        (struct rect){tab.x + 2 + x, tab.y + 2 + y, 1, 1},
                        colour_strong(colour));
}

void draw_hands(struct draw *g)
{
    struct rect clip = fb_clip(g->fb, rect_inset(g->l.map, -RING - 1));
    for (unsigned i = 2; i-- > 0;) {
        if (!hand_shown(g, i))
            continue;
        struct rect cell = map_cell_rect(g, g->d->vm.hand[i]);
        if (rect_has(g->l.map, cell.x, cell.y))
            draw_hand_mark(g, cell, hand_colour(g, i),
                           hand_shown(g, 1) ? i + 1 : 0);
    }
    fb_clip(g->fb, clip);
}

void draw_pointers(struct draw *g, struct rect c, u32 colour)
{
    struct rect m = g->l.map;
    int x = c.x + c.w / 2, y = c.y + c.h / 2;
    for (int k = 0; k < 4; k++) {
        if (x >= m.x && x < m.x + m.w)
            fb_fill(g->fb, (struct rect){x - k, m.y - 1 - k, 2 * k + 1, 1},
                    colour);
        if (y >= m.y && y < m.y + m.h)
            fb_fill(g->fb, (struct rect){m.x - 1 - k, y - k, 1, 2 * k + 1},
                    colour);
    }
}

void draw_hand_pointers(struct draw *g)
{
    for (unsigned i = 0; i < 2; i++)
        if (hand_shown(g, i))
            draw_pointers(g, map_cell_rect(g, g->d->vm.hand[i]),
                          hand_colour(g, i));
}
