/* SPDX-License-Identifier: MIT */
/* hot_cold HOT COLD FLOOD: does a policy keep pages that are in use? Writes HOT
 * pages, then COLD pages, then FLOOD pages one by one, and reads all hot pages
 * again after every 16 of the flood. So whenever a hand of the clock passes, a
 * hot page has been used since the hand's last pass, and a cold page has not.
 * Prints how many reads of hot pages waited for the disk in the second half of
 * the flood, how many reads of cold pages after it, how many words are wrong.
 * (The first half does not count: at first every page is marked as used, and a
 * hand comes round twice before any program runs again.) The hot pages get the
 * program's first frames, after a few for its stack and data. */
#include "lib/tiny.h"

static u64 major(void)
{
    u64 usage[18];
    SYS2(__NR_getrusage, 0, usage);
    return usage[9]; /* ru_majflt: after two timevals and five longs */
}

static u64 *pages(u64 n)
{
    return anonymous(n * PAGE, MAP_PRIVATE);
}

static void fill(u64 *p, u64 n, u64 tag)
{
    for (u64 i = 0; i < n; i++)
        p[i * PAGE / 8] = tag + i;
}

static u64 wrong(const u64 *p, u64 n, u64 tag)
{
    u64 bad = 0;
    for (u64 i = 0; i < n; i++)
        bad += *(volatile const u64 *)&p[i * PAGE / 8] != tag + i;
    return bad;
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    u64 nhot = strtou(argv[1]), ncold = strtou(argv[2]);
    u64 nflood = strtou(argv[3]), bad = 0, waits = 0;
    u64 *hot = pages(nhot), *cold = pages(ncold), *flood = pages(nflood);
    printf("hot_cold: pid %ld\n", SYS0(__NR_getpid));
    fill(hot, nhot, 1000);
    fill(cold, ncold, 2000000);
    for (u64 i = 0; i < nflood; i++) {
        flood[i * PAGE / 8] = 3000000 + i;
        if (i % 16)
            continue;
        u64 before = major();
        bad += wrong(hot, nhot, 1000);
        waits += i < nflood / 2 ? 0 : major() - before;
    }
    u64 before = major();
    bad += wrong(cold, ncold, 2000000);
    printf("hot_cold: %lu disk waits for hot pages, %lu for cold ones\n", waits,
           major() - before);
    bad += wrong(flood, nflood, 3000000);
    printf("hot_cold: %lu words wrong\n", bad);
    return bad != 0;
}
