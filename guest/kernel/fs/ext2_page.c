/* SPDX-License-Identifier: MIT */
/* Reads and writes the pages of files. */
#include "fs/ext2.h"

#include "fs/dcache.h"
#include "fs/transfer.h"
#include "vm/page.h"

/* The arrangement of a page's blocks on the disk. */
enum layout { HOLE, TOGETHER, SCATTERED };

/* Returns how many bytes of page `index` are before the file's end. */
static u64 valid_bytes(const struct inode *inode, u64 index)
{
    u64 size = inode->obj.size, start = index * PAGE_SIZE;

    return size <= start ? 0 : MIN(size - start, PAGE_SIZE);
}

/* Returns HOLE if no block exists, TOGETHER if all exist and are contiguous
 * from *first on, else SCATTERED; or -errno. Only blocks of the page's first
 * `valid` bytes count: a truncation may be freeing the blocks after them. */
static int layout_of(struct inode *inode, u64 index, u64 valid, u32 *first)
{
    u32 size = ext2_of(inode->sb)->block_size, per_page = PAGE_SIZE / size;
    u32 n = (u32)DIV_ROUND_UP(valid, (u64)size), holes = 0, block;
    bool together = true;

    for (u32 i = 0; i < n; i++) {
        int err = ext2_block(inode, index * per_page + i, &block);
        if (err)
            return err;
        if (i == 0)
            *first = block;
        holes += block == 0;
        together &= block && block == *first + i;
    }
    return holes == n ? HOLE : together ? TOGETHER : SCATTERED;
}

/* Reads block by block and waits for each. */
static int read_scattered(struct inode *inode, struct page *page, u64 valid)
{
    struct ext2 *fs = ext2_of(inode->sb);
    u32 size = fs->block_size, per_block = size / SECTOR_SIZE;
    u64 first = page->frame.index * (PAGE_SIZE / size);
    u8 *va = page_va(page);

    for (u32 off = 0; off < PAGE_SIZE; off += size) {
        u32 block = 0;
        int err =
            off < valid ? ext2_block(inode, first + off / size, &block) : 0;
        if (!err && block)
            err =
                blk_read(fs->dev, (u64)block * per_block, va + off, per_block);
        if (err)
            return err;
        if (!block)
            memset(va + off, 0, size);
    }
    memset(va + valid, 0, PAGE_SIZE - valid);
    return 0;
}

static bool is_zero(const u8 *p, u32 n)
{
    while (n && !*p) {
        p++;
        n--;
    }
    return n == 0;
}

static int write_scattered(struct inode *inode, struct page *page, u64 valid)
{
    struct ext2 *fs = ext2_of(inode->sb);
    u32 size = fs->block_size, per_block = size / SECTOR_SIZE;
    u64 first = page->frame.index * (PAGE_SIZE / size);
    u8 *va = page_va(page);

    for (u32 off = 0; off < valid; off += size) {
        u32 block = 0;
        int err = ext2_block(inode, first + off / size, &block);
        if (!err && !block && is_zero(va + off, size))
            continue; /* a hole reads as zeros: keep it */
        if (!err && !block)
            err = mutex_is_mine(&fs->lock)
                      ? -ENOMEM
                      : ext2_block_make(inode, page, first + off / size, 0,
                                        &block);
        if (err >= 0 && block)
            err =
                blk_write(fs->dev, (u64)block * per_block, va + off, per_block);
        if (err < 0)
            return err;
    }
    return 0;
}

/* Transfers a page that is not part of a longer request. 0, -errno. */
static int transfer_one(struct inode *inode, struct page *page, enum blk_op op,
                        int layout, u64 valid)
{
    int err = layout < 0 ? layout : 0;

    if (op == BLK_WRITE) {
        if (!err)
            err = write_scattered(inode, page, valid);
        if (!err)
            transfer_count(op, page, 1);
        page_write_done(page, err);
        return err;
    }
    if (!err && layout == HOLE)
        page_clear(page_va(page));
    else if (!err && !(err = read_scattered(inode, page, valid)))
        transfer_count(op, page, 1);
    page_read_done(page, err);
    return err;
}

static int transfer_pages(struct inode *inode, struct page **pages, u32 n,
                          enum blk_op op)
{
    struct ext2 *fs = ext2_of(inode->sb);
    u32 per_block = fs->block_size / SECTOR_SIZE;
    struct transfer *t = NULL;
    int result = 0;

    for (u32 i = 0; i < n; i++) {
        struct page *page = pages[i];
        u64 valid;
        u32 first;
        int layout;
        do { /* the size may change while layout_of sleeps */
            valid = valid_bytes(inode, page->frame.index);
            layout = layout_of(inode, page->frame.index, valid, &first);
        } while (valid != valid_bytes(inode, page->frame.index));
        if (op == BLK_WRITE && valid < PAGE_SIZE)
            memset((u8 *)page_va(page) + valid, 0, PAGE_SIZE - valid);
        if (layout == TOGETHER &&
            transfer_add(
                fs->dev, &t, op, page, (u64)first * per_block, (u32)valid,
                (u32)DIV_ROUND_UP(valid, (u64)fs->block_size) * per_block))
            layout = -ENOMEM;
        if (layout != TOGETHER) {
            int err = transfer_one(inode, page, op, layout, valid);
            result = err ? err : result;
        }
    }
    transfer_submit(fs->dev, t);
    return result;
}

static int start_read(struct vm_object *obj, struct page **pages, u32 n)
{
    return transfer_pages(container_of(obj, struct inode, obj), pages, n,
                          BLK_READ);
}

static int ext2_start_write(struct vm_object *obj, struct page **pages, u32 n)
{
    struct inode *inode = container_of(obj, struct inode, obj);
    int err = ext2_touch(inode->sb);

    if (!err)
        return transfer_pages(inode, pages, n, BLK_WRITE);
    for (u32 i = 0; i < n; i++)
        page_write_done(pages[i], err);
    return err;
}

/* Allocates the page's blocks up to the larger of the file's size and `end`. */
static int prepare_write(struct vm_object *obj, struct page *page, u64 end)
{
    struct inode *inode = container_of(obj, struct inode, obj);
    u32 size = ext2_of(inode->sb)->block_size, block, made = 0;
    u64 start = page->frame.index * PAGE_SIZE;
    int err = inode->sb->flags & SB_RDONLY ? -EROFS
              : end > inode->sb->size_max  ? -EFBIG
                                           : 0;

    for (u32 off = 0; err >= 0 && off < PAGE_SIZE; off += size) {
        if (start + off >= MAX(end, obj->size))
            break;
        err = ext2_block_make(inode, page, (start + off) / size, end, &block);
        made |= (u32)(err > 0) << off / size;
    }
    if (made && err < 0)
        ext2_blocks_unmake(inode, page, made);
    else if (made && page->object == obj && !being_read(page))
        object_page_dirty(page, R_FILE_WRITE);
    return MIN(err, 0);
}

const struct object_ops ext2_object_ops = {.start_read = start_read,
                                           .start_write = ext2_start_write,
                                           .prepare_write = prepare_write,
                                           .dirtied = inode_page_dirtied};
