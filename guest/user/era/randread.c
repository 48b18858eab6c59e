/* SPDX-License-Identifier: MIT */
/* randread [-m] [-s SEED] [FILE [COUNT]]: reads COUNT pages (default 1000) of
 * FILE (default /bin/busybox) in an order that SEED (default 1) decides, by
 * pread or through a mapping (-m); then the same pages again. Prints for each
 * round how long a page took, and how many KiB came from disk. Exit status 1:
 * one of the first 4096 pages read was not the same the second time. */
#include "lib/work.h"

#define SUMS 4096u

static u64 buffer[PAGE / 8];
static u64 sums[SUMS]; /* of the first pages that are read */

static u64 sum_of(const u64 *word, u64 n)
{
    u64 sum = n;
    for (u64 i = 0; i < n / 8; i++)
        sum = mix(sum ^ word[i]);
    return sum;
}

struct source {
    int fd;
    const char *map; /* NULL: pread */
    u64 bytes;
};

static u64 read_page(const struct source *f, u64 page)
{
    u64 at = page * PAGE, left = f->bytes - at;
    u64 n = left < PAGE ? left : PAGE;
    if (f->map)
        return sum_of((const u64 *)(uintptr_t)(f->map + at), n);
    s64 got = SYS4(__NR_pread64, f->fd, buffer, n, at);
    if (got != (s64)n)
        cannot("randread: pread", got < 0 ? got : 5);
    return sum_of(buffer, n);
}

/* Reads count pages; check: returns how many of the first SUMS have changed. */
static u64 round_of(const struct source *f, u64 count, u64 seed, bool check)
{
    u64 wrong = 0, pages = (f->bytes + PAGE - 1) / PAGE;
    u64 start = now_us();
    s64 disk = proc_number("/proc/vmstat", "pgpgin");
    for (u64 i = 0; i < count; i++) {
        u64 sum = read_page(f, mix(seed + i) % pages);
        if (i >= SUMS)
            continue;
        wrong += check && sums[i] != sum;
        sums[i] = sum;
    }
    u64 us = now_us() - start;
    disk = proc_number("/proc/vmstat", "pgpgin") - disk;
    printf("randread: %s: %lu pages of %lu, %lu us, %lu us a page, %ld KiB "
           "from disk\n",
           check ? "again" : "first", count, pages, us,
           us / (count ? count : 1), disk);
    return wrong;
}

static int usage(void)
{
    fprintf_fd(2, "usage: randread [-m] [-s SEED] [FILE [COUNT]]\n");
    return 2;
}

int main(int argc, char **argv)
{
    struct source f = {0};
    bool mapped = false;
    u64 seed = 1;
    int i = 1;
    for (; i < argc && argv[i][0] == '-'; i++) {
        if (!strcmp(argv[i], "-m"))
            mapped = true;
        else if (!strcmp(argv[i], "-s") && i + 1 < argc)
            seed = number_arg(argv[++i]);
        else
            return usage();
    }
    if (argc - i > 2)
        return usage();
    const char *file = i < argc ? argv[i] : "/bin/busybox";
    u64 count = i + 1 < argc ? number_arg(argv[i + 1]) : 1000;
    s64 fd = open(file, O_RDONLY, 0), size;
    if (fd < 0 || (size = SYS3(__NR_lseek, fd, 0, 2)) <= 0)
        cannot(file, fd < 0 ? fd : EINVAL);
    f.fd = (int)fd;
    f.bytes = (u64)size;
    if (mapped)
        f.map = mmap(0, f.bytes, PROT_READ, MAP_SHARED, f.fd, 0);
    if (is_error(f.map))
        cannot("randread: mmap", (s64)f.map);
    round_of(&f, count, seed << 32, false);
    u64 wrong = round_of(&f, count, seed << 32, true);
    if (wrong)
        fprintf_fd(2, "randread: %lu pages were not the same\n", wrong);
    return wrong != 0;
}
