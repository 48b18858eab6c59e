/* SPDX-License-Identifier: MIT */
/* Chooses the events to list, and describes the process that a list is about;
 * see event_list.h. */
#include "panel/tabs/event_list.h"

#include "panel/time/time_axis.h"

/* ---- which events -------------------------------------------------------- */

struct event_filter event_filter_of(const struct draw *g)
{
    struct event_filter b = {.lane = -1, .pid = -1, .name = "events"};
    unsigned what = g->v->events;
    if (what >= EVENTS_PROC) {
        b.pid = what - EVENTS_PROC;
        b.name = proc_name(g->d, (u32)b.pid);
        return b;
    }
    if (what >= EVENTS_LANE && what < EVENTS_LANE + LANES) {
        b.lane = (int)(what - EVENTS_LANE);
        b.name = lane_name(b.lane);
        return b;
    }
    switch (what) {
    case EVENTS_MEMORY:
        b.name = "frames that changed";
        b.moved = true;
        break;
    case EVENTS_FREE:
        b.name = "frames taken or freed";
        b.states = 1u << FS_FREE;
        break;
    case EVENTS_SWAP:
        b.name = "slots of swap";
        b.states = 1u << FS_SWAPCACHE;
        break;
    default:
        b.all = true;
    }
    return b;
}

static bool has_state(u32 states, u8 state)
{
    return state < FS_COUNT && states >> state & 1;
}

static bool filter_matches(const struct event_filter *b,
                           const struct ins_event *e)
{
    bool frame = e->pfn != LENS_NO_PFN;
    if (e->reason >= R_COUNT)
        return false;
    if (b->all)
        return true;
    if (b->pid >= 0)
        return e->pid == b->pid;
    if (b->lane >= 0)
        return lane_of(e->reason) == b->lane;
    if (b->moved)
        return frame && e->from != e->to;
    return frame &&
           has_state(b->states, e->from) != has_state(b->states, e->to);
}

/* Returns the last cycle listed. At a moment of the past, later events have not
 * happened yet. */
static u64 last_listed(const struct draw *g)
{
    u64 last = g->v->events_last;
    return g->d->past && last > g->d->cycle ? g->d->cycle : last;
}

void event_list_make(struct list *l, const struct draw *g,
                     const struct event_filter *b)
{
    const struct timeline *h = &g->v->timeline;
    unsigned from = timeline_from(h, g->v->events_first);
    u64 last = last_listed(g);
    unsigned to = last == NEVER ? h->nevents : timeline_from(h, last + 1);
    l->of = to;
    l->n = 0;
    while (to-- > from)
        if (filter_matches(b, timeline_event_at(h, to)))
            l->at[l->n++] = to;
}

u64 event_list_unseen(const struct draw *g)
{
    const struct timeline *h = &g->v->timeline;
    unsigned from = timeline_from(h, g->v->events_first);
    unsigned to = timeline_from(h, last_listed(g) + 1);
    if (g->v->events_last == NEVER || !from || from >= h->nevents || to < from)
        return 0;
    u64 before = timeline_event_at(h, from - 1)->number;
    u64 last = to < h->nevents && to != h->nolder
                   ? timeline_event_at(h, to)->number
                   : timeline_event_at(h, to - 1)->number + 1;
    u64 known = to - from;
    return last > before + 1 + known ? last - before - 1 - known : 0;
}

/* ---- a process ----------------------------------------------------------- */

static const struct ins_proc *child_of(const struct ins_display *d, s64 pid)
{
    const struct ins_proc *child = NULL;
    EACH(p, d->procs, d->nprocs)
        if (p->ppid == pid && p->state != PS_ZOMBIE && p->vsize)
            child = p;
    return child;
}

/* Describes a process's state and, as far as it is known, why it waits. */
static const char *state_in_words(const struct ins_display *d,
                                  const struct ins_proc *p)
{
    const struct ins_proc *child = child_of(d, p->pid);
    unsigned queued = 0;
    EACH(disk, d->disks, d->ndisks)
        queued += disk->queued;
    switch (p->state) {
    case PS_DISK:
        return phrase("waits for a disk (%u request%s queued)", queued,
                      queued == 1 ? " is" : "s are");
    case PS_RUNNING:
        return "runs";
    case PS_READY:
        return "could run, and waits for its turn";
    case PS_ZOMBIE:
        return "has ended, and its parent has not called wait yet";
    case PS_SLEEPING:
        return !p->vsize ? "a thread of the kernel that sleeps until it is "
                           "woken, or until its next round"
               : child
                   ? phrase("sleeps; its child %.16s (pid %u) has not ended",
                            child->name, child->pid)
                   : "waits for a key, a timer, a pipe or a signal: the "
                     "kernel does not tell which";
    default:
        return "is stopped";
    }
}

int draw_process(struct draw *g, struct rect r, s64 pid)
{
    const struct ins_proc *p = proc_of(g->d, pid);
    if (!p)
        return put_lines(g, g->sans, r, g->t->dim,
                         g->d->nprocs == INS_PROCS_MAX ? "Its state: unknown."
                         : g->d->past ? "At this moment it is not there."
                                      : "It has ended.");
    const char *now = state_in_words(g->d, p);
    const char *kernels =
        p->state == PS_SLEEPING ? "" : "a thread of the kernel, and ";
    return put_lines(
        g, g->sans, r, g->t->dim,
        p->vsize
            ? phrase("It %s. %s of %s in memory; %llu faults, %llu more that "
                     "waited for a disk.",
                     now, size_text(p->rss * PAGE_BYTES), size_text(p->vsize),
                     p->min_flt, p->maj_flt)
            : phrase("It is %s%s.", kernels, now));
}
