/* SPDX-License-Identifier: MIT */
/* capget(2), capset(2), as Linux 6.12 has them (kernel/capability.c). */
#include "task/cap.h"
#include "task/proc.h"
#include "sys/syscall.h"
#include "vm/uaccess.h"

#define VERSION_1 0x19980330u /* one word for each set; the others have two */
#define VERSION_2 0x20071026u
#define VERSION_3 0x20080522u

struct cap_header {
    u32 version;
    s32 pid;
};
struct cap_words {
    u32 effective, permitted, inheritable;
};

/* Reads the header. Sets *words to the number of words that a set has in the
 * header's version. Returns 0; -EFAULT; -EINVAL for an unknown version, and
 * stores VERSION_3 in the header. */
static int header_in(u64 from, struct cap_header *h, u32 *words)
{
    const u32 known = VERSION_3;
    if (copyin(&h->version, from, sizeof h->version)) /* first, alone */
        return -EFAULT;
    *words = h->version == VERSION_1 ? 1 : 2;
    if (h->version == VERSION_1 || h->version == VERSION_2 ||
        h->version == VERSION_3)
        return copyin(h, from, sizeof *h) ? -EFAULT : 0;
    return copyout(from, &known, sizeof known) ? -EFAULT : -EINVAL;
}

s64 sys_capget(struct sysargs *a)
{
    struct cap_header h;
    struct cap_words w[2];
    u32 words;
    int err = header_in(a->a[0], &h, &words);
    if (err)
        return err == -EINVAL && !a->a[1] ? 0 : err;
    if (!a->a[1])
        return 0;
    if (h.pid < 0)
        return -EINVAL;
    const struct proc *p = proc_find_or_self((u32)h.pid);
    if (!p)
        return -ESRCH;
    for (u32 i = 0; i < 2; i++) {
        w[i].effective = (u32)(p->caps.effective >> (32 * i));
        w[i].permitted = (u32)(p->caps.permitted >> (32 * i));
        w[i].inheritable = (u32)(p->caps.inheritable >> (32 * i));
    }
    return copyout(a->a[1], w, words * sizeof *w) ? -EFAULT : 0;
}

static bool is_subset(u64 some, u64 of)
{
    return !(some & ~of);
}

/* Changes capabilities as security/commoncap.c: cap_capset does. */
static int set_caps(struct caps *old, const struct caps *new)
{
    u64 may_inherit = old->inheritable | old->permitted;
    if (!capable(CAP_SETPCAP) && !is_subset(new->inheritable, may_inherit))
        return -EPERM;
    if (!is_subset(new->inheritable, old->inheritable | old->bounding) ||
        !is_subset(new->permitted, old->permitted) ||
        !is_subset(new->effective, new->permitted))
        return -EPERM;
    old->effective = new->effective;
    old->permitted = new->permitted;
    old->inheritable = new->inheritable;
    old->ambient &= new->permitted &new->inheritable;
    return 0;
}

s64 sys_capset(struct sysargs *a)
{
    struct cap_header h;
    struct cap_words w[2] = {0};
    struct caps new = {0};
    u32 words;
    int err = header_in(a->a[0], &h, &words);
    if (err)
        return err;
    if (h.pid && (u32)h.pid != current->lens.pid)
        return -EPERM; /* only the caller's own */
    if (copyin(w, a->a[1], words * sizeof *w))
        return -EFAULT;
    for (u32 i = 0; i < 2; i++) {
        new.effective |= (u64)w[i].effective << (32 * i);
        new.permitted |= (u64)w[i].permitted << (32 * i);
        new.inheritable |= (u64)w[i].inheritable << (32 * i);
    }
    new.effective &= CAP_ALL;
    new.permitted &= CAP_ALL;
    new.inheritable &= CAP_ALL;
    return set_caps(&current->caps, &new);
}
