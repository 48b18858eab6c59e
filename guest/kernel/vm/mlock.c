/* SPDX-License-Identifier: MIT */
/* mlock and its family keep pages from being evicted, with Linux's rules (6.x,
 * mm/mlock.c, mm/gup.c).
 *
 *   ATTR_LOCKED       this mapping's pages stay
 *   FRAME_F_LOCKED    a locked mapping maps the frame: no policy may take it
 *                     (vm/reclaim.c). It is one bit, however many mappings
 *                     lock the frame: when a locked frame loses a PTE, the
 *                     reverse map is searched for a locked mapping (as in
 *                     Linux 2.6.28 to 5.17, try_to_munlock), so that no frame
 *                     needs a count
 *
 * pte_map and pte_unmap maintain the bit for all callers: a page that is mapped
 * later - by a fault, by a broken COW, from swap - is locked immediately.
 *
 * Differences from Linux: only a policy that has a list of locked pages
 * (linux612) moves them to it; all other policies pass over them. Pages join
 * that list when they are locked, not when reclaim meets them (so
 * unevictable_pgs_culled, _rescued and _stranded have nothing to count). */
#include "task/proc.h"
#include "vm/pte.h"
#include "vm/rmap.h"
#include "vm/seam.h"
#include "vm/vm.h"

u64 mlocked_frames;

void page_lock(struct page *page)
{
    assert(page->frame.refs > 0 && state_reclaimable(page->frame.state));
    if (page->frame.flags & FRAME_F_LOCKED)
        return;
    assert(marked_frames >= page_is_marked(page));
    marked_frames -= page_is_marked(page);
    page->frame.flags |= FRAME_F_LOCKED;
    mlocked_frames++;
    COUNT(PGMLOCKED);
    page_set_state(page, page->frame.state, R_MLOCK);
    tell_page_locked(page, true);
}

/* For rmap_walk: stops at a mapping that is locked. */
static bool is_not_locked(struct space *s, u64 va, u64 *slot, void *arg)
{
    struct vma *v = s->locked ? vma_find(s, va) : NULL;
    if (!v || !(v->attrs & ATTR_LOCKED))
        return true;
    *(bool *)arg = true;
    return false;
}

bool page_has_locker(struct page *page)
{
    bool found = false;
    rmap_walk(page, is_not_locked, &found);
    return found;
}

void page_unlock(struct page *page)
{
    if (!(page->frame.flags & FRAME_F_LOCKED) || page_has_locker(page))
        return;
    page->frame.flags &= (u8)~FRAME_F_LOCKED;
    marked_frames += page_is_marked(page);
    assert(mlocked_frames);
    mlocked_frames--;
    COUNT(PGMUNLOCKED);
    page_set_state(page, page->frame.state, R_MUNLOCK);
    tell_page_locked(page, false);
}

/* The signal trampoline is the kernel's own and never leaves. */
static bool lockable(const struct vma *v)
{
    return v->object != trampoline_object();
}

static void lock_run(u64 va, const u64 *slot, u64 n, bool locked)
{
    const u64 *first = slot;
    for (; n; n--, va += PAGE_SIZE) {
        u64 pte = pte_small(*slot, va);
        struct page *page = pte & PTE_V ? pte_page(pte) : NULL;
        slot += !pte_is_huge(*first);
        if (!page || page == zero_page)
            continue;
        if (locked)
            page_lock(page);
        else
            page_unlock(page);
    }
}

static const struct vma_bits lock_bits = {.attrs = ATTR_LOCKED | ATTR_ONFAULT};

/* Locks or unlocks the mapping and its present pages, and merges the mapping
 * with its neighbours. => sleeps */
static void set_lock(struct space *s, struct vma *v, u32 lock)
{
    u64 va = v->lens.start, end = v->lens.end, *slot, n;
    bool locked = lock, was = v->attrs & ATTR_LOCKED;
    assert(!lock == !(lock & ATTR_LOCKED)); /* ONFAULT never comes alone */
    if (!lockable(v) || !vma_differs(v, lock_bits, (struct vma_bits){0, lock}))
        return;
    v->attrs = (v->attrs & ~lock_bits.attrs) | lock;
    s->generation++;
    assert(locked || !was || s->locked >= end - va);
    if (was != locked)
        s->locked += (end - va) * (locked ? 1 : -1ul);
    while (was != locked && (slot = pte_run(s, &va, end, &n))) {
        lens_busy();
        lock_run(va, slot, n, locked);
        lens_ready();
        va += n * PAGE_SIZE;
        cond_resched();
    }
    vma_merge(s, v->lens.start, end);
}

static int lock_some(struct space *s, u64 start, u64 len, u32 lock)
{
    u64 end = start + len, at = start;
    int err = 0;
    if (lock && !lock_allowed(s, len - space_locked_in(s, start, len)))
        return -ENOMEM;
    struct vma *v;
    for (v = vma_after(s, start); at < end; v = vma_next(v)) {
        if (!v || v->lens.start > at) {
            err = -ENOMEM; /* the range up to here is changed, as in Linux */
            end = at;
            break;
        }
        at = v->lens.end;
    }
    if (start == end)
        return err;
    if (vma_split_around(s, start, end, lock_bits, (struct vma_bits){0, lock}))
        return -ENOMEM;
    for (at = start; (v = vma_step(s, &at, end));)
        set_lock(s, v, lock);
    return err;
}

int space_lock(struct space *s, u64 start, u64 len, u32 lock)
{
    if (mutex_lock_killable(&s->changing))
        return -EINTR;
    int err = lock_some(s, start, len, lock);
    mutex_unlock(&s->changing);
    return err;
}

int space_lock_all(struct space *s, u32 lock)
{
    if (mutex_lock_killable(&s->changing))
        return -EINTR;
    bool may = !lock || lock_allowed(s, s->vsize - s->locked);
    struct vma *v;
    for (u64 at = USER_MIN; may && (v = vma_step(s, &at, USER_TOP));)
        set_lock(s, v, lock);
    mutex_unlock(&s->changing);
    return may ? 0 : -ENOMEM;
}

u64 space_locked_in(struct space *s, u64 start, u64 len)
{
    u64 end = start + len, sum = 0;
    for (struct vma *v = vma_after(s, start); v && v->lens.start < end;
         v = vma_next(v))
        if (v->attrs & ATTR_LOCKED)
            sum += MIN(v->lens.end, end) - MAX(v->lens.start, start);
    return sum;
}

bool lock_allowed(const struct space *s, u64 more)
{
    u64 limit = current->leader->rlim[RLIMIT_MEMLOCK].cur;
    return capable(CAP_IPC_LOCK) || s->locked + more <= limit;
}

/* Returns the access that makes a page of v present and spares it later faults:
 * a write to private writable memory, which breaks COW now; else a read, so
 * that shared memory stays clean; else execution. 0: no access is allowed. */
static u32 touch(const struct vma *v)
{
    u32 f = v->lens.flags;
    if ((f & (VMA_W | VMA_SHARED)) == VMA_W)
        return VMA_W;
    return f & (VMA_R | VMA_W) ? VMA_R : f & VMA_X;
}

static bool is_there(struct space *s, u64 va, u32 access)
{
    u64 *slot = pte_find(s, va);
    u64 need = access == VMA_W ? PTE_V | PTE_W : PTE_V;
    return slot && (*slot & need) == need;
}

int space_populate(struct space *s, u64 start, u64 len, bool only_locked)
{
    for (u64 va = start, end = start + len; va < end;) {
        struct vma *v = vma_after(s, va); /* again: the fault may sleep */
        if (!v || v->lens.start >= end)
            return only_locked ? 0 : -ENOMEM;
        if (v->lens.start > va && !only_locked)
            return -ENOMEM;
        va = MAX(va, v->lens.start);
        u32 access = touch(v);
        if ((v->attrs & ATTR_ONFAULT) || !lockable(v) ||
            (only_locked && !(v->attrs & ATTR_LOCKED))) {
            va = v->lens.end;
            continue;
        }
        u64 next = v->lens.end; /* v may be gone after the fault */
        int err = 0;
        if (!access)
            err = -EFAULT;
        else if (!is_there(s, va, access))
            err = vm_fault(s, va, access, NULL, NULL);
        if (err && !only_locked)
            return err;
        /* A fault that maps nothing is to be tried again: the mappings changed
         * while it slept. */
        if (err)
            va = next;
        else if (is_there(s, va, access))
            va += PAGE_SIZE;
        if (cond_resched())
            return -EINTR;
    }
    return 0;
}
