/* SPDX-License-Identifier: MIT */
/* The buffer cache: blocks of metadata (inode tables, indirect blocks). File
 * data never goes through here: that is pages of the inode's object
 * (003-11: "metadata only"). */
#ifndef FS_BUFFER_H
#define FS_BUFFER_H

#include "drv/virtio_blk.h"

struct buf {
    struct list link; /* all buffers, least recently used first */
    struct blkdev *dev;
    u64 block;
    u32 size; /* of a block, bytes */
    u32 refs;
    bool reading;
    u8 *data;
};

/* The block, read if need be, with a reference. NULL with *err: -EIO,
 * -ENOMEM. => may sleep */
struct buf *buf_read(struct blkdev *dev, u64 block, u32 size, int *err);
void buf_put(struct buf *b);
/* Forgets all blocks of dev. => nobody uses them */
void buf_forget(struct blkdev *dev);
u64 buf_bytes(void); /* for meminfo's Buffers */

#endif
