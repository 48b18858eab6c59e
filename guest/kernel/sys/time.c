/* SPDX-License-Identifier: MIT */
/* Calls for clocks, sleeping and interval timers. */
#include "drv/drv.h"
#include "proc/futex.h"
#include "task/sched.h"
#include "sys/syscall.h"
#include "vm/uaccess.h"

#define MAX_SECONDS (1ul << 33)
#define LAST_WALL   8277292036ul /* s: as Linux's TIME_SETTOD_SEC_MAX */

int copyin_timespec(u64 *ns, u64 uva)
{
    struct timespec t;
    if (copyin(&t, uva, sizeof t))
        return -EFAULT;
    if (t.tv_sec < 0 || t.tv_nsec < 0 || t.tv_nsec >= (s64)NSEC_PER_SEC)
        return -EINVAL;
    *ns = MIN((u64)t.tv_sec, MAX_SECONDS) * NSEC_PER_SEC + (u64)t.tv_nsec;
    return 0;
}

int copyout_timespec(u64 uva, u64 ns)
{
    struct timespec t = {(s64)(ns / NSEC_PER_SEC), (s64)(ns % NSEC_PER_SEC)};
    return copyout(uva, &t, sizeof t);
}

/* Returns a task's or a process's time in user mode, or also in the kernel. */
static u64 cpu_time(const struct proc *p, bool thread, bool user_only)
{
    u64 user = thread ? p->utime : p->all.utime;
    u64 kernel = thread ? p->stime : p->all.stime;
    if (thread ? p == current : p == current->leader)
        kernel += now_ns() - current->stamp;
    return user_only ? user : user + kernel;
}

/* The number of a clock of processor time, which is negative, is made of these
 * bits and the complement of a pid. */
#define CLOCK_KIND   3u /* 0, 2: all time; 1: time in user mode; 3: none */
#define CLOCK_THREAD 4u

/* Reads such a clock; pid 0 is the caller. Of threads, only those of the
 * caller's process have one. Only clock_gettime (`reads`) takes the caller's
 * own tid for its process (Linux 6.12, kernel/time/posix-cpu-timers.c:
 * pid_for_clock). */
static int cpu_clock_read(u32 id, bool reads, u64 *ns)
{
    u32 pid = ~(u32)((s32)id >> 3), kind = id & CLOCK_KIND;
    bool thread = id & CLOCK_THREAD;
    const struct proc *me = current, *p = proc_find_or_self(pid);
    if (p == me && !thread && (reads || !pid))
        p = me->leader;
    if (kind == 3 || !p ||
        (thread ? p->leader != me->leader || p->exiting : p->leader != p))
        return -EINVAL;
    *ns = cpu_time(p, thread, kind == 1);
    return 0;
}

/* reads: for clock_gettime. */
static int clock_read(u64 id, bool reads, u64 *ns)
{
    switch (id) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
    case CLOCK_TAI: /* nobody has set the offset of leap seconds */
        *ns = wall_ns();
        return 0;
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_BOOTTIME:
        *ns = now_ns();
        return 0;
    case CLOCK_PROCESS_CPUTIME_ID:
        *ns = cpu_time(current->leader, false, false);
        return 0;
    case CLOCK_THREAD_CPUTIME_ID:
        *ns = cpu_time(current, true, false);
        return 0;
    default:
        return (s32)id < 0 ? cpu_clock_read((u32)id, reads, ns) : -EINVAL;
    }
}

s64 sys_clock_gettime(struct sysargs *a)
{
    u64 ns;
    int err = clock_read((u32)a->a[0], true, &ns);
    return err ? err : copyout_timespec(a->a[1], ns);
}

s64 sys_clock_getres(struct sysargs *a)
{
    u64 ns;
    int err = clock_read((u32)a->a[0], false, &ns);
    return err || !a->a[1] ? err : copyout_timespec(a->a[1], 1);
}

/* Sleeps until a time of the wall clock wait here. */
static struct waitq clock_set = WAITQ_INIT(clock_set);

s64 sys_clock_settime(struct sysargs *a)
{
    u64 ns, old;
    s32 id = (s32)a->a[0];
    if (id > CLOCK_REALTIME)
        return -EINVAL;
    int err = copyin_timespec(&ns, a->a[1]);
    if (id < 0 && err != -EFAULT)
        return clock_read((u32)id, false, &old) ? -EINVAL : -EPERM;
    if (err || ns / NSEC_PER_SEC >= LAST_WALL)
        return err ? err : -EINVAL;
    if (!capable(CAP_SYS_TIME))
        return -EPERM;
    if (ns < now_ns()) /* the start would lie before 1970 */
        return -EINVAL;
    rtc_set_wall_ns(ns);
    wake_up(&clock_set);
    futex_clock_set();
    return 0;
}

s64 sys_gettimeofday(struct sysargs *a)
{
    u64 ns = wall_ns();
    struct timeval tv = timeval_of(ns);
    u64 zone = 0;
    return (a->a[0] && copyout(a->a[0], &tv, sizeof tv)) ||
                   (a->a[1] && copyout(a->a[1], &zone, sizeof zone))
               ? -EFAULT
               : 0;
}

/* Sleeps until the deadline (deadline_now's) or a signal. */
static int sleep_till(u64 deadline, bool wall)
{
    u64 end;
    int err = 0;
    while (!err && now_ns() < (end = deadline_now(deadline, wall)))
        err = sleep_until(end, wall ? &clock_set : NULL) == -ERESTARTSYS
                  ? -ERESTARTNOHAND
                  : 0;
    return err;
}

/* As sleep_till; stores the time left if a signal comes, and then sleeps on,
 * unless a handler runs. */
static s64 sleep_or_rest(const struct restart *r)
{
    if (!sleep_till(r->deadline, false))
        return 0;
    u64 now = now_ns();
    current->restart = *r;
    if (r->at &&
        copyout_timespec(r->at, r->deadline > now ? r->deadline - now : 0))
        return -EFAULT;
    return -ERESTART_RESTARTBLOCK;
}

static s64 sleep_for(u64 ns, u64 rem)
{
    return sleep_or_rest(&(struct restart){
        .call = sleep_or_rest, .deadline = now_ns() + ns, .at = rem});
}

s64 sys_restart_syscall(struct sysargs *a)
{
    struct restart r = current->restart;
    current->restart.call = NULL;
    return r.call ? r.call(&r) : -EINTR;
}

s64 sys_nanosleep(struct sysargs *a)
{
    u64 ns;
    int err = copyin_timespec(&ns, a->a[0]);
    return err ? err : sleep_for(ns, a->a[1]);
}

s64 sys_clock_nanosleep(struct sysargs *a)
{
    u64 ns, clock_now;
    u32 id = (u32)a->a[0];
    int err = clock_read(id, false, &clock_now);
    if (!err && ((s32)id < 0 || id == CLOCK_THREAD_CPUTIME_ID ||
                 id == CLOCK_PROCESS_CPUTIME_ID || id == CLOCK_MONOTONIC_RAW ||
                 id == CLOCK_MONOTONIC_COARSE || id == CLOCK_REALTIME_COARSE))
        return -EOPNOTSUPP;
    if (!err)
        err = copyin_timespec(&ns, a->a[2]);
    if (err)
        return err;
    if (!(a->a[1] & TIMER_ABSTIME))
        return sleep_for(ns, a->a[3]);
    return sleep_till(ns, id == CLOCK_REALTIME || id == CLOCK_TAI);
}

static u64 to_ns(const struct timeval *t)
{
    return MIN((u64)t->tv_sec, MAX_SECONDS) * NSEC_PER_SEC +
           (u64)t->tv_usec * 1000;
}

static void alarm_expired(struct timer *t)
{
    signal_send(container_of(t, struct proc, alarm), SIGALRM, NULL);
}

static struct itimerval alarm_now(struct proc *p)
{
    u64 now = now_ns(), left = 0;
    if (timer_running(&p->alarm))
        left = p->alarm.deadline > now ? p->alarm.deadline - now : 1000;
    return (struct itimerval){timeval_of(p->alarm_interval), timeval_of(left)};
}

#define SHORTEST 100000ul /* ns: of processor time between two signals */

static u64 cpu_now(struct proc *p, u64 which)
{
    return p->all.utime + (which == ITIMER_PROF ? p->all.stime : 0);
}

static struct itimerval cpu_timer_now(struct proc *p, u64 which)
{
    u64 now = cpu_now(p, which), expires = p->cpu_timer[which - 1].expires;
    u64 left = !expires ? 0 : expires > now ? expires - now : 1000;
    return (struct itimerval){timeval_of(p->cpu_timer[which - 1].interval),
                              timeval_of(left)};
}

static void cpu_timer_set(struct proc *p, u64 which, u64 value, u64 interval)
{
    p->cpu_timer[which - 1].expires = value ? cpu_now(p, which) + value : 0;
    p->cpu_timer[which - 1].interval = interval;
}

static void alarm_set(struct proc *p, u64 value, u64 interval)
{
    timer_stop(&p->alarm);
    p->alarm_interval = value ? interval : 0;
    p->alarm.fn = alarm_expired;
    if (value)
        timer_start(&p->alarm, now_ns() + value);
}

s64 sys_getitimer(struct sysargs *a)
{
    struct proc *me = current->leader;
    u64 which = (u32)a->a[0];
    if (which > ITIMER_PROF)
        return -EINVAL;
    struct itimerval v = which ? cpu_timer_now(me, which) : alarm_now(me);
    return copyout(a->a[1], &v, sizeof v);
}

s64 sys_setitimer(struct sysargs *a)
{
    struct proc *me = current->leader;
    struct itimerval v = {0};
    u64 which = (u32)a->a[0];
    if (a->a[1] && copyin(&v, a->a[1], sizeof v))
        return -EFAULT;
    if (v.it_value.tv_sec < 0 || v.it_interval.tv_sec < 0 ||
        v.it_value.tv_usec < 0 || v.it_value.tv_usec > 999999 ||
        v.it_interval.tv_usec < 0 || v.it_interval.tv_usec > 999999)
        return -EINVAL;
    if (which > ITIMER_PROF)
        return -EINVAL;
    struct itimerval old = which ? cpu_timer_now(me, which) : alarm_now(me);
    u64 value = to_ns(&v.it_value), interval = to_ns(&v.it_interval);
    if (which == ITIMER_REAL)
        alarm_set(me, value, interval);
    else
        cpu_timer_set(me, which, value, interval ? MAX(interval, SHORTEST) : 0);
    return a->a[2] ? copyout(a->a[2], &old, sizeof old) : 0;
}
