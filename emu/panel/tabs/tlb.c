/* SPDX-License-Identifier: MIT */
/* Draws the data TLB: each entry with the frame to which it translates, in as
 * many columns as fit; the list scrolls. */
#include "panel/tabs/walk.h"

/* Returns the process with an entry's ASID; without ASIDs, when all have 0, the
 * one on the hart, as a switch empties the TLB. NULL: none has it. */
static const struct ins_proc *owner_of(const struct ins_display *d,
                                       const struct tlb_entry *e)
{
    EACH(p, d->procs, d->nprocs)
        if (p->satp && p->asid == e->asid && (e->asid || p->current))
            return p;
    return NULL;
}

/* Returns an entry's frame; NO_FRAME: it leads to a device. */
static s64 frame_of(const struct draw *g, const struct tlb_entry *e)
{
    return ram_frame(g->d, e->ppn << PAGE_SHIFT);
}

/* ---- columns ------------------------------------------------------------- */

enum { CHIP, PAGE, FRAME, RIGHTS, SIZE, ASID, WHOSE, PARTS };
static const struct {
    const char *head, *term, *longest;
    bool mono;
    u8 gives; /* 1: left out first; 2: left out second; 9: never */
} parts[PARTS] = {
    [CHIP] = {"", "", "0", true, 9},
    [PAGE] = {"page (VPN)", "vpn", "0x7ffffff", true, 9},
    [FRAME] = {"frame", "pfn", "device", false, 9},
    [RIGHTS] = {"rights", "pte", "r-x", true, 9},
    [SIZE] = {"size", "page table", "64 KiB", false, 1},
    [ASID] = {"ASID", "asid", "65535", false, 9},
    [WHOSE] = {"of", "pid", "pressure (99)", false, 2},
};

struct columns {
    int wide[PARTS], sum, n;
};

/* Lays out the parts whose `gives` is above `gone`. */
static struct columns tlb_columns(const struct draw *g, int room, unsigned gone)
{
    struct columns c = {.n = 1};
    int last = font_width(g->sans, frame_number(g->d->nframes));
    for (unsigned i = 0; i < PARTS; i++) {
        struct font *f = parts[i].mono ? g->mono : g->sans;
        int head = font_width(g->sans, parts[i].head);
        int w = font_width(f, parts[i].longest);
        if (i == FRAME)
            w = last > w ? last : w;
        c.wide[i] = parts[i].gives <= gone ? 0 : w > head ? w : head;
        c.sum += c.wide[i] ? c.wide[i] + g->pad : 0;
    }
    if (c.sum + g->pad <= room)
        c.n = (room - g->pad) / (c.sum + g->pad);
    return c;
}

/* Leaves out as few parts of an entry as possible, so that an entry fits and,
 * if one column cannot hold all entries, two columns fit side by side. */
static struct columns best_columns(const struct draw *g, int room, unsigned n,
                                   unsigned rows)
{
    struct columns c = {0};
    for (unsigned gone = 0; gone <= 2; gone++) {
        c = tlb_columns(g, room, gone);
        if (c.sum <= room && (c.n > 1 || n <= rows))
            break;
    }
    return c;
}

/* ---- drawing ------------------------------------------------------------- */

static const char *part_text(const struct draw *g, const struct tlb_entry *e,
                             unsigned part)
{
    const struct ins_proc *p = owner_of(g->d, e);
    switch (part) {
    case PAGE:
        return phrase("0x%07llx", e->vpn & 0x7ffffff);
    case FRAME:
        return frame_of(g, e) != NO_FRAME ? frame_number((u64)frame_of(g, e))
                                          : "device";
    case RIGHTS:
        return phrase("%c%c%c", e->flags & PTE_R ? 'r' : '-',
                      e->flags & PTE_W ? 'w' : '-',
                      e->flags & PTE_X ? 'x' : '-');
    case SIZE:
        return entry_size(e);
    case ASID:
        return e->flags & PTE_G ? "all" : phrase("%u", e->asid);
    default:
        return e->flags & PTE_G || !(e->flags & PTE_U) ? "the kernel"
               : p ? phrase("%.16s (%u)", p->name, p->pid)
               : g->d->nprocs < INS_PROCS_MAX ? "ended"
                                              : "another";
    }
}

static void entry_row(struct draw *g, const struct columns *c, int x, int y,
                      const struct tlb_entry *e)
{
    s64 pfn = frame_of(g, e);
    bool user = e->flags & PTE_U;
    struct rect row = line_at(g, x, y, c->sum);
    if (pfn != NO_FRAME) {
        int side = c->wide[CHIP], off = (g->lh - side) / 2;
        struct rect chip = {x, y + off, side, side};
        if (e->level || e->napot) /* a large page: many frames, of any kinds */
            fb_frame(g->fb, chip, g->t->dim);
        else
            fb_fill(g->fb, chip, kind_colour(g, g->d->kind[pfn], true));
        add_frame(g, row, (u64)pfn);
    } else
        add_word(g, row, "device",
                 "not RAM: registers of devices, which the kernel maps whole");
    x += c->wide[CHIP] + g->pad;
    for (unsigned i = PAGE; i < PARTS; i++) {
        if (!c->wide[i])
            continue;
        u32 ink = i == SIZE && (e->level || e->napot) ? g->t->accent
                  : user                              ? g->t->ink
                                                      : g->t->dim;
        put_fit(g, parts[i].mono ? g->mono : g->sans, x, y, c->wide[i], ink,
                part_text(g, e, i));
        x += c->wide[i] + g->pad;
    }
}

static void head_row(struct draw *g, const struct columns *c, int x, int y)
{
    for (unsigned i = 0; i < PARTS; i++) {
        if (!c->wide[i])
            continue;
        put_fit(g, g->sans, x, y, c->wide[i], g->t->dim, parts[i].head);
        if (*parts[i].term)
            add_term(g, line_at(g, x, y, c->wide[i]), parts[i].term);
        x += c->wide[i] + g->pad;
    }
}

static void tlb_title(struct draw *g, struct rect *r, unsigned n)
{
    const struct ins_display *d = g->d;
    unsigned kernel = 0;
    for (unsigned i = 0; i < n; i++)
        kernel += !(d->dtlb[i].flags & PTE_U);
    const char *text =
        d->dtlb_places
            ? phrase("%u of %u entries are in use: %u by programs, %u by the "
                     "kernel",
                     n, d->dtlb_places, n - kernel, kernel)
            : phrase(
                  "%u translations are kept: %u of programs, %u of the kernel",
                  n, n - kernel, kernel);
    add_term(g, headline_say(g, r, 4, g->t->ink, text), "dtlb");
}

void draw_tlb(struct draw *g, struct rect r)
{
    const struct ins_display *d = g->d;
    unsigned n = d->ndtlb < ARRAY_LEN(d->dtlb) ? d->ndtlb : ARRAY_LEN(d->dtlb);
    if (!n) {
        tab_empty(g, r, "The data TLB is empty",
                  "It keeps the translations used last, so that most loads and "
                  "stores need no walk. It is empty until the kernel turns "
                  "paging on, and after each flush (sfence.vma).");
        return;
    }
    struct draw big = larger(g, r, 12, 58);
    g = &big;
    tlb_title(g, &r, n);
    unsigned rows = r.h / g->lh > 1 ? (unsigned)(r.h / g->lh) - 1 : 0;
    struct columns c = best_columns(g, r.w, n, rows);
    unsigned lines = (n + (unsigned)c.n - 1) / (unsigned)c.n;
    struct rect list = {r.x, r.y + g->lh, r.w, (int)rows * g->lh};
    unsigned first = scrolled(g, PANE_TLB, list, lines, rows);
    int each = (r.w - g->pad) / c.n;
    for (int k = 0; k < c.n && rows; k++)
        head_row(g, &c, r.x + k * each, r.y);
    for (unsigned i = 0; i < rows * (unsigned)c.n; i++) {
        unsigned at = i / rows * lines + first + i % rows;
        if (first + i % rows < lines && at < n)
            entry_row(g, &c, r.x + (int)(i / rows) * each,
                      list.y + (int)(i % rows) * g->lh, &d->dtlb[at]);
    }
}
