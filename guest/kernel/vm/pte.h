/* SPDX-License-Identifier: MIT */
/* Page tables of user address spaces (Sv39), and the one place where PTEs
 * and frame reference counts change: always together.
 *
 * A leaf of 2 MiB maps 512 frames in a row, each with a reference of its own.
 * The functions that find an entry may find such a leaf: pte_small says what
 * an entry of the one page would be, pte_split makes it one. */
#ifndef VM_PTE_H
#define VM_PTE_H

#include "arch/csr.h"
#include "vm/space.h"

/* So many pages are fenced one by one; for more, all of the address space
 * (Linux 6.12, arch/riscv/mm/tlbflush.c, has 64). */
#define FENCES_MOST 64

#define LEVEL_SHIFT(level)   (PAGE_SHIFT + 9u * (level))
#define PTE_INDEX(va, level) ((va) >> LEVEL_SHIFT(level) & (PTE_COUNT - 1))

extern u64 *kernel_root;
extern u64 mapped_files; /* frames of the page cache that have a PTE */
extern u64 mapped_anon;  /* anonymous frames that have one */
void memory_init(void);

/* The last-level entry for va, or the leaf of 2 MiB that maps it: NULL if a
 * table on the way is missing. */
u64 *pte_find(struct space *, u64 va);
/* The same, with tables made as needed; NULL: out of memory. */
u64 *pte_make(struct space *, u64 va);
/* The entry for va that a leaf of 2 MiB would be in; NULL: out of memory. */
u64 *pte_make_huge(struct space *, u64 va);
/* The next last-level entry in use (a frame's or a swap slot's) at or after
 * *va and below end, or the leaf of 2 MiB that maps *va; moves *va there.
 * NULL: none. Skips what has no tables. */
u64 *pte_next(struct space *, u64 *va, u64 end);
/* The same, of those that map a frame. */
u64 *pte_next_mapped(struct space *, u64 *va, u64 end);

/* Puts a frame where nothing is mapped, for an access: refs + 1, and the page
 * counts as used. bits: PTE_R.. of VMA_*. */
void pte_map(struct space *, u64 va, u64 *slot, struct page *, u64 bits);
/* The same for fork, which uses no page: the entry is old, and whether the page
 * has been used is as it was. The child has not run: nothing is fenced. */
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
/* Clears its A bit. That of a leaf of 2 MiB is one for 512 frames: what it
 * said of the others they keep in FRAME_F_REF. */
void pte_clear_used(struct space *, u64 va, u64 *slot);

/* pte_huge.c: leaves of 2 MiB. table: a frame of FS_KDATA (huge_table), kept
 * for the split, which therefore never fails.
 * Maps 512 frames from head on where nothing is; as pte_map, or as pte_share
 * does for fork: the parent's leaf loses its write permission. */
extern u64 huge_leaves; /* of all spaces: the sum of their `huge` */
struct page *huge_table(struct space *, enum reason why); /* or NULL */
void pte_map_huge(struct space *, u64 va, u64 *slot, struct page *head,
                  u64 bits, struct page *table);
void pte_share_huge(struct space *to, u64 va, u64 *child, u64 *parent,
                    struct page *table);
void pte_unmap_huge(struct space *, u64 va, u64 *slot, enum reason why);
/* The leaf of 2 MiB that maps va, if one does, becomes a table of 512 entries
 * that say the same, A and D bits too. Returns what pte_find does. */
u64 *pte_split(struct space *, u64 va, enum reason why);
/* All 512 frames are this leaf's alone, and not COW: it may have PTE_W. */
bool huge_is_writable(u64 pte);
/* The table that slot points to, now empty, hangs there no more. */
void pte_drop_table(struct space *, u64 *slot);

/* For pte_huge.c: the books of one frame that an entry of s now maps at va, or
 * that the entry `old` no longer maps. */
void frame_mapped(struct space *, u64 va, struct page *);
void frame_unmapped(struct space *, struct page *, u64 old, enum reason why);

/* For walks over many: the entries that one leaf table has at *va and behind,
 * used or not, up to `end`, or the leaf of 2 MiB that maps *va; moves *va to
 * the first. *n: how many pages that is. NULL: no table is left. */
u64 *pte_run(struct space *, u64 *va, u64 end, u64 *n);

/* Unmaps all of [start, end) and frees tables that became empty. */
void pte_unmap_range(struct space *, u64 start, u64 end, enum reason why);
/* The same, table by table; between two the others may run, so that a fault may
 * have brought a page back. => sleeps */
void pte_zap_range(struct space *, u64 start, u64 end, enum reason why);
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

/* In a PTE (a bit that Sv39 leaves to software): a leaf of 2 MiB. */
#define PTE_HUGE   0x200ul
#define HUGE_ORDER 9u /* log2 frames */
#define HUGE_SIZE  (PAGE_SIZE << HUGE_ORDER)
static inline bool pte_is_huge(u64 pte)
{
    return (pte & (PTE_HUGE | PTE_V)) == (PTE_HUGE | PTE_V);
}
/* The last-level entry that va would have. */
static inline u64 pte_small(u64 pte, u64 va)
{
    if (pte_is_huge(pte))
        pte = (pte & ~PTE_HUGE) + (PTE_INDEX(va, 0) << PTE_PPN_SHIFT);
    return pte;
}
/* The same of what maps va in s; 0: nothing. */
static inline u64 pte_read(struct space *s, u64 va)
{
    const u64 *slot = pte_find(s, va);
    return slot ? pte_small(*slot, va) : 0;
}

/* NULL: a device. Of a leaf of 2 MiB the first frame. */
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
