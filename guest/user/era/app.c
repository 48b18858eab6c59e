/* SPDX-License-Identifier: MIT */
/* app [-a SIZE] [-t SECONDS] [-l SIZE] FILE...: an application as users start
 * it in the morning. It maps its FILEs (program, libraries, data), touches
 * every page of them, fills SIZE of memory of its own (-a, default 1 MiB), and
 * prints how long that took, how many faults waited for the disk, and how many
 * KiB were read. Then it works for SECONDS (default 0): 25 ms of each tenth
 * of a second, on all its pages. At the end it checks its memory. With -l it
 * leaks SIZE of new memory each tenth of a second. Exit status 1: a page was
 * wrong. (Requirements 003-2, 003-3, 003-6.) */
#include "lib/work.h"

struct area {
    char *at;
    u64 bytes;
};

static struct area file[16];
static unsigned nfiles;
static volatile u64 sum; /* so that the compiler keeps the reads */

static void map_file(const char *path)
{
    s64 fd = open(path, O_RDONLY, 0);
    s64 size = fd < 0 ? fd : SYS3(__NR_lseek, fd, 0, 2);
    if (size <= 0)
        cannot(path, size);
    char *at = need_mapping(
        mmap(0, (u64)size, PROT_READ, MAP_SHARED, (int)fd, 0), path);
    close((int)fd);
    file[nfiles++] = (struct area){at, (u64)size};
}

static void touch_files(void)
{
    for (unsigned f = 0; f < nfiles; f++)
        for (u64 at = 0; at < file[f].bytes; at += PAGE)
            sum += (u8)file[f].at[at];
}

/* Leaks memory: no pointer to it is kept. */
static void lose(u64 bytes)
{
    char *lost = bytes ? anonymous(bytes, MAP_PRIVATE) : NULL;
    if (is_error(lost))
        cannot("app: lost too much", (s64)lost);
    for (u64 at = 0; at < bytes; at += PAGE)
        lost[at] = 1;
}

static void work(u64 seconds, const char *memory, u64 bytes, u64 leak)
{
    u64 end = now_us() + seconds * 1000000;
    while (now_us() < end) {
        u64 until = now_us() + 25000;
        touch_files();
        while (now_us() < until)
            for (u64 at = 0; at < bytes; at += 64)
                sum += (u8)memory[at];
        lose(leak);
        s64 rest[2] = {0, 75000000};
        SYS2(__NR_nanosleep, rest, NULL);
    }
}

static int usage(void)
{
    fprintf_fd(2, "usage: app [-a SIZE] [-t SECONDS] [-l SIZE] FILE...\n");
    return 2;
}

int main(int argc, char **argv)
{
    u64 bytes = 1 << 20, seconds = 0, leak = 0, wrong = 0;
    int i = 1;
    for (; i + 1 < argc && argv[i][0] == '-'; i += 2) {
        if (!strcmp(argv[i], "-a"))
            bytes = size_arg(argv[i + 1]);
        else if (!strcmp(argv[i], "-t"))
            seconds = number_arg(argv[i + 1]);
        else if (!strcmp(argv[i], "-l"))
            leak = size_arg(argv[i + 1]);
        else
            return usage();
    }
    if (i == argc || argc - i > 16)
        return usage();
    u64 start = now_us();
    s64 major = proc_number("/proc/vmstat", "pgmajfault");
    s64 disk = proc_number("/proc/vmstat", "pgpgin");
    for (; i < argc; i++)
        map_file(argv[i]);
    touch_files();
    char *memory = need_mapping(anonymous(bytes, MAP_PRIVATE), "app: mmap");
    for (u64 p = 0; p < bytes / PAGE; p++)
        page_fill(memory + p * PAGE, p, 3);
    printf("app: up after %lu ms: %ld waits for the disk, %ld KiB read\n",
           (now_us() - start) / 1000,
           proc_number("/proc/vmstat", "pgmajfault") - major,
           proc_number("/proc/vmstat", "pgpgin") - disk);
    work(seconds, memory, bytes, leak);
    for (u64 p = 0; p < bytes / PAGE; p++)
        wrong += !page_holds(memory + p * PAGE, p, 3);
    printf("app: quits, %lu pages wrong\n", wrong);
    return wrong != 0;
}
