/* SPDX-License-Identifier: MIT */
/* Puts tasks to sleep, and wakes them.
 *
 * The kernel is not preemptive and takes interrupts only in user mode, in the
 * idle loop, in cond_resched and in sched_breathe. So no wake_up is lost
 * between testing a condition and sleeping on it: while (!condition) {
 * sleep_on_intr(&q) ... } is right. */
#pragma once

#include "lib/kernel.h"

struct proc;

struct waitq {
    struct list waiters; /* struct waiter */
};
#define WAITQ_INIT(name)                                                       \
    {                                                                          \
        LIST_INIT((name).waiters)                                              \
    }
static inline void waitq_init(struct waitq *q)
{
    list_init(&q->waiters);
}

/* Wakes all tasks on q. => callable from an interrupt */
void wake_up(struct waitq *q);
/* Wakes the first n tasks on q that have not been woken yet.
 * => callable from an interrupt */
void wake_up_some(struct waitq *q, u32 n);

/* The signals that end a sleep. */
enum heed { HEED_NONE, HEED_FATAL, HEED_ALL };

/* Sleeps until wake_up; signals do not end it (state D): for disks, locks.
 * => sleeps */
void sleep_on(struct waitq *q);
/* Sleeps until wake_up (0), or a signal that ends the process (-EINTR): for a
 * wait for another process, which may need the memory that the sleeper's death
 * frees (Linux: TASK_KILLABLE). => sleeps (state D) */
int sleep_on_killable(struct waitq *q);
/* Sleeps until wake_up, the deadline, or a signal that ends the process.
 * => sleeps (state D) */
void sleep_on_until(u64 deadline, struct waitq *q);
/* As sleep_on, but at the head of the queue. */
void sleep_on_first(struct waitq *q);
/* Sleeps until wake_up (0) or a signal (-ERESTARTSYS). => sleeps (state S) */
int sleep_on_intr(struct waitq *q);
/* Sleeps until wake_up of q (0), the deadline (-ETIMEDOUT), or a signal
 * (-ERESTARTSYS). q may be NULL; deadline in now_ns() time, NEVER for none.
 * => sleeps (state S) */
int sleep_until(u64 deadline, struct waitq *q);
#define NEVER (~0ul)

/* Waiting on several queues (poll):
 *   for each queue: waitq_add(q, &waiter[i]);
 *   test the conditions; if none holds: wait_block(...);
 *   waitq_remove(&waiter[i]) for each. */
struct waiter {
    struct list link;
    struct proc *proc;
};
void waitq_add(struct waitq *q, struct waiter *w);
void waitq_remove(struct waiter *w);
/* Sleeps until a wake_up of any queue that the caller is on; returns 0 at once
 * if one came since the last wait_block. -ETIMEDOUT, -ERESTARTSYS. */
int wait_block(u64 deadline);
/* As wait_block. disk: state D, and no signal ends the sleep. */
int wait_block_io(u64 deadline, bool disk);
