/* SPDX-License-Identifier: MIT */
#include "task/cap.h"
#include "task/proc.h"

#include <linux/prctl.h>

/* CHOWN, DAC_OVERRIDE, DAC_READ_SEARCH, FOWNER, FSETID, LINUX_IMMUTABLE, MKNOD,
 * MAC_OVERRIDE (include/linux/capability.h: CAP_FS_SET). */
#define CAP_OF_FILES (0x1ful | 1ul << 9 | 1ul << 27 | 1ul << 32)

bool capable(u32 c)
{
    return current->caps.effective >> c & 1;
}

static bool has_bit(const struct caps *c, u32 securebit)
{
    return c->securebits & securebit;
}

bool caps_exec(struct proc *p)
{
    struct caps *c = &p->caps;
    u64 had = c->permitted;
    bool may_be_root = !has_bit(c, SECBIT_NOROOT);
    bool root = may_be_root && (!p->uid || !p->euid);
    bool effective = may_be_root && !p->euid;
    bool other_user = p->euid != p->uid || p->egid != p->gid;
    c->permitted = root ? c->bounding | c->inheritable : 0;
    if (c->no_new_privs && (other_user || (c->permitted & ~had))) {
        p->euid = p->uid;
        p->egid = p->gid;
        c->permitted &= had;
    }
    p->suid = p->fsuid = p->euid;
    p->sgid = p->fsgid = p->egid;
    if (other_user)
        c->ambient = 0;
    c->permitted |= c->ambient;
    c->effective = effective ? c->permitted : c->ambient;
    c->securebits &= ~SECBIT_KEEP_CAPS;
    return other_user;
}

void caps_uids_changed(struct proc *p, u32 uid, u32 euid, u32 suid)
{
    struct caps *c = &p->caps;
    bool was_root = !uid || !euid || !suid;
    if (has_bit(c, SECBIT_NO_SETUID_FIXUP))
        return;
    if (was_root && p->uid && p->euid && p->suid) {
        if (!has_bit(c, SECBIT_KEEP_CAPS))
            c->permitted = c->effective = 0;
        c->ambient = 0;
    }
    if (!euid && p->euid)
        c->effective = 0;
    if (euid && !p->euid)
        c->effective = c->permitted;
}

void caps_fsuid_changed(struct proc *p, u32 fsuid)
{
    struct caps *c = &p->caps;
    if (has_bit(c, SECBIT_NO_SETUID_FIXUP))
        return;
    if (!fsuid && p->fsuid)
        c->effective &= ~CAP_OF_FILES;
    if (fsuid && !p->fsuid)
        c->effective |= c->permitted & CAP_OF_FILES;
}

static s64 set_securebits(struct caps *c, u64 bits)
{
    u32 locks = c->securebits & SECURE_ALL_LOCKS;
    if (!capable(CAP_SETPCAP) || (locks & ~bits) ||
        (locks >> 1 & (c->securebits ^ bits)) ||
        (bits & ~(u64)(SECURE_ALL_BITS | SECURE_ALL_LOCKS)))
        return -EPERM;
    c->securebits = (u32)bits;
    return 0;
}

static s64 set_keep_caps(struct caps *c, u64 keep)
{
    if (keep > 1)
        return -EINVAL;
    if (has_bit(c, SECBIT_KEEP_CAPS_LOCKED))
        return -EPERM;
    c->securebits &= ~SECBIT_KEEP_CAPS;
    if (keep)
        c->securebits |= SECBIT_KEEP_CAPS;
    return 0;
}

static s64 drop_bounding(struct caps *c, u64 cap)
{
    if (!capable(CAP_SETPCAP))
        return -EPERM;
    if (cap > CAP_LAST_CAP)
        return -EINVAL;
    c->bounding &= ~(1ul << cap);
    return 0;
}

static s64 ambient_call(struct caps *c, const u64 arg[4])
{
    bool clear = arg[0] == PR_CAP_AMBIENT_CLEAR_ALL;
    if (arg[1] > (clear ? 0 : CAP_LAST_CAP) || arg[2] || arg[3])
        return -EINVAL;
    u64 bit = 1ul << arg[1];
    switch (arg[0]) {
    case PR_CAP_AMBIENT_CLEAR_ALL:
        c->ambient = 0;
        return 0;
    case PR_CAP_AMBIENT_IS_SET:
        return (c->ambient & bit) != 0;
    case PR_CAP_AMBIENT_RAISE:
        if (!(c->permitted & c->inheritable & bit) ||
            has_bit(c, SECBIT_NO_CAP_AMBIENT_RAISE))
            return -EPERM;
        c->ambient |= bit;
        return 0;
    case PR_CAP_AMBIENT_LOWER:
        c->ambient &= ~bit;
        return 0;
    default:
        return -EINVAL;
    }
}

s64 caps_prctl(u32 option, const u64 arg[4])
{
    struct caps *c = &current->caps;
    bool more = arg[1] | arg[2] | arg[3];
    switch (option) {
    case PR_CAPBSET_READ:
        return arg[0] > CAP_LAST_CAP ? -EINVAL
                                     : (s64)(c->bounding >> arg[0] & 1);
    case PR_CAPBSET_DROP:
        return drop_bounding(c, arg[0]);
    case PR_GET_SECUREBITS:
        return c->securebits;
    case PR_SET_SECUREBITS:
        return set_securebits(c, arg[0]);
    case PR_GET_KEEPCAPS:
        return has_bit(c, SECBIT_KEEP_CAPS);
    case PR_SET_KEEPCAPS:
        return set_keep_caps(c, arg[0]);
    case PR_CAP_AMBIENT:
        return ambient_call(c, arg);
    case PR_GET_NO_NEW_PRIVS:
        return arg[0] || more ? -EINVAL : c->no_new_privs;
    case PR_SET_NO_NEW_PRIVS:
        if (arg[0] != 1 || more)
            return -EINVAL;
        c->no_new_privs = true;
        return 0;
    default:
        return -ENOSYS;
    }
}
