/* SPDX-License-Identifier: MIT */
/* A frame's biography: all its recorded events, newest first, each with its
 * time, the kinds before and after, the reason, the process, and a sentence. */
#include "panel/panes/biography.h"

#include <stdio.h>

struct columns { /* widths, with the blank behind; 0: left out */
    int when, kinds, reason, who, sentence;
    bool fine; /* times to a microsecond, because two would look alike */
    bool pids; /* names with the process's number: in all rows or none */
};

struct life { /* the rows to be drawn */
    struct draw *g;
    const struct ins_event *e;
    unsigned n;
    struct columns c;
};

static const char *when_text(const struct draw *g, bool fine,
                             const struct ins_event *e, char buf[32])
{
    u64 hz = g->d->clock_hz;
    if (!fine || !hz)
        return sim_time(buf, g->d, e->cycle);
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

static const char *reason_word(const struct ins_event *e)
{
    return e->reason < R_COUNT ? inspect_event_word(e) : "unknown";
}

static const char *sentence_of(const struct ins_event *e)
{
    return e->reason < R_COUNT ? inspect_event_sentence(e) : "";
}

/* Columns that stay where they are, whatever the rows hold. A narrow pane
 * leaves out the process's number, then the process. The sentence gets the
 * rest. */
static struct columns biography_columns(const struct life *l, int room)
{
    struct draw *g = l->g;
    struct columns c = {0};
    char text[48], before[48] = "";
    int blank = g->l.digit * 3 / 2;
    for (unsigned i = 0; i < l->n; i++) {
        sim_time(text, g->d, l->e[i].cycle);
        c.fine |= !strcmp(text, before);
        memcpy(before, text, sizeof before);
    }
    for (unsigned i = 0; i < R_COUNT; i++) {
        int w = font_width(g->sans, ins_reasons[i].word);
        c.reason = w > c.reason ? w : c.reason;
    }
    c.when = font_width(g->sans, c.fine ? "99.999999 s" : "999.999 ms");
    for (unsigned i = 0; i < l->n; i++) { /* hours, too */
        int w = font_width(g->sans, when_text(g, c.fine, &l->e[i], text));
        c.when = w > c.when ? w : c.when;
    }
    c.when += blank;
    c.kinds = kinds_wide(g) + blank;
    c.reason += blank;
    int rest = room - c.when - c.kinds - c.reason;
    c.pids = rest > 50 * g->l.digit;
    c.who = c.pids                   ? 17 * g->l.digit
            : rest > 24 * g->l.digit ? 11 * g->l.digit
                                     : 0;
    c.sentence = rest - c.who > 12 * g->l.digit ? rest - c.who : 0;
    return c;
}

static void biography_row(struct life *l, struct rect at,
                          const struct ins_event *e)
{
    struct draw *g = l->g;
    const struct columns *c = &l->c;
    char text[48];
    int x = at.x;
    put_right(g, g->sans, x + c->when - g->l.digit * 3 / 2, at.y, g->t->dim,
              when_text(g, c->fine, e, text));
    x += c->when;
    put_kinds(g, x, at.y, e);
    x += c->kinds;
    put(g, x, at.y, g->t->accent, "%s", reason_word(e));
    x += c->reason;
    actor_text(g, e, c->pids, text, sizeof text);
    if (c->who)
        put_fit(g, g->sans, x, at.y, c->who - g->l.digit, g->t->dim, text);
    x += c->who;
    if (c->sentence)
        put_clauses(g, g->sans, x, at.y, at.x + at.w - x, g->t->ink,
                    sentence_of(e));
    add_word(g, at, reason_word(e), sentence_of(e));
    add_line(g, (struct rect){at.x, at.y, c->when, g->lh}, "goto %llu",
             e->cycle + 1); /* it has happened */
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
    unsigned fit = (unsigned)rows;
    struct life l = {.g = g, .e = e, .n = n};
    unsigned first = scrolled(g, PANE_FRAME, r, n, fit);
    if (n > fit) /* the bar that says where this is */
        r.w -= g->pad;
    l.e = e + first;
    l.n = n - first < fit ? n - first : fit;
    l.c = biography_columns(&l, r.w);
    for (unsigned i = 0; i < l.n; i++, r.y += g->lh)
        biography_row(&l, (struct rect){r.x, r.y, r.w, g->lh}, &l.e[i]);
}
