/* SPDX-License-Identifier: MIT */
/* Runs the threads that free memory and write pages: the policy's threads or,
 * if it has none, the standard daemon kpageoutd. Each thread runs one step,
 * sleeps until the time or event that the step has returned, and so on. */
#include "arch/irq.h"
#include "task/proc.h"
#include "vm/pager.h"
#include "vm/reclaim.h"
#include "vm/seam.h"
#include "vm/space.h"
#include "vm/swap.h"
#include "vm/writeback.h"

#define BATCH    32u                 /* frames a step */
#define PAUSE_NS (NSEC_PER_SEC / 20) /* if there is no event to wait for */

static struct thread {
    const struct policy_thread *what;
    struct proc *proc;
    struct waitq kicked;
    bool kick;   /* kicked since its last step began */
    u64 reliefs; /* memory_reliefs when its last step began */
} threads[POLICY_THREADS];
static unsigned nthreads;
u64 pageout_failures, pageout_failed_in;

static struct thread *thread_of(const struct proc *p)
{
    for (unsigned i = 0; i < nthreads; i++)
        if (threads[i].proc == p)
            return &threads[i];
    return NULL;
}

/* ---- the standard daemon ---- */

/* True if all zones that programs can use, or all that the kernel can use, have
 * fewer free frames than their low mark plus reserve. */
static bool must_run(void)
{
    return zones_low(ZONE_HIGHMEM) || zones_low(ZONE_NORMAL);
}

/* Does one step of the standard daemon, which runs from the low mark to the
 * high mark. It reclaims fewer frames if pending swap writes will free some. */
static struct policy_nap kpageoutd(u64 now)
{
    static bool running;
    static u64 before;
    const struct policy_nap idle = {NAP_LONG, W_KICK},
                            written = {NAP_LONG, W_WRITTEN};
    if (!running) {
        if (!must_run())
            return idle;
        running = true;
        before = memory_free();
        COUNT(PAGEOUTRUN);
        compute_marks();
        if (policy->balance)
            policy->balance();
    }
    if (!zones_lack(0)) {
        running = false;
        return idle;
    }
    u64 lack = zones_lack(swap_writes()), got = 0;
    if (lack)
        got = reclaim_some(MIN(lack, (u64)BATCH));
    if (got)
        return (struct policy_nap){0, 0};
    if (swap_writes() || nr_writeback)
        return written;
    running = false;
    if (!must_run())
        return idle;
    if (memory_free() > before)
        return (struct policy_nap){0, 0};
    policy_hopeless();
    return (struct policy_nap){now + PAUSE_NS, 0};
}

static const struct policy_thread standard[] = {
    {"kpageoutd", kpageoutd, ACTOR_PAGEOUT, true, false}, {0}};

/* ---- the loop ---- */

static void nap(struct thread *t, struct policy_nap n)
{
    bool io = n.wake & W_WRITTEN, writing = swap_writes() || nr_writeback;
    struct waiter w[3];
    if (t->kick && (n.wake & W_KICK))
        n.until = 0;
    if (io && !writing && n.until == NAP_LONG)
        n.until = now_ns() + PAUSE_NS; /* no write will wake the thread */
    if (n.until <= now_ns()) {
        sched_breathe();
        return;
    }
    current->woken = false;
    if (n.wake & W_KICK)
        waitq_add(&t->kicked, &w[0]);
    if (io) {
        waitq_add(&swap_io_over, &w[1]);
        waitq_add(&page_io_done, &w[2]);
    }
    signal_discard(current, ~0ul); /* a kernel thread cannot be killed */
    wait_block_io(n.until, io);
    if (n.wake & W_KICK) {
        waitq_remove(&w[0]);
        if (t->kick && t == threads && policy->threads)
            COUNT(PAGEOUTRUN); /* kpageoutd counts its own runs */
    }
    if (io) {
        waitq_remove(&w[1]);
        waitq_remove(&w[2]);
    }
}

static void loop(void *arg)
{
    struct thread *t = arg;
    current->actor = t->what->actor;
    current->memalloc = t->what->privileged;
    current->idle_class = t->what->idle;
    current->sig_blocked = ~0ul;
    if (t == threads)
        swap_boot();
    for (;;) {
        /* While this thread and processes that wait for memory wake each other
         * in turns, the idle loop never runs: interrupts are served here. */
        cond_resched();
        t->kick = false; /* this step serves all kicks before it */
        t->reliefs = memory_reliefs;
        /* A policy with a rule of its own for killing knows when to give up. */
        if (t == threads && !policy->may_kill && memory_denied())
            policy_hopeless();
        struct policy_nap n = t->what->run(now_ns());
        nap(t, n);
    }
}

void reclaim_start(void)
{
    pager_start();
    audit_reserve();
    const struct policy_thread *p = policy->threads;
    for (p = p ? p : standard; p->name; p++) {
        assert(nthreads < POLICY_THREADS);
        struct thread *t = &threads[nthreads++];
        t->what = p;
        const char *name =
            p == standard && policy->daemon ? policy->daemon : p->name;
        waitq_init(&t->kicked);
        t->proc = proc_spawn_kernel(name, loop, t);
        if (!t->proc)
            panic("no memory for %s", p->name);
    }
}

/* ---- calls from other files ---- */

void pageout_kick(u32 mask)
{
    for (unsigned i = 0; i < nthreads; i++)
        if ((mask >> i & 1) && (threads[i].proc != current || irq_serving)) {
            threads[i].kick = true;
            wake_up(&threads[i].kicked);
        }
}

void pageout_kick_writers(void)
{
    for (unsigned i = 0; i < nthreads; i++)
        if (threads[i].what->actor == ACTOR_WRITER)
            pageout_kick(1u << i);
}

void policy_wake(u32 n)
{
    memory_wake_some(n);
}

void policy_kick(unsigned i)
{
    pageout_kick(1u << i);
}

void policy_hopeless(void)
{
    const struct thread *t = thread_of(current);
    pageout_failures++;
    pageout_failed_in = t ? t->reliefs : memory_reliefs;
    memory_wake(); /* processes that wait decide what to do */
}

struct proc *pageout_daemon(void)
{
    return nthreads ? threads[0].proc : NULL;
}

bool policy_is_daemon(void)
{
    return thread_of(current) != NULL;
}

/* ---- write-back, for policies ---- */

u64 policy_write_older(u64 then)
{
    flush_older(then);
    return policy_writing();
}

void policy_write_metadata(u64 then, bool inodes)
{
    flush_metadata(then, inodes);
}

void policy_wake_flusher(void)
{
    flush_all_kick();
}

bool policy_much_dirty(void)
{
    return nr_dirty > dirty_background();
}

u64 policy_writing(void)
{
    return swap_writes() + nr_writeback;
}

u64 policy_dirty_files(void)
{
    return nr_dirty;
}

bool policy_write_room(void)
{
    return swap_io_room();
}

void policy_wait_room(void)
{
    while (!swap_io_room())
        swap_wait_any();
}

void policy_cond_resched(void)
{
    cond_resched();
}

u64 policy_swap_free(void)
{
    return swap_room();
}

u64 policy_swap_cached(void)
{
    return state_frames[FS_SWAPCACHE];
}

u64 policy_swap_used(void)
{
    return swap_used;
}
