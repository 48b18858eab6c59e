/* SPDX-License-Identifier: MIT */
/* Calls about scheduling: yield, nice values, policies, affinity. The scheduler
 * serves all programs alike, so nice values and the policies SCHED_BATCH and
 * SCHED_IDLE are kept, inherited and shown, but change nothing; real-time
 * policies are refused. */
#include "task/proc.h"
#include "sys/syscall.h"
#include "vm/uaccess.h"

#include <linux/sched.h>

s64 sys_sched_yield(struct sysargs *a)
{
    sched_yield_now();
    return 0;
}

enum { PRIO_PROCESS, PRIO_PGRP, PRIO_USER };

/* Calls fn for every task selected by `which` and `who`, with the result so
 * far, initially -ESRCH. Returns the last result; -EINVAL: unknown `which`. */
static s64 for_who(u64 which, u32 who, s64 (*fn)(struct proc *, s64, s64),
                   s64 arg)
{
    s64 ret = -ESRCH;
    if (which > PRIO_USER)
        return -EINVAL;
    for_each_task(p)
    {
        const struct proc *lead = p->leader;
        bool meant = which == PRIO_PROCESS ? p == proc_find_or_self(who)
                     : which == PRIO_PGRP
                         ? lead->pgrp == (who ? who : current->leader->pgrp)
                         : p->uid == (who ? who : current->uid);
        if (meant)
            ret = fn(p, arg, ret);
    }
    return ret;
}

static s64 get_nice(struct proc *p, s64 arg, s64 most)
{
    return MAX(most, 20 - p->nice); /* 1..40, so that it is not negative */
}

/* Acts as Linux 6.12 (kernel/sys.c: set_one_prio; kernel/sched/syscalls.c:
 * can_nice). RLIMIT_NICE is 20 minus the lowest nice allowed. An error for
 * one task is the call's result. */
static s64 set_nice(struct proc *p, s64 nice, s64 ret)
{
    if (!proc_may_schedule(p))
        return -EPERM;
    if (nice < p->nice && (u64)(20 - nice) > p->leader->rlim[RLIMIT_NICE].cur &&
        !capable(CAP_SYS_NICE))
        return -EACCES;
    p->nice = (s32)nice;
    return ret == -ESRCH ? 0 : ret;
}

s64 sys_getpriority(struct sysargs *a)
{
    return for_who(a->a[0], (u32)a->a[1], get_nice, 0);
}

s64 sys_setpriority(struct sysargs *a)
{
    s64 nice = (s32)a->a[2];
    nice = MAX(-20l, MIN(19l, nice));
    return for_who(a->a[0], (u32)a->a[1], set_nice, nice);
}

/* There is one hart. */
s64 sys_sched_getaffinity(struct sysargs *a)
{
    u64 mask = 1;
    u32 bits = (u32)a->a[1] * 8; /* 0 for 2^29 bytes, too */
    if (!bits || bits % 64)
        return -EINVAL;
    if (!proc_find_or_self((u32)a->a[0]))
        return -ESRCH;
    return copyout(a->a[2], &mask, 8) ? -EFAULT : 8;
}

s64 sys_sched_setaffinity(struct sysargs *a)
{
    u64 mask = 0;
    if (copyin(&mask, a->a[2], MIN(a->a[1], 8ul)))
        return -EFAULT;
    const struct proc *p = proc_find_or_self((u32)a->a[0]);
    if (!p)
        return -ESRCH;
    if (!proc_may_schedule(p))
        return -EPERM;
    return mask & 1 ? 0 : -EINVAL;
}

/* ---- policies ---- */

static bool is_realtime(u32 policy)
{
    return policy == SCHED_FIFO || policy == SCHED_RR;
}

/* A policy of 0 to 6 that Linux 6.12 has. */
static bool policy_exists(u32 policy)
{
    return policy <= SCHED_DEADLINE && policy != 4; /* 4: SCHED_ISO, never */
}

s64 sys_sched_get_priority_max(struct sysargs *a)
{
    u32 policy = (u32)a->a[0];
    return !policy_exists(policy) ? -EINVAL : is_realtime(policy) ? 99 : 0;
}

s64 sys_sched_get_priority_min(struct sysargs *a)
{
    u32 policy = (u32)a->a[0];
    return !policy_exists(policy) ? -EINVAL : is_realtime(policy);
}

s64 sys_sched_getscheduler(struct sysargs *a)
{
    if ((s32)a->a[0] < 0)
        return -EINVAL;
    const struct proc *p = proc_find_or_self((u32)a->a[0]);
    return p ? (s64)p->policy : -ESRCH;
}

s64 sys_sched_getparam(struct sysargs *a)
{
    u32 priority = 0;
    if ((s32)a->a[0] < 0 || !a->a[1])
        return -EINVAL;
    if (!proc_find_or_self((u32)a->a[0]))
        return -ESRCH;
    return copyout(a->a[1], &priority, sizeof priority);
}

/* Returns the length of a turn; that of a policy without turns would be 0. */
s64 sys_sched_rr_get_interval(struct sysargs *a)
{
    if ((s32)a->a[0] < 0)
        return -EINVAL;
    if (!proc_find_or_self((u32)a->a[0]))
        return -ESRCH;
    return copyout_timespec(a->a[1], TURN_NS);
}

/* True if p may be given a policy without CAP_SYS_NICE. RLIMIT_NICE decides
 * whether a task may leave SCHED_IDLE, as if that were a nice value (Linux
 * 6.12, kernel/sched/syscalls.c: user_check_sched_setscheduler). */
static bool may_choose(const struct proc *p, u32 policy)
{
    bool was_idle = (p->policy & ~SCHED_RESET_ON_FORK) == SCHED_IDLE;
    bool is_idle = (policy & ~SCHED_RESET_ON_FORK) == SCHED_IDLE;
    const struct proc *me = current;
    if (was_idle && !is_idle &&
        (u64)(20 - p->nice) > p->leader->rlim[RLIMIT_NICE].cur)
        return false;
    return (me->euid == p->euid || me->euid == p->uid) &&
           !(p->policy & ~policy & SCHED_RESET_ON_FORK);
}

static s64 set_policy(struct proc *p, u32 policy, s32 priority)
{
    u32 kind = policy & ~SCHED_RESET_ON_FORK;
    if (!policy_exists(kind) || priority < 0 || priority > 99 ||
        is_realtime(kind) != (priority != 0) || kind == SCHED_DEADLINE)
        return -EINVAL; /* SCHED_DEADLINE would need sched_setattr */
    if (is_realtime(kind) ||
        (!may_choose(p, policy) && !capable(CAP_SYS_NICE)) ||
        !proc_may_schedule(p))
        return -EPERM;
    p->policy = policy;
    return 0;
}

s64 sys_sched_setscheduler(struct sysargs *a)
{
    s32 priority;
    if ((s32)a->a[1] < 0 || (s32)a->a[0] < 0 || !a->a[2])
        return -EINVAL;
    if (copyin(&priority, a->a[2], sizeof priority))
        return -EFAULT;
    struct proc *p = proc_find_or_self((u32)a->a[0]);
    return p ? set_policy(p, (u32)a->a[1], priority) : -ESRCH;
}

s64 sys_sched_setparam(struct sysargs *a)
{
    s32 priority;
    if ((s32)a->a[0] < 0 || !a->a[1])
        return -EINVAL;
    if (copyin(&priority, a->a[1], sizeof priority))
        return -EFAULT;
    struct proc *p = proc_find_or_self((u32)a->a[0]);
    return p ? set_policy(p, p->policy, priority) : -ESRCH;
}
