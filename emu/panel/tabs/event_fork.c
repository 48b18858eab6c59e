/* SPDX-License-Identifier: MIT */
/* Draws a fork: a column for each of some frames that it shared, with the
 * parent's entry above the frame and the child's entry below it, each leading
 * to the frame. W is clear in both entries, so the next write of either process
 * faults, and that process gets a copy. */
#include "panel/draw/arrow.h"
#include "panel/draw/draw.h"

struct rows {
    int names, first, wide, n;               /* x's; column width; columns */
    int address, parent, frame, high, child; /* y's; a frame's height */
};

/* Lays out rows and columns; addresses are left out if there is no room. */
static struct rows rows_of(const struct draw *g, struct rect r)
{
    struct rows w = {.names = r.x};
    int entry = g->lh + 2 * g->l.edge, rest = r.h - 2 * entry - g->lh;
    int boxes = pte_boxes_width(g), address = 12 * g->l.digit;
    w.wide = (boxes > address ? boxes : address) + 2 * g->pad;
    w.first = r.x + 20 * g->l.digit;
    w.n = (r.x + r.w - w.first) / w.wide;
    w.n = w.n < (int)g->d->nforked ? w.n : (int)g->d->nforked;
    bool addresses = rest >= 5 * g->lh;
    rest -= addresses ? g->lh : 0;
    w.high = rest / 3 < 3 * g->lh ? rest / 3 : 3 * g->lh;
    w.high -= w.high % g->l.unit;
    int way = (rest - w.high) / 2 < 3 * g->lh ? (rest - w.high) / 2 : 3 * g->lh;
    way -= way % g->l.unit;
    w.address = addresses ? r.y : -1;
    w.parent = r.y + (addresses ? g->lh : 0);
    w.frame = w.parent + entry + way;
    w.child = w.frame + w.high + way;
    return w;
}

static const struct ins_pte *entry_of(const struct ins_frame *f, u32 pid)
{
    EACH(e, f->ptes, f->nptes)
        if (e->pid == pid)
            return e;
    return NULL;
}

/* Draws a process's entry for the frame at `to`, and a line to the frame. e is
 * NULL if the entry is gone, as after a write that copied, or after exit. */
static void draw_entry(struct draw *g, int x, int y, const struct ins_pte *e,
                       struct rect to, u32 colour)
{
    int w = pte_boxes_width(g), high = g->lh + 2 * g->l.edge;
    int mid = to.x + to.w / 2;
    bool down = y < to.y;
    if (!e) {
        put(g, x, y + g->l.edge, g->t->dim, "no entry now");
        return;
    }
    pte_boxes(g, x, y + g->l.edge, e->pte);
    if (!(e->pte & PTE_W))
        pte_mark(g, x, y + g->l.edge, 2, g->t->warn);
    draw_line(g, mid, down ? y + high : y - 1, mid,
              down ? to.y - 1 : to.y + to.h, colour, w / 32 < 2 ? 2 : w / 32,
              0);
}

static void draw_column(struct draw *g, const struct rows *w, int x,
                        const struct ins_frame *f)
{
    const struct ins_pte *parent = entry_of(f, g->d->parent);
    const struct ins_pte *child = entry_of(f, g->d->child);
    int boxes = pte_boxes_width(g);
    struct rect at = {x + boxes / 8, w->frame, boxes * 3 / 4, w->high};
    u8 state = news_state_then(g->d, f->pfn, g->d->caption_cycle);
    u32 colour = kind_colour(g, state, true);
    const struct ins_pte *any = parent ? parent : child;
    if (w->address >= 0)
        put(g, x, w->address, g->t->dim, "0x%llx", any ? any->va : 0);
    draw_frame_box(g, at, f->pfn, state);
    draw_entry(g, x, w->parent, parent, at, colour);
    draw_entry(g, x, w->child, child, at, colour);
}

static void draw_name(struct draw *g, const struct rows *w, int y,
                      const char *who, u32 pid)
{
    put_fit(g, g->bold, w->names, y + g->l.edge, w->first - w->names - g->pad,
            g->t->ink, phrase("%s (%u)", who, pid));
}

void draw_event_fork(struct draw *g, struct rect r)
{
    const struct ins_display *d = g->d;
    struct rows w = rows_of(g, r);
    draw_name(g, &w, w.parent, proc_name(d, d->parent), d->parent);
    draw_name(g, &w, w.child, "child", d->child);
    put_fit(g, g->sans, w.names, w.frame + w.high / 2 - g->lh / 2,
            w.first - w.names - g->pad, g->t->dim, "the same frames");
    for (int i = 0; i < w.n; i++) /* forked[0], the latest, goes right */
        draw_column(g, &w, w.first + i * w.wide, &d->forked[w.n - 1 - i]);
    put_clauses(g, g->sans, r.x, w.child + g->lh + 3 * g->l.edge, r.w,
                g->t->dim,
                "without W, the next write of either faults and gets a copy; "
                "the fork itself copied no page");
}
