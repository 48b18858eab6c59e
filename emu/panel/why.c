/* SPDX-License-Identifier: MIT */
/* Why a chart, a lane or a process is as it is: the latest events behind it,
 * or those of the time that was clicked, each with its frame, address, reason
 * and process. In the biography's place, after a click. */
#include "panel/draw.h"

#include <stdio.h>

/* Rules of a chart's counters, the states of which it is the level, or the lane
 * that shows the event. */
struct behind {
    struct ins_rule rule[2][INS_RULES];
    unsigned nrules[2];
    u32 states; /* 1 << enum frame_state */
    int lane;   /* -1: none */
    s64 pid;    /* -1: none */
    s8 lane_of[R_COUNT];
    const char *name;
};

static struct behind behind_of(const struct draw *g)
{
    struct behind b = {.lane = -1, .pid = -1};
    unsigned counter[2], n = 0, what = g->v->why - 1;
    if (what >= WHY_PROC) {
        b.pid = what - WHY_PROC;
        b.name = proc_name(g->d, (u32)b.pid);
        return b;
    }
    if (what >= WHY_LANE) {
        b.lane = (int)(what - WHY_LANE);
        lanes_of(b.lane_of);
        b.name = lane_name(b.lane);
        return b;
    }
    b.name = chart_source(what, counter, &n, &b.states);
    for (unsigned i = 0; i < n; i++)
        b.nrules[i] = inspect_rules(counter[i], b.rule[i]);
    return b;
}

static bool has(u32 states, u8 state)
{
    return state < FS_COUNT && states >> state & 1;
}

static bool made(const struct behind *b, const struct ins_event *e)
{
    bool frame = e->pfn != LENS_NO_PFN, any = false;
    if (e->reason >= R_COUNT)
        return false;
    if (b->pid >= 0)
        return e->pid == b->pid;
    if (b->lane >= 0)
        return b->lane_of[e->reason] == b->lane;
    if (frame && has(b->states, e->from) != has(b->states, e->to))
        return true;
    for (unsigned i = 0; i < 2; i++)
        any |=
            b->nrules[i] && inspect_rules_match(b->rule[i], b->nrules[i], frame,
                                                e->from, e->to, e->reason);
    return any;
}

static bool wanted(const struct draw *g, const struct behind *b,
                   const struct ins_event *e)
{
    return e->cycle >= g->v->why_first && e->cycle <= g->v->why_last &&
           made(b, e);
}

/* A fault that was served names no frame itself; the event of the frame that it
 * was served with, of the same process and page, came just before. */
static u32 frame_of(const struct history *h, unsigned i)
{
    const struct ins_event *e = history_event(h, i);
    bool fault = e->reason == R_FAULT_MINOR || e->reason == R_FAULT_MAJOR;
    if (e->pfn != LENS_NO_PFN || !fault)
        return e->pfn;
    for (unsigned back = 1; back <= 8 && back <= i; back++) {
        const struct ins_event *k = history_event(h, i - back);
        if (k->pid == e->pid && k->pfn != LENS_NO_PFN &&
            k->va >> PAGE_SHIFT == e->va >> PAGE_SHIFT)
            return k->pfn;
    }
    return LENS_NO_PFN;
}

enum { FRAME = 8, ADDRESS = 15 };

static void row(struct draw *g, int x, int y, int columns, unsigned i)
{
    const struct ins_event *e = history_event(&g->v->history, i);
    u32 pfn = frame_of(&g->v->history, i);
    bool frame = pfn < g->d->nframes;
    char number[24] = "-", va[24] = "-";
    if (frame)
        frame_number(number, pfn);
    if (e->va)
        snprintf(va, sizeof va, "0x%llx",
                 (unsigned long long)(e->va & 0xffffffffffull));
    put_fit(g, x, y, FRAME - 1, frame ? g->t->accent : g->t->dim, number);
    put_fit(g, x + FRAME * g->cw, y, ADDRESS - 1, g->t->ink, va);
    int left = FRAME + ADDRESS;
    draw_life_row(g, x + left * g->cw, y, columns - left, e);
    if (frame)
        add_hit(g, (struct rect){x, y, columns * g->cw, g->lh}, HIT_FRAME, pfn,
                NULL);
}

/* ---- a process ----------------------------------------------------------- */

static const struct ins_proc *proc_of(const struct ins_display *d, s64 pid)
{
    for (unsigned i = 0; i < d->nprocs && i < INS_PROCS_MAX; i++)
        if (d->procs[i].pid == pid)
            return &d->procs[i];
    return NULL;
}

static const struct ins_proc *child_of(const struct ins_display *d, s64 pid)
{
    const struct ins_proc *child = NULL;
    for (unsigned i = 0; i < d->nprocs && i < INS_PROCS_MAX; i++)
        if (d->procs[i].ppid == pid && d->procs[i].state != PS_ZOMBIE &&
            d->procs[i].vsize)
            child = &d->procs[i];
    return child;
}

/* The reason why a process waits, as far as the kernel's tables show it. */
static void waits_for(const struct ins_display *d, const struct ins_proc *p,
                      char *buf, size_t n)
{
    const struct ins_proc *child = child_of(d, p->pid);
    unsigned queued = 0;
    for (unsigned i = 0; i < d->ndisks && i < DISK_SLOTS; i++)
        queued += d->disks[i].queued;
    if (p->state == PS_DISK)
        snprintf(buf, n,
                 "It waits for a disk: %u request%s queued. Its latest event "
                 "below says what for.",
                 queued, queued == 1 ? " is" : "s are");
    else if (p->state != PS_SLEEPING)
        buf[0] = 0;
    else if (!p->vsize)
        snprintf(buf, n,
                 "A thread of the kernel: it sleeps until it is woken, "
                 "or until its next round.");
    else if (child)
        snprintf(buf, n,
                 "Its child %.16s (pid %u) has not ended; a shell, or init, "
                 "sleeps until then.",
                 child->name, child->pid);
    else
        snprintf(buf, n,
                 "It waits for a key, a timer, a pipe or a signal: the "
                 "kernel does not tell which.");
}

static int paragraph(struct draw *g, struct rect in, int y, u32 ink,
                     const char *text)
{
    int wide = in.w / g->cw;
    while (*text && y + g->lh <= in.y + in.h) {
        const char *line = text;
        int n = take_line(&text, wide);
        put(g, in.x, y, ink, "%.*s", n, line);
        y += g->lh;
    }
    return y;
}

/* Returns the y below. */
static int about_process(struct draw *g, struct rect in, s64 pid)
{
    const struct ins_proc *p = proc_of(g->d, pid);
    char text[256], rss[32], size[32];
    if (!p)
        return paragraph(g, in, in.y, g->t->dim, "It has ended.");
    snprintf(text, sizeof text, "%.16s (pid %u, child of %u): %s.", p->name,
             p->pid, p->ppid, proc_state_sentence(p->state));
    int y = paragraph(g, in, in.y, g->t->ink, text);
    snprintf(
        text, sizeof text,
        "%llu pages in RAM (%s) of %s mapped; %llu minor faults, %llu that "
        "waited for a disk, %llu not allowed.",
        (unsigned long long)p->rss, size_text(rss, p->rss * PAGE_BYTES),
        size_text(size, p->vsize), (unsigned long long)p->min_flt,
        (unsigned long long)p->maj_flt, (unsigned long long)p->ill_flt);
    y = paragraph(g, in, y, g->t->ink, text);
    waits_for(g->d, p, text, sizeof text);
    return paragraph(g, in, y, g->t->ink, text);
}

/* ---- the pane --------------------------------------------------------------
 */

/* How many events of the time that was clicked went by unseen: a picture brings
 * so many at most. Their numbers are consecutive. */
static u64 unseen(const struct view *v)
{
    const struct history *h = &v->history;
    u64 before = 0, last = 0, known = 0;
    bool any = false;
    for (unsigned i = 0; i < h->nevents; i++) {
        const struct ins_event *e = history_event(h, i);
        if (e->cycle < v->why_first)
            before = e->number + 1;
        else if (e->cycle <= v->why_last) {
            before = any || before ? before : e->number;
            any = true;
            last = e->number + 1;
            known++;
        } else {
            last = e->number;
            break;
        }
    }
    return last > before + known ? last - before - known : 0;
}

/* The title: of when, how many. */
static void title(const struct draw *g, const struct behind *b, unsigned n,
                  char *buf, size_t size)
{
    const struct view *v = g->v;
    char from[32], to[32];
    if (v->why_last == NEVER)
        snprintf(buf, size, "%.16s: %u of the latest %u events; Esc closes",
                 b->name, n, v->history.nevents);
    else if (unseen(v))
        snprintf(buf, size,
                 "%.16s, from %s to %s: %u events; %llu of all kinds were not "
                 "seen; Esc closes",
                 b->name, sim_time(from, g->d, v->why_first),
                 sim_time(to, g->d, v->why_last), n,
                 (unsigned long long)unseen(v));
    else
        snprintf(buf, size, "%.16s, from %s to %s: %u events; Esc closes",
                 b->name, sim_time(from, g->d, v->why_first),
                 sim_time(to, g->d, v->why_last), n);
}

static void no_events(struct draw *g, const struct behind *b, struct rect in,
                      int y)
{
    const struct history *h = &g->v->history;
    char text[200], when[32];
    bool none = b->lane < 0 && b->pid < 0 && !b->nrules[0] && !b->nrules[1] &&
                !b->states;
    if (none)
        snprintf(text, sizeof text,
                 "No event says when: it is counted, and that is all.");
    else if (h->nevents && g->v->why_last < history_event(h, 0)->cycle)
        snprintf(text, sizeof text,
                 "Events of then are no longer known one by one: the oldest "
                 "known is of %s.",
                 sim_time(when, g->d, history_event(h, 0)->cycle));
    else if (g->v->why_last == NEVER)
        snprintf(text, sizeof text, "There is none among the latest events.");
    else if (unseen(g->v))
        snprintf(text, sizeof text,
                 "None of those seen; %llu events of then were not seen: more "
                 "came than pictures bring. A slower pace ([) shows them.",
                 (unsigned long long)unseen(g->v));
    else
        snprintf(text, sizeof text, "There was none then.");
    paragraph(g, (struct rect){in.x, in.y, in.w, in.h}, y, g->t->dim, text);
}

void draw_why_pane(struct draw *g, struct rect r)
{
    const struct history *h = &g->v->history;
    struct behind b = behind_of(g);
    unsigned n = 0, shown = 0;
    char about[160];
    for (unsigned i = 0; i < h->nevents; i++)
        n += wanted(g, &b, history_event(h, i));
    title(g, &b, n, about, sizeof about);
    struct rect in = pane_open(g, r, "WHY", about);
    int y = b.pid >= 0 ? about_process(g, in, b.pid) + g->lh / 2 : in.y;
    int rows = (in.y + in.h - y) / g->lh;
    unsigned most = (int)n > rows ? n - (unsigned)(rows > 0 ? rows : 0) : 0;
    g->v->scroll = g->v->scroll < most ? g->v->scroll : most;
    add_word(g, (struct rect){r.x, r.y, r.w, g->ch + 3}, b.name,
             "the events behind it, latest first: frame, address, time, from "
             "and to, reason, whose; a click on one shows its frame");
    if (!n)
        no_events(g, &b, in, y);
    for (unsigned i = h->nevents, k = 0; i-- > 0 && (int)shown < rows;)
        if (wanted(g, &b, history_event(h, i)) && k++ >= g->v->scroll)
            row(g, in.x, y + (int)shown++ * g->lh, in.w / g->cw - 1, i);
    pane_close(g);
}
