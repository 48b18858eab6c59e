/* SPDX-License-Identifier: MIT */
/* Opens, reads, writes and polls the terminal as a file. */
#include "fs/dev/tty.h"

#include "drv/lens.h"
#include "drv/uart.h"
#include "fs/async.h"
#include "fs/poll.h"
#include "fs/uio.h"
#include "task/proc.h"

/* In each step a read takes this many bytes, and a write needs to have this
 * many. If the caller's memory ends before a step does, a read loses the bytes
 * that do not fit, and a write prints nothing more (Linux 6.12,
 * drivers/tty/tty_io.c: iterate_tty_read, iterate_tty_write). */
#define READ_STEP  64
#define WRITE_STEP 2048ul

static bool is_end(struct tty *t, u32 pos)
{
    return t->ends[pos % TTY_BUFFER / 8] & (1u << pos % 8);
}
static u32 readable(struct tty *t)
{
    return t->canon - t->tail;
}

/* /dev/tty (5, 0) is the caller's controlling terminal.
 * A session leader without a terminal acquires the one that it opens, if that
 * has no session (POSIX leaves this to the system; as in Linux, not with
 * O_NOCTTY, and never for /dev/console). */
static int tty_open(struct file *f)
{
    bool own = f->inode->rdev == MKDEV(5, 0);
    struct tty *t = own ? current->leader->ctty : &console_tty;

    if (!(f->priv = t))
        return -ENXIO;
    if (!(f->flags & O_NOCTTY) && f->inode->rdev != MKDEV(5, 1) &&
        current->leader->session == current->lens.tgid &&
        !current->leader->ctty && !t->session)
        tty_acquire(t);
    return 0;
}

/* Copies one line, or the part of it that fits, to buf; returns its length. A 0
 * byte marked as an end is ^D: it ends the line and is not copied. *ended: the
 * line is complete. */
static u32 take_line(struct tty *t, u8 *buf, u32 n, bool *ended)
{
    u32 got = 0;

    *ended = false;
    while (readable(t) && !*ended) {
        u8 c = t->buffer[t->tail % TTY_BUFFER];
        *ended = is_end(t, t->tail);
        if (*ended && c == 0) {
            t->tail++;
            break;
        }
        if (got == n) {
            *ended = false;
            break;
        }
        buf[got++] = c;
        t->tail++;
    }
    return got;
}

static u32 take_bytes(struct tty *t, u8 *buf, u32 n)
{
    u32 got = 0;

    while (got < n && readable(t))
        buf[got++] = t->buffer[t->tail++ % TTY_BUFFER];
    return got;
}

/* Waits for input. 0: look again; -EAGAIN, -ERESTARTSYS, -ETIMEDOUT, -EIO. */
static int wait_input(struct tty *t, struct file *f, u64 deadline)
{
    if (f->flags & O_NONBLOCK)
        return -EAGAIN;
    lens_want_input();
    int err = sleep_until(deadline, &t->readers);
    return err ? err : tty_check_change(t, SIGTTIN);
}

/* Reads by VMIN and VTIME: the four cases of POSIX 11.1.7. */
static s64 read_raw(struct tty *t, struct file *f, struct uio *u)
{
    u64 total = u->left;
    u32 min = t->tio.c_cc[VMIN];
    u64 time = t->tio.c_cc[VTIME] * (NSEC_PER_SEC / 10);
    u64 want = MIN(total, (u64)min);
    u64 deadline = !min ? now_ns() + time : NEVER;
    u8 buf[READ_STEP];

    for (;;) {
        u32 n = take_bytes(t, buf, (u32)MIN(u->left, sizeof(buf)));
        int err = uio_put(u, buf, n);
        if (err)
            return uio_result(u, total, err);
        if (n == sizeof(buf) && u->left)
            continue;
        if (total - u->left >= MAX(want, 1ul) || (!min && !time))
            break;
        if (n && min && time) /* VTIME limits the time between bytes */
            deadline = now_ns() + time;
        err = wait_input(t, f, deadline);
        if (err == -ETIMEDOUT)
            break;
        if (err)
            return uio_result(u, total, err);
    }
    return (s64)(total - u->left);
}

static s64 read_line(struct tty *t, struct file *f, struct uio *u)
{
    u64 total = u->left;
    bool ended = false;
    u8 buf[READ_STEP];

    while (!readable(t)) {
        int err = wait_input(t, f, NEVER);
        if (err)
            return err;
        if (!(t->tio.c_lflag & ICANON)) /* the mode has changed meanwhile */
            return read_raw(t, f, u);
    }
    while (u->left && !ended && readable(t)) {
        u32 n = take_line(t, buf, (u32)MIN(u->left, sizeof(buf)), &ended);
        int err = uio_put(u, buf, n);
        if (err)
            return uio_result(u, total, err);
    }
    return (s64)(total - u->left);
}

static s64 tty_read(struct file *f, struct uio *u, u64 *pos)
{
    struct tty *t = f->priv;
    int err = tty_check_change(t, SIGTTIN);

    if (err)
        return err;
    if (!u->left)
        return 0;
    s64 n = (t->tio.c_lflag & ICANON) ? read_line(t, f, u) : read_raw(t, f, u);
    if (tty_has_room())
        uart_resume();
    return n;
}

static s64 tty_write(struct file *f, struct uio *u, u64 *pos)
{
    struct tty *t = f->priv;
    u64 total = u->left;
    u8 buf[128];
    int err = 0;

    if (t->tio.c_lflag & TOSTOP)
        err = tty_check_change(t, SIGTTOU);
    while (!err && u->left) {
        if (t->stopped) {
            err =
                (f->flags & O_NONBLOCK) ? -EAGAIN : sleep_on_intr(&t->writers);
            continue;
        }
        u64 before = u->left, n = MIN(before, sizeof(buf));
        if ((total - before) % WRITE_STEP == 0 &&
            (err = uio_probe(u, MIN(before, WRITE_STEP))))
            break;
        err = uio_get(u, buf, n);
        tty_output(t, buf, before - u->left);
    }
    return uio_result(u, total, err);
}

static u32 tty_poll(struct file *f, struct poll_table *pt)
{
    struct tty *t = f->priv;
    u32 min = 1, events = 0;

    poll_add(pt, &t->readers);
    poll_add(pt, &t->writers);
    if (pt)
        pt->console_input = true;
    if (!(t->tio.c_lflag & ICANON) && !t->tio.c_cc[VTIME] && t->tio.c_cc[VMIN])
        min = t->tio.c_cc[VMIN];
    if (readable(t) >= min)
        events |= POLLIN | POLLRDNORM;
    if (!t->stopped)
        events |= POLLOUT | POLLWRNORM;
    return events;
}

/* By default the foreground group gets the signals, or the process. */
static struct list *tty_async(struct file *f)
{
    struct tty *t = f->priv;
    int err = t->pgrp ? file_default_owner(f, F_OWNER_PGRP, t->pgrp)
                      : file_default_owner(f, F_OWNER_PID, current->lens.tgid);

    return err ? NULL : &t->async;
}

const struct file_ops tty_ops = {
    .flags = FILE_STREAM,
    .open = tty_open,
    .read = tty_read,
    .write = tty_write,
    .poll = tty_poll,
    .ioctl = tty_ioctl,
    .async = tty_async,
};
