/* SPDX-License-Identifier: MIT */
/* Draws swap as a strip of slots beside the map, as high as the map: a cell for
 * each slot, or for several if they do not fit. At the strip's foot are two
 * boxes in which arrows begin and end: the disk with the files, and the list of
 * free frames. */
#include "panel/input/keys.h"
#include "panel/map/map.h"

struct strip {
    struct rect at;   /* of the cells */
    int w, h;         /* of a cell, with its gap; some cells are 1 higher */
    u64 across, each; /* across: cells per row; each: slots per cell */
    int rows, high;   /* rows share `high` pixels evenly */
};

/* The boxes at the foot, lowest first. */
enum box { BOX_FREE, BOX_DISK, BOXES };

static const char *const box_words[BOXES] = {"free list", "disk"};

/* The boxes are the ends of the callout's arrows, which a terminal lacks. */
static bool has_boxes(const struct draw *g)
{
    return g->l.at[PANE_SLOTS].w > 0 && !in_cells(g);
}

/* A box is as wide as the strip, and has as many lines as its words need. */
static struct rect box_place(const struct draw *g, enum box box)
{
    struct rect r = g->l.at[PANE_SLOTS];
    int left = r.x + g->pad, w = r.w - g->pad, end = r.y + r.h;
    for (enum box b = 0;; b++) {
        int h = g->lh * lines_of(g->sans, w - g->pad / 2, box_words[b]);
        if (b == box)
            return rect(left, end - h, w, h);
        end -= h + g->l.gap / 3 + g->l.unit;
    }
}

/* Chooses the largest cells of which n fit in the strip, neither side more than
 * twice the other. False: not even 2 x 2 pixels fit (in a terminal, 1 x 1). */
static bool fill_strip(struct strip *s, u64 n, int most)
{
    int best = 0, least = most < 2 ? most : 2;
    for (int w = most; w >= least; w--) {
        u64 across = (u64)(s->at.w / w), rows;
        if (!across)
            continue;
        rows = (n + across - 1) / across;
        int h = rows <= (u64)s->at.h ? s->at.h / (int)rows : 0;
        h = h > most ? most : h > 2 * w ? 2 * w : h;
        if (h < least || w > 2 * h || w * h <= best)
            continue;
        best = w * h;
        s->w = w;
        s->h = h;
        s->across = across;
        s->rows = (int)rows;
        int full =
            (int)rows * (h + 1); /* rounding h down loses < a pixel per row */
        s->high = h == most || full > s->at.h ? s->at.h : full;
        s->high = s->high > (int)rows * most ? (int)rows * most : s->high;
    }
    return best > 0;
}

static bool strip_of(const struct draw *g, struct strip *s)
{
    struct rect r = g->l.at[PANE_SLOTS];
    int foot =
        has_boxes(g) ? r.y + r.h - box_place(g, BOX_DISK).y + g->pad / 2 : 0;
    int top = g->lh + g->l.gap; /* room for a ring round the first slots */
    *s = (struct strip){
        .at = {r.x + g->pad, r.y + top, r.w - g->pad, r.h - top - foot},
        .each = 1};
    u64 n = g->d->slot ? g->d->nslots : 0;
    if (!n || s->at.w < 2 || s->at.h < 2)
        return false;
    while (!fill_strip(s, (n + s->each - 1) / s->each, g->l.px))
        s->each++;
    return true;
}

static struct rect slot_cell(const struct strip *s, u64 i)
{
    int gap = s->w >= 5 && s->h >= 5, row = (int)(i / s->across);
    int top = (int)((s64)row * s->high / s->rows);
    int end = (int)((s64)(row + 1) * s->high / s->rows);
    return rect(s->at.x + (int)(i % s->across) * s->w, s->at.y + top,
                s->w - gap, end - top - gap);
}

/* Returns the slot at a pixel; nslots: none. */
static u64 strip_slot(const struct draw *g, const struct strip *s, int x, int y)
{
    u64 n = g->d->nslots, i;
    if (!rect_has(s->at, x, y) || y - s->at.y >= s->high)
        return n;
    u64 col = (u64)((x - s->at.x) / s->w);
    i = (u64)((s64)(y - s->at.y + 1) * s->rows - 1) / (u64)s->high * s->across +
        col;
    return col < s->across && i * s->each < n ? i * s->each : n;
}

bool place_slot(struct draw *g, u64 slot, struct rect *r)
{
    struct strip s;
    u64 i = inspect_slot_index(g->d, (u32)slot);
    if (slot > 0xffffffffu || !strip_of(g, &s) || i >= g->d->nslots)
        return false;
    *r = slot_cell(&s, i / s.each);
    return true;
}

bool place_disk(struct draw *g, struct rect *r)
{
    *r = box_place(g, BOX_DISK);
    return g->d->ndisks > 0 && has_boxes(g);
}

bool place_free(struct draw *g, struct rect *r)
{
    *r = box_place(g, BOX_FREE);
    return has_boxes(g);
}

/* ---- the slot at the pointer --------------------------------------------- */

/* Returns the number that events and the monitor use for the i-th slot. */
static u64 slot_number(const struct ins_display *d, u64 i)
{
    for (unsigned a = 0; a < d->nswap_areas && a < INS_SWAP_AREAS; a++) {
        if (i < d->swap_area[a].pages)
            return d->swap_area[a].slot + i;
        i -= d->swap_area[a].pages;
    }
    return i;
}

static const struct ins_event *slot_event(const struct draw *g, u64 number)
{
    const struct timeline *h = &g->v->timeline;
    for (unsigned i = timeline_from(h, g->d->cycle + 1); i-- > 0;)
        if (timeline_event_at(h, i)->slot == number)
            return timeline_event_at(h, i);
    return NULL;
}

/* Returns the process whose page a slot's event is about; 0: not known. */
static u32 slot_pid(const struct ins_event *e)
{
    return !e ? 0 : e->owner ? e->owner : e->reason == R_SWAP_IN ? e->pid : 0;
}

const char *slot_words(const struct draw *g, unsigned form)
{
    static const char *const words[] = {"free", "in use",
                                        "its page is in memory, too",
                                        "not to be used: header or bad page"};
    struct strip s;
    u64 i = strip_of(g, &s)
                ? strip_slot(g, &s, g->v->pointer_x, g->v->pointer_y)
                : g->d->nslots;
    if (i >= g->d->nslots)
        return NULL;
    u8 state = g->d->slot[i] & 3;
    u64 number = slot_number(g->d, i);
    const char *name = phrase("slot %s of swap", grouped(number));
    bool used = state == SLOT_USED || state == SLOT_CACHED;
    u32 pid = used ? slot_pid(slot_event(g, number)) : 0;
    return form < 1 && pid ? phrase("%s: %s; of %.16s (pid %u)", name,
                                    words[state], proc_name(g->d, pid), pid)
           : form < 2      ? phrase("%s: %s", name, words[state])
                           : name;
}

/* Chooses a slot of the cell that begins at slot *i: the first whose page is in
 * memory, too, else the first in use. False: no slot holds a page. */
static bool slot_in_cell(const struct ins_display *d, u64 each, u64 *i)
{
    static const u8 wanted[] = {SLOT_CACHED, SLOT_USED};
    u64 from = *i;
    for (unsigned k = 0; k < ARRAY_LEN(wanted); k++)
        for (*i = from; *i < from + each && *i < d->nslots; ++*i)
            if (d->slot[*i] == wanted[k])
                return true;
    return false;
}

/* A click on a cell selects its slot. If a frame holds the page, too, that
 * frame is selected; else the frame pane shows what the page tables say of the
 * slot (slot_detail.c). The slot under the pointer is named in the map's title
 * (slot_words). */
bool pointer_slots(struct draw *g, struct controls *c, enum pointer what, int x,
                   int y)
{
    struct strip s;
    if (what != POINTER_RELEASE || !strip_of(g, &s))
        return false;
    u64 i = strip_slot(g, &s, x, y);
    if (i >= g->d->nslots || !slot_in_cell(g->d, s.each, &i))
        return false;
    u64 number = slot_number(g->d, i);
    bool cached = g->d->slot[i] == SLOT_CACHED;
    controls_select_frame(c, NO_FRAME);
    controls_light(c, phrase("slot %llu", number));
    c->v->pin_lit = cached;
    view_note(c->v, g->d, "slot %s: %s", grouped(number),
              cached ? "this frame holds its page, too"
                     : "the only copy of its page; FRAME says whose it is, and "
                       "a click there lights up that process's frames");
    return true;
}

/* ---- drawing ------------------------------------------------------------- */

static void draw_slot(struct draw *g, const struct strip *s, u64 i)
{
    u64 first = i * s->each, count[4] = {0}, n = g->d->nslots - first;
    n = n < s->each ? n : s->each;
    for (u64 i = 0; i < n; i++)
        count[g->d->slot[first + i] & 3]++;
    const u32 *kind = g->t->kind[FS_SWAPCACHE];
    u64 full = count[SLOT_USED] + count[SLOT_CACHED];
    u32 colour = count[SLOT_CACHED] * 2 > full ? kind[0] : kind[1];
    colour = colour_mix(g->t->pane, colour,
                        full ? (unsigned)(64 + full * 192 / n) : 0);
    struct rect at = slot_cell(s, i);
    fb_fill(g->fb, at, count[SLOT_BAD] == n ? g->t->rule : colour);
    fb_glyph(g->fb, at, full * 2 > n ? 's' : full ? '-' : '.');
}

/* Returns the slot to ring: the clicked one, else that of the selected frame;
 * nslots: none. */
static u64 ringed(const struct draw *g)
{
    const struct ins_display *d = g->d;
    u32 slot = slot_chosen(g);
    if (slot == INS_NO_SLOT && d->selected_valid)
        slot = d->selected_slot;
    return slot == INS_NO_SLOT ? d->nslots : inspect_slot_index(d, slot);
}

static void draw_strip(struct draw *g)
{
    struct strip s;
    if (!strip_of(g, &s))
        return;
    u64 cells = (g->d->nslots + s.each - 1) / s.each;
    for (u64 i = 0; i < cells; i++)
        draw_slot(g, &s, i);
    u64 held = ringed(g);
    if (held < g->d->nslots)
        draw_ring(g, slot_cell(&s, held / s.each), g->l.hair, g->t->accent);
    add_word(g, s.at, "swap",
             "a cell is a slot on the swap disk; bright: the only copy of its "
             "page lies there; dim: a frame holds the page, too; dark: free");
}

/* Draws a box; lit: the arrow on the map begins or ends there. */
static void draw_end(struct draw *g, enum box box, bool lit)
{
    struct rect r = box_place(g, box);
    fb_fill(g->fb, r, g->t->band);
    fb_frame(g->fb, r, lit ? g->t->ink : g->t->rule);
    put_lines(g, g->sans, rect(r.x + g->pad / 4, r.y, r.w - g->pad / 2, r.h),
              lit ? g->t->ink : g->t->dim, box_words[box]);
}

static void draw_boxes(struct draw *g)
{
    struct rect r;
    const struct ins_event *e = callout_event(g);
    enum page_way way = e ? event_way(e) : WAY_NONE;
    if (place_disk(g, &r)) {
        draw_end(g, BOX_DISK, way == WAY_FROM_DISK || way == WAY_TO_DISK);
        add_key(g, r, panes[PANE_DISKS].key);
    }
    if (place_free(g, &r)) {
        draw_end(g, BOX_FREE, way == WAY_FROM_FREE || way == WAY_TO_FREE);
        add_word(
            g, r, "free list",
            "frames that nobody uses: a frame given back goes there, and a "
            "frame given out comes from there; a thin arrow shows it");
    }
}

void draw_slots(struct draw *g, struct rect r)
{
    int left = r.x + g->pad, room = r.x + r.w - left;
    bool swap = g->d->slot && g->d->nslots;
    put_fit(g, g->bold, left, r.y, room, swap ? g->t->ink : g->t->dim, "SWAP");
    if (swap)
        draw_strip(g);
    else {
        struct rect none = {left, r.y + g->lh, room, 3 * g->lh};
        put_lines(g, g->sans, none, g->t->dim, "no swap");
        add_word(g, none, "swap",
                 "there is none: anonymous memory cannot leave its frames "
                 "(--swap gives the machine some)");
    }
    draw_boxes(g);
}
