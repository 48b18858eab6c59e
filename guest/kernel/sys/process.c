/* SPDX-License-Identifier: MIT */
/* Calls about processes: create, exec, end, wait; groups, usage, nice. */
#include "arch/power.h"
#include "arch/sbi.h"
#include "fs/vfs.h"
#include "proc/exec.h"
#include "task/sched.h"
#include "sys/file.h"
#include "vm/space.h"
#include "vm/uaccess.h"
#include "proc/life.h"

#include <linux/reboot.h>
#include <linux/wait.h>

s64 sys_clone(struct sysargs *a)
{
    u64 flags = (u32)a->a[0] & ~0xffu;
    return proc_fork(flags, a->a[1], a->a[3], a->a[2], a->a[4],
                     (int)(a->a[0] & 0xff));
}

struct clone3_args { /* clone3's, VER0: 64 bytes */
    u64 flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size,
        tls;
};

/* Copies the fields that this kernel knows; all words after them must be 0. */
static int copyin_clone_args(struct clone3_args *to, u64 from, u64 size)
{
    u64 more;
    if (size < sizeof *to)
        return -EINVAL;
    if (size > PAGE_SIZE)
        return -E2BIG;
    for (u64 at = sizeof *to; at + 8 <= size; at += 8)
        if (copyin(&more, from + at, 8))
            return -EFAULT;
        else if (more)
            return -E2BIG;
    return copyin(to, from, sizeof *to) ? -EFAULT : 0;
}

s64 sys_clone3(struct sysargs *a)
{
    const u64 known = 0x1ffbfff00ul; /* clone's - DETACHED + CLEAR_SIGHAND */
    struct clone3_args c;
    int err = copyin_clone_args(&c, a->a[0], a->a[1]);
    if (err)
        return err;
    bool kin = c.flags & (CLONE_THREAD | CLONE_PARENT);
    if ((c.flags & ~known) || c.exit_signal > _NSIG || (kin && c.exit_signal) ||
        !c.stack != !c.stack_size)
        return -EINVAL;
    return proc_fork(c.flags, c.stack + c.stack_size, c.tls, c.parent_tid,
                     c.child_tid, (int)c.exit_signal);
}

/* Counts the strings in a vector, which ends with NULL or is itself NULL. */
static s64 count_vector(u64 vec)
{
    u64 str = 1;
    s64 n = 0;
    for (; vec; vec += 8, n++) {
        if (copyin(&str, vec, 8))
            return -EFAULT;
        if (!str || n > (s64)(EXEC_STRINGS_MAX / 8))
            break; /* too many: exec_args_count refuses them */
        if (vec % PAGE_SIZE == 0 && cond_resched())
            return -EINTR;
    }
    return n;
}

/* Returns a user string's length with its NUL, more than EXEC_STRING_MAX if it
 * is too long; or -EFAULT. */
static s64 string_size(u64 str)
{
    size_t n = 0, part, len;
    void *kva;
    do {
        if (user_window(str + n, false, &kva, &part))
            return -EFAULT;
        len = strnlen(kva, part);
        n += len;
    } while (len == part && n < EXEC_STRING_MAX);
    return (s64)n + 1;
}

/* Adds the n strings of a vector, the last one first. */
static int add_vector(struct exec_strings *to, u64 vec, u64 n)
{
    while (n--) {
        u64 str;
        if (copyin(&str, vec + 8 * n, 8))
            return -EFAULT;
        s64 size = string_size(str);
        int err =
            size < 0 ? (int)size : strings_add(to, NULL, str, (size_t)size);
        if (err)
            return err;
        if (cond_resched())
            return -EINTR;
    }
    return 0;
}

static int add_vectors(struct exec_args *to, u64 argv, u64 envp)
{
    s64 argc = count_vector(argv), envc = count_vector(envp);
    if (argc < 0 || envc < 0)
        return (int)MIN(argc, envc);
    int err = exec_args_count(to, (u64)argc, (u64)envc);
    if (!err)
        err = add_vector(&to->strings, envp, (u64)envc);
    to->strings.env_bytes = to->strings.bytes;
    return err ? err : add_vector(&to->strings, argv, (u64)argc);
}

/* Sets the program's location to path relative to dirfd. If a descriptor is
 * used, the program sees its path as /dev/fd/N or /dev/fd/N/path (Linux 6.12,
 * fs/exec.c: alloc_bprm). fd_closes: exec closes that descriptor, so a script's
 * interpreter could not open that path. */
static int exec_place(struct exec_args *args, u64 dirfd, u64 path, u32 flags)
{
    if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
        return -EINVAL;
    int err = copyin_str(args->path, path, sizeof args->path);
    args->file = args->path;
    args->lookup = (flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW) |
                   (flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0);
    if (err < 0 || (s32)dirfd == AT_FDCWD || args->path[0] == '/')
        return err < 0 ? err : 0;
    const struct fd *slot = fd_slot((u32)dirfd);
    if (!slot)
        return -EBADF;
    args->base = dentry_get(slot->file->dentry);
    args->fd_closes = slot->cloexec;
    char prefix[32];
    int n = snprintf(prefix, sizeof prefix, "/dev/fd/%u%s", (u32)dirfd,
                     args->path[0] ? "/" : "");
    size_t len = strlen(args->path) + 1;
    if ((size_t)n + len > sizeof args->path)
        return -ENAMETOOLONG;
    memmove(args->path + n, args->path, len);
    memcpy(args->path, prefix, (size_t)n);
    args->file = args->path + n;
    return 0;
}

static s64 exec(u64 dirfd, u64 path, u64 argv, u64 envp, u32 flags)
{
    struct exec_args *args = kzalloc(sizeof *args);
    if (!args)
        return -ENOMEM;
    int err = exec_place(args, dirfd, path, flags);
    if (err >= 0)
        err = add_vectors(args, argv, envp);
    if (err < 0) {
        exec_args_free(args);
        return err;
    }
    return exec_run(args);
}

s64 sys_execve(struct sysargs *a)
{
    return exec((u64)AT_FDCWD, a->a[0], a->a[1], a->a[2], 0);
}

s64 sys_execveat(struct sysargs *a)
{
    return exec(a->a[0], a->a[1], a->a[2], a->a[3], (u32)a->a[4]);
}

s64 sys_exit(struct sysargs *a)
{
    proc_exit((int)(a->a[0] & 0xff) << 8);
}

s64 sys_exit_group(struct sysargs *a)
{
    proc_exit_group((int)(a->a[0] & 0xff) << 8);
}

#define W_NOTHREAD 0x20000000u /* __WNOTHREAD: only children of the caller */
#define W_ALL      0x40000000u /* __WALL: all children */
#define W_CLONE    0x80000000u /* __WCLONE: only those without SIGCHLD */

struct rusage {
    struct timeval utime, stime;
    s64 maxrss, ixrss, idrss, isrss, minflt, majflt, nswap, inblock, oublock,
        msgsnd, msgrcv, nsignals, nvcsw, nivcsw;
};

/* One event of a child, as wait4 and waitid report it. */
struct child_event {
    struct proc *child;
    int code, status; /* CLD_*, and the exit code or signal */
    int wait_status;  /* as wait4 stores it */
};

#define ANY_CHILD INT64_MIN /* else as wait4's pid; -1 is the group 1 */

/* A child that ends without SIGCHLD is waited for only by a call that asks for
 * such children (__WCLONE, __WALL). */
static bool matches(const struct proc *c, s64 pid, u32 options)
{
    if (!(options & W_ALL) &&
        (c->exit_signal != SIGCHLD) != ((options & W_CLONE) != 0))
        return false;
    if ((options & W_NOTHREAD) && c->maker != current->lens.pid)
        return false;
    if (pid > 0)
        return c->lens.pid == (u32)pid;
    if (pid == 0)
        return c->pgrp == current->leader->pgrp;
    return pid == ANY_CHILD || c->pgrp == (u32)-pid;
}

/* Returns 1 and fills *ev if the child has an event; 0 if it may have one
 * later; -ECHILD if it never will: a zombie has no event but its end (Linux
 * 6.12, kernel/exit.c: wait_consider_task). */
static int event_of(struct proc *c, u32 options, struct child_event *ev)
{
    ev->child = c;
    if (c->lens.state == PS_ZOMBIE) {
        int sig = c->exit_status & 0x7f;
        if (!(options & WEXITED))
            return -ECHILD;
        ev->code = wait_code(c->exit_status);
        ev->status = sig ? sig : c->exit_status >> 8 & 0xff;
        ev->wait_status = c->exit_status;
        return 1;
    }
    if (c->group_exit || (c->shared.set & SIGBIT(SIGKILL)))
        return 0; /* its end has begun: earlier reports are void */
    if (c->stop_report && (options & WUNTRACED)) {
        ev->code = CLD_STOPPED;
        ev->status = c->stop_signal;
        ev->wait_status = c->stop_signal << 8 | 0x7f;
        return 1;
    }
    if (c->cont_report && (options & WCONTINUED)) {
        ev->code = CLD_CONTINUED;
        ev->status = SIGCONT;
        ev->wait_status = 0xffff;
        return 1;
    }
    return 0;
}

/* Looks for an event; 1 with *ev; 0 if no child has one now; -ECHILD if none
 * can have one. A child named by its pid is looked up, not searched for among
 * the others (Linux 6.12, kernel/exit.c: do_wait_pid). */
static int find_event(s64 pid, u32 options, struct child_event *ev)
{
    const struct proc *me = current;
    struct proc *c = pid > 0 ? proc_find((u32)pid) : NULL;
    int err = -ECHILD;
    if (pid > 0)
        return c && c->leader == c && c->parent == me->leader &&
                       matches(c, pid, options)
                   ? event_of(c, options, ev)
                   : -ECHILD;
    /* First the children of this task, then those of other threads. */
    for (int own = 1; own >= !me->leader->nthreads; own--)
        list_for_each_entry(c, &me->leader->children, sibling)
        {
            if ((c->maker == me->lens.pid) != own || !matches(c, pid, options))
                continue;
            int found = event_of(c, options, ev);
            if (found > 0)
                return found;
            err = MAX(err, found);
        }
    return err;
}

static int await_event(s64 pid, u32 options, struct child_event *ev)
{
    for (;;) {
        int found = find_event(pid, options, ev);
        if (found || (options & WNOHANG))
            return found;
        found = sleep_on_intr(&current->leader->child_wait);
        if (found)
            return found;
    }
}

/* Returns the most frames that the process has had, over all its address spaces
 * (Linux 6.12, kernel/sys.c: getrusage). */
static u64 max_rss(const struct proc *p)
{
    return MAX(p->leader->maxrss, p->space ? p->space->peak_rss : 0);
}

static s64 kib(u64 pages)
{
    return (s64)(pages * (PAGE_SIZE / 1024));
}

static struct rusage rusage_of(const struct task_usage *u, u64 rss)
{
    return (struct rusage){
        .utime = timeval_of(u->utime),
        .stime = timeval_of(u->stime),
        .minflt = (s64)u->min_flt,
        .majflt = (s64)u->maj_flt,
        .maxrss = kib(rss),
        .nvcsw = (s64)u->nvcsw,
        .nivcsw = (s64)u->nivcsw,
    };
}

static void add_usage(struct task_usage *to, const struct task_usage *u)
{
    for (size_t i = 0; i < sizeof *u / sizeof(u64); i++)
        ((u64 *)to)[i] += ((const u64 *)u)[i];
}

/* Removes a reported event: a zombie is freed, and its times and counts are
 * added to the parent's. */
static void consume(struct child_event *ev)
{
    struct proc *c = ev->child, *me = current->leader;
    if (ev->code == CLD_STOPPED) {
        c->stop_report = false;
    } else if (ev->code == CLD_CONTINUED) {
        c->cont_report = false;
    } else {
        add_usage(&me->waited, &c->all);
        add_usage(&me->waited, &c->waited);
        me->cmaxrss = MAX(me->cmaxrss, MAX(max_rss(c), c->cmaxrss));
        proc_clear_graves(); /* its ended threads may still point to it */
        proc_free(c);
    }
}

/* Returns the usage of a child and of the children that it has waited for. */
static struct rusage child_usage(const struct proc *c)
{
    struct task_usage u = c->all;
    add_usage(&u, &c->waited);
    return rusage_of(&u, MAX(max_rss(c), c->cmaxrss));
}

s64 sys_wait4(struct sysargs *a)
{
    struct child_event ev;
    u32 options = (u32)a->a[2];
    if (options &
        ~(WNOHANG | WUNTRACED | WCONTINUED | W_NOTHREAD | W_ALL | W_CLONE))
        return -EINVAL;
    if ((s32)a->a[0] == INT32_MIN) /* cannot be negated */
        return -ESRCH;
    s64 pid = (s32)a->a[0] == -1 ? ANY_CHILD : (s32)a->a[0];
    int found = await_event(pid, options | WEXITED, &ev);
    if (found <= 0)
        return found;
    pid = ev.child->lens.pid;
    struct rusage ru = child_usage(ev.child);
    consume(&ev); /* even if the copyout fails, as in Linux */
    if ((a->a[1] && copyout(a->a[1], &ev.wait_status, 4)) ||
        (a->a[3] && copyout(a->a[3], &ru, sizeof ru)))
        return -EFAULT;
    return pid;
}

/* Stores the fields that waitid sets, and leaves the rest of the siginfo as it
 * is. */
static int copyout_wait_info(u64 to, const struct siginfo *info)
{
    const s32 head[] = {info->si_signo, info->si_errno, info->si_code};
    const s32 fields[] = {info->si_pid, (s32)info->si_uid, info->si_status};
    return copyout(to, head, sizeof head) ||
                   copyout(to + offsetof(struct siginfo, si_pid), fields,
                           sizeof fields)
               ? -EFAULT
               : 0;
}

/* Stores in *pid the children that waitid means, for `matches`. No descriptor
 * is a pidfd. */
static int waitid_children(u32 type, s32 id, s64 *pid)
{
    switch (type) {
    case P_ALL:
        *pid = ANY_CHILD;
        return 0;
    case P_PID:
        *pid = id;
        return id > 0 ? 0 : -EINVAL;
    case P_PGID:
        *pid = -(s64)id;
        return id >= 0 ? 0 : -EINVAL;
    case P_PIDFD:
        return id >= 0 ? -EBADF : -EINVAL;
    default:
        return -EINVAL;
    }
}

/* Returns 1 with *ev, 0, or an error. */
static int waitid_event(struct sysargs *a, u32 options, struct child_event *ev)
{
    static const u32 known = WNOHANG | WUNTRACED | WEXITED | WCONTINUED |
                             WNOWAIT | W_NOTHREAD | W_ALL | W_CLONE;
    s64 pid;
    if ((options & ~known) || !(options & (WEXITED | WUNTRACED | WCONTINUED)))
        return -EINVAL;
    int err = waitid_children((u32)a->a[0], (s32)a->a[1], &pid);
    return err ? err : await_event(pid, options, ev);
}

s64 sys_waitid(struct sysargs *a)
{
    struct child_event ev;
    u32 options = (u32)a->a[3];
    int found = waitid_event(a, options, &ev);
    struct siginfo info = {0};
    struct rusage ru;
    if (found > 0) {
        info.si_signo = SIGCHLD;
        info.si_code = ev.code;
        info.si_pid = (s32)ev.child->lens.pid;
        info.si_uid = ev.child->uid;
        info.si_status = ev.status;
        ru = child_usage(ev.child);
        if (!(options & WNOWAIT)) /* before copyout, which may sleep while */
            consume(&ev);         /* another thread takes ev */
    }
    if (found > 0 && a->a[4] && copyout(a->a[4], &ru, sizeof ru))
        return -EFAULT;
    if (a->a[2] && copyout_wait_info(a->a[2], &info)) /* after an error, too */
        return -EFAULT;
    return MIN(found, 0);
}

/* who: RUSAGE_CHILDREN (-1), RUSAGE_SELF (0), RUSAGE_THREAD (1) */
s64 sys_getrusage(struct sysargs *a)
{
    const struct proc *me = current, *lead = me->leader;
    struct task_usage u = lead->all;
    s32 who = (s32)a->a[0];
    if (who == -1)
        u = lead->waited;
    else if (who == 1)
        u = (struct task_usage){me->utime,   me->stime, me->min_flt,
                                me->maj_flt, me->nvcsw, me->nivcsw};
    else if (who)
        return -EINVAL;
    if (who >= 0)
        u.stime += now_ns() - me->stamp;
    struct rusage ru = rusage_of(&u, who < 0 ? lead->cmaxrss : max_rss(me));
    return copyout(a->a[1], &ru, sizeof ru);
}

s64 sys_times(struct sysargs *a)
{
    const u64 tick = NSEC_PER_SEC / USER_HZ;
    const struct proc *me = current->leader;
    u64 t[4] = {me->all.utime / tick, me->all.stime / tick,
                me->waited.utime / tick, me->waited.stime / tick};
    if (a->a[0] && copyout(a->a[0], t, sizeof t))
        return -EFAULT;
    return (s64)(now_ns() / tick);
}

s64 sys_getpid(struct sysargs *a)
{
    return current->lens.tgid;
}

s64 sys_gettid(struct sysargs *a)
{
    return current->lens.pid;
}

s64 sys_getppid(struct sysargs *a)
{
    return current->lens.ppid;
}

s64 sys_set_tid_address(struct sysargs *a)
{
    current->clear_tid = a->a[0];
    return current->lens.pid;
}

s64 sys_setpgid(struct sysargs *a)
{
    struct proc *me = current->leader;
    struct proc *p = (u32)a->a[0] ? proc_find((u32)a->a[0]) : me;
    u32 pgid = (u32)a->a[1] ? (u32)a->a[1] : (u32)a->a[0];
    if ((s32)pgid < 0)
        return -EINVAL;
    if (p && p->leader != p)
        return -EINVAL;
    if (!p || (p != me && p->parent != me))
        return -ESRCH;
    if (!pgid)
        pgid = p->lens.pid;
    if (p->session != me->session)
        return -EPERM;
    if (p != me && p->space != me->space && p->execed)
        return -EACCES;
    if (p->session == p->lens.pid)
        return -EPERM;
    if (pgid != p->lens.pid && !pgrp_exists(pgid, me->session))
        return -EPERM;
    p->pgrp = pgid;
    return 0;
}

s64 sys_getpgid(struct sysargs *a)
{
    struct proc *p = proc_find_or_self((u32)a->a[0]);
    return p ? (s64)p->leader->pgrp : -ESRCH;
}

s64 sys_getsid(struct sysargs *a)
{
    struct proc *p = proc_find_or_self((u32)a->a[0]);
    return p ? (s64)p->leader->session : -ESRCH;
}

s64 sys_setsid(struct sysargs *a)
{
    struct proc *me = current->leader;
    for_each_proc(p) if (p->pgrp == me->lens.pid &&
                         (p != me || me->session == me->pgrp)) return -EPERM;
    if (me->pgrp == me->lens.pid)
        return -EPERM;
    me->session = me->pgrp = me->lens.pid;
    me->ctty = NULL;
    return me->session;
}

/* Any of four may be the second magic (reboot(2)). */
static bool reboot_magic2(u32 magic)
{
    return magic == LINUX_REBOOT_MAGIC2 || magic == LINUX_REBOOT_MAGIC2A ||
           magic == LINUX_REBOOT_MAGIC2B || magic == LINUX_REBOOT_MAGIC2C;
}

s64 sys_reboot(struct sysargs *a)
{
    if (!capable(CAP_SYS_BOOT))
        return -EPERM;
    if ((u32)a->a[0] != LINUX_REBOOT_MAGIC1 || !reboot_magic2((u32)a->a[1]))
        return -EINVAL;
    switch ((u32)a->a[2]) {
    case LINUX_REBOOT_CMD_CAD_ON: /* Ctrl-Alt-Del */
    case LINUX_REBOOT_CMD_CAD_OFF:
        return 0;
    case LINUX_REBOOT_CMD_RESTART:
        vfs_shutdown();
        sbi_reboot();
    case LINUX_REBOOT_CMD_HALT:
    case LINUX_REBOOT_CMD_POWER_OFF:
        vfs_shutdown();
        power_off((u8)a->a[3]); /* exit status; Linux ignores this argument */
    default:
        return -EINVAL;
    }
}
