/* SPDX-License-Identifier: MIT */
#include "fs/async.h"

#include "fs/poll.h"
#include "task/proc.h"
#include "vm/uaccess.h"

struct owner_ex {
    s32 type, pid;
};

static struct file_owner *owner_of(struct file *f)
{
    if (!f->owner && (f->owner = kzalloc(sizeof *f->owner))) {
        list_init(&f->owner->link);
        f->owner->file = f;
        f->owner->type = F_OWNER_PID;
    }
    return f->owner;
}

void file_owner_free(struct file *f)
{
    list_del(&f->owner->link);
    kfree(f->owner);
    f->owner = NULL;
}

/* True if some task, process group or session has this number. */
static bool number_exists(u32 pid)
{
    for_each_task(p) if (p->lens.pid == pid || p->leader->pgrp == pid ||
                         p->leader->session == pid) return true;
    return false;
}

static s64 set_owner(struct file *f, u32 type, u32 pid)
{
    struct file_owner *o = owner_of(f);
    if (!o)
        return -ENOMEM;
    if (pid && !number_exists(pid))
        return -ESRCH;
    const struct proc *p = proc_find(pid);
    o->type = type;
    o->pid = pid;
    o->since = p ? p->start_ns : 0;
    if (pid) {
        o->uid = current->uid;
        o->euid = current->euid;
    }
    return 0;
}

static s64 set_owner_ex(struct file *f, u64 arg)
{
    struct owner_ex ex;
    if (copyin(&ex, arg, sizeof ex))
        return -EFAULT;
    if (ex.type < F_OWNER_TID || ex.type > F_OWNER_PGRP)
        return -EINVAL;
    return set_owner(f, (u32)ex.type, (u32)ex.pid);
}

static bool is_owner(const struct file_owner *o, const struct proc *p)
{
    bool same = p->lens.pid == o->pid && p->start_ns == o->since;
    return o->type == F_OWNER_TID   ? same
           : p->leader != p         ? false
           : o->type == F_OWNER_PID ? same
                                    : p->pgrp == o->pid;
}

/* Returns the owner's number; 0 if it has ended. */
static s32 owner_now(const struct file_owner *o)
{
    if (o && o->pid)
        for_each_task(p) if (is_owner(o, p)) return (s32)o->pid;
    return 0;
}

int file_default_owner(struct file *f, u32 type, u32 pid)
{
    struct file_owner *o = owner_of(f);
    if (!o)
        return -ENOMEM;
    return o->pid ? 0 : (int)set_owner(f, type, pid);
}

s64 owner_fcntl(struct file *f, u32 cmd, u64 arg)
{
    const struct file_owner *o = f->owner;
    s32 who = (s32)arg;
    struct owner_ex ex = {o ? (s32)o->type : F_OWNER_TID, owner_now(o)};
    u32 uids[2] = {o ? o->uid : 0, o ? o->euid : 0};
    switch (cmd) {
    case F_GETOWN:
        return ex.type == F_OWNER_PGRP ? -ex.pid : ex.pid;
    case F_SETOWN:
        if (who == INT32_MIN) /* cannot be negated */
            return -EINVAL;
        return set_owner(f, who < 0 ? F_OWNER_PGRP : F_OWNER_PID,
                         (u32)(who < 0 ? -who : who));
    case F_GETOWN_EX:
        return copyout(arg, &ex, sizeof ex);
    case F_SETOWN_EX:
        return set_owner_ex(f, arg);
    case F_GETOWNER_UIDS:
        return copyout(arg, uids, sizeof uids);
    case F_GETSIG:
        return o ? o->sig : 0;
    case F_SETSIG:
        if ((u32)who > _NSIG)
            return -EINVAL;
        if (!owner_of(f))
            return -ENOMEM;
        f->owner->sig = who;
        return 0;
    default:
        return -ENOSYS;
    }
}

int file_set_async(struct file *f, s32 fd, bool on)
{
    if (!f->ops->async || on == ((f->flags & O_ASYNC) != 0))
        return 0;
    struct file_owner *o = owner_of(f);
    if (!o)
        return -ENOMEM;
    list_del(&o->link);
    f->flags &= ~O_ASYNC;
    if (on) {
        struct list *files = f->ops->async(f);
        if (!files)
            return -ENOMEM;
        o->fd = fd;
        list_add_tail(&o->link, files);
        f->flags |= O_ASYNC;
    }
    return 0;
}

/* True if the task that chose the owner might signal p itself. */
static bool may_signal(const struct file_owner *o, const struct proc *p)
{
    return !o->euid || o->euid == p->suid || o->euid == p->uid ||
           o->uid == p->suid || o->uid == p->uid;
}

/* True if some codes of sig mean something else than POLL_IN and its like. */
static bool has_own_codes(s32 sig)
{
    return sig == SIGILL || sig == SIGFPE || sig == SIGSEGV || sig == SIGBUS ||
           sig == SIGTRAP || sig == SIGCHLD || sig == SIGSYS;
}

static int send(struct proc *p, u32 type, int sig, const struct siginfo *info)
{
    return type == F_OWNER_TID ? signal_send_task(p, sig, info)
                               : signal_send(p, sig, info);
}

/* If the signal of F_SETSIG cannot be queued, SIGIO takes its place. */
static void tell(const struct file_owner *o, struct proc *p, s32 code)
{
    struct siginfo info = {.si_signo = o->sig, .si_code = code};
    info.si_band = code == POLL_IN ? POLLIN | POLLRDNORM
                                   : POLLOUT | POLLWRNORM | POLLWRBAND;
    info.si_fd = o->fd;
    if (has_own_codes(o->sig))
        info.si_code = SI_SIGIO;
    if (!o->sig || send(p, o->type, o->sig, &info))
        send(p, o->type, SIGIO, NULL);
}

void async_signal_owners(struct list *files, s32 code)
{
    const struct file_owner *o;
    list_for_each_entry(o, files, link)
    {
        bool means_it =
            code == POLL_IN ? file_readable(o->file) : file_writable(o->file);
        if (!o->pid || !means_it)
            continue;
        for_each_task(p) if (is_owner(o, p) && may_signal(o, p))
            tell(o, p, code);
    }
}
