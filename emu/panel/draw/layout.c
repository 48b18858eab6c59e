/* SPDX-License-Identifier: MIT */
/* The places of the panes; see layout.h. */
#include "panel/draw/layout.h"

static const struct {
    int em, lines;
} least[PANES] = {
#define PANE(id, name, key, em, lines, pointer, wheel, title, sentence)        \
    [PANE_##id] = {em, lines},
#include "panel/panes.def"
};

enum { TEXT_LEAST = 10, CELL_MOST = 64 };

/* ---- the map ------------------------------------------------------------- */

static void axis_fit(u32 cells, int room, int most, int *px, unsigned *shrink)
{
    *px = 1;
    for (*shrink = 0; (int)(cells >> *shrink) > room;)
        ++*shrink;
    if (!*shrink && cells)
        *px = room / (int)cells;
    *px = *px < 1 ? 1 : *px > most ? most : *px;
}

struct cells cells_fit(const struct grid *g, int w, int h)
{
    struct cells c;
    axis_fit(g->cols, w, CELL_MOST, &c.w, &c.sx);
    axis_fit(g->rows, h, CELL_MOST, &c.h, &c.sy);
    if (!c.sx && c.h > 2 * c.w)
        c.h = 2 * c.w;
    if (!c.sy && c.w > 2 * c.h)
        c.w = 2 * c.h;
    return c;
}

static int cells_wide(const struct cells *c, const struct grid *g)
{
    return (int)(((s64)g->cols * c->w + (1 << c->sx) - 1) >> c->sx);
}

static int cells_high(const struct cells *c, const struct grid *g)
{
    return (int)(((s64)g->rows * c->h + (1 << c->sy) - 1) >> c->sy);
}

/* ---- sizes of text ------------------------------------------------------- */

/* A size of text that suits the window, in the screen's dots. */
static int text_px(int w, int h, int scale, int steps)
{
    int px = w / 98 < h / 61 ? w / 98 : h / 61;
    int floor = 12 * scale / 100;
    px = px < floor ? floor : px;
    px += steps * (px >= 16 ? px / 8 : 1);
    return px < TEXT_LEAST * scale / 100 ? 0 : px;
}

static void metrics(struct layout *l, int px)
{
    *l = (struct layout){.px = px};
    l->lh = (px * 21 + 8) / 16;
    l->pad = px / 2;
    l->digit = (px * 41 + 32) / 64; /* DejaVu Sans: .636 em */
    l->big = px * 5 / 4;
}

static int pane_high(const struct layout *l, enum pane_id id)
{
    return least[id].lines * l->lh + l->lh + l->pad; /* with its title */
}

static int pane_wide(const struct layout *l, enum pane_id id)
{
    return least[id].em * l->digit + 2 * l->pad;
}

/* ---- the right side ------------------------------------------------------ */

/* Panes below each other: each gets its least height, and its share of the
 * rest. */
struct stack {
    unsigned n;
    struct {
        enum pane_id id;
        int share, least;
    } pane[5];
};

static int stack_least(const struct stack *s)
{
    int sum = 0;
    for (unsigned i = 0; i < s->n; i++)
        sum += s->pane[i].least;
    return sum;
}

static void stack_add(struct layout *l, struct stack *s, enum pane_id id,
                      int share)
{
    s->pane[s->n].id = id;
    s->pane[s->n].share = share;
    s->pane[s->n++].least = pane_high(l, id);
}

static void stack_drop(struct stack *s, enum pane_id id)
{
    unsigned n = 0;
    for (unsigned i = 0; i < s->n; i++)
        if (s->pane[i].id != id)
            s->pane[n++] = s->pane[i];
    s->n = n;
}

/* If there is no room for all panes, SPACES is left out, then `second`. */
static bool stack_lay(struct layout *l, const struct stack *all, struct rect r,
                      enum pane_id second)
{
    const enum pane_id goes[] = {PANE_SPACES, second};
    struct stack left = *all, *s = &left;
    for (unsigned i = 0; i < ARRAY_LEN(goes) && stack_least(s) > r.h; i++)
        stack_drop(s, goes[i]);
    int spare = r.h - stack_least(s), shares = 0, y = r.y;
    for (unsigned i = 0; i < s->n; i++)
        shares += s->pane[i].share;
    if (spare < 0 || !shares)
        return false;
    for (unsigned i = 0; i < s->n; i++) {
        int h = s->pane[i].least + spare * s->pane[i].share / shares;
        if (i == s->n - 1)
            h = r.y + r.h - y;
        l->at[s->pane[i].id] = (struct rect){r.x, y, r.w, h};
        y += h;
    }
    return true;
}

static bool right_side(struct layout *l, struct rect r, struct wanted want)
{
    struct stack s = {0};
    stack_add(l, &s, PANE_CARD, 0);
    if (!want.big_frame)
        stack_add(l, &s, PANE_DETAIL, 6);
    if (!want.big_detail)
        stack_add(l, &s, PANE_FRAME, 2);
    if (!want.big_detail && !want.big_frame)
        stack_add(l, &s, PANE_SPACES, 2);
    if (r.w < pane_wide(l, PANE_FRAME))
        return false;
    bool detail = want.detail_first || want.big_detail;
    if (!(detail && stack_lay(l, &s, r, PANE_FRAME)) &&
        !stack_lay(l, &s, r, PANE_DETAIL))
        return false;
    struct rect d = l->at[PANE_DETAIL];
    if (d.w) /* below the tabs' names */
        l->at[want.tab] =
            (struct rect){d.x, d.y + l->lh + l->pad, d.w, d.h - l->lh - l->pad};
    return true;
}

/* ---- the whole ----------------------------------------------------------- */

/* The most of the width `all` that map and slots may take: half, or more if 80
 * columns of the console fit beside them, or less if the frame pane would get
 * less than its least. */
static int most_wide(const struct layout *l, int all)
{
    int console = 80 * ((l->px * 77 + 64) / 128) + 3 * l->pad;
    int most = all / 2 > all - console ? all / 2 : all - console;
    int frame = all - pane_wide(l, PANE_FRAME) - l->pad;
    return most < frame ? most : frame;
}

/* Places map, slots and legend at the left of r; r becomes the part right of
 * them. */
static bool left_side(struct layout *l, struct rect *r, const struct grid *g)
{
    int slots = pane_wide(l, PANE_SLOTS), title = l->lh;
    int legend = least[PANE_LEGEND].lines * l->lh + l->pad;
    int high = r->h - title - legend;
    int most = most_wide(l, r->w) - slots;
    if (most < 8 * l->lh || high < 8 * l->lh)
        return false;
    int side = most < high ? most : high;
    l->cells = cells_fit(g, side, side);
    int w = cells_wide(&l->cells, g), h = cells_high(&l->cells, g);
    int wide = pane_wide(l, PANE_LEGEND); /* the legend needs its words */
    wide = wide > w ? wide : w;
    if (wide + slots > r->w - pane_wide(l, PANE_FRAME))
        return false;
    l->at[PANE_MAP] = (struct rect){r->x, r->y + title, w, h};
    l->at[PANE_SLOTS] = (struct rect){r->x + w, r->y, slots, title + h};
    l->at[PANE_LEGEND] =
        (struct rect){r->x, r->y + title + h + l->pad / 2, wide + slots,
                      r->h - title - h - l->pad / 2};
    int used = wide + slots + l->pad;
    *r = (struct rect){r->x + used, r->y, r->w - used, r->h};
    return true;
}

/* A quarter of the window, up to a line for each row. */
static int time_high(const struct layout *l, int h)
{
    int least = pane_high(l, PANE_TIME), most = least + 5 * l->lh;
    int want = h / 4;
    return want < least ? least : want > most ? most : want;
}

/* Height that the map's whole pixels leave over goes to the time axis. */
static bool plan(struct layout *l, struct rect body, const struct grid *g,
                 struct wanted want, int time)
{
    struct rect rest = body;
    rest.h -= time + l->pad / 2;
    if (!left_side(l, &rest, g))
        return false;
    int legend = least[PANE_LEGEND].lines * l->lh + l->pad;
    int spare = l->at[PANE_LEGEND].h - legend, most = time / 2;
    spare = spare < most ? spare : most; /* no more than half as high again */
    l->at[PANE_LEGEND].h -= spare;
    rest.h -= spare;
    time += spare;
    l->at[PANE_TIME] =
        (struct rect){body.x, body.y + body.h - time, body.w, time};
    return right_side(l, rest, want);
}

static bool plan_window(struct layout *l, int w, int h, const struct grid *g,
                        struct wanted want, int px)
{
    if (px < TEXT_LEAST)
        return false;
    metrics(l, px);
    int bar = l->lh + l->pad, margin = l->pad;
    l->at[PANE_BAR] = (struct rect){0, 0, w, bar};
    l->at[PANE_HINTS] = (struct rect){0, h - bar, w, bar};
    struct rect body = {margin, bar + margin / 2, w - 2 * margin,
                        h - 2 * bar - margin};
    return plan(l, body, g, want, time_high(l, h));
}

int layout_make(struct layout *l, int w, int h, const struct grid *g,
                struct wanted want)
{
    w = w < MIN_WIDTH ? MIN_WIDTH : w;
    h = h < MIN_HEIGHT ? MIN_HEIGHT : h;
    int steps = want.steps;
    while (steps > 0 &&
           !plan_window(l, w, h, g, want, text_px(w, h, want.scale, steps)))
        steps--;
    while (steps < 0 && !text_px(w, h, want.scale, steps))
        steps++;
    if (steps <= 0)
        for (int px = text_px(w, h, want.scale, steps);
             px >= TEXT_LEAST && !plan_window(l, w, h, g, want, px);)
            px--;
    return steps;
}
