/* SPDX-License-Identifier: MIT */
/* seqread [-c SIZE | -k] [-m] [-b SIZE] [FILE [PASSES]]: reads FILE from its
 * beginning to its end, PASSES times (default 2). Without FILE: /bin/busybox.
 *
 *   -c SIZE   makes FILE first, with a pattern that is checked in each pass
 *   -k        an earlier -c has made FILE: check its pattern
 *   -m        reads through a mapping instead of read()
 *   -b SIZE   the size of each read (default 64K, at most 256K)
 *
 * SIZE: 64K, 10M, or a multiple of RAM, 2x. Prints for each pass its speed and
 * the KiB read from disk. Exit status 1: the content was not the same in every
 * pass, or not the pattern. */
#include "lib/work.h"

#define BUFFER (256ul << 10)
#define WHOSE  77u

static char buffer[BUFFER] __attribute__((aligned(4096)));
static const char *file = "/bin/busybox";
static u64 block = 64ul << 10;
static bool mapped, patterned;

static void make(u64 bytes)
{
    s64 fd = open(file, O_RDWR | O_CREAT | O_TRUNC, 0644), n;
    if (fd < 0)
        cannot(file, fd);
    for (u64 i = 0; i < bytes / PAGE; i++) {
        page_fill(buffer, i, WHOSE);
        if ((n = write((int)fd, buffer, PAGE)) != (s64)PAGE)
            cannot("seqread: write", n < 0 ? n : 28);
    }
    close((int)fd);
    patterned = true;
}

struct pass {
    u64 bytes, sum, wrong, us;
    s64 disk_kib;
};

/* Adds the words of n bytes, at `at` in the file, to the sum; checks the
 * pattern. */
static void look_at(struct pass *p, const char *data, u64 n, u64 at)
{
    const u64 *word = (const u64 *)(uintptr_t)data;
    for (u64 i = 0; i < n / 8; i++)
        p->sum = (p->sum << 1 | p->sum >> 63) ^ word[i];
    for (u64 i = 0; patterned && i < n; i += PAGE)
        p->wrong += !page_holds(data + i, (at + i) / PAGE, WHOSE);
}

static void by_read(struct pass *p, int fd)
{
    s64 n;
    while ((n = read(fd, buffer, block)) > 0) {
        look_at(p, buffer, (u64)n, p->bytes);
        p->bytes += (u64)n;
    }
    if (n < 0)
        cannot("seqread: read", n);
}

static void by_mapping(struct pass *p, int fd)
{
    s64 size = SYS3(__NR_lseek, fd, 0, 2);
    char *map = size <= 0 ? (char *)-ENOMEM
                          : mmap(0, (u64)size, PROT_READ, MAP_SHARED, fd, 0);
    if (is_error(map))
        cannot("seqread: mmap", (s64)map);
    for (u64 at = 0; at < (u64)size; at += block) {
        u64 n = (u64)size - at < block ? (u64)size - at : block;
        look_at(p, map + at, n, at);
    }
    p->bytes = (u64)size;
    munmap(map, (u64)size);
}

static struct pass one_pass(void)
{
    struct pass p = {.disk_kib = -proc_number("/proc/vmstat", "pgpgin")};
    u64 start = now_us();
    s64 fd = open(file, O_RDONLY, 0);
    if (fd < 0)
        cannot(file, fd);
    (mapped ? by_mapping : by_read)(&p, (int)fd);
    close((int)fd);
    p.us = now_us() - start;
    p.disk_kib += proc_number("/proc/vmstat", "pgpgin");
    return p;
}

static int usage(void)
{
    fprintf_fd(2, "usage: seqread [-c SIZE | -k] [-m] [-b SIZE] [FILE "
                  "[PASSES]]\n");
    return 2;
}

int main(int argc, char **argv)
{
    u64 make_bytes = 0, sum = 0, wrong = 0;
    int i = 1;
    for (; i < argc && argv[i][0] == '-'; i++) {
        if (!strcmp(argv[i], "-m"))
            mapped = true;
        else if (!strcmp(argv[i], "-k"))
            patterned = true;
        else if (!strcmp(argv[i], "-c") && i + 1 < argc)
            make_bytes = size_arg(argv[++i]);
        else if (!strcmp(argv[i], "-b") && i + 1 < argc)
            block = size_arg(argv[++i]);
        else
            return usage();
    }
    if (argc - i > 2 || block > BUFFER || (make_bytes && argc == i))
        return usage();
    file = i < argc ? argv[i] : file;
    u64 passes = i + 1 < argc ? number_arg(argv[i + 1]) : 2;
    if (make_bytes)
        make(make_bytes);
    for (u64 n = 1; n <= passes; n++) {
        struct pass p = one_pass();
        printf("seqread: %s: pass %lu: %lu KiB in %lu us, %lu KiB/s, %ld KiB "
               "of it from disk\n",
               file, n, KIB(p.bytes), p.us,
               p.us ? p.bytes * 1000000 / p.us >> 10 : 0, p.disk_kib);
        wrong += p.wrong + (n > 1 && p.sum != sum);
        sum = p.sum;
    }
    if (wrong)
        fprintf_fd(2, "seqread: %s: %lu pages or passes differ\n", file, wrong);
    return wrong != 0;
}
