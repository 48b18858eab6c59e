/* SPDX-License-Identifier: MIT */
/* The legend, which is the live histogram: each kind's cell as the map draws
 * it, its word, how many, and a bar of its share. Below, what marks mean. */
#include "panel/draw.h"

#include <stdio.h>

static void entry(struct draw *g, int x, int y, int w, u8 kind)
{
    u64 count = g->d->histogram[kind], all = g->d->nframes ? g->d->nframes : 1;
    bool shown = g->v->filter < 0 || g->v->filter == kind;
    draw_cell(g, x, y, g->ch + 1, kind, true, 0);
    if (kind == FS_FREE)
        fb_frame(g->fb, (struct rect){x, y, g->ch, g->ch}, g->t->rule);
    int left = x + g->ch + 4, right = x + w - g->cw;
    put(g, left, y, shown ? g->t->ink : g->t->dim, "%s", ins_states[kind].word);
    char text[32];
    snprintf(text, sizeof text, count < 100000 ? "%llu" : "%lluk",
             (unsigned long long)(count < 100000 ? count : count / 1000));
    put_right(g, right, y, count ? g->t->ink : g->t->dim, text);
    int full = right - left, bar = (int)(count * (u64)full / all);
    fb_fill(g->fb, (struct rect){left, y + g->ch, full, 2}, g->t->band);
    fb_fill(g->fb, (struct rect){left, y + g->ch, count && !bar ? 1 : bar, 2},
            kind == FS_FREE ? g->t->dim : g->t->kind[kind][1]);
    if (g->v->filter == kind)
        fb_frame(g->fb, (struct rect){x - 2, y - 2, g->ch + 4, g->ch + 4},
                 g->t->accent);
    add_hit(g, (struct rect){x, y, w, g->ch + 3}, HIT_STATE, kind,
            ins_states[kind].sentence);
}

/* Marks follow each other and break into lines as they fit. */
struct marks {
    int x, y;
    struct rect r;
};

static void room_for(const struct draw *g, struct marks *at, int w)
{
    if (at->x > at->r.x && at->x + w > at->r.x + at->r.w) {
        at->x = at->r.x;
        at->y += g->lh;
    }
}

static void mark(struct draw *g, struct marks *at, const char *word, u8 flags,
                 bool recent, const char *sentence)
{
    int w = g->ch + 3 + text_columns(word) * g->cw;
    room_for(g, at, w);
    draw_cell(g, at->x, at->y, g->ch, FS_ANON, recent, flags);
    put(g, at->x + g->ch + 3, at->y, g->t->dim, "%s", word);
    add_word(g, (struct rect){at->x, at->y, w, g->ch}, word, sentence);
    at->x += w + g->cw;
}

/* As many rings as there are hands. */
static void hands(struct draw *g, struct marks *at)
{
    bool two = hand_shown(g, 1);
    const char *word = two ? "hands" : "hand";
    int rings = (two + 1) * (g->ch + 2) + 1;
    int w = rings + text_columns(word) * g->cw;
    if (!hand_shown(g, 0))
        return;
    room_for(g, at, w);
    for (unsigned i = 0; i < (two ? 2 : 1); i++)
        draw_hand_mark(g,
                       (struct rect){at->x + (int)i * (g->ch + 2) + 4,
                                     at->y + g->ch / 2 - 2, 3, 3},
                       hand_colour(g, i), 0);
    put(g, at->x + rings, at->y, g->t->dim, "%s", word);
    add_word(g, (struct rect){at->x, at->y, w, g->ch}, word,
             two ? "the front one clears marks of use, the back one takes what "
                   "was not used since; between cells, what they swept lately"
                 : "the clock's: spares what was used since it last passed, "
                   "may take the rest; between cells, what it swept lately");
}

static void marks(struct draw *g, struct rect r)
{
    struct marks at = {r.x, r.y, r};
    mark(g, &at, "I/O", FRAME_F_IO, true,
         "a disk reads into the frame or writes from it");
    mark(g, &at, "dirty", FRAME_F_DIRTY, true,
         "changed since it was read or written: to go, it must be written");
    mark(g, &at, "mlock", FRAME_F_LOCKED, true,
         "locked by mlock or mlockall: no policy may take it");
    mark(g, &at, "inactive", FRAME_F_INACTIVE, true,
         "on the policy's list of pages that it takes next, unless used");
    mark(g, &at, legend_long(r.w, g->cw, g->ch) ? "used in last 32 ms" : "used",
         0, true,
         "bright: the hart has read or written the frame in the last 32 ms");
    mark(g, &at, "older", 0, false,
         "dim: the last use is longer ago, or there was none");
    hands(g, &at);
}

/* In heat mode: what the colours of age mean. */
static void heat_scale(struct draw *g, int x, int y, int w)
{
    static const char *const words[] = {"now", "10 ms", "100 ms",
                                        "1 s", "10 s",  "17 min"};
    static const unsigned age[] = {0, 27, 53, 80, 106, 160};
    x = put(g, x, y, g->t->dim, "last use ");
    int full = w - 9 * g->cw - 2 * g->cw, end = x;
    for (int i = 0; i < full; i++)
        fb_fill(g->fb, (struct rect){x + i, y + g->ch - 4, 1, 4},
                colour_cividis(255u - (unsigned)(i * 255 / full)));
    for (unsigned i = 0; i < ARRAY_LEN(age); i++) {
        int at = x + (int)age[i] * full / 160;
        int len = text_columns(words[i]) * g->cw;
        bool last = i + 1 == ARRAY_LEN(age);
        at = last ? x + full - len : at;
        if (at < end || (!last && at + len > x + full - 7 * g->cw))
            continue; /* no room for each */
        end = put(g, at, y - 3, g->t->ink, "%s", words[i]) + g->cw / 2;
    }
}

void draw_legend(struct draw *g)
{
    struct rect r = g->l.legend;
    int columns = g->l.legend_columns, w = r.w / columns;
    for (unsigned k = 0; k < FS_COUNT; k++) {
        int row = (int)k / columns, column = (int)k % columns;
        entry(g, r.x + column * w, r.y + row * (g->ch + 3), w, (u8)k);
    }
    int rows = (FS_COUNT + columns - 1) / columns;
    int y = r.y + rows * (g->ch + 3) + 1;
    if (!g->l.legend_marks)
        return;
    if (g->v->heat)
        heat_scale(g, r.x, y, r.w);
    else
        marks(g, (struct rect){r.x, y, r.w, r.y + r.h - y});
}
