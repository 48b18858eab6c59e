/* SPDX-License-Identifier: MIT */
/* Draws the policy in force: its line of explanation, its thresholds, and
 * sliders for the pace and the kernel's tunables (knobs.c). Each move of a
 * slider, by pointer or key, is one command of the monitor. */
#include "panel/tabs/knobs.h"

/* ---- places of the parts, for drawing and pointer alike ------------------ */

struct places {
    struct draw g; /* with text as large as suits the tab */
    struct rect head, gauges, list;
    int each, names, values; /* each: a row's height; names, values: widths */
    unsigned n, rows, first;
};

static const char *headline_text(const struct ins_display *d)
{
    const char *line = d->policy_line;
    return !*d->policy ? "No kernel reports a policy"
           : !*line || !strcmp(line, d->policy)
               ? phrase("Policy %s", d->policy)
               : phrase("%s: %s", d->policy, line);
}

/* Sets widths. Values get at most 3/8 of a row; names 3/8 or, if more, all that
 * values and the least track leave. Terminal: values half, names the rest. */
static void widths(struct places *p)
{
    const struct ins_display *d = p->g.d;
    for (unsigned i = 0; i < p->n; i++) {
        struct scale s = knob_scale(d, i);
        s64 value = knob_value(d, i);
        const s64 longest[] = {p->g.l.edge ? s.min : value,
                               p->g.l.edge ? s.max : value, value};
        int w = font_width(p->g.bold, knob_name(d, i));
        p->names = w > p->names ? w : p->names;
        for (unsigned k = 0; k < ARRAY_LEN(longest); k++) {
            w = font_width(p->g.sans,
                           knob_text_in_force(d, i, longest[k], false));
            p->values = w > p->values ? w : p->values;
        }
    }
    bool cells = !p->g.l.edge; /* a terminal's tracks get only the rest */
    int most = cells ? p->list.w / 2 : p->list.w * 3 / 8;
    p->values = p->values < most ? p->values : most;
    int rest = p->list.w - p->values - 3 * p->g.pad;
    rest -= cells ? 0 : 3 * p->g.lh;
    most = most < rest || cells ? rest : most;
    p->names = p->names < most ? p->names : most;
}

static struct places places_of(const struct draw *g)
{
    struct rect r = pane_inside(g, PANE_POLICY);
    struct places p = {.g = larger(g, r, 10, 70), .n = knobs(g->d)};
    int lh = p.g.lh, pad = p.g.pad;
    p.head = rect_take(&r, headline_high(&p.g, r, 4, headline_text(g->d)));
    p.gauges = rect_take(&r, r.h - pad / 2 >= 4 * lh ? lh : 0);
    rect_take(&r, pad / 2);
    p.list = r;
    p.each = lh + pad / 4;
    p.rows = p.list.h > 0 ? (unsigned)(p.list.h / p.each) : 0;
    p.list.h = (int)p.rows * p.each;
    unsigned most = p.n > p.rows ? p.n - p.rows : 0;
    p.first = g->v->scroll[PANE_POLICY];
    p.first = p.first < most ? p.first : most;
    widths(&p);
    return p;
}

/* Returns the track of slider i, which must be in sight. */
static struct rect track_of(const struct places *p, unsigned i)
{
    int left = p->names + p->g.pad, right = p->values + 2 * p->g.pad;
    return rect(p->list.x + left, p->list.y + (int)(i - p->first) * p->each,
                p->list.w - left - right, p->g.lh);
}

/* Returns the slider whose track is at a pixel; -1: none. */
static int slider_at(const struct places *p, int x, int y)
{
    for (unsigned i = p->first; i < p->n && i < p->first + p->rows; i++) {
        struct rect t = track_of(p, i);
        t.x -= p->g.pad / 2;
        t.w += p->g.pad;
        if (rect_has(t, x, y))
            return (int)i;
    }
    return -1;
}

static s64 value_at(const struct places *p, unsigned i, int x)
{
    struct scale s = knob_scale(p->g.d, i);
    struct rect t = track_of(p, i);
    s.w = t.w;
    return scale_value(&s, x - t.x);
}

/* ---- drawing ------------------------------------------------------------- */

static void gauges(struct draw *g, struct rect r)
{
    const struct ins_policy *p = &g->d->vm;
    static const char unit[] = " frames";
    int x = r.x;
    EACH(gauge, p->gauge, p->ngauges) {
        u32 colour = gauge_colour(g, gauge);
        const char *text = phrase("%.15s ", gauge->name);
        const char *number = grouped(gauge->value);
        int w = font_width(g->sans, text) + font_width(g->bold, number);
        if (x + w + font_width(g->sans, unit) > r.x + r.w)
            break;
        int end = put_as(g, g->sans, x, r.y, colour ? colour : g->t->dim, text);
        put_bold(g, end, r.y, g->t->ink, number);
        if (knob_plain_name(gauge->name))
            add_line(g, line_at(g, x, r.y, w), "explain %.15s", gauge->name);
        x += w;
        if (!strcmp(gauge->name, "high")) /* the unit of min, low and high */
            x = put_as(g, g->sans, x, r.y, g->t->dim, unit);
        x += 2 * g->pad;
    }
    const char *how = in_cells(g) ? "Tab, ← →" : "drag, or Tab and ← →";
    if (x + font_width(g->sans, how) <= r.x + r.w)
        put_right(g, g->sans, r.x + r.w, r.y, g->t->dim, how);
}

static void draw_track(struct draw *g, struct rect t, unsigned i, s64 value,
                       bool chosen)
{
    struct scale s = knob_scale(g->d, i);
    int thin = g->lh / 6 ? g->lh / 6 : 1, knob = g->lh / 3;
    s.w = t.w;
    if (s.w < 2 * knob)
        return;
    int at = t.x + scale_place(&s, value), middle = t.y + t.h / 2;
    u32 colour = chosen ? g->t->accent : g->t->data[0];
    fill(g, t.x, middle - thin / 2, t.w, thin, g->t->rule);
    fill(g, t.x, middle - thin / 2, at - t.x, thin, colour);
    if (i) { /* a tick at the value compiled in */
        int x = t.x + scale_place(&s, g->d->tunable[i - 1].preset);
        fill(g, x - g->l.line / 2, t.y + thin, g->l.line, t.h - 2 * thin,
             g->t->dim);
    }
    fill(g, at - knob / 2, t.y + t.h / 6, knob, t.h * 2 / 3, colour);
}

/* If the pointer is on a name that its column cuts, draws the whole name over
 * the slider and returns true. */
static bool whole_name(const struct places *p, struct draw *g, unsigned i,
                       struct rect at)
{
    const char *name = knob_name(g->d, i);
    struct rect row = {at.x, at.y, p->list.w - g->pad, at.h};
    if (!rect_has(at, g->v->pointer_x, g->v->pointer_y) ||
        font_width(g->sans, name) <= p->names)
        return false;
    fb_fill(g->fb, row, g->t->band);
    put_in(g, g->sans, row, g->t->ink, name);
    return true;
}

static void draw_slider(const struct places *p, struct draw *g, unsigned i)
{
    const struct ins_display *d = g->d;
    bool chosen = (int)i == g->v->slider, moving = chosen && g->v->sliding;
    s64 value = moving ? g->v->slide_to : knob_value(d, i);
    struct rect t = track_of(p, i);
    const char *name = knob_name(d, i);
    bool preset = !i || value == d->tunable[i - 1].preset;
    if (chosen)
        fill(g, p->list.x - g->pad / 2, t.y, p->list.w - g->pad / 2, g->lh,
             g->t->band);
    put_fit(g, chosen ? g->bold : g->sans, p->list.x, t.y, p->names,
            chosen ? g->t->accent : g->t->ink, name);
    struct rect at = line_at(g, p->list.x, t.y, p->names);
    if (i && knob_plain_name(name))
        add_line(g, at, "explain %.40s", name);
    else
        add_term(g, at, i ? "policy" : "pace");
    if (i && d->tunable[i - 1].pa)
        add_why(g, line_at(g, p->list.x, t.y, p->list.w), "pa:0x%llx",
                d->tunable[i - 1].pa);
    if (whole_name(p, g, i, at))
        return;
    draw_track(g, t, i, value, chosen);
    const char *text = knob_text_in_force(d, i, value, false);
    if (font_width(g->sans, text) > p->values)
        text = knob_text_in_force(d, i, value, true);
    put_clauses(g, preset && !chosen ? g->sans : g->bold, t.x + t.w + g->pad,
                t.y, p->values, preset && !moving ? g->t->dim : g->t->ink,
                text);
}

void draw_policy(struct draw *from, struct rect r)
{
    (void)r; /* places_of takes it from the layout */
    struct places p = places_of(from);
    struct draw *g = &p.g;
    struct rect head = pane_inside(from, PANE_POLICY);
    headline_say(g, &head, 4, g->t->ink, headline_text(g->d));
    add_policy(g, p.head);
    if (p.gauges.h)
        gauges(g, p.gauges);
    scrolled(g, PANE_POLICY, p.list, p.n, p.rows);
    for (unsigned i = p.first; i < p.n && i < p.first + p.rows; i++)
        draw_slider(&p, g, i);
}

/* ---- mouse and keys ------------------------------------------------------ */

bool pointer_policy(struct draw *g, struct controls *c, enum pointer what,
                    int x, int y)
{
    struct view *v = c->v;
    if (what == POINTER_MOVE)
        return false;
    if (!g->l.at[PANE_POLICY].w) { /* another tab was opened during the drag */
        v->sliding = false;
        return false;
    }
    struct places p = places_of(g);
    if (what == POINTER_PRESS) {
        int i = slider_at(&p, x, y);
        v->sliding = i >= 0;
        if (i < 0)
            return false;
        v->slider = i;
    }
    if (!v->sliding || v->slider < 0 || v->slider >= (int)p.n)
        return false;
    v->slide_to = value_at(&p, (unsigned)v->slider, x);
    if (what == POINTER_RELEASE) {
        v->sliding = false;
        knob_set(c, (unsigned)v->slider, v->slide_to);
    }
    return true;
}

void policy_next(struct controls *c)
{
    struct view *v = c->v;
    struct draw g;
    v->tab = PANE_POLICY;
    v->sliding = false;
    if (++v->slider >= (int)knobs(c->d))
        v->slider = -1;
    draw_plan(&g, c->w, c->h, c->d, v);
    if (v->slider < 0 || !g.l.at[PANE_POLICY].w)
        return;
    struct places p = places_of(&g);
    unsigned *at = &v->scroll[PANE_POLICY], i = (unsigned)v->slider;
    if (i < p.first)
        *at = i;
    else if (p.rows && i >= p.first + p.rows)
        *at = i - p.rows + 1;
}

void policy_move(struct controls *c, int steps)
{
    unsigned i = (unsigned)c->v->slider;
    if (c->v->slider < 0 || i >= knobs(c->d) || c->v->sliding)
        return;
    if (!i) {
        policy_pace(c, steps);
        return;
    }
    struct scale s = knob_scale(c->d, i);
    knob_set(c, i, scale_step(&s, knob_value(c->d, i), steps));
}
