/* SPDX-License-Identifier: MIT */
/* futex(2), set_robust_list(2) and get_robust_list(2); operations with priority
 * inheritance return ENOSYS. */
#include "proc/futex.h"
#include "task/sched.h"
#include "sys/syscall.h"
#include "vm/uaccess.h"

#include <linux/futex.h>

#define ROBUST_HEAD_SIZE 24

/* Sets r's deadline. */
static int deadline_of(u64 timeout, u32 op, struct restart *r)
{
    u64 ns;
    r->deadline = NEVER;
    if (!timeout)
        return 0;
    int err = copyin_timespec(&ns, timeout);
    if (err)
        return err;
    bool absolute = (op & FUTEX_CMD_MASK) == FUTEX_WAIT_BITSET;
    r->deadline = absolute ? ns : now_ns() + ns;
    r->wall = absolute && (op & FUTEX_CLOCK_REALTIME);
    return 0;
}

/* A wait with a timeout goes on to its old deadline after a signal without a
 * handler, and is never restarted after a handler (signal(7)). */
static s64 wait_or_rest(const struct restart *r)
{
    int err =
        futex_wait(r->at, r->expected, r->deadline, r->wall, r->bits, r->own);
    if (err != -ERESTARTSYS || r->deadline == NEVER)
        return err;
    current->restart = *r;
    return -ERESTART_RESTARTBLOCK;
}

static s64 wait_for(const struct sysargs *a, u32 op, u32 bits)
{
    struct restart r = {.call = wait_or_rest,
                        .at = a->a[0],
                        .expected = (u32)a->a[2],
                        .bits = bits,
                        .own = op & FUTEX_PRIVATE_FLAG};
    int err = deadline_of(a->a[3], op, &r);
    return err ? err : wait_or_rest(&r);
}

static s64 requeue(const struct sysargs *a, bool compare)
{
    s32 wake = (s32)a->a[2], move = (s32)a->a[3];
    u32 expected = (u32)a->a[5];
    if (wake < 0 || move < 0)
        return -EINVAL;
    return futex_requeue(a->a[0], a->a[4], (u32)wake, (u32)move,
                         compare ? &expected : NULL,
                         (u32)a->a[1] & FUTEX_PRIVATE_FLAG);
}

s64 sys_futex(struct sysargs *a)
{
    u32 op = (u32)a->a[1];
    bool own = op & FUTEX_PRIVATE_FLAG;
    if ((op & FUTEX_CLOCK_REALTIME) &&
        (op & FUTEX_CMD_MASK) != FUTEX_WAIT_BITSET)
        return -ENOSYS;
    switch (op & FUTEX_CMD_MASK) {
    case FUTEX_WAIT:
        return wait_for(a, op, ~0u);
    case FUTEX_WAIT_BITSET:
        return wait_for(a, op, (u32)a->a[5]);
    case FUTEX_WAKE:
        return futex_wake(a->a[0], (u32)a->a[2], ~0u, own);
    case FUTEX_WAKE_BITSET:
        return futex_wake(a->a[0], (u32)a->a[2], (u32)a->a[5], own);
    case FUTEX_REQUEUE:
    case FUTEX_CMP_REQUEUE:
        return requeue(a, (op & FUTEX_CMD_MASK) == FUTEX_CMP_REQUEUE);
    case FUTEX_WAKE_OP:
        return futex_wake_op(a->a[0], a->a[4], (u32)a->a[2], (u32)a->a[3],
                             (u32)a->a[5], own);
    default:
        return -ENOSYS;
    }
}

s64 sys_set_robust_list(struct sysargs *a)
{
    if (a->a[1] != ROBUST_HEAD_SIZE)
        return -EINVAL;
    current->robust_list = a->a[0];
    return 0;
}

s64 sys_get_robust_list(struct sysargs *a)
{
    u64 size = ROBUST_HEAD_SIZE;
    const struct proc *p = proc_find_or_self((u32)a->a[0]);
    if (!p)
        return -ESRCH;
    if (!proc_may_look(p))
        return -EPERM;
    u64 head = p->robust_list;
    return copyout(a->a[1], &head, 8) || copyout(a->a[2], &size, 8) ? -EFAULT
                                                                    : 0;
}
