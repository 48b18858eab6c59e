/* SPDX-License-Identifier: MIT */
/* elffuzz [SEED [ROUNDS]]: runs damaged copies of /tests/args: bytes of the
 * ELF header and program headers are changed, and some files are cut. execve
 * may refuse a copy, a copy may crash; the kernel's audits must find no error.
 * Prints "elffuzz: SEED: N programs, N refused, kernel sound", ends with 0. */
#include "alone/fuzz.h"

static u8 image[16 * PAGE], copy[16 * PAGE];

static u64 odd_value(void)
{
    static const u64 odd[] = {0,
                              1,
                              0xfff,
                              0x1000,
                              0x10000,
                              1ul << 31,
                              1ul << 37,
                              1ul << 38,
                              1ul << 63,
                              ~0ul,
                              ~0xffful,
                              0x7fffffff,
                              0x3fffffe000,
                              0xffffffc080200000};
    return rnd(4) ? odd[rnd(sizeof odd / sizeof odd[0])] : rnd(~0ul);
}

/* Changes one to four numbers in the ELF header or 8 program headers. */
static void damage(void)
{
    for (u64 n = 1 + rnd(4); n--;) {
        u64 at = rnd(8) ? 16 + rnd(64 + 8 * 56 - 24) : rnd(16);
        u64 v = odd_value();
        if (rnd(3) == 0)
            copy[at] = (u8)v;
        else if (rnd(2))
            memcpy(copy + (at & ~7ul), &v, 8);
        else
            memcpy(copy + (at & ~3ul), &v, 4);
    }
}

static bool put_file(size_t n)
{
    s64 fd = open("/tmp/elf", O_WRONLY | O_CREAT | O_TRUNC, 0755);
    bool good = fd >= 0 && write((int)fd, copy, n) == (s64)n;
    close((int)fd);
    return good;
}

/* Runs the damaged copy; true if execve refused it. */
static bool run(void)
{
    static char *argv[] = {"elf", 0};
    s64 timer[4] = {0, 0, 0, 50000}; /* if it loops, SIGALRM ends it */
    int status = 0;
    s64 pid = fork();
    if (pid == 0) {
        SYS3(__NR_setitimer, 0, timer, 0);
        SYS3(__NR_execve, "/tmp/elf", argv, environ);
        exit(77);
    }
    wait4(pid, &status, 0);
    return status == 77 << 8;
}

int main(int argc, char **argv)
{
    u64 first = argc > 1 ? strtou(argv[1]) : 1;
    u64 rounds = argc > 2 ? strtou(argv[2]) : 300;
    u64 refused = 0, bad = 0;
    seed = first * 0x9e3779b97f4a7c15 + 1;
    s64 fd = open("/tests/args", O_RDONLY, 0);
    s64 size = read((int)fd, image, sizeof image);
    close((int)fd);
    for (u64 i = 0; i < rounds && size > 0 && !bad; i++) {
        memcpy(copy, image, (size_t)size);
        damage();
        if (!put_file(rnd(10) ? (size_t)size : rnd((u64)size)))
            printf("elffuzz: cannot write /tmp/elf\n");
        refused += run();
        if (i % 16 == 0)
            bad += !audit();
    }
    bad += !audit() || size <= 0;
    printf("elffuzz: %lu: %lu programs, %lu refused, %s\n", first, rounds,
           refused, bad ? "KERNEL DAMAGED" : "kernel sound");
    return bad != 0;
}
