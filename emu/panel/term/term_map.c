/* SPDX-License-Identifier: MIT */
/* The frame map in a terminal: half blocks, two to a character, in colours; or
 * letters. */
#include "panel/term/term_parts.h"

#include <stdio.h>

enum { GROW_MOST = 4 };

static int shown(u32 cells, unsigned shrink)
{
    return (int)((cells + (1u << shrink) - 1) >> shrink);
}

static int text_rows(const struct term_draw *t, int cells)
{
    return term_colours(t) ? (cells + 1) / 2 : cells;
}

struct term_map term_map_fit(const struct term_draw *t, int columns, int rows)
{
    struct term_map m = {grid_for(t->d->nframes, view_rows(t->v, t->d)), 0, 1,
                         0, 0};
    columns = columns < 1 ? 1 : columns;
    rows = rows < 1 ? 1 : rows;
    while (m.shrink < 31 && (shown(m.grid.cols, m.shrink) > columns ||
                             text_rows(t, shown(m.grid.rows, m.shrink)) > rows))
        m.shrink++;
    while (!m.shrink && m.grow < GROW_MOST &&
           (int)m.grid.cols * (m.grow + 1) <= columns &&
           text_rows(t, (int)m.grid.rows * (m.grow + 1)) <= rows)
        m.grow++;
    m.columns = shown(m.grid.cols, m.shrink) * m.grow;
    m.rows = text_rows(t, shown(m.grid.rows, m.shrink) * m.grow);
    return m;
}

void term_map_scale(const struct term_draw *t, const struct term_map *m,
                    int room, char *buf, size_t n)
{
    unsigned long long frames = 1ull << 2 * m->shrink;
    if (m->grow > 1)
        snprintf(buf, n, "a frame is %d x %d %s", m->grow, m->grow,
                 term_colours(t) ? "half blocks" : "letters");
    else
        snprintf(buf, n, "a %s is %llu frame%s",
                 term_colours(t) ? "half block" : "letter", frames,
                 frames == 1 ? "" : "s");
    if (columns_of(buf) > room)
        snprintf(buf, n, "each %llu frame%s", frames, frames == 1 ? "" : "s");
}

/* The frame shown at a cell; false: none. */
static bool frame_at(const struct term_draw *t, const struct term_map *m,
                     int column, int row, u64 *pfn)
{
    return grid_representative(
        &m->grid, t->d->kind, FS_FREE, (u32)(column / m->grow) << m->shrink,
        (u32)(row / m->grow) << m->shrink, m->shrink, m->shrink, pfn);
}

static u32 frame_colour(const struct term_draw *t, u64 pfn)
{
    const struct ins_display *d = t->d;
    u8 kind = d->kind[pfn], age = d->age[pfn];
    u32 colour = t->t->unknown;
    if (t->v->heat && kind != FS_FREE && age != 255)
        colour = colour_cividis(255u - (age > 160 ? 160u : age) * 8 / 5);
    else if (kind < FS_COUNT)
        colour = t->t->kind[kind][age < INS_RECENT_AGE || kind == FS_FREE];
    if (d->lit && d->lit[pfn] && kind == FS_FREE)
        colour = colour_mix(t->t->page, t->t->ink, 150); /* lit_colour */
    if (d->lit && !d->lit[pfn])
        colour = colour_mix(t->t->page, colour, 60);
    return colour & 0xffffff;
}

static u32 frame_letter(const struct term_draw *t, u64 pfn)
{
    u8 kind = t->d->kind[pfn];
    if (t->d->lit && !t->d->lit[pfn])
        return ' ';
    if (t->v->heat && kind != FS_FREE)
        return '0' + t->d->age[pfn] * 10u / 256;
    return kind < FS_COUNT ? (u32)ins_states[kind].glyph : '?';
}

static void half_block(struct term_draw *t, const struct term_map *m,
                       struct cell *c, int column, int row)
{
    u64 up, down;
    bool has_up = frame_at(t, m, column, 2 * row, &up);
    bool has_down = 2 * row + 1 < shown(m->grid.rows, m->shrink) * m->grow &&
                    frame_at(t, m, column, 2 * row + 1, &down);
    if (has_up)
        c->fore = frame_colour(t, up);
    if (has_down)
        c->back = frame_colour(t, down);
    c->code = has_up ? 0x2580 : ' '; /* upper half */
}

/* Marks a frame that had an event just now or is selected. */
static void mark_frame(struct term_draw *t, const struct term_map *m,
                       struct area a, u64 pfn, u32 colour, unsigned strong)
{
    u32 column, row;
    if (pfn >= t->d->nframes)
        return;
    grid_place(&m->grid, pfn, &column, &row);
    int x = (int)(column >> m->shrink) * m->grow;
    int y = (int)(row >> m->shrink) * m->grow;
    for (int i = 0; i < m->grow * m->grow; i++) {
        int cx = x + i % m->grow, cy = y + i / m->grow;
        bool low = term_colours(t) && cy & 1;
        int text_row = term_colours(t) ? cy / 2 : cy;
        struct cell *c = cx < a.columns && text_row < a.rows
                             ? screen_at(t->s, a.row + text_row, a.column + cx)
                             : NULL;
        if (!c)
            continue;
        u32 *half = low ? &c->back : &c->fore;
        if (!term_colours(t))
            c->ink |= INK_REVERSE;
        else if (*half != NO_COLOUR)
            *half = colour_mix(*half, colour, strong) & 0xffffff;
    }
}

static void marks(struct term_draw *t, const struct term_map *m, struct area a)
{
    const struct news *news = &t->v->news;
    for (unsigned i = 0; i < news->nfresh && i < NEWS_FRESH; i++) {
        const struct news_frame *f =
            &news->fresh[(news->first_fresh + i) % NEWS_FRESH];
        if (f->age < NEWS_AGE && term_colours(t))
            mark_frame(t, m, a, f->pfn, t->t->ink,
                       200 - 200u * f->age / NEWS_AGE);
    }
    if (t->v->pinned != NO_FRAME)
        mark_frame(t, m, a, (u64)t->v->pinned, t->t->accent, 256);
    else if (!t->d->running && news_caption_is_now(t->d))
        mark_frame(t, m, a, t->d->caption_pfn, t->t->accent, 256);
}

void term_map_draw(struct term_draw *t, const struct term_map *m, struct area a)
{
    for (int row = 0; row < m->rows && row < a.rows; row++)
        for (int column = 0; column < m->columns && column < a.columns;
             column++) {
            struct cell *c = screen_at(t->s, a.row + row, a.column + column);
            u64 pfn;
            if (!c)
                continue;
            if (term_colours(t))
                half_block(t, m, c, column, row);
            else if (frame_at(t, m, column, row, &pfn))
                c->code = frame_letter(t, pfn);
        }
    marks(t, m, a);
}
