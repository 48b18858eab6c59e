/* SPDX-License-Identifier: MIT */
/* The signal calls. Sets are 8 bytes. A bad address for an old value does not
 * keep the new one from being set (Linux 6.12, kernel/signal.c). */
#include "task/sched.h"
#include "task/signal.h"
#include "sys/syscall.h"
#include "vm/uaccess.h"
#include "proc/life.h"

#include <linux/signal.h>

/* Others are cleared, by which a program sees that they are not supported. */
#define KNOWN_FLAGS                                                            \
    ((u64)(SA_NOCLDSTOP | SA_NOCLDWAIT | SA_SIGINFO | SA_ONSTACK |             \
           SA_RESTART | SA_NODEFER | SA_RESETHAND | SA_EXPOSE_TAGBITS))

#define KEPT 48 /* bytes of a siginfo (Linux: struct kernel_siginfo) */

s64 sys_rt_sigaction(struct sysargs *a)
{
    struct sigaction_k new, old;
    u64 sig = a->a[0];
    if (a->a[3] != 8)
        return -EINVAL;
    if (a->a[1] && copyin(&new, a->a[1], sizeof new))
        return -EFAULT;
    if (sig - 1 >= _NSIG || (a->a[1] && (sig == SIGKILL || sig == SIGSTOP)))
        return -EINVAL;
    old = current->sighand->action[sig - 1];
    if (a->a[1]) {
        new.mask &= ~UNBLOCKABLE;
        new.flags &= KNOWN_FLAGS;
        current->sighand->action[sig - 1] = new;
        if (signal_ignores(current, (int)sig)) /* POSIX: blocked or not */
            signal_discard(current, SIGBIT(sig));
    }
    return a->a[2] ? copyout(a->a[2], &old, sizeof old) : 0;
}

s64 sys_rt_sigprocmask(struct sysargs *a)
{
    u64 set = 0, old = current->sig_blocked;
    if (a->a[3] != 8)
        return -EINVAL;
    if (a->a[1] && copyin(&set, a->a[1], 8))
        return -EFAULT;
    if (a->a[1] && (u32)a->a[0] > 2)
        return -EINVAL;
    if ((u32)a->a[0] == 0)
        set |= old;
    else if ((u32)a->a[0] == 1)
        set = old & ~set;
    if (a->a[1])
        signal_set_mask(set);
    return a->a[2] ? copyout(a->a[2], &old, 8) : 0;
}

s64 sys_rt_sigpending(struct sysargs *a)
{
    u64 set = signal_set(current) & current->sig_blocked;
    if (a->a[1] > 8)
        return -EINVAL;
    return copyout(a->a[0], &set, a->a[1]);
}

s64 sys_rt_sigsuspend(struct sysargs *a)
{
    u64 mask;
    if (a->a[1] != 8)
        return -EINVAL;
    if (copyin(&mask, a->a[0], 8))
        return -EFAULT;
    signal_mask_during_call(mask);
    while (!signal_pending(current))
        sleep_until(NEVER, NULL);
    return -ERESTARTNOHAND;
}

s64 sys_rt_sigtimedwait(struct sysargs *a)
{
    struct siginfo info;
    u64 set, ns = 0, deadline = NEVER;
    if (a->a[3] != 8)
        return -EINVAL;
    if (copyin(&set, a->a[0], 8))
        return -EFAULT;
    if (a->a[2]) {
        int err = copyin_timespec(&ns, a->a[2]);
        if (err)
            return err;
        deadline = now_ns() + ns;
    }
    set &= ~UNBLOCKABLE;
    int sig, err = 0;
    while (!(sig = signal_take(current, set, &info)) && !err) {
        /* The signals stay blocked: if not, ignored ones would be lost. */
        current->sig_waited = set;
        err = sleep_until(deadline, NULL);
        current->sig_waited = 0;
        if (err == -ERESTARTSYS && (signal_set(current) & set))
            err = 0;
    }
    if (!sig)
        return err == -ETIMEDOUT ? -EAGAIN : -EINTR;
    if (a->a[1] && copyout(a->a[1], &info, sizeof info))
        return -EFAULT;
    return sig;
}

s64 sys_rt_sigreturn(struct sysargs *a)
{
    s64 a0 = signal_return(current->tf);
    current->was_refused = false; /* a0 is the program's own, not an error */
    return a0;
}

s64 sys_sigaltstack(struct sysargs *a)
{
    struct stack_k new, old = signal_stack(current);
    if (a->a[0] && copyin(&new, a->a[0], sizeof new))
        return -EFAULT;
    int err = a->a[0] ? signal_set_stack(&new) : 0;
    return err ? err : a->a[1] ? copyout(a->a[1], &old, sizeof old) : 0;
}

/* 0: the caller may send sig to p; -ESRCH: p is NULL; -EINVAL; -EPERM. */
static s64 may_send(struct proc *p, int sig)
{
    return !p                        ? -ESRCH
           : sig < 0 || sig > _NSIG  ? -EINVAL
           : proc_may_signal(p, sig) ? 0
                                     : -EPERM;
}

/* Sends sig to all processes that kill's pid selects: 0, the caller's group;
 * -1, all but init and the caller; -n, group n. Returns 0 if a process got sig
 * (for -1, also if the caller may signal none), -ESRCH, -EPERM or -EINVAL. */
static s64 kill_many(s64 pid, int sig, const struct siginfo *info)
{
    s64 err = -ESRCH;
    const struct proc *me = current->leader;
    u32 group = pid == 0 ? me->pgrp : (u32)-pid;
    for_each_proc(p)
    {
        bool meant = pid == -1 ? p->lens.pid != 1 && p != me : p->pgrp == group;
        if (!meant)
            continue;
        s64 no = may_send(p, sig);
        if (!no)
            signal_send(p, sig, info);
        if (!no || err == -ESRCH)
            err = pid == -1 && no == -EPERM ? 0 : no;
    }
    return err;
}

/* Sends to the process of this pid, which may also be the number of one of its
 * threads. */
static s64 kill_one(u32 pid, int sig, const struct siginfo *info)
{
    struct proc *p = proc_find(pid);
    s64 err = may_send(p, sig);
    return err ? err : signal_send(p, sig, info);
}

/* Sends to one task, which must belong to process tgid unless tgid is 0. */
static s64 kill_task(u32 tgid, u32 tid, int sig, const struct siginfo *info)
{
    struct proc *p = proc_find(tid);
    if (!p || (tgid && p->lens.tgid != tgid))
        return -ESRCH;
    s64 err = may_send(p, sig);
    return err ? err : signal_send_task(p, sig, info);
}

s64 sys_kill(struct sysargs *a)
{
    s64 pid = (s32)a->a[0];
    int sig = (int)a->a[1];
    if (pid == INT32_MIN) /* cannot be negated */
        return -ESRCH;
    struct siginfo info = signal_from_me(sig, SI_USER);
    return pid > 0 ? kill_one((u32)pid, sig, &info)
                   : kill_many(pid, sig, &info);
}

static s64 thread_kill(u64 tgid, u64 tid, int sig)
{
    if ((s32)tid <= 0)
        return -EINVAL;
    struct siginfo info = signal_from_me(sig, SI_TKILL);
    return kill_task((u32)tgid, (u32)tid, sig, &info);
}

s64 sys_tkill(struct sysargs *a)
{
    return thread_kill(0, a->a[0], (int)a->a[1]);
}

s64 sys_tgkill(struct sysargs *a)
{
    if ((s32)a->a[0] <= 0)
        return -EINVAL;
    return thread_kill(a->a[0], a->a[1], (int)a->a[2]);
}

/* True if the kernel itself gives signals of this code. */
static bool is_known(int sig, int code)
{
    static const u8 most[] = {
        [SIGILL] = 11,  [SIGTRAP] = 6, [SIGBUS] = 5, [SIGFPE] = 15,
        [SIGSEGV] = 10, [SIGCHLD] = 6, [SIGIO] = 6,  [SIGSYS] = 2};
    if (code <= 0)
        return code >= SI_DETHREAD || code == SI_ASYNCNL;
    u64 last = sig > 0 && sig <= SIGSYS && most[sig] ? most[sig] : 6;
    return code == SI_KERNEL || (u64)code <= last;
}

/* Reads the siginfo of a signal that is queued for the task `to`. A task may
 * claim a code of the kernel or of tkill only for signals to itself: else
 * -EPERM. What follows the part that the kernel keeps must be 0 if the code is
 * not known: else -E2BIG (Linux 6.12, kernel/signal.c:
 * post_copy_siginfo_from_user). */
static int copyin_info(struct siginfo *info, u64 from, u32 to, int sig)
{
    const u64 *tail = (const u64 *)info + KEPT / sizeof *tail;
    if (copyin(info, from, sizeof *info))
        return -EFAULT;
    info->si_signo = sig;
    size_t n = is_known(sig, info->si_code) ? 0 : sizeof *info - KEPT;
    for (size_t i = 0; i < n / sizeof *tail; i++)
        if (tail[i])
            return -E2BIG;
    if ((info->si_code >= 0 || info->si_code == SI_TKILL) &&
        to != current->lens.pid)
        return -EPERM;
    return 0;
}

s64 sys_rt_sigqueueinfo(struct sysargs *a)
{
    struct siginfo info;
    int sig = (int)a->a[1];
    int err = copyin_info(&info, a->a[2], (u32)a->a[0], sig);
    return err ? err : kill_one((u32)a->a[0], sig, &info);
}

s64 sys_rt_tgsigqueueinfo(struct sysargs *a)
{
    struct siginfo info;
    u32 tgid = (u32)a->a[0], tid = (u32)a->a[1];
    int sig = (int)a->a[2];
    if ((s32)tgid <= 0 || (s32)tid <= 0)
        return -EINVAL;
    int err = copyin_info(&info, a->a[3], tid, sig);
    return err ? err : kill_task(tgid, tid, sig, &info);
}
