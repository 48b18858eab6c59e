/* SPDX-License-Identifier: MIT */
/* Prints the kernel's answers when a process asks about itself or changes what
 * it is: ids, groups, capabilities, prctl, scheduling, clocks. limits.t runs
 * this program, like limit_calls.c, on the host and in the guest. Arguments: a
 * directory to work in, and this program. */
#define _GNU_SOURCE
#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include "says.h"

#define SAY(it)    say(#it, (long)(it))
#define CALL(...)  say(#__VA_ARGS__, syscall(SYS_##__VA_ARGS__))
#define PRCTL(...) say("prctl " #__VA_ARGS__, syscall(SYS_prctl, __VA_ARGS__))

static const char *self;

/* Prints those lines of /proc/self/status that start with one of the words; of
 * capabilities the first ten: which others there are depends on the host. */
static void status(const char *words)
{
    char line[512], name[64];
    FILE *f = fopen("/proc/self/status", "r");
    while (f && fgets(line, sizeof line, f)) {
        char *colon = strchr(line, ':');
        if (!colon)
            continue;
        snprintf(name, sizeof name, " %.*s ", (int)(colon - line), line);
        if (strstr(words, name) && !strncmp(name, " Cap", 4))
            printf("  %s %lx\n", name, strtoul(colon + 2, NULL, 16) & 0x3ff);
        else if (strstr(words, name))
            printf("  %s", line);
    }
    if (f)
        fclose(f);
}

static void ids(void)
{
    status(" Uid Gid Groups ");
}

/* ---- ids ---- */

/* Every call with every id of a small set, from each starting point. */
static void id_calls(void)
{
    static const int starts[][3] = {
        {0, 0, 0}, {0, 5, 0}, {5, 0, 6}, {1, 2, 3}, {5, 5, 5}};
    static const int values[] = {-1, 0, 1, 2, 3, 5, 6};
    static const long calls[] = {SYS_setuid,   SYS_setgid,   SYS_setfsuid,
                                 SYS_setfsgid, SYS_setreuid, SYS_setregid};
    for (int s = 0; s < 5; s++)
        for (int c = 0; c < 6; c++)
            for (int i = 0; i < 49; i++) {
                int x = values[i / 7], y = values[i % 7];
                if (c < 4 && i % 7)
                    continue;
                fflush(stdout);
                if (fork()) {
                    wait(NULL);
                    continue;
                }
                const int *t = starts[s];
                if (setresgid(t[0], t[1], t[2]) || setresuid(t[0], t[1], t[2]))
                    say("start", -1);
                printf("%d %d %d: call %d of %d %d", t[0], t[1], t[2], c, x, y);
                say("", syscall(calls[c], x, y));
                ids();
                status(" CapPrm CapEff ");
                exit(0);
            }
}

static void more_ids(void)
{
    SAY(setfsuid(7));
    SAY(setresuid(-1, -1, -1));
    SAY(setfsuid(-1));
    SAY(setreuid(-1, -1));
    SAY(setfsuid(-1));
    SAY(setfsgid(7));
    SAY(setresgid(-1, 0, -1));
    SAY(setfsgid(-1));
    SAY(setfsgid(8));
    SAY(setregid(-1, -1));
    SAY(setfsgid(-1));
}

static int compare(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(gid_t));
}

static void groups(void)
{
    static gid_t g[65537], h[65537];
    gid_t few[] = {9, 3, 5, 3, 0, 4000000000u, 1};
    CALL(setgroups, 7, few);
    SAY(getgroups(0, NULL));
    SAY(getgroups(6, h));
    SAY(getgroups(-1, h));
    SAY(getgroups(7, (gid_t *)16));
    SAY(getgroups(100, h));
    for (int i = 0; i < 7; i++)
        printf("%u ", h[i]);
    puts("");
    ids();
    few[3] = -1;
    CALL(setgroups, 7, few);
    CALL(setgroups, 3, (gid_t *)16);
    CALL(setgroups, -1, few);
    for (unsigned i = 0; i < 65537; i++)
        g[i] = i * 2654435761u % 1000003;
    CALL(setgroups, 65537, g);
    ids();
    CALL(setgroups, 65536, g);
    SAY(getgroups(65536, h));
    int wrong = 0;
    for (unsigned i = 1; i < 65536; i++)
        wrong += h[i - 1] > h[i];
    printf("%d are not in order\n", wrong);
    qsort(g, 65536, sizeof *g, compare);
    qsort(h, 65536, sizeof *h, compare);
    printf("the same: %d\n", !memcmp(g, h, 65536 * sizeof *g));
    CALL(setgroups, 40, g);
    mkdir("grouped", 0070);
    SAY(chown("grouped", 0, g[39]));
    fflush(stdout);
    if (fork() == 0) {
        if (setgid(99) || setuid(99))
            say("setuid", -1);
        SAY(getgroups(0, NULL));
        SAY(access("grouped", R_OK | W_OK | X_OK));
        CALL(setgroups, 0, NULL);
        exit(0);
    }
    wait(NULL);
    CALL(setgroups, 0, (gid_t *)16);
    SAY(getgroups(10, h));
    ids();
}

/* ---- capabilities over a change of user, and exec ---- */

/* Sets these of the first ten capabilities, and leaves the others. */
static int caps(unsigned effective, unsigned permitted, unsigned inheritable)
{
    struct __user_cap_header_struct h = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct d[2];
    if (syscall(SYS_capget, &h, d))
        return -1;
    d->effective = (d->effective & ~0x3ffu) | effective;
    d->permitted = (d->permitted & ~0x3ffu) | permitted;
    d->inheritable = inheritable;
    return syscall(SYS_capset, &h, d);
}

static void show_caps(void)
{
    ids();
    status(" CapInh CapPrm CapEff CapAmb NoNewPrivs ");
    PRCTL(PR_GET_SECUREBITS);
    PRCTL(PR_GET_KEEPCAPS, 0, 0, 0, 0);
    PRCTL(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
}

static void run_self(void)
{
    fflush(stdout);
    execl(self, self, "shown", NULL);
    say("exec", -1);
}

static void keep_caps(void)
{
    PRCTL(PR_SET_KEEPCAPS, 2, 0, 0, 0);
    PRCTL(PR_SET_KEEPCAPS, 1, 7, 8, 9);
    PRCTL(PR_GET_KEEPCAPS, 7, 8, 9, 1);
    in_child("a child has it", show_caps);
    SAY(setresuid(5, 5, 5));
    show_caps();
    SAY(caps(1 << CAP_SETUID, 1 << CAP_SETUID | 1 << CAP_KILL, 0));
    SAY(setresuid(0, 0, 0));
    show_caps();
    run_self();
}

static void no_setuid_fixup(void)
{
    PRCTL(PR_SET_SECUREBITS, 0x1000, 0, 0, 0);
    PRCTL(PR_SET_SECUREBITS,
          SECBIT_NO_SETUID_FIXUP | SECBIT_NO_SETUID_FIXUP_LOCKED, 0, 0, 0);
    PRCTL(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0);
    PRCTL(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP_LOCKED, 0, 0, 0);
    PRCTL(PR_SET_SECUREBITS, SECURE_ALL_BITS | SECURE_ALL_LOCKS, 0, 0, 0);
    PRCTL(PR_SET_KEEPCAPS, 0, 0, 0, 0);
    SAY(setfsuid(5));
    show_caps();
    SAY(setresuid(5, 5, 5));
    show_caps();
    run_self();
}

static void no_root(void)
{
    PRCTL(PR_SET_SECUREBITS, SECBIT_NOROOT, 0, 0, 0);
    show_caps();
    run_self();
}

static void ambient(void)
{
    PRCTL(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 0, 0);
    SAY(caps(0x3ff, 0x3ff, 1 << CAP_KILL | 1 << CAP_CHOWN));
    PRCTL(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 0, 0);
    PRCTL(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_CHOWN, 0, 0);
    PRCTL(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 99, 0, 0);
    PRCTL(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 1, 0);
    PRCTL(PR_CAP_AMBIENT, 9, CAP_KILL, 0, 0);
    PRCTL(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_KILL, 0, 0);
    PRCTL(PR_CAP_AMBIENT, PR_CAP_AMBIENT_LOWER, CAP_CHOWN, 0, 0);
    PRCTL(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_CHOWN, 0, 0);
    PRCTL(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 1, 0, 0);
    in_child("exec by root", run_self);
    PRCTL(PR_SET_SECUREBITS, SECBIT_KEEP_CAPS | SECBIT_NO_CAP_AMBIENT_RAISE, 0,
          0, 0);
    PRCTL(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_CHOWN, 0, 0);
    PRCTL(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0);
    SAY(setresuid(5, 5, 5));
    show_caps();
    in_child("exec by another user", run_self);
    SAY(caps(0, 1 << CAP_KILL, 0));
    show_caps();
}

static void ambient_lost(void)
{
    SAY(caps(0x3ff, 0x3ff, 1 << CAP_KILL));
    PRCTL(PR_SET_KEEPCAPS, 1, 0, 0, 0);
    PRCTL(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 0, 0);
    SAY(setresuid(5, 5, 5));
    show_caps();
    run_self();
}

static void *secure(void)
{
    return (void *)getauxval(AT_SECURE);
}

static void no_new_privs(void)
{
    PRCTL(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0);
    PRCTL(PR_SET_NO_NEW_PRIVS, 2, 0, 0, 0);
    PRCTL(PR_SET_NO_NEW_PRIVS, 1, 0, 1, 0);
    PRCTL(PR_GET_NO_NEW_PRIVS, 1, 0, 0, 0);
    SAY(caps(1 << CAP_KILL, 1 << CAP_KILL | 1 << CAP_CHOWN, 0));
    in_child("exec gains rights", run_self);
    PRCTL(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    in_child("a child has it", show_caps);
    PRCTL(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0);
    run_self();
}

static void another_user(void)
{
    SAY(setresuid(0, 5, 5));
    run_self();
}

static void another_group(void)
{
    SAY(setresgid(0, 5, 5));
    run_self();
}

/* ---- signals ---- */

/* Sets an action with each single flag. (x86 has SA_RESTORER, too.) */
static void action_flags(void)
{
    for (int bit = 0; bit < 64; bit++) {
        unsigned long new[4] = {(unsigned long)SIG_IGN}, old[4] = {0};
        if (bit == 26)
            continue;
        new[1] = 1ul << bit;
        CALL(rt_sigaction, SIGUSR2, new, NULL, 8);
        CALL(rt_sigaction, SIGUSR2, NULL, old, 8);
        printf("flag %d: %lx\n", bit, old[1]);
    }
}

static void take_all(void)
{
    sigset_t all;
    siginfo_t info;
    struct timespec zero = {0, 0};
    sigfillset(&all);
    while (sigtimedwait(&all, &info, &zero) > 0)
        printf("  took %d: code %d, from us %d, value %d\n", info.si_signo,
               info.si_code, info.si_pid == getpid(),
               info.si_code == SI_QUEUE ? info.si_value.sival_int : 0);
}

static void queues(void)
{
    const int rt = SIGRTMIN + 3;
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    for (rlim_t n = 0; n < 4; n++) {
        setrlimit(RLIMIT_SIGPENDING, &(struct rlimit){n, 8});
        for (int i = 0; i < 3; i++) {
            printf("limit %d: ", (int)n);
            SAY(sigqueue(getpid(), rt, (union sigval){i}));
            SAY(kill(getpid(), rt + 1));
            SAY(syscall(SYS_tgkill, getpid(), getpid(), rt + 2));
            SAY(sigqueue(getpid(), SIGUSR1, (union sigval){i}));
            SAY(kill(getpid(), SIGUSR2));
            SAY(syscall(SYS_tkill, getpid(), SIGWINCH));
            status(" SigQ ");
        }
        take_all();
        status(" SigQ ");
    }
    /* Signals queued for a child of the same user count, too. */
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0)
        for (;;)
            pause();
    for (int i = 0; i < 3; i++)
        SAY(sigqueue(pid, rt, (union sigval){i}));
    SAY(sigqueue(getpid(), rt, (union sigval){9}));
    setrlimit(RLIMIT_SIGPENDING, &(struct rlimit){4, 8});
    SAY(sigqueue(getpid(), rt, (union sigval){9}));
    SAY(sigqueue(pid, rt, (union sigval){9}));
    status(" SigQ ");
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    status(" SigQ ");
    take_all();
}

static void users_queues(void)
{
    if (setuid(23456))
        say("setuid", -1);
    queues();
}

/* ---- prctl ---- */

static void settings(void)
{
    int n = -1;
    PRCTL(PR_GET_TIMING, 0, 0, 0, 0);
    PRCTL(PR_SET_TIMING, 0, 0, 0, 0);
    PRCTL(PR_SET_TIMING, 1, 0, 0, 0);
    PRCTL(PR_SET_PDEATHSIG, 64, 0, 0, 0);
    PRCTL(PR_SET_PDEATHSIG, 65, 0, 0, 0);
    PRCTL(PR_GET_PDEATHSIG, &n, 0, 0, 0);
    printf("%d\n", n);
    PRCTL(PR_GET_PDEATHSIG, 16, 0, 0, 0);
    PRCTL(PR_SET_DUMPABLE, 3, 0, 0, 0);
    PRCTL(PR_GET_DUMPABLE, 0, 0, 0, 0);
    PRCTL(PR_GET_CHILD_SUBREAPER, &n, 0, 0, 0);
    printf("%d\n", n);
    PRCTL(PR_GET_CHILD_SUBREAPER, 16, 0, 0, 0);
    PRCTL(PR_SET_CHILD_SUBREAPER, 5, 6, 7, 8);
    PRCTL(PR_GET_CHILD_SUBREAPER, &n, 0, 0, 0);
    printf("%d\n", n);
    fflush(stdout);
    if (fork() == 0) {
        PRCTL(PR_GET_CHILD_SUBREAPER, &n, 0, 0, 0);
        printf("in a child %d\n", n);
        exit(0);
    }
    wait(NULL);
    PRCTL(12345, 0, 0, 0, 0);
    PRCTL(-1, 0, 0, 0, 0);
}

/* ---- scheduling ---- */

static void show_sched(void)
{
    struct sched_param param = {77};
    CALL(sched_getscheduler, 0);
    CALL(sched_getparam, 0, &param);
    printf("%d, nice %d\n", param.sched_priority, getpriority(PRIO_PROCESS, 0));
}

static void sched_calls(void)
{
    struct sched_param zero = {0}, one = {1}, low = {-1};
    struct timespec t = {0, 0};
    for (int policy = -1; policy < 7; policy++) {
        printf("%d: ", policy);
        CALL(sched_get_priority_max, policy);
        CALL(sched_get_priority_min, policy);
        if (policy != SCHED_FIFO && policy != SCHED_RR)
            CALL(sched_setscheduler, 0, policy, &one);
        CALL(sched_setscheduler, 0, policy, &low);
        CALL(sched_setscheduler, 0, policy, &zero);
        show_sched();
        in_child("in a child", show_sched);
    }
    CALL(sched_setscheduler, -1, 0, &zero);
    CALL(sched_setscheduler, 0x3fffffff, 0, &zero);
    CALL(sched_setscheduler, 0x3fffffff, 99, &zero);
    CALL(sched_setscheduler, 0, 0, NULL);
    CALL(sched_setscheduler, 0, 0, 16);
    CALL(sched_setscheduler, 0, 0x20000000, &zero);
    CALL(sched_setparam, 0, &zero);
    CALL(sched_setparam, 0, &one);
    CALL(sched_setparam, -1, &zero);
    CALL(sched_setparam, 0, NULL);
    CALL(sched_setparam, 0x3fffffff, &zero);
    CALL(sched_getparam, 0, NULL);
    CALL(sched_getparam, 0, 16);
    CALL(sched_getparam, -1, &zero);
    CALL(sched_getparam, 0x3fffffff, &zero);
    CALL(sched_getscheduler, -1);
    CALL(sched_getscheduler, 0x3fffffff);
    CALL(sched_rr_get_interval, -1, &t);
    CALL(sched_rr_get_interval, 0x3fffffff, &t);
    CALL(sched_rr_get_interval, 0, &t);
    CALL(sched_rr_get_interval, 0, 16);
    CALL(sched_setscheduler, 0, SCHED_BATCH | SCHED_RESET_ON_FORK, &zero);
    SAY(setpriority(PRIO_PROCESS, 0, -5));
    show_sched();
    in_child("in a child", show_sched);
    SAY(setpriority(PRIO_PROCESS, 0, 5));
    in_child("in a child", show_sched);
}

static void sched_rights(void)
{
    struct sched_param zero = {0}, one = {1};
    pid_t parent = getppid();
    CALL(sched_setscheduler, 0, SCHED_BATCH | SCHED_RESET_ON_FORK, &zero);
    if (setresuid(23456, 23456, 23456))
        say("setresuid", -1);
    CALL(sched_setscheduler, 0, SCHED_BATCH, &zero);
    CALL(sched_setscheduler, 0, SCHED_IDLE | SCHED_RESET_ON_FORK, &zero);
    CALL(sched_setscheduler, 0, SCHED_OTHER | SCHED_RESET_ON_FORK, &zero);
    CALL(sched_setscheduler, 0, SCHED_FIFO | SCHED_RESET_ON_FORK, &one);
    CALL(sched_setscheduler, parent, SCHED_BATCH, &zero);
    CALL(sched_setparam, parent, &zero);
    CALL(sched_getscheduler, parent);
    CALL(sched_getparam, parent, &zero);
}

/* ---- clocks of processor time ---- */

static void clock_calls(const char *what, pid_t pid)
{
    for (int kind = 0; kind < 8; kind++) {
        struct timespec t = {0, 0};
        int id = ~pid * 8 | kind;
        printf("%s, %d: ", what, kind);
        CALL(clock_gettime, id, &t);
        long ms = t.tv_sec * 1000 + t.tv_nsec / 1000000;
        if (kind == 2) /* some Linuxes only sample the others */
            printf("  used some: %d\n", ms >= 60 && ms < 10000);
        CALL(clock_getres, id, NULL);
        CALL(clock_settime, id, &t);
        CALL(clock_settime, id, 16);
    }
}

static void burn(void)
{
    struct timespec t;
    do
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    while (t.tv_sec * 1000 + t.tv_nsec / 1000000 < 60);
}

static void *ask_clocks(void *leader)
{
    clock_calls("a thread", syscall(SYS_gettid));
    clock_calls("its leader", *(pid_t *)leader);
    return NULL;
}

static void clocks(void)
{
    siginfo_t info;
    pid_t me = getpid();
    pthread_t t;
    burn();
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        burn();
        raise(SIGSTOP);
        _exit(0);
    }
    waitid(P_PID, pid, &info, WSTOPPED);
    clock_calls("a child", pid);
    kill(pid, SIGCONT);
    waitid(P_PID, pid, &info, WEXITED | WNOWAIT);
    clock_calls("a zombie", pid);
    waitpid(pid, NULL, 0);
    clock_calls("nobody", pid);
    clock_calls("the caller", me);
    clock_calls("0", 0);
    clock_calls("no number", 0x3ffffff);
    pthread_create(&t, NULL, ask_clocks, &me);
    pthread_join(t, NULL);
    clock_t id;
    SAY(clock_getcpuclockid(0, (clockid_t *)&id));
    for (int i = 1; i < 16; i++) {
        struct timespec now = {0, 0};
        if (i == 8 || i == 9) /* they need a clock that wakes the machine */
            continue;
        printf("%d: ", i);
        CALL(clock_gettime, i, &now);
        CALL(clock_settime, i, &now);
    }
}

/* Makes a child with two children, and ends it; says whose they become. */
static void orphans(const char *what, int ignored)
{
    int p[2], line[2];
    if (pipe(p))
        return;
    signal(SIGCHLD, ignored ? SIG_IGN : SIG_DFL);
    fflush(stdout);
    if (fork() == 0) {
        pid_t middle = getpid();
        signal(SIGCHLD, SIG_DFL);
        if (fork() == 0)
            _exit(4); /* a zombie when its parent ends */
        if (fork() == 0) {
            while (getppid() == middle)
                usleep(1000);
            line[0] = getppid();
            line[1] = getpid();
            _exit(write(p[1], line, sizeof line) != sizeof line);
        }
        usleep(20000);
        _exit(0);
    }
    if (read(p[0], line, sizeof line) != sizeof line)
        return;
    printf("%s: mine %d", what, line[0] == getpid());
    if (line[0] != getpid())
        printf(", init's %d", line[0] == 1);
    int n = 0, codes = 0, status;
    while (waitpid(-1, &status, 0) > 0) {
        n++;
        codes += WEXITSTATUS(status);
    }
    printf("; waited for %d with %d, then %s\n", n, codes,
           strerrorname_np(errno));
    close(p[0]);
    close(p[1]);
}

static void adopting(void)
{
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    orphans("a subreaper", 0);
    orphans("a subreaper that ignores SIGCHLD", 1);
    signal(SIGCHLD, SIG_DFL);
    fflush(stdout);
    if (fork() == 0) {
        orphans("its child", 0);
        fflush(stdout);
        _exit(0);
    }
    while (wait(NULL) > 0)
        ;
}

int main(int argc, char **argv)
{
    if (argc > 1 && !strcmp(argv[1], "shown")) {
        show_caps();
        SAY(secure());
        return 0;
    }
    if (argc < 3 || chdir(argv[1]))
        return 2;
    self = argv[2];
    umask(0);
    SAY(setgroups(0, NULL));
    in_child("ids", id_calls);
    in_child("more ids", more_ids);
    in_child("groups", groups);
    in_child("keep caps", keep_caps);
    in_child("no setuid fixup", no_setuid_fixup);
    in_child("no root", no_root);
    in_child("ambient", ambient);
    in_child("ambient lost", ambient_lost);
    in_child("no new privs", no_new_privs);
    in_child("another user", another_user);
    in_child("another group", another_group);
    in_child("action flags", action_flags);
    in_child("queues", users_queues);
    in_child("settings", settings);
    in_child("adopting", adopting);
    in_child("scheduling", sched_calls);
    in_child("rights to schedule", sched_rights);
    in_child("clocks", clocks);
    CALL(reboot, 0xfee1dead, 12345, 0, 0);
    CALL(reboot, 0xfee1dea0, 0x28121969, 0, 0);
    CALL(reboot, 0xfee1dead, 0x28121969, 12345, 0);
    puts("end");
    return 0;
}
