/* SPDX-License-Identifier: MIT */
/* Calls that read and change the attributes of files. */
#include "sys/file.h"

struct stat { /* Linux's, asm-generic/stat.h, not x86's */
    u64 dev, ino;
    u32 mode, nlink, uid, gid;
    u64 rdev, pad1;
    s64 size;
    s32 blksize, pad2;
    s64 blocks;
    struct timespec atime, mtime, ctime;
    u32 unused[2];
};
_Static_assert(sizeof(struct stat) == 128, "the ABI's size");

/* Returns the space that the file takes, in units of 512 bytes. */
static u64 blocks_of(struct inode *inode)
{
    return inode->obj.fresh == FS_SHMEM ? inode->obj.made * 8ul : inode->blocks;
}

static struct timespec time_of(struct inode *inode, struct ktime t)
{
    return (struct timespec){t.sec, inode->sb->whole_seconds ? 0 : t.nsec};
}

static s64 put_stat(struct inode *inode, u64 to)
{
    struct stat st = {.dev = dev_encode(inode->sb->dev),
                      .ino = inode->ino,
                      .mode = inode->mode,
                      .nlink = inode->nlink,
                      .uid = inode->uid,
                      .gid = inode->gid,
                      .rdev = dev_encode(inode->rdev),
                      .size = (s64)inode->obj.size,
                      .blksize = PAGE_SIZE,
                      .blocks = (s64)blocks_of(inode),
                      .atime = time_of(inode, inode->atime),
                      .mtime = time_of(inode, inode->mtime),
                      .ctime = time_of(inode, inode->ctime)};

    return copyout(to, &st, sizeof(st));
}

static u32 lookup_flags(u64 at_flags)
{
    return (at_flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW) |
           (at_flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0);
}

/* Looks up path from dirfd by AT_* flags; NULL or "" may name dirfd's file. */
static int at_lookup(u64 dirfd, u64 path, u64 flags, struct dentry **out)
{
    if ((flags & AT_EMPTY_PATH) && (s32)dirfd != AT_FDCWD) {
        char c = 1;
        if (!path || (!copyin(&c, path, 1) && !c)) {
            struct fd *slot = fd_slot((u32)dirfd);
            if (!slot)
                return -EBADF;
            *out = dentry_get(slot->file->dentry);
            return 0;
        }
    }
    return user_lookup(dirfd, path, lookup_flags(flags), out);
}

s64 sys_newfstatat(struct sysargs *a)
{
    if (a->a[3] & ~(u64)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | AT_NO_AUTOMOUNT |
                         AT_STATX_SYNC_TYPE))
        return -EINVAL;
    int err = at_lookup(a->a[0], a->a[1], a->a[3], &a->d);
    return err ? err : put_stat(a->d->inode, a->a[2]);
}

s64 sys_fstat(struct sysargs *a)
{
    return put_stat(a->f->inode, a->a[1]);
}

static struct statx_timestamp xtime(struct inode *inode, struct ktime t)
{
    return (struct statx_timestamp){t.sec, (u32)time_of(inode, t).tv_nsec, 0};
}

s64 sys_statx(struct sysargs *a)
{
    if ((a->a[2] & ~(u64)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH |
                          AT_NO_AUTOMOUNT | AT_STATX_SYNC_TYPE)) ||
        (a->a[2] & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE ||
        (a->a[3] & STATX__RESERVED))
        return -EINVAL;
    int err = at_lookup(a->a[0], a->a[1], a->a[2], &a->d);
    if (err)
        return err;
    struct inode *inode = a->d->inode;
    struct statx st = {.stx_mask = STATX_BASIC_STATS,
                       .stx_blksize = PAGE_SIZE,
                       .stx_nlink = inode->nlink,
                       .stx_uid = inode->uid,
                       .stx_gid = inode->gid,
                       .stx_mode = (u16)inode->mode,
                       .stx_ino = inode->ino,
                       .stx_size = inode->obj.size,
                       .stx_blocks = blocks_of(inode),
                       .stx_atime = xtime(inode, inode->atime),
                       .stx_ctime = xtime(inode, inode->ctime),
                       .stx_mtime = xtime(inode, inode->mtime),
                       .stx_rdev_major = DEV_MAJOR(inode->rdev),
                       .stx_rdev_minor = DEV_MINOR(inode->rdev),
                       .stx_dev_major = DEV_MAJOR(inode->sb->dev),
                       .stx_dev_minor = DEV_MINOR(inode->sb->dev),
                       .stx_mnt_id = inode->sb->dev};
    return copyout(a->a[4], &st, sizeof(st));
}

static s64 put_statfs(struct super *sb, u64 to)
{
    struct kstatfs k = {.type = sb->magic,
                        .bsize = sb->block_size,
                        .namelen = NAME_MAX,
                        /* ST_VALID, ST_NOATIME */
                        .flags = 0x420 | (sb->flags & SB_OPTIONS)};

    if (sb->ops && sb->ops->statfs)
        sb->ops->statfs(sb, &k);
    u64 out[15] = {k.type,  k.bsize, k.blocks,  k.bfree, k.bavail, k.files,
                   k.ffree, sb->dev, k.namelen, k.bsize, k.flags};
    return copyout(to, out, sizeof(out));
}

s64 sys_statfs(struct sysargs *a)
{
    int err = user_lookup((u64)AT_FDCWD, a->a[0], LOOKUP_FOLLOW, &a->d);

    return err ? err : put_statfs(a->d->sb, a->a[1]);
}

s64 sys_fstatfs(struct sysargs *a)
{
    return put_statfs(a->f->inode->sb, a->a[1]);
}

static s64 check_access(struct sysargs *a, u64 flags)
{
    u32 may = (u32)a->a[2];

    if (a->a[2] > 7 ||
        (flags & ~(u64)(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)))
        return -EINVAL;
    int err = at_lookup(a->a[0], a->a[1], flags, &a->d);
    if (err || !may)
        return err;
    struct inode *inode = a->d->inode;
    if ((may & MAY_EXEC) && S_ISREG(inode->mode) &&
        (inode->sb->flags & SB_NOEXEC))
        return -EACCES;
    return flags & AT_EACCESS ? inode_access(inode, may)
                              : inode_access_real(inode, may);
}

s64 sys_faccessat(struct sysargs *a)
{
    return check_access(a, 0);
}
s64 sys_faccessat2(struct sysargs *a)
{
    return check_access(a, a->a[3]);
}

s64 sys_readlinkat(struct sysargs *a)
{
    u64 n = a->a[3];
    char first;

    if ((s32)n <= 0)
        return -EINVAL;
    int err =
        at_lookup(a->a[0], a->a[1], AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH, &a->d);
    if (err)
        return err;
    n = MIN(n, (u64)PATH_MAX);
    char *buf = kmalloc(n);
    s64 ret = buf ? vfs_readlink(a->d, buf, n) : -ENOMEM;
    if (ret > 0 && copyout(a->a[2], buf, (size_t)ret))
        ret = -EFAULT;
    kfree(buf);
    if (ret == -EINVAL && !copyin(&first, a->a[1], 1) && !first)
        return -ENOENT; /* an empty path, and no link */
    return ret;
}

/* No file system here has extended attributes: lists of them are empty, and all
 * other calls fail. The twelve calls, from setxattr on, come in threes: for a
 * path, for a link itself, for a descriptor (Linux 6.12, fs/xattr.c). */
s64 sys_xattr(struct sysargs *a)
{
    u64 nr = current->tf->x[REG_A7] - 5;
    const struct fd *slot = fd_slot((u32)a->a[0]);
    struct dentry *d;
    int err = 0;

    if (nr % 3 == 2)
        err = slot && !(slot->file->flags & O_PATH) ? 0 : -EBADF;
    else if (!(err = user_lookup((u64)AT_FDCWD, a->a[0],
                                 nr % 3 ? 0 : LOOKUP_FOLLOW, &d)))
        dentry_put(d);
    return err ? err : nr / 3 == 2 ? 0 : -EOPNOTSUPP;
}

/* Returns 0 if the file system allows changes of attributes; -EROFS; -EPERM. */
static int may_set(struct inode *inode)
{
    if (inode->sb->flags & SB_RDONLY)
        return -EROFS;
    return inode->sb->flags & SB_NOCACHE ? -EPERM : 0; /* /proc */
}

static int set_mode(struct inode *inode, u32 mode)
{
    int err = may_set(inode);

    if (S_ISLNK(inode->mode) && err != -EROFS)
        err = -EOPNOTSUPP; /* even of a link in /proc */
    if (!err)
        err = inode_owner(inode);
    if (err)
        return err;
    if (!inode_may_setgid(inode->gid))
        mode &= ~S_ISGID;
    inode->mode = (inode->mode & S_IFMT) | (mode & 07777);
    inode_touch_ctime(inode);
    return 0;
}

/* Sets the owner as Linux 6.12 (fs/attr.c: chown_ok, chgrp_ok). Clearing
 * S_ISUID or S_ISGID needs the right to change the mode. */
static int set_owner(struct inode *inode, u32 uid, u32 gid)
{
    bool any = capable(CAP_CHOWN), mine = current->fsuid == inode->uid;
    u32 drop = S_ISDIR(inode->mode) ? 0 : inode_set_ids(inode);
    int err = may_set(inode);

    bool uid_ok = uid == ~0u || (mine && uid == inode->uid);
    bool gid_ok =
        gid == ~0u ||
        (mine && (gid == inode->gid || inode_in_group(gid, current->fsgid)));
    if (!err && !any && !(uid_ok && gid_ok))
        err = -EPERM;
    if (!err && drop)
        err = inode_owner(inode);
    if (err)
        return err;
    if (uid != ~0u)
        inode->uid = uid;
    if (gid != ~0u)
        inode->gid = gid;
    inode->mode &= ~drop;
    inode_touch_ctime(inode);
    return 0;
}

s64 sys_fchmod(struct sysargs *a)
{
    return set_mode(a->f->inode, (u32)a->a[1]);
}

s64 sys_fchmodat(struct sysargs *a)
{
    int err = user_lookup(a->a[0], a->a[1], LOOKUP_FOLLOW, &a->d);

    return err ? err : set_mode(a->d->inode, (u32)a->a[2]);
}

s64 sys_fchown(struct sysargs *a)
{
    return set_owner(a->f->inode, (u32)a->a[1], (u32)a->a[2]);
}

s64 sys_fchownat(struct sysargs *a)
{
    if (a->a[4] & ~(u64)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
        return -EINVAL;
    int err = at_lookup(a->a[0], a->a[1], a->a[4], &a->d);
    return err ? err : set_owner(a->d->inode, (u32)a->a[2], (u32)a->a[3]);
}

#define UTIME_NOW  0x3fffffff
#define UTIME_OMIT 0x3ffffffe

static int set_times(struct inode *inode, const struct timespec t[2])
{
    struct ktime now = wall_now(), *field[2] = {&inode->atime, &inode->mtime};
    s64 last = inode->sb->last_time;
    bool both_now = t[0].tv_nsec == UTIME_NOW && t[1].tv_nsec == UTIME_NOW;
    int err = may_set(inode);

    if (!err && inode_owner(inode))
        err = both_now ? inode_access(inode, MAY_WRITE) : -EPERM;
    for (int i = 0; !err && i < 2; i++) {
        if (t[i].tv_nsec == UTIME_NOW)
            *field[i] = now;
        else if (t[i].tv_nsec != UTIME_OMIT)
            *field[i] = (struct ktime){
                last ? MAX(MIN(t[i].tv_sec, last), (s64)INT32_MIN)
                     : t[i].tv_sec,
                (u32)t[i].tv_nsec};
    }
    if (!err)
        inode_touch_ctime(inode);
    return err;
}

s64 sys_utimensat(struct sysargs *a)
{
    struct timespec t[2] = {{0, UTIME_NOW}, {0, UTIME_NOW}};
    int err;

    if (a->a[2] && (err = copyin(t, a->a[2], sizeof(t))))
        return err;
    if (t[0].tv_nsec == UTIME_OMIT && t[1].tv_nsec == UTIME_OMIT)
        return 0; /* before any other check (Linux 6.12, fs/utimes.c) */
    if (a->a[3] & ~(u64)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
        return -EINVAL;
    u64 flags = a->a[3] | (a->a[1] ? 0 : AT_EMPTY_PATH); /* futimens */
    const struct fd *slot = fd_slot((u32)a->a[0]);
    if (!a->a[1] && slot && (slot->file->flags & O_PATH))
        return -EBADF;
    if ((err = at_lookup(a->a[0], a->a[1], flags, &a->d)))
        return err;
    for (int i = 0; i < 2; i++)
        if ((t[i].tv_nsec < 0 || t[i].tv_nsec >= (s64)NSEC_PER_SEC) &&
            t[i].tv_nsec != UTIME_NOW && t[i].tv_nsec != UTIME_OMIT)
            return -EINVAL;
    return set_times(a->d->inode, t);
}
