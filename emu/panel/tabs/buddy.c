/* SPDX-License-Identifier: MIT */
/* Draws the buddy allocator's free blocks: a bar for each order, as high as the
 * memory in its blocks, with their number above and their size below. */
#include "panel/draw/draw.h"

static u64 frames_held(const struct ins_display *d, unsigned order)
{
    return d->buddy[order] << order;
}

/* Returns the number of orders to show, at least the usual 11. */
static unsigned orders(const struct ins_display *d)
{
    unsigned n = 11;
    for (unsigned i = n; i < INS_ORDERS; i++)
        if (d->buddy[i])
            n = i + 1;
    return n;
}

/* Returns "4K" (space and unit are "") or "4 KiB" (they are " " and "iB"). */
static const char *block_size(unsigned order, const char *space,
                              const char *unit)
{
    u64 kib = 4ull << order;
    return kib < 1024 ? phrase("%llu%sK%s", kib, space, unit)
                      : phrase("%llu%sM%s", kib / 1024, space, unit);
}

/* Writes text in the middle of `at`, if it is at most `room` wide. */
static void put_middle(struct draw *g, struct rect at, int room, u32 colour,
                       const char *text)
{
    int w = font_width(g->sans, text);
    if (w <= room)
        put_as(g, g->sans, at.x + (at.w - w) / 2, at.y, colour, text);
}

static void order_column(struct draw *g, struct rect at, unsigned order,
                         u64 most, bool largest)
{
    const struct ins_display *d = g->d;
    u64 blocks = d->buddy[order];
    /* A terminal's narrow columns write alternately on two lines. */
    int lines = font_width(g->sans, "512K") < at.w || !in_cells(g) ? 1 : 2;
    int turn = lines > 1 ? (int)(order % 2) * g->lh : 0;
    int room = lines > 1 ? 2 * at.w - 1 : at.w;
    struct rect plot = {at.x, at.y + lines * g->lh, at.w,
                        at.h - 2 * lines * g->lh};
    int h =
        most ? (int)((double)frames_held(d, order) / (double)most * plot.h) : 0;
    h = blocks && h < 2 ? 2 : h;
    u32 colour = largest ? g->t->accent : g->t->data[0];
    fill(g, plot.x, plot.y, plot.w, plot.h, g->t->page);
    fill(g, plot.x, plot.y + plot.h - h, plot.w, h, colour);
    const char *text = grouped(blocks);
    if (blocks >= 100000 ||
        (font_width(g->sans, text) > room && blocks >= 1000))
        text = phrase("%lluk", blocks / 1000);
    put_middle(g, rect(at.x, at.y + turn, at.w, g->lh), room,
               blocks ? g->t->ink : g->t->rule, text);
    put_middle(g, rect(at.x, at.y + at.h - lines * g->lh + turn, at.w, g->lh),
               room, largest ? g->t->accent : g->t->dim,
               block_size(order, "", ""));
    add_term(g, at, "order");
}

/* Writes the size of the largest free block, and the number of free blocks. */
static void buddy_title(struct draw *g, struct rect *r, unsigned n, int largest)
{
    const struct ins_display *d = g->d;
    u64 frames = 0, blocks = 0;
    for (unsigned i = 0; i < n; i++) {
        frames += frames_held(d, i);
        blocks += d->buddy[i];
    }
    const char *text =
        largest < 0 ? "No frame is free: the next allocation must wait"
        : !largest
            ? "Only single frames are free: no two lie side by side"
            : phrase("The largest free block is %s: %s frames side by side",
                     block_size((unsigned)largest, " ", "iB"),
                     grouped(1ull << largest));
    struct rect head =
        headline_say(g, r, 3, largest < 0 ? g->t->bad : g->t->ink, text);
    if (r->h >= 6 * g->lh) {
        struct rect line = rect_take(r, g->lh);
        int x = put_clauses(g, g->sans, line.x, line.y, line.w, g->t->dim,
                            phrase("%s frames lie here, in %s blocks",
                                   grouped(frames), grouped(blocks)));
        static const char how[] =
            ": a bar's number counts blocks, its height their frames";
        if (x + font_width(g->sans, how) <= line.x + line.w)
            put_as(g, g->sans, x, line.y, g->t->dim, how);
        head.h += g->lh;
    }
    add_term(g, head, "buddy");
}

void draw_buddy(struct draw *g, struct rect r)
{
    const struct ins_display *d = g->d;
    if (!d->buddy_known) {
        tab_empty(g, r, "This kernel does not tell of its free blocks", "");
        return;
    }
    unsigned n = orders(d);
    struct draw big = larger(g, r, 11, (int)n * 6);
    g = &big;
    int largest = -1;
    u64 most = 0;
    for (unsigned i = 0; i < n; i++) {
        if (d->buddy[i])
            largest = (int)i;
        most = frames_held(d, i) > most ? frames_held(d, i) : most;
    }
    buddy_title(g, &r, n, largest);
    if (r.h < 3 * g->lh)
        return;
    int each = r.w / (int)n, gap = g->pad / 2;
    for (unsigned i = 0; i < n; i++)
        order_column(g, rect(r.x + (int)i * each, r.y, each - gap, r.h), i,
                     most, (int)i == largest);
}
