/* SPDX-License-Identifier: MIT */
/* Calls that read, write, seek, resize and sync files. */
#include "fs/devices.h"
#include "fs/uio.h"
#include "sys/file.h"
#include "vm/reclaim.h"
#include "vm/writeback.h"

#define FEW_IOVS 8 /* vectors of up to this length are on the stack */

/* Reads or writes at *off, or at the file's position if off is NULL; a call
 * that fails does not move the position. */
static s64 transfer(struct file *f, struct uio *u, bool write, const u64 *off)
{
    bool stream = f->ops->flags & FILE_STREAM;

    if (f->flags & O_PATH)
        return -EBADF;
    int err = off ? 0 : file_pos_take(f);
    if (err)
        return err;
    if (off && stream)
        return -ESPIPE;
    u64 pos = stream ? 0 : off ? *off : f->pos;
    s64 n = write ? file_write(f, u, &pos) : file_read(f, u, &pos);
    if (!off && !stream && n >= 0)
        f->pos = pos;
    if (!off)
        file_pos_give(f);
    if (write) {
        COUNT(SYSWRITE);
        COUNT_ADD(WRITECH, n > 0 ? (u64)n : 0);
    } else {
        COUNT(SYSREAD);
        COUNT_ADD(READCH, n > 0 ? (u64)n : 0);
    }
    return n;
}

static s64 one_buffer(struct sysargs *a, bool write, const u64 *off)
{
    struct iovec iov = {a->a[1], a->a[2]};
    struct uio u;

    uio_init(&u, &iov, 1, false);
    uio_cut(&u, UIO_MAX);
    return transfer(a->f, &u, write, off);
}

s64 sys_read(struct sysargs *a)
{
    return one_buffer(a, false, NULL);
}
s64 sys_write(struct sysargs *a)
{
    return one_buffer(a, true, NULL);
}

/* The offset is checked before the descriptor, as in Linux. */
static s64 one_buffer_at(struct sysargs *a, bool write)
{
    if ((s64)a->a[3] < 0)
        return -EINVAL;
    a->f = fd_get((u32)a->a[0]);
    if (!a->f)
        return -EBADF;
    s64 n = one_buffer(a, write, &a->a[3]);
    file_put(a->f);
    return n;
}

s64 sys_pread64(struct sysargs *a)
{
    return one_buffer_at(a, false);
}
s64 sys_pwrite64(struct sysargs *a)
{
    return one_buffer_at(a, true);
}

/* Copies the vector from user memory, and limits it to UIO_MAX bytes in all. */
static int copyin_iov(struct iovec *iov, u64 user, u32 n)
{
    u64 total = 0;
    int err = copyin(iov, user, n * sizeof(*iov));

    for (u32 i = 0; !err && i < n; i++) {
        if ((s64)iov[i].len < 0)
            return -EINVAL;
        iov[i].len = MIN(iov[i].len, UIO_MAX - total);
        total += iov[i].len;
    }
    return err;
}

static s64 many_buffers(struct sysargs *a, bool write, const u64 *off)
{
    struct iovec few[FEW_IOVS], *iov = few;
    u64 n = a->a[2];
    struct uio u;

    if (off && (s64)*off < 0)
        return -EINVAL;
    struct file *f = fd_content((u32)a->a[0]);
    if (!f)
        return -EBADF;
    if (!(write ? file_writable(f) : file_readable(f))) {
        file_put(f);
        return -EBADF;
    }
    if (n > FEW_IOVS)
        iov = n > IOV_MAX ? NULL : kmalloc_wait(n * sizeof(*iov));
    s64 ret = iov           ? copyin_iov(iov, a->a[1], (u32)n)
              : n > IOV_MAX ? -EINVAL
                            : -ENOMEM;
    if (!ret) {
        uio_init(&u, iov, (u32)n, false);
        ret = u.left ? transfer(f, &u, write, off) : 0;
    }
    if (iov != few)
        kfree(iov);
    file_put(f);
    return ret;
}

s64 sys_readv(struct sysargs *a)
{
    return many_buffers(a, false, NULL);
}
s64 sys_writev(struct sysargs *a)
{
    return many_buffers(a, true, NULL);
}
s64 sys_preadv(struct sysargs *a)
{
    return many_buffers(a, false, &a->a[3]);
}
s64 sys_pwritev(struct sysargs *a)
{
    return many_buffers(a, true, &a->a[3]);
}

s64 sys_lseek(struct sysargs *a)
{
    struct file *f = a->f;
    s64 ret = file_pos_take(f);

    if (ret)
        return ret;
    ret = (u32)a->a[2] > SEEK_HOLE ? -EINVAL
          : !f->ops->llseek        ? -ESPIPE
                            : f->ops->llseek(f, (s64)a->a[1], (int)a->a[2]);
    file_pos_give(f);
    return ret;
}

/* Returns 0 if sendfile can copy from file `in`, at pos, to file `out`. The
 * checks are in Linux's order (6.12, fs/read_write.c: do_sendfile). */
static int may_send(const struct file *out, const struct file *in, u64 pos,
                    bool placed)
{
    if (!in || !file_readable(in))
        return -EBADF;
    bool stream = in->ops->flags & FILE_STREAM;
    if (placed && (stream || (s64)pos < 0))
        return stream ? -ESPIPE : -EINVAL;
    if (!out || !file_writable(out))
        return -EBADF;
    return stream || (out->flags & O_APPEND) ? -EINVAL : 0;
}

static s64 pass_on(void *out, const void *from, size_t n)
{
    struct iovec iov = {(u64)from, n};
    struct uio u;

    uio_init(&u, &iov, 1, true);
    return signal_pending(current) ? -ERESTARTSYS
                                   : transfer(out, &u, true, NULL);
}

s64 sys_sendfile(struct sysargs *a)
{
    u64 pos = 0;
    if (a->a[2] && copyin(&pos, a->a[2], sizeof(pos)))
        return -EFAULT;
    struct file *out = fd_content((u32)a->a[0]), *in = fd_content((u32)a->a[1]);
    s64 ret = may_send(out, in, pos, a->a[2]);
    struct uio u;

    if (!ret && (s64)a->a[3] < 0)
        ret = -EINVAL;

    if (ret || !a->a[3])
        goto done;
    ret = -EINVAL;
    if (!(in->ops->flags & (FILE_PAGES | FILE_SENT)))
        goto done;
    /* Each read asks for as much as Linux's internal pipe holds. */
    u64 done = 0, piece, n;
    if (!a->a[2])
        pos = in->pos;
    do {
        piece = MIN(MIN(a->a[3], UIO_MAX) - done, 16 * PAGE_SIZE);
        uio_init_sink(&u, piece, pass_on, out);
        ret = file_read(in, &u, &pos);
        n = ret > 0 ? (u64)ret : 0;
        done += n;
    } while (n && n == piece && !cond_resched());
    ret = done ? (s64)done : ret;
    if (!a->a[2])
        in->pos = pos;
    else if (ret >= 0 && copyout(a->a[2], &pos, sizeof(pos)))
        ret = -EFAULT;
done:
    if (out)
        file_put(out);
    if (in)
        file_put(in);
    return ret;
}

s64 sys_truncate(struct sysargs *a)
{
    int err = (s64)a->a[1] < 0
                  ? -EINVAL
                  : user_lookup((u64)AT_FDCWD, a->a[0], LOOKUP_FOLLOW, &a->d);

    if (!err && S_ISREG(a->d->inode->mode)) /* else vfs_truncate fails */
        err = inode_access(a->d->inode, MAY_WRITE);
    return err ? err : vfs_truncate(a->d->inode, a->a[1], false);
}

s64 sys_ftruncate(struct sysargs *a)
{
    struct file *f = fd_content((u32)a->a[0]);

    if (!f)
        return (s64)a->a[1] < 0 ? -EINVAL : -EBADF;
    int err =
        file_writable(f) ? vfs_truncate(f->inode, a->a[1], true) : -EINVAL;
    file_put(f);
    return err;
}

#define FALLOC_KEEP_SIZE 1u

s64 sys_fallocate(struct sysargs *a)
{
    u32 mode = (u32)a->a[1];
    u64 from = a->a[2], len = a->a[3];
    struct file *f = a->f;

    if (f->flags & O_PATH)
        return -EBADF;
    if ((s64)from < 0 || (s64)len <= 0)
        return -EINVAL;
    if (mode & ~FALLOC_KEEP_SIZE) /* punching holes is not supported */
        return -EOPNOTSUPP;
    if (!file_writable(f))
        return -EBADF;
    if (S_ISFIFO(f->inode->mode))
        return -ESPIPE;
    if (!S_ISREG(f->inode->mode))
        return S_ISDIR(f->inode->mode)   ? -EISDIR
               : S_ISBLK(f->inode->mode) ? -EOPNOTSUPP
                                         : -ENODEV;
    if ((s64)(from + len) < 0)
        return -EFBIG;
    if (!f->inode->ops->allocate)
        return -EOPNOTSUPP;
    int err = file_size_limit(f->inode->obj.size, from + len);
    return err ? err
               : f->inode->ops->allocate(f->inode, from, from + len,
                                         !(mode & FALLOC_KEEP_SIZE));
}

s64 sys_sync(struct sysargs *a)
{
    vfs_sync();
    return 0;
}

s64 sys_fsync(struct sysargs *a)
{
    struct file *f = a->f;
    u32 mode = f->inode->mode;
    bool kept = (S_ISREG(mode) || S_ISDIR(mode) || S_ISBLK(mode)) &&
                !(f->inode->sb->flags & SB_NOCACHE); /* not /proc's */

    return !kept           ? -EINVAL
           : S_ISBLK(mode) ? disk_sync(f->priv, &f->errors_told)
                           : file_sync(f);
}

s64 sys_syncfs(struct sysargs *a)
{
    struct super *sb = a->f->inode->sb;

    if (!sb->ops || !sb->ops->sync || (sb->flags & SB_RDONLY))
        return 0;
    int err = sb->ops->sync(sb), late = sb->ops->late_error(sb);
    return err ? err : late;
}

#define SYNC_WAIT_BEFORE 1u
#define SYNC_WRITE       2u
#define SYNC_WAIT_AFTER  4u

/* Acts on the whole file and ignores the range. */
s64 sys_sync_file_range(struct sysargs *a)
{
    const struct inode *inode = a->f->inode;
    struct vm_object *obj =
        S_ISBLK(inode->mode) ? disk_object(a->f->priv) : &a->f->inode->obj;
    u32 how = (u32)a->a[3];
    int err = 0;

    if ((s64)a->a[1] < 0 || (s64)(a->a[1] + a->a[2]) < (s64)a->a[1] || how > 7)
        return -EINVAL;
    if (!S_ISREG(inode->mode) && !S_ISDIR(inode->mode) && !S_ISBLK(inode->mode))
        return -ESPIPE;
    if (!obj) /* a disk that nobody writes */
        return 0;
    if (how & SYNC_WAIT_BEFORE) {
        object_wait_written(obj);
        err = object_tell_error(obj, &a->f->errors_told);
    }
    if (!err && (how & SYNC_WRITE))
        err = object_write_back(obj);
    if (!(how & SYNC_WAIT_AFTER))
        return err;
    object_wait_written(obj);
    int late = object_tell_error(obj, &a->f->errors_told);
    return err ? err : late;
}

enum {
    FADV_NORMAL,
    FADV_RANDOM,
    FADV_SEQUENTIAL,
    FADV_WILLNEED,
    FADV_DONTNEED,
    FADV_NOREUSE
};

/* Returns the last byte of a hint's range. A length of 0 reaches to the end. */
static u64 hint_last(u64 offset, u64 len)
{
    u64 end = offset + len;
    return !len || end < len ? ~0ul >> 1 : end - 1;
}

static void will_need(struct inode *inode, u64 offset, u64 len)
{
    u64 from = offset / PAGE_SIZE, last = hint_last(offset, len) / PAGE_SIZE;
    if (last >= from)
        readahead_force(&inode->obj, from, last - from + 1);
}

/* Drops whole pages only, and the file's last one (Linux 6.12, mm/fadvise.c:
 * generic_fadvise). */
static void will_not_need(struct inode *inode, u64 offset, u64 len)
{
    u64 last = hint_last(offset, len);
    u64 from = DIV_ROUND_UP(offset, PAGE_SIZE), to = (last + 1) / PAGE_SIZE;
    if (last + 1 == inode->obj.size)
        to = DIV_ROUND_UP(inode->obj.size, PAGE_SIZE);
    if (to > from)
        object_drop(&inode->obj, from, to);
}

s64 sys_fadvise64(struct sysargs *a)
{
    u64 offset = a->a[1], len = a->a[2];
    u32 advice = (u32)a->a[3];
    struct inode *inode = a->f->inode;

    if (S_ISFIFO(inode->mode))
        return -ESPIPE;
    if ((s64)len < 0 || advice > FADV_NOREUSE)
        return -EINVAL;
    if (!(a->f->ops->flags & FILE_PAGES))
        return 0;
    if (advice == FADV_WILLNEED)
        will_need(inode, offset, len);
    else if (advice == FADV_DONTNEED)
        will_not_need(inode, offset, len);
    return 0;
}

s64 sys_readahead(struct sysargs *a)
{
    struct inode *inode = a->f->inode;

    if (!file_readable(a->f))
        return -EBADF;
    if (!S_ISREG(inode->mode) && !S_ISBLK(inode->mode))
        return -EINVAL;
    if ((s64)a->a[2] < 0)
        return -EINVAL;
    if (a->f->ops->flags & FILE_PAGES)
        will_need(inode, a->a[1], a->a[2]);
    return 0;
}
