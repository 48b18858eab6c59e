/* SPDX-License-Identifier: MIT */
/* The page cache: every page of every object that is in memory, found by
 * (object, index). A page stays after its last mapping and its last reader
 * are gone, until somebody needs the frame (vm/reclaim.c) or the object
 * ends. */
#include "vm/object.h"
#include "proc/wait.h"
#include "vm/pte.h"
#include "vm/reclaim.h"
#include "vm/shmem.h"
#include "vm/vm.h"

static struct page **buckets;
static u64 bucket_mask;
static struct waitq io_done = WAITQ_INIT(io_done);

void object_cache_init(void)
{
    u64 n = 64;
    while (n < nframes / 4)
        n *= 2;
    buckets = kzalloc(n * sizeof *buckets);
    if (!buckets)
        panic("no memory for the page cache's hash");
    bucket_mask = n - 1;
}

static struct page **bucket(const struct vm_object *o, u64 index)
{
    u64 h = ((u64)o >> 5) * 0x9e3779b97f4a7c15ul + index * 0xc2b2ae3d27d4eb4ful;
    return &buckets[h >> 32 & bucket_mask];
}

static struct page *lookup(const struct vm_object *o, u64 index)
{
    struct page *p = *bucket(o, index);
    while (p && (p->object != o || p->frame.index != index))
        p = p->hash_next;
    return p;
}

bool object_audit(const struct page *page)
{
    if (!page_is_cache(page) || !page->object)
        return true;
    return lookup(page->object, page->frame.index) == page;
}

static void insert(struct vm_object *o, u64 index, struct page *page)
{
    struct page **b = bucket(o, index);
    page->object = o;
    page->frame.object = o->id;
    page->frame.index = index;
    page->hash_next = *b;
    *b = page;
    o->resident++;
}

static void take_out(struct page *page)
{
    struct page **b = bucket(page->object, page->frame.index);
    while (*b != page)
        b = &(*b)->hash_next;
    *b = page->hash_next;
    page->object->resident--;
    page->object = NULL;
    page->hash_next = NULL;
}

void object_init(struct vm_object *o, const struct object_ops *ops, u64 size,
                 u64 id, enum frame_state fresh)
{
    memset(o, 0, sizeof *o);
    o->ops = ops;
    o->size = size;
    o->id = id;
    o->fresh = fresh;
    list_init(&o->vmas);
}

struct page *object_find_page(struct vm_object *o, u64 index)
{
    struct page *page = lookup(o, index);
    if (!page || (page->frame.flags & FRAME_F_IO))
        return NULL;
    page->frame.pins++;
    page->frame.flags |= FRAME_F_REF;
    return page;
}

void page_put(struct page *page)
{
    bool anon = page_is_anon(page);
    assert(page->frame.pins > 0);
    if (--page->frame.pins == 0 && page->frame.refs == 0 &&
        !(anon ? page->slot != 0 : page->object != NULL))
        page_free(page, anon ? R_UNMAP : R_DROP_CACHE);
}

static enum reason arrival(struct vm_object *o, u64 index, enum actor who)
{
    if (o->fresh == FS_SHMEM && shmem_slot(o, index))
        return R_SWAP_IN;
    if (o->fresh == FS_SHMEM)
        return who == ACTOR_FAULT ? R_DEMAND_ZERO : R_FILE_WRITE;
    return who == ACTOR_FAULT ? R_PAGE_IN : R_FILE_READ;
}

/* Fills the frame that was just put into the cache, marked F_IO and pinned
 * by us; others who want the page sleep on io_done meanwhile. */
static int fill(struct vm_object *o, u64 index, struct page *page, bool *major)
{
    int err = 0;
    if (o->fresh == FS_SHMEM && shmem_slot(o, index)) {
        *major = true;
        err = shmem_read(o, index, page);
    } else if (o->ops && o->ops->read_page) {
        *major = true;
        err = o->ops->read_page(o, index, page);
    } else {
        page_clear(page_va(page));
        if (o->fresh == FS_SHMEM)
            COUNT(DEMAND_ZERO);
    }
    object_io_done(page);
    return err;
}

void object_io_done(struct page *page)
{
    page->frame.flags &= (u8)~FRAME_F_IO;
    wake_up(&io_done);
}

struct page *object_get_page(struct vm_object *o, u64 index, enum actor who,
                             bool *major, int *err)
{
    struct page *page;
    bool waited = false;
again:
    while ((page = lookup(o, index)) && (page->frame.flags & FRAME_F_IO)) {
        waited = true;
        sleep_on(&io_done);
    }
    if (page) {
        if (waited && major)
            *major = true;
        page->frame.pins++;
        page->frame.flags |= FRAME_F_REF;
        return page;
    }
    page = page_alloc(o->fresh, arrival(o, index, who), 0);
    if (!page && memory_wait())
        goto again;
    if (!page) {
        *err = -ENOMEM;
        return NULL;
    }
    page->frame.flags |= FRAME_F_IO;
    page->frame.pins = 1;
    insert(o, index, page);
    *err = fill(o, index, page, major ? major : &waited);
    if (*err) {
        take_out(page);
        page_put(page);
        return NULL;
    }
    return page;
}

void object_page_dirty(struct page *page, enum reason why)
{
    page->frame.flags |= FRAME_F_DIRTY;
    if (page->frame.state == FS_FILE_CLEAN)
        page_set_state(page, FS_FILE_DIRTY, why);
}

/* => nobody maps it any more; the last pin may go later (page_put) */
static void discard(struct page *page)
{
    while (page->frame.flags & FRAME_F_IO)
        sleep_on(&io_done);
    if (!page->object)
        return; /* the read failed and took it out */
    take_out(page);
    if (page->frame.pins == 0)
        page_free(page, R_DROP_CACHE);
}

void object_truncate(struct vm_object *o, u64 from_index)
{
    shmem_forget(o, from_index);
    if (!o->resident)
        return;
    unmap_object(o, from_index);
    for (u64 i = 0; o->resident && i < nframes; i++) {
        struct page *page = &frames[i];
        enum frame_state s = page->frame.state;
        if ((s == FS_FILE_CLEAN || s == FS_FILE_DIRTY || s == FS_SHMEM) &&
            page->object == o && page->frame.index >= from_index)
            discard(page);
    }
}

void object_release(struct vm_object *o)
{
    object_truncate(o, 0);
    assert(o->resident == 0);
}

bool object_page_busy(struct vm_object *o, u64 index)
{
    struct page *page = lookup(o, index);
    return page && (page->frame.flags & FRAME_F_IO);
}

bool object_evict(struct page *page, enum reason why)
{
    struct lens_frame *f = &page->frame;
    if (f->refs || f->pins || (f->flags & (FRAME_F_IO | FRAME_F_DIRTY)) ||
        !page->object)
        return false;
    take_out(page);
    page_free(page, why);
    return true;
}

int object_clean(struct page *page)
{
    struct vm_object *o = page->object;
    return o && o->ops && o->ops->write_page
               ? o->ops->write_page(o, page->frame.index, page)
               : -EROFS;
}

static void destroy_anonymous(struct vm_object *o)
{
    object_release(o);
    kfree(o);
}

static const struct object_ops anonymous_ops = {.destroy = destroy_anonymous};

struct vm_object *object_anonymous(u64 size)
{
    static u64 next_id = 1ul << 32; /* above all inode numbers */
    struct vm_object *o = kmalloc(sizeof *o);
    if (o) {
        object_init(o, &anonymous_ops, size, next_id++, FS_SHMEM);
        o->refs = 1;
    }
    return o;
}

void object_unref(struct vm_object *o)
{
    assert(o->refs > 0);
    if (--o->refs == 0 && o->ops && o->ops->destroy)
        o->ops->destroy(o);
}
