/* SPDX-License-Identifier: MIT */
/* `why VA [PID]` tells the history of a page of a process, whichever frames it
 * was in: its first touch, and how it went to swap and came back. */
#include "inspect/events.h"
#include "inspect/process.h"
#include "inspect/walk.h"
#include "monitor/verbs/verbs.h"

#include <stdlib.h>

#define SHOWN 40 /* events; JSON has all */

/* A search for a page's events, from the latest back into the past. It follows
 * the page's frame and slot, because not every event names the page's process:
 * between a fork and the next store several processes share the page, and an
 * event that one of them or the pageout daemon causes is reported once; a page
 * that swap's read-ahead brings has no process yet, only its slot. */
struct page_events {
    u64 vpn;
    u32 pid;   /* 0: of any process */
    u32 frame; /* LENS_NO_PFN: in none, or it is not known */
    u32 slot;  /* INS_NO_SLOT: in none, or it is not known */
    struct ins_event *e;
    unsigned n, room;
};

static bool is_private(u8 state)
{
    return state == FS_ANON || state == FS_COW || state == FS_SWAPCACHE;
}

/* True: the event is about the page, though not reported for its process.
 * Events about another process's entry for the page (swap-map, cow-reuse) do
 * not count. */
static bool follows(const struct page_events *p, const struct ins_event *e)
{
    bool same_frame = p->frame != LENS_NO_PFN && e->pfn == p->frame;
    bool same_slot = p->slot != INS_NO_SLOT && e->slot == p->slot;
    bool elsewhere = e->va && e->va >> PAGE_SHIFT != p->vpn;
    if (!p->pid || (!is_private(e->from) && !is_private(e->to)))
        return false;
    return (same_frame || same_slot) && !elsewhere && e->reason != R_SWAP_MAP &&
           e->reason != R_COW_REUSE;
}

/* Sets p to the frame and slot that the page had before the event. */
static void go_back(struct page_events *p, const struct ins_event *e)
{
    if (e->pfn == LENS_NO_PFN || (!is_private(e->from) && !is_private(e->to)))
        return;
    p->frame = e->from != FS_FREE ? e->pfn
               : e->source        ? e->source
                                  : LENS_NO_PFN;
    if (e->slot != INS_NO_SLOT)
        p->slot = e->slot;
    if (e->reason == R_SWAP_ADD)
        p->slot = INS_NO_SLOT;
}

static bool follow_page(void *opaque, const struct ins_event *e)
{
    struct page_events *p = opaque;
    bool told = e->va && e->va >> PAGE_SHIFT == p->vpn &&
                (!p->pid || e->space == p->pid);
    if (!told && !follows(p, e))
        return true;
    if (p->pid)
        go_back(p, e);
    if (p->n == p->room) {
        p->room = p->room ? 2 * p->room : SHOWN;
        p->e = xrealloc(p->e, p->room * sizeof *p->e);
    }
    p->e[p->n++] = *e;
    return true;
}

/* Tells where the page is now, and notes that in p. */
static void tell_place(struct answer *a, struct page_events *p, u64 va)
{
    struct session *s = a->s;
    struct walk w;
    struct ins_proc proc;
    u32 pid = p->pid;
    u64 pa;
    p->frame = LENS_NO_PFN;
    p->slot = INS_NO_SLOT;
    bool lives = pid && inspect_walk(s->m, va, pid, ACC_LOAD, &w, &pa);
    bool mapped = lives && inspect_page_frame(s->m, pid, va, &p->frame);
    if (lives && !mapped)
        p->slot = inspect_page_slot(s->m, pid, va);
    if (a->json)
        return;
    say(a, "page 0x%llx", va >> PAGE_SHIFT << PAGE_SHIFT);
    if (!pid)
        say(a, " of any process\n");
    else if (!lives && inspect_proc(s->m, pid, &proc))
        say(a, " of pid %u (%s), which has no page table\n", pid, proc.name);
    else if (!lives)
        say(a, " of pid %u; no process has this number now\n", pid);
    else if (mapped && w.phase == WALK_FILLED)
        say(a, " of pid %u is in frame %u\n", pid, p->frame);
    else if (mapped)
        say(a,
            " of pid %u is in frame %u, but a load would fault (walk 0x%llx "
            "%u says why)\n",
            pid, p->frame, va, pid);
    else if (w.phase == WALK_FILLED)
        say(a, " of pid %u is a device's, and in no frame\n", pid);
    else if (p->slot != INS_NO_SLOT)
        say(a, " of pid %u is in swap, slot %u, and not mapped\n", pid,
            p->slot);
    else
        say(a, " of pid %u is not mapped now (walk 0x%llx %u says why)\n", pid,
            va, pid);
}

bool why_page(struct answer *a, u64 va, u32 pid, enum command_status *status)
{
    struct page_events p = {.vpn = va >> PAGE_SHIFT, .pid = pid};
    if (pid)
        tell_place(a, &p, va);
    u64 looked = inspect_events_each(a->s->events, follow_page, &p);
    if (!p.n && !pid)
        return false;
    if (!pid)
        tell_place(a, &p, va);
    json_add(&a->j, "{va:%#llx pid:%u", p.vpn << PAGE_SHIFT, pid);
    if (p.n)
        events_head(a);
    unsigned shown = a->json || p.n < SHOWN ? p.n : SHOWN;
    events_list(a, &a->j, "events", p.e, shown);
    json_close(&a->j, '}');
    free(p.e);
    if (shown < p.n)
        say(a, "and %u before these (json why 0x%llx %u lists all)\n",
            p.n - shown, va, pid);
    if (!p.n)
        say(a, "no event among the latest %llu is about it\n", looked);
    *status = finish_json(a);
    return true;
}
