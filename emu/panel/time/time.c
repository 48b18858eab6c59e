/* SPDX-License-Identifier: MIT */
/* Draws the pane of the time axis: the contents of memory, free frames, swap
 * and events over one axis of simulated time with one cursor. */
#include "inspect/words.h"
#include "panel/time/time_axis.h"
#include "panel/input/keys.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- rows ---------------------------------------------------------------- */

/* Returns how telling a row is; swap is more telling than any lane. */
static int row_rank(u8 row)
{
    return row < ROW_LANE ? LANES : lane_rank(row - ROW_LANE);
}

/* Removes the least telling row, but never the row of frames or that of free
 * memory. False: it removed none. */
static bool drop_row(struct time_rows *rows)
{
    unsigned least = 0, n = 0;
    for (unsigned i = ROW_SWAP; i < rows->n; i++)
        if (!least || row_rank(rows->row[i]) < row_rank(rows->row[least]))
            least = i;
    for (unsigned i = 0; least && i < rows->n; i++)
        if (i != least)
            rows->row[n++] = rows->row[i];
    rows->n = least ? n : rows->n;
    return least;
}

void time_rows(const struct draw *g, const struct axis *a,
               struct time_rows *rows)
{
    struct rect r = a->plot;
    int gap = g->pad / 4 ? g->pad / 4 : g->l.edge;
    *rows = (struct time_rows){.n = 2, .row = {ROW_FRAMES, ROW_FREE}};
    if (a->s[a->n - 1]->swap_used || g->d->vm.swap_used)
        rows->row[rows->n++] = ROW_SWAP;
    for (int i = 0; i < LANES; i++)
        if (lane_used(g, a, i))
            rows->row[rows->n++] = (u8)(ROW_LANE + i);
    while ((int)rows->n * g->sans->height > r.h && drop_row(rows))
        ;
    int each = r.h / (int)rows->n, most = 2 * g->lh;
    each = each < most ? each - each % g->l.unit : most;
    for (unsigned i = rows->n; i-- > 0; r.h -= each)
        rows->at[i] = rect(r.x, r.y + r.h - each, r.w, each - gap);
    rows->at[0].h += rows->at[0].y - a->plot.y; /* what is left over */
    rows->at[0].y = a->plot.y;
    struct rect *all = rows->at, *free = rows->at + 1;
    while (g->l.unit > 1 && free->h < 3 * g->lh && all->h > free->h + g->lh) {
        all->h -= g->lh; /* one line of a terminal shows no curve */
        free->y -= g->lh;
        free->h += g->lh;
    }
}

struct rect row_name(struct draw *g, const struct axis *a, struct rect r,
                     u32 colour, const char *name)
{
    int w = a->names.w - g->pad / 2;
    put_fit(g, g->sans, a->names.x, r.y + (r.h - g->lh) / 2, w, colour, name);
    return rect(a->names.x, r.y, w, r.h);
}

/* ---- the cursor ---------------------------------------------------------- */

int time_cursor(const struct draw *g, const struct axis *a)
{
    const struct view *v = g->v;
    if (rect_has(a->plot, v->pointer_x, v->pointer_y))
        return v->pointer_x;
    if (v->cursor == NEVER || v->cursor < a->first || v->cursor > a->last)
        return -1;
    return axis_x(a, v->cursor);
}

/* Returns the cycle at column x. A kept cursor, or the moment of the past where
 * the machine stands, is exact, although a column may stand for many. */
static u64 cycle_at(const struct draw *g, const struct axis *a, int x)
{
    const struct view *v = g->v;
    if (g->d->past && abs(axis_x(a, a->here) - x) <= 2)
        return a->here;
    bool kept = v->cursor != NEVER && axis_x(a, v->cursor) == x &&
                !rect_has(a->plot, v->pointer_x, v->pointer_y);
    return kept ? v->cursor : axis_cycle(a, x);
}

static const char *below_threshold(const struct ins_sample *s)
{
    u64 free = s->free_frames + s->kept;
    return free < s->level[LEVEL_MIN]    ? " (below min)"
           : free < s->level[LEVEL_LOW]  ? " (below low)"
           : free < s->level[LEVEL_HIGH] ? " (below high)"
                                         : "";
}

/* Returns ", 1,200 faults, 40 frames scanned a second over 4.00 ms": those of
 * the first `most` rates that are at least .5, and the time between samples. */
static const char *rates_words(const struct draw *g, const struct axis *a,
                               unsigned i, unsigned most)
{
    static const char *const words[RATES] = {
        "faults", "frames scanned", "pages from swap", "pages to swap"};
    const char *text = "";
    i += i + 1 < a->n; /* rates are of the time up to the next sample */
    for (unsigned k = 0; k < most; k++) {
        double rate = axis_rate(g, a, i, rate_count, k);
        if (rate >= .5)
            text =
                phrase("%s, %s %s", text, grouped((u64)(rate + .5)), words[k]);
    }
    return *text ? phrase("%s a second over %s", text,
                          sim_time(g->d, a->s[i]->cycle - a->s[i - 1]->cycle))
                 : "";
}

static const char *event_words(const struct draw *g, const struct axis *a,
                               int x, bool brief)
{
    unsigned all;
    const struct ins_event *e = lane_event(g, a, x, &all);
    if (!e)
        return "";
    const char *who =
        e->pid ? proc_name(g->d, e->pid) : inspect_actor_word(e->actor);
    const char *more =
        all > 1 && !brief ? phrase(" and %u more events", all - 1) : "";
    return phrase("; %s by %.16s%s", ins_reasons[e->reason].word, who, more);
}

/* Names the one or two most frequent kinds of frame, except kernel and free. */
static const char *stack_words(const u64 frames[STACKS], bool both)
{
    unsigned most[2] = {0}; /* 0: none */
    for (unsigned i = 1; i < STACKS - 1; i++)
        if (frames[i] && (!most[0] || frames[i] > frames[most[0]])) {
            most[1] = most[0];
            most[0] = i;
        } else if (frames[i] && (!most[1] || frames[i] > frames[most[1]]))
            most[1] = i;
    const char *text = "";
    for (unsigned k = 0; k < 1u + both && most[k]; k++)
        text = phrase("%s%s %s, ", text, grouped(frames[most[k]]),
                      stack_parts[most[k]].word);
    return text;
}

/* Describes the moment at column x; the higher terse, the more is left out. */
static const char *moment_words(const struct draw *g, const struct axis *a,
                                int x, unsigned terse)
{
    u64 cycle = cycle_at(g, a, x), frames[STACKS];
    unsigned i = axis_sample(a, cycle);
    const char *event = event_words(g, a, x, terse > RATES);
    const char *when = axis_time(g, a, cycle);
    if (i == AXIS_SAMPLES)
        return phrase("%s%s", when, event);
    struct ins_sample here = axis_present(g->d); /* a->s[i] may be older */
    const struct ins_sample *s = cycle == a->here ? &here : a->s[i];
    stack_of(s, frames);
    if (abs(axis_x(a, s->cycle) - x) > 4)
        when = phrase("%s; counted at %s", when, axis_time(g, a, s->cycle));
    return phrase("%s: %s%s free%s%s%s", when, stack_words(frames, !terse),
                  grouped(s->free_frames + s->kept), below_threshold(s),
                  rates_words(g, a, i, terse < RATES ? RATES - terse : 0),
                  event);
}

const char *time_words(struct draw *g, const struct axis *a, int x, int room)
{
    const char *words = "";
    for (unsigned terse = 0; terse <= RATES + 1; terse++)
        if (font_width(g->sans, words = moment_words(g, a, x, terse)) <= room)
            break;
    return words;
}

/* ---- marks of moments ---------------------------------------------------- */

/* Each mark is a line over the rows, with a head above and a word below: the
 * cursor, with its time; "now", past the last column, so that it covers no
 * event; and, if the machine stands in its past, "here". */
enum mark_of { MARK_CURSOR, MARK_NOW, MARK_HERE, MARKS };
struct moment_mark {
    int x; /* -1: it is not on the axis */
    u32 colour;
    const char *word;
    struct axis_label label;
};

static void marks_of(struct draw *g, const struct axis *a, int cursor,
                     struct moment_mark mark[MARKS])
{
    bool here = g->d->past && a->here >= a->first && a->here <= a->last;
    int at = here ? axis_x(a, a->here) : -1;
    if (here && abs(cursor - at) <= 2) /* a drag went there: no second line */
        cursor = -1;
    mark[MARK_CURSOR] = (struct moment_mark){
        .x = cursor,
        .colour = g->t->ink,
        .word = cursor < 0 ? "" : axis_time(g, a, cycle_at(g, a, cursor))};
    mark[MARK_NOW] = (struct moment_mark){
        .x = a->now <= a->last ? axis_x(a, a->now) + 1 : -1,
        .colour = g->t->good,
        .word = "now"};
    mark[MARK_HERE] =
        (struct moment_mark){.x = at, .colour = g->t->accent, .word = "here"};
}

/* Writes a mark's word under its line, unless it would meet the word of an
 * earlier mark of the table. */
static void mark_word(struct draw *g, const struct axis *a,
                      struct moment_mark *mark, unsigned i)
{
    struct moment_mark *m = &mark[i];
    int w = font_width(g->sans, m->word), right = a->plot.x + a->plot.w;
    int from = m->x - w / 2 < a->plot.x ? a->plot.x : m->x - w / 2;
    from = from + w > right ? right - w : from;
    m->label = (struct axis_label){0, -1};
    for (unsigned k = 0; k < i; k++)
        if (from < mark[k].label.to + g->l.digit &&
            from + w + g->l.digit > mark[k].label.from)
            return;
    if (m->x < 0)
        return;
    m->label = (struct axis_label){from, from + w};
    put_as(g, g->sans, from, a->labels, m->colour, m->word);
    struct rect at = line_at(g, from, a->labels, w);
    static const char *const about[MARKS][2] = {
        [MARK_CURSOR] = {"cursor",
                         "the moment that was clicked, or that the pointer is "
                         "at; dragging goes there"},
        [MARK_NOW] = {"now", "the present: the latest moment that the machine "
                             "has run to"},
        [MARK_HERE] = {"here",
                       "the moment of its past at which the machine stands; "
                       "what is shaded came later; End goes to the present"}};
    if (i == MARK_NOW && g->d->past)
        add_key(g, at, KEY_END);
    else
        add_word(g, at, about[i][0], about[i][1]);
}

static void mark_line(struct draw *g, const struct axis *a,
                      const struct moment_mark *m)
{
    int w = g->l.hair, head = g->l.px / 3, x = m->x;
    if (x < 0)
        return;
    fill(g, x, a->plot.y, w, a->labels - a->plot.y, m->colour);
    for (int i = 0; i < head; i++)
        fill(g, x - (head - i), a->plot.y - head / 2 + i, w + 2 * (head - i), 1,
             m->colour);
}

/* Shades the time after the moment at which the machine stands in its past. */
static void shade_future(struct draw *g, const struct axis *a)
{
    int w = g->l.hair, x = axis_x(a, a->here);
    int right = a->plot.x + a->plot.w, high = a->labels - a->plot.y;
    if (!g->d->past || a->here > a->last)
        return;
    x = x < a->plot.x ? a->plot.x - w : x;
    fb_shade(g->fb, rect(x + w, a->plot.y, right - x - w, high), g->t->pane,
             128);
}

/* ---- the pane ------------------------------------------------------------ */

/* Returns the place of "all": a click there shows the whole time again. */
static struct rect all_at(const struct draw *g)
{
    struct rect r = g->l.at[PANE_TIME];
    int w = font_width(g->sans, "all");
    return rect(r.x + r.w - g->pad - w, r.y, w, g->lh);
}

/* If only a part of the time is shown, draws a bar that tells which. */
static void draw_minimap(struct draw *g, const struct axis *a)
{
    int high = g->pad / 3 < 2 ? 2 : g->pad / 3;
    struct rect r = {a->plot.x, a->plot.y - high, a->plot.w, high};
    double all = (double)(a->now - a->begin), w = a->plot.w;
    if (!g->v->span || all <= 0)
        return;
    fb_fill(g->fb, r, g->t->band);
    r.x += (int)((double)(a->first - a->begin) / all * w);
    r.w = (int)((double)(a->last - a->first) / all * w) + 2;
    fb_fill(g->fb, rect_cut(r, g->l.at[PANE_TIME]), g->t->accent);
}

void draw_time(struct draw *g, UNUSED struct rect r) /* axis_make finds it */
{
    struct axis a;
    struct moment_mark mark[MARKS];
    struct axis_label labels[MARKS];
    axis_make(&a, g);
    struct time_rows rows;
    time_rows(g, &a, &rows);
    int x = time_cursor(g, &a);
    if (g->v->span)
        pane_aside(g, g->t->accent, "all");
    if (x >= 0)
        pane_about_say(g, time_words(g, &a, x, g->title.right - g->title.x));
    else
        pane_about(g, "point: what happened; click: keep the moment and list "
                      "its events; drag: go there; wheel: zoom");
    add_events(g, a.plot, 0, "events", "all that happened at that time",
               axis_span(&a)); /* marks and rows lie over it */
    marks_of(g, &a, x, mark);
    for (unsigned i = 0; i < MARKS; i++) {
        mark_word(g, &a, mark, i);
        labels[i] = mark[i].label;
    }
    axis_ticks(g, &a, labels, MARKS);
    draw_stack(g, &a, rows.at[0]);
    draw_free(g, &a, rows.at[1]);
    if (rows.n > ROW_SWAP && rows.row[ROW_SWAP] == ROW_SWAP)
        draw_swap(g, &a, rows.at[2]);
    draw_lanes(g, &a, &rows);
    draw_minimap(g, &a);
    shade_future(g, &a);
    for (unsigned i = MARKS; i-- > 0;)
        mark_line(g, &a, &mark[i]);
}

/* Sends the machine to a cycle of its past; any other cycle means its present.
 * During a drag one goto is under way at a time; `last`: the drag has ended,
 * and the goto is sent in any case. */
static void travel(struct controls *c, const struct axis *a, u64 cycle,
                   bool last)
{
    if (!last && c->travels == c->d->serial)
        return;
    c->travels = c->d->serial;
    controls_travel(c,
                    cycle < a->now ? phrase("goto %llu", cycle) : "goto now");
}

/* A click keeps the cursor at its column, and lists the events of that time
 * (add_events). A drag sends the machine to that time, and the whole panel
 * shows that moment. */
bool pointer_time(struct draw *g, struct controls *c, enum pointer what, int x,
                  int y)
{
    struct axis a;
    axis_make(&a, g);
    if (what == POINTER_RELEASE && c->v->span && rect_has(all_at(g), x, y)) {
        c->v->span = c->v->span_end = 0;
        return true;
    }
    bool over = rect_has(a.plot, x, y);
    if (what == POINTER_RELEASE && over && !c->dragging_time) {
        c->v->cursor = axis_cycle(&a, x);
        view_chose(c->v, CHOICE_TIME);
    }
    if (what == POINTER_DRAG || (what == POINTER_RELEASE && c->dragging_time)) {
        c->v->cursor = NEVER; /* "here" marks the moment */
        c->dragging_time = what == POINTER_DRAG;
        travel(c, &a, axis_cycle(&a, x), what == POINTER_RELEASE);
    }
    return what == POINTER_DRAG;
}

void wheel_time(struct draw *g, struct controls *c, int steps, int x, int y)
{
    struct axis a;
    struct view *v = c->v;
    (void)y;
    axis_make(&a, g);
    u64 all = a.now - a.begin, span = a.last - a.first, at = axis_cycle(&a, x);
    double part = (double)(at - a.first) / (double)span;
    for (; steps > 0; steps--)
        span = span * 3 / 4;
    for (; steps < 0 && span < all; steps++)
        span = span * 4 / 3 + 1;
    u64 least = (u64)a.plot.w; /* a cycle per column */
    span = span < least ? least : span;
    v->span = span < all ? span : 0;
    u64 end = at + (u64)((1 - part) * (double)span);
    v->span_end = v->span && end < a.now ? end : 0;
}
