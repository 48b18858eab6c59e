/* SPDX-License-Identifier: MIT */
/* Keeps the frame table, and allocates frames.
 *
 * There is one struct page for each frame of RAM; its number, pfn, counts from
 * the start of RAM. A frame is FREE (in a buddy block) or in some other state.
 * After start-up only page_set_state changes the state, and it reports that. */
#pragma once

#include "drv/lens.h"
#include "vm/policy.h"

struct vm_object;
struct anon;

/* Flags in lens_frame.spare, which the machine ignores; several share a bit. */
#define PAGE_FENCED   1u /* fence.i has run since the kernel last filled it */
#define PAGE_CLEARED  1u /* the same bit of a free frame: it is all zeros */
#define PAGE_AHEAD    2u /* read ahead, not yet used */
#define PAGE_WRITE    4u /* F_IO is a write-back: the content is good to read */
#define PAGE_ERROR    4u /* the same bit of a page of swap: its read failed */
#define PAGE_MARK     8u /* reading it starts the next read-ahead window */
#define PAGE_STUCK    8u /* the same bit of a page of swap: its write failed */
#define PAGE_TEXT     8u /* the same bit of a page that has left a text file */
#define PAGE_GOING    16u  /* the pageout daemon has marked it for swap-out */
#define PAGE_SENT     16u  /* page of a file: a message to its pager waits */
#define PAGE_KEEP     32u  /* stays in memory after its write to swap */
#define PAGE_LEFT     64u  /* unmapped since a process's end or exec */
#define PAGE_ORIGINAL 128u /* a private write has copied it */

struct page {
    struct lens_frame frame; /* must be first: the machine reads it */
    struct list link;        /* free list, partial slabs, spare tables */
    union {
        struct { /* a page of a vm_object */
            struct vm_object *object;
            struct page *hash_next;
        };
        struct {               /* anonymous memory: vm/rmap.c, vm/swapcache.c */
            struct anon *anon; /* spaces that may map it, or NULL */
            u32 slot;          /* its place in swap (SWAPCACHE); 0: none */
            u32 slot_next;     /* pfn of the next in the cache's hash, or 0 */
        };
        struct { /* a slab of kmalloc */
            void *slab_free;
            u32 slab_used;
        };
        u32 table_used; /* PGTABLE: entries in use */
    };
};

/* Flags of a page that reclaim leaves alone: it has its I/O, may never leave,
 * or is free with identity already. */
#define PAGE_HELD (FRAME_F_IO | FRAME_F_LOCKED | FRAME_F_CACHED)

/* Keeps the page in its frame until the pin is dropped. => the page is not free
 * with identity: page_hold (vm/object.h) takes such a page back first */
static inline void page_pin(struct page *page)
{
    assert(!(page->frame.flags & FRAME_F_CACHED));
    page->frame.pins++;
}
/* Drops a pin, but never the frame: for a caller that looks after the page
 * itself. All others call page_put (vm/object.h). */
static inline void page_unpin(struct page *page)
{
    assert(page->frame.pins > 0);
    page->frame.pins--;
}

#define MAX_ORDER LENS_MAX_ORDER
#define ROW_ORDER 19 /* order of the longest row of MAX_ORDER blocks: 2 GiB */

extern struct page *frames; /* by pfn */
extern u64 nframes;
extern u64 ram_base; /* physical address of frame 0 */
extern u64 free_frames;
extern u64 state_frames[FS_COUNT]; /* how many frames are in each state */
extern u64 boot_frames;            /* never given to the allocator */

/* Virtual = physical + DIRECT_MAP: all of RAM and the devices below it. */
#define DIRECT_MAP 0xffffffc000000000ul

static inline void *pa_va(u64 pa)
{
    return (void *)(pa + DIRECT_MAP);
}
static inline u64 va_pa(const void *va)
{
    return (u64)va - DIRECT_MAP;
}
static inline u32 page_pfn(const struct page *p)
{
    return (u32)(p - frames);
}
static inline u64 page_pa(const struct page *p)
{
    return ram_base + ((u64)page_pfn(p) << PAGE_SHIFT);
}
static inline void *page_va(const struct page *p)
{
    return pa_va(page_pa(p));
}
/* Returns NULL if pa is not in RAM. */
static inline struct page *pa_to_page(u64 pa)
{
    u64 pfn = (pa - ram_base) >> PAGE_SHIFT;
    return pa >= ram_base && pfn < nframes ? &frames[pfn] : NULL;
}
static inline struct page *va_to_page(const void *va)
{
    return pa_to_page(va_pa(va));
}

/* Allocates one frame: in the given state, refs 0, pins 0, object and index 0;
 * owner is a pid or 0. Only _zeroed sets the content. NULL if the caller may
 * take no more (vm/policy.h: may_grab). A caller that can sleep then calls
 * memory_wait (vm/reclaim.h) and tries again. => never sleeps, and evicts only
 * pages that are free with identity: other pages looked up before stay */
struct page *page_alloc(enum frame_state state, enum reason why, u32 owner);
struct page *page_alloc_zeroed(enum frame_state state, enum reason why,
                               u32 owner);
/* Clears one free frame in advance, if fewer than vm.prezero are clear. False:
 * nothing to do. => for the idle loop */
bool page_clear_ahead(void);
/* Allocates 2^order frames in one block, aligned to its size (at most 4 MiB).
 * _zeroed clears the block's first `bytes`, at no cost while free memory is
 * still all zeros from the start. */
struct page *page_alloc_order(unsigned order, enum frame_state state,
                              enum reason why, u32 owner);
struct page *page_alloc_order_zeroed(unsigned order, u64 bytes,
                                     enum frame_state state, enum reason why,
                                     u32 owner);
/* True if a zone up to `top` has a block of 2^order and keeps min / 2 free. */
bool page_block_free(unsigned order, enum policy_zone top);
/* => refs and pins are 0 */
void page_free(struct page *page, enum reason why);
void page_free_order(struct page *page, unsigned order, enum reason why);

/* True if pages in this state can be reclaimed, in principle. */
static inline bool state_reclaimable(enum frame_state s)
{
    return s == FS_ANON || s == FS_COW || s == FS_SWAPCACHE || s == FS_SHMEM ||
           s == FS_FILE_CLEAN || s == FS_FILE_DIRTY;
}

void page_set_state(struct page *page, enum frame_state to, enum reason why);

/* FRAME_F_REF is the mark of use. marked_frames counts the frames with the
 * mark that reclaim may scan (state_reclaimable, and not locked). */
extern u64 marked_frames;
bool page_is_marked(const struct page *page); /* true: in marked_frames */
void page_mark(struct page *page);
void page_unmark(struct page *page);

/* For tests. Boot argument allocfail=N: every N-th allocation of frames on
 * behalf of a process fails, except for the first process and its children; 0:
 * none fails. */
extern u64 alloc_fail_every;
/* /proc/PID/fail-nth (Linux, Documentation/fault-injection): counts this
 * allocation of the running process; true if it is the n-th, and so fails. Of a
 * negative number (ours): it is refused for want of a free frame, so that its
 * call may begin again. */
bool alloc_fails_nth(void);

void page_clear(void *va);                  /* 4 KiB of zeros */
void page_copy(void *to, const void *from); /* 4 KiB */

/* Allocate bytes in slabs (up to 2 KiB) or whole blocks, aligned to 16. NULL
 * when out of memory. Frames are KDATA. => never sleep */
void *kmalloc(size_t size);
void *kzalloc(size_t size);
void kfree(void *p); /* kfree(NULL) is fine */
/* Returns log2 of the frames in the block that kmalloc takes; 0 for a slab. */
unsigned kmalloc_order(size_t size);

/* A large array in pieces of one frame each, since a full memory may lack any
 * larger free block; {0} is an empty one. pieces_reach grows it to at least
 * `bytes` by alloc: kmalloc, or kzalloc_wait (vm/reclaim.h). False: out of
 * memory; the pieces that it has stay. */
struct pieces {
    u8 **at;
    u64 n, room; /* pieces, and pointers at `at` */
};
bool pieces_reach(struct pieces *, u64 bytes, void *(*alloc)(size_t));
void pieces_free(struct pieces *);
/* Returns the address of the array's byte at this offset. */
static inline void *piece_at(const struct pieces *p, u64 offset)
{
    return p->at[offset / PAGE_SIZE] + offset % PAGE_SIZE;
}

u64 slab_bytes(void); /* in use, for meminfo's Slab: whole frames */
/* Memory of kmalloc in bytes, as sar -k shows it. small: slabs of objects of at
 * most 256 bytes; large: slabs of larger ones; oversize: whole blocks. alloc:
 * bytes in use; fail: requests refused since the start. */
struct kmem_pools {
    u64 small_mem, small_alloc, small_fail;
    u64 large_mem, large_alloc, large_fail;
    u64 oversize, oversize_fail;
};
struct kmem_pools kmem_pools(void);

/* At boot. page_table_init sets up the table of n frames, from RAM's first byte
 * on, at `table`; zeros: all RAM not reserved is known to be zero. page_reserve
 * and page_give then reserve RAM [from, to) (physical), or give it to the
 * allocator, range by range. */
void page_table_init(void *table, u64 base, u64 n, bool zeros);
void page_reserve(u64 from, u64 to, enum frame_state state);
void page_give(u64 from, u64 to);
/* Returns how many frames the free block or deferred range that starts here
 * has; 0: none starts here. */
u64 page_free_run(const struct page *page);

/* Count n pages of one object (or one page of swap) as read or written: in all,
 * and by kind (vmstat -p): text, anonymous, files. count_page_freed counts a
 * page freed by reclaim, by its state and PAGE_TEXT. */
void count_pages_in(const struct page *, u64 n);
void count_pages_out(const struct page *, u64 n);
void count_page_freed(const struct page *);
/* Counts a page taken by the daemon, or by direct reclaim. */
void count_page_stolen(bool anon);
bool goes_to_swap(const struct page *); /* anonymous or shared memory */
