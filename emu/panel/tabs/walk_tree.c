/* SPDX-License-Identifier: MIT */
/* Draws a walk as a tree, from the root table at the left to the frame at the
 * right. Each table is a column of 512 entries; a mark shows the entry that was
 * read, and its bits stand beside it. Below: the memory that served the read,
 * and the cost. A walk that is being stepped grows by a column per read. */
#include "panel/tabs/walk.h"

enum { ENTRIES = 512, COLUMNS = 4 /* three tables, the frame */ };

/* Returns the columns' height; two lines of words are above, two below. */
static int column_high(const struct draw *g, struct rect r)
{
    return r.h - 4 * g->lh - g->pad / 2;
}

bool walk_tree_fits(const struct draw *g, struct rect r)
{
    int words = g->lh + pte_boxes_width(g) + 2 * g->pad;
    return column_high(g, r) >= 3 * g->lh && r.w / COLUMNS >= words + g->lh;
}

static struct rect column_at(const struct draw *g, struct rect r, int i)
{
    return rect(r.x + i * r.w / COLUMNS, r.y + 2 * g->lh, g->lh,
                column_high(g, r));
}

static void arrow_on(struct draw *g, int x, int y, struct rect to, u32 colour,
                     bool dashed)
{
    draw_link(g, x, y, to, colour, g->l.line + 1, dashed ? 4 * g->l.line : 0);
}

static void draw_table(struct draw *g, struct rect at, int room, unsigned level,
                       u64 table, u32 colour)
{
    put_fit(g, g->bold, at.x, at.y - 2 * g->lh, room, colour,
            phrase("level %u", level));
    put_fit(g, g->mono, at.x, at.y - g->lh, room, g->t->dim,
            phrase("0x%llx", table));
    fb_fill(g->fb, at, g->t->dim);
    fb_fill(g->fb, rect_inset(at, g->l.line), g->t->page);
    if (ram_frame(g->d, table) != NO_FRAME)
        add_frame(g, at, (u64)ram_frame(g->d, table));
}

/* Draws the chosen entry. Returns where the arrow to the next table begins. */
static struct rect draw_choice(struct draw *g, struct rect at, int room,
                               const struct walk_step *s, u32 colour)
{
    u64 index = (s->pte_pa & (PAGE_BYTES - 1)) / sizeof(u64);
    int high = 3 * g->l.line, y = at.y + (int)index * (at.h - high) / ENTRIES;
    fill(g, at.x, y, at.w, high, colour);
    int x = at.x + at.w + g->pad / 2, top = y + high / 2 - g->lh;
    top = top < at.y ? at.y : top;
    top = top > at.y + at.h - 2 * g->lh ? at.y + at.h - 2 * g->lh : top;
    put_fit(g, g->sans, x, top, room - at.w, g->t->ink,
            phrase("VPN[%u] %llu", s->level, index));
    int end = pte_boxes(g, x, top + g->lh, s->pte);
    add_why(g, rect(at.x, y, x - at.x, high), "pa:0x%llx", s->pte_pa);
    y = at.y + at.h + g->pad / 2;
    put_fit(g, g->sans, at.x, y, room,
            s->where <= SERVED_L2 ? g->t->good : g->t->warn,
            served_text(s->where, true));
    add_term(g, rect(at.x, y, room, g->lh), served_term(s->where));
    put_fit(g, g->sans, at.x, y + g->lh, room, g->t->ink,
            g->d->nbanks
                ? phrase("%u cycle%s", s->cycles, s->cycles == 1 ? "" : "s")
                : "not timed");
    return rect(end + g->pad / 4, top + g->lh, 0, g->lh);
}

static void draw_end(struct draw *g, struct rect at, int room,
                     const struct walk *w, struct rect from, u32 colour)
{
    bool found = walk_ending(w) == WALK_FOUND;
    int side = 3 * g->lh;
    at = rect(at.x, at.y + (at.h - side) / 2, side, side);
    s64 pfn = found ? ram_frame(g->d, tlb_pa(&w->filled, w->va)) : NO_FRAME;
    arrow_on(g, from.x, from.y + from.h / 2, at, found ? colour : g->t->bad,
             !found);
    put_fit(g, g->bold, at.x, at.y - g->lh, room, found ? colour : g->t->bad,
            found ? "frame" : "page fault");
    fb_fill(g->fb, at, found ? g->t->ink : g->t->bad);
    fb_fill(g->fb, rect_inset(at, g->l.line), g->t->band);
    if (pfn != NO_FRAME)
        draw_frame_box(g, at, (u64)pfn, g->d->kind[pfn]);
}

/* Gives each level's last read; a lost race for A or D repeats the level. */
static unsigned last_reads(const struct walk *w,
                           const struct walk_step *read[3])
{
    unsigned n = 0;
    EACH(s, w->steps, w->nsteps) {
        if (s->kind == STEP_SET_AD || !s->pte_pa || s->level > 2)
            continue;
        while (n && read[n - 1]->level <= s->level)
            n--;
        read[n++] = s;
    }
    return n;
}

/* Shows the bits that the walker wrote into the leaf, below the frame. */
static void draw_update(struct draw *g, struct rect at, int room,
                        const struct walk *w)
{
    const struct walk_step *s = NULL;
    EACH(it, w->steps, w->nsteps)
        if (it->kind == STEP_SET_AD)
            s = it;
    if (!s)
        return;
    int y = at.y + at.h + g->pad / 2;
    put_clauses(g, g->sans, at.x, y, room, g->t->accent,
                phrase("sets A or D: %u cycles", s->cycles));
    add_word(g, line_at(g, at.x, y, room), "A, D", WALKER_SETS);
    pte_boxes(g, at.x, y + g->lh, s->pte);
}

void draw_walk_tree(struct draw *g, struct rect r, const struct walk *w)
{
    const struct walk_step *read[3] = {NULL, NULL, NULL};
    unsigned n = last_reads(w, read);
    int room = r.w / COLUMNS - g->pad;
    struct rect from = {0, 0, 0, 0};
    for (unsigned i = 0; i < n; i++) {
        struct rect at = column_at(g, r, (int)i);
        u32 colour = walk_level_colour(g, read[i]->level);
        if (i)
            arrow_on(g, from.x, from.y + from.h / 2, at,
                     walk_level_colour(g, read[i - 1]->level), false);
        draw_table(g, at, room, read[i]->level,
                   read[i]->pte_pa & ~(PAGE_BYTES - 1), colour);
        from = draw_choice(g, at, room, read[i], colour);
    }
    struct rect at = column_at(g, r, (int)n);
    u32 last = n ? walk_level_colour(g, read[n - 1]->level) : g->t->dim;
    if (walk_ending(w) != WALK_GOING) {
        if (n)
            draw_end(g, at, room, w, from, last);
        draw_update(g, at, room, w);
        return;
    }
    if (n < 3 && !w->set_ad) { /* the table that is read next */
        draw_table(g, at, room, w->level, w->table & ~(PAGE_BYTES - 1),
                   g->t->accent);
        if (n)
            arrow_on(g, from.x, from.y + from.h / 2, at, last, true);
    }
}
