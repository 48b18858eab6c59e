/* SPDX-License-Identifier: MIT */
/* The tab that lists events: those of a row of the time axis, a lane, a process
 * or a stretch of time, newest first, each with its time, frame, address,
 * kinds, reason, process, and a sentence. */
#include "panel/panes/event_rows.h"
#include "panel/tabs/event_list.h"

#include <stdio.h>

/* ---- the head ------------------------------------------------------------ */

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

/* ---- rows ---------------------------------------------------------------- */

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

/* As a row: a fault's event, which has the frame of another, shows no kinds. */
static struct ins_event row_of(const struct timeline *h, unsigned i)
{
    struct ins_event e = *timeline_event_at(h, i);
    if (e.pfn == LENS_NO_PFN)
        e.from = e.to = FS_COUNT;
    e.pfn = event_frame(h, i);
    return e;
}

/* ---- the pane ------------------------------------------------------------ */

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
    enum { ROWS = 128 }; /* more than a window of the least text has */
    struct ins_event row[ROWS];
    unsigned n = 0, rows = r.h < g->lh ? 0 : (unsigned)(r.h / g->lh);
    rows = rows < ROWS ? rows : ROWS;
    if (!rows)
        return;
    unsigned first = scrolled(g, PANE_EVENTS, r, l.n, rows);
    for (; n < rows && first + n < l.n; n++)
        row[n] = row_of(&g->v->timeline, l.at[first + n]);
    r.w -= g->pad; /* for the scroll bar */
    draw_event_rows(g, r, row, n, true);
}
