/* SPDX-License-Identifier: MIT */
#include "vm/pte.h"
#include "vm/seam.h"
#include "task/proc.h"
#include "vm/rmap.h"
#include "vm/swap.h"
#include "vm/vm.h"

u64 mapped_files, mapped_anon;

static void note_rss(struct space *s, const struct page *page, s64 n)
{
    if (page == zero_page)
        return;
    assert(n > 0 || s->rss);
    s->rss += (u64)n;
    if (page_is_anon(page))
        s->rss_anon += (u64)n;
    else if (page->frame.state == FS_SHMEM)
        s->rss_shmem += (u64)n;
    s->peak_rss = MAX(s->peak_rss, s->rss);
    if (s->owner)
        s->owner->lens.rss = s->rss;
}

u64 *pte_find(struct space *s, u64 va)
{
    u64 *table = s->root;
    if (s->leaf && s->leaf_of == va >> LEVEL_SHIFT(1))
        return &s->leaf[PTE_INDEX(va, 0)];
    for (unsigned level = 2; level > 0; level--) {
        u64 *slot = &table[PTE_INDEX(va, level)];
        if (!(*slot & PTE_V))
            return NULL;
        if (pte_is_huge(*slot))
            return slot;
        table = pa_va(pte_pa(*slot));
    }
    s->leaf = table;
    s->leaf_of = va >> LEVEL_SHIFT(1);
    return &table[PTE_INDEX(va, 0)];
}

/* Makes va's page table of level `level` - 1 and lets slot point to it. */
static bool new_table(struct space *s, u64 va, unsigned level, u64 *slot)
{
    u32 pid = s->owner ? s->owner->lens.pid : 0;
    lens_busy(); /* an audit would report a table not linked yet */
    struct page *page = page_alloc_zeroed(FS_PGTABLE, R_ALLOC_PGTABLE, pid);
    assert(!*slot);
    if (page) {
        page->table_used = 0;
        page->frame.index = va >> LEVEL_SHIFT(level);
        s->tables++;
        *slot = pa_pte(page_pa(page)) | PTE_V;
        va_to_page(slot)->table_used++;
    }
    lens_ready();
    return page != NULL;
}

/* Returns the entry for va at level `to`, or a leaf above it, making tables as
 * needed. NULL: out of memory. */
static u64 *make(struct space *s, u64 va, unsigned to)
{
    u64 *table = s->root;
    for (unsigned level = 2; level > to; level--) {
        u64 *slot = &table[PTE_INDEX(va, level)];
        if (!(*slot & PTE_V) && !new_table(s, va, level, slot))
            return NULL;
        if (pte_is_huge(*slot))
            return slot;
        table = pa_va(pte_pa(*slot));
    }
    return &table[PTE_INDEX(va, to)];
}

u64 *pte_make(struct space *s, u64 va)
{
    return make(s, va, 0);
}

u64 *pte_make_huge(struct space *s, u64 va)
{
    return make(s, va, 1);
}

u64 *pte_run(struct space *s, u64 *va, u64 end, u64 *n)
{
    while (*va < end) {
        u64 *table = s->root;
        unsigned level = 2;
        u64 pte = table[PTE_INDEX(*va, 2)];
        while (level > 1 && (pte & PTE_V)) {
            table = pa_va(pte_pa(pte));
            pte = table[PTE_INDEX(*va, --level)];
        }
        u64 next = ALIGN_DOWN(*va, 1ul << LEVEL_SHIFT(level)) +
                   (1ul << LEVEL_SHIFT(level));
        *n = (MIN(next, end) - *va) >> PAGE_SHIFT;
        if (pte_is_huge(pte))
            return &table[PTE_INDEX(*va, 1)];
        if (pte & PTE_V)
            return (u64 *)pa_va(pte_pa(pte)) + PTE_INDEX(*va, 0);
        *va = next;
    }
    return NULL;
}

/* Returns the next entry with a bit of `any` in the leaf table of *va and moves
 * *va to it; NULL: none, and *va is at `end` or the start of the next table. */
static u64 *next_in_leaf(u64 *table, u64 *va, u64 end, u64 any)
{
    u64 next = ALIGN_DOWN(*va, 1ul << LEVEL_SHIFT(1)) + (1ul << LEVEL_SHIFT(1));
    u64 *slot = &table[PTE_INDEX(*va, 0)];
    for (end = MIN(end, next); *va < end; *va += PAGE_SIZE, slot++)
        if (*slot & any)
            return slot;
    return NULL;
}

static u64 *next_with(struct space *s, u64 *va, u64 end, u64 any)
{
    while (*va < end) {
        u64 *table = s->root, *slot;
        unsigned level = 2;
        u64 pte = table[PTE_INDEX(*va, 2)];
        while (level > 1 && (pte & PTE_V)) {
            table = pa_va(pte_pa(pte));
            pte = table[PTE_INDEX(*va, --level)];
        }
        if (!(pte & PTE_V))
            *va = ALIGN_DOWN(*va, 1ul << LEVEL_SHIFT(level)) +
                  (1ul << LEVEL_SHIFT(level));
        else if (pte_is_huge(pte))
            return &table[PTE_INDEX(*va, 1)];
        else if ((slot = next_in_leaf(pa_va(pte_pa(pte)), va, end, any)))
            return slot;
    }
    return NULL;
}

u64 *pte_next(struct space *s, u64 *va, u64 end)
{
    return next_with(s, va, end, ~0ul);
}

u64 *pte_next_mapped(struct space *s, u64 *va, u64 end)
{
    return next_with(s, va, end, PTE_V);
}

void page_fence(struct page *page)
{
    if (page->frame.spare & PAGE_FENCED)
        return;
    fence_i();
    page->frame.spare |= PAGE_FENCED;
}

void frame_mapped(struct space *s, u64 va, struct page *page, u64 bits)
{
    assert(page->frame.state != FS_FREE &&
           !(page->frame.flags & FRAME_F_CACHED)); /* free with identity */
    if (bits & PTE_X)
        page_fence(page);
    if (page_is_anon(page)) {
        assert(!(bits & PTE_W) ||
               (page->frame.state == FS_ANON && !page->frame.refs)); /* COW */
        anon_cover(page, s, va);
    }
    if (page->frame.refs++ == 0) {
        mapped_files += page_is_cache(page);
        mapped_anon += page_is_anon(page);
    }
    page->frame.spare &= (u8)~PAGE_LEFT;
    note_rss(s, page, 1);
    if (s->locked && page != zero_page) {
        const struct vma *v = vma_find(s, va);
        if (v && (v->attrs & ATTR_LOCKED))
            page_lock(page);
    }
}

/* Does pte_map's work without the fence and without the marks of use. */
static void map_frame(struct space *s, u64 va, u64 *slot, struct page *page,
                      u64 bits)
{
    lens_busy();
    assert(!*slot);
    *slot = pa_pte(page_pa(page)) | bits | PTE_V;
    va_to_page(slot)->table_used++;
    frame_mapped(s, va, page, bits);
    lens_ready();
}

void pte_map(struct space *s, u64 va, u64 *slot, struct page *page, u64 bits)
{
    lens_busy();
    page_mark(page);
    map_frame(s, va, slot, page, bits | PTE_A);
    fence_page(va, s->asid);
    lens_ready();
}

void pte_share(struct space *s, u64 va, u64 *slot, struct page *page, u64 bits)
{
    map_frame(s, va, slot, page, bits & ~PTE_A);
}

void pte_map_device(struct space *s, u64 va, u64 *slot, u64 pa, u64 bits)
{
    assert(!*slot && !pa_to_page(pa));
    *slot = pa_pte(pa) | bits | LENS_PTE_DEVICE | PTE_V | PTE_A | PTE_D;
    va_to_page(slot)->table_used++;
    fence_page(va, s->asid);
}

void frame_unmapped(struct space *s, struct page *page, u64 old,
                    enum reason why)
{
    note_rss(s, page, -1);
    assert(page->frame.refs > 0);
    if ((old & PTE_D) && page->frame.state == FS_SHMEM)
        page->frame.flags |= FRAME_F_DIRTY;
    page->frame.refs--;
    if (page->frame.flags & FRAME_F_LOCKED)
        page_unlock(page);
    if (page->frame.refs > 0)
        return;
    mapped_files -= page_is_cache(page);
    if (page_is_cache(page) && (why == R_EXIT || why == R_EXEC_DISCARD))
        page->frame.spare |= PAGE_LEFT;
    tell_page_idle(page);
    if (!page_is_anon(page))
        return;
    mapped_anon--;
    anon_forget(page);
    if (page->slot)
        swapcache_unmapped(page, why);
    else if (page->frame.pins == 0) /* else the last page_put frees it */
        page_free(page, why);
}

/* Drops the reference of an entry that has been removed. */
static void put_frame(struct space *s, u64 va, u64 old, enum reason why)
{
    struct page *page = pte_page(old);
    fence_page(va, s->asid);
    if (page)
        frame_unmapped(s, page, old, why);
}

void pte_unmap(struct space *s, u64 va, u64 *slot, enum reason why)
{
    u64 old = *slot;
    lens_busy();
    assert(old && va_to_page(slot)->table_used);
    *slot = 0;
    va_to_page(slot)->table_used--;
    if (pte_is_swap(old)) {
        assert(s->swapped);
        s->swapped--;
        swap_put(pte_slot(old), why);
    } else {
        put_frame(s, va, old, why);
    }
    lens_ready();
}

void pte_map_swap(struct space *s, u64 va, u64 *slot, u32 swap_slot)
{
    assert(!*slot);
    *slot = swap_pte(swap_slot);
    va_to_page(slot)->table_used++;
    s->swapped++;
    swap_get(swap_slot);
}

u64 pte_swap_out(struct space *s, u64 va, u64 *slot, struct page *page)
{
    u64 old = *slot;
    lens_busy();
    swap_get(page->slot);
    *slot = swap_pte(page->slot);
    s->swapped++;
    put_frame(s, va, old, R_NONE);
    lens_ready();
    return old;
}

void pte_swap_in(struct space *s, u64 va, u64 *slot, struct page *page,
                 u64 bits)
{
    u32 swap_slot = pte_slot(*slot);
    lens_busy();
    assert(swap_slot == page->slot && page->frame.state == FS_SWAPCACHE &&
           s->swapped && !(bits & PTE_W));
    *slot = 0;
    va_to_page(slot)->table_used--;
    s->swapped--;
    pte_map(s, va, slot, page, bits);
    swap_put(swap_slot, R_NONE); /* the page stays: it is mapped now */
    lens_ready();
}

void pte_change(struct space *s, u64 va, u64 *slot, u64 clear, u64 set)
{
    *slot = (*slot & ~clear) | set;
    fence_page(va, s->asid);
}

void pte_clear_used(struct space *s, u64 va, u64 *slot)
{
    struct page *head = pte_page(*slot);
    if (pte_is_huge(*slot) && (*slot & PTE_A))
        for (unsigned i = 0; i < PTE_COUNT; i++)
            page_mark(&head[i]);
    pte_change(s, va, slot, PTE_A, 0);
}

void pte_drop_table(struct space *s, u64 *slot)
{
    assert((*slot & PTE_V) && s->tables && va_to_page(slot)->table_used);
    *slot = 0;
    s->leaf = NULL;
    va_to_page(slot)->table_used--;
    s->tables--;
    fence_asid(s->asid);
}

/* Frees the table that slot points to, if it is empty. => lens busy */
static void table_free_if_empty(struct space *s, u64 *slot)
{
    struct page *page = pte_page(*slot);
    if (page->table_used)
        return;
    pte_drop_table(s, slot);
    page_free(page, R_FREE_PGTABLE);
}

/* Frees the leaf table of va and the table above it, if they are empty. */
static void prune_at(struct space *s, u64 va)
{
    u64 *top = &s->root[PTE_INDEX(va, 2)];
    if (!(*top & PTE_V))
        return;
    u64 *mid = (u64 *)pa_va(pte_pa(*top)) + PTE_INDEX(va, 1);
    if ((*mid & PTE_V) && !pte_is_huge(*mid))
        table_free_if_empty(s, mid);
    table_free_if_empty(s, top);
}

/* Unmaps n entries of one leaf table, from slot on. => lens busy */
static void unmap_run(struct space *s, u64 va, u64 *slot, u64 n,
                      enum reason why)
{
    struct page *table = va_to_page(slot);
    u64 gone = 0, before = current ? current->event_va : 0;
    for (; n && table->table_used; n--, slot++, va += PAGE_SIZE) {
        u64 old = *slot;
        if (!old)
            continue;
        *slot = 0;
        table->table_used--;
        if (pte_is_swap(old)) {
            s->swapped--;
            swap_put(pte_slot(old), why);
            continue;
        }
        if (gone++ < FENCES_MOST)
            fence_page(va, s->asid);
        struct page *page = pte_page(old);
        if (s->moved && current) /* the observer cannot tell it afterwards */
            current->event_va = va;
        if (page)
            frame_unmapped(s, page, old, why);
    }
    if (s->moved && current)
        current->event_va = before;
    if (gone > FENCES_MOST)
        fence_asid(s->asid);
}

void pte_unmap_range(struct space *s, u64 start, u64 end, enum reason why)
{
    u64 va = start, *slot, n;
    lens_busy();
    for (; (slot = pte_run(s, &va, end, &n)); va += n * PAGE_SIZE) {
        if (pte_is_huge(*slot)) {
            if (n == PTE_COUNT) {
                pte_unmap_huge(s, va, slot, why);
                continue;
            }
            slot = pte_split(s, va, R_SPLIT_PART);
        }
        unmap_run(s, va, slot, n, why);
        prune_at(s, va);
    }
    for (va = start; va < end; va = (va | ((1ul << LEVEL_SHIFT(2)) - 1)) + 1)
        prune_at(s, va); /* tables that never got an entry */
    lens_ready();
}

void pte_zap_range(struct space *s, u64 start, u64 end, enum reason why)
{
    u64 va = start, n;
    while (pte_run(s, &va, end, &n)) {
        pte_unmap_range(s, va, va + n * PAGE_SIZE, why);
        va += n * PAGE_SIZE;
        cond_resched();
    }
}

void pte_free_root(struct space *s)
{
    struct page *root = va_to_page(s->root);
    assert(root->table_used == 0);
    s->root = NULL;
    page_free(root, R_FREE_PGTABLE);
}
