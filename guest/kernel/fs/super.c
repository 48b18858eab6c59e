/* SPDX-License-Identifier: MIT */
/* Mounts, lists and unmounts file systems, and makes the first mounts. */
#include "arch/fdt.h"
#include "fs/dcache.h"
#include "fs/devices.h"
#include "fs/fstypes.h"
#include "fs/icache.h"
#include "fs/namei.h"
#include "drv/virtio_blk.h"

static struct list supers = LIST_INIT(supers);
static u32 next_dev = 1; /* st_dev of file systems without a device */

static const struct {
    const char *name;
    int (*fill)(struct super *sb, const char *source);
} types[] = {
    {"ext2", ext2_fill},
    {"tmpfs", tmpfs_fill},
    {"devtmpfs", devfs_fill},
    {"proc", procfs_fill},
};

/* Held to mount and unmount, and in operations on all file systems: they sleep,
 * and the list must not change meanwhile. */
static struct mutex mounts = {.waiting = WAITQ_INIT(mounts.waiting)};

int vfs_sync(void)
{
    int err = 0;

    mutex_lock(&mounts);
    for (struct super *sb = NULL; (sb = super_next(sb));) {
        if (sb->ops && sb->ops->sync && !(sb->flags & SB_RDONLY)) {
            int bad = sb->ops->sync(sb);
            err = bad ? bad : err;
        }
    }
    mutex_unlock(&mounts);
    struct blkdev *dev;
    for (int n = 0; (dev = blk_dev(n)); n++)
        if (blk_written(dev))
            disk_sync(dev, NULL);
    return err;
}

void vfs_shutdown(void)
{
    struct super *sb = NULL;

    mutex_lock(&mounts);
    while ((sb = super_next(sb)))
        if (sb->ops && sb->ops->shutdown && !(sb->flags & SB_RDONLY))
            sb->ops->shutdown(sb);
    mutex_unlock(&mounts);
}

void vfs_drop_unused(void)
{
    struct super *sb = NULL;

    mutex_lock(&mounts);
    while ((sb = super_next(sb))) {
        dcache_shrink(sb);
        inode_shrink(sb);
    }
    mutex_unlock(&mounts);
}

struct super *super_next(struct super *sb)
{
    struct list *next = sb ? sb->link.next : supers.next;

    return next == &supers ? NULL : list_entry(next, struct super, link);
}

struct super *super_new(const char *type)
{
    struct super *sb = kzalloc(sizeof(*sb));

    if (sb) {
        list_init(&sb->link);
        list_init(&sb->pinned);
        mutex_init(&sb->names);
        sb->type = type;
        sb->icache = inode_cache_of(type);
        sb->dev = next_dev++;
        sb->block_size = PAGE_SIZE;
        sb->size_max = ~0ul >> 1;
    }
    return sb;
}

/* Makes the root dentry for inode; consumes its reference. */
int super_set_root(struct super *sb, struct inode *inode)
{
    if (!inode)
        return -ENOMEM;
    sb->root = dentry_alloc(sb, NULL, "/", 1);
    if (!sb->root) {
        inode_put(inode);
        return -ENOMEM;
    }
    sb->root->inode = inode;
    return 0;
}

/* Sets up a file system that is not mounted anywhere yet. */
static int super_make(const char *type, const char *source, u32 flags,
                      struct super **out)
{
    for (u32 i = 0; i < ARRAY_SIZE(types); i++) {
        if (strcmp(types[i].name, type) != 0)
            continue;
        struct super *sb = super_new(types[i].name);
        if (!sb)
            return -ENOMEM;
        sb->flags = flags & SB_OPTIONS;
        strlcpy(sb->source, source, sizeof(sb->source));
        int err = types[i].fill(sb, source);
        if (err) {
            inode_shrink(sb);
            kfree(sb);
            return err;
        }
        list_add_tail(&sb->link, &supers);
        *out = sb;
        return 0;
    }
    return -ENODEV;
}

int vfs_mount(const char *type, const char *source, struct dentry *on,
              u32 flags)
{
    struct super *sb;

    if (!S_ISDIR(on->inode->mode))
        return -ENOTDIR;
    mutex_lock(&mounts);
    mutex_lock(&on->sb->names); /* so that no rmdir removes it meanwhile */
    int err = on->mounted         ? -EBUSY
              : !on->inode->nlink ? -ENOENT
                                  : super_make(type, source, flags, &sb);
    if (!err) {
        sb->covers = dentry_get(on);
        on->mounted = sb;
    }
    mutex_unlock(&on->sb->names);
    mutex_unlock(&mounts);
    return err;
}

static int unmount(struct dentry *root)
{
    struct super *sb = root->sb;
    int err = sb->root != root ? -EINVAL : !sb->covers ? -EBUSY : 0;

    if (!err)
        dcache_shrink(sb);
    if (!err && dcache_in_use(sb))
        err = -EBUSY;
    if (err) {
        dentry_put(root);
        return err;
    }
    sb->covers->mounted = NULL;
    dentry_put(sb->covers);
    if (sb->ops->shutdown && !(sb->flags & SB_RDONLY))
        sb->ops->shutdown(sb);
    list_del(&sb->link);
    dentry_put(root);
    dentry_put(root);
    inode_shrink_all(sb);
    if (sb->ops->unmount)
        sb->ops->unmount(sb);
    kfree(sb);
    return 0;
}

int vfs_umount(struct dentry *root)
{
    mutex_lock(&mounts);
    int err = unmount(root);
    mutex_unlock(&mounts);
    return err;
}

int vfs_remount(struct super *sb, u32 flags)
{
    bool readonly = flags & SB_RDONLY;
    u32 new = (sb->flags & ~SB_OPTIONS) | (flags & SB_OPTIONS);

    if (!readonly && (sb->flags & SB_NOWRITE))
        return -EROFS;
    mutex_lock(&sb->names); /* no name changes while shutdown writes */
    bool ends = readonly && !(sb->flags & SB_RDONLY);
    bool busy = ends && (sb->writers || sb->evicting || inode_orphaned(sb));
    if (!busy)
        sb->flags = new;
    if (ends && !busy && sb->ops->shutdown)
        sb->ops->shutdown(sb);
    mutex_unlock(&sb->names);
    return busy ? -EBUSY : 0;
}

static void mount_at(const char *type, const char *source, const char *path)
{
    struct dentry *on;
    int err = path_lookup(NULL, path, LOOKUP_FOLLOW, &on);

    if (!err) {
        err = vfs_mount(type, source, on, 0);
        dentry_put(on);
    }
    if (err)
        kprintf("VFS: cannot mount %s at %s: error %d\n", type, path, -err);
}

int vfs_init(void)
{
    struct super *root;
    struct blkdev *disk = blk_dev(0);

    if (!disk)
        panic("VFS: cannot mount root: there is no disk");
    dcache_init();
    char source[16];
    snprintf(source, sizeof(source), "/dev/%s", blk_name(disk));
    char ro[4];
    u32 flags = boot_arg("ro", ro, sizeof(ro)) ? SB_RDONLY : 0;
    int err = super_make("ext2", source, flags, &root);
    if (err)
        panic("VFS: cannot mount root: %s", ext2_why());
    flushd_start();
    icache_start();
    vfs_root = root->root;
    mount_at("devtmpfs", "dev", "/dev");
    mount_at("tmpfs", "shm", "/dev/shm");
    mount_at("proc", "proc", "/proc");
    mount_at("tmpfs", "tmp", "/tmp");
    return 0;
}
