/* SPDX-License-Identifier: MIT */
/* Maps a file's blocks to disk blocks.
 *
 *   block[0..11] ---------------------------> data
 *   block[12] --> pointers -----------------> data
 *   block[13] --> pointers --> pointers ----> data
 *   block[14] --> pointers --> pointers --> pointers --> data
 *
 * A pointer of 0 at any level is a hole: zeros. */
#include "fs/ext2.h"

#include "vm/page.h"

u32 ext2_path(const struct ext2 *fs, u64 index, u32 at[4])
{
    u64 per_block = fs->block_size / sizeof(u32), span = 1;
    u32 depth = 1;

    if (index < EXT2_NDIRECT) {
        at[0] = (u32)index;
        return 1;
    }
    index -= EXT2_NDIRECT;
    for (span = per_block; index >= span; span *= per_block) {
        index -= span;
        if (++depth > 3)
            return 0;
    }
    at[0] = EXT2_NDIRECT + depth - 1;
    for (u32 i = depth; i > 0; i--) {
        at[i] = (u32)(index % per_block);
        index /= per_block;
    }
    return depth + 1;
}

static int check_block(struct inode *inode, u32 block)
{
    struct ext2 *fs = ext2_of(inode->sb);

    if (block > fs->first_block && block < fs->blocks)
        return 0;
    return ext2_corrupt(inode->sb, "a file has a block outside the disk",
                        block);
}

int ext2_block(struct inode *inode, u64 index, u32 *block)
{
    u32 at[4], depth = ext2_path(ext2_of(inode->sb), index, at);

    *block = depth ? ext2_inode(inode)->block[at[0]] : 0;
    for (u32 i = 1; *block && i < depth; i++) {
        int err = check_block(inode, *block);
        struct buf *b = err ? NULL : ext2_buf(inode->sb, *block, &err);
        if (!b)
            return err;
        *block = ((u32 *)b->data)[at[i]];
        buf_put(b);
    }
    return *block ? check_block(inode, *block) : 0;
}

/* Returns the best disk block for file block `index`. */
static u32 goal_of(struct inode *inode, u64 index)
{
    struct ext2 *fs = ext2_of(inode->sb);
    struct ext2_inode *ei = ext2_inode(inode);

    if (ei->last_block && index == ei->last_index + 1)
        return ei->last_block + 1;
    if (ei->last_block)
        return ei->last_block;
    for (u32 i = EXT2_NDIRECT; i-- > 0;)
        if (ei->block[i])
            return ei->block[i] + 1;
    return fs->first_block +
           (u32)(inode->ino - 1) / fs->inodes_per_group * fs->blocks_per_group;
}

/* Allocates a block for the file; a block of pointers is cleared. */
static int new_block(struct inode *inode, u64 index, bool pointers, u32 *out)
{
    struct ext2 *fs = ext2_of(inode->sb);
    struct ext2_inode *ei = ext2_inode(inode);
    int err = ext2_alloc_block(inode, goal_of(inode, index), out);

    if (err)
        return err;
    if (pointers) {
        struct buf *b = buf_zero(fs->dev, *out, fs->block_size, &err);
        if (!b) {
            ext2_free_block(inode->sb, *out);
            return err;
        }
        buf_dirty_of(b, &inode->obj);
        buf_put(b);
    }
    /* A block of pointers lies between two data blocks: the next data block
     * is to follow it. */
    ei->last_index = pointers ? index - 1 : index;
    ei->last_block = *out;
    inode->blocks += fs->block_size / SECTOR_SIZE;
    inode_dirty(inode);
    return 0;
}

/* Finds or allocates file block `index`. 1: allocated it; 0: it existed. */
static int make_block(struct inode *inode, u64 index, u32 *block)
{
    u32 at[4], depth = ext2_path(ext2_of(inode->sb), index, at);
    u32 *slot = &ext2_inode(inode)->block[at[0]];
    struct buf *holder = NULL; /* the block that contains *slot */
    int err = depth ? 0 : -EFBIG;
    bool made = false;

    for (u32 i = 0; !err && i < depth; i++) {
        if (!*slot) {
            u32 fresh;
            err = new_block(inode, index, i + 1 < depth, &fresh);
            if (err)
                break;
            *slot = fresh;
            made = true;
            if (holder)
                buf_dirty_of(holder, &inode->obj);
        }
        *block = *slot;
        err = check_block(inode, *block);
        struct buf *next =
            err || i + 1 == depth ? NULL : ext2_buf(inode->sb, *block, &err);
        if (holder)
            buf_put(holder);
        holder = next;
        if (next)
            slot = &((u32 *)next->data)[at[i + 1]];
    }
    if (holder)
        buf_put(holder);
    return err ? err : made;
}

int ext2_block_make(struct inode *inode, struct page *page, u64 index, u64 end,
                    u32 *block)
{
    struct ext2 *fs = ext2_of(inode->sb);
    int err = ext2_block(inode, index, block);

    if (err || *block)
        return err;
    if ((err = ext2_touch(inode->sb)))
        return err;
    mutex_lock(&fs->lock);
    if (page->object == &inode->obj &&
        index * fs->block_size < MAX(end, inode->obj.size))
        err = make_block(inode, index, block);
    mutex_unlock(&fs->lock);
    return err;
}
