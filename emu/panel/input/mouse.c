/* SPDX-License-Identifier: MIT */
/* Handles the pointer. A click goes to the pane under the pointer; if that does
 * not handle the click, the hit (view.h) that was drawn there acts. */
#include "inspect/words.h"
#include "panel/input/keys.h"

#include <stdio.h>

static struct draw plan_now(struct controls *c)
{
    struct draw g;
    draw_plan(&g, c->w, c->h, c->d, c->v);
    return g;
}

/* Returns the topmost pane at a pixel, or PANES. Tabs lie over DETAIL. */
static enum pane_id pane_at(const struct draw *g, int x, int y)
{
    for (enum pane_id id = PANES; id-- > 0;)
        if (g->l.at[id].w && rect_has(g->l.at[id], x, y))
            return id;
    return PANES;
}

static bool pane_pointer(struct controls *c, struct draw *g, enum pane_id id,
                         enum pointer what, int x, int y)
{
    return id < PANES && panes[id].pointer &&
           panes[id].pointer(g, c, what, x, y);
}

/* Returns last-write's argument for a right click at x, y; "": none. */
static const char *why_at(struct controls *c, struct draw *g, int x, int y)
{
    const struct hit *h = view_why(c->v, x, y);
    s64 pfn = NO_FRAME;
    if (pane_at(g, x, y) == PANE_MAP)
        pfn = map_frame_at(g, x, y);
    else if (h && h->kind == HIT_FRAME)
        pfn = (s64)h->what;
    else if (h)
        return h->line;
    return pfn >= 0 && (u64)pfn < c->d->nframes ? phrase("pfn:%lld", pfn) : "";
}

static void ask_why(struct controls *c, const char *what)
{
    struct waypoint before = trail_here(c);
    s64 pfn;
    c->v->returns = false;
    if (sscanf(what, "pfn:%lld", &pfn) == 1)
        controls_select_frame(c, pfn); /* stays selected after the travel */
    note(c, "looking in the past for the instruction that wrote %s", what);
    controls_travel(c, phrase("last-write %s", what));
    trail_leave(c, before);
}

void controls_why(struct controls *c, int x, int y)
{
    struct draw g = plan_now(c);
    if (c->v->help || c->pressed < PANES)
        return;
    const char *what = why_at(c, &g, x, y);
    if (*what)
        ask_why(c, what);
    else
        note(c, "the right button goes back to the instruction that wrote a "
                "page table entry, a frame or a number of the kernel's; "
                "there is none of these here");
}

void controls_why_here(struct controls *c)
{
    const struct view *v = c->v;
    if (v->pointer_x >= 0 && v->why_here)
        controls_why(c, v->pointer_x, v->pointer_y);
    else if (v->pinned != NO_FRAME)
        ask_why(c, phrase("pfn:%lld", v->pinned));
    else
        note(c, "last write: point at a frame or an entry, or choose a "
                "frame first");
}

void controls_move(struct controls *c, int x, int y)
{
    struct draw g = plan_now(c);
    c->v->pointer_x = x;
    c->v->pointer_y = y;
    int dx = x - c->press_x, dy = y - c->press_y;
    if (c->pressed < PANES && (c->dragged || dx * dx + dy * dy > 16)) {
        c->dragged = true;
        pane_pointer(c, &g, c->pressed, POINTER_DRAG, x, y);
        return;
    }
    c->v->why_here = *why_at(c, &g, x, y);
    enum pane_id id = pane_at(&g, x, y);
    if (id != PANE_MAP)
        controls_hover(c, NO_FRAME);
    pane_pointer(c, &g, id, POINTER_MOVE, x, y);
}

void controls_leave(struct controls *c)
{
    c->v->pointer_x = c->v->pointer_y = -1;
    c->v->why_here = false;
    controls_hover(c, NO_FRAME);
}

void controls_press(struct controls *c, int x, int y)
{
    struct draw g = plan_now(c);
    c->pressed = pane_at(&g, x, y);
    c->dragged = false;
    c->before = trail_here(c);
    c->press_x = x;
    c->press_y = y;
    c->press_left = c->v->left;
    c->press_top = c->v->top;
    pane_pointer(c, &g, c->pressed, POINTER_PRESS, x, y);
}

enum { NEAR = 3 }; /* a click covers NEAR pixels on both sides */

/* Limits the events tab to the time that a click at x covers; without a span,
 * the tab shows all times. */
static void choose_time(struct view *v, const struct span *s, int x)
{
    v->events_first = 0;
    v->events_last = NEVER;
    if (s->w <= 0 || x < s->x || x >= s->x + s->w || s->last <= s->first)
        return;
    double each = (double)(s->last - s->first) / s->w;
    double from = (x - s->x - NEAR) * each, to = (x - s->x + NEAR + 1) * each;
    v->events_first = s->first + (from > 0 ? (u64)from : 0);
    v->events_last = s->first + (u64)to;
}

static void click_hit(struct controls *c, const struct hit *h, int x)
{
    struct view *v = c->v;
    const char *what, *sentence;
    v->note[0] = 0; /* it told of the previous click */
    switch ((enum hit_kind)h->kind) {
    case HIT_FRAME:
        controls_select_frame(c, (s64)h->what);
        break;
    case HIT_KEY:
        controls_key(c, (int)h->what, false);
        break;
    case HIT_LIGHT: /* clicked again: off */
        what = strcmp(c->d->lit_words, h->line) ? h->line : "";
        controls_explain_lit(c, what);
        controls_light(c, what);
        break;
    case HIT_LINE:
        if (!strncmp(h->line, "goto ", 5) || !strncmp(h->line, "last-", 5))
            controls_travel(c, h->line);
        else
            controls_command(c, "%s", h->line);
        break;
    case HIT_SHOW:
        if (*h->line)
            controls_light(c, h->line);
        controls_show_tab(c, (enum pane_id)h->what);
        note(c, "%s: %s", h->word, h->text);
        break;
    case HIT_EVENTS:
        v->events = (unsigned)h->what;
        v->scroll[PANE_EVENTS] = 0;
        choose_time(v, &h->span, x);
        if (h->text)
            note(c, "%s: %s", h->word, h->text);
        controls_show_tab(c, PANE_EVENTS);
        view_chose(v, CHOICE_LIST);
        break;
    case HIT_ASK:
        /* the answer comes as a caption */
        controls_command(c, "explain %.40s", h->word);
        break;
    case HIT_TERM:
        sentence = inspect_explain(h->word, &what);
        if (sentence)
            note(c, "%s: %s", h->word, sentence);
        break;
    case HIT_WORD:
        if (h->text && *h->text)
            note(c, "%s: %s", h->word, h->text);
        break;
    case HIT_WHY:
    case HIT_NONE:
        break;
    }
}

void controls_release(struct controls *c, int x, int y)
{
    struct view *v = c->v;
    enum pane_id pressed = c->pressed;
    bool dragged = c->dragged;
    c->pressed = PANES;
    c->dragged = false;
    if (v->help) {
        v->help = false;
        return;
    }
    struct draw g = plan_now(c);
    enum pane_id id = pane_at(&g, x, y);
    const struct hit *h = view_hit(v, x, y);
    struct waypoint before = dragged ? c->before : trail_here(c);
    if (v->note_of_key) /* a click clears it as a key does */
        v->note[0] = 0;
    v->note_of_key = v->returns = false;
    if (dragged) {
        pane_pointer(c, &g, pressed, POINTER_RELEASE, x, y);
        trail_leave(c, before);
        return;
    }
    v->console = id == PANE_CONSOLE;
    if (!pane_pointer(c, &g, id, POINTER_RELEASE, x, y) && h)
        click_hit(c, h, x);
    trail_leave(c, before);
}

void controls_wheel(struct controls *c, int steps, int x, int y)
{
    struct draw g = plan_now(c);
    enum pane_id id = pane_at(&g, x, y);
    if (id < PANES && panes[id].wheel)
        panes[id].wheel(&g, c, steps, x, y);
}

void wheel_lines(struct draw *g, struct controls *c, int steps, int x, int y)
{
    enum pane_id id = pane_at(g, x, y);
    int to = (int)c->v->scroll[id] - 3 * steps;
    c->v->scroll[id] = to > 0 ? (unsigned)to : 0;
}
