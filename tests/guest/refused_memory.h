/* SPDX-License-Identifier: MIT */
/* Calls about memory, processes and the like, for refused.c. */
#pragma once

/* ---- memory ---- */

static void with_map(void)
{
    m = mmap(NULL, 64 * PAGE, RW, ANON, -1, 0);
    memset(m, 'm', 64 * PAGE);
}
static void with_hole(void)
{
    with_map();
    m2 = mmap(NULL, 256 * PAGE, PROT_NONE, ANON, -1, 0);
}
static int is_map(const char *at, long n)
{
    int ok = bytes_are(at, n * PAGE, 'm');
    munmap(m, 64 * PAGE);
    return ok;
}
static int same_map(long r)
{
    return is_map(m, 64);
}
static long maps(void)
{
    m2 = mmap(NULL, 30 * PAGE, RW, ANON | MAP_POPULATE, -1, 0);
    return m2 == MAP_FAILED ? -1 : 0;
}
static int mapped(long r)
{
    int ok = r || bytes_are(m2, 30 * PAGE, 0);
    if (!r)
        munmap(m2, 30 * PAGE);
    return ok;
}
static long maps_over(void)
{
    return mmap(m + 8 * PAGE, 8 * PAGE, RW, ANON | MAP_FIXED, -1, 0) ==
                   MAP_FAILED
               ? -1
               : 0;
}
static int mapped_over(long r)
{
    int ok = bytes_are(m, 8 * PAGE, 'm') &&
             bytes_are(m + 8 * PAGE, 8 * PAGE, r ? 'm' : 0) &&
             bytes_are(m + 16 * PAGE, 48 * PAGE, 'm');
    munmap(m, 64 * PAGE);
    return ok;
}
static long unmaps(void)
{
    return munmap(m + 8 * PAGE, 8 * PAGE);
}
static int in_core(const char *at)
{
    unsigned char v;
    return !mincore((void *)at, PAGE, &v);
}
static int unmapped(long r)
{
    int ok = bytes_are(m, 8 * PAGE, 'm') &&
             bytes_are(m + 16 * PAGE, 48 * PAGE, 'm') &&
             !r == !in_core(m + 8 * PAGE) && !r == !in_core(m + 15 * PAGE);
    munmap(m, 64 * PAGE);
    return ok;
}
static long protects(void)
{
    return mprotect(m + 8 * PAGE, 8 * PAGE, PROT_READ);
}
static long grows(void)
{
    return mremap(m, 64 * PAGE, 128 * PAGE, MREMAP_MAYMOVE) == MAP_FAILED ? -1
                                                                          : 0;
}
static long moves(void)
{
    return mremap(m + 8 * PAGE, 8 * PAGE, 8 * PAGE,
                  MREMAP_MAYMOVE | MREMAP_FIXED, m2 + 20 * PAGE) == MAP_FAILED
               ? -1
               : 0;
}
static int moved_by(long r, long n)
{
    int ok =
        bytes_are(m, 8 * PAGE, 'm') && bytes_are(m + 24 * PAGE, 40 * PAGE, 'm');
    if (r)
        ok &=
            bytes_are(m + 8 * PAGE, 16 * PAGE, 'm') && in_core(m2 + 20 * PAGE);
    else
        ok &=
            bytes_are(m2 + 20 * PAGE, n * PAGE, 'm') && !in_core(m + 8 * PAGE);
    munmap(m, 64 * PAGE);
    munmap(m2, 256 * PAGE);
    return ok;
}
static int moved(long r)
{
    return moved_by(r, 8);
}
static long moves_less(void)
{
    return mremap(m + 8 * PAGE, 16 * PAGE, 4 * PAGE,
                  MREMAP_MAYMOVE | MREMAP_FIXED, m2 + 20 * PAGE) == MAP_FAILED
               ? -1
               : 0;
}
static int moved_less(long r)
{
    return moved_by(r, 4);
}
static long moves_more(void)
{
    return mremap(m + 8 * PAGE, 8 * PAGE, 24 * PAGE,
                  MREMAP_MAYMOVE | MREMAP_FIXED, m2 + 20 * PAGE) == MAP_FAILED
               ? -1
               : 0;
}
static int grown(long r)
{
    return 1; /* where it lies now is the process's own affair: it ends */
}
static long locks(void)
{
    return mlock(m + 8 * PAGE, 8 * PAGE);
}
static long advises(void)
{
    return madvise(m + 8 * PAGE, 8 * PAGE, MADV_DONTFORK);
}
static long breaks(void)
{
    return sbrk(40 * PAGE) == (void *)-1 ? -1 : 0;
}
static void touched(void)
{
    m = mmap(NULL, 64 * PAGE, RW, ANON, -1, 0);
}
static long touches(void)
{
    for (int i = 0; i < 64; i += 7)
        memset(m + i * PAGE, 'm', (size_t)PAGE);
    return 0;
}
static int was_touched(long r)
{
    int ok = 1;
    for (int i = 0; i < 64; i++)
        ok &= bytes_are(m + i * PAGE, PAGE, i % 7 ? 0 : 'm');
    munmap(m, 64 * PAGE);
    return ok;
}
static void with_hollow(void)
{
    gone();
    fd = open(one, O_RDWR | O_CREAT | O_TRUNC, 0644);
    if (ftruncate(fd, BIG))
        exit(3);
    m = mmap(NULL, BIG, RW, MAP_SHARED, fd, 0);
}
static long stores(void)
{
    for (long i = 0; i < BIG; i += 20 * PAGE)
        memcpy(m + i, text + i, (size_t)PAGE);
    return 0;
}
static int stored(long r)
{
    munmap(m, BIG);
    cold();
    if (pread(fd, other, BIG, 0) != BIG)
        return 0;
    for (long i = 0; i < BIG; i += 20 * PAGE)
        if (memcmp(other + i, text + i, (size_t)PAGE))
            return 0;
    return 1;
}

/* ---- processes, and others ---- */

static long forks(void)
{
    pid = fork();
    if (pid == 0)
        _exit(bytes_are(m, 64 * PAGE, 'm') ? 7 : 8);
    return pid < 0 ? -1 : 0;
}
static int forked(long r)
{
    int status;
    munmap(m, 64 * PAGE);
    if (r)
        return waitpid(-1, &status, 0) < 0 && errno == ECHILD;
    return waitpid(pid, &status, 0) == pid && status == 7 << 8;
}
static long execs(void)
{
    if ((pid = vfork()) == 0) {
        execl("/bin/true", "true", longer, NULL);
        _exit(errno);
    }
    return pid < 0 ? -1 : 0;
}
static int executed(long r)
{
    int status = 0;
    return r || (waitpid(pid, &status, 0) == pid &&
                 (!status || status == ENOMEM << 8));
}
static int pair[2];
static long pipes(void)
{
    return pipe(pair);
}
static int piped(long r)
{
    if (!r)
        close(pair[0]), close(pair[1]);
    int next = dup(0);
    close(next);
    return next < 5; /* no descriptor has leaked */
}
static void with_pipe(void)
{
    if (pipe(pair))
        exit(3);
    fcntl(pair[1], F_SETFL, O_NONBLOCK);
}
static long fills(void)
{
    return write(pair[1], text, 10 * PAGE);
}
static int filled(long r)
{
    fcntl(pair[0], F_SETFL, O_NONBLOCK);
    long n = read(pair[0], other, BIG);
    close(pair[0]), close(pair[1]);
    return n == (r < 0 ? -1 : r) && (n < 0 || !memcmp(other, text, (size_t)n));
}
static long polls(void)
{
    static struct pollfd p[MANY];
    for (int i = 0; i < MANY; i++)
        p[i] = (struct pollfd){0, POLLOUT, 0};
    return poll(p, MANY, 0);
}
static int right(long r)
{
    return 1;
}
static long vectors(void)
{
    static struct iovec v[MANY];
    for (int i = 0; i < MANY; i++)
        v[i] = (struct iovec){other + i, 1};
    return preadv(fd, v, MANY, 0);
}
static int vectored(long r)
{
    return r < 0 || (r == MANY && !memcmp(other, text, MANY));
}
static long dups(void)
{
    return fcntl(0, F_DUPFD, 700);
}
static int dupped(long r)
{
    if (r >= 0)
        close((int)r);
    return r < 0 || r == 700;
}
static long set_lock(short type, long from, long n)
{
    struct flock l = {
        .l_type = type, .l_whence = SEEK_SET, .l_start = from, .l_len = n};
    return fcntl(fd, F_SETLK, &l);
}
static void with_lock(void)
{
    with_file();
    set_lock(F_WRLCK, 0, 100);
}
static long splits(void)
{
    return set_lock(F_UNLCK, 40, 10);
}
static long reads_lock(void)
{
    return set_lock(F_RDLCK, 40, 10);
}
/* What another process may lock says what this one has locked. */
static int other_may(long at)
{
    int status, may;
    pid_t p = fork();
    if (p == 0)
        _exit(set_lock(F_RDLCK, at, 1) != 0);
    waitpid(p, &status, 0);
    may = !status;
    return may;
}
static int split(long r)
{
    return !other_may(10) && !other_may(60) && other_may(45) == !r;
}
static long flocks(void)
{
    return flock(fd, LOCK_EX | LOCK_NB);
}
static int flocked(long r)
{
    int f = open(one, O_RDWR), free = !flock(f, LOCK_EX | LOCK_NB);
    close(f);
    return free == !!r;
}
static int segment;
static long segments(void)
{
    return segment = shmget(IPC_PRIVATE, 16 * PAGE, 0600 | IPC_CREAT);
}
static int has_segment(long r)
{
    return r < 0 || !shmctl(segment, IPC_RMID, NULL);
}
static void with_segment(void)
{
    segment = shmget(IPC_PRIVATE, 16 * PAGE, 0600 | IPC_CREAT);
}
static long attaches(void)
{
    m = shmat(segment, NULL, 0);
    if (m == (void *)-1)
        return -1;
    memset(m, 's', 16 * PAGE);
    return 0;
}
static int attached(long r)
{
    struct shmid_ds ds;
    int ok = r || bytes_are(m, 16 * PAGE, 's');
    ok &= !shmctl(segment, IPC_STAT, &ds) && ds.shm_nattch == (r ? 0 : 1);
    if (!r)
        shmdt(m);
    shmctl(segment, IPC_RMID, NULL);
    return ok;
}
static void blocked(void)
{
    sigset_t s;
    sigemptyset(&s);
    sigaddset(&s, SIGRTMIN);
    sigprocmask(SIG_BLOCK, &s, NULL);
}
static long queues(void)
{
    return sigqueue(getpid(), SIGRTMIN, (union sigval){77});
}
static int queued(long r)
{
    sigset_t s;
    siginfo_t info;
    sigemptyset(&s);
    sigaddset(&s, SIGRTMIN);
    int got = sigtimedwait(&s, &info, &(struct timespec){0, 0});
    return r ? got < 0 : got == SIGRTMIN && info.si_value.sival_int == 77;
}
static volatile int caught;
static void catch (int sig, siginfo_t *info, void *c)
{
    caught += info->si_signo == sig;
}
/* The handler's frame lies on pages that do not exist yet. */
static void with_stack(void)
{
    m = mmap(NULL, 16 * PAGE, RW, ANON, -1, 0);
    stack_t s = {.ss_sp = m, .ss_size = 16 * PAGE};
    struct sigaction a = {.sa_sigaction = catch,
                          .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigaltstack(&s, NULL);
    sigaction(SIGUSR1, &a, NULL);
    caught = 0;
}
static long signals(void)
{
    return raise(SIGUSR1);
}
static int signalled(long r)
{
    stack_t s = {.ss_flags = SS_DISABLE};
    sigaltstack(&s, NULL);
    munmap(m, 16 * PAGE);
    return r || caught == 1;
}
static void none(void)
{
}
static long groups(void)
{
    gid_t g[100];
    for (gid_t i = 0; i < 100; i++)
        g[i] = i;
    return syscall(SYS_setgroups, 100, g);
}
static int grouped(long r)
{
    gid_t g[100];
    long n = getgroups(100, g);
    return r || n == 100;
}
static long proc_reads(void)
{
    int f = open("/proc/self/smaps", O_RDONLY);
    long n = f < 0 ? -1 : read(f, other, BIG), e = errno;
    if (f >= 0)
        close(f);
    errno = (int)e;
    return n;
}
static int proc_read(long r)
{
    return r < 0 || r > 300;
}
