/* SPDX-License-Identifier: MIT */
/* Gives programs pages of 2 MiB (transparent huge pages) by the rules of
 * Linux 6.12: mm/huge_memory.c, mm/khugepaged.c, madvise(2).
 *
 *   eligible       private anonymous mappings: if vm.transparent_hugepage is
 *                  1, with MADV_HUGEPAGE; if 2, without MADV_NOHUGEPAGE
 *   at a fault     in an aligned part of 2 MiB that has no page table yet:
 *                  512 cleared frames, one leaf at level 1 (huge_fault)
 *   MADV_COLLAPSE  copies the small pages of an aligned part to 512 frames
 *
 *        level 1                level 0                  frames
 *       ┌────────┐                                      ┌─┬─┬─┬ ... ┬─┐
 *       │  leaf ─┼─────────────────────────────────────>│ │ │ │     │ │ 512
 *       ├────────┤            ┌─────────┐               └─┴─┴─┴ ... ┴─┘
 *       │  table ┼──────────> │ PTE ────┼──> one frame
 *       └────────┘            └─────────┘
 *
 * A leaf maps 512 ordinary frames: each has its own reference and its own place
 * on the policy's lists, and the reverse map finds each, so that policies need
 * not know of leaves. The leaf has one A bit for all 512 frames: when a policy
 * clears it for one frame, the other 511 keep it as their mark, FRAME_F_REF
 * (pte_clear_used). Before one of the frames leaves memory, the leaf is split
 * (pte_split); from then on the 512 age separately.
 *
 * fork shares a leaf. The first write afterwards splits the writer's leaf,
 * unless the other process no longer maps it (huge_reuse). munmap, mprotect,
 * MADV_DONTNEED, mremap and mlock split a leaf if they concern a part of it, or
 * if mremap moves it to an unaligned address, and leave it whole otherwise.
 *
 * Differences from Linux: there is no khugepaged; memory is not compacted, so
 * that without 512 contiguous free frames a fault takes a small page; a read
 * fault gets new frames, too (Linux with use_zero_page=0); shared memory and
 * files have small pages. A process with an RLIMIT_RSS gets no page of 2 MiB,
 * since that limit is enforced page by page (vm/limit.c). */
#include "vm/huge.h"
#include "lib/tunable.h"
#include "task/proc.h"
#include "vm/pte.h"
#include "vm/rmap.h"
#include "vm/seam.h"
#include "vm/swap.h"
#include "vm/vm.h"

/* A try reads at most one page from swap; pages read before may be evicted
 * again meanwhile. */
#define COLLAPSE_TRIES 2048

enum { NEVER_HUGE, MADVISE_HUGE, ALWAYS_HUGE }; /* vm.transparent_hugepage */

/* True if pages of 2 MiB are possible in mappings of this kind. */
static bool may_be_huge(const struct vma *v)
{
    return !v->object && !(v->attrs & ATTR_NOHUGE) &&
           !(v->lens.flags & (VMA_SHARED | VMA_DEVICE)) &&
           current->leader->rlim[RLIMIT_RSS].cur == ~0ul;
}

static bool wanted(const struct vma *v)
{
    s64 mode = tun(TUN_HUGEPAGE);
    return may_be_huge(v) && (mode == ALWAYS_HUGE ||
                              (mode == MADVISE_HUGE && (v->attrs & ATTR_HUGE)));
}

static bool vma_holds(const struct vma *v, u64 base)
{
    return base >= v->lens.start && v->lens.end >= HUGE_SIZE &&
           base <= v->lens.end - HUGE_SIZE;
}

bool huge_eligible(const struct vma *v)
{
    return wanted(v) && vma_holds(v, ALIGN_UP(v->lens.start, HUGE_SIZE));
}

/* Allocates 512 contiguous frames if they are free now; reclaims nothing. */
static struct page *alloc_huge_block(enum reason why)
{
    return page_block_free(HUGE_ORDER, zone_top(FS_ANON))
               ? page_alloc_order(HUGE_ORDER, FS_ANON, why, current->lens.tgid)
               : NULL;
}

/* Sets the identity of each of the 512 frames and tells the policy of it. */
static void set_identity(struct page *head, u64 base, enum reason why)
{
    for (unsigned i = 0; i < PTE_COUNT; i++) {
        head[i].frame.index = (base >> PAGE_SHIFT) + i;
        tell_page_came(&head[i], why);
    }
}

static u64 huge_rights(const struct vma *v)
{
    return pte_rights(v->lens.flags) | PTE_D;
}

bool huge_fault(struct space *s, struct vma *v, u64 va)
{
    u64 base = ALIGN_DOWN(va, HUGE_SIZE);
    if (!wanted(v) || !vma_holds(v, base))
        return false;
    u64 *slot = pte_make_huge(s, base);
    if (!slot || *slot)
        return false; /* a page table is there already */
    lens_busy();
    struct page *head = alloc_huge_block(R_FAULT_HUGE);
    struct page *table = head ? huge_table(s, R_FAULT_HUGE) : NULL;
    if (!table) {
        if (head)
            page_free_order(head, HUGE_ORDER, R_FREE_KERNEL);
        lens_ready();
        COUNT(THP_FALLBACK);
        return false;
    }
    vma_find_kin(s, v);
    for (unsigned i = 0; i < PTE_COUNT; i++)
        page_clear(page_va(&head[i]));
    set_identity(head, base, R_FAULT_HUGE);
    pte_map_huge(s, base, slot, head, huge_rights(v), table);
    lens_ready();
    COUNT(THP_FAULT);
    COUNT_ADD(DEMAND_ZERO, PTE_COUNT);
    return true;
}

bool huge_reuse(struct space *s, u64 va, u64 *slot)
{
    struct page *head = pte_page(*slot);
    for (unsigned i = 0; i < PTE_COUNT; i++) {
        const struct lens_frame *f = &head[i].frame;
        if ((f->state != FS_COW && f->state != FS_ANON) || f->refs != 1)
            return false;
    }
    lens_busy();
    for (unsigned i = 0; i < PTE_COUNT; i++) {
        if (head[i].frame.state != FS_COW)
            continue;
        COUNT(COW_REUSED);
        head[i].frame.owner = current->lens.tgid;
        page_set_state(&head[i], FS_ANON, R_COW_REUSE);
    }
    pte_change(s, va, slot, 0, PTE_W | PTE_D | PTE_A);
    lens_ready();
    return true;
}

/* ---- madvise ---- */

/* Checks that the 512 entries can be collapsed. 0: they can; -EAGAIN: an
 * obstacle has been removed, look again; -EBUSY: a page is pinned; -EINVAL:
 * none of the pages is writable (Linux: SCAN_PAGE_RO); -ENOMEM, -EIO: a page
 * cannot be read from swap. => sleeps only if it does not return 0 */
static int prepare_collapse(struct space *s, u64 base, const u64 *slot)
{
    bool writable = false;
    for (unsigned i = 0; i < PTE_COUNT; i++) {
        u64 pte = slot[i];
        if (pte_is_swap(pte)) {
            int err = swap_page_in(s, base + i * PAGE_SIZE);
            return err ? err : -EAGAIN;
        }
        struct page *page = pte & PTE_V ? pte_page(pte) : NULL;
        if (!page || page == zero_page)
            continue;
        if (page->frame.flags & FRAME_F_IO) {
            swap_wait_page(page);
            return -EAGAIN;
        }
        if (page->frame.pins)
            return -EBUSY;
        writable |= pte & PTE_W;
    }
    return writable ? 0 : -EINVAL;
}

/* Copies the pages of the 512 entries to the frames from head on; the table
 * that held the entries is kept for a later split. */
static void collapse_to(struct space *s, const struct vma *v, u64 base,
                        u64 *small, struct page *head)
{
    struct page *table = va_to_page(small);
    lens_busy();
    set_identity(head, base, R_COLLAPSE);
    for (unsigned i = 0; i < PTE_COUNT; i++) {
        struct page *old = small[i] ? pte_page(small[i]) : zero_page;
        if (old == zero_page)
            page_clear(page_va(&head[i]));
        else
            page_copy(page_va(&head[i]), page_va(old));
        if (small[i])
            pte_unmap(s, base + i * PAGE_SIZE, &small[i], R_COLLAPSE);
    }
    u64 *slot = pte_make_huge(s, base);
    assert(slot && !table->table_used);
    pte_drop_table(s, slot);
    page_set_state(table, FS_KDATA, R_COLLAPSE);
    pte_map_huge(s, base, slot, head, huge_rights(v), table);
    COUNT(THP_COLLAPSE);
    lens_ready();
}

static int collapse(struct space *s, u64 base)
{
    const struct vma *v = vma_find(s, base);
    if (!v)
        return 0; /* a hole: sys_madvise returns -ENOMEM */
    if (!may_be_huge(v) || !vma_holds(v, base))
        return -EINVAL;
    u64 *small = pte_find(s, base);
    if (!small)
        return -EINVAL; /* Linux: SCAN_PMD_NULL */
    if (pte_is_huge(*small))
        return 0;
    int err = prepare_collapse(s, base, small);
    if (err)
        return err;
    u64 event_va = current->event_va;
    current->event_va = base;
    struct page *head = alloc_huge_block(R_COLLAPSE);
    current->event_va = event_va;
    if (!head)
        return -ENOMEM;
    collapse_to(s, v, base, small, head);
    return 0;
}

static s64 collapse_range(struct space *s, u64 start, u64 len)
{
    u64 end = start + len;
    s64 ret = 0;
    for (struct vma *v = vma_after(s, start); v && v->lens.start < end;
         v = vma_next(v))
        if (!may_be_huge(v) ||
            !vma_holds(v, ALIGN_UP(v->lens.start, HUGE_SIZE)))
            return -EINVAL;
    for (u64 base = start;; base += HUGE_SIZE) {
        int err, tries = COLLAPSE_TRIES;
        const struct vma *v = vma_after(s, base); /* a hole takes no time */
        base = v ? ALIGN_UP(MAX(base, v->lens.start), HUGE_SIZE) : end;
        if (base >= end || end - base < HUGE_SIZE)
            return ret;
        while ((err = collapse(s, base)) == -EAGAIN && --tries)
            if (signal_fatal_pending(current))
                return -EINTR;
        if (err == -ENOMEM)
            return err;
        if (err)
            ret = err == -EBUSY ? -EAGAIN : err;
        if (cond_resched())
            return -EINTR;
    }
}

s64 space_collapse(struct space *s, u64 start, u64 len)
{
    if (mutex_lock_killable(&s->changing))
        return -EINTR;
    s64 ret = collapse_range(s, start, len);
    mutex_unlock(&s->changing);
    return ret;
}

/* ---- statistics ---- */

static bool is_leaf(struct space *s, u64 va, u64 *slot, void *arg)
{
    *(bool *)arg |= pte_is_huge(*slot);
    return true;
}

u64 huge_frames(void)
{
    u64 n = 0, end = huge_leaves ? nframes : 0;
    for (u64 pfn = 0; pfn + PTE_COUNT <= end; pfn += PTE_COUNT) {
        bool huge = false;
        if (page_is_anon(&frames[pfn]))
            rmap_walk(&frames[pfn], is_leaf, &huge);
        n += huge ? PTE_COUNT : 0;
    }
    return n;
}
