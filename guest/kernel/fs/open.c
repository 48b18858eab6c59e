/* SPDX-License-Identifier: MIT */
/* open() makes an open file from a path and flags. */
#include "fs/dcache.h"
#include "fs/devices.h"
#include "fs/file.h"
#include "fs/fsctx.h"
#include "fs/namei.h"
#include "fs/pipe.h"
#include "task/proc.h"
#include "vm/reclaim.h"

/* Files opened with O_PATH support no operation. */
static const struct file_ops path_ops = {.flags = FILE_STREAM};

static u32 may_of(u32 flags)
{
    static const u8 may[4] = {MAY_READ, MAY_WRITE, MAY_READ | MAY_WRITE,
                              MAY_READ | MAY_WRITE};

    return may[flags & O_ACCMODE] | (flags & O_TRUNC ? MAY_WRITE : 0);
}

static const struct file_ops *ops_of(struct inode *inode)
{
    if (S_ISCHR(inode->mode))
        return chrdev_ops(inode->rdev);
    if (S_ISBLK(inode->mode))
        return blkdev_ops(inode->rdev);
    if (S_ISFIFO(inode->mode) && !inode->fops)
        return &fifo_ops;
    return inode->fops;
}

bool inode_is_running(const struct inode *inode)
{
    return inode->runners != 0;
}

/* Opens d (does not consume its reference). made: this call has made the file,
 * so permissions are not checked. */
static int open_dentry(struct dentry *d, u32 flags, bool made,
                       struct file **out)
{
    struct inode *inode = d->inode;
    const struct file_ops *ops = &path_ops;
    int err = 0;

    if ((flags & O_DIRECTORY) && !S_ISDIR(inode->mode))
        return -ENOTDIR;
    if (S_ISLNK(inode->mode) && !(flags & O_PATH))
        return -ELOOP;
    if (!(flags & O_PATH)) {
        if (S_ISDIR(inode->mode) && (may_of(flags) & MAY_WRITE))
            return -EISDIR;
        if (!made && (err = inode_access(inode, may_of(flags))))
            return err;
        if ((flags & O_NOATIME) && inode_owner(inode))
            return -EPERM;
        if ((S_ISCHR(inode->mode) || S_ISBLK(inode->mode)) &&
            (inode->sb->flags & SB_NODEV))
            return -EACCES;
        if (!(ops = ops_of(inode)))
            return -ENXIO;
    }
    struct file *f = file_new(d, flags & ~(O_CREAT | O_TRUNC | O_CLOEXEC), ops);
    if (!f)
        return -ENOMEM;
    bool data = S_ISREG(inode->mode) && !(flags & O_PATH);
    if (data && (file_writable(f) || (flags & O_TRUNC)) &&
        inode_is_running(inode))
        err = -ETXTBSY;
    else if (data && (flags & O_TRUNC))
        err = vfs_truncate(inode, 0, true);
    /* Only ops->open needs these flags, and reads them from f->flags. */
    if (!err && ops->open)
        err = ops->open(f);
    f->flags &= ~(O_NOCTTY | O_EXCL);
    if (err) {
        file_discard(f);
        return err;
    }
    *out = f;
    return 0;
}

/* Makes a regular file at path. 1: path is a dangling link, *out, which says
 * where to make it. -EISDIR: path ends in slashes. -EAGAIN: another task has
 * made a file there since the caller's look-up; look it up again. */
static int create_absent(struct dentry *base, const char *path, u32 flags,
                         u32 mode, bool *made, struct dentry **out)
{
    bool slash;
    int err = path_lookup_last(base, path, flags & O_EXCL ? -EEXIST : -EISDIR,
                               out, &slash);

    if (err)
        return err;
    struct dentry *d = *out;
    if (!d->inode || slash) {
        *made = !(err = slash ? -EISDIR : vfs_mknod(d, mode | S_IFREG, 0));
        names_unlock(d);
        if (err == -EEXIST && !(flags & O_EXCL))
            err = -EAGAIN;
        if (err)
            dentry_put(d);
        return err;
    }
    names_unlock(d);
    if (flags & O_EXCL)
        err = -EEXIST;
    else if (!S_ISLNK(d->inode->mode))
        err = -EAGAIN;
    else
        return 1;
    dentry_put(d);
    return err;
}

/* As find_or_create, but does not go on behind a dangling link: 1, *out. */
static int find_or_create_at(struct dentry *base, const char *path, u32 flags,
                             u32 mode, bool *made, struct dentry **out)
{
    u32 look = (flags & O_NOFOLLOW) ? 0 : LOOKUP_FOLLOW;
    size_t n = strlen(path);
    bool absent = (flags & O_EXCL) || (n && path[n - 1] == '/');
    int err;

    do {
        err = absent ? -ENOENT : path_lookup(base, path, look, out);
        if (err == -ENOENT)
            err = create_absent(base, path, flags, mode, made, out);
    } while (err == -EAGAIN);
    return err;
}

/* Finds the file at path, or makes a regular one, perhaps where a chain of
 * dangling links ends, and sets *made. Each look-up follows the rest of the
 * chain, and so limits its length. */
static int find_or_create(struct dentry *base, const char *path, u32 flags,
                          u32 mode, bool *made, struct dentry **out)
{
    int ret = find_or_create_at(base, path, flags, mode, made, out);
    char *text = ret == 1 ? kmalloc(PATH_MAX) : NULL;

    while (ret == 1) {
        struct dentry *link = *out;
        ret = text ? vfs_readlink(link, text, PATH_MAX - 1) : -ENOMEM;
        if (ret == 0)
            ret = -ENOENT;
        if (ret > 0) {
            text[ret] = '\0';
            ret = find_or_create_at(link->parent, text, flags, mode, made, out);
        }
        dentry_put(link);
    }
    kfree(text);
    return ret;
}

static int make_nameless(struct dentry *base, const char *path, u32 flags,
                         u32 mode, struct dentry **out)
{
    struct dentry *dir;
    if (!(flags & O_ACCMODE) || (flags & O_CREAT))
        return -EINVAL;
    int err = path_lookup(base, path, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &dir);

    if (err)
        return err;
    err = vfs_tmpfile(dir, mode | S_IFREG, !(flags & O_EXCL), out);
    dentry_put(dir);
    return err;
}

int file_open_at(struct dentry *base, const char *path, u32 flags, u32 mode,
                 struct file **out)
{
    struct dentry *d;
    u32 look = (flags & O_NOFOLLOW) ? 0 : LOOKUP_FOLLOW;
    int err;

    if (flags & O_PATH)
        flags &= O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    bool nameless = (flags & O_TMPFILE) == O_TMPFILE, made = nameless;
    if ((flags & O_CREAT) && (flags & O_DIRECTORY))
        return -EINVAL;
    if (current && current->fs)
        mode &= ~current->fs->umask;
    if (nameless)
        err = make_nameless(base, path, flags, mode & 07777, &d);
    else if (flags & O_CREAT)
        err = find_or_create(base, path, flags, mode & 07777, &made, &d);
    else
        err = path_lookup(base, path, look, &d);
    if (err)
        return err;
    if ((flags & O_CREAT) && S_ISDIR(d->inode->mode))
        err = -EISDIR;
    else /* a file that was made must not be made again by the call */
        do
            err = open_dentry(d, nameless ? flags & ~O_TMPFILE : flags, made,
                              out);
        while (err == -ENOMEM && made && memory_call_again());
    dentry_put(d);
    return err;
}

int vfs_open(const char *path, u32 flags, u32 mode, struct file **out)
{
    return file_open_at(NULL, path, flags, mode, out);
}

int vfs_open_exec(struct dentry *base, const char *path, u32 lookup,
                  struct file **out)
{
    struct dentry *d;
    int err = path_lookup(base, path, lookup, &d);

    if (err)
        return err;
    if (S_ISLNK(d->inode->mode))
        err = -ELOOP;
    else
        err = S_ISREG(d->inode->mode) && !(d->sb->flags & SB_NOEXEC)
                  ? inode_access(d->inode, MAY_EXEC)
                  : -EACCES;
    if (!err && d->inode->writers)
        err = -ETXTBSY;
    if (!err) {
        const struct file_ops *ops = ops_of(d->inode);
        *out = ops ? file_new(d, O_RDONLY, ops) : NULL;
        err = *out ? 0 : ops ? -ENOMEM : -EACCES;
        d->inode->runners += !err;
    }
    dentry_put(d);
    return err;
}
