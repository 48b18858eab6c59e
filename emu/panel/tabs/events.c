/* SPDX-License-Identifier: MIT */
/* The tab that lists events: those of a row of the time axis, a lane, a process
 * or a stretch of time, newest first, each with its time, frame, address,
 * kinds, reason, process, and a sentence. */
#include "panel/tabs/event_list.h"

#include <stdio.h>

/* ---- the head -------------------------------------------------------------
 */

/* True if the list's stretch of time begins before the oldest event that is
 * kept: there the lanes show counts. */
static bool too_old(const struct draw *g)
{
    const struct timeline *h = &g->v->timeline;
    u64 first = g->v->events_last != NEVER ? g->v->events_first : g->d->cycle;
    return h->nevents && timeline_event_at(h, 0)->number &&
           first < timeline_event_at(h, 0)->cycle;
}

static void head_words(const struct draw *g, const struct event_filter *b,
                       const struct list *l, char *buf, size_t n)
{
    const struct view *v = g->v;
    char many[32], known[32], from[32], to[32], pid[32] = "";
    if (b->pid >= 0)
        snprintf(pid, sizeof pid, " (pid %lld)", b->pid);
    grouped(many, l->n);
    const char *what = l->n == 1 ? " event" : " events";
    if (!l->n && too_old(g)) {
        snprintf(many, sizeof many, "older than what is kept");
        what = "";
    }
    if (b->all && v->events_last == NEVER)
        snprintf(buf, n,
                 *what ? "the latest %s events, newest first"
                       : "the events up to this moment are %s",
                 many);
    else if (v->events_last == NEVER)
        snprintf(buf, n, "%s%s: %s of the latest %s events%s", b->name, pid,
                 many, grouped(known, v->timeline.nevents),
                 v->events ? "; Esc lists all again" : "");
    else
        snprintf(buf, n, "%s%s, %s to %s: %s%s; Esc lists all again", b->name,
                 pid, sim_time(from, g->d, v->events_first),
                 sim_time(to, g->d,
                          v->events_last < g->d->cycle ? v->events_last
                                                       : g->d->cycle),
                 many, what);
}

/* The reason for an empty or incomplete list; "": the list is complete. */
static void missing_words(const struct draw *g, const struct event_filter *b,
                          const struct list *l, char *buf, size_t n)
{
    const struct timeline *h = &g->v->timeline;
    char when[32], many[32];
    u64 lost = event_list_unseen(g);
    bool counted = !b->all && b->pid < 0 && b->lane < 0 && !b->moved &&
                   !b->states && !b->nrules[0] && !b->nrules[1];
    buf[0] = 0;
    if (lost)
        snprintf(buf, n,
                 "%s more events of all kinds were not seen: they came faster "
                 "than pictures. A slower pace ([) shows them.",
                 grouped(many, lost));
    else if (l->n && !too_old(g))
        return;
    else if (counted && !l->n)
        snprintf(buf, n,
                 "The kernel only counts these: no event says when each was.");
    else if (too_old(g))
        snprintf(
            buf, n,
            "The chart counts all events; one by one they are kept from %s "
            "on.",
            sim_time(when, g->d, timeline_event_at(h, 0)->cycle));
    else
        snprintf(buf, n, "%s",
                 g->d->silent ? "This kernel tells of no events: it has no "
                                "lens. Counters (C) say how many there were."
                 : g->v->events_last == NEVER
                     ? "There is none among the latest events."
                     : "There was none then.");
}

/* ---- rows -----------------------------------------------------------------
 */

struct columns { /* widths, with the blank behind; 0: left out */
    int when, frame, address, kinds, reason, who;
};

static void event_actor(const struct draw *g, const struct ins_event *e,
                        char *buf, size_t n)
{
    const char *actor = e->actor < ACTOR_COUNT ? ins_actors[e->actor] : "?";
    if (e->pid)
        snprintf(buf, n, "%.16s (%u)", proc_name(g->d, e->pid), e->pid);
    else
        snprintf(buf, n, "%s", actor);
}

/* The frame of event i. A fault's event names none: the frame's own event, of
 * the same process and page, came just before it. */
static u32 event_frame(const struct timeline *h, unsigned i)
{
    const struct ins_event *e = timeline_event_at(h, i);
    bool fault = e->reason == R_FAULT_MINOR || e->reason == R_FAULT_MAJOR;
    if (e->pfn != LENS_NO_PFN || !fault)
        return e->pfn;
    for (unsigned back = 1; back <= 8 && back <= i; back++) {
        const struct ins_event *k = timeline_event_at(h, i - back);
        if (k->pid == e->pid && k->pfn != LENS_NO_PFN &&
            k->va >> PAGE_SHIFT == e->va >> PAGE_SHIFT)
            return k->pfn;
    }
    return LENS_NO_PFN;
}

static const char *address_text(char *buf, u64 va)
{
    snprintf(buf, 24, "0x%llx", va & 0xffffffffffull);
    return va ? buf : "";
}

static int wider(int a, int b)
{
    return a > b ? a : b;
}

/* Columns as wide as the widest text of the rows shown. A narrow pane leaves
 * out, in this order, address, kinds and actor. */
static struct columns event_columns(const struct draw *g, const struct list *l,
                                    unsigned first, unsigned rows, int room)
{
    const struct timeline *h = &g->v->timeline;
    struct columns c = {0};
    int blank = 3 * g->l.digit / 2;
    char text[64];
    for (unsigned i = first; i < l->n && i - first < rows; i++) {
        const struct ins_event *e = timeline_event_at(h, l->at[i]);
        c.when =
            wider(c.when, font_width(g->sans, sim_time(text, g->d, e->cycle)));
        c.frame = wider(
            c.frame,
            font_width(g->sans, frame_number(text, event_frame(h, l->at[i]))));
        c.address =
            wider(c.address, font_width(g->mono, address_text(text, e->va)));
        c.reason = wider(c.reason, font_width(g->sans, inspect_event_word(e)));
        event_actor(g, e, text, sizeof text);
        c.who = wider(c.who, font_width(g->sans, text));
    }
    c.kinds = kinds_wide(g);
    int *each[] = {&c.when, &c.frame, &c.reason, &c.who, &c.kinds, &c.address};
    for (unsigned i = 0; i < ARRAY_LEN(each); i++) {
        *each[i] += *each[i] ? blank : 0;
        if (*each[i] > room && i > 2)
            *each[i] = 0;
        room -= *each[i];
    }
    return c;
}

/* The number of lines below its row that an event's sentence needs; 0: it fits
 * in the row, from x *beside on (the address's column is free if there is no
 * address). */
static int event_lines(const struct draw *g, const struct columns *c,
                       const struct ins_event *e, int room, int *beside)
{
    const char *says = inspect_event_sentence(e);
    *beside = c->when + c->frame + c->kinds + c->reason + c->who +
              (e->va ? c->address : 0);
    if (font_width(g->sans, says) <= room - *beside)
        return 0;
    return lines_of(g->sans, room - c->when, says);
}

/* r: the event's row and the lines of its sentence. */
static void event_row(struct draw *g, struct rect r, const struct columns *c,
                      unsigned i)
{
    const struct timeline *h = &g->v->timeline;
    const struct ins_event *e = timeline_event_at(h, i);
    const char *word_of = inspect_event_word(e),
               *says = inspect_event_sentence(e);
    u32 pfn = event_frame(h, i);
    int blank = 3 * g->l.digit / 2, x = r.x, end = r.x + r.w, beside;
    char text[64];
    if (pfn < g->d->nframes)
        add_frame(g, r, pfn);
    put_right(g, g->sans, x + c->when - blank, r.y, g->t->dim,
              sim_time(text, g->d, e->cycle));
    add_line(g, (struct rect){x, r.y, c->when, g->lh}, "goto %llu",
             e->cycle + 1); /* it has happened */
    x += c->when;
    if (pfn < g->d->nframes)
        put_right(g, g->sans, x + c->frame - blank, r.y, g->t->accent,
                  frame_number(text, pfn));
    x += c->frame;
    if (c->kinds && e->pfn != LENS_NO_PFN)
        put_kinds(g, x, r.y, e);
    x += c->kinds;
    struct rect word = {x, r.y, c->reason, g->lh};
    put_fit(g, g->sans, x, r.y, end - x, g->t->ink, word_of);
    add_word(g, word, word_of, says);
    x += c->reason;
    event_actor(g, e, text, sizeof text);
    if (c->who)
        put_fit(g, g->sans, x, r.y, c->who, g->t->dim, text);
    x += c->who;
    if (c->address)
        put_mono(g, x, r.y, g->t->ink, address_text(text, e->va));
    if (!event_lines(g, c, e, r.w, &beside))
        put(g, r.x + beside, r.y, g->t->dim, "%s", says);
    else
        put_lines(g, g->sans,
                  (struct rect){r.x + c->when, r.y + g->lh, r.w - c->when,
                                r.h - g->lh},
                  g->t->dim, says);
}

/* The number of oldest events that fit with their sentences. */
static unsigned oldest_within(const struct draw *g, const struct columns *c,
                              const struct list *l, int rows, int room)
{
    const struct timeline *h = &g->v->timeline;
    unsigned n = 0;
    for (int beside; n < l->n; n++) {
        rows -= 1 + event_lines(g, c, timeline_event_at(h, l->at[l->n - 1 - n]),
                                room, &beside);
        if (rows < 0)
            break;
    }
    return n ? n : 1;
}

/* ---- the pane -------------------------------------------------------------
 */

void draw_events(struct draw *g, struct rect r)
{
    static struct list l; /* large; made anew each time */
    struct event_filter b = event_filter_of(g);
    char text[256];
    event_list_make(&l, g, &b);
    head_words(g, &b, &l, text, sizeof text);
    put_fit(g, g->bold, r.x, r.y, r.w, g->t->ink, text);
    add_word(
        g, (struct rect){r.x, r.y, r.w, g->lh}, b.name,
        "the events behind it, newest first: when, frame, kinds before and "
        "after, reason, process, address; a click on one shows its frame");
    r.y += g->lh;
    r.h -= g->lh;
    if (b.pid >= 0) {
        int y = draw_process(g, r, b.pid);
        r.h -= y - r.y;
        r.y = y;
    }
    missing_words(g, &b, &l, text, sizeof text);
    if (*text) {
        int y = put_lines(g, g->sans, r, g->t->dim, text);
        r.h -= y - r.y;
        r.y = y;
    }
    int rows = r.h / g->lh;
    if (rows <= 0 || !l.n)
        return;
    unsigned *at = &g->v->scroll[PANE_EVENTS];
    *at = *at < l.n ? *at : l.n - 1;
    r.w -= g->pad; /* for the scroll bar */
    struct columns c = event_columns(g, &l, *at, (unsigned)rows, r.w);
    unsigned fit = oldest_within(g, &c, &l, rows, r.w);
    unsigned first = scrolled(
        g, PANE_EVENTS, (struct rect){r.x, r.y, r.w + g->pad, r.h}, l.n, fit);
    for (unsigned i = first; i < l.n && rows > 0; i++) {
        int beside;
        int lines =
            1 + event_lines(g, &c, timeline_event_at(&g->v->timeline, l.at[i]),
                            r.w, &beside);
        lines = lines <= rows ? lines : 1; /* a click says the rest */
        event_row(g, (struct rect){r.x, r.y, r.w, lines * g->lh}, &c, l.at[i]);
        r.y += lines * g->lh;
        rows -= lines;
    }
}
