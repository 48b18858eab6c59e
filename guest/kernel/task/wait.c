/* SPDX-License-Identifier: MIT */
#include "task/wait.h"
#include "task/sched.h"

void waitq_add(struct waitq *q, struct waiter *w)
{
    w->proc = current;
    list_add_tail(&w->link, &q->waiters);
}

void waitq_remove(struct waiter *w)
{
    list_del(&w->link);
}

static void end_sleep(struct proc *p)
{
    p->woken = true;
    if (p->lens.state == PS_SLEEPING || p->lens.state == PS_DISK)
        proc_make_ready(p);
}

void wake_up(struct waitq *q)
{
    struct waiter *w;
    list_for_each_entry(w, &q->waiters, link)
    {
        end_sleep(w->proc);
    }
}

void wake_up_some(struct waitq *q, u32 n)
{
    struct waiter *w;
    list_for_each_entry(w, &q->waiters, link)
    {
        if (w->proc->woken)
            continue;
        if (!n--)
            return;
        end_sleep(w->proc);
    }
}

static void timeout(struct timer *t)
{
    struct proc *p = container_of(t, struct proc, timeout);
    p->timed_out = true;
    end_sleep(p);
}

/* True if a signal that ends a sleep with this heed is pending already. */
static bool signal_ends_sleep(struct proc *p, enum heed heed)
{
    return heed == HEED_ALL     ? signal_pending(p)
           : heed == HEED_FATAL ? signal_fatal_pending(p)
                                : false;
}

static int block(u64 deadline, enum heed heed)
{
    struct proc *me = current;
    if (!me->woken && !signal_ends_sleep(me, heed)) {
        load_tick();
        me->timed_out = false;
        me->heeds = heed;
        if (deadline != NEVER) {
            me->timeout.fn = timeout;
            timer_start(&me->timeout, deadline);
        }
        proc_set_state(me, heed == HEED_ALL ? PS_SLEEPING : PS_DISK);
        CHARGE(me, nvcsw, 1);
        schedule();
        me->heeds = HEED_NONE;
        timer_stop(&me->timeout);
    }
    bool timed_out = me->timed_out, woken = me->woken;
    me->woken = me->timed_out = false;
    if (woken && !timed_out)
        return 0;
    if (timed_out)
        return -ETIMEDOUT;
    return -ERESTARTSYS;
}

int wait_block(u64 deadline)
{
    return block(deadline, HEED_ALL);
}

int wait_block_io(u64 deadline, bool disk)
{
    return block(deadline, disk ? HEED_NONE : HEED_ALL);
}

void sleep_on_first(struct waitq *q)
{
    struct waiter w = {.proc = current};
    current->woken = false;
    list_add(&w.link, &q->waiters);
    block(NEVER, HEED_NONE);
    waitq_remove(&w);
}

static int sleep_heeding(u64 deadline, struct waitq *q, enum heed heed)
{
    struct waiter w;
    current->woken = false;
    if (q)
        waitq_add(q, &w);
    int err = block(deadline, heed);
    if (q)
        waitq_remove(&w);
    return err;
}

void sleep_on(struct waitq *q)
{
    sleep_heeding(NEVER, q, HEED_NONE);
}

int sleep_on_killable(struct waitq *q)
{
    return sleep_heeding(NEVER, q, HEED_FATAL) ? -EINTR : 0;
}

void sleep_on_until(u64 deadline, struct waitq *q)
{
    sleep_heeding(deadline, q, HEED_FATAL);
}

int sleep_until(u64 deadline, struct waitq *q)
{
    return sleep_heeding(deadline, q, HEED_ALL);
}

int sleep_on_intr(struct waitq *q)
{
    return sleep_until(NEVER, q);
}
