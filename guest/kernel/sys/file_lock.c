/* SPDX-License-Identifier: MIT */
/* fcntl's record locks: converts Linux's struct flock to a range of bytes and
 * back. The checks are in the order of Linux 6.12 (fs/locks.c:
 * flock64_to_posix_lock, check_fmode_for_setlk). */
#include "fs/record_lock.h"
#include "task/proc.h"
#include "sys/file.h"

static int to_range(struct file *f, const struct flock *l,
                    struct record_request *q)
{
    s64 base = l->l_whence == SEEK_SET   ? 0
               : l->l_whence == SEEK_CUR ? (s64)f->pos
               : l->l_whence == SEEK_END ? (s64)f->inode->obj.size
                                         : -1;
    s64 from, to;
    if (base < 0)
        return -EINVAL;
    if (__builtin_add_overflow(base, l->l_start, &from) ||
        __builtin_add_overflow(from, l->l_len - (l->l_len > 0), &to))
        return -EOVERFLOW;
    if (l->l_len < 0) { /* the range ends before start */
        s64 end = from - 1;
        from = to;
        to = end;
    }
    if (from < 0 || to < 0)
        return -EINVAL;
    q->from = (u64)from;
    q->to = l->l_len && to != INT64_MAX ? (u64)to : ~0ul;
    return 0;
}

static bool mode_allows(struct file *f, u32 kind)
{
    return kind == RECORD_UNLOCK ||
           (kind == RECORD_READ ? file_readable(f) : file_writable(f));
}

static s64 test_lock(struct file *f, struct record_request *q, struct flock *l,
                     u64 user)
{
    if (q->kind == RECORD_UNLOCK)
        return -EINVAL;
    l->l_type = RECORD_UNLOCK;
    if (record_test(f, q)) {
        l->l_type = (s16)q->kind;
        l->l_whence = SEEK_SET;
        l->l_start = (s64)q->from;
        l->l_len = q->to == ~0ul ? 0 : (s64)(q->to - q->from + 1);
        l->l_pid = (s32)q->pid;
    }
    return copyout(user, l, sizeof *l);
}

static s64 file_record_lock(struct file *f, u64 user, enum lock_call call,
                            bool of_file)
{
    struct flock l;
    struct record_request q = {.wait = call == LOCK_SET_WAIT,
                               .of_file = of_file};
    if (copyin(&l, user, sizeof l))
        return -EFAULT;
    if (f->flags & O_PATH)
        return -EBADF;
    if (l.l_type < RECORD_READ || l.l_type > RECORD_UNLOCK ||
        (of_file && l.l_pid))
        return -EINVAL;
    q.kind = (u32)l.l_type;
    q.owner = of_file ? (const void *)f : current->files;
    q.pid = of_file ? ~0u : current->lens.tgid;
    s64 err = to_range(f, &l, &q);
    if (err)
        return err;
    if (call == LOCK_TEST)
        return test_lock(f, &q, &l, user);
    if (!mode_allows(f, q.kind))
        return -EBADF;
    return record_lock(f, &q);
}

/* => sleeps. Another thread may close fd meanwhile, which releases the locks of
 * the process; so a lock that was set after that is released here */
s64 fcntl_lock(struct file *f, u32 fd, u64 user, enum lock_call call,
               bool of_file)
{
    s64 err = file_record_lock(f, user, call, of_file);
    const struct fd *slot = fd_slot(fd);
    if (!err && call != LOCK_TEST && !of_file && !(slot && slot->file == f)) {
        record_release(f->inode, current->files);
        err = -EBADF;
    }
    return err;
}
