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
    SPARK_CHARS = 19
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

static int hex_digits(u64 n)
{
    int digits = 1;
    while (n >>= 4)
        digits++;
    return digits;
}

int pfn_digits(u64 nframes)
{
    int digits = hex_digits(nframes ? nframes - 1 : 0);
    return digits > 4 ? digits : 4;
}

/* Two columns of entries; closer where their frames have long numbers. */
static int tlb_width(struct metrics m, const struct grid *g)
{
    int each = TLB_CHARS - 4 + pfn_digits(g->nframes);
    return pane_width(m, 2 * each + (each < TLB_CHARS + 2));
}

static int legend_height(struct metrics m, int columns)
{
    int rows = (FS_COUNT + columns - 1) / columns;
    return rows * (m.ch + 3) + (columns < LEGEND_WIDE ? 2 : 1) * m.lh;
}

/* Chooses the cell for the room that the map may take; false: none at all. */
static bool fit_map(struct layout *l, struct metrics m, const struct grid *g,
                    int room_w, int room_h, int ruler_w)
{
    int min_w = LEGEND_WIDE * LEGEND_CHARS * m.cw;
    if (!l->wide && room_w < min_w)
        min_w = 2 * LEGEND_CHARS * m.cw;
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
        int under = legend_height(m, columns);
        if (left > room_w || h + m.title + m.ch + GAP + under > room_h)
            continue;
        l->cell = c;
        l->shrink = shrink;
        l->legend_columns = columns;
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
static void place_below_procs(struct layout *l, struct metrics m)
{
    struct rect *p = &l->procs;
    int memory_h = memory_height(m), disks_h = disks_height(m);
    int left = p->h - memory_h - disks_h - 2 * GAP;
    if (left < m.title + 4 + 6 * m.lh)
        return;
    p->h = left;
    int y = p->y + left + GAP;
    l->memory = (struct rect){p->x, y, p->w, memory_h};
    l->disks = (struct rect){p->x, y + memory_h + GAP, p->w, disks_h};
}

static bool place_wide(struct layout *l, struct metrics m, struct rect r)
{
    int walk_w = pane_width(m, WALK_CHARS);
    int console_w = 80 * m.cw + 6, console_h = console_height(m);
    int top = r.h - GAP - console_h, walk_h = walk_height(m);
    int tlb_h = m.title + 11 * m.ch + 2;
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
    if (!place_left(l, m, r.y + r.h))
        place_below_procs(l, m);
    return true;
}

static bool place_compact(struct layout *l, struct metrics m,
                          const struct grid *g, struct rect r, bool console)
{
    int walk_h = walk_height(m), console_h = console_height(m);
    int tlb_w = tlb_width(m, g);
    int frame_h = m.title + 9 * m.lh;
    int rest = r.h - walk_h - GAP - frame_h - GAP;
    if (r.w < 80 * m.cw + 6 || r.w < tlb_w + GAP + pane_width(m, PROCS_CHARS) ||
        rest < m.title + 10 * m.ch ||
        r.h < m.title + 3 * m.lh + GAP + console_h)
        return false;
    if (console && r.h < walk_h + GAP + m.title + 3 * m.lh + GAP + console_h)
        walk_h = -GAP; /* the console takes its room */
    else
        l->walk = (struct rect){r.x, r.y, r.w, walk_h};
    int y = r.y + walk_h + GAP;
    if (console) {
        frame_h = r.h - walk_h - 2 * GAP - console_h;
        l->frame = (struct rect){r.x, y, r.w, frame_h};
        y += frame_h + GAP;
        l->console = (struct rect){r.x, y, r.w, console_h};
        l->low = l->console;
        place_left(l, m, r.y + r.h);
        return true;
    }
    int want = m.title + 16 * m.ch + 2; /* all 32 entries */
    if (rest > want) {
        frame_h += rest - want;
        rest = want;
    }
    l->frame = (struct rect){r.x, y, r.w, frame_h};
    y += frame_h + GAP;
    l->tlb = (struct rect){r.x, y, tlb_w, rest};
    l->procs = (struct rect){r.x + tlb_w + GAP, y, r.w - tlb_w - GAP, rest};
    l->low = (struct rect){r.x, y, r.w, rest};
    place_left(l, m, r.y + r.h);
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
                 const struct grid *g, bool console)
{
    struct metrics m = metrics_of(size);
    *l = (struct layout){.size = size, .wide = wide};
    l->console_shown = wide || console;
    l->status = (struct rect){0, 0, w, m.bar};
    l->caption = (struct rect){0, h - m.bar, w, m.bar};
    int y = m.bar + GAP;
    int bottom = place_strips(l, m, w, h - m.bar - GAP) - GAP;
    int ruler_w = hex_digits(g->nframes ? g->nframes - 1 : 0) * m.cw + GAP;
    int right_min = wide ? 80 * m.cw + 6 + GAP + pane_width(m, PROCS_CHARS)
                         : tlb_width(m, g) + GAP + pane_width(m, PROCS_CHARS);
    int frame_walk =
        pane_width(m, WALK_CHARS) + GAP + pane_width(m, FRAME_CHARS);
    if (wide && right_min < frame_walk)
        right_min = frame_walk;
    if (right_min < 80 * m.cw + 6) /* the console */
        right_min = 80 * m.cw + 6;
    int room_w = w - 2 * MARGIN - 2 * GAP - right_min;
    struct rect room = {MARGIN, y, room_w, bottom - y};
    if (bottom - y < 100 || l->sparks_columns < 3 ||
        !fit_map(l, m, g, room.w, room.h, ruler_w))
        return false;
    place_map(l, m, room, ruler_w);
    int x = MARGIN + l->legend.w + 2 * GAP;
    struct rect right = {x, y, w - MARGIN - x, bottom - y};
    return wide ? place_wide(l, m, right)
                : place_compact(l, m, g, right, console);
}

static bool plan_size(struct layout *l, int w, int h, int size,
                      const struct grid *g, bool console)
{
    return size >= 0 && size < FONT_SIZES &&
           (plan(l, w, h, size, true, g, console) ||
            plan(l, w, h, size, false, g, console));
}

/* The size whose wide plan fits without taking pixels from the map. */
static int best_size(int w, int h, const struct grid *g)
{
    struct layout l;
    int best = 0, cell = 0;
    for (int size = 0; size < FONT_SIZES; size++) {
        if (!plan(&l, w, h, size, true, g, false))
            break;
        if (!size)
            cell = l.cell;
        if (l.shrink || l.cell * 5 < cell * 3)
            break;
        best = size;
    }
    return best;
}

int layout_make(struct layout *l, int w, int h, const struct grid *g, int steps,
                bool console)
{
    w = w < MIN_WIDTH ? MIN_WIDTH : w;
    h = h < MIN_HEIGHT ? MIN_HEIGHT : h;
    int best = best_size(w, h, g), step = steps > 0 ? -1 : 1;
    for (; steps; steps += step)
        if (plan_size(l, w, h, best + steps, g, console) &&
            plan_size(l, w, h, best + steps, g, !console))
            break;
    bool fits = plan_size(l, w, h, best + steps, g, console);
    assert(fits);
    return steps;
}

void layout_choose(struct layout *l, bool memory, bool life)
{
    static const struct rect none;
    if (memory && !l->memory.w && l->tlb.w) {
        l->memory = l->tlb;
        l->disks = l->procs;
        l->tlb = l->procs = none;
    }
    if (!life)
        return;
    struct rect *covered[] = {&l->tlb, &l->procs, &l->console, &l->memory,
                              &l->disks};
    for (unsigned i = 0; i < ARRAY_LEN(covered); i++) {
        struct rect both = rect_cut(*covered[i], l->low);
        if (both.w && both.h)
            *covered[i] = none;
    }
    l->console_shown = l->console.w != 0;
    l->life = l->low;
}
