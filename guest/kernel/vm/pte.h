/* SPDX-License-Identifier: MIT */
/* Keeps the page tables of user address spaces (Sv39). The reference counts of
 * frames change only here, together with the PTEs that map the frames.
 *
 * A leaf of 2 MiB maps 512 contiguous frames, each with a reference of its own.
 * Functions that find an entry may return such a leaf: pte_small computes the
 * entry that one of its pages would have, pte_split replaces the leaf by a
 * table of entries. */
#pragma once

#include "arch/csr.h"
#include "vm/space.h"

/* Up to this many pages are fenced one by one; if there are more, one fence of
 * the whole address space follows (Linux 6.12, arch/riscv/mm/tlbflush.c). */
#define FENCES_MOST 64

#define LEVEL_SHIFT(level)   (PAGE_SHIFT + 9u * (level))
#define PTE_INDEX(va, level) ((va) >> LEVEL_SHIFT(level) & (PTE_COUNT - 1))

extern u64 *kernel_root;
extern u64 mapped_files; /* frames of the page cache that have a PTE */
extern u64 mapped_anon;  /* anonymous frames that have a PTE */
void memory_init(void);
/* Reports the frames in use to the lens. => lens_init; no event before */
void frames_report_boot(void);

/* Returns the last-level entry for va, or the leaf of 2 MiB that maps it; NULL
 * if a table on the way is missing. */
u64 *pte_find(struct space *, u64 va);
/* Like pte_find, but makes tables as needed; NULL: out of memory. */
u64 *pte_make(struct space *, u64 va);
/* Like pte_make, for the level-1 entry, where a leaf of 2 MiB would be. */
u64 *pte_make_huge(struct space *, u64 va);
/* Returns the next last-level entry in use (for a frame, device or swap slot)
 * at or after *va and below end, or the leaf of 2 MiB that maps *va; moves *va
 * there. NULL: none. Skips ranges without tables. */
u64 *pte_next(struct space *, u64 *va, u64 end);
/* Like pte_next, but skips entries for swap slots. */
u64 *pte_next_mapped(struct space *, u64 *va, u64 end);

/* Maps a frame at an empty entry, for an access: refs + 1, and the page counts
 * as used. bits: the rights (pte_rights), with or without PTE_D. */
void pte_map(struct space *, u64 va, u64 *slot, struct page *, u64 bits);
/* Like pte_map, for fork and fault-around, which do not use the page: the entry
 * has no A bit, the page's mark of use stays, and nothing is fenced, since no
 * valid entry changes. */
void pte_share(struct space *, u64 va, u64 *slot, struct page *, u64 bits);
/* Maps a device's page. It has no frame, so pte_page of the entry is NULL. */
void pte_map_device(struct space *, u64 va, u64 *slot, u64 pa, u64 bits);
/* Removes the entry: refs - 1. An anonymous frame is freed when it is no longer
 * mapped or pinned and no entry names its slot. A swap entry drops its slot. */
void pte_unmap(struct space *, u64 va, u64 *slot, enum reason why);
/* Puts a swap entry at an empty entry; the slot gets one more user. */
void pte_map_swap(struct space *, u64 va, u64 *slot, u32 swap_slot);
/* Replaces the mapping of an anonymous frame by a swap entry for its slot.
 * Returns the old entry. */
u64 pte_swap_out(struct space *, u64 va, u64 *slot, struct page *);
/* Replaces a swap entry by a mapping of the frame. */
void pte_swap_in(struct space *, u64 va, u64 *slot, struct page *, u64 bits);
/* Changes bits of a valid entry. */
void pte_change(struct space *, u64 va, u64 *slot, u64 clear, u64 set);
/* Clears the A bit of the entry. A leaf of 2 MiB has one A bit for 512 frames:
 * if it was set, each frame gets FRAME_F_REF. */
void pte_clear_used(struct space *, u64 va, u64 *slot);

/* pte_huge.c: leaves of 2 MiB. table: a frame of FS_KDATA (huge_table), kept
 * for the split, which therefore never fails. pte_map_huge maps 512 frames from
 * head on at an empty entry, as pte_map does; pte_share_huge does it for fork,
 * as pte_share does, and removes the write permission of the parent's leaf. */
extern u64 huge_leaves; /* of all spaces: the sum of their `huge` */
struct page *huge_table(struct space *, enum reason why); /* or NULL */
void pte_map_huge(struct space *, u64 va, u64 *slot, struct page *head,
                  u64 bits, struct page *table);
void pte_share_huge(struct space *to, u64 va, u64 *child, u64 *parent,
                    struct page *table);
void pte_unmap_huge(struct space *, u64 va, u64 *slot, enum reason why);
/* If a leaf of 2 MiB maps va, replaces it by a table of 512 entries with the
 * same frames, permissions, A and D bits. Returns va's entry, as pte_find. */
u64 *pte_split(struct space *, u64 va, enum reason why);
/* True if the leaf may have PTE_W: no other entry maps any of its 512 frames,
 * and all are FS_ANON. */
bool huge_is_writable(u64 pte);
/* Unlinks the empty table that slot points to. */
void pte_drop_table(struct space *, u64 *slot);

/* Called when a program may execute the page: drops instructions that the hart
 * fetched from the frame before the kernel filled it, if fence.i has not run
 * since (Linux 6.12, arch/riscv/mm/cacheflush.c: flush_icache_pte). */
void page_fence(struct page *);

/* For pte_huge.c: account for one frame that an entry of s with these bits now
 * maps at va, or that the entry `old` no longer maps. */
void frame_mapped(struct space *, u64 va, struct page *, u64 bits);
void frame_unmapped(struct space *, struct page *, u64 old, enum reason why);

/* For walks over ranges: returns the entries of one leaf table from *va on,
 * used or not, up to `end`, or the leaf of 2 MiB that maps *va; moves *va to
 * the first page. *n: the number of pages. NULL: no table is left. */
u64 *pte_run(struct space *, u64 *va, u64 end, u64 *n);

/* Unmaps all of [start, end) and frees tables that became empty. */
void pte_unmap_range(struct space *, u64 start, u64 end, enum reason why);
/* Like pte_unmap_range, table by table. Other processes may run between two
 * tables, so a fault may have brought a page back. => sleeps */
void pte_zap_range(struct space *, u64 start, u64 end, enum reason why);
void pte_free_root(struct space *);

/* Returns all PTE bits that a mapping's rights allow. */
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

/* Marks a leaf of 2 MiB (a PTE bit that Sv39 leaves to software). */
#define PTE_HUGE   0x200ul
#define HUGE_ORDER 9u /* log2 frames */
#define HUGE_SIZE  (PAGE_SIZE << HUGE_ORDER)
static inline bool pte_is_huge(u64 pte)
{
    return (pte & (PTE_HUGE | PTE_V)) == (PTE_HUGE | PTE_V);
}
/* Returns the last-level entry that va would have if the leaf were split. */
static inline u64 pte_small(u64 pte, u64 va)
{
    if (pte_is_huge(pte))
        pte = (pte & ~PTE_HUGE) + (PTE_INDEX(va, 0) << PTE_PPN_SHIFT);
    return pte;
}
/* Returns the entry that maps va in s, as if it were last-level; 0: none. */
static inline u64 pte_read(struct space *s, u64 va)
{
    const u64 *slot = pte_find(s, va);
    return slot ? pte_small(*slot, va) : 0;
}

/* Returns the frame that the entry maps (of a leaf of 2 MiB: the first frame).
 * NULL: a device. */
static inline struct page *pte_page(u64 pte)
{
    return pa_to_page(pte_pa(pte));
}

/* True if the frame is anonymous: of address spaces, not of an object. */
static inline bool page_is_anon(const struct page *page)
{
    enum frame_state s = page->frame.state;
    return s == FS_ANON || s == FS_COW || s == FS_SWAPCACHE;
}

/* A swap entry: not valid, bit 1 set, and the slot in place of the frame
 * number. */
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

/* True for a page of a file or of shared memory. */
static inline bool page_is_cache(const struct page *page)
{
    enum frame_state s = page->frame.state;
    return s == FS_FILE_CLEAN || s == FS_FILE_DIRTY || s == FS_SHMEM;
}
