/* SPDX-License-Identifier: MIT */
#include "base/ending.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#define UNDOERS 4

static atomic_int asked;
static atomic_bool at_prompt;
static int wake[2] = {-1, -1};
static void (*undo[UNDOERS])(void);
static unsigned nundo;
static bool streams_told;

/* ---- signals ------------------------------------------------------------ */

static _Noreturn void die_by(int sig)
{
    for (unsigned i = 0; i < nundo; i++)
        undo[i]();
    signal(sig, SIG_DFL);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, sig);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    raise(sig);
    _exit(128 +
          sig); /* not reached: each signal's default action ends the process */
}

static void on_crash(int sig)
{
    die_by(sig);
}

static bool ask(int before, int sig)
{
    return atomic_compare_exchange_strong(&asked, &before, sig);
}

/* The first signal requests the end, and a second one ends the program at once.
 * A second SIGPIPE does not (each write to a broken pipe sends one), nor does a
 * Ctrl-C at a prompt, or the first other signal after such a Ctrl-C. */
static void on_signal(int sig)
{
    int error = errno;
    bool leisure = atomic_load(&at_prompt);
    if (ask(0, sig) || (leisure && sig != SIGINT && ask(SIGINT, sig))) {
        if (write(wake[1], "", 1) < 0 && errno != EAGAIN)
            die_by(sig);
    } else if (sig != SIGPIPE && !(leisure && sig == SIGINT)) {
        die_by(sig);
    }
    errno = error;
}

void ending_catch(void)
{
    static const int ends[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGPIPE};
    struct sigaction a = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    struct sigaction before;
    if (wake[0] >= 0)
        return;
    if (pipe2(wake, O_CLOEXEC | O_NONBLOCK))
        die("signals", "no pipe: %s", strerror(errno));
    for (unsigned i = 0; i < ARRAY_LEN(ends); i++)
        if (!sigaction(ends[i], NULL, &before) && before.sa_handler != SIG_IGN)
            sigaction(ends[i], &a, NULL);
    signal(SIGXFSZ, SIG_IGN);
}

int ending_asked(void)
{
    return atomic_load(&asked);
}

void ending_prompt(bool on)
{
    atomic_store(&at_prompt, on);
}

bool ending_withdraw(void)
{
    char drain;
    if (ending_asked() != SIGINT)
        return false;
    while (read(wake[0], &drain, 1) > 0)
        ;
    if (ask(SIGINT, 0))
        return true;
    /* another signal has come meanwhile, and its byte may have been drained */
    if (write(wake[1], "", 1) < 0)
        assert(errno == EAGAIN);
    return false;
}

int ending_fd(void)
{
    return wake[0];
}

bool ending_await(int fd)
{
    struct pollfd p[2] = {{.fd = fd, .events = POLLIN},
                          {.fd = wake[0], .events = POLLIN}};
    while (!ending_asked())
        if (poll(p, 2, -1) > 0 && p[0].revents)
            return true;
    return false;
}

void ending_undo(void (*fn)(void))
{
    static const int crashes[] = {SIGABRT, SIGSEGV};
    struct sigaction a = {.sa_handler = on_crash};
    assert(nundo < UNDOERS);
    undo[nundo++] = fn;
    for (unsigned i = 0; i < ARRAY_LEN(crashes); i++)
        sigaction(crashes[i], &a, NULL);
}

/* ---- standard streams --------------------------------------------------- */

bool ending_flush(void)
{
    errno = 0;
    bool ok = !fflush(stdout) && !ferror(stdout);
    int error = errno;
    if (!ok && !error) { /* an earlier write failed, and stdio forgot why */
        clearerr(stdout);
        error = putchar('\n') == EOF || fflush(stdout) ? errno : 0;
    }
    fflush(stderr);
    /* after SIGPIPE the program dies by that signal, without a message */
    if (!ok && !streams_told && ending_asked() != SIGPIPE)
        complain("standard output", "%s",
                 error ? strerror(error) : "cannot be written");
    streams_told |= !ok;
    return ok;
}

void ending_check_streams(void)
{
    if (!ending_flush() || ferror(stderr))
        _exit(2);
}

int ending_status(int status)
{
    struct rlimit no_core = {0};
    int sig = ending_asked();
    if (!ending_flush() || ferror(stderr) || complaints())
        status = 2;
    if (!sig)
        return status;
    if (sig == SIGQUIT) /* the run has ended in order: no core dump */
        setrlimit(RLIMIT_CORE, &no_core);
    die_by(sig);
}
