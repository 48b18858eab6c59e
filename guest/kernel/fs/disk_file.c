/* SPDX-License-Identifier: MIT */
/* Serves disks as files, such as /dev/vda. While a disk is open for writing, it
 * is cached in pages, which are written back like a file's; the last writer's
 * close writes them, without a flush of the disk, and drops them. Otherwise
 * reads go to the disk directly: changes that a mounted file system has in
 * memory are not visible before sync. A disk mounted or used for swap cannot be
 * opened for writing, and one that is open for writing cannot be mounted or
 * used for swap: EBUSY. Linux without CONFIG_BLK_DEV_WRITE_MOUNTED (6.8,
 * block/bdev.c) has the rule for mounts only. */
#include "drv/virtio_blk.h"
#include "fs/dcache.h"
#include "fs/devices.h"
#include "fs/file.h"
#include "fs/transfer.h"
#include "fs/uio.h"
#include "task/proc.h"
#include "vm/uaccess.h"
#include "vm/writeback.h"

#include <linux/fs.h>

/* Each disk's inode holds its pages; it has no name and no file system. NULL:
 * the disk was never opened for writing. */
static struct inode *disks[BLK_MAX_DISKS];

static struct inode **disk_of(struct blkdev *dev)
{
    return &disks[DEV_MINOR(blk_devno(dev)) / 16];
}

static int disk_transfer(struct vm_object *obj, struct page **pages, u32 n,
                         enum blk_op op)
{
    struct blkdev *dev = container_of(obj, struct inode, obj)->priv;
    struct transfer *t = NULL;
    int err = 0;

    for (u32 i = 0; i < n; i++) {
        u64 at = pages[i]->frame.index * PAGE_SIZE;
        u32 valid = (u32)MIN(obj->size - at, PAGE_SIZE);
        if (!transfer_add(dev, &t, op, pages[i], at / SECTOR_SIZE, valid,
                          valid / SECTOR_SIZE))
            continue;
        err = -ENOMEM;
        (op == BLK_READ ? page_read_done : page_write_done)(pages[i], err);
    }
    transfer_submit(dev, t);
    return err;
}

static int disk_start_read(struct vm_object *obj, struct page **pages, u32 n)
{
    return disk_transfer(obj, pages, n, BLK_READ);
}

static int disk_start_write(struct vm_object *obj, struct page **pages, u32 n)
{
    return disk_transfer(obj, pages, n, BLK_WRITE);
}

static int disk_has_room(struct vm_object *obj, struct page *page, u64 end)
{
    return 0;
}

static const struct object_ops disk_object_ops = {
    .start_read = disk_start_read,
    .start_write = disk_start_write,
    .prepare_write = disk_has_room,
    .dirtied = inode_page_dirtied};

static struct inode *disk_inode(struct blkdev *dev)
{
    static const struct inode_ops no_ops;
    static struct super no_super;
    struct inode *inode = kzalloc(sizeof(*inode));

    if (!inode)
        return NULL;
    object_init(&inode->obj, &disk_object_ops, blk_sectors(dev) * SECTOR_SIZE,
                0, FS_FILE_CLEAN);
    inode->obj.dev = blk_devno(dev);
    list_init(&inode->dirty_link);
    mutex_init(&inode->lock);
    inode->sb = &no_super;
    inode->ops = &no_ops;
    inode->refs = 1;
    inode->mode = S_IFBLK;
    inode->priv = dev;
    return inode;
}

static struct blkdev *disk_by_number(u32 rdev)
{
    struct blkdev *dev;

    for (int n = 0; (dev = blk_dev(n)); n++)
        if (blk_devno(dev) == rdev)
            return dev;
    return NULL;
}

/* True if the disk is read through its pages. Not yet while its first writer
 * drops old ones (begin_writing): then blk_written is true already. */
static bool is_paged(struct blkdev *dev)
{
    struct inode *inode = *disk_of(dev);

    return inode && inode->writers;
}

struct vm_object *disk_object(struct blkdev *dev)
{
    return is_paged(dev) ? &(*disk_of(dev))->obj : NULL;
}

int disk_sync(struct blkdev *dev, u32 *told)
{
    int err = is_paged(dev) ? object_sync(&(*disk_of(dev))->obj, told) : 0;
    int bad = blk_flush(dev);

    return err ? err : bad;
}

/* A read() that began while the disk was open for writing may have gone on
 * after the last close, and left pages in which a mount's later writes are
 * missing. So the first writer begins without pages. */
static int begin_writing(struct blkdev *disk)
{
    struct inode **of_disk = disk_of(disk), *inode;

    if (!blk_take(disk, false))
        return -EBUSY;
    if (!*of_disk && !(*of_disk = disk_inode(disk))) {
        blk_give(disk);
        return -ENOMEM;
    }
    inode = *of_disk;
    mutex_lock(&inode->lock); /* the last writer's close must be over */
    if (!inode->writers)
        object_truncate(&inode->obj, 0);
    inode->writers++;
    mutex_unlock(&inode->lock);
    return 0;
}

static int disk_open(struct file *f)
{
    struct blkdev *disk = disk_by_number(f->inode->rdev);

    if (file_writable(f) && blk_readonly(disk))
        return -EACCES;
    bool claims = f->flags & O_EXCL;
    if (claims && !blk_claim(disk))
        return -EBUSY;
    int err = file_writable(f) ? begin_writing(disk) : 0;
    if (err && claims)
        blk_unclaim(disk);
    if (err)
        return err;
    f->claims = claims;
    if (*disk_of(disk))
        f->errors_told = object_errors_told(&(*disk_of(disk))->obj);
    f->priv = disk;
    return 0;
}

static void disk_release(struct file *f)
{
    struct inode *inode = *disk_of(f->priv);

    if (f->claims)
        blk_unclaim(f->priv);
    if (!file_writable(f))
        return;
    mutex_lock(&inode->lock); /* a new writer must wait */
    if (inode->writers == 1) {
        object_sync(&inode->obj, NULL); /* errors are not reported */
        object_truncate(&inode->obj, 0);
    }
    inode->writers--;
    mutex_unlock(&inode->lock);
    blk_give(f->priv);
}

static u64 disk_bytes(struct file *f)
{
    return blk_sectors(f->priv) * SECTOR_SIZE;
}

/* Reads bytes from *pos on through buf, at most to the next page boundary. */
static int read_piece(struct file *f, struct uio *u, u64 *pos, u8 *buf)
{
    u64 off = *pos % SECTOR_SIZE, before = u->left;
    u64 n =
        MIN(MIN(before, PAGE_SIZE - *pos % PAGE_SIZE), disk_bytes(f) - *pos);
    int err = blk_read(f->priv, *pos / SECTOR_SIZE, buf,
                       (u32)DIV_ROUND_UP(off + n, (u64)SECTOR_SIZE));

    if (!err)
        err = uio_put(u, buf + off, n);
    *pos += before - u->left;
    return err;
}

/* Returns a copy of f that refers to the inode with the disk's pages. */
static struct file of_pages(struct file *f)
{
    struct file pages = *f;

    pages.inode = *disk_of(f->priv);
    return pages;
}

static s64 disk_read(struct file *f, struct uio *u, u64 *pos)
{
    u64 total = u->left;

    if (is_paged(f->priv)) {
        struct file pages = of_pages(f);
        s64 n = pages_read(&pages, u, pos);
        f->ra = pages.ra;
        return n;
    }
    u8 *buf = kmalloc(PAGE_SIZE);
    int err = buf ? 0 : -ENOMEM;
    while (!err && u->left && *pos < disk_bytes(f)) {
        err = read_piece(f, u, pos, buf);
        if (!err && u->left && cond_resched())
            err = -EINTR;
    }
    kfree(buf);
    return uio_result(u, total, err);
}

static s64 disk_write(struct file *f, struct uio *u, u64 *pos)
{
    struct file pages = of_pages(f);

    /* A disk has no end to append to (Linux 6.12: blkdev_write_iter). */
    pages.flags &= ~(u32)O_APPEND;
    if (u->left && *pos >= disk_bytes(f))
        return -ENOSPC;
    uio_cut(u, disk_bytes(f) - *pos);
    s64 n = pages_write(&pages, u, pos);
    int err =
        n > 0 && (f->flags & O_DSYNC) ? disk_sync(f->priv, &f->errors_told) : 0;
    if (n > 0) /* else the bytes would be written twice */
        current->was_refused = false;
    return err ? err : n;
}

static s64 disk_llseek(struct file *f, s64 off, int whence)
{
    s64 size = (s64)disk_bytes(f), pos;
    s64 base = whence == SEEK_SET   ? 0
               : whence == SEEK_CUR ? (s64)f->pos
               : whence == SEEK_END ? size
                                    : -1;

    if (base < 0 || __builtin_add_overflow(base, off, &pos) || pos < 0 ||
        pos > size)
        return -EINVAL;
    f->pos = (u64)pos;
    return pos;
}

static s64 disk_ioctl(struct file *f, u32 cmd, u64 arg)
{
    u64 bytes = disk_bytes(f), value;
    size_t size = 8;

    switch (cmd) {
    case BLKGETSIZE64:
        value = bytes;
        break;
    case BLKGETSIZE:
        value = bytes / SECTOR_SIZE;
        break;
    case BLKSSZGET:
        value = SECTOR_SIZE;
        size = 4;
        break;
    case BLKBSZGET:
        value = PAGE_SIZE;
        size = 4;
        break;
    case BLKROGET:
        value = blk_readonly(f->priv);
        size = 4;
        break;
    case BLKFLSBUF:
        return disk_sync(f->priv, &f->errors_told);
    default:
        return -ENOTTY;
    }
    return copyout(arg, &value, size);
}

static const struct file_ops disk_ops = {.open = disk_open,
                                         .release = disk_release,
                                         .read = disk_read,
                                         .write = disk_write,
                                         .llseek = disk_llseek,
                                         .ioctl = disk_ioctl};

const struct file_ops *blkdev_ops(u32 rdev)
{
    return disk_by_number(rdev) ? &disk_ops : NULL;
}
