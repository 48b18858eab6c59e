/* SPDX-License-Identifier: MIT */
/* Calls wait4 and waitid with every combination of their options, for a child
 * in each state that a child can be in, and prints a line for each call.
 * threads.t compiles this program for the host and for the guest; both must
 * print the same lines. A call that sleeps is ended by a timer: EINTR. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include "says.h"

static void hear(int sig)
{
    (void)sig;
}

/* Lets a signal end a call in us, and again and again, in case the first comes
 * before the call. 0: no more. */
static void ring(int us)
{
    sigaction(SIGALRM, &(struct sigaction){.sa_handler = hear}, NULL);
    setitimer(ITIMER_REAL, &(struct itimerval){{0, us}, {0, us}}, NULL);
}

static long raw_waitid(int type, pid_t id, siginfo_t *info, int options,
                       struct rusage *ru)
{
    return syscall(SYS_waitid, type, id, info, options, ru);
}

/* ---- a child in a given state ---- */

enum state {
    RUNNING,
    STOPPED,
    STOP_WAITED,
    CONTINUED,
    CONT_WAITED,
    STOPPED_AGAIN,
    ENDED,
    KILLED,
    STOPPED_KILLED,
    CONTINUED_KILLED,
    STOPPED_ENDED,
    LEADER_ENDED,
    STATES
};
static const char *const state_names[] = {"running",
                                          "stopped",
                                          "stop waited for",
                                          "continued",
                                          "continue waited for",
                                          "stopped again",
                                          "ended",
                                          "killed",
                                          "stopped, killed",
                                          "continued, killed",
                                          "stopped, ended",
                                          "leader ended"};

static void *rest(void *arg)
{
    for (;;)
        pause();
    return arg;
}

static void end(int sig)
{
    (void)sig;
    _exit(3);
}

static void child(enum state s)
{
    pthread_t t;
    signal(SIGUSR2, end);
    if (s == LEADER_ENDED) {
        pthread_create(&t, NULL, rest, NULL);
        syscall(SYS_exit, 5);
    }
    rest(NULL);
}

static void await(pid_t pid, int what)
{
    siginfo_t info;
    while (waitid(P_PID, pid, &info, what | __WALL) && errno == EINTR)
        ;
}

static void stop(pid_t pid)
{
    kill(pid, SIGSTOP);
    await(pid, WSTOPPED | WNOWAIT);
}

static char proc_state(pid_t pid)
{
    char path[40], line[256] = "";
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *f = fopen(path, "r");
    char *at = f && fgets(line, sizeof line, f) ? strrchr(line, ')') : NULL;
    if (f)
        fclose(f);
    return at ? at[2] : '?';
}

/* Makes a child that ends with signal `sig`, and brings it into a state. */
static pid_t make(enum state s, int sig)
{
    pid_t pid = syscall(SYS_clone, sig, 0, 0, 0, 0);
    if (pid == 0)
        child(s);
    while (s == LEADER_ENDED ? proc_state(pid) != 'Z' : proc_state(pid) != 'S')
        sched_yield();
    if (STOPPED <= s && s <= STOPPED_AGAIN)
        stop(pid);
    if (STOPPED_KILLED <= s && s <= STOPPED_ENDED)
        stop(pid);
    if (s == STOP_WAITED)
        await(pid, WSTOPPED);
    if (s == CONTINUED || s == CONT_WAITED || s == STOPPED_AGAIN ||
        s == CONTINUED_KILLED)
        kill(pid, SIGCONT);
    if (s == CONT_WAITED)
        await(pid, WCONTINUED);
    if (s == STOPPED_AGAIN)
        stop(pid);
    if (s == ENDED || s == STOPPED_ENDED)
        kill(pid, SIGUSR2);
    if (s == STOPPED_ENDED)
        kill(pid, SIGCONT);
    if (KILLED <= s && s <= CONTINUED_KILLED)
        kill(pid, SIGKILL);
    if (ENDED <= s && s <= STOPPED_ENDED)
        await(pid, WEXITED | WNOWAIT);
    return pid;
}

static void discard(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, __WALL);
}

/* ---- one call ---- */

static void print_result(long ret, const siginfo_t *i, pid_t pid)
{
    if (ret < 0)
        printf(" %s", strerrorname_np(errno));
    else if (!i->si_pid)
        printf(" none");
    else
        printf(" %s %d of %s",
               i->si_code == CLD_EXITED      ? "exit"
               : i->si_code == CLD_KILLED    ? "killed"
               : i->si_code == CLD_STOPPED   ? "stop"
               : i->si_code == CLD_CONTINUED ? "continue"
                                             : "?",
               i->si_status, i->si_pid == pid ? "it" : "another");
    if (i->si_signo != (i->si_pid ? SIGCHLD : 0) || i->si_errno)
        printf(" (signal %d, error %d)", i->si_signo, i->si_errno);
}

/* Calls waitid, and once more without sleeping to see what is left. */
static void try_waitid(int type, pid_t id, int options, pid_t pid)
{
    siginfo_t info;
    memset(&info, 0x55, sizeof info);
    ring(options & WNOHANG ? 1000000 : 15000);
    long ret = raw_waitid(type, id, &info, options, NULL);
    ring(0);
    print_result(ret, &info, pid);
    printf(",");
    memset(&info, 0x55, sizeof info);
    ret = raw_waitid(type, id, &info, options | WNOHANG, NULL);
    print_result(ret, &info, pid);
}

static const char *words(int options)
{
    static char text[64];
    snprintf(text, sizeof text, "%s%s%s%s%s%s%s%s",
             options & WEXITED ? "E" : "", options & WSTOPPED ? "S" : "",
             options & WCONTINUED ? "C" : "", options & WNOHANG ? " hang" : "",
             options & WNOWAIT ? " keep" : "", options & __WALL ? " all" : "",
             options & __WCLONE ? " clone" : "",
             options & __WNOTHREAD ? " nothread" : "");
    return text;
}

static void by_waitid(enum state s, int sig, int kind)
{
    for (int i = 1; i < 32; i++) {
        int options = (i & 1 ? WEXITED : 0) | (i & 2 ? WSTOPPED : 0) |
                      (i & 4 ? WCONTINUED : 0) | (i & 8 ? WNOHANG : 0) |
                      (i & 16 ? WNOWAIT : 0) | kind;
        pid_t pid = make(s, sig);
        printf("%s, ends by %d: waitid %s:", state_names[s], sig,
               words(options));
        try_waitid(P_PID, pid, options, pid);
        puts("");
        discard(pid);
    }
}

static void by_wait4(enum state s, int sig, int kind)
{
    for (int i = 0; i < 8; i++) {
        int options = (i & 1 ? WUNTRACED : 0) | (i & 2 ? WCONTINUED : 0) |
                      (i & 4 ? WNOHANG : 0) | kind;
        pid_t pid = make(s, sig);
        printf("%s, ends by %d: wait4 %s:", state_names[s], sig,
               words(options));
        for (int again = 0; again < 2; again++) {
            int status = 0x5555;
            ring(options & WNOHANG ? 1000000 : 15000);
            long ret = wait4(i % 2 ? -1 : pid, &status,
                             options | (again ? WNOHANG : 0), NULL);
            ring(0);
            printf(" %s %x",
                   ret < 0      ? strerrorname_np(errno)
                   : ret == pid ? "it"
                                : "none",
                   status);
        }
        puts("");
        discard(pid);
    }
}

static void combinations(void)
{
    static const int kinds[] = {0, __WALL, __WCLONE};
    signal(SIGUSR1, SIG_IGN);
    for (int s = 0; s < STATES; s++) {
        by_waitid(s, SIGCHLD, 0);
        by_wait4(s, SIGCHLD, 0);
    }
    for (int k = 0; k < 3; k++) {
        by_wait4(RUNNING, SIGCHLD, kinds[k]);
        by_wait4(ENDED, SIGUSR1, kinds[k]);
        by_waitid(STOPPED, 0, kinds[k]);
        by_waitid(ENDED, 0, kinds[k]);
    }
}

/* ---- which children a call means ---- */

static void choices(void)
{
    static const int options[] = {WEXITED, WSTOPPED, WCONTINUED,
                                  WEXITED | WSTOPPED | WNOWAIT};
    for (int two = 0; two < 8; two++) {
        /* Two children: one in a group of its own, one in the caller's. */
        pid_t own = make(two & 1 ? ENDED : RUNNING, SIGCHLD);
        pid_t alone = make(two & 2 ? STOPPED : RUNNING, SIGCHLD);
        setpgid(alone, alone);
        if (two & 4)
            kill(alone, SIGKILL), await(alone, WEXITED | WNOWAIT);
        const struct {
            const char *name;
            int type;
            pid_t id;
        } which[] = {{"all", P_ALL, 0},
                     {"all, an id", P_ALL, -5},
                     {"own group", P_PGID, 0},
                     {"group", P_PGID, getpgrp()},
                     {"its group", P_PGID, alone},
                     {"no group", P_PGID, own},
                     {"first", P_PID, own},
                     {"second", P_PID, alone}};
        for (int w = 0; w < 8; w++)
            for (int o = 0; o < 4; o++) {
                printf("%d: %s %s:", two, which[w].name, words(options[o]));
                try_waitid(which[w].type, which[w].id, options[o] | WNOWAIT,
                           own);
                puts("");
            }
        discard(own);
        discard(alone);
    }
    siginfo_t info;
    memset(&info, 0x55, sizeof info);
    say("no child", raw_waitid(P_ALL, 0, &info, WEXITED, NULL));
    printf("%d %d %d %d %d %d\n", info.si_signo, info.si_errno, info.si_code,
           info.si_pid, (int)info.si_uid, info.si_status);
    printf("the rest is kept: %d\n", ((char *)&info)[12] == 0x55 &&
                                         ((char *)&info)[28] == 0x55 &&
                                         ((char *)&info)[127] == 0x55);
    say("unknown type", raw_waitid(4, 1, &info, WEXITED, NULL));
    say("P_PIDFD -1", raw_waitid(3, -1, &info, WEXITED, NULL));
    say("P_PIDFD, closed", raw_waitid(3, 99, &info, WEXITED, NULL));
    say("P_PIDFD, another file", raw_waitid(3, 0, &info, WEXITED, NULL));
    struct rusage ru;
    memset(&ru, 0x55, sizeof ru);
    pid_t pid = make(ENDED, SIGCHLD);
    say("a child's usage, kept",
        raw_waitid(P_PID, pid, &info, WEXITED | WNOWAIT, &ru));
    printf("%d %d\n", ru.ru_maxrss > 0 &&
                          ru.ru_maxrss<1 << 20, ru.ru_nvcsw> 0 &&
                          ru.ru_nvcsw < 1000);
    say("no place for it",
        raw_waitid(P_PID, pid, (void *)16, WEXITED | WNOWAIT, NULL));
    say("no place for its usage",
        raw_waitid(P_PID, pid, NULL, WEXITED, (void *)16));
    say("it is gone", raw_waitid(P_PID, pid, NULL, WEXITED, NULL));
    say("no place, no child",
        raw_waitid(P_PID, pid, (void *)16, WEXITED, NULL));
}

/* ---- children of threads ---- */

static pid_t theirs[2];
static pthread_barrier_t barrier;

static void take_alarms(int how)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGALRM);
    pthread_sigmask(how, &set, NULL);
}

/* Only the thread that waits takes the timer's signals. */
static void wait_each_way(const char *who, pid_t first, pid_t second)
{
    static const int options[] = {WEXITED, WSTOPPED, WEXITED | WNOHANG};
    take_alarms(SIG_UNBLOCK);
    for (int o = 0; o < 3; o++)
        for (int nothread = 0; nothread < 2; nothread++)
            for (int w = 0; w < 4; w++) {
                pid_t pid = w == 1 ? second : first;
                int how = options[o] | (nothread ? __WNOTHREAD : 0);
                printf("%s, %s %s:", who,
                       w == 0   ? "first"
                       : w == 1 ? "second"
                       : w == 2 ? "all"
                                : "group",
                       words(how));
                try_waitid(w < 2    ? P_PID
                           : w == 2 ? P_ALL
                                    : P_PGID,
                           w < 2 ? pid : 0, how | WNOWAIT, first);
                puts("");
            }
    take_alarms(SIG_BLOCK);
}

static void *makes_children(void *arg)
{
    theirs[0] = make(*(int *)arg & 1 ? ENDED : RUNNING, SIGCHLD);
    theirs[1] = make(*(int *)arg & 2 ? ENDED : STOPPED, SIGCHLD);
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier);
    wait_each_way("their maker", theirs[0], theirs[1]);
    return NULL;
}

static void of_threads(void)
{
    pthread_t t;
    pthread_barrier_init(&barrier, NULL, 2);
    take_alarms(SIG_BLOCK);
    for (int how = 0; how < 4; how++) {
        pthread_create(&t, NULL, makes_children, &how);
        pthread_barrier_wait(&barrier);
        printf("%d\n", how);
        wait_each_way("another thread", theirs[0], theirs[1]);
        pid_t own = make(ENDED, SIGCHLD);
        wait_each_way("with a child of its own", theirs[0], own);
        pthread_barrier_wait(&barrier);
        pthread_join(t, NULL);
        wait_each_way("after their maker's end", theirs[0], theirs[1]);
        discard(theirs[0]);
        discard(theirs[1]);
        discard(own);
    }
}

static void *after_leader(void *leader)
{
    while (proc_state(*(pid_t *)leader) != 'Z')
        sched_yield();
    wait_each_way("after the leader's end", theirs[0], theirs[1]);
    discard(theirs[0]);
    discard(theirs[1]);
    fflush(stdout);
    _exit(0);
}

/* The leader makes children and ends before its thread. */
static void of_leader(void)
{
    static pid_t me;
    pthread_t t;
    me = getpid();
    take_alarms(SIG_BLOCK);
    theirs[0] = make(ENDED, SIGCHLD);
    theirs[1] = make(RUNNING, SIGCHLD);
    pthread_create(&t, NULL, after_leader, &me);
    syscall(SYS_exit, 0);
}

/* ---- what becomes of a child that nobody waits for ---- */

static void ignoring(void)
{
    static const int sigs[] = {SIGCHLD, 0, SIGUSR1, 75}; /* 75: none */
    sigset_t chld, pending;
    sigemptyset(&chld);
    sigaddset(&chld, SIGCHLD);
    sigprocmask(SIG_BLOCK, &chld, NULL);
    signal(SIGUSR1, SIG_IGN);
    for (int how = 0; how < 4; how++) {
        struct sigaction a = {.sa_handler = how & 1 ? SIG_IGN : SIG_DFL,
                              .sa_flags = how & 2 ? SA_NOCLDWAIT : 0};
        for (int i = 0; i < 4; i++) {
            sigaction(SIGCHLD, &a, NULL);
            pid_t pid = syscall(SYS_clone, sigs[i], 0, 0, 0, 0);
            if (pid == 0)
                child(RUNNING);
            kill(pid, SIGSTOP);
            while (proc_state(pid) != 'T')
                nap(1);
            sigpending(&pending);
            printf("%d: stopped: SIGCHLD pending %d;", how,
                   sigismember(&pending, SIGCHLD));
            sigaction(SIGCHLD, &a, NULL);
            kill(pid, SIGKILL);
            while (proc_state(pid) != 'Z' && proc_state(pid) != '?')
                nap(1);
            nap(20);
            sigpending(&pending);
            printf(" ended by %d: pending %d, %c", sigs[i],
                   sigismember(&pending, SIGCHLD), proc_state(pid));
            printf(", waited for %d\n", waitpid(pid, NULL, __WALL) == pid);
        }
    }
}

int main(void)
{
    alarm(200);
    in_child("combinations", combinations);
    in_child("choices", choices);
    in_child("of threads", of_threads);
    in_child("of an ended leader", of_leader);
    in_child("ignoring", ignoring);
    puts("end");
    return 0;
}
