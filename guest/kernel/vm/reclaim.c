/* SPDX-License-Identifier: MIT */
#include "vm/reclaim.h"
#include "arch/fdt.h"
#include "lib/tunable.h"
#include "proc/proc.h"
#include "vm/policy.h"
#include "vm/rmap.h"
#include "vm/shmem.h"
#include "vm/swap.h"
#include "vm/vm.h"
#include "vm/writeback.h"
#include "vm/writeback.h"

#define BATCH    32u                 /* frames a turn (SWAP_CLUSTER_MAX) */
#define PAUSE_NS (NSEC_PER_SEC / 20) /* the daemon's, when nothing helps */

struct zone zone = {.name = "Normal"};
bool memory_waiters;
static u64 hands[2];
static const struct policy_ops *policy;
static struct proc *daemon;
static struct waitq daemon_wakes = WAITQ_INIT(daemon_wakes);
static u64 daemon_failures; /* runs in which nothing could go */
static struct waitq frames_freed = WAITQ_INIT(frames_freed);

/* What --policy list shows, in the order of policies[]. */
static const struct lens_policy rows[]
    __attribute__((section(".policies"), used)) = {
        {"clock", "one hand: a page used since it last passed is spared "
                  "(Multics, 1968)"},
        {"twohand", "one hand clears the mark, clock.handspread later one "
                    "takes (4.3BSD)"}};

const struct policy_ops *const policies[] = {&policy_clock, &policy_twohand};
const unsigned npolicies = ARRAY_SIZE(policies);

/* ---- marks ---- */

static u64 square_root(u64 n)
{
    u64 r = 0;
    for (u64 bit = 1ul << 31; bit; bit >>= 1)
        if ((r + bit) * (r + bit) <= n)
            r += bit;
    return r;
}

/* min_free_kbytes = sqrt(16 * KiB), as Linux has it; low and high are a
 * quarter each above. */
static void set_marks(void)
{
    u64 kib = (u64)tun(TUN_MIN_FREE_KBYTES);
    if (!kib)
        kib = MAX(square_root(16 * nframes * (PAGE_SIZE / 1024)), 128ul);
    zone.min = MIN(kib / (PAGE_SIZE / 1024), zone.managed / 4);
    zone.low = zone.min + MAX(zone.min / 4, 8ul);
    zone.high = zone.min + MAX(zone.min / 2, 16ul);
}

static void gauge(unsigned i, const char *name, u64 *value)
{
    strlcpy(lens_info.gauges[i].name, name, sizeof lens_info.gauges[i].name);
    lens_info.gauges[i].value_pa = va_pa(value);
}

bool reclaim_has(enum notion notion)
{
    return notion == NOTION_ANY || (policy && (policy->notions >> notion & 1));
}

void reclaim_init(void)
{
    char name[16] = "";
    zone.managed = free_frames;
    set_marks();
    policy = policies[0];
    if (boot_arg("vm.policy", name, sizeof name)) {
        unsigned i = 0;
        while (i < npolicies && strcmp(policies[i]->name, name))
            i++;
        if (i == npolicies)
            panic("vm.policy: no policy '%s'", name);
        policy = policies[i];
    }
    policy->init((u32)nframes);
    policy->hands(hands);
    strlcpy(lens_info.policy, policy->name, sizeof lens_info.policy);
    lens_info.hands_pa = va_pa(hands);
    lens_info.swap_total_pa = va_pa(&swap_slots);
    lens_info.swap_used_pa = va_pa(&swap_used);
    gauge(0, "min", &zone.min);
    gauge(1, "low", &zone.low);
    gauge(2, "high", &zone.high);
}

/* ---- one page ---- */

void reclaim_page_came(struct page *page, bool came)
{
    void (*tell)(u32) = !policy ? NULL
                        : came  ? policy->page_in
                                : policy->page_gone;
    if (tell)
        tell(page_pfn(page));
}

void reclaim_page_touched(struct page *page)
{
    page->frame.flags |= FRAME_F_REF;
    if (policy && policy->page_touched)
        policy->page_touched(page_pfn(page));
}

/* May a hand take it now? */
static bool reclaimable(struct page *page)
{
    const struct lens_frame *f = &page->frame;
    if (f->pins || (f->flags & (FRAME_F_IO | FRAME_F_LOCKED)))
        return false;
    switch ((enum frame_state)f->state) {
    case FS_FILE_CLEAN:
    case FS_FILE_DIRTY:
        return page->object != NULL;
    case FS_SWAPCACHE:
        return f->refs == 0 ||
               swap_count(page->slot) + (u64)f->refs < SWAP_COUNT_MAX;
    case FS_ANON:
    case FS_COW:
        return f->refs > 0 && (u64)f->refs < SWAP_COUNT_MAX && !swap_full();
    case FS_SHMEM:
        return page->object && (!swap_full() || !(f->flags & FRAME_F_DIRTY) ||
                                shmem_slot(page->object, f->index));
    default:
        return false;
    }
}

/* A dirty page of a file: the daemon's business (and kflushd's) alone; the
 * process that waits for memory may be deep in the file system already. */
static int clean_file_page(struct page *page)
{
    if (current == daemon)
        return object_clean(page);
    wake_up(&flush_wanted);
    return -EAGAIN;
}

/* Makes the frame free: 1 at once, 0 when the disk has written the page;
 * negative: it stays. */
static int take(struct page *page)
{
    int err;
    switch ((enum frame_state)page->frame.state) {
    case FS_FILE_CLEAN:
        page_unmap_all(page, R_RECLAIM);
        if (page->frame.state == FS_FILE_DIRTY)
            return clean_file_page(page);
        return object_evict(page, R_RECLAIM) ? 1 : -EBUSY;
    case FS_FILE_DIRTY:
        return clean_file_page(page);
    case FS_SHMEM:
        return shmem_out(page);
    case FS_SWAPCACHE:
        if (page->frame.flags & FRAME_F_DIRTY)
            return swap_out(page);
        page_unmap_all(page, R_RECLAIM);
        return swapcache_evict(page, R_RECLAIM) ? 1 : -EBUSY;
    default:
        err = swap_out(page);
        return err ? err : 0;
    }
}

bool policy_may_take(u32 pfn)
{
    if (!reclaimable(&frames[pfn]))
        return false;
    if (current == daemon)
        COUNT(PGSCAN_KSWAPD);
    else
        COUNT(PGSCAN_DIRECT);
    return true;
}

bool policy_used(u32 pfn)
{
    return page_test_ref(&frames[pfn]);
}

bool policy_clear_used(u32 pfn)
{
    bool was = page_test_clear_ref(&frames[pfn]);
    if (was)
        COUNT(PGACTIVATE);
    return was;
}

u64 policy_handspread(void)
{
    return (u64)tun(TUN_HANDSPREAD);
}

/* Frees or begins to free up to `want` frames. Returns how many: 0 after two
 * and a half revolutions in which nothing could be taken, or when the disk
 * has enough to do. */
static u64 shrink(u64 want)
{
    struct proc *me = current;
    bool before = me->memalloc;
    u64 budget = 2 * nframes + nframes / 2, got = 0;
    me->memalloc = true;
    while (got < want && swap_io_room()) {
        u32 pfn = policy->victim(&budget);
        if (pfn == POLICY_NONE)
            break;
        if (take(&frames[pfn]) < 0)
            continue;
        got++;
        if (me == daemon)
            COUNT(PGSTEAL_KSWAPD);
        else
            COUNT(PGSTEAL_DIRECT);
    }
    policy->hands(hands);
    me->memalloc = before;
    return got;
}

u64 reclaim_drop_clean(void)
{
    u64 n = 0;
    for (u64 i = 0; i < nframes; i++)
        if (frames[i].frame.state == FS_FILE_CLEAN)
            n += object_evict(&frames[i], R_DROP_CACHE);
    return n;
}

/* ---- the daemon ---- */

void reclaim_kick(void)
{
    if (daemon && current != daemon)
        wake_up(&daemon_wakes);
}

void memory_wake(void)
{
    memory_waiters = false;
    wake_up(&frames_freed);
}

/* Until the high mark is reached, counting what is on its way. */
static void run_daemon(void)
{
    COUNT(PAGEOUTRUN);
    set_marks();
    if (policy->balance)
        policy->balance();
    while (free_frames < zone.high) {
        u64 coming = free_frames + swap_writes();
        u64 got =
            coming < zone.high ? shrink(MIN(zone.high - coming, BATCH)) : 0;
        if (swap_writes() && !got)
            swap_wait_any();
        else if (nr_writeback && !got)
            sleep_on(&page_io_done);
        else if (got)
            sched_yield_now();
        else
            return;
    }
}

static void daemon_loop(void *arg)
{
    (void)arg;
    current->actor = ACTOR_PAGEOUT;
    current->memalloc = true;
    current->sig_blocked = ~0ul;
    swap_boot();
    for (;;) {
        current->sig_pending = 0; /* nothing kills it */
        if (free_frames >= zone.low) {
            sleep_until(NEVER, &daemon_wakes);
            continue;
        }
        u64 before = free_frames;
        run_daemon();
        if (free_frames < zone.low && free_frames <= before) {
            daemon_failures++;
            memory_wake(); /* who waits decides what now */
            current->sig_pending = 0;
            sleep_until(now_ns() + PAUSE_NS, NULL);
        }
    }
}

void reclaim_start(void)
{
    daemon = proc_spawn_kernel("kpageoutd", daemon_loop, NULL);
    if (!daemon)
        panic("no memory for the pageout daemon");
}

struct proc *reclaim_daemon(void)
{
    return daemon;
}

/* ---- who needs memory ---- */

static bool dying(const struct proc *p)
{
    return p->exiting || (p->sig_pending & SIGBIT(SIGKILL));
}

/* Until frames have been freed or a process has ended. */
static void wait_for_frames(void)
{
    memory_waiters = true;
    sleep_on(&frames_freed);
}

bool memory_try(void)
{
    if (free_frames > zone.min)
        return true;
    COUNT(ALLOCSTALL);
    reclaim_kick();
    u64 got = shrink(BATCH);
    if (free_frames > zone.min)
        return true;
    if (swap_writes()) {
        swap_wait_any();
        return true;
    }
    if (!got && nr_writeback) {
        sleep_on(&page_io_done);
        return true;
    }
    if (!got && nr_dirty) { /* the daemon may have more success: let it */
        u64 before = daemon_failures;
        wait_for_frames();
        return daemon_failures == before;
    }
    return got != 0;
}

bool memory_wait(void)
{
    struct proc *me = current;
    for (;;) {
        if (dying(me) && free_frames <= zone.min / 4)
            return false;
        if (free_frames > zone.min || dying(me))
            return true;
        if (memory_try())
            continue;
        if (oom_kill() && dying(me))
            return false;
        wait_for_frames();
    }
}

void memory_wait_block(unsigned order)
{
    for (int i = 0; i < 64 && !page_block_free(order); i++)
        if (!memory_try() || !shrink(BATCH))
            return;
}
