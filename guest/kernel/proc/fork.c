/* SPDX-License-Identifier: MIT */
/* clone(2) makes processes and threads. space_fork (vm/fork.c) copies the
 * address space; copy-on-write begins there. */
#include "fs/vfs.h"
#include "task/sched.h"
#include "vm/reclaim.h"
#include "vm/space.h"
#include "vm/uaccess.h"
#include "proc/life.h"

#define CLONE_NEW 0x7e020080ul /* namespaces: none here */

static void inherit(struct proc *child, const struct proc *me)
{
    const struct proc *lead = me->leader;
    child->pgrp = lead->pgrp;
    child->session = lead->session;
    child->ctty = lead->ctty;
    proc_copy_rights(child, me);
    if (child->policy & SCHED_RESET_ON_FORK) {
        child->policy &= ~SCHED_RESET_ON_FORK;
        child->nice = MAX(child->nice, 0);
    }
    child->oom_score_adj = lead->oom_score_adj;
    child->oom_score_adj_min = lead->oom_score_adj_min;
    memcpy(child->rlim, lead->rlim, sizeof child->rlim);
    child->sig_blocked = me->sig_blocked;
    child->fp = me->fp;
    if (child->leader != child)
        return;
    child->lens.ppid = lead->lens.pid; /* for the readers of R_FORK's event */
    if (lead->exe)
        child->exe = file_run(lead->exe);
}

static int copy_signals(struct proc *child, struct proc *me, u64 flags)
{
    if (flags & CLONE_SIGHAND) {
        child->sighand = me->sighand;
        child->sighand->refs++;
        return 0;
    }
    child->sighand = kmalloc(sizeof *child->sighand);
    if (!child->sighand)
        return -ENOMEM;
    *child->sighand = *me->sighand;
    child->sighand->refs = 1;
    if (flags & CLONE_CLEAR_SIGHAND)
        for (int i = 0; i < _NSIG; i++)
            if (child->sighand->action[i].handler != SIG_IGN)
                child->sighand->action[i] = (struct sigaction_k){0};
    return 0;
}

static int copy_space(struct proc *child, struct proc *me, u64 flags)
{
    if (!(flags & CLONE_VM) || (flags & CLONE_VFORK))
        child->altstack = me->altstack;
    if (flags & CLONE_VM) {
        child->space = me->space;
        space_ref(me->space);
        me->space->users++;
        child->lens.asid = me->lens.asid;
        child->lens.satp = me->lens.satp;
        if (flags & CLONE_THREAD) /* only the leader's entry has vmas, rss */
            return 0;
        child->lens.vmas = me->lens.vmas;
        child->lens.moved = me->lens.moved;
        child->lens.rss = me->lens.rss;
        child->lens.vsize = me->lens.vsize;
        return 0;
    }
    child->space = space_fork(me->space, child);
    return child->space ? 0 : -ENOMEM;
}

static void abandon(struct proc *child)
{
    if (child->space)
        space_leave(child->space, child, R_UNMAP); /* nobody ended */
    if (child->files)
        files_exit(child);
    if (child->fs)
        fsctx_exit(child);
    if (child->exe)
        file_run_end(child->exe);
    if (child->sighand && --child->sighand->refs == 0)
        kfree(child->sighand);
    child->leader = child;
    proc_free(child);
}

/* Runs first in the child, in its own address space: stores its tid. */
static void set_own_tid(void *arg)
{
    struct proc *me = current;
    if (me->set_tid)
        copyout(me->set_tid, &me->lens.pid, sizeof me->lens.pid);
    me->set_tid = 0;
}

static void start_child(struct proc *child, struct proc *me, u64 stack, u64 tls,
                        u64 flags)
{
    *child->tf = *me->tf;
    child->tf->x[REG_A0] = 0;
    child->tf->cause = SYSCALL_NONE;
    if (stack)
        child->tf->x[REG_SP] = stack;
    if (flags & CLONE_SETTLS)
        child->tf->x[REG_TP] = tls;
    child->context.ra = (u64)first_run;
    child->context.sp = (u64)child->tf;
    child->context.s[0] = (u64)set_own_tid;
    struct proc *lead = me->leader;
    if (flags & CLONE_THREAD) {
        group_join(child, lead);
        child->sig_notified = signal_is_due(child); /* all are to stop */
    } else {
        struct proc *up = flags & CLONE_PARENT ? lead->parent : lead;
        child->parent = up;
        child->maker = flags & CLONE_PARENT ? lead->maker : me->lens.pid;
        child->lens.ppid = up->lens.pid;
        list_add_tail(&child->sibling, &up->children);
    }
    proc_make_ready(child);
}

/* Waits until the child runs another program or ends. A fatal signal ends the
 * wait: the child may need the memory that our death is to free. */
static void wait_for_vfork(struct proc *me)
{
    int err = 0;
    while (!err && !me->vfork_done)
        err = sleep_on_killable(&me->child_wait);
    if (err)
        for_each_task(p) if (p->vfork_parent == me) p->vfork_parent = NULL;
}

/* RLIMIT_NPROC limits this user's tasks, the new one included; not for root,
 * CAP_SYS_RESOURCE, CAP_SYS_ADMIN (Linux 6.12, kernel/fork.c: copy_process). */
static bool user_may_fork(const struct proc *me)
{
    u64 n = 1;
    u64 limit = me->leader->rlim[RLIMIT_NPROC].cur;
    if (!me->uid || capable(CAP_SYS_RESOURCE) || capable(CAP_SYS_ADMIN) ||
        limit >= NPROC)
        return true;
    for_each_task(p) n += p->uid == me->uid;
    return n <= limit;
}

s64 proc_fork(u64 flags, u64 stack, u64 tls, u64 parent_tid, u64 child_tid,
              int exit_signal)
{
    struct proc *me = current;
    if (flags & (CLONE_PIDFD | CLONE_NEW))
        return -EINVAL;
    if ((flags & CLONE_THREAD) && !(flags & CLONE_SIGHAND))
        return -EINVAL;
    if ((flags & CLONE_SIGHAND) && !(flags & CLONE_VM))
        return -EINVAL;
    if ((flags & CLONE_SIGHAND) && (flags & CLONE_CLEAR_SIGHAND))
        return -EINVAL;
    if ((flags & CLONE_PARENT) && !(flags & CLONE_THREAD) &&
        !me->leader->parent)
        return -EINVAL; /* the first process has no parent */
    /* This sleeps, so it precedes the tests whose results must stay true. */
    memory_wait_block(KSTACK_ORDER);
    if (!user_may_fork(me) || me->leader->group_exit || me->leader->exec_thread)
        return -EAGAIN;
    struct proc *child = proc_new(me->lens.name);
    if (!child) {
        COUNT(PROC_OVF);
        return -EAGAIN;
    }
    u32 pid = child->lens.pid;
    proc_set_state(child, PS_SLEEPING); /* an audit sees its page tables from
                                         * now on */
    fp_sync(me);
    if (flags & CLONE_THREAD)
        child->leader = me->leader;
    inherit(child, me);
    child->exit_signal =
        flags & CLONE_PARENT ? me->leader->exit_signal : exit_signal;
    int err = copy_signals(child, me, flags);
    if (!err)
        err = files_fork(child, me, flags & CLONE_FILES);
    if (!err)
        err = fsctx_fork(child, me, flags & CLONE_FS);
    if (!err)
        err = copy_space(child, me, flags);
    if (!err && (flags & CLONE_PARENT_SETTID))
        copyout(parent_tid, &pid, sizeof pid); /* Linux ignores errors, too */
    /* While this task slept, another thread may have called exit or exec. */
    if (!err && (me->leader->group_exit || me->leader->exec_thread))
        err = -EINTR;
    if (err) {
        abandon(child);
        return err;
    }
    if (flags & CLONE_CHILD_SETTID)
        child->set_tid = child_tid;
    if (flags & CLONE_CHILD_CLEARTID)
        child->clear_tid = child_tid;
    if (flags & CLONE_VFORK) {
        me->vfork_done = false;
        child->vfork_parent = me;
    }
    COUNT(FORKS);
    if (flags & CLONE_VFORK)
        COUNT(VFORKS);
    if (!(flags & CLONE_THREAD))
        lens_report(LENS_NO_PFN, 0, 0, R_FORK);
    start_child(child, me, stack, tls, flags);
    if (flags & CLONE_VFORK)
        wait_for_vfork(me);
    return pid;
}
