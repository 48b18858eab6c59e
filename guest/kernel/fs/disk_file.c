/* SPDX-License-Identifier: MIT */
/* Disks as files: /dev/vda. Reads and writes go to the disk directly: changes
 * that a mounted file system has in memory are not visible before sync. A disk
 * that is mounted or used for swap cannot be opened for writing: EBUSY, as in
 * Linux without CONFIG_BLK_DEV_WRITE_MOUNTED (6.8, block/bdev.c). */
#include "drv/virtio_blk.h"
#include "fs/devices.h"
#include "fs/file.h"
#include "fs/uio.h"
#include "proc/proc.h"
#include "vm/swap.h"
#include "vm/uaccess.h"

#define BLKROGET     0x125eu
#define BLKGETSIZE   0x1260u /* in sectors of 512 bytes */
#define BLKFLSBUF    0x1261u
#define BLKSSZGET    0x1268u
#define BLKBSZGET    0x80081270u
#define BLKGETSIZE64 0x80081272u

static struct blkdev *disk_by_number(u32 rdev)
{
    struct blkdev *dev;

    for (int n = 0; (dev = blk_dev(n)); n++)
        if (blk_devno(dev) == rdev)
            return dev;
    return NULL;
}

static bool in_use(struct blkdev *disk)
{
    struct blkdev *dev;
    u64 slots, used;

    for (struct super *sb = NULL; (sb = super_next(sb));)
        if (sb->dev == blk_devno(disk))
            return true;
    for (unsigned n = 0; swap_area_info(n, &dev, &slots, &used); n++)
        if (dev == disk)
            return true;
    return false;
}

static int disk_open(struct file *f)
{
    struct blkdev *disk = disk_by_number(f->inode->rdev);

    if ((f->flags & O_ACCMODE) != O_RDONLY) {
        if (blk_readonly(disk))
            return -EACCES;
        if (in_use(disk))
            return -EBUSY;
    }
    f->priv = disk;
    return 0;
}

static u64 disk_bytes(struct file *f)
{
    return blk_sectors(f->priv) * SECTOR_SIZE;
}

/* Moves the bytes at *pos up to the next page boundary of the disk, by way of
 * buf. A write to parts of sectors reads these first. */
static int move_piece(struct file *f, struct uio *u, u64 *pos, u8 *buf,
                      bool write)
{
    u64 off = *pos % PAGE_SIZE, start = *pos - off, end = disk_bytes(f);
    u64 n = MIN(MIN(u->left, PAGE_SIZE - off), end - *pos);
    u64 first = start + off / SECTOR_SIZE * SECTOR_SIZE;
    u32 sectors = (u32)DIV_ROUND_UP(*pos + n - first, (u64)SECTOR_SIZE);
    bool whole = off % SECTOR_SIZE == 0 && n % SECTOR_SIZE == 0;
    int err = 0;

    if (!write || !whole)
        err = blk_read(f->priv, first / SECTOR_SIZE, buf, sectors);
    if (err)
        return err;
    u8 *at = buf + off % SECTOR_SIZE;
    u64 before = u->left;
    err = write ? uio_get(u, at, n) : uio_put(u, at, n);
    n = before - u->left;
    if (write && whole && n % SECTOR_SIZE) { /* the rest was not read */
        u->left += n % SECTOR_SIZE;
        n -= n % SECTOR_SIZE;
    }
    sectors = (u32)DIV_ROUND_UP(*pos + n - first, (u64)SECTOR_SIZE);
    int fail =
        n && write ? blk_write(f->priv, first / SECTOR_SIZE, buf, sectors) : 0;
    if (fail)
        u->left = before;
    else
        *pos += n;
    return fail ? fail : err;
}

static s64 disk_move(struct file *f, struct uio *u, u64 *pos, bool write)
{
    u64 total = u->left;
    u8 *buf = kmalloc(PAGE_SIZE);
    int err = buf ? 0 : -ENOMEM;

    if (!err && write && u->left && *pos >= disk_bytes(f))
        err = -ENOSPC;
    while (!err && u->left && *pos < disk_bytes(f)) {
        err = move_piece(f, u, pos, buf, write);
        if (!err && u->left && signal_pending(current))
            err = -EINTR;
    }
    kfree(buf);
    return uio_result(u, total, err);
}

static s64 disk_read(struct file *f, struct uio *u, u64 *pos)
{
    return disk_move(f, u, pos, false);
}

static s64 disk_write(struct file *f, struct uio *u, u64 *pos)
{
    /* Locked, since two tasks may write to parts of one sector. */
    int err = mutex_lock_killable(&f->inode->lock);
    if (err)
        return err;
    s64 n = disk_move(f, u, pos, true);
    mutex_unlock(&f->inode->lock);
    return n;
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
        return blk_flush(f->priv);
    default:
        return -ENOTTY;
    }
    return copyout(arg, &value, size);
}

static const struct file_ops disk_ops = {.open = disk_open,
                                         .read = disk_read,
                                         .write = disk_write,
                                         .llseek = disk_llseek,
                                         .ioctl = disk_ioctl};

const struct file_ops *blkdev_ops(u32 rdev)
{
    return disk_by_number(rdev) ? &disk_ops : NULL;
}
