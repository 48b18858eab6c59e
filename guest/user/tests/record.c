/* SPDX-License-Identifier: MIT */
/* Record locks (fcntl(2)): their owners, their ranges, and when they are
 * released. */
#include "tests/test.h"

static s64 lock(int fd, int cmd, int type, s64 start, s64 len)
{
    struct flock l = {.l_type = (int16_t)type, .l_start = start, .l_len = len};
    return SYS3(__NR_fcntl, fd, cmd, &l);
}

/* Asks by F_GETLK, in a child, for a write lock on [start, start + len);
 * returns the first byte of the lock that conflicts, or -1. */
static s64 in_the_way(int fd, s64 start, s64 len)
{
    int result[2];
    s64 answer = 0;
    SYS2(__NR_pipe2, result, 0);
    s64 pid = fork();
    if (pid == 0) {
        struct flock l = {.l_type = F_WRLCK, .l_start = start, .l_len = len};
        s64 err = SYS3(__NR_fcntl, fd, F_GETLK, &l);
        answer = err ? err - 1000 : l.l_type == F_UNLCK ? -1 : l.l_start;
        write(result[1], &answer, sizeof answer);
        exit(0);
    }
    read(result[0], &answer, sizeof answer);
    close(result[0]);
    close(result[1]);
    wait4(pid, NULL, 0);
    return answer;
}

void test_record_locks(void)
{
    int fd = (int)open("/tmp/locked", O_RDWR | O_CREAT, 0600);
    check_eq(lock(fd, F_SETLK, F_WRLCK, 100, 100), 0);
    check_eq(in_the_way(fd, 0, 100), -1);
    check_eq(in_the_way(fd, 199, 1), 100);
    check_eq(in_the_way(fd, 200, 0), -1);
    check_eq(lock(fd, F_SETLK, F_UNLCK, 140, 20), 0); /* cut in two */
    check_eq(in_the_way(fd, 140, 20), -1);
    check_eq(in_the_way(fd, 150, 50), 160);
    check_eq(lock(fd, F_SETLK, F_WRLCK, 140, 20), 0); /* joined again */
    check_eq(in_the_way(fd, 199, 1), 100);
    check_eq(lock(fd, F_SETLK, F_RDLCK, 120, 10), 0); /* others may read */
    check_eq(in_the_way(fd, 125, 1), 120);
    check_eq(lock(fd, F_SETLK, F_RDLCK, 0, -1), -EINVAL);
    /* Closing any descriptor of the file releases the process's locks. */
    int other = (int)open("/tmp/locked", O_RDONLY, 0);
    check_eq(lock(other, F_SETLK, F_WRLCK, 0, 1), -EBADF);
    close(other);
    check_eq(in_the_way(fd, 0, 0), -1);
    /* A lock of an open file stays until that file is closed for good. */
    check_eq(lock(fd, F_OFD_SETLK, F_WRLCK, 5, 1), 0);
    close((int)open("/tmp/locked", O_RDONLY, 0));
    other = (int)open("/tmp/locked", O_RDWR, 0);
    check_eq(lock(other, F_SETLK, F_WRLCK, 5, 1), -EAGAIN);
    close(fd);
    check_eq(lock(other, F_SETLK, F_WRLCK, 5, 1), 0);
    close(other);
    SYS3(__NR_unlinkat, AT_FDCWD, "/tmp/locked", 0);
}

/* Makes a deadlock: the parent locks byte 0, child k byte k. A child waits for
 * the byte before its own, the parent for the last byte. The parent's wait must
 * fail with err; it unlocks byte 0, the children get their bytes and end one by
 * one, and then the parent gets the last byte. set, wait: the commands. */
static void circle(int children, int set, int wait, s64 err)
{
    int fd = (int)open("/tmp/locked", O_RDWR | O_CREAT, 0600), go[2], status;
    char byte;
    SYS2(__NR_pipe2, go, 0);
    check_eq(lock(fd, set, F_WRLCK, 0, 1), 0);
    for (int k = 1; k <= children; k++) {
        if (fork() == 0) {
            int own = (int)open("/tmp/locked", O_RDWR, 0);
            bool got = lock(own, set, F_WRLCK, k - 1, 1) == -EAGAIN &&
                       lock(own, set, F_WRLCK, k, 1) == 0;
            write(go[1], "g", 1);
            got &= lock(own, wait, F_WRLCK, k - 1, 1) == 0; /* sleeps */
            exit(!got);
        }
        read(go[0], &byte, 1);
    }
    sleep_ms(20);
    check_eq(lock(fd, wait, F_WRLCK, children, 1), err);
    check_eq(lock(fd, set, F_UNLCK, 0, 1), 0);
    check_eq(lock(fd, wait, F_WRLCK, children, 1), 0);
    for (int k = 1; k <= children; k++) {
        wait4(-1, &status, 0);
        check_eq(status, 0);
    }
    close(go[0]);
    close(go[1]);
    close(fd);
    SYS3(__NR_unlinkat, AT_FDCWD, "/tmp/locked", 0);
}

void test_record_deadlock(void)
{
    circle(1, F_SETLK, F_SETLKW, -EDEADLK);
    circle(3, F_SETLK, F_SETLKW, -EDEADLK);
    circle(11, F_SETLK, F_SETLKW, -EDEADLK); /* the longest that Linux finds */
}

static void ring(int sig, struct siginfo *info, void *uc)
{
}

/* Locks of open files have no owning process, so their deadlock is not found:
 * the parent, waiting for the child's byte, sleeps until a signal comes. */
void test_record_deadlock_ofd(void)
{
    u64 alarm[4] = {0, 0, 0, 200000};
    on_signal(SIGALRM, ring, 0);
    SYS3(__NR_setitimer, 0, alarm, 0);
    circle(1, F_OFD_SETLK, F_OFD_SETLKW, -EINTR);
}

/* Makes the next allocation fail; fd is /proc/self/fail-nth. */
static void fail_next(int fd)
{
    check_eq(SYS3(__NR_lseek, fd, 0, 0), 0);
    check_eq(write(fd, "1", 1), 1);
}

void test_record_unlock(void)
{
    int fd = (int)open("/tmp/locked", O_RDWR | O_CREAT, 0600);
    int fail = (int)open("/proc/self/fail-nth", O_RDWR, 0);
    check_eq(lock(fd, F_SETLK, F_WRLCK, 100, 100), 0);
    fail_next(fail);
    check_eq(lock(fd, F_SETLK, F_UNLCK, 140, 20), -ENOLCK); /* splits it */
    check_eq(in_the_way(fd, 150, 1), 100);
    fail_next(fail);
    check_eq(lock(fd, F_SETLK, F_UNLCK, 180, 20), 0); /* an end of it */
    fail_next(fail);
    check_eq(lock(fd, F_SETLK, F_UNLCK, 0, 0), 0); /* all */
    check_eq(in_the_way(fd, 0, 0), -1);
    close(fail);
    close(fd);
    SYS3(__NR_unlinkat, AT_FDCWD, "/tmp/locked", 0);
}
