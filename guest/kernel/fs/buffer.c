/* SPDX-License-Identifier: MIT */
/* The buffer cache has at most nframes / 64 blocks, or MIN_BUFS if that is
 * more. It drops the least recently used clean block first. */
#include "fs/buffer.h"

#include "task/proc.h"
#include "vm/object.h"
#include "vm/page.h"
#include "vm/writeback.h"

#define NHASH    64
#define MIN_BUFS 32u

static struct list lru = LIST_INIT(lru); /* least recently used first */
static struct list hash[NHASH];
static u32 nbufs, ndirty;
static u64 newest_write;
static u64 bytes;
/* Errors are kept per disk, since a buffer whose write has failed is clean, and
 * may be dropped before a sync asks. */
static struct failure {
    struct blkdev *dev;
    int unreported; /* the last write error that no sync has reported */
    int of_files;   /* likewise, of files' pointers: for syncfs */
    bool any;       /* a read or write has failed */
} failures[BLK_MAX_DISKS];
static struct waitq changed = WAITQ_INIT(changed);

u64 buf_bytes(void)
{
    return bytes;
}

u32 buf_ndirty(void)
{
    return ndirty;
}

static struct failure *failure_of(struct blkdev *dev)
{
    struct failure *f = failures;

    while (f->dev && f->dev != dev)
        f++;
    f->dev = dev;
    return f;
}

static void write_failed(const struct buf *b, int err)
{
    struct failure *f = failure_of(b->dev);

    f->any = true;
    if (b->of) {
        object_set_error(b->of, err);
        f->of_files = err;
    } else {
        f->unreported = err;
    }
}

bool buf_failed(struct blkdev *dev)
{
    return failure_of(dev)->any;
}

static struct list *buffer_bucket(struct blkdev *dev, u64 block)
{
    if (!hash[0].next)
        for (u32 i = 0; i < NHASH; i++)
            list_init(&hash[i]);
    return &hash[(block ^ block >> 8 ^ (u64)dev >> 8) % NHASH];
}

static struct buf *buffer_find(struct blkdev *dev, u64 block)
{
    struct buf *b;

    list_for_each_entry(b, buffer_bucket(dev, block), hash)
    {
        if (b->dev == dev && b->block == block)
            return b;
    }
    return NULL;
}

static void buf_discard(struct buf *b)
{
    assert(!b->refs && !b->writing);
    list_del(&b->link);
    list_del(&b->hash);
    ndirty -= b->dirty;
    bytes -= b->size;
    nbufs--;
    kfree(b->data);
    kfree(b);
}

static bool is_idle(const struct buf *b)
{
    return !b->refs && !b->dirty && !b->writing && !b->reading;
}

u32 buf_shrink(u32 n)
{
    struct buf *b, *tmp;
    u32 done = 0;

    list_for_each_entry_safe(b, tmp, &lru, link)
    {
        if (done == n)
            break;
        if (is_idle(b)) {
            buf_discard(b);
            done++;
        }
    }
    return done;
}

static void buf_write_done(struct blkreq *r)
{
    struct buf *b = container_of(r, struct buf, req);

    b->writing = false;
    if (r->status)
        write_failed(b, r->status);
    wake_up(&changed);
}

/* Starts to write the buffer; changes made during the write make it dirty
 * again. */
static void buffer_start_write(struct buf *b)
{
    if (!b->dirty || b->writing)
        return;
    b->dirty = b->fresh = false;
    ndirty--;
    COUNT(BWRITE);
    b->writing = true;
    b->write = ++newest_write;
    b->req = (struct blkreq){.op = BLK_WRITE,
                             .sector = b->block * (b->size / SECTOR_SIZE),
                             .nsectors = b->size / SECTOR_SIZE,
                             .kva = b->data,
                             .done = buf_write_done};
    int err = blk_submit(b->dev, &b->req);
    if (err) {
        write_failed(b, err);
        b->writing = false;
    }
}

void buf_write_old(struct blkdev *dev, u64 before)
{
    struct buf *b;

    list_for_each_entry(b, &lru, link)
    {
        if ((!dev || b->dev == dev) && b->dirty && b->dirtied_ns <= before)
            buffer_start_write(b);
    }
}

static bool any_writing(struct blkdev *dev, u64 latest)
{
    struct buf *b;
    bool any = false;

    list_for_each_entry(b, &lru, link)
    {
        any |= b->dev == dev && b->writing && b->write <= latest;
    }
    return any;
}

/* Waits for the writes that are under way now, not for those that begin
 * meanwhile: they may go on for ever. */
static void wait_written(struct blkdev *dev)
{
    u64 latest = newest_write;

    while (any_writing(dev, latest))
        sleep_on(&changed);
}

/* Writes and flushes the dirty fresh blocks. buf_sync does this first: until a
 * fresh block is written, a pointer to it on the disk leads to old content. */
static int sync_fresh(struct blkdev *dev)
{
    struct buf *b;
    bool any = false;

    list_for_each_entry(b, &lru, link)
    {
        if (b->dev != dev || !b->dirty || !b->fresh)
            continue;
        buffer_start_write(b);
        any = true;
    }
    if (!any)
        return 0;
    wait_written(dev);
    return blk_flush(dev);
}

int buf_sync(struct blkdev *dev)
{
    wait_written(dev); /* a buffer being written may be dirty again */
    int bad = sync_fresh(dev);
    buf_write_old(dev, NEVER);
    wait_written(dev);
    int err = failure_of(dev)->unreported;
    failure_of(dev)->unreported = 0;
    return err ? err : bad;
}

/* Makes room for one more buffer. If all are in use, dirty or under I/O, starts
 * to write the dirty ones and returns false. */
static bool buffer_make_room(void)
{
    if (nbufs < MAX(nframes / 64, MIN_BUFS) || buf_shrink(1))
        return true;
    buf_write_old(NULL, NEVER);
    return false;
}

static struct buf *buf_new(struct blkdev *dev, u64 block, u32 size)
{
    struct buf *b = kzalloc(sizeof(*b));

    if (!b)
        return NULL;
    b->data = kmalloc(size);
    if (!b->data && buf_shrink(4))
        b->data = kmalloc(size);
    if (!b->data) {
        kfree(b);
        return NULL;
    }
    list_init(&b->hash);
    b->dev = dev;
    b->block = block;
    b->size = size;
    b->refs = 1;
    b->reading = true;
    list_add_tail(&b->link, &lru);
    list_add(&b->hash, buffer_bucket(dev, block));
    nbufs++;
    bytes += size;
    return b;
}

/* Returns the block's buffer with a reference, or NULL if memory is short. If
 * the buffer is new, sets *fresh: the caller must fill it. */
static struct buf *get(struct blkdev *dev, u64 block, u32 size, bool *fresh)
{
    for (;;) {
        struct buf *b = buffer_find(dev, block);
        *fresh = false;
        if (b && !b->reading) {
            b->refs++;
            list_del(&b->link);
            list_add_tail(&b->link, &lru);
            return b;
        }
        if (!b && buffer_make_room()) {
            *fresh = true;
            return buf_new(dev, block, size);
        }
        sleep_on(&changed);
    }
}

struct buf *buf_read(struct blkdev *dev, u64 block, u32 size, int *err)
{
    bool fresh;
    struct buf *b = get(dev, block, size, &fresh);

    COUNT(LREAD);
    if (!b)
        *err = -ENOMEM;
    if (!b || !fresh)
        return b;
    u32 per_block = size / SECTOR_SIZE;
    *err = blk_read(dev, block * per_block, b->data, per_block);
    COUNT(BREAD);
    b->reading = false;
    wake_up(&changed);
    if (!*err)
        return b;
    failure_of(dev)->any = true;
    b->refs = 0;
    buf_discard(b);
    return NULL;
}

struct buf *buf_zero(struct blkdev *dev, u64 block, u32 size, int *err)
{
    bool fresh;
    struct buf *b = get(dev, block, size, &fresh);

    if (!b) {
        *err = -ENOMEM;
        return NULL;
    }
    memset(b->data, 0, size);
    b->fresh = true;
    b->of = NULL;
    b->reading = false;
    return b;
}

void buf_put(struct buf *b)
{
    BUG_ON(b->refs == 0);
    if (--b->refs == 0)
        wake_up(&changed);
}

void buf_dirty(struct buf *b)
{
    if (b->dirty)
        return;
    COUNT(LWRITE);
    b->dirty = true;
    b->dirtied_ns = now_ns();
    if (ndirty++ == 0)
        wake_up(&flush_wanted);
}

void buf_dirty_of(struct buf *b, struct vm_object *of)
{
    b->of = of;
    buf_dirty(b);
}

void buf_disown(const struct vm_object *of)
{
    struct buf *b;

    list_for_each_entry(b, &lru, link)
    {
        if (b->of == of)
            b->of = NULL;
    }
}

int buf_tell_of_files(struct blkdev *dev)
{
    int err = failure_of(dev)->of_files;
    failure_of(dev)->of_files = 0;
    return err;
}

void buf_revoke(struct blkdev *dev, u64 block)
{
    struct buf *b;

    while ((b = buffer_find(dev, block)) && (b->writing || b->reading))
        sleep_on(&changed);
    if (!b)
        return;
    ndirty -= b->dirty;
    b->dirty = false;
    b->of = NULL;
    if (!b->refs)
        buf_discard(b);
}

void buf_forget(struct blkdev *dev)
{
    struct buf *b, *tmp;

    *failure_of(dev) = (struct failure){.dev = dev};
    list_for_each_entry_safe(b, tmp, &lru, link)
    {
        if (b->dev == dev && !b->refs && !b->writing)
            buf_discard(b);
    }
}
