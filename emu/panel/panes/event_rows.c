/* SPDX-License-Identifier: MIT */
/* Draws rows of events, each with its time, its frame, the frame's kinds before
 * and after it, the reason, the process, the address, and a sentence; see
 * event_rows.h. */
#include "panel/panes/event_rows.h"
#include "inspect/events.h"
#include "inspect/words.h"

struct columns { /* widths, with the blank after; 0: left out */
    int when, frame, kinds, reason, who, address, sentence;
    bool fine; /* times to a microsecond, because two would look alike */
    bool pids; /* names with the process's number: in all rows or none */
};

struct event_rows {
    struct draw *g;
    const struct ins_event *e;
    unsigned n;
    bool frames;
    struct columns c;
};

static const char *when_text(const struct draw *g, bool fine,
                             const struct ins_event *e)
{
    u64 hz = g->d->clock_hz;
    return fine && hz ? phrase("%.6f s", (double)e->cycle / (double)hz)
                      : sim_time(g->d, e->cycle);
}

static const char *actor_text(const struct draw *g, const struct ins_event *e,
                              bool pid)
{
    return !e->pid ? inspect_actor_word(e->actor)
           : pid   ? proc_text(g->d, e->pid)
                   : phrase("%.16s", proc_name(g->d, e->pid));
}

/* Makes the time's column at least as wide as the widest time shown. */
static void time_column(const struct event_rows *l, struct columns *c)
{
    struct draw *g = l->g;
    for (unsigned i = 1; i < l->n; i++)
        c->fine |= !strcmp(sim_time(g->d, l->e[i].cycle),
                           sim_time(g->d, l->e[i - 1].cycle));
    c->when = font_width(g->sans, c->fine ? "99.999999 s" : "999.999 ms");
    for (unsigned i = 0; i < l->n; i++) {
        int w = font_width(g->sans, when_text(g, c->fine, &l->e[i]));
        c->when = w > c->when ? w : c->when;
    }
}

/* Lays out the columns. Only the time's width depends on the rows' texts, so
 * that columns stay in place. The kinds, the process, its number, the address
 * and the sentence are each shown if the width that is left is enough. */
static struct columns columns_of(const struct event_rows *l, int room)
{
    struct draw *g = l->g;
    struct columns c = {0};
    int blank = g->l.digit * 3 / 2;
    for (unsigned i = 0; i < R_COUNT; i++) {
        int w = font_width(g->sans, ins_reasons[i].word);
        c.reason = w > c.reason ? w : c.reason;
    }
    time_column(l, &c);
    c.when += blank;
    if (l->frames)
        c.frame = font_width(g->sans, frame_number(g->d->nframes)) + blank;
    c.kinds = kinds_wide(g) + blank;
    c.reason += blank;
    int rest = room - c.when - c.frame - c.kinds - c.reason;
    if (rest < 0) {
        rest += c.kinds;
        c.kinds = 0;
    }
    c.pids = rest > 50 * g->l.digit;
    c.who = c.pids                                      ? 17 * g->l.digit
            : rest > (l->frames ? 11 : 24) * g->l.digit ? 11 * g->l.digit
                                                        : 0;
    rest -= c.who;
    int address = font_width(g->mono, "0x3ffffff000") + blank;
    c.address =
        rest > address + (l->frames ? 24 : 44) * g->l.digit ? address : 0;
    rest -= c.address;
    c.sentence = rest > 12 * g->l.digit ? rest : 0;
    return c;
}

static void event_row(struct event_rows *l, struct rect at,
                      const struct ins_event *e)
{
    struct draw *g = l->g;
    const struct columns *c = &l->c;
    bool frame = l->frames && e->pfn < g->d->nframes;
    int x = at.x, blank = g->l.digit * 3 / 2;
    struct rect word = {x + c->when + c->frame + c->kinds, at.y, c->reason,
                        g->lh};
    if (frame)
        add_frame(g, at, e->pfn);
    add_word(g, frame ? word : at, inspect_event_word(e),
             inspect_event_sentence(e));
    add_line(g, rect(x, at.y, c->when, g->lh), "goto %llu",
             e->cycle + 1); /* just after it happened */
    put_right(g, g->sans, x + c->when - blank, at.y, g->t->dim,
              when_text(g, c->fine, e));
    x += c->when + c->frame;
    if (frame)
        put_right(g, g->sans, x - blank, at.y, g->t->ink, frame_number(e->pfn));
    if (c->kinds && e->from < FS_COUNT)
        put_kinds(g, x, at.y, e);
    put_as(g, g->sans, word.x, at.y, g->t->accent, inspect_event_word(e));
    x = word.x + c->reason;
    if (c->who)
        put_fit(g, g->sans, x, at.y, c->who - g->l.digit, g->t->dim,
                actor_text(g, e, c->pids));
    x += c->who;
    if (c->address && e->va)
        put_mono(g, x, at.y, g->t->ink,
                 phrase("0x%llx", e->va & 0xffffffffffull));
    x += c->address;
    if (c->sentence)
        put_clauses(g, g->sans, x, at.y, at.x + at.w - x, g->t->ink,
                    inspect_event_sentence(e));
}

void draw_event_rows(struct draw *g, struct rect r, const struct ins_event *e,
                     unsigned n, bool frames)
{
    struct event_rows l = {g, e, n, frames, {0}};
    l.c = columns_of(&l, r.w);
    for (unsigned i = 0; i < n; i++, r.y += g->lh)
        event_row(&l, rect(r.x, r.y, r.w, g->lh), &e[i]);
}
