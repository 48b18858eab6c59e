/* SPDX-License-Identifier: MIT */
/* More claims of races.c, about calls that sleep; each round is a process.
 * reaped: if two threads wait for one child, one of them gets it
 * limited: prlimit of a process that ends sets no other process's limit
 * closed: a record lock set while its descriptor is being closed does not stay
 * owned: F_SETOWN_EX of a file that is being closed sets no other file's owner
 * rooted: a walk goes on in the root that it began in, though chroot replaces
 * it numbered: a fork gets the pages that mappings get meanwhile, its audit
 * agrees shared: two tasks that lock one open file have one lock forked,
 * locked: racing threads do not exceed RLIMIT_NPROC, RLIMIT_MEMLOCK attached: a
 * segment removed while it is being attached can be detached merged: no page
 * stays of a file that is cut while mappings of it merge console: a read of the
 * terminal does not end when its mode changes unlocked: a counter that two
 * processes raise without a lock is right, which is not so, for sleeping.t to
 * see the rolls found at which it becomes wrong masked: a signal of the process
 * whose chosen thread blocks it goes to another handed: a signal that ends a
 * process ends it while a thread of it runs exec emptied: memory that a fork
 * shares keeps its content while swapoff empties an area and reclaim unmaps
 * pages that swapoff has brought back, and for a swapoff that fails no other
 * process is killed; one that is killed fails withdrawn: no call returns an
 * internal result (512 to 516) when SIGCONT, another thread or an ignored
 * action withdraws the signal that woke it */
#include "races.h"
#include <linux/futex.h>
#include <poll.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <termios.h>
#include <threads.h>

static volatile int go, tried;
static int fd, ret;
static pid_t child;
static char *base;

static int calls(void *fn)
{
    while (!go)
        sched_yield();
    return ((int (*)(void))fn)();
}

/* Starts a thread that calls fn when `go` is set. */
static thrd_t starts(int (*fn)(void))
{
    thrd_t t;
    thrd_create(&t, calls, (void *)fn);
    return t;
}

static pid_t sleeper(void)
{
    pid_t pid = _Fork(); /* fork() lets one thread in at a time */
    return pid ? pid : pause();
}

static int waits(void)
{
    return waitid(P_PID, (id_t)child, &(siginfo_t){0}, WEXITED);
}

static int reaped(void)
{
    if (!(child = fork()))
        _exit(0);
    thrd_t t = starts(waits);
    go = 1;
    int mine = waits();
    thrd_join(t, &ret);
    return mine == ret;
}

static int limits(void)
{
    return prlimit(child, RLIMIT_NOFILE, (struct rlimit *)base, NULL);
}

/* prlimit waits for the disk when it reads the new limit. Meanwhile the next
 * process gets the same slot of the process table. */
static int limited(void)
{
    struct rlimit is = {77, 77};
    write(fd = opened("limit"), &is, sizeof is);
    fsync(fd);
    base = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
    thrd_t t = starts(limits);
    child = sleeper();
    write(open("/proc/sys/vm/drop_caches", O_WRONLY), "1", 1);
    go = 1;
    sched_yield();
    ended(child);
    child = sleeper();
    thrd_join(t, NULL);
    prlimit(child, RLIMIT_NOFILE, NULL, &is);
    ended(child);
    return is.rlim_cur == 77;
}

static int sets_lock(void)
{
    return fcntl(fd, F_SETLK, &(struct flock){.l_type = F_WRLCK});
}

static int closed(void)
{
    struct flock lock = {.l_type = F_WRLCK};
    thrd_t t = starts(sets_lock);
    fd = opened("lock");
    go = 1;
    sched_yield();
    close(fd);
    for (int i = 0; i < 20; i++) /* one of these reuses the struct file */
        opened("other");
    thrd_join(t, NULL);
    fcntl(open(path("lock"), O_RDWR), F_OFD_GETLK, &lock);
    return lock.l_type != F_UNLCK;
}

static int sets_owner(void)
{
    return fcntl(fd, F_SETOWN_EX, &(struct f_owner_ex){F_OWNER_PID, getpid()});
}

static int owned(void)
{
    int other[20], bad = 0;
    thrd_t t = starts(sets_owner);
    fd = opened("owner");
    go = 1;
    sched_yield();
    close(fd);
    for (int i = 0; i < 20; i++) /* one of these reuses the struct file */
        other[i] = opened("other");
    thrd_join(t, NULL);
    for (int i = 0; i < 20; i++)
        bad += fcntl(other[i], F_GETOWN) != 0;
    return bad;
}

static int walks(void)
{
    char through[40];
    snprintf(through, sizeof through, "self/fd/%d/absolute", fd);
    for (int proc = open("/proc", O_PATH); go;)
        faccessat(proc, through, F_OK, 0);
    return 0;
}

/* The old roots are removed while a thread walks to an absolute link, and makes
 * the names in /proc on its way anew. */
static int rooted(void)
{
    int top = open("/", O_PATH), bad = 0;
    fd = open(dir, O_PATH);
    symlinkat("/none", fd, "absolute");
    thrd_t t = starts(walks);
    go = 1;
    for (int i = 0; i < 20; i++) {
        fchdir(fd);
        mkdir("root", 0700);
        bad += chroot("root");
        sched_yield();
        fchdir(top);
        bad += chroot(".");
        bad += unlinkat(fd, "root", AT_REMOVEDIR);
        sched_yield();
    }
    go = 0;
    thrd_join(t, NULL);
    return bad;
}

#define AREAS 200

static int fills(void)
{
    for (long i = AREAS; i-- > 0;)
        base[2 * i * (long)PAGE] = 1;
    return 0;
}

static int numbered(void)
{
    base = mmap(NULL, 2 * AREAS * PAGE, PROT_NONE, ANON, -1, 0);
    for (long i = 0; i < AREAS; i++)
        mprotect(base + 2 * i * (long)PAGE, PAGE, RW);
    thrd_t t = starts(fills);
    go = 1;
    if (!(child = _Fork()))
        _exit(write(open("/proc/audit", O_WRONLY), "1", 1) != 1);
    thrd_join(t, NULL);
    waitpid(child, &ret, 0);
    return ret;
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
/* Runs fn in threads of a new user. Returns 0 if just one call succeeded. */
static int too_many(int (*fn)(void), int resource, rlim_t most)
{
    thrd_t t[AT_ONCE];
    int got = 0;
    for (int i = 0; i < AT_ONCE; i++)
        t[i] = starts(fn);
    setrlimit(resource, &(struct rlimit){most, most});
    setuid((uid_t)getpid());
    go = 1;
    for (int i = 0; i < AT_ONCE; i++, got += ret >= 0)
        thrd_join(t[i], &ret);
    return got != 1;
}

/* Waits until all threads have tried: RLIMIT_NPROC counts threads, and the end
 * of this one would make room. */
static int forks(void)
{
    int pid = sleeper();
    for (__sync_fetch_and_add(&tried, 1); tried < AT_ONCE;)
        sched_yield();
    return pid;
}

static int forked(void)
{
    return too_many(forks, RLIMIT_NPROC, AT_ONCE + 2);
}

/* Takes, again and again, the lock that every change of mappings needs. */
static int changes(void)
{
    for (char *m; go; munmap(m, 4000 * PAGE)) {
        m = mmap(NULL, 4000 * PAGE, RW, ANON, -1, 0);
        for (int i = 0; i < 4000; i += 3)
            m[i * PAGE] = 1;
    }
    return 0;
}

static int locks(void)
{
    return mlock(base + tried++ * 16 * (long)PAGE, 8 * PAGE);
}

static int locked(void)
{
    base = mmap(NULL, 16 * AT_ONCE * PAGE, RW, ANON, -1, 0);
    starts(changes);
    return too_many(locks, RLIMIT_MEMLOCK, 8 * PAGE);
}

static int attaches(void)
{
    base = shmat(fd, NULL, 0);
    return 0;
}

static int attached(void)
{
    thrd_t t = starts(attaches);
    fd = shmget(IPC_PRIVATE, PAGE, 0600);
    go = 1;
    sched_yield();
    shmctl(fd, IPC_RMID, NULL);
    thrd_join(t, NULL);
    return base != (char *)-1 && shmdt(base);
}

static int merges(void)
{
    for (struct stat st = {.st_size = 1}; st.st_size;)
        fstat(fd, &st);
    return mprotect(base + PAGE, PAGE, RW);
}

/* The mapping of the first page is cut before many others, that of the second
 * page after them. In the meantime they become one. */
static int merged(void)
{
    fd = opened("merged");
    ftruncate(fd, 2 * PAGE);
    base = mmap(NULL, 2 * PAGE, RW, MAP_SHARED, fd, 0);
    base[0] = base[PAGE] = 1;
    for (int i = 0; i < 300; i++)
        mmap(NULL, PAGE, RW, MAP_SHARED | MAP_POPULATE, fd, 0);
    mprotect(base + PAGE, PAGE, PROT_READ);
    thrd_t t = starts(merges);
    go = 1;
    ftruncate(fd, 0);
    thrd_join(t, &ret);
    catch_faults();
    return ret || touch(base + PAGE, 0) != SIGBUS;
}

static int console(void)
{
    struct termios mode;
    int tty = open("/dev/console", O_RDWR | O_NOCTTY);
    if (!(child = fork()))
        _exit(read(tty, page, 1) < 0);
    usleep(50000);
    tcgetattr(tty, &mode);
    mode.c_lflag &= ~(tcflag_t)ICANON;
    tcsetattr(tty, TCSANOW, &mode);
    usleep(50000);
    return waitpid(child, NULL, WNOHANG) == child;
}

static void nothing(int sig)
{
    tried = sig;
}

static int unlocked(void)
{
    long n = 0;
    fd = opened("counter");
    pwrite(fd, &n, sizeof n, 0);
    child = fork();
    for (int i = 0; i < 3; i++) {
        pread(fd, &n, sizeof n, 0);
        n++;
        pwrite(fd, &n, sizeof n, 0);
    }
    if (!child)
        _exit(0);
    wait(NULL);
    pread(fd, &n, sizeof n, 0);
    return n != 6;
}

static int signals(void)
{
    return kill(getpid(), SIGUSR1);
}

/* While sigprocmask reads the set, the leader is chosen for the signal. */
static int masked(void)
{
    sigset_t set;
    sigfillset(&set);
    signal(SIGUSR1, nothing);
    thrd_t sends = starts(signals), takes = starts(pause);
    alarm(5);
    go = 1;
    sigprocmask(SIG_BLOCK, &set, NULL);
    while (!tried)
        sched_yield();
    return 0;
}

/* Withdraws signals: SIGUSR1 goes to the leader, which sleeps; then its action
 * is SIG_IGN, which discards it, or this thread is the one that takes it. */
static int withdraws(void)
{
    for (int i = 0; go; i++) {
        signal(SIGUSR1, nothing);
        kill(getpid(), SIGUSR1);
        if (i % 2)
            signal(SIGUSR1, SIG_IGN);
        usleep(500);
    }
    return 0;
}

static void stops(pid_t pid)
{
    while (!kill(pid, SIGSTOP) && !kill(pid, SIGCONT))
        usleep(300);
    _exit(0);
}

static int withdrawn(void)
{
    static int word;
    int p[2], bad = 0;
    struct timespec ms = {0, 1000000};
    thrd_t t = starts(withdraws);
    pid_t me = getpid();
    pipe(p);
    if (!(child = fork()))
        stops(me);
    if (!fork()) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (; write(p[1], "x", 1) == 1; usleep(1500))
            ;
    }
    go = 1;
    for (int i = 0; i < 20; i++) {
        struct pollfd f = {p[0], POLLIN, 0};
        errno = 0;
        i % 4 == 0   ? (void)read(p[0], page, 1)
        : i % 4 == 1 ? (void)syscall(SYS_futex, &word, FUTEX_WAIT, 0, &ms)
        : i % 4 == 2 ? (void)nanosleep(&ms, NULL)
                     : (void)poll(&f, 1, 1);
        bad += errno > EHWPOISON;
    }
    ended(child);
    go = 0;
    thrd_join(t, NULL);
    return bad;
}

static int execs(void)
{
    return execl("/bin/sleep", "sleep", "60", NULL);
}

static int handed(void)
{
    srandom((unsigned)getpid());
    for (int i = 0; i < 12; i++) {
        int status = 0;
        if (!(child = fork())) {
            go = 1;
            starts(execs);
            i % 2 ? thrd_exit(0) : pause();
        }
        for (long k = random() % 400; k > 0; k--)
            sched_yield();
        kill(child, i % 4 < 2 ? SIGTERM : SIGKILL);
        alarm(20); /* then this process ends, too, and the claim is wrong */
        if (waitpid(child, &status, 0) != child || !WIFSIGNALED(status))
            return 1;
    }
    return 0;
}

#define SHARED 600l /* pages */

static int wrong_pages(void)
{
    int bad = 0;
    for (long i = 0; i < SHARED; i++)
        bad += ((volatile long *)(base + i * PAGE))[i % 512] != i + 1;
    return bad;
}

/* Writes n pages, frees them and rests, again and again. */
static pid_t presses(long n, useconds_t rest)
{
    pid_t pid = fork();
    while (!pid) {
        char *p = mmap(NULL, (size_t)n * PAGE, RW, ANON, -1, 0);
        for (long i = 0; i < 2 * n; i++)
            p[i % n * (long)PAGE] = 1;
        munmap(p, (size_t)n * PAGE);
        usleep(rest);
    }
    return pid;
}

static int swaps_off(void)
{
    return swapoff("/dev/vdb") != 0;
}

/* The child, which sleeps, is emptied after the parent. Pages that swapoff has
 * brought back into the parent leave it again meanwhile. */
static int emptied(void)
{
    int p[2], bad = 0, before, status = 0; /* 0: swap was off, and any process
                                            * may have been killed */
    pipe(p);
    base = mmap(NULL, SHARED * PAGE, RW, ANON, -1, 0);
    for (long i = 0; i < SHARED; i++)
        ((long *)(base + i * (long)PAGE))[i % 512] = i + 1;
    if (!(child = fork()))
        _exit(read(p[0], page, 1) != 1 || wrong_pages());
    pid_t big = presses(1600, 0);
    usleep(400000);
    ended(big);
    pid_t small = presses(1200, 5000);
    for (int i = 0; i < 4; i++) {
        usleep(20000);
        pid_t off = fork();       /* if memory runs out, it is killed first */
        if (!off && (go = i % 2)) /* a thread calls it */
            thrd_join(starts(swaps_off), &status), _exit(status);
        if (!off)
            _exit(swaps_off());
        before = status;
        waitpid(off, &status, 0);
        bad += !swapon("/dev/vdb", 0) && WIFSIGNALED(status);
        if (waitpid(small, NULL, WNOHANG)) {
            bad += status && before;
            small = presses(1200, 5000);
        }
    }
    ended(small);
    bad += wrong_pages();
    write(p[1], "x", 1);
    waitpid(child, &status, 0);
    return bad || status;
}

int run_call(const char *claim, int rounds)
{
    int bad = 0;
    for (int r = 0; r < rounds; r++, bad += ret != 0) {
#define CLAIM(name) !strcmp(claim, #name) ? name() != 0:
        if (!fork())
            _exit(CLAIM(reaped) CLAIM(limited) CLAIM(closed) CLAIM(shared)
                      CLAIM(forked) CLAIM(locked) CLAIM(attached) CLAIM(merged)
                          CLAIM(console) CLAIM(unlocked) CLAIM(masked)
                              CLAIM(withdrawn) CLAIM(handed) CLAIM(emptied)
                                  CLAIM(owned) CLAIM(rooted) CLAIM(numbered) 2);
        wait(&ret);
    }
    return bad;
}
