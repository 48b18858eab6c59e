/* SPDX-License-Identifier: MIT */
/* Interval timers of processor time: ITIMER_VIRTUAL (1) counts a process's
 * time in user mode, ITIMER_PROF (2) that in the kernel as well. They are
 * looked at whenever the process enters the kernel; on the way out an
 * interrupt is asked for at the time when the next one would be due. */
#include "proc/sched.h"

static u64 time_of(const struct proc *p, int which)
{
    return p->utime + (which ? p->stime : 0);
}

void cpu_timers_ring(struct proc *p)
{
    static const int sig[] = {SIGVTALRM, SIGPROF};
    for (int i = 0; i < 2; i++) {
        u64 now = time_of(p, i), *rings = &p->cpu_timer[i].rings;
        if (!*rings || now < *rings)
            continue;
        u64 interval = p->cpu_timer[i].interval;
        *rings = interval ? now + interval - (now - *rings) % interval : 0;
        signal_send(p, sig[i], NULL);
    }
}

u64 cpu_timers_due(struct proc *p)
{
    u64 due = NEVER;
    for (int i = 0; i < 2; i++) {
        u64 now = time_of(p, i), rings = p->cpu_timer[i].rings;
        if (rings)
            due = MIN(due, p->stamp + (rings > now ? rings - now : 0));
    }
    return due;
}
