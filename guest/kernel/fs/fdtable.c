/* SPDX-License-Identifier: MIT */
/* Keeps the descriptor tables and working directories of processes. */
#include "fs/dcache.h"
#include "fs/fsctx.h"
#include "fs/namei.h"
#include "fs/record_lock.h"
#include "task/proc.h"
#include "vm/reclaim.h"

#define FIRST_SLOTS       16
#define LINUX_FIRST_SLOTS 64

/* Closes f for the table. POSIX: closing any descriptor of a file releases the
 * table's record locks on it. */
static void close_for_table(const struct files *files, struct file *f)
{
    record_release(f->inode, files);
    file_put(f);
}

u32 fd_limit(void)
{
    u64 limit = current->leader->rlim[RLIMIT_NOFILE].cur;

    return limit < FILES_MOST ? (u32)limit : FILES_MOST;
}

u32 fd_table_size(const struct files *files)
{
    u32 size = LINUX_FIRST_SLOTS;

    while (size < files->n)
        size *= 2;
    return size;
}

static struct files *files_new(u32 n)
{
    struct files *f = kzalloc(sizeof(*f));

    if (!f)
        return NULL;
    f->fd = kzalloc(n * sizeof(struct fd)); /* files_fork: no sleep */
    if (!f->fd) {
        kfree(f);
        return NULL;
    }
    f->refs = 1;
    f->n = n;
    return f;
}

int files_init_proc(struct proc *p)
{
    struct fsctx *fs = kzalloc(sizeof(*fs));
    struct files *files = files_new(FIRST_SLOTS);

    if (!fs || !files) {
        kfree(fs);
        if (files)
            kfree(files->fd);
        kfree(files);
        return -ENOMEM;
    }
    fs->refs = 1;
    fs->umask = 022;
    fs->root = dentry_get(vfs_root);
    fs->cwd = dentry_get(vfs_root);
    p->files = files;
    p->fs = fs;
    return 0;
}

static u32 slots_used(const struct files *files)
{
    u32 n = files->n;

    while (n > FIRST_SLOTS && !files->fd[n - 1].file)
        n--;
    return n;
}

int files_fork(struct proc *child, struct proc *parent, bool share)
{
    struct files *from = parent->files, *to;

    child->files = NULL;
    if (!from)
        return 0;
    if (share) {
        from->refs++;
        child->files = from;
        return 0;
    }
    /* This sleeps, so it precedes the count of slots. */
    memory_wait_block(kmalloc_order(slots_used(from) * sizeof(struct fd)));
    u32 n = slots_used(from);
    if (!(to = files_new(n)))
        return -ENOMEM;
    for (u32 i = 0; i < n; i++) {
        if (!from->fd[i].file)
            continue;
        to->fd[i] = from->fd[i];
        file_get(to->fd[i].file);
    }
    child->files = to;
    return 0;
}

void files_exit(struct proc *p)
{
    struct files *files = p->files;

    p->files = NULL;
    if (!files || --files->refs)
        return;
    for (u32 i = 0; i < files->n; i++)
        if (files->fd[i].file)
            close_for_table(files, files->fd[i].file);
    kfree(files->fd);
    kfree(files);
}

/* A table shared with other processes is first copied for p (Linux 6.12,
 * fs/exec.c: begin_new_exec). If there is no memory for the copy, the others
 * lose their close-on-exec descriptors, too. */
void files_exec_cloexec(struct proc *p)
{
    struct files *shared = p->files;

    if (!shared)
        return;
    if (shared->refs > 1 && files_fork(p, p, false) == 0)
        shared->refs--;
    else
        p->files = shared;
    for (u32 i = 0; i < p->files->n; i++) {
        struct file *f = p->files->fd[i].file;
        if (f && p->files->fd[i].cloexec) {
            p->files->fd[i].file = NULL;
            close_for_table(p->files, f);
        }
    }
}

int fsctx_fork(struct proc *child, struct proc *parent, bool share)
{
    struct fsctx *from = parent->fs;

    child->fs = NULL;
    if (!from)
        return 0;
    if (share) {
        from->refs++;
        child->fs = from;
        return 0;
    }
    struct fsctx *to = kzalloc(sizeof(*to));
    if (!to)
        return -ENOMEM;
    *to = *from;
    to->refs = 1;
    dentry_get(to->cwd);
    dentry_get(to->root);
    child->fs = to;
    return 0;
}

void fsctx_exit(struct proc *p)
{
    struct fsctx *fs = p->fs;

    p->fs = NULL;
    if (!fs || --fs->refs)
        return;
    dentry_put(fs->cwd);
    dentry_put(fs->root);
    kfree(fs);
}

struct fd *fd_slot(u32 fd)
{
    struct files *files = current->files;

    return fd < files->n && files->fd[fd].file ? &files->fd[fd] : NULL;
}

struct file *fd_get(u32 fd)
{
    struct fd *slot = fd_slot(fd);

    return slot ? file_get(slot->file) : NULL;
}

struct file *fd_content(u32 fd)
{
    struct file *f = fd_get(fd);

    if (!f || !(f->flags & O_PATH))
        return f;
    file_put(f);
    return NULL;
}

struct file *proc_fd_get(struct proc *p, u32 fd)
{
    struct files *files = p->files;

    return files && fd < files->n && files->fd[fd].file
               ? file_get(files->fd[fd].file)
               : NULL;
}

/* Makes the table big enough for descriptor fd. => may sleep */
static int fdtable_grow(struct files *files, u32 fd)
{
    u32 n = files->n;

    if (fd < n)
        return 0;
    while (n <= fd)
        n *= 2;
    struct fd *bigger = kzalloc_wait(n * sizeof(struct fd));
    if (!bigger || files->n >= n) { /* another thread has made it as big */
        kfree(bigger);
        return bigger ? 0 : -ENOMEM;
    }
    memcpy(bigger, files->fd, files->n * sizeof(struct fd));
    kfree(files->fd);
    files->fd = bigger;
    files->n = n;
    return 0;
}

int fd_reserve(u32 min)
{
    struct files *files = current->files;
    u32 fd = min;
    int err;

    do { /* again, if another thread took fd meanwhile */
        while (fd < files->n && (files->fd[fd].file || files->fd[fd].reserved))
            fd++;
        err = fd >= fd_limit() ? -EMFILE : fdtable_grow(files, fd);
        if (err)
            return err;
    } while (files->fd[fd].file || files->fd[fd].reserved);
    files->fd[fd].reserved = true;
    return (int)fd;
}

void fd_fill(int fd, struct file *f, bool cloexec)
{
    current->files->fd[fd] = (struct fd){f, cloexec, false};
}

void fd_cancel(int fd)
{
    current->files->fd[fd] = (struct fd){0};
}

int fd_install(struct file *f, u32 min, bool cloexec)
{
    int fd = fd_reserve(min);

    if (fd < 0)
        file_put(f);
    else
        fd_fill(fd, f, cloexec);
    return fd;
}

int fd_replace(u32 fd, struct file *f, bool cloexec)
{
    struct files *files = current->files;
    int err = fd >= fd_limit() ? -EBADF : fdtable_grow(files, fd);

    if (!err && files->fd[fd].reserved)
        err = -EBUSY;
    if (err) {
        file_put(f);
        return err;
    }
    struct file *old = files->fd[fd].file;
    fd_fill((int)fd, f, cloexec);
    if (old)
        close_for_table(files, old);
    return (int)fd;
}

int fd_close(u32 fd)
{
    struct fd *slot = fd_slot(fd);

    if (!slot)
        return -EBADF;
    struct file *f = slot->file;
    *slot = (struct fd){0};
    close_for_table(current->files, f);
    return 0;
}
