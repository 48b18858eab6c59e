/* SPDX-License-Identifier: MIT */
/* vmstat [DELAY [COUNT]]: memory, paging and processor at a glance, in the
 * columns of Linux 2.6's procps. DELAY in seconds may have a fraction; a
 * COUNT of 0, or none after a DELAY, goes on for ever. The first line is the
 * average since start-up (memory: now), each later one of the last interval.
 * -h explains every column. */
#include "lib/lines.h"

struct sample {
    u64 running, blocked;
    u64 swap, free, buffers, cache; /* KiB */
    u64 si, so;                     /* pages */
    u64 bi, bo;                     /* KiB */
    u64 in, cs;
    u64 us, sy, id, wa, st; /* ticks */
};

struct field {
    const char *name;
    u64 *value;
};

static void die(const char *file)
{
    fprintf_fd(2, "vmstat: cannot read %s\n", file);
    exit(1);
}

/* Every line "name value" whose name is wanted. */
static void read_fields(const char *file, const struct field *f, size_t n)
{
    static struct lines l;
    const char *p;
    if (!lines_open(&l, file))
        die(file);
    while (lines_next(&l))
        for (size_t i = 0; i < n; i++)
            if ((p = after(l.line, f[i].name)) &&
                p != l.line + strlen(f[i].name)) /* a blank between */
                *f[i].value = take_number(&p, 10);
}
#define READ(file, fields)                                                     \
    read_fields(file, fields, sizeof(fields) / sizeof *(fields))

static void read_cpu(struct sample *s)
{
    static struct lines l;
    u64 t[8] = {0};
    const char *p;
    if (!lines_open(&l, "/proc/stat"))
        die("/proc/stat");
    while (lines_next(&l))
        if ((p = after(l.line, "cpu ")))
            for (int i = 0; i < 8; i++)
                t[i] = take_number(&p, 10);
    s->us = t[0] + t[1];        /* user, nice */
    s->sy = t[2] + t[5] + t[6]; /* system, irq, softirq */
    s->id = t[3];
    s->wa = t[4];
    s->st = t[7];
}

static struct sample look(void)
{
    struct sample s = {0};
    u64 swap_total = 0, swap_free = 0;
    const struct field mem[] = {
        {"SwapTotal:", &swap_total}, {"SwapFree:", &swap_free},
        {"MemFree:", &s.free},       {"Buffers:", &s.buffers},
        {"Cached:", &s.cache},
    };
    const struct field vm[] = {
        {"pgpgin", &s.bi},
        {"pgpgout", &s.bo},
        {"pswpin", &s.si},
        {"pswpout", &s.so},
    };
    const struct field stat[] = {
        {"intr", &s.in},
        {"ctxt", &s.cs},
        {"procs_running", &s.running},
        {"procs_blocked", &s.blocked},
    };
    READ("/proc/meminfo", mem);
    READ("/proc/vmstat", vm);
    READ("/proc/stat", stat);
    read_cpu(&s);
    s.swap = swap_total - swap_free;
    s.running -= s.running != 0; /* vmstat itself */
    return s;
}

static void header(void)
{
    printf("procs -----------memory---------- ---swap-- -----io---- "
           "-system-- ------cpu-----\n"
           " r  b   swpd   free   buff  cache   si   so    bi    bo   in   cs "
           "us sy id wa st\n");
}

static u64 rate(u64 now, u64 before, u64 us)
{
    return us ? ((now - before) * 1000000 + us / 2) / us : 0;
}

static void row(const struct sample *a, const struct sample *b, u64 us)
{
    u64 all = (b->us - a->us) + (b->sy - a->sy) + (b->id - a->id) +
              (b->wa - a->wa) + (b->st - a->st);
    all = all ? all : 1;
#define SHARE(x) ((100 * (b->x - a->x) + all / 2) / all)
    printf("%2lu %2lu %6lu %6lu %6lu %6lu %4lu %4lu %5lu %5lu %4lu %4lu "
           "%2lu %2lu %2lu %2lu %2lu\n",
           b->running, b->blocked, b->swap, b->free, b->buffers, b->cache,
           rate(b->si, a->si, us) * (PAGE / 1024),
           rate(b->so, a->so, us) * (PAGE / 1024), rate(b->bi, a->bi, us),
           rate(b->bo, a->bo, us), rate(b->in, a->in, us),
           rate(b->cs, a->cs, us), SHARE(us), SHARE(sy), SHARE(id), SHARE(wa),
           SHARE(st));
#undef SHARE
}

static void explain(void)
{
    printf(
        "r     processes that could run, vmstat left out (/proc/stat "
        "procs_running)\n"
        "b     processes that wait for a disk (procs_blocked)\n"
        "swpd  swap in use, KiB (/proc/meminfo SwapTotal - SwapFree)\n"
        "free  frames that nobody uses, KiB (MemFree)\n"
        "buff  metadata blocks of file systems, KiB (Buffers)\n"
        "cache pages of files and shared memory, KiB (Cached)\n"
        "si so brought in from swap, taken out to it, KiB/s (/proc/vmstat "
        "pswpin, pswpout)\n"
        "bi bo read from disks, written to them, KiB/s (pgpgin, pgpgout)\n"
        "in cs interrupts, switches between processes, 1/s (/proc/stat intr, "
        "ctxt)\n"
        "us sy id wa st\n"
        "      share of processor time: programs, kernel, idle, idle while a "
        "disk worked\n"
        "      for somebody, taken by others, %% (/proc/stat cpu)\n");
}

static u64 uptime_us(void)
{
    static struct lines l;
    if (!lines_open(&l, "/proc/uptime") || !lines_next(&l))
        die("/proc/uptime");
    const char *p = l.line;
    u64 s = take_number(&p, 10), hundredths = 0;
    if (*p == '.' && p++)
        hundredths = take_number(&p, 10);
    return s * 1000000 + hundredths * 10000;
}

/* "5", "0.25" seconds in milliseconds; 0: malformed. */
static u64 delay_ms(const char *p)
{
    u64 ms = take_number(&p, 10) * 1000;
    if (*p == '.')
        for (u64 unit = 100; *++p >= '0' && *p <= '9'; unit /= 10)
            ms += (u64)(*p - '0') * unit;
    return *p ? 0 : ms;
}

int main(int argc, char **argv)
{
    u64 delay = argc > 1 ? delay_ms(argv[1]) : 0;
    u64 count = argc > 2 ? strtou(argv[2]) : argc < 2;
    struct sample zero = {0}, before, now;
    if (argc > 1 && !strcmp(argv[1], "-h")) {
        explain();
        return 0;
    }
    if ((argc > 1 && !delay) || argc > 3) {
        fprintf_fd(2, "usage: vmstat [-h | DELAY [COUNT]]\n");
        return 2;
    }
    u64 at = now_us();
    before = look();
    header();
    row(&zero, &before, uptime_us());
    for (u64 i = 1; i != count; i++) {
        sleep_ms(delay);
        now = look();
        u64 then = now_us();
        if (i % 20 == 0)
            header();
        row(&before, &now, then - at);
        before = now;
        at = then;
    }
    return 0;
}
