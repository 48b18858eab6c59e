/* SPDX-License-Identifier: MIT */
/* Ends processes, and notifies their parents. */
#include "fs/dev/tty.h"
#include "fs/vfs.h"
#include "proc/futex.h"
#include "task/sched.h"
#include "vm/reclaim.h"
#include "vm/space.h"
#include "proc/life.h"

void proc_notify_parent(struct proc *p, int code, int status)
{
    struct proc *up = p->parent;
    if (!up)
        return;
    struct siginfo info = {.si_code = code};
    info.si_pid = (s32)p->lens.pid;
    info.si_uid = p->uid;
    info.si_status = status;
    info.si_utime = (s64)(p->all.utime / (NSEC_PER_SEC / USER_HZ));
    info.si_stime = (s64)(p->all.stime / (NSEC_PER_SEC / USER_HZ));
    const struct sigaction_k *act = &up->sighand->action[SIGCHLD - 1];
    bool job = code == CLD_STOPPED || code == CLD_CONTINUED;
    int sig = job ? SIGCHLD : p->exit_signal <= _NSIG ? p->exit_signal : 0;
    /* An ignored SIGCHLD is not sent even if it is blocked. */
    bool quiet = sig == SIGCHLD && act->handler == SIG_IGN;
    struct proc *maker = proc_find(p->maker); /* preferred for the signal */
    if (sig && !quiet && !(job && (act->flags & SA_NOCLDSTOP)))
        signal_send(maker && maker->leader == up ? maker : up, sig, &info);
    wake_up(&up->child_wait);
}

static void notify_of_end(struct proc *p)
{
    int status = p->exit_status, sig = status & 0x7f;
    proc_notify_parent(p, wait_code(status), sig ? sig : status >> 8 & 0xff);
}

void vfork_release(struct proc *p)
{
    if (p->vfork_parent) {
        p->vfork_parent->vfork_done = true;
        wake_up(&p->vfork_parent->child_wait);
        p->vfork_parent = NULL;
    }
}

static void send_pdeathsig(struct proc *t)
{
    struct siginfo info = signal_from_me((int)t->pdeathsig, SI_USER);
    if (t->pdeathsig)
        signal_send(t, info.si_signo, &info);
}

/* Sends the tasks of child c the signals that they want when the task that made
 * c ends. */
static void tell_maker_ended(struct proc *c)
{
    struct proc *t;
    send_pdeathsig(c);
    list_for_each_entry(t, &c->threads, thread) send_pdeathsig(t);
}

/* Returns a task of the process that is not ending, or NULL. */
static struct proc *live_task(struct proc *lead)
{
    struct proc *t;
    if (!lead->exiting)
        return lead;
    list_for_each_entry(t, &lead->threads, thread) if (!t->exiting) return t;
    return NULL;
}

/* The children that the ending task me made pass to another task of its
 * process, if one lives (Linux 6.12: forget_original_parent). */
static void pass_children(struct proc *me)
{
    struct proc *heir = live_task(me->leader), *c, *next;
    if (!heir)
        return; /* they lose their parent: proc_reparent_children */
    list_for_each_entry_safe(c, next, &me->leader->children, sibling)
    {
        if (c->maker != me->lens.pid)
            continue;
        c->maker = heir->lens.pid;
        list_del(&c->sibling); /* behind the heir's own */
        list_add_tail(&c->sibling, &me->leader->children);
        tell_maker_ended(c);
    }
}

/* False if `me` is to leave no zombie. A parent that ignores SIGCHLD must still
 * wait for a child that ends with another signal, or with none. */
static bool parent_waits(const struct proc *me)
{
    const struct sigaction_k *act;
    if (!me->parent || me->exit_signal != SIGCHLD)
        return me->parent;
    act = &me->parent->sighand->action[SIGCHLD - 1];
    return act->handler != SIG_IGN && !(act->flags & SA_NOCLDWAIT);
}

/* Ended threads, and zombies that no parent waits for. A task cannot free the
 * kernel stack that it runs on: the next task that goes to user mode, or the
 * idle loop, frees the ended task's slot and stack. */
static struct list graves = LIST_INIT(graves);

void proc_bury(struct proc *me)
{
    list_del(&me->sibling);
    me->parent = NULL;
    list_add(&me->ready, &graves);
}

/* Returns the new parent of the children of `me`: its nearest ancestor that has
 * asked for them (PR_SET_CHILD_SUBREAPER), else init. */
static struct proc *reaper_of(const struct proc *me)
{
    struct proc *p = me->parent;
    while (p && !(p->subreaper && live_task(p)))
        p = p->parent;
    return p ? p : proc_find(1);
}

void proc_reparent_children(struct proc *me)
{
    struct proc *reaper = reaper_of(me), *c, *next;
    list_for_each_entry_safe(c, next, &me->children, sibling)
    {
        list_del(&c->sibling);
        c->parent = reaper;
        c->maker = live_task(reaper)->lens.pid;
        c->lens.ppid = reaper->lens.pid;
        struct proc *t;
        list_for_each_entry(t, &c->threads, thread) t->lens.ppid =
            reaper->lens.pid;
        list_add_tail(&c->sibling, &reaper->children);
        c->exit_signal = SIGCHLD; /* in place of clone()'s signal */
        tell_maker_ended(c);
        if (c->lens.state != PS_ZOMBIE)
            continue;
        notify_of_end(c);
        if (!parent_waits(c))
            proc_bury(c);
    }
}

/* Call just before the link from p to its parent is cut. If that was the last
 * link of p's group to a parent outside the group in the same session, the
 * group is orphaned: if a member is stopped, all members get SIGHUP and SIGCONT
 * (POSIX, _exit; Linux, kill_orphaned_pgrp). A group that was orphaned before
 * is left alone. */
static void release_orphans(const struct proc *p)
{
    bool stopped = false;
    if (!p->parent || p->parent->pgrp == p->pgrp ||
        p->parent->session != p->session || !pgrp_orphaned(p->pgrp))
        return;
    for_each_proc(q) if (q->pgrp == p->pgrp) stopped |= q->group_stop;
    if (!stopped)
        return;
    for_each_proc(q)
    {
        if (q->pgrp != p->pgrp || q->lens.state == PS_ZOMBIE)
            continue;
        signal_send(q, SIGHUP, NULL);
        signal_send(q, SIGCONT, NULL);
    }
}

static void close_everything(struct proc *me)
{
    if (me->files)
        files_exit(me);
    if (me->fs)
        fsctx_exit(me);
    struct file *exe = me->exe;
    me->exe = NULL;
    if (exe)
        file_run_end(exe);
}

void proc_clear_graves(void)
{
    while (!list_empty(&graves)) {
        struct proc *p = list_first_entry(&graves, struct proc, ready);
        list_del(&p->ready);
        proc_free(p);
    }
}

void proc_exit_group(int status)
{
    struct proc *me = current, *lead = me->leader;
    if (lead->exec_thread && lead->exec_thread != me)
        proc_exit(0); /* we end only because another thread runs exec */
    if (!lead->group_exit) {
        lead->group_exit = true;
        lead->group_status = status;
        signal_end_others(me);
    }
    proc_exit(lead->group_status);
}

static void leave_everything(struct proc *me)
{
    if (me->space)
        space_leave(me->space, me, R_EXIT);
    vfork_release(me);
    close_everything(me);
}

void proc_exit(int status)
{
    struct proc *me = current;
    me->exiting = true;
    signal_retarget(me, ~me->sig_blocked);
    me->actor = ACTOR_EXIT;
    me->event_va = 0;
    futex_leave(me);
    group_note_exit(me, status);
    if (me->leader != me) {
        leave_everything(me);
        pass_children(me);
        group_leave(me);
    }
    pass_children(me);
    group_rest(me);
    if (me->group_exit)
        status = me->group_status;
    if (me->lens.pid == 1)
        panic("init ended with status %#x", status);
    timer_stop(&me->alarm);
    leave_everything(me);
    if (me->session == me->lens.pid)
        tty_session_exit(me);
    lens_report(LENS_NO_PFN, 0, 0, R_PROC_EXIT);
    me->exit_status = status;
    proc_set_state(me, PS_ZOMBIE);
    memory_relieved();
    fp_forget(me);
    release_orphans(me);
    struct proc *c;
    list_for_each_entry(c, &me->children, sibling) release_orphans(c);
    proc_reparent_children(me);
    bool waits = parent_waits(me);
    notify_of_end(me);
    if (--me->sighand->refs == 0)
        kfree(me->sighand);
    me->sighand = NULL;
    if (!waits)
        proc_bury(me);
    schedule();
    panic("a zombie runs");
}
