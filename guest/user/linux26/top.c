/* SPDX-License-Identifier: MIT */
/* top [-b] [-d SECONDS] [-n COUNT]: the system and its busiest processes, in
 * the lines and columns of procps 3.2 under Linux 2.6 (the slides' listing).
 *
 * On a terminal it draws anew every SECONDS (default 3). M sorts by memory, P
 * by processor, T by time, N by pid, V by address space (not in procps), q
 * ends. -b prints one screen after the other. %CPU counts from a process's
 * start on the first screen that shows it, from the screen before on all
 * others. */
#include "lib/period.h"
#include "lib/procs.h"

#include <asm/ioctls.h>
#include <asm/poll.h>

#define MOST    256
#define ICANON_ 0x2u
#define ECHO_   0x8u

static struct process now[MOST], before[MOST];
static unsigned nnow, nbefore;
static u64 cpu[MOST]; /* tenths of a percent, by index in now */
static unsigned order[MOST];
static char sort = 'P';

/* ---- numbers ---- */

static u64 meminfo(const char *name)
{
    s64 v = proc_number("/proc/meminfo", name);
    return v < 0 ? 0 : (u64)v;
}

/* Prints KiB in `width` characters: in KiB, or as 1.2m, 12m, and so on in g. */
static void print_size(u64 kib, unsigned width)
{
    static const char unit[] = "kmg";
    u64 most = 1;
    for (unsigned i = 0; i < width; i++)
        most *= 10;
    if (kib < most) {
        printf("%*lu", (int)width, kib);
        return;
    }
    u64 scale = 1;
    for (unsigned u = 1; u < 3; u++) {
        scale *= 1024;
        u64 whole = kib / scale, tenth = kib % scale * 10 / scale;
        if (whole * 1000 < most) { /* "w.tm" fits */
            printf("%*lu.%lu%c", (int)width - 3, whole, tenth, unit[u]);
            return;
        }
        if (whole * 10 < most) {
            printf("%*lu%c", (int)width - 1, whole, unit[u]);
            return;
        }
    }
    printf("%*s", (int)width, "?");
}

static void print_tenths(u64 tenths, unsigned width)
{
    printf("%*lu.%lu", (int)width - 2, tenths / 10, tenths % 10);
}

/* Returns part / all in tenths of a percent, rounded. */
static u64 share(u64 part, u64 all)
{
    return all ? (part * 1000 + all / 2) / all : 0;
}

/* ---- the five lines ---- */

static void first_line(const struct sample *s)
{
    static struct lines l;
    s64 t[2] = {0, 0};
    u64 up = (u64)s->value[G_UPTIME] / 1000000, users = 0;
    SYS2(__NR_clock_gettime, 0, t);
    u64 day = (u64)t[0] % 86400;
    for (unsigned i = 0; i < nnow; i++)
        users += now[i].tty && now[i].session == now[i].pid;
    printf("top - %02lu:%02lu:%02lu up ", day / 3600, day / 60 % 60, day % 60);
    if (up >= 86400)
        printf("%lu day%s, ", up / 86400, up >= 172800 ? "s" : "");
    if (up % 86400 >= 3600)
        printf("%2lu:%02lu, ", up / 3600 % 24, up / 60 % 60);
    else
        printf("%lu min, ", up / 60 % 60);
    printf("%2lu user%s, ", users, users == 1 ? "" : "s");
    if (lines_open(&l, "/proc/loadavg") && lines_next(&l)) {
        char a[16], b[16], c[16];
        const char *p = l.line;
        take_word(&p, a, sizeof a);
        take_word(&p, b, sizeof b);
        take_word(&p, c, sizeof c);
        close((int)l.fd);
        printf(" load average: %s, %s, %s", a, b, c);
    }
    printf("\n");
}

static void tasks_line(void)
{
    unsigned running = 0, stopped = 0, zombie = 0;
    for (unsigned i = 0; i < nnow; i++) {
        running += now[i].state == 'R';
        stopped += now[i].state == 'T';
        zombie += now[i].state == 'Z';
    }
    printf("Tasks: %3u total, %3u running, %3u sleeping, %3u stopped, %3u "
           "zombie\n",
           nnow, running, nnow - running - stopped - zombie, stopped, zombie);
}

/* Computes shares in tenths of a percent that add up to 1000. The parts are
 * rounded down; the largest gets the rest. */
static void shares(const u64 part[4], u64 tenths[4])
{
    u64 all = part[0] + part[1] + part[2] + part[3], sum = 0;
    unsigned largest = 0;
    for (unsigned i = 0; i < 4; i++) {
        tenths[i] = all ? part[i] * 1000 / all : 0;
        sum += tenths[i];
        if (part[i] > part[largest])
            largest = i;
    }
    if (all)
        tenths[largest] += 1000 - sum;
}

/* Interrupts are the kernel's time here, so hi and si are 0. */
static void cpu_line(const struct sample *a, const struct sample *b)
{
    static const enum gauge source[4] = {G_CPU_USER, G_CPU_SYSTEM, G_CPU_IDLE,
                                         G_CPU_WAIT};
    u64 part[4], t[4];
    for (unsigned i = 0; i < 4; i++)
        part[i] = (u64)(b->value[source[i]] - a->value[source[i]]);
    shares(part, t);
    const struct {
        u64 tenths;
        const char *name;
    } cells[] = {{t[0], "us"}, {t[1], "sy"}, {0, "ni"}, {t[2], "id"},
                 {t[3], "wa"}, {0, "hi"},    {0, "si"}};
    printf("Cpu(s):");
    for (unsigned i = 0; i < 7; i++) {
        printf("%s", i ? ", " : " ");
        print_tenths(cells[i].tenths, 4);
        printf("%% %s", cells[i].name);
    }
    printf("\n");
}

static void memory_lines(void)
{
    u64 total = meminfo("MemTotal:"), free = meminfo("MemFree:");
    u64 swap = meminfo("SwapTotal:"), swap_free = meminfo("SwapFree:");
    printf("Mem:  %8luk total, %8luk used, %8luk free, %8luk buffers\n", total,
           total - free, free, meminfo("Buffers:"));
    printf("Swap: %8luk total, %8luk used, %8luk free, %8luk cached\n", swap,
           swap - swap_free, swap_free, meminfo("Cached:"));
}

/* ---- processes ---- */

static u64 ticks(const struct process *p)
{
    return p->utime + p->stime;
}

/* Sets %CPU since the last screen (`us` us ago) or a new process's start. */
static void measure(u64 us, u64 uptime_us)
{
    for (unsigned i = 0; i < nnow; i++) {
        const struct process *p = &now[i];
        u64 t = ticks(p), span = us;
        bool known = false;
        for (unsigned k = 0; k < nbefore && !known; k++)
            if (before[k].pid == p->pid && before[k].start == p->start) {
                t -= ticks(&before[k]);
                known = true;
            }
        if (!known) {
            u64 start = p->start * (1000000 / HERTZ);
            span = uptime_us > start ? uptime_us - start : 0;
            span = span < 1000000 / HERTZ ? 1000000 / HERTZ : span;
        }
        cpu[i] = share(t * (1000000 / HERTZ), span);
        order[i] = i;
    }
}

static u64 key(unsigned i)
{
    const struct process *p = &now[i];
    return sort == 'M'   ? p->rss
           : sort == 'V' ? p->vsize
           : sort == 'T' ? ticks(p)
           : sort == 'N' ? p->pid
                         : cpu[i];
}

/* Sorts, the greatest first; insertion keeps equals in order of pid. */
static void arrange(void)
{
    for (unsigned i = 1; i < nnow; i++) {
        unsigned o = order[i], k = i;
        for (; k && key(order[k - 1]) < key(o); k--)
            order[k] = order[k - 1];
        order[k] = o;
    }
}

static void row(unsigned i, u64 total)
{
    const struct process *p = &now[i];
    u64 t = ticks(p);
    char user[32];
    user_name(p->uid, user, sizeof user);
    printf("%5lu ", p->pid);
    print_left(user, 8);
    printf(" %3ld %3ld ", p->priority, p->nice);
    print_size(p->vsize, 5);
    printf(" ");
    print_size(p->rss, 4);
    printf(" ");
    print_size(p->shared, 4);
    printf(" %c ", p->state);
    print_tenths(cpu[i], 4);
    printf(" ");
    print_tenths(share(p->rss, total), 4);
    printf(" %3lu:%02lu.%02lu %s\n", t / HERTZ / 60, t / HERTZ % 60, t % HERTZ,
           p->comm);
}

static void screen(unsigned rows)
{
    static struct sample last, s;
    s = sample_now("top");
    nnow = processes(now, MOST);
    measure(sample_us(&last, &s), (u64)s.value[G_UPTIME]);
    arrange();
    first_line(&s);
    tasks_line();
    cpu_line(&last, &s);
    memory_lines();
    printf("\n  PID USER      PR  NI  VIRT  RES  SHR S %%CPU %%MEM    TIME+  "
           "COMMAND\n");
    u64 total = meminfo("MemTotal:");
    for (unsigned i = 0; i < nnow && i < rows; i++)
        row(order[i], total);
    memcpy(before, now, sizeof now);
    nbefore = nnow;
    last = s;
}

/* ---- the terminal ---- */

struct termios { /* the layout of TCGETS and TCSETS */
    u32 iflag, oflag, cflag, lflag;
    u8 line, cc[19];
};

/* Waits for the time to pass or a key; false: q, or the end of input. */
static bool wait_for_key(u64 ms)
{
    struct {
        s32 fd;
        unsigned short events, revents;
    } poll = {0, POLLIN, 0};
    s64 t[2] = {(s64)(ms / 1000), (s64)(ms % 1000) * 1000000};
    char c = 0;
    if (SYS6(__NR_ppoll, &poll, 1, t, 0, 0, 0) <= 0)
        return true;
    if (read(0, &c, 1) != 1 || c == 'q')
        return false;
    if (c == 'M' || c == 'P' || c == 'T' || c == 'N' || c == 'V')
        sort = c;
    return true;
}

static unsigned terminal_rows(void)
{
    unsigned short size[4] = {0};
    if (SYS3(__NR_ioctl, 1, TIOCGWINSZ, size) < 0 || size[0] < 8)
        return 17;
    return size[0] - 7u;
}

static void interactive(u64 ms, u64 count)
{
    struct termios was, raw;
    SYS3(__NR_ioctl, 0, TCGETS, &was);
    raw = was;
    raw.lflag &= ~(ICANON_ | ECHO_);
    SYS3(__NR_ioctl, 0, TCSETS, &raw);
    for (u64 i = 0;; i++) {
        printf("\033[H\033[J");
        screen(terminal_rows());
        if (i + 1 == count || !wait_for_key(ms))
            break;
    }
    SYS3(__NR_ioctl, 0, TCSETS, &was);
}

static void usage(void)
{
    fprintf_fd(2, "usage: top [-b] [-d SECONDS] [-n COUNT]\n");
    exit(1);
}

int main(int argc, char **argv)
{
    struct termios t;
    bool batch = SYS3(__NR_ioctl, 1, TCGETS, &t) < 0;
    u64 ms = 3000, count = 0;
    for (int i = 1; i < argc; i++) {
        const char *a = argv[i], *value = i + 1 < argc ? argv[i + 1] : NULL;
        if (!strcmp(a, "-b")) {
            batch = true;
        } else if (!strcmp(a, "-d") && value && delay_ms(value)) {
            ms = delay_ms(value);
            i++;
        } else if (!strcmp(a, "-n") && value && strtou(value)) {
            count = strtou(value);
            i++;
        } else {
            usage();
        }
    }
    if (!batch) {
        interactive(ms, count);
        return 0;
    }
    for (u64 i = 0;; i++) {
        if (i)
            printf("\n");
        screen(MOST);
        if (i + 1 == count)
            return 0;
        sleep_ms(ms);
    }
}
