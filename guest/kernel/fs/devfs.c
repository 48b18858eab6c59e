/* SPDX-License-Identifier: MIT */
/* /dev: a tmpfs that starts with fs/devices.def's nodes, disks, links, shm/. */
#include "fs/dcache.h"
#include "fs/devices.h"
#include "fs/fstypes.h"
#include "drv/lens.h"
#include "drv/virtio_blk.h"

static const struct device {
    const char *name;
    u32 mode, rdev;
    const struct file_ops *ops;
} devices[] = {
#define DEVICE(name, mode, major, minor, ops)                                  \
    {name, mode, MKDEV(major, minor), &ops},
#include "fs/devices.def"
#undef DEVICE
};

const struct file_ops *chrdev_ops(u32 rdev)
{
    for (u32 i = 0; i < ARRAY_SIZE(devices); i++)
        if (devices[i].rdev == rdev && S_ISCHR(devices[i].mode))
            return devices[i].ops;
    return NULL;
}

static int add_nodes(struct dentry *dir)
{
    for (u32 i = 0; i < ARRAY_SIZE(devices); i++) {
        const struct device *d = &devices[i];
        bool host = S_ISFIFO(d->mode);
        if (host && !lens_present())
            continue;
        struct inode *inode =
            tmpfs_add(dir, d->name, d->mode, host ? 0 : d->rdev);
        if (!inode)
            return -ENOMEM;
        if (host)
            inode->fops = d->ops;
    }
    struct blkdev *disk;
    for (int n = 0; (disk = blk_dev(n)); n++)
        if (!tmpfs_add(dir, blk_name(disk), S_IFBLK | 0600, blk_devno(disk)))
            return -ENOMEM;
    return 0;
}

int devfs_fill(struct super *sb, const char *source)
{
    static const char *const links[][2] = {{"fd", "/proc/self/fd"},
                                           {"stdin", "/proc/self/fd/0"},
                                           {"stdout", "/proc/self/fd/1"},
                                           {"stderr", "/proc/self/fd/2"}};
    int err = tmpfs_fill(sb, source);

    if (err)
        return err;
    struct dentry *dir = sb->root;
    err = add_nodes(dir);
    for (u32 i = 0; !err && i < ARRAY_SIZE(links); i++)
        err = tmpfs_add_link(dir, links[i][0], links[i][1]);
    if (!err && !tmpfs_add(dir, "shm", S_IFDIR | 01777, 0))
        err = -ENOMEM;
    if (err) {
        kprintf("devfs: out of memory\n");
        err = 0; /* use the nodes that were made */
    }
    dir->inode->mode = S_IFDIR | 0755;
    return err;
}
