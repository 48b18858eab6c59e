/* SPDX-License-Identifier: MIT */
/* Collects kernel events. A ring has the latest events; those of each frame are
 * chained. Another array has the last eight of each frame, which outlive the
 * ring. Both give a frame's biography. Also writes the CSV of --events. All but
 * the CSV and the names of ended processes is saved and loaded. */
#include "base/whole.h"
#include "inspect/display.h"
#include "inspect/events.h"
#include "inspect/internal.h"
#include "inspect/numbers.h"
#include "inspect/process.h"
#include "inspect/stale.h"
#include "inspect/walk.h"
#include "inspect/words.h"
#include "history/history.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define RING     131072 /* the latest events of all frames */
#define PER_PAGE 8      /* the latest events of each frame */

#define NO_EVENT (~0ull)

/* Most frames have no event, or one from the kernel's start. A frame's later
 * events are in another array, whose untouched pages take no host memory. */
struct biography {
    u32 n;     /* events so far; the latest is number n - 1 */
    u32 owner; /* the process for which the kernel allocated the frame */
    u32 slot;  /* of its page in swap, by the latest event with it; 0: none */
    u64 index; /* frame.index of its page, if anonymous; else 0 */
    u64 taken; /* the cycle at which it last left the free state; or 0 */
    struct ins_event first;
};
struct later {
    struct ins_event at[PER_PAGE - 1];
};

struct ins_events {
    struct machine *m;
    u64 of_fault; /* reasons_of_fault() */
    FILE *csv;
    struct {
        void (*fn)(void *, const struct ins_event *);
        void *opaque;
    } follower[INS_FOLLOWERS];
    unsigned nfollowers;
    u32 resets; /* m->resets when the sums began */
    u64 n, nframes;
    u64 first; /* the number of the first event since the reset */
    u32 tally[R_COUNT];
    u64 counted[C_COUNT]; /* counters, at the first event since the reset */
    /* Events since the reset, when the kernel's counters began: with a frame,
     * by states and reason; without a frame, by reason. */
    u32 moves[FS_COUNT][FS_COUNT][R_COUNT], bare[R_COUNT];
    struct ins_event *ring;
    u64 *
        before; /* number of the frame's previous event, for each in the ring */
    struct biography *frame; /* calloc: untouched pages cost nothing */
    struct later *later;
    struct ins_name *ended; /* by pid modulo INS_NAMES_MAX; saved in no file */
    /* For history: 1 for each element that was written; for ring and before, 1
     * for each group of GROUP elements in which one was written. */
    u8 *ring_written, *before_written, *frame_written, *later_written;
    u8 *ended_written;
};
#define GROUP 16

/* Returns the frame's event i, which must be one of the last PER_PAGE. */
static struct ins_event *frame_event(const struct ins_events *e, u32 pfn, u32 i)
{
    i %= PER_PAGE;
    return i ? &e->later[pfn].at[i - 1] : &e->frame[pfn].first;
}

/* Does as frame_event(), for a caller that writes to the event. */
static struct ins_event *frame_event_write(struct ins_events *e, u32 pfn, u32 i)
{
    (i % PER_PAGE ? e->later_written : e->frame_written)[pfn] = 1;
    return frame_event(e, pfn, i);
}

struct ins_event inspect_event_of(const struct lens_record *r)
{
    u32 pid = (u32)bits(r->event, 63, 48), space = (u32)bits(r->va, 63, 48);
    return (struct ins_event){
        .cycle = r->cycle,
        .va = bits(r->va, 47, 0),
        .space = space ? space : pid,
        .pfn = (u32)bits(r->event, 27, 0),
        .from = (u8)bits(r->event, 31, 28),
        .to = (u8)bits(r->event, 35, 32),
        .reason = (u8)bits(r->event, 43, 36),
        .actor = (u8)bits(r->event, 47, 44),
        .pid = pid,
        .slot = INS_NO_SLOT,
    };
}

/* Returns the thread of process pid that is on the hart; 0: the first thread or
 * another process is there. */
static u32 thread_of(struct machine *m, u32 pid)
{
    u32 tid = ins_current_tid(m);
    return tid != pid && ins_current_pid(m) == pid ? tid : 0;
}

u8 ins_events_state(const struct ins_events *e, u32 pfn)
{
    const struct biography *b = pfn < e->nframes ? &e->frame[pfn] : NULL;
    return b && b->n ? frame_event(e, pfn, b->n - 1)->to : FS_COUNT;
}

static void csv_line(FILE *f, const struct ins_event *e)
{
    if (e->pfn == LENS_NO_PFN)
        fprintf(f, "%llu,%u,,,,%s,%s\n", e->cycle, e->pid,
                inspect_event_word(e), inspect_actor_word(e->actor));
    else
        fprintf(f, "%llu,%u,%u,%s,%s,%s,%s\n", e->cycle, e->pid, e->pfn,
                inspect_state_word(e->from), inspect_state_word(e->to),
                inspect_event_word(e), inspect_actor_word(e->actor));
}

static void count_event(struct ins_events *e, const struct ins_event *ev)
{
    e->tally[ev->reason]++;
    if (ev->pfn == LENS_NO_PFN)
        e->bare[ev->reason]++;
    else if (ev->from < FS_COUNT && ev->to < FS_COUNT)
        e->moves[ev->from][ev->to][ev->reason]++;
}

/* Returns the faulting instruction's pc: sepc, if the CSRs still belong to the
 * event's trap (after a sleep they may be another process's); else 0. */
static u64 fault_pc(const struct hart *h, const struct ins_event *ev)
{
    bool fault = h->scause == CAUSE_FETCH_PAGE ||
                 h->scause == CAUSE_LOAD_PAGE || h->scause == CAUSE_STORE_PAGE;
    u64 va = ev->fault_va ? ev->fault_va : ev->va;
    bool own = !((h->stval ^ va) >> PAGE_SHIFT);
    return ev->actor == ACTOR_FAULT && va && fault && own ? h->sepc : 0;
}

/* Returns the frame that the process maps at va, or 0. */
static u32 mapped_frame(struct machine *m, u32 pid, u64 va)
{
    struct walk w;
    u64 pa;
    if (!pid || !inspect_walk(m, va, pid, ACC_LOAD, &w, &pa) ||
        w.phase != WALK_FILLED || pa < RAM_BASE)
        return 0;
    return (u32)((pa - RAM_BASE) >> PAGE_SHIFT);
}

/* Returns the state of a frame that is copied; FS_FREE: not known. */
static u8 state_of(struct machine *m, u32 pfn)
{
    struct lens_frame f;
    bool known = pfn && ins_kernel_frame(m, pfn, &f) && f.state < FS_COUNT;
    return known ? f.state : FS_FREE;
}

/* Returns the slot of the event's page. When a page comes from swap, its event
 * is reported before the frame is in the swap cache: the faulting PTE has the
 * slot, or settle() finds it at the next event. A frame that reclaim takes has
 * left the swap cache already: an earlier event has its slot. */
static u32 slot_of(struct ins_events *e, const struct ins_event *ev)
{
    if (ev->pfn >= e->nframes)
        return INS_NO_SLOT;
    switch (ev->reason) {
    case R_SWAP_ADD:
    case R_SWAP_OUT:
    case R_SWAP_KEEP:
    case R_SWAP_MAP:
    case R_CACHED:
    case R_CACHE_FOUND:
        return ins_frame_slot(e->m, ev->pfn);
    case R_SWAP_IN:
        return inspect_page_slot(e->m, ev->pid, ev->va);
    case R_RECLAIM:
    case R_CACHE_REUSE:
        return ev->from == FS_SWAPCACHE && e->frame[ev->pfn].slot
                   ? e->frame[ev->pfn].slot
                   : INS_NO_SLOT;
    default:
        return INS_NO_SLOT;
    }
}

/* Keeps the page's slot. Slot 0 is an area's header, so 0 stands for none. */
static void keep_slot(struct ins_events *e, const struct ins_event *ev)
{
    bool lost = ev->to != FS_SWAPCACHE && ev->to != FS_SHMEM;
    if (lost)
        e->frame[ev->pfn].slot = 0;
    else if (ev->slot != INS_NO_SLOT)
        e->frame[ev->pfn].slot = ev->slot;
}

/* Completes the latest event: the kernel reports an event before it has filled
 * its table's row for the frame. A page from swap gets its slot. A copy that
 * fork made gets its source, and its page's address, which no fault tells. */
static void settle(struct ins_events *e)
{
    struct ins_event *ev = e->n ? &e->ring[(e->n - 1) % RING] : NULL;
    struct lens_frame now;
    struct ins_proc child;
    if (!ev || ev->pfn >= e->nframes)
        return;
    bool came = ev->reason == R_SWAP_IN || ev->reason == R_SWAP_AHEAD;
    if (came && ev->slot == INS_NO_SLOT) {
        ev->slot = ins_frame_slot(e->m, ev->pfn);
        keep_slot(e, ev);
    } else if (ev->reason == R_FORK_COPY && !ev->va &&
               ins_kernel_frame(e->m, ev->pfn, &now)) {
        e->frame[ev->pfn].index = now.index;
        ev->va = ins_page_va(e->m, now.owner, now.index, ev->pfn, 0);
        ev->space = now.owner;
        if (inspect_proc(e->m, now.owner, &child))
            ev->source = mapped_frame(e->m, child.ppid, ev->va);
    } else {
        return;
    }
    e->frame_written[ev->pfn] = 1;
    *frame_event_write(e, ev->pfn, e->frame[ev->pfn].n - 1) = *ev;
    e->ring_written[(e->n - 1) % RING / GROUP] = 1;
}

/* Returns the process that had the frame, if the event's reason tells it, else
 * 0. The last process that has a page of private memory frees its frame, even
 * if the frame was allocated for another process. */
static u32 freed_by(const struct ins_event *ev)
{
    bool private =
        ev->from == FS_ANON || ev->from == FS_COW || ev->from == FS_SWAPCACHE;
    bool by_itself = ev->reason == R_EXIT || ev->reason == R_EXEC_DISCARD ||
                     ev->reason == R_UNMAP;
    return private && by_itself ? ev->pid : 0;
}

/* Returns the frame's owner before the event (0: none) and notes the new owner,
 * which the kernel's table already has when the event is reported. */
static u32 owner_before(struct biography *b, const struct ins_event *ev,
                        const struct lens_frame *now)
{
    u32 freer = freed_by(ev), owner = freer ? freer : b->owner;
    b->owner = now->owner;
    return owner;
}

/* Returns the reasons whose events concern the faulting page itself. During a
 * fault, events of other reasons concern frames that are taken, scanned or
 * written to serve it, and the fault's address is another page's. (A refault is
 * also reported for a neighbour that was read with the page.) */
static u64 reasons_of_fault(void)
{
    static const char *const kinds[] = {"fault", "cow", "alloc"};
    u64 mask = 1ull << R_SWAP_IN;
    for (unsigned r = 0; r < R_COUNT; r++)
        for (unsigned i = 0; i < ARRAY_LEN(kinds); i++)
            mask |= (u64)!strcmp(ins_reasons[r].kind, kinds[i]) << r;
    return mask & ~(1ull << R_REFAULT);
}

#define ANONYMOUS (1u << FS_ANON | 1u << FS_COW | 1u << FS_SWAPCACHE)

/* Gives the event the address of the page that the frame holds or held. */
static void give_address(const struct ins_events *e, struct biography *b,
                         struct ins_event *ev, const struct lens_frame *now)
{
    bool had = ev->from < FS_COUNT && ANONYMOUS >> ev->from & 1;
    bool has = ev->to < FS_COUNT && ANONYMOUS >> ev->to & 1;
    u64 va = 0, index = had ? b->index : 0;
    u32 owner = has ? now->owner : ev->owner;
    bool of_2m = ev->reason == R_FAULT_HUGE || ev->reason == R_COLLAPSE;
    bool own = ev->reason >= R_COUNT || e->of_fault >> ev->reason & 1;
    if (has && !now->object && now->owner && now->index)
        index = now->index;
    else if (has && of_2m && ev->va) /* the frames are in the pages' order */
        index = (ev->va >> PAGE_SHIFT & ~511ull) | (ev->pfn & 511ull);
    else if (has && own && !index) /* a new frame's row has no address yet */
        index = ev->va >> PAGE_SHIFT;
    b->index = has ? index : 0;
    if (index) /* of a page that a process gives up the kernel tells it */
        va = ins_page_va(e->m, owner, index, ev->pfn, has ? 0 : ev->va);
    if (has && of_2m && va) {
        ev->fault_va = (va ^ ev->va) >> PAGE_SHIFT ? ev->va : 0;
        ev->va = va;
        return;
    }
    if (own && !(had && has && va)) /* else a fault may concern 512 pages */
        return;
    bool same = !((va ^ ev->va) >> PAGE_SHIFT);
    ev->fault_va = same ? 0 : ev->va;
    ev->va = va;
    ev->space = va ? own ? ev->pid : ev->owner : 0;
}

/* Begins the sums anew, because the kernel's counters begin anew. */
static void begin_sums(struct ins_events *e)
{
    memset(e->moves, 0, sizeof e->moves);
    memset(e->bare, 0, sizeof e->bare);
    for (unsigned i = 0; i < C_COUNT; i++)
        ins_kernel_counter(e->m, i, &e->counted[i]);
    e->resets = e->m->resets;
    e->first = e->n;
}

/* Keeps the name of a process that ends, to show with its events. */
static void keep_name(struct ins_events *e, u32 pid)
{
    struct ins_proc p;
    if (!inspect_proc(e->m, pid, &p))
        return;
    struct ins_name *at = &e->ended[pid % INS_NAMES_MAX];
    at->pid = pid;
    snprintf(at->name, sizeof at->name, "%.16s", p.name);
    e->ended_written[pid % INS_NAMES_MAX] = 1;
}

static void record(struct ins_events *e, struct ins_event *ev)
{
    ev->pc = fault_pc(&e->m->hart, ev);
    if (!e->n || e->resets != e->m->resets)
        begin_sums(e);
    if (ev->reason < R_COUNT)
        count_event(e, ev);
    if (ev->reason == R_PROC_EXIT)
        keep_name(e, ev->pid);
    e->ring_written[e->n % RING / GROUP] = 1;
    e->ring[e->n++ % RING] = *ev;
    if (ev->pfn < e->nframes) {
        struct biography *b = &e->frame[ev->pfn];
        e->before_written[ev->number % RING / GROUP] = 1;
        e->frame_written[ev->pfn] = 1;
        e->before[ev->number % RING] =
            b->n ? frame_event(e, ev->pfn, b->n - 1)->number : NO_EVENT;
        *frame_event_write(e, ev->pfn, b->n++) = *ev;
        if (ev->from == FS_FREE && ev->to != FS_FREE)
            b->taken = ev->cycle;
        keep_slot(e, ev);
    }
    if (e->csv && !history_repeats(e->m->past))
        csv_line(e->csv, ev);
    for (unsigned i = 0; i < e->nfollowers; i++)
        e->follower[i].fn(e->follower[i].opaque, ev);
}

void ins_events_names(const struct ins_events *e, struct ins_display *d)
{
    for (unsigned i = 0; i < INS_NAMES_MAX && d->nnames < INS_NAMES_MAX; i++)
        if (e->ended[i].pid)
            d->names[d->nnames++] = e->ended[i];
}

static void on_lens_event(void *opaque, const struct lens_record *r)
{
    struct ins_events *e = opaque;
    struct ins_event ev = inspect_event_of(r);
    ev.tid = thread_of(e->m, ev.pid);
    settle(e);
    ev.number = e->n;
    ev.slot = slot_of(e, &ev);
    if (ev.pfn < e->nframes) {
        struct lens_frame now = {0};
        ins_kernel_frame(e->m, ev.pfn, &now);
        ev.owner = owner_before(&e->frame[ev.pfn], &ev, &now);
        give_address(e, &e->frame[ev.pfn], &ev, &now);
    }
    if (ev.reason == R_COW_COPY) { /* the PTE still maps the old frame */
        ev.source = mapped_frame(e->m, ev.space, ev.va);
        ev.origin = state_of(e->m, ev.source);
    }
    record(e, &ev);
}

/* No probe tells a frame's owner. So the process whose fault filled a frame
 * counts as its owner while the frame holds anonymous memory. */
void ins_events_probed(struct ins_events *e, const struct linux_event *l)
{
    struct lens_record r = {.cycle = machine_now(e->m),
                            .va = l->va,
                            .event = lens_event(l->pfn, l->from, l->to,
                                                l->reason, l->actor, l->pid)};
    struct ins_event ev = inspect_event_of(&r);
    bool anonymous = l->to < FS_COUNT && ANONYMOUS >> l->to & 1;
    ev.number = e->n;
    ev.tid = l->tid;
    ev.slot = l->slot;
    ev.source = l->source;
    if (ev.reason == R_COW_COPY)
        ev.origin = state_of(e->m, ev.source);
    ev.fault_va = l->fault_va;
    if (ev.pfn < e->nframes) {
        struct biography *b = &e->frame[ev.pfn];
        bool own = e->of_fault >> ev.reason & 1;
        if (inspect_moved(&ev) && ev.source < e->nframes)
            b->owner = e->frame[ev.source].owner;
        ev.owner = b->owner;
        ev.space = own ? ev.pid : b->owner;
        b->owner = !anonymous ? 0 : own ? ev.pid : b->owner;
    }
    record(e, &ev);
    machine_seen(e->m, &r);
}

void inspect_events_follow(struct ins_events *e,
                           void (*fn)(void *, const struct ins_event *),
                           void *opaque)
{
    assert(e->nfollowers < INS_FOLLOWERS);
    e->follower[e->nfollowers].fn = fn;
    e->follower[e->nfollowers++].opaque = opaque;
}

void inspect_events_unfollow(struct ins_events *e, const void *opaque)
{
    unsigned i = 0;
    while (i < e->nfollowers && e->follower[i].opaque != opaque)
        i++;
    if (i < e->nfollowers)
        e->follower[i] = e->follower[--e->nfollowers];
}

/* ---- saved and loaded with the machine ---------------------------------- */

void inspect_events_forget(struct ins_events *e)
{
    for (u64 i = 0; i < e->nframes; i++)
        if (e->frame[i].n)
            memset(&e->frame[i], 0, sizeof e->frame[i]);
    memset(e->ended, 0, INS_NAMES_MAX * sizeof *e->ended);
    memset(e->tally, 0, sizeof e->tally);
    memset(e->moves, 0, sizeof e->moves);
    memset(e->bare, 0, sizeof e->bare);
    memset(e->counted, 0, sizeof e->counted);
    e->n = e->first = 0;
}

static void events_past(struct ins_events *e, struct state *s,
                        struct ins_event *ev, u64 n)
{
    state_bytes(s, ev, n * sizeof *ev);
    for (u64 i = 0; i < n; i++)
        state_check(s,
                    ev[i].from < 16 && ev[i].to < 16 &&
                        ev[i].cycle <= machine_now(e->m),
                    "an event's states or its cycle");
}

/* Visits, for each frame with events, its number + 1 and biography; then 0. */
static void frames_past(struct ins_events *e, struct state *s)
{
    bool loading = state_loading(s);
    for (u64 i = 0, tag, last = 0;; i++, last = tag) {
        while (!loading && i < e->nframes && !e->frame[i].n)
            i++;
        tag = i < e->nframes ? i + 1 : 0;
        state_val(s, tag);
        if (state_error(s) || !tag)
            return;
        state_check(s, tag > last && tag <= e->nframes, "a frame's events");
        if (state_error(s))
            return;
        i = tag - 1;
        struct biography *b = &e->frame[i];
        state_vals(s, b->n, b->owner, b->slot, b->index, b->taken);
        e->frame_written[i] |= loading;
        e->later_written[i] |= loading && b->n > 1;
        if (b->n)
            events_past(e, s, &b->first, 1);
        if (b->n > 1)
            events_past(e, s, e->later[i].at,
                        (b->n < PER_PAGE ? b->n : PER_PAGE) - 1);
    }
}

static void save_events(void *opaque, struct state *s)
{
    struct ins_events *e = opaque;
    if (!state_loading(s))
        settle(e);
    else if (!state_aside(s))
        inspect_events_forget(e);
    state_val(s, e->n);
    u64 have = e->n < RING ? e->n : RING;
    state_vals(s, e->tally, e->moves, e->bare, e->counted, e->resets, e->first);
    inspect_stale_past(e->m, s);
    if (state_aside(s)) /* history has the rest: keep_past */
        return;
    events_past(e, s, e->ring, have);
    state_bytes(s, e->before, have * sizeof *e->before);
    frames_past(e, s);
    if (state_error(s))
        inspect_events_forget(e);
    if (state_loading(s)) {
        u64 groups = (have + GROUP - 1) / GROUP;
        memset(e->ring_written, 1, groups);
        memset(e->before_written, 1, groups);
    }
}

/* Registers the arrays with history, which restores them when the machine goes
 * back in time. */
static void keep_past(struct ins_events *e)
{
    e->ring_written = xcalloc(RING / GROUP, 1);
    e->before_written = xcalloc(RING / GROUP, 1);
    e->frame_written = xcalloc(e->nframes, 1);
    e->later_written = xcalloc(e->nframes, 1);
    e->ended_written = xcalloc(INS_NAMES_MAX, 1);
    struct history_memory r[] = {
        {RING / GROUP, GROUP * sizeof(*e->ring), e->ring_written, e->ring, NULL,
         NULL},
        {RING / GROUP, GROUP * sizeof(*e->before), e->before_written, e->before,
         NULL, NULL},
        {e->nframes, sizeof(*e->frame), e->frame_written, e->frame, NULL, NULL},
        {e->nframes, sizeof(*e->later), e->later_written, e->later, NULL, NULL},
        {INS_NAMES_MAX, sizeof(*e->ended), e->ended_written, e->ended, NULL,
         NULL},
    };
    for (unsigned i = 0; i < ARRAY_LEN(r); i++)
        history_memory(e->m->past, &r[i]);
}

struct ins_events *inspect_events_open(struct machine *m, const char *csv)
{
    struct ins_events *e = xcalloc(1, sizeof *e);
    e->m = m;
    e->of_fault = reasons_of_fault();
    e->nframes = ins_nframes(m);
    e->ring = xcalloc(RING, sizeof *e->ring);
    e->before = xcalloc(RING, sizeof *e->before);
    e->frame = xcalloc(e->nframes, sizeof *e->frame);
    e->later = xcalloc(e->nframes, sizeof *e->later);
    e->ended = xcalloc(INS_NAMES_MAX, sizeof *e->ended);
    if (csv) {
        e->csv = strcmp(csv, "-") ? fopen(csv, "w") : stdout;
        if (!e->csv)
            die(csv, "cannot be written: %s", strerror(errno));
        fputs("cycle,pid,pfn,from,to,reason,actor\n", e->csv);
    }
    machine_on_event(m, on_lens_event, e);
    machine_on_past(m, save_events, e);
    keep_past(e);
    return e;
}

bool inspect_events_close(struct ins_events *e)
{
    bool ok = true;
    if (!e)
        return true;
    machine_on_event(e->m, NULL, NULL);
    machine_on_past(e->m, NULL, NULL);
    if (e->csv && e->csv != stdout) { /* standard output is checked at exit */
        ok = stream_written(e->csv);
        int error = errno;
        ok = !fclose(e->csv) && ok;
        errno = ok ? 0 : error;
    }
    free_all(e->ring_written, e->before_written, e->frame_written,
             e->later_written, e->ended_written, e->ring, e->before, e->frame,
             e->later, e->ended, e);
    return ok;
}

void inspect_events_went(struct ins_events *e, const char *how)
{
    if (e->csv)
        fprintf(e->csv, "%llu,0,,,,%s,\n", machine_now(e->m), how);
}

u64 inspect_events_count(struct ins_events *e)
{
    if (e->csv)
        fflush(e->csv);
    return e->n;
}

u32 inspect_events_of_frame(const struct ins_events *e, u32 pfn)
{
    return pfn < e->nframes ? e->frame[pfn].n : 0;
}

u64 inspect_events_taken(const struct ins_events *e, u32 pfn)
{
    return pfn < e->nframes ? e->frame[pfn].taken : 0;
}

unsigned inspect_events_known(struct ins_events *e, u32 pfn,
                              struct ins_event **out)
{
    u32 n = inspect_events_of_frame(e, pfn);
    n = n < RING + PER_PAGE ? n : RING + PER_PAGE;
    *out = xcalloc(n + 1, sizeof **out);
    return inspect_events_recent(e, pfn, *out, n);
}

void inspect_events_tally(const struct ins_events *e, u32 tally[R_COUNT])
{
    memcpy(tally, e->tally, sizeof e->tally);
}

u64 inspect_events_total(const struct ins_events *e, const struct ins_rule *r,
                         unsigned n)
{
    u64 sum = 0;
    for (u8 reason = 0; reason < R_COUNT; reason++) {
        if (inspect_rules_match(r, n, false, 0, 0, reason))
            sum += e->bare[reason];
        for (u8 from = 0; from < FS_COUNT; from++)
            for (u8 to = 0; to < FS_COUNT; to++)
                if (inspect_rules_match(r, n, true, from, to, reason))
                    sum += e->moves[from][to][reason];
    }
    return sum;
}

u64 inspect_events_moved(const struct ins_events *e, u8 from, u8 to, u8 reason)
{
    return e->moves[from][to][reason];
}

u64 inspect_events_before(const struct ins_events *e, unsigned counter)
{
    return e->counted[counter];
}

u64 inspect_events_first(const struct ins_events *e)
{
    return e->first;
}

u64 inspect_events_each(const struct ins_events *e,
                        bool (*fn)(void *, const struct ins_event *),
                        void *opaque)
{
    u64 have = e->n < RING ? e->n : RING, n = 0;
    while (n < have && fn(opaque, &e->ring[(e->n - 1 - n) % RING]))
        n++;
    return n;
}

unsigned inspect_events_recent(struct ins_events *e, u32 pfn,
                               struct ins_event *out, unsigned max)
{
    unsigned n = 0;
    settle(e);
    if (pfn == LENS_NO_PFN) {
        u64 have = e->n < RING ? e->n : RING;
        for (; n < max && n < have; n++)
            out[n] = e->ring[(e->n - 1 - n) % RING];
        return n;
    }
    if (pfn >= e->nframes)
        return 0;
    const struct biography *b = &e->frame[pfn];
    u32 have = b->n < PER_PAGE ? b->n : PER_PAGE;
    for (; n < max && n < have; n++)
        out[n] = *frame_event(e, pfn, b->n - 1 - n);
    if (have < PER_PAGE || n < have)
        return n;
    for (u64 i = out[n - 1].number; n < max && e->n - i <= RING;) {
        i = e->before[i % RING];
        if (i == NO_EVENT || e->n - i > RING)
            break;
        out[n++] = e->ring[i % RING];
    }
    return n;
}
