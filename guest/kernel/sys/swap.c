/* SPDX-License-Identifier: MIT */
/* swapon(2), swapoff(2): on whole disks. */
#include "drv/virtio_blk.h"
#include "fs/vfs.h"
#include "sys/syscall.h"
#include "vm/swap.h"
#include "vm/uaccess.h"

/* Accepted, without effect: there are no priorities, and no disk that discards
 * (Linux 6.12, include/linux/swap.h: SWAP_FLAGS_VALID). */
#define SWAPON_FLAGS 0x7fffful

/* Finds the disk that the path in user memory names. 0, or -errno. */
static int named_disk(u64 user, struct blkdev **dev)
{
    struct file *f;
    if (!capable(CAP_SYS_ADMIN))
        return -EPERM;
    char *path = kmalloc(PATH_MAX);
    if (!path)
        return -ENOMEM;
    int err = copyin_str(path, user, PATH_MAX);
    if (err >= 0)
        err = vfs_open(path, O_PATH, 0, &f);
    kfree(path);
    if (err < 0)
        return err;
    u32 rdev = f->inode->rdev;
    bool block = S_ISBLK(f->inode->mode);
    file_put(f);
    for (int n = 0; block && (*dev = blk_dev(n)); n++)
        if (blk_devno(*dev) == rdev)
            return 0;
    return -EINVAL; /* swap files are not supported */
}

s64 sys_swapon(struct sysargs *a)
{
    struct blkdev *dev;
    if ((u32)a->a[1] & ~SWAPON_FLAGS)
        return -EINVAL;
    int err = named_disk(a->a[0], &dev);
    return err ? err : swap_on(dev, false);
}

s64 sys_swapoff(struct sysargs *a)
{
    struct blkdev *dev;
    int err = named_disk(a->a[0], &dev);
    return err ? err : swap_off(dev);
}
