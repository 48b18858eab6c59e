/* SPDX-License-Identifier: MIT */
/* Page tables of user address spaces (Sv39), and the one place where PTEs
 * and frame reference counts change: always together. */
#ifndef VM_PTE_H
#define VM_PTE_H

#include "arch/csr.h"
#include "vm/space.h"

#define LEVEL_SHIFT(level)   (PAGE_SHIFT + 9u * (level))
#define PTE_INDEX(va, level) ((va) >> LEVEL_SHIFT(level) & (PTE_COUNT - 1))

extern u64 *kernel_root;
extern u64 mapped_files; /* frames of the page cache that have a PTE */
extern u64 mapped_anon;  /* anonymous frames that have one */
void memory_init(void);
void page_table_init(void *table, u64 base, u64 n);

/* The last-level entry for va: NULL if a table on the way is missing. */
u64 *pte_find(struct space *, u64 va);
/* The same, with tables made as needed; NULL: out of memory. */
u64 *pte_make(struct space *, u64 va);
/* The next last-level entry in use (a frame's or a swap slot's) at or after
 * *va and below end; moves *va there. NULL: none. Skips what has no tables. */
u64 *pte_next(struct space *, u64 *va, u64 end);
/* The same, of those that map a frame. */
u64 *pte_next_mapped(struct space *, u64 *va, u64 end);

/* Puts a frame where nothing is mapped, for an access: refs + 1, and the page
 * counts as used. bits: PTE_R.. of VMA_*. */
void pte_map(struct space *, u64 va, u64 *slot, struct page *, u64 bits);
/* The same for fork, which uses no page: the entry is old, and whether the page
 * has been used is as it was. */
void pte_share(struct space *, u64 va, u64 *slot, struct page *, u64 bits);
/* The same for a page of a device, which is no frame: pte_page of the entry is
 * NULL. */
void pte_map_device(struct space *, u64 va, u64 *slot, u64 pa, u64 bits);
/* Takes it away: refs - 1; an anonymous frame that nobody maps and no other
 * entry's slot names is freed. A swap entry gives its slot up. */
void pte_unmap(struct space *, u64 va, u64 *slot, enum reason why);
/* An entry for a page in swap where nothing is, one more user of the slot. */
void pte_map_swap(struct space *, u64 va, u64 *slot, u32 swap_slot);
/* Puts an entry for its slot in the place of an anonymous frame. Returns the
 * entry that was there. */
u64 pte_swap_out(struct space *, u64 va, u64 *slot, struct page *);
/* And back: takes the swap entry away and maps the frame. */
void pte_swap_in(struct space *, u64 va, u64 *slot, struct page *, u64 bits);
/* Changes bits of a valid entry. */
void pte_change(struct space *, u64 va, u64 *slot, u64 clear, u64 set);

/* Unmaps all of [start, end) and frees tables that became empty. */
void pte_unmap_range(struct space *, u64 start, u64 end, enum reason why);
void pte_free_root(struct space *);

/* PTE bits for a mapping's rights: what is allowed at most. */
static inline u64 pte_rights(u32 vma_flags)
{
    u64 bits = PTE_U;
    if (vma_flags & (VMA_R | VMA_W)) /* W without R is reserved in Sv39 */
        bits |= PTE_R;
    if (vma_flags & VMA_W)
        bits |= PTE_W;
    if (vma_flags & VMA_X)
        bits |= PTE_X;
    return bits;
}

/* NULL: a device. */
static inline struct page *pte_page(u64 pte)
{
    return pa_to_page(pte_pa(pte));
}

/* An anonymous frame: belongs to address spaces alone. */
static inline bool page_is_anon(const struct page *page)
{
    enum frame_state s = page->frame.state;
    return s == FS_ANON || s == FS_COW || s == FS_SWAPCACHE;
}

/* A page that lies in swap: not valid, bit 1 set, and its slot where a frame
 * number would be. */
#define PTE_SWAP 2ul
static inline u64 swap_pte(u32 slot)
{
    return (u64)slot << PTE_PPN_SHIFT | PTE_SWAP;
}
static inline bool pte_is_swap(u64 pte)
{
    return !(pte & PTE_V) && (pte & PTE_SWAP);
}
static inline u32 pte_slot(u64 pte)
{
    return (u32)(pte >> PTE_PPN_SHIFT);
}

/* A page of a file or of shared memory. */
static inline bool page_is_cache(const struct page *page)
{
    enum frame_state s = page->frame.state;
    return s == FS_FILE_CLEAN || s == FS_FILE_DIRTY || s == FS_SHMEM;
}

#endif
