/* SPDX-License-Identifier: MIT */
/* victims: the same processes run out of memory three times; which one is
 * killed by the formula of Linux 2.4.0, 2.6.9 and 6.12 (vm.oom_formula)?
 *
 *   daemon  old (17,000 s), much address space, of which it uses little
 *   bomb    young, small; 30 children as small as itself
 *   hog     runs as root; takes page after page until a process has died
 *
 * Prints each /proc/PID/oom_score (the hog's last one, and the others' before
 * the hog starts) and the log's victim. Exit status 0: all are as predicted. */
#include "lib/work.h"

#define KNOB          "/proc/sys/vm/oom_formula"
#define CHILDREN      30
#define MIB_PAGES     256ul
#define DAEMON_AGE_MS 17000000ul

static volatile struct shared {
    u64 ready;
    u64 hog_score;
} * all;

static u64 number_in(const char *path)
{
    char text[24] = {0};
    s64 fd = open(path, O_RDONLY, 0);
    if (fd < 0 || read((int)fd, text, sizeof text - 1) <= 0)
        cannot(path, fd);
    close((int)fd);
    return strtou(text);
}

static u64 score(s64 pid)
{
    char path[40] = "/proc/", *at = path + 6, digits[8];
    int n = 0;
    for (; pid; pid /= 10)
        digits[n++] = (char)('0' + pid % 10);
    while (n)
        *at++ = digits[--n];
    memcpy(at, "/oom_score", sizeof "/oom_score");
    return number_in(path);
}

static void set_formula(u64 f)
{
    s64 fd = open(KNOB, O_WRONLY, 0);
    char c = (char)('0' + f);
    if (fd < 0 || write((int)fd, &c, 1) != 1)
        cannot(KNOB, fd);
    close((int)fd);
}

/* Gives this process its name, address space, touched pages and user. */
static void become(const char *name, u64 mib, u64 touched)
{
    SYS2(__NR_prctl, PR_SET_NAME, name);
    char *p =
        need_mapping(mmap(0, mib * MIB_PAGES * PAGE, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0),
                     name);
    for (u64 i = 0; i < touched; i++)
        p[i * PAGE] = 1;
    if (SYS3(__NR_setresuid, 1, 1, 1))
        cannot("setresuid", 0);
}

static void wait_for_ever(void)
{
    all->ready++;
    for (;;)
        sleep_ms(100000000);
}

static s64 start_daemon(void)
{
    s64 pid = fork();
    if (pid == 0) {
        become("daemon", 48, 256);
        wait_for_ever();
    }
    sleep_ms(DAEMON_AGE_MS);
    return pid;
}

/* The bomb's children are in its process group, to be killed with it. */
static s64 start_bomb(void)
{
    s64 pid = fork();
    if (pid == 0) {
        SYS2(__NR_setpgid, 0, 0);
        become("bomb", 4, 8);
        for (int i = 0; i < CHILDREN; i++)
            if (fork() == 0) {
                SYS2(__NR_prctl, PR_SET_NAME, "bomb-child");
                wait_for_ever();
            }
        wait_for_ever();
    }
    while (all->ready < CHILDREN + 2)
        sleep_ms(10);
    return pid;
}

static s64 kills(void)
{
    return proc_number("/proc/vmstat", "oom_kill");
}

static s64 start_hog(void)
{
    s64 before = kills(), pid = fork();
    if (pid)
        return pid;
    SYS2(__NR_prctl, PR_SET_NAME, "hog");
    for (u64 i = 0;; i++) {
        char *p = need_mapping(anonymous(PAGE, MAP_PRIVATE), "hog");
        *p = 1;
        if (i % 32 == 0) {
            if (kills() != before)
                break;
            all->hog_score = number_in("/proc/self/oom_score");
        }
    }
    exit(0);
}

/* Returns the name of the last victim in the log. */
static const char *killed(void)
{
    static char log[16384];
    const char *at = log, *last = NULL;
    s64 n = SYS3(__NR_syslog, 3, log, sizeof log - 1);
    log[n > 0 ? n : 0] = 0;
    while ((at = strstr(at, "Killed process ")))
        last = at = strstr(at, "(") + 1;
    char *end = last ? strstr(last, ")") : NULL;
    if (end)
        *end = 0;
    return last ? last : "nobody";
}

static bool round_of(u64 formula, const char *name, const char *expected)
{
    set_formula(formula);
    *all = (struct shared){0};
    s64 before = kills(), daemon = start_daemon(), bomb = start_bomb();
    u64 d = score(daemon), b = score(bomb), c = score(bomb + 1);
    s64 hog = start_hog();
    while (kills() == before)
        sleep_ms(10);
    const char *victim = killed();
    bool ok = !strcmp(victim, expected);
    printf("%-6s %7lu %7lu %11lu %7lu   %-11s%s\n", name, d, b, c,
           all->hog_score, victim, ok ? "" : "<-- not as predicted");
    SYS2(__NR_kill, hog, SIGKILL);
    SYS2(__NR_kill, daemon, SIGKILL);
    SYS2(__NR_kill, -bomb, SIGKILL);
    while (wait4(-1, NULL, 0) > 0)
        ;
    sleep_ms(1000); /* init reaps the bomb's children */
    return ok;
}

int main(int argc, char **argv)
{
    u64 was = number_in(KNOB);
    int wrong = 0;
    all = anonymous(PAGE, MAP_SHARED);
    printf("by     daemon   bomb    bomb-child  hog      killed\n");
    wrong += !round_of(1, "2.4.0", "daemon");
    wrong += !round_of(2, "2.6.9", "bomb-child");
    wrong += !round_of(3, "6.12", "hog");
    set_formula(was);
    printf("victims: %d of 3 not as predicted\n", wrong);
    return wrong;
}
