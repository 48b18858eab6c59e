/* SPDX-License-Identifier: MIT */
/* A memory object is the source of a mapping's content: a file, a tmpfs file or
 * anonymous shared memory. It is an array of pages, some of them in memory; one
 * hash, the page cache, finds those by (object, index). */
#pragma once

#include "task/wait.h"
#include "vm/page.h"

struct vm_object;

#define OBJECT_CLUSTER 32 /* pages in one transfer, at most */

struct object_ops {
    /* Reads n pages with consecutive indexes inside the object into fresh
     * frames, zeros the bytes after its end, and calls page_read_done for each,
     * at once or later. NULL: pages are cleared. Returns 0, or -errno if a page
     * has failed already. => may sleep; the pages are marked F_IO until done */
    int (*start_read)(struct vm_object *, struct page **pages, u32 n);
    /* Writes back n pages with consecutive indexes; page_write_done is called
     * for each. Returns 0, or -errno if one has failed. NULL: no write-back.
     * => may sleep; mostly returns before the writes are done */
    int (*start_write)(struct vm_object *, struct page **pages, u32 n);
    /* Called before a page of the object, which the caller has pinned, becomes
     * dirty: reserves disk space for writing it back, up to the object's end,
     * or up to byte `end` if the caller is about to extend the object to it.
     * -errno (-ENOSPC, -EFBIG, -EROFS ...): none is reserved. New blocks hold
     * old data on the disk, so a call that allocates some makes the page dirty
     * if others see it in the cache. NULL: always possible. => may sleep */
    int (*prepare_write)(struct vm_object *, struct page *, u64 end);
    /* Returns 0 if a page that is neither in memory nor in swap may be made, or
     * -ENOSPC. NULL: always possible. => must not sleep */
    int (*may_make)(struct vm_object *);
    /* Called when a page has become dirty. => must not sleep */
    void (*dirtied)(struct vm_object *);
    /* Called when the last reference is dropped; NULL if refs is not used. */
    void (*destroy)(struct vm_object *);
};

struct vm_object {
    const struct object_ops *ops;
    u64 size;   /* in bytes; a file keeps its length here and nowhere else */
    u64 id;     /* inode number: lens_frame.object */
    u64 serial; /* number of the object, never used again */
    u64 last;   /* index of the page added last */
    u32 dev;    /* device number, for maps */
    u32 refs;   /* uses of shared anonymous memory: mappings, segment */
    bool anonymous;         /* of a mapping or segment, not a file in tmpfs */
    u64 promised;           /* if anonymous: pages counted by vm/commit.c */
    bool text;              /* has been mapped to be executed (VVMEXEC) */
    u64 resident;           /* pages in memory */
    u64 top;                /* no page at or above this index is in memory */
    struct list vmas;       /* every struct vma that maps it (vm/rmap.c) */
    struct list *cut;       /* unmap_object: current mapping, or NULL */
    u64 cut_at;             /* unmap_object: next index to unmap in cut */
    enum frame_state fresh; /* first state of its frames: FILE_CLEAN (files),
                             * SHMEM, or KCODE (the signal trampoline) */
    u64 dirty;              /* pages with F_DIRTY; files only */
    u64 dirty_lo, dirty_hi; /* dirty pages have indexes in [lo, hi) */
    u64 writing;            /* pages being written back */
    u64 paged;              /* pages of a file that lie in swap: vm/pager.c */
    u32 in_pager;           /* uses by the file pager; if any, object stays */
    u32 made;               /* tmpfs files only: pages that exist, in memory,
                             * in swap or in both (vm/shmem.c) */
    struct shm *shm;        /* the segment it belongs to: vm/shm.h */
    int error;              /* -errno of the last write-back that failed */
    u32 errors;             /* how many have failed */
    bool error_untold;      /* no fsync has reported the last error */
};

/* Each open file reports an error of a write-back once, if it was open then or
 * is the first to be opened later (Linux, lib/errseq.c). object_errors_told: of
 * how many errors a file that is opened now has nothing to report. */
void object_set_error(struct vm_object *, int err);
/* Returns the error that the open file whose errors_told is *told has not
 * reported, or 0; it has reported it now. */
int object_tell_error(struct vm_object *, u32 *told);
u32 object_errors_told(const struct vm_object *);

/* Woken whenever a transfer of a page has ended. */
extern struct waitq page_io_done;
extern u64 nr_dirty, nr_writeback; /* sums over all objects */

void object_init(struct vm_object *, const struct object_ops *, u64 size,
                 u64 id, enum frame_state fresh);

/* Returns page `index`, pinned (frame.pins + 1), and reads it if it is not in
 * memory. NULL with *err = -ENOMEM, -EIO, -ENOSPC, -ENXIO (may_make). *major is
 * set to true if the caller waited for the disk, and left alone otherwise. who:
 * ACTOR_FAULT for a fault, another for a read or write; decides the event's
 * reason and -ENXIO. The index may lie after the end (tmpfs grows by writing):
 * the caller checks it against size.
 * => may sleep: the caller must look again at everything that others may have
 * changed */
struct page *object_get_page(struct vm_object *, u64 index, enum actor who,
                             bool *major, int *err);
/* Returns page `index`, which has a slot and is not in the object, from the
 * swap cache; a file's page loses its slot then. NULL with *err: as swap_in.
 * => it has not slept if it returns the page; if it has, the object may be
 * gone, unless the caller holds it */
struct page *object_swap_in(struct vm_object *, u64 index, enum actor who,
                            bool *major, int *err);
/* Returns page `index`, pinned, if it is in memory and not being read; else
 * NULL. => does not sleep */
struct page *object_find_page(struct vm_object *, u64 index);
/* True if the page is in memory or being read. */
bool object_has_page(const struct vm_object *, u64 index);
/* True if page `index` of shared memory does not exist: it reads as zeros. */
bool object_is_hole(struct vm_object *, u64 index);
/* True while the page's content is not valid yet. */
static inline bool being_read(const struct page *page)
{
    return (page->frame.flags & FRAME_F_IO) &&
           !(page->frame.spare & PAGE_WRITE);
}
/* Returns the page without a pin, even while it is being read, and even if it
 * is free with identity; valid until the caller sleeps. A caller that wants to
 * keep the page calls page_hold. */
struct page *object_peek_page(const struct vm_object *, u64 index);
/* Pins the page. If it is free with identity, it first leaves its cache list:
 * the policy is told that it was found. */
void page_hold(struct page *);
/* Drops one pin. The last one frees a page that nothing else holds. */
void page_put(struct page *);

/* For functions that read pages: makes a new page `index`, marked F_IO and
 * pinned for the transfer. NULL: the page exists, or there is no memory.
 * => does not sleep */
struct page *object_new_page(struct vm_object *, u64 index, enum reason why);
/* Ends a transfer. err != 0 on a read: the page is removed. => callable from an
 * interrupt */
void page_read_done(struct page *, int err);
void page_write_done(struct page *, int err);
/* Ends the write that object_begin_write began; why: R_WRITE_BACK, or
 * R_DOUBLE_PAGED if the page was written to swap. => callable from an
 * interrupt */
void object_write_ended(struct page *, int err, enum reason why);
/* Adds a filled frame (with one pin, the caller's) as page `index`. False if
 * that page exists. */
bool object_insert_page(struct vm_object *, u64 index, struct page *);

/* True if PTEs of the page may be writable: it is dirty already, or shared
 * memory, whose writes are found by the D bits of its PTEs. */
static inline bool page_is_dirty(const struct page *page)
{
    return page->frame.state == FS_SHMEM || (page->frame.flags & FRAME_F_DIRTY);
}
/* Marks the page as changed by write() or a program: FILE_CLEAN becomes
 * FILE_DIRTY. */
void object_page_dirty(struct page *, enum reason why);
/* Begins write-back: clears F_DIRTY, sets F_IO, pins the page and removes the
 * write permission from all its PTEs. False if it is not dirty, or under
 * I/O. */
bool object_begin_write(struct page *);
/* True if the page is under I/O. => does not sleep */
bool object_page_busy(struct vm_object *, u64 index);
/* Clears F_IO after a read of the page, or after shared memory's write to swap;
 * wakes the waiting tasks. => callable from an interrupt */
void object_io_done(struct page *);
/* Waits until the writes of the object's pages that are under way now have
 * ended; those that begin meanwhile may go on (Linux 6.12, mm/filemap.c:
 * __filemap_fdatawait_range). => sleeps */
void object_wait_written(struct vm_object *);
/* The same for the pages of all objects for which is(object, arg) is true. */
typedef bool object_test(const struct vm_object *, const void *arg);
void objects_wait_written(object_test *is, const void *arg);

/* Drops a page that is clean, unmapped, unpinned and not under I/O; false if
 * it is not. => never sleeps */
bool object_evict(struct page *page, enum reason why);

/* Discards all pages from index on; mapped ones are removed from every address
 * space first. */
void object_truncate(struct vm_object *, u64 from_index);
/* Drops those of pages [from, to) that are clean and unused. => may sleep */
void object_drop(struct vm_object *, u64 from, u64 to);
/* Discards a page of shared memory, and drops the caller's pin; but the page
 * stays if it is mapped or not all zeros. => sleeps */
void object_unmake(struct page *);
/* Removes all pages when an object ends. => no mapping, no pin left */
void object_release(struct vm_object *, enum reason why);

static inline void object_ref(struct vm_object *o)
{
    o->refs++;
}
void object_unref(struct vm_object *);

/* Makes anonymous shared memory of `size` bytes, all zeros; its pages are
 * promised (vm/commit.c) unless noreserve. refs is 1. NULL: refused, or no
 * memory. */
struct vm_object *object_anonymous(u64 size, bool noreserve);
