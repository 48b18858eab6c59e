/* SPDX-License-Identifier: MIT */
/* What a mapping's content comes from: a file, a tmpfs file, anonymous
 * shared memory. An object is an array of pages of which some are in memory;
 * those are found by (object, index) in one hash, the page cache. */
#ifndef VM_OBJECT_H
#define VM_OBJECT_H

#include "proc/wait.h"
#include "vm/page.h"

struct vm_object;

#define OBJECT_CLUSTER 32 /* pages in one transfer, at most */

struct object_ops {
    /* Fills n fresh frames, pages of consecutive numbers that lie inside the
     * object, and zeros what lies behind its end; page_read_done for each,
     * sooner or later. NULL: zeros. 0; or -errno if any of them failed by the
     * time of return. => may sleep; the pages are marked F_IO until done */
    int (*start_read)(struct vm_object *, struct page **pages, u32 n);
    /* Writes n pages of consecutive numbers back; page_write_done for each.
     * NULL: pages are never clean. => may sleep, but not until it is done */
    int (*start_write)(struct vm_object *, struct page **pages, u32 n);
    /* Page `index`, which the caller holds, is about to become dirty: makes
     * sure that it can be written back as far as byte `end` of the object
     * (-ENOSPC, -EFBIG). NULL: always. => may sleep */
    int (*prepare_write)(struct vm_object *, u64 index, u64 end);
    /* A page has become dirty. => must not sleep */
    void (*dirtied)(struct vm_object *);
    /* Last reference of object_unref gone; NULL if refs is not used. */
    void (*destroy)(struct vm_object *);
};

struct vm_object {
    const struct object_ops *ops;
    u64 size;   /* in bytes; a file keeps its length here and nowhere else */
    u64 id;     /* inode number: lens_frame.object */
    u64 serial; /* objects are numbered as they are made */
    u64 last;   /* index of the page that came last */
    u32 dev;    /* device number, for maps */
    u32 refs;   /* mappings without a file (shared anonymous memory) */
    bool anonymous;         /* memory of a mapping, not a file in /tmp */
    u64 promised;           /* then: pages that vm/commit.c counts */
    bool text;              /* has been mapped to be executed (VVMEXEC) */
    u64 resident;           /* pages in memory */
    u64 top;                /* no page at or above this index is in memory */
    struct list vmas;       /* every struct vma that maps it (vm/rmap.c) */
    struct list *cut;       /* unmap_object: the mapping it is at, or NULL; */
    u64 cut_at;             /* and from which index on */
    enum frame_state fresh; /* of its frames: FILE_CLEAN or SHMEM. Only
                             * FILE_CLEAN pages may be dropped */
    u64 dirty;              /* pages with F_DIRTY; files only */
    u64 dirty_lo, dirty_hi; /* their indexes are in [lo, hi) */
    u64 writing;            /* pages being written back */
    u64 paged;              /* pages of a file that lie in swap: vm/pager.c */
    u32 in_pager;           /* the file pager is at it: it must stay */
    struct shm *shm;        /* it is a segment's: vm/shm.h */
    int error;              /* of a write-back, not yet told to anybody */
};

/* Woken whenever a transfer of a page has ended. */
extern struct waitq page_io_done;
extern u64 nr_dirty, nr_writeback; /* sums over all objects */

void object_init(struct vm_object *, const struct object_ops *, u64 size,
                 u64 id, enum frame_state fresh);

/* Page `index`, found in memory or read, pinned (frame.pins + 1).
 * NULL with *err = -ENOMEM, -EIO. *major is set to true if the caller waited
 * for the disk, and left alone otherwise. who: ACTOR_FAULT or ACTOR_SYSCALL
 * (decides the reason, page-in or file-read). The index may lie behind the
 * end (tmpfs grows by writing): the caller checks against size.
 * => may sleep: look again at everything that others may have changed */
struct page *object_get_page(struct vm_object *, u64 index, enum actor who,
                             bool *major, int *err);
/* Only if it is in memory and not being read; pinned. => does not sleep */
struct page *object_find_page(struct vm_object *, u64 index);
/* In memory or on its way? */
bool object_has_page(const struct vm_object *, u64 index);
/* The same without a pin; it may be under way. For a look, no more. */
struct page *object_peek_page(const struct vm_object *, u64 index);
/* Undoes the pin. */
void page_put(struct page *);

/* For those who fill pages: a new page `index`, marked F_IO and pinned for
 * the transfer. NULL: it is there already, or there is no memory.
 * => does not sleep */
struct page *object_new_page(struct vm_object *, u64 index, enum reason why);
/* The transfer is over. err != 0: the page is taken out. => from anywhere */
void page_read_done(struct page *, int err);
void page_write_done(struct page *, int err);
/* What object_begin_write began is over; why: R_WRITE_BACK, or R_DOUBLE_PAGED
 * when it was swap that it was written to. => from anywhere */
void object_write_ended(struct page *, int err, enum reason why);
/* Puts a filled frame (one pin, the caller's) in as page `index`. False if
 * there is one already. */
bool object_insert_page(struct vm_object *, u64 index, struct page *);

/* F_DIRTY, or memory that is never clean: may PTEs have the right to write? */
static inline bool page_is_dirty(const struct page *page)
{
    return page->frame.state == FS_SHMEM || (page->frame.flags & FRAME_F_DIRTY);
}
/* write() or a program changed it: FILE_CLEAN becomes FILE_DIRTY. */
void object_page_dirty(struct page *, enum reason why);
/* For write-back: F_DIRTY goes, F_IO comes, with a pin and no right to write
 * in any PTE. False if it is not dirty, or under I/O. */
bool object_begin_write(struct page *);
/* Is it under I/O? => does not sleep */
bool object_page_busy(struct vm_object *, u64 index);
/* The I/O that somebody else (vm/shmem.c) did on a page is over.
 * => from anywhere */
void object_io_done(struct page *);
/* => sleeps until none of its pages is being written */
void object_wait_written(struct vm_object *);

/* Drops a page that is clean, unmapped, unpinned and not under I/O; false if
 * it is not. => never sleeps */
bool object_evict(struct page *page, enum reason why);

/* Throws away all pages from index on: unmapped ones at once, mapped ones
 * are cut out of every address space first. */
void object_truncate(struct vm_object *, u64 from_index);
/* Drops what can be dropped without a loss of pages [from, to): advice.
 * => may sleep */
void object_drop(struct vm_object *, u64 from, u64 to);
/* The end of an object: => no mapping, no pin left */
void object_release(struct vm_object *, enum reason why);

static inline void object_ref(struct vm_object *o)
{
    o->refs++;
}
void object_unref(struct vm_object *);

extern u64 anonymous_shared; /* resident pages of anonymous objects */

/* Anonymous memory to be shared: zeros, `size` bytes, promised (vm/commit.c)
 * unless noreserve, refs 1; or NULL. */
struct vm_object *object_anonymous(u64 size, bool noreserve);

#endif
