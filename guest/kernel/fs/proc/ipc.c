/* SPDX-License-Identifier: MIT */
/* System V shared memory: /proc/sysvipc/shm, the segments in Linux's columns
 * (6.12, ipc/shm.c: sysvipc_shm_proc_show); /proc/sys/kernel/shm*, the limits
 * (ipc/ipc_sysctl.c). */
#include "fs/proc/procfs.h"

#include "vm/shm.h"
#include "vm/shmem.h"

int show_sysvipc_shm(struct seq *s, struct proc *p)
{
    (void)p;
    seq_printf(s, "       key      shmid perms                  size  cpid  "
                  "lpid nattch   uid   gid  cuid  cgid      atime      dtime "
                  "     ctime                   rss                  swap\n");
    for (struct shm *m = NULL; (m = shm_next(m));)
        seq_printf(s,
                   "%10d %10d  %4o %21lu %5u %5u  %5lu %5u %5u %5u %5u "
                   "%10ld %10ld %10ld %21lu %21lu\n",
                   m->key, m->id, m->mode, m->size, m->cpid, m->lpid,
                   shm_attached(m), m->uid, m->gid, m->cuid, m->cgid, m->atime,
                   m->dtime, m->ctime, m->object->resident * PAGE_SIZE,
                   shmem_in_swap(m->object) * PAGE_SIZE);
    return 0;
}

#define LIMIT(name, member, most)                                              \
    int show_##name(struct seq *s, struct proc *p)                             \
    {                                                                          \
        (void)p;                                                               \
        seq_printf(s, "%lu\n", shm_limits.member);                             \
        return 0;                                                              \
    }                                                                          \
    int write_##name(struct proc *p, const char *text, size_t n)               \
    {                                                                          \
        (void)p;                                                               \
        return text_number(text, n, most, &shm_limits.member);                 \
    }
LIMIT(shmmax, max, ~0ul)
LIMIT(shmall, all, ~0ul)
LIMIT(shmmni, mni, SHM_MNI_MAX)

int show_shm_next_id(struct seq *s, struct proc *p)
{
    (void)p;
    seq_printf(s, "%d\n", shm_limits.next_id);
    return 0;
}

int write_shm_next_id(struct proc *p, const char *text, size_t n)
{
    u64 id;
    int err = text_number(text, n, INT32_MAX, &id);

    (void)p;
    if (!err)
        shm_limits.next_id = (s32)id;
    return err;
}
