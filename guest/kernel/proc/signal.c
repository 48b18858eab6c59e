/* SPDX-License-Identifier: MIT */
/* Sending signals. What happens to them on the way back to user mode is in
 * proc/sigframe.c. */
#include "proc/signal.h"
#include "proc/sched.h"
#include "vm/page.h"

#define STOP_SIGNALS                                                           \
    (SIGBIT(SIGSTOP) | SIGBIT(SIGTSTP) | SIGBIT(SIGTTIN) | SIGBIT(SIGTTOU))
#define IGNORED_BY_DEFAULT                                                     \
    (SIGBIT(SIGCHLD) | SIGBIT(SIGCONT) | SIGBIT(SIGURG) | SIGBIT(SIGWINCH))
#define FIRST_REALTIME 32
#define MAX_QUEUED     128 /* real-time signals a process may have pending */

struct sigqueue {
    struct list link;
    struct siginfo info;
};

static bool ignores(struct proc *p, int sig)
{
    u64 h = p->sighand->action[sig - 1].handler;
    bool deadly = sig == SIGKILL || sig == SIGSTOP;
    if (p->lens.pid == 1 && (h == SIG_DFL || deadly))
        return true; /* the first process only gets what it asked for */
    if (deadly)
        return false;
    return h == SIG_IGN || (h == SIG_DFL && (SIGBIT(sig) & IGNORED_BY_DEFAULT));
}

bool signal_is_ignored(struct proc *p, int sig)
{
    return (p->sig_blocked & SIGBIT(sig)) ||
           p->sighand->action[sig - 1].handler == SIG_IGN;
}

bool signal_pending(struct proc *p)
{
    u64 set = p->sig_pending & ~p->sig_blocked;
    for (int sig = 1; set; sig++, set >>= 1)
        if ((set & 1) && !ignores(p, sig))
            return true;
    return false;
}

bool signal_fatal_pending(struct proc *p)
{
    u64 set = p->sig_pending & ~p->sig_blocked & ~STOP_SIGNALS;
    if (p->sig_pending & SIGBIT(SIGKILL))
        return true;
    for (int sig = 1; set; sig++, set >>= 1)
        if ((set & 1) && !ignores(p, sig) &&
            p->sighand->action[sig - 1].handler == SIG_DFL)
            return true;
    return false;
}

static void drop(struct proc *p, u64 set)
{
    struct sigqueue *q, *next;
    p->sig_pending &= ~set;
    list_for_each_entry_safe(q, next, &p->sig_queue, link)
    {
        if (SIGBIT(q->info.signo) & set) {
            list_del(&q->link);
            kfree(q);
        }
    }
}

void signal_queue_clear(struct proc *p)
{
    drop(p, ~0ul);
}

static u32 queued(struct proc *p)
{
    struct sigqueue *q;
    u32 n = 0;
    list_for_each_entry(q, &p->sig_queue, link)
    {
        n++;
    }
    return n;
}

/* Stop and continue cancel each other when they are sent. */
static void job_control(struct proc *p, int sig)
{
    if (sig == SIGCONT) {
        drop(p, STOP_SIGNALS);
        if (p->lens.state == PS_STOPPED) {
            p->stop_report = false;
            p->cont_report = true;
            p->stop_signal = 0;
            proc_make_ready(p);
            proc_notify_parent(p, CLD_CONTINUED, SIGCONT);
        }
    } else if (SIGBIT(sig) & STOP_SIGNALS) {
        drop(p, SIGBIT(SIGCONT));
    } else if (sig == SIGKILL && p->lens.state == PS_STOPPED) {
        proc_make_ready(p);
    }
}

/* A thread of the kernel's, which blocks what no program can. */
static bool is_deaf(const struct proc *p)
{
    return p->sig_blocked & SIGBIT(SIGKILL);
}

static bool ends_sleep(struct proc *p)
{
    return p->lens.state == PS_SLEEPING ? p->heeds == HEED_ALL
           : p->lens.state == PS_DISK
               ? p->heeds == HEED_FATAL && signal_fatal_pending(p)
               : false;
}

int signal_send(struct proc *p, int sig, const struct siginfo *info)
{
    if (sig == 0 || p->exiting || p->lens.state == PS_ZOMBIE || is_deaf(p))
        return 0;
    job_control(p, sig);
    bool blocked = p->sig_blocked & SIGBIT(sig);
    if (ignores(p, sig) && !blocked)
        return 0;
    bool already = p->sig_pending & SIGBIT(sig);
    if (sig < FIRST_REALTIME && already)
        return 0;
    struct sigqueue *q = queued(p) < MAX_QUEUED ? kzalloc(sizeof *q) : NULL;
    if (q) {
        if (info)
            q->info = *info;
        else
            q->info.code = SI_KERNEL;
        q->info.signo = sig;
        list_add_tail(&q->link, &p->sig_queue);
    } else if (sig >= FIRST_REALTIME) {
        return -EAGAIN;
    }
    p->sig_pending |= SIGBIT(sig);
    if (!blocked && ends_sleep(p))
        proc_make_ready(p);
    return 0;
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

void signal_fault(int sig, int code, u64 addr)
{
    struct proc *me = current;
    struct sigaction_k *act = &me->sighand->action[sig - 1];
    struct siginfo info = {.code = code};
    info.addr = addr;
    if ((me->sig_blocked & SIGBIT(sig)) || act->handler == SIG_IGN) {
        act->handler = SIG_DFL; /* it cannot go on: die of it */
        me->sig_blocked &= ~SIGBIT(sig);
    }
    drop(me, SIGBIT(sig));
    if (me->lens.pid == 1 && act->handler == SIG_DFL)
        panic("init died of signal %d at pc %#lx, address %#lx", sig,
              me->tf->pc, addr);
    signal_send(me, sig, &info);
}

/* Takes the next signal of `set` off p: synchronous ones first, then by
 * number. Returns it, 0 for none. */
int signal_take(struct proc *p, u64 set, struct siginfo *info)
{
    static const int first[] = {SIGKILL, SIGSEGV, SIGBUS,
                                SIGILL,  SIGTRAP, SIGFPE};
    struct sigqueue *q, *next;
    int sig = 0, more = 0;
    set &= p->sig_pending;
    if (!set)
        return 0;
    for (size_t i = 0; i < ARRAY_SIZE(first) && !sig; i++)
        if (set & SIGBIT(first[i]))
            sig = first[i];
    if (!sig)
        sig = __builtin_ctzl(set) + 1;
    memset(info, 0, sizeof *info);
    info->signo = sig;
    bool found = false;
    list_for_each_entry_safe(q, next, &p->sig_queue, link)
    {
        if (q->info.signo != sig)
            continue;
        if (found) {
            more++;
            continue;
        }
        *info = q->info;
        found = true;
        list_del(&q->link);
        kfree(q);
    }
    if (!more)
        p->sig_pending &= ~SIGBIT(sig);
    return sig;
}

void signal_mask_during_call(u64 mask)
{
    struct proc *me = current;
    me->sig_saved_mask = me->sig_blocked;
    me->sig_restore_mask = true;
    me->sig_blocked = mask & ~(SIGBIT(SIGKILL) | SIGBIT(SIGSTOP));
}
