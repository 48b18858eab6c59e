/* SPDX-License-Identifier: MIT */
/* Serves meminfo, vmstat, zoneinfo, buddyinfo, cache, audit, drop_caches. */
#include "fs/proc/procfs.h"

#include "fs/buffer.h"
#include "fs/icache.h"
#include "vm/census.h"
#include "vm/huge.h"
#include "vm/pte.h"
#include "vm/reclaim.h"
#include "vm/space.h"
#include "vm/shm.h"
#include "vm/writeback.h"
#include "vm/zone.h"

static void line(struct seq *s, const char *name, u64 kib)
{
    seq_printf(s, "%s:%*lu kB\n", name, 23 - (int)strlen(name), kib);
}

void show_meminfo(struct seq *s)
{
    struct vm_stats st;
    u64 k = PAGE_SIZE / 1024;

    vm_stats(&st);
    vm_stats_activity(&st);
    line(s, "MemTotal", st.total * k);
    line(s, "MemFree", st.free * k);
    line(s, "MemAvailable", st.available * k);
    line(s, "Buffers", buf_bytes() / 1024);
    line(s, "Cached", (st.file + st.shmem) * k);
    line(s, "SwapCached", st.swap_cached * k);
    line(s, "Active", st.active * k); /* on active lists, or marked as used */
    line(s, "Inactive", st.inactive * k);
    line(s, "Unevictable", (st.mlocked + shm_locked_frames()) * k);
    line(s, "Mlocked", st.mlocked * k);
    line(s, "SwapTotal", st.swap_total * k);
    line(s, "SwapFree", st.swap_free * k);
    line(s, "Dirty", st.dirty * k);
    line(s, "Writeback", st.writeback * k);
    line(s, "AnonPages", st.anon * k);
    line(s, "Mapped", st.mapped * k);
    line(s, "Shmem", st.shmem * k);
    line(s, "Slab", st.slab * k);
    line(s, "SReclaimable", 0);
    line(s, "SUnreclaim", st.slab * k);
    line(s, "KernelStack", st.kstack * k);
    line(s, "PageTables", st.pgtables * k);
    line(s, "CommitLimit", commit_limit() * k);
    line(s, "Committed_AS", st.committed * k);
    line(s, "VmallocTotal", 0);
    line(s, "VmallocUsed", 0);
    line(s, "AnonHugePages", huge_frames() * k);
}

void show_vmstat(struct seq *s)
{
    struct vm_stats st;

    vm_stats(&st);
    seq_printf(s, "nr_free_pages %lu\n", st.free);
    seq_printf(s, "nr_anon_pages %lu\n", st.anon);
    seq_printf(s, "nr_anon_or_swapped %lu\n", st.anon_all);
    seq_printf(s, "nr_swapcached %lu\n", st.swap_cached);
    seq_printf(s, "nr_writeback %lu\n", st.writeback);
    seq_printf(s, "nr_unevictable %lu\n", st.mlocked + shm_locked_frames());
    seq_printf(s, "nr_mlock %lu\n", st.mlocked);
    seq_printf(s, "nr_mapped %lu\n", st.mapped);
    seq_printf(s, "nr_file_pages %lu\n", st.file + st.shmem);
    seq_printf(s, "nr_dirty %lu\n", st.dirty);
    seq_printf(s, "nr_shmem %lu\n", st.shmem);
    seq_printf(s, "nr_page_table_pages %lu\n", st.pgtables);
    seq_printf(s, "nr_anon_transparent_hugepages %lu\n",
               huge_frames() / PTE_COUNT);
    seq_printf(s, "nr_dirty_threshold %lu\n", dirty_limit());
    seq_printf(s, "nr_dirty_background_threshold %lu\n", dirty_background());
#define COUNTER(id, name, unit, notion, events, sentence)                      \
    seq_printf(s, "%s %lu\n", name, counters[C_##id]);
#include "abi/counters.def"
}

static void seq_zone(struct seq *s, const struct zone *z)
{
    u64 active, inactive;

    vm_zone_activity(z, &active, &inactive);
    seq_printf(s, "Node 0, zone %8s\n  pages free     %lu\n", z->name, z->free);
    seq_printf(s, "        min      %lu\n        low      %lu\n", z->mark.min,
               z->mark.low);
    seq_printf(s, "        high     %lu\n        spanned  %lu\n", z->mark.high,
               zone_present(z));
    seq_printf(s, "        present  %lu\n        managed  %lu\n",
               zone_present(z), z->managed);
    seq_printf(s, "        protection: (%lu, %lu, %lu)\n", z->reserve[ZONE_DMA],
               z->reserve[ZONE_NORMAL], z->reserve[ZONE_HIGHMEM]);
    seq_printf(s, "      nr_free_pages %lu\n      nr_active %lu\n", z->free,
               active);
    seq_printf(s, "      nr_inactive %lu\n", inactive);
}

/* All values are in frames. The last two lines count the locked pages of all
 * zones together. */
void show_zoneinfo(struct seq *s)
{
    struct vm_stats st;

    vm_stats(&st);
    for_each_zone(z) seq_zone(s, z);
    seq_printf(s, "      nr_unevictable %lu\n      nr_mlock     %lu\n",
               st.mlocked + shm_locked_frames(), st.mlocked);
}

void show_buddyinfo(struct seq *s)
{
    for_each_zone(z)
    {
        seq_printf(s, "Node 0, zone %8s ", z->name);
        for (unsigned k = 0; k <= MAX_ORDER; k++)
            seq_printf(s, "%6lu ", zone_blocks(z, k));
        seq_printf(s, "\n");
    }
}

/* Prints the number of cached pages in each class (document 004; vm/census.def)
 * and the number of metadata pages in the buffer cache. */
void show_cache(struct seq *s)
{
    u64 n[CACHE_CLASSES];

    cache_census(n);
    for (u32 i = 0; i < CACHE_CLASSES; i++)
        seq_printf(s, "%s %lu\n", cache_class_name[i], n[i]);
    seq_printf(s, "metadata %lu\n", buf_bytes() / PAGE_SIZE);
}

int write_audit(struct seq *s, const char *text, size_t n)
{
    int err = vm_audit(), bad = icache_audit();
    return err ? err : bad;
}

/* 1 drops clean pages and buffers, 2 drops unused names and inodes, 3 both. */
int write_drop_caches(struct seq *s, const char *text, size_t n)
{
    u64 what = n && text[0] >= '1' && text[0] <= '3' ? (u64)(text[0] - '0') : 0;

    if (!what)
        return -EINVAL;
    if (what & 2)
        vfs_drop_unused();
    if (what & 1) {
        reclaim_drop_clean();
        buf_shrink(~0u);
    }
    return 0;
}
