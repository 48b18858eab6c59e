/* SPDX-License-Identifier: MIT */
/* User and group ids, as POSIX defines their calls. A process that gives up
 * root's ids loses its capabilities (task/cap.h). */
#include "task/proc.h"
#include "sys/syscall.h"
#include "vm/space.h"
#include "vm/uaccess.h"

s64 sys_getuid(struct sysargs *a)
{
    return current->uid;
}
s64 sys_geteuid(struct sysargs *a)
{
    return current->euid;
}
s64 sys_getgid(struct sysargs *a)
{
    return current->gid;
}
s64 sys_getegid(struct sysargs *a)
{
    return current->egid;
}

#define KEEP ((u32)-1)

/* True if the caller may take the id `want`: the caller may take any (`any`),
 * or `want` is one of its three ids. KEEP is always allowed. */
static bool may_take_id(bool any, u32 want, u32 real, u32 effective, u32 saved)
{
    return want == KEEP || any || want == real || want == effective ||
           want == saved;
}

/* After a change of the effective or file-system ids the memory may hold
 * secrets of either user, so neither may look at it; nor may the parent's death
 * send a signal any more (Linux 6.12, kernel/cred.c: commit_creds). */
static void acts_as_changed(u32 uid, u32 fsuid, u32 gid, u32 fsgid)
{
    struct proc *me = current;
    if (me->euid != uid || me->fsuid != fsuid || me->egid != gid ||
        me->fsgid != fsgid) {
        me->space->dumpable = false;
        me->pdeathsig = 0;
    }
}

static s64 set_uids(u32 real, u32 effective, u32 saved)
{
    struct proc *me = current;
    bool any = capable(CAP_SETUID);
    u32 uid = me->uid, euid = me->euid, suid = me->suid, fsuid = me->fsuid;
    if (!may_take_id(any, real, me->uid, me->euid, me->suid) ||
        !may_take_id(any, effective, me->uid, me->euid, me->suid) ||
        !may_take_id(any, saved, me->uid, me->euid, me->suid))
        return -EPERM;
    me->uid = real == KEEP ? me->uid : real;
    me->suid = saved == KEEP ? me->suid : saved;
    me->euid = effective == KEEP ? me->euid : effective;
    me->fsuid = me->euid;
    caps_uids_changed(me, uid, euid, suid);
    acts_as_changed(euid, fsuid, me->egid, me->fsgid);
    return 0;
}

static s64 set_gids(u32 real, u32 effective, u32 saved)
{
    struct proc *me = current;
    u32 egid = me->egid, fsgid = me->fsgid;
    bool any = capable(CAP_SETGID);
    if (!may_take_id(any, real, me->gid, me->egid, me->sgid) ||
        !may_take_id(any, effective, me->gid, me->egid, me->sgid) ||
        !may_take_id(any, saved, me->gid, me->egid, me->sgid))
        return -EPERM;
    me->gid = real == KEEP ? me->gid : real;
    me->sgid = saved == KEEP ? me->sgid : saved;
    me->egid = effective == KEEP ? me->egid : effective;
    me->fsgid = me->egid;
    acts_as_changed(me->euid, me->fsuid, egid, fsgid);
    return 0;
}

/* KEEP is no id here. Without the capability, the new effective id must be the
 * real or the saved one. */
s64 sys_setuid(struct sysargs *a)
{
    u32 id = (u32)a->a[0];
    if (id == KEEP)
        return -EINVAL;
    if (capable(CAP_SETUID))
        return set_uids(id, id, id);
    return id == current->uid || id == current->suid ? set_uids(KEEP, id, KEEP)
                                                     : -EPERM;
}
s64 sys_setgid(struct sysargs *a)
{
    u32 id = (u32)a->a[0];
    if (id == KEEP)
        return -EINVAL;
    if (capable(CAP_SETGID))
        return set_gids(id, id, id);
    return id == current->gid || id == current->sgid ? set_gids(KEEP, id, KEEP)
                                                     : -EPERM;
}
/* Without CAP_SETUID or CAP_SETGID the real id cannot be set to the saved one.
 * `follow`: the call also sets the saved id, to the new effective id. */
s64 sys_setreuid(struct sysargs *a)
{
    u32 uid = current->uid, euid = current->euid;
    u32 real = (u32)a->a[0], eff = (u32)a->a[1];
    bool follow = real != KEEP || (eff != KEEP && eff != uid);
    if (!may_take_id(capable(CAP_SETUID), real, uid, euid, KEEP))
        return -EPERM;
    return set_uids(real, eff, !follow ? KEEP : eff == KEEP ? euid : eff);
}
s64 sys_setregid(struct sysargs *a)
{
    u32 gid = current->gid, egid = current->egid;
    u32 real = (u32)a->a[0], eff = (u32)a->a[1];
    bool follow = real != KEEP || (eff != KEEP && eff != gid);
    if (!may_take_id(capable(CAP_SETGID), real, gid, egid, KEEP))
        return -EPERM;
    return set_gids(real, eff, !follow ? KEEP : eff == KEEP ? egid : eff);
}

static bool stays(u32 id, u32 old)
{
    return id == KEEP || id == old;
}

/* If no id changes, the calls leave the file-system id alone, too. */
s64 sys_setresuid(struct sysargs *a)
{
    const struct proc *me = current;
    u32 real = (u32)a->a[0], effective = (u32)a->a[1], saved = (u32)a->a[2];
    if (stays(real, me->uid) && stays(effective, me->euid) &&
        stays(effective, me->fsuid) && stays(saved, me->suid))
        return 0;
    return set_uids(real, effective, saved);
}
s64 sys_setresgid(struct sysargs *a)
{
    const struct proc *me = current;
    u32 real = (u32)a->a[0], effective = (u32)a->a[1], saved = (u32)a->a[2];
    if (stays(real, me->gid) && stays(effective, me->egid) &&
        stays(effective, me->fsgid) && stays(saved, me->sgid))
        return 0;
    return set_gids(real, effective, saved);
}

static s64 three_out(struct sysargs *a, u32 x, u32 y, u32 z)
{
    return copyout(a->a[0], &x, 4) || copyout(a->a[1], &y, 4) ||
                   copyout(a->a[2], &z, 4)
               ? -EFAULT
               : 0;
}
s64 sys_getresuid(struct sysargs *a)
{
    return three_out(a, current->uid, current->euid, current->suid);
}
s64 sys_getresgid(struct sysargs *a)
{
    return three_out(a, current->gid, current->egid, current->sgid);
}

/* Both calls return the previous id; if refused, they change nothing. */
s64 sys_setfsuid(struct sysargs *a)
{
    struct proc *me = current;
    u32 old = me->fsuid, id = (u32)a->a[0];
    if (id != KEEP &&
        may_take_id(capable(CAP_SETUID), id, me->uid, me->euid, me->suid)) {
        me->fsuid = id;
        caps_fsuid_changed(me, old);
        acts_as_changed(me->euid, old, me->egid, me->fsgid);
    }
    return old;
}
s64 sys_setfsgid(struct sysargs *a)
{
    struct proc *me = current;
    u32 old = me->fsgid, id = (u32)a->a[0];
    if (id != KEEP &&
        may_take_id(capable(CAP_SETGID), id, me->gid, me->egid, me->sgid))
        me->fsgid = id;
    acts_as_changed(me->euid, me->fsuid, me->egid, old);
    return old;
}

s64 sys_getgroups(struct sysargs *a)
{
    s32 room = (s32)a->a[0];
    const struct groups *g = current->groups;
    u32 n = g ? g->n : 0;
    if (room < 0 || (room && (u32)room < n))
        return -EINVAL;
    if (room && n && copyout(a->a[1], g->id, n * sizeof *g->id))
        return -EFAULT;
    return n;
}

s64 sys_setgroups(struct sysargs *a)
{
    u32 n = (u32)a->a[0];
    int err = 0;
    if (!capable(CAP_SETGID))
        return -EPERM;
    if (n > NGROUPS_MOST)
        return -EINVAL;
    struct groups *new = n ? groups_new(n) : NULL;
    if (n && !new)
        return -ENOMEM;
    if (n)
        err = copyin(new->id, a->a[1], n * sizeof *new->id);
    for (u32 i = 0; !err && i < n; i++)
        if (new->id[i] == KEEP)
            err = -EINVAL;
    if (err) {
        groups_put(new);
        return err;
    }
    if (n)
        groups_sort(new);
    groups_put(current->groups);
    current->groups = new;
    return 0;
}
