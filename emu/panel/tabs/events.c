/* SPDX-License-Identifier: MIT */
/* The tab that lists events: those of a row of the time axis, a lane, a process
 * or a stretch of time, newest first, each with its time, frame, address,
 * kinds, reason, process, and a sentence. */
#include "panel/panes/event_rows.h"
#include "panel/tabs/event_list.h"

/* ---- the head ------------------------------------------------------------ */

/* True if the list's stretch of time (or the moment shown) begins before the
 * oldest event that is kept; of lost events the lanes show only counts. */
static bool too_old(const struct draw *g)
{
    const struct timeline *h = &g->v->timeline;
    u64 first = g->v->events_last != NEVER ? g->v->events_first : g->d->cycle;
    return h->nevents && timeline_event_at(h, 0)->number &&
           first < timeline_event_at(h, 0)->cycle;
}

/* True if the machine stands in its past, before the list's stretch of time. */
static bool to_come(const struct draw *g)
{
    return g->d->past && g->v->events_last != NEVER &&
           g->v->events_first > g->d->cycle;
}

static const char *head_words(const struct draw *g,
                              const struct event_filter *b,
                              const struct list *l)
{
    const struct view *v = g->v;
    const char *pid = b->pid >= 0 ? phrase(" (pid %lld)", b->pid) : "";
    bool old = !l->n && too_old(g);
    const char *many = old ? "older than what is kept" : grouped(l->n);
    u64 last = v->events_last < g->d->cycle || to_come(g) ? v->events_last
                                                          : g->d->cycle;
    if (b->all && v->events_last == NEVER)
        return phrase(old ? "the events up to this moment are %s"
                          : "the latest %s events, newest first",
                      many);
    if (v->events_last == NEVER && !old)
        return phrase("%s%s: %s of the latest %s events%s", b->name, pid, many,
                      grouped(l->of), v->events ? "; Esc lists all again" : "");
    return phrase("%s%s, %s to %s: %s%s; Esc lists all again", b->name, pid,
                  sim_time(g->d, v->events_first), sim_time(g->d, last), many,
                  old         ? ""
                  : l->n == 1 ? " event"
                              : " events");
}

/* Says why the list is empty or incomplete; "": the list is complete. */
static const char *missing_words(const struct draw *g, const struct list *l)
{
    const struct timeline *h = &g->v->timeline;
    u64 lost = event_list_unseen(g);
    if (to_come(g))
        return "At this moment of the past, that has not happened yet.";
    if (lost)
        return phrase("%s more events of all kinds were not seen: they came "
                      "faster than pictures. A slower pace ([) shows them.",
                      grouped(lost));
    if (l->n && !too_old(g))
        return "";
    if (too_old(g))
        return phrase("The axis counts all events; the list keeps those from "
                      "%s on. A drag of the axis goes back and lists older.",
                      sim_time(g->d, timeline_event_at(h, 0)->cycle));
    return g->d->silent ? "This kernel tells of no events: it has no lens. "
                          "Counters (C) say how many there were."
           : g->v->events_last == NEVER
               ? "There is none among the latest events."
               : "There was none then.";
}

/* ---- rows ---------------------------------------------------------------- */

/* Returns event i's frame. A fault's event names no frame: it gets the frame of
 * the latest event of its process and page among the eight before it. */
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

/* Returns event i as a row, which has no kinds if the event names no frame. */
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
    event_list_make(&l, g, &b);
    struct rect head = rect_take(&r, g->lh);
    put_in(g, g->bold, head, g->t->ink, head_words(g, &b, &l));
    add_word(
        g, head, b.name,
        "the events behind it, newest first: when, frame, kinds before and "
        "after, reason, process, address; a click on one shows its frame");
    if (b.pid >= 0)
        rect_take(&r, draw_process(g, r, b.pid) - r.y);
    rect_take(&r,
              put_lines(g, g->sans, r, g->t->dim, missing_words(g, &l)) - r.y);
    enum { ROWS = 128 }; /* more than fit, even with the smallest text */
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
