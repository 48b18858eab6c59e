/* SPDX-License-Identifier: MIT */
/* oom_wait_chain vfork|file KIB: the OOM killer's victim waits for a process
 * that waits for the victim's memory. The biggest process, with KIB of memory,
 * waits for a small one; the small one waits for memory that only the death of
 * the biggest can give:
 *
 *   vfork   the small process is the big one's vfork child, in its memory
 *   file    the small process writes to a file that the biggest wants to write
 *           to; a third process takes the rest of memory
 *
 * At the end it prints whether the biggest process was killed. */
#include "lib/work.h"

static int go[2], fd;

static char *memory(u64 n)
{
    char *p = need_mapping(anonymous(n, MAP_PRIVATE), "mmap");
    return p;
}

static void touch(char *p, u64 n)
{
    for (u64 i = 0; i < n; i += PAGE)
        p[i] = 1;
}

static int take_all(void *p)
{
    touch(p, ram_bytes());
    exit(0);
}

static void big_parent(u64 n)
{
    char *more = memory(ram_bytes()), *stack = memory(4 * PAGE);
    touch(memory(n), n);
    touch(stack, 4 * PAGE);
    clone_run(CLONE_VM | CLONE_VFORK | SIGCHLD, take_all, more,
              stack + 4 * PAGE);
    exit(0);
}

static void big_writer(u64 n)
{
    touch(memory(n), n);
    write(go[1], "g", 1);
    for (;;) {
        sleep_ms(1);
        SYS4(__NR_pwrite64, fd, "x", 1, 0);
    }
}

/* Writes to the file as long as it can, once the biggest has its memory. */
static void small_writer(u64 n)
{
    static char piece[64 << 10];
    char byte;
    read(go[0], &byte, 1);
    while (write(fd, piece, sizeof piece) > 0)
        ;
    exit(0);
}

static void third(u64 n)
{
    char *p = memory(n);
    sleep_ms(50);
    touch(p, n);
    for (;;)
        sleep_ms(1000);
}

static s64 start(void (*fn)(u64), u64 n)
{
    s64 pid = fork();
    if (!pid)
        fn(n);
    return pid;
}

static s64 end_of(s64 pid)
{
    int status;
    wait4(pid, &status, 0);
    return status & 0x7f;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf_fd(2, "usage: oom_wait_chain vfork|file KIB\n");
        return 2;
    }
    u64 n = number_arg(argv[2]) << 10;
    s64 small = 0, eater = 0, big;
    if (!strcmp(argv[1], "vfork")) {
        big = start(big_parent, n);
    } else {
        SYS2(__NR_pipe2, go, 0);
        fd = (int)open("/root/held", O_RDWR | O_CREAT | O_TRUNC, 0600);
        big = start(big_writer, n);
        small = start(small_writer, 0);
        eater = start(third, n / 4 * 3);
    }
    bool killed = end_of(big) == SIGKILL;
    if (small) {
        SYS2(__NR_kill, small, SIGKILL);
        SYS2(__NR_kill, eater, SIGKILL);
        end_of(small);
        end_of(eater);
        SYS3(__NR_unlinkat, AT_FDCWD, "/root/held", 0);
    }
    printf("oom_wait_chain: %s: the biggest process was %s\n", argv[1],
           killed ? "killed" : "not killed");
    return 0;
}
