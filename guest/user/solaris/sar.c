/* SPDX-License-Identifier: MIT */
/* sar: system activity, in the columns of Solaris 2.4.
 *
 *   sar [-ubdycwaqvmpgrkA] [-o FILE] T [N]  now: N (default 1) intervals of T s
 *   sar [-ubdycwaqvmpgrkA] [-f FILE] [-s TIME] [-e TIME] [-i SECONDS]
 *                                         what sadc has recorded today, or
 *                                         FILE, from -s to -e (hh[:mm[:ss]]),
 *                                         in records at least SECONDS apart
 *   sar -h                                what every column measures
 *
 * The default report is -u; several reports come in the order given. Each line
 * is about the interval that ends at its time. */
#include "lib/sadata.h"

/* The reports, in the order of -A. */
static const struct {
    char letter;
    enum output output;
} reports[] = {{'u', OUT_SAR_U}, {'d', OUT_SAR_D}, {'q', OUT_SAR_Q},
               {'b', OUT_SAR_B}, {'w', OUT_SAR_W}, {'c', OUT_SAR_C},
               {'a', OUT_SAR_A}, {'y', OUT_SAR_Y}, {'v', OUT_SAR_V},
               {'m', OUT_SAR_M}, {'p', OUT_SAR_P}, {'g', OUT_SAR_G},
               {'r', OUT_SAR_R}, {'k', OUT_SAR_K}};
#define NREPORTS (sizeof reports / sizeof *reports)

/* Reports, in the order in which they are printed. */
struct choice {
    enum output of[NREPORTS];
    unsigned n;
};

static struct {
    struct choice chosen;
    const char *input, *output; /* -f, -o */
    s64 from, to;               /* seconds of the day, -1: all */
    s64 apart;                  /* -i; 0: all records */
    u64 interval_ms, count;     /* 0: from a file */
} opt = {.from = -1, .to = -1};

static void fail(const char *what, const char *why)
{
    fprintf_fd(2, "sar: %s: %s\n", what, why);
    exit(2);
}

static void usage(void)
{
    fprintf_fd(2, "usage: sar [-ubdycwaqvmpgrkA][-o file] t [n]\n"
                  "\tsar [-ubdycwaqvmpgrkA] [-s hh:mm][-e hh:mm][-i ss][-f "
                  "file]\n");
    exit(2);
}

/* ---- printing ---- */

static void print_time(s64 time)
{
    struct sa_date d = sa_date(time);
    printf("%02u:%02u:%02u", d.hour, d.minute, d.second);
}

/* The heading names the system. Under Sun's policies that is SunOS, under sunos
 * in the release of document 003, a magazine column. The node name is ours. */
static const struct {
    const char *policy, *release, *version, *machine;
} suns[] = {{"vm.policy=sunos", "5.4", "Generic_101945-32", "sun4c"},
            {"vm.policy=solaris8", "5.8", "Generic_108528-01", "sun4u"}};

/* Returns the policy's index in suns[], from /proc/cmdline; -1: none. */
static int which_sun(void)
{
    static char text[4096];
    s64 fd = open("/proc/cmdline", O_RDONLY, 0);
    s64 n = fd < 0 ? 0 : read((int)fd, text, sizeof text - 1);
    if (fd >= 0)
        close((int)fd);
    text[n > 0 ? n : 0] = '\0';
    for (int i = 0; i < 2; i++)
        if (strstr(text, suns[i].policy))
            return i;
    return -1;
}

/* Prints uname's fields: sysname nodename release version machine. */
static void print_machine(s64 time)
{
    static char uts[6][65];
    struct sa_date d = sa_date(time);
    int sun = which_sun();
    SYS1(__NR_uname, uts);
    if (sun >= 0)
        printf("\nSunOS %s %s %s %s", uts[1], suns[sun].release,
               suns[sun].version, suns[sun].machine);
    else
        printf("\n%s %s %s %s %s", uts[0], uts[1], uts[2], uts[3], uts[4]);
    printf("    %02u/%02u/%02u\n", d.month, d.day, d.year % 100);
}

/* Prints a line for each disk. The first line's time is already printed. */
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
    if (o == OUT_SAR_V) /* the pairs' names, and "ov" for three columns */
        printf("  proc-sz    ov  inod-sz    ov  file-sz    ov   lock-sz\n");
    else
        print_names(o, true);
}

/* Prints each report's lines for one time; if b is NULL, the headings. */
static void each_report(const struct choice *chosen, s64 time,
                        const char *label, const struct sample *a,
                        const struct sample *b)
{
    bool first = true;
    for (unsigned i = 0; i < chosen->n; i++) {
        enum output o = chosen->of[i];
        if (label && o == OUT_SAR_V)
            continue; /* tables have no average */
        if (label)
            printf("%s", label);
        else if (first)
            print_time(time);
        else
            printf("        ");
        first = false;
        if (b && o == OUT_SAR_D)
            print_disks(a, b);
        else if (b)
            print_cells(o, true, a, b);
        else
            print_names_of(o);
    }
}

/* ---- one pass over the records ---- */

struct pass {
    const struct choice *chosen;
    struct sample last, sum; /* sum: increases and levels, over all intervals */
    bool begun, based;       /* headings printed; `last` begins an interval */
    s64 next;                /* when the next record is wanted (-i) */
    u64 lines;
};

/* True if each time has several lines. Then a blank line separates times. */
static bool is_spaced(const struct pass *p)
{
    return p->chosen->n > 1 || p->chosen->of[0] == OUT_SAR_D;
}

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
            p->sum.value[i] = (s64)scaled((u64)p->sum.value[i], 1, p->lines);
    printf("\n");
    each_report(p->chosen, 0, "Average ", &zero, &p->sum);
}

static void take(struct pass *p, const struct sa_record *r)
{
    if (!p->begun) {
        printf("\n");
        each_report(p->chosen, r->time, NULL, NULL, NULL);
        if (is_spaced(p))
            printf("\n");
        p->begun = true;
        p->next = opt.from >= 0 ? r->time / 86400 * 86400 + opt.from : r->time;
    }
    if (!r->valid) {
        print_time(r->time);
        printf("\tunix restarts\n");
        p->last = r->sample;
        p->based = false;
        return;
    }
    if (opt.apart && r->time < p->next)
        return;
    if (p->based && r->sample.value[G_UPTIME] > p->last.value[G_UPTIME]) {
        each_report(p->chosen, r->time, NULL, &p->last, &r->sample);
        if (is_spaced(p))
            printf("\n");
        add_up(p, &r->sample);
        p->lines++;
    }
    p->last = r->sample;
    p->based = true;
    while (opt.apart && p->next <= r->time)
        p->next += opt.apart;
}

/* ---- where records come from ---- */

static void now_and_then(void)
{
    struct pass p = {.chosen = &opt.chosen};
    u64 start = now_us();
    s64 out = -1;
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

/* Prints one report after the other, each over all the records. */
static void from_file(void)
{
    char today[32];
    const char *path = opt.input ? opt.input : today;
    bool first = true;
    sa_path(today, sa_time());
    for (unsigned i = 0; i < opt.chosen.n; i++) {
        static struct sa_record r;
        const struct choice one = {.of = {opt.chosen.of[i]}, .n = 1};
        struct pass p = {.chosen = &one};
        s64 n, fd;
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

/* Parses "hh", "hh:mm", "hh:mm:ss"; returns seconds of the day. */
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

static void choose(enum output o)
{
    for (unsigned i = 0; i < opt.chosen.n; i++)
        if (opt.chosen.of[i] == o)
            return;
    opt.chosen.of[opt.chosen.n++] = o;
}

static void letter(char c)
{
    if (c == 'A')
        opt.chosen.n = 0; /* all, in the order of reports[] */
    for (unsigned i = 0; i < NREPORTS; i++)
        if (c == 'A' || c == reports[i].letter) {
            choose(reports[i].output);
            if (c != 'A')
                return;
        }
    if (c != 'A')
        usage();
}

static void value_of(char c, const char *value)
{
    if (c == 'f') {
        opt.input = value;
    } else if (c == 'o') {
        opt.output = value;
    } else if (c == 's') {
        opt.from = time_of_day(value);
    } else if (c == 'e') {
        opt.to = time_of_day(value);
    } else {
        opt.apart = (s64)take_number(&value, 10);
        if (*value)
            usage();
    }
}

/* Parses as getopt: letters in one word or several; an option's value in the
 * same word or the next. */
static int options(int argc, char **argv)
{
    int i = 1;
    for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
        const char *p = argv[i] + 1;
        for (; *p && *p != 'f' && *p != 'o' && *p != 's' && *p != 'e' &&
               *p != 'i';
             p++)
            letter(*p);
        if (!*p)
            continue;
        if (!p[1] && ++i == argc)
            usage();
        value_of(*p, p[1] ? p + 1 : argv[i]);
    }
    return i;
}

static void arguments(int argc, char **argv)
{
    int i = options(argc, argv);
    if (!opt.chosen.n)
        letter('u');
    if (opt.from >= 0 && opt.to >= 0 && opt.to <= opt.from) {
        fprintf_fd(2, "sar: ending time <= starting time\n");
        usage();
    }
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
