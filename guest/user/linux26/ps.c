/* SPDX-License-Identifier: MIT */
/* ps: processes, with the names, headings and widths of procps 3.2.
 *
 *   ps [-e|-A] [-p PID[,PID]...] [-o NAME[,NAME]...]
 *
 * Without -e, -p: processes of the caller's terminal (if it has none: of its
 * session) and user. Names after -o or, without a blank, -oNAME: fname,
 * comm, ucmd, args, cmd, pid, ppid, pgid, sid, user, uid, tty, tname, s, stat,
 * ni, pri, time, vsize, vsz, rss, sz, minflt, majflt, pmem. */
#include "lib/procs.h"
#include "lib/work.h"

#define MOST 256 /* processes */

struct format {
    const char *name, *heading;
    unsigned width;
    bool left;
    void (*print)(const struct process *p, unsigned width);
};

/* ---- cells ---- */

#define NUMBER(fn, what)                                                       \
    static void fn(const struct process *p, unsigned width)                    \
    {                                                                          \
        printf("%*ld", (int)width, (s64)(what));                               \
    }
NUMBER(pr_pid, p->pid)
NUMBER(pr_ppid, p->ppid)
NUMBER(pr_pgid, p->pgrp)
NUMBER(pr_sid, p->session)
NUMBER(pr_uid, p->uid)
NUMBER(pr_nice, p->nice)
NUMBER(pr_pri, 39 - p->priority) /* procps: higher is more urgent */
NUMBER(pr_vsize, p->vsize)
NUMBER(pr_rss, p->rss)
NUMBER(pr_sz, p->vsize / (PAGE / 1024))
NUMBER(pr_minflt, p->minflt)
NUMBER(pr_majflt, p->majflt)

static void pr_comm(const struct process *p, unsigned width)
{
    print_left(p->comm, width);
}

static void pr_args(const struct process *p, unsigned width)
{
    static char text[256];
    process_args(p, text, sizeof text);
    printf("%s", text);
}

static void pr_user(const struct process *p, unsigned width)
{
    char name[32];
    user_name(p->uid, name, sizeof name);
    print_left(name, width);
}

static void pr_tty(const struct process *p, unsigned width)
{
    print_left(tty_name(p->tty), width);
}

static void pr_state(const struct process *p, unsigned width)
{
    char text[4] = {p->state};
    unsigned n = 1;
    if (width > 1 && p->nice)
        text[n++] = p->nice < 0 ? '<' : 'N';
    if (width > 1 && p->session == p->pid)
        text[n++] = 's';
    print_left(text, width);
}

static void pr_time(const struct process *p, unsigned width)
{
    u64 s = (p->utime + p->stime) / HERTZ;
    printf("%02lu:%02lu:%02lu", s / 3600, s / 60 % 60, s % 60);
}

static void pr_pmem(const struct process *p, unsigned width)
{
    u64 v = p->rss * 1000 / (ram_bytes() / 1024);
    printf("%*lu.%lu", (int)width - 2, v / 10, v % 10);
}

/* Widths and headings: procps 3.2, ps/output.c. */
static const struct format formats[] = {
    {"fname", "COMMAND", 8, true, pr_comm},
    {"comm", "COMMAND", 15, true, pr_comm},
    {"ucmd", "CMD", 15, true, pr_comm},
    {"args", "COMMAND", 27, true, pr_args},
    {"cmd", "CMD", 27, true, pr_args},
    {"pid", "PID", 5, false, pr_pid},
    {"ppid", "PPID", 5, false, pr_ppid},
    {"pgid", "PGID", 5, false, pr_pgid},
    {"sid", "SID", 5, false, pr_sid},
    {"user", "USER", 8, true, pr_user},
    {"uid", "UID", 5, false, pr_uid},
    {"tty", "TT", 8, true, pr_tty},
    {"tname", "TTY", 8, true, pr_tty},
    {"s", "S", 1, true, pr_state},
    {"stat", "STAT", 4, true, pr_state},
    {"ni", "NI", 3, false, pr_nice},
    {"pri", "PRI", 3, false, pr_pri},
    {"time", "TIME", 8, false, pr_time},
    {"vsize", "VSZ", 6, false, pr_vsize},
    {"vsz", "VSZ", 6, false, pr_vsize},
    {"rss", "RSS", 5, false, pr_rss},
    {"sz", "SZ", 5, false, pr_sz},
    {"minflt", "MINFLT", 6, false, pr_minflt},
    {"majflt", "MAJFLT", 6, false, pr_majflt},
    {"pmem", "%MEM", 4, false, pr_pmem},
};
#define NFORMATS (sizeof formats / sizeof *formats)

/* ---- what to print, of whom ---- */

static const struct format *column[32];
static unsigned ncolumns;
static u64 wanted[64];
static unsigned nwanted;
static bool everybody;

static void fail(const char *what)
{
    fprintf_fd(2, "ps: %s\nusage: ps [-e] [-p PID,...] [-o NAME,...]\n", what);
    exit(1);
}

static void add_column(const char *name, size_t n)
{
    for (unsigned i = 0; i < NFORMATS; i++)
        if (strlen(formats[i].name) == n && !memcmp(formats[i].name, name, n)) {
            if (ncolumns == sizeof column / sizeof *column)
                fail("too many columns");
            column[ncolumns++] = &formats[i];
            return;
        }
    fail("unknown user-defined format specifier");
}

static void add_pid(const char *number, size_t n)
{
    const char *p = number;
    u64 pid = take_number(&p, 10);
    if (p != number + n || !pid || nwanted == sizeof wanted / sizeof *wanted)
        fail("process ID list syntax error");
    wanted[nwanted++] = pid;
}

static void each(const char *list, void (*fn)(const char *, size_t))
{
    for (;;) {
        size_t n = 0;
        while (list[n] && list[n] != ',')
            n++;
        fn(list, n);
        if (!list[n])
            return;
        list += n + 1;
    }
}

static void arguments(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *a = argv[i];
        if (!strcmp(a, "-e") || !strcmp(a, "-A")) {
            everybody = true;
        } else if (a[0] == '-' && (a[1] == 'o' || a[1] == 'p')) {
            const char *value = a[2] ? a + 2 : ++i < argc ? argv[i] : NULL;
            if (!value)
                fail("option needs a list");
            each(value, a[1] == 'o' ? add_column : add_pid);
        } else {
            fail("unsupported option");
        }
    }
    if (!ncolumns)
        each("pid,tname,time,ucmd", add_column);
}

static bool chosen(const struct process *p, const struct process *me)
{
    for (unsigned i = 0; i < nwanted; i++)
        if (wanted[i] == p->pid)
            return true;
    if (nwanted)
        return false;
    return everybody || (p->tty == me->tty && p->uid == me->uid &&
                         (me->tty || p->session == me->session));
}

/* Leaves the last heading unpadded; row() leaves a last command name uncut. */
static void heading(void)
{
    for (unsigned i = 0; i < ncolumns; i++) {
        const struct format *f = column[i];
        printf("%s", i ? " " : "");
        if (!f->left)
            printf("%*s", (int)f->width, f->heading);
        else if (i + 1 < ncolumns)
            print_left(f->heading, f->width);
        else
            printf("%s", f->heading);
    }
    printf("\n");
}

static void row(const struct process *p)
{
    for (unsigned i = 0; i < ncolumns; i++) {
        const struct format *f = column[i];
        printf("%s", i ? " " : "");
        if (f->print == pr_comm && i + 1 == ncolumns)
            printf("%s", p->comm);
        else
            f->print(p, f->width);
    }
    printf("\n");
}

int main(int argc, char **argv)
{
    static struct process all[MOST], me;
    bool any = false;
    arguments(argc, argv);
    process_read((u64)SYS0(__NR_getpid), &me);
    unsigned n = processes(all, MOST);
    heading();
    for (unsigned i = 0; i < n; i++)
        if (chosen(&all[i], &me)) {
            row(&all[i]);
            any = true;
        }
    return !any;
}
