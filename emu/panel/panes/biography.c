/* SPDX-License-Identifier: MIT */
/* A frame's biography: all its recorded events, newest first, each with its
 * time, the kinds before and after, the reason, the process, and a sentence. */
#include "panel/panes/biography.h"

#include <stdio.h>

struct columns { /* widths, with the blank behind; 0: left out */
    int when, kinds, reason, who, sentence;
    bool words; /* the kinds by their words, too */
    bool fine;  /* times to a microsecond, because two would look alike */
    bool pids;  /* names with the process's number: in all rows or none */
};

struct life { /* the rows to be drawn */
    struct draw *g;
    const struct ins_event *e;
    unsigned n;
    struct columns c;
};

static const char *when_text(const struct life *l, const struct ins_event *e,
                             char buf[32])
{
    u64 hz = l->g->d->clock_hz;
    if (!l->c.fine || !hz)
        return sim_time(buf, l->g->d, e->cycle);
    snprintf(buf, 32, "%.6f s", (double)e->cycle / (double)hz);
    return buf;
}

static void actor_text(const struct draw *g, const struct ins_event *e,
                       bool pid, char *buf, size_t n)
{
    const char *actor = e->actor < ACTOR_COUNT ? ins_actors[e->actor] : "?";
    if (e->pid && !pid)
        snprintf(buf, n, "%.16s", proc_name(g->d, e->pid));
    else if (e->pid)
        snprintf(buf, n, "%.16s (%u)", proc_name(g->d, e->pid), e->pid);
    else
        snprintf(buf, n, "%s", actor);
}

static const char *kind_word(u8 kind)
{
    return kind < FS_COUNT ? ins_states[kind].word : "unknown";
}

static const char *reason_word(const struct ins_event *e)
{
    return e->reason < R_COUNT ? inspect_event_word(e) : "unknown";
}

static const char *sentence_of(const struct ins_event *e)
{
    return e->reason < R_COUNT ? inspect_event_sentence(e) : "";
}

static int wider(int a, int b)
{
    return a > b ? a : b;
}

/* "■ anonymous → ■ swap-cache", or "■ → ■"; one box if the kind stayed. */
static int kinds_width(const struct draw *g, const struct ins_event *e,
                       bool words)
{
    int side = g->lh / 2, gap = g->l.digit / 2, w = side;
    if (words)
        w += gap + font_width(g->sans, kind_word(e->from));
    if (e->from == e->to)
        return w;
    w += gap + font_width(g->sans, "→") + gap + side;
    if (words)
        w += gap + font_width(g->sans, kind_word(e->to));
    return w;
}

static int put_kind(struct draw *g, int x, int y, u8 kind, bool words)
{
    int side = g->lh / 2, gap = g->l.digit / 2;
    struct rect box = {x, y + (g->lh - side) / 2, side, side};
    fb_fill(g->fb, box, kind_colour(g, kind, true));
    fb_frame(g->fb, box, g->t->rule);
    x += side;
    return words ? put(g, x + gap, y, g->t->ink, "%s", kind_word(kind)) : x;
}

static void biography_kinds(struct draw *g, int x, int y,
                            const struct ins_event *e, bool words)
{
    int gap = g->l.digit / 2;
    x = put_kind(g, x, y, e->from, words);
    if (e->from == e->to)
        return;
    x = put(g, x + gap, y, g->t->dim, "→") + gap;
    put_kind(g, x, y, e->to, words);
}

/* Columns as wide as their widest text. A narrow pane leaves out, in this
 * order, the kinds' words and the actor. The sentence gets the rest. */
static struct columns biography_columns(struct life *l, int room)
{
    struct draw *g = l->g;
    struct columns c = {.words = true};
    char text[48], before[48] = "";
    int words = 0, boxes = 0, names = 0;
    int blank = g->l.digit * 3 / 2;
    for (unsigned i = 0; i < l->n; i++) {
        sim_time(text, g->d, l->e[i].cycle);
        c.fine |= !strcmp(text, before);
        memcpy(before, text, sizeof before);
    }
    l->c.fine = c.fine;
    for (unsigned i = 0; i < l->n; i++) {
        const struct ins_event *e = &l->e[i];
        c.when = wider(c.when, font_width(g->sans, when_text(l, e, text)));
        words = wider(words, kinds_width(g, e, true));
        boxes = wider(boxes, kinds_width(g, e, false));
        c.reason = wider(c.reason, font_width(g->sans, reason_word(e)));
        actor_text(g, e, true, text, sizeof text);
        c.who = wider(c.who, font_width(g->sans, text));
        actor_text(g, e, false, text, sizeof text);
        names = wider(names, font_width(g->sans, text));
    }
    /* A sentence in full is worth more than the numbers. */
    int rest = room - c.when - boxes - c.reason - 4 * blank;
    unsigned with = 0, without = 0;
    for (unsigned i = 0; i < l->n; i++) {
        int says = font_width(g->sans, sentence_of(&l->e[i]));
        with += says <= rest - c.who;
        without += says <= rest - names;
    }
    c.pids = with == without;
    c.who = c.pids ? c.who : names;
    c.when += blank;
    c.reason += blank;
    c.who += blank;
    int most = room * 5 / 8; /* for all but the sentence */
    c.words = c.when + words + blank + c.reason + c.who <= most;
    c.kinds = (c.words ? words : boxes) + blank;
    if (c.when + c.kinds + c.reason + c.who > room)
        c.who = 0;
    int used = c.when + c.kinds + c.reason + c.who;
    c.sentence = room - used > 12 * g->l.digit ? room - used : 0;
    return c;
}

/* The number of lines below its row that a sentence needs; 0: it fits in the
 * row. If there is no room for them, the row has the sentence's first
 * clauses, and a click says all of it. */
static int lines_below(const struct life *l, const struct ins_event *e,
                       int room)
{
    const struct draw *g = l->g;
    if (font_width(g->sans, sentence_of(e)) <= l->c.sentence)
        return 0;
    return lines_of(g->sans, room - l->c.when, sentence_of(e));
}

static void biography_row(struct life *l, struct rect at,
                          const struct ins_event *e, int lines)
{
    struct draw *g = l->g;
    const struct columns *c = &l->c;
    char text[48];
    int x = at.x;
    put_right(g, g->sans, x + c->when - g->l.digit * 3 / 2, at.y, g->t->dim,
              when_text(l, e, text));
    x += c->when;
    biography_kinds(g, x, at.y, e, c->words);
    x += c->kinds;
    put(g, x, at.y, g->t->accent, "%s", reason_word(e));
    x += c->reason;
    actor_text(g, e, c->pids, text, sizeof text);
    if (c->who)
        put(g, x, at.y, g->t->dim, "%s", text);
    x += c->who;
    if (lines)
        put_lines(g, g->sans,
                  (struct rect){at.x + c->when, at.y + g->lh, at.w - c->when,
                                lines * g->lh},
                  g->t->dim, sentence_of(e));
    else if (c->sentence)
        put_clauses(g, g->sans, x, at.y, at.x + at.w - x, g->t->ink,
                    sentence_of(e));
    add_word(g, (struct rect){at.x, at.y, at.w, (1 + lines) * g->lh},
             reason_word(e), sentence_of(e));
    add_line(g, (struct rect){at.x, at.y, c->when, g->lh}, "goto %llu",
             e->cycle + 1); /* it has happened */
}

/* The number of oldest events that fit with all their sentences. */
static unsigned oldest_rows_within(const struct life *l, int rows, int room)
{
    unsigned n = 0;
    for (; n < l->n; n++) {
        rows -= 1 + lines_below(l, &l->e[l->n - 1 - n], room);
        if (rows < 0)
            break;
    }
    return n ? n : 1;
}

void draw_biography(struct draw *g, struct rect r, const struct ins_event *e,
                    unsigned n)
{
    int rows = r.h / g->lh;
    if (rows <= 0)
        return;
    if (!n) {
        put_fit(g, g->sans, r.x, r.y, r.w, g->t->dim,
                "no event of this frame is known");
        return;
    }
    bool all = g->v->whole_biography; /* every sentence in full */
    unsigned fit = (unsigned)rows;
    struct life l = {.g = g, .e = e, .n = n};
    if (all) {
        l.c = biography_columns(&l, r.w - g->pad);
        fit = oldest_rows_within(&l, rows, r.w - g->pad);
    }
    unsigned first = scrolled(g, PANE_FRAME, r, n, fit);
    if (n > fit) /* the bar that says where this is */
        r.w -= g->pad;
    unsigned shown = n - first < (unsigned)rows ? n - first : (unsigned)rows;
    l.e = e + first;
    l.n = shown;
    l.c = biography_columns(&l, r.w);
    int spare = rows - (int)shown;
    for (unsigned i = 0; i < shown && rows > 0; i++) {
        int lines = lines_below(&l, &l.e[i], r.w);
        bool newest = i == 0 && rows > 1 + lines; /* always in full */
        lines = lines <= spare || newest || all ? lines : 0;
        lines = lines < rows ? lines : 0;
        spare -= lines;
        biography_row(&l, r, &l.e[i], lines);
        r.y += (1 + lines) * g->lh;
        rows -= 1 + lines;
    }
}
