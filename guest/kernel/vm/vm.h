/* SPDX-License-Identifier: MIT */
/* Between the files of vm/; the rest of the kernel does not include it. */
#ifndef VM_VM_H
#define VM_VM_H

#include "vm/space.h"
#include "vm/zone.h"

void object_cache_init(void);

/* fault.c: one page of a space that lies in swap is made present. 0; -EAGAIN
 * after sleeping: look again; -ENOMEM, -EIO. => may sleep */
int swap_page_in(struct space *s, u64 va);

/* For the audit: is a page that has an object found by it, and as dirty as
 * its state says? (True for all other pages.) And how many frames hang on the
 * free lists. */
bool object_audit(const struct page *page);
u64 free_list_frames(const struct zone *);

/* vmtree.c: the mappings as a tree. After v, which has its neighbours in the
 * list, came in behind prev (NULL: as the first); before v leaves that list;
 * after v's start or the end of prev, the one before it, has moved. */
void vmtree_insert(struct space *s, struct vma *v, struct vma *prev);
void vmtree_remove(struct space *s, struct vma *v);
void vmtree_moved(struct vma *v, const struct vma *prev);
struct vma *vmtree_prev(const struct vma *v);            /* or NULL */
struct vma *vmtree_last(const struct space *s);          /* or NULL */
struct vma *vmtree_after(const struct space *s, u64 va); /* end > va */
/* The last mapping before v (NULL: of all) with `gap` bytes free right before
 * it, or NULL. */
struct vma *vmtree_wide_before(struct space *s, struct vma *v, u64 gap);

/* space.c: the list of mappings. */
struct vma *vma_new(u64 start, u64 end, u32 flags, u32 may_flags);
void vma_free(struct vma *v); /* gives its file or object back: may sleep */
void vma_insert(struct space *s, struct vma *v);
void vma_remove(struct space *s, struct vma *v);
void vma_resize(struct space *s, struct vma *v, u64 start, u64 end);
/* Cuts v in two at `at`; the second half is new. 0, -ENOMEM. */
int vma_split(struct space *s, u64 at);
/* The same, whatever vm.max_map_count says. */
int vma_cut(struct space *s, u64 at);
/* v gets its first private page: whose kin it is. */
void vma_find_kin(struct space *s, struct vma *v);
u64 kin_new(void);
void vma_merge(struct space *s, u64 start, u64 end);

/* Cuts the pages of o from index on out of every address space. => sleeps; one
 * at a time for an object, which has lost these pages already: no fault brings
 * one back */
void unmap_object(struct vm_object *o, u64 from_index);

/* writeback.c: takes the right to write from every PTE that maps page. */
void protect_page(struct page *page);

/* commit.c: what vm.overcommit_memory has to say. Pages that a mapping alone
 * promises; may s be promised `pages` more; may it be doubled. */
u64 vma_promised(const struct vma *v);
u64 commit_sum(void);
bool commit_allows(const struct space *s, u64 pages);
bool commit_allows_fork(const struct space *s);
/* Pages of shared memory are promised, and no longer; is anything promised of
 * what asks for MAP_NORESERVE or not? */
void commit_shared(u64 pages);
void uncommit_shared(u64 pages);
bool commit_reserves(bool noreserve);

/* limit.c: RLIMIT_AS and RLIMIT_DATA of the running process: may s have `more`
 * bytes (less than 0: what goes away was counted) in mappings with these
 * VMA_*? Each alone; and which mappings RLIMIT_DATA counts. */
bool limit_as_allows(const struct space *s, s64 more);
bool limit_data_allows(const struct space *s, s64 more);
bool limit_is_data(u32 flags, bool growsdown);
bool limits_allow(const struct space *s, u32 flags, bool growsdown, s64 more);

/* mlock.c, for vm/pte.c: a PTE of a locked mapping has come, or gone. */
void page_lock(struct page *page);
void page_unlock(struct page *page);     /* unless another one locks it */
bool page_has_locker(struct page *page); /* a mapping that locks it */

/* Calls fn for each address space once. */
void for_each_space(void (*fn)(struct space *, void *), void *arg);
/* The oldest space that is younger than number `serial`, NULL at the end:
 * iteration that survives sleeping. */
struct space *space_after(u64 serial);
/* A mapping that fork made becomes one of s. */
void vma_adopt(struct space *s, struct vma *v);

#endif
