/* SPDX-License-Identifier: MIT */
/* Draws the bar at the top: whether the machine runs, its time and pace, the
 * policy, free memory, swap, and the events at which it stops. An item has room
 * for the longest text that it may get, and the rooms alone decide where items
 * are and which of them a narrow window leaves out, so that none moves while
 * the machine runs. What the user chose (stops, lit frames) shares the rest. */
#include "inspect/words.h"
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
    int w;                        /* its width; 0: not drawn */
    int gauge;                    /* width of its gauge, a part of w */
    const char *text, *more;      /* more: as many of its clauses as fit */
    const char *room, *more_room; /* more_room "": `more` is not drawn */
};

static const char longest_verdict[] = "below high: the daemon rests";

struct bar {
    struct draw *g;
    struct item item[ITEMS];
    u32 verdict;
};

static int space_between(const struct draw *g)
{
    return 2 * g->l.digit;
}

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
    int more = font_width(g->sans, it->more_room);
    wider(&text, font_width(g->bold, it->room));
    return w + text + (more ? blank + more : 0);
}

/* Returns the pace in the words of --pace, a small one as a fraction. */
static const char *pace_word(const struct ins_display *d)
{
    double p = d->pace_limit;
    return p <= 0                ? "pace max"
           : p > .15 || p < 1e-6 ? phrase("pace %.4g", p)
                                 : phrase("pace 1/%.4g", 1 / p);
}

/* ---- words --------------------------------------------------------------- */

/* Names the events at which the machine stops: whole lanes by their names, a
 * few of the other caught events by their words. */
static const char *stops_text(const struct ins_display *d)
{
    enum { MOST = 56 }; /* no lane or word is added beyond this many bytes */
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
    return !in_cells(g) ? lines * g->lh : g->fb->w < 160 ? 0 : 2 * lines;
}

static void fill_levels(struct bar *b)
{
    struct draw *g = b->g;
    const struct ins_display *d = g->d;
    struct item *it = &b->item[FREE];
    const char *all = grouped(d->nframes);
    it->text = phrase("%s of %s", grouped(d->free_frames + d->vm.kept), all);
    it->room = phrase("%s of %s", all, all);
    it->gauge = gauge_wide(g, 7);
    it->more = gauge_verdict(g, &b->verdict);
    it->more_room = longest_verdict;
    b->item[TICKS].text = gauge_names(g);
    it = &b->item[SWAP];
    u64 most = 0; /* pages that could be in swap */
    EACH(disk, d->disks, d->ndisks)
        most += disk->sectors * 512 / PAGE_BYTES;
    it->room = most > d->nframes ? grouped(most) : all;
    it->gauge = gauge_wide(g, 5);
    bool swap = d->vm.swap && d->vm.swap_total;
    it->text = swap ? grouped(d->vm.swap_used) : "none";
    it->more = swap ? phrase("of %s", grouped(d->vm.swap_total)) : "";
}

static void fill_items(struct bar *b)
{
    struct draw *g = b->g;
    const struct ins_display *d = g->d;
    struct item *it = b->item;
    for (unsigned i = 0; i < ITEMS; i++)
        it[i] = (struct item){0, 0, "", "", abouts[i].room, ""};
    it[MODE].text = d->mode[0] ? d->mode : d->running ? "RUN" : "HALT";
    it[TIME].text = sim_time(d, d->cycle);
    it[PACE].text = pace_word(d);
    it[TIMING].text = d->timing;
    if (d->mips > 0) /* 0: the machine stands still */
        it[MIPS].text = phrase("%.1f MIPS", d->mips);
    it[CYCLE].text = grouped(d->cycle);
    it[POLICY].text = d->policy[0] ? d->policy : "none";
    fill_levels(b);
    if (!in_cells(g)) /* a terminal has this in its last line */
        it[KEYS].text = g->v->console ? "keys" : "? keys";
    for (enum item_id i = 0; i < ITEMS; i++)
        it[i].w = *it[i].text || *it[i].room ? width_of(b, i) : 0;
}

/* Narrows an item to the room that there is. It is not drawn at all if beside
 * its label there is room for a letter or two at most. */
static void narrower(struct bar *b, enum item_id id, int room)
{
    const struct draw *g = b->g;
    int *w = &b->item[id].w, least = font_width(g->sans, abouts[id].label);
    *w = *w < room ? *w : room < least + 5 * g->l.digit ? 0 : room;
}

/* Fills the room from x on that no other item has: with the events at which the
 * machine stops (in half of the room if frames are lit) and the lit frames. */
static void fill_rest(struct bar *b, int x, int right)
{
    const struct ins_display *d = b->g->d;
    struct item *stops = &b->item[STOPS], *lit = &b->item[LIT];
    int room = right - x - b->item[KEYS].w - space_between(b->g);
    stops->text = stops_text(d);
    stops->room = "";
    stops->w = *stops->text ? width_of(b, STOPS) : 0;
    if (d->lit_words[0] && d->lit) {
        lit->text = phrase("%.60s", d->lit_words);
        lit->more = lit->more_room =
            phrase("%s frame%s%s%s", grouped(d->nlit), d->nlit == 1 ? "" : "s",
                   d->nlit ? ", " : "",
                   d->nlit ? size_text(d->nlit * PAGE_BYTES) : "");
        lit->w = width_of(b, LIT);
        narrower(b, STOPS, room / 2);
    }
    narrower(b, STOPS, room);
    narrower(b, LIT, room - stops->w - (stops->w ? space_between(b->g) : 0));
}

/* ---- fitting them in ----------------------------------------------------- */

static int sum(const struct bar *b)
{
    int w = 0;
    for (unsigned i = 0; i < ITEMS; i++)
        if (b->item[i].w)
            w += b->item[i].w + space_between(b->g);
    return w;
}

static void give(struct bar *b, enum item_id id, const char *words)
{
    b->item[id].more_room = words;
    b->item[id].w = width_of(b, id);
}

/* Makes the items fit: from the highest rank (least important) down, halves an
 * item's gauge, then leaves the item out. The words beside free frames lose
 * their second clause before an item of rank 6 loses anything. */
static void fit_items(struct bar *b, int room)
{
    for (int rank = 11; rank > 0; rank--) {
        if (rank == 6 && sum(b) > room)
            give(b, FREE, "below high");
        for (enum item_id i = 0; i < ITEMS; i++) {
            struct item *it = &b->item[i];
            if (abouts[i].rank != rank || !it->w || sum(b) <= room)
                continue;
            it->gauge /= 2;
            it->w = width_of(b, i);
            if (sum(b) > room)
                it->w = 0;
        }
    }
}

/* Gives an item room for more words, if all items still fit. */
static void offer(struct bar *b, enum item_id id, int room, const char *words)
{
    struct item less = b->item[id];
    if (less.w)
        give(b, id, words);
    if (sum(b) > room)
        b->item[id] = less;
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
                  "page is kept and can be found again (info policy: what this "
                  "policy does at min, low and high)"
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

static void draw_item(struct bar *b, enum item_id id, struct rect at, int y)
{
    struct draw *g = b->g;
    struct item *it = &b->item[id];
    int blank = g->l.digit, x = at.x, end = at.x + at.w;
    const struct about *about = &abouts[id];
    if (*about->label)
        x = put_as(g, g->sans, x, y, g->t->dim, about->label) + blank;
    if (it->gauge && (id != SWAP || g->d->vm.swap_total)) {
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
        x = (id == STOPS ? put_clauses
                         : put_fit)(g, about->strong ? g->bold : g->sans, x, y,
                                    end - x, ink_of(b, id), it->text);
    if (*it->more && *it->more_room)
        put_clauses(g, g->sans, x + blank, y, end - x - blank,
                    id == FREE ? b->verdict : g->t->dim, it->more);
}

void draw_bar(struct draw *g, struct rect r)
{
    struct bar b = {.g = g};
    fb_fill(g->fb, r, g->t->band);
    int x = r.x + g->pad, y = r.y + (r.h - g->lh) / 2;
    int right = r.x + r.w - g->pad, room = right - x + space_between(g);
    fill_items(&b);
    fit_items(&b, room);
    offer(&b, FREE, room, longest_verdict);
    offer(&b, SWAP, room, phrase("of %s", b.item[SWAP].room));
    for (enum item_id id = 0; id < ITEMS; id++) {
        struct item *it = &b.item[id];
        if (id == STOPS)
            fill_rest(&b, x, right);
        if (it->w <= 0)
            continue;
        if (id == KEYS)
            x = right - it->w;
        struct rect at = {x, r.y, it->w, r.h};
        if (*it->text)           /* else its room stays empty */
            explain(&b, id, at); /* its parts' hits, added next, lie on top */
        if (id == MODE)
            draw_mode(&b, at);
        else if (*it->text)
            draw_item(&b, id, at, y);
        x += it->w + space_between(g);
    }
}
