/* SPDX-License-Identifier: MIT */
/* Shared by the files of vm/; the rest of the kernel does not include it. */
#pragma once

#include "vm/space.h"
#include "vm/zone.h"

void object_cache_init(void);

/* fault.c: reads back the page of s at va, which is in swap, and maps it. 0;
 * -EAGAIN after sleeping: look again; -ENOMEM, -EIO. => may sleep */
int swap_page_in(struct space *s, u64 va);

/* For the audit. object_audit: false if the page has an object but is not in
 * the page cache, or its flags contradict its state. free_list_frames: number
 * of frames on the zone's free lists or deferred. */
bool object_audit(const struct page *page);
u64 free_list_frames(const struct zone *);

#define GUARD_GAP (256 * PAGE_SIZE) /* below a stack: no mapping by chance */
/* Returns the end of the room that mmap may use below the mapping (Linux 6.12,
 * mm.h: vm_start_gap). */
static inline u64 vma_floor(const struct vma *v)
{
    u64 gap = v->attrs & ATTR_GROWSDOWN ? GUARD_GAP : 0;
    return v->lens.start - MIN(gap, v->lens.start);
}
/* Returns the bytes of this room above `end`, where the mapping before v ends.
 */
static inline u64 vma_room(const struct vma *v, u64 end)
{
    return vma_floor(v) - MIN(end, vma_floor(v));
}

/* vmtree.c: the mappings as a tree. Call insert once v follows prev in the list
 * (NULL: once v is the first); remove before v leaves the list; moved after v's
 * start, or the end of its predecessor prev, has changed. */
void vmtree_insert(struct space *s, struct vma *v, struct vma *prev);
void vmtree_remove(struct space *s, struct vma *v);
void vmtree_moved(struct vma *v, const struct vma *prev);
struct vma *vmtree_prev(const struct vma *v);            /* or NULL */
struct vma *vmtree_last(const struct space *s);          /* or NULL */
struct vma *vmtree_after(const struct space *s, u64 va); /* end > va */
/* Returns the last mapping before v (if v is NULL, the last of all) that has at
 * least `gap` bytes of room directly below its vma_floor. NULL: there is none.
 */
struct vma *vmtree_wide_before(struct space *s, struct vma *v, u64 gap);

/* space.c: the list of mappings. */
struct vma *vma_new(u64 start, u64 end, u32 flags, u32 may_flags);
/* Returns a copy of v in no list yet, with its own reference to the file or
 * object. NULL: no memory. */
struct vma *vma_copy(const struct vma *v);
void vma_free(struct vma *v); /* releases its file or object: may sleep */
void vma_insert(struct space *s, struct vma *v);
void vma_remove(struct space *s, struct vma *v);
void vma_resize(struct space *s, struct vma *v, u64 start, u64 end);
/* Splits the mapping that contains `at`; the second half is new. 0, -ENOMEM. */
int vma_split(struct space *s, u64 at);
/* Splits likewise, regardless of vm.max_map_count. */
int vma_cut(struct space *s, u64 at);
/* The bits of lens.flags and of attrs that a call changes in the mappings of a
 * range. vma_differs: true if the bits of `mask` are not those of `want`.
 * vma_split_around splits the mappings at the ends of [start, end), as far as
 * these differ; a call that changes nothing leaves no split (as in Linux). */
struct vma_bits {
    u32 flags, attrs;
};
static inline bool vma_differs(const struct vma *v, struct vma_bits mask,
                               struct vma_bits want)
{
    return (v->lens.flags & mask.flags) != want.flags ||
           (v->attrs & mask.attrs) != want.attrs;
}
int vma_split_around(struct space *s, u64 start, u64 end, struct vma_bits mask,
                     struct vma_bits want);
/* Returns the mapping at *at, or the next one if that begins below `end`, and
 * moves *at to its end; NULL: none is left. The caller may merge the mapping
 * with its neighbours before it asks for the next. */
static inline struct vma *vma_step(struct space *s, u64 *at, u64 end)
{
    struct vma *v = *at < end ? vma_after(s, *at) : NULL;
    if (!v || v->lens.start >= end)
        return NULL;
    *at = v->lens.end;
    return v;
}
/* map.c: from change_begin to change_end faults in [start, end) wait. => the
 * caller owns s->changing, or empties s; in between it waits for no lock, since
 * a fault that waits for change_end may hold that lock */
void change_begin(struct space *s, struct change *c, u64 start, u64 end);
void change_end(struct space *s, struct change *c);
/* Called when v gets a private page; at the first, chooses its merge_group. */
void vma_find_kin(struct space *s, struct vma *v);
u64 merge_group_new(void);
/* Merges mappings that meet in [start, end], as far as they are alike. Call it
 * when mappings there have been made or changed. => does not sleep */
void vma_merge(struct space *s, u64 start, u64 end);

/* Unmaps the pages of o from index on in every address space. => sleeps; one
 * call at a time for an object; the object must be shortened already, so that
 * no fault brings a page back */
void unmap_object(struct vm_object *o, u64 from_index);

/* writeback.c: clears PTE_W and PTE_D in every writable PTE of the page. */
void protect_page(struct page *page);

/* commit.c: the rules of vm.overcommit_memory. vma_promised: pages promised by
 * a private mapping; commit_allows: true if s may be promised `pages` more;
 * commit_allows_fork: true if s may be forked. */
u64 vma_promised(const struct vma *v);
u64 commit_sum(void);
bool commit_allows(const struct space *s, u64 pages);
bool commit_allows_fork(const struct space *s);
/* Promise pages of shared memory, and cancel such promises. commit_reserves:
 * true if the memory needs a promise: without noreserve, or in mode 2. */
void commit_shared(u64 pages);
void uncommit_shared(u64 pages);
bool commit_reserves(bool noreserve);

/* limit.c. limits_allow: true if RLIMIT_AS and RLIMIT_DATA of the running
 * process allow s `more` bytes (negative: a net removal) in mappings with these
 * VMA_* flags. limit_as_allows and limit_data_allows test one limit alone.
 * limit_is_data: true if RLIMIT_DATA counts the mapping. */
bool limit_as_allows(const struct space *s, s64 more);
bool limit_data_allows(const struct space *s, s64 more);
bool limit_is_data(u32 flags, bool growsdown);
bool limits_allow(const struct space *s, u32 flags, bool growsdown, s64 more);

/* mlock.c, for vm/pte.c: page_lock is called when a locked mapping gets a PTE,
 * page_unlock when a locked frame loses one. */
void page_lock(struct page *page);
void page_unlock(struct page *page);     /* unless another PTE locks it */
bool page_has_locker(struct page *page); /* a locked mapping maps it */

/* Calls fn for each address space once. */
void for_each_space(void (*fn)(struct space *, void *), void *arg);
/* Returns the space with the next number above `serial`, NULL at the end: an
 * iterator that stays valid over sleeping. */
struct space *space_after(u64 serial);
/* Makes s the space of v; puts v on the list of its object's mappings. */
void vma_adopt(struct space *s, struct vma *v);
