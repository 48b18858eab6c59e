/* SPDX-License-Identifier: MIT */
/* Maps, shares, splits and unmaps leaves of 2 MiB in page tables. For each leaf
 * its address space keeps a spare page table on a list, so that a split needs
 * no memory (Linux 6.12, mm/pgtable-generic.c: pgtable_trans_huge_deposit).
 * Until the split that frame is FS_KDATA: it is linked to no page table. */
#include "task/proc.h"
#include "vm/pte.h"

u64 huge_leaves;

struct page *huge_table(struct space *s, enum reason why)
{
    return page_alloc(FS_KDATA, why, s->owner ? s->owner->lens.pid : 0);
}

static struct page *take_table(struct space *s)
{
    struct page *table = list_first_entry(&s->huge_tables, struct page, link);
    assert(s->huge && huge_leaves && table->frame.state == FS_KDATA);
    list_del(&table->link);
    s->huge--;
    huge_leaves--;
    return table;
}

/* Does pte_map_huge's work without setting the marks of use. */
static void enter_huge(struct space *s, u64 va, u64 *slot, struct page *head,
                       u64 bits, struct page *table)
{
    lens_busy();
    assert(!*slot && va % HUGE_SIZE == 0 && page_pfn(head) % PTE_COUNT == 0);
    *slot = pa_pte(page_pa(head)) | bits | PTE_HUGE | PTE_V;
    va_to_page(slot)->table_used++;
    for (unsigned i = 0; i < PTE_COUNT; i++)
        frame_mapped(s, va + i * PAGE_SIZE, &head[i], bits);
    list_add(&table->link, &s->huge_tables);
    s->huge++;
    huge_leaves++;
    fence_page(va, s->asid);
    lens_ready();
}

void pte_map_huge(struct space *s, u64 va, u64 *slot, struct page *head,
                  u64 bits, struct page *table)
{
    for (unsigned i = 0; i < PTE_COUNT; i++)
        page_mark(&head[i]);
    enter_huge(s, va, slot, head, bits | PTE_A, table);
}

void pte_share_huge(struct space *to, u64 va, u64 *child, u64 *parent,
                    struct page *table)
{
    struct page *head = pte_page(*parent);
    lens_busy();
    *parent &= ~PTE_W; /* one fence at the end of fork */
    for (unsigned i = 0; i < PTE_COUNT; i++)
        page_set_state(&head[i], head[i].slot ? FS_SWAPCACHE : FS_COW,
                       R_COW_SHARE);
    enter_huge(to, va, child, head, *parent & ~(PTE_PPN_MASK | PTE_V | PTE_A),
               table);
    lens_ready();
}

void pte_unmap_huge(struct space *s, u64 va, u64 *slot, enum reason why)
{
    u64 old = *slot;
    struct page *head = pte_page(old);
    lens_busy();
    assert(pte_is_huge(old) && va_to_page(slot)->table_used);
    *slot = 0;
    va_to_page(slot)->table_used--;
    fence_page(va, s->asid);
    for (unsigned i = 0; i < PTE_COUNT; i++)
        frame_unmapped(s, &head[i], old, why);
    page_free(take_table(s), R_FREE_PGTABLE);
    lens_ready();
}

u64 *pte_split(struct space *s, u64 va, enum reason why)
{
    u64 *slot = pte_find(s, va);
    if (!slot || !pte_is_huge(*slot))
        return slot;
    lens_busy();
    struct page *table = take_table(s);
    u64 *small = page_va(table);
    for (unsigned i = 0; i < PTE_COUNT; i++)
        small[i] = pte_small(*slot, i * PAGE_SIZE);
    page_set_state(table, FS_PGTABLE, why);
    table->table_used = PTE_COUNT;
    table->frame.index = va >> LEVEL_SHIFT(1);
    *slot = pa_pte(page_pa(table)) | PTE_V;
    s->tables++;
    fence_page(va, s->asid);
    COUNT(THP_SPLIT);
    lens_ready();
    return &small[PTE_INDEX(va, 0)];
}

bool huge_is_writable(u64 pte)
{
    const struct page *head = pte_page(pte);
    for (unsigned i = 0; i < PTE_COUNT; i++)
        if (head[i].frame.state != FS_ANON || head[i].frame.refs != 1)
            return false;
    return true;
}
