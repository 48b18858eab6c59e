/* SPDX-License-Identifier: MIT */
/* fuzz [-t SECONDS] [-s THREADS] [SEED [CHILDREN [CALLS]]]: random system
 * calls, none left out, with plausible and implausible arguments. Children make
 * the calls; they may die, the kernel must not. -s: THREADS more threads of
 * each child make them, too, so that one closes, unmaps or leaves what
 * another's call still uses. Each child has an empty file system of its own;
 * every second child is root. A child's descendants die with it. The parent
 * checks that no call keeps the hart too long and that killed processes die;
 * after each child the kernel audits itself. -t: starts children for SECONDS.
 * Prints "fuzz: SEED: N children, M system calls, longest wait L ms, kernel
 * sound" (M counts from boot on) and ends with 0. */
#include "alone/fuzz.h"

#define JAIL           "/tmp/jail"
#define LIFE           1000   /* ms; then the child is killed */
#define LONGEST        500000 /* us between two checks by the parent */
#define MNT_DETACH     2
#define CAP_SYS_CHROOT 18

enum {
#define SYSCALL(nr, name, handler) N_##name = nr,
#include "kernel/sys/syscalls.def"
#include "kernel/sys/syscalls_file.def"
};

/* All calls, by number. `shapes` has the kinds of their arguments (argument(),
 * below); a call without a shape gets arbitrary arguments. */
static const struct call {
    u32 nr;
    char shape[7];
} calls[] = {
#define SYSCALL(nr, name, handler) {nr, ""},
#include "kernel/sys/syscalls.def"
#include "kernel/sys/syscalls_file.def"
};
#define NCALLS (sizeof calls / sizeof calls[0])

static const struct call shapes[] = {
    {__NR_read, "fbn"},
    {__NR_write, "fbn"},
    {__NR_readv, "fvi"},
    {__NR_writev, "fvi"},
    {__NR_pread64, "fbno"},
    {__NR_pwrite64, "fbno"},
    {__NR_preadv, "fvio"},
    {__NR_pwritev, "fvio"},
    {__NR_sendfile, "ff0n"},
    {__NR_lseek, "foi"},
    {__NR_fallocate, "fioo"},
    {__NR_ftruncate, "fo"},
    {__NR_truncate, "po"},
    {__NR_openat, "dpwm"},
    {__NR_close, "f"},
    {__NR_dup, "f"},
    {__NR_dup3, "ffl"},
    {__NR_fcntl, "fcb"},
    {__NR_ioctl, "f?b"},
    {__NR_flock, "fi"},
    {__NR_mkdirat, "dpm"},
    {__NR_unlinkat, "dpu"},
    {__NR_symlinkat, "pdp"},
    {__NR_linkat, "dpdpl"},
    {__NR_renameat2, "dpdpi"},
    {__NR_mount, "pppl0"},
    {__NR_umount2, "pi"},
    {__NR_statfs, "pb"},
    {__NR_fstatfs, "fb"},
    {__NR_chdir, "p"},
    {__NR_fchdir, "f"},
    {__NR_chroot, "p"},
    {__NR_getdents64, "fbn"},
    {__NR_readlinkat, "dpbn"},
    {__NR_newfstatat, "dpbl"},
    {__NR_fstat, "fb"},
    {__NR_statx, "dpllb"},
    {__NR_fsync, "f"},
    {__NR_fdatasync, "f"},
    {__NR_readahead, "fon"},
    {__NR_fadvise64, "foni"},
    {__NR_sync_file_range, "fooi"},
    {__NR_ppoll, "bit0n"},
    {__NR_pselect6, "ibbbt0"},
    {__NR_pipe2, "bl"},
    {__NR_mmap, "anilfo"},
    {__NR_munmap, "an"},
    {__NR_mprotect, "ani"},
    {__NR_mremap, "annia"},
    {__NR_madvise, "ani"},
    {__NR_mincore, "anb"},
    {__NR_mlock, "an"},
    {__NR_munlock, "an"},
    {__NR_mlock2, "ani"},
    {__NR_mlockall, "i"},
    {__NR_msync, "ani"},
    {__NR_brk, "a"},
    {__NR_shmget, "inl"},
    {__NR_shmat, "ial"},
    {__NR_shmctl, "iib"},
    {__NR_shmdt, "a"},
    {__NR_kill, "ss"},
    {__NR_tkill, "ss"},
    {__NR_tgkill, "sss"},
    {__NR_rt_sigqueueinfo, "ssb"},
    {__NR_rt_sigaction, "sbbi"},
    {__NR_rt_sigprocmask, "ibbi"},
    {__NR_rt_sigtimedwait, "bbti"},
    {__NR_sigaltstack, "bb"},
    {__NR_futex, "biitbi"},
    {__NR_nanosleep, "tb"},
    {__NR_clock_nanosleep, "iitb"},
    {__NR_setitimer, "ibb"},
    {__NR_wait4, "ibib"},
    {__NR_waitid, "iibib"},
    {__NR_prlimit64, "0ibb"},
    {__NR_getrandom, "bni"},
    {__NR_execve, "pbb"},
    {__NR_setpgid, "ii"},
    {__NR_close_range, "ffi"},
    {__NR_mknodat, "dpmi"},
};

#define THREADS_MAX 8
#define STACK       (4 * PAGE)

static u64 threads; /* of a child, besides the first */
static u8 stacks[THREADS_MAX * STACK] __attribute__((aligned(4096)));
static u8 scratch[16 * PAGE] __attribute__((aligned(4096)));
static char path[][16] = {
    "file", "sparse", "dir",   "dir/one", "link",  "..",   ".",
    "",     "/",      "/file", "new",     "new2",  "fifo", "tmpfs",
    "proc", "/proc",  "ext2",  "/dir",    "/none", "self", "/proc/self/mem"};
static const char *shape_of[512];

static u64 anything(void)
{
    static const u64 odd[] = {0,
                              1,
                              -1ul,
                              0x7fffffff,
                              0x80000000,
                              0xffffffff,
                              1ul << 38,
                              (1ul << 38) - 4096,
                              0x3fffffe000,
                              0xffffffc080200000,
                              1ul << 63,
                              0x10000,
                              0x11000,
                              4096,
                              -4096ul,
                              -100ul};
    switch (rnd(8)) {
    case 0:
        return odd[rnd(sizeof odd / sizeof odd[0])];
    case 1:
        return rnd(16);
    case 2:
        return 1ul << rnd(64);
    case 3:
        return (u64)path[rnd(sizeof path / sizeof path[0])];
    case 4:
        return (u64)scratch + rnd(sizeof scratch);
    case 5:
        return ((u64)scratch + rnd(sizeof scratch)) & -PAGE;
    case 6:
        return rnd(1 << 16);
    default:
        return rnd(8) * PAGE;
    }
}

/* Makes an iovec: four pairs of an address and a length. */
static u64 vector(void)
{
    u64 *v = (u64 *)(scratch + rnd(8) * 64);
    for (int i = 0; i < 8; i++)
        v[i] = i % 2 ? rnd(4 * PAGE) : (u64)scratch + rnd(sizeof scratch / 2);
    return (u64)v;
}

static u64 moment(void)
{
    s64 *t = (s64 *)(scratch + rnd(64) * 16);
    t[0] = 0;
    t[1] = (s64)rnd(4000000);
    return (u64)t;
}

static u64 argument(char kind)
{
    if (rnd(12) == 0)
        return anything();
    switch (kind) {
    case '0': /* null, or this process */
        return 0;
    case 'f': /* a descriptor; threads use those that are opened again */
        return threads ? 9 + rnd(4) : rnd(24);
    case 'd': /* a directory descriptor */
        return rnd(3) ? -100ul : rnd(24);
    case 'p':
        return (u64)path[rnd(sizeof path / sizeof path[0])];
    case 'b': /* an address */
        return rnd(6) ? (u64)scratch + rnd(sizeof scratch / 8) * 8 : 0;
    case 'v':
        return vector();
    case 'n': /* a length */
        return rnd(3) ? rnd(9 * PAGE) : 1ul << rnd(48);
    case 'o': /* a file offset */
        return rnd(3) ? rnd(9 * PAGE) : 1ul << rnd(42);
    case 'a': /* a page */
        return rnd(4) ? ((u64)scratch + rnd(sizeof scratch)) & -PAGE
                      : 0x20000000 + rnd(64) * PAGE;
    case 'i': /* a small number */
        return rnd(40);
    case 'c': /* a command of fcntl */
        return rnd(2) * 1024 + rnd(17);
    case 'u': /* AT_REMOVEDIR or nothing */
        return rnd(8) ? rnd(2) << 9 : anything();
    case 'w': /* a way to open */
        if (rnd(4))
            return O_RDWR | (rnd(2) ? O_CREAT : 0);
        /* fall through */
    case 'l': /* flags */
        return rnd(3) ? 1ul << rnd(24) | 1ul << rnd(24) : rnd(256);
    case 'm': /* a mode */
        return rnd(2) ? 0644 : rnd(1 << 16);
    case 's': /* this process, or a signal */
        return rnd(2) ? (u64)SYS0(__NR_getpid) : rnd(65);
    case 't':
        return moment();
    default:
        return anything();
    }
}

static void wake(int sig)
{
}

/* Makes a process or thread, which ends, or crashes on the shared stack. */
static void start_another(u32 nr)
{
    u64 flags = SIGCHLD | (rnd(2) ? 0 : rnd(1 << 15) << 8);
    s64 pid = SYS6(nr, flags, 0, anything(), anything(), anything(), 0);
    if (pid == 0)
        exit(0);
}

/* Calls chroot in a child, which then ends: if it went on with a directory
 * outside its new root, it could leave the jail by "..". */
static void live_elsewhere(const u64 a[6])
{
    s64 pid = SYS6(__NR_clone, SIGCHLD, 0, 0, 0, 0, 0);
    if (pid)
        return;
    SYS6(__NR_chroot, a[0], a[1], a[2], a[3], a[4], a[5]);
    open("new", O_RDWR | O_CREAT, 0666);
    open("/file", O_RDONLY, 0);
    SYS1(__NR_chdir, "..");
    exit(0);
}

/* True for a call that could send signals to another process or set its limits.
 * A root child makes such a call on itself, so that the parent survives. */
static bool reaches_others(u32 nr, u64 first)
{
    bool by_pid = nr == __NR_kill || nr == __NR_tkill || nr == __NR_tgkill ||
                  nr == __NR_rt_sigqueueinfo || nr == __NR_prlimit64;
    return by_pid && first && first != (u64)SYS0(__NR_getpid);
}

static u32 few[8];

/* Threads meet in one object only if they make few kinds of calls: those that
 * open and close, and for each child some neighbours in the table. */
static void choose_few(void)
{
    const u64 rows = sizeof shapes / sizeof shapes[0], at = rnd(rows);
    for (size_t i = 0; i < sizeof few / sizeof few[0]; i++)
        few[i] = shapes[(at + rnd(12)) % rows].nr;
    few[0] = __NR_openat;
    few[1] = __NR_close;
    few[2] = __NR_dup3;
}

static u32 number_of_call(void)
{
    return threads   ? few[rnd(sizeof few / sizeof few[0])]
           : rnd(16) ? calls[rnd(NCALLS)].nr
                     : (u32)rnd(512);
}

static void fuzz(u64 n, bool root)
{
    s64 timer[4] = {0, 0, 0, 20000}; /* ends calls that sleep */
    for (u64 i = 0; i < n; i++) {
        u32 nr = number_of_call();
        const char *shape = shape_of[nr] ? shape_of[nr] : "??????";
        u64 a[6];
        for (size_t k = 0; k < sizeof scratch; k += 64)
            scratch[k] = (u8)rnd(256);
        if (nr == __NR_clone) {
            start_another(nr);
            continue;
        }
        for (int k = 0; k < 6; k++)
            a[k] = argument(*shape ? *shape++ : '?');
        if (nr == __NR_chroot && !threads) {
            live_elsewhere(a);
            continue;
        }
        if (root && reaches_others(nr, a[0]))
            a[0] = (u64)SYS0(__NR_getpid);
        if ((nr == __NR_exit || nr == __NR_exit_group) && rnd(50))
            continue; /* else few children would make more than a few calls */
        if (!threads || i % 8 == 0) {
            on_signal(SIGALRM, (void *)wake, 0);
            SYS3(__NR_setitimer, 0, timer, 0);
        }
        SYS6(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
    }
}

/* Enters the jail; makes and opens objects for the calls; may give up root. */
static void settle_in(bool root)
{
    static const char *const open_too[] = {
        "/proc/self/maps", "/proc/self/smaps", "/proc/meminfo",
        "/dev/zero",       "/bin/sh",          "/proc/self/status"};
    s64 null = open("/dev/null", O_RDWR, 0);
    for (int i = 0; i < 3; i++)
        SYS3(__NR_dup3, null, i, 0);
    for (size_t i = 0; i < sizeof open_too / sizeof open_too[0]; i++)
        open(open_too[i], O_RDONLY, 0);
    SYS1(__NR_chdir, JAIL);
    SYS1(__NR_chroot, JAIL);
    SYS3(__NR_mkdirat, AT_FDCWD, "dir", 0777);
    open("dir", O_RDONLY, 0);
    s64 fd = open("file", O_RDWR | O_CREAT, 0666);
    write((int)fd, scratch, sizeof scratch);
    fd = open("sparse", O_RDWR | O_CREAT, 0666);
    SYS2(__NR_ftruncate, fd, 1ul << 40);
    SYS3(__NR_symlinkat, "file", AT_FDCWD, "link");
    SYS4(__NR_mknodat, AT_FDCWD, "fifo", 0010666, 0);
    SYS2(__NR_pipe2, scratch, O_NONBLOCK);
    if (!root)
        SYS1(__NR_setuid, 1000);
}

/* Gives up all rights of root but that to call chroot: a child whose threads
 * call it may climb out of the jail, and must not harm the world outside. */
static void only_chroot(void)
{
    const u32 header[] = {0x20080522, 0};
    const u32 sets[] = {1 << CAP_SYS_CHROOT, 1 << CAP_SYS_CHROOT, 0, 0, 0, 0};
    if (SYS2(__NR_capset, header, sets))
        exit(1);
}

static struct job {
    u64 n;
    bool root;
} job;

static int thread(void *opaque)
{
    fuzz(job.n, job.root);
    return 0;
}

static void start_threads(u64 n, bool root)
{
    if (threads && root)
        only_chroot();
    job = (struct job){n, root};
    choose_few();
    for (u64 t = 1; t <= threads; t++)
        clone_run(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
                      CLONE_THREAD | CLONE_SYSVSEM,
                  thread, NULL, stacks + t * STACK);
}

static void child(u64 c, u64 n)
{
    bool root = c % 2;
    SYS2(__NR_setpgid, 0, 0);
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
        shape_of[shapes[i].nr] = shapes[i].shape;
    settle_in(root);
    start_threads(n, root);
    fuzz(n, root);
    exit(0);
}

static u64 longest; /* us between two checks by the parent, so far */

/* Sleeps for a millisecond; `longest` keeps the longest time it took. */
static void look(void)
{
    u64 before = now_us();
    sleep_ms(1);
    u64 took = now_us() - before;
    longest = took > longest ? took : longest;
}

/* Removes the children's shared memory, which outlives them. */
static void drop_segments(void)
{
    enum { IPC_RMID, SHM_STAT = 13 };
    for (int index = 0; index < 64; index++) {
        s64 id = SYS3(__NR_shmctl, index, SHM_STAT, scratch);
        if (id >= 0)
            SYS3(__NR_shmctl, id, IPC_RMID, 0);
    }
}

/* Waits for the child, LIFE ms at most, then kills it and its descendants.
 * False: a process is still alive. */
static bool end_all(s64 pid)
{
    for (int i = 0; i < LIFE && wait4(pid, 0, 1) == 0; i++)
        look();
    for (int i = 0; i < 1000; i++) { /* the child and its descendants */
        SYS2(__NR_kill, -pid, SIGKILL);
        SYS2(__NR_kill, pid, SIGKILL);
        while (wait4(-1, 0, 1) > 0)
            ;
        if (wait4(-1, 0, 1) == -ECHILD)
            return true;
        look();
    }
    return false;
}

/* True on Clockhand: /dev/hostrun needs its lens. Under QEMU time is the
 * host's, so waits are not bounded. */
static bool simulated(void)
{
    s64 fd = open("/dev/hostrun", O_RDONLY, 0);
    close((int)fd);
    return fd >= 0;
}

static const char *one(u64 c, u64 n)
{
    SYS6(__NR_mount, "none", JAIL, "tmpfs", 0, "size=2m", 0);
    s64 pid = fork();
    if (pid == 0)
        child(c, n);
    const char *bad = pid < 0 || end_all(pid) ? NULL : "cannot be killed";
    drop_segments();
    SYS2(__NR_umount2, JAIL, MNT_DETACH);
    return bad                                ? bad
           : !audit()                         ? "fails its audit"
           : longest > LONGEST && simulated() ? "holds the machine"
                                              : NULL;
}

int main(int argc, char **argv)
{
    u64 until = ~0ul;
    if (argc > 2 && !strcmp(argv[1], "-t")) {
        until = now_us() + strtou(argv[2]) * 1000000;
        argc -= 2;
        argv += 2;
    }
    if (argc > 2 && !strcmp(argv[1], "-s")) {
        threads = strtou(argv[2]) % (THREADS_MAX + 1);
        argc -= 2;
        argv += 2;
    }
    u64 first = argc > 1 ? strtou(argv[1]) : 1;
    u64 children = argc > 2 ? strtou(argv[2]) : until == ~0ul ? 100 : ~0ul;
    u64 n = argc > 3 ? strtou(argv[3]) : 200, c;
    const char *bad = NULL;
    SYS3(__NR_mkdirat, AT_FDCWD, JAIL, 0755);
    SYS1(__NR_mlockall, 3); /* else the parent would wait for its pages */
    for (c = 0; c < children && !bad && now_us() < until; c++) {
        seed = (first * 1000 + c) * 0x9e3779b97f4a7c15 + 1;
        if ((bad = one(c, n)))
            printf("fuzz: child %lu of seed %lu: %s\n", c, first, bad);
    }
    printf("fuzz: %lu: %lu children, %ld system calls, longest wait %lu ms, "
           "%s\n",
           first, c, proc_number("/proc/vmstat", "syscalls"), longest / 1000,
           bad ? "KERNEL DAMAGED" : "kernel sound");
    return bad != NULL;
}
