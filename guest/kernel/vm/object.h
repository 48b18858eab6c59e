/* SPDX-License-Identifier: MIT */
/* What a mapping's content comes from: a file, a tmpfs file, anonymous
 * shared memory. An object is an array of pages of which some are in memory;
 * those are found by (object, index) in one hash, the page cache. */
#ifndef VM_OBJECT_H
#define VM_OBJECT_H

#include "vm/page.h"

struct vm_object;

struct object_ops {
    /* Fills a fresh frame (content undefined) with page `index`, which lies
     * inside the object; zeros what lies behind its end. NULL: zeros.
     * 0, or -EIO. => may sleep; the page is pinned and marked F_IO */
    int (*read_page)(struct vm_object *, u64 index, struct page *);
    /* Write-back: the next issue. NULL: frames are never dropped. */
    int (*write_page)(struct vm_object *, u64 index, struct page *);
    /* Last reference of object_unref gone; NULL if refs is not used. */
    void (*destroy)(struct vm_object *);
};

struct vm_object {
    const struct object_ops *ops;
    u64 size;     /* in bytes; a file keeps its length here and nowhere else */
    u64 id;       /* inode number: lens_frame.object */
    u32 dev;      /* device number, for maps */
    u32 refs;     /* mappings without a file (shared anonymous memory) */
    u64 resident; /* pages in memory */
    struct list vmas;       /* every struct vma that maps it (vm/rmap.c) */
    enum frame_state fresh; /* of its frames: FILE_CLEAN or SHMEM. Only
                             * FILE_CLEAN pages may be dropped */
};

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
/* Undoes the pin. */
void page_put(struct page *);
/* write() changed it: FILE_CLEAN becomes FILE_DIRTY. */
void object_page_dirty(struct page *, enum reason why);

/* Throws away all pages from index on: unmapped ones at once, mapped ones
 * are cut out of every address space first. */
void object_truncate(struct vm_object *, u64 from_index);
/* The end of an object: => no mapping, no pin left */
void object_release(struct vm_object *);

static inline void object_ref(struct vm_object *o)
{
    o->refs++;
}
void object_unref(struct vm_object *);

/* Anonymous memory to be shared: zeros, `size` bytes, refs 1; or NULL. */
struct vm_object *object_anonymous(u64 size);

/* Drops a page that is clean, unmapped, unpinned and not under I/O; false if
 * it is not. => never sleeps */
bool object_evict(struct page *, enum reason why);
/* Starts writing a dirty page back: FRAME_F_IO until it is clean, or dirty
 * again. 0, or -errno: cannot be written. => does not sleep */
int object_clean(struct page *);
/* Is it under I/O? => does not sleep */
bool object_page_busy(struct vm_object *, u64 index);
/* The I/O that somebody else (vm/shmem.c) did on a page is over.
 * => from anywhere */
void object_io_done(struct page *);

#endif
