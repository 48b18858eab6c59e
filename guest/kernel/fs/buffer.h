/* SPDX-License-Identifier: MIT */
/* The buffer cache holds blocks of metadata (superblock, group descriptors,
 * bitmaps, inode tables, indirect and attribute blocks). The data of files and
 * directories are pages of objects (requirement 003-11: "metadata only").
 *
 * buf_dirty writes nothing. kflushd or the policy's writer writes old buffers,
 * buf_sync all of a disk; in a full cache buf_read and buf_zero write all. */
#pragma once

#include "drv/virtio_blk.h"

struct vm_object;

struct buf {
    struct list link; /* all buffers, least recently used first */
    struct list hash;
    struct blkdev *dev;
    u64 block;
    u32 size; /* of the block, in bytes */
    u32 refs;
    bool reading, dirty, writing;
    bool fresh;           /* zeroed by buf_zero and not written since */
    u64 dirtied_ns;       /* when it became dirty */
    u64 write;            /* number of its latest write, over all buffers */
    struct vm_object *of; /* the file whose pointers it holds, or NULL */
    u8 *data;
    struct blkreq req; /* the write request */
};

/* Returns the block's buffer with a reference, reading it if need be. NULL with
 * *err -EIO or -ENOMEM. => may sleep */
struct buf *buf_read(struct blkdev *dev, u64 block, u32 size, int *err);
/* As buf_read for a newly allocated block, which is zeroed and not read. */
struct buf *buf_zero(struct blkdev *dev, u64 block, u32 size, int *err);
void buf_put(struct buf *b);
/* Marks a changed buffer dirty. => the caller holds a reference */
void buf_dirty(struct buf *b);
/* As buf_dirty, for a block of pointers of that file: if the block cannot be
 * written, the file's own fsync reports it (Linux: mark_buffer_dirty_inode). */
void buf_dirty_of(struct buf *b, struct vm_object *of);
/* Call before the file is forgotten: no buffer is its own any more. */
void buf_disown(const struct vm_object *of);
/* Returns the error of a block of any file's pointers that no earlier call has
 * returned, or 0: for syncfs. */
int buf_tell_of_files(struct blkdev *dev);
/* Called before the block is freed: drops its buffer's content, which must not
 * be written any more. => may sleep, while the buffer is under I/O */
void buf_revoke(struct blkdev *dev, u64 block);
/* Starts to write all buffers of dev (NULL: of all disks) that became dirty
 * at `before` (now_ns() time) or earlier. => does not sleep */
void buf_write_old(struct blkdev *dev, u64 before);
/* Writes all dirty buffers of dev and waits. Returns 0, or the -errno of a
 * flush, or of a write that no earlier call has reported. => sleeps */
int buf_sync(struct blkdev *dev);
/* True if a block could not be read or written since the last buf_forget. */
bool buf_failed(struct blkdev *dev);
/* Drops all buffers of dev. => none of them is in use */
void buf_forget(struct blkdev *dev);
/* Drops up to n clean, unused buffers, oldest first; returns how many. */
u32 buf_shrink(u32 n);
u64 buf_bytes(void); /* for meminfo's Buffers */
u32 buf_ndirty(void);
