/* SPDX-License-Identifier: MIT */
/* Writes --trace: what happens, on tracks:
 *
 *   hart       with a lens, the task on the hart, as traps, returns, events and
 *              sleep show it: a kernel thread's turn begins at its first event
 *   processes  a thread's page faults as slices, from the trap to the return to
 *              the program; in them and beside them the kernel's events, with
 *              the kernel's reasons
 *   kernel     events without a process, by actor
 *   vda ...    a disk's requests as slices, overlapping ones on different
 *              tracks; the number of requests in flight
 *   memory, counters  by trace_levels.c
 *   marks      by the monitor's `mark`
 *
 * A flow follows a page: from the event that starts its transfer (a write to a
 * file has none), to the disk request for its frame, to the event that ends the
 * transfer or the fault that waited for it.
 *
 * Memory is bounded by the guest's size: a number for each frame, a struct task
 * for each task, a lane for each request in flight. */
#include "base/whole.h"
#include "inspect/events.h"
#include "inspect/logs.h"
#include "inspect/process.h"
#include "inspect/walk.h"
#include "inspect/words.h"
#include "inspect/logs/trace_levels.h"
#include "inspect/logs/perfetto.h"
#include "inspect/internal.h"
#include "history/history.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define TASKS    65536        /* task numbers; larger ones share an entry */
#define OF_WRITE (1ull << 63) /* a flow's flag: its page is written */

struct task { /* a thread; the first of a process has the process's number */
    u32 tid, pid;
    u64 process, thread; /* tracks */
    u64 flow;            /* of the page that its fault reads; 0: none */
    bool faulting;       /* its fault's slice is open */
    bool gone;           /* its process has ended */
};

struct lane { /* a track of requests that do not overlap */
    u64 track, tag;
    bool busy;
};

struct disk_tracks {
    u64 disk, queue;
    unsigned nlanes;
    struct lane *lane;
};

struct ins_trace {
    struct machine *m;
    struct ins_events *events;
    struct machine_watcher watcher;
    struct perfetto p;
    struct trace_levels *levels;
    u64 latest;         /* the cycle of the latest packet */
    bool again;         /* the machine has gone back to before `latest` */
    struct task **task; /* by number */
    u64 hart, kernel, actor[ACTOR_COUNT], marks; /* tracks; 0: not yet */
    u64 turn; /* the open slice of `hart`: TURN_*, or TURN_TASK + tid */
    u64 nflows, nframes;
    u64 *flow; /* of each frame's page, perhaps with OF_WRITE; 0: none */
    struct disk_tracks disk[DISK_SLOTS];
};
enum { TURN_NOBODY, TURN_IDLE, TURN_KERNEL, TURN_TASK };

/* Returns the time of the packet being written, set by repeats_past(). */
static u64 ns(const struct ins_trace *t)
{
    u64 hz = t->m->clock_hz; /* at most 10^10 */
    return t->latest / hz * 1000000000 + t->latest % hz * 1000000000 / hz;
}

/* True if nothing is written now: the machine repeats its past, or it went back
 * and has not passed `latest` yet. Else makes the present moment `latest`. */
static bool repeats_past(struct ins_trace *t)
{
    u64 now = machine_now(t->m);
    if (history_repeats(t->m->past))
        return true;
    t->again |= now < t->latest;
    if (now < t->latest || (t->again && now == t->latest))
        return true;
    t->again = false;
    t->latest = now;
    return false;
}

/* ---- processes ---------------------------------------------------------- */

static void end_fault(struct ins_trace *t, struct task *k)
{
    if (k->faulting) {
        perfetto_event(&t->p, PERFETTO_ENDED, k->thread, ns(t), NULL, NULL);
        perfetto_end(&t->p);
    }
    k->faulting = false;
    k->flow = 0;
}

static void task_name(struct ins_trace *t, u32 tid, char name[17])
{
    struct ins_proc p;
    bool known = inspect_proc(t->m, tid, &p);
    snprintf(name, 17, "%s", known && *p.name ? p.name : "?");
}

/* Gives the task's tracks its present name, and makes them if need be. */
static void name_tracks(struct ins_trace *t, struct task *k, u64 process)
{
    char name[17];
    task_name(t, k->tid, name);
    if (k->tid == k->pid)
        process = perfetto_process(&t->p, k->process, k->pid, name);
    k->process = process;
    k->thread =
        perfetto_thread(&t->p, k->thread, process, k->pid, k->tid, name);
}

static struct task *task_of(struct ins_trace *t, u32 tid, u32 pid)
{
    struct task *k = t->task[tid % TASKS];
    if (k && k->tid == tid && k->pid == pid)
        return k;
    u64 process = tid == pid ? 0 : task_of(t, pid, pid)->process;
    if (k) /* the entry was another task's */
        end_fault(t, k);
    else
        k = t->task[tid % TASKS] = xcalloc(1, sizeof *k);
    *k = (struct task){.tid = tid, .pid = pid};
    name_tracks(t, k, process);
    return k;
}

static void process_gone(struct ins_trace *t, u32 pid)
{
    for (unsigned i = 0; i < TASKS; i++) {
        struct task *k = t->task[i];
        if (!k || k->pid != pid)
            continue;
        end_fault(t, k);
        k->gone = true;
    }
}

/* Returns the task on the hart; NULL: none, or the kernel does not tell. */
static struct task *current_task(struct ins_trace *t)
{
    u32 pid = ins_current_pid(t->m), tid = ins_current_tid(t->m);
    return pid && tid ? task_of(t, tid, pid) : NULL;
}

/* ---- the hart's turns --------------------------------------------------- */

static void switch_turn(struct ins_trace *t, u64 turn, const char *name)
{
    if (turn == t->turn)
        return;
    if (!t->hart)
        t->hart = perfetto_track(&t->p, 0, "hart");
    if (t->turn != TURN_NOBODY) {
        perfetto_event(&t->p, PERFETTO_ENDED, t->hart, ns(t), NULL, NULL);
        perfetto_end(&t->p);
    }
    if (turn != TURN_NOBODY) {
        perfetto_named(&t->p, PERFETTO_BEGIN, t->hart, ns(t), "turn", name);
        perfetto_end(&t->p);
    }
    t->turn = turn;
}

static void update_turn(struct ins_trace *t)
{
    char name[40], task[17];
    struct task *k;
    if (!ins_lens(t->m))
        return;
    k = current_task(t);
    if (!k) {
        switch_turn(t, TURN_KERNEL, "kernel");
    } else if (t->turn != TURN_TASK + (u64)k->tid) {
        task_name(t, k->tid, task);
        snprintf(name, sizeof name, "%s (%u)", task, k->tid);
        switch_turn(t, TURN_TASK + (u64)k->tid, name);
    }
}

static void on_sleep(void *opaque)
{
    struct ins_trace *t = opaque;
    if (!repeats_past(t) && ins_lens(t->m))
        switch_turn(t, TURN_IDLE, "idle");
}

/* ---- faults ------------------------------------------------------------- */

static void begin_fault(struct ins_trace *t, u64 cause, u64 va)
{
    struct task *k = current_task(t);
    const struct hart *h = &t->m->hart;
    if (!k)
        return;
    end_fault(t, k); /* of an earlier fault, whose return was not seen */
    perfetto_event(&t->p, PERFETTO_BEGIN, k->thread, ns(t), "fault",
                   "page fault");
    perfetto_address(&t->p, "va", va);
    perfetto_word(&t->p, "access",
                  cause == CAUSE_FETCH_PAGE  ? "fetch"
                  : cause == CAUSE_LOAD_PAGE ? "load"
                                             : "store");
    perfetto_address(&t->p, "pc", h->sepc);
    perfetto_end(&t->p);
    k->faulting = true;
}

/* Ends the fault of the thread to which the hart returned. */
static void to_program(struct ins_trace *t)
{
    struct task *k = current_task(t);
    if (!k)
        return;
    if (k->gone) { /* a new process has its number */
        *k = (struct task){.tid = k->tid, .pid = k->pid};
        name_tracks(t, k,
                    k->tid == k->pid ? 0 : task_of(t, k->pid, k->pid)->process);
    }
    end_fault(t, k);
}

static void on_trap(void *opaque, u64 cause, u64 tval)
{
    struct ins_trace *t = opaque;
    const struct hart *h = &t->m->hart;
    bool of_page = cause == CAUSE_FETCH_PAGE || cause == CAUSE_LOAD_PAGE ||
                   cause == CAUSE_STORE_PAGE;
    if (repeats_past(t))
        return;
    if (cause == ENGINE_RETURNED && h->priv == PRV_U)
        to_program(t);
    update_turn(t);
    if (of_page && h->priv == PRV_S && !(h->mstatus & MSTATUS_SPP))
        begin_fault(t, cause, tval);
}

/* ---- the kernel's events ------------------------------------------------ */

static u64 actor_track(struct ins_trace *t, u8 actor)
{
    unsigned i = actor < ACTOR_COUNT ? actor : ACTOR_KERNEL;
    if (!t->kernel)
        t->kernel = perfetto_track(&t->p, 0, "kernel");
    if (!t->actor[i])
        t->actor[i] = perfetto_track(&t->p, t->kernel, ins_actors[i]);
    return t->actor[i];
}

/* Returns the flow of the page that a fault waited for: the fault itself read
 * the page, or mapped a page that another process had read. 0: none. */
static u64 waited_for(struct ins_trace *t, const struct ins_event *e,
                      const struct task *k)
{
    struct walk w;
    u64 pa, pfn;
    if (k && k->flow)
        return k->flow;
    if (!inspect_walk(t->m, e->va, e->pid, ACC_LOAD, &w, &pa) ||
        w.phase != WALK_FILLED || pa < RAM_BASE)
        return 0;
    pfn = (pa - RAM_BASE) >> PAGE_SHIFT;
    return pfn < t->nframes ? t->flow[pfn] & ~OF_WRITE : 0;
}

/* Adds the event to the flow of its page from or to a disk. */
static void follow_page(struct ins_trace *t, const struct ins_event *e,
                        struct task *k)
{
    u64 *flow = e->pfn < t->nframes ? &t->flow[e->pfn] : NULL;
    bool own = e->reason == R_PAGE_IN || e->reason == R_SWAP_IN;
    u64 waited;
    if (e->reason == R_SWAP_IN && e->from != FS_FREE)
        return; /* the page has come and moves: its fault ends the flow */
    switch (e->reason) {
    case R_FAULT_MAJOR:
        if ((waited = waited_for(t, e, k)))
            perfetto_flow(&t->p, waited, true);
        return;
    case R_PAGE_IN:
    case R_FILE_READ:
    case R_READ_AHEAD:
    case R_SWAP_IN:
    case R_SWAP_AHEAD:
    case R_SWAP_ADD:
        if (!flow)
            return;
        perfetto_flow(&t->p, ++t->nflows, false);
        *flow = t->nflows | (e->reason == R_SWAP_ADD ? OF_WRITE : 0);
        if (k && k->faulting && own)
            k->flow = *flow;
        return;
    }
    if (!flow || !*flow)
        return;
    bool maps = e->reason == R_MAP_CACHED || e->reason == R_SWAP_MAP;
    bool over = e->reason == R_SWAP_OUT || e->reason == R_WRITE_BACK ||
                e->reason == R_DOUBLE_PAGED || e->reason == R_SWAP_KEEP ||
                (maps && !(*flow & OF_WRITE));
    if (over)
        perfetto_flow(&t->p, *flow & ~OF_WRITE, true);
    if (over || e->to == FS_FREE)
        *flow = 0;
}

static void annotate_event(struct perfetto *p, const struct ins_event *e)
{
    if (e->pfn != LENS_NO_PFN) {
        perfetto_count(p, "pfn", e->pfn);
        perfetto_word(p, "from", inspect_state_word(e->from));
        perfetto_word(p, "to", inspect_state_word(e->to));
    }
    perfetto_word(p, "actor", inspect_actor_word(e->actor));
    if (e->va)
        perfetto_address(p, "va", e->va);
    if (e->va && e->space && e->space != e->pid)
        perfetto_count(p, "va of pid", e->space);
    if (e->owner)
        perfetto_count(p, "owner", e->owner);
    if (e->slot != INS_NO_SLOT)
        perfetto_count(p, "slot", e->slot);
    if (inspect_copied_from(e))
        perfetto_count(p, "copied from pfn", e->source);
}

static void trace_event(void *opaque, const struct ins_event *e)
{
    struct ins_trace *t = opaque;
    if (repeats_past(t))
        return;
    update_turn(t);
    struct task *k =
        e->pid ? task_of(t, e->tid ? e->tid : e->pid, e->pid) : NULL;
    u64 track = k ? k->thread : actor_track(t, e->actor);
    bool known = e->reason < R_COUNT;
    perfetto_event(&t->p, PERFETTO_INSTANT, track, ns(t),
                   known ? ins_reasons[e->reason].kind : "none",
                   inspect_reason_word(e->reason));
    follow_page(t, e, k);
    annotate_event(&t->p, e);
    perfetto_end(&t->p);
    if (k && e->reason == R_EXEC)
        name_tracks(t, k, k->process);
    if (k && e->reason == R_PROC_EXIT)
        process_gone(t, k->pid);
}

/* ---- disks -------------------------------------------------------------- */

static struct disk_tracks *disk_of(struct ins_trace *t, unsigned i)
{
    struct disk_tracks *d = &t->disk[i];
    char name[16];
    if (d->disk)
        return d;
    snprintf(name, sizeof name, "vd%c", 'a' + i);
    d->disk = perfetto_track(&t->p, 0, name);
    d->queue = perfetto_counter(&t->p, d->disk, "requests", "requests");
    return d;
}

static void lane_end(struct ins_trace *t, struct lane *l, bool failed)
{
    perfetto_event(&t->p, PERFETTO_ENDED, l->track, ns(t), NULL, NULL);
    if (failed)
        perfetto_word(&t->p, "status", "failed");
    perfetto_end(&t->p);
    l->busy = false;
}

/* Ends requests that will never complete because the driver reset the disk. */
static void end_cancelled(struct ins_trace *t, struct disk_tracks *d,
                          unsigned in_flight)
{
    unsigned busy = 0;
    for (unsigned i = 0; i < d->nlanes; i++)
        busy += d->lane[i].busy;
    for (unsigned i = 0; busy > in_flight && i < d->nlanes; i++)
        if (d->lane[i].busy)
            lane_end(t, &d->lane[i], true);
}

static struct lane *free_lane(struct ins_trace *t, struct disk_tracks *d)
{
    for (unsigned i = 0; i < d->nlanes; i++)
        if (!d->lane[i].busy)
            return &d->lane[i];
    d->lane = xrealloc(d->lane, (d->nlanes + 1) * sizeof *d->lane);
    struct lane *l = &d->lane[d->nlanes++];
    *l = (struct lane){.track = perfetto_track(&t->p, d->disk, "request")};
    return l;
}

/* Adds a request to the flows of its pages. A write of a file's page begins a
 * flow, because no event precedes it. */
static void join_pages(struct ins_trace *t, const struct machine_request *r,
                       const u32 *pages, unsigned n)
{
    const struct lens_view *lens = ins_lens(t->m);
    bool writes = !strcmp(inspect_request_word(r->type), "write");
    for (unsigned i = 0; i < n; i++) {
        u64 *flow = &t->flow[pages[i]];
        u8 state = lens ? lens->shadow[pages[i]] : FS_FREE;
        if (!*flow && writes &&
            (state == FS_FILE_DIRTY || state == FS_FILE_CLEAN))
            *flow = ++t->nflows | OF_WRITE;
        if (*flow)
            perfetto_flow(&t->p, *flow & ~OF_WRITE, false);
    }
}

static void on_request(void *opaque, const struct machine_request *r,
                       const u32 *pages, unsigned n)
{
    struct ins_trace *t = opaque;
    if (repeats_past(t))
        return;
    struct disk_tracks *d = disk_of(t, r->disk);
    if (r->over) {
        for (unsigned i = 0; i < d->nlanes; i++)
            if (d->lane[i].busy && d->lane[i].tag == r->tag)
                lane_end(t, &d->lane[i], r->failed);
        perfetto_value(&t->p, d->queue, ns(t), r->others);
        return;
    }
    end_cancelled(t, d, r->others);
    struct lane *l = free_lane(t, d);
    perfetto_event(&t->p, PERFETTO_BEGIN, l->track, ns(t), "disk",
                   inspect_request_word(r->type));
    join_pages(t, r, pages, n);
    perfetto_count(&t->p, "sector", r->sector);
    perfetto_count(&t->p, "bytes", r->bytes);
    perfetto_end(&t->p);
    l->busy = true;
    l->tag = r->tag;
    perfetto_value(&t->p, d->queue, ns(t), r->others + 1);
}

/* ---- the trace ---------------------------------------------------------- */

static void write_levels(void *opaque)
{
    struct ins_trace *t = opaque;
    if (!repeats_past(t))
        trace_levels_write(t->levels, t->m, &t->p, ns(t));
}

struct ins_trace *inspect_trace_open(struct machine *m, struct ins_events *e,
                                     const char *path)
{
    struct ins_trace *t = xcalloc(1, sizeof *t);
    t->m = m;
    t->events = e;
    t->p.f = strcmp(path, "-") ? fopen(path, "wb") : stdout;
    if (!t->p.f)
        die(path, "cannot be written: %s", strerror(errno));
    t->levels = trace_levels_new();
    t->task = xcalloc(TASKS, sizeof(struct task *));
    t->nframes = ins_nframes(m);
    t->flow = xcalloc(t->nframes, sizeof *t->flow);
    t->watcher = (struct machine_watcher){
        .opaque = t, .trap = on_trap, .sleep = on_sleep, .request = on_request};
    machine_watch(m, &t->watcher);
    machine_on_clock(m, CLOCK_TRACE, cycles_per_ms(m->clock_hz), write_levels,
                     t);
    inspect_events_follow(e, trace_event, t);
    return t;
}

void inspect_trace_mark(struct ins_trace *t, const char *name)
{
    if (!t || repeats_past(t))
        return;
    if (!t->marks)
        t->marks = perfetto_track(&t->p, 0, "marks");
    perfetto_named(&t->p, PERFETTO_INSTANT, t->marks, ns(t), "mark", name);
    perfetto_end(&t->p);
}

static void end_all_slices(struct ins_trace *t)
{
    if (machine_now(t->m) >= t->latest) {
        t->again = false;
        write_levels(t);
    }
    for (unsigned i = 0; i < TASKS; i++)
        if (t->task[i])
            end_fault(t, t->task[i]);
    for (unsigned d = 0; d < DISK_SLOTS; d++)
        end_cancelled(t, &t->disk[d], 0);
    switch_turn(t, TURN_NOBODY, NULL);
}

bool inspect_trace_close(struct ins_trace *t)
{
    bool ok = true;
    if (!t)
        return true;
    end_all_slices(t);
    inspect_events_unfollow(t->events, t);
    machine_on_clock(t->m, CLOCK_TRACE, 0, NULL, NULL);
    machine_watch(t->m, NULL);
    if (t->p.f != stdout) { /* standard output is checked at exit */
        ok = stream_written(t->p.f);
        int error = errno;
        ok = !fclose(t->p.f) && ok;
        errno = ok ? 0 : error;
    }
    for (unsigned i = 0; i < TASKS; i++)
        free(t->task[i]);
    for (unsigned d = 0; d < DISK_SLOTS; d++)
        free(t->disk[d].lane);
    perfetto_free(&t->p);
    trace_levels_free(t->levels);
    free_all(t->task, t->flow, t);
    return ok;
}
