/* SPDX-License-Identifier: MIT */
/* mlock and related calls (mlock(2)) check arguments and the right to lock;
 * vm/mlock.c checks RLIMIT_MEMLOCK and does the work. The order of checks and
 * the errors are Linux's (6.x, mm/mlock.c). CAP_IPC_LOCK lifts the limit. */
#include "task/proc.h"
#include "sys/syscall.h"
#include "vm/space.h"

#include <linux/mman.h>

bool may_lock(void)
{
    return capable(CAP_IPC_LOCK) ||
           current->leader->rlim[RLIMIT_MEMLOCK].cur != 0;
}

/* Extends [start, start + len) to whole pages. 0, or -EINVAL: it wraps
 * around. */
static int whole_pages(u64 *start, u64 *len)
{
    *len = PAGE_UP(*len + *start % PAGE_SIZE); /* -1 becomes 0, as in Linux */
    *start = PAGE_DOWN(*start);
    return *start + *len < *start ? -EINVAL : 0;
}

static s64 lock_range(u64 start, u64 len, u32 lock)
{
    struct space *s = current->space;
    if (!may_lock())
        return -EPERM;
    if (whole_pages(&start, &len))
        return -EINVAL;
    if (start >= USER_TOP || len > USER_TOP - start)
        return len ? -ENOMEM : 0;
    int err = space_lock(s, start, len, lock);
    if (!err)
        err = space_populate(s, start, len, false);
    return err == -EFAULT ? -ENOMEM : err;
}

s64 sys_mlock(struct sysargs *a)
{
    return lock_range(a->a[0], a->a[1], ATTR_LOCKED);
}

s64 sys_mlock2(struct sysargs *a)
{
    if (a->a[2] & ~(u64)MLOCK_ONFAULT)
        return -EINVAL;
    return lock_range(a->a[0], a->a[1],
                      ATTR_LOCKED |
                          (a->a[2] & MLOCK_ONFAULT ? ATTR_ONFAULT : 0));
}

s64 sys_munlock(struct sysargs *a)
{
    u64 start = a->a[0], len = a->a[1];
    if (whole_pages(&start, &len))
        return -EINVAL;
    if (start >= USER_TOP || len > USER_TOP - start)
        return len ? -ENOMEM : 0;
    return space_lock(current->space, start, len, 0);
}

s64 sys_mlockall(struct sysargs *a)
{
    struct space *s = current->space;
    u64 what = a->a[0];
    u32 lock = ATTR_LOCKED | (what & MCL_ONFAULT ? ATTR_ONFAULT : 0);
    if (!what || (what & ~(u64)(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT)) ||
        what == MCL_ONFAULT)
        return -EINVAL;
    if (!may_lock())
        return -EPERM;
    int err = what & MCL_CURRENT ? space_lock_all(s, lock) : 0;
    if (err)
        return err;
    s->future = what & MCL_FUTURE ? lock : 0;
    if (what & MCL_CURRENT)
        space_populate(s, USER_MIN, USER_TOP - USER_MIN, true);
    return 0;
}

s64 sys_munlockall(struct sysargs *a)
{
    struct space *s = current->space;
    s->future = 0;
    return space_lock_all(s, 0);
}
