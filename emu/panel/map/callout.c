/* SPDX-License-Identifier: MIT */
/* Draws the latest event over all panes: a strong ring round its frame, a tag
 * that says what happened, and an arrow along its page's way. After many
 * events at once their frames flash; a tag counts the largest news_group. */
#include "panel/draw/arrow.h"
#include "panel/map/map.h"

/* the longest time from a fork's first shared frame to the fork's event */
enum { AT_ONCE_MS = 2 };

/* ---- the tag ------------------------------------------------------------- */

struct tag {
    const char *text;
    int w, h;
};

/* Returns where a tag may lie: on the map, and if that is too narrow also on
 * the strip of slots beside it, between the strip's title and foot. */
static struct rect tag_room(const struct draw *g, int w)
{
    struct rect m = g->l.at[PANE_MAP], s = g->l.at[PANE_SLOTS];
    if (w + 2 <= m.w)
        return m;
    int top = 3 * g->lh, foot = 3 * g->lh + g->pad; /* foot: the boxes */
    if (m.h < top + foot + 3 * g->lh) {
        top = 0;
        foot = m.h > foot + 2 * g->lh ? foot : 0;
    }
    return rect(m.x, m.y + top, s.x + s.w - m.x, m.h - top - foot);
}

static struct tag tag_make(const struct draw *g, const char *text)
{
    struct tag t = {text, font_width(g->bold, text) + 2 * g->pad,
                    g->lh + g->pad / 2};
    struct rect room = tag_room(g, t.w);
    if (t.w > room.w) { /* broken into lines */
        t.w = room.w;
        t.h += (lines_of(g->bold, t.w - 2 * g->pad, text) - 1) * g->lh;
    }
    return t;
}

static void draw_tag(struct draw *g, const struct tag *t, struct rect at)
{
    if (in_cells(g))
        return; /* a tag would hide much; the card says it */
    fb_fill(g->fb, rect_inset(at, -g->l.hair), g->t->page);
    fb_fill(g->fb, at, g->t->ink);
    put_lines(g, g->bold,
              rect(at.x + g->pad, at.y + g->pad / 4, t->w - 2 * g->pad,
                   t->h - g->pad / 4),
              g->t->page, t->text);
}

static bool on_arrow(struct rect r, const struct arrow *a)
{
    for (int i = 0; i <= 64; i++)
        if (rect_has(r, (int)(a->x0 + (a->x1 - a->x0) * i / 64),
                     (int)(a->y0 + (a->y1 - a->y0) * i / 64)))
            return true;
    return false;
}

/* Finds a place beside the frame and off the arrow, or at worst over them. */
static struct rect tag_place(const struct draw *g, const struct tag *t,
                             struct rect f, const struct arrow *a)
{
    struct rect room = tag_room(g, t->w);
    int off = g->pad, right = f.x + f.w + off, left = f.x - t->w - off;
    int up = f.y - t->h - off, down = f.y + f.h + off;
    int middle = f.x + f.w / 2, level = f.y + f.h / 2 - t->h / 2;
    int far =
        f.y + f.h / 2 > room.y + room.h / 2 ? room.y : room.y + room.h - t->h;
    const int at[][2] = {
        {left, level},
        {right, level},
        {middle - t->w / 2, up},
        {middle - t->w, up},
        {middle, up},
        {middle - t->w / 2, down},
        {middle - t->w, down},
        {middle, down},
        {left, up},
        {right, up},
        {left, down},
        {right, down},
        {room.x, up},
        {room.x, down},
        {room.x + room.w - t->w, up},
        {room.x + room.w - t->w, down},
        {room.x, far},
    };
    struct rect best = {0, 0, 0, 0};
    for (unsigned i = 0; i < ARRAY_LEN(at); i++) {
        struct rect r = {at[i][0], at[i][1], t->w, t->h};
        struct rect in = rect_cut(r, room);
        if (in.w != r.w || in.h != r.h || rect_cut(r, f).w) /* over the frame */
            continue;
        if (!a || !on_arrow(r, a))
            return r;
        best = best.w ? best : r;
    }
    return best.w ? best : rect(room.x, far, t->w, t->h);
}

/* ---- one event ----------------------------------------------------------- */

/* Gives the arrow's other end, from which the page came or to which it went.
 * False if there is none, or the panel does not show it. */
static bool other_end(struct draw *g, const struct ins_event *e,
                      enum page_way way, struct rect *r)
{
    return way == WAY_FROM_FRAME ? place_frame(g, e->source, r)
           : way == WAY_TO_SLOT || way == WAY_FROM_SLOT
               ? place_slot(g, e->slot, r)
           : way == WAY_TO_DISK || way == WAY_FROM_DISK ? place_disk(g, r)
           : way == WAY_TO_FREE || way == WAY_FROM_FREE ? place_free(g, r)
                                                        : false;
}

static bool is_box(enum page_way way)
{
    return way == WAY_TO_DISK || way == WAY_FROM_DISK || way == WAY_TO_FREE ||
           way == WAY_FROM_FREE;
}

u32 way_colour(const struct draw *g, enum page_way way)
{
    bool in = way == WAY_FROM_DISK || way == WAY_FROM_SLOT;
    bool out = way == WAY_TO_DISK || way == WAY_TO_SLOT;
    return in    ? colour_mix(g->t->ink, g->t->data[2], 150)
           : out ? colour_mix(g->t->ink, g->t->data[1], 170)
                 : g->t->ink;
}

/* Returns the look of an arrow. The colour tells whether it leads into memory
 * or out. Arrows of the free list are thin. A copy's is dashed, since its page
 * also stays where it was. */
static struct arrow arrow_of(const struct draw *g, enum page_way way)
{
    struct arrow a = {.width = g->l.stroke,
                      .edge = g->l.stroke * .75,
                      .colour = way_colour(g, way),
                      .edge_colour = g->t->page};
    if (way == WAY_FROM_FRAME)
        a.dash = 4 * a.width;
    if (way == WAY_TO_FREE || way == WAY_FROM_FREE)
        a.width *= .7;
    return a;
}

/* Draws ring, tag and arrow of an event of frame pfn. e is NULL for the frame
 * of a walk, and if the lists no longer have the caption's event. */
static void draw_one_event(struct draw *g, u64 pfn, const struct ins_event *e)
{
    struct rect f, end;
    const char *text =
        e ? event_text_one(e) : phrase("frame %s", frame_number(pfn));
    const char *ago = e ? news_ago(g->d, e->cycle) : "";
    if (*ago)
        text = phrase("%s, %s", text, ago);
    if (!place_frame(g, pfn, &f))
        return; /* outside the part that is seen: only the caption tells */
    struct tag tag = tag_make(g, text);
    enum page_way way = e ? event_way(e) : WAY_NONE;
    struct arrow a = arrow_of(g, way);
    bool has_end = other_end(g, e, way, &end), has_arrow = false;
    struct rect ring = draw_ring(g, f, g->l.stroke, g->t->ink);
    if (has_end) {
        int thick = is_box(way) ? g->l.stroke / 2 : g->l.stroke;
        end = draw_ring(g, end, thick, g->t->ink);
        if (is_box(way)) /* the arrow must cross no other box */
            end.w = g->l.stroke;
        has_arrow = way_in(way) ? arrow_between(end, ring, &a)
                                : arrow_between(ring, end, &a);
    }
    if (has_arrow && !in_cells(g))
        draw_arrow(g->fb, &a);
    draw_tag(g, &tag, tag_place(g, &tag, ring, has_arrow ? &a : NULL));
}

/* ---- many ---------------------------------------------------------------- */

/* Shades the gap under the cell (a rim would mean disk I/O). A cell without gap
 * gets its left column and upper half shaded, a thin cell all of its pixels. */
static void flash(struct draw *g, u64 pfn, unsigned strength)
{
    struct cells c = map_cells(g);
    struct rect r;
    u32 colour = g->t->ink;
    if (!place_frame(g, pfn, &r))
        return;
    if (cells_gap(&c)) {
        fill(g, r.x, r.y + r.h, r.w, cells_gap(&c),
             colour_mix(g->t->page, colour, strength));
        return;
    }
    strength = strength > 255 ? 255 : strength;
    if (c.w < 2 || c.h < 2) {
        fb_shade(g->fb, r, colour, strength);
        return;
    }
    fb_shade(g->fb, rect(r.x, r.y, 1, r.h), colour, strength);
    fb_shade(g->fb, rect(r.x + 1, r.y, r.w - 1, r.h / 2), colour, strength);
}

static void draw_group_tag(struct draw *g, u8 reason, u32 n)
{
    const char *text = n ? event_text_many(reason, n) : NULL;
    if (!text)
        return;
    struct tag tag = tag_make(g, text);
    struct rect room = tag_room(g, tag.w);
    draw_tag(g, &tag,
             rect(room.x + (room.w - tag.w) / 2,
                  room.y + room.h - tag.h - g->pad, tag.w, tag.h));
}

static void draw_new_events(struct draw *g)
{
    const struct news *t = &g->v->news;
    const struct news_group *group = news_group(t);
    fb_clip(g->fb, g->l.at[PANE_MAP]);
    for (unsigned i = 0; i < t->nfresh; i++) {
        const struct news_frame *f = news_frame_at(t, i);
        flash(g, f->pfn, 256u * (NEWS_AGE - f->age) / NEWS_AGE);
    }
    fb_clip(g->fb, rect(0, 0, g->fb->w, g->fb->h));
    if (group)
        draw_group_tag(g, group->reason, group->n);
}

/* While the machine stands at a fork, flashes the frames shared by the fork. */
static void draw_fork(struct draw *g, const struct ins_event *fork)
{
    const struct ins_display *d = g->d;
    u64 since = d->clock_hz / 1000 * AT_ONCE_MS;
    u32 n = 0;
    since = fork->cycle > since ? fork->cycle - since : 0;
    fb_clip(g->fb, g->l.at[PANE_MAP]);
    EACH(e, d->events, d->nevents) {
        if (e->cycle < since)
            break;
        if (e->reason != R_COW_SHARE || e->pid != fork->pid)
            continue;
        flash(g, e->pfn, 256);
        n++;
    }
    fb_clip(g->fb, rect(0, 0, g->fb->w, g->fb->h));
    draw_group_tag(g, R_COW_SHARE, n);
}

/* ---- the whole ----------------------------------------------------------- */

/* True while the machine stands at the caption's event, whose frame then has
 * ring and arrow. Once the machine has run on, the caption says how long ago
 * the event was, and the map shows the present; but under a story's card it
 * shows the card's event until that event's frame is given to another page. */
static bool at_caption(const struct ins_display *d)
{
    return !d->running && d->caption_pfn < d->nframes &&
           (news_caption_is_now(d) ||
            (d->card && news_caption_event(d) &&
             !news_given_anew(d, d->caption_pfn, d->caption_cycle)));
}

static bool at_fork(const struct ins_display *d)
{
    return !d->running && d->nevents && d->events[0].reason == R_FORK &&
           news_is_now(d, d->events[0].cycle);
}

const struct ins_event *callout_event(const struct draw *g)
{
    const struct ins_display *d = g->d;
    const struct news *t = &g->v->news;
    if (at_fork(d))
        return NULL;
    if (at_caption(d))
        return news_caption_event(d);
    if (d->card && !d->running && d->caption_pfn < d->nframes)
        return NULL; /* no event but the card's gets an arrow */
    if (t->nfresh > NEWS_FEW || !news_shows_last(t, d) ||
        (!d->running && !news_is_now(d, t->last.cycle)))
        return NULL;
    return &t->last;
}

void draw_callout(struct draw *g)
{
    const struct ins_display *d = g->d;
    const struct ins_event *e = callout_event(g);
    const struct walk *w = &d->walk;
    if (g->l.at[PANE_MAP].w <= 0)
        return;
    if (d->walk_live && !d->covered && w->phase == WALK_FILLED)
        draw_one_event(g, (tlb_pa(&w->filled, w->va) - RAM_BASE) >> PAGE_SHIFT,
                       NULL); /* outside RAM nothing is drawn */
    else if (at_fork(d))
        draw_fork(g, &d->events[0]);
    else if (at_caption(d))
        draw_one_event(g, d->caption_pfn, e);
    else if (e)
        draw_one_event(g, e->pfn, e);
    else if (d->running && g->v->news.nfresh > NEWS_FEW)
        draw_new_events(g);
}
