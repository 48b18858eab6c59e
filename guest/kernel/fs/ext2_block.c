/* SPDX-License-Identifier: MIT */
/* Where a file's blocks are, and reading its pages.
 *
 *   block[0..11] ---------------------------> data
 *   block[12] --> pointers -----------------> data
 *   block[13] --> pointers --> pointers ----> data
 *   block[14] --> pointers --> pointers --> pointers --> data
 *
 * A pointer of 0 at any level is a hole: zeros. */
#include "fs/ext2.h"

#include "vm/page.h"

static int check(struct inode *inode, u32 block)
{
    struct ext2 *fs = ext2_of(inode->sb);

    if (block > fs->first_block && block < fs->blocks)
        return 0;
    return ext2_corrupt(inode->sb, "a file has a block outside the disk",
                        block);
}

int ext2_block(struct inode *inode, u64 index, u32 *block)
{
    struct ext2 *fs = ext2_of(inode->sb);
    struct ext2_inode *ei = inode->priv;
    u64 per_block = fs->block_size / sizeof(u32), span = 1;
    u32 level = 0;

    *block = 0;
    if (index < EXT2_NDIRECT) {
        *block = ei->block[index];
    } else {
        index -= EXT2_NDIRECT;
        for (level = 1, span = per_block; index >= span; span *= per_block) {
            index -= span;
            if (++level > 3)
                return 0; /* behind what a file can have */
        }
        *block = ei->block[EXT2_NDIRECT + level - 1];
    }
    for (; *block && level; level--) {
        int err = check(inode, *block);
        if (err)
            return err;
        struct buf *b = buf_read(fs->dev, *block, fs->block_size, &err);
        if (!b)
            return err;
        span /= per_block;
        *block = ((u32 *)b->data)[index / span];
        index %= span;
        buf_put(b);
    }
    return *block ? check(inode, *block) : 0;
}

/* Reads the run of neighbouring disk blocks collected so far. */
static int read_run(struct ext2 *fs, u8 *to, u32 first, u32 count)
{
    u32 per_block = fs->block_size / SECTOR_SIZE;

    if (!count)
        return 0;
    return blk_read(fs->dev, (u64)first * per_block, to, count * per_block);
}

static int read_page(struct vm_object *obj, u64 index, struct page *page)
{
    struct inode *inode = container_of(obj, struct inode, obj);
    struct ext2 *fs = ext2_of(inode->sb);
    u32 n = PAGE_SIZE / fs->block_size, first = 0, count = 0;
    u8 *va = page_va(page), *run = va;
    u64 size = obj->size;

    for (u32 i = 0; i < n; i++) {
        u8 *to = va + i * fs->block_size;
        u64 at = index * PAGE_SIZE + i * fs->block_size;
        u32 block = 0;
        int err = at < size ? ext2_block(inode, index * n + i, &block) : 0;
        if (err)
            return err;
        if (block && count && block == first + count) {
            count++;
            continue;
        }
        if ((err = read_run(fs, run, first, count)))
            return err;
        run = to;
        first = block;
        count = block != 0;
        if (!block)
            memset(to, 0, fs->block_size);
    }
    int err = read_run(fs, run, first, count);
    /* What lies behind the end on the disk is none of anybody's business. */
    if (!err && size < (index + 1) * PAGE_SIZE && size > index * PAGE_SIZE)
        memset(va + size % PAGE_SIZE, 0, PAGE_SIZE - size % PAGE_SIZE);
    return err;
}

const struct object_ops ext2_object_ops = {.read_page = read_page};
