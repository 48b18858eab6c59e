/* SPDX-License-Identifier: MIT */
/* sar: system activity, in the columns of Solaris 2.4.
 *
 *   sar [-abcdgpqruvwA] [-o FILE] T [N]     now: N intervals of T seconds (1)
 *   sar [-abcdgpqruvwA] [-f FILE] [-s TIME] [-e TIME]
 *                                         what sadc has recorded today, or
 *                                         FILE; from TIME, to TIME (hh[:mm])
 *   sar -h                                what every column measures
 *
 * -u without options. Each line is about the interval that ends then. */
#include "lib/sadata.h"

/* In the order of -A. */
static const struct {
    char letter;
    enum output output;
} reports[] = {{'u', OUT_SAR_U}, {'d', OUT_SAR_D}, {'q', OUT_SAR_Q},
               {'b', OUT_SAR_B}, {'w', OUT_SAR_W}, {'c', OUT_SAR_C},
               {'a', OUT_SAR_A}, {'v', OUT_SAR_V}, {'p', OUT_SAR_P},
               {'g', OUT_SAR_G}, {'r', OUT_SAR_R}};
#define NREPORTS (sizeof reports / sizeof *reports)

static struct {
    bool on[NREPORTS];
    const char *input, *output; /* -f, -o */
    s64 from, to;               /* seconds of the day, -1: all */
    u64 interval_ms, count;     /* 0: from a file */
} opt = {.from = -1, .to = -1};

static void fail(const char *what, const char *why)
{
    fprintf_fd(2, "sar: %s: %s\n", what, why);
    exit(2);
}

static void usage(void)
{
    fprintf_fd(2, "usage: sar [-abcdgpqruvwA][-o file] t [n]\n"
                  "\tsar [-abcdgpqruvwA] [-s hh:mm][-e hh:mm][-f file]\n");
    exit(2);
}

/* ---- printing ---- */

static void print_time(s64 time)
{
    struct sa_date d = sa_date(time);
    printf("%02u:%02u:%02u", d.hour, d.minute, d.second);
}

/* uname's fields, in this order: sysname nodename release version machine. */
static void print_machine(s64 time)
{
    static char uts[6][65];
    struct sa_date d = sa_date(time);
    SYS1(NR_uname, uts);
    printf("\n%s %s %s %s %s    %02u/%02u/%02u\n", uts[0], uts[1], uts[2],
           uts[3], uts[4], d.month, d.day, d.year % 100);
}

/* A line for each disk there is; the first has its time already. */
static void print_disks(const struct sample *a, const struct sample *b)
{
    bool first = true;
    for (unsigned d = 0; d < 4; d++) {
        if (b->value[G_DISK0 + d] == ABSENT)
            continue;
        printf("%s   vd%-11c", first ? "" : "        ", (char)('a' + d));
        print_cells_of_disk(OUT_SAR_D, d, a, b);
        first = false;
    }
}

static void print_names_of(enum output o)
{
    if (o == OUT_SAR_D)
        printf("   device       ");
    if (o == OUT_SAR_V) /* over its pairs, and "ov" for three columns */
        printf("  proc-sz    ov  inod-sz    ov  file-sz    ov   lock-sz\n");
    else
        print_names(o, true);
}

/* One report's lines at one time stand under each other. */
static void each_report(const bool on[NREPORTS], s64 time, const char *label,
                        const struct sample *a, const struct sample *b)
{
    bool first = true;
    for (unsigned i = 0; i < NREPORTS; i++) {
        if (!on[i] || (label && reports[i].output == OUT_SAR_V))
            continue; /* tables have no average */
        if (label)
            printf("%s", label);
        else if (first)
            print_time(time);
        else
            printf("        ");
        first = false;
        if (b && reports[i].output == OUT_SAR_D)
            print_disks(a, b);
        else if (b)
            print_cells(reports[i].output, true, a, b);
        else
            print_names_of(reports[i].output);
    }
}

/* ---- one pass over the records ---- */

struct pass {
    const bool *on;
    bool several;            /* reports at once: a blank line between times */
    struct sample last, sum; /* sum: what grew, and levels, of all intervals */
    bool begun, based;       /* headed; `last` is where an interval begins */
    u64 lines;
};

static void add_up(struct pass *p, const struct sample *now)
{
    for (unsigned i = 0; i < NVALUES; i++) {
        bool level = i >= G_PROCS_READY && i < G_COUNT;
        if (now->value[i] == ABSENT)
            p->sum.value[i] = ABSENT;
        else
            p->sum.value[i] += now->value[i] - (level ? 0 : p->last.value[i]);
    }
}

static void average(struct pass *p)
{
    static const struct sample zero;
    if (p->lines < 2)
        return;
    for (unsigned i = G_PROCS_READY; i < G_COUNT; i++)
        if (p->sum.value[i] != ABSENT)
            p->sum.value[i] /= (s64)p->lines;
    printf("\n");
    each_report(p->on, 0, "Average ", &zero, &p->sum);
}

static void take(struct pass *p, const struct sa_record *r)
{
    if (!p->begun) {
        printf("\n");
        each_report(p->on, r->time, NULL, NULL, NULL);
        if (p->several)
            printf("\n");
    }
    if (!r->valid) {
        print_time(r->time);
        printf("\tunix restarts\n");
    } else if (p->based &&
               r->sample.value[G_UPTIME] > p->last.value[G_UPTIME]) {
        each_report(p->on, r->time, NULL, &p->last, &r->sample);
        if (p->several)
            printf("\n");
        add_up(p, &r->sample);
        p->lines++;
    }
    p->last = r->sample;
    p->begun = true;
    p->based = r->valid;
}

/* ---- where records come from ---- */

static void now_and_then(void)
{
    struct pass p = {.on = opt.on};
    u64 n = 0, start = now_us();
    s64 out = -1;
    for (unsigned i = 0; i < NREPORTS; i++)
        n += opt.on[i];
    p.several = n > 1;
    if (opt.output &&
        (out = open(opt.output, O_WRONLY | O_CREAT | O_TRUNC, 0644)) < 0)
        fail(opt.output, "cannot be written");
    for (u64 i = 0; i <= opt.count; i++) {
        u64 due = start + i * opt.interval_ms * 1000, at = now_us();
        if (at < due)
            sleep_ms((due - at + 999) / 1000);
        struct sa_record r = sa_record("sar", true);
        if (i == 0)
            print_machine(r.time);
        if (out >= 0 && write((int)out, &r, sizeof r) != (s64)sizeof r)
            fail(opt.output, "cannot be written");
        take(&p, &r);
    }
    average(&p);
}

static bool wanted(const struct sa_record *r)
{
    s64 t = r->time % 86400;
    return (opt.from < 0 || t >= opt.from) && (opt.to < 0 || t <= opt.to);
}

/* One report after the other, each over all the records. */
static void from_file(void)
{
    char today[32];
    const char *path = opt.input ? opt.input : today;
    bool first = true;
    sa_path(today, sa_time());
    for (unsigned i = 0; i < NREPORTS; i++) {
        static struct sa_record r;
        bool on[NREPORTS] = {false};
        struct pass p = {.on = on};
        s64 n, fd;
        if (!opt.on[i])
            continue;
        on[i] = true;
        if ((fd = open(path, O_RDONLY, 0)) < 0)
            fail(path, "cannot be opened: has sadc recorded anything today?");
        while ((n = read((int)fd, &r, sizeof r)) == (s64)sizeof r) {
            if (r.magic != SA_MAGIC || r.nvalues != NVALUES)
                fail(path, "data file not in sar format");
            if (!wanted(&r))
                continue;
            if (first)
                print_machine(r.time);
            first = false;
            take(&p, &r);
        }
        if (n)
            fail(path, "data file not in sar format");
        average(&p);
        close((int)fd);
    }
}

/* ---- arguments ---- */

/* "hh", "hh:mm", "hh:mm:ss" as seconds of the day. */
static s64 time_of_day(const char *p)
{
    u64 t = 0;
    for (u64 unit = 3600; unit; unit /= 60) {
        t += take_number(&p, 10) * unit;
        if (*p != ':')
            break;
        p++;
    }
    if (*p || t >= 86400)
        usage();
    return (s64)t;
}

static void letters(const char *p)
{
    for (; *p; p++) {
        bool known = *p == 'A';
        for (unsigned i = 0; i < NREPORTS; i++)
            if (*p == 'A' || *p == reports[i].letter)
                opt.on[i] = known = true;
        if (!known)
            usage();
    }
}

static void arguments(int argc, char **argv)
{
    int i = 1;
    bool any = false;
    for (; i < argc && argv[i][0] == '-'; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;
        char c = argv[i][1];
        if ((c == 'f' || c == 'o' || c == 's' || c == 'e') && !argv[i][2]) {
            if (!value)
                usage();
            if (c == 'f')
                opt.input = value;
            else if (c == 'o')
                opt.output = value;
            else if (c == 's')
                opt.from = time_of_day(value);
            else
                opt.to = time_of_day(value);
            i++;
        } else {
            letters(argv[i] + 1);
            any = true;
        }
    }
    if (!any)
        letters("u");
    if (i < argc) {
        opt.interval_ms = delay_ms(argv[i++]);
        opt.count = i < argc ? strtou(argv[i++]) : 1;
        if (!opt.interval_ms || !opt.count || i < argc || opt.input)
            usage();
    } else if (opt.output) {
        usage();
    }
}

int main(int argc, char **argv)
{
    if (argc == 2 && !strcmp(argv[1], "-h")) {
        for (unsigned i = 0; i < NREPORTS; i++) {
            printf("-%c\n", reports[i].letter);
            print_columns_help(reports[i].output);
        }
        return 0;
    }
    arguments(argc, argv);
    if (opt.interval_ms)
        now_and_then();
    else
        from_file();
    return 0;
}
