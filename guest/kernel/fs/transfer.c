/* SPDX-License-Identifier: MIT */
#include "fs/transfer.h"

#include "vm/page.h"

struct transfer {
    struct blkreq req;
    struct blkseg seg[BLK_MAX_SEGS];
    struct page *page[BLK_MAX_SEGS];
    u32 n;
    u32 valid; /* bytes of the last page that belong to the file; blocks after
                * them are not transferred */
    struct lens_by by; /* who asked for it */
};

/* Used for writes if kmalloc fails: reclaim must write even without memory. */
#define RESERVE 2
static struct transfer reserve[RESERVE];
static bool reserve_used[RESERVE];
static struct waitq reserve_free = WAITQ_INIT(reserve_free);

static struct transfer *take_reserve(void)
{
    for (;;) {
        for (u32 i = 0; i < RESERVE; i++) {
            if (reserve_used[i])
                continue;
            reserve_used[i] = true;
            return &reserve[i];
        }
        sleep_on(&reserve_free);
    }
}

static struct transfer *transfer_new(bool write)
{
    struct transfer *t = kmalloc(sizeof(*t));

    if (!t && write)
        t = take_reserve();
    if (!t)
        return NULL;
    t->n = 0;
    t->by = lens_by_now();
    return t;
}

static void transfer_free(struct transfer *t)
{
    if ((u64)t - (u64)reserve >= sizeof(reserve)) {
        kfree(t);
        return;
    }
    reserve_used[t - reserve] = false;
    wake_up(&reserve_free);
}

void transfer_count(enum blk_op op, const struct page *page, u32 n)
{
    if (op == BLK_READ) {
        COUNT(PGIN);
        count_pages_in(page, n);
    } else {
        COUNT(PGOUT);
        count_pages_out(page, n);
    }
}

static void transfer_done(struct blkreq *r)
{
    struct transfer *t = container_of(r, struct transfer, req);
    const struct lens_by *before = lens_on_behalf(&t->by);

    if (r->op == BLK_READ && t->valid < PAGE_SIZE)
        memset((u8 *)page_va(t->page[t->n - 1]) + t->valid, 0,
               PAGE_SIZE - t->valid);
    if (!r->status)
        transfer_count(r->op, t->page[0], t->n);
    for (u32 i = 0; i < t->n; i++) {
        if (r->op == BLK_READ)
            page_read_done(t->page[i], r->status);
        else
            page_write_done(t->page[i], r->status);
    }
    lens_on_behalf(before);
    transfer_free(t);
}

void transfer_submit(struct blkdev *dev, struct transfer *t)
{
    if (!t)
        return;
    t->req.segs = t->seg;
    t->req.nsegs = t->n;
    t->req.done = transfer_done;
    int err = blk_submit(dev, &t->req);
    if (err) {
        t->req.status = err;
        transfer_done(&t->req);
    }
}

int transfer_add(struct blkdev *dev, struct transfer **at, enum blk_op op,
                 struct page *page, u64 sector, u32 valid, u32 sectors)
{
    struct transfer *t = *at;

    if (!t || sector != t->req.sector + t->req.nsectors ||
        t->n == blk_max_segs(dev) || t->valid < PAGE_SIZE) {
        transfer_submit(dev, t);
        t = *at = transfer_new(op == BLK_WRITE);
        if (!t)
            return -ENOMEM;
        t->req.op = op;
        t->req.sector = sector;
        t->req.nsectors = 0;
    }
    t->seg[t->n] = (struct blkseg){page_va(page), sectors * SECTOR_SIZE};
    t->page[t->n++] = page;
    t->req.nsectors += sectors;
    t->valid = valid;
    return 0;
}
