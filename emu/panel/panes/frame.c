/* SPDX-License-Identifier: MIT */
/* Draws one frame: a sentence about its state and owner, its place, every PTE
 * that maps it, and its biography. */
#include "inspect/words.h"
#include "panel/input/keys.h"
#include "panel/panes/event_rows.h"
#include "panel/panes/strip.h"

struct chosen {
    s64 pfn;         /* NO_FRAME: none */
    const char *how; /* how it was chosen, in words */
    bool known;      /* d->selected describes it */
};

static struct chosen chosen_of(const struct draw *g)
{
    const struct ins_display *d = g->d;
    struct chosen c = {view_frame(g->v), "", false};
    if (c.pfn != NO_FRAME)
        c.how = c.pfn == g->v->pinned ? "selected; Esc deselects"
                                      : "under the pointer; a click selects it";
    else if (d->selected_valid && !d->running &&
             !(d->selected.pfn == d->caption_pfn && !news_caption_is_now(d))) {
        c.pfn = (s64)d->selected.pfn;
        c.how = d->selected.pfn == d->caption_pfn
                    ? "the frame of the event; a click on the map selects "
                      "another"
                    : "chosen by the command `page`; a click on the map "
                      "selects another";
    } else if (d->caption_pfn < d->nframes) {
        const char *ago = news_caption_ago(d);
        c.pfn = d->caption_pfn; /* its state may have changed since */
        c.how = *ago ? phrase("its state at this moment; the event was %s", ago)
                     : "the frame of the event";
    }
    c.known =
        c.pfn != NO_FRAME && d->selected_valid && d->selected.pfn == (u64)c.pfn;
    return c;
}

/* ---- the sentence -------------------------------------------------------- */

static const struct ins_area *area_at(const struct ins_display *d, u32 pid,
                                      u64 va)
{
    EACH(s, d->spaces, d->nspaces)
        if (s->pid == pid)
            EACH(a, s->area, s->nareas)
                if (va - a->start < a->pages << PAGE_SHIFT)
                    return a;
    return NULL;
}

static const char *file_name(const struct ins_display *d, u64 inode)
{
    EACH(s, d->spaces, d->nspaces)
        EACH(a, s->area, s->nareas)
            if (a->inode == inode && a->name[0])
                return a->name;
    return NULL;
}

/* Gives process and address of the frame's page, from a PTE, else from the
 * latest event (a page on its way in or out has no PTE). False: not known. */
static bool page_place(const struct ins_display *d, const struct ins_frame *f,
                       u32 *pid, u64 *va)
{
    EACH(p, f->ptes, f->nptes)
        if (p->pid) {
            *pid = p->pid;
            *va = p->va;
            return true;
        }
    const struct ins_event *e = &d->biography[0];
    *pid = f->owner;
    *va = e->va;
    return d->nbiography && e->va && e->space == f->owner;
}

/* Returns ", page 0x3fff235 of its heap" or a file's page; "": not known. */
static const char *page_words(const struct ins_display *d,
                              const struct ins_frame *f)
{
    u32 pid;
    u64 va;
    if (f->object) {
        /* Inodes of different file systems may have the same number. */
        const char *name = !f->unmodified.known ? file_name(d, f->object)
                           : *f->what           ? f->what
                                                : NULL;
        return name ? phrase(", page %llu of %.63s", f->index, name)
               : f->state == FS_SHMEM && f->object >> 32
                   ? phrase(", page %llu of shared memory", f->index)
                   : phrase(", page %llu of the file with inode %llu", f->index,
                            f->object);
    }
    if (!page_place(d, f, &pid, &va))
        return "";
    const struct ins_area *a = area_at(d, pid, va);
    return phrase(", page 0x%llx%s%s", (va & 0x7fffffffffull) >> PAGE_SHIFT,
                  a ? " of its " : "",
                  a ? area_sorts[a->sort % AREA_SORTS].word : "");
}

static const char *mark_words(u8 flags)
{
    static const struct {
        u8 flag;
        const char *word;
    } words[] = {
        {FRAME_F_IO, "a disk reads or writes it now"},
        {FRAME_F_DIRTY, "dirty"},
        {FRAME_F_LOCKED, "locked in memory"},
        {FRAME_F_ACTIVE, "on the active list"},
        {FRAME_F_INACTIVE, "on the inactive list"},
        {FRAME_F_CACHED, "free, but its page is kept"},
    };
    const char *all = "";
    EACH(it, words, ARRAY_LEN(words))
        if (flags & it->flag)
            all = phrase("%s%s%s", all, *all ? ", " : "; ", it->word);
    return all;
}

static bool owned(const struct ins_frame *f)
{
    return f->state != FS_FREE && f->state != FS_ZEROED &&
           f->state != FS_KCODE && f->state != FS_KDATA;
}

/* True if the frame was used since its present page came into it; earlier uses
 * were another page's. *marked: a PTE has the page's mark of use (A), or the
 * hand has since cleared that mark. *marked without a use: the kernel set the
 * mark itself, in a PTE made ahead of use. */
static bool used_since(const struct ins_display *d, const struct ins_frame *f,
                       bool *marked)
{
    u64 epoch = d->clock_hz / 1000;
    *marked = false;
    EACH(p, f->ptes, f->nptes)
        *marked |= p->pid && p->pte & PTE_A;
    EACH(e, d->biography, d->nbiography) {
        *marked |= e->reason == R_REF_CLEARED;
        if (e->from == FS_FREE || e->from == FS_ZEROED)
            return epoch && f->last_use_epoch > e->cycle / epoch;
    }
    return f->last_use_epoch;
}

static const char *frame_sentence(const struct draw *g,
                                  const struct ins_frame *f)
{
    const struct ins_display *d = g->d;
    const char *owner = "", *page = "", *use = "";
    bool marked, used = used_since(d, f, &marked);
    if (f->owner && owned(f))
        owner =
            phrase(", of %.15s (pid %u)",
                   f->owner_name[0] ? f->owner_name : "a process that ended",
                   f->owner);
    if (owned(f) && f->state != FS_PGTABLE) /* a table has no user page */
        page = page_words(d, f);
    else if (*f->what)
        page = phrase(", %s", f->what);
    if (f->state != FS_FREE)
        use = used     ? phrase("; last used %s ago",
                            f->age_cycles < f->age_grid
                                    ? "less than 1 ms"
                                    : sim_time(d, f->age_cycles))
                  : marked ? "; no instruction has used it yet: the kernel set A"
                       : "; no instruction has used it yet";
    return phrase("%.255s",
                  phrase("%s%s%s%s", owner, page, mark_words(f->flags), use));
}

static const struct ins_state_word *state_word(u8 kind)
{
    static const struct ins_state_word unknown = {
        .word = "unknown", .sentence = "the kernel has not reported its state"};
    return kind < FS_COUNT ? &ins_states[kind] : &unknown;
}

/* Draws the frame's cell and sentence, in as many lines as they need. */
static void head_line(struct draw *g, struct rect *r, u8 kind, u8 flags,
                      bool recent, const char *rest)
{
    const struct ins_state_word *state = state_word(kind);
    int side = g->lh * 3 / 4 < 2 ? 2 : g->lh * 3 / 4, top = r->y;
    draw_cell(g, rect(r->x, r->y + (g->lh - side) / 2, side, side), kind,
              recent, flags);
    int x = put_bold(g, r->x + side + g->l.digit, r->y, g->t->ink, state->word);
    int room = r->x + r->w - x;
    if (font_width(g->sans, rest) <= room || r->h < 2 * g->lh) {
        put_fit(g, g->sans, x, r->y, room, g->t->ink, rest);
        r->y += g->lh;
    } else { /* break it after a clause */
        size_t n = strlen(rest);
        for (; n; n--)
            if ((rest[n] == ';' || rest[n] == ',' || rest[n] == ':') &&
                font_width(g->sans, phrase("%.*s", (int)n, rest)) +
                        g->l.digit <=
                    room)
                break;
        if (n)
            put(g, x, r->y, g->t->ink, "%.*s", (int)n + 1, rest);
        r->y += g->lh;
        const char *on = rest + n + strspn(rest + n, ",;: ");
        r->y = put_lines(g, g->sans,
                         rect(r->x + side + g->l.digit, r->y,
                              r->w - side - g->l.digit, r->h - g->lh),
                         g->t->ink, on);
    }
    r->h -= r->y - top;
    add_word(g, rect(r->x, top, r->w, r->y - top), state->word,
             state->sentence);
}

/* ---- its places and its mappings ----------------------------------------- */

struct facts {
    struct draw *g;
    struct rect *r;
    int x, rows; /* rows: lines left, this one included */
};

/* Writes label and value, on the next line if need be. Returns their place; w
 * 0: there was no room. */
static struct rect fact(struct facts *f, const char *label, const char *value)
{
    struct draw *g = f->g;
    int lw = font_width(g->sans, label) + g->l.digit;
    int w = lw + font_width(g->sans, value), right = f->r->x + f->r->w;
    if (f->x + w > right && f->x > f->r->x && f->rows > 1) {
        f->rows--;
        f->x = f->r->x;
        rect_take(f->r, g->lh);
    }
    struct rect at = line_at(g, f->x, f->r->y, w);
    if (f->x + w > right)
        return rect(0, 0, 0, 0);
    put_as(g, g->sans, at.x, at.y, g->t->dim, label);
    put_as(g, g->sans, at.x + lw, at.y, g->t->ink, value);
    f->x += w + 3 * g->l.digit;
    return at;
}

/* Writes the other places of the frame's page (DRAM row, slot of swap, sector).
 * A click on one opens its tab, or explains the slot. */
static void places(struct facts *f, const struct ins_frame *frame)
{
    const struct ins_display *d = f->g->d;
    const struct ins_block *block = &d->selected_block;
    add_show(
        f->g,
        fact(f, "DRAM",
             phrase("bank %u, row 0x%x", frame->dram_bank, frame->dram_row)),
        PANE_DRAM, "row",
        "its bank has an outline in the DRAM tab, and the frames that lie "
        "in the same row are lit on the map",
        phrase("bank %u row 0x%x", frame->dram_bank, frame->dram_row));
    if (d->selected_slot != INS_NO_SLOT)
        add_word(f->g,
                 fact(f, "swap", phrase("slot %s", grouped(d->selected_slot))),
                 "slot",
                 "where the page lies in swap, too: the slot has a ring in the "
                 "strip beside the map; a click on its cell leads back");
    if (block->known)
        add_show(f->g,
                 fact(f, "file on",
                      phrase("%s sector %s", disk_name(block->disk),
                             grouped(block->sector))),
                 PANE_DISKS, "file block",
                 "where the page lies on the disk, marked on the disk's line; "
                 "the frames of this file are lit",
                 phrase("inode %llu", frame->object));
}

static void facts(struct draw *g, struct rect *r, const struct ins_frame *f,
                  unsigned n, int rows)
{
    struct facts at = {g, r, r->x, rows};
    places(&at, f);
    add_term(g, fact(&at, "address", phrase("0x%llx", f->pa)), "pa");
    add_term(g,
             fact(&at, "mapped by",
                  n ? phrase("%u PTE%s", n, n == 1 ? "" : "s") : "no process"),
             "refs");
    if (f->pins)
        add_term(g,
                 fact(&at, "held by",
                      phrase("%u other%s", f->pins, f->pins == 1 ? "" : "s")),
                 "pins");
    rect_take(r, g->lh);
}

/* Draws one PTE from x on; returns its width, 0 if it does not fit. */
static int pte(struct draw *g, int x, int y, int right, const struct ins_pte *p)
{
    const char *who = proc_text(g->d, p->pid);
    const char *va = phrase("0x%llx", p->va & ~0xfffull);
    int blank = g->l.digit;
    int w = font_width(g->sans, who) + blank + font_width(g->mono, va) + blank +
            pte_boxes_width(g) + 3 * blank;
    if (x + w - 3 * blank > right)
        return 0;
    int from = x;
    x = put_as(g, g->sans, x, y, g->t->dim, who) + blank;
    x = put_mono(g, x, y, g->t->ink, va) + blank;
    add_light(g, line_at(g, from, y, x - from), "pid %u", p->pid);
    x = pte_boxes(g, x, y, p->pte);
    add_why(g, line_at(g, from, y, x - from), "pa:0x%llx", p->pte_pa);
    return w;
}

/* Draws the n PTEs of processes, several in a line, in `rows` lines; then the
 * number of those left out. */
static void ptes(struct draw *g, struct rect *r, const struct ins_frame *f,
                 unsigned n, int rows)
{
    unsigned i = 0, at = 0,
             known = f->nptes < INS_PTES_MAX ? f->nptes : INS_PTES_MAX;
    int right = r->x + r->w, x = r->x;
    int tail = font_width(g->sans, phrase("+ %u more", n)) + 3 * g->l.digit;
    while (at < known) {
        bool keep = rows <= 1 && i + 1 < n;
        if (!f->ptes[at].pid) {
            at++;
            continue;
        }
        int w = pte(g, x, r->y, keep ? right - tail : right, &f->ptes[at]);
        x += w;
        i += w > 0;
        at += w > 0;
        if (!w && (rows-- <= 1 || x == r->x))
            break;
        if (!w) {
            x = r->x;
            rect_take(r, g->lh);
        }
    }
    if (i < n)
        put(g, x, r->y, g->t->dim, "+ %u more", n - i);
    rect_take(r, g->lh);
}

/* ---- the pane ------------------------------------------------------------ */

static void draw_biography(struct draw *g, struct rect r,
                           const struct ins_event *e, unsigned n)
{
    int rows = r.h / g->lh;
    if (rows <= 0)
        return;
    if (!n)
        put_in(g, g->sans, r, g->t->dim, "no event of this frame is known");
    unsigned first = scrolled(g, PANE_FRAME, r, n, (unsigned)rows);
    if (n > (unsigned)rows) /* for the scroll bar */
        r.w -= g->pad;
    n -= first;
    draw_event_rows(g, r, e + first, n < (unsigned)rows ? n : (unsigned)rows,
                    false);
}

/* Draws a frame that d->selected does not describe: its state on the map, and
 * its events among the latest. */
static void draw_asked(struct draw *g, struct rect r, u64 pfn)
{
    const struct ins_display *d = g->d;
    struct ins_event e[INS_BIOGRAPHY];
    unsigned n = 0;
    EACH(it, d->events, d->nevents)
        if (it->pfn == pfn && n < INS_BIOGRAPHY)
            e[n++] = *it;
    u8 kind = d->kind[pfn];
    head_line(g, &r, kind, d->flags[pfn], frame_recent(d, pfn),
              kind < FS_COUNT ? phrase(": %s", ins_states[kind].sentence) : "");
    if (n)
        draw_biography(g, r, e, n);
}

static void draw_known(struct draw *g, struct rect r)
{
    const struct ins_display *d = g->d;
    const struct ins_frame *f = &d->selected;
    unsigned n = d->nbiography < INS_BIOGRAPHY ? d->nbiography : INS_BIOGRAPHY;
    unsigned mapped = f->nptes; /* by processes; the kernel maps every frame */
    EACH(p, f->ptes, f->nptes)
        mapped -= !p->pid;
    head_line(g, &r, f->state, f->flags, frame_recent(d, f->pfn),
              frame_sentence(g, f));
    int lines = r.h / g->lh, wanted = n < 3 ? (int)n : 3;
    if (lines > wanted) {
        facts(g, &r, f, mapped, lines > wanted + 2 ? 2 : 1);
        lines = r.h / g->lh;
    }
    if (mapped && lines > wanted) {
        int most = g->v->whole_biography ? lines / 3 : (lines - wanted + 1) / 2;
        ptes(g, &r, f, mapped, most < 1 ? 1 : most);
    }
    if (r.h >= g->lh + g->pad / 4 && r.h / g->lh > (int)n)
        rect_take(&r, g->pad / 4);
    draw_biography(g, r, d->biography, n);
}

void draw_frame(struct draw *g, struct rect r)
{
    struct chosen c = chosen_of(g);
    struct rect title = line_at(g, r.x, g->title.y, r.w);
    if (slot_chosen(g) != INS_NO_SLOT) {
        draw_slot_page(g, r);
        return;
    }
    if (c.pfn != NO_FRAME && (u64)c.pfn < g->d->nframes) {
        int x = put_bold(g, g->title.x - g->l.digit, g->title.y, g->t->ink,
                         frame_number((u64)c.pfn));
        g->title.x = x + 2 * g->l.digit;
        if (c.known)
            add_key(g, title, 'b');
        pane_aside(g, g->t->dim,
                   phrase("%s: %s", g->v->console ? "click" : "b",
                          g->v->whole_biography ? "close" : "all events"));
        pane_about_say(g, c.how);
        add_why(g, r, "pfn:%lld", c.pfn);
        if (c.known)
            draw_known(g, r);
        else if (view_frame(g->v) != NO_FRAME)
            put(g, r.x, r.y, g->t->dim, "waiting for the machine's answer");
        else
            draw_asked(g, r, (u64)c.pfn);
        return;
    }
    put_lines(
        g, g->sans, r, g->t->dim,
        in_cells(g)
            ? "The arrow keys choose a frame; b: all that "
              "happened to it."
            : "Point at a frame on the map to see whose it is, which page "
              "tables map it, when it was used, and what happened to it. A "
              "click keeps it here; the arrow keys choose its neighbours.");
}

const char *frame_words(const struct ins_display *d, struct view *v)
{
    struct draw g = {.d = d, .v = v};
    struct chosen c = chosen_of(&g);
    if (c.pfn == NO_FRAME || (u64)c.pfn >= d->nframes)
        return "";
    u8 kind = c.known ? d->selected.state : d->kind[c.pfn];
    const struct ins_state_word *state = state_word(kind);
    return phrase("Frame %lld (%s): %s%s.", c.pfn, c.how, state->word,
                  c.known && kind < FS_COUNT ? frame_sentence(&g, &d->selected)
                                             : phrase(": %s", state->sentence));
}
