/* SPDX-License-Identifier: MIT */
/* Keeps the swap slots of shared memory, and of pagers' pages (vm/pager.h), in
 * a hash of runs; a run has the slots of RUN consecutive pages of an object. A
 * page of shared memory keeps its slot when it is read back. Once it has been
 * modified, the slot is out of date, and the next swap-out writes it again. */
#include "vm/shmem.h"
#include "task/proc.h"
#include "vm/pager.h"
#include "vm/reclaim.h"
#include "vm/swap.h"
#include "vm/vm.h"

#define RUN      54
#define NBUCKETS 64

struct run {
    struct run *next;
    struct vm_object *object;
    u64 base; /* first index / RUN */
    u32 used; /* slots that are not 0 */
    u32 slot[RUN];
};
static struct run *buckets[NBUCKETS];
static u64 held; /* slots in all runs */
u64 tmpfs_pages;

static struct run **shmem_bucket(const struct vm_object *o, u64 base)
{
    return &buckets[(((u64)o >> 5) + base) % NBUCKETS];
}

static struct run *find(const struct vm_object *o, u64 index)
{
    struct run *r = *shmem_bucket(o, index / RUN);
    while (r && (r->object != o || r->base != index / RUN))
        r = r->next;
    return r;
}

u32 shmem_slot(struct vm_object *o, u64 index)
{
    struct run *r = held ? find(o, index) : NULL;
    return r ? r->slot[index % RUN] : 0;
}

static bool is_tmpfs(const struct vm_object *o)
{
    return o->fresh == FS_SHMEM && !o->anonymous;
}

static void count_made(struct vm_object *o, s64 n)
{
    if (!is_tmpfs(o))
        return;
    assert(n > 0 || (o->made && tmpfs_pages));
    o->made += (u32)n;
    tmpfs_pages += (u64)n;
}

void shmem_page_moved(struct vm_object *o, u64 index, s64 n)
{
    bool may = o->fresh == FS_SHMEM || pager_has(o);
    u32 slot = may ? shmem_slot(o, index) : 0;
    if (slot)
        swap_set_owned(slot, n > 0);
    else
        count_made(o, n);
}

u64 shmem_swapped(void)
{
    return held;
}

u64 shmem_swapped_alone(void)
{
    u64 n = 0;
    for (unsigned b = 0; b < NBUCKETS; b++)
        for (const struct run *r = buckets[b]; r; r = r->next)
            for (u64 i = 0; is_tmpfs(r->object) && i < RUN; i++)
                n += r->slot[i] &&
                     !object_has_page(r->object, r->base * RUN + i);
    return n;
}

u64 shmem_in_swap(const struct vm_object *o)
{
    u64 n = 0;
    for (u32 i = 0; held && i < NBUCKETS; i++)
        for (const struct run *r = buckets[i]; r; r = r->next)
            n += r->object == o ? r->used : 0;
    return n;
}

u64 shmem_swapped_in(const struct vm_object *o, u64 first, u64 end)
{
    u64 n = 0;
    for (u32 b = 0; held && b < NBUCKETS; b++)
        for (const struct run *r = buckets[b]; r; r = r->next)
            for (u64 i = 0; r->object == o && i < RUN; i++) {
                u64 index = r->base * RUN + i;
                n += r->slot[i] && index >= first && index < end &&
                     !object_has_page(o, index);
            }
    return n;
}

int shmem_give_slot(struct vm_object *o, u64 index)
{
    struct run *r = find(o, index);
    u32 slot = r ? r->slot[index % RUN] : 0;
    if (slot)
        return 0;
    assert(object_has_page(o, index)); /* it becomes the slot's owner */
    if (!(slot = swap_alloc()))
        return -ENOSPC;
    if (!r && (r = kzalloc(sizeof *r))) {
        struct run **b = shmem_bucket(o, index / RUN);
        r->object = o;
        r->base = index / RUN;
        r->next = *b;
        *b = r;
    }
    if (r) {
        r->slot[index % RUN] = slot;
        r->used++;
        held++;
        swap_get(slot);
    }
    swap_uncache(slot);
    if (r)
        swap_set_owned(slot, true);
    return r ? 0 : -ENOMEM;
}

static void release(struct run *r, u64 i)
{
    u32 slot = r->slot[i];
    assert(slot && r->used && held);
    r->slot[i] = 0;
    r->used--;
    held--;
    if (object_has_page(r->object, r->base * RUN + i))
        swap_set_owned(slot, false);
    else
        count_made(r->object, -1);
    swap_put(slot, R_NONE);
}

/* Frees the run that *at points to if it is empty. */
static bool run_free_if_empty(struct run **at)
{
    struct run *r = *at;
    if (r->used)
        return false;
    *at = r->next;
    kfree(r);
    return true;
}

void shmem_drop(struct vm_object *o, u64 index)
{
    struct run **at = shmem_bucket(o, index / RUN);
    while ((*at)->object != o || (*at)->base != index / RUN)
        at = &(*at)->next;
    release(*at, index % RUN);
    run_free_if_empty(at);
}

unsigned shmem_indexes(const struct vm_object *o, u64 *index, unsigned n)
{
    unsigned got = 0;
    for (unsigned b = 0; held && b < NBUCKETS; b++)
        for (struct run *r = buckets[b]; r; r = r->next)
            for (u64 i = 0; r->object == o && i < RUN && got < n; i++)
                if (r->slot[i])
                    index[got++] = r->base * RUN + i;
    return got;
}

u64 shmem_forget(struct vm_object *o, u64 from)
{
    u64 before = held;
    for (unsigned b = 0; held && b < NBUCKETS; b++)
        for (struct run **at = &buckets[b]; *at;) {
            struct run *r = *at;
            for (u64 i = 0; r->object == o && i < RUN; i++)
                if (r->slot[i] && r->base * RUN + i >= from)
                    release(r, i);
            if (!run_free_if_empty(at))
                at = &r->next;
        }
    return before - held;
}

/* Returns a run that has a slot in the area, at its place *i; NULL: none. */
static struct run *any_in(u32 area, u64 *i)
{
    for (unsigned b = 0; b < NBUCKETS; b++)
        for (struct run *r = buckets[b]; r; r = r->next)
            for (*i = 0; *i < RUN; ++*i)
                if (r->slot[*i] && r->slot[*i] >> SLOT_BITS == area)
                    return r;
    return NULL;
}

/* => the object is not held: it is used only while nothing has slept since
 * any_in */
int shmem_empty(u32 area)
{
    struct run *r;
    u64 i;
    while (held && (r = any_in(area, &i))) {
        struct vm_object *o = r->object;
        u64 index = r->base * RUN + i;
        bool major = true; /* this is no fault */
        int err = 0;
        if (signal_pending(current))
            return -EINTR;
        if (object_page_busy(o, index)) {
            swap_wait_any();
            continue;
        }
        struct page *page = object_peek_page(o, index);
        if (!page)
            page = object_swap_in(o, index, ACTOR_SYSCALL, &major, &err);
        if (!page && err != -EAGAIN && (err != -ENOMEM || !memory_try()))
            return err;
        if (page && (r = find(o, index)) && r->slot[index % RUN]) {
            page->frame.flags |= FRAME_F_DIRTY;
            release(r, index % RUN);
        }
    }
    return 0;
}

void shmem_each(void (*fn)(u32 slot, bool in_memory, void *arg), void *arg)
{
    for (unsigned b = 0; b < NBUCKETS; b++)
        for (struct run *r = buckets[b]; r; r = r->next)
            for (u64 i = 0; i < RUN; i++)
                if (r->slot[i])
                    fn(r->slot[i],
                       object_has_page(r->object, r->base * RUN + i), arg);
}
