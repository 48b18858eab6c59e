/* SPDX-License-Identifier: MIT */
/* The DRAM: each bank with its open row, the bank accessed last bright; and the
 * share of accesses that found their row open. */
#include "panel/draw/draw.h"

#include <stdio.h>

enum { BRIGHT_MOST = 3 }; /* more bright banks would draw the eye nowhere */
enum { HITS, MISSES, CONFLICTS, ENDS };
static const struct {
    const char *term, *words;
} ends[ENDS] = {
    [HITS] = {"row hit", "the row was open"},
    [MISSES] = {"row closed", "no row was open"},
    [CONFLICTS] = {"row conflict", "another row was open"},
};

static u32 end_colour(const struct draw *g, unsigned end)
{
    return end == HITS ? g->t->good : end == MISSES ? g->t->warn : g->t->bad;
}

/* The latest access. A bank's accesses are recorded when a display is made, so
 * banks used since the display before have the same cycle, and the order among
 * them is not known. */
struct latest {
    u64 at;     /* cycle; 0: none */
    unsigned n; /* banks with that cycle */
    unsigned bank;
};

static struct latest latest(const struct ins_display *d, unsigned nbanks)
{
    struct latest l = {0};
    for (unsigned i = 0; i < nbanks; i++) {
        if (d->bank[i].last > l.at)
            l = (struct latest){d->bank[i].last, 0, i};
        l.n += l.at && d->bank[i].last == l.at;
    }
    return l;
}

/* ---- the banks ----------------------------------------------------------- */

static void bank_box(struct draw *g, struct rect at, unsigned i, bool bright)
{
    const struct ins_display *d = g->d;
    const struct ins_bank *b = &d->bank[i];
    int line = (g->l.px / 8 ? g->l.px / 8 : 1) * g->l.edge;
    u32 ink = bright ? g->t->page : b->open ? g->t->ink : g->t->dim;
    char text[24];
    fb_fill(g->fb, at, bright ? g->t->accent : g->t->band);
    if (b->open && !bright)
        fb_fill(g->fb, (struct rect){at.x, at.y, at.w, line}, g->t->good);
    struct rect in = {at.x + g->pad / 2, at.y + line, at.w - g->pad,
                      at.h - line};
    bool two = in.h >= 2 * g->lh;
    if (two) {
        snprintf(text, sizeof text, "bank %u", i);
        put_fit(g, g->sans, in.x, in.y, in.w, bright ? ink : g->t->dim, text);
    }
    if (b->open)
        snprintf(text, sizeof text, "0x%x", b->row);
    else
        snprintf(text, sizeof text, "closed");
    int y = two ? in.y + g->lh : at.y, room = at.y + at.h - y;
    struct font *f =
        b->open ? font_within(g, FACE_MONO, in.w, room, text) : g->sans;
    if (room >= g->lh)
        put_fit(g, f, in.x, y + (room - g->lh) / 2, in.w, ink, text);
    char words[40];
    if (b->open)
        snprintf(words, sizeof words, "bank %u row 0x%x", i, b->row);
    else
        snprintf(words, sizeof words, "bank %u", i);
    add_show(g, at, PANE_DRAM, bright ? "the bank accessed last" : "bank",
             b->open ? "the frames that lie in its open row are lit on the map"
                     : "no row is open in it; all of its frames are lit on the "
                       "map",
             words);
    if (d->selected_valid &&
        d->selected.dram_bank == i) /* the selected frame's bank */
        for (int k = 0; k < line; k++)
            fb_frame(g->fb, rect_inset(at, k), g->t->ink);
}

static void banks(struct draw *g, struct rect r, unsigned n,
                  const struct latest *last)
{
    int need = font_width(g->mono, "0x1ffff") + g->pad;
    unsigned columns = n;
    while (columns > 1 && (r.w / (int)columns < need ||
                           (n > 8 && columns > 8 && r.h >= 4 * g->lh)))
        columns = (columns + 1) / 2;
    unsigned rows = (n + columns - 1) / columns;
    int w = r.w / (int)columns, h = r.h / (int)rows, gap = g->pad / 4;
    for (unsigned i = 0; i < n; i++)
        bank_box(g,
                 (struct rect){r.x + (int)(i % columns) * w,
                               r.y + (int)(i / columns) * h, w - gap, h - gap},
                 i,
                 last->n <= BRIGHT_MOST && last->at &&
                     g->d->bank[i].last == last->at);
}

/* ---- how often ----------------------------------------------------------- */

static void sums(const struct ins_display *d, unsigned n, u64 sum[ENDS])
{
    for (unsigned i = 0; i < n; i++) {
        sum[HITS] += d->bank[i].hits;
        sum[MISSES] += d->bank[i].misses;
        sum[CONFLICTS] += d->bank[i].conflicts;
    }
}

static void stacked(struct draw *g, struct rect r, const u64 sum[ENDS], u64 all)
{
    int x = r.x;
    for (unsigned i = 0; i < ENDS; i++) {
        int w = (int)(percent(sum[i], all) / 100 * r.w + 0.5);
        w = i == ENDS - 1 ? r.x + r.w - x : w;
        w = all ? w : 0;
        fb_fill(g->fb, (struct rect){x, r.y, w, r.h}, end_colour(g, i));
        add_term(g, (struct rect){x, r.y, w, r.h}, ends[i].term);
        x += w;
    }
}

static void shares(struct draw *g, struct rect r, const u64 sum[ENDS], u64 all)
{
    char text[ENDS][96];
    int room = r.w / ENDS - g->pad;
    bool brief = false;
    for (unsigned i = 0; i < ENDS; i++) {
        snprintf(text[i], sizeof text[i], "%.0f%% %s", percent(sum[i], all),
                 ends[i].words);
        brief |= font_width(g->sans, text[i]) > room;
    }
    for (unsigned i = 0; i < ENDS; i++) {
        int x = r.x + (int)i * (r.w / ENDS);
        if (brief)
            snprintf(text[i], sizeof text[i], "%.0f%% %s", percent(sum[i], all),
                     ends[i].term + (in_cells(g) ? strlen("row ") : 0));
        put_fit(g, g->sans, x, r.y, room, end_colour(g, i), text[i]);
        add_term(g, (struct rect){x, r.y, room, g->lh}, ends[i].term);
    }
}

static void no_banks(struct draw *g, struct rect r)
{
    if (strcmp(g->d->timing, "fast")) {
        headline(g, &r, 0, g->t->ink, "Nothing is known of the DRAM yet");
        return;
    }
    struct rect head = r;
    headline(g, &head, 3, g->t->ink, "With fast timing the DRAM has no timing");
    int y = put_lines(
        g, g->sans, (struct rect){r.x, head.y, r.w, head.h - g->lh}, g->t->dim,
        "Every instruction takes one cycle, wherever its data "
        "lies. With cycle timing each access opens, uses or "
        "closes a row of a bank.");
    static const char change[] = "switch to cycle timing";
    if (y + g->lh > r.y + r.h)
        return;
    int x = put_fit(g, g->sans, r.x, y, r.w, g->t->accent, change);
    add_line(g, (struct rect){r.x, y, x - r.x, g->lh}, "timing cycle");
}

static void dram_title(struct draw *g, struct rect *r, unsigned n,
                       const struct latest *last)
{
    const struct ins_bank *b = &g->d->bank[last->bank];
    unsigned open = 0;
    for (unsigned i = 0; i < n; i++)
        open += g->d->bank[i].open;
    if (!last->at)
        headline(g, r, 5, g->t->ink, "%u banks; none was used yet", n);
    else if (last->n > 1)
        headline(
            g, r, 5, g->t->ink,
            "%u banks were used since the last picture; %u of %u have a row "
            "open now",
            last->n, open, n);
    else if (b->open)
        headline(g, r, 5, g->t->ink,
                 "Bank %u was used last: row 0x%x is open in it", last->bank,
                 b->row);
    else
        headline(g, r, 5, g->t->ink,
                 "Bank %u was used last; it has no row open now", last->bank);
}

void draw_dram(struct draw *g, struct rect r)
{
    const struct ins_display *d = g->d;
    unsigned n = d->nbanks < INS_BANKS ? d->nbanks : INS_BANKS;
    u64 sum[ENDS] = {0};
    if (!n) {
        no_banks(g, r);
        return;
    }
    struct draw big = larger(g, r, 11, 8 * 8);
    g = &big;
    sums(d, n, sum);
    u64 all = sum[HITS] + sum[MISSES] + sum[CONFLICTS];
    struct latest last = latest(d, n);
    int top = r.y;
    dram_title(g, &r, n, &last);
    add_term(g, (struct rect){r.x, top, r.w, r.y - top}, "DRAM");
    int foot = r.h >= 5 * g->lh ? 2 * g->lh : r.h >= 3 * g->lh ? g->lh : 0;
    banks(g, (struct rect){r.x, r.y + g->pad / 4, r.w, r.h - foot - g->pad / 2},
          n, &last);
    int y = r.y + r.h - foot;
    if (foot > g->lh) { /* the counts are the machine's, from its start */
        int x = put(g, r.x, y, g->t->dim, "since power-on") + 2 * g->l.digit;
        stacked(
            g,
            (struct rect){x, y + g->pad / 4, r.x + r.w - x, g->lh - g->pad / 2},
            sum, all);
    }
    if (foot)
        shares(g, (struct rect){r.x, r.y + r.h - g->lh, r.w, g->lh}, sum, all);
}
