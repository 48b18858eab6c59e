/* SPDX-License-Identifier: MIT */
/* Computes the places of the panes; see layout.h. */
#include "panel/draw/layout.h"
#include "panel/draw/phrase.h"

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

/* Returns the largest cells with which the grid fits in w x h pixels. Sides are
 * whole pixels and at most 2:1, unless some cells have to share a pixel. */
static struct cells cells_fit(const struct grid *g, int w, int h)
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

/* Returns the length of n cells in pixels; each has size >> shift pixels. */
static int cells_size(u32 n, int size, int shift)
{
    return (int)(((s64)n * size + (1 << shift) - 1) >> shift);
}

/* ---- sizes of text ------------------------------------------------------- */

/* Returns the window's text size in dots; 0 if `steps` make it too small. */
static int text_px(int w, int h, int scale, int steps)
{
    int px = w / 98 < h / 61 ? w / 98 : h / 61;
    int floor = 12 * scale / 100;
    px = px < floor ? floor : px;
    px += steps * (px >= 16 ? px / 8 : 1);
    return px < TEXT_LEAST * scale / 100 ? 0 : px;
}

void layout_text(struct layout *l, int px)
{
    l->px = px;
    l->lh = (px * 21 + 8) / 16;
    l->pad = l->gap = px / 2;
    l->digit = (px * 41 + 32) / 64; /* DejaVu Sans: .636 em */
    l->thin = l->digit / 2;
    l->big = px * 5 / 4;
    l->hair = px / 12 < 1 ? 1 : px / 12;
    l->line = px / 8 < 1 ? 1 : px / 8;
    l->stroke = px / 6 < 2 ? 2 : px / 6;
    l->edge = l->unit = l->tab_lines = 1;
}

/* Sets a terminal's sizes: a character is a pixel wide and two high. */
static void layout_cells(struct layout *l)
{
    *l = (struct layout){.px = 1,
                         .lh = 2,
                         .pad = 1,
                         .digit = 1,
                         .thin = 1,
                         .big = 1,
                         .hair = 1,
                         .line = 1,
                         .stroke = 2,
                         .tab_lines = 1,
                         .unit = 2};
}

static int whole_lines(const struct layout *l, int h)
{
    return h - h % l->unit;
}

/* Returns a pane's least height: less in a terminal, whose lines are few. */
static int least_high(const struct layout *l, enum pane_id id)
{
    int lines = least[id].lines;
    if (l->unit > 1 && id != PANE_LEGEND)
        lines = id == PANE_TIME ? 3 : lines * 3 / 4;
    return lines * l->lh;
}

static int pane_high(const struct layout *l, enum pane_id id)
{
    int title = id == PANE_DETAIL ? l->tab_lines : 1;
    return least_high(l, id) + title * l->lh + l->gap;
}

static int pane_wide(const struct layout *l, enum pane_id id)
{
    int pads = l->unit > 1 && id == PANE_SLOTS ? 0 : 2 * l->pad;
    return least[id].em * l->digit + pads;
}

/* ---- the right side ------------------------------------------------------ */

/* The panes of the right side, from top to bottom. Each gets its least height
 * and its share of the height that remains. */
static const struct {
    enum pane_id id;
    int share;
} stack[] = {
    {PANE_CARD, 0}, {PANE_DETAIL, 6}, {PANE_FRAME, 2}, {PANE_SPACES, 2}};

static int stack_least(const struct layout *l, enum pane_id id, int card)
{
    int high = pane_high(l, id);
    return id == PANE_CARD && high < card ? card : high;
}

/* Places the panes of `set` in r. If r has no room for all, it leaves out
 * SPACES, then also `second`. Returns false if the others do not fit either, or
 * if only the card is left. card: the card's least height. */
static bool stack_lay(struct layout *l, unsigned set, struct rect r, int card,
                      enum pane_id second)
{
    const enum pane_id goes[] = {PANE_SPACES, second};
    struct rect *last = NULL;
    int spare, shares;
    for (unsigned k = 0;; k++) {
        spare = r.h;
        shares = 0;
        EACH(p, stack, ARRAY_LEN(stack))
            if (set >> p->id & 1) {
                spare -= stack_least(l, p->id, card);
                shares += p->share;
            }
        if (spare >= 0 || k == ARRAY_LEN(goes))
            break;
        set &= ~(1u << goes[k]);
    }
    if (spare < 0 || !shares)
        return false;
    EACH(p, stack, ARRAY_LEN(stack))
        if (set >> p->id & 1) {
            int more = whole_lines(l, spare * p->share / shares);
            last = &l->at[p->id];
            *last = rect_take(&r, stack_least(l, p->id, card) + more);
        }
    last->h += r.h;
    return true;
}

static void open_tab(struct layout *l, enum pane_id tab)
{
    struct rect d = l->at[PANE_DETAIL];
    int names = l->tab_lines * l->lh + l->gap;
    if (d.w)
        l->at[tab] = rect(d.x, d.y + names, d.w, d.h - names);
}

/* Returns the least height that has room for all panes of the right side. */
static int right_least(const struct layout *l)
{
    return pane_high(l, PANE_CARD) + pane_high(l, PANE_DETAIL) +
           pane_high(l, PANE_FRAME) + pane_high(l, PANE_SPACES);
}

/* Returns the height that the panes of the right side leave of `high`. If they
 * do not all fit, SPACES is not counted; the result may be negative. */
static int right_spare(const struct layout *l, int high)
{
    int spare = high - right_least(l);
    return spare < 0 ? spare + pane_high(l, PANE_SPACES) : spare;
}

/* True if a window's tab names, about 76 digits wide, fit into two lines, not
 * into one, and the second line costs no pane its place. */
static bool two_lines_of_tabs(const struct layout *l, struct rect r)
{
    return l->unit == 1 && r.w > 42 * l->digit && r.w < 78 * l->digit &&
           right_spare(l, r.h) >= l->lh;
}

/* Returns the height that the time axis may take from the right side r: `most`,
 * or, if r is wide or too low for all panes, a smaller spare height >= 0. */
static int time_most(const struct layout *l, struct rect r, int most)
{
    int right = right_spare(l, r.h) - (two_lines_of_tabs(l, r) ? l->lh : 0);
    bool first = r.h < right_least(l) || r.w >= 2 * pane_wide(l, PANE_FRAME);
    return whole_lines(l, first && right >= 0 && right < most ? right : most);
}

static bool right_side(struct layout *l, struct rect r, struct wanted want)
{
    unsigned set = 1u << PANE_CARD;
    int card = want.card * l->lh;
    if (!want.big_frame && !want.tab_below)
        set |= 1u << PANE_DETAIL;
    if (!want.big_detail)
        set |= 1u << PANE_FRAME;
    if (!want.big_detail && !want.big_frame)
        set |= 1u << PANE_SPACES;
    if (r.w < pane_wide(l, PANE_FRAME))
        return false;
    bool detail = want.detail_first || want.big_detail;
    if (!(detail && stack_lay(l, set, r, card, PANE_FRAME)) &&
        !stack_lay(l, set, r, card, PANE_DETAIL))
        return false;
    open_tab(l, want.tab);
    return true;
}

/* ---- the whole ----------------------------------------------------------- */

/* Returns the most of the width `all` that map and slots may have: half; more
 * if 80 columns of the console fit beside them; less if the frame pane would
 * get less than its least width. In a terminal, whose console can lie below the
 * map, only the frame pane counts. */
static int most_wide(const struct layout *l, int all)
{
    int console = 80 * ((l->px * 77 + 64) / 128) + 3 * l->pad;
    int most = all / 2 > all - console ? all / 2 : all - console;
    int frame = all - pane_wide(l, PANE_FRAME) - l->pad;
    return most < frame && l->unit == 1 ? most : frame;
}

/* Returns the largest cells with which the map fits in a square within w x h.
 * With `letters` it may fill w x h, and the height of its cells is even. */
static struct cells map_cells_fit(const struct grid *g, int w, int h,
                                  bool letters)
{
    int side = w < h ? w : h;
    struct cells c =
        letters ? cells_fit(g, w, h / 2) : cells_fit(g, side, side);
    c.h *= letters ? 2 : 1;
    return c;
}

/* Returns the legend's height. In a terminal a narrow map makes it higher. */
static int legend_high(const struct layout *l, int map)
{
    int more = l->unit > 1 && map < 60 ? l->lh : 0;
    return least_high(l, PANE_LEGEND) + more + l->gap;
}

/* Places map, slots and legend at the left of r, and makes r the part right of
 * them. False if they do not fit. */
static bool left_side(struct layout *l, struct rect *r, const struct grid *g,
                      bool letters)
{
    int slots = pane_wide(l, PANE_SLOTS), title = l->lh;
    int most = most_wide(l, r->w) - slots, w = most;
    for (unsigned i = 0; i < 2; i++) { /* a narrow map has a higher legend */
        int high = r->h - title - legend_high(l, w);
        if (most < 8 * l->lh || high < 8 * l->lh)
            return false;
        l->cells = map_cells_fit(g, most, high, letters);
        w = cells_size(g->cols, l->cells.w, l->cells.sx);
    }
    int h = cells_size(g->rows, l->cells.h, l->cells.sy);
    h += h % l->unit;
    int wide = pane_wide(l, PANE_LEGEND); /* room for the legend's words */
    wide = wide > w ? wide : w;
    if (wide + slots > r->w - pane_wide(l, PANE_FRAME))
        return false;
    l->at[PANE_MAP] = rect(r->x, r->y + title, w, h);
    l->at[PANE_SLOTS] = rect(r->x + w, r->y, slots, title + h);
    l->at[PANE_LEGEND] = rect(r->x, r->y + title + h + l->pad / 2, wide + slots,
                              r->h - title - h - l->pad / 2);
    int used = wide + slots + l->pad;
    *r = rect(r->x + used, r->y, r->w - used, r->h);
    return true;
}

/* Returns the time axis's height: a quarter of the window, with limits. */
static int time_high(const struct layout *l, int h)
{
    int least = pane_high(l, PANE_TIME), most = least + 5 * l->lh;
    int want = h / 4;
    return want < least ? least : want > most ? most : whole_lines(l, want);
}

/* Places the panes of the body. Cells of the map have whole pixels; the height
 * that they leave over goes to the time axis. False if the panes do not fit. */
static bool plan(struct layout *l, struct rect body, const struct grid *g,
                 struct wanted want, int time)
{
    struct rect rest = body;
    rest.h -= time + l->pad / 2;
    if (!left_side(l, &rest, g, want.pixels == LETTERS))
        return false;
    int legend = legend_high(l, l->at[PANE_MAP].w);
    int spare = l->at[PANE_LEGEND].h - legend;
    int most = time_most(l, rest, time / 2); /* at most half as high again */
    spare = spare < most ? spare : most;
    l->at[PANE_LEGEND].h -= spare;
    rest.h -= spare;
    if (two_lines_of_tabs(l, rest))
        l->tab_lines = 2;
    time += spare;
    l->at[PANE_TIME] =
        rect(body.x, body.y + body.h - time, time ? body.w : 0, time);
    return right_side(l, rest, want);
}

/* Places the console below a terminal's map, because 80 columns do not fit next
 * to the map: in the lower half, or in fewer lines if they hold it. The legend
 * is left out if the panes do not fit with it or the map is larger without it;
 * then FRAME and SPACES may follow the card. On entry *l has bar and hints. */
static void console_below(struct layout *l, struct rect body,
                          const struct grid *g, struct wanted want)
{
    struct layout bare = *l;
    struct rect strip = body, top = body;
    int most = (TERM_ROWS + 1) * l->lh; /* with the tabs' names */
    strip.h = whole_lines(l, body.h / 2);
    strip.h = strip.h < most ? strip.h : most;
    strip.y += body.h - strip.h;
    top.h -= strip.h;
    want.big_detail = want.big_frame = false;
    want.tab_below = true;
    bool legend = plan(l, top, g, want, 0);
    struct cells beside = l->cells;
    *l = bare;
    top.h += legend_high(l, 0);
    plan(l, top, g, want, 0);
    if (legend && !memcmp(&beside, &l->cells, sizeof beside)) {
        *l = bare;
        top.h -= legend_high(l, 0);
        plan(l, top, g, want, 0);
    } else {
        l->at[PANE_LEGEND].w = l->at[PANE_FRAME].w = l->at[PANE_SPACES].w = 0;
        struct rect right = l->at[PANE_CARD];
        right.h = strip.y - right.y;
        right_side(l, right, want);
    }
    l->at[PANE_DETAIL] = strip;
    open_tab(l, PANE_CONSOLE);
}

/* Places all panes. In a low terminal the time axis is lower or left out, so
 * that the map keeps its cells. */
static void plan_terminal(struct layout *l, int w, int h, const struct grid *g,
                          struct wanted want)
{
    layout_cells(l);
    int line = l->lh;
    struct rect body = {0, line, w, h - 2 * line};
    l->at[PANE_BAR] = rect(0, 0, w, line);
    l->at[PANE_HINTS] = rect(0, h - line, w, line);
    struct layout most = *l, low = *l, bare = *l;
    plan(&most, body, g, want, 0);
    bool fits = false;
    int least = pane_high(l, PANE_TIME);
    for (int time = time_high(l, h); !fits && time >= least; time -= line) {
        low = *l;
        fits = plan(&low, body, g, want, time) &&
               !memcmp(&low.cells, &most.cells, sizeof most.cells);
    }
    *l = fits ? low : most;
    if (want.tab == PANE_CONSOLE && l->at[PANE_CONSOLE].w < TERM_COLUMNS) {
        *l = bare;
        console_below(l, body, g, want);
    }
}

static bool plan_window(struct layout *l, int w, int h, const struct grid *g,
                        struct wanted want, int px)
{
    if (px < TEXT_LEAST)
        return false;
    *l = (struct layout){0};
    layout_text(l, px);
    int bar = l->lh + l->pad, margin = l->pad;
    l->at[PANE_BAR] = rect(0, 0, w, bar);
    l->at[PANE_HINTS] = rect(0, h - bar, w, bar);
    struct rect body = {margin, bar + margin / 2, w - 2 * margin,
                        h - 2 * bar - margin};
    return plan(l, body, g, want, time_high(l, h));
}

int layout_make(struct layout *l, int w, int h, const struct grid *g,
                struct wanted want)
{
    if (want.pixels != PIXELS) {
        plan_terminal(l, w, h, g, want);
        return 0;
    }
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
