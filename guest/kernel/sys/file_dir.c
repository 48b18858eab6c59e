/* SPDX-License-Identifier: MIT */
/* Calls that open files, make, remove, rename and list names, and mount. */
#include "sys/file.h"

#include <linux/mount.h>

s64 sys_openat(struct sysargs *a)
{
    u32 flags = (u32)a->a[2], mode = (u32)a->a[3] & 07777;
    struct dentry *base;
    struct file *f;
    int err = 0;
    char *path = path_copyin(a->a[1], &err);

    if (!path)
        return err;
    if (!(flags & O_PATH))
        flags |= O_LARGEFILE; /* force_o_largefile */
    int fd = *path ? fd_reserve(0) : -ENOENT;
    err = fd < 0 ? fd : dirfd_base(a->a[0], path, &base);
    if (!err) {
        err = file_open_at(base, path, flags, mode, &f);
        dentry_put(base);
    }
    kfree(path);
    if (!err)
        fd_fill(fd, f, flags & O_CLOEXEC);
    else if (fd >= 0)
        fd_cancel(fd);
    return err ? err : fd;
}

/* Returns a program's mode argument less the umask. */
static u32 masked(u64 mode)
{
    return (u32)mode & 07777 & ~current->fs->umask;
}

s64 sys_mkdirat(struct sysargs *a)
{
    bool slash;
    int err = user_lookup_last(a->a[0], a->a[1], -EEXIST, &a->d, &slash);
    u32 mode = masked(a->a[2]) & ~(S_ISUID | S_ISGID);

    return err ? err : vfs_mknod(a->d, S_IFDIR | mode, 0);
}

s64 sys_mknodat(struct sysargs *a)
{
    u32 mode = (u32)a->a[2], kind = mode & S_IFMT;
    u64 dev = a->a[3];
    u32 rdev = MKDEV(dev >> 8 & 0xfff, (dev & 0xff) | (dev >> 12 & 0xfff00));
    bool slash;

    if (!kind)
        kind = S_IFREG;
    if (kind == S_IFDIR)
        return -EPERM;
    if (kind != S_IFREG && kind != S_IFCHR && kind != S_IFBLK &&
        kind != S_IFIFO && kind != S_IFSOCK)
        return -EINVAL;
    int err = user_lookup_last(a->a[0], a->a[1], -EEXIST, &a->d, &slash);
    if (err)
        return err;
    return slash && !a->d->inode
               ? -ENOENT
               : vfs_mknod(a->d, kind | masked(mode),
                           kind == S_IFCHR || kind == S_IFBLK ? rdev : 0);
}

s64 sys_symlinkat(struct sysargs *a)
{
    bool slash;
    int err = 0;
    char *target = path_copyin(a->a[0], &err);

    if (!target)
        return err;
    err = *target ? user_lookup_last(a->a[1], a->a[2], -EEXIST, &a->d, &slash)
                  : -ENOENT;
    if (!err)
        err = slash && !a->d->inode ? -ENOENT : vfs_symlink(a->d, target);
    kfree(target);
    return err;
}

s64 sys_linkat(struct sysargs *a)
{
    u32 flags = (u32)a->a[4], look = 0;
    struct dentry *from;
    bool slash;

    if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
        return -EINVAL;
    if (flags & AT_SYMLINK_FOLLOW)
        look |= LOOKUP_FOLLOW;
    if (flags & AT_EMPTY_PATH)
        look |= LOOKUP_EMPTY;
    int err = user_lookup(a->a[0], a->a[1], look, &from);
    if (err)
        return err;
    err = user_lookup_last(a->a[2], a->a[3], -EEXIST, &a->d, &slash);
    if (!err)
        err = slash && !a->d->inode ? -ENOENT : vfs_link(a->d, from->inode);
    dentry_put(from);
    return err;
}

s64 sys_unlinkat(struct sysargs *a)
{
    u32 flags = (u32)a->a[2];
    bool directory = flags & AT_REMOVEDIR, slash;

    if (flags & ~AT_REMOVEDIR)
        return -EINVAL;
    int err = user_lookup_last(a->a[0], a->a[1], directory ? 0 : -EISDIR, &a->d,
                               &slash);
    if (err)
        return err;
    if (!directory && slash && a->d->inode)
        return S_ISDIR(a->d->inode->mode) ? -EISDIR : -ENOTDIR;
    return directory ? vfs_rmdir(a->d) : vfs_unlink(a->d);
}

static int rename_paths(char *const path[2], struct sysargs *a)
{
    struct dentry *base[2] = {NULL}, *d[2];
    bool slash[2];
    int err = dirfd_base(a->a[0], path[0], &base[0]);

    if (!err)
        err = dirfd_base(a->a[2], path[1], &base[1]);
    if (!err)
        err = path_lookup_two(base, path, d, slash);
    if (!err) {
        if ((slash[0] || slash[1]) && d[0]->inode &&
            !S_ISDIR(d[0]->inode->mode) &&
            !(d[1]->inode && (a->a[4] & RENAME_NOREPLACE)))
            err = -ENOTDIR;
        else
            err = vfs_rename(d[0], d[1], (u32)a->a[4]);
        names_unlock(d[0]);
        dentry_put(d[0]);
        dentry_put(d[1]);
    }
    dentry_put(base[0]);
    dentry_put(base[1]);
    return err == -EEXIST && !(a->a[4] & RENAME_NOREPLACE) ? -EBUSY : err;
}

s64 sys_renameat2(struct sysargs *a)
{
    char *path[2];
    int err = 0;

    if (a->a[4] & ~(u64)RENAME_NOREPLACE)
        return -EINVAL;
    path[0] = path_copyin(a->a[1], &err);
    path[1] = path[0] ? path_copyin(a->a[3], &err) : NULL;
    if (path[1])
        err = rename_paths(path, a);
    kfree(path[1]);
    kfree(path[0]);
    return err;
}

struct dirent64 { /* Linux's struct linux_dirent64 */
    u64 ino, off;
    u16 reclen;
    u8 type;
    char name[NAME_MAX + 1];
} __attribute__((packed));
#define DIRENT_HEAD offsetof(struct dirent64, name)

struct getdents {
    struct dir_sink sink;
    u64 at, left, done;
    int err;
};

static bool emit(struct dir_sink *sink, const char *name, size_t len, u64 ino,
                 u32 mode, u64 next)
{
    struct getdents *g = container_of(sink, struct getdents, sink);
    size_t size = ALIGN_UP(DIRENT_HEAD + len + 1, 8);
    struct dirent64 d = {.ino = ino,
                         .off = next,
                         .reclen = (u16)size,
                         .type = (u8)((mode & S_IFMT) >> 12)};

    if (size > g->left) {
        g->err = -EINVAL; /* returned if not even one entry fits */
        return false;
    }
    memcpy(d.name, name, len);
    if (copyout(g->at, &d, size)) {
        g->err = -EFAULT;
        return false;
    }
    g->at += size;
    g->left -= size;
    g->done += size;
    return true;
}

s64 sys_getdents64(struct sysargs *a)
{
    struct file *f = a->f;
    struct getdents g = {{emit}, a->a[1], (u32)a->a[2], 0, 0};
    int err = f->ops->readdir ? file_pos_take(f) : -ENOTDIR;

    if (err)
        return err;
    err = f->inode->nlink ? f->ops->readdir(f, &g.sink) : -ENOENT;
    file_pos_give(f);
    return err ? err : g.done ? (s64)g.done : g.err;
}

s64 sys_mount(struct sysargs *a)
{
    u32 flags = (u32)a->a[3];
    char type[16] = "", source[32] = "none", data = 0;
    int err;

    if (!capable(CAP_SYS_ADMIN))
        return -EPERM;
    if ((flags & MS_MGC_MSK) == MS_MGC_VAL)
        flags &= ~MS_MGC_MSK;
    if (flags & (MS_BIND | MS_MOVE))
        return -EINVAL;
    if (a->a[0] && (err = copyin_str(source, a->a[0], sizeof(source))) < 0)
        return err;
    if (!(flags & MS_REMOUNT) &&
        (err = copyin_str(type, a->a[2], sizeof(type))) < 0)
        return err == -ENAMETOOLONG ? -ENODEV : err;
    if (a->a[4] && (err = copyin(&data, a->a[4], 1)))
        return err;
    err = user_lookup((u64)AT_FDCWD, a->a[1], LOOKUP_FOLLOW, &a->d);
    if (err || data) /* no file system here has options of its own */
        return err ? err : -EINVAL;
    if (!(flags & MS_REMOUNT))
        return vfs_mount(type, source, a->d, flags);
    return a->d->sb->root == a->d ? vfs_remount(a->d->sb, flags) : -EINVAL;
}

/* MNT_FORCE and MNT_DETACH are ignored; MNT_EXPIRE is an unknown flag. */
s64 sys_umount2(struct sysargs *a)
{
    const u64 force = 1, detach = 2, nofollow = 8, flags = a->a[1];
    struct dentry *d;

    if ((u32)flags & ~(force | detach | nofollow))
        return -EINVAL;
    int err = user_lookup((u64)AT_FDCWD, a->a[0],
                          flags & nofollow ? 0 : LOOKUP_FOLLOW, &d);
    if (!err && capable(CAP_SYS_ADMIN))
        return vfs_umount(d);
    dentry_put(err ? NULL : d);
    return err ? err : -EPERM;
}
