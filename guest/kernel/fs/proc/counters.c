/* SPDX-License-Identifier: MIT */
/* /proc/counters: every gauge and every counter at one moment, "name value" a
 * line; "-" where this machine or the policy in force has no such thing. The
 * period tools (/era) print their columns from it. */
#include "fs/proc/procfs.h"

#include "drv/virtio_blk.h"
#include "fs/file.h"
#include "fs/flock.h"
#include "fs/icache.h"
#include "proc/proc.h"
#include "vm/lens.h"
#include "vm/reclaim.h"
#include "vm/space.h"

static s64 processes(void)
{
    s64 n = 0;
    for (struct proc *p = proc_after(0); p; p = proc_after(p->lens.pid))
        n++;
    return n;
}

/* Of the cache that SunOS's ufs_ninode is about: that of disks. */
static s64 inodes(void)
{
    return inode_cache_of("ext2")->existing;
}

static s64 idle_inodes(void)
{
    return inode_cache_of("ext2")->nidle;
}

static s64 disk_requests(int i)
{
    struct blkdev *d = blk_dev(i);
    struct blkstat st;
    if (!d)
        return -1;
    blk_stat(d, &st);
    return (s64)(st.ios[BLK_READ] + st.ios[BLK_WRITE]);
}

/* Solaris's available swap: memory that is not the kernel's, and swap, less
 * what programs have been promised. */
static s64 unreserved(const struct vm_stats *st)
{
    u64 kernel = st->kernel + st->pgtables;
    kernel -= MIN(kernel, boot_frames);
    u64 all = st->total - MIN(st->total, kernel) + st->swap_total;
    return (s64)(all - MIN(all, st->committed));
}

/* A number that the policy shows (lens_info.gauges); -1: it has none such. */
static s64 policy_gauge(const char *name)
{
    for (u32 i = 0; i < LENS_GAUGES && *lens_info.gauges[i].name; i++)
        if (!strcmp(lens_info.gauges[i].name, name))
            return (s64) * (u64 *)pa_va(lens_info.gauges[i].value_pa);
    return -1;
}

static void row(struct seq *s, const char *name, enum notion notion, s64 value)
{
    if (reclaim_has(notion) && value >= 0)
        seq_printf(s, "%s %ld\n", name, value);
    else
        seq_printf(s, "%s -\n", name);
}

int show_counters(struct seq *s, struct proc *p)
{
    struct vm_stats st;

    (void)p;
    vm_stats(&st);
#define GAUGE(id, name, unit, notion, value, sentence)                         \
    row(s, name, NOTION_##notion, (s64)(value));
#include "abi/gauges.def"
#undef GAUGE
#define COUNTER(id, name, unit, notion, events, sentence)                      \
    row(s, name, NOTION_##notion, (s64)counters[C_##id]);
#include "abi/counters.def"
#undef COUNTER
    return 0;
}
