/* SPDX-License-Identifier: MIT */
/* Prints results and effects of calls with threads, as far as they are the same
 * on every Linux. threads.t compiles this program for the host and for the
 * guest; both must print the same lines. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "says.h"

static int tid(void)
{
    return (int)syscall(SYS_gettid);
}

/* ---- many threads, one counter ---- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static long counter;
static __thread long mine;

static void *count(void *arg)
{
    for (int i = 0; i < 2000; i++) {
        pthread_mutex_lock(&lock);
        counter++;
        pthread_mutex_unlock(&lock);
        mine++;
    }
    return (void *)(mine + (long)arg);
}

static void counting(void)
{
    pthread_t t[16];
    long sum = 0;
    void *ret;
    for (long i = 0; i < 16; i++)
        if (pthread_create(&t[i], NULL, count, (void *)i))
            puts("pthread_create failed");
    for (int i = 0; i < 16; i++) {
        pthread_join(t[i], &ret);
        sum += (long)ret;
    }
    printf("counted %ld, own counts and arguments %ld\n", counter, sum);
}

/* ---- a queue between two threads: condition variables, semaphores ---- */

static int queue, done_with;
static sem_t sem;

static void *consumer(void *arg)
{
    (void)arg;
    pthread_mutex_lock(&lock);
    while (done_with < 500) {
        while (!queue)
            pthread_cond_wait(&cond, &lock);
        done_with += queue;
        queue = 0;
        pthread_cond_broadcast(&cond);
    }
    pthread_mutex_unlock(&lock);
    sem_post(&sem);
    return NULL;
}

static void handing(void)
{
    pthread_t t;
    sem_init(&sem, 0, 0);
    pthread_create(&t, NULL, consumer, NULL);
    for (int i = 0; i < 500; i++) {
        pthread_mutex_lock(&lock);
        while (queue)
            pthread_cond_wait(&cond, &lock);
        queue = 1;
        pthread_cond_broadcast(&cond);
        pthread_mutex_unlock(&lock);
    }
    sem_wait(&sem);
    pthread_join(t, NULL);
    printf("handed over %d\n", done_with);
}

/* ---- numbers, and /proc ---- */

static int tasks(void)
{
    DIR *d = opendir("/proc/self/task");
    int n = 0, own = 0;
    for (struct dirent *e; d && (e = readdir(d));) {
        n += e->d_name[0] != '.';
        own += atoi(e->d_name) == tid();
    }
    if (d)
        closedir(d);
    return own == 1 ? n : -n;
}

static long status_line(const char *path, const char *name)
{
    char line[256];
    long value = -1;
    FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f))
        if (!strncmp(line, name, strlen(name)))
            value = atol(line + strlen(name));
    if (f)
        fclose(f);
    return value;
}

static pthread_barrier_t barrier;

static void *number(void *arg)
{
    char path[64], name[32] = "", link[64] = "", want[64];
    (void)arg;
    pthread_barrier_wait(&barrier);
    snprintf(path, sizeof path, "/proc/self/task/%d/status", tid());
    printf("thread: own number %d, same process %d, same parent %d\n",
           tid() != getpid(), status_line(path, "Tgid:") == getpid(),
           status_line(path, "PPid:") == getppid());
    printf("tasks %d, Threads %ld, Pid %d\n", tasks(),
           status_line("/proc/self/status", "Threads:"),
           status_line(path, "Pid:") == tid());
    pthread_setname_np(pthread_self(), "worker");
    snprintf(path, sizeof path, "/proc/self/task/%d/comm", tid());
    FILE *f = fopen(path, "r");
    if (f && fgets(name, sizeof name, f))
        printf("comm %s", name);
    snprintf(want, sizeof want, "%d/task/%d", getpid(), tid());
    if (readlink("/proc/thread-self", link, sizeof link) > 0)
        printf("thread-self %d\n", !strcmp(link, want));
    printf("no such task of init: %d\n", access("/proc/1/task/999999", F_OK));
    pthread_barrier_wait(&barrier);
    return NULL;
}

static void numbers(void)
{
    pthread_t t;
    pthread_barrier_init(&barrier, NULL, 2);
    pthread_create(&t, NULL, number, NULL);
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier);
    pthread_join(t, NULL);
    for (int i = 0; i < 100 && tasks() != 1; i++)
        nap(10);
    printf("alone again: %d\n", tasks());
    printf("getpid is gettid: %d\n", getpid() == tid());
}

/* ---- ends ---- */

static void *sleeper(void *arg)
{
    for (;;)
        nap(1000);
    return arg;
}

static void *reader(void *arg)
{
    char c;
    int *p = arg;
    return (void *)(long)read(p[0], &c, 1);
}

static void *exit_all(void *arg)
{
    nap(50);
    exit((int)(long)arg);
}

static void exit_group_all(void)
{
    static int p[2];
    pthread_t t;
    if (pipe(p))
        return;
    pthread_create(&t, NULL, sleeper, NULL);
    pthread_create(&t, NULL, reader, p);
    pthread_create(&t, NULL, exit_all, (void *)7);
    pause();
}

static void *leader_gone(void *arg)
{
    char path[64], line[256], state = '?';
    (void)arg;
    nap(50);
    snprintf(path, sizeof path, "/proc/%d/stat", getpid());
    FILE *f = fopen(path, "r");
    if (f && fgets(line, sizeof line, f))
        state = strrchr(line, ')')[2];
    printf("the leader is %c while a thread runs\n", state);
    fflush(stdout);
    nap(50);
    syscall(SYS_exit, 3);
    return NULL;
}

/* The first thread ends first: its status is that of the process. */
static void leader_first(void)
{
    pthread_t t;
    pthread_create(&t, NULL, leader_gone, NULL);
    syscall(SYS_exit, 9);
}

static void *fault(void *arg)
{
    nap(20);
    *(volatile int *)arg = 1;
    return NULL;
}

static void fault_kills_all(void)
{
    pthread_t t;
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    pthread_create(&t, NULL, sleeper, NULL);
    pthread_create(&t, NULL, fault, NULL);
    pause();
}

static void *spin(void *arg)
{
    for (;;)
        ;
    return arg;
}

static void killed(void)
{
    pthread_t t;
    pthread_create(&t, NULL, spin, NULL);
    pthread_create(&t, NULL, sleeper, NULL);
    if (fork() == 0) {
        nap(50);
        kill(getppid(), SIGKILL);
        _exit(0);
    }
    pause();
}

/* ---- exec ---- */

static const char *self;

static void *run_self(void *arg)
{
    (void)arg;
    nap(20);
    execl(self, self, "again", NULL);
    return NULL;
}

static void exec_by_thread(void)
{
    pthread_t t;
    pthread_create(&t, NULL, sleeper, NULL);
    pthread_create(&t, NULL, run_self, NULL);
    pause();
}

static void exec_by_leader(void)
{
    pthread_t t;
    pthread_create(&t, NULL, sleeper, NULL);
    pthread_create(&t, NULL, spin, NULL);
    nap(20);
    prctl(PR_SET_PDEATHSIG, SIGUSR1);
    execl(self, self, "again", NULL);
}

static void exec_after_leader(void)
{
    pthread_t t;
    pthread_create(&t, NULL, run_self, NULL);
    syscall(SYS_exit, 1);
}

static void *exec_nothing(void *arg)
{
    say("exec of nothing", execl("/no/such", "x", NULL));
    return arg;
}

static void exec_fails(void)
{
    pthread_t t;
    pthread_create(&t, NULL, exec_nothing, NULL);
    pthread_join(t, NULL);
    puts("still here");
}

/* ---- signals ---- */

static volatile int who, hits;

static void note(int sig)
{
    (void)sig;
    who = tid();
    hits++;
}

static void *wait_for_it(void *arg)
{
    sigset_t *set = arg;
    pthread_sigmask(SIG_UNBLOCK, set, NULL);
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < 500 && !hits; i++)
        nap(10);
    printf("taken by the thread that does not block it: %d\n", who == tid());
    return NULL;
}

static void *blocks(void *arg)
{
    sigset_t pending;
    (void)arg;
    pthread_barrier_wait(&barrier);
    sigpending(&pending);
    printf("thread: pending %d\n", sigismember(&pending, SIGUSR2));
    return NULL;
}

static void signals(void)
{
    sigset_t set, pending;
    siginfo_t info;
    pthread_t t;
    int p[2];
    signal(SIGUSR1, note);
    signal(SIGUSR2, note);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGUSR2);
    sigaddset(&set, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    pthread_barrier_init(&barrier, NULL, 2);
    pthread_create(&t, NULL, wait_for_it, &set);
    pthread_barrier_wait(&barrier);
    kill(getpid(), SIGUSR1);
    pthread_join(t, NULL);
    pthread_create(&t, NULL, blocks, NULL);
    pthread_kill(t, SIGUSR2);
    sigpending(&pending);
    printf("leader: pending %d\n", sigismember(&pending, SIGUSR2));
    pthread_barrier_wait(&barrier);
    pthread_join(t, NULL);
    kill(getpid(), SIGUSR2);
    say("sigwaitinfo", sigwaitinfo(&set, &info) == SIGUSR2 ? 0 : -1);
    printf("code %d, from us %d\n", info.si_code, info.si_pid == getpid());
    pthread_kill(pthread_self(), SIGUSR2);
    sigwaitinfo(&set, &info);
    printf("code %d\n", info.si_code);
    pipe(p);
    close(p[0]);
    write(p[1], "x", 1);
    sigwaitinfo(&set, &info);
    printf("code %d, from us %d\n", info.si_code, info.si_pid == getpid());
    say("kill: no such process, no such signal", kill(0x3fffffff, 9999));
    say("tgkill: not our thread", syscall(SYS_tgkill, getpid(), 1, SIGUSR1));
    say("tgkill: another process", syscall(SYS_tgkill, getppid(), getpid(), 0));
    say("tgkill: process 0", syscall(SYS_tgkill, 0, getpid(), 0));
}

static void *stopped(void *arg)
{
    volatile int *beat = arg;
    for (;;)
        ++*beat;
    return NULL;
}

static void stopping(void)
{
    volatile int *beat = mmap(NULL, 4096, 3, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int status;
    pthread_t t;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        pthread_create(&t, NULL, stopped, (void *)beat);
        pthread_create(&t, NULL, sleeper, NULL);
        pause();
    }
    while (!*beat)
        nap(10);
    kill(pid, SIGSTOP);
    say("waitpid", waitpid(pid, &status, WUNTRACED) == pid ? 0 : -1);
    printf("stopped %d by %d\n", WIFSTOPPED(status), WSTOPSIG(status));
    int was = *beat;
    nap(100);
    printf("another thread stopped, too: %d\n", *beat == was);
    kill(pid, SIGCONT);
    say("waitpid", waitpid(pid, &status, WCONTINUED) == pid ? 0 : -1);
    printf("continued %d\n", WIFCONTINUED(status));
    nap(100);
    printf("goes on: %d\n", *beat != was);
    kill(pid, SIGSTOP);
    waitpid(pid, &status, WUNTRACED);
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    printf("killed while stopped: %d\n", WTERMSIG(status));
}

/* A blocked signal becomes pending even if it is ignored (SIGUSR1 by SIG_IGN,
 * SIGURG by default); it is discarded when sigaction sets that action again. */
static void ignoring(void)
{
    const int both[] = {SIGUSR1, SIGURG};
    struct timespec soon = {5, 0}, now = {0, 0};
    sigset_t set;
    sigemptyset(&set);
    for (int i = 0; i < 2; i++) {
        sigaddset(&set, both[i]);
        sigprocmask(SIG_BLOCK, &set, NULL);
        signal(both[i], i ? SIG_DFL : SIG_IGN);
        raise(both[i]);
        say("sent before", sigtimedwait(&set, NULL, &soon));
        if (fork() == 0) {
            nap(50);
            _exit(kill(getppid(), both[i]));
        }
        say("sent meanwhile", sigtimedwait(&set, NULL, &soon));
        raise(both[i]);
        signal(both[i], i ? SIG_DFL : SIG_IGN);
        say("discarded by sigaction", sigtimedwait(&set, NULL, &now));
    }
}

static void raise_again(int sig)
{
    if (++hits < 100)
        raise(sig);
}

/* A vfork child has the alternate stack. Nested signals overflow that stack. */
static void alternate_stack(void)
{
    struct sigaction a = {.sa_handler = raise_again,
                          .sa_flags = SA_ONSTACK | SA_NODEFER};
    char *m = mmap(NULL, 1 << 20, 3, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    stack_t ss = {.ss_sp = m + (1 << 20) - 16384, .ss_size = 16384};
    sigaltstack(&ss, NULL);
    ss.ss_flags = -1;
    if (vfork() == 0)
        _exit(sigaltstack(NULL, &ss));
    printf("a vfork child's alternate stack: flags %d\n", ss.ss_flags);
    fflush(stdout);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    sigaction(SIGUSR1, &a, NULL);
    raise(SIGUSR1);
}

/* ---- children of a process with threads ---- */

static void *fork_wait(void *arg)
{
    int status;
    pid_t pid = fork();
    if (pid == 0)
        _exit(tasks() == 1 && getpid() == tid() ? 4 : 5);
    pid_t got = waitpid(pid, &status, 0);
    printf("a thread's child: alone %d, waited %d\n", WEXITSTATUS(status),
           got == pid);
    *(pid_t *)arg = fork();
    if (*(pid_t *)arg == 0)
        _exit(6);
    return NULL;
}

static void forking(void)
{
    pthread_t t;
    pid_t pid;
    int status;
    pthread_create(&t, NULL, fork_wait, &pid);
    pthread_join(t, NULL);
    say("another thread waits", waitpid(pid, &status, 0) == pid ? 0 : -1);
    printf("%d\n", WEXITSTATUS(status));
}

/* ---- clone3 ---- */

static void clones(void)
{
    struct clone_args c = {.exit_signal = SIGCHLD};
    struct {
        struct clone_args c;
        unsigned long long more[4];
    } longer = {.c = {.exit_signal = SIGCHLD}};
    int status;
    fflush(stdout);
    long pid = syscall(SYS_clone3, &c, sizeof c);
    if (pid == 0)
        _exit(3);
    say("clone3", waitpid(pid, &status, 0) == pid ? WEXITSTATUS(status) : -1);
    say("too short", syscall(SYS_clone3, &c, 63));
    say("too long", syscall(SYS_clone3, &longer, 100000));
    longer.more[3] = 1;
    say("unknown bytes set", syscall(SYS_clone3, &longer, sizeof longer));
    c.flags = CLONE_THREAD;
    say("CLONE_THREAD with a signal", syscall(SYS_clone3, &c, sizeof c));
    c.exit_signal = 0;
    say("CLONE_THREAD alone", syscall(SYS_clone3, &c, sizeof c));
    c.flags = CLONE_THREAD | CLONE_SIGHAND;
    say("CLONE_THREAD without CLONE_VM", syscall(SYS_clone3, &c, sizeof c));
    c.flags = CLONE_SIGHAND;
    say("CLONE_SIGHAND without CLONE_VM", syscall(SYS_clone3, &c, sizeof c));
    c.flags = 0x11;
    say("a signal in flags", syscall(SYS_clone3, &c, sizeof c));
    c.flags = 0;
    c.stack = 4096;
    say("a stack without size", syscall(SYS_clone3, &c, sizeof c));
    say("CLONE_THREAD by clone", syscall(SYS_clone, CLONE_THREAD, 0, 0, 0, 0));
}

/* ---- times ---- */

static void *burn(void *arg)
{
    struct timespec t;
    do
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    while (t.tv_sec * 1000 + t.tv_nsec / 1000000 < 200);
    return arg;
}

static void times_of_all(void)
{
    struct rusage all, own;
    struct timespec p, t;
    pthread_t th[2];
    pthread_create(&th[0], NULL, burn, NULL);
    pthread_create(&th[1], NULL, burn, NULL);
    pthread_join(th[0], NULL);
    pthread_join(th[1], NULL);
    getrusage(RUSAGE_SELF, &all);
    getrusage(RUSAGE_THREAD, &own);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &p);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    long all_ms = (all.ru_utime.tv_sec + all.ru_stime.tv_sec) * 1000 +
                  (all.ru_utime.tv_usec + all.ru_stime.tv_usec) / 1000;
    long own_ms = (own.ru_utime.tv_sec + own.ru_stime.tv_sec) * 1000 +
                  (own.ru_utime.tv_usec + own.ru_stime.tv_usec) / 1000;
    printf("of all: %d, of one: %d\n", all_ms >= 390, own_ms < 200);
    printf("by clocks: %d %d\n", p.tv_sec * 1000 + p.tv_nsec / 1000000 >= 390,
           t.tv_sec * 1000 + t.tv_nsec / 1000000 < 200);
}

/* ---- a process that threads.t inspects ---- */

static void *touch(void *arg)
{
    memset(arg, 1, 1 << 20);
    pthread_barrier_wait(&barrier);
    memset((char *)arg + (1 << 20), 1, 40 * 4096); /* faults for info events */
    pthread_barrier_wait(&barrier);
    for (;;)
        nap(1000);
    return NULL;
}

static int hold(void)
{
    pthread_t t[3];
    pthread_barrier_init(&barrier, NULL, 4);
    for (int i = 0; i < 3; i++)
        pthread_create(
            &t[i], NULL, touch,
            mmap(NULL, 2 << 20, 3, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier);
    printf("held %d\n", getpid());
    fflush(stdout);
    for (;;)
        nap(1000);
    return 0;
}

int main(int argc, char **argv)
{
    self = argv[0];
    if (argc > 1 && !strcmp(argv[1], "hold"))
        return hold();
    if (argc > 1) {
        int sig;
        prctl(PR_GET_PDEATHSIG, &sig);
        printf("again: %d task, the leader %d, death signal %d\n", tasks(),
               getpid() == tid(), sig);
        return 8;
    }
    in_child("counting", counting);
    in_child("handing", handing);
    in_child("numbers", numbers);
    in_child("exit_group", exit_group_all);
    in_child("leader first", leader_first);
    in_child("fault", fault_kills_all);
    in_child("killed", killed);
    in_child("exec by a thread", exec_by_thread);
    in_child("exec by the leader", exec_by_leader);
    in_child("exec after the leader", exec_after_leader);
    in_child("exec fails", exec_fails);
    in_child("signals", signals);
    in_child("stopping", stopping);
    in_child("ignoring", ignoring);
    in_child("alternate stack", alternate_stack);
    in_child("forking", forking);
    in_child("clones", clones);
    in_child("times", times_of_all);
    puts("end");
    return 0;
}
