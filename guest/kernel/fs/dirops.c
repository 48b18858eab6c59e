/* SPDX-License-Identifier: MIT */
/* Makes, removes and renames names, truncates files and reads links, as far as
 * all file systems do that alike. The file system's operation follows all
 * checks, and then fails only for its own reasons (no space; not empty). A task
 * that changes a name holds sb->names from its lookup on (fs/namei.h): no other
 * may make, remove or move the name between a check and the operation. */
#include "fs/dcache.h"
#include "fs/file.h"
#include "fs/namei.h"
#include "task/proc.h"

static bool is_mounted_on(struct dentry *d)
{
    return d->mounted || (d->parent == d && d->sb->covers);
}

/* Returns 0 if the name d is free and may be made in its directory. */
static int may_create(struct dentry *d)
{
    struct inode *dir = d->parent->inode;

    if (d->inode)
        return -EEXIST;
    /* In /proc, already the look-up fails with Linux. */
    if (!dir->nlink || !dir->ops->create)
        return -ENOENT;
    return inode_access(dir, MAY_WRITE | MAY_EXEC);
}

/* Returns 0 if the name d may be removed. */
static int may_delete(struct dentry *d, bool directory)
{
    struct inode *dir = d->parent->inode;

    if (!d->inode)
        return -ENOENT;
    int err = inode_access(dir, MAY_WRITE | MAY_EXEC);
    if (err)
        return err;
    if ((dir->mode & S_ISVTX) && !capable(CAP_FOWNER) &&
        current->fsuid != dir->uid && current->fsuid != d->inode->uid)
        return -EPERM;
    if (directory && !S_ISDIR(d->inode->mode))
        return -ENOTDIR;
    if (!directory && S_ISDIR(d->inode->mode))
        return -EISDIR;
    return is_mounted_on(d) ? -EBUSY : 0;
}

int vfs_mknod(struct dentry *d, u32 mode, u32 rdev)
{
    struct inode *dir = d->parent->inode;
    int err = may_create(d);

    if (err)
        return err;
    bool whiteout = S_ISCHR(mode) && !rdev; /* for overlays: any user may */
    if ((S_ISCHR(mode) || S_ISBLK(mode)) && !whiteout && !capable(CAP_MKNOD))
        return -EPERM;
    return dir->ops->create(dir, d, mode, rdev);
}

int vfs_symlink(struct dentry *d, const char *target)
{
    struct inode *dir = d->parent->inode;
    int err = *target ? may_create(d) : -ENOENT;

    if (err)
        return err;
    return dir->ops->symlink(dir, d, target);
}

int vfs_link(struct dentry *d, struct inode *inode)
{
    struct inode *dir = d->parent->inode;
    int err = may_create(d);

    if (err)
        return err;
    if (inode->sb != dir->sb)
        return -EXDEV;
    if (S_ISDIR(inode->mode))
        return -EPERM;
    if (!inode->nlink && !inode->linkable)
        return -ENOENT;
    err = dir->ops->link(dir, d, inode);
    inode->linkable &= err != 0;
    return err;
}

int vfs_unlink(struct dentry *d)
{
    struct inode *dir = d->parent->inode;
    int err = may_delete(d, false);

    if (!err)
        err = dir->ops->unlink ? dir->ops->unlink(dir, d) : -EPERM;
    if (!err)
        dentry_drop(d);
    return err;
}

int vfs_rmdir(struct dentry *d)
{
    struct inode *dir = d->parent->inode;
    int err = may_delete(d, true);

    if (!err)
        err = dir->ops->rmdir ? dir->ops->rmdir(dir, d) : -EPERM;
    if (!err) {
        dentry_drop(d);
        dcache_shrink_dir(d);
    }
    return err;
}

static bool is_below(struct dentry *d, struct dentry *top)
{
    while (d != top && d->parent != d)
        d = d->parent;
    return d == top;
}

int vfs_rename(struct dentry *from, struct dentry *to, u32 flags)
{
    struct inode *old_dir = from->parent->inode, *dir = to->parent->inode;

    if (!from->inode)
        return -ENOENT;
    if (from->sb != to->sb)
        return -EXDEV;
    /* The checks are in Linux's order: the first to fail decides the error. */
    if (to->inode && (flags & RENAME_NOREPLACE))
        return -EEXIST;
    if (is_below(to->parent, from))
        return -EINVAL;
    if (is_below(from->parent, to))
        return -ENOTEMPTY;
    if (to->inode == from->inode)
        return 0;
    bool directory = S_ISDIR(from->inode->mode);
    int err = may_delete(from, directory);
    if (!err)
        err = to->inode ? may_delete(to, directory) : may_create(to);
    if (err)
        return err;
    if (!dir->ops->rename)
        return -EPERM;
    if (directory && dir != old_dir && /* its ".." changes */
        (err = inode_access(from->inode, MAY_WRITE)))
        return err;
    if (!(err = dentry_make_room(from, to->namelen)))
        err = dir->ops->rename(old_dir, from, dir, to);
    if (err)
        return err;
    if (to->inode && directory)
        dcache_shrink_dir(to);
    dentry_move(from, to);
    return 0;
}

/* Sets *out to a negative dentry with a name that is unused in dir. */
static int unused_name(struct dentry *dir, struct dentry **out)
{
    static u64 serial;
    char name[24];

    for (;;) {
        size_t len = (size_t)snprintf(name, sizeof(name), "#%lu", ++serial);
        int err = dentry_lookup(dir, name, len, out);
        if (err || !(*out)->inode)
            return err;
        dentry_put(*out);
    }
}

/* No listing has the name: ext2's waits for sb->names; tmpfs does not sleep. */
static int do_tmpfile(struct dentry *dir, u32 mode, bool linkable,
                      struct dentry **out)
{
    struct inode *in = dir->inode;
    struct ktime mtime = in->mtime, ctime = in->ctime;
    int err = in->nlink ? inode_access(in, MAY_WRITE | MAY_EXEC) : -ENOENT;

    if (err)
        return err;
    if (!in->ops->create || !in->ops->unlink)
        return -EOPNOTSUPP;
    err = unused_name(dir, out);
    if (err)
        return err;
    if (!(err = in->ops->create(in, *out, mode, 0))) {
        err = in->ops->unlink(in, *out);
        dentry_drop(*out);
        (*out)->inode->linkable = linkable;
        in->mtime = mtime;
        in->ctime = ctime;
    }
    if (err)
        dentry_put(*out);
    return err;
}

int vfs_tmpfile(struct dentry *dir, u32 mode, bool linkable,
                struct dentry **out)
{
    struct super *sb = dir->sb;

    int err = mutex_lock_killable(&sb->names);
    if (err)
        return err;
    err = do_tmpfile(dir, mode, linkable, out);
    mutex_unlock(&sb->names);
    return err;
}

static int truncate_locked(struct inode *inode, u64 size, bool always)
{
    int err = file_size_limit(inode->obj.size, size);

    always |= size != inode->obj.size;
    if (!err)
        err = inode->ops->truncate(inode, size);
    if (err)
        return err;
    inode_drop_set_ids(inode);
    if (always)
        inode_touch(inode);
    return 0;
}

int vfs_truncate(struct inode *inode, u64 size, bool always)
{
    if (S_ISDIR(inode->mode))
        return -EISDIR;
    if (!S_ISREG(inode->mode))
        return -EINVAL;
    if (size >> 63)
        return -EINVAL; /* a negative length */
    if (inode->sb->flags & SB_RDONLY)
        return -EROFS;
    if (!inode->ops->truncate)
        return -EPERM;
    if (inode_is_running(inode))
        return -ETXTBSY;
    inode->writers++;
    inode->sb->writers++; /* no remount to read-only meanwhile */
    int err = mutex_lock_killable(&inode->lock);
    if (!err) {
        err = truncate_locked(inode, size, always);
        mutex_unlock(&inode->lock);
    }
    inode->writers--;
    inode->sb->writers--;
    return err;
}

int vfs_readlink(struct dentry *d, char *buf, size_t n)
{
    struct inode *inode = d->inode;
    struct dentry *target;

    if (!S_ISLNK(inode->mode))
        return -EINVAL;
    if (!inode->ops->follow)
        return inode->ops->readlink(inode, buf, n);
    int err = inode->ops->follow(inode, &target);
    if (err)
        return err;
    char *text = kmalloc(PATH_MAX);
    char *path = text ? dentry_path(target, NULL, text, PATH_MAX) : NULL;
    size_t len = path ? MIN(strlen(path), n) : 0;
    if (path)
        memcpy(buf, path, len);
    kfree(text);
    dentry_put(target);
    return path ? (int)len : text ? -ENAMETOOLONG : -ENOMEM;
}
