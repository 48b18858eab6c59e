/* SPDX-License-Identifier: MIT */
#include "vm/reclaim.h"
#include "arch/irq.h"
#include "lib/tunable.h"
#include "task/proc.h"
#include "vm/insn_pages.h"
#include "vm/rmap.h"
#include "vm/seam.h"
#include "vm/shm.h"
#include "vm/shmem.h"
#include "vm/swap.h"
#include "vm/writeback.h"

#define BATCH        32u /* frames a turn (SWAP_CLUSTER_MAX) */
#define FAULT_FRAMES 4u  /* the most that a fault needs */
#define FAULT_ROUNDS 50u
#define PATIENCE     (5 * NSEC_PER_SEC)
#define SMALL_BLOCK  3u /* Linux: PAGE_ALLOC_COSTLY_ORDER */

u64 memory_waiters, memory_reliefs;
static u32 wanting; /* processes in memory_wait */
static u64 served;  /* now_ns() when one of them last got its frame, or when the
                     * first of them came */
static struct waitq frames_freed = WAITQ_INIT(frames_freed);

/* ---- one page ---- */

/* True if the page has a slot in an area that swapoff empties: had the page
 * left for that slot, swapoff would have to bring it back once more, and could
 * go on for ever. */
static bool slot_is_going(const struct page *page)
{
    u32 slot = page->slot;
    if (page->frame.state == FS_SHMEM)
        slot = shmem_slot(page->object, page->frame.index);
    return slot && slot_going(slot);
}

bool page_reclaimable(struct page *page)
{
    const struct lens_frame *f = &page->frame;
    u8 holds = f->flags & (PAGE_HELD | FRAME_F_INSN);
    if (f->pins || (holds && (holds != FRAME_F_INSN || insn_page_needed(page))))
        return false;
    switch ((enum frame_state)f->state) {
    case FS_FILE_CLEAN:
    case FS_FILE_DIRTY:
        return page->object != NULL;
    case FS_SWAPCACHE:
        return !slot_is_going(page) &&
               (f->refs == 0 ||
                swap_count(page->slot) + (u64)f->refs < SWAP_COUNT_MAX);
    case FS_ANON:
    case FS_COW:
        return f->refs > 0 && (u64)f->refs < SWAP_COUNT_MAX && !swap_full();
    case FS_SHMEM:
        return page->object && !shm_is_locked(page->object) &&
               !slot_is_going(page) &&
               (!swap_full() || !(f->flags & FRAME_F_DIRTY) ||
                shmem_slot(page->object, f->index));
    default:
        return false;
    }
}

/* Only a daemon (or kflushd) writes a dirty page of a file: the process that
 * waits for memory may hold locks of the file system. */
static int clean_file_page(struct page *page)
{
    if (policy_is_daemon())
        return object_clean(page);
    flush_kick();
    return -EAGAIN;
}

/* Evicts the page. 1: its frame is free; 0: the page is being written, and is
 * then freed, or stays, clean, if it is a file's; negative: it stays. */
static int evict(struct page *page)
{
    switch ((enum frame_state)page->frame.state) {
    case FS_FILE_CLEAN:
        page_unmap_all(page, R_RECLAIM);
        if (page->frame.state == FS_FILE_DIRTY)
            return clean_file_page(page);
        return object_evict(page, R_RECLAIM) ? 1 : -EBUSY;
    case FS_FILE_DIRTY:
        return clean_file_page(page);
    case FS_SWAPCACHE:
        if (page->frame.flags & FRAME_F_DIRTY)
            return swap_out(page, false);
        page_unmap_all(page, R_RECLAIM);
        return swapcache_evict(page, R_RECLAIM) ? 1 : -EBUSY;
    default:
        return swap_out(page, false);
    }
}

bool goes_to_swap(const struct page *page)
{
    return page_is_anon(page) || page->frame.state == FS_SHMEM;
}

void count_page_stolen(bool anon)
{
    counters[anon ? C_PGSTEAL_ANON : C_PGSTEAL_FILE]++;
    if (policy_is_daemon() || irq_serving)
        COUNT(PGSTEAL_KSWAPD);
    else
        COUNT(PGSTEAL_DIRECT);
}

int policy_take(u32 pfn)
{
    struct page *page = &frames[pfn];
    policy_may_evict("policy_take");
    assert(pfn < nframes);
    if (!page_reclaimable(page))
        return -EBUSY;
    assert(tell_is_known(page)); /* what it takes has been given to it */
    bool anon = goes_to_swap(page);
    int got = evict(page);
    assert(got != 1 || page->frame.state == FS_FREE);
    if (got < 0)
        return got;
    count_page_stolen(anon);
    return got;
}

int policy_launder(u32 pfn)
{
    struct page *page = &frames[pfn];
    policy_may_evict("policy_launder");
    assert(pfn < nframes);
    if (!page_reclaimable(page) || !policy_dirty(pfn))
        return -EINVAL;
    return goes_to_swap(page) ? swap_out(page, true) : clean_file_page(page);
}

bool policy_unmap(u32 pfn)
{
    struct page *page = &frames[pfn];
    policy_may_evict("policy_unmap");
    assert(pfn < nframes);
    if (!page_reclaimable(page))
        return false;
    if (page_is_anon(page))
        return swap_unmap(page);
    page_unmap_all(page, R_RECLAIM);
    return true;
}

/* Evicts victims that the policy names; returns how many. Stops at `want`,
 * after two and a half revolutions, after 3 * nframes refusals, or when swap
 * can take no more writes. */
static u64 take_victims(u64 want)
{
    u64 budget = 2 * nframes + nframes / 2, got = 0, refused = 0;
    while (got < want && refused < 3 * nframes && swap_io_room()) {
        cond_resched();
        u32 pfn = policy->victim(&budget);
        if (pfn == POLICY_NONE)
            break;
        if (pfn >= nframes) /* a user's policy (OWN_POLICY) is faulty */
            panic("policy %s: victim: there is no frame %u", policy->name, pfn);
        if (policy_take(pfn) >= 0)
            got++;
        else
            refused++;
    }
    return got;
}

/* Takes up to `want` pages by the policy's rules; returns their number. */
u64 reclaim_some(u64 want)
{
    struct proc *me = current;
    bool before = me->memalloc;
    u64 got = 0;
    me->memalloc = true;
    if (policy->reclaim)
        got = policy->reclaim(want);
    else if (policy->victim)
        got = take_victims(want);
    me->memalloc = before;
    return got;
}

u64 reclaim_drop_clean(void)
{
    u64 n = 0;
    for (u64 i = 0; i < nframes && (i % BATCH || !cond_resched()); i++)
        if (frames[i].frame.state == FS_FILE_CLEAN)
            n += object_evict(&frames[i], R_DROP_CACHE);
    return n;
}

/* ---- allocation classes and limits ---- */

static bool dying(struct proc *p)
{
    return p->exiting || signal_fatal_pending(p);
}

enum policy_grab memory_kind(enum frame_state state)
{
    struct proc *p = current;
    if (!p || p->memalloc)
        return GRAB_DAEMON;
    if (p->grab)
        return p->grab;
    if (dying(p))
        return GRAB_DYING;
    if (state == FS_KDATA || state == FS_PGTABLE || !p->space)
        return GRAB_KERNEL;
    return state == FS_FILE_CLEAN ? GRAB_FILE : GRAB_PROGRAM;
}

static bool kind_may(enum policy_grab kind, u64 n, enum policy_zone top)
{
    for_each_zone(z)
    {
        if (z <= &zones[top] && zone_may(z, kind, n, top, false))
            return true;
    }
    return false;
}

/* Returns the highest zone of use to the running process: Normal if it was
 * refused a frame for the kernel's own use, else HighMem. */
static enum policy_zone wanted_top(void)
{
    return current && current->refused_kernel ? ZONE_NORMAL : ZONE_HIGHMEM;
}

unsigned policy_zone_top(void)
{
    return policy_is_daemon() ? ZONE_HIGHMEM : wanted_top();
}

bool memory_may_grab(enum frame_state state, u64 n)
{
    enum policy_grab kind = memory_kind(state);
    bool may = kind_may(kind, n, zone_top(state));
    if (!may && current) {
        current->refused = kind;
        current->refused_kernel = zone_top(state) == ZONE_NORMAL;
        current->was_refused |= n <= FAULT_FRAMES;
    }
    return may;
}

/* True if the running process could get n frames of the zones that it waits
 * for. */
static bool could_have(enum policy_grab kind, u64 n)
{
    return kind_may(kind, n, wanted_top());
}

bool memory_short(void)
{
    return !could_have(memory_kind(FS_ANON), 1);
}

void memory_pressed(enum policy_zone top)
{
    u32 mask = !policy           ? 0
               : policy->pressed ? policy->pressed()
                                 : zones_low(top);
    if (mask)
        pageout_kick(mask);
}

/* Sums up the zones' free frames above their min + reserve[ZONE_NORMAL]. */
static u32 above_min(void)
{
    u64 n = 0;
    for_each_zone(z)
    {
        u64 keep = z->mark.min + z->reserve[ZONE_NORMAL], free = zone_free(z);
        n += free - MIN(free, keep);
    }
    return (u32)n;
}

void memory_freed(void)
{
    u32 n = policy->wakes ? policy->wakes() : above_min();
    if (n)
        memory_wake_some(n);
}

void memory_wake_some(u32 n)
{
    wake_up_some(&frames_freed, n);
}

void memory_wake(void)
{
    wake_up(&frames_freed);
}

void memory_relieved(void)
{
    memory_reliefs++;
    memory_wake();
}

u64 policy_waiters(void)
{
    return memory_waiters;
}

/* True if nearly all of memory is locked, the kernel's own, or without room in
 * swap: even a daemon that takes every page would free little. */
static bool little_to_free(void)
{
    u64 own = state_frames[FS_ANON] + state_frames[FS_COW] +
              state_frames[FS_SHMEM] + state_frames[FS_SWAPCACHE];
    u64 room = swap_slots - swap_used + state_frames[FS_SWAPCACHE];
    u64 files = state_frames[FS_FILE_CLEAN] + state_frames[FS_FILE_DIRTY];
    own -= MIN(own, mlocked_frames);
    return files + MIN(own, room) < nframes / 8;
}

bool memory_denied(void)
{
    if (!wanting || now_ns() - served < PATIENCE || nr_writeback ||
        swap_writes() || !little_to_free())
        return false;
    served = now_ns();
    return true;
}

/* Waits until frames have been freed, a process has ended or a daemon has found
 * no victim. A process that waits again, because others took the frames, goes
 * to the head of the queue; otherwise two processes that wait in turns could
 * starve a third. */
static void wait_for_frames(void)
{
    memory_waiters++;
    if (current->woken_in_vain)
        sleep_on_first(&frames_freed);
    else
        sleep_on(&frames_freed);
    current->woken_in_vain = true;
    memory_waiters--;
}

/* Like wait_for_frames, but for at most so many ns (0: no limit). */
static void nap_for_frames(u64 ns)
{
    if (!ns) {
        wait_for_frames();
        return;
    }
    memory_waiters++;
    sleep_on_until(now_ns() + ns, &frames_freed);
    memory_waiters--;
}

/* Waits until a daemon has freed memory. False: a daemon found no victim. (What
 * it found before the last relief holds no more. A process that was killed may
 * have ended, or an area been added, long before this process runs.) */
static bool wait_for_daemon(void)
{
    u64 failures = pageout_failures;
    pageout_kick(1); /* its last step may have seen no process wait */
    wait_for_frames();
    return pageout_failures == failures || pageout_failed_in != memory_reliefs;
}

static bool free_some(void)
{
    u64 got = reclaim_some(BATCH);
    if (!memory_short()) {
        current->vain_rounds++;
        return true;
    }
    if (swap_writes()) {
        swap_wait_any();
        return true;
    }
    if (!got && nr_writeback) {
        sleep_on(&page_io_done);
        return true;
    }
    if (!got && nr_dirty) /* the daemon may write them: wait for it */
        return wait_for_daemon();
    return got != 0;
}

bool memory_try(void)
{
    if (!memory_short())
        return true;
    COUNT(ALLOCSTALL);
    pageout_kick(1);
    return policy->waits_only ? wait_for_daemon() : free_some();
}

/* True if the process could now have the frame that it was refused, and one for
 * a page of its own. (A frame for the kernel alone would not do: a fault that
 * needed it begins anew.) */
static bool could_go_on(const struct proc *p)
{
    enum policy_grab kind = memory_kind(FS_ANON), refused = p->refused;
    if (kind != GRAB_PROGRAM)
        return could_have(kind, 1);
    return could_have(refused == GRAB_FILE ? GRAB_FILE : GRAB_PROGRAM, 1) &&
           (refused != GRAB_KERNEL || could_have(GRAB_KERNEL, 1));
}

static bool wait_until_free(void)
{
    struct proc *me = current;
    me->woken_in_vain = false;
    for (;;) {
        if (dying(me))
            return could_have(memory_kind(FS_ANON), 1);
        if (could_go_on(me))
            break;
        if (!memory_short()) { /* refused for a reason other than memory */
            pageout_kick(1);
            wait_for_frames();
            continue;
        }
        /* A process woken together with us may have run the OOM killer already;
         * check again. */
        if (memory_try() || could_go_on(me))
            continue;
        if (!tun(TUN_OOM_KILL)) { /* poll until there is memory */
            sched_breathe();
            continue;
        }
        if (insn_pages_release_others())
            continue;
        if (policy->may_kill && !policy->may_kill()) {
            nap_for_frames(policy->oom_nap);
            continue;
        }
        if (oom_kill(R_OOM) && dying(me))
            return false;
        wait_for_frames();
    }
    me->refused = GRAB_PROGRAM;
    me->refused_kernel = me->was_refused = false;
    return true;
}

bool memory_wait(void)
{
    if (!wanting++)
        served = now_ns();
    bool free = wait_until_free();
    wanting--;
    if (free)
        served = now_ns();
    return free;
}

/* A fault may need several frames. This fault was refused a frame, and a frame
 * is free now: perhaps only the one that the fault itself gave back when it was
 * refused, which is on a cache list. A retry would take that frame again and be
 * refused the next one. So the daemon first frees as many frames as a fault can
 * need. If so few are free that the fault cannot be served, but more than the
 * policy's low mark, the daemon may not know of a shortage, and neither free a
 * frame nor fail: then the fault waits for a time. */
static void wait_for_several(void)
{
    if (could_have(memory_kind(FS_ANON), FAULT_FRAMES))
        return;
    COUNT(ALLOCSTALL);
    pageout_kick(1);
    if (zones_low(wanted_top())) {
        current->vain_rounds += !wait_for_daemon();
    } else {
        nap_for_frames(NSEC_PER_SEC / 100);
        current->vain_rounds++;
    }
}

static bool wait_to_begin_anew(void)
{
    if (!dying(current) && could_go_on(current))
        wait_for_several();
    return memory_wait();
}

/* A fault that needs two frames while one is free could give up its first page
 * for its second for ever. Linux keeps the first page, fails to get another
 * frame and kills; here a fault starts again, FAULT_ROUNDS times at most. */
bool memory_wait_fault(void)
{
    struct proc *me = current;
    if (me->vain_rounds < FAULT_ROUNDS)
        return wait_to_begin_anew();
    me->vain_rounds = 0;
    if (!tun(TUN_OOM_KILL) || (policy->may_kill && !policy->may_kill()))
        return memory_wait();
    if (oom_kill(R_OOM) && dying(me))
        return false;
    if (!dying(me))
        wait_for_frames();
    return true;
}

bool memory_call_again(void)
{
    struct proc *me = current;
    bool again = me->was_refused && me->vain_rounds++ < FAULT_ROUNDS;
    me->was_refused = false;
    return again && wait_to_begin_anew();
}

/* True if the kernel may have the block, and there is one: frees frames that
 * are free with identity until there is (as zone_block in vm/page.c). */
static bool block_to_have(unsigned order)
{
    if (!could_have(memory_kind(FS_KDATA), 1ul << order))
        return false;
    while (!page_block_free(order, ZONE_NORMAL))
        if (!policy_reuse_cached())
            return false;
    return true;
}

/* A try that frees frames may free none that lie side by side. So a small block
 * gets many tries: in 6 MiB beside three hogs it took 430. (Linux goes on while
 * it makes progress, and moves pages together: 6.12, mm/page_alloc.c,
 * should_reclaim_retry.) */
void memory_wait_block(unsigned order)
{
    u32 tries = order > SMALL_BLOCK ? 64 : 2048;
    bool refused = current->refused_kernel;
    current->refused_kernel = true; /* no zone above Normal will do */
    while (tries-- && !dying(current) && !block_to_have(order)) {
        if (!memory_try())
            break;
        if (policy->waits_only) {
            pageout_kick(1);
            sleep_on_until(now_ns() + NSEC_PER_SEC / 100, NULL);
        } else if (!reclaim_some(BATCH)) {
            break;
        }
    }
    current->refused_kernel = refused;
}

/* A caller that is refused in the end has waited enough: its call fails. */
static void *alloc_wait(size_t size, void *(*alloc)(size_t))
{
    unsigned order = kmalloc_order(size);
    if (order <= MAX_ORDER) /* reclaim does not make any larger block */
        memory_wait_block(order);
    void *p = alloc(size);
    if (!p)
        current->was_refused = false;
    return p;
}

void *kmalloc_wait(size_t size)
{
    return alloc_wait(size, kmalloc);
}

void *kzalloc_wait(size_t size)
{
    return alloc_wait(size, kzalloc);
}
