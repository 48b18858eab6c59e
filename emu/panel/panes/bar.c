/* SPDX-License-Identifier: MIT */
/* The bar at the top: whether the machine runs, its time and pace, the policy,
 * free memory, swap, and the events at which it stops. An item has the room of
 * the longest it may become, so that nothing moves while the machine runs. In a
 * narrow window the least important items are left out. */
#include "panel/panes/gauge.h"

#include <stdio.h>

/* ---- its items ----------------------------------------------------------- */

/* In the order of the bar; an item of higher rank is left out sooner. */
enum item_id {
    MODE,
    TIME,
    PACE,
    TIMING,
    MIPS,
    CYCLE,
    POLICY,
    FREE,
    TICKS,
    SWAP,
    STOPS,
    LIT,
    KEYS,
    ITEMS
};

struct item {
    int rank, w;                        /* w 0: the item is empty */
    int gauge;                          /* pixels of its picture, within w */
    char label[24], text[80], more[48]; /* more: dropped before the item is */
    /* The longest that text and more are expected to become: they get its room,
     * so that what stands behind them stays where it is. */
    char room[70];
    const char *more_room;
};

struct bar {
    struct draw *g;
    struct item item[ITEMS];
    u32 verdict;
};

static int wider(struct font *f, const char *text, const char *room)
{
    int w = font_width(f, text), other = room ? font_width(f, room) : 0;
    return other > w ? other : w;
}

static int width_of(const struct bar *b, const struct item *it, bool more)
{
    const struct draw *g = b->g;
    int blank = g->l.digit, w = 0;
    if (it->label[0])
        w += font_width(g->sans, it->label) + blank;
    if (it->gauge)
        w += it->gauge + blank;
    w += wider(g->bold, it->text, it->room);
    if (more && it->more[0])
        w += blank + wider(g->sans, it->more, it->more_room);
    return w;
}

static const char *pace_word(const struct ins_display *d, char *buf, size_t n)
{
    double p = d->pace_limit;
    if (p <= 0)
        snprintf(buf, n, d->running ? "as fast as it goes" : "no limit");
    else if (p < .999 && p > .15)
        snprintf(buf, n, "%.4g of real time", p);
    else if (p < .999 && 1 / p < 1e6)
        snprintf(buf, n, "1/%.4g of real time", 1 / p);
    else if (p < 1.001)
        snprintf(buf, n, "in real time");
    else
        snprintf(buf, n, "%.4g times real time", p);
    return buf;
}

/* ---- words --------------------------------------------------------------- */

/* The events at which the machine stops: whole lanes by their names, and a few
 * of the other caught events by their words. */
static void stops_text(const struct ins_display *d, char *buf, size_t n)
{
    size_t len = 0;
    u64 rest = d->catching;
    buf[0] = 0;
    for (int i = 0; i < LANES; i++) {
        if (!lane_stops(d, i))
            continue;
        const char *const *words = lane_catches(i);
        for (unsigned k = 0; k < LANE_WORDS && words[k]; k++)
            rest &= ~inspect_reason_mask(words[k]);
        if (len + 24 < n)
            len = append(buf, n, len, "%s%s", len ? ", " : "", lane_name(i));
    }
    unsigned more = 0;
    for (unsigned r = 0; r < R_COUNT && len + 24 < n; r++) {
        u64 kind = inspect_reason_mask(ins_reasons[r].kind);
        if (!(rest >> r & 1))
            continue;
        bool whole = (rest & kind) == kind, enough = more++ == 2;
        const char *word = whole ? ins_reasons[r].kind : ins_reasons[r].word;
        rest &= ~(whole ? kind : 1ull << r);
        len = append(buf, n, len, "%s%s", len ? ", " : "",
                     enough ? "others" : word);
        if (enough)
            break;
    }
}

static struct item *fill_item(struct bar *b, enum item_id id, int rank,
                              const char *label)
{
    static const char *const rooms[ITEMS] = {[MODE] = "STDIN",
                                             [TIME] = "999.999 s",
                                             [MIPS] = "9999.9 MIPS",
                                             [CYCLE] = "999,999,999,999"};
    struct item *it = &b->item[id];
    it->rank = rank;
    snprintf(it->room, sizeof it->room, "%s", rooms[id] ? rooms[id] : "");
    snprintf(it->label, sizeof it->label, "%s", label);
    return it;
}

/* In a terminal's few columns numbers are worth more. */
static int gauge_wide(const struct draw *g, int lines)
{
    return !in_cells(g) ? lines * g->lh : g->fb->w < 120 ? 0 : 2 * lines;
}

static void fill_levels(struct bar *b)
{
    struct draw *g = b->g;
    const struct ins_display *d = g->d;
    char n[32], all[32];
    struct item *it = fill_item(b, FREE, 1, "free");
    snprintf(it->text, sizeof it->text, "%s of %s",
             grouped(n, d->free_frames + d->vm.kept), grouped(all, d->nframes));
    snprintf(it->room, sizeof it->room, "%s of %s", all, all);
    it->gauge = gauge_wide(g, 6);
    snprintf(it->more, sizeof it->more, "%s", gauge_verdict(g, &b->verdict));
    it->more_room = "below low: programs look for frames";
    gauge_names(g, fill_item(b, TICKS, 7, "ticks")->text, sizeof it->text);
    it = fill_item(b, SWAP, 3, "swap");
    if (!d->vm.swap || !d->vm.swap_total) {
        snprintf(it->text, sizeof it->text, "none");
        it->rank = 9;
        return;
    }
    snprintf(it->text, sizeof it->text, "%s", grouped(n, d->vm.swap_used));
    snprintf(it->more, sizeof it->more, "of %s",
             grouped(all, d->vm.swap_total));
    snprintf(it->room, sizeof it->room, "%s", all);
    it->gauge = gauge_wide(g, 4);
}

static const char *mode_of(const struct ins_display *d)
{
    return d->mode[0] ? d->mode : d->running ? "RUN" : "HALT";
}

static void fill_items(struct bar *b)
{
    struct draw *g = b->g;
    const struct ins_display *d = g->d;
    struct item *it = fill_item(b, MODE, 0, "");
    snprintf(it->text, sizeof it->text, "%s", mode_of(d));
    sim_time(fill_item(b, TIME, 2, "")->text, d, d->cycle);
    it = fill_item(b, PACE, 6, "");
    pace_word(d, it->text, sizeof it->text);
    if (d->pace_limit <= 0)
        snprintf(it->room, sizeof it->room, "as fast as it goes");
    snprintf(fill_item(b, TIMING, 8, "timing")->text, sizeof it->text, "%s",
             d->timing);
    it = fill_item(b, MIPS, 10, "");
    if (d->mips > 0) /* 0: the machine stands still */
        snprintf(it->text, sizeof it->text, "%.1f MIPS", d->mips);
    grouped(fill_item(b, CYCLE, 11, "cycle")->text, d->cycle);
    snprintf(fill_item(b, POLICY, 4, "policy")->text, sizeof it->text, "%s",
             d->policy[0] ? d->policy : "none");
    fill_levels(b);
    stops_text(d, fill_item(b, STOPS, 5, "stops at")->text, sizeof it->text);
    it = fill_item(b, LIT, 5, "lit");
    if (d->lit_words[0] && d->lit) {
        char n[32], size[32];
        snprintf(it->text, sizeof it->text, "%.60s", d->lit_words);
        snprintf(it->more, sizeof it->more, "%s frame%s%s%s",
                 grouped(n, d->nlit), d->nlit == 1 ? "" : "s",
                 d->nlit ? ", " : "",
                 d->nlit ? size_text(size, d->nlit * PAGE_BYTES) : "");
    }
    if (!in_cells(g)) /* else the last line always says so */
        snprintf(fill_item(b, KEYS, 1, "")->text, sizeof it->text, "? keys");
    for (unsigned i = 0; i < ITEMS; i++)
        b->item[i].w = b->item[i].text[0] || i == MIPS
                           ? width_of(b, &b->item[i], true)
                           : 0;
    b->item[MODE].w += 2 * g->pad;
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

/* In a narrow bar each item has only the room that it needs. */
static void no_room_to_spare(struct bar *b, int room)
{
    for (unsigned i = ITEMS; i-- > 0 && sum(b) > room;) {
        struct item *it = &b->item[i];
        it->room[0] = 0;
        it->more_room = NULL;
        if (it->w && it->text[0])
            it->w = width_of(b, it, true) + (i == MODE ? 2 * b->g->pad : 0);
    }
}

/* Leaves out items by rank: first the words behind an item's number, then half
 * of its gauge, then the item. */
static void fit_items(struct bar *b, int room)
{
    no_room_to_spare(b, room);
    for (int rank = 11; rank > 0; rank--)
        for (unsigned i = 0; i < ITEMS; i++) {
            struct item *it = &b->item[i];
            if (it->rank != rank || !it->w || sum(b) <= room)
                continue;
            if (it->more[0]) {
                it->more[0] = 0;
                it->w = width_of(b, it, false);
            }
            if (sum(b) > room && it->gauge) {
                it->gauge /= 2;
                it->w = width_of(b, it, false);
            }
            if (sum(b) > room)
                it->w = 0;
        }
}

/* The gauges grow into the width that is left over. */
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
    switch (id) {
    case MODE:
        add_word(g, at, "machine",
                 "RUN: it runs; HALT: it stands still, space goes on; WALK: "
                 "likewise, inside a page walk; STDIN: it waits for the pipe "
                 "or file that is its standard input; OFF: its power is off");
        break;
    case PACE:
        add_term(g, at, "pace");
        break;
    case POLICY:
        add_policy(g, at);
        break;
    case FREE:
        if (g->d->free_pa)
            add_why(g, at, "pa:0x%llx", g->d->free_pa);
        add_word(g, at, "free",
                 g->d->vm.kept
                     ? "frames that can be given out at once; blue: those "
                       "whose page "
                       "is kept and can be found again. Below low the pageout "
                       "daemon wakes, at high it rests"
                     : "frames that nobody uses; below low the pageout daemon "
                       "wakes, at high it rests, below min programs wait");
        break;
    case STOPS:
        add_word(g, at, "stops at",
                 "the machine halts at the next event of these kinds; Enter "
                 "goes on to the next, the lane's number ends it");
        break;
    case LIT:
        add_light(g, at, "%s", g->d->lit_words);
        break;
    case KEYS:
        add_key(g, at, '?');
        break;
    case TICKS: /* each name has a hit of its own over this one */
        add_word(g, at, "ticks",
                 "counts of free frames at which the kernel acts differently");
        break;
    case TIME:
    case TIMING:
    case MIPS:
    case CYCLE:
    case SWAP:
    case ITEMS:
        add_term(g, at,
                 id == TIME     ? "time"
                 : id == TIMING ? "timing"
                 : id == MIPS   ? "mips"
                 : id == CYCLE  ? "cycle"
                                : "swap");
    }
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

static struct rect gauge_rect(const struct draw *g, int x, int y, int w)
{
    int h = g->lh * 5 / 8;
    return (struct rect){x, y + (g->lh - h) / 2, w, h};
}

static void draw_item(struct bar *b, enum item_id id, int x, int y)
{
    struct draw *g = b->g;
    struct item *it = &b->item[id];
    int blank = g->l.digit;
    bool strong = id == TIME || id == POLICY || id == STOPS || id == LIT;
    if (it->label[0])
        x = put_as(g, g->sans, x, y, g->t->dim, it->label) + blank;
    if (it->gauge) {
        struct rect r = gauge_rect(g, x, y, it->gauge);
        if (id == FREE)
            gauge_free(g, r, b->verdict);
        else
            gauge_swap(g, r);
        x += it->gauge + blank;
    }
    if (id == TICKS)
        x = gauge_put_names(g, x, y);
    else
        x = put_as(g, strong ? g->bold : g->sans, x, y, ink_of(b, id),
                   it->text);
    if (it->more[0])
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
        if (it->text[0])         /* else its room stays empty */
            explain(&b, id, at); /* its parts' hits, drawn next, lie over it */
        if (id == MODE)
            draw_mode(&b, at);
        else if (it->text[0])
            draw_item(&b, id, x, y);
        x += it->w + space_between(g);
    }
}
