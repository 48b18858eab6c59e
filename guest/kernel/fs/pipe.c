/* SPDX-License-Identifier: MIT */
/* A pipe is a ring of up to 16 buffers, each in a page of its own.
 *
 *   buffers:   [0]   [1]   [2] ... [15]     readers take bytes from `first` on,
 *                    ^first: `count` of     writers add buffers behind the last
 *                            them are used
 *
 * A write makes a buffer of each 4096 bytes; the part that is no full page goes
 * into the last buffer first, if it fits there. A buffer is copied from or to a
 * program as a whole: if a part of the program's memory is not mapped, none of
 * the piece counts. (As in Linux, fs/pipe.c: a program sees both from the
 * results of its calls.)
 *
 * The pipe belongs to the inode while a file is open on it. One reader or
 * writer at a time copies (`busy`), since copying may sleep in a page fault. */
#include "fs/pipe.h"

#include "fs/async.h"
#include "fs/dcache.h"
#include "fs/file.h"
#include "fs/fstypes.h"
#include "fs/poll.h"
#include "fs/uio.h"
#include "task/proc.h"
#include "vm/reclaim.h"
#include "vm/uaccess.h"

#include <asm/ioctls.h>

#define PIPE_BUFFERS 16

struct pipe {
    struct buffer {
        struct page *page;
        u32 at, len; /* the bytes that no reader has taken yet */
    } buffers[PIPE_BUFFERS];
    u32 first, count;
    u32 readers, writers;        /* open ends */
    u32 reads_ever, writes_ever; /* opens so far; open() waits for a change. A
                                  * reader opened without a writer keeps
                                  * writes_ever in pos, and gets no POLLHUP
                                  * until that changes */
    struct mutex busy;
    struct waitq wait_read, wait_write;
    struct list async; /* files with O_ASYNC: fs/async.h */
};

static struct buffer *buffer_at(struct pipe *p, u32 n)
{
    return &p->buffers[(p->first + n) % PIPE_BUFFERS];
}

static void drop_first(struct pipe *p)
{
    page_free(buffer_at(p, 0)->page, R_PIPE);
    p->first = (p->first + 1) % PIPE_BUFFERS;
    p->count--;
}

/* Copies from the first buffer to the reader. => locked, not empty */
static int copy_to_reader(struct pipe *p, struct uio *u)
{
    struct buffer *b = buffer_at(p, 0);
    struct uio start = *u;
    u32 n = (u32)MIN(u->left, (u64)b->len);
    int err = uio_put(u, (u8 *)page_va(b->page) + b->at, n);

    if (err) {
        *u = start;
        return err;
    }
    b->at += n;
    b->len -= n;
    if (!b->len)
        drop_first(p);
    return 0;
}

/* Appends n bytes from the writer to the buffer: all or none. */
static int fill_buffer(struct buffer *b, struct uio *u, u64 n)
{
    struct uio start = *u;
    int err = uio_get(u, (u8 *)page_va(b->page) + b->at + b->len, n);

    if (err)
        *u = start;
    else
        b->len += (u32)n;
    return err;
}

/* At the beginning of a write, adds to the last buffer the bytes that do not
 * fill a page, if they fit. => locked */
static int extend_last(struct pipe *p, struct uio *u)
{
    struct buffer *last = buffer_at(p, p->count - 1);
    u64 n = u->left % PAGE_SIZE;
    bool fits = p->count && last->at + last->len + n <= PAGE_SIZE;

    return fits ? fill_buffer(last, u, n) : 0;
}

/* Adds a buffer with bytes from the writer. => locked, not full */
static int add_buffer(struct pipe *p, struct uio *u)
{
    struct buffer *b = buffer_at(p, p->count);

    *b = (struct buffer){.page =
                             page_alloc(FS_KDATA, R_PIPE, current->lens.tgid)};
    if (!b->page)
        return -ENOMEM;
    int err = fill_buffer(b, u, MIN(u->left, PAGE_SIZE));
    if (err)
        page_free(b->page, R_PIPE);
    else
        p->count++;
    return err;
}

/* Unlocks the pipe while it sleeps on q. => locked; after -EINTR the lock may
 * be lost (unlock_if_held) */
static int pipe_wait(struct pipe *p, struct file *f, struct waitq *q)
{
    if (f->flags & O_NONBLOCK)
        return -EAGAIN;
    mutex_unlock(&p->busy);
    async_signal(&p->async, q == &p->wait_read ? POLL_OUT : POLL_IN);
    int err = sleep_on_intr(q), bad = mutex_lock_killable(&p->busy);
    return bad ? bad : err;
}

/* Unlocks the pipe while it waits for memory, as pipe_wait does. A write is not
 * cut short for lack of a frame (Linux 6.12, fs/pipe.c: alloc_page waits). */
static int pipe_wait_memory(struct pipe *p)
{
    mutex_unlock(&p->busy);
    bool go_on = memory_wait();
    int bad = mutex_lock_killable(&p->busy);
    return bad ? bad : go_on ? 0 : -ENOMEM;
}

static void unlock_if_held(struct pipe *p)
{
    if (mutex_is_mine(&p->busy))
        mutex_unlock(&p->busy);
}

static s64 pipe_read(struct file *f, struct uio *u, u64 *pos)
{
    struct pipe *p = f->priv;
    u64 total = u->left;
    int err = 0;

    if (!total)
        return 0;
    err = mutex_lock_killable(&p->busy);
    while (!err && !p->count && p->writers)
        err = pipe_wait(p, f, &p->wait_read);
    while (!err && u->left && p->count)
        err = copy_to_reader(p, u);
    if (u->left != total)
        wake_up(&p->wait_write);
    unlock_if_held(p);
    async_signal(&p->async, POLL_OUT);
    return uio_result(u, total, err);
}

static s64 pipe_write(struct file *f, struct uio *u, u64 *pos)
{
    struct pipe *p = f->priv;
    u64 total = u->left;
    int err = 0;

    if (!total)
        return 0;
    err = mutex_lock_killable(&p->busy);
    if (!err && p->readers)
        err = extend_last(p, u);
    if (u->left != total)
        wake_up(&p->wait_read);
    while (!err && u->left) {
        if (!p->readers) {
            struct siginfo info = signal_from_me(SIGPIPE, SI_USER);
            signal_send_task(current, SIGPIPE, &info);
            err = -EPIPE;
        } else if (p->count == PIPE_BUFFERS) {
            err = pipe_wait(p, f, &p->wait_write);
        } else {
            err = add_buffer(p, u);
            wake_up(&p->wait_read);
            if (err == -ENOMEM)
                err = pipe_wait_memory(p);
        }
    }
    unlock_if_held(p);
    async_signal(&p->async, POLL_IN);
    return uio_result(u, total, err);
}

static u32 pipe_poll(struct file *f, struct poll_table *pt)
{
    struct pipe *p = f->priv;
    u32 mode = f->flags & O_ACCMODE, events = 0;

    poll_add(pt, &p->wait_read);
    poll_add(pt, &p->wait_write);
    if (mode != O_WRONLY) {
        if (p->count)
            events |= POLLIN | POLLRDNORM;
        if (!p->writers && p->writes_ever != (u32)f->pos)
            events |= POLLHUP;
    }
    if (mode != O_RDONLY) {
        if (p->count < PIPE_BUFFERS)
            events |= POLLOUT | POLLWRNORM;
        if (!p->readers)
            events |= POLLERR;
    }
    return events;
}

static s64 pipe_ioctl(struct file *f, u32 cmd, u64 arg)
{
    struct pipe *p = f->priv;
    s32 n = 0;

    for (u32 i = 0; i < p->count; i++)
        n += (s32)buffer_at(p, i)->len;
    return cmd == FIONREAD ? copyout(arg, &n, sizeof(n)) : -ENOTTY;
}

static struct pipe *pipe_of(struct inode *inode)
{
    struct pipe *p = inode->pipe;

    if (p)
        return p;
    if (!(p = kzalloc(sizeof(*p))))
        return NULL;
    mutex_init(&p->busy);
    waitq_init(&p->wait_read);
    waitq_init(&p->wait_write);
    list_init(&p->async);
    inode->pipe = p;
    return p;
}

static void close_ends(struct file *f)
{
    struct pipe *p = f->priv;
    u32 mode = f->flags & O_ACCMODE;

    if (mode != O_WRONLY)
        p->readers--;
    if (mode != O_RDONLY)
        p->writers--;
    wake_up(&p->wait_read);
    wake_up(&p->wait_write);
    if (p->readers || p->writers) {
        if (!p->readers || !p->writers) {
            async_signal(&p->async, POLL_IN);
            async_signal(&p->async, POLL_OUT);
        }
        return;
    }
    while (p->count)
        drop_first(p);
    kfree(p);
    f->inode->pipe = NULL;
}

static int fifo_open(struct file *f)
{
    u32 mode = f->flags & O_ACCMODE;
    struct pipe *p = mode == O_ACCMODE ? NULL : pipe_of(f->inode);
    /* Opening an end of an unnamed pipe again (/dev/fd/N) does not wait. */
    bool named = f->inode->sb != pipefs();
    int err = 0;

    if (!p)
        return mode == O_ACCMODE ? -EINVAL : -ENOMEM;
    f->priv = p;
    if (named && mode == O_WRONLY && (f->flags & O_NONBLOCK) && !p->readers) {
        if (!p->writers) {
            kfree(p);
            f->inode->pipe = NULL;
        }
        return -ENXIO;
    }
    if (mode != O_WRONLY) {
        p->readers++;
        p->reads_ever++;
    }
    if (mode != O_RDONLY) {
        p->writers++;
        p->writes_ever++;
    }
    wake_up(&p->wait_read);
    wake_up(&p->wait_write);
    /* Opening a named pipe waits for its other end to be opened. */
    u32 reads = p->reads_ever, writes = p->writes_ever;
    if (named && mode == O_RDONLY && (f->flags & O_NONBLOCK) && !p->writers)
        f->pos = writes;
    if (named && mode == O_RDONLY && !(f->flags & O_NONBLOCK))
        while (!err && !p->writers && p->writes_ever == writes)
            err = sleep_on_intr(&p->wait_read);
    if (named && mode == O_WRONLY)
        while (!err && !p->readers && p->reads_ever == reads)
            err = sleep_on_intr(&p->wait_write);
    if (err)
        close_ends(f);
    return err;
}

static struct list *pipe_async(struct file *f)
{
    return &((struct pipe *)f->priv)->async;
}

const struct file_ops fifo_ops = {
    .flags = FILE_STREAM,
    .open = fifo_open,
    .release = close_ends,
    .read = pipe_read,
    .write = pipe_write,
    .poll = pipe_poll,
    .ioctl = pipe_ioctl,
    .async = pipe_async,
};

struct super *pipefs(void)
{
    static struct super *sb;

    if (!sb)
        sb = super_new("pipefs");
    return sb;
}

/* Makes an inode and its dentry, which is in no directory. */
static struct dentry *pipe_dentry(void)
{
    struct super *sb = pipefs();
    struct inode *inode = sb ? inode_alloc(sb, S_IFIFO | 0600) : NULL;
    char name[32];

    if (!inode)
        return NULL;
    int len = snprintf(name, sizeof(name), "pipe:[%lu]", inode->ino);
    struct dentry *d = dentry_alloc(sb, NULL, name, (size_t)len);
    if (!d) {
        inode_put(inode);
        return NULL;
    }
    d->inode = inode;
    return d;
}

int pipe_make(struct file *ends[2], u32 flags)
{
    struct dentry *d = pipe_dentry();
    struct pipe *p = d ? pipe_of(d->inode) : NULL;

    ends[0] = p ? file_new(d, O_RDONLY | flags, &fifo_ops) : NULL;
    ends[1] = ends[0] ? file_new(d, O_WRONLY | flags, &fifo_ops) : NULL;
    if (ends[1]) {
        ends[0]->priv = ends[1]->priv = p;
        p->readers = p->writers = p->writes_ever = 1;
        dentry_put(d);
        return 0;
    }
    if (ends[0])
        file_discard(ends[0]);
    if (d) {
        kfree(p);
        d->inode->pipe = NULL;
        dentry_put(d);
    }
    return -ENOMEM;
}
