/* SPDX-License-Identifier: MIT */
/* /proc/counters prints one consistent reading of all gauges and counters: a
 * line "name value" for each. The value is "-" if the machine or the current
 * policy lacks it. The period tools (/era) compute their columns from it. */
#include "fs/proc/counters.h"

#include "drv/virtio_blk.h"
#include "fs/buffer.h"
#include "fs/file.h"
#include "fs/flock.h"
#include "fs/icache.h"
#include "fs/proc/procfs.h"
#include "task/proc.h"
#include "drv/lens.h"
#include "vm/reclaim.h"
#include "vm/space.h"

static s64 processes(void)
{
    s64 n = 0;
    for (struct proc *p = proc_after(0); p; p = proc_after(p->lens.pid))
        n++;
    return n;
}

/* Inodes of ext2, blank ones too; up to Solaris 2.3 ufs_ninode limits them. */
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

enum disk_part { BLOCKS, BUSY, WAIT, SERVE };

static s64 disk_part(int i, enum disk_part part)
{
    struct blkdev *d = blk_dev(i);
    struct blkstat st;
    if (!d)
        return -1;
    blk_stat(d, &st);
    switch (part) {
    case BLOCKS:
        return (s64)(st.sectors[BLK_READ] + st.sectors[BLK_WRITE]);
    case BUSY:
        return (s64)st.busy_ns / 1000;
    case WAIT:
        return (s64)st.wait_ns / 1000;
    default:
        return (s64)(st.ns[BLK_READ] + st.ns[BLK_WRITE] - st.wait_ns) / 1000;
    }
}

#define disk_blocks(i)   disk_part(i, BLOCKS)
#define disk_busy_us(i)  disk_part(i, BUSY)
#define disk_wait_us(i)  disk_part(i, WAIT)
#define disk_serve_us(i) disk_part(i, SERVE)

/* Returns Solaris's available swap: memory that the kernel does not use, plus
 * swap, minus the memory promised to programs. */
static s64 unreserved(const struct vm_stats *st)
{
    u64 kernel = st->kernel + st->pgtables;
    kernel -= MIN(kernel, boot_frames);
    u64 all = st->total - MIN(st->total, kernel) + st->swap_total;
    return (s64)(all - MIN(all, st->committed));
}

/* Returns the value of a policy's gauge (lens_info.gauges); -1: none. */
static s64 policy_gauge(const char *name)
{
    for (u32 i = 0; i < LENS_GAUGES && *lens_info.gauges[i].name; i++)
        if (!strcmp(lens_info.gauges[i].name, name))
            return (s64) * (u64 *)pa_va(lens_info.gauges[i].value_pa);
    return -1;
}

static const struct {
    const char *name;
    enum notion notion;
} rows[NUMBERS] = {
#define GAUGE(id, name, unit, notion, value, moves, sentence)                  \
    {name, NOTION_##notion},
#include "abi/gauges.def"
#define COUNTER(id, name, unit, notion, events, sentence)                      \
    {name, NOTION_##notion},
#include "abi/counters.def"
};

const s64 *numbers_now(void)
{
    static s64 all[NUMBERS];
    struct vm_stats st;
    u32 n = 0;

    const struct kmem_pools kmem = kmem_pools();
    vm_stats(&st);
#define GAUGE(id, name, unit, notion, value, moves, sentence)                  \
    all[n++] = (s64)(value);
#include "abi/gauges.def"
    for (u32 i = 0; i < C_COUNT; i++)
        all[n++] = (s64)counters[i];
    for (u32 i = 0; i < NUMBERS; i++)
        if (!reclaim_has(rows[i].notion) || all[i] < 0)
            all[i] = NUMBER_ABSENT;
    return all;
}

static s64 by_name(const s64 *all, const char *name, size_t n)
{
    for (u32 i = 0; i < NUMBERS; i++)
        if (strlen(rows[i].name) == n && !memcmp(rows[i].name, name, n))
            return all[i];
    panic("outputs.def: %s: no such number", name);
}

s64 number_of(const s64 *all, const char *source)
{
    s64 sum = 0;
    bool any = false, minus = false;

    for (const char *p = source; *p;) {
        size_t n = 0;
        while (p[n] && p[n] != '+' && p[n] != '-')
            n++;
        s64 v = by_name(all, p, n);
        any |= v != NUMBER_ABSENT;
        if (v != NUMBER_ABSENT)
            sum += minus ? -v : v;
        p += n;
        minus = *p == '-';
        p += *p != 0;
    }
    return any ? sum : NUMBER_ABSENT;
}

void show_counters(struct seq *s)
{
    const s64 *all = numbers_now();

    for (u32 i = 0; i < NUMBERS; i++)
        if (all[i] == NUMBER_ABSENT)
            seq_printf(s, "%s -\n", rows[i].name);
        else
            seq_printf(s, "%s %ld\n", rows[i].name, all[i]);
}
