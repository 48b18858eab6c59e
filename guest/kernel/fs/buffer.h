/* SPDX-License-Identifier: MIT */
/* The buffer cache: blocks of metadata (superblock, group descriptors,
 * bitmaps, inode tables, indirect blocks). File data never goes through here:
 * that is pages of the inode's object (003-11: "metadata only").
 *
 * A buffer that was changed is written back by kflushd when it is old, by
 * sync and fsync, or to make room; never by who changed it. */
#ifndef FS_BUFFER_H
#define FS_BUFFER_H

#include "drv/virtio_blk.h"

struct buf {
    struct list link; /* all buffers, least recently used first */
    struct list hash;
    struct blkdev *dev;
    u64 block;
    u32 size; /* of a block, bytes */
    u32 refs;
    bool reading, dirty, writing;
    int error;      /* of the last write */
    u64 dirtied_ns; /* when it became dirty */
    u8 *data;
    struct blkreq req; /* writing */
};

/* The block, read if need be, with a reference. NULL with *err: -EIO,
 * -ENOMEM. => may sleep */
struct buf *buf_read(struct blkdev *dev, u64 block, u32 size, int *err);
/* The same for a block that was just allocated: zeros, not read. */
struct buf *buf_zero(struct blkdev *dev, u64 block, u32 size, int *err);
void buf_put(struct buf *b);
/* It was changed, by one who holds a reference. */
void buf_dirty(struct buf *b);
/* The block is free: what the buffer holds must not reach the disk any more.
 * => may sleep, while it is being written */
void buf_revoke(struct blkdev *dev, u64 block);
/* Starts writing all buffers of dev (NULL: of all disks) that are dirty since
 * before `before` (now_ns() time). => sleeps if the queue is long */
void buf_write_old(struct blkdev *dev, u64 before);
/* Writes all dirty ones of dev and waits. 0, -EIO. => sleeps */
int buf_sync(struct blkdev *dev);
/* Forgets all blocks of dev. => nobody uses them */
void buf_forget(struct blkdev *dev);
/* Drops clean, unused buffers, oldest first: up to n, or all. How many. */
u32 buf_shrink(u32 n);
u64 buf_bytes(void); /* for meminfo's Buffers */
u32 buf_ndirty(void);

#endif
