/* SPDX-License-Identifier: MIT */
/* Prints the results of calls for a program that runs both on the host and in
 * the guest: one line a result, errors by name, so that the two outputs can be
 * compared as text. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void say(const char *what, long ret)
{
    if (ret < 0)
        printf("%s: %s\n", what, strerrorname_np(errno));
    else
        printf("%s: %ld\n", what, ret);
    errno = 0;
}

/* As say, but prints 0 for a result that varies, such as an address. */
static __attribute__((unused)) void ok(const char *what, long ret)
{
    say(what, ret < 0 ? ret : 0);
}

static __attribute__((unused)) void nap(int ms)
{
    struct timespec t = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&t, NULL);
}

/* Runs fn in a child, a minute at most, and prints the child's status. */
static __attribute__((unused)) void in_child(const char *what, void (*fn)(void))
{
    int status = -1;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        alarm(60);
        fn();
        fflush(stdout);
        _exit(0);
    }
    if (waitpid(pid, &status, 0) != pid)
        say("waitpid", -1);
    if (WIFSIGNALED(status))
        printf("%s: died of %s\n", what, sigabbrev_np(WTERMSIG(status)));
    else
        printf("%s: exit %d\n", what, WEXITSTATUS(status));
}
