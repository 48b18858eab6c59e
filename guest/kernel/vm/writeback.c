/* SPDX-License-Identifier: MIT */
#include "vm/writeback.h"

#include "lib/tunable.h"
#include "task/proc.h"
#include "vm/pager.h"
#include "vm/rmap.h"
#include "vm/seam.h"
#include "vm/vm.h"

struct waitq flush_wanted = WAITQ_INIT(flush_wanted);

static bool take_write(struct space *s, u64 va, u64 *slot, void *arg)
{
    if (*slot & PTE_W)
        slot = pte_split(s, va, R_SPLIT_RECLAIM);
    if (!pte_is_huge(*slot) && (*slot & (PTE_W | PTE_D)))
        pte_change(s, va, slot, PTE_W | PTE_D, 0); /* mprotect takes W alone */
    return true;
}

/* Write-protects the page, so that the next write by a program faults and makes
 * it dirty again. */
void protect_page(struct page *page)
{
    rmap_walk(page, take_write, NULL);
}

/* Returns page `index` if it is dirty and not under I/O, else NULL. */
static struct page *dirty_page(struct vm_object *o, u64 index)
{
    struct page *page = object_peek_page(o, index);
    bool ready = page && (page->frame.flags & FRAME_F_DIRTY) &&
                 !(page->frame.flags & FRAME_F_IO);
    return ready ? page : NULL;
}

/* Starts to write the run of dirty pages that begins at index, OBJECT_CLUSTER
 * at most. Returns how many, or -errno. */
static s64 write_run(struct vm_object *o, u64 index)
{
    struct page *pages[OBJECT_CLUSTER], *page;
    u32 n = 0;
    while (n < OBJECT_CLUSTER && (page = dirty_page(o, index + n)) &&
           object_begin_write(page))
        pages[n++] = page;
    if (!n)
        return 0;
    int err = o->ops->start_write(o, pages, n);
    return err ? err : (s64)n;
}

int object_clean(struct page *page)
{
    struct vm_object *o = page->object;
    if (!o || !o->ops || !o->ops->start_write)
        return -EINVAL;
    u64 first = page->frame.index;
    for (u32 i = 1; i < OBJECT_CLUSTER / 2 && first && dirty_page(o, first - 1);
         i++)
        first--;
    s64 n = write_run(o, first);
    return n < 0 ? (int)n : 0;
}

#define STRETCH 64 /* frames or pages between two chances to yield */

/* Writes dirty pages that lie far apart, as in a file with holes; finds them
 * through the frame table. */
static int write_scattered(struct vm_object *o)
{
    int err = 0;
    for (u64 i = 0; i < nframes && o->dirty; i++) {
        struct page *page = &frames[i];
        if (i % STRETCH == STRETCH - 1)
            cond_resched();
        if (page->frame.state != FS_FILE_DIRTY || page->object != o)
            continue;
        s64 n = write_run(o, page->frame.index);
        if (n < 0)
            err = (int)n;
    }
    return err;
}

static int write_dirty(struct vm_object *o)
{
    u64 at = o->dirty_lo, end = o->dirty_hi;
    int err = 0;
    if (!o->dirty || !o->ops->start_write)
        return 0;
    if (end - at > nframes)
        return write_scattered(o);
    while (at < end && o->dirty) {
        s64 n = write_run(o, at);
        if (n < 0)
            err = (int)n;
        at += n > 0 ? (u64)n : 1;
        if (at % STRETCH == STRETCH - 1)
            cond_resched();
    }
    return err;
}

int object_write_back(struct vm_object *o)
{
    int err = write_dirty(o);
    while (pager_has(o) && pager_bring_back(o)) {
        int bad = write_dirty(o);
        err = err ? err : bad;
        object_wait_written(o);
    }
    return err;
}

int object_sync(struct vm_object *o, u32 *told)
{
    u32 before = object_errors_told(o);
    int err, late;
    object_wait_written(o); /* a page under I/O may be dirty again */
    err = object_write_back(o);
    object_wait_written(o);
    if (told)
        late = object_tell_error(o, told);
    else
        late = o->errors != before ? o->error : 0;
    return err ? err : late;
}

/* Returns `percent` % of the number of frames that may become dirty: the free
 * ones and those with pages of files. */
static u64 dirtyable_share(s64 percent)
{
    return (memory_free() + memory_cache()) * (u64)percent / 100;
}

u64 dirty_background(void)
{
    s64 ratio = tun(TUN_DIRTY_BACKGROUND_RATIO), most = tun(TUN_DIRTY_RATIO);
    return dirtyable_share(ratio < most ? ratio : most / 2);
}

u64 dirty_limit(void)
{
    return MAX(dirtyable_share(tun(TUN_DIRTY_RATIO)), 8ul);
}

#define PAUSE_NS 200000000ul /* Linux's longest pause */

void flush_kick(void)
{
    if (policy->own_writeback)
        pageout_kick_writers();
    else
        wake_up(&flush_wanted);
}

bool flush_all_wanted;

void flush_all_kick(void)
{
    flush_all_wanted = true;
    flush_kick();
}

int balance_dirty(void)
{
    if (policy->own_writeback) /* such a policy has no dirty limit */
        return 0;
    if (nr_dirty > dirty_background())
        wake_up(&flush_wanted);
    while (nr_dirty + nr_writeback > dirty_limit()) {
        COUNT(DIRTY_THROTTLED);
        wake_up(&flush_wanted);
        sleep_on_until(now_ns() + PAUSE_NS, &page_io_done);
        if (signal_fatal_pending(current))
            return -EINTR;
    }
    return 0;
}

/* Acts as rdwri and ufs_putpage of SunOS 5 (fs/ufs/ufs_vnops.c): gathers
 * delayed writes while they are contiguous; when an inode's i_writes is above
 * ufs_HW, its writers wait until it has fallen to ufs_LW. */
int write_behind(struct vm_object *o, u64 end)
{
    u64 page = end / PAGE_SIZE;
    if (!policy->write_behind)
        return balance_dirty();
    if (end % PAGE_SIZE == 0 && page && page % policy->kluster == 0 &&
        o->ops->start_write) {
        s64 n = write_run(o, page - policy->kluster);
        if (n < 0)
            return (int)n;
    }
    if (!tun(TUN_UFS_WRITES) || o->writing * 4 <= (u64)tun(TUN_UFS_HW))
        return balance_dirty();
    COUNT(DIRTY_THROTTLED);
    while (o->writing && o->writing * 4 > (u64)tun(TUN_UFS_LW)) {
        sleep_on_until(now_ns() + PAUSE_NS, &page_io_done);
        if (signal_fatal_pending(current))
            return -EINTR;
    }
    return 0;
}
