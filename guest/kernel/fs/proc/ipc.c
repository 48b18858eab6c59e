/* SPDX-License-Identifier: MIT */
/* /proc/sysvipc/shm shows the segments of shared memory in Linux's columns
 * (6.12, ipc/shm.c: sysvipc_shm_proc_show). */
#include "fs/proc/procfs.h"

#include "vm/shm.h"
#include "vm/shmem.h"

void show_sysvipc_shm(struct seq *s)
{
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
}
