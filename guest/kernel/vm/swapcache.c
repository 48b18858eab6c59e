/* SPDX-License-Identifier: MIT */
/* Finds pages in memory by their slot in swap (the swap cache), and makes the
 * disk requests that write and read pages. */
#include "drv/virtio_blk.h"
#include "lib/tunable.h"
#include "task/proc.h"
#include "vm/reclaim.h"
#include "vm/rmap.h"
#include "vm/seam.h"
#include "vm/shmem.h"
#include "vm/swap.h"
#include "vm/vm.h"

#define NREQUESTS 48
#define NWRITES   32 /* at most; the rest is for reading */
#define NKLUSTERS 8

static struct request {
    struct blkreq r;   /* must be first */
    struct page *page; /* NULL: free */
    u32 slot;
    bool holds; /* the slot has a use count for this transfer */
    swap_done *done;
    struct lens_by by;    /* who asked for it */
    struct blkseg *segs;  /* NULL: this page alone */
    struct request *next; /* in the disk request, or in free_requests */
} requests[NREQUESTS];
static struct request *free_requests;
/* Transfers being gathered (policy.h, kluster): pages of contiguous slots. */
static struct {
    struct request *first, **end;
    u32 slot, n, op;
} gathered;
static struct blkseg segments[NKLUSTERS][NWRITES];
static u32 segments_used; /* bit i: segments[i] */
static u64 writes, nfree;
struct waitq swap_io_over = WAITQ_INIT(swap_io_over);

static u32 *buckets; /* pfn of the first page, 0: none (frame 0 is firmware) */
static u32 bucket_mask;

void swapcache_init(void)
{
    u32 n = 64;
    while (n < nframes / 4)
        n *= 2;
    buckets = kzalloc(n * sizeof *buckets);
    if (!buckets)
        panic("no memory for the swap cache's hash");
    bucket_mask = n - 1;
    for (nfree = 0; nfree < NREQUESTS; nfree++) {
        requests[nfree].next = free_requests;
        free_requests = &requests[nfree];
    }
}

static u32 *swapcache_bucket(u32 slot)
{
    return &buckets[(slot * 0x9e3779b1u >> 7) & bucket_mask];
}

struct page *swapcache_find(u32 slot)
{
    for (u32 pfn = *swapcache_bucket(slot); pfn; pfn = frames[pfn].slot_next)
        if (frames[pfn].slot == slot)
            return &frames[pfn];
    return NULL;
}

static void attach_slot(struct page *page, u32 slot)
{
    COUNT(SWPC_ADD);
    u32 *b = swapcache_bucket(slot);
    assert(slot && !page->slot && page_is_anon(page));
    page->slot = slot;
    page->slot_next = *b;
    *b = page_pfn(page);
}

void swapcache_detach(struct page *page)
{
    u32 *b = swapcache_bucket(page->slot), slot = page->slot;
    assert(slot && page->frame.state == FS_SWAPCACHE &&
           !(page->frame.flags & FRAME_F_IO));
    COUNT(SWPC_DEL);
    while (*b != page_pfn(page))
        b = &frames[*b].slot_next;
    *b = page->slot_next;
    page->slot = page->slot_next = 0;
    page->frame.flags &= (u8)~FRAME_F_DIRTY;
    page->frame.spare &= PAGE_FENCED; /* it may be mapped still */
    swap_uncache(slot);
}

void swapcache_remove(struct page *page, enum reason why)
{
    /* An entry that named the slot would keep a content older than the page's,
     * and without a PTE no one would free the page. */
    assert(page->frame.refs && !swap_count(page->slot));
    lens_busy();
    swapcache_detach(page);
    page_set_state(page, page->frame.refs > 1 ? FS_COW : FS_ANON, why);
    lens_ready();
}

void swapcache_unmapped(struct page *page, enum reason why)
{
    assert(page->slot && !page->frame.refs);
    if (swap_count(page->slot) || page->frame.pins ||
        (page->frame.flags & FRAME_F_IO))
        return; /* entries need it; or the end of I/O or reclaim frees it */
    lens_busy();
    swapcache_detach(page);
    page_free(page, why);
    lens_ready();
}

bool swapcache_evict(struct page *page, enum reason why)
{
    struct lens_frame *f = &page->frame;
    if (f->refs || f->pins || (f->flags & (FRAME_F_IO | FRAME_F_DIRTY)))
        return false;
    lens_busy();
    tell_page_evicted(page);
    swapcache_detach(page);
    page_free(page, why);
    lens_ready();
    return true;
}

/* ---- the disk ---- */

static u64 again_ns, pause_ns; /* a failed write's next try; the wait for it */

bool swap_is_stuck(const struct page *page)
{
    return goes_to_swap(page) && (page->frame.spare & PAGE_STUCK) &&
           now_ns() < again_ns;
}

/* Like swap_is_stuck; but if the page may be tried again, counts it as tried,
 * so that no other stuck page is tried for a while. */
static bool write_is_stuck(struct page *page)
{
    if (!goes_to_swap(page) || !(page->frame.spare & PAGE_STUCK))
        return false;
    if (now_ns() < again_ns)
        return true;
    pause_ns = pause_ns ? MIN(2 * pause_ns, 64 * NSEC_PER_SEC) : NSEC_PER_SEC;
    again_ns = now_ns() + pause_ns;
    page->frame.spare &= (u8)~PAGE_STUCK;
    return false;
}

static void page_request_done(struct request *q, u32 op, int status)
{
    struct page *page = q->page;
    assert(page && (page->frame.flags & FRAME_F_IO) && nfree < NREQUESTS);
    assert(q->holds != page_is_anon(page) &&
           (q->holds || page->slot == q->slot));
    if (op == BLK_WRITE) {
        assert(writes);
        writes--;
        COUNT(PSWPOUT);
        count_pages_out(page, 1);
        if (!status)
            again_ns = pause_ns = 0;
        else if (goes_to_swap(page))
            page->frame.spare |= PAGE_STUCK;
    } else {
        COUNT(PSWPIN);
        count_pages_in(page, 1);
    }
    q->page = NULL;
    q->next = free_requests;
    free_requests = q;
    nfree++;
    page->frame.flags &= (u8)~FRAME_F_IO;
    page_unpin(page);
    if (q->holds)
        swap_put(q->slot, R_NONE);
    q->done(page, status);
}

static void disk_request_done(struct blkreq *r)
{
    struct request *q = (struct request *)r, *next;
    u32 op = r->op;
    int status = r->status;
    if (op == BLK_WRITE)
        COUNT(PGOUT);
    else
        COUNT(PGIN);
    if (q->segs) {
        u32 bit = 1u << (q->segs - segments[0]) / NWRITES;
        assert(segments_used & bit);
        segments_used &= ~bit;
    }
    for (; q; q = next) {
        const struct lens_by by = q->by, *before = lens_on_behalf(&by);
        next = q->next;
        page_request_done(q, op, status);
        lens_on_behalf(before);
    }
    wake_up(&swap_io_over);
}

/* Allocates a request for one page; NULL: none is free. The page of an object
 * may lose its slot before the transfer is over. Until then no other page may
 * get the slot: the disk may do the transfers in any order. (The swap cache
 * holds the slots of its pages itself.) */
static struct request *request_alloc(struct page *page, u32 slot,
                                     swap_done *done)
{
    struct request *q = free_requests;
    if (!q)
        return NULL;
    assert(!q->page && nfree);
    /* The swap cache's pages are transferred to and from their own slots; the
     * mark of a file's page is its caller's (object_begin_write). */
    assert(!page_is_anon(page) ||
           (page->slot == slot && !(page->frame.flags & FRAME_F_IO)));
    free_requests = q->next;
    nfree--;
    q->page = page;
    q->slot = slot;
    q->holds = !page_is_anon(page);
    if (q->holds)
        swap_get(slot);
    q->done = done;
    q->by = lens_by_now();
    q->next = NULL;
    q->segs = NULL;
    page->frame.flags |= FRAME_F_IO;
    page_pin(page);
    return q;
}

/* Submits q and the n - 1 requests chained to it as one disk request, from the
 * slot on. */
static void submit_request(struct request *q, u32 n, u32 slot, u32 op)
{
    struct blkdev *dev;
    u64 sector;
    u32 i = 0;
    slot_place(slot, &dev, &sector);
    q->r = (struct blkreq){.op = op,
                           .sector = sector,
                           .kva = page_va(q->page),
                           .nsectors = n * (PAGE_SIZE / SECTOR_SIZE),
                           .segs = q->segs,
                           .nsegs = q->segs ? n : 0,
                           .done = disk_request_done};
    waitq_init(&q->r.wait);
    for (struct request *p = q; p; p = p->next, i++) {
        assert(p->slot == slot + i && i < n);
        if (q->segs)
            q->segs[i] = (struct blkseg){page_va(p->page), PAGE_SIZE};
    }
    assert(i == n && (n == 1 || q->segs));
    int err = blk_submit(dev, &q->r);
    if (err) {
        q->r.status = err;
        disk_request_done(&q->r);
    }
}

static struct blkseg *take_segments(void)
{
    for (u32 i = 0; i < NKLUSTERS; i++)
        if (!(segments_used >> i & 1)) {
            segments_used |= 1u << i;
            return segments[i];
        }
    return NULL;
}

void swap_submit_gathered(void)
{
    struct request *q = gathered.first, *next;
    u32 n = gathered.n, slot = gathered.slot;
    gathered.first = NULL;
    if (!q)
        return;
    if (n > 1)
        q->segs = take_segments();
    if (n == 1 || q->segs) {
        submit_request(q, n, slot, gathered.op);
        return;
    }
    for (; q; q = next) {
        next = q->next;
        q->next = NULL;
        submit_request(q, 1, slot++, gathered.op);
    }
}

/* Adds q to the gathered requests. If its slot or operation does not continue
 * them, first submits them. */
static void gather(struct request *q, u32 op)
{
    struct blkdev *dev;
    u64 sector;
    if (gathered.first &&
        (op != gathered.op || q->slot != gathered.slot + gathered.n))
        swap_submit_gathered();
    if (!gathered.first) {
        gathered.slot = q->slot;
        gathered.n = 0;
        gathered.op = op;
        gathered.end = &gathered.first;
    }
    *gathered.end = q;
    gathered.end = &q->next;
    gathered.n++;
    slot_place(q->slot, &dev, &sector);
    if (gathered.n >= MIN(policy->kluster, blk_max_segs(dev)))
        swap_submit_gathered();
}

int swap_write(struct page *page, u32 slot, swap_done *done)
{
    struct request *q = swap_io_room() ? request_alloc(page, slot, done) : NULL;
    if (!q)
        return -EAGAIN;
    writes++;
    gather(q, BLK_WRITE);
    return 0;
}

int swap_read(struct page *page, u32 slot, swap_done *done)
{
    struct request *q = request_alloc(page, slot, done);
    if (!q)
        return -EAGAIN;
    gather(q, BLK_READ);
    return 0;
}

void swap_each_transfer(void (*fn)(u32 slot, bool holds, void *arg), void *arg)
{
    for (u32 i = 0; i < NREQUESTS; i++)
        if (requests[i].page)
            fn(requests[i].slot, requests[i].holds, arg);
}

u64 swap_writes(void)
{
    return writes;
}

bool swap_io_room(void)
{
    return writes < NWRITES && nfree;
}

void swap_wait_any(void)
{
    sleep_on(&swap_io_over);
}

void swap_wait_page(struct page *page)
{
    u32 slot = page->slot;
    while ((page->frame.flags & FRAME_F_IO) && page->slot == slot)
        sleep_on(&swap_io_over);
}

/* ---- out ---- */

/* Completes swap_out: frees the frame unless the page is to stay or was used or
 * mapped again. An error makes it dirty, for a new try. => in an interrupt */
static void swap_out_done(struct page *page, int status)
{
    struct lens_frame *f = &page->frame;
    bool anon = page_is_anon(page), keep = f->spare & PAGE_KEEP;
    assert(f->state == (anon ? FS_SWAPCACHE : FS_SHMEM));
    f->spare &= (u8)~PAGE_KEEP;
    if (status)
        f->flags |= FRAME_F_DIRTY;
    else if (anon)
        f->flags &= (u8)~FRAME_F_DIRTY;
    page_set_state(page, (enum frame_state)f->state,
                   status ? R_SWAP_KEEP : R_SWAP_OUT);
    if (!anon)
        object_io_done(page);
    if (!tell_page_written(page))
        return;
    if (anon && f->refs == 0 && !swap_count(page->slot))
        swapcache_unmapped(page, R_DROP_CACHE);
    else if (!keep && !(f->flags & (FRAME_F_REF | FRAME_F_CACHED)))
        anon ? swapcache_evict(page, R_RECLAIM) : object_evict(page, R_RECLAIM);
}

bool swap_give_slot(struct page *page)
{
    assert(page_is_anon(page) && !(page->frame.flags & FRAME_F_LOCKED) &&
           !page->slot == (page->frame.state != FS_SWAPCACHE));
    u32 slot = page->slot ? page->slot : swap_alloc();
    if (page->slot || !slot)
        return slot != 0;
    lens_busy();
    attach_slot(page, slot);
    if (policy_is_daemon())
        COUNT(SWPC_ADD_KSWAPD);
    page->frame.flags |= FRAME_F_DIRTY;
    page_set_state(page, FS_SWAPCACHE, R_SWAP_ADD);
    lens_ready();
    return true;
}

bool swap_unmap(struct page *page)
{
    lens_busy();
    bool has = swap_give_slot(page);
    if (has && policy_is_daemon())
        page->frame.spare |= PAGE_GOING;
    page_pin(page); /* keeps the frame when its last PTE goes */
    if (has)
        page_unmap_all(page, R_SWAP_ADD);
    page_unpin(page);
    lens_ready();
    return has;
}

/* Returns 0 or -ENOSPC. An anonymous page stays dirty until it is written. */
static int prepare_anon(struct page *page, bool keep)
{
    if (!(keep ? swap_give_slot(page) : swap_unmap(page)))
        return -ENOSPC;
    if (keep)
        protect_page(page);
    else
        page_unmark(page);
    return 0;
}

/* Returns 0, -errno, or 1: the page need not be written, since it was never
 * modified or its slot has its content. */
static int prepare_shared(struct page *page, bool keep)
{
    bool used = page->frame.flags & FRAME_F_REF;
    page_unmap_all(page, R_RECLAIM);
    page_unmark(page);
    if (keep && used)
        page_mark(page);
    if (!(page->frame.flags & FRAME_F_DIRTY))
        return 1;
    int err = shmem_give_slot(page->object, page->frame.index);
    if (err)
        return err;
    page_set_state(page, FS_SHMEM, R_SWAP_ADD);
    page->frame.flags &= (u8)~FRAME_F_DIRTY;
    return 0;
}

int swap_out(struct page *page, bool keep)
{
    bool anon = page_is_anon(page);
    assert(goes_to_swap(page) && !page->frame.pins &&
           !(page->frame.flags & PAGE_HELD));
    if (!swap_io_room())
        return -EAGAIN;
    if (write_is_stuck(page))
        return -EIO;
    lens_busy();
    int err = anon ? prepare_anon(page, keep) : prepare_shared(page, keep);
    if (!err) {
        page->frame.spare |= keep ? PAGE_KEEP : 0;
        err = swap_write(page,
                         anon ? page->slot
                              : shmem_slot(page->object, page->frame.index),
                         swap_out_done);
    }
    lens_ready();
    if (err != 1)
        return err;
    if (keep)
        return -EINVAL;
    bool gone = object_evict(page, R_RECLAIM);
    assert(gone);
    return 1;
}

/* ---- in ---- */

static void swap_in_done(struct page *page, int status)
{
    if (status)
        page->frame.spare |= PAGE_ERROR;
    /* asserts that the page was not mapped before its read ended */
    swapcache_unmapped(page, R_DROP_CACHE);
}

/* Allocates a frame for the slot's page and starts to read it. */
static struct page *start_read(u32 slot, enum reason why)
{
    assert(swap_count(slot) && !swap_in_memory(slot));
    if (!nfree)
        return NULL;
    struct page *page = page_alloc(FS_SWAPCACHE, why, current->lens.tgid);
    if (!page)
        return NULL;
    attach_slot(page, slot);
    tell_page_came(page, why);
    swap_recache(slot);
    if (swap_read(page, slot, swap_in_done)) {
        swapcache_detach(page);
        page_free(page, R_DROP_CACHE);
        return NULL;
    }
    return page;
}

/* Returns the number of slots to read at once: Linux 3.14's swapin_nr_pages,
 * but last_slot is also set if there were hits, and the first window is 2. */
static u32 window(u32 slot)
{
    static u32 last_slot, last_window = 4, last_hits;
    u32 max = 1u << tun(TUN_PAGE_CLUSTER);
    u32 hits = (u32)counters[C_SWAP_RA_HIT] - last_hits, n = hits + 2;
    last_hits += hits;
    if (max == 1 || policy->whole_clusters)
        return max;
    if (n == 2) { /* no hits: one slot, or two next to last_slot */
        if (slot != last_slot + 1 && slot + 1 != last_slot)
            n = 1;
    } else {
        u32 p = 4;
        while (p < n)
            p *= 2;
        n = p;
    }
    last_slot = slot;
    n = MAX(MIN(n, max), MIN(last_window / 2, max));
    last_window = n;
    return n;
}

/* Reads the slot's neighbours while memory is not scarce (requirement 004-8):
 * memory_spare is above low; with reads_around (Linux 6.12), above min. */
static void read_ahead(u32 slot)
{
    u32 at, end;
    u64 stop = policy->reads_around ? memory_levels.min : memory_levels.low;
    slot_window(slot, window(slot), &at, &end);
    for (; at < end && memory_spare() > stop; at++) {
        if (at == slot || !swap_count(at) || swap_in_memory(at))
            continue;
        struct page *page = start_read(at, R_SWAP_AHEAD);
        if (!page)
            return;
        page->frame.spare |= PAGE_AHEAD;
        page_unmark(page);
        COUNT(SWAP_RA);
    }
}

struct page *swap_in(u32 slot, enum actor who, bool *major, int *err)
{
    struct page *page = swapcache_find(slot);
    if (!page) {
        page = start_read(slot, R_SWAP_IN);
        if (!page) {
            *err = nfree ? -ENOMEM : -EAGAIN;
            if (!nfree)
                swap_wait_any();
            return NULL;
        }
        if (!slot_going(slot) && current->leader->rlim[RLIMIT_RSS].cur == ~0ul)
            read_ahead(slot);
    } else if (!(page->frame.flags & FRAME_F_IO) ||
               (page->frame.flags & FRAME_F_DIRTY)) {
        if (page->frame.spare & PAGE_ERROR) {
            *err = -EIO;
            return NULL;
        }
        tell_page_used(page, who);
        return page;
    }
    *major = true;
    swap_wait_page(page);
    *err = -EAGAIN;
    return NULL;
}

void swapcache_used(struct page *page, bool major)
{
    u8 *marks = &page->frame.spare;
    if (!major) {
        COUNT(SWPCACHE_HIT);
        if (*marks & PAGE_GOING)
            COUNT(SWPC_MARKED);
    }
    if (*marks & PAGE_AHEAD)
        COUNT(SWAP_RA_HIT);
    *marks &= (u8) ~(PAGE_GOING | PAGE_AHEAD);
}
