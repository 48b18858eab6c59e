/* SPDX-License-Identifier: MIT */
/* Draws an address space as a strip: its areas side by side, coloured by the
 * kinds of their pages' frames, more faintly if a page was not used lately. */
#include "panel/panes/strip.h"

const struct area_sort area_sorts[AREA_SORTS] = {
    [AREA_TEXT] = {"text",
                   "the program's code and constants, from its file; a page "
                   "that was changed is the process's copy, and goes to swap"},
    [AREA_DATA] = {"data", "the program's variables"},
    [AREA_HEAP] = {"heap",
                   "memory that malloc gives out in small pieces (brk)"},
    [AREA_MAP] = {"mappings", "mmap: large pieces of memory, and files"},
    [AREA_LIB] = {"libraries", "code and data of shared libraries"},
    [AREA_STACK] = {"stack",
                    "local variables and return addresses of functions"},
};

/* ---- cells --------------------------------------------------------------- */

static unsigned touched(u8 cell) /* a pixel shows its highest-ranked cell */
{
    return cell == STRIP_NEVER                 ? 0
           : (cell & ~STRIP_HOT) == STRIP_SWAP ? 1
           : cell & STRIP_HOT                  ? 3
                                               : 2;
}

void strip_paint(struct draw *g, struct rect at, u8 cell)
{
    u8 kind = cell & 0x7f;
    int line = g->l.hair;
    if (kind == STRIP_NEVER) {
        fb_fill(g->fb, at, g->t->page);
        fill(g, at.x, at.y, at.w, line, g->t->rule);
        fill(g, at.x, at.y + at.h - line, at.w, line, g->t->rule);
    } else if (kind == STRIP_SWAP) { /* lines: no frame holds the page */
        u32 colour = g->t->kind[FS_SWAPCACHE][1];
        int step = 3 * line;
        fb_fill(g->fb, at, fb_mix(g->t->page, colour, 70));
        for (int y = 0; y + line <= at.h; y += step)
            fill(g, at.x, at.y + y, at.w, line, colour);
    } else
        fb_fill(g->fb, at, kind_colour(g, kind, (cell & STRIP_HOT) != 0));
    fb_glyph(g->fb, at,
             kind == STRIP_NEVER  ? '-'
             : kind == STRIP_SWAP ? '~'
                                  : kind_letter(kind));
}

/* Draws an area's cells, stretched over `at`: several pixels per cell, or
 * several cells per pixel, of which the most used one is shown. */
static void draw_cells(struct draw *g, const struct ins_space *s,
                       const struct ins_area *a, struct rect at)
{
    int n = a->cells ? a->cells : 1, line = g->l.hair;
    int gap = at.w / n >= 4 * line ? line : 0;
    for (int x = 0; x < at.w;) {
        int from = x * n / at.w, to = (x + 1) * n / at.w;
        u8 best = s->cell[(a->first + from) % INS_STRIP];
        for (int c = from + 1; c < to; c++) {
            u8 cell = s->cell[(a->first + c) % INS_STRIP];
            if (touched(cell) > touched(best))
                best = cell;
        }
        int end = x + 1; /* where the cell ends */
        if (n < at.w)
            while (end < at.w && end * n / at.w == from)
                end++;
        strip_paint(
            g, rect(at.x + x, at.y, end - x > gap ? end - x - gap : 1, at.h),
            best);
        x = end;
    }
}

/* ---- areas --------------------------------------------------------------- */

static const char *area_words(const struct ins_space *s,
                              const struct ins_area *a, const char *owner)
{
    unsigned swapped = 0, never = 0, cells = a->cells ? a->cells : 1;
    for (unsigned i = 0; i < a->cells; i++) {
        u8 kind = s->cell[(a->first + i) % INS_STRIP] & 0x7f;
        swapped += kind == STRIP_SWAP;
        never += kind == STRIP_NEVER;
    }
    return phrase("%s%s%.23s of %.16s: %s from 0x%llx; about %u%% in frames, "
                  "%u%% in swap, %u%% %s",
                  area_sorts[a->sort % AREA_SORTS].word, a->name[0] ? " " : "",
                  a->name, owner, size_text(a->pages * PAGE_BYTES), a->start,
                  100 * (cells - swapped - never) / cells,
                  100 * swapped / cells, 100 * never / cells,
                  a->inode ? "in its file alone" : "never touched");
}

/* Draws a pin, a line with edges of the background's colour, at va's page. */
static void pin(struct draw *g, const struct ins_area *a, struct rect box,
                u64 va)
{
    u64 page = (va - a->start) >> PAGE_SHIFT;
    if (va < a->start || page >= a->pages)
        return;
    int line = g->l.hair, over = g->lh / 8;
    int x = box.x + (int)((double)page / (double)a->pages * box.w);
    struct rect at = {x - line, box.y - over, 4 * line, box.h + 2 * over};
    fb_fill(g->fb, at, g->t->page);
    at.x += line;
    at.w = 2 * line;
    fb_fill(g->fb, at, g->t->ink);
}

/* Draws pins for the selected slot, at the addresses of its page. */
static void pins_out(struct draw *g, const struct ins_space *s,
                     const struct ins_area *a, struct rect box)
{
    const struct ins_display *d = g->d;
    EACH(o, d->out, d->outs_known ? d->nouts : 0)
        if (o->pid == s->pid)
            pin(g, a, box, o->va);
}

/* Draws pins for the frame or slot shown in the frame pane, at each of its
 * addresses in this space. */
static void pins(struct draw *g, const struct ins_space *s,
                 const struct ins_area *a, struct rect box)
{
    const struct ins_frame *f = &g->d->selected;
    s64 looked = view_frame(g->v);
    if (slot_chosen(g) != INS_NO_SLOT) {
        pins_out(g, s, a, box);
        return;
    }
    if (!g->d->selected_valid || (looked != NO_FRAME && (u64)looked != f->pfn))
        return;
    EACH(p, f->ptes, f->nptes)
        if (p->pid && p->pid == s->pid)
            pin(g, a, box, p->va);
}

const char *draw_strip(struct draw *g, struct rect at,
                       const struct ins_space *s, const char *name, u64 most)
{
    const char *says = NULL;
    unsigned count = s->nareas < INS_AREAS ? s->nareas : INS_AREAS;
    int line = g->l.hair, gap = in_cells(g) ? 1 : 3 * line;
    int least = in_cells(g) ? 1 : g->l.px / 2;
    int room = at.w - (int)(count - 1) * gap - (int)count * least;
    u64 pages = s->pages ? s->pages : 1;
    /* A small process gets enough width to be seen. */
    double part = (double)pages / (double)(most ? most : 1), x = at.x;
    double spread = (double)room * (part < .12 ? .12 : part > 1 ? 1 : part);
    for (unsigned i = 0; i < count && room > 0; i++) {
        const struct ins_area *a = &s->area[i];
        double w = least + spread * (double)a->pages / (double)pages;
        struct rect box = {(int)x, at.y, (int)(x + w) - (int)x, at.h};
        draw_cells(g, s, a, box);
        add_light(g, box, "pid %u va 0x%llx-0x%llx", s->pid, a->start,
                  a->start + (a->pages << PAGE_SHIFT));
        if (rect_has(box, g->v->pointer_x, g->v->pointer_y)) {
            for (int k = 0; k < line; k++)
                fb_frame(g->fb, rect_inset(box, k), g->t->ink);
            says = area_words(s, a, name);
        }
        pins(g, s, a, box);
        x += w + gap;
    }
    return says;
}
