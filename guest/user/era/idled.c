/* SPDX-License-Identifier: MIT */
/* idled [-n WAKES] [-p MS] [-l] [-a] [SIZE]: an idle daemon. Writes SIZE
 * (default 1/16 of RAM) once, then sleeps; every MS milliseconds (default 100)
 * it wakes, looks at the first page (with -a, as no idle daemon does, at every
 * page), and sleeps again. It looks at the rest only at the end, so that under
 * pressure the rest can be evicted. The end comes at SIGTERM, or after WAKES
 * wakes (default 0: only at SIGTERM). Then it checks all pages, and prints how
 * late it woke at most. With -l it locks all its memory (mlockall): only the
 * scheduler can then make it wake late. Exit status 1: a page was wrong.
 *
 * In the background: `idled &`, then `kill %1`. */
#include "lib/work.h"

static volatile bool told;

static void on_term(int sig)
{
    told = true;
}

/* False if a signal ended the sleep. */
static bool sleep_until_told(u64 ms)
{
    s64 t[2] = {(s64)(ms / 1000), (s64)(ms % 1000) * 1000000};
    return SYS2(__NR_nanosleep, t, NULL) != -EINTR;
}

static int usage(void)
{
    fprintf_fd(2, "usage: idled [-n WAKES] [-p MS] [-l] [-a] [SIZE]\n");
    return 2;
}

int main(int argc, char **argv)
{
    u64 wakes = 0, limit = 0, period = 100, wrong = 0, latest = 0;
    int i = 1;
    bool all = false, lock = false;
    for (; i < argc && argv[i][0] == '-'; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (!strcmp(argv[i], "-a"))
            all = true;
        else if (!strcmp(argv[i], "-l"))
            lock = true;
        else if (!strcmp(argv[i], "-n"))
            limit = number_arg(value), i++;
        else if (!strcmp(argv[i], "-p"))
            period = number_arg(value), i++;
        else
            return usage();
    }
    if (argc - i > 1)
        return usage();
    u64 bytes =
        i < argc ? size_arg(argv[i]) : (ram_bytes() / 16 + PAGE - 1) & -PAGE;
    char *memory = mmap(0, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (is_error(memory))
        cannot("idled: mmap", (s64)memory);
    s64 err = lock ? SYS1(__NR_mlockall, 1) : 0; /* MCL_CURRENT */
    if (err)
        cannot("idled: mlockall", err);
    on_signal(SIGTERM, on_term, 0);
    for (u64 p = 0; p < bytes / PAGE; p++)
        page_fill(memory + p * PAGE, p, 1);
    while (!told && (!limit || wakes < limit)) {
        u64 before = now_us();
        if (!sleep_until_told(period))
            continue;
        u64 late = now_us() - before - period * 1000;
        latest = late > latest ? late : latest;
        wrong += !page_holds(memory, 0, 1);
        for (u64 p = 1; all && p < bytes / PAGE; p++)
            wrong += *(volatile u64 *)(memory + p * PAGE) == 0;
        wakes++;
    }
    for (u64 p = 0; p < bytes / PAGE; p++)
        wrong += !page_holds(memory + p * PAGE, p, 1);
    printf("idled: woke %lu times, at most %lu us late; %lu KiB checked, %lu "
           "pages wrong\n",
           wakes, latest, KIB(bytes), wrong);
    return wrong != 0;
}
