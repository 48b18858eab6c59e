/* SPDX-License-Identifier: MIT */
/* forkcost: what fork costs, without copy-on-write and with it (vm.fork = 0,
 * then 1, which stays). Processes of 256, 512, 1024 and 2048 pages, all
 * written to, fork; the child writes an eighth of them. Prints the time that
 * fork took, the frames that it used, and the pages that were copied, by fork
 * itself and later at writes. Exit status 0: frames and copies were as
 * predicted, all words were right, the time of fork is in proportion to the
 * mapped pages, and copy-on-write at least halves it at 2048 pages. */
#include "lib/work.h"

#define KNOB  "/proc/sys/vm/fork"
#define SIZES 4
#define REST  64 /* frames: stack, tables, other pages of a process */

static u64 sizes[SIZES] = {256, 512, 1024, 2048};
static int wrong;

static void set_mode(char c)
{
    s64 fd = open(KNOB, O_WRONLY, 0);
    if (fd < 0 || write((int)fd, &c, 1) != 1)
        cannot(KNOB, fd);
    close((int)fd);
}

static u64 count(const char *name)
{
    return (u64)proc_number("/proc/vmstat", name);
}

struct cost {
    u64 us, frames, at_once, later;
};

static void expect(const char *what, u64 pages, bool holds)
{
    if (!holds)
        printf("%s, %lu pages: not as predicted\n", what, pages);
    wrong += !holds;
}

static struct cost measure(u64 pages)
{
    int go[2], status = 0;
    char c;
    struct cost k;
    char *p = anonymous(pages * PAGE, MAP_PRIVATE);
    if (is_error(p) || SYS2(__NR_pipe2, go, 0))
        cannot("mmap", (s64)p);
    for (u64 i = 0; i < pages; i++)
        *(u64 *)(p + i * PAGE) = mix(i);
    u64 once = count("fork_copied"), free = count("nr_free_pages");
    u64 start = now_us();
    s64 pid = fork();
    if (pid == 0) {
        /* Waits until the parent has counted: the child's own faults, even if
         * only for A bits (--ad fault), are no cost of fork. */
        close(go[1]);
        read(go[0], &c, 1);
        for (u64 i = 0; i < pages; i++)
            if (*(volatile u64 *)(p + i * PAGE) != mix(i))
                exit(1);
        for (u64 i = 0; i < pages / 8; i++)
            *(volatile u64 *)(p + i * PAGE) = i;
        exit(0);
    }
    k.us = now_us() - start;
    k.frames = free - count("nr_free_pages");
    k.at_once = count("fork_copied") - once;
    u64 later = count("cow_copied");
    close(go[1]);
    wait4(pid, &status, 0);
    k.later = count("cow_copied") - later;
    for (u64 i = 0; i < pages; i++)
        if (*(volatile u64 *)(p + i * PAGE) != mix(i))
            status = 1;
    expect("what parent and child see", pages, !status);
    close(go[0]);
    munmap(p, pages * PAGE);
    return k;
}

int main(int argc, char **argv)
{
    struct cost k[2][SIZES];
    printf("vm.fork  pages     us  frames  at once  on write\n");
    for (int cow = 0; cow < 2; cow++) {
        set_mode((char)('0' + cow));
        measure(64); /* warms up: first uses cost more */
        for (int i = 0; i < SIZES; i++) {
            struct cost *c = &k[cow][i];
            u64 n = sizes[i];
            *c = measure(n);
            printf("%-8s %5lu %6lu  %6lu  %7lu  %8lu\n", cow ? "cow" : "copy",
                   n, c->us, c->frames, c->at_once, c->later);
            u64 all = cow ? 0 : n, eighth = cow ? n / 8 : 0;
            expect("frames", n, c->frames >= all && c->frames < all + REST);
            expect("at once", n, c->at_once >= all && c->at_once < all + REST);
            expect("on write", n, c->later >= eighth && c->later < eighth + 16);
        }
    }
    set_mode('1');
    u64 save = k[0][3].us / (k[1][3].us + !k[1][3].us);
    u64 ns[2];
    for (int cow = 0; cow < 2; cow++) {
        ns[cow] = (k[cow][3].us - k[cow][0].us) * 1000 / (2048 - 256);
        u64 middle = (k[cow][2].us - k[cow][0].us) * 1000 / (1024 - 256);
        expect("time is in proportion", 1024,
               middle * 10 >= ns[cow] * 7 && middle * 10 <= ns[cow] * 13);
    }
    printf("a page more: %lu ns copied, %lu ns shared; at 2048 pages fork is "
           "%lu times as fast\n",
           ns[0], ns[1], save);
    expect("copy-on-write is cheaper", 2048, save >= 2);
    printf("forkcost: %d not as predicted\n", wrong);
    return wrong != 0;
}
