/* SPDX-License-Identifier: MIT */
/* Descriptors: dup, close, fcntl, ioctl, flock, pipe2. */
#include "fs/async.h"
#include "fs/flock.h"
#include "fs/pipe.h"
#include "sys/file.h"

#include <asm/ioctls.h>
#include <linux/close_range.h>

#define SETTABLE (O_APPEND | O_NONBLOCK | O_NOATIME)

s64 sys_dup(struct sysargs *a)
{
    struct file *f = fd_get((u32)a->a[0]);

    return f ? fd_install(f, 0, false) : -EBADF;
}

s64 sys_dup3(struct sysargs *a)
{
    u32 from = (u32)a->a[0], to = (u32)a->a[1], flags = (u32)a->a[2];

    if ((flags & ~O_CLOEXEC) || from == to)
        return -EINVAL;
    struct file *f = fd_get(from);
    return f ? fd_replace(to, f, flags & O_CLOEXEC) : -EBADF;
}

s64 sys_close(struct sysargs *a)
{
    return fd_close((u32)a->a[0]);
}

s64 sys_close_range(struct sysargs *a)
{
    u32 first = (u32)a->a[0], last = (u32)a->a[1], flags = (u32)a->a[2];

    if (first > last || (flags & ~CLOSE_RANGE_CLOEXEC))
        return -EINVAL;
    for (u32 fd = first; fd <= last && fd < current->files->n; fd++) {
        if (!fd_slot(fd))
            continue;
        if (flags & CLOSE_RANGE_CLOEXEC)
            fd_slot(fd)->cloexec = true;
        else
            fd_close(fd);
    }
    return 0;
}

static s64 set_flags(struct file *f, s32 fd, u32 flags)
{
    if ((flags & ~f->flags & O_NOATIME) && inode_owner(f->inode))
        return -EPERM;
    int err = file_set_async(f, fd, flags & O_ASYNC);
    if (err)
        return err;
    f->flags = (f->flags & ~SETTABLE) | (flags & SETTABLE);
    return 0;
}

s64 sys_fcntl(struct sysargs *a)
{
    struct fd *slot = fd_slot((u32)a->a[0]);
    struct file *f = a->f;
    u64 arg = a->a[2];
    u32 cmd = (u32)a->a[1];

    if ((f->flags & O_PATH) && cmd > F_GETFL && cmd != F_DUPFD_CLOEXEC)
        return -EBADF;
    switch (cmd) {
    case F_DUPFD:
    case F_DUPFD_CLOEXEC:
        if ((u32)arg >= fd_limit())
            return -EINVAL;
        return fd_install(file_get(f), (u32)arg, cmd == F_DUPFD_CLOEXEC);
    case F_GETFD:
        return slot->cloexec ? FD_CLOEXEC : 0;
    case F_SETFD:
        slot->cloexec = arg & FD_CLOEXEC;
        return 0;
    case F_GETFL:
        return f->flags;
    case F_SETFL:
        return set_flags(f, (s32)a->a[0], (u32)arg);
    case F_GETLK:
    case F_SETLK:
    case F_SETLKW:
        return fcntl_lock(f, (u32)a->a[0], arg, cmd - F_GETLK, false);
    case F_OFD_GETLK:
    case F_OFD_SETLK:
    case F_OFD_SETLKW:
        return fcntl_lock(f, (u32)a->a[0], arg, cmd - F_OFD_GETLK, true);
    case F_GETPIPE_SZ:
        return S_ISFIFO(f->inode->mode) ? 65536 : -EBADF;
    case F_SETPIPE_SZ:
        return !S_ISFIFO(f->inode->mode) ? -EBADF
               : arg <= 65536            ? 65536
                                         : -EPERM;
    default: {
        s64 ret = owner_fcntl(f, cmd, arg);
        return ret == -ENOSYS ? -EINVAL : ret;
    }
    }
}

static s64 any_ioctl(struct file *f, s32 fd, u32 cmd, u64 arg)
{
    s32 value;
    int err;

    switch (cmd) {
    case FIONBIO:
        if ((err = copyin(&value, arg, sizeof(value))))
            return err;
        return set_flags(
            f, fd, value ? f->flags | O_NONBLOCK : f->flags & ~O_NONBLOCK);
    case FIOASYNC:
        if ((err = copyin(&value, arg, sizeof(value))))
            return err;
        if (!f->ops->async && (value != 0) != ((f->flags & O_ASYNC) != 0))
            return -ENOTTY;
        return file_set_async(f, fd, value);
    case FIONREAD:
        if (!(f->ops->flags & FILE_PAGES))
            break;
        u64 size = f->inode->obj.size;
        value = (s32)(size - f->pos); /* below 0 beyond the end */
        return copyout(arg, &value, sizeof(value));
    }
    return f->ops->ioctl ? f->ops->ioctl(f, cmd, arg) : -ENOTTY;
}

s64 sys_ioctl(struct sysargs *a)
{
    u32 cmd = (u32)a->a[1];

    if (cmd == FIOCLEX || cmd == FIONCLEX) {
        fd_slot((u32)a->a[0])->cloexec = cmd == FIOCLEX;
        return 0;
    }
    return any_ioctl(a->f, (s32)a->a[0], cmd, a->a[2]);
}

s64 sys_flock(struct sysargs *a)
{
    u32 op = (u32)a->a[1], kind = op & ~(u32)LOCK_NB;

    if (op & 32) /* LOCK_MAND, which Linux 6.12 takes and ignores */
        return 0;
    if (kind != LOCK_SH && kind != LOCK_EX && kind != LOCK_UN)
        return -EINVAL; /* before the descriptor is looked at */
    a->f = fd_content((u32)a->a[0]);
    if (!a->f)
        return -EBADF;
    s64 ret = file_flock(a->f, op);
    file_put(a->f);
    return ret;
}

s64 sys_pipe2(struct sysargs *a)
{
    u32 flags = (u32)a->a[1];
    struct file *ends[2];

    if (flags & ~(O_CLOEXEC | O_NONBLOCK))
        return -EINVAL;
    int err = pipe_make(ends, flags & O_NONBLOCK);
    if (err)
        return err;
    s32 fd[2];
    fd[0] = fd_reserve(0);
    fd[1] = fd_reserve(0);
    err = MIN(fd[0], fd[1]);
    err = err < 0 ? err : copyout(a->a[0], fd, sizeof(fd));
    for (int i = 0; i < 2; i++) {
        if (!err)
            fd_fill(fd[i], ends[i], flags & O_CLOEXEC);
        else if (fd[i] >= 0)
            fd_cancel(fd[i]);
        if (err)
            file_put(ends[i]);
    }
    return err;
}
