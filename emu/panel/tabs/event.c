/* SPDX-License-Identifier: MIT */
/* The event at hand as a drawing: at the left the page table entries, at the
 * right the frame to which they lead, and below it what the page came from or
 * went to: the frame that was copied (with its entries), the disk, a slot of
 * swap or the list of free frames; or else the hand that passed. The facts come
 * from the event, and from what the display holds of the event's frames. */
#include "inspect/words.h"
#include "panel/draw/arrow.h"
#include "panel/draw/draw.h"

enum { ENTRIES = 2 }; /* page table entries drawn per frame, at most */

struct plan {
    struct rect r;
    int entry, box, frame; /* x of entries; their width; x of frames */
    int row[2], high;      /* y's of the two rows, and their height */
    bool narrow; /* the words about a frame stand over the row or below it */
};

/* Returns a frame's width; in a terminal it is wider, to hold the number. */
static int frame_wide(const struct draw *g)
{
    return g->l.edge ? 3 * g->lh : 4 * g->lh;
}

static struct plan plan_of(const struct draw *g, struct rect r)
{
    struct plan p = {.r = r, .entry = r.x};
    int side = frame_wide(g), wide = side + 2 * g->pad + 20 * g->l.digit;
    p.box = 15 * g->l.digit + pte_boxes_width(g) + g->pad;
    int left = p.box + 4 * g->lh;
    p.narrow = left + wide > r.w;
    left = p.narrow ? r.w - side : left < r.w * 11 / 20 ? r.w * 11 / 20 : left;
    p.frame = r.x + left;
    int words = p.narrow ? g->lh : 0;
    p.high = (r.h - g->lh - 2 * words) / 2;
    p.high = p.high < 5 * g->lh ? p.high : 5 * g->lh;
    p.high -= p.high % g->l.unit;
    p.row[0] = r.y + words;
    p.row[1] = p.row[0] + p.high + g->lh;
    return p;
}

/* ---- frames -------------------------------------------------------------- */

static struct rect frame_at(const struct draw *g, const struct plan *p, int row)
{
    int side = p->high < 3 * g->lh ? p->high : 3 * g->lh;
    return rect(p->frame, p->row[row] + (p->high - side) / 2,
                g->l.edge ? side : frame_wide(g), side);
}

/* Writes two sentences beside a row's frame; if narrow, both on one line. */
static void draw_about(struct draw *g, const struct plan *p, int row,
                       const char *first, const char *second)
{
    struct rect at = frame_at(g, p, row);
    if (p->narrow) {
        put_clauses(g, g->sans, p->r.x, row ? p->row[1] + p->high : p->r.y,
                    p->r.w, g->t->ink,
                    phrase("%s%s%s", first, *second ? "; " : "", second));
        return;
    }
    int x = at.x + at.w + 2 * g->pad, w = p->r.x + p->r.w - x;
    int lines = lines_of(g->bold, w, first) + lines_of(g->sans, w, second);
    int y = p->row[row] + (p->high - lines * g->lh) / 2;
    y = y < p->row[row] ? p->row[row] : y;
    y = put_lines(g, g->bold, rect(x, y, w, 3 * g->lh), g->t->ink, first);
    put_lines(g, g->sans, rect(x, y, w, p->row[row] + p->high - y), g->t->dim,
              second);
}

/* Writes words right of x `to`, else left of x `from`, if there is room. */
static void put_beside(struct draw *g, const struct plan *p, int from, int to,
                       int y, u32 colour, const char *words)
{
    int w = font_width(g->sans, words);
    if (to + g->pad + w <= p->r.x + p->r.w)
        put_as(g, g->sans, to + g->pad, y, colour, words);
    else if (from - g->pad - w >= p->r.x)
        put_as(g, g->sans, from - g->pad - w, y, colour, words);
}

static int place_top(const struct draw *g, const struct plan *p)
{
    return p->row[1] + (p->high - 2 * g->lh) / 2;
}

/* Draws a box for the disk, a slot of swap, the free list or the hand. */
static void draw_place(struct draw *g, const struct plan *p, const char *name,
                       const char *about)
{
    struct rect at = frame_at(g, p, 1);
    int w = font_width(g->bold, name) + 2 * g->pad;
    int x = at.x + at.w / 2 - w / 2;
    x = x + w > p->r.x + p->r.w ? p->r.x + p->r.w - w : x;
    at = rect(x, place_top(g, p), w, 2 * g->lh);
    draw_box(g, at, g->t->dim, g->t->band);
    put_bold(g, at.x + g->pad, at.y + g->lh / 2, g->t->ink, name);
    put_beside(g, p, at.x, at.x + at.w, at.y + g->lh / 2, g->t->dim, about);
}

/* ---- entries ------------------------------------------------------------- */

static void arrow_to(struct draw *g, struct rect entry, struct rect to,
                     u32 colour, bool dashed)
{
    int w = g->l.stroke;
    draw_link(g, entry.x + entry.w, entry.y + entry.h / 2, to, colour, w,
              dashed ? 2 * w : 0);
}

/* Writes whose entry it is and for which address. Returns the entry's place
 * below that. */
static struct rect entry_at(struct draw *g, const struct plan *p, int y,
                            u32 pid, u64 va)
{
    const char *who = proc_text(g->d, pid);
    if (va)
        who = phrase("%s  0x%llx", who, va);
    put_fit(g, g->bold, p->entry, y, p->frame - p->entry - g->pad, g->t->ink,
            who);
    return rect(p->entry, y + g->lh, p->box, g->lh + 2 * g->l.edge);
}

/* Draws an entry: whose it is and for which address; then the frame that it
 * names, and its bits. An arrow leads to the frame. */
static void draw_entry(struct draw *g, const struct plan *p, int y,
                       const struct ins_pte *e, struct rect to, u32 colour)
{
    struct rect at = entry_at(g, p, y, e->pid, e->va);
    draw_box(g, at, colour, g->t->pane);
    put(g, at.x + g->pad, at.y + g->l.edge, g->t->ink, "frame %s",
        frame_number(PTE_PPN(e->pte) - (RAM_BASE >> PAGE_SHIFT)));
    pte_boxes(g, at.x + at.w - pte_boxes_width(g) - g->pad / 2,
              at.y + g->l.edge, e->pte);
    arrow_to(g, at, to, colour, false);
}

/* Draws up to ENTRIES of the entries by which processes map a frame, in the
 * colour of its state after the event. Returns the number of all of them. */
static unsigned draw_entries(struct draw *g, const struct plan *p, int row,
                             const struct ins_frame *f, u8 state)
{
    unsigned n = 0, all = 0;
    int each = 2 * g->lh + 4 * g->l.edge;
    u32 colour = kind_colour(g, state, true);
    struct rect to = frame_at(g, p, row);
    int y = p->row[row];
    EACH(e, f->ptes, f->nptes)
        all += e->pid != 0;
    unsigned most =
        p->high / each < ENTRIES ? (unsigned)(p->high / each) : ENTRIES;
    if (all < most)
        y += (p->high - (int)all * each) / 2;
    EACH(e, f->ptes, f->nptes)
        if (e->pid && n < most)
            draw_entry(g, p, y + (int)n++ * each, e, to, colour);
    return all;
}

/* True if the drawn event (the card's, or a chosen frame's) counts as now. */
static bool event_is_now(const struct ins_display *d, const struct ins_event *e)
{
    return e->pfn == d->caption_pfn ? news_caption_is_now(d)
                                    : news_is_now(d, e->cycle);
}

/* If no entry names the frame, draws the entry of the event's page: it has lost
 * the frame, or gets it next if the machine stands just after an event that
 * brings the page into the frame (`comes`). */
static void draw_without(struct draw *g, const struct plan *p,
                         const struct ins_event *e, bool comes)
{
    bool next = comes && event_is_now(g->d, e);
    int y = p->row[0] + (p->high - 2 * g->lh) / 2;
    u32 whose = e->space ? e->space : e->va ? e->pid : e->owner;
    bool ended = g->d->nprocs < INS_PROCS_MAX && !proc_of(g->d, whose);
    if (!whose || e->to == FS_KDATA || e->to == FS_PGTABLE) /* of no process */
        return;
    struct rect at = entry_at(g, p, y, whose, e->va & ~(PAGE_BYTES - 1));
    fb_frame(g->fb, at, g->t->dim);
    put_as(g, g->sans, at.x + g->pad, at.y + g->l.edge, g->t->dim,
           next    ? "gets this frame next"
           : ended ? "its process has ended"
           : comes ? "has lost this frame"
           : e->slot != INS_NO_SLOT
               ? phrase("not valid: in slot %s", grouped(e->slot))
               : "not valid");
    if (next)
        arrow_to(g, at, frame_at(g, p, 0), g->t->dim, true);
}

/* ---- between the rows ---------------------------------------------------- */

/* Draws an arrow between row 0's frame and y `below`; up: it points up. */
static void draw_way(struct draw *g, const struct plan *p, bool up, int below,
                     u32 colour, const char *words)
{
    struct rect top = frame_at(g, p, 0);
    int x = top.x + top.w / 2, from = below, to = top.y + top.h;
    draw_line(g, x, up ? from : to, x, up ? to + 1 : from - 1, colour,
              g->l.px / 4 < 2 ? 2 : g->l.px / 4, 0);
    put_beside(g, p, x - g->pad, x + g->pad, (from + to - g->lh) / 2, g->t->ink,
               words);
}

static const char *owners(unsigned n)
{
    return n ? phrase("%u owner%s now", n, n == 1 ? "" : "s") : "no owner now";
}

/* Says what follows from the n entries of a copied frame; "": nothing. */
static const char *copied_entries(const struct ins_display *d,
                                  const struct ins_event *e, unsigned n)
{
    const struct ins_frame *f = &d->source;
    bool writer = false;
    EACH(pte, f->ptes, f->nptes)
        writer |= pte->pid == e->pid && e->reason == R_COW_COPY;
    return n && writer && event_is_now(d, e)
               ? phrase("%sthe writer's entry gets the copy next",
                        n == 1 && f->state != FS_FILE_CLEAN &&
                                f->state != FS_FILE_DIRTY &&
                                f->state != FS_SHMEM
                            ? "others may have it in swap; "
                            : "")
           : n != 1                   ? ""
           : f->state == FS_SWAPCACHE ? "its slot in swap may have others"
           : f->state == FS_COW && !f->pins && !writer && event_is_now(d, e)
               ? "its next write copies nothing"
               : "";
}

/* Describes the frame's state before the event, after it, and now. */
static const char *state_words(const struct ins_display *d,
                               const struct ins_event *e)
{
    const struct ins_event *anew = news_given_anew(d, e->pfn, e->cycle);
    const char *from = inspect_state_word(e->from), *given = "";
    const char *to = e->from == e->to ? "" : inspect_state_word(e->to);
    u8 now = d->kind[e->pfn];
    if (!anew && (now == e->to || now >= FS_COUNT))
        return *to ? phrase("was %s, is %s", from, to) : from;
    if (anew)
        given = anew->pid
                    ? phrase("given to %s since; ", proc_text(d, anew->pid))
                    : "given out again since; ";
    return phrase("was %s%s%s; %s%s now", from, *to ? ", became " : "", to,
                  given, inspect_state_word(now));
}

/* Draws the frame, slot, disk or list from which the page came or to which it
 * went, and the way between; or the hand that passed. */
static void draw_other(struct draw *g, const struct plan *p,
                       const struct ins_event *e)
{
    static const struct {
        const char *words, *place;
    } ways[] = {
        [WAY_FROM_FREE] = {"taken from the free list", "free list"},
        [WAY_TO_FREE] = {"free for others now", "free list"},
        [WAY_FROM_DISK] = {"4 KiB from disk", "disk"},
        [WAY_TO_DISK] = {"4 KiB to disk", "disk"},
        [WAY_FROM_SLOT] = {"4 KiB from swap", "swap slot "},
        [WAY_TO_SLOT] = {"4 KiB to swap", "swap slot "},
        [WAY_FROM_FRAME] = {"4 KiB copied", ""},
    };
    const struct ins_display *d = g->d;
    /* The kernel reports a read ahead before it gives the page its slot. */
    bool no_slot = e->reason == R_SWAP_AHEAD && e->slot == INS_NO_SLOT;
    enum page_way way = no_slot ? WAY_FROM_SLOT : event_way(e);
    bool in = way_in(way);
    if (e->reason == R_REF_CLEARED || e->reason == R_SCAN_SPARED) {
        draw_way(g, p, true, place_top(g, p), g->t->fair,
                 e->reason == R_REF_CLEARED
                     ? "was marked as used: the mark is cleared"
                     : "passed: it was marked as used, and stays");
        if (d->vm.hand[0] != LENS_NO_PFN)
            draw_place(g, p, "the hand", "");
    }
    if (way == WAY_NONE)
        return;
    bool zeros = e->reason == R_DEMAND_ZERO || e->reason == R_STACK_GROW;
    int below = way == WAY_FROM_FRAME ? frame_at(g, p, 1).y : place_top(g, p);
    draw_way(g, p, in, below, in ? g->t->good : g->t->warn,
             zeros                     ? "taken from the free list, cleared"
             : e->reason == R_SWAP_ADD ? "to be written to this slot"
             : way == WAY_TO_FREE && news_given_anew(d, e->pfn, e->cycle)
                 ? "became free for others"
                 : ways[way].words);
    if (way == WAY_FROM_FRAME) {
        const struct ins_frame *f = &d->source;
        bool known = d->source_valid && f->pfn == e->source &&
                     !news_given_anew(d, e->source, e->cycle);
        u8 state = news_state_then(d, e->source, e->cycle);
        unsigned n = known ? draw_entries(g, p, 1, f, state) : 0;
        draw_frame_box(g, frame_at(g, p, 1), e->source, state);
        draw_about(g, p, 1, known ? owners(n) : "the frame that was copied",
                   known ? copied_entries(d, e, n) : "");
        return;
    }
    const struct ins_block *b = &d->selected_block;
    bool disk = way == WAY_FROM_DISK || way == WAY_TO_DISK;
    bool slot = way == WAY_FROM_SLOT || way == WAY_TO_SLOT;
    bool block = b->known && d->selected_valid && d->selected.pfn == e->pfn;
    draw_place(
        g, p,
        no_slot ? "swap"
                : phrase("%s%s", ways[way].place, slot ? grouped(e->slot) : ""),
        disk && block
            ? phrase("%s, sector %s", disk_name(b->disk), grouped(b->sector))
            : "");
}

/* True if the event brings back a page that reclaim took a short time before:
 * the same fault then also reports R_REFAULT. */
static bool came_back(const struct ins_display *d, const struct ins_event *in)
{
    EACH(e, d->events, d->nevents)
        if (e->reason == R_REFAULT && e->pfn == in->pfn &&
            way_in(event_way(in)))
            return e->cycle >= in->cycle &&
                   e->cycle - in->cycle < d->clock_hz / 1000;
    return false;
}

void draw_event(struct draw *g, struct rect r)
{
    const struct ins_display *d = g->d;
    if (d->nforked || d->stale_known) {
        (d->nforked ? draw_event_fork : draw_event_stale)(g, r);
        return;
    }
    bool card = d->caption_pfn < d->nframes;
    const struct ins_event *e = card            ? news_caption_event(d)
                                : d->nbiography ? d->biography
                                                : NULL;
    e = e ? e : callout_event(g);
    if (!e) {
        headline(g, &r, 1, g->t->dim, "%s%s",
                 card ? "The card's event is no longer listed"
                      : "No event of a frame is at hand",
                 !strcmp(d->mode, "HALT") && !g->v->console
                     ? ": Enter runs to the next one"
                     : "");
        return;
    }
    struct plan p = plan_of(g, r);
    bool known = d->selected_valid && d->selected.pfn == e->pfn;
    bool still = known && !news_given_anew(d, e->pfn, e->cycle);
    unsigned n = still ? draw_entries(g, &p, 0, &d->selected, e->to) : 0;
    enum page_way way = event_way(e);
    if (known && !n && way != WAY_NONE)
        draw_without(g, &p, e, way_in(way));
    if (!known)
        put_lines(g, g->sans,
                  rect(r.x, p.row[0], p.frame - r.x - g->pad, p.high),
                  g->t->dim,
                  !in_cells(g) ? "a click on its box shows its entries"
                  : g->v->pinned != NO_FRAME ? "Esc shows its entries"
                                             : "");
    bool own = card && e->pfn == d->caption_pfn; /* else text names the frame */
    const char *text = event_text_one(e), *what = own ? strstr(text, ": ") : 0;
    const char *ago = !own      ? news_ago(d, e->cycle)
                      : d->card ? news_caption_ago(d)
                                : ""; /* the card says it */
    draw_frame_box(g, frame_at(g, &p, 0), e->pfn, e->to);
    draw_about(g, &p, 0,
               phrase("%s%s%s", what ? what + 2 : text, *ago ? ", " : "", ago),
               phrase("%s%s%s%s%s", state_words(d, e),
                      came_back(d, e)
                          ? "; reclaim took this page a short time ago"
                          : "",
                      n ? "; " : "", n ? owners(n) : "",
                      e->reason == R_COW_REUSE && event_is_now(d, e) &&
                              !is_free(d->kind[e->pfn])
                          ? "; its entry gets W next"
                          : ""));
    draw_other(g, &p, e);
}
