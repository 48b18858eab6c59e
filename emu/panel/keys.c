/* SPDX-License-Identifier: MIT */
/* What each key and click does; see keys.h and help.c. */
#include "panel/keys.h"

#include <stdio.h>

static void command(struct controls *c, const char *line)
{
    c->command(c->opaque, line);
}

/* ---- typing into the guest --------------------------------------------------
 */

static void type_key(struct controls *c, int key, bool ctrl)
{
    static const struct {
        int key;
        const char *bytes;
    } special[] = {
        {KEY_UP, "\033[A"},       {KEY_DOWN, "\033[B"},
        {KEY_RIGHT, "\033[C"},    {KEY_LEFT, "\033[D"},
        {KEY_HOME, "\033[H"},     {KEY_END, "\033[F"},
        {KEY_INSERT, "\033[2~"},  {KEY_DELETE, "\033[3~"},
        {KEY_PAGE_UP, "\033[5~"}, {KEY_PAGE_DOWN, "\033[6~"},
    };
    char bytes[8];
    size_t n = 0;
    for (unsigned i = 0; i < ARRAY_LEN(special); i++)
        if (special[i].key == key) {
            c->keys(c->opaque, special[i].bytes, strlen(special[i].bytes));
            return;
        }
    if (key >= 0x110000)
        return;
    if (ctrl && key >= '@' && key < 0x7f)
        bytes[n++] = (char)(key & 0x1f); /* Ctrl-[ is the guest's Esc */
    else if (key < 0x80)
        bytes[n++] = (char)key;
    else if (key < 0x800) {
        bytes[n++] = (char)(0xc0 | key >> 6);
        bytes[n++] = (char)(0x80 | (key & 63));
    } else if (key < 0x10000) {
        bytes[n++] = (char)(0xe0 | key >> 12);
        bytes[n++] = (char)(0x80 | (key >> 6 & 63));
        bytes[n++] = (char)(0x80 | (key & 63));
    }
    c->keys(c->opaque, bytes, n);
}

/* ---- pace -------------------------------------------------------------------
 */

static void change_pace(struct controls *c, int step)
{
    static const struct {
        double ratio;
        const char *word;
    } paces[] = {
        {0.0001, "0.0001"}, {0.001, "0.001"}, {0.01, "0.01"},
        {0.1, "0.1"},       {0.3, "0.3"},     {1, "1"},
        {3, "3"},           {10, "10"},       {0, "max"},
    };
    int n = ARRAY_LEN(paces), at = n - 1;
    if (c->d->pace_limit > 0)
        for (at = 0; at < n - 2 && paces[at].ratio < c->d->pace_limit * .999;)
            at++;
    at += step;
    at = at < 0 ? 0 : at >= n ? n - 1 : at;
    char line[32];
    snprintf(line, sizeof line, "pace %s", paces[at].word);
    command(c, line);
    if (paces[at].ratio > 0)
        view_note(c->v, c->d, "at most %s of real time", paces[at].word);
    else
        view_note(c->v, c->d, "as fast as it goes");
}

/* ---- the map
 * ------------------------------------------------------------------ */

static void select_frame(struct controls *c)
{
    c->v->scroll = 0;
    c->select(c->opaque, view_frame(c->v));
}

static void pin(struct controls *c, s64 pfn)
{
    c->v->pinned = pfn;
    select_frame(c);
}

/* An arrow key: the neighbouring cell, if a frame lies there. */
static void walk_pin(struct controls *c, int dx, int dy)
{
    struct grid g = grid_for(c->d->nframes, c->v->linear);
    u32 col, row;
    u64 pfn = 0;
    if (c->v->pinned != NO_FRAME) {
        grid_place(&g, (u64)c->v->pinned, &col, &row);
        if ((dx < 0 && !col) || (dy < 0 && !row) ||
            !grid_frame(&g, col + (u32)dx, row + (u32)dy, &pfn))
            return;
    }
    c->v->hover = NO_FRAME;
    pin(c, (s64)pfn);
}

static void next_filter(struct controls *c)
{
    struct view *v = c->v;
    do
        v->filter++;
    while (v->filter < FS_COUNT && !c->d->histogram[v->filter]);
    if (v->filter >= FS_COUNT)
        v->filter = -1;
    if (v->filter < 0)
        view_note(v, c->d, "all kinds of frames");
    else
        view_note(v, c->d, "only %s: %s", ins_states[v->filter].word,
                  ins_states[v->filter].sentence);
}

/* The machine shall stop at a lane's next event, or no more. */
static void toggle_stop(struct controls *c, int lane)
{
    bool stops = lane_stops(c->d, lane);
    const char *const *words = lane_catches(lane);
    char line[64];
    for (unsigned i = 0; i < LANE_WORDS && words[i]; i++) {
        u64 mask = inspect_reason_mask(words[i]);
        if (!stops && (c->d->catching & mask) == mask)
            continue;
        snprintf(line, sizeof line, "%s %s", stops ? "delete" : "catch",
                 words[i]);
        command(c, line);
    }
    if (stops)
        view_note(c->v, c->d, "%s: the machine runs through these events again",
                  lane_name(lane));
    else
        view_note(c->v, c->d,
                  "%s: the machine stops at the next of these events; space "
                  "goes on, %d ends it",
                  lane_name(lane), lane + 1);
}

static void toggle_life(struct controls *c)
{
    c->v->life = !c->v->life || c->v->why;
    c->v->why = 0;
    c->v->scroll = 0;
}

static void scroll(struct controls *c, int lines)
{
    struct view *v = c->v;
    int at = (int)v->scroll + lines;
    v->scroll = at > 0 ? (unsigned)at : 0; /* drawing knows the end */
}

/* Alt-SysRq itself would reach the host. */
static void sysrq(struct controls *c)
{
    command(c, "sysrq m");
    view_note(c->v, c->d,
              "SysRq m: the kernel prints its own report on memory on the "
              "console");
}

static void next_charts(struct controls *c)
{
    c->v->charts = (c->v->charts + 1) % CHART_SETS;
    view_note(c->v, c->d, "charts: %s", chart_set_name(c->v->charts));
}

static void escape(struct controls *c)
{
    struct view *v = c->v;
    if (v->why)
        v->why = 0;
    else if (v->life)
        v->life = false;
    else if (v->filter >= 0)
        v->filter = -1;
    else if (v->pinned != NO_FRAME)
        pin(c, NO_FRAME);
    else
        v->note[0] = 0;
}

static void all_frames(struct view *v)
{
    v->zoom = 0;
    v->left = v->top = 0;
}

static void text_size(struct controls *c, int step)
{
    struct view *v = c->v;
    struct draw g;
    int before = v->text;
    v->text += step;
    draw_plan(&g, c->w, c->h, c->d, v); /* puts back what does not fit */
    if (v->text == before)
        view_note(v, c->d,
                  step > 0 ? "no room for larger text in this window"
                           : "there is no smaller text");
}

/* ---- keys
 * --------------------------------------------------------------------- */

static void step_walk(struct controls *c)
{
    c->v->inside = true; /* a narrow plan has room for it now */
    if (c->d->running)
        command(c, "halt");
    command(c, "step-walk");
    if (!c->d->walk_live)
        view_note(c->v, c->d,
                  "runs to the next page walk (an idle kernel needs none: c, "
                  "then type a command)");
}

static void run_key(struct controls *c, int key, bool ctrl)
{
    switch (key) {
    case ' ':
        command(c, c->d->running ? "halt" : "continue");
        break;
    case '.':
        command(c, ctrl ? "run-for 1ms" : "stepi");
        break;
    case '>':
        command(c, "tcatch fault");
        command(c, "continue");
        break;
    case KEY_ENTER:
        if (!c->d->running)
            command(c, "continue");
        break;
    case 'w':
        step_walk(c);
        break;
    case '[':
        change_pace(c, -1);
        break;
    case ']':
        change_pace(c, 1);
        break;
    default:
        break;
    }
}

static void look_key(struct controls *c, int key)
{
    struct view *v = c->v;
    if (key >= '1' && key < '1' + LANES) {
        toggle_stop(c, key - '1');
        return;
    }
    switch (key) {
    case 'b':
        toggle_life(c);
        break;
    case 's':
        next_charts(c);
        break;
    case 'S':
        sysrq(c);
        break;
    case 'm':
        v->inside = !v->inside;
        break;
    case KEY_PAGE_UP:
        scroll(c, -8);
        break;
    case KEY_PAGE_DOWN:
        scroll(c, 8);
        break;
    case 'f':
        next_filter(c);
        break;
    case 'h':
        v->heat = !v->heat;
        break;
    case 'o':
        v->linear = !v->linear;
        all_frames(v);
        break;
    case 't':
        v->light = !v->light;
        break;
    case 'c':
        v->console = true;
        break;
    case '?':
        v->help = true;
        break;
    case '+':
    case '=':
        text_size(c, 1);
        break;
    case '-':
        text_size(c, -1);
        break;
    case KEY_F12:
        c->picture = true;
        break;
    case KEY_ESC:
        escape(c);
        break;
    case KEY_HOME:
        all_frames(v);
        break;
    case KEY_LEFT:
        walk_pin(c, -1, 0);
        break;
    case KEY_RIGHT:
        walk_pin(c, 1, 0);
        break;
    case KEY_UP:
        walk_pin(c, 0, -1);
        break;
    case KEY_DOWN:
        walk_pin(c, 0, 1);
        break;
    default:
        break;
    }
}

void controls_key(struct controls *c, int key, bool ctrl)
{
    struct view *v = c->v;
    if (v->help) {
        v->help = false;
        if (key == '?' || key == KEY_ESC)
            return;
    }
    if (v->console) {
        if (key == KEY_ESC || key == KEY_F10)
            v->console = false;
        else if (key == KEY_F12)
            c->picture = true;
        else
            type_key(c, key, ctrl);
        return;
    }
    run_key(c, key, ctrl);
    if (!ctrl)
        look_key(c, key);
}

/* ---- mouse
 * -------------------------------------------------------------------- */

static void plan(struct controls *c, struct draw *g)
{
    draw_plan(g, c->w, c->h, c->d, c->v);
}

static void hover(struct controls *c, s64 pfn)
{
    if (c->v->hover == pfn)
        return;
    c->v->hover = pfn;
    select_frame(c);
}

void controls_move(struct controls *c, int x, int y)
{
    struct draw g;
    plan(c, &g);
    int dx = x - c->press_x, dy = y - c->press_y;
    if (c->pressed && (c->dragged || dx * dx + dy * dy > 16)) {
        c->dragged = true;
        map_drag(&g, c->v, c->press_left, c->press_top, dx, dy);
    }
    hover(c, map_frame_at(&g, x, y));
}

void controls_leave(struct controls *c)
{
    hover(c, NO_FRAME);
}

void controls_press(struct controls *c, int x, int y)
{
    struct draw g;
    plan(c, &g);
    if (!rect_has(g.l.map, x, y))
        return;
    c->pressed = true;
    c->dragged = false;
    c->press_x = x;
    c->press_y = y;
    c->press_left = c->v->left;
    c->press_top = c->v->top;
}

enum { NEAR = 3 }; /* pixels: what a click means besides its own */

/* The time that a click at x on a chart or lane means; elsewhere on it, all. */
static void choose_time(struct view *v, const struct span *s, int x)
{
    v->why_first = 0;
    v->why_last = NEVER;
    if (s->w <= 0 || x < s->x || x >= s->x + s->w || s->last <= s->first)
        return;
    double each = (double)(s->last - s->first) / s->w;
    double from = (x - s->x - NEAR) * each, to = (x - s->x + NEAR + 1) * each;
    v->why_first = s->first + (from > 0 ? (u64)from : 0);
    v->why_last = s->first + (u64)to;
}

/* Its own button closes it; another time on the same chart shows that. */
static void toggle_why(struct controls *c, const struct hit *h, int x)
{
    struct view *v = c->v;
    unsigned why = (unsigned)h->what + 1;
    u64 first = v->why_first, last = v->why_last;
    bool same = v->why == why;
    choose_time(v, &h->span, x);
    v->why = same && v->why_first <= last && v->why_last >= first ? 0 : why;
    v->scroll = 0;
    if (h->text)
        view_note(v, c->d, "%s: %s", h->word, h->text);
}

static void click_hit(struct controls *c, const struct hit *h, int x)
{
    struct view *v = c->v;
    if (h->kind == HIT_FRAME)
        pin(c, (s64)h->what);
    else if (h->kind == HIT_STATE) {
        v->filter = v->filter == (int)h->what ? -1 : (int)h->what;
        view_note(v, c->d, "%s: %s", ins_states[h->what].word, h->text);
    } else if (h->kind == HIT_LANE)
        toggle_stop(c, (int)h->what);
    else if (h->kind == HIT_LIFE)
        toggle_life(c);
    else if (h->kind == HIT_SYSRQ)
        sysrq(c);
    else if (h->kind == HIT_HELP)
        v->help = true;
    else if (h->kind == HIT_STEP)
        step_walk(c);
    else if (h->kind == HIT_WHY)
        toggle_why(c, h, x);
    else if (h->kind == HIT_ASK) {
        char line[64];
        snprintf(line, sizeof line, "explain %.40s", h->word);
        v->note[0] = 0; /* the answer comes as a caption */
        command(c, line);
    } else if (h->kind == HIT_TERM) {
        const char *what, *sentence = inspect_explain(h->word, &what);
        if (sentence)
            view_note(v, c->d, "%s: %s", h->word, sentence);
    } else if (h->text && h->word)
        view_note(v, c->d, "%s: %s", h->word, h->text);
    else if (h->text)
        view_note(v, c->d, "%s", h->text);
}

void controls_release(struct controls *c, int x, int y)
{
    struct view *v = c->v;
    struct draw g;
    bool dragged = c->pressed && c->dragged;
    c->pressed = c->dragged = false;
    if (v->help) {
        v->help = false;
        return;
    }
    if (dragged)
        return;
    plan(c, &g);
    s64 pfn = map_frame_at(&g, x, y);
    const struct hit *h = view_hit(v, x, y);
    if (g.l.console.w)
        v->console = rect_has(g.l.console, x, y);
    if (pfn != NO_FRAME)
        pin(c, v->pinned == pfn ? NO_FRAME : pfn);
    else if (h)
        click_hit(c, h, x);
}

void controls_wheel(struct controls *c, int steps, int x, int y)
{
    struct draw g;
    plan(c, &g);
    if (rect_has(g.l.frame, x, y) || rect_has(g.l.life, x, y)) {
        scroll(c, -3 * steps);
        return;
    }
    for (; steps; steps += steps > 0 ? -1 : 1) {
        plan(c, &g);
        map_zoom(&g, c->v, steps > 0 ? 1 : -1, x, y);
    }
    plan(c, &g);
    hover(c, map_frame_at(&g, x, y));
}
