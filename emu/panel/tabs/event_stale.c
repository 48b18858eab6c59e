/* SPDX-License-Identifier: MIT */
/* Draws a use of a stale TLB entry: that entry at the top, the page table's
 * entry below it, each with the frame to which it leads, and between them the
 * write that made the two entries differ. */
#include "inspect/stale.h"
#include "panel/draw/draw.h"

/* Draws one of the two entries: its name, and below that its frame and, if they
 * are known, bits. */
static void draw_one(struct draw *g, struct rect r, const char *name, u64 pte,
                     bool known, u32 colour)
{
    const struct ins_display *d = g->d;
    u64 pfn = PTE_PPN(pte) - (RAM_BASE >> PAGE_SHIFT);
    int side = 3 * g->lh, bits = pte_boxes_width(g) + g->pad;
    struct rect at =
        rect(r.x, r.y + g->lh, 12 * g->l.digit + bits, g->lh + 2 * g->l.edge);
    struct rect to = rect(r.x + r.w - side, r.y, side, side);

    put_fit(g, g->bold, r.x, r.y, r.w - side - g->pad, g->t->ink, name);
    draw_box(g, at, colour, g->t->pane);
    bool leads = pte & PTE_V && pfn < d->nframes;
    put(g, at.x + g->pad, at.y + g->l.edge, leads ? g->t->ink : g->t->dim,
        leads ? "frame %s" : "not valid", frame_number(pfn));
    if (known)
        pte_boxes(g, at.x + at.w - bits + g->pad / 2, at.y + g->l.edge, pte);
    if (!leads)
        return;
    draw_link(g, at.x + at.w, at.y + at.h / 2, to, colour, g->l.stroke, 0);
    draw_frame_box(g, to, pfn, d->kind[pfn]);
}

void draw_event_stale(struct draw *g, struct rect r)
{
    const struct ins_display *d = g->d;
    const struct ins_stale_use *u = &d->stale;
    const struct stale_write *wrote = inspect_stale_write(u);
    int gap = r.h >= 10 * g->lh ? g->lh : 0;
    struct rect row = {r.x, r.y + g->lh + gap, r.w, 3 * g->lh};

    row.w = row.w < 56 * g->l.digit ? row.w : 56 * g->l.digit;
    put_fit(
        g, g->bold, r.x, r.y, r.w, g->t->ink,
        phrase("%.16s (%u)  0x%llx", proc_name(d, u->pid), u->pid, u->use.va));
    u64 old = u->use.pa >> PAGE_SHIFT << 10 | PTE_V;
    draw_one(g, row, "the entry used", wrote->cycle ? u->from.pte : old,
             wrote->cycle, g->t->warn);
    row.y += 3 * g->lh;
    put_in(g, g->sans, row, g->t->ink,
           !wrote->cycle
               ? "written before catch stale: the writer is not known"
               : phrase("%s by %s, %s cycles before the use",
                        u->by.moved ? "satp was written" : "written",
                        d->stale_by, grouped(u->cycle - wrote->cycle)));
    row.y += g->lh + gap;
    draw_one(g, row, "the page table", u->use.pte, true, g->t->good);
    put_clauses(
        g, g->sans, r.x, row.y + row.h, r.w, g->t->dim,
        phrase("%s: %s",
               u->sin ? "missing between the two" : "not flushed yet by",
               d->stale_fence));
}
