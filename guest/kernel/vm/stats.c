/* SPDX-License-Identifier: MIT */
/* Gives sums to meminfo, and PTEs one by one to smaps. `committed` and a zone's
 * activity are added up on demand; all other sums are kept up to date. */
#include "task/proc.h"
#include "vm/pte.h"
#include "vm/reclaim.h"
#include "vm/seam.h"
#include "vm/shmem.h"
#include "vm/swap.h"
#include "vm/vm.h"

static bool cached_is_free(void)
{
    return policy && policy->cached_is_free;
}

u64 memory_free(void)
{
    return free_frames + (cached_is_free() ? cached_frames : 0);
}

u64 memory_cache(void)
{
    return state_frames[FS_FILE_CLEAN] + state_frames[FS_FILE_DIRTY] -
           (cached_is_free() ? cached_files : 0);
}

u64 memory_swap_cache(void)
{
    return state_frames[FS_SWAPCACHE] -
           (cached_is_free() ? cached_frames - cached_files : 0);
}

void vm_stats(struct vm_stats *st)
{
    memset(st, 0, sizeof *st);
    st->total = nframes - boot_frames;
    st->free = memory_free();
    st->mapped = mapped_files;
    st->anon = mapped_anon;
    st->swap_cached = state_frames[FS_SWAPCACHE];
    st->anon_all = state_frames[FS_ANON] + state_frames[FS_COW] + swap_used -
                   shmem_swapped();
    st->swap_total = swap_slots;
    st->swap_free = swap_slots - swap_used;
    st->mlocked = mlocked_frames;
    st->writeback = swap_writes() + nr_writeback;
    st->dirty = nr_dirty;
    st->file = state_frames[FS_FILE_CLEAN] + state_frames[FS_FILE_DIRTY];
    st->shmem = state_frames[FS_SHMEM];
    /* As in Linux, half of the cache counts as in use, or as many frames as the
     * low mark if that is less. */
    u64 cache = memory_cache() - st->dirty;
    st->available = st->free + cache - MIN(cache / 2, memory_levels.low);
    st->available -= MIN(st->available, memory_levels.min);
    st->pgtables = state_frames[FS_PGTABLE];
    st->kernel = state_frames[FS_KCODE] + state_frames[FS_KDATA];
    st->slab = slab_bytes() >> PAGE_SHIFT;
    st->kstack = proc_kstack_frames();
    st->committed = commit_sum();
}

/* ---- paging by kind of page ---- */

static bool is_text(const struct page *page)
{
    return page->object ? page->object->text : page->frame.spare & PAGE_TEXT;
}

static bool is_file(const struct page *page)
{
    return page->frame.state == FS_FILE_CLEAN ||
           page->frame.state == FS_FILE_DIRTY;
}

void count_pages_in(const struct page *page, u64 n)
{
    COUNT_ADD(PPGIN, n);
    if (!is_file(page))
        COUNT_ADD(ANONPGIN, n);
    else if (is_text(page))
        COUNT_ADD(EXECPGIN, n);
    else
        COUNT_ADD(FSPGIN, n);
}

void count_pages_out(const struct page *page, u64 n)
{
    COUNT_ADD(PPGOUT, n);
    if (!is_file(page))
        COUNT_ADD(ANONPGOUT, n);
    else if (is_text(page))
        COUNT_ADD(EXECPGOUT, n);
    else
        COUNT_ADD(FSPGOUT, n);
}

void count_page_freed(const struct page *page)
{
    COUNT(DFREE);
    if (!is_file(page))
        COUNT(ANONFREE);
    else if (is_text(page))
        COUNT(EXECFREE);
    else
        COUNT(FSFREE);
}

/* Returns 1 (active), -1 (inactive) or 0. The page's list decides; for policies
 * without such lists, the mark of use does, if the page is reclaimable. */
static int activity(const struct page *page, bool lists)
{
    u8 flags = page->frame.flags;
    if (lists)
        return flags & FRAME_F_ACTIVE ? 1 : flags & FRAME_F_INACTIVE ? -1 : 0;
    if (!state_reclaimable(page->frame.state) || (flags & FRAME_F_LOCKED))
        return 0;
    return flags & FRAME_F_REF ? 1 : -1;
}

void vm_zone_activity(const struct zone *z, u64 *active, u64 *inactive)
{
    u64 ignored;
    bool lists = lists_activity(&ignored, &ignored);
    *active = *inactive = 0;
    for (u32 i = z->start; i < z->end; i++) {
        int is = activity(&frames[i], lists);
        *active += is > 0;
        *inactive += is < 0;
    }
}

void vm_stats_activity(struct vm_stats *st)
{
    if (lists_activity(&st->active, &st->inactive))
        return;
    u64 all = 0;
    for (u32 state = 0; state < FS_COUNT; state++)
        all += state_reclaimable(state) ? state_frames[state] : 0;
    st->active = marked_frames;
    st->inactive = all - mlocked_frames - marked_frames;
}

/* Returns the next entry in use. Other processes may run between two leaf
 * tables and empty the space. NULL: none is left, or the caller is to die. */
static u64 *next_entry(struct space *s, u64 *va, u64 end)
{
    if (!PTE_INDEX(*va, 0) && cond_resched())
        return NULL;
    return s->root ? pte_next(s, va, end) : NULL;
}

void space_clear_refs(struct space *s, u64 start, u64 end)
{
    u64 va = start, *slot;
    for (; (slot = next_entry(s, &va, end)); va += PAGE_SIZE) {
        if (pte_is_swap(*slot) || !(*slot & PTE_A))
            continue;
        struct page *page = pte_page(*slot);
        if (page)
            page_mark(page); /* reclaim still sees the use */
        pte_clear_used(s, va, slot);
    }
}

bool space_view_next(struct space *s, u64 *va, u64 end, struct page_view *view)
{
    const u64 *slot = next_entry(s, va, end);
    if (!slot)
        return false;
    u64 pte = pte_small(*slot, *va);
    *view = (struct page_view){.slot = pte_is_swap(pte) ? pte_slot(pte) : 0};
    if (!(pte & PTE_V))
        return true;
    view->present = true;
    view->huge = pte_is_huge(*slot);
    view->page = pte_page(pte);
    view->zero = view->page == zero_page;
    view->dirty = pte & PTE_D;
    view->accessed = pte & PTE_A;
    return true;
}
