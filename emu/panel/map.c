/* SPDX-License-Identifier: MIT */
/* The frame map: every physical frame a cell. Hue is its kind, two steps of
 * lightness say used lately or not, marks are flags, and from 8 px up a glyph
 * names the kind. Below one pixel a frame, a pixel shows what most of its
 * frames are. The rulers add: frame number = left label + top label. */
#include "panel/draw.h"

#include <stdio.h>

enum { GLYPH_FROM = 8, MARKS_FROM = 6, BORDER_FROM = 4, CELL_LIMIT = 64 };

/* Letters for cells too small for the fonts: 4 x 5, a row a nibble from the
 * top, leftmost pixel high. */
static const struct {
    char c;
    u32 rows;
} tiny[] = {
    {'.', 0x00004}, {'z', 0x0f24f}, {'K', 0x9aca9}, {'k', 0x88aca},
    {'T', 0xf6666}, {'a', 0x06a9e}, {'c', 0x07887}, {'f', 0x34e44},
    {'d', 0x11797}, {'s', 0x07c3e}, {'m', 0x9ff99}, {'?', 0x62404},
};

static u32 tiny_rows(char c)
{
    for (unsigned i = 0; i < ARRAY_LEN(tiny); i++)
        if (tiny[i].c == c)
            return tiny[i].rows;
    return 0;
}

static char kind_glyph(u8 kind)
{
    return kind < FS_COUNT ? ins_states[kind].glyph : '?';
}

bool frame_recent(const struct ins_display *d, u64 pfn)
{
    return d->age[pfn] < AGE_RECENT;
}

static u32 plain_colour(const struct theme *t, u8 kind, bool recent)
{
    if (kind >= FS_COUNT)
        return t->unknown;
    return t->kind[kind][recent || kind == FS_FREE || kind == FS_ZEROED];
}

u32 kind_colour(const struct draw *g, u8 kind, bool recent)
{
    u32 c = plain_colour(g->t, kind, recent);
    if (g->v->filter >= 0 && kind != g->v->filter)
        return colour_mix(c, g->t->page, 205);
    return c;
}

static void draw_letter(struct draw *g, int x, int y, int inner, char c,
                        u32 ink)
{
    const struct font *f = NULL;
    for (unsigned i = 0; i < FONT_SIZES; i++)
        if (font_bold[i].height <= inner && font_bold[i].width + 4 <= inner)
            f = &font_bold[i];
    if (f) {
        const u16 *rows = font_glyph(f, (unsigned char)c);
        int left = x + (inner - f->width) / 2, up = y + (inner - f->height) / 2;
        for (int j = 0; j < f->height; j++)
            for (int i = 0; i < f->width; i++)
                if (rows[j] & 0x8000u >> i)
                    fb_fill(g->fb, (struct rect){left + i, up + j, 1, 1}, ink);
        return;
    }
    u32 rows = tiny_rows(c);
    int left = x + (inner - 4 + 1) / 2, up = y + (inner - 5) / 2;
    for (int j = 0; j < 5; j++)
        for (int i = 0; i < 4; i++)
            if (rows >> (19 - 4 * j - i) & 1)
                fb_fill(g->fb, (struct rect){left + i, up + j, 1, 1}, ink);
}

static void draw_marks(struct draw *g, int x, int y, int s, u32 colour,
                       u8 flags)
{
    u32 ink = colour_strong(colour);
    struct fb *fb = g->fb;
    if (flags & FRAME_F_IO)
        fb_frame(fb, (struct rect){x, y, s, s}, g->t->io);
    if (s < MARKS_FROM)
        return;
    if (flags & FRAME_F_DIRTY) { /* a corner, top right */
        int n = s / 3;
        for (int i = 0; i < n; i++)
            fb_fill(fb, (struct rect){x + s - n + i, y + i, n - i, 1}, ink);
    }
    if (flags & FRAME_F_LOCKED) { /* a dot, top left */
        int n = s / 5 < 2 ? 2 : s / 5;
        fb_fill(fb, (struct rect){x + 1, y + 1, n, n}, ink);
    }
    if (flags & FRAME_F_INACTIVE) /* an underline */
        fb_fill(fb,
                (struct rect){x + 1, y + s - (flags & FRAME_F_IO ? 2 : 1),
                              s - 2, 1},
                ink);
}

static void cell_of_colour(struct draw *g, int x, int y, int size, u8 kind,
                           u32 colour, u8 flags)
{
    if (size < BORDER_FROM && flags & FRAME_F_IO)
        colour = g->t->io;
    int s = size >= GLYPH_FROM ? size - 1 : size;
    fb_fill(g->fb, (struct rect){x, y, s, s}, colour);
    if (size >= GLYPH_FROM)
        draw_letter(g, x, y, s, kind_glyph(kind),
                    kind == FS_FREE ? colour_mix(colour, g->t->dim, 70)
                                    : colour_glyph(colour));
    if (flags && size >= BORDER_FROM)
        draw_marks(g, x, y, s, colour, flags);
}

/* ---- tiles: cells with glyphs and marks are drawn once and then copied ----
 */

static u32 *tile_slot(struct draw *g, int size, u8 kind, bool recent, u8 flags,
                      bool *ready)
{
    struct tiles *t = &g->v->tiles;
    if (t->size != size || t->light != g->v->light ||
        t->filter != g->v->filter) {
        memset(t->ready, 0, sizeof t->ready);
        t->px = xrealloc(t->px, TILES * (size_t)(size * size) * sizeof *t->px);
        t->size = size;
        t->light = g->v->light;
        t->filter = g->v->filter;
    }
    unsigned k = kind < FS_COUNT ? kind : FS_COUNT;
    unsigned n = (k * 2 + recent) * 16 + (flags & 15);
    *ready = t->ready[n];
    t->ready[n] = true;
    return t->px + (size_t)n * (size_t)(size * size);
}

static void tiled_cell(struct draw *g, int x, int y, int size, u8 kind,
                       bool recent, u8 flags)
{
    bool ready;
    u32 *tile = tile_slot(g, size, kind, recent, flags, &ready);
    if (!ready) {
        struct fb small = {size, size, tile, {0, 0, size, size}, NULL};
        struct draw on_tile = *g;
        on_tile.fb = &small;
        fb_fill(&small, small.clip, g->t->page);
        cell_of_colour(&on_tile, 0, 0, size, kind, kind_colour(g, kind, recent),
                       flags);
    }
    fb_copy(g->fb, x, y, tile, size, size);
}

void draw_cell(struct draw *g, int x, int y, int size, u8 kind, bool recent,
               u8 flags)
{
    cell_of_colour(g, x, y, size, kind, plain_colour(g->t, kind, recent),
                   flags);
}

/* ---- scale ------------------------------------------------------------------
 */

struct scale {
    int cell;
    unsigned shrink;
};

static struct scale scale_of(const struct draw *g)
{
    struct scale s = {g->l.cell, g->l.shrink};
    for (unsigned z = g->v->zoom; z; z--)
        if (s.shrink)
            s.shrink--;
        else if (s.cell < CELL_LIMIT)
            s.cell *= 2;
    return s;
}

/* Keeps the visible part within the grid. */
static void clamp_origin(const struct draw *g, struct view *v)
{
    struct scale s = scale_of(g);
    s64 across = ((s64)g->l.map.w << s.shrink) / s.cell;
    s64 down = ((s64)g->l.map.h << s.shrink) / s.cell;
    s64 max_left = (s64)g->grid.cols - across, max_top = g->grid.rows - down;
    v->left = v->left > max_left ? max_left : v->left;
    v->top = v->top > max_top ? max_top : v->top;
    v->left = v->left < 0 ? 0 : v->left;
    v->top = v->top < 0 ? 0 : v->top;
}

static bool place_at(const struct draw *g, int x, int y, s64 *col, s64 *row)
{
    if (!rect_has(g->l.map, x, y))
        return false;
    struct scale s = scale_of(g);
    *col = g->v->left + ((s64)(x - g->l.map.x) << s.shrink) / s.cell;
    *row = g->v->top + ((s64)(y - g->l.map.y) << s.shrink) / s.cell;
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

struct rect map_cell_rect(const struct draw *g, u64 pfn)
{
    struct scale s = scale_of(g);
    u32 col, row;
    grid_place(&g->grid, pfn, &col, &row);
    s64 x = ((s64)col - g->v->left) * s.cell >> s.shrink;
    s64 y = ((s64)row - g->v->top) * s.cell >> s.shrink;
    int side = s.cell >= GLYPH_FROM ? s.cell - 1 : s.cell;
    return (struct rect){g->l.map.x + (int)x, g->l.map.y + (int)y, side, side};
}

int map_cell_size(const struct draw *g)
{
    struct scale s = scale_of(g);
    return s.shrink ? 0 : s.cell;
}

void map_zoom(struct draw *g, struct view *v, int step, int x, int y)
{
    s64 col, row;
    struct scale old = scale_of(g);
    if (!place_at(g, x, y, &col, &row) || (step < 0 && !v->zoom) ||
        (step > 0 && old.cell >= CELL_LIMIT))
        return;
    v->zoom += (unsigned)step;
    struct scale s = scale_of(g);
    v->left = col - ((s64)(x - g->l.map.x) << s.shrink) / s.cell;
    v->top = row - ((s64)(y - g->l.map.y) << s.shrink) / s.cell;
    clamp_origin(g, v);
}

void map_drag(struct draw *g, struct view *v, s64 left, s64 top, int dx, int dy)
{
    struct scale s = scale_of(g);
    v->left = left - ((s64)dx << s.shrink) / s.cell;
    v->top = top - ((s64)dy << s.shrink) / s.cell;
    clamp_origin(g, v);
}

/* ---- the map ----------------------------------------------------------------
 */

static u32 heat_colour(const struct draw *g, u64 pfn)
{
    u8 age = g->d->age[pfn];
    if (g->d->kind[pfn] == FS_FREE || age == 255)
        return g->t->kind[FS_FREE][1];
    return colour_cividis(255u - (age > 160 ? 160u : age) * 8 / 5);
}

/* Cells without marks: a row of pixels, then copies of it. */
static void draw_plain_row(struct draw *g, struct scale s, int y, u32 row,
                           const u32 colours[256][2])
{
    const struct ins_display *d = g->d;
    struct rect m = g->l.map;
    u32 *line = g->fb->px + (size_t)y * (size_t)g->fb->w;
    for (int x = m.x; x < m.x + m.w; x += s.cell) {
        u64 pfn;
        if (!grid_frame(&g->grid, (u32)(g->v->left + (x - m.x) / s.cell), row,
                        &pfn))
            continue;
        u32 c = g->v->heat ? heat_colour(g, pfn)
                : d->flags[pfn] & FRAME_F_IO
                    ? g->t->io
                    : colours[d->kind[pfn]][frame_recent(d, pfn)];
        for (int i = 0; i < s.cell; i++)
            line[x + i] = c | 0xff000000u;
    }
    for (int i = 1; i < s.cell; i++)
        memcpy(line + i * g->fb->w + m.x, line + m.x,
               (size_t)m.w * sizeof *line);
}

static void draw_marked_row(struct draw *g, struct scale s, int y, u32 row)
{
    const struct ins_display *d = g->d;
    struct rect m = g->l.map;
    for (int x = m.x; x < m.x + m.w; x += s.cell) {
        u64 pfn;
        if (!grid_frame(&g->grid, (u32)(g->v->left + (x - m.x) / s.cell), row,
                        &pfn))
            continue;
        if (g->v->heat)
            cell_of_colour(g, x, y, s.cell, d->kind[pfn], heat_colour(g, pfn),
                           d->flags[pfn]);
        else
            tiled_cell(g, x, y, s.cell, d->kind[pfn], frame_recent(d, pfn),
                       d->flags[pfn]);
    }
}

static void draw_cells(struct draw *g, struct scale s)
{
    struct rect m = g->l.map;
    u32 colours[256][2];
    for (unsigned k = 0; k < 256; k++)
        for (unsigned r = 0; r < 2; r++)
            colours[k][r] = kind_colour(g, (u8)k, r);
    bool inside = m.x + m.w <= g->fb->w && m.y + m.h <= g->fb->h;
    for (int y = m.y; y < m.y + m.h; y += s.cell) {
        u32 row = (u32)(g->v->top + (y - m.y) / s.cell);
        if (s.cell < BORDER_FROM && inside && m.w % s.cell == 0 &&
            m.h % s.cell == 0)
            draw_plain_row(g, s, y, row, colours);
        else
            draw_marked_row(g, s, y, row);
    }
}

static void draw_shrunk(struct draw *g, struct scale s)
{
    struct rect m = rect_cut(g->l.map, g->fb->clip);
    for (int y = 0; y < m.h; y++)
        for (int x = 0; x < m.w; x++) {
            u64 pfn;
            if (!grid_spokesman(&g->grid, g->d->kind, FS_FREE,
                                (u32)(g->v->left + ((s64)x << s.shrink)),
                                (u32)(g->v->top + ((s64)y << s.shrink)),
                                s.shrink, &pfn))
                continue;
            u32 c =
                g->v->heat ? heat_colour(g, pfn)
                : g->d->flags[pfn] & FRAME_F_IO
                    ? g->t->io
                    : kind_colour(g, g->d->kind[pfn], frame_recent(g->d, pfn));
            g->fb->px[(size_t)(m.y + y) * (size_t)g->fb->w + m.x + x] =
                c | 0xff000000u;
        }
}

/* Frame numbers along the top (columns) and the left (rows). */
static void draw_rulers(struct draw *g, struct scale s)
{
    struct rect m = g->l.map, top = g->l.ruler_top, left = g->l.ruler_left;
    int digits = (left.w - 4) / g->cw;
    char text[24];
    s64 step = 1;
    while (step * s.cell < (s64)(digits + 1) * g->cw << s.shrink)
        step *= 2;
    s64 down = 1;
    while (down * s.cell < (s64)(2 * g->ch) << s.shrink)
        down *= 2;
    for (int i = 0; i < 2; i++)
        add_word(g, i ? top : left, "ruler",
                 "a frame's number is the label at its left plus the one "
                 "above it");
    add_term(g, (struct rect){left.x, top.y, left.w, top.h}, "pfn");
    put_right(g, left.x + left.w - 4, top.y, g->t->dim, "+");
    for (s64 c = (g->v->left + step - 1) / step * step;; c += step) {
        int x = m.x + (int)((c - g->v->left) * s.cell >> s.shrink);
        if (c >= g->grid.cols || x + digits * g->cw + 3 > m.x + m.w + 2)
            break;
        u64 pfn = g->grid.linear ? (u64)c : morton_spread((u32)c);
        fb_fill(g->fb, (struct rect){x, top.y + 2, 1, top.h - 2}, g->t->rule);
        put(g, x + 3, top.y, g->t->dim, "%s", frame_number(text, pfn));
    }
    for (s64 r = (g->v->top + down - 1) / down * down;; r += down) {
        int y = m.y + (int)((r - g->v->top) * s.cell >> s.shrink);
        if (r >= g->grid.rows || y + g->ch > m.y + m.h)
            break;
        u64 pfn =
            g->grid.linear ? (u64)r * g->grid.cols : morton_spread((u32)r) << 1;
        fb_fill(g->fb, (struct rect){left.x, y, left.w - 1, 1}, g->t->rule);
        put_right(g, left.x + left.w - 4, y + 1, g->t->dim,
                  frame_number(text, pfn));
    }
}

static void outline(struct draw *g, s64 pfn, u32 colour)
{
    if (pfn < 0 || (u64)pfn >= g->d->nframes)
        return;
    struct rect r = map_cell_rect(g, (u64)pfn);
    fb_frame(g->fb, rect_inset(r, -1), colour);
    fb_frame(g->fb, rect_inset(r, -2), colour_strong(colour));
}

/* The frame that the caption is about: from both rulers lines lead to it, in
 * the gaps between cells, or where there are none along their last row and
 * column, so that no cell's colour is covered. */
static void draw_crosshair(struct draw *g, struct scale s)
{
    u64 pfn = g->d->caption_pfn;
    struct rect m = g->l.map;
    if (pfn >= g->d->nframes || g->d->running)
        return;
    struct rect c = map_cell_rect(g, pfn);
    if (!rect_has(m, c.x, c.y) || s.cell < BORDER_FROM)
        return;
    int gap = s.cell >= GLYPH_FROM ? 0 : -1;
    u32 ink = colour_mix(g->t->page, g->t->good, 170);
    fb_fill(g->fb, (struct rect){m.x, c.y + c.h + gap, c.x - m.x, 1}, ink);
    fb_fill(g->fb, (struct rect){c.x + c.w + gap, m.y, 1, c.y - m.y}, ink);
}

/* On both rulers, as the hands are. */
static void draw_caption_pointers(struct draw *g)
{
    u64 pfn = g->d->caption_pfn;
    struct rect m = g->l.map;
    if (pfn >= g->d->nframes)
        return;
    struct rect c = map_cell_rect(g, pfn);
    if (rect_has(m, c.x, c.y))
        draw_pointers(g, c, g->t->good);
}

/* What the title says, longest first; the first that fits is taken. */
static void map_about(struct draw *g, struct scale s, char *buf, size_t n)
{
    const struct ins_display *d = g->d;
    char size[32], scale[48];
    size_text(size, d->nframes * PAGE_BYTES);
    if (s.shrink)
        snprintf(scale, sizeof scale, "%llu frames/px", 1ull << 2 * s.shrink);
    else
        snprintf(scale, sizeof scale, "%d px/frame", s.cell);
    unsigned percent =
        d->nframes ? (unsigned)(d->free_frames * 100 / d->nframes) : 0;
    const char *policy = d->policy[0] ? d->policy : "none";
    int room = (g->l.map_title.w - 8) / g->cw - 8;
    for (unsigned form = 0; form < 4; form++) {
        char mode[64];
        snprintf(mode, sizeof mode, "%s%s", g->v->linear ? "linear" : "Morton",
                 g->v->heat ? ", heat" : "");
        int len = snprintf(buf, n, "%llu  %s  free %llu (%u%%)",
                           (unsigned long long)d->nframes, size,
                           (unsigned long long)d->free_frames, percent);
        if (form < 3)
            len += snprintf(buf + len, n - (size_t)len, "  %s", mode);
        if (form < 2)
            len += snprintf(buf + len, n - (size_t)len, "  policy %s", policy);
        if (form < 1)
            len += snprintf(buf + len, n - (size_t)len, "  %s", scale);
        if (len <= room)
            return;
    }
}

/* One answer for the title, and others for words in it. */
static void title_words(struct draw *g, const char *about)
{
    struct rect r = g->l.map_title;
    int left = r.x + 4 + (text_columns("FRAMES") + 2) * g->cw;
    const char *order = strstr(about, g->v->linear ? "linear" : "Morton");
    const char *policy = strstr(about, "policy "), *scale = strstr(about, "px");
    add_term(g, r, "frame");
    add_title_term(g, r, "FRAMES", about, "free", "free");
    if (order)
        add_word(g,
                 (struct rect){left + (int)(order - about) * g->cw, r.y,
                               6 * g->cw, r.h},
                 g->v->linear ? "linear" : "Morton",
                 g->v->linear
                     ? "frames in rows, by their numbers; o: Morton order"
                     : "the frames' order: an aligned block of 2^n frames is "
                       "a square, or two side by side; o: in rows");
    if (policy) {
        int n = (int)strcspn(policy + 7, " ") + 7;
        add_policy(g, (struct rect){left + (int)(policy - about) * g->cw, r.y,
                                    n * g->cw, r.h});
    }
    if (scale)
        add_word(g,
                 (struct rect){left + (int)(scale - about - 3) * g->cw, r.y,
                               11 * g->cw, r.h},
                 "scale",
                 "how large a frame's cell is, in pixels; the wheel zooms, "
                 "Home shows all");
}

void draw_map(struct draw *g)
{
    char about[160];
    clamp_origin(g, g->v);
    struct scale s = scale_of(g);
    map_about(g, s, about, sizeof about);
    pane_open(g, g->l.map_title, "FRAMES", about);
    title_words(g, about);
    pane_close(g);
    draw_rulers(g, s);
    draw_hand_pointers(g);
    draw_caption_pointers(g);
    fb_clip(g->fb, g->l.map);
    if (s.shrink)
        draw_shrunk(g, s);
    else
        draw_cells(g, s);
    draw_sweeps(g);
    draw_crosshair(g, s);
    draw_hands(g);
    outline(g, g->d->caption_pfn, g->t->good);
    outline(g, g->v->pinned, g->t->accent);
    if (g->v->hover != g->v->pinned)
        outline(g, g->v->hover, g->t->ink);
    pane_close(g);
}
