/* SPDX-License-Identifier: MIT */
/* Prints how each call that sleeps ends when a signal interrupts it (signal(7)
 * lists the calls): by a handler, by a handler with SA_RESTART, by a stop that
 * SIGCONT withdraws at once, and by a real stop. Then which thread gets a
 * signal. threads.t compiles this program for the host and for the guest; both
 * must print the same lines. With an argument it also prints when calls with a
 * timeout ended, which is exact only in simulated time. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include "says.h"

#define TIMEOUT 300 /* ms */
#define PIPE    65536

static int p[2], fd, told[2];
static char name[32], buf[2 * PIPE];
static struct result { /* a page that the caller shares with its parent */
    long ret, err, handled, ms;
    int word;
    sem_t sem;
} * results, *mine;

static void handler(int sig)
{
    (void)sig;
    mine->handled++;
    if (write(told[1], "h", 1) != 1)
        _exit(3);
}

static void nothing(int sig)
{
    (void)sig;
}

/* ---- the calls: `make` is the child's, `supply` its parent's ---- */

static long reads(void)
{
    return read(p[0], buf, 1);
}

static long readvs(void)
{
    struct iovec iov = {buf, 1};
    return readv(p[0], &iov, 1);
}

static void gives(void)
{
    if (write(p[1], "x", 1) != 1)
        _exit(3);
}

static void fill(void)
{
    if (write(p[1], buf, PIPE) != PIPE)
        _exit(3);
}

static long writes(void)
{
    return write(p[1], "x", 1);
}

static long sends(void)
{
    return sendfile(p[1], fd, NULL, 1);
}

static long writes_more(void)
{
    return write(p[1], buf, PIPE + 1);
}

static void drains(void)
{
    fcntl(p[0], F_SETFL, O_NONBLOCK); /* the caller may have ended */
    if (read(p[0], buf, PIPE) < 0 && errno != EAGAIN)
        _exit(3);
}

static void fifo(void)
{
    unlink(name);
    if (mkfifo(name, 0600))
        _exit(3);
}

static long opens(void)
{
    return open(name, O_RDONLY) < 0 ? -1 : 0;
}

static void opens_too(void)
{
    fd = open(name, O_WRONLY | O_NONBLOCK); /* fails if the caller has ended */
    if (fd >= 0)
        unlink(name);
}

static void child(void)
{
    if (fork())
        return;
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* in case the wait is interrupted */
    _exit((int)read(p[0], buf, 1));
}

static long waits(void)
{
    child();
    return wait(NULL) > 0;
}

static long waitids(void)
{
    child();
    return waitid(P_ALL, 0, &(siginfo_t){0}, WEXITED);
}

static void flocks(void)
{
    flock(fd, LOCK_EX);
}

static long flocks_too(void)
{
    return flock(open(name, O_RDWR), LOCK_EX);
}

static void unflocks(void)
{
    flock(fd, LOCK_UN);
}

static long record(int f, int cmd, short type)
{
    struct flock l = {.l_type = type, .l_len = 1};
    return fcntl(f, cmd, &l);
}

static void locks(void)
{
    record(fd, F_SETLK, F_WRLCK);
}

static long locks_too(void)
{
    return record(open(name, O_RDWR), F_SETLKW, F_WRLCK);
}

static long locks_ofd(void)
{
    return record(open(name, O_RDWR), F_OFD_SETLKW, F_WRLCK);
}

static void unlocks(void)
{
    record(fd, F_SETLK, F_UNLCK);
}

static struct timespec in(clockid_t clock, int ms)
{
    struct timespec t;
    clock_gettime(clock, &t);
    t.tv_nsec += ms * 1000000l;
    t.tv_sec += t.tv_nsec / 1000000000;
    t.tv_nsec %= 1000000000;
    return t;
}

static const struct timespec timeout = {0, TIMEOUT * 1000000l};

static long futexes(void)
{
    return syscall(SYS_futex, &mine->word, FUTEX_WAIT, 0, NULL);
}

static long futexes_timed(void)
{
    return syscall(SYS_futex, &mine->word, FUTEX_WAIT, 0, &timeout);
}

static long futexes_until(void)
{
    struct timespec t = in(CLOCK_MONOTONIC, TIMEOUT);
    return syscall(SYS_futex, &mine->word, FUTEX_WAIT_BITSET, 0, &t, NULL, -1);
}

static void wakes(void)
{
    syscall(SYS_futex, &mine->word, FUTEX_WAKE, 1);
}

static long sems(void)
{
    return sem_wait(&mine->sem);
}

static long sems_timed(void)
{
    struct timespec t = in(CLOCK_REALTIME, TIMEOUT);
    return sem_timedwait(&mine->sem, &t);
}

static void posts(void)
{
    sem_post(&mine->sem);
}

static long sleeps(void)
{
    return nanosleep(&timeout, NULL);
}

static long clocks(int flags, struct timespec t)
{
    errno = clock_nanosleep(CLOCK_MONOTONIC, flags, &t, NULL);
    return errno ? -1 : 0;
}

static long clock_sleeps(void)
{
    return clocks(0, timeout);
}

static long clock_sleeps_until(void)
{
    return clocks(TIMER_ABSTIME, in(CLOCK_MONOTONIC, TIMEOUT));
}

static long polls(void)
{
    struct pollfd f = {p[0], POLLIN, 0};
    return poll(&f, 1, -1);
}

static long polls_timed(void)
{
    struct pollfd f = {p[0], POLLIN, 0};
    return poll(&f, 1, TIMEOUT);
}

static long ppolls_timed(void)
{
    struct pollfd f = {p[0], POLLIN, 0};
    return ppoll(&f, 1, &timeout, &(sigset_t){0});
}

static long selects(struct timeval *t)
{
    fd_set set;
    FD_ZERO(&set);
    FD_SET(p[0], &set);
    return select(p[0] + 1, &set, NULL, NULL, t);
}

static long selects_ever(void)
{
    return selects(NULL);
}

static long selects_timed(void)
{
    return selects(&(struct timeval){0, TIMEOUT * 1000});
}

static long pselects_timed(void)
{
    fd_set set;
    FD_ZERO(&set);
    FD_SET(p[0], &set);
    return pselect(p[0] + 1, &set, NULL, NULL, &timeout, &(sigset_t){0});
}

static long pauses(void)
{
    signal(SIGUSR2, nothing);
    return pause();
}

static long suspends(void)
{
    signal(SIGUSR2, nothing);
    return sigsuspend(&(sigset_t){0});
}

static long sigwaits(const struct timespec *t)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return sigtimedwait(&set, NULL, t) == SIGUSR2 ? 1 : -1;
}

static long sigwaits_ever(void)
{
    return sigwaits(NULL);
}

static long sigwaits_timed(void)
{
    return sigwaits(&timeout);
}

static pid_t caller;
static void signals(void)
{
    kill(caller, SIGUSR2);
}

/* supply NULL: the call ends by its timeout. */
static const struct call {
    const char *what;
    void (*prepare)(void);
    long (*make)(void);
    void (*supply)(void);
} calls[] = {
    {"read of a pipe", NULL, reads, gives},
    {"readv of a pipe", NULL, readvs, gives},
    {"write to a full pipe", fill, writes, drains},
    {"write of more than a pipe holds", NULL, writes_more, drains},
    {"sendfile to a full pipe", fill, sends, drains},
    {"open of a fifo", fifo, opens, opens_too},
    {"wait", NULL, waits, gives},
    {"waitid", NULL, waitids, gives},
    {"flock", flocks, flocks_too, unflocks},
    {"F_SETLKW", locks, locks_too, unlocks},
    {"F_OFD_SETLKW", locks, locks_ofd, unlocks},
    {"futex wait", NULL, futexes, wakes},
    {"futex wait, timeout", NULL, futexes_timed, NULL},
    {"futex wait_bitset, timeout", NULL, futexes_until, NULL},
    {"sem_wait", NULL, sems, posts},
    {"sem_timedwait", NULL, sems_timed, NULL},
    {"nanosleep", NULL, sleeps, NULL},
    {"clock_nanosleep", NULL, clock_sleeps, NULL},
    {"clock_nanosleep until", NULL, clock_sleeps_until, NULL},
    {"poll", NULL, polls, gives},
    {"poll, timeout", NULL, polls_timed, NULL},
    {"ppoll, timeout", NULL, ppolls_timed, NULL},
    {"select", NULL, selects_ever, gives},
    {"select, timeout", NULL, selects_timed, NULL},
    {"pselect, timeout", NULL, pselects_timed, NULL},
    {"pause", NULL, pauses, signals},
    {"sigsuspend", NULL, suspends, signals},
    {"sigtimedwait", NULL, sigwaits_ever, signals},
    {"sigtimedwait, timeout", NULL, sigwaits_timed, NULL},
};

/* ---- one call, interrupted in one way ---- */

enum { HANDLER, RESTARTED, WITHDRAWN, STOPPED };
static const char *const ways[] = {"handler", "SA_RESTART", "stop withdrawn",
                                   "stopped"};

static long now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + (t.tv_nsec + 500000) / 1000000;
}

static void makes(const struct call *c, int way)
{
    struct sigaction a = {.sa_handler = handler,
                          .sa_flags = way == RESTARTED ? SA_RESTART : 0};
    long start = now_ms();
    sigaction(SIGUSR1, &a, NULL);
    errno = 0;
    mine->ret = c->make();
    mine->err = errno;
    mine->ms = now_ms() - start;
    _exit(0);
}

/* Waits until the caller sleeps in its call. */
static void asleep(void)
{
    char text[400], stat[32];
    sprintf(stat, "/proc/%d/stat", caller);
    for (int i = 0; i < 10000; i++) {
        int f = open(stat, O_RDONLY);
        long n = read(f, text, sizeof text - 1);
        close(f);
        text[n > 0 ? n : 0] = 0;
        const char *state = strrchr(text, ')');
        if (state && state[2] == 'S')
            return;
        nap(1);
    }
}

static void interrupts(const struct call *c, int way)
{
    sprintf(name, "signal_calls.%d", way);
    fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (pipe(p) || pipe(told) || fd < 0 || write(fd, "x", 1) != 1 ||
        lseek(fd, 0, SEEK_SET))
        _exit(3);
    if (c->prepare)
        c->prepare();
    mine = &results[way];
    *mine = (struct result){0};
    sem_init(&mine->sem, 1, 0);
    if (!(caller = fork()))
        makes(c, way);
    asleep();
    nap(50); /* longer than the caller sleeps on its way to the call */
    if (way == HANDLER || way == RESTARTED) {
        kill(caller, SIGUSR1);
        if (read(told[0], buf, 1) != 1)
            _exit(3);
    } else {
        kill(caller, SIGSTOP);
        if (way == STOPPED)
            waitpid(caller, NULL, WUNTRACED);
        kill(caller, SIGCONT);
    }
    while (nap(20), waitpid(caller, NULL, WNOHANG) == 0)
        if (c->supply)
            c->supply();
    unlink(name);
    _exit(0);
}

static void call(const struct call *c, int timed)
{
    fflush(stdout);
    for (int way = 0; way < 4; way++)
        if (fork() == 0)
            interrupts(c, way);
    while (wait(NULL) > 0)
        ;
    for (int way = 0; way < 4; way++) {
        const struct result *r = &results[way];
        printf("%s, %s: %ld %s, handled %ld\n", c->what, ways[way], r->ret,
               r->ret < 0 ? strerrorname_np((int)r->err) : "", r->handled);
        if (timed && !c->supply)
            printf("ms %s, %s: %ld\n", c->what, ways[way], r->ms);
    }
}

/* ---- which thread gets a signal ---- */

static void *writes_to_nobody(void *xfsz)
{
    sigset_t s;
    struct timespec none = {0, 0};
    int sig = xfsz ? SIGXFSZ : SIGPIPE;
    sigemptyset(&s);
    sigaddset(&s, sig);
    pthread_sigmask(SIG_BLOCK, &s, NULL);
    if (xfsz)
        setrlimit(RLIMIT_FSIZE, &(struct rlimit){5000, RLIM_INFINITY});
    long n = xfsz ? pwrite(fd, "x", 1, 10000) : write(p[1], "x", 1);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){RLIM_INFINITY, RLIM_INFINITY});
    say(xfsz ? "write over RLIMIT_FSIZE" : "write to a pipe without readers",
        n);
    say("the writer's own signal", sigtimedwait(&s, NULL, &none) == sig);
    return NULL;
}

/* The thread blocks the signal; if it went to the process, the process would
 * die of it. */
static void to_the_writer(void)
{
    pthread_t t;
    fd = open("signal_calls.f", O_RDWR | O_CREAT, 0600);
    unlink("signal_calls.f");
    if (pipe(p))
        return;
    close(p[0]);
    for (long xfsz = 0; xfsz < 2; xfsz++) {
        pthread_create(&t, NULL, writes_to_nobody, (void *)xfsz);
        pthread_join(t, NULL);
    }
}

static volatile int ready, who;
static pid_t lead;

static void notes_thread(int sig)
{
    (void)sig;
    who = syscall(SYS_gettid) == lead ? 1 : 2;
}

static void *makes_child(void *arg)
{
    (void)arg;
    pid_t pid = fork();
    if (!pid) {
        prctl(PR_SET_PDEATHSIG, SIGUSR2);
        if (write(p[1], "x", 1) == 1)
            pause();
        _exit(0);
    }
    caller = pid;
    read(p[0], buf, 1);
    return NULL;
}

/* PR_SET_PDEATHSIG: the thread that forked ends, its process lives. */
static void death_of_the_maker(void)
{
    pthread_t t;
    int status = 0;
    if (pipe(p))
        return;
    pthread_create(&t, NULL, makes_child, NULL);
    pthread_join(t, NULL);
    say("the child ended", waitpid(caller, &status, 0) == caller);
    say("... of its parent thread's death",
        WIFSIGNALED(status) && WTERMSIG(status) == SIGUSR2);
}

static void *forks_and_waits(void *arg)
{
    (void)arg;
    if (fork() == 0) {
        nap(20); /* fork() blocks all signals for a moment */
        _exit(0);
    }
    while (!who)
        nap(1);
    return NULL;
}

/* SIGCHLD goes to the thread that forked, SIGPROF to the one that computes. */
static void to_the_maker(void)
{
    pthread_t t;
    lead = getpid();
    signal(SIGCHLD, notes_thread);
    pthread_create(&t, NULL, forks_and_waits, NULL);
    pthread_join(t, NULL);
    say("SIGCHLD: 1 to the leader, 2 to the thread that forked", who);
}

static void *computes(void *arg)
{
    while (!who)
        ;
    return arg;
}

static void to_the_computer(void)
{
    struct itimerval it = {{0, 0}, {0, 20000}};
    pthread_t t;
    lead = getpid();
    signal(SIGPROF, notes_thread);
    pthread_create(&t, NULL, computes, NULL);
    setitimer(ITIMER_PROF, &it, NULL);
    pthread_join(t, NULL);
    say("SIGPROF: 1 to the leader, 2 to the thread that computes", who);
}

static void *computes_on(void *arg)
{
    for (;;)
        ready++;
    return arg;
}

/* While a thread computes, the leader gets signals of a timer, of its child and
 * of another process in its sleep: the thread must not take them. */
static void beside_a_thread_that_computes(void)
{
    struct itimerval it = {{0, 0}, {0, 20000}};
    struct sigaction a = {.sa_handler = notes_thread};
    pthread_t t;
    lead = getpid();
    if (pipe(p))
        return;
    sigaction(SIGALRM, &a, NULL);
    sigaction(SIGCHLD, &a, NULL);
    sigaction(SIGUSR1, &a, NULL);
    pthread_create(&t, NULL, computes_on, NULL);
    for (int sig = 0; sig < 3; sig++) {
        who = 0;
        if (sig == 0)
            setitimer(ITIMER_REAL, &it, NULL);
        else if (fork() == 0) {
            nap(20);
            if (sig == 2) {
                kill(lead, SIGUSR1);
                nap(200);
            }
            _exit(0);
        }
        say("read while a thread computes", read(p[0], buf, 1));
        say("... 1: the leader took the signal", who);
        if (sig == 1)
            signal(SIGCHLD, SIG_DFL);
    }
}

static void *kills(void *arg)
{
    sigset_t s;
    sigemptyset(&s);
    sigaddset(&s, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &s, NULL); /* the leader is chosen */
    while (!ready) /* pthread_create() blocks all signals for a moment */
        nap(1);
    kill(getpid(), SIGTERM);
    signal(SIGTERM, SIG_IGN); /* too late */
    nap(20);
    _exit(5);
    return arg;
}

static void fatal_at_once(void)
{
    pthread_t t;
    pthread_create(&t, NULL, kills, NULL);
    ready = 1;
    pthread_join(t, NULL);
}

static void rings(int sig)
{
    (void)sig;
    ready = 1;
}

/* A handler returns to a program whose a0 is as the result of a call that is to
 * be restarted. rt_sigreturn gives the program its own a0, and restarts none.
 */
static void returns_odd(void)
{
    struct itimerval it = {{0, 0}, {0, 2000}};
    signal(SIGALRM, rings);
    for (long odd = -517; odd <= -511; odd++) {
        long got = odd;
        ready = 0;
        setitimer(ITIMER_REAL, &it, NULL);
#ifdef __riscv
        register long a0 __asm__("a0") = odd;
        __asm__ volatile("1: lw t0, %1\n beqz t0, 1b"
                         : "+r"(a0)
                         : "m"(ready)
                         : "t0");
        got = a0;
#else
        while (!ready)
            ;
#endif
        printf("a0 after the handler: %ld\n", got);
    }
}

int main(int argc, char **argv)
{
    (void)argv;
    results = mmap(NULL, 4 * sizeof *results, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        call(&calls[i], argc > 1);
    in_child("to the writer", to_the_writer);
    in_child("death of the maker", death_of_the_maker);
    in_child("to the maker", to_the_maker);
    in_child("to the computer", to_the_computer);
    in_child("beside a thread that computes", beside_a_thread_that_computes);
    in_child("fatal at once", fatal_at_once);
    in_child("odd", returns_odd);
    puts("end");
    return 0;
}
