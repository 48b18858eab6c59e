/* SPDX-License-Identifier: MIT */
/* A lock that may be held while sleeping. Code that does not sleep needs none:
 * the kernel is not preemptive. */
#pragma once

#include "task/proc.h"

/* A task that was woken, and yet found the lock taken again, is its heir: the
 * next unlock hands the lock over. Otherwise an owner that unlocks and soon
 * locks again, and sleeps or loses its turn while it has the lock, would leave
 * the others waiting for ever (Linux 6.12, kernel/locking/rwsem.c:
 * RWSEM_FLAG_HANDOFF). */
struct mutex {
    struct proc *owner; /* NULL: free */
    struct proc *heir;  /* sleeps in mutex_lock; NULL: whoever comes first */
    struct waitq waiting;
};

static inline void mutex_init(struct mutex *m)
{
    m->owner = m->heir = NULL;
    waitq_init(&m->waiting);
}

/* True if the task has the lock now. Called after each sleep for it. */
static inline bool mutex_got(struct mutex *m)
{
    if (m->owner && m->owner != current && !m->heir)
        m->heir = current;
    if (!m->owner)
        m->owner = current;
    return m->owner == current;
}

/* => sleeps (state D); the caller does not hold m */
static inline void mutex_lock(struct mutex *m)
{
    assert(m->owner != current);
    if (!m->owner) {
        m->owner = current;
        return;
    }
    do
        sleep_on(&m->waiting);
    while (!mutex_got(m));
}

static inline void mutex_unlock(struct mutex *m)
{
    assert(m->owner == current);
    m->owner = m->heir;
    m->heir = NULL;
    wake_up(&m->waiting);
}

/* Leaves the queue, and hands on a lock that was handed over meanwhile. */
static inline void mutex_give_up(struct mutex *m)
{
    if (m->heir == current)
        m->heir = NULL;
    if (m->owner == current)
        mutex_unlock(m);
}

/* Locks m (0), or returns -EINTR if the caller is to die. For locks whose
 * owner may wait for memory. => sleeps (state D); the caller does not hold m */
static inline int mutex_lock_killable(struct mutex *m)
{
    assert(m->owner != current);
    if (!m->owner) {
        m->owner = current;
        return 0;
    }
    do {
        if (sleep_on_killable(&m->waiting)) {
            mutex_give_up(m);
            return -EINTR;
        }
    } while (!mutex_got(m));
    return 0;
}

static inline bool mutex_is_mine(const struct mutex *m)
{
    return m->owner == current;
}
