/* SPDX-License-Identifier: MIT */
/* Has helpers for the claims of races.c and races_calls.c: for files, for
 * children, and for accesses that may fail. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

int run_call(const char *claim, int rounds); /* races_calls.c */
#define PAGE 4096ul
#define RW   (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static const char *dir = "/root";
static char page[PAGE];

static const char *path(const char *name)
{
    static char text[4][200];
    static int turn;
    char *p = text[turn++ % 4];
    snprintf(p, sizeof text[0], "%s/%s", dir, name);
    return p;
}

static int opened(const char *name)
{
    int fd = open(path(name), O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (fd < 0) {
        perror(name);
        exit(2);
    }
    return fd;
}

static void ended(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static int not_of(const char *text, long n, char c)
{
    int bad = 0;
    for (long i = 0; i < n; i++)
        bad += text[i] != c;
    return bad;
}

/* touch makes an access that may be illegal; returns 0, or the signal. */
static __thread sigjmp_buf back;
static void jump(int sig)
{
    siglongjmp(back, sig);
}
static void catch_faults(void)
{
    struct sigaction a = {.sa_handler = jump, .sa_flags = SA_NODEFER};
    sigaction(SIGSEGV, &a, NULL);
    sigaction(SIGBUS, &a, NULL);
}
static int touch(volatile char *at, int write)
{
    int sig = sigsetjmp(back, 1);
    if (!sig && write)
        *at = 1;
    else if (!sig)
        (void)*at;
    return sig;
}
