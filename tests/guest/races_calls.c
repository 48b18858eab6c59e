/* SPDX-License-Identifier: MIT */
/* As races.c, of calls on processes, locks and limits; each round is a process.
 * reaped: of two threads that wait for one child one gets it
 * limited: prlimit of a process that ends sets no other process's limit
 * closed: a record lock that is set while its descriptor is closed is gone
 * shared: two tasks that lock one open file have one lock
 * forked, locked: threads that fork at once, or lock memory, do not exceed
 *     RLIMIT_NPROC, RLIMIT_MEMLOCK
 * attached: what shmat attached can be detached, although it was removed
 * console: a read of the terminal does not end when its mode changes */
#include "races.h"
#include <sched.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <termios.h>

static volatile int go, tried;
static long (*act)(long);
static pid_t child;
static int fd;
static char *base;

static void *acts(void *arg)
{
    while (!go)
        sched_yield();
    return (void *)act((long)arg);
}

/* A thread that calls fn when `go` is set. */
static pthread_t starts(long (*fn)(long), long arg)
{
    pthread_t t;
    act = fn;
    pthread_create(&t, NULL, acts, (void *)arg);
    return t;
}

static long result(pthread_t t)
{
    void *ret;
    pthread_join(t, &ret);
    return (long)ret;
}

static pid_t sleeper(void)
{
    pid_t pid = fork();
    return pid ? pid : pause();
}

static long waits(long unused)
{
    siginfo_t info;
    return waitid(P_PID, (id_t)child, &info, WEXITED);
}

static int reaped(void)
{
    if (!(child = fork()))
        _exit(0);
    pthread_t t = starts(waits, 0);
    go = 1;
    long mine = waits(0);
    return !mine == !result(t);
}

static long limits(long unused)
{
    return prlimit(child, RLIMIT_NOFILE, (struct rlimit *)base, NULL);
}

/* Reading the limit waits for the disk. The next process gets the same slot of
 * the process table. */
static int limited(void)
{
    struct rlimit is = {77, 77};
    write(fd = opened("limit"), &is, sizeof is);
    fsync(fd);
    base = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
    pthread_t t = starts(limits, 0);
    child = sleeper();
    write(open("/proc/sys/vm/drop_caches", O_WRONLY), "1", 1);
    go = 1;
    sched_yield();
    ended(child);
    child = sleeper();
    result(t);
    prlimit(child, RLIMIT_NOFILE, NULL, &is);
    ended(child);
    return is.rlim_cur == 77;
}

static struct flock lock = {.l_type = F_WRLCK};
static long sets_lock(long unused)
{
    struct flock mine = lock;
    return fcntl(fd, F_SETLK, &mine);
}

static int closed(void)
{
    pthread_t t = starts(sets_lock, 0);
    fd = opened("lock");
    go = 1;
    sched_yield();
    close(fd);
    for (int i = 0; i < 20; i++) /* in the memory of the file */
        opened("other");
    result(t);
    fcntl(open(path("lock"), O_RDWR), F_OFD_GETLK, &lock);
    return lock.l_type != F_UNLCK;
}

static int shared(void)
{
    int first = opened("flock"), both = open(path("flock"), O_RDWR);
    flock(first, LOCK_EX);
    for (int i = 0; i < 2; i++)
        if (!fork())
            _exit(close(first) || flock(both, LOCK_EX));
    usleep(20000);
    close(first);
    while (wait(NULL) > 0)
        ;
    flock(both, LOCK_UN);
    return flock(open(path("flock"), O_RDWR), LOCK_EX | LOCK_NB);
}

enum { AT_ONCE = 7 };
/* Runs fn in threads of another user. True if it failed in all but one. */
static int one_may(long (*fn)(long), int resource, rlim_t most)
{
    struct rlimit limit = {most, most};
    pthread_t t[AT_ONCE];
    int got = 0;
    setrlimit(resource, &limit);
    for (long i = 0; i < AT_ONCE; i++)
        t[i] = starts(fn, i);
    setuid(1000);
    go = 1;
    for (int i = 0; i < AT_ONCE; i++)
        got += result(t[i]) >= 0;
    return got == 1;
}

/* Without glibc's lock. The thread counts until all have tried. */
static long forks(long unused)
{
    long pid = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (!pid)
        pause();
    __sync_fetch_and_add(&tried, 1);
    while (tried < AT_ONCE)
        sched_yield();
    return pid;
}

static int forked(void)
{
    setpgid(0, 0);
    int bad = !one_may(forks, RLIMIT_NPROC, AT_ONCE + 2);
    signal(SIGTERM, SIG_IGN);
    kill(0, SIGTERM);
    return bad;
}

/* Holds the lock under which mappings change, again and again. */
static void *changes(void *unused)
{
    for (char *m; go < 2; munmap(m, 4000 * PAGE)) {
        m = mmap(NULL, 4000 * PAGE, RW, ANON, -1, 0);
        for (int i = 0; i < 4000; i += 3)
            m[i * PAGE] = 1;
    }
    return unused;
}

static long locks(long i)
{
    return mlock(base + i * 16 * (long)PAGE, 8 * PAGE);
}

static int locked(void)
{
    pthread_t other;
    base = mmap(NULL, 16 * AT_ONCE * PAGE, RW, ANON, -1, 0);
    pthread_create(&other, NULL, changes, NULL);
    return !one_may(locks, RLIMIT_MEMLOCK, 8 * PAGE);
}

static long attaches(long id)
{
    return (long)shmat((int)id, NULL, 0);
}

static int attached(void)
{
    int id = shmget(IPC_PRIVATE, PAGE, 0600);
    pthread_t t = starts(attaches, id), other;
    pthread_create(&other, NULL, changes, NULL);
    usleep((unsigned)getpid() * 137 % 3000);
    go = 1;
    sched_yield();
    shmctl(id, IPC_RMID, NULL);
    long at = result(t);
    return at != -1 && shmdt((void *)at);
}

static int console(void)
{
    struct termios mode;
    int tty = open("/dev/console", O_RDWR | O_NOCTTY);
    if (!(child = fork()))
        _exit(read(tty, page, 1) < 0);
    usleep(20000);
    tcgetattr(tty, &mode);
    mode.c_lflag ^= ICANON;
    tcsetattr(tty, TCSANOW, &mode);
    usleep(20000);
    int bad = waitpid(child, NULL, WNOHANG) == child;
    ended(child);
    return bad;
}

int main(int argc, char **argv)
{
    int rounds = atoi(argv[argc - 1]), bad = 0, status;
    for (int r = 0; r < rounds; r++) {
#define CLAIM(name) !strcmp(argv[1], #name) ? name() != 0:
        if (!fork())
            _exit(CLAIM(reaped) CLAIM(limited) CLAIM(closed) CLAIM(shared)
                      CLAIM(forked) CLAIM(locked) CLAIM(attached)
                          CLAIM(console) 2);
        wait(&status);
        bad += status != 0;
    }
    printf("%s: %d rounds, %d wrong\n", argv[1], rounds, bad);
    return bad != 0;
}
