/* SPDX-License-Identifier: MIT */
/* Prints the answers of file calls whose arguments lie at an edge. limits.t
 * runs this program, like limit_calls.c, on the host and in the guest.
 * Argument: a directory to work in. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include "says.h"

#define SAY(it) say(#it, (long)(it))

/* ---- select of descriptors that are not open ---- */

static int fdsize(void)
{
    char line[256];
    int n = -1;
    FILE *f = fopen("/proc/self/status", "r");
    while (f && fgets(line, sizeof line, f))
        sscanf(line, "FDSize: %d", &n);
    if (f)
        fclose(f);
    return n;
}

static void select_each(const char *what)
{
    static const int fds[] = {0,  5,   15,  16,  31,  33,  63,  64,  69,  70,
                              71, 127, 128, 199, 200, 255, 256, 511, 512, 1023};
    printf("%s: a table of %d\n", what, fdsize());
    for (unsigned i = 0; i < sizeof fds / sizeof *fds; i++)
        for (int more = 0; more < 3; more++) {
            unsigned long set[3][16] = {{0}};
            struct timespec zero = {0, 0};
            set[more][fds[i] / 64] = 1ul << fds[i] % 64;
            printf("%s: %d in set %d", what, fds[i], more);
            say("", syscall(SYS_pselect6, more ? 1024 : fds[i] + 1, set[0],
                            set[1], set[2], &zero, NULL));
            printf("  now %lx\n", set[more][fds[i] / 64]);
        }
}

static void selects(void)
{
    select_each("few");
    close(dup2(0, 70));
    select_each("one was 70");
    dup2(0, 70);
    dup2(0, 200);
    close(70);
    select_each("200");
    close(200);
    select_each("200 closed");
}

static void select_forked(void)
{
    dup2(0, 70);
    dup2(0, 300);
    close(300);
    fflush(stdout);
    if (fork() == 0) {
        select_each("in a child");
        fflush(stdout);
        _exit(0);
    }
    wait(NULL);
}

static void select_odd(void)
{
    unsigned long in[2] = {~0ul << 8, 7}, out[2] = {1ul << 40, 0};
    struct timespec zero = {0, 0};
    int path = open(".", O_PATH);
    SAY(syscall(SYS_pselect6, -1, in, out, NULL, &zero, NULL));
    /* Bits from nfds on are no descriptors; they are cleared in the word. */
    SAY(syscall(SYS_pselect6, 8, in, out, NULL, &zero, NULL));
    printf("%lx %lx, %lx\n", in[0], in[1], out[0]);
    SAY(syscall(SYS_pselect6, INT_MAX, in, NULL, (void *)16, &zero, NULL));
    for (int k = 0; k < 8; k++) {
        unsigned long set[3] = {1ul << path, 1ul << path, 1ul << path};
        SAY(syscall(SYS_pselect6, path + 1, k & 1 ? &set[0] : NULL,
                    k & 2 ? &set[1] : NULL, k & 4 ? &set[2] : NULL, &zero,
                    NULL));
        printf("%d: %d %d %d\n", k, set[0] != 0, set[1] != 0, set[2] != 0);
    }
}

int main(int argc, char **argv)
{
    if (argc < 2 || chdir(argv[1]))
        return 2;
    umask(0);
    syscall(SYS_close_range, 3, ~0u, 0); /* a child's table is the smallest */
    dup2(open("/dev/null", O_RDONLY), 0);
    in_child("select", selects);
    in_child("select in a child", select_forked);
    in_child("select, odd sets", select_odd);
    puts("end");
    return 0;
}
