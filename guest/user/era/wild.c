/* SPDX-License-Identifier: MIT */
/* wild [-w] ADDRESS | wild -f FILE: a wild pointer (001-5, 001-6). Reads, or
 * with -w writes, a word at ADDRESS (hexadecimal, no 0x); or maps FILE and one
 * page more, and reads that page. Prints the word, if the program survives. */
#include "lib/work.h"

static u64 hex(const char *s)
{
    u64 v = 0;
    const char *p = s;
    for (; *p; p++) {
        bool letter = *p >= 'a' && *p <= 'f';
        if (!letter && (*p < '0' || *p > '9'))
            break;
        v = v << 4 | (u64)(letter ? *p - 'a' + 10 : *p - '0');
    }
    if (*p || p == s || p - s > 16) {
        fprintf_fd(2, "wild: '%s' is not an address (hexadecimal)\n", s);
        exit(2);
    }
    return v;
}

static u64 behind(const char *path)
{
    s64 fd = open(path, O_RDONLY, 0);
    s64 size = fd < 0 ? fd : SYS3(__NR_lseek, fd, 0, 2);
    if (size < 0)
        cannot(path, size);
    u64 end = ((u64)size + PAGE - 1) & -PAGE;
    char *at = need_mapping(
        mmap(0, end + PAGE, PROT_READ, MAP_PRIVATE, (int)fd, 0), "wild: mmap");
    return (u64)at + end;
}

int main(int argc, char **argv)
{
    bool writes = argc == 3 && !strcmp(argv[1], "-w");
    bool file = argc == 3 && !strcmp(argv[1], "-f");
    if (argc != 2 && !writes && !file) {
        fprintf_fd(2, "usage: wild [-w] ADDRESS | wild -f FILE\n");
        return 2;
    }
    volatile u64 *p = (u64 *)(file ? behind(argv[2]) : hex(argv[argc - 1]));
    if (writes)
        *p = 1;
    printf("wild: %lx\n", *p);
    return 0;
}
