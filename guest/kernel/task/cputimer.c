/* SPDX-License-Identifier: MIT */
/* Serves interval timers of processor time: ITIMER_VIRTUAL (cpu_timer[0])
 * counts a process's time in user mode; ITIMER_PROF (cpu_timer[1]) and
 * RLIMIT_CPU count its time in the kernel, too. The kernel checks them whenever
 * the process enters it; when the process leaves it, the hart's timer is set to
 * interrupt no later than the next one can be due. */
#include "task/sched.h"

static u64 time_of(const struct proc *p, int which)
{
    return p->all.utime + (which ? p->all.stime : 0);
}

/* Enforces RLIMIT_CPU of process p, to which the running task belongs: sends
 * SIGXCPU at the soft limit, which then moves on by a second, and SIGKILL at
 * the hard limit (Linux 6.12, kernel/time/posix-cpu-timers.c:
 * check_process_timers). */
static void limit_ring(struct proc *p)
{
    struct rlimit *r = &p->rlim[RLIMIT_CPU];
    if (r->cur == ~0ul)
        return;
    u64 seconds = time_of(p, 1) / NSEC_PER_SEC;
    if (seconds >= r->max) {
        signal_send(current, SIGKILL, NULL);
    } else if (seconds >= r->cur) {
        r->cur++;
        signal_send(current, SIGXCPU, NULL);
    }
}

/* Returns the processor time at which limit_ring will send a signal; NEVER if
 * it will not. */
static u64 limit_rings(const struct proc *p)
{
    const struct rlimit *r = &p->rlim[RLIMIT_CPU];
    u64 seconds = MIN(r->cur, r->max);
    return seconds < NEVER / NSEC_PER_SEC ? seconds * NSEC_PER_SEC : NEVER;
}

/* A quick test at each entry and exit: most processes have no such timer. */
static bool has_timers(const struct proc *p)
{
    return (p->cpu_timer[0].expires | p->cpu_timer[1].expires) ||
           (p->rlim[RLIMIT_CPU].cur & p->rlim[RLIMIT_CPU].max) != ~0ul;
}

void cpu_timers_ring(struct proc *p)
{
    if (!has_timers(p))
        return;
    limit_ring(p);
    static const int sig[] = {SIGVTALRM, SIGPROF};
    for (int i = 0; i < 2; i++) {
        u64 now = time_of(p, i), *expires = &p->cpu_timer[i].expires;
        if (!*expires || now < *expires)
            continue;
        u64 interval = p->cpu_timer[i].interval;
        *expires = interval ? now + interval - (now - *expires) % interval : 0;
        signal_send(current, sig[i], NULL);
    }
}

u64 cpu_timers_due(struct proc *me)
{
    const struct proc *p = me->leader;
    if (!has_timers(p))
        return NEVER;
    u64 due = NEVER, limit = limit_rings(p), all = time_of(p, 1);
    if (limit != NEVER)
        due = me->stamp + (limit > all ? limit - all : 0);
    for (int i = 0; i < 2; i++) {
        u64 now = time_of(p, i), expires = p->cpu_timer[i].expires;
        if (expires)
            due = MIN(due, me->stamp + (expires > now ? expires - now : 0));
    }
    return due;
}
