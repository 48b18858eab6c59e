/* SPDX-License-Identifier: MIT */
/* vmstat [-p] [INTERVAL [COUNT]]: processes, memory, paging, disks, faults and
 * processor, in the columns of Solaris 2.4. INTERVAL in seconds, which may
 * have a fraction (ours), COUNT lines, for ever without. The first line is
 * the average since start-up (swap and free: now), each later one of the last
 * interval. -p shows paging by kind of page instead, as Solaris 8: of files
 * that programs execute, anonymous, of other files. -s prints totals since
 * start-up. -h says what every column measures and what it does not. */
#include "lib/period.h"

#define REPRINT 19 /* lines to a heading */

static void heading(enum output o)
{
    printf("%s\n", o == OUT_VMSTAT_P
                       ? "     memory           page          executable      "
                         "anonymous      filesystem "
                       : " procs     memory            page            disk    "
                         "      faults      cpu");
    print_names(o, true);
}

int main(int argc, char **argv)
{
    enum output o = OUT_VMSTAT;
    if (argc > 1 && !strcmp(argv[1], "-p")) {
        o = OUT_VMSTAT_P;
        argc--;
        argv++;
    }
    u64 interval = argc > 1 ? delay_ms(argv[1]) : 0;
    u64 count = argc > 2 ? strtou(argv[2]) : argc < 2;
    static struct sample before, now;
    if (argc > 1 && !strcmp(argv[1], "-h")) {
        print_columns_help(o);
        return 0;
    }
    if (argc == 2 && !strcmp(argv[1], "-s")) {
        print_totals(OUT_VMSTAT_S);
        return 0;
    }
    if ((argc > 1 && !interval) || (argc > 2 && !count) || argc > 3) {
        fprintf_fd(2, "Usage: vmstat [-p] [-h | interval [count]] | -s\n");
        return 1;
    }
    u64 start = now_us();
    for (u64 i = 0;; i++) {
        now = sample_now("vmstat");
        if (i % REPRINT == 0)
            heading(o);
        print_cells(o, true, &before, &now);
        before = now;
        if (i + 1 == count)
            return 0;
        u64 due = start + (i + 1) * interval * 1000, at = now_us();
        if (at < due)
            sleep_ms((due - at + 999) / 1000);
    }
}
