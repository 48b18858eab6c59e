/* SPDX-License-Identifier: MIT */
/* shmget, shmat, shmdt, shmctl: System V shared memory (vm/shm.h), as Linux
 * 6.12 has it (ipc/shm.c). Huge pages are not supported: EINVAL. */
#include "fs/vfs.h"
#include "task/proc.h"
#include "sys/syscall.h"
#include "vm/shm.h"
#include "vm/shmem.h"
#include "vm/space.h"
#include "vm/uaccess.h"

#include <asm/shmbuf.h>

/* linux/shm.h has these numbers, but needs a C library. */
#define SHM_HUGETLB 04000u
#define SHM_RDONLY  010000u
#define SHM_RND     020000u
#define SHM_REMAP   040000u
#define SHM_EXEC    0100000u
enum { SHM_LOCK = 11, SHM_UNLOCK, SHM_STAT, SHM_INFO, SHM_STAT_ANY };

/* True if the caller has all rights that the octal digits of `wanted` ask for:
 * 4 read, 2 write, 1 execute. Linux 6.12, ipc/util.c: ipcperms. */
static bool permitted(const struct shm *s, u32 wanted)
{
    const struct proc *me = current;
    u32 want = (wanted >> 6 | wanted >> 3 | wanted) & 7, mode = s->mode;
    bool group = me->egid == s->gid || me->egid == s->cgid ||
                 groups_have(me->groups, s->gid) ||
                 groups_have(me->groups, s->cgid);
    if (me->euid == s->uid || me->euid == s->cuid)
        mode >>= 6;
    else if (group)
        mode >>= 3;
    return !(want & ~mode & 7) || capable(CAP_IPC_OWNER);
}

static s64 get_old(struct shm *s, u64 size, u32 flags)
{
    if ((flags & (IPC_CREAT | IPC_EXCL)) == (IPC_CREAT | IPC_EXCL))
        return -EEXIST;
    if (size > s->size)
        return -EINVAL;
    return permitted(s, flags & 0777) ? s->id : -EACCES;
}

s64 sys_shmget(struct sysargs *a)
{
    s32 key = (s32)a->a[0];
    u64 size = a->a[1];
    u32 flags = (u32)a->a[2];
    struct shm *s = key == IPC_PRIVATE ? NULL : shm_by_key(key);
    if (s)
        return get_old(s, size, flags);
    if (key != IPC_PRIVATE && !(flags & IPC_CREAT))
        return -ENOENT;
    if (flags & SHM_HUGETLB)
        return -EINVAL;
    int err = shm_make(key, size, flags & (0777 | SHM_NORESERVE), &s);
    return err ? err : s->id;
}

/* Returns the address to attach at, 0 for any, or -EINVAL. space_map checks for
 * mappings in the way, since it may sleep and they may change meanwhile. */
static s64 attach_address(u64 addr, u64 len, u32 flags)
{
    if (addr % PAGE_SIZE && !(flags & SHM_RND))
        return -EINVAL;
    addr = PAGE_DOWN(addr);
    if (!addr)
        return flags & SHM_REMAP ? -EINVAL : 0;
    if (addr >= USER_TOP || len > USER_TOP - addr)
        return -EINVAL;
    return (s64)addr;
}

/* => sleeps in space_map (s->attaching keeps s) and then in space_populate */
s64 sys_shmat(struct sysargs *a)
{
    struct shm *s = shm_find((s32)a->a[0]);
    struct space *space = current->space;
    u32 flags = (u32)a->a[2];
    u32 rights = VMA_R | (flags & SHM_RDONLY ? 0 : VMA_W) |
                 (flags & SHM_EXEC ? VMA_X : 0);
    if (!s)
        return -EINVAL;
    s64 addr = attach_address(a->a[1], PAGE_UP(s->size), flags);
    if (addr < 0)
        return addr;
    if (!permitted(s,
                   (flags & SHM_RDONLY ? 4 : 6) | (flags & SHM_EXEC ? 1 : 0)))
        return -EACCES;
    struct map_request r = {
        .start = (u64)addr,
        .len = PAGE_UP(s->size),
        .flags = rights | VMA_SHARED,
        .may_flags = flags & SHM_RDONLY ? VMA_R | VMA_X : VMA_R | VMA_W | VMA_X,
        .object = s->object,
        .fixed = addr != 0,
        .noreplace = addr && !(flags & SHM_REMAP),
    };
    s->attaching++; /* space_map may replace the last mapping of s */
    s64 at = space_map(space, &r);
    s->attaching--;
    if (at == -EEXIST)
        at = -EINVAL;
    if (at >= 0) {
        s->atime = wall_now().sec;
        s->lpid = current->lens.tgid;
    }
    shm_free_if_unused(s);
    if (at >= 0 && space_locked_in(space, (u64)at, r.len))
        space_populate(space, (u64)at, r.len, true);
    return at;
}

/* Finds the lowest remaining mapping of a segment attached at addr, or NULL. */
static struct vma *attached_at(struct space *space, u64 addr)
{
    struct vma *v = vma_after(space, addr);
    while (v && !(shm_of(v) && v->lens.start - addr == v->lens.offset))
        v = vma_next(v);
    return v;
}

s64 sys_shmdt(struct sysargs *a)
{
    struct space *space = current->space;
    u64 addr = a->a[0];
    struct vma *v = addr % PAGE_SIZE ? NULL : attached_at(space, addr);
    if (!v)
        return -EINVAL;
    struct vm_object *o = v->object;
    object_ref(o);
    s64 err = 0;
    while (!err && (v = attached_at(space, addr)) && v->object == o)
        err = space_unmap(space, v->lens.start, v->lens.end - v->lens.start);
    object_unref(o);
    return err;
}

static struct shmid64_ds describe(const struct shm *s)
{
    return (struct shmid64_ds){
        .shm_perm.key = s->key,
        .shm_perm.uid = s->uid,
        .shm_perm.gid = s->gid,
        .shm_perm.cuid = s->cuid,
        .shm_perm.cgid = s->cgid,
        .shm_perm.mode = s->mode,
        .shm_perm.seq = (u16)((u32)s->id >> 15),
        .shm_segsz = s->size,
        .shm_atime = s->atime,
        .shm_dtime = s->dtime,
        .shm_ctime = s->ctime,
        .shm_cpid = s->cpid,
        .shm_lpid = s->lpid,
        .shm_nattch = shm_attached(s),
    };
}

static s64 highest_index(void)
{
    s64 most = 0;
    for (struct shm *s = NULL; (s = shm_next(s));)
        most = shm_index(s);
    return most;
}

static s64 put_limits(u64 to)
{
    const struct shm_limits *l = &shm_limits;
    u64 limits[9] = {l->max, 1, l->mni, l->mni, l->all};
    return copyout(to, limits, sizeof limits) ? -EFAULT : highest_index();
}

static s64 put_usage(u64 to)
{
    u64 usage[6] = {0}; /* segments, pages, in memory, in swap, 0, 0 */
    for (struct shm *s = NULL; (s = shm_next(s));) {
        usage[0]++;
        usage[1] += s->object->size >> PAGE_SHIFT;
        usage[2] += s->object->resident;
        usage[3] += shmem_in_swap(s->object);
    }
    return copyout(to, usage, sizeof usage) ? -EFAULT : highest_index();
}

static struct shm *by_index(u32 index)
{
    for (struct shm *s = NULL; (s = shm_next(s));)
        if (shm_index(s) == index)
            return s;
    return NULL;
}

static s64 put_shmid_ds(struct shm *s, u64 to, bool anybody, s64 ret)
{
    if (!s)
        return -EINVAL;
    if (!anybody && !permitted(s, 0444))
        return -EACCES;
    struct shmid64_ds ds = describe(s);
    return copyout(to, &ds, sizeof ds) ? -EFAULT : ret;
}

static s64 set_or_remove(s32 id, u32 cmd, u64 from)
{
    struct shmid64_ds ds;
    if (cmd == IPC_SET && copyin(&ds, from, sizeof ds))
        return -EFAULT;
    struct shm *s = shm_find(id);
    const struct proc *me = current;
    if (!s)
        return -EINVAL;
    if (me->euid != s->uid && me->euid != s->cuid && !capable(CAP_SYS_ADMIN))
        return -EPERM;
    if (cmd == IPC_RMID) {
        shm_remove(s);
        return 0;
    }
    s->uid = ds.shm_perm.uid;
    s->gid = ds.shm_perm.gid;
    s->mode = (s->mode & ~0777u) | (ds.shm_perm.mode & 0777);
    s->ctime = wall_now().sec;
    return 0;
}

/* SHM_LOCK, SHM_UNLOCK: allowed to the segment's owner and creator (SHM_LOCK
 * only if RLIMIT_MEMLOCK is not 0), and to anyone with CAP_IPC_LOCK. */
static s64 lock_segment(struct shm *s, bool on)
{
    const struct proc *me = current;
    if (!s)
        return -EINVAL;
    bool power = capable(CAP_IPC_LOCK);
    if (!power && me->euid != s->uid && me->euid != s->cuid)
        return -EPERM;
    if (!power && on && !me->leader->rlim[RLIMIT_MEMLOCK].cur)
        return -EPERM;
    if (on)
        return shm_lock(s);
    shm_unlock(s);
    return 0;
}

s64 sys_shmctl(struct sysargs *a)
{
    s32 id = (s32)a->a[0];
    u64 buf = a->a[2];
    struct shm *s;
    if (id < 0 || (s32)a->a[1] < 0)
        return -EINVAL;
    switch ((u32)a->a[1]) {
    case IPC_INFO:
        return put_limits(buf);
    case SHM_INFO:
        return put_usage(buf);
    case IPC_STAT:
        return put_shmid_ds(shm_find(id), buf, false, 0);
    case SHM_STAT:
    case SHM_STAT_ANY:
        s = by_index((u32)id);
        return put_shmid_ds(s, buf, (u32)a->a[1] == SHM_STAT_ANY,
                            s ? s->id : 0);
    case IPC_RMID:
    case IPC_SET:
        return set_or_remove(id, (u32)a->a[1], buf);
    case SHM_LOCK:
    case SHM_UNLOCK:
        return lock_segment(shm_find(id), (u32)a->a[1] == SHM_LOCK);
    default:
        return -EINVAL;
    }
}
