/* SPDX-License-Identifier: MIT */
/* Reading and writing pages of files: several pages in one request if their
 * blocks are contiguous on the disk. */
#include "fs/ext2.h"

#include "fs/dcache.h"
#include "vm/page.h"

/* One disk request with its pages. */
struct transfer {
    struct blkreq req;
    struct blkseg seg[BLK_MAX_SEGS];
    struct page *page[BLK_MAX_SEGS];
    u32 n;
    u32 valid;  /* bytes of the last page that are the file's; blocks behind
                 * them are not transferred */
    bool spare; /* it is in reserve[] */
};

/* Transfers for writes if kmalloc fails: reclaim needs its writes even then. */
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
            reserve[i].spare = true;
            reserve[i].n = 0;
            return &reserve[i];
        }
        sleep_on(&reserve_free);
    }
}

static struct transfer *transfer_new(bool write)
{
    struct transfer *t = kmalloc(sizeof(*t));

    if (!t)
        return write ? take_reserve() : NULL;
    t->n = 0;
    t->spare = false;
    return t;
}

static void transfer_free(struct transfer *t)
{
    if (!t->spare) {
        kfree(t);
        return;
    }
    reserve_used[t - reserve] = false;
    wake_up(&reserve_free);
}

/* Counts a request that has moved this page and the n - 1 after it. */
static void count_pages(enum blk_op op, const struct page *page, u32 n)
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

    if (r->op == BLK_READ && t->valid < PAGE_SIZE)
        memset((u8 *)page_va(t->page[t->n - 1]) + t->valid, 0,
               PAGE_SIZE - t->valid);
    if (!r->status)
        count_pages(r->op, t->page[0], t->n);
    for (u32 i = 0; i < t->n; i++) {
        if (r->op == BLK_READ)
            page_read_done(t->page[i], r->status);
        else
            page_write_done(t->page[i], r->status);
    }
    transfer_free(t);
}

static void submit(struct ext2 *fs, struct transfer *t, enum blk_op op)
{
    if (!t)
        return;
    t->req.op = op;
    t->req.segs = t->seg;
    t->req.nsegs = t->n;
    t->req.nsectors =
        (t->n - 1) * (PAGE_SIZE / SECTOR_SIZE) +
        (u32)ALIGN_UP(t->valid, (u64)fs->block_size) / SECTOR_SIZE;
    t->req.done = transfer_done;
    int err = blk_submit(fs->dev, &t->req);
    if (err) {
        t->req.status = err;
        transfer_done(&t->req);
    }
}

/* The arrangement of a page's blocks on the disk. */
enum layout { HOLE, TOGETHER, SCATTERED };

/* Bytes of page `index` that are before the file's end. */
static u64 valid_bytes(const struct inode *inode, u64 index)
{
    u64 size = inode->obj.size, start = index * PAGE_SIZE;

    return size <= start ? 0 : MIN(size - start, PAGE_SIZE);
}

/* HOLE: no block; TOGETHER: all are there and contiguous from *first on;
 * SCATTERED; or -errno. Only blocks of the page's first `valid` bytes count:
 * those behind the end may just be given away. */
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
            count_pages(op, page, 1);
        page_write_done(page, err);
        return err;
    }
    if (!err && layout == HOLE)
        page_clear(page_va(page));
    else if (!err && !(err = read_scattered(inode, page, valid)))
        count_pages(op, page, 1);
    page_read_done(page, err);
    return err;
}

static int transfer_pages(struct inode *inode, struct page **pages, u32 n,
                          enum blk_op op)
{
    struct ext2 *fs = ext2_of(inode->sb);
    u32 per_page = PAGE_SIZE / fs->block_size, next = 0;
    struct transfer *t = NULL;
    int result = 0;

    for (u32 i = 0; i < n; i++) {
        struct page *page = pages[i];
        u64 valid;
        u32 first;
        int layout;
        do { /* looking blocks up may sleep */
            valid = valid_bytes(inode, page->frame.index);
            layout = layout_of(inode, page->frame.index, valid, &first);
        } while (valid != valid_bytes(inode, page->frame.index));
        if (op == BLK_WRITE && valid < PAGE_SIZE)
            memset((u8 *)page_va(page) + valid, 0, PAGE_SIZE - valid);
        if (layout == TOGETHER &&
            (!t || first != next || t->n == blk_max_segs(fs->dev) ||
             t->valid < PAGE_SIZE)) {
            submit(fs, t, op);
            t = transfer_new(op == BLK_WRITE);
            if (!t)
                layout = -ENOMEM;
            else
                t->req.sector = (u64)first * (fs->block_size / SECTOR_SIZE);
        }
        if (layout != TOGETHER) {
            int err = transfer_one(inode, page, op, layout, valid);
            result = err ? err : result;
            continue;
        }
        t->seg[t->n] = (struct blkseg){
            page_va(page), (u32)ALIGN_UP(valid, (u64)fs->block_size)};
        t->page[t->n++] = page;
        t->valid = (u32)valid;
        next = first + per_page;
    }
    submit(fs, t, op);
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

/* Allocates blocks for the whole page, up to the file's end. */
static int prepare_write(struct vm_object *obj, struct page *page, u64 end)
{
    struct inode *inode = container_of(obj, struct inode, obj);
    u32 size = ext2_of(inode->sb)->block_size, block, made = 0;
    u64 start = page->frame.index * PAGE_SIZE;
    int err = inode->sb->flags & SB_RDONLY ? -EROFS
              : end > EXT2_MAX_SIZE        ? -EFBIG
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
