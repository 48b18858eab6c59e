/* SPDX-License-Identifier: MIT */
/* probe [-n ROUNDS] [-t PAGES] [-p MS]: a process with small needs. ROUNDS
 * times (default 50) it writes the same PAGES pages (default 20) and a new one,
 * measures how long that takes, and sleeps for MS milliseconds (default 100).
 * Prints the median, the worst, and how many rounds took more than 10 ms: other
 * processes that need memory slow it. Exit status 1: a page was wrong. */
#include "lib/work.h"

#define MAX_ROUNDS 1000

static u64 took[MAX_ROUNDS];

static int usage(void)
{
    fprintf_fd(2, "usage: probe [-n ROUNDS] [-t PAGES] [-p MS]\n");
    return 2;
}

static void sort(u64 *a, u64 n)
{
    for (u64 i = 1; i < n; i++) {
        u64 v = a[i], j = i;
        for (; j && a[j - 1] > v; j--)
            a[j] = a[j - 1];
        a[j] = v;
    }
}

/* One round: checks and writes all pages, adds a page. Returns pages wrong. */
static u64 touch(char *memory, u64 pages, u64 round)
{
    u64 wrong = 0;
    for (u64 p = 0; p < pages; p++) {
        wrong += round && !page_holds(memory + p * PAGE, p, round - 1);
        page_fill(memory + p * PAGE, p, round);
    }
    memory[(pages + round) * PAGE] = 1;
    return wrong;
}

int main(int argc, char **argv)
{
    u64 rounds = 50, pages = 20, period = 100, wrong = 0, slow = 0;
    int i = 1;
    for (; i + 1 < argc && argv[i][0] == '-'; i += 2) {
        u64 n = number_arg(argv[i + 1]);
        if (!strcmp(argv[i], "-n"))
            rounds = n;
        else if (!strcmp(argv[i], "-t"))
            pages = n;
        else if (!strcmp(argv[i], "-p"))
            period = n;
        else
            return usage();
    }
    if (i != argc || !rounds || rounds > MAX_ROUNDS)
        return usage();
    char *memory = need_mapping(anonymous((pages + rounds) * PAGE, MAP_PRIVATE),
                                "probe: mmap");
    for (u64 r = 0; r < rounds; r++) {
        s64 t[2] = {(s64)(period / 1000), (s64)(period % 1000) * 1000000};
        u64 before = now_us();
        wrong += touch(memory, pages, r);
        took[r] = now_us() - before;
        slow += took[r] > 10000;
        SYS2(__NR_nanosleep, t, NULL);
    }
    sort(took, rounds);
    printf("probe: %lu rounds, median %lu us, worst %lu us, %lu above 10 ms; "
           "%lu pages wrong\n",
           rounds, took[rounds / 2], took[rounds - 1], slow, wrong);
    return wrong != 0;
}
