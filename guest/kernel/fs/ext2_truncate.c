/* SPDX-License-Identifier: MIT */
/* Frees the blocks of files that are truncated or deleted. */
#include "fs/ext2.h"

#include "fs/file.h"
#include "vm/page.h"

struct cut {
    struct inode *inode;
    u64 from, to; /* file blocks to free: [from, to) */
    int err;      /* the first error; freeing goes on after it */
};

static void note(struct cut *c, int err)
{
    if (err && !c->err)
        c->err = err;
}

/* Frees the block, and clears *slot. If memory is refused, *slot stays: the
 * caller's caller begins again. */
static void free_one(struct cut *c, u32 *slot, bool pointers)
{
    struct ext2 *fs = ext2_of(c->inode->sb);
    u32 per_block = fs->block_size / SECTOR_SIZE, block = *slot;
    int err = ext2_free_block(c->inode->sb, block);

    note(c, err);
    if (err == -ENOMEM)
        return;
    *slot = 0;
    if (pointers) /* fs->lock is held: nobody has got the block yet */
        buf_revoke(fs->dev, block);
    c->inode->blocks -= MIN(c->inode->blocks, (u64)per_block);
}

/* Frees those blocks of the cut to which *slot leads through `level` levels of
 * pointers; the first block below *slot is file block `base`. */
static void cut_tree(struct cut *c, u32 *slot, u32 level, u64 base)
{
    struct ext2 *fs = ext2_of(c->inode->sb);
    u64 n = fs->block_size / sizeof(u32), span = 1;
    int err = 0;

    for (u32 i = 1; i < level; i++)
        span *= n;
    u64 end = base + span * (level ? n : 1);
    if (!*slot || end <= c->from || base >= c->to)
        return;
    if (!level) {
        free_one(c, slot, false);
        return;
    }
    if (*slot <= fs->first_block || *slot >= fs->blocks) {
        note(c, ext2_corrupt(c->inode->sb,
                             "a file has a block outside the disk", *slot));
        return;
    }
    struct buf *b = ext2_buf(c->inode->sb, *slot, &err);
    if (!b) {
        note(c, err);
        return;
    }
    for (u64 i = 0; i < n; i++)
        cut_tree(c, (u32 *)b->data + i, level - 1, base + i * span);
    bool left = base < c->from || end > c->to;
    for (u64 i = 0; i < n && !left; i++)
        left = ((u32 *)b->data)[i]; /* what lies below could not be freed */
    buf_dirty_of(b, &c->inode->obj);
    buf_put(b);
    if (!left)
        free_one(c, slot, true);
}

/* Frees the file blocks [from, to). => fs->lock held */
static int free_blocks(struct inode *inode, u64 from, u64 to)
{
    struct ext2 *fs = ext2_of(inode->sb);
    struct ext2_inode *ei = ext2_inode(inode);
    struct cut c = {.inode = inode, .from = from, .to = to};
    u64 n = fs->block_size / sizeof(u32), base = 0, span = 1;

    for (u32 i = 0; i < EXT2_NBLOCKS; i++) {
        u32 level = i < EXT2_NDIRECT ? 0 : i - EXT2_NDIRECT + 1;
        span = level ? span * n : 1;
        cut_tree(&c, &ei->block[i], level, base);
        base += span;
    }
    ei->last_block = 0;
    note(&c, ext2_write_inode(inode)); /* before other files get the blocks */
    return c.err;
}

int ext2_free_from(struct inode *inode, u64 size)
{
    struct ext2 *fs = ext2_of(inode->sb);

    mutex_lock(&fs->lock);
    int err = free_blocks(inode, DIV_ROUND_UP(size, (u64)fs->block_size), ~0ul);
    mutex_unlock(&fs->lock);
    return err;
}

void ext2_blocks_unmake(struct inode *inode, struct page *page, u32 made)
{
    struct ext2 *fs = ext2_of(inode->sb);

    mutex_lock(&fs->lock);
    u64 at = page->frame.index * (PAGE_SIZE / fs->block_size);
    bool used = page_is_dirty(page) || (page->frame.spare & PAGE_WRITE);
    if (page->object != &inode->obj)
        ;          /* a truncation has freed them */
    else if (used) /* another task counts on them: write them */
        object_page_dirty(page, R_FILE_WRITE);
    else
        for (; made; made >>= 1, at++)
            if (made & 1)
                free_blocks(inode, at, at + 1);
    mutex_unlock(&fs->lock);
}

/* => inode->lock held */
int ext2_truncate(struct inode *inode, u64 size)
{
    struct vm_object *obj = &inode->obj;
    u64 old = obj->size;
    struct ext2 *fs = ext2_of(inode->sb);
    u32 block = 0;
    int err = size > inode->sb->size_max ? -EFBIG : ext2_touch(inode->sb);

    if (err)
        return err;
    if (size > old) {
        pages_extend(inode, size);
    } else {
        /* The page's tail must read as zeros when the file grows again;
         * `block` contains the first byte that is cut. */
        if (size < old && size % PAGE_SIZE) {
            err = ext2_block(inode, size / fs->block_size, &block);
            if (!err && block)
                err = pages_zero_tail(inode, size);
            if (err)
                return err;
            /* Blocks of this page must not be freed while under I/O. */
            while (!block && object_page_busy(obj, size / PAGE_SIZE))
                sleep_on(&page_io_done);
        }
        obj->size = size;
        object_truncate(obj, DIV_ROUND_UP(size, PAGE_SIZE));
        err = ext2_free_from(inode, size);
    }
    inode_dirty(inode);
    return err;
}
