/* SPDX-License-Identifier: MIT */
/* The memory pane: free frames against the policy's thresholds, swap, and
 * where the clock's hands are. */
#include "panel/draw.h"

#include <stdio.h>

u32 gauge_colour(const struct draw *g, const struct ins_gauge *gauge)
{
    return !strcmp(gauge->name, "min")    ? g->t->bad
           : !strcmp(gauge->name, "low")  ? g->t->warn
           : !strcmp(gauge->name, "high") ? g->t->good
                                          : 0;
}

/* The bar spans four times the highest threshold: beyond, nothing depends on
 * how much is free. Without thresholds it spans all of memory. */
static u64 bar_span(const struct draw *g)
{
    u64 top = 0;
    for (unsigned i = 0; i < g->d->vm.ngauges; i++)
        if (gauge_colour(g, &g->d->vm.gauge[i]) &&
            g->d->vm.gauge[i].value > top)
            top = g->d->vm.gauge[i].value;
    if (!top || top > g->d->nframes / 4)
        return g->d->nframes ? g->d->nframes : 1;
    return 4 * top;
}

static u32 verdict(const struct draw *g, const char **words)
{
    const struct ins_policy *p = &g->d->vm;
    u64 at, free = g->d->free_frames + p->kept;
    *words = "";
    if (inspect_gauge(p, "min", &at) && free < at)
        return *words = "below min", g->t->bad;
    if (inspect_gauge(p, "low", &at) && free < at)
        return *words = "below low", g->t->warn;
    if (inspect_gauge(p, "high", &at) && free < at)
        return *words = "below high", g->t->good;
    return g->t->good;
}

/* At most seven columns. */
static const char *short_number(char *buf, size_t n, u64 v)
{
    static const char unit[] = " kMGTPE";
    unsigned i = 0;
    for (; v > 999999; i++)
        v /= 1000;
    snprintf(buf, n, i ? "%llu%c" : "%llu", (unsigned long long)v, unit[i]);
    return buf;
}

static int part_of(u64 value, u64 span, int w)
{
    double x = (double)value / (double)(span ? span : 1) * w;
    return x > w ? w : (int)x;
}

static void bar(struct draw *g, struct rect b, u64 value, u64 span, u32 colour)
{
    fb_fill(g->fb, b, g->t->band);
    fb_fill(g->fb, (struct rect){b.x, b.y, part_of(value, span, b.w), b.h},
            colour);
}

static void free_row(struct draw *g, struct rect in, int y)
{
    const struct ins_display *d = g->d;
    const char *words;
    char text[32];
    u64 span = bar_span(g), free = d->free_frames + d->vm.kept;
    u32 colour = verdict(g, &words);
    put(g, in.x, y, g->t->dim, "free");
    put_right(g, in.x + 12 * g->cw, y, g->t->ink,
              short_number(text, sizeof text, free));
    struct rect b = {in.x + 13 * g->cw, y + 3, in.w - 13 * g->cw, g->ch - 5};
    bar(g, b, free, span, colour);
    if (d->vm.kept) /* in the colour of what they hold, over plain free ones */
        fb_fill(g->fb,
                (struct rect){b.x, b.y, part_of(d->vm.kept, span, b.w), b.h},
                g->t->kind[FS_FILE_CLEAN][1]);
    for (unsigned i = 0; i < d->vm.ngauges; i++) {
        u32 c = gauge_colour(g, &d->vm.gauge[i]);
        int x = b.x + part_of(d->vm.gauge[i].value, span, b.w - 1);
        if (!c)
            continue;
        fb_fill(g->fb, (struct rect){x - 1, b.y - 3, 3, b.h + 6}, g->t->page);
        fb_fill(g->fb, (struct rect){x, b.y - 3, 1, b.h + 6}, c);
    }
    if (free > span) /* more than the bar can say */
        for (int k = 0; k < 4; k++)
            fb_fill(g->fb,
                    (struct rect){b.x + b.w - 4 + k, b.y + k, 1,
                                  b.h - 2 * k > 0 ? b.h - 2 * k : 1},
                    g->t->page);
    add_word(g, (struct rect){in.x, y, in.w, g->lh}, "free",
             d->vm.kept
                 ? "frames that can be had at once; blue: those whose page is "
                   "kept and can be found again. Below low the pageout daemon "
                   "wakes, at high it rests"
                 : "frames that nobody uses; below low the pageout daemon "
                   "wakes, at high it rests, below min programs wait");
}

static void threshold_row(struct draw *g, struct rect in, int y)
{
    const struct ins_policy *p = &g->d->vm;
    int x = in.x, shown = 0;
    for (unsigned i = 0; i < p->ngauges; i++) {
        char text[32];
        u32 c = gauge_colour(g, &p->gauge[i]);
        short_number(text, sizeof text, p->gauge[i].value);
        int w =
            (text_columns(p->gauge[i].name) + 1 + text_columns(text)) * g->cw;
        if (!c || x + w > in.x + in.w)
            continue;
        int end = put(g, x, y, c, "%.15s ", p->gauge[i].name);
        end = put(g, end, y, g->t->ink, "%s", text);
        add_term(g, (struct rect){x, y, w, g->lh},
                 c == g->t->bad    ? "min"
                 : c == g->t->warn ? "low"
                                   : "high");
        x = end + 2 * g->cw;
        shown++;
    }
    if (!shown)
        put_fit(g, in.x, y, in.w / g->cw, g->t->dim, "no thresholds");
}

static void swap_row(struct draw *g, struct rect in, int y)
{
    const struct ins_policy *p = &g->d->vm;
    char text[64], total[32];
    put(g, in.x, y, g->t->dim, "swap");
    if (!p->swap || !p->swap_total) {
        put_fit(g, in.x + 6 * g->cw, y, in.w / g->cw - 6, g->t->dim, "none");
        return;
    }
    put_right(g, in.x + 12 * g->cw, y, g->t->ink,
              short_number(text, sizeof text, p->swap_used));
    snprintf(text, sizeof text, "of %s",
             short_number(total, sizeof total, p->swap_total));
    int tail = (text_columns(text) + 1) * g->cw;
    struct rect b = {in.x + 13 * g->cw, y + 3, in.w - 13 * g->cw - tail,
                     g->ch - 5};
    bool full = p->swap_used >= p->swap_total;
    bar(g, b, p->swap_used, p->swap_total,
        full ? g->t->bad : g->t->kind[FS_SWAPCACHE][1]);
    put_right(g, in.x + in.w, y, full ? g->t->bad : g->t->dim, text);
    add_term(g, (struct rect){in.x, y, in.w, g->lh}, "swap");
}

static int hand_word(struct draw *g, int x, int y, unsigned i, const char *name,
                     const char *sentence)
{
    char number[24];
    int from = x;
    x = put(g, x, y, hand_colour(g, i), "%s ", name);
    x = put(g, x, y, g->t->ink, "%s", frame_number(number, g->d->vm.hand[i]));
    add_word(g, (struct rect){from, y, x - from, g->lh}, name, sentence);
    return x + 2 * g->cw;
}

static void hand_row(struct draw *g, struct rect in, int y)
{
    char text[32];
    u64 n = g->d->nframes;
    if (!hand_shown(g, 0)) {
        put_fit(g, in.x, y, in.w / g->cw, g->t->dim, "no hands");
        return;
    }
    if (!hand_shown(g, 1)) {
        hand_word(g, in.x, y, 0, "hand at",
                  "where the clock's sweep stands: a frame used since it last "
                  "passed is spared, another may be taken");
        return;
    }
    add_term(g, (struct rect){in.x, y, in.w, g->lh}, "hand");
    int x = hand_word(g, in.x, y, 1, "front",
                      "the hand that clears the marks of use");
    x = hand_word(g, x - g->cw, y, 0, "back",
                  "the hand behind: takes what was not used since the front "
                  "hand passed");
    snprintf(
        text, sizeof text, "%llu apart",
        (unsigned long long)((g->d->vm.hand[1] + n - g->d->vm.hand[0]) % n));
    if (x + text_columns(text) * g->cw <= in.x + in.w)
        put_right(g, in.x + in.w, y, g->t->dim, text);
}

void draw_memory_pane(struct draw *g, struct rect r)
{
    char about[40];
    snprintf(about, sizeof about, "policy %.15s",
             g->d->policy[0] ? g->d->policy : "none");
    struct rect in = pane_open(g, r, "MEMORY", about);
    add_policy(g, (struct rect){r.x, r.y, r.w, g->ch + 3});
    const char *words;
    u32 colour = verdict(g, &words);
    int used = text_columns("MEMORY") + text_columns(about) + 4;
    if (used + text_columns(words) <= r.w / g->cw - 1)
        put_right(g, r.x + r.w - 4, r.y + 2, colour, words);
    free_row(g, in, in.y);
    threshold_row(g, in, in.y + g->lh);
    swap_row(g, in, in.y + 2 * g->lh);
    hand_row(g, in, in.y + 3 * g->lh);
    pane_close(g);
}
