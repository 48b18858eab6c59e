/* SPDX-License-Identifier: MIT */
/* Draws the frame map, a cell for every physical frame (cells.c), in Morton
 * order or in rows. The wheel zooms at the pointer, a drag moves the part that
 * is seen, a click selects a frame. The title says which part is seen, or which
 * frame or swap slot is under the pointer. */
#include "inspect/words.h"
#include "panel/input/keys.h"
#include "panel/map/map.h"

/* ---- scale --------------------------------------------------------------- */

/* Makes one step of zoom; false: cells have their largest size. */
static bool enlarge(const struct draw *g, struct cells *c)
{
    if (!c->sx && !c->sy && 2 * (c->w > c->h ? c->w : c->h) > 6 * g->l.px)
        return false;
    if (c->sx)
        c->sx--;
    else
        c->w *= 2;
    if (c->sy)
        c->sy--;
    else
        c->h *= 2;
    return true;
}

struct cells map_cells(const struct draw *g)
{
    struct cells c = g->l.cells;
    for (unsigned z = g->v->zoom; z && enlarge(g, &c);)
        z--;
    return c;
}

static s64 bounded(s64 at, s64 most, unsigned shrink)
{
    at = at > most ? most : at;
    return at < 0 ? 0 : at & ~((s64)(1u << shrink) - 1);
}

/* Limits zoom and the part that is seen to the grid. */
static void clamp_view(const struct draw *g)
{
    struct view *v = g->v;
    struct cells c = g->l.cells;
    unsigned zoom = 0;
    while (zoom < v->zoom && enlarge(g, &c))
        zoom++;
    v->zoom = zoom;
    struct rect m = g->l.at[PANE_MAP];
    s64 across = ((s64)m.w << c.sx) / c.w, down = ((s64)m.h << c.sy) / c.h;
    v->left = bounded(v->left, (s64)g->grid.cols - across, c.sx);
    v->top = bounded(v->top, (s64)g->grid.rows - down, c.sy);
}

static bool place_at(const struct draw *g, int x, int y, s64 *col, s64 *row)
{
    struct rect m = g->l.at[PANE_MAP];
    struct cells c = map_cells(g);
    if (!rect_has(m, x, y))
        return false;
    *col = g->v->left + ((s64)(x - m.x) << c.sx) / c.w;
    *row = g->v->top + ((s64)(y - m.y) << c.sy) / c.h;
    return true;
}

s64 map_frame_at(const struct draw *g, int x, int y)
{
    s64 col, row;
    u64 pfn;
    if (!place_at(g, x, y, &col, &row) ||
        !grid_frame(&g->grid, (u32)col, (u32)row, &pfn))
        return NO_FRAME;
    return (s64)pfn;
}

struct rect map_cell(const struct draw *g, u64 pfn)
{
    struct rect m = g->l.at[PANE_MAP];
    struct cells c = map_cells(g);
    u32 col, row;
    int gap = cells_gap(&c);
    grid_place(&g->grid, pfn, &col, &row);
    s64 x = (((s64)col - g->v->left) >> c.sx) * c.w;
    s64 y = (((s64)row - g->v->top) >> c.sy) * c.h;
    return rect(m.x + (int)x, m.y + (int)y, c.w - gap, c.h - gap);
}

bool place_frame(struct draw *g, u64 pfn, struct rect *r)
{
    struct rect m = g->l.at[PANE_MAP];
    if (pfn >= g->d->nframes || m.w <= 0)
        return false;
    *r = map_cell(g, pfn);
    return rect_has(m, r->x, r->y);
}

/* ---- the mouse ----------------------------------------------------------- */

void wheel_map(struct draw *g, struct controls *c, int steps, int x, int y)
{
    struct view *v = c->v;
    struct rect m = g->l.at[PANE_MAP];
    for (; steps; steps += steps > 0 ? -1 : 1) {
        s64 col, row;
        struct cells now = map_cells(g);
        if (!place_at(g, x, y, &col, &row) || (steps < 0 && !v->zoom) ||
            (steps > 0 && !enlarge(g, &now)))
            return;
        v->zoom += steps > 0 ? 1u : -1u;
        now = map_cells(g);
        v->left = col - ((s64)(x - m.x) << now.sx) / now.w;
        v->top = row - ((s64)(y - m.y) << now.sy) / now.h;
        clamp_view(g);
    }
}

static void drag(struct draw *g, struct controls *c, int x, int y)
{
    struct cells k = map_cells(g);
    c->v->left = c->press_left - ((s64)(x - c->press_x) << k.sx) / k.w;
    c->v->top = c->press_top - ((s64)(y - c->press_y) << k.sy) / k.h;
    clamp_view(g);
}

bool pointer_map(struct draw *g, struct controls *c, enum pointer what, int x,
                 int y)
{
    s64 pfn = map_frame_at(g, x, y);
    int dx = x - c->press_x, dy = y - c->press_y;
    if (what == POINTER_MOVE)
        controls_hover(c, pfn);
    else if (what == POINTER_DRAG)
        drag(g, c, x, y);
    else if (what == POINTER_RELEASE && dx * dx + dy * dy <= 16 &&
             c->v->left == c->press_left && c->v->top == c->press_top)
        controls_select_frame(c, pfn == c->v->pinned ? NO_FRAME : pfn);
    return true;
}

/* ---- the title ----------------------------------------------------------- */

static const char *binary_size(u64 bytes)
{
    static const char *const unit[] = {"KiB", "MiB", "GiB", "TiB"};
    unsigned i = 0;
    for (bytes >>= 10; i < 3 && bytes >= 1024 && bytes % 1024 == 0; i++)
        bytes >>= 10;
    return phrase("%llu %s", bytes, unit[i]);
}

enum { FORMS = 4 };

/* Describes the map; form 0 is the longest. */
static const char *about_all(const struct draw *g, unsigned form)
{
    const char *frames = grouped(g->d->nframes);
    const char *size = binary_size(g->d->nframes * PAGE_BYTES);
    const char *how = form ? ""
                      : g->v->heat
                          ? "; bright: used lately, dark blue: long ago"
                      : g->grid.linear ? "; in rows, by their numbers"
                                       : "";
    return form < 2   ? phrase("%s frames of 4 KiB, %s%s", frames, size, how)
           : form < 3 ? phrase("%s frames, %s", frames, size)
                      : size;
}

/* Describes a terminal's map, where frames share a place or fill several. */
static const char *about_cells(const struct draw *g, unsigned form)
{
    struct cells c = g->l.cells;
    bool letters = g->v->pixels == LETTERS;
    const char *place = letters ? "letter" : "half block";
    int high = letters ? c.h / 2 : c.h;
    unsigned many = 1u << (c.sx + c.sy);
    const char *each =
        c.w * high > 1
            ? phrase("a frame is %d x %d %ss", c.w, high, place)
            : phrase("a %s is %u frame%s", place, many, many > 1 ? "s" : "");
    return form < 1
               ? phrase("%s; %s", binary_size(g->d->nframes * PAGE_BYTES), each)
           : form < 2 ? each
           : form < 3 ? phrase("%u frames each", many)
                      : "";
}

/* Describes the part that is seen, when zoomed. */
static const char *about_part(const struct draw *g, unsigned form)
{
    struct rect m = g->l.at[PANE_MAP];
    struct cells c = map_cells(g);
    u64 across = ((u64)m.w << c.sx) / (u64)c.w, first = 0;
    u64 down = ((u64)m.h << c.sy) / (u64)c.h;
    const char *part = grouped(across * down);
    const char *of = phrase("%s of %s frames", part, grouped(g->d->nframes));
    if (!grid_frame(&g->grid, (u32)g->v->left, (u32)g->v->top, &first))
        first = 0;
    const char *from = frame_number(first);
    return form == 0   ? phrase("%s, from frame %s; Home: all", of, from)
           : form == 1 ? phrase("%s, from %s", of, from)
           : form == 2 ? of
                       : part;
}

static const char *about_frame(const struct draw *g, u64 pfn, unsigned form)
{
    u8 kind = g->d->kind[pfn];
    const char *word =
        kind < FS_COUNT ? ins_states[kind].word : "content unknown";
    const char *number = frame_number(pfn), *hand = hand_words(g, pfn);
    const char *frame = phrase("frame %s", number);
    return hand && form < 2 ? phrase("%s: %s", frame, hand)
           : form < 1       ? phrase("%s, %s, at 0x%llx", frame, word,
                                     RAM_BASE + pfn * PAGE_BYTES)
           : form < 2       ? phrase("%s, %s", frame, word)
           : form < 3       ? frame
                            : number;
}

/* Draws the whole map as a small box, in it the part that is seen. */
static int draw_overview(struct draw *g, int right, int y)
{
    struct cells c = map_cells(g);
    struct rect m = g->l.at[PANE_MAP];
    int side = g->lh - g->lh / 4, w = side, h = side;
    h = (int)((u64)side * g->grid.rows / g->grid.cols);
    h = h < side / 2 ? side / 2 : h > side ? side : h;
    struct rect all = {right - w, y + (g->lh - h) / 2, w, h};
    u64 across = ((u64)m.w << c.sx) / (u64)c.w;
    u64 down = ((u64)m.h << c.sy) / (u64)c.h;
    struct rect part = {all.x + (int)((u64)w * (u64)g->v->left / g->grid.cols),
                        all.y + (int)((u64)h * (u64)g->v->top / g->grid.rows),
                        1 + (int)((u64)w * across / g->grid.cols),
                        1 + (int)((u64)h * down / g->grid.rows)};
    fb_fill(g->fb, all, g->t->band);
    fb_fill(g->fb, rect_cut(part, all), g->t->ink);
    add_key(g, all, KEY_HOME);
    return all.x - g->pad;
}

static void draw_title(struct draw *g, struct rect m)
{
    struct rect line = {m.x, m.y - g->lh, m.w, g->lh};
    int right = line.x + line.w - g->pad / 2;
    fb_clip(g->fb, line);
    add_term(g, line, "frame");
    if (g->v->zoom)
        right = draw_overview(g, right, line.y);
    const char *title = "PHYSICAL MEMORY";
    if (font_width(g->bold, title) > right - line.x)
        title = "MEMORY";
    int x =
        put_fit(g, g->bold, line.x, line.y, right - line.x, g->t->ink, title) +
        2 * g->l.digit;
    bool frame = g->v->hover >= 0 && (u64)g->v->hover < g->d->nframes;
    for (unsigned form = 0; form < FORMS; form++) {
        const char *slot = frame ? NULL : slot_words(g, form);
        const char *text = frame  ? about_frame(g, (u64)g->v->hover, form)
                           : slot ? slot
                           : in_cells(g) ? about_cells(g, form)
                           : g->v->zoom  ? about_part(g, form)
                                         : about_all(g, form);
        if (x + font_width(g->sans, text) > right)
            continue;
        put_as(g, g->sans, x, line.y, frame ? g->t->ink : g->t->dim, text);
        return;
    }
}

/* ---- the whole ----------------------------------------------------------- */

struct rect draw_ring(struct draw *g, struct rect cell, int thick, u32 colour)
{
    if (in_cells(g)) {
        fb_mark(g->fb, cell, colour);
        return cell;
    }
    int least = g->l.px / 2, hair = g->l.hair;
    int dx = cell.w < least ? (least - cell.w + 1) / 2 : hair;
    int dy = cell.h < least ? (least - cell.h + 1) / 2 : hair;
    struct rect r = {cell.x - dx, cell.y - dy, cell.w + 2 * dx,
                     cell.h + 2 * dy};
    if (dx == hair && dy == hair) /* an edge inside, in the gap */
        for (int i = 0; i < hair; i++)
            fb_frame(g->fb, rect_inset(r, i), g->t->page);
    for (int i = 0; i < thick; i++)
        fb_frame(g->fb, r = rect_inset(r, -1), colour);
    for (int i = 0; i < hair; i++)
        fb_frame(g->fb, r = rect_inset(r, -1), g->t->page);
    return r;
}

static void outline(struct draw *g, s64 pfn, int thick, u32 colour)
{
    struct rect r;
    if (pfn >= 0 && place_frame(g, (u64)pfn, &r))
        draw_ring(g, r, thick, colour);
}

/* Few lit frames among many small cells would be specks. Each is drawn at least
 * 4 pixels large in its bright colour, over its unlit neighbours. */
static void draw_lit_few(struct draw *g)
{
    enum { FEW = 64, LEAST = 4 }; /* FEW: frames per lit frame; LEAST: pixels */
    const u8 *lit = g->d->lit, *at = lit;
    u64 n = g->d->nframes;
    struct cells c = map_cells(g);
    if (!lit || !g->d->nlit || in_cells(g) || g->d->nlit * FEW > n ||
        g->v->heat || (c.w >= LEAST && c.h >= LEAST))
        return;
    for (; at < lit + n && (at = memchr(at, 1, (size_t)(lit + n - at))); at++) {
        u64 pfn = (u64)(at - lit);
        struct rect r = map_cell(g, pfn);
        int w = r.w < LEAST ? LEAST : r.w, h = r.h < LEAST ? LEAST : r.h;
        r = rect(r.x - (w - r.w) / 2, r.y - (h - r.h) / 2, w, h);
        fb_fill(g->fb, r, lit_colour(g, g->d->kind[pfn], true));
    }
}

void draw_map(struct draw *g, struct rect r)
{
    clamp_view(g);
    draw_title(g, r);
    fb_clip(g->fb, r);
    draw_cells(g, r);
    draw_lit_few(g);
    draw_sweeps(g, r);
    draw_hands(g, r);
    int hair = g->l.hair;
    outline(g, g->v->pinned, 2 * hair, g->t->accent);
    if (g->v->hover != g->v->pinned)
        outline(g, g->v->hover, hair, g->t->ink);
}
