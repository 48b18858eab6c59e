/* SPDX-License-Identifier: MIT */
/* As races.c, of calls on processes, locks and limits: what one of them looked
 * at before it slept is out of date when it goes on.
 *
 *   races_calls CLAIM ROUNDS
 *
 * reaped: of two threads that wait for one child one gets it
 * limited: prlimit of a process that ends sets no other process's limit
 * closed: a record lock ends with its descriptor, also if that is closed
 *     while the lock is set
 * shared: two tasks that lock one open file have one lock
 * forked: processes that fork at once do not exceed RLIMIT_NPROC
 * locked: threads that lock memory at once do not exceed RLIMIT_MEMLOCK
 * attached: a segment that shmat has attached can be detached, although it
 *     was removed meanwhile
 * console: a read of the terminal does not end when its mode changes */
#include "races.h"
#include <sched.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <termios.h>

static volatile int go;
static volatile pid_t child;
static volatile int fd;
static char *base;

static void *waits(void *self)
{
    siginfo_t info;
    return waitid(P_PID, (id_t)child, &info, WEXITED) ? NULL : self;
}

static int reaped(void)
{
    pthread_t t;
    void *got;
    if (!(child = fork()))
        _exit(0);
    pthread_create(&t, NULL, waits, page);
    void *mine = waits(page);
    pthread_join(t, &got);
    return !mine == !got;
}

static void *limits(void *unused)
{
    while (!go)
        sched_yield();
    prlimit(child, RLIMIT_NOFILE, (struct rlimit *)base, NULL);
    return unused;
}

/* The limit lies in a mapped file, and reading it waits for the disk. */
static int limited(void)
{
    struct rlimit is = {77, 77};
    int in = opened("limit"), p[2], status, drop;
    pthread_t t;
    write(in, &is, sizeof is);
    fsync(in);
    base = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, in, 0);
    go = 0;
    pthread_create(&t, NULL, limits, NULL);
    if (!(child = fork()))
        pause();
    pipe(p);
    write(drop = open("/proc/sys/vm/drop_caches", O_WRONLY), "1", 1);
    close(drop);
    go = 1;
    sched_yield();
    ended(child);
    pid_t other = fork(); /* in the same slot of the process table */
    if (!other) {
        read(p[0], page, 1);
        getrlimit(RLIMIT_NOFILE, &is);
        _exit(is.rlim_cur == 77);
    }
    pthread_join(t, NULL);
    write(p[1], "x", 1);
    waitpid(other, &status, 0);
    munmap(base, PAGE);
    for (int i = 3; i < 10; i++)
        close(i);
    return status != 0;
}

static void *sets_lock(void *unused)
{
    struct flock lock = {.l_type = F_WRLCK, .l_len = 10};
    while (!go)
        sched_yield();
    fcntl(fd, F_SETLK, &lock);
    return unused;
}

static int closed(void)
{
    struct flock lock = {.l_type = F_WRLCK, .l_len = 10};
    int status;
    pthread_t t;
    go = 0;
    pthread_create(&t, NULL, sets_lock, NULL);
    fd = opened("lock");
    go = 1;
    sched_yield();
    close(fd);
    for (int i = 0; i < 20; i++) /* in the memory of the file */
        opened("other");
    pthread_join(t, NULL);
    if (!fork()) {
        fcntl(open(path("lock"), O_RDWR), F_GETLK, &lock);
        _exit(lock.l_type != F_UNLCK);
    }
    wait(&status);
    for (int i = 3; i < 30; i++)
        close(i);
    return status != 0;
}

static int shared(void)
{
    int first = opened("flock"), both = open(path("flock"), O_RDWR), bad;
    flock(first, LOCK_EX);
    for (int i = 0; i < 2; i++)
        if (!fork()) {
            close(first);
            _exit(flock(both, LOCK_EX));
        }
    usleep(20000);
    close(first);
    wait(NULL);
    wait(NULL);
    flock(both, LOCK_UN);
    bad = flock(first = open(path("flock"), O_RDWR), LOCK_EX | LOCK_NB);
    close(first);
    close(both);
    return bad != 0;
}

enum { AT_ONCE = 7 };
static void fork_at_once(void)
{
    struct rlimit most = {AT_ONCE + 2, AT_ONCE + 2};
    int p[2], start[2], forked = 0;
    pipe(p);
    pipe(start);
    setpgid(0, 0);
    setuid(1000);
    setrlimit(RLIMIT_NPROC, &most);
    for (int i = 0; i < AT_ONCE; i++)
        if (!fork()) {
            close(start[1]);
            read(start[0], page, 1);
            pid_t pid = fork();
            write(p[1], pid > 0 ? "1" : "0", pid != 0);
            pause();
        }
    close(start[1]);
    for (int i = 0; i < AT_ONCE; i++) {
        read(p[0], page, 1);
        forked += page[0] - '0';
    }
    signal(SIGTERM, SIG_IGN);
    kill(0, SIGTERM);
    _exit(forked > 1);
}

static int forked(void)
{
    int status;
    if (!fork())
        fork_at_once();
    wait(&status);
    return status != 0;
}

/* Holds the lock under which mappings change, again and again. */
static void *changes(void *unused)
{
    while (go < 2) {
        char *m = mmap(NULL, 4000 * PAGE, RW, ANON, -1, 0);
        for (int i = 0; i < 4000; i += 3)
            m[i * PAGE] = 1;
        munmap(m, 4000 * PAGE);
    }
    return unused;
}

static void *locks(void *at)
{
    while (!go)
        sched_yield();
    return mlock(at, 8 * PAGE) ? NULL : at;
}

static void lock_at_once(void)
{
    struct rlimit most = {8 * PAGE, 8 * PAGE};
    pthread_t t[4], other;
    int got = 0;
    void *one;
    setrlimit(RLIMIT_MEMLOCK, &most);
    setuid(1000);
    base = mmap(NULL, 64 * PAGE, RW, ANON, -1, 0);
    go = 0;
    for (int i = 0; i < 4; i++)
        pthread_create(&t[i], NULL, locks, base + i * 16 * (long)PAGE);
    pthread_create(&other, NULL, changes, NULL);
    usleep(3000);
    go = 1;
    for (int i = 0; i < 4; i++) {
        pthread_join(t[i], &one);
        got += one != NULL;
    }
    _exit(got != 1);
}

static int locked(void)
{
    int status;
    if (!fork())
        lock_at_once();
    wait(&status);
    return status != 0;
}

static void *attaches(void *id)
{
    while (!go)
        sched_yield();
    return shmat(*(int *)id, NULL, 0);
}

static int attached(void)
{
    int id = shmget(IPC_PRIVATE, 3 * PAGE, 0600);
    pthread_t t, other;
    void *at;
    go = 0;
    pthread_create(&t, NULL, attaches, &id);
    pthread_create(&other, NULL, changes, NULL);
    usleep((unsigned)rand() % 3000);
    go = 1;
    sched_yield();
    shmctl(id, IPC_RMID, NULL);
    pthread_join(t, &at);
    go = 2;
    pthread_join(other, NULL);
    return at != (void *)-1 && shmdt(at);
}

static int console(void)
{
    int tty = open("/dev/console", O_RDWR | O_NOCTTY);
    struct termios lines, raw;
    tcgetattr(tty, &lines);
    raw = lines;
    cfmakeraw(&raw);
    if (!(child = fork()))
        _exit(read(tty, page, 1) < 0);
    usleep(20000);
    tcsetattr(tty, TCSANOW, &raw);
    usleep(20000);
    tcsetattr(tty, TCSANOW, &lines);
    int bad = waitpid(child, NULL, WNOHANG) == child;
    ended(child);
    close(tty);
    return bad;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*wrong)(void);
    } claims[] = {{"reaped", reaped}, {"limited", limited},
                  {"closed", closed}, {"shared", shared},
                  {"forked", forked}, {"locked", locked},
                  {"attached", attached}, {"console", console}};
    int rounds = argc == 3 ? atoi(argv[2]) : 0, bad = 0;
    for (size_t i = 0; i < sizeof claims / sizeof *claims; i++)
        for (int r = 0; r < rounds && !strcmp(argv[1], claims[i].name); r++)
            bad += claims[i].wrong();
    printf("%s: %d rounds, %d wrong\n", argv[1], rounds, bad);
    return bad != 0;
}
