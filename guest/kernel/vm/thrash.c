/* SPDX-License-Identifier: MIT */
/* Detects thrashing, at each fault that waited for the disk, over the last
 * vm.oom_thrash_secs seconds. The system thrashes if all this is true: for
 * vm.oom_thrash % of that time no process could run, and one waited for a disk;
 * at least LEAST_MAJORS faults a second waited; and refaults were at least half
 * as many (workingset_refault: the first read of a file is no refault). Then a
 * process is killed, chosen as for an out-of-memory kill, long before memory
 * and swap are used up. (After earlyoom and Facebook's oomd, 2018, which kill
 * early from user space; document 001 says that Linux itself kills early.) */
#include "vm/thrash.h"
#include "lib/tunable.h"
#include "task/proc.h"
#include "vm/reclaim.h"

#define LEAST_MAJORS 10u /* per second; fewer are no load for a disk */

struct sample {
    u64 at, waiting, refaults, majors;
};

static struct sample now_all(void)
{
    return (struct sample){now_ns(), hart_time.waiting, counters[C_REFAULT],
                           counters[C_PGMAJFAULT]};
}

void thrash_watch(void)
{
    static struct sample then;
    u64 percent = (u64)tun(TUN_OOM_THRASH);
    u64 window = (u64)tun(TUN_OOM_THRASH_SECS) * NSEC_PER_SEC;
    if (!percent || now_ns() - then.at < window)
        return;
    struct sample now = now_all(), old = then;
    then = now;
    u64 time = now.at - old.at, majors = now.majors - old.majors;
    u64 waited = (now.waiting - old.waiting) * 100 / time;
    u64 refaults = now.refaults - old.refaults;
    if (time > 2 * window || waited < percent || refaults * 2 < majors ||
        majors < LEAST_MAJORS * (time / NSEC_PER_SEC))
        return;
    kprintf("Thrashing: %lu%% of %lu s waiting for disks, %lu faults waited, "
            "%lu pages came back that had been taken\n",
            waited, time / NSEC_PER_SEC, majors, refaults);
    if (oom_kill(R_OOM_THRASH))
        COUNT(THRASHING);
}
