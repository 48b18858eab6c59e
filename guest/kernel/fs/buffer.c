/* SPDX-License-Identifier: MIT */
/* The buffer cache: at most NBUFS blocks, the least recently used goes. */
#include "fs/buffer.h"

#include "vm/page.h"

#define NBUFS 32

static struct list lru = LIST_INIT(lru); /* least recently used first */
static u32 nbufs;
static u64 bytes;
static struct waitq changed = WAITQ_INIT(changed);

u64 buf_bytes(void)
{
    return bytes;
}

static struct buf *find(struct blkdev *dev, u64 block)
{
    struct buf *b;

    list_for_each_entry(b, &lru, link) if (b->dev == dev && b->block == block)
    {
        return b;
    }
    return NULL;
}

static void discard(struct buf *b)
{
    list_del(&b->link);
    bytes -= b->size;
    nbufs--;
    kfree(b->data);
    kfree(b);
}

/* Makes room for one more; false if all are in use. */
static bool make_room(void)
{
    struct buf *b;

    if (nbufs < NBUFS)
        return true;
    list_for_each_entry(b, &lru, link)
    {
        if (b->refs)
            continue;
        discard(b);
        return true;
    }
    return false;
}

static struct buf *buf_new(struct blkdev *dev, u64 block, u32 size)
{
    struct buf *b = kzalloc(sizeof(*b));

    if (!b)
        return NULL;
    b->data = kmalloc(size);
    if (!b->data) {
        kfree(b);
        return NULL;
    }
    b->dev = dev;
    b->block = block;
    b->size = size;
    b->refs = 1;
    b->reading = true;
    list_add_tail(&b->link, &lru);
    nbufs++;
    bytes += size;
    return b;
}

struct buf *buf_read(struct blkdev *dev, u64 block, u32 size, int *err)
{
    struct buf *b;

    for (;;) {
        b = find(dev, block);
        if (b && !b->reading) {
            b->refs++;
            list_del(&b->link);
            list_add_tail(&b->link, &lru);
            return b;
        }
        if (!b && make_room())
            break;
        sleep_on(&changed);
    }
    if (!(b = buf_new(dev, block, size))) {
        *err = -ENOMEM;
        return NULL;
    }
    u32 per_block = size / SECTOR_SIZE;
    *err = blk_read(dev, block * per_block, b->data, per_block);
    b->reading = false;
    wake_up(&changed);
    if (!*err)
        return b;
    discard(b);
    return NULL;
}

void buf_put(struct buf *b)
{
    BUG_ON(b->refs == 0);
    if (--b->refs == 0)
        wake_up(&changed);
}

void buf_forget(struct blkdev *dev)
{
    struct buf *b, *tmp;

    list_for_each_entry_safe(b, tmp, &lru, link)
    {
        if (b->dev == dev && !b->refs)
            discard(b);
    }
}
