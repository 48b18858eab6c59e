/* SPDX-License-Identifier: MIT */
/* Shows in /proc: times, load, processor, interrupts, disks, mounts, swap. */
#include "fs/proc/procfs.h"

#include "arch/fdt.h"
#include "arch/irq.h"
#include "drv/virtio_blk.h"
#include "fs/dcache.h"
#include "task/proc.h"
#include "vm/swap.h"

#define TICK_NS (NSEC_PER_SEC / USER_HZ)
#define BLANKS  " \t\n\\" /* in mounts they end a field or begin \ooo */

void show_stat(struct seq *s)
{
    u64 user = hart_time.user / TICK_NS, system = hart_time.system / TICK_NS;
    u64 waiting = hart_time.waiting / TICK_NS, interrupts = 0;
    u64 idle = (idle_ns() - hart_time.waiting) / TICK_NS;

    for (u32 i = 0; i < 2; i++)
        seq_printf(s, "cpu%c %lu 0 %lu %lu %lu 0 0 0 0 0\n", " 0"[i], user,
                   system, idle, waiting);
    for (u32 i = 0; i < NIRQ; i++)
        interrupts += irq_counts[i];
    seq_printf(s, "intr %lu", interrupts);
    for (u32 i = 0; i < NIRQ; i++)
        seq_printf(s, " %lu", irq_counts[i]);
    seq_printf(s, "\nctxt %lu\n", counters[C_CTXT]);
    seq_printf(s, "btime %lu\n",
               (wall_ns() - (now_ns() - boot_ns())) / NSEC_PER_SEC);
    seq_printf(s, "processes %lu\n", counters[C_FORKS]);
    seq_printf(s, "procs_running %u\n",
               proc_count(PS_RUNNING) + proc_count(PS_READY));
    seq_printf(s, "procs_blocked %u\n", proc_count(PS_DISK));
}

static void print_hundredths(struct seq *s, u64 ns, const char *end)
{
    seq_printf(s, "%lu.%02lu%s", ns / NSEC_PER_SEC,
               ns % NSEC_PER_SEC / (NSEC_PER_SEC / 100), end);
}

void show_uptime(struct seq *s)
{
    print_hundredths(s, now_ns() - boot_ns(), " ");
    print_hundredths(s, idle_ns(), "\n");
}

void show_loadavg(struct seq *s)
{
    u64 load[3];
    u32 processes = 0;

    load_average(load);
    for (u32 i = 0; i < 3; i++)
        seq_printf(s, "%lu.%02lu ", load[i] >> 16,
                   (load[i] & 0xffff) * 100 >> 16);
    for (struct proc *p = proc_after(0); p; p = proc_after(p->lens.pid))
        processes++;
    seq_printf(s, "%u/%u %u\n", proc_count(PS_RUNNING) + proc_count(PS_READY),
               processes, last_pid());
}

void show_cpuinfo(struct seq *s)
{
    int cpus = fdt_path("/cpus");

    for (int n = cpus < 0 ? -1 : fdt_first_child(cpus); n >= 0;
         n = fdt_next_sibling(n)) {
        const char *isa = fdt_string(n, "riscv,isa");
        if (!isa)
            continue;
        seq_printf(s, "processor\t: 0\nhart\t\t: %lu\nisa\t\t: %s\n",
                   fdt_u32(n, "reg", 0), isa);
        seq_printf(s, "mmu\t\t: sv39\n\n");
        break; /* the kernel uses one hart */
    }
}

void show_interrupts(struct seq *s)
{
    seq_printf(s, "           CPU0\n");
    seq_printf(s, "%3s: %10lu  timer\n", "T", irq_counts[0]);
    for (u32 i = 1; i < NIRQ; i++)
        if (irq_name(i) || irq_counts[i])
            seq_printf(s, "%3u: %10lu  plic  %s\n", i, irq_counts[i],
                       irq_name(i) ? irq_name(i) : "spurious");
}

/* Calls fn, which prints a line, for each mount with its path. */
static void each_mount(struct seq *s,
                       void (*fn)(struct seq *, struct super *, const char *))
{
    char *buf = kmalloc(PATH_MAX);

    s->err = buf ? 0 : -ENOMEM;
    for (struct super *sb = buf ? super_next(NULL) : NULL; sb;
         sb = super_next(sb)) {
        const char *path =
            sb->covers ? dentry_path(sb->covers, NULL, buf, PATH_MAX) : "/";
        fn(s, sb, path ? path : "?");
    }
    kfree(buf);
}

static void print_options(struct seq *s, struct super *sb)
{
    seq_printf(s, "%s%s%s%s,noatime", sb->flags & SB_RDONLY ? "ro" : "rw",
               sb->flags & SB_NOSUID ? ",nosuid" : "",
               sb->flags & SB_NODEV ? ",nodev" : "",
               sb->flags & SB_NOEXEC ? ",noexec" : "");
}

static void mount_line(struct seq *s, struct super *sb, const char *path)
{
    seq_escape(s, sb->source, BLANKS, ' ');
    seq_escape(s, path, BLANKS, ' ');
    seq_printf(s, "%s ", sb->type);
    print_options(s, sb);
    seq_printf(s, " 0 0\n");
}

void show_mounts(struct seq *s)
{
    each_mount(s, mount_line);
}

/* A file system is mounted only once, so its device number is its mount id. */
static void mountinfo_line(struct seq *s, struct super *sb, const char *path)
{
    u32 parent = sb->covers ? sb->covers->sb->dev : sb->dev;

    seq_printf(s, "%u %u %u:%u / ", sb->dev, parent, DEV_MAJOR(sb->dev),
               DEV_MINOR(sb->dev));
    seq_escape(s, path, BLANKS, ' ');
    print_options(s, sb);
    seq_printf(s, " - %s ", sb->type);
    seq_escape(s, sb->source, BLANKS, ' ');
    seq_printf(s, "%s\n", sb->flags & SB_RDONLY ? "ro" : "rw");
}

void show_mountinfo(struct seq *s)
{
    each_mount(s, mountinfo_line);
}

void show_partitions(struct seq *s)
{
    struct blkdev *d;

    seq_printf(s, "major minor  #blocks  name\n\n");
    for (int i = 0; (d = blk_dev(i)); i++)
        seq_printf(s, "%4u %8u %10lu %s\n", DEV_MAJOR(blk_devno(d)),
                   DEV_MINOR(blk_devno(d)), blk_sectors(d) / 2, blk_name(d));
}

void show_diskstats(struct seq *s)
{
    struct blkdev *d;
    struct blkstat t;

    for (int i = 0; (d = blk_dev(i)); i++) {
        u64 ms = NSEC_PER_SEC / 1000;
        blk_stat(d, &t);
        seq_printf(s, "%4u %7u %s", DEV_MAJOR(blk_devno(d)),
                   DEV_MINOR(blk_devno(d)), blk_name(d));
        for (u32 op = BLK_READ; op <= BLK_WRITE; op++)
            seq_printf(s, " %lu 0 %lu %lu", t.ios[op], t.sectors[op],
                       t.ns[op] / ms);
        seq_printf(s, " %u %lu %lu 0 0 0 0 0 0\n", t.in_flight, t.busy_ns / ms,
                   (t.ns[0] + t.ns[1]) / ms);
    }
}

void show_swaps(struct seq *s)
{
    struct blkdev *dev;
    u64 slots, used, k = PAGE_SIZE / 1024;

    seq_printf(s, "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
    for (u32 i = 0; swap_area_info(i, &dev, &slots, &used); i++)
        seq_printf(s, "/dev/%-32s\tpartition\t%lu\t\t%lu\t\t%d\n",
                   blk_name(dev), slots * k, used * k, -2 - (int)i);
}
