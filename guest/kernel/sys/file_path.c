/* SPDX-License-Identifier: MIT */
/* Paths from user memory, and getcwd, chdir, fchdir, chroot, umask. */
#include "sys/file.h"

#define SHORT_PATH 256 /* enough for nearly all paths */

char *path_copyin(u64 user, int *err)
{
    for (size_t room = SHORT_PATH;; room = PATH_MAX) {
        char *path = kmalloc(room);
        if (!path) {
            *err = -ENOMEM;
            return NULL;
        }
        int n = copyin_str(path, user, room);
        if (n >= 0)
            return path;
        kfree(path);
        *err = n;
        if (n != -ENAMETOOLONG || room == PATH_MAX)
            return NULL;
    }
}

int dirfd_base(u64 dirfd, const char *path, struct dentry **out)
{
    *out = NULL;
    if ((s32)dirfd == AT_FDCWD || *path == '/')
        return 0;
    struct fd *slot = fd_slot((u32)dirfd);
    if (!slot)
        return -EBADF;
    *out = dentry_get(slot->file->dentry);
    return 0;
}

int user_lookup(u64 dirfd, u64 user, u32 lookup, struct dentry **out)
{
    struct dentry *base;
    int err = 0;
    char *path = path_copyin(user, &err);

    if (!path)
        return err;
    err = dirfd_base(dirfd, path, &base);
    if (!err) {
        err = path_lookup(base, path, lookup, out);
        dentry_put(base);
    }
    kfree(path);
    return err;
}

int user_lookup_last(u64 dirfd, u64 user, int special, struct dentry **out,
                     bool *slash)
{
    struct dentry *base;
    int err = 0;
    char *path = path_copyin(user, &err);

    if (!path)
        return err;
    err = dirfd_base(dirfd, path, &base);
    if (!err) {
        err = path_lookup_last(base, path, special, out, slash);
        dentry_put(base);
    }
    kfree(path);
    return err;
}

s64 sys_getcwd(struct sysargs *a)
{
    struct dentry *cwd = current->fs->cwd;
    char *buf = NULL, *path = NULL;
    s64 ret = -ENAMETOOLONG;

    if (cwd->parent != cwd && list_empty(&cwd->hash) &&
        !(cwd->sb->flags & SB_NOCACHE))
        return -ENOENT; /* the directory has been removed */
    for (size_t n = 256; !path && n <= PATH_MAX; n *= PATH_MAX / 256) {
        kfree(buf);
        buf = kmalloc(n);
        if (!buf)
            return -ENOMEM;
        path = dentry_path(cwd, current->fs->root, buf, n);
    }
    if (path) {
        size_t n = strlen(path) + 1;
        ret = n > a->a[1]                      ? -ERANGE
              : copyout(a->a[0], path, n) != 0 ? -EFAULT
                                               : (s64)n;
    }
    kfree(buf);
    return ret;
}

/* Sets *place (working directory or root) to d if d is a directory that may be
 * entered. */
static s64 set_directory(struct dentry **place, struct dentry *d)
{
    struct dentry *old = *place;
    int err =
        S_ISDIR(d->inode->mode) ? inode_access(d->inode, MAY_EXEC) : -ENOTDIR;

    if (err)
        return err;
    *place = dentry_get(d);
    dentry_put(old);
    return 0;
}

static s64 set_by_path(struct dentry **place, struct sysargs *a)
{
    int err = user_lookup((u64)AT_FDCWD, a->a[0],
                          LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &a->d);

    return err ? err : set_directory(place, a->d);
}

s64 sys_chdir(struct sysargs *a)
{
    return set_by_path(&current->fs->cwd, a);
}

s64 sys_fchdir(struct sysargs *a)
{
    return set_directory(&current->fs->cwd, a->f->dentry);
}

s64 sys_chroot(struct sysargs *a)
{
    return capable(CAP_SYS_CHROOT) ? set_by_path(&current->fs->root, a)
                                   : -EPERM;
}

s64 sys_umask(struct sysargs *a)
{
    u32 old = current->fs->umask;

    current->fs->umask = (u32)a->a[0] & 0777;
    return old;
}
