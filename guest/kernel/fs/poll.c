/* SPDX-License-Identifier: MIT */
/* Polls files for readiness, and sleeps until one is ready. */
#include "fs/pollset.h"

#include "drv/lens.h"
#include "vm/reclaim.h"

#define QUEUES_PER_FILE 2 /* the most that one file_ops.poll adds */

void poll_add(struct poll_table *pt, struct waitq *q)
{
    if (!pt)
        return;
    BUG_ON(pt->n == pt->room);
    waitq_add(q, &pt->waiters[pt->n++]);
}

static u32 poll_file(struct pollset *p, struct poll_table *pt)
{
    u32 always = POLLERR | POLLHUP;

    if (!p->file)
        return 0;
    if (!p->file->ops->poll) /* no poll function: always ready */
        return p->events & (POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM);
    return p->file->ops->poll(p->file, pt) & (p->events | always);
}

/* Polls all files; returns how many are ready. pt NULL: adds to no queue. */
static int poll_files(struct pollset *set, u32 n, struct poll_table *pt)
{
    int ready = 0;

    for (u32 i = 0; i < n; i++) {
        if (!(set[i].revents & POLLNVAL))
            set[i].revents = poll_file(&set[i], pt);
        ready += set[i].revents != 0;
    }
    return ready;
}

/* Adds the caller to the files' queues and sleeps until one is ready, or until
 * the deadline or a signal. Returns how many are ready, or -ENOMEM. */
static int poll_sleep(struct pollset *set, u32 n, u64 deadline)
{
    struct poll_table pt = {.room = n * QUEUES_PER_FILE};
    int ready, err = 0;

    if (n && !(pt.waiters = kzalloc_wait(pt.room * sizeof(struct waiter))))
        return -ENOMEM;
    poll_files(set, n, &pt);
    while (!(ready = poll_files(set, n, NULL)) && !err) {
        if (pt.console_input)
            lens_want_input();
        err = wait_block(deadline);
    }
    for (u32 i = 0; i < pt.n; i++)
        waitq_remove(&pt.waiters[i]);
    kfree(pt.waiters);
    return ready;
}

int poll_wait(struct pollset *set, u32 n, u64 deadline)
{
    int ready = poll_files(set, n, NULL);

    if (!ready && deadline)
        ready = poll_sleep(set, n, deadline);
    return ready ? ready : signal_pending(current) ? -ERESTARTSYS : 0;
}
