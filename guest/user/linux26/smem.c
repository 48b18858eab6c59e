/* SPDX-License-Identifier: MIT */
/* smem: how much memory each process has, counted four ways, in KiB:
 *
 *   VSZ   address space, touched or not
 *   RSS   the part in memory; a shared frame counts for each process
 *   PSS   its proportional part: a frame that n processes map counts 1/n
 *   USS   its private part: the memory that would be free if it ended
 *   Swap  the part in swap
 *
 * PSS adds up to the frames that programs use (the last line); the sums of VSZ
 * and RSS are larger, so they say little. */
#include "lib/lines.h"

struct usage {
    u64 vsz, rss, pss, uss, swap;
};

static struct lines lines;

static u64 field(const char *text, const char *name)
{
    const char *p = after(text, name);
    return p ? take_number(&p, 10) : 0;
}

/* Sums smaps. False if there is none: a kernel thread, or no such process. */
static bool measure(u64 pid, struct usage *u)
{
    char path[40];
    *u = (struct usage){0};
    proc_path(path, pid, "smaps");
    if (!lines_open(&lines, path))
        return false;
    while (lines_next(&lines)) {
        const char *l = lines.line;
        u->vsz += field(l, "Size:");
        u->rss += field(l, "Rss:");
        u->pss += field(l, "Pss:");
        u->uss += field(l, "Private_Clean:") + field(l, "Private_Dirty:");
        u->swap += field(l, "Swap:");
    }
    return u->vsz != 0;
}

static void row(const char *pid, const char *name, const struct usage *u)
{
    printf("%5s %-24s %7lu %7lu %7lu %7lu %7lu\n", pid, name, u->swap, u->uss,
           u->pss, u->rss, u->vsz);
}

static void process(const char *name, struct usage *sum)
{
    struct usage u;
    char path[40], comm[32] = "?";
    u64 pid = strtou(name);
    if (!measure(pid, &u))
        return;
    proc_path(path, pid, "comm");
    if (lines_open(&lines, path) && lines_next(&lines)) {
        const char *p = lines.line;
        take_word(&p, comm, sizeof comm);
        close((int)lines.fd);
    }
    row(name, comm, &u);
    sum->vsz += u.vsz;
    sum->rss += u.rss;
    sum->pss += u.pss;
    sum->uss += u.uss;
    sum->swap += u.swap;
}

struct dirent {
    u64 ino, off;
    unsigned short length;
    u8 type;
    char name[];
} __attribute__((packed));

int main(int argc, char **argv)
{
    static char buf[2048] __attribute__((aligned(8)));
    struct usage sum = {0};
    s64 n, fd = open("/proc", O_RDONLY, 0);
    if (fd < 0 || argc > 1) {
        fprintf_fd(2, fd < 0 ? "smem: no /proc\n" : "usage: smem\n");
        return fd < 0 ? 1 : 2;
    }
    printf("%5s %-24s %7s %7s %7s %7s %7s\n", "PID", "Command", "Swap", "USS",
           "PSS", "RSS", "VSZ");
    while ((n = SYS3(__NR_getdents64, fd, buf, sizeof buf)) > 0)
        for (s64 at = 0; at < n;) {
            const struct dirent *d = (const struct dirent *)(buf + at);
            if (d->name[0] >= '1' && d->name[0] <= '9')
                process(d->name, &sum);
            at += d->length;
        }
    row("", "sum", &sum);
    printf("in frames: %ld KiB anonymous, %ld KiB of files and shared memory "
           "mapped\n",
           proc_number("/proc/meminfo", "AnonPages:"),
           proc_number("/proc/meminfo", "Mapped:"));
    return 0;
}
