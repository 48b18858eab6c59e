/* SPDX-License-Identifier: MIT */
/* The page cache finds, by (object, index), each page in memory that belongs to
 * an object. A page stays after its last mapping and its last reader are gone,
 * until reclaim (vm/reclaim.c), truncation or the object's end. */
#include "vm/object.h"
#include "task/proc.h"
#include "vm/pager.h"
#include "vm/pte.h"
#include "vm/reclaim.h"
#include "vm/seam.h"
#include "vm/shmem.h"
#include "vm/swap.h"
#include "vm/vm.h"

static struct page **buckets;
static u64 bucket_mask;
struct waitq page_io_done = WAITQ_INIT(page_io_done);
u64 nr_dirty, nr_writeback;
/* The pages under write-back by their links, in the order in which the writes
 * began. Between them stand the marks of those that wait for all before. */
static struct list writes = LIST_INIT(writes);

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

static struct page **object_bucket(const struct vm_object *o, u64 index)
{
    u64 h = ((u64)o >> 5) * 0x9e3779b97f4a7c15ul + index * 0xc2b2ae3d27d4eb4ful;
    return &buckets[h >> 32 & bucket_mask];
}

static struct page *lookup(const struct vm_object *o, u64 index)
{
    struct page *p = *object_bucket(o, index);
    while (p && (p->object != o || p->frame.index != index))
        p = p->hash_next;
    return p;
}

bool object_audit(const struct page *page)
{
    const struct lens_frame *f = &page->frame;
    if (!page_is_cache(page) || !page->object)
        return true;
    bool writing = (f->flags & FRAME_F_IO) && (f->spare & PAGE_WRITE);
    bool newer = (f->flags & FRAME_F_DIRTY) || writing;
    if ((f->state == FS_FILE_CLEAN && newer) ||
        (f->state == FS_FILE_DIRTY && !newer))
        return false;
    return lookup(page->object, f->index) == page;
}

/* Adds a page to the cache. */
static void hash_insert(struct vm_object *o, u64 index, struct page *page)
{
    struct page **b = object_bucket(o, index);
    assert(page->frame.state != FS_FREE && !page->object && !page->frame.refs);
    page->object = o;
    page->frame.object = o->id;
    page->frame.index = index;
    page->hash_next = *b;
    *b = page;
    o->resident++;
    shmem_page_moved(o, index, 1);
    o->top = MAX(o->top, index + 1);
    page->frame.spare = 0;
}

/* Called when a page has been added. If the page before it was the last one
 * added, access is sequential, and the policy is told that the reader has
 * passed the earlier page. */
static void note_order(struct vm_object *o, u64 index)
{
    struct page *before =
        index && o->last == index - 1 ? lookup(o, index - 1) : NULL;
    if (before)
        tell_page_behind(before);
    o->last = index;
}

static void add_new(struct vm_object *o, u64 index, struct page *page,
                    enum reason why)
{
    hash_insert(o, index, page);
    tell_page_came(page, why);
    note_order(o, index);
}

static void forget_dirty(struct page *page)
{
    if (page->object->fresh == FS_FILE_CLEAN &&
        (page->frame.flags & FRAME_F_DIRTY)) {
        assert(page->object->dirty && nr_dirty);
        page->object->dirty--;
        nr_dirty--;
    }
    page->frame.flags &= (u8)~FRAME_F_DIRTY;
}

static void hash_remove(struct page *page)
{
    assert(page->object->resident && !page->frame.refs);
    struct page **b = object_bucket(page->object, page->frame.index);
    while (*b != page)
        b = &(*b)->hash_next;
    *b = page->hash_next;
    forget_dirty(page);
    page->frame.spare &= (u8)~PAGE_MARK;
    page->frame.spare |= page->object->text ? PAGE_TEXT : 0;
    shmem_page_moved(page->object, page->frame.index, -1);
    if (--page->object->resident == 0)
        page->object->top = 0;
    page->object = NULL;
    page->hash_next = NULL;
}

void object_init(struct vm_object *o, const struct object_ops *ops, u64 size,
                 u64 id, enum frame_state fresh)
{
    static u64 newest;
    memset(o, 0, sizeof *o);
    o->ops = ops;
    o->size = size;
    o->id = id;
    o->fresh = fresh;
    o->serial = ++newest;
    o->last = ~0ul - 1;
    list_init(&o->vmas);
}

struct page *object_find_page(struct vm_object *o, u64 index)
{
    struct page *page = lookup(o, index);
    if (!page || being_read(page))
        return NULL;
    page_hold(page);
    page->frame.spare &= (u8)~PAGE_LEFT;
    tell_page_used(page, ACTOR_SYSCALL);
    return page;
}

struct page *object_peek_page(const struct vm_object *o, u64 index)
{
    return lookup(o, index);
}

void page_hold(struct page *page)
{
    tell_page_found(page);
    page_pin(page);
}

bool object_has_page(const struct vm_object *o, u64 index)
{
    return lookup(o, index) != NULL;
}

bool object_is_hole(struct vm_object *o, u64 index)
{
    return o->fresh == FS_SHMEM && !lookup(o, index) && !shmem_slot(o, index);
}

void page_put(struct page *page)
{
    bool anon = page_is_anon(page);
    page_unpin(page);
    if (page->frame.pins == 0 && page->frame.refs == 0 &&
        !(anon ? page->slot != 0 : page->object != NULL))
        page_free(page, R_DROP_CACHE);
    else
        tell_page_idle(page);
}

static enum reason arrival(const struct vm_object *o, enum actor who)
{
    if (o->fresh == FS_SHMEM)
        return who == ACTOR_FAULT ? R_DEMAND_ZERO : R_FILE_WRITE;
    return who == ACTOR_FAULT ? R_PAGE_IN : R_FILE_READ;
}

struct page *object_new_page(struct vm_object *o, u64 index, enum reason why)
{
    struct page *page;
    if (lookup(o, index) || !(page = page_alloc(o->fresh, why, 0)))
        return NULL;
    page->frame.flags |= FRAME_F_IO;
    page->frame.pins = 1;
    add_new(o, index, page, why);
    return page;
}

bool object_insert_page(struct vm_object *o, u64 index, struct page *page)
{
    if (lookup(o, index) || shmem_slot(o, index))
        return false;
    add_new(o, index, page, R_FILE_WRITE);
    return true;
}

void object_io_done(struct page *page)
{
    page->frame.flags &= (u8)~FRAME_F_IO;
    wake_up(&page_io_done);
}

bool object_page_busy(struct vm_object *o, u64 index)
{
    struct page *page = lookup(o, index);
    return page && (page->frame.flags & FRAME_F_IO);
}

void page_read_done(struct page *page, int err)
{
    assert((page->frame.flags & FRAME_F_IO) &&
           !(page->frame.spare & PAGE_WRITE) && !page->frame.refs);
    if (err && page->object)
        hash_remove(page);
    object_io_done(page);
    page_put(page);
}

/* Fills a new page, which the caller has pinned once more. Other processes that
 * need the page sleep on page_io_done meanwhile. */
static int fill(struct vm_object *o, struct page *page, bool *major)
{
    if (o->ops && o->ops->start_read) {
        *major = true;
        int err = o->ops->start_read(o, &page, 1);
        while (page->frame.flags & FRAME_F_IO)
            sleep_on(&page_io_done);
        return page->object == o ? 0 : err ? err : -EIO;
    }
    page_clear(page_va(page));
    if (o->fresh == FS_SHMEM)
        COUNT(DEMAND_ZERO);
    page_read_done(page, 0);
    return 0;
}

struct page *object_swap_in(struct vm_object *o, u64 index, enum actor who,
                            bool *major, int *err)
{
    bool file = o->fresh != FS_SHMEM; /* sent to swap by a pager */
    struct page *page = swap_in(shmem_slot(o, index), who, major, err);
    if (!page)
        return NULL;
    swapcache_used(page, *major);
    lens_busy();
    if (file)
        tell_page_gone(page); /* from the anonymous pages */
    swapcache_detach(page);
    page->frame.owner = 0;
    hash_insert(o, index, page);
    page_set_state(page, o->fresh, *major ? R_SWAP_IN : R_SWAP_MAP);
    if (file)
        tell_page_came(page, R_SWAP_IN);
    note_order(o, index);
    lens_ready();
    if (file) /* its content is newer than the file's */
        object_page_dirty(page, R_SWAP_IN);
    return page;
}

/* Returns 0 if page `index`, which does not exist, may be made, else -ENOSPC;
 * or -ENXIO: a fault needs the page, and the file ends before it (Linux 6.12,
 * mm/shmem.c: shmem_get_folio_gfp, shmem_inode_acct_blocks). */
static int may_make(struct vm_object *o, u64 index, enum actor who)
{
    if (!o->ops || !o->ops->may_make)
        return 0;
    if (who == ACTOR_FAULT && index >= DIV_ROUND_UP(o->size, PAGE_SIZE))
        return -ENXIO;
    int err = o->ops->may_make(o);
    return err || commit_allows(current->space, 1) ? err : -ENOSPC;
}

/* => sleeps for the disk and for memory, then looks again: the page or its slot
 * may have come or gone. Between may_make and object_new_page nothing sleeps,
 * so no limit is exceeded. */
struct page *object_get_page(struct vm_object *o, u64 index, enum actor who,
                             bool *major, int *err)
{
    struct page *page;
    bool waited = false;
again:
    while ((page = lookup(o, index)) && being_read(page)) {
        waited = true;
        sleep_on(&page_io_done);
    }
    if (!page && shmem_slot(o, index)) {
        page = object_swap_in(o, index, who, &waited, err);
        if (!page && (*err == -EAGAIN || (*err == -ENOMEM && memory_wait())))
            goto again;
        if (!page)
            return NULL;
        COUNT(SWPC_FIND);
        *err = 0;
    }
    if (page) {
        if (waited && major)
            *major = true;
        page->frame.spare &= (u8) ~(PAGE_AHEAD | PAGE_LEFT);
        page_hold(page);
        tell_page_used(page, who);
        return page;
    }
    if ((*err = may_make(o, index, who)))
        return NULL;
    page = object_new_page(o, index, arrival(o, who));
    if (!page && memory_wait())
        goto again;
    if (!page) {
        *err = -ENOMEM;
        return NULL;
    }
    page_pin(page);
    *err = fill(o, page, major ? major : &waited);
    if (*err) {
        page_put(page);
        return NULL;
    }
    tell_page_used(page, who);
    return page;
}

void object_page_dirty(struct page *page, enum reason why)
{
    struct vm_object *o = page->object;
    bool news = !(page->frame.flags & FRAME_F_DIRTY);
    assert(page_is_cache(page) && !(page->frame.flags & FRAME_F_CACHED));
    if (o && pager_has(o) && !(page->frame.flags & FRAME_F_IO))
        pager_forget_page(o, page->frame.index); /* the content of the slot is
                                                  * out of date */
    page->frame.flags |= FRAME_F_DIRTY;
    if (page->frame.spare & PAGE_FENCED)
        fence_i(); /* for a program that executes what write() wrote */
    if (page->frame.state == FS_FILE_CLEAN) {
        page_set_state(page, FS_FILE_DIRTY, why);
    }
    if (!news || !o || o->fresh != FS_FILE_CLEAN)
        return;
    u64 index = page->frame.index;
    o->dirty_lo = o->dirty ? MIN(o->dirty_lo, index) : index;
    o->dirty_hi = o->dirty ? MAX(o->dirty_hi, index + 1) : index + 1;
    o->dirty++;
    nr_dirty++;
    COUNT(NR_DIRTIED);
    if (o->ops && o->ops->dirtied)
        o->ops->dirtied(o);
}

bool object_begin_write(struct page *page)
{
    struct lens_frame *f = &page->frame;
    if (!(f->flags & FRAME_F_DIRTY) || (f->flags & FRAME_F_IO))
        return false;
    assert(page->object && f->state == FS_FILE_DIRTY);
    lens_busy();
    forget_dirty(page);
    f->flags |= FRAME_F_IO;
    f->spare |= PAGE_WRITE;
    page_pin(page);
    page->object->writing++;
    nr_writeback++;
    list_add_tail(&page->link, &writes);
    if (f->refs)
        protect_page(page);
    lens_ready();
    return true;
}

void object_set_error(struct vm_object *o, int err)
{
    o->error = err;
    o->errors++;
    o->error_untold = true;
}

int object_tell_error(struct vm_object *o, u32 *told)
{
    int err = o->errors != *told ? o->error : 0;
    *told = o->errors;
    o->error_untold = false;
    return err;
}

u32 object_errors_told(const struct vm_object *o)
{
    return o->errors - o->error_untold;
}

void object_write_ended(struct page *page, int err, enum reason why)
{
    struct vm_object *o = page->object;
    /* The events belong to whoever asked for the write: transfers know it, and
     * a write that ends at once is the running process's. They have nothing to
     * do with the address at which that process may be served a fault. */
    const struct lens_by by = lens_by_now(), *before = lens_on_behalf(&by);
    struct proc *me = current;
    current_proc = NULL;
    assert((page->frame.spare & PAGE_WRITE) && o->writing && nr_writeback);
    page->frame.flags &= (u8)~FRAME_F_IO;
    page->frame.spare &= (u8)~PAGE_WRITE;
    o->writing--;
    nr_writeback--;
    list_del(&page->link);
    /* -ENOMEM: write it again later. A write that failed on the disk would fail
     * again: its error is kept for fsync, its page counts as clean (Linux). */
    if (err == -ENOMEM)
        object_page_dirty(page, R_FILE_WRITE);
    else if (err)
        object_set_error(o, err);
    else if (why == R_WRITE_BACK)
        COUNT(NR_WRITTEN);
    if (!(page->frame.flags & FRAME_F_DIRTY)) {
        page_set_state(page, FS_FILE_CLEAN, why);
    }
    page_unpin(page); /* now policy_take and policy_cache can succeed */
    bool stays = tell_page_written(page);
    current_proc = me;
    lens_on_behalf(before);
    wake_up(&page_io_done);
    if (stays)
        tell_page_idle(page);
}

void page_write_done(struct page *page, int err)
{
    object_write_ended(page, err, R_WRITE_BACK);
}

/* True if a write that began before the mark is under way, of a page whose
 * object `is` accepts. */
static bool any_before(const struct list *mark, object_test *is,
                       const void *arg)
{
    for (struct list *l = mark->prev; l != &writes; l = l->prev) {
        bool of_page = (u64)l - (u64)frames < nframes * sizeof *frames;
        if (of_page && is(container_of(l, struct page, link)->object, arg))
            return true;
    }
    return false;
}

void objects_wait_written(object_test *is, const void *arg)
{
    struct list mark;
    list_add_tail(&mark, &writes);
    while (any_before(&mark, is, arg))
        sleep_on(&page_io_done);
    list_del(&mark);
}

static bool is_same(const struct vm_object *o, const void *arg)
{
    return o == arg;
}

void object_wait_written(struct vm_object *o)
{
    if (o->writing)
        objects_wait_written(is_same, o);
}

/* Removes the page from o and frees it. => it is not mapped; a pin may remain
 * until page_put */
static void discard_page(struct vm_object *o, struct page *page, u64 from,
                         enum reason why)
{
    while (page->frame.flags & FRAME_F_IO)
        sleep_on(&page_io_done);
    if (page->object != o || page->frame.index < from)
        return; /* removed meanwhile, for example by a failed read */
    assert(page->frame.refs == 0);
    /* Unwritten data is lost: the object was cut or is gone; what shared memory
     * holds is nowhere else, if only zeros. */
    bool lost = (page->frame.flags & FRAME_F_DIRTY) || o->fresh == FS_SHMEM;
    if (lost && why != R_UNMAP)
        why = R_TRUNCATE;
    hash_remove(page);
    if (page->frame.pins == 0)
        page_free(page, why);
}

/* Iterates over the pages of o in memory with an index in [from, to): over the
 * indexes or, if there are more of these than frames, over the frame table. */
struct scan {
    struct vm_object *o;
    u64 from, to;
    bool by_frame;
    u64 at, end;
};
#define SCAN_STRETCH 64 /* indexes or frames between two chances to yield */

static struct scan scan_pages(struct vm_object *o, u64 from, u64 to)
{
    struct scan s = {.o = o, .from = from, .to = MIN(to, o->top)};
    s.by_frame = s.to > from && s.to - from > nframes;
    s.at = s.by_frame ? 0 : from;
    s.end = s.by_frame ? nframes : s.to;
    return s;
}

/* Returns the next page, or NULL at the end. => may sleep before it looks */
static struct page *scan_next(struct scan *s)
{
    while (s->at < s->end && s->o->resident) {
        u64 at = s->at++;
        if (at % SCAN_STRETCH == SCAN_STRETCH - 1)
            cond_resched();
        struct page *page = s->by_frame ? &frames[at] : lookup(s->o, at);
        if (page && page_is_cache(page) && page->object == s->o &&
            page->frame.index >= s->from && page->frame.index < s->to)
            return page;
    }
    return NULL;
}

static void discard_from(struct vm_object *o, u64 from, enum reason why)
{
    struct scan s = scan_pages(o, from, ~0ul);
    for (struct page *page; (page = scan_next(&s));)
        discard_page(o, page, from, why);
}

/* While discard_from waits for one page's I/O, another page may be written to
 * swap. Its slot would outlive the object, and swapoff would use the object,
 * whose memory has another use by then; so slots are dropped last. */
static void discard_all(struct vm_object *o, u64 from, enum reason why)
{
    struct scan left;
    do { /* until no fault and no pager has read a page back meanwhile */
        discard_from(o, from, why);
        pager_forget(o, from);
        left = scan_pages(o, from, ~0ul);
    } while (scan_next(&left));
}

void object_truncate(struct vm_object *o, u64 from_index)
{
    pager_forget(o, from_index);
    unmap_object(o, from_index); /* private copies, too, which mappings may have
                                  * of pages that are no longer in memory */
    discard_all(o, from_index, R_TRUNCATE);
}

void object_unmake(struct page *page)
{
    struct vm_object *o = page->object;
    u64 index = page->frame.index;
    while (page->frame.flags & FRAME_F_IO)
        sleep_on(&page_io_done);
    if (page->object == o && !page->frame.refs &&
        !memcmp(page_va(page), page_va(zero_page), PAGE_SIZE)) {
        if (shmem_slot(o, index))
            shmem_drop(o, index);
        discard_page(o, page, index, R_UNMAP); /* the call failed */
    }
    page_put(page);
}

void object_release(struct vm_object *o, enum reason why)
{
    pager_forget(o, 0);
    discard_all(o, 0, why);
    assert(o->resident == 0 && o->made == 0);
}

bool object_evict(struct page *page, enum reason why)
{
    struct lens_frame *f = &page->frame;
    if (f->refs || f->pins || (f->flags & (FRAME_F_IO | FRAME_F_DIRTY)) ||
        !page->object)
        return false;
    if (f->spare & PAGE_AHEAD)
        COUNT(RA_UNUSED);
    if (why == R_RECLAIM || why == R_CACHE_REUSE)
        tell_page_evicted(page);
    hash_remove(page);
    page_free(page, why);
    return true;
}

void object_drop(struct vm_object *o, u64 from, u64 to)
{
    struct scan s = scan_pages(o, from, to);
    for (struct page *page; (page = scan_next(&s));)
        object_evict(page, R_DROP_CACHE);
}

static void destroy_anonymous(struct vm_object *o)
{
    object_release(o, R_DROP_CACHE);
    uncommit_shared(o->promised);
    kfree(o);
}

static const struct object_ops anonymous_ops = {.destroy = destroy_anonymous};

struct vm_object *object_anonymous(u64 size, bool noreserve)
{
    static u64 next_id = 1ul << 32; /* above all inode numbers */
    u64 promised = commit_reserves(noreserve) ? size >> PAGE_SHIFT : 0;
    struct vm_object *o = NULL;
    if (commit_allows(current->space, promised))
        o = kmalloc(sizeof *o);
    if (o) {
        object_init(o, &anonymous_ops, size, next_id++, FS_SHMEM);
        o->refs = 1;
        o->anonymous = true;
        o->promised = promised;
        commit_shared(promised);
    }
    return o;
}

void object_unref(struct vm_object *o)
{
    assert(o->refs > 0);
    if (--o->refs == 0 && o->ops && o->ops->destroy)
        o->ops->destroy(o);
}
