/* SPDX-License-Identifier: MIT */
/* Prints how calls end for which a signal is pending when they begin, because
 * only their own mask lets it through, and what becomes of signals while a
 * thread runs a new program. threads.t compiles this program for the host and
 * for the guest; both must print the same lines. */
#define _GNU_SOURCE
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <time.h>
#include "says.h"

#define ROUNDS 60

static int p[2], handled;
static void *volatile nowhere = (void *)8;
static volatile nfds_t too_many = 1u << 30;

static void handler(int sig)
{
    (void)sig;
    handled++;
}

/* ---- calls with a mask ---- */

static struct timespec none, some = {0, 20000000};
static const sigset_t nothing;
static struct timespec *limit;
static const sigset_t *mask;

static long polls(void)
{
    struct pollfd f = {p[0], POLLIN, 0x7f};
    long n = ppoll(&f, 1, limit, mask);
    int err = errno;
    printf("revents %x, ", f.revents);
    errno = err;
    return n;
}

static long polls_a_closed_one(void)
{
    struct pollfd f = {50, POLLIN, 0};
    return ppoll(&f, 1, limit, mask);
}

static long polls_nowhere(void)
{
    return ppoll(nowhere, 1, limit, mask);
}

static long polls_too_many(void)
{
    return ppoll(nowhere, too_many, limit, mask);
}

static long selects(void)
{
    fd_set set;
    FD_ZERO(&set);
    FD_SET(p[0], &set);
    long n = pselect(p[0] + 1, &set, NULL, NULL, limit, mask);
    int err = errno;
    printf("set %d, ", !!FD_ISSET(p[0], &set));
    errno = err;
    return n;
}

static long selects_a_closed_one(void)
{
    fd_set set;
    FD_ZERO(&set);
    FD_SET(50, &set);
    return pselect(51, &set, NULL, NULL, limit, mask);
}

static long selects_nowhere(void)
{
    return pselect(p[0] + 1, nowhere, NULL, NULL, limit, mask);
}

static long suspends(void)
{
    return mask ? sigsuspend(mask) : 0;
}

static const struct {
    const char *name;
    long (*make)(void);
} calls[] = {
    {"ppoll", polls},
    {"ppoll, a closed file", polls_a_closed_one},
    {"ppoll, bad address", polls_nowhere},
    {"ppoll, too many files", polls_too_many},
    {"pselect", selects},
    {"pselect, a closed file", selects_a_closed_one},
    {"pselect, bad address", selects_nowhere},
    {"sigsuspend", suspends},
};
static const struct {
    const char *name;
    int sig, flags;
    void (*handler)(int);
} kinds[] = {
    {"handled", SIGUSR1, 0, handler},
    {"handled, restart", SIGUSR1, SA_RESTART, handler},
    {"harmless", SIGURG, 0, SIG_DFL},
    {"ignored", SIGUSR1, 0, SIG_IGN},
};

static void entered(unsigned c, unsigned k, bool ready, int timed, bool masked)
{
    struct sigaction a = {.sa_handler = kinds[k].handler,
                          .sa_flags = kinds[k].flags};
    int sig = kinds[k].sig;
    char byte = 0;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, sig);
    sigprocmask(SIG_SETMASK, &set, NULL);
    sigaction(sig, &a, NULL);
    raise(sig);
    if (ready && write(p[1], "x", 1) != 1)
        say("write", -1);
    limit = timed == 0 ? &none : timed == 1 ? &some : NULL;
    mask = masked ? &nothing : NULL;
    handled = 0;
    errno = 0;
    printf("%s, %s, %s, %s, %s: ", calls[c].name, kinds[k].name,
           ready ? "ready" : "not ready",
           timed == 0   ? "no time"
           : timed == 1 ? "20 ms"
                        : "no end",
           masked ? "unblocked" : "blocked");
    say("result", calls[c].make());
    printf("  handled %d", handled);
    sigpending(&set);
    printf(", pending %d", sigismember(&set, sig));
    sigprocmask(SIG_SETMASK, NULL, &set);
    printf(", blocked %d\n", sigismember(&set, sig));
    a.sa_handler = SIG_IGN; /* forgets it */
    sigaction(sig, &a, NULL);
    if (ready && read(p[0], &byte, 1) != 1)
        say("read", -1);
}

static void calls_with_masks(void)
{
    if (pipe(p))
        return;
    for (unsigned c = 0; c < sizeof calls / sizeof *calls; c++)
        for (unsigned k = 0; k < sizeof kinds / sizeof *kinds; k++)
            for (int way = 0; way < 12; way++) {
                bool ready = way & 1, masked = way & 2, ends = way / 4 < 2;
                bool stays = !ends && !ready && (!masked || k > 1);
                bool suspended = calls[c].make == suspends && k > 1;
                if (!stays && !(suspended && masked))
                    entered(c, k, ready, way / 4, masked);
            }
}

/* ---- a thread runs a new program ---- */

static char *me;
static bool leader_ends;

static void *runs(void *what)
{
    execl(me, me, what, NULL);
    _exit(9);
}

/* Makes a process whose second thread runs this program anew with the word. */
static pid_t thread_runs(const char *word)
{
    pthread_t t;
    pid_t pid = fork();
    if (pid)
        return pid;
    pthread_create(&t, NULL, runs, (void *)word);
    if (leader_ends)
        syscall(SYS_exit, 0);
    for (;;)
        pause();
}

/* Sends a signal at a moment of the exec that is another one each round. */
static void ended_while_it_runs(int sig)
{
    int ended = 0;
    for (int i = 0; i < ROUNDS; i++) {
        int status = 0, waited = 0;
        pid_t pid = thread_runs("sleep");
        struct timespec t = {0, 20000 * i};
        nanosleep(&t, NULL);
        kill(pid, sig);
        while (waitpid(pid, &status, WNOHANG) == 0 && ++waited < 1000)
            nap(1);
        ended += WIFSIGNALED(status) && WTERMSIG(status) == sig;
        if (waited == 1000) {
            kill(pid, SIGKILL);
            waitpid(pid, &status, 0);
        }
    }
    printf("%s, the leader %s: %d of %d rounds ended by it\n",
           sigabbrev_np(sig), leader_ends ? "ends" : "waits", ended, ROUNDS);
}

static void *sends_itself(void *arg)
{
    sigset_t set;
    sigfillset(&set);
    pthread_sigmask(SIG_SETMASK, &set, NULL);
    pthread_kill(pthread_self(), SIGUSR1);
    sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 7});
    pthread_sigqueue(pthread_self(), SIGRTMIN + 1,
                     (union sigval){.sival_int = 8});
    return runs(arg);
}

static void *sends_the_leader(void *lead)
{
    nap(20);
    pthread_kill(*(pthread_t *)lead, SIGUSR2);
    return sends_itself("pending");
}

/* Signals that are pending for the thread stay pending; those for the leader,
 * which ends, do not. The mask is the thread's, not the one that the leader's
 * sigsuspend would restore. */
static void pending_over_exec(void)
{
    pthread_t t, lead = pthread_self();
    sigset_t set, others;
    sigfillset(&set);
    pthread_sigmask(SIG_SETMASK, &set, NULL);
    pthread_create(&t, NULL, sends_the_leader, &lead);
    others = set;
    sigdelset(&others, SIGHUP);
    pthread_sigmask(SIG_SETMASK, &others, NULL);
    for (;;)
        sigsuspend(&set);
}

static void tells_pending(void)
{
    sigset_t set;
    sigprocmask(SIG_BLOCK, NULL, &set);
    say("SIGHUP is blocked after the exec", sigismember(&set, SIGHUP));
    sigpending(&set);
    for (int sig = 1; sig < 64; sig++)
        if (sigismember(&set, sig) > 0) {
            siginfo_t info = {0};
            sigset_t one;
            sigemptyset(&one);
            sigaddset(&one, sig);
            sigwaitinfo(&one, &info);
            printf("signal %d is pending over the exec: code %d, value %d\n",
                   sig, info.si_code, sig < 32 ? 0 : info.si_value.sival_int);
        }
}

int main(int argc, char **argv)
{
    me = argv[0];
    if (argc > 1 && !strcmp(argv[1], "sleep"))
        for (;;)
            pause();
    if (argc > 1) {
        tells_pending();
        return 0;
    }
    in_child("calls with masks", calls_with_masks);
    for (int way = 0; way < 4; way++) {
        leader_ends = way & 1;
        ended_while_it_runs(way & 2 ? SIGTERM : SIGKILL);
    }
    in_child("pending over exec", pending_over_exec);
    puts("end");
    return 0;
}
