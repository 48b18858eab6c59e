/* SPDX-License-Identifier: MIT */
/* Sends signals; proc/sigframe.c delivers them on return to user mode. */
#include "task/signal.h"
#include "task/sched.h"
#include "vm/page.h"

#define IGNORED_BY_DEFAULT                                                     \
    (SIGBIT(SIGCHLD) | SIGBIT(SIGCONT) | SIGBIT(SIGURG) | SIGBIT(SIGWINCH))
#define FIRST_REALTIME 32

struct sigqueue {
    struct list link;
    u32 uid; /* the user whose RLIMIT_SIGPENDING counts it */
    struct siginfo info;
};
static u32 queue_entries; /* of all tasks */

bool signal_ignores(struct proc *p, int sig)
{
    u64 h = p->sighand->action[sig - 1].handler;
    bool deadly = sig == SIGKILL || sig == SIGSTOP;
    if (p->leader->lens.pid == 1 && (h == SIG_DFL || deadly))
        return true; /* the first process gets only signals that it handles */
    if (deadly)
        return false;
    return h == SIG_IGN || (h == SIG_DFL && (SIGBIT(sig) & IGNORED_BY_DEFAULT));
}

bool signal_is_ignored(struct proc *p, int sig)
{
    return (p->sig_blocked & SIGBIT(sig)) ||
           p->sighand->action[sig - 1].handler == SIG_IGN;
}

u64 signal_set(const struct proc *p)
{
    return p->own.set | p->leader->shared.set;
}

bool signal_pending(const struct proc *p)
{
    return p->sig_notified && !p->at_rest;
}

bool signal_fatal_pending(const struct proc *p)
{
    return p->own.set & SIGBIT(SIGKILL);
}

static void free_entry(struct sigqueue *q)
{
    list_del(&q->link);
    kfree(q);
    queue_entries--;
}

static void drop(struct sigs *s, u64 set)
{
    struct sigqueue *q, *next;
    s->set &= ~set;
    list_for_each_entry_safe(q, next, &s->queue, link)
    {
        if (SIGBIT(q->info.si_signo) & set)
            free_entry(q);
    }
}

void signal_queue_clear(struct sigs *s)
{
    drop(s, ~0ul);
}

void signal_move_own(struct proc *to, struct proc *from)
{
    struct sigqueue *q, *next;
    signal_queue_clear(&to->own);
    to->own.set = from->own.set;
    from->own.set = 0;
    list_for_each_entry_safe(q, next, &from->own.queue, link)
    {
        list_del(&q->link);
        list_add_tail(&q->link, &to->own.queue);
    }
    to->sig_notified = true;
}

void signal_discard(struct proc *p, u64 set)
{
    struct proc *lead = p->leader, *t;
    drop(&lead->shared, set);
    drop(&lead->own, set);
    list_for_each_entry(t, &lead->threads, thread) drop(&t->own, set);
}

static u32 queued_in(const struct sigs *s, u32 uid)
{
    const struct sigqueue *q;
    u32 n = 0;
    list_for_each_entry(q, &s->queue, link) n += q->uid == uid;
    return n;
}

u32 signal_queued(u32 uid)
{
    u32 n = 0;
    for_each_task(p) n += queued_in(&p->own, uid) + queued_in(&p->shared, uid);
    return n;
}

/* True if RLIMIT_SIGPENDING allows the details of a signal to be kept. Those of
 * a signal by kill or from the kernel always are, unless it is a real-time one
 * (Linux 6.12, kernel/signal.c: __send_signal_locked). */
static bool may_queue(const struct proc *p, int sig, const struct siginfo *info)
{
    u64 limit = p->leader->rlim[RLIMIT_SIGPENDING].cur;
    if (sig < FIRST_REALTIME && (!info || info->si_code >= 0))
        return true;
    return queue_entries < limit || signal_queued(p->uid) < limit;
}

/* Resumes the stopped tasks. False: none was stopped. */
static bool resume(struct proc *lead)
{
    struct proc *t;
    bool any = lead->lens.state == PS_STOPPED;
    lead->group_stop = lead->stop_told = false;
    if (any)
        proc_make_ready(lead);
    list_for_each_entry(t, &lead->threads, thread)
    {
        if (t->lens.state != PS_STOPPED)
            continue;
        proc_make_ready(t);
        any = true;
    }
    return any;
}

/* A stop signal, when sent, discards pending SIGCONTs; SIGCONT discards pending
 * stop signals. SIGCONT and SIGKILL resume the stopped tasks. */
static void job_control(struct proc *p, int sig)
{
    struct proc *lead = p->leader;
    if (sig == SIGCONT) {
        signal_discard(lead, STOP_SIGNALS);
        if (resume(lead)) {
            lead->stop_report = false;
            lead->cont_report = true;
            lead->stop_signal = 0;
            proc_notify_parent(lead, CLD_CONTINUED, SIGCONT);
        }
    } else if (SIGBIT(sig) & STOP_SIGNALS) {
        signal_discard(lead, SIGBIT(SIGCONT));
    } else if (sig == SIGKILL) {
        resume(lead);
    }
}

/* True for a kernel thread: it blocks SIGKILL, which no program can. */
static bool is_deaf(const struct proc *p)
{
    return p->sig_blocked & SIGBIT(SIGKILL);
}

static bool ends_sleep(const struct proc *p)
{
    return p->lens.state == PS_SLEEPING ? p->heeds == HEED_ALL
           : p->lens.state == PS_DISK
               ? p->heeds == HEED_FATAL && signal_fatal_pending(p)
               : false;
}

/* Makes t look at its signals before it returns to user mode, and ends a sleep
 * that heeds them. */
static void notify(struct proc *t)
{
    t->sig_notified = true;
    if (ends_sleep(t))
        proc_make_ready(t);
}

void signal_notify_all(struct proc *lead)
{
    struct proc *t;
    notify(lead);
    list_for_each_entry(t, &lead->threads, thread) notify(t);
}

/* Returns the signals of `set` that t waits for or does not block; none if it
 * ends. */
static u64 takes(const struct proc *t, u64 set)
{
    return t->exiting ? 0 : set & (~t->sig_blocked | t->sig_waited);
}

/* True if t can be chosen for a new signal: it takes it, and it is neither
 * stopped nor chosen for an earlier one (Linux 6.12: wants_signal). */
static bool wants(const struct proc *t, int sig)
{
    if (sig == SIGKILL)
        return !t->exiting;
    return takes(t, SIGBIT(sig)) && t->lens.state != PS_STOPPED &&
           (!t->sig_notified || t == current);
}

/* Chooses the task that takes a signal sent to p's process: p, if p wants it.
 * NULL: none; a task that unblocks the signal, continues, or looks at its
 * signals takes it then. */
static struct proc *taker(struct proc *p, int sig)
{
    struct proc *lead = p->leader, *t;
    if (wants(p, sig))
        return p;
    if (wants(lead, sig))
        return lead;
    list_for_each_entry(t, &lead->threads, thread) if (wants(t, sig)) return t;
    return NULL;
}

void signal_retarget(struct proc *p, u64 set)
{
    struct proc *lead = p->leader, *t;
    set &= lead->shared.set;
    if (set && lead != p && takes(lead, set)) {
        notify(lead);
        set &= ~takes(lead, set);
    }
    list_for_each_entry(t, &lead->threads, thread)
    {
        if (t == p || !takes(t, set))
            continue;
        notify(t);
        set &= ~takes(t, set);
    }
}

bool signal_is_due(const struct proc *p)
{
    return (signal_set(p) & ~p->sig_blocked) || p->leader->group_stop;
}

void signal_set_mask(u64 mask)
{
    struct proc *me = current;
    u64 newly = mask & ~me->sig_blocked;
    me->sig_blocked = mask & ~UNBLOCKABLE;
    if (newly & me->leader->shared.set)
        signal_retarget(me, newly);
    me->sig_notified |= signal_is_due(me);
}

/* Ends task t, as SIGKILL does, without its process. */
static void doom(struct proc *t)
{
    if (t->exiting || t->lens.state == PS_ZOMBIE)
        return;
    t->own.set |= SIGBIT(SIGKILL);
    notify(t);
}

void signal_end_others(struct proc *me)
{
    struct proc *lead = me->leader, *t;
    resume(lead);
    if (lead != me)
        doom(lead);
    list_for_each_entry(t, &lead->threads, thread) if (t != me) doom(t);
}

/* True if sig, which t does not block, ends the process at once. (A signal of a
 * core file ends it when a task takes it, as in Linux.) */
static bool is_fatal(struct proc *t, int sig)
{
    u64 harmless = STOP_SIGNALS | IGNORED_BY_DEFAULT | CORE_SIGNALS;
    return sig == SIGKILL || (!(SIGBIT(sig) & (harmless | t->sig_blocked)) &&
                              t->sighand->action[sig - 1].handler == SIG_DFL);
}

/* t was chosen for sig. A fatal signal ends the process from now on: no handler
 * that is set later and no other task can withdraw it (Linux 6.12:
 * complete_signal). */
static void chosen(struct proc *t, int sig)
{
    struct proc *lead = t->leader;
    notify(t);
    if (!is_fatal(t, sig) || lead->group_exit)
        return;
    lead->group_exit = true;
    lead->group_status = sig;
    signal_end_others(t);
    doom(t);
}

/* True for the kernel's signal of what the task itself has just done. */
static bool is_of_fault(const struct siginfo *info, int sig)
{
    return (SIGBIT(sig) & SYNCHRONOUS) && info->si_code > SI_USER;
}

/* Makes the signal pending. Returns 0, 1 if it already is, or -EAGAIN. */
static int enqueue(struct proc *p, struct sigs *s, int sig,
                   const struct siginfo *info)
{
    if (sig < FIRST_REALTIME && (s->set & SIGBIT(sig)))
        return 1;
    struct sigqueue *q = may_queue(p, sig, info) ? kzalloc(sizeof *q) : NULL;
    if (q) {
        queue_entries++;
        q->uid = p->uid;
        if (info)
            q->info = *info;
        else
            q->info.si_code = SI_KERNEL;
        q->info.si_signo = sig;
        list_add_tail(&q->link, &s->queue);
    } else if (sig >= FIRST_REALTIME && info && info->si_code != SI_USER) {
        return -EAGAIN;
    }
    s->set |= SIGBIT(sig);
    return 0;
}

int signal_send(struct proc *p, int sig, const struct siginfo *info)
{
    struct proc *lead = p->leader;
    bool over = lead->exiting && !lead->nthreads;
    if (sig == 0 || over || lead->lens.state == PS_ZOMBIE || is_deaf(lead))
        return 0;
    assert(sig <= _NSIG);
    job_control(lead, sig);
    if (signal_ignores(lead, sig) && !(lead->sig_blocked & SIGBIT(sig)))
        return 0;
    int err = enqueue(lead, &lead->shared, sig, info);
    struct proc *t = err ? NULL : taker(p, sig);
    if (t)
        chosen(t, sig);
    return MIN(err, 0);
}

int signal_send_task(struct proc *p, int sig, const struct siginfo *info)
{
    if (sig == 0 || p->exiting || p->lens.state == PS_ZOMBIE || is_deaf(p))
        return 0;
    assert(sig <= _NSIG);
    job_control(p, sig);
    if (signal_ignores(p, sig) && !(p->sig_blocked & SIGBIT(sig)))
        return 0;
    int err = enqueue(p, &p->own, sig, info);
    if (!err && wants(p, sig))
        chosen(p, sig);
    return MIN(err, 0);
}

struct siginfo signal_from_me(int sig, int code)
{
    struct siginfo info = {.si_signo = sig, .si_code = code};
    info.si_pid = (s32)current->lens.tgid;
    info.si_uid = current->uid;
    return info;
}

int pgrp_signal(u32 pgid, int sig)
{
    int err = -ESRCH;
    for_each_proc(p) if (p->pgrp == pgid && p->lens.state != PS_ZOMBIE)
    {
        signal_send(p, sig, NULL);
        err = 0;
    }
    return err;
}

/* Returns the signal of a fault that is pending, or 0. */
static int of_fault(const struct sigs *s, u64 set)
{
    struct sigqueue *q;
    list_for_each_entry(q, &s->queue, link)
    {
        if ((SIGBIT(q->info.si_signo) & set) &&
            is_of_fault(&q->info, q->info.si_signo))
            return q->info.si_signo;
    }
    return 0;
}

bool signal_fault(int sig, int code, u64 addr)
{
    struct proc *me = current;
    struct sigaction_k *act = &me->sighand->action[sig - 1];
    struct siginfo info = {.si_code = code};
    info.si_addr = (void *)addr;
    if ((me->sig_blocked & SIGBIT(sig)) || act->handler == SIG_IGN) {
        act->handler = SIG_DFL; /* the program cannot continue: it dies */
        me->sig_blocked &= ~SIGBIT(sig);
    }
    drop(&me->own, SIGBIT(sig));
    if (me->leader->lens.pid == 1 && act->handler == SIG_DFL)
        panic("init died of signal %d at pc %#lx, address %#lx", sig,
              me->tf->pc, addr);
    signal_send_task(me, sig, &info);
    return !(me->own.set & SIGBIT(sig)) || of_fault(&me->own, SIGBIT(sig));
}

/* Dequeues the next pending signal of `set` from s: SIGKILL first, then that of
 * a fault, whose frame must have the pc of the fault (Linux 6.12:
 * dequeue_synchronous_signal), then others, synchronous ones first, each by
 * number. Returns 0 if there is none. */
static int dequeue(struct sigs *s, u64 set, struct siginfo *info)
{
    struct sigqueue *q, *next;
    int more = 0;
    set &= s->set;
    if (!set)
        return 0;
    if (set & SIGBIT(SIGKILL))
        set = SIGBIT(SIGKILL);
    int sig = of_fault(s, set);
    if (!sig && (set & SYNCHRONOUS))
        set &= SYNCHRONOUS;
    if (!sig)
        sig = __builtin_ctzl(set) + 1;
    memset(info, 0, sizeof *info);
    info->si_signo = sig;
    bool found = false;
    list_for_each_entry_safe(q, next, &s->queue, link)
    {
        if (q->info.si_signo != sig)
            continue;
        if (found) {
            more++;
            continue;
        }
        *info = q->info;
        found = true;
        free_entry(q);
    }
    if (!more)
        s->set &= ~SIGBIT(sig);
    return sig;
}

/* An alarm that repeats runs on when its signal is taken, so that it cannot
 * flood a process which does not take it (Linux 6.12: dequeue_signal). */
static void alarm_again(struct proc *lead)
{
    u64 late = now_ns() - lead->alarm.deadline, every = lead->alarm_interval;
    if (every && !timer_running(&lead->alarm))
        timer_start(&lead->alarm, now_ns() + every - late % every);
}

int signal_take(struct proc *p, u64 set, struct siginfo *info)
{
    int sig = dequeue(&p->own, set, info);
    if (sig)
        return sig;
    sig = dequeue(&p->leader->shared, set, info);
    if (sig == SIGALRM)
        alarm_again(p->leader);
    return sig;
}

void signal_mask_during_call(u64 mask)
{
    struct proc *me = current;
    me->sig_saved_mask = me->sig_blocked;
    me->sig_restore_mask = true;
    signal_set_mask(mask);
}

void signal_mask_restore(void)
{
    struct proc *me = current;
    if (!me->sig_restore_mask)
        return;
    me->sig_restore_mask = false;
    signal_set_mask(me->sig_saved_mask);
}
