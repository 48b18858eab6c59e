/* SPDX-License-Identifier: MIT */
/* Where the panes lie; see layout.h. */
#include "panel/layout.h"

#include "abi.h"

enum { MARGIN = 6, GAP = 4, CELL_MAX = 32 };

/* Widths of panes in characters: the longest line that each may hold. */
enum {
    WALK_CHARS = 66,
    FRAME_CHARS = 48,
    PROCS_CHARS = 35,
    LEGEND_CHARS = 22,
    SPARK_CHARS = 19,
    CONSOLE_LEAST = 8 /* lines */
};

struct metrics {
    int cw, ch, lh; /* a character, a line of text */
    int title, bar;
};

static struct metrics metrics_of(int size)
{
    const struct font *f = &font_regular[size];
    return (struct metrics){f->width, f->height, f->height + 1, f->height + 3,
                            f->height + 6};
}

static int pane_width(struct metrics m, int chars)
{
    return chars * m.cw + 2 * MARGIN;
}

static int console_height(struct metrics m)
{
    return m.title + 24 * m.ch + 4;
}

static int walk_height(struct metrics m)
{
    return m.title + 8 * m.lh + 8;
}

static int memory_height(struct metrics m)
{
    return m.title + 4 + 4 * m.lh;
}

/* Two disks and two requests. */
static int disks_height(struct metrics m)
{
    return m.title + 4 + 2 * (m.lh + m.ch / 2 + 3) + 2 * m.lh;
}

static int digits_of(u64 n)
{
    int digits = 1;
    while (n /= 10)
        digits++;
    return digits;
}

int pfn_digits(u64 nframes)
{
    int digits = digits_of(nframes ? nframes - 1 : 0);
    return digits > 4 ? digits : 4;
}

/* ---- the legend ---------------------------------------------------------- */

/* Columns of each mark's word; the fifth has a long and a short one. */
enum { MARK_WORDS = 6, MARK_USED = 4, USED_LONG = 18, HANDS_WORD = 5 };
static const u8 mark_columns[MARK_WORDS] = {3, 5, 5, 8, 4, 5};

static int mark_width(struct metrics m, int columns)
{
    return m.ch + 3 + (columns + 1) * m.cw;
}

static int hands_width(struct metrics m)
{
    return 2 * (m.ch + 2) + 1 + HANDS_WORD * m.cw;
}

bool legend_long(int width, int cw, int ch)
{
    struct metrics m = {.cw = cw, .ch = ch};
    int sum = hands_width(m);
    for (unsigned i = 0; i < MARK_WORDS; i++)
        sum += mark_width(m, i == MARK_USED ? USED_LONG : mark_columns[i]);
    return sum <= width;
}

static int legend_lines(struct metrics m, int width)
{
    int lines = 1, x = 0;
    if (legend_long(width, m.cw, m.ch))
        return 1;
    for (unsigned i = 0; i <= MARK_WORDS; i++) {
        int w = i < MARK_WORDS ? mark_width(m, mark_columns[i])
                               : hands_width(m) + m.cw;
        if (x && x + w - m.cw > width) {
            x = 0;
            lines++;
        }
        x += w;
    }
    return lines;
}

static int legend_height(struct metrics m, int columns, int width, bool marks)
{
    int rows = (FS_COUNT + columns - 1) / columns;
    return rows * (m.ch + 3) + (marks ? legend_lines(m, width) * m.lh : 0);
}

/* Chooses the cell for the room that the map may take; false: none at all. */
static bool fit_map(struct layout *l, struct metrics m, const struct grid *g,
                    int room_w, int room_h, int ruler_w)
{
    int min_w = (l->wide ? LEGEND_WIDE : 1) * LEGEND_CHARS * m.cw;
    if (room_w < min_w)
        return false;
    for (int cell = CELL_MAX; cell >= -12; cell--) {
        unsigned shrink = cell > 0 ? 0 : (unsigned)(1 - cell);
        int c = cell > 0 ? cell : 1;
        s64 w = ((s64)g->cols * c) >> shrink, h = ((s64)g->rows * c) >> shrink;
        w = w ? w : 1;
        h = h ? h : 1;
        s64 left = ruler_w + w > min_w ? ruler_w + w : min_w;
        int columns = (int)left / (LEGEND_CHARS * m.cw);
        columns = columns > FS_COUNT ? FS_COUNT : columns;
        int above = (int)h + m.title + m.ch + GAP;
        bool marks =
            above + legend_height(m, columns, (int)left, true) <= room_h;
        int under = legend_height(m, columns, (int)left, marks);
        /* Rather a smaller map than no marks, but not too small a one. */
        if (left > room_w || above + under > room_h || (!marks && h > 160))
            continue;
        l->cell = c;
        l->shrink = shrink;
        l->legend_columns = columns;
        l->legend_marks = marks;
        l->map.w = (int)w;
        l->map.h = (int)h;
        l->legend.w = (int)left;
        l->legend.h = under;
        return true;
    }
    return false;
}

static void place_map(struct layout *l, struct metrics m, struct rect room,
                      int ruler_w)
{
    int y = room.y;
    l->map_title = (struct rect){room.x, y, l->legend.w, m.title};
    y += m.title;
    l->ruler_top = (struct rect){room.x + ruler_w, y, l->map.w, m.ch};
    y += m.ch;
    l->ruler_left = (struct rect){room.x, y, ruler_w, l->map.h};
    l->map.x = room.x + ruler_w;
    l->map.y = y;
    y += l->map.h + GAP;
    l->legend.x = room.x;
    l->legend.y = y;
}

/* Memory and disks under the legend, where a flat map leaves room. */
static bool place_left(struct layout *l, struct metrics m, int bottom)
{
    struct rect r = l->legend;
    int y = r.y + r.h + 2 * GAP, memory_h = memory_height(m);
    if (bottom - y < memory_h + GAP + disks_height(m) ||
        r.w < pane_width(m, PROCS_CHARS))
        return false;
    l->memory = (struct rect){r.x, y, r.w, memory_h};
    y += memory_h + GAP;
    l->disks = (struct rect){r.x, y, r.w, bottom - y};
    return true;
}

/* Under the processes, if these keep room for some. */
static bool place_below_procs(struct layout *l, struct metrics m)
{
    struct rect *p = &l->procs;
    int memory_h = memory_height(m), disks_h = disks_height(m);
    int left = p->h - memory_h - disks_h - 2 * GAP;
    if (left < m.title + 4 + 6 * m.lh)
        return false;
    p->h = left;
    int y = p->y + left + GAP;
    l->memory = (struct rect){p->x, y, p->w, memory_h};
    l->disks = (struct rect){p->x, y + memory_h + GAP, p->w, disks_h};
    return true;
}

static bool place_wide(struct layout *l, struct metrics m, struct rect r)
{
    int walk_w = pane_width(m, WALK_CHARS);
    int console_w = 80 * m.cw + 6, console_h = console_height(m);
    int top = r.h - GAP - console_h, walk_h = walk_height(m);
    int tlb_h = m.title + 8 * m.ch + 2;
    if (r.w < walk_w + GAP + pane_width(m, FRAME_CHARS) ||
        r.w < console_w + GAP + pane_width(m, PROCS_CHARS) ||
        top < walk_h + GAP + tlb_h)
        return false;
    int frame_w = r.w - GAP - walk_w, x = r.x + frame_w + GAP;
    l->frame = (struct rect){r.x, r.y, frame_w, top};
    l->walk = (struct rect){x, r.y, walk_w, walk_h};
    l->tlb = (struct rect){x, r.y + walk_h + GAP, walk_w, top - walk_h - GAP};
    int y = r.y + top + GAP;
    l->console = (struct rect){r.x, y, console_w, console_h};
    l->procs = (struct rect){r.x + console_w + GAP, y, r.w - console_w - GAP,
                             console_h};
    l->low = (struct rect){r.x, y, r.w, console_h};
    return place_left(l, m, r.y + r.h) || place_below_procs(l, m);
}

/* Memory beside disks, or above them right of the processes. */
static void place_row(struct layout *l, struct metrics m, struct rect row)
{
    int w = (row.w - GAP) / 2, x = row.x + w + GAP, right = row.w - w - GAP;
    int memory_h = memory_height(m);
    if (row.h < memory_h + GAP + disks_height(m)) {
        l->memory = (struct rect){row.x, row.y, w, row.h};
        l->disks = (struct rect){x, row.y, right, row.h};
        return;
    }
    l->procs = (struct rect){row.x, row.y, w, row.h};
    l->memory = (struct rect){x, row.y, right, memory_h};
    l->disks =
        (struct rect){x, row.y + memory_h + GAP, right, row.h - memory_h - GAP};
}

/* Takes so much of what is left, with the gap below it; 0: there is not. */
static int take(int *left, int want)
{
    if (*left < want + GAP)
        return 0;
    *left -= want + GAP;
    return want;
}

/* One column: frame, what there is room for, console. Of the console as many
 * lines as there is room for, around its cursor; while it is typed into, or
 * where the others have what they need, all. */
static bool place_narrow(struct layout *l, struct metrics m, struct rect r,
                         enum layout_focus focus)
{
    bool beside = place_left(l, m, r.y + r.h);
    bool inside = focus == FOCUS_INSIDE;
    int frame = m.title + 2 + 4 * m.lh;
    int console = m.title + CONSOLE_LEAST * m.ch + 4, walk = 0, tlb = 0;
    int disks = disks_height(m), memory = memory_height(m);
    int small = disks > memory ? disks : memory, full = memory + GAP + disks;
    int left = r.h - frame - GAP - console, row = 0;
    if (beside)
        small = m.title + 5 * m.lh;
    if (r.w < 80 * m.cw + 6 || left < (beside ? 0 : small + GAP))
        return false;
    if (!inside && !beside && focus != FOCUS_CONSOLE)
        row = take(&left, full);
    if (!inside && !row)
        row = take(&left, small);
    if (inside)
        walk = take(&left, walk_height(m));
    if (inside)
        tlb = take(&left, m.title + 6 * m.ch + 6);
    int more = console_height(m) - console;
    more = more < left ? more - more % m.ch : left - left % m.ch;
    if (more > 0) {
        console += more;
        left -= more;
    }
    if (!walk)
        walk = take(&left, walk_height(m));
    if (!tlb)
        tlb = take(&left, m.title + 6 * m.ch + 6);
    if (tlb) { /* no more than its entries, in two columns */
        int rest = 10 * m.ch < left ? 10 * m.ch : left;
        tlb += rest;
        left -= rest;
    }
    int y = r.y;
    l->frame = (struct rect){r.x, y, r.w, frame + left};
    y += l->frame.h + GAP;
    if (walk) {
        l->walk = (struct rect){r.x, y, r.w, walk};
        y += walk + GAP;
    }
    if (tlb) {
        l->tlb = (struct rect){r.x, y, r.w, tlb};
        y += tlb + GAP;
    }
    l->low = (struct rect){r.x, y, r.w, r.y + r.h - y};
    if (row && beside)
        l->procs = (struct rect){r.x, y, r.w, row};
    else if (row)
        place_row(l, m, (struct rect){r.x, y, r.w, row});
    y += row ? row + GAP : 0;
    l->console = (struct rect){r.x, y, r.w, console};
    return true;
}

/* The strips along the bottom: over each other, or side by side. */
static int place_strips(struct layout *l, struct metrics m, int w, int bottom)
{
    int lanes_h = LANES * m.ch + m.ch + 2, x = MARGIN, full = w - 2 * MARGIN;
    if (l->wide) {
        int sparks_h = m.lh + 3 * m.ch + m.ch;
        l->lanes = (struct rect){x, bottom - lanes_h, full, lanes_h};
        l->sparks =
            (struct rect){x, bottom - lanes_h - GAP - sparks_h, full, sparks_h};
        l->sparks_columns = full / (SPARK_CHARS * m.cw + GAP);
        return l->sparks.y;
    }
    int half = full / 2 - GAP / 2;
    l->sparks = (struct rect){x, bottom - lanes_h, half, lanes_h};
    l->sparks_columns = half / (SPARK_CHARS * m.cw + GAP);
    l->lanes = (struct rect){x + half + GAP, bottom - lanes_h,
                             full - half - GAP, lanes_h};
    return l->lanes.y;
}

static bool plan(struct layout *l, int w, int h, int size, bool wide,
                 const struct grid *g, enum layout_focus focus)
{
    struct metrics m = metrics_of(size);
    *l = (struct layout){.size = size, .wide = wide};
    l->status = (struct rect){0, 0, w, m.bar};
    int said = wide ? m.bar : m.bar + m.lh; /* two lines for the sentence */
    l->caption = (struct rect){0, h - said, w, said};
    int y = m.bar + GAP;
    int bottom = place_strips(l, m, w, h - said - GAP) - GAP;
    int ruler_w = digits_of(g->nframes ? g->nframes - 1 : 0) * m.cw + GAP;
    int right_min = 80 * m.cw + 6; /* the console */
    int frame_walk =
        pane_width(m, WALK_CHARS) + GAP + pane_width(m, FRAME_CHARS);
    if (wide)
        right_min += GAP + pane_width(m, PROCS_CHARS);
    if (wide && right_min < frame_walk)
        right_min = frame_walk;
    int room_w = w - 2 * MARGIN - 2 * GAP - right_min;
    struct rect room = {MARGIN, y, room_w, bottom - y};
    if (bottom - y < 100 || l->sparks_columns < (wide ? 3 : 1) ||
        !fit_map(l, m, g, room.w, room.h, ruler_w))
        return false;
    place_map(l, m, room, ruler_w);
    int x = MARGIN + l->legend.w + 2 * GAP;
    struct rect right = {x, y, w - MARGIN - x, bottom - y};
    return wide ? place_wide(l, m, right) : place_narrow(l, m, right, focus);
}

static bool plan_size(struct layout *l, int w, int h, int size,
                      const struct grid *g, enum layout_focus focus)
{
    return size >= 0 && size < FONT_SIZES &&
           (plan(l, w, h, size, true, g, focus) ||
            plan(l, w, h, size, false, g, focus));
}

/* The size whose wide plan fits without taking pixels from the map; but where
 * the screen's dots are small, at least one that looks as large as the smallest
 * does on others. */
static int best_size(int w, int h, const struct grid *g, int scale)
{
    struct layout l;
    int best = 0, cell = 0;
    for (int size = 0; size < FONT_SIZES; size++) {
        if (!plan(&l, w, h, size, true, g, FOCUS_NONE))
            break;
        if (!size)
            cell = l.cell;
        if (l.shrink || l.cell * 5 < cell * 3)
            break;
        best = size;
    }
    while (best + 1 < FONT_SIZES &&
           font_regular[best + 1].height * 100 <=
               font_regular[0].height * scale &&
           plan_size(&l, w, h, best + 1, g, FOCUS_NONE))
        best++;
    return best;
}

int layout_make(struct layout *l, int w, int h, const struct grid *g, int steps,
                enum layout_focus focus, int scale)
{
    w = w < MIN_WIDTH ? MIN_WIDTH : w;
    h = h < MIN_HEIGHT ? MIN_HEIGHT : h;
    int best = best_size(w, h, g, scale), step = steps > 0 ? -1 : 1;
    for (; steps; steps += step)
        if (plan_size(l, w, h, best + steps, g, focus))
            break;
    bool fits = plan_size(l, w, h, best + steps, g, focus);
    assert(fits);
    return steps;
}

void layout_life(struct layout *l)
{
    static const struct rect none;
    struct rect *covered[] = {&l->tlb, &l->procs, &l->console, &l->memory,
                              &l->disks};
    for (unsigned i = 0; i < ARRAY_LEN(covered); i++) {
        struct rect both = rect_cut(*covered[i], l->low);
        if (both.w && both.h)
            *covered[i] = none;
    }
    l->life = l->low;
}
