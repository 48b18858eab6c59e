/* SPDX-License-Identifier: MIT */
/* Runs ffmpeg as a child process. Its standard input is a socket and not a
 * pipe: writing after ffmpeg has ended then gives an error (MSG_NOSIGNAL) and
 * no signal. ffmpeg has a session of its own, so that Ctrl-C does not end it
 * before the last picture has reached it. */
#include "show/film.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Executes ffmpeg in the child. Until then the child calls async-signal-safe
 * functions only, because its parent has threads. Writes errno to `failed` if
 * ffmpeg cannot be executed. */
static _Noreturn void become(char *const argv[], int input, int failed)
{
    sigset_t none;
    int out = open("/dev/null", O_WRONLY);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    setsid();
    dup2(input, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(failed, 3);
    fcntl(3, F_SETFD, FD_CLOEXEC);
    close_range(4, ~0u, 0); /* the files of disks, the terminal, ... */
    execvp(argv[0], argv);
    int error = errno;
    if (write(3, &error, sizeof error) < 0)
        _exit(126);
    _exit(127);
}

static bool launch(struct encoder *e, char *const argv[])
{
    int input[2], failed[2], error = 0;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, input))
        return false;
    if (pipe2(failed, O_CLOEXEC)) {
        close(input[0]);
        close(input[1]);
        return false;
    }
    e->pid = fork();
    if (!e->pid)
        become(argv, input[0], failed[1]);
    if (e->pid < 0)
        error = errno;
    close(input[0]);
    close(failed[1]);
    e->to = input[1];
    if (e->pid > 0 && read(failed[0], &error, sizeof error) > 0)
        waitpid(e->pid, NULL, 0);
    close(failed[0]);
    if (!error)
        return true;
    close(e->to);
    *e = (struct encoder){.to = -1};
    errno = error;
    return false;
}

bool encoder_start(struct encoder *e, const char *file, int w, int h, char *err,
                   size_t n)
{
    char size[32], rate[8], url[4200];
    snprintf(size, sizeof size, "%dx%d", w, h);
    snprintf(rate, sizeof rate, "%d", FILM_PER_SECOND);
    snprintf(url, sizeof url, "file:%s",
             file); /* so that a name with a colon is no protocol */
    char *argv[] = {"ffmpeg",  "-nostdin",    "-loglevel", "error",
                    "-y",      "-f",          "rawvideo",  "-pixel_format",
                    "bgr0",    "-video_size", size,        "-framerate",
                    rate,      "-i",          "pipe:0",    "-pix_fmt",
                    "yuv420p", url,           NULL};
    if (launch(e, argv))
        return true;
    snprintf(err, n, "ffmpeg: %s%s", strerror(errno),
             errno == ENOENT ? " (Debian's package ffmpeg has it)" : "");
    return false;
}

bool encoder_write(struct encoder *e, const void *bytes, size_t n)
{
    const u8 *p = bytes;
    while (n) {
        ssize_t sent = send(e->to, p, n, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        p += sent;
        n -= (size_t)sent;
    }
    return true;
}

bool encoder_finish(struct encoder *e, char *err, size_t n)
{
    int status = 0;
    pid_t done;
    close(e->to);
    do
        done = waitpid(e->pid, &status, 0);
    while (done < 0 && errno == EINTR);
    *e = (struct encoder){.to = -1};
    if (WIFEXITED(status) && !WEXITSTATUS(status))
        return true;
    if (WIFSIGNALED(status))
        snprintf(err, n, "ffmpeg was ended by signal %d", WTERMSIG(status));
    else
        snprintf(err, n, "ffmpeg has failed (status %d)", WEXITSTATUS(status));
    return false;
}
