/* SPDX-License-Identifier: MIT */
/* Draws the DRAM: each bank with its open row (the bank accessed last is
 * bright), and how often accesses found their row, another or none open. */
#include "panel/draw/draw.h"

enum { BRIGHT_MOST = 3 }; /* if more banks were used last, none is bright */
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

/* The latest access. A display notes the banks' accesses only when it is made,
 * so all banks used since the previous display have the same cycle, and nothing
 * tells which of them was used last. */
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
    int line = g->l.line * g->l.edge;
    u32 ink = bright ? g->t->page : b->open ? g->t->ink : g->t->dim;
    fb_fill(g->fb, at, bright ? g->t->accent : g->t->band);
    if (b->open && !bright)
        fill(g, at.x, at.y, at.w, line, g->t->good);
    struct rect in = {at.x + g->pad / 2, at.y + line, at.w - g->pad,
                      at.h - line};
    bool two = in.h >= 2 * g->lh;
    const char *name = phrase("bank %u", i);
    const char *text = b->open ? phrase("0x%x", b->row) : "closed";
    if (two)
        put_in(g, g->sans, in, bright ? ink : g->t->dim, name);
    int y = two ? in.y + g->lh : at.y, room = at.y + at.h - y;
    struct font *f =
        b->open ? font_within(g, FACE_MONO, in.w, room, text) : g->sans;
    if (room >= g->lh)
        put_fit(g, f, in.x, y + (room - g->lh) / 2, in.w, ink, text);
    add_show(g, at, PANE_DRAM, bright ? "the bank accessed last" : "bank",
             b->open ? "the frames that lie in its open row are lit on the map"
                     : "no row is open in it; all of its frames are lit on the "
                       "map",
             b->open ? phrase("%s row %s", name, text) : name);
    if (d->selected_valid && d->selected.dram_bank == i)
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
                 rect(r.x + (int)(i % columns) * w,
                      r.y + (int)(i / columns) * h, w - gap, h - gap),
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
        fill(g, x, r.y, w, r.h, end_colour(g, i));
        add_term(g, rect(x, r.y, w, r.h), ends[i].term);
        x += w;
    }
}

static void shares(struct draw *g, struct rect r, const u64 sum[ENDS], u64 all)
{
    const char *text[2][ENDS];
    int room = r.w / ENDS - g->pad;
    bool brief = false;
    for (unsigned i = 0; i < ENDS; i++) {
        const char *share = phrase("%.0f%%", percent(sum[i], all));
        text[0][i] = phrase("%s %s", share, ends[i].words);
        text[1][i] = phrase("%s %s", share,
                            ends[i].term + (in_cells(g) ? strlen("row ") : 0));
        brief |= font_width(g->sans, text[0][i]) > room;
    }
    for (unsigned i = 0; i < ENDS; i++) {
        int x = r.x + (int)i * (r.w / ENDS);
        put_fit(g, g->sans, x, r.y, room, end_colour(g, i), text[brief][i]);
        add_term(g, line_at(g, x, r.y, room), ends[i].term);
    }
}

static void no_banks(struct draw *g, struct rect r)
{
    if (strcmp(g->d->timing, "fast")) {
        tab_empty(g, r, "Nothing is known of the DRAM yet", "");
        return;
    }
    struct rect head = r;
    headline(g, &head, 3, g->t->ink, "With fast timing the DRAM has no timing");
    int y =
        put_lines(g, g->sans, rect(r.x, head.y, r.w, head.h - g->lh), g->t->dim,
                  "Every instruction takes one cycle, wherever its data "
                  "lies. With cycle timing each access opens, uses or "
                  "closes a row of a bank.");
    static const char change[] = "switch to cycle timing";
    if (y + g->lh > r.y + r.h)
        return;
    int x = put_fit(g, g->sans, r.x, y, r.w, g->t->accent, change);
    add_line(g, line_at(g, r.x, y, x - r.x), "timing cycle");
}

static void dram_title(struct draw *g, struct rect *r, unsigned n,
                       const struct latest *last)
{
    const struct ins_bank *b = &g->d->bank[last->bank];
    const char *text = phrase("%u banks; none was used yet", n);
    unsigned open = 0;
    for (unsigned i = 0; i < n; i++)
        open += g->d->bank[i].open;
    if (last->n > 1)
        text =
            phrase("%u banks were used since the last picture; %u of %u have a "
                   "row open now",
                   last->n, open, n);
    else if (last->at)
        text = phrase(b->open ? "Bank %u was used last: row 0x%x is open in it"
                              : "Bank %u was used last; it has no row open now",
                      last->bank, b->row);
    add_term(g, headline_say(g, r, 5, g->t->ink, text), "DRAM");
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
    dram_title(g, &r, n, &last);
    int foot = r.h >= 5 * g->lh ? 2 * g->lh : r.h >= 3 * g->lh ? g->lh : 0;
    banks(g, rect(r.x, r.y + g->pad / 4, r.w, r.h - foot - g->pad / 2), n,
          &last);
    int y = r.y + r.h - foot;
    if (foot > g->lh) { /* the machine counts from its start */
        int x = put(g, r.x, y, g->t->dim, "since power-on") + 2 * g->l.digit;
        struct rect bar = line_at(g, x, y + g->pad / 4, r.x + r.w - x);
        bar.h -= g->pad / 2;
        stacked(g, bar, sum, all);
    }
    if (foot)
        shares(g, line_at(g, r.x, r.y + r.h - g->lh, r.w), sum, all);
}
