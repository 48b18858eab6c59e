/* SPDX-License-Identifier: MIT */
/* vmstat [DELAY [COUNT]]: memory, paging and processor at a glance, in the
 * columns of Linux 2.6's procps. DELAY in seconds may have a fraction; a
 * COUNT of 0, or none after a DELAY, goes on for ever. The first line has
 * averages since start-up, each later line an interval's; r, b and the memory
 * columns show the present. -h explains every column. */
#include "lib/period.h"

static void heading(void)
{
    printf("procs -----------memory---------- ---swap-- -----io---- "
           "-system-- ------cpu-----\n");
    print_names(OUT_VMSTAT26, false);
}

int main(int argc, char **argv)
{
    u64 delay = argc > 1 ? delay_ms(argv[1]) : 0;
    u64 count = argc > 2 ? strtou(argv[2]) : argc < 2;
    static struct sample before, now;
    if (argc > 1 && !strcmp(argv[1], "-h")) {
        print_columns_help(OUT_VMSTAT26);
        return 0;
    }
    if ((argc > 1 && !delay) || argc > 3) {
        fprintf_fd(2, "usage: vmstat [-h | DELAY [COUNT]]\n");
        return 2;
    }
    for (u64 i = 0;; i++) {
        now = sample_now("vmstat");
        if (i % 20 == 0)
            heading();
        print_cells(OUT_VMSTAT26, false, &before, &now);
        before = now;
        if (i + 1 == count)
            return 0;
        sleep_ms(delay);
    }
}
