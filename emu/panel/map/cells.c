/* SPDX-License-Identifier: MIT */
/* Draws the cells of the frame map. Hue tells a frame's kind, two steps of
 * lightness tell if it was used lately. A cell has at most one mark: I/O, else
 * dirty, else locked. The pixel one right of a cell's left edge, half way down,
 * always has the plain colour: tests sample it. A pixel that stands for several
 * frames shows the most frequent kind, free only if all are free (morton.h). */
#include "inspect/words.h"
#include "panel/map/map.h"

#include <math.h>
#include <stdlib.h>

enum { MARKS_FROM = 6, BORDER_FROM = 4, GAP_FROM = 6 };
enum { KINDS = FS_COUNT + 1, FADED_OF_256 = 200 };
enum mark { PLAIN, LOCKED, DIRTY, IO, MARKS };

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

int cells_gap(const struct cells *c)
{
    int s = smaller(c->w, c->h);
    return s < GAP_FROM ? 0 : 1 + s / 28;
}

static bool has_two_steps(u8 kind) /* others have one colour */
{
    return kind != FS_FREE && kind != FS_ZEROED;
}

u32 kind_colour(const struct draw *g, u8 kind, bool recent)
{
    return kind < FS_COUNT ? g->t->kind[kind][recent || !has_two_steps(kind)]
                           : g->t->unknown;
}

char kind_letter(u8 kind)
{
    return kind < FS_COUNT ? ins_states[kind].glyph : '?';
}

u32 lit_colour(const struct draw *g, u8 kind, bool recent)
{
    return kind == FS_FREE && g->d->nlit
               ? colour_mix(g->t->page, g->t->ink, 150)
               : kind_colour(g, kind, recent);
}

/* A dirty file page needs no mark, as its kind says so. */
static enum mark mark_of(u8 kind, u8 flags)
{
    return flags & FRAME_F_IO                               ? IO
           : flags & FRAME_F_DIRTY && kind != FS_FILE_DIRTY ? DIRTY
           : flags & FRAME_F_LOCKED                         ? LOCKED
                                                            : PLAIN;
}

static void draw_letter(struct draw *g, struct rect at, char c, u32 colour)
{
    struct font *f =
        fonts_get(g->v->fonts, FACE_BOLD, smaller(at.w, at.h) * 3 / 4);
    char text[2] = {c, 0};
    fb_text(g->fb, f, at.x + (at.w - font_width(f, text)) / 2,
            at.y + (at.h - f->height) / 2, colour, text);
}

/* Draws a corner at the top right. */
static void draw_corner(struct draw *g, struct rect at, int n, u32 colour)
{
    for (int i = 0; i < n; i++)
        fill(g, at.x + at.w - n + i, at.y + i, n - i, 1, colour);
}

static void draw_mark(struct draw *g, struct rect at, enum mark mark, u32 under)
{
    int s = smaller(at.w, at.h), n = s / 3 < 2 ? 2 : s / 3;
    u32 ink = colour_glyph(under);
    if (mark == IO)
        for (int i = 0; i < 1 + s / 12; i++)
            fb_frame(g->fb, rect_inset(at, i), g->t->io);
    else if (mark == DIRTY && s >= MARKS_FROM - 1)
        draw_corner(g, at, n, ink);
    else if (mark == LOCKED && s >= MARKS_FROM - 1)
        fill(g, at.x + at.w / 2 - n / 2, at.y + 1, n, n, ink);
}

/* True if the map's cells have room for the kinds' letters: at least 14 pixels,
 * and more than the text's size. */
static bool has_letters(const struct draw *g)
{
    struct cells c = map_cells(g);
    return smaller(c.w, c.h) >= (g->l.px > 13 ? g->l.px + 1 : 14);
}

static void paint_cell(struct draw *g, struct rect at, u8 kind, u32 colour,
                       enum mark mark, bool letter)
{
    int s = smaller(at.w, at.h);
    if (mark == IO && s < BORDER_FROM)
        colour = g->t->io;
    fb_fill(g->fb, at, colour);
    if (s < BORDER_FROM)
        return;
    if (s >= 12 && kind != FS_FREE && letter)
        draw_letter(g, at, kind_letter(kind), colour_glyph(colour));
    if (mark)
        draw_mark(g, at, mark, colour);
    fill(g, at.x + 1, at.y + at.h / 2, 1, 1, colour);
}

void draw_cell(struct draw *g, struct rect at, u8 kind, bool recent, u8 flags)
{
    struct fb_log *log = g->fb->log; /* letters are not logged as text */
    g->fb->log = NULL;
    paint_cell(g, at, kind, kind_colour(g, kind, recent), mark_of(kind, flags),
               has_letters(g));
    fb_glyph(g->fb, at, kind_letter(kind));
    g->fb->log = log;
}

void draw_mark_alone(struct draw *g, struct rect at, u8 flags)
{
    u32 colour = colour_mix(g->t->page, g->t->ink, 64);
    paint_cell(g, at, FS_FREE, colour, mark_of(FS_FREE, flags), false);
}

/* ---- a frame's colour ---------------------------------------------------- */

struct cell_colours {
    const struct ins_display *d;
    const u8 *lit; /* NULL: all frames are lit */
    bool heat;
    u32 io;
    u32 kind[2][2][256]; /* [faded][recent][kind] */
    u32 age[2][256];     /* [faded][age] */
};

unsigned heat_most(const struct draw *g)
{
    double s =
        g->d->clock_hz ? (double)g->d->cycle / (double)g->d->clock_hz : 0;
    double code = 8 * log2(1 + s * 1000); /* as ins_display.age */
    return code < INS_RECENT_AGE ? INS_RECENT_AGE
           : code > 160          ? 160
                                 : (unsigned)code;
}

static u32 heat_colour(const struct draw *g, unsigned age)
{
    unsigned most = heat_most(g);
    if (age == 255)
        return g->t->kind[FS_FREE][1];
    return colour_cividis(256u - (age > most ? most : age) * 256 / most);
}

static void cell_colours_init(struct cell_colours *l, const struct draw *g)
{
    l->d = g->d;
    l->lit = g->d->nlit ? g->d->lit : NULL;
    l->heat = g->v->heat;
    l->io = g->t->io | 0xff000000u;
    for (unsigned faded = 0; faded < 2; faded++)
        for (unsigned k = 0; k < 256; k++) {
            unsigned by = faded ? FADED_OF_256 : 0;
            for (unsigned recent = 0; recent < 2; recent++)
                l->kind[faded][recent][k] =
                    0xff000000u |
                    (faded ? colour_mix(kind_colour(g, (u8)k, recent),
                                        g->t->page, by)
                           : lit_colour(g, (u8)k, recent));
            if (l->heat)
                l->age[faded][k] =
                    colour_mix(heat_colour(g, k), g->t->page, by) | 0xff000000u;
        }
}

static inline bool cell_faded(const struct cell_colours *l, u64 pfn)
{
    return l->lit && !l->lit[pfn];
}

/* Returns a cell's colour: by its age in heat mode, else of I/O or its kind. */
static inline u32 cell_colour(const struct cell_colours *l, u64 pfn)
{
    unsigned faded = cell_faded(l, pfn);
    u8 kind = l->d->kind[pfn];
    if (l->heat)
        return l->age[faded][kind == FS_FREE ? 255 : l->d->age[pfn]];
    if (l->d->flags[pfn] & FRAME_F_IO && !faded)
        return l->io;
    return l->kind[faded][l->d->age[pfn] < INS_RECENT_AGE][kind];
}

/* ---- the columns in sight ------------------------------------------------ */

struct columns {
    unsigned n;
    u64 *bits; /* a frame's number is its column's bits plus its row's */
};

static struct columns columns_in_sight(const struct draw *g,
                                       const struct cells *c, int w)
{
    u64 left = (u64)g->v->left;
    u64 n = ((u64)(w + c->w - 1) / (u64)c->w), most = g->grid.cols - left;
    most = (most + (1u << c->sx) - 1) >> c->sx;
    n = n < most ? n : most;
    struct columns s = {(unsigned)n, xcalloc(n + 1, sizeof *s.bits)};
    for (unsigned i = 0; i < s.n; i++) {
        u32 col = (u32)(left + ((u64)i << c->sx));
        s.bits[i] = g->grid.linear ? col : morton_spread(col);
    }
    return s;
}

static u64 row_bits(const struct grid *g, u32 row)
{
    return g->linear ? (u64)row * g->cols : morton_spread(row) << 1;
}

/* ---- drawing all cells --------------------------------------------------- */

/* Returns the frame that stands for a run of n; fast for four of one kind. */
static u32 representative_of(const u8 *kind, u32 n)
{
    u32 four;
    if (n == 4) {
        memcpy(&four, kind, 4);
        if (four == (four & 255) * 0x01010101u)
            return 0;
    }
    return run_representative(kind, n, FS_FREE);
}

/* Sets *pfn, the first of several frames at one place, to the one that stands
 * for all. In Morton order a lit frame is preferred. False: no frame there. */
static inline bool frame_shown(const struct draw *g,
                               const struct cell_colours *l,
                               const struct cells *c, unsigned column, u32 row,
                               u64 *pfn)
{
    u32 of = 1u << (c->sx + c->sy);
    bool runs = !g->grid.linear && (c->sx == c->sy || c->sx == c->sy + 1);
    if (!runs || *pfn + of > g->d->nframes)
        return grid_representative(&g->grid, g->d->kind, FS_FREE,
                                   (u32)(g->v->left + ((s64)column << c->sx)),
                                   row, c->sx, c->sy, pfn);
    const u8 *lit = l->lit ? memchr(l->lit + *pfn, 1, of) : NULL;
    *pfn = lit ? (u64)(lit - l->lit)
               : *pfn + representative_of(g->d->kind + *pfn, of);
    return true;
}

/* Writes a row of pixels that stand for several frames each. */
static void line_shrunk(const struct draw *g, const struct cell_colours *l,
                        const struct cells *c, const struct columns *cols,
                        u32 row, u32 *out)
{
    u64 bits = row_bits(&g->grid, row);
    for (unsigned i = 0; i < cols->n; i++) {
        u64 pfn = cols->bits[i] + bits;
        if (frame_shown(g, l, c, i, row, &pfn))
            out[i] = cell_colour(l, pfn);
    }
}

/* Writes a row of letters: the cells of a terminal without colours. */
static void line_letters(struct draw *g, const struct cell_colours *l,
                         const struct cells *c, const struct columns *cols,
                         u32 row, int x, int y)
{
    u64 bits = row_bits(&g->grid, row);
    for (unsigned i = 0; i < cols->n; i++, x += c->w) {
        u64 pfn = cols->bits[i] + bits;
        if (c->sx || c->sy ? !frame_shown(g, l, c, i, row, &pfn)
                           : pfn >= g->d->nframes)
            continue;
        u8 kind = g->d->kind[pfn];
        char letter = kind_letter(kind);
        if (l->heat && kind != FS_FREE)
            letter = (char)('0' + g->d->age[pfn] * 10 / 256);
        fb_glyph(g->fb, rect(x, y, c->w, c->h),
                 cell_faded(l, pfn) ? ' ' : letter);
    }
}

/* Writes a row of pixels, one per frame. In the common case, with no frame lit
 * and no heat, the colour is one look-up. */
static void line_plain(const struct cell_colours *l, const struct columns *cols,
                       u64 bits, u32 *out)
{
    const u8 *kind = l->d->kind, *age = l->d->age, *flags = l->d->flags;
    u64 n = l->d->nframes;
    bool simple = !l->lit && !l->heat;
    for (unsigned i = 0; i < cols->n; i++) {
        u64 pfn = cols->bits[i] + bits;
        if (pfn >= n)
            continue;
        u32 c = simple ? l->kind[0][age[pfn] < INS_RECENT_AGE][kind[pfn]]
                       : cell_colour(l, pfn);
        out[i] = simple && flags[pfn] & FRAME_F_IO ? l->io : c;
    }
}

/* Writes each of n pixels w times, at most `room` in all. */
static void widen(u32 *to, const u32 *line, unsigned n, int w, int room)
{
    u32 *end = to + room;
    if (w == 1)
        memcpy(to, line, (size_t)((int)n < room ? (int)n : room) * sizeof *to);
    else if (w == 2 && (int)n * 2 <= room)
        for (unsigned i = 0; i < n; i++)
            to[2 * i] = to[2 * i + 1] = line[i];
    else
        for (unsigned i = 0; i < n; i++)
            for (int k = 0; k < w && to < end; k++)
                *to++ = line[i];
}

/* Draws small cells: makes a row of pixels, and copies it c->h - 1 times. */
static void draw_small(struct draw *g, struct rect m, const struct cells *c)
{
    struct cell_colours l;
    cell_colours_init(&l, g);
    struct columns cols = columns_in_sight(g, c, m.w);
    u32 *line = xcalloc((size_t)cols.n + 1, sizeof *line);
    struct fb *fb = g->fb;
    struct rect in = rect_cut(m, fb->clip);
    for (int y = m.y; y < in.y + in.h; y += c->h) {
        u32 row = (u32)g->v->top + (u32)((s64)((y - m.y) / c->h) << c->sy);
        u64 bits = row_bits(&g->grid, row);
        if (row >= g->grid.rows)
            break;
        for (unsigned i = 0; i < cols.n; i++)
            line[i] = g->t->page | 0xff000000u;
        if (c->sx || c->sy)
            line_shrunk(g, &l, c, &cols, row, line);
        else
            line_plain(&l, &cols, bits, line);
        u32 *first = fb->px + (size_t)y * (size_t)fb->w;
        widen(first + m.x, line, cols.n, c->w, in.x + in.w - m.x);
        for (int k = 1; k < c->h && y + k < in.y + in.h; k++)
            memcpy(first + k * fb->w + in.x, first + in.x,
                   (size_t)in.w * sizeof *first);
        if (fb->letters)
            line_letters(g, &l, c, &cols, row, m.x, y);
    }
    free(line);
    free(cols.bits);
}

/* Tiles of large cells. A tile is drawn once for each look (faded or not,
 * lightness, kind, mark), and then copied. */
struct tiles {
    int w, h; /* with the gap */
    bool ready[2][2][KINDS][MARKS];
    u32 *px;
};

static const u32 *tile_of(struct draw *g, const struct cell_colours *l,
                          struct tiles *t, u64 pfn, int gap)
{
    unsigned faded = cell_faded(l, pfn);
    u8 kind = l->d->kind[pfn];
    unsigned k = kind < FS_COUNT ? kind : FS_COUNT;
    bool recent = l->d->age[pfn] < INS_RECENT_AGE && has_two_steps(kind);
    enum mark mark = faded ? PLAIN : mark_of(kind, l->d->flags[pfn]);
    size_t n = ((faded * 2 + recent) * KINDS + k) * MARKS + mark;
    u32 *px = t->px + n * (size_t)(t->w * t->h);
    if (!t->ready[faded][recent][k][mark]) {
        struct fb small = {
            .w = t->w, .h = t->h, .px = px, .clip = {0, 0, t->w, t->h}};
        struct draw on_tile = *g;
        on_tile.fb = &small;
        fb_fill(&small, small.clip, g->t->page);
        paint_cell(&on_tile, rect(0, 0, t->w - gap, t->h - gap), kind,
                   l->kind[faded][recent][kind], mark,
                   !faded && has_letters(g));
        t->ready[faded][recent][k][mark] = true;
    }
    return px;
}

static void draw_large(struct draw *g, struct rect m, const struct cells *c)
{
    struct cell_colours l;
    cell_colours_init(&l, g);
    struct tiles t = {.w = c->w, .h = c->h};
    struct columns cols = columns_in_sight(g, c, m.w);
    int gap = cells_gap(c);
    t.px = xcalloc(4 * KINDS * MARKS * (size_t)(c->w * c->h), sizeof *t.px);
    for (int y = m.y; y < m.y + m.h; y += c->h) {
        u32 row = (u32)(g->v->top + (y - m.y) / c->h);
        u64 bits = row_bits(&g->grid, row);
        if (row >= g->grid.rows)
            break;
        for (unsigned i = 0; i < cols.n; i++) {
            u64 pfn = cols.bits[i] + bits;
            int x = m.x + (int)i * c->w;
            if (pfn >= g->d->nframes)
                continue;
            if (l.heat)
                fill(g, x, y, c->w - gap, c->h - gap, cell_colour(&l, pfn));
            else
                fb_copy(g->fb, x, y, tile_of(g, &l, &t, pfn, gap), c->w, c->h);
        }
    }
    free(t.px);
    free(cols.bits);
}

void draw_cells(struct draw *g, struct rect m)
{
    struct cells c = map_cells(g);
    if (rect_cut(m, g->fb->clip).w <= 0)
        return;
    if (smaller(c.w, c.h) < BORDER_FROM || in_cells(g))
        draw_small(g, m, &c);
    else
        draw_large(g, m, &c);
}
