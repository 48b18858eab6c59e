/* SPDX-License-Identifier: MIT */
/* Starts and ends the threads of a process (README.md here). */
#include "proc/exec.h"
#include "task/sched.h"
#include "vm/reclaim.h"
#include "proc/life.h"

void group_join(struct proc *p, struct proc *lead)
{
    p->leader = lead;
    p->lens.tgid = lead->lens.pid;
    p->lens.ppid = lead->lens.ppid;
    p->exit_signal = 0;
    list_add_tail(&p->thread, &lead->threads);
    lead->nthreads++;
}

u32 group_count(const struct proc *p)
{
    return p->leader->nthreads + 1;
}

/* True if a task has stopped, and all others that are not ending have, too. */
static bool all_stopped(struct proc *lead)
{
    struct proc *t;
    bool stopped = lead->lens.state == PS_STOPPED;
    if (!stopped && !lead->exiting)
        return false;
    list_for_each_entry(t, &lead->threads, thread)
    {
        if (t->lens.state != PS_STOPPED && !t->exiting)
            return false;
        stopped |= t->lens.state == PS_STOPPED;
    }
    return stopped;
}

void group_stop_told(struct proc *lead)
{
    if (!lead->group_stop || lead->stop_told || !all_stopped(lead))
        return;
    lead->stop_told = lead->stop_report = true;
    proc_notify_parent(lead, CLD_STOPPED, lead->stop_signal);
}

/* True if another task of the process lives on; a leader at rest does not. */
static bool others_live(const struct proc *lead, const struct proc *me)
{
    if (lead != me && !lead->at_rest)
        return true;
    return lead->nthreads > (lead != me);
}

int group_shed(struct proc *me)
{
    struct proc *lead = me->leader;
    if (lead->group_exit || lead->exec_thread)
        return -EAGAIN;
    lead->exec_thread = me;
    signal_end_others(me);
    while (others_live(lead, me))
        sleep_on(&lead->thread_gone);
    if (lead == me || lead->group_exit)
        lead->exec_thread = NULL;
    return lead->group_exit ? -EAGAIN : 0; /* a signal has ended the process */
}

void group_hand_over(struct proc *me, struct exec_args *a,
                     struct exec_images *im)
{
    struct proc *lead = me->leader;
    struct files *files = lead->files;
    struct fsctx *fs = lead->fs;
    lead->files = me->files;
    lead->fs = me->fs;
    me->files = files;
    me->fs = fs;
    proc_copy_rights(lead, me);
    struct proc *c;
    list_for_each_entry(c, &lead->children, sibling)
    {
        if (c->maker == me->lens.pid)
            c->maker = lead->lens.pid;
    }
    lead->sig_blocked = me->sig_blocked;
    lead->sig_restore_mask = false; /* the call with a mask that the SIGKILL
                                     * has ended */
    lead->restart = me->restart;
    lead->pdeathsig = me->pdeathsig;
    signal_move_own(lead, me); /* in place of the SIGKILL of group_shed */
    lead->exiting = false;     /* from now on it takes the process's signals */
    lead->handed_args = a;
    lead->handed_images = im;
    proc_exit(0);
}

/* The task that begins to end last, perhaps the leader, sets the exit status
 * (Linux 6.0 and later, kernel/exit.c: synchronize_group_exit). In earlier
 * versions of Linux the leader sets it. */
void group_note_exit(struct proc *me, int status)
{
    struct proc *lead = me->leader, *t;
    if (lead->group_exit || lead->exec_thread || !lead->exiting)
        return;
    list_for_each_entry(t, &lead->threads, thread) if (!t->exiting) return;
    lead->group_exit = true;
    lead->group_status = status;
}

/* Waits until the other threads have ended. Does not return if one of them has
 * handed over a program to run.
 * => only for a leader that is ending; sleeps (state S, without waking for
 * signals) */
void group_rest(struct proc *lead)
{
    if (!lead->nthreads)
        return;
    lead->at_rest = true;
    wake_up(&lead->thread_gone); /* group_shed waits for it */
    group_stop_told(lead);
    while (lead->nthreads)
        sleep_until(NEVER, &lead->thread_gone);
    lead->at_rest = false;
    if (!lead->handed_args)
        return;
    struct exec_args *a = lead->handed_args;
    lead->handed_args = NULL;
    lead->exec_thread = NULL;
    lead->actor = ACTOR_SYSCALL;
    exec_handed(a, lead->handed_images);
    return_to_user(lead->tf);
    resume_user(lead->tf);
}

/* Ends a thread. The next task that goes to user mode, or the idle loop, frees
 * its slot. */
void group_leave(struct proc *me)
{
    struct proc *lead = me->leader;
    list_del(&me->thread);
    lead->nthreads--;
    if (--me->sighand->refs == 0)
        kfree(me->sighand);
    me->sighand = NULL;
    wake_up(&lead->thread_gone);
    group_stop_told(lead);
    proc_set_state(me, PS_ZOMBIE);
    memory_relieved();
    fp_forget(me);
    proc_bury(me);
    schedule();
    panic("a thread runs on");
}
