/* SPDX-License-Identifier: MIT */
#include "proc/cap.h"
#include "proc/proc.h"

/* CHOWN, DAC_OVERRIDE, DAC_READ_SEARCH, FOWNER, FSETID, LINUX_IMMUTABLE, MKNOD,
 * MAC_OVERRIDE (include/linux/capability.h: CAP_FS_SET). */
#define CAP_OF_FILES (0x1ful | 1ul << 9 | 1ul << 27 | 1ul << 32)

bool capable(u32 c)
{
    return current->caps.effective >> c & 1;
}

void caps_exec(struct proc *p)
{
    struct caps *c = &p->caps;
    bool root = !p->uid || !p->euid;
    c->permitted = root ? c->bounding | c->inheritable : 0;
    c->effective = p->euid ? 0 : c->permitted;
}

void caps_uids_changed(struct proc *p, u32 uid, u32 euid, u32 suid)
{
    struct caps *c = &p->caps;
    bool was_root = !uid || !euid || !suid;
    if (was_root && p->uid && p->euid && p->suid)
        c->permitted = c->effective = 0;
    if (!euid && p->euid)
        c->effective = 0;
    if (euid && !p->euid)
        c->effective = c->permitted;
}

void caps_fsuid_changed(struct proc *p, u32 fsuid)
{
    struct caps *c = &p->caps;
    if (!fsuid && p->fsuid)
        c->effective &= ~CAP_OF_FILES;
    if (fsuid && !p->fsuid)
        c->effective |= c->permitted & CAP_OF_FILES;
}
