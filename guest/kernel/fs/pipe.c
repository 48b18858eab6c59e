/* SPDX-License-Identifier: MIT */
/* A pipe is a ring of up to 16 pages, which exist only while they hold bytes.
 *
 *   pages:   [0]   [1]   [2] ... [15]     page of byte b: b / 4096 % 16
 *                ^tail      ^head         in bytes; both 0 when empty
 *
 * The pipe belongs to the inode while a file is open on it. One reader or
 * writer at a time copies (`busy`), since copying may sleep in a page fault. */
#include "fs/pipe.h"

#include "fs/dcache.h"
#include "fs/file.h"
#include "fs/fstypes.h"
#include "fs/poll.h"
#include "fs/uio.h"
#include "proc/proc.h"
#include "vm/uaccess.h"

#include <asm/ioctls.h>

#define PIPE_PAGES 16
#define PIPE_BYTES (PIPE_PAGES * PAGE_SIZE)

struct pipe {
    struct page *pages[PIPE_PAGES];
    u64 head, tail;
    u32 readers, writers;        /* open ends */
    u32 reads_ever, writes_ever; /* opens so far; open() waits for a change. A
                                  * reader opened without a writer keeps
                                  * writes_ever in pos, and gets no POLLHUP
                                  * until that changes */
    struct mutex busy;
    struct waitq wait_read, wait_write;
};

static u64 used(struct pipe *p)
{
    return p->head - p->tail;
}

static struct page **page_at(struct pipe *p, u64 pos)
{
    return &p->pages[pos / PAGE_SIZE % PIPE_PAGES];
}

static void drop_page(struct page **slot)
{
    if (*slot)
        page_free(*slot, R_PIPE);
    *slot = NULL;
}

/* Copies some bytes to the reader. => locked, not empty */
static int copy_to_reader(struct pipe *p, struct uio *u)
{
    u64 off = p->tail % PAGE_SIZE, before = u->left;
    u64 n = MIN(MIN(before, used(p)), PAGE_SIZE - off);
    struct page **slot = page_at(p, p->tail);
    int err = uio_put(u, (u8 *)page_va(*slot) + off, n);

    p->tail += before - u->left;
    /* Frees an empty page, so that an idle pipe holds no memory. When the ring
     * is nearly full, head may be on the page that tail has just left; that
     * page stays. */
    bool head_here = page_at(p, p->head) == slot && p->head % PAGE_SIZE;
    bool left = before != u->left && p->tail % PAGE_SIZE == 0 && !head_here;
    if (p->tail == p->head || left) {
        drop_page(slot);
        if (p->tail == p->head)
            p->head = p->tail = 0;
    }
    return err;
}

/* Copies some bytes from the writer. => locked, not full */
static int copy_from_writer(struct pipe *p, struct uio *u)
{
    u64 off = p->head % PAGE_SIZE, before = u->left;
    u64 n = MIN(MIN(before, PIPE_BYTES - used(p)), PAGE_SIZE - off);
    struct page **slot = page_at(p, p->head);

    if (!*slot)
        *slot = page_alloc(FS_KDATA, R_PIPE, current->lens.tgid);
    if (!*slot)
        return -ENOMEM;
    int err = uio_get(u, (u8 *)page_va(*slot) + off, n);
    p->head += before - u->left;
    if (p->head == p->tail)
        drop_page(slot);
    return err;
}

/* Unlocks the pipe while it sleeps on q. => locked; after -EINTR the lock may
 * be lost (unlock_if_held) */
static int pipe_wait(struct pipe *p, struct file *f, struct waitq *q)
{
    if (f->flags & O_NONBLOCK)
        return -EAGAIN;
    mutex_unlock(&p->busy);
    int err = sleep_on_intr(q), bad = mutex_lock_killable(&p->busy);
    return bad ? bad : err;
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
    while (!err && !used(p) && p->writers)
        err = pipe_wait(p, f, &p->wait_read);
    while (!err && u->left && used(p))
        err = copy_to_reader(p, u);
    if (u->left != total)
        wake_up(&p->wait_write);
    unlock_if_held(p);
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
    while (!err && u->left) {
        /* A write of up to PIPE_BUF bytes is atomic. */
        u64 need = total <= PIPE_BUF ? total : 1;
        if (!p->readers) {
            struct siginfo info = signal_from_me(SIGPIPE, SI_USER);
            signal_send_task(current, SIGPIPE, &info);
            err = -EPIPE;
        } else if (u->left == total && PIPE_BYTES - used(p) < need) {
            err = pipe_wait(p, f, &p->wait_write);
        } else if (used(p) == PIPE_BYTES) {
            err = pipe_wait(p, f, &p->wait_write);
        } else {
            err = copy_from_writer(p, u);
            wake_up(&p->wait_read);
        }
    }
    unlock_if_held(p);
    return uio_result(u, total, err);
}

static u32 pipe_poll(struct file *f, struct poll_table *pt)
{
    struct pipe *p = f->priv;
    u32 mode = f->flags & O_ACCMODE, events = 0;

    poll_add(pt, &p->wait_read);
    poll_add(pt, &p->wait_write);
    if (mode != O_WRONLY) {
        if (used(p))
            events |= POLLIN | POLLRDNORM;
        if (!p->writers && p->writes_ever != (u32)f->pos)
            events |= POLLHUP;
    }
    if (mode != O_RDONLY) {
        if (PIPE_BYTES - used(p) >= PIPE_BUF)
            events |= POLLOUT | POLLWRNORM;
        if (!p->readers)
            events |= POLLERR;
    }
    return events;
}

static s64 pipe_ioctl(struct file *f, u32 cmd, u64 arg)
{
    struct pipe *p = f->priv;
    s32 n = (s32)used(p);

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
    if (p->readers || p->writers)
        return;
    for (u32 i = 0; i < PIPE_PAGES; i++)
        drop_page(&p->pages[i]);
    kfree(p);
    f->inode->pipe = NULL;
}

static int fifo_open(struct file *f)
{
    struct pipe *p = pipe_of(f->inode);
    u32 mode = f->flags & O_ACCMODE;
    /* Opening an end of an unnamed pipe again (/dev/fd/N) does not wait. */
    bool named = f->inode->sb != pipefs();
    int err = 0;

    if (!p)
        return -ENOMEM;
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

const struct file_ops fifo_ops = {
    .flags = FILE_STREAM,
    .open = fifo_open,
    .release = close_ends,
    .read = pipe_read,
    .write = pipe_write,
    .poll = pipe_poll,
    .ioctl = pipe_ioctl,
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
