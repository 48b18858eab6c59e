/* SPDX-License-Identifier: MIT */
/* fuzz [-t SECONDS] [SEED [CHILDREN [CALLS]]]: random system calls, none left
 * out, with plausible and implausible arguments. Children make the calls; they
 * may die, the kernel must not. Each child has an empty file system of its own;
 * every second child is root; its descendants die with it. The parent checks
 * that no call keeps the hart and that killed processes die; after each child
 * the kernel audits itself. -t: starts children for so many seconds. Prints
 * "fuzz: SEED: N children, M system calls, kernel sound" and ends with 0. */
#include "lib/tiny.h"

#define JAIL       "/tmp/jail"
#define LIFE       1000   /* ms; then the child is killed */
#define LONGEST    500000 /* us between two checks by the parent */
#define MNT_DETACH 2

enum {
#define SYSCALL(nr, name, handler) N_##name = nr,
#include "kernel/sys/syscalls.def"
#include "kernel/sys/syscalls_file.def"
#undef SYSCALL
};

/* Every call's number, and the kinds of its arguments (argument(), below); a
 * call without a shape gets arbitrary ones. */
static const struct call {
    u32 nr;
    char shape[7];
} calls[] = {
#define SYSCALL(nr, name, handler) {nr, ""},
#include "kernel/sys/syscalls.def"
#include "kernel/sys/syscalls_file.def"
#undef SYSCALL
};
#define NCALLS (sizeof calls / sizeof calls[0])

static const struct call shapes[] = {
    {N_read, "fbn"},
    {N_write, "fbn"},
    {N_readv, "fvi"},
    {N_writev, "fvi"},
    {N_pread64, "fbno"},
    {N_pwrite64, "fbno"},
    {N_preadv, "fvio"},
    {N_pwritev, "fvio"},
    {N_sendfile, "ff0n"},
    {N_lseek, "foi"},
    {N_fallocate, "fioo"},
    {N_ftruncate, "fo"},
    {N_truncate, "po"},
    {N_openat, "dplm"},
    {N_close, "f"},
    {N_dup, "f"},
    {N_dup3, "ffl"},
    {N_fcntl, "fib"},
    {N_ioctl, "f?b"},
    {N_flock, "fi"},
    {N_mkdirat, "dpm"},
    {N_unlinkat, "dpl"},
    {N_symlinkat, "pdp"},
    {N_linkat, "dpdpl"},
    {N_renameat2, "dpdpi"},
    {N_mount, "pppl0"},
    {N_umount2, "pi"},
    {N_statfs, "pb"},
    {N_fstatfs, "fb"},
    {N_chdir, "p"},
    {N_fchdir, "f"},
    {N_chroot, "p"},
    {N_getdents64, "fbn"},
    {N_readlinkat, "dpbn"},
    {N_newfstatat, "dpbl"},
    {N_fstat, "fb"},
    {N_statx, "dpllb"},
    {N_fsync, "f"},
    {N_fdatasync, "f"},
    {N_readahead, "fon"},
    {N_fadvise64, "foni"},
    {N_sync_file_range, "fooi"},
    {N_ppoll, "bit0n"},
    {N_pselect6, "ibbbt0"},
    {N_pipe2, "bl"},
    {N_mmap, "anilfo"},
    {N_munmap, "an"},
    {N_mprotect, "ani"},
    {N_mremap, "annia"},
    {N_madvise, "ani"},
    {N_mincore, "anb"},
    {N_mlock, "an"},
    {N_munlock, "an"},
    {N_mlock2, "ani"},
    {N_mlockall, "i"},
    {N_msync, "ani"},
    {N_brk, "a"},
    {N_shmget, "inl"},
    {N_shmat, "ial"},
    {N_shmctl, "iib"},
    {N_shmdt, "a"},
    {N_kill, "ss"},
    {N_tkill, "ss"},
    {N_tgkill, "sss"},
    {N_rt_sigqueueinfo, "ssb"},
    {N_rt_sigaction, "sbbi"},
    {N_rt_sigprocmask, "ibbi"},
    {N_rt_sigtimedwait, "bbti"},
    {N_sigaltstack, "bb"},
    {N_futex, "biitbi"},
    {N_nanosleep, "tb"},
    {N_clock_nanosleep, "iitb"},
    {N_setitimer, "ibb"},
    {N_wait4, "ibib"},
    {N_waitid, "iibib"},
    {N_prlimit64, "0ibb"},
    {N_getrandom, "bni"},
    {N_execve, "pbb"},
    {N_setpgid, "ii"},
    {N_close_range, "ffi"},
    {N_mknodat, "dpmi"},
};

static u64 seed;
static u8 scratch[16 * PAGE] __attribute__((aligned(4096)));
static char path[][16] = {
    "file", "sparse", "dir",   "dir/one", "link",  "..",   ".",
    "",     "/",      "/file", "new",     "new2",  "fifo", "tmpfs",
    "proc", "/proc",  "ext2",  "/dir",    "/none", "self", "/proc/self/mem"};
static const char *shape_of[512];

static u64 rnd(u64 n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (seed >> 11) % n;
}

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

/* An iovec: four pairs of an address and a length. */
static u64 vector(void)
{
    u64 *v = (u64 *)(scratch + rnd(8) * 64);
    for (int i = 0; i < 8; i++)
        v[i] = i % 2 ? rnd(4 * PAGE) : (u64)scratch + rnd(sizeof scratch / 2);
    return (u64)v;
}

/* A timespec of less than four milliseconds. */
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
    case 'f': /* a descriptor */
        return rnd(24);
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
    case 'l': /* flags */
        return rnd(3) ? 1ul << rnd(24) | 1ul << rnd(24) : rnd(256);
    case 'm': /* a mode */
        return rnd(2) ? 0644 : rnd(1 << 16);
    case 's': /* this process, or a signal */
        return rnd(2) ? (u64)SYS0(NR_getpid) : rnd(65);
    case 't':
        return moment();
    default:
        return anything();
    }
}

static void wake(int sig)
{
    (void)sig;
}

/* A new process or thread: it ends, or crashes on the shared stack. */
static void start_another(u32 nr)
{
    u64 flags = SIGCHLD | (rnd(2) ? 0 : rnd(1 << 15) << 8);
    s64 pid = SYS6(nr, flags, 0, anything(), anything(), anything(), 0);
    if (pid == 0)
        exit(0);
}

/* A child process with a root directory of its own. It ends at once: if it went
 * on with a directory outside that root, it could leave the jail by "..". */
static void live_elsewhere(const u64 a[6])
{
    s64 pid = SYS6(NR_clone, SIGCHLD, 0, 0, 0, 0, 0);
    if (pid)
        return;
    SYS6(N_chroot, a[0], a[1], a[2], a[3], a[4], a[5]);
    open("new", O_RDWR | O_CREAT, 0666);
    open("/file", O_RDONLY, 0);
    SYS1(N_chdir, "..");
    exit(0);
}

/* True for a call that could send signals to another process or set its limits.
 * A root child makes such a call on itself, so that the parent survives. */
static bool reaches_others(u32 nr, u64 first)
{
    bool by_pid = nr == N_kill || nr == N_tkill || nr == N_tgkill ||
                  nr == N_rt_sigqueueinfo || nr == N_prlimit64;
    return by_pid && first && first != (u64)SYS0(NR_getpid);
}

static void fuzz(u64 n, bool root)
{
    s64 timer[4] = {0, 0, 0, 20000}; /* ends calls that sleep */
    for (u64 i = 0; i < n; i++) {
        u32 nr = rnd(16) ? calls[rnd(NCALLS)].nr : (u32)rnd(512);
        const char *shape = shape_of[nr] ? shape_of[nr] : "??????";
        u64 a[6];
        for (size_t k = 0; k < sizeof scratch; k += 64)
            scratch[k] = (u8)rnd(256);
        if (nr == N_clone) {
            start_another(nr);
            continue;
        }
        for (int k = 0; k < 6; k++)
            a[k] = argument(*shape ? *shape++ : '?');
        if (nr == N_chroot) {
            live_elsewhere(a);
            continue;
        }
        if (root && reaches_others(nr, a[0]))
            a[0] = (u64)SYS0(NR_getpid);
        if ((nr == N_exit || nr == N_exit_group) && rnd(50))
            continue; /* otherwise few children would make further calls */
        on_signal(SIGALRM, (void *)wake, 0);
        SYS3(NR_setitimer, 0, timer, 0);
        SYS6(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
    }
}

/* The objects for the calls: files, a directory, a pipe, devices, /proc. */
static void settle_in(bool root)
{
    static const char *const open_too[] = {
        "/proc/self/maps", "/proc/self/smaps", "/proc/meminfo",
        "/dev/zero",       "/bin/sh",          "/proc/self/status"};
    s64 null = open("/dev/null", O_RDWR, 0);
    for (int i = 0; i < 3; i++)
        SYS3(NR_dup3, null, i, 0);
    for (size_t i = 0; i < sizeof open_too / sizeof open_too[0]; i++)
        open(open_too[i], O_RDONLY, 0);
    SYS1(N_chdir, JAIL);
    SYS1(N_chroot, JAIL);
    SYS3(N_mkdirat, AT_FDCWD, "dir", 0777);
    open("dir", O_RDONLY, 0);
    s64 fd = open("file", O_RDWR | O_CREAT, 0666);
    write((int)fd, scratch, sizeof scratch);
    fd = open("sparse", O_RDWR | O_CREAT, 0666);
    SYS2(NR_ftruncate, fd, 1ul << 40);
    SYS3(N_symlinkat, "file", AT_FDCWD, "link");
    SYS4(N_mknodat, AT_FDCWD, "fifo", 0010666, 0);
    SYS2(NR_pipe2, scratch, O_NONBLOCK);
    if (!root)
        SYS1(N_setuid, 1000);
}

static void child(u64 c, u64 n)
{
    bool root = c % 2;
    SYS2(NR_setpgid, 0, 0);
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
        shape_of[shapes[i].nr] = shapes[i].shape;
    settle_in(root);
    fuzz(n, root);
    exit(0);
}

static u64 longest; /* us for which the parent did not get the hart */

/* Sleeps for a millisecond; notes how much longer it took. */
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
        s64 id = SYS3(N_shmctl, index, SHM_STAT, scratch);
        if (id >= 0)
            SYS3(N_shmctl, id, IPC_RMID, 0);
    }
}

/* False: a killed process is still alive. */
static bool end_all(s64 pid)
{
    for (int i = 0; i < LIFE && wait4(pid, 0, 1) == 0; i++)
        look();
    for (int i = 0; i < 1000; i++) { /* the child and its descendants */
        SYS2(NR_kill, -pid, SIGKILL);
        SYS2(NR_kill, pid, SIGKILL);
        while (wait4(-1, 0, 1) > 0)
            ;
        if (wait4(-1, 0, 1) == -ECHILD)
            return true;
        look();
    }
    return false;
}

/* Under QEMU time is the host's, so waits are not bounded. (Only Clockhand has
 * the lens's devices.) */
static bool simulated(void)
{
    s64 fd = open("/dev/hostrun", O_RDONLY, 0);
    close((int)fd);
    return fd >= 0;
}

static bool audit(void)
{
    s64 fd = open("/proc/audit", O_WRONLY, 0);
    bool good = fd >= 0 && write((int)fd, "1", 1) != -5; /* EIO */
    close((int)fd);
    return good;
}

static const char *one(u64 c, u64 n)
{
    SYS6(N_mount, "none", JAIL, "tmpfs", 0, "size=2m", 0);
    s64 pid = fork();
    if (pid == 0)
        child(c, n);
    const char *bad = pid < 0 || end_all(pid) ? NULL : "cannot be killed";
    drop_segments();
    SYS2(N_umount2, JAIL, MNT_DETACH);
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
    u64 first = argc > 1 ? strtou(argv[1]) : 1;
    u64 children = argc > 2 ? strtou(argv[2]) : until == ~0ul ? 100 : ~0ul;
    u64 n = argc > 3 ? strtou(argv[3]) : 200, c;
    const char *bad = NULL;
    SYS3(N_mkdirat, AT_FDCWD, JAIL, 0755);
    SYS1(N_mlockall, 3); /* else the parent would wait for its pages */
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
