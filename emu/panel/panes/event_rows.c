/* SPDX-License-Identifier: MIT */
/* Rows of events, each with its time, its frame, the kinds before and after,
 * the reason, the process, the address, and a sentence; see event_rows.h. */
#include "panel/panes/event_rows.h"

#include <stdio.h>

struct columns { /* widths, with the blank behind; 0: left out */
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

/* The time's column is as wide as the widest time, hours, too. */
static void time_column(const struct event_rows *l, struct columns *c)
{
    struct draw *g = l->g;
    char text[48], before[48] = "";
    for (unsigned i = 0; i < l->n; i++) {
        sim_time(text, g->d, l->e[i].cycle);
        c->fine |= !strcmp(text, before);
        memcpy(before, text, sizeof before);
    }
    c->when = font_width(g->sans, c->fine ? "99.999999 s" : "999.999 ms");
    for (unsigned i = 0; i < l->n; i++) {
        int w = font_width(g->sans, when_text(g, c->fine, &l->e[i], text));
        c->when = w > c->when ? w : c->when;
    }
}

/* Columns that stay where they are, whatever the rows hold. A narrow pane
 * leaves out the address, the process's number, the process, then the kinds.
 * The sentence gets the rest. */
static struct columns columns_of(const struct event_rows *l, int room)
{
    struct draw *g = l->g;
    struct columns c = {0};
    char text[48];
    int blank = g->l.digit * 3 / 2;
    for (unsigned i = 0; i < R_COUNT; i++) {
        int w = font_width(g->sans, ins_reasons[i].word);
        c.reason = w > c.reason ? w : c.reason;
    }
    time_column(l, &c);
    c.when += blank;
    if (l->frames)
        c.frame =
            font_width(g->sans, frame_number(text, g->d->nframes)) + blank;
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
    c.address = l->frames && rest > address + 24 * g->l.digit ? address : 0;
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
    char text[48];
    struct rect word = {x + c->when + c->frame + c->kinds, at.y, c->reason,
                        g->lh};
    if (frame)
        add_frame(g, at, e->pfn);
    add_word(g, frame ? word : at, reason_word(e), sentence_of(e));
    add_line(g, (struct rect){x, at.y, c->when, g->lh}, "goto %llu",
             e->cycle + 1); /* it has happened */
    put_right(g, g->sans, x + c->when - blank, at.y, g->t->dim,
              when_text(g, c->fine, e, text));
    x += c->when + c->frame;
    if (frame)
        put_right(g, g->sans, x - blank, at.y, g->t->ink,
                  frame_number(text, e->pfn));
    if (c->kinds && e->from < FS_COUNT)
        put_kinds(g, x, at.y, e);
    put(g, word.x, at.y, g->t->accent, "%s", reason_word(e));
    x = word.x + c->reason;
    actor_text(g, e, c->pids, text, sizeof text);
    if (c->who)
        put_fit(g, g->sans, x, at.y, c->who - g->l.digit, g->t->dim, text);
    x += c->who;
    snprintf(text, sizeof text, "0x%llx", e->va & 0xffffffffffull);
    if (c->address && e->va)
        put_mono(g, x, at.y, g->t->ink, text);
    x += c->address;
    if (c->sentence)
        put_clauses(g, g->sans, x, at.y, at.x + at.w - x, g->t->ink,
                    sentence_of(e));
}

void draw_event_rows(struct draw *g, struct rect r, const struct ins_event *e,
                     unsigned n, bool frames)
{
    struct event_rows l = {g, e, n, frames, {0}};
    l.c = columns_of(&l, r.w);
    for (unsigned i = 0; i < n; i++, r.y += g->lh)
        event_row(&l, (struct rect){r.x, r.y, r.w, g->lh}, &e[i]);
}
