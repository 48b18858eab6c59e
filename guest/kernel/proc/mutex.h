/* SPDX-License-Identifier: MIT */
/* A lock that may be held while sleeping. Code that does not sleep needs none:
 * the kernel is not preemptive. */
#pragma once

#include "proc/proc.h"

struct mutex {
    struct proc *owner; /* NULL: free */
    struct waitq waiting;
};

static inline void mutex_init(struct mutex *m)
{
    m->owner = NULL;
    waitq_init(&m->waiting);
}

/* => sleeps (state D); the caller does not hold m */
static inline void mutex_lock(struct mutex *m)
{
    assert(m->owner != current);
    while (m->owner)
        sleep_on(&m->waiting);
    m->owner = current;
}

/* Locks m (0), or returns -EINTR if the caller is to die. For locks whose
 * owner may wait for memory. => sleeps (state D); the caller does not hold m */
static inline int mutex_lock_killable(struct mutex *m)
{
    assert(m->owner != current);
    while (m->owner)
        if (sleep_on_killable(&m->waiting))
            return -EINTR;
    m->owner = current;
    return 0;
}

static inline bool mutex_is_mine(const struct mutex *m)
{
    return m->owner == current;
}

static inline void mutex_unlock(struct mutex *m)
{
    assert(m->owner == current);
    m->owner = NULL;
    wake_up(&m->waiting);
}
