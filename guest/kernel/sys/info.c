/* SPDX-License-Identifier: MIT */
/* Calls about the system and its hart; random bytes, limits, prctl, syslog. */
#include "fs/buffer.h"
#include "task/proc.h"
#include "sys/syscall.h"
#include "sys/uts.h"
#include "vm/reclaim.h"
#include "vm/space.h"
#include "vm/uaccess.h"

#include <linux/prctl.h>

struct utsname uts = {
    .sysname = "Linux",
    .nodename = "clockhand",
    .release = "6.12.0-clockhand",
    .version = "#1 Clockhand",
    .machine = "riscv64",
    .domainname = "(none)",
};

s64 sys_uname(struct sysargs *a)
{
    return copyout(a->a[0], &uts, sizeof uts);
}

s64 sys_sethostname(struct sysargs *a)
{
    char name[sizeof uts.nodename] = {0};
    if (!capable(CAP_SYS_ADMIN))
        return -EPERM;
    if (a->a[1] >= sizeof name)
        return -EINVAL;
    if (copyin(name, a->a[0], a->a[1]))
        return -EFAULT;
    memcpy(uts.nodename, name, sizeof name);
    return 0;
}

s64 sys_sysinfo(struct sysargs *a)
{
    struct {
        s64 uptime;
        u64 loads[3];
        u64 totalram, freeram, sharedram, bufferram, totalswap, freeswap;
        u16 procs, pad;
        u32 pad2;
        u64 totalhigh, freehigh;
        u32 mem_unit;
        u32 pad3;
    } si = {0};
    _Static_assert(sizeof si == 112, "sysinfo");
    struct vm_stats st;
    vm_stats(&st);
    si.uptime = (s64)((now_ns() - boot_ns()) / NSEC_PER_SEC);
    load_average(si.loads);
    si.totalram = st.total * PAGE_SIZE;
    si.freeram = st.free * PAGE_SIZE;
    si.sharedram = st.shmem * PAGE_SIZE;
    si.bufferram = buf_bytes();
    si.totalswap = st.swap_total * PAGE_SIZE;
    si.freeswap = st.swap_free * PAGE_SIZE;
    si.procs = (u16)(NPROC - proc_count(PS_UNUSED));
    si.mem_unit = 1;
    return copyout(a->a[0], &si, sizeof si);
}

s64 sys_getcpu(struct sysargs *a)
{
    u32 zero = 0;
    if ((a->a[0] && copyout(a->a[0], &zero, 4)) ||
        (a->a[1] && copyout(a->a[1], &zero, 4)))
        return -EFAULT;
    return 0;
}

s64 sys_personality(struct sysargs *a)
{
    return 0; /* PER_LINUX, the only one */
}

s64 sys_getrandom(struct sysargs *a)
{
    u8 buf[256];
    u64 done = 0;
    if ((a->a[2] & ~7ul) || (a->a[2] & 6) == 6) /* not RANDOM with INSECURE */
        return -EINVAL;
    if (a->a[0] > USER_TOP) /* looked at even if nothing is wanted */
        return -EFAULT;
    u64 want = MIN(a->a[1], 0x1fffffful); /* the limit in getrandom(2) */
    while (done < want) {
        size_t n = MIN(sizeof buf, want - done);
        random_bytes(buf, n);
        if (copyout(a->a[0] + done, buf, n)) { /* what fits is given */
            for (size_t i = 0; !copyout(a->a[0] + done, buf + i, 1); i++)
                done++;
            return done ? (s64)done : -EFAULT;
        }
        done += n;
        /* Linux 6.12, drivers/char/random.c: get_random_bytes_user */
        if (done % PAGE_SIZE == 0 &&
            (cond_resched() || signal_pending(current)))
            break;
    }
    return (s64)done;
}

/* The keys of Linux's hwprobe.rst that this kernel answers. */
enum {
    HWPROBE_MVENDORID,
    HWPROBE_MARCHID,
    HWPROBE_MIMPID,
    HWPROBE_BASE_BEHAVIOR,
    HWPROBE_IMA_EXT_0,
    HWPROBE_CPUPERF_0
};

s64 sys_riscv_hwprobe(struct sysargs *a)
{
    u64 pair[2];
    if (a->a[4])
        return -EINVAL;
    for (u64 i = 0; i < a->a[1]; i++) {
        u64 at = a->a[0] + 16 * i;
        if (copyin(pair, at, sizeof pair))
            return -EFAULT;
        switch (pair[0]) {
        case HWPROBE_MVENDORID:
        case HWPROBE_MARCHID:
        case HWPROBE_MIMPID:
        case HWPROBE_CPUPERF_0: /* misaligned access: unknown */
            pair[1] = 0;
            break;
        case HWPROBE_BASE_BEHAVIOR:
            pair[1] = 1; /* rv64ima */
            break;
        case HWPROBE_IMA_EXT_0:
            pair[1] = 3; /* 1: F and D; 2: C */
            break;
        default:
            pair[0] = ~0ul;
            pair[1] = 0;
        }
        if (copyout(at, pair, sizeof pair))
            return -EFAULT;
    }
    return 0;
}

/* True if the caller may read and set p's limits: it has CAP_SYS_RESOURCE, or
 * its real ids equal all ids of p. */
static bool may_limit(const struct proc *p)
{
    const struct proc *me = current;
    return capable(CAP_SYS_RESOURCE) ||
           (me->uid == p->uid && me->uid == p->euid && me->uid == p->suid &&
            me->gid == p->gid && me->gid == p->egid && me->gid == p->sgid);
}

s64 sys_prlimit64(struct sysargs *a)
{
    u64 what = (u32)a->a[1];
    struct rlimit new, old;
    if (a->a[2] && copyin(&new, a->a[2], sizeof new))
        return -EFAULT;
    struct proc *p = proc_find_or_self((u32)a->a[0]);
    if (!p)
        return -ESRCH;
    if (p != current && !may_limit(p))
        return -EPERM;
    p = p->leader;
    if (what >= RLIM_NLIMITS || (a->a[2] && new.cur > new.max))
        return -EINVAL;
    if (a->a[2] && new.max > p->rlim[what].max && !capable(CAP_SYS_RESOURCE))
        return -EPERM;
    if (a->a[2] && what == RLIMIT_NOFILE && new.max > FILES_MOST)
        return -EPERM; /* for root, too (Linux 6.12, kernel/sys.c) */
    old = p->rlim[what];
    if (a->a[2])
        p->rlim[what] = new;
    return a->a[3] && copyout(a->a[3], &old, sizeof old) ? -EFAULT : 0;
}

s64 sys_prctl(struct sysargs *a)
{
    struct proc *me = current;
    char name[16];
    int n;
    s64 ret = caps_prctl((u32)a->a[0], &a->a[1]);
    if (ret != -ENOSYS)
        return ret;
    switch ((u32)a->a[0]) {
    case PR_SET_NAME:
        memset(name, 0, sizeof name);
        n = copyin_str(name, a->a[1], sizeof name);
        if (n < 0 && n != -ENAMETOOLONG)
            return n;
        name[15] = '\0';
        memcpy(me->lens.name, name, sizeof name);
        return 0;
    case PR_GET_NAME:
        return copyout(a->a[1], me->lens.name, sizeof name);
    case PR_SET_PDEATHSIG:
        if (a->a[1] > _NSIG)
            return -EINVAL;
        me->pdeathsig = (u32)a->a[1];
        return 0;
    case PR_GET_PDEATHSIG:
        return copyout(a->a[1], &me->pdeathsig, 4);
    case PR_GET_DUMPABLE:
        return me->space->dumpable;
    case PR_SET_DUMPABLE:
        if (a->a[1] > 1)
            return -EINVAL;
        me->space->dumpable = a->a[1];
        return 0;
    case PR_SET_CHILD_SUBREAPER:
        me->leader->subreaper = a->a[1];
        return 0;
    case PR_GET_CHILD_SUBREAPER:
        n = me->leader->subreaper;
        return copyout(a->a[1], &n, sizeof n);
    case PR_GET_TIMING:
        return PR_TIMING_STATISTICAL;
    case PR_SET_TIMING:
        return a->a[1] == PR_TIMING_STATISTICAL ? 0 : -EINVAL;
    default:
        return -EINVAL;
    }
}

enum {
    LOG_READ_ALL = 3,
    LOG_READ_CLEAR,
    LOG_CLEAR,
    LOG_OFF,
    LOG_ON,
    LOG_LEVEL,
    LOG_UNREAD,
    LOG_SIZE
};

s64 sys_syslog(struct sysargs *a)
{
    s32 len = (s32)a->a[2];
    switch ((u32)a->a[0]) {
    case LOG_READ_ALL:
        break;
    case LOG_SIZE:
        return (s64)klog_size();
    default:
        return -EINVAL;
    }
    if (len < 0)
        return -EINVAL;
    size_t n = MIN((size_t)len, klog_size());
    char *buf = kmalloc_wait(n + 1);
    if (!buf)
        return -ENOMEM;
    n = klog_read(buf, n);
    s64 ret = copyout(a->a[1], buf, n) ? -EFAULT : (s64)n;
    kfree(buf);
    return ret;
}
