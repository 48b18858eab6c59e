/* SPDX-License-Identifier: MIT */
/* forktree [DEPTH [WIDTH [SIZE]]]: a tree of processes. Each process forks
 * WIDTH children (default 2), down to DEPTH levels below the first process
 * (default 4). All inherit an array of SIZE (default 64K). Each checks that the
 * array is as its parent left it, writes its own name into the page of its
 * level, and checks again when its children have ended. Counts come back
 * through a page of shared memory.
 *
 * Exit status 1: a process saw wrong content, or the number of processes is not
 * the tree's; 2: a fork failed. */
#include "lib/work.h"

#define MAX_DEPTH 12u

struct totals {
    u64 processes, wrong, refused;
};

static volatile struct totals *total;
static char *array;
static u64 depth = 4, width = 2, npages;
static u64 path[MAX_DEPTH + 1]; /* names from the first process to this one */

/* Counts wrong pages: for 1 <= i <= level page i has the name of this process's
 * ancestor at level i (or its own); all others have the first process's. */
static void check(u64 level)
{
    for (u64 i = 0; i < npages; i++) {
        u64 whose = i && i <= level ? path[i] : path[0];
        if (!page_holds(array + i * PAGE, i, whose))
            total->wrong++;
    }
}

static void grow(u64 level, u64 name)
{
    total->processes++;
    if (level)
        check(level - 1);
    path[level] = name;
    if (level && level < npages)
        page_fill(array + level * PAGE, level, name);
    check(level);
    for (u64 i = 0; i < width && level < depth; i++) {
        s64 pid = fork();
        if (pid == 0) {
            grow(level + 1, name * width + i + 1);
            exit(0);
        }
        if (pid < 0)
            total->refused++;
    }
    while (wait4(-1, NULL, 0) > 0)
        ;
    check(level);
}

int main(int argc, char **argv)
{
    depth = argc > 1 ? number_arg(argv[1]) : depth;
    width = argc > 2 ? number_arg(argv[2]) : width;
    u64 bytes = size_arg(argc > 3 ? argv[3] : "64K"), expected = 0, level = 1;
    if (argc > 4 || depth > MAX_DEPTH || width > 64) {
        fprintf_fd(2,
                   "usage: forktree [DEPTH [WIDTH [SIZE]]], at most %u "
                   "deep, 64 wide\n",
                   MAX_DEPTH);
        return 2;
    }
    npages = bytes / PAGE;
    array = anonymous(bytes, MAP_PRIVATE);
    total = anonymous(PAGE, MAP_SHARED);
    if (is_error(array) || is_error((void *)(uintptr_t)total))
        cannot("forktree: mmap", ENOMEM);
    u64 start = now_us();
    for (u64 i = 0; i < npages; i++)
        page_fill(array + i * PAGE, i, 1);
    for (u64 i = 0; i <= depth; i++, level *= width)
        expected += level;
    grow(0, 1);
    printf("forktree: %lu processes of %lu, %lu KiB each, %lu forks refused, "
           "%lu pages wrong; %lu ms\n",
           total->processes, expected, KIB(bytes), total->refused, total->wrong,
           (now_us() - start) / 1000);
    if (total->wrong)
        return 1;
    if (total->refused)
        return 2;
    return total->processes != expected;
}
