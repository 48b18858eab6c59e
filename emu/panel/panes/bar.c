/* SPDX-License-Identifier: MIT */
/* Draws the bar at the top: whether the machine runs, its time and pace, the
 * policy, free memory, swap, and the events at which it stops. An item has room
 * for the longest text that it may get, so that nothing moves while the machine
 * runs. In a narrow window the least important items are left out. */
#include "panel/panes/gauge.h"

/* ---- its items ----------------------------------------------------------- */

enum item_id {
#define ITEM(id, rank, strong, label, room, term, sentence) id,
#include "panel/panes/bar.def"
    ITEMS
};
static const struct about {
    int rank;
    bool strong;
    const char *label, *room, *term, *sentence;
} abouts[ITEMS] = {
#define ITEM(id, ...) [id] = {__VA_ARGS__},
#include "panel/panes/bar.def"
};

struct item {
    int rank, w;             /* w: its width; 0: not drawn */
    int gauge;               /* width of its gauge, a part of w */
    const char *text, *more; /* more: left out first */
    const char *room, *more_room;
};

struct bar {
    struct draw *g;
    struct item item[ITEMS];
    u32 verdict;
};

static int width_of(const struct bar *b, enum item_id id)
{
    const struct draw *g = b->g;
    const struct item *it = &b->item[id];
    int blank = g->l.digit, w = id == MODE ? 2 * g->pad : 0;
    if (*abouts[id].label)
        w += font_width(g->sans, abouts[id].label) + blank;
    if (it->gauge)
        w += it->gauge + blank;
    int text = font_width(g->bold, it->text);
    int more = font_width(g->sans, it->more);
    wider(&text, font_width(g->bold, it->room));
    wider(&more, font_width(g->sans, it->more_room));
    return w + text + (*it->more ? blank + more : 0);
}

static const char *pace_word(const struct ins_display *d)
{
    double p = d->pace_limit;
    return p <= 0 ? d->running ? "as fast as it goes" : "no limit"
           : p < .999 && p > .15     ? phrase("%.4g of real time", p)
           : p < .999 && 1 / p < 1e6 ? phrase("1/%.4g of real time", 1 / p)
           : p < 1.001               ? "in real time"
                                     : phrase("%.4g times real time", p);
}

/* ---- words --------------------------------------------------------------- */

/* Names the events at which the machine stops: whole lanes by their names, a
 * few of the other caught events by their words. */
static const char *stops_text(const struct ins_display *d)
{
    enum { MOST = 56 }; /* no lane or word is added after so many bytes */
    const char *text = "";
    u64 rest = d->catching;
    for (int i = 0; i < LANES; i++) {
        if (!lane_stops(d, i))
            continue;
        const char *const *words = lane_catches(i);
        for (unsigned k = 0; k < LANE_WORDS && words[k]; k++)
            rest &= ~inspect_reason_mask(words[k]);
        if (strlen(text) < MOST)
            text = phrase("%s%s%s", text, *text ? ", " : "", lane_name(i));
    }
    unsigned more = 0;
    for (unsigned r = 0; r < R_COUNT && strlen(text) < MOST && more < 3; r++) {
        u64 kind = inspect_reason_mask(ins_reasons[r].kind);
        if (!(rest >> r & 1))
            continue;
        bool whole = (rest & kind) == kind;
        const char *word = whole ? ins_reasons[r].kind : ins_reasons[r].word;
        rest &= ~(whole ? kind : 1ull << r);
        text = phrase("%s%s%s", text, *text ? ", " : "",
                      more++ == 2 ? "others" : word);
    }
    return text;
}

/* Returns a gauge's width; a narrow terminal has room for numbers only. */
static int gauge_wide(const struct draw *g, int lines)
{
    return !in_cells(g) ? lines * g->lh : g->fb->w < 120 ? 0 : 2 * lines;
}

static void fill_levels(struct bar *b)
{
    struct draw *g = b->g;
    const struct ins_display *d = g->d;
    struct item *it = &b->item[FREE];
    const char *all = grouped(d->nframes);
    it->text = phrase("%s of %s", grouped(d->free_frames + d->vm.kept), all);
    it->room = phrase("%s of %s", all, all);
    it->gauge = gauge_wide(g, 6);
    it->more = gauge_verdict(g, &b->verdict);
    it->more_room = "below low: programs look for frames";
    b->item[TICKS].text = gauge_names(g);
    it = &b->item[SWAP];
    if (!d->vm.swap || !d->vm.swap_total) {
        it->text = "none";
        it->rank = 9;
        return;
    }
    it->text = grouped(d->vm.swap_used);
    it->room = grouped(d->vm.swap_total);
    it->more = phrase("of %s", it->room);
    it->gauge = gauge_wide(g, 4);
}

static void fill_items(struct bar *b)
{
    struct draw *g = b->g;
    const struct ins_display *d = g->d;
    struct item *it = b->item;
    for (unsigned i = 0; i < ITEMS; i++)
        it[i] = (struct item){abouts[i].rank, 0, 0, "", "", abouts[i].room, ""};
    it[MODE].text = d->mode[0] ? d->mode : d->running ? "RUN" : "HALT";
    it[TIME].text = sim_time(d, d->cycle);
    it[PACE].text = pace_word(d);
    if (d->pace_limit <= 0)
        it[PACE].room = "as fast as it goes";
    it[TIMING].text = d->timing;
    if (d->mips > 0) /* 0: the machine stands still */
        it[MIPS].text = phrase("%.1f MIPS", d->mips);
    it[CYCLE].text = grouped(d->cycle);
    it[POLICY].text = d->policy[0] ? d->policy : "none";
    fill_levels(b);
    it[STOPS].text = stops_text(d);
    if (d->lit_words[0] && d->lit) {
        it[LIT].text = phrase("%.60s", d->lit_words);
        it[LIT].more = phrase("%s frame%s%s%s", grouped(d->nlit),
                              d->nlit == 1 ? "" : "s", d->nlit ? ", " : "",
                              d->nlit ? size_text(d->nlit * PAGE_BYTES) : "");
    }
    if (!in_cells(g)) /* a terminal has this in its last line */
        it[KEYS].text = "? keys";
    for (enum item_id i = 0; i < ITEMS; i++)
        it[i].w = *it[i].text || i == MIPS ? width_of(b, i) : 0;
}

/* ---- fitting them in ----------------------------------------------------- */

static int space_between(const struct draw *g)
{
    return 2 * g->l.digit;
}

static int sum(const struct bar *b)
{
    int w = 0;
    for (unsigned i = 0; i < ITEMS; i++)
        if (b->item[i].w)
            w += b->item[i].w + space_between(b->g);
    return w;
}

/* Takes spare room from items, the last first, until all fit in the bar. */
static void no_room_to_spare(struct bar *b, int room)
{
    for (enum item_id i = ITEMS; i-- > 0 && sum(b) > room;) {
        struct item *it = &b->item[i];
        it->room = it->more_room = "";
        if (it->w && *it->text)
            it->w = width_of(b, i);
    }
}

/* Makes the items fit: each, from the highest rank (least important) down,
 * loses its `more`, then half of its gauge, then all. */
static void fit_items(struct bar *b, int room)
{
    no_room_to_spare(b, room);
    for (int rank = 11; rank > 0; rank--)
        for (enum item_id i = 0; i < ITEMS; i++) {
            struct item *it = &b->item[i];
            if (it->rank != rank || !it->w || sum(b) <= room)
                continue;
            it->more = "";
            it->w = width_of(b, i);
            if (sum(b) > room && it->gauge) {
                it->gauge /= 2;
                it->w = width_of(b, i);
            }
            if (sum(b) > room)
                it->w = 0;
        }
}

/* Widens each gauge by two thirds of the width left over, within limits. */
static void stretch(struct bar *b, int room)
{
    int spare = room - sum(b), most = 8 * b->g->lh;
    static const enum item_id gauges[] = {FREE, SWAP};
    for (unsigned i = 0; i < ARRAY_LEN(gauges); i++) {
        struct item *it = &b->item[gauges[i]];
        int more = spare * 2 / 3;
        if (!it->w || !it->gauge || more <= 0)
            continue;
        more = more < most ? more : most;
        it->gauge += more;
        it->w += more;
        spare -= more;
    }
}

/* ---- drawing ------------------------------------------------------------- */

static void explain(struct bar *b, enum item_id id, struct rect at)
{
    struct draw *g = b->g;
    const struct about *about = &abouts[id];
    const char *sentence = about->sentence;
    if (id == FREE) {
        sentence =
            g->d->vm.kept
                ? "frames that can be given out at once; blue: those whose "
                  "page is kept and can be found again. Below low the pageout "
                  "daemon wakes, at high it rests"
                : "frames that nobody uses; below low the pageout daemon "
                  "wakes, at high it rests, below min programs wait";
        if (g->d->free_pa)
            add_why(g, at, "pa:0x%llx", g->d->free_pa);
    }
    if (id == POLICY)
        add_policy(g, at);
    else if (id == LIT)
        add_light(g, at, "%s", g->d->lit_words);
    else if (id == KEYS)
        add_key(g, at, '?');
    else if (*sentence)
        add_word(g, at, about->term, sentence);
    else
        add_term(g, at, about->term);
}

static u32 ink_of(const struct bar *b, enum item_id id)
{
    const struct theme *t = b->g->t;
    return id == POLICY || id == LIT                ? t->accent
           : id == STOPS                            ? t->bad
           : id == PACE || id == MIPS || id == KEYS ? t->dim
                                                    : t->ink;
}

static void draw_mode(struct bar *b, struct rect at)
{
    struct draw *g = b->g;
    const char *mode = b->item[MODE].text;
    u32 colour = !strcmp(mode, "RUN")    ? g->t->good
                 : !strcmp(mode, "OFF")  ? g->t->dim
                 : !strcmp(mode, "PAST") ? g->t->accent
                                         : g->t->warn;
    struct rect pill = {at.x, at.y + g->pad / 4, at.w, at.h - g->pad / 2};
    fb_fill(g->fb, pill, colour);
    put_bold(g, at.x + g->pad, at.y + (at.h - g->lh) / 2, colour_strong(colour),
             mode);
}

static void draw_item(struct bar *b, enum item_id id, int x, int y)
{
    struct draw *g = b->g;
    struct item *it = &b->item[id];
    int blank = g->l.digit;
    const struct about *about = &abouts[id];
    if (*about->label)
        x = put_as(g, g->sans, x, y, g->t->dim, about->label) + blank;
    if (it->gauge) {
        int h = g->lh * 5 / 8;
        struct rect r = rect(x, y + (g->lh - h) / 2, it->gauge, h);
        if (id == FREE)
            gauge_free(g, r, b->verdict);
        else
            gauge_swap(g, r);
        x += it->gauge + blank;
    }
    if (id == TICKS)
        x = gauge_put_names(g, x, y);
    else
        x = put_as(g, about->strong ? g->bold : g->sans, x, y, ink_of(b, id),
                   it->text);
    if (*it->more)
        put_as(g, g->sans, x + blank, y, id == FREE ? b->verdict : g->t->dim,
               it->more);
}

void draw_bar(struct draw *g, struct rect r)
{
    struct bar b = {.g = g};
    fb_fill(g->fb, r, g->t->band);
    int x = r.x + g->pad, y = r.y + (r.h - g->lh) / 2;
    int right = r.x + r.w - g->pad;
    fill_items(&b);
    fit_items(&b, right - x + space_between(g));
    stretch(&b, right - x);
    for (enum item_id id = 0; id < ITEMS; id++) {
        struct item *it = &b.item[id];
        if (!it->w)
            continue;
        if (id == KEYS)
            x = right - it->w;
        struct rect at = {x, r.y, it->w, r.h};
        if (*it->text)           /* else its room stays empty */
            explain(&b, id, at); /* its parts, drawn next, come before it */
        if (id == MODE)
            draw_mode(&b, at);
        else if (*it->text)
            draw_item(&b, id, x, y);
        x += it->w + space_between(g);
    }
}
