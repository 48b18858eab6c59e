/* SPDX-License-Identifier: MIT */
/* vmstat [-chipqsS] [DISK...] [INTERVAL [COUNT]]: processes, memory, paging,
 * disks, faults and processor, in the columns of Solaris 2.4. Prints COUNT
 * lines, one every INTERVAL seconds (0.5, too); without COUNT for ever, without
 * INTERVAL one line. The first line has averages since start-up, each later
 * line those of an interval; r, b, w, swap and free are of now. DISKs, vda to
 * vdd, come first among the four disks.
 *
 *   -S  swapping (si, so) in the place of re and mf
 *   -p  as Solaris 8: paging of executables, other files, anonymous pages
 *   -s  totals since start-up
 *   -i  interrupts of each device since start-up
 *   -c  flushes of a virtually addressed cache: this machine has none
 *   -q  accepted: it silences news of added disks, of which there are none
 *   -h  what every column measures and what it does not */
#include "lib/period.h"

#define REPRINT 19 /* lines after each heading */

static struct {
    enum output output;
    bool swapping, totals, interrupts, flushes, help;
    u64 interval, count; /* ms between lines; lines, 0: for ever */
} opt = {.output = OUT_VMSTAT, .count = 1};

static void usage(void)
{
    fprintf_fd(2, "Usage: vmstat [-chipqsS] [disk ...] [interval [count]]\n");
    exit(1);
}

static void heading(void)
{
    printf("%s\n", opt.output == OUT_VMSTAT_P
                       ? "     memory           page          executable      "
                         "anonymous      filesystem "
                       : " procs     memory            page            disk    "
                         "      faults      cpu");
    print_names(opt.output, true);
}

/* Prints name in 12 columns, n in ten, n a second in eight. */
static void rate_row(const char *name, u64 n, u64 us)
{
    char text[16];
    size_t i = 0;
    for (; i < 8 && name[i]; i++)
        text[i] = name[i];
    text[i] = '\0';
    printf("%s%*s %10lu %8lu\n", text, 12 - (int)i, "", n,
           scaled(n, 1000000, us));
}

/* Prints -i, from lines like "  1:   43  plic  vda" and "  T:   17  timer". */
static void interrupts(void)
{
    static struct lines l;
    static struct sample s;
    u64 total = 0;
    s = sample_now("vmstat");
    u64 us = (u64)s.value[G_UPTIME];
    printf("interrupt         total     rate\n"
           "--------------------------------\n");
    if (!lines_open(&l, "/proc/interrupts"))
        return;
    while (lines_next(&l)) {
        const char *p = l.line;
        char of[16], kind[16], name[16];
        while (*p == ' ')
            p++;
        take_word(&p, of, sizeof of);
        if (!strstr(of, ":"))
            continue; /* the heading */
        u64 n = take_number(&p, 10);
        take_word(&p, kind, sizeof kind);
        take_word(&p, name, sizeof name);
        rate_row(of[0] == 'T' ? "clock" : name, n, us);
        total += n;
    }
    printf("--------------------------------\n");
    rate_row("Total", total, us);
}

static void flushes(void)
{
    static const struct sample none;
    printf("flush statistics: (%s)\n",
           opt.interval ? "interval based" : "totals");
    for (u64 i = 0; i < opt.count || !opt.count; i++) {
        if (i % REPRINT == 0)
            print_names(OUT_VMSTAT_C, true);
        if (opt.interval)
            sleep_ms(opt.interval);
        print_cells(OUT_VMSTAT_C, true, &none, &none);
    }
}

/* ---- arguments ---- */

static void letter(char c)
{
    switch (c) {
    case 'S':
        opt.swapping = !opt.swapping;
        break;
    case 'p':
        opt.output = OUT_VMSTAT_P;
        break;
    case 's':
        opt.totals = true;
        break;
    case 'i':
        opt.interrupts = true;
        break;
    case 'c':
        opt.flushes = true;
        break;
    case 'h':
        opt.help = true;
        break;
    case 'q':
        break;
    default:
        usage();
    }
}

static const char *const disks[4] = {"s0", "s1", "s2", "s3"};

/* Makes the named disk ("vdb") the n-th of four; others keep their order. */
static void disk(const char *name, unsigned order[4], unsigned n)
{
    unsigned k = n;
    if (strlen(name) != 3 || memcmp(name, "vd", 2) != 0)
        usage();
    while (k < 4 && order[k] != (unsigned)(name[2] - 'a'))
        k++;
    if (k == 4) /* no such disk, or named twice */
        usage();
    unsigned d = order[k];
    for (; k > n; k--)
        order[k] = order[k - 1];
    order[n] = d;
}

static void arguments(int argc, char **argv)
{
    int i = 1;
    unsigned order[4] = {0, 1, 2, 3}, n = 0;
    for (; i < argc && argv[i][0] == '-'; i++)
        for (const char *p = argv[i] + 1; *p; p++)
            letter(*p);
    for (; i < argc && (argv[i][0] < '0' || argv[i][0] > '9'); i++)
        disk(argv[i], order, n++);
    for (unsigned k = 0; n && k < 4; k++)
        column_instead(OUT_VMSTAT, disks[k], OUT_VMSTAT, disks[order[k]]);
    if (i < argc) {
        if (!(opt.interval = delay_ms(argv[i++])))
            usage();
        opt.count = i < argc ? strtou(argv[i]) : 0;
        if (i < argc && !opt.count)
            usage();
        i++;
    }
    if (i < argc)
        usage();
    if (opt.swapping) {
        column_instead(OUT_VMSTAT, "re", OUT_VMSTAT_SW, "si");
        column_instead(OUT_VMSTAT, "mf", OUT_VMSTAT_SW, "so");
    }
}

static void lines(void)
{
    static struct sample before, now;
    u64 start = now_us();
    for (u64 i = 0;; i++) {
        now = sample_now("vmstat");
        if (i % REPRINT == 0)
            heading();
        print_cells(opt.output, true, &before, &now);
        before = now;
        if (i + 1 == opt.count)
            return;
        u64 due = start + (i + 1) * opt.interval * 1000, at = now_us();
        if (at < due)
            sleep_ms((due - at + 999) / 1000);
    }
}

int main(int argc, char **argv)
{
    arguments(argc, argv);
    if (opt.help) {
        print_columns_help(opt.output);
        if (opt.swapping)
            print_columns_help(OUT_VMSTAT_SW);
    } else if (opt.interrupts) {
        interrupts();
    } else if (opt.totals) {
        print_totals(OUT_VMSTAT_S);
    } else if (opt.flushes) {
        flushes();
    } else {
        lines();
    }
    return 0;
}
