/* SPDX-License-Identifier: MIT */
/* Draws the legend, a live histogram of the frames' kinds. Each kind has its
 * cell as on the map, its word, its number of frames and their share; a click
 * lights these frames up. If lines are too few, marks below the table are cut,
 * then kinds without frames. If no table fits, entries run on in lines. */
#include "inspect/words.h"
#include "panel/map/map.h"

enum { ENTRIES = FS_COUNT };

/* Short words for a narrow window; elsewhere the state's own word is used. */
static const char *const brief[FS_COUNT] = {
    [FS_FREE] = "free",        [FS_ZEROED] = "zeroed",
    [FS_KCODE] = "code",       [FS_KDATA] = "kernel",
    [FS_PGTABLE] = "tables",   [FS_ANON] = "anon.",
    [FS_COW] = "cow",          [FS_FILE_CLEAN] = "file",
    [FS_FILE_DIRTY] = "dirty", [FS_SWAPCACHE] = "swap",
    [FS_SHMEM] = "shared",
};
/* Free frames first, as the story is about them; last the kinds that come and
 * go, so that the others keep their places. */
static const u8 order[FS_COUNT] = {
    FS_FREE, FS_KCODE,      FS_KDATA,     FS_PGTABLE, FS_ANON,   FS_FILE_CLEAN,
    FS_COW,  FS_FILE_DIRTY, FS_SWAPCACHE, FS_SHMEM,   FS_ZEROED,
};

static const struct {
    u8 flags;
    bool halves, line;
    const char *word, *sentence;
} marks[] = {
    {0, true, false, "used lately, older",
     "bright: the hart has read or written the frame in the last 32 ms; "
     "darker: its last use is longer ago, or there was none"},
    {FRAME_F_IO, false, false, "disk I/O",
     "a disk reads into the frame or writes from it"},
    {FRAME_F_DIRTY, false, false, "changed",
     "the page is newer than its copy on disk, or has none; it must be "
     "written before its frame can be taken"},
    {FRAME_F_LOCKED, false, false, "locked",
     "locked by mlock or mlockall: no policy may take it"},
    {0, false, true, "event now",
     "the line under a frame: an event just happened to it; the line fades "
     "in half a second, while the machine runs"},
};

/* The place that the next entry gets. Entries follow each other and break into
 * lines. draws false: this pass only measures whether all fit. */
struct flow {
    struct rect r;
    int x, y;
    int column; /* width of the table's columns; 0: no table */
    bool draws, full;
};

static int swatch_side(const struct draw *g)
{
    int side = g->l.px - g->l.px / 8;
    return side < 2 ? 2 : side; /* a terminal's character: 2 pixels */
}

/* Returns the space between a mark and its words. */
static int beside(const struct draw *g)
{
    return g->l.digit > 1 ? g->l.digit * 3 / 4 : 1;
}

/* Returns the next entry's place, w wide; a place with w 0: no line is left. */
static struct rect next_place(const struct draw *g, struct flow *f, int w)
{
    if (f->column)
        w = f->column - g->l.digit * 3 / 2;
    if (f->x > f->r.x && f->x + w > f->r.x + f->r.w) {
        f->x = f->r.x;
        f->y += g->lh;
    }
    struct rect at = {f->x, f->y, w, g->lh};
    if (f->y + g->lh > f->r.y + f->r.h || w > f->r.w) {
        f->full = true;
        at.w = 0;
    }
    f->x += w + g->l.digit * 3 / 2;
    return at;
}

static struct rect swatch_of(const struct draw *g, struct rect at)
{
    int s = swatch_side(g);
    return rect(at.x, at.y + (g->lh - s) / 2, s, s);
}

/* Draws a cell, its left half as if used lately, its right half as if not. */
static void draw_halves(struct draw *g, struct rect s, u8 kind)
{
    struct rect half = s, clip = g->fb->clip;
    draw_cell(g, s, kind, true, 0);
    half.x += s.w / 2;
    half.w -= s.w / 2;
    fb_clip(g->fb, rect_cut(clip, half));
    draw_cell(g, s, kind, false, 0);
    fb_clip(g->fb, clip);
}

/* Returns "37%" or "<1%", and "" for a kind without frames. */
static const char *share_text(const struct draw *g, u64 n)
{
    u64 all = g->d->nframes ? g->d->nframes : 1;
    return !n              ? ""
           : n * 200 < all ? "<1%"
                           : phrase("%llu%%", (n * 100 + all / 2) / all % 1000);
}

/* Returns "930", "9.6k", "27k" or "1.0M". */
static const char *brief_count(u64 n)
{
    const char *unit = n < 1000000 ? "k" : "M";
    double part = (double)n / (n < 1000000 ? 1e3 : 1e6);
    return n < 1000 ? phrase("%llu", n)
                    : phrase(part < 9.95 ? "%.1f%s" : "%.0f%s", part, unit);
}

/* Draws the word of a kind, underlined while its frames are lit; a click on
 * `at` lights them up. */
static void kind_word(struct draw *g, struct rect at, int x, int wide,
                      const char *kind, const char *word, bool any)
{
    bool lit = !strcmp(g->d->lit_words, kind);
    if (lit)
        fill(g, x, at.y + g->lh - 2, wide, 2, g->t->accent);
    put_as(g, g->sans, x, at.y, lit || any ? g->t->ink : g->t->dim, word);
    add_light(g, at, "%s", kind);
}

static void kind_entry(struct draw *g, struct flow *f, u8 kind, unsigned form)
{
    u64 n = kind_frames(g->d, kind);
    const char *word = form < 2 ? ins_states[kind].word : brief[kind];
    const char *count = form < 3      ? grouped(n)
                        : in_cells(g) ? brief_count(n)
                                      : "";
    bool kept = kind == FS_FREE && g->d->vm.kept && !in_cells(g) && *count;
    if (kept) /* the bar counts these, too */
        count = phrase("%s+%s", count, grouped(g->d->vm.kept));
    int gap = g->l.thin, wide = font_width(g->sans, word);
    int number = *count ? gap + font_width(g->sans, count) : 0;
    int colour =
        g->v->heat ? 0 : swatch_side(g) + gap; /* in heat mode: no swatch */
    int shares = f->column ? font_width(g->sans, " 100%") : 0;
    struct rect at = next_place(g, f, colour + wide + number + shares);
    if (!f->draws || !at.w)
        return;
    struct rect s = swatch_of(g, at);
    if (colour)
        draw_halves(g, s, kind);
    if (colour && kind == FS_FREE) /* nearly the background's colour */
        fb_frame(g->fb, s, g->t->dim);
    kind_word(g, at, at.x + colour, wide + number, ins_states[kind].word, word,
              n > 0);
    if (f->column) {
        int right = at.x + at.w;
        if (!kept) /* its numbers have the share's place */
            put_right(g, g->sans, right, at.y, g->t->dim, share_text(g, n));
        put_right(g, g->sans, kept ? right : right - shares, at.y,
                  n ? g->t->ink : g->t->dim, count);
    } else if (*count)
        put_as(g, g->sans, at.x + colour + wide + gap, at.y, g->t->dim, count);
}

/* Draws, below the table, words that a click explains. Returns the place of
 * their swatch, which the caller paints; w 0: nothing is drawn. */
static struct rect entry(struct draw *g, struct flow *f, const char *label,
                         const char *word, const char *sentence)
{
    int side = swatch_side(g) + beside(g);
    struct rect at = next_place(g, f, side + font_width(g->sans, label));
    if (!f->draws || !at.w)
        return rect(0, 0, 0, 0);
    put_as(g, g->sans, at.x + side, at.y, g->t->dim, label);
    add_word(g, at, word, sentence);
    return swatch_of(g, at);
}

static void mark_entry(struct draw *g, struct flow *f, unsigned i)
{
    struct rect s =
        entry(g, f, marks[i].word, marks[i].word, marks[i].sentence);
    if (!s.w)
        return;
    if (marks[i].halves)
        draw_halves(g, s, FS_ANON);
    else
        draw_mark_alone(g, s, marks[i].flags);
    if (marks[i].line)
        fill(g, s.x, s.y + s.h, s.w, g->l.line, g->t->ink);
}

static void hand_entry(struct draw *g, struct flow *f, unsigned i)
{
    bool two = hand_shown(g, 1);
    const char *word = !two ? "hand" : i ? "front hand" : "back hand";
    struct rect s = entry(
        g, f, word, word,
        i     ? "goes round all frames and clears the marks of use; its "
                "colour lies between the cells that it passed lately"
        : two ? "follows the front hand and takes frames not used since that "
                "hand passed; its colour marks where it was lately"
              : "goes round all frames: it spares those used since it last "
                "passed, and takes the others; its colour lies between "
                "the cells that it passed lately");
    for (int k = 0; s.w && k < g->l.line; k++)
        fb_frame(g->fb, rect_inset(s, k), hand_colour(g, i));
    fb_mark(g->fb, s, hand_colour(g, i));
}

/* Draws heat mode's scale of ages. Its darkest colour stands for the machine's
 * age, but at most 17 minutes. */
static void heat_scale(struct draw *g, struct flow *f)
{
    static const char about[] = "how long ago the hart last used each frame; "
                                "h: kinds again";
    int gap = beside(g), bar = 10 * g->l.digit;
    bool wide = f->r.w > 50 * g->l.digit;
    const char *first = wide ? "used now" : "now";
    const char *last = heat_most(g) == 160
                           ? wide ? "17 minutes ago, or more" : "17 min"
                           : phrase("%s%s", sim_time(g->d, g->d->cycle),
                                    wide ? " ago, at power-on" : "");
    int w = font_width(g->sans, first);
    struct rect at =
        next_place(g, f, w + bar + font_width(g->sans, last) + 2 * gap);
    if (f->draws && at.w) {
        put_as(g, g->sans, at.x, at.y, g->t->dim, first);
        for (int i = 0; i < bar; i++)
            fill(g, at.x + w + gap + i, at.y + g->lh / 4, 1, g->lh / 2,
                 colour_cividis((unsigned)(256 - i * 256 / bar)));
        put_as(g, g->sans, at.x + w + bar + 2 * gap, at.y, g->t->dim, last);
        add_word(g, at, "heat", about);
    }
    struct rect s =
        entry(g, f, wide ? "free, or never used" : "never", "heat", about);
    fb_fill(g->fb, s, g->t->kind[FS_FREE][1]);
    fb_frame(g->fb, s, g->t->dim);
}

/* Returns how many marks are shown: a terminal's cells are too small for most,
 * and letters tell nothing but the kind. */
static unsigned marks_seen(const struct draw *g)
{
    return g->v->pixels == PIXELS  ? ARRAY_LEN(marks)
           : g->v->pixels == CELLS ? 2
                                   : 0;
}

/* Returns the width of a column that has room for every kind, if three columns
 * fit; else 0. The marks follow after the table. */
static int column_of(const struct draw *g, struct rect r, unsigned form)
{
    int wide = 0, gaps = swatch_side(g) + 3 * g->l.digit;
    u64 most = g->d->nframes;
    for (u8 k = 0; k < FS_COUNT; k++) {
        u64 n = kind_frames(g->d, k);
        wider(&wide,
              font_width(g->sans, form < 2 ? ins_states[k].word : brief[k]));
        most = n > most ? n : most;
    }
    wide += gaps + font_width(g->sans, grouped(most)) +
            font_width(g->sans, " 100%");
    return wide <= r.w / 3 ? wide : 0;
}

/* A way to lay out the legend: draw_legend tries the forms first to last, as a
 * table or as running entries, with or without marks and the kernel's own
 * kinds. Form 0 shows all; 1 leaves out kinds without frames, except free; 2
 * also has short words; 3 also has no counts (in a terminal, brief ones). */
struct way {
    unsigned first, last; /* forms */
    bool table, marks, kernel_kinds;
};

static bool flow_all(struct draw *g, struct rect r, unsigned form,
                     const struct way *way, bool draws)
{
    struct flow f = {.r = r, .x = r.x, .y = r.y, .draws = draws};
    f.column = way->table && !g->v->heat ? column_of(g, r, form) : 0;
    if (way->table && !f.column)
        return false;
    for (unsigned i = 0; i < ENTRIES; i++) {
        if (!form || kind_frames(g->d, order[i]) || order[i] == FS_FREE)
            kind_entry(g, &f, order[i], form);
        if (!i && g->v->heat) /* its colours are those on the map */
            heat_scale(g, &f);
    }
    bool of_table = f.column != 0;
    f.column = 0;
    for (unsigned i = 0; i < g->d->nkernel_kinds && way->kernel_kinds; i++) {
        const char *word = g->d->kernel_kinds[i]; /* slab, stack ... */
        struct rect at = next_place(g, &f, font_width(g->sans, word));
        if (draws && at.w)
            kind_word(g, at, at.x, at.w, word, word, false);
    }
    bool fits = !f.full;
    for (unsigned i = 0; i < 2 && way->marks; i++)
        if (hand_shown(g, i))
            hand_entry(g, &f, i);
    unsigned n = g->v->heat ? 0 : marks_seen(g);
    for (unsigned i = 0; i < n && way->marks; i++)
        mark_entry(g, &f, i);
    return of_table ? fits : !f.full; /* after a table marks may be cut */
}

void draw_legend(struct draw *g, struct rect r)
{
    static const struct way ways[] = {{0, 2, true, true, true},
                                      {3, 3, false, true, true},
                                      {0, 2, true, true, false},
                                      {0, 3, false, true, false},
                                      {0, 3, false, false, false}};
    /* If the kernel has kinds of its own, ways that show them come first. */
    const struct way *way = g->d->nkernel_kinds ? ways : ways + 2;
    const struct way *last = ways + ARRAY_LEN(ways) - 1;
    unsigned form = 0;
    /* A terminal leaves out marks before it makes the counts brief. */
    while ((way < last || form < 3) &&
           ((in_cells(g) && form == 3 && way->marks) ||
            !flow_all(g, r, form, way, false)))
        if (form++ == way->last)
            form = (++way)->first;
    flow_all(g, r, form, way, true);
}
