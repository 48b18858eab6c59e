/* SPDX-License-Identifier: MIT */
/* A very small C library for our own guest programs: bare system calls of
 * Linux riscv64 and a printf. A program is some 8 KiB instead of glibc's
 * 500, and only its own code touches pages. Calls return the kernel's
 * value: the negative of an error number on failure. */
#ifndef TINY_H
#define TINY_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef int64_t s64;
typedef uint64_t u64;
typedef uint32_t u32;
typedef int32_t s32;
typedef uint8_t u8;

#define PAGE 4096ul

enum { /* system calls that these programs make */
       NR_dup3 = 24,
       NR_fcntl = 25,
       NR_ioctl = 29,
       NR_unlinkat = 35,
       NR_ftruncate = 46,
       NR_openat = 56,
       NR_close = 57,
       NR_pipe2 = 59,
       NR_lseek = 62,
       NR_read = 63,
       NR_write = 64,
       NR_ppoll = 73,
       NR_fsync = 82,
       NR_exit_group = 94,
       NR_futex = 98,
       NR_nanosleep = 101,
       NR_setitimer = 103,
       NR_clock_gettime = 113,
       NR_sched_yield = 124,
       NR_kill = 129,
       NR_sigaltstack = 132,
       NR_rt_sigsuspend = 133,
       NR_rt_sigaction = 134,
       NR_rt_sigprocmask = 135,
       NR_rt_sigpending = 136,
       NR_rt_sigreturn = 139,
       NR_reboot = 142,
       NR_uname = 160,
       NR_setpgid = 154,
       NR_setsid = 157,
       NR_getrusage = 165,
       NR_getpid = 172,
       NR_getppid = 173,
       NR_brk = 214,
       NR_munmap = 215,
       NR_mremap = 216,
       NR_clone = 220,
       NR_execve = 221,
       NR_mmap = 222,
       NR_mprotect = 226,
       NR_mincore = 232,
       NR_madvise = 233,
       NR_wait4 = 260,
       NR_prlimit64 = 261
};

enum {
    EPERM = 1,
    ENOENT = 2,
    ESRCH = 3,
    EINTR = 4,
    EBADF = 9,
    ECHILD = 10,
    EAGAIN = 11,
    ENOMEM = 12,
    EACCES = 13,
    EFAULT = 14,
    EEXIST = 17,
    EINVAL = 22,
    ENOTTY = 25,
    EPIPE = 32,
    ENOSYS = 38
};
enum {
    SIGHUP = 1,
    SIGINT = 2,
    SIGILL = 4,
    SIGTRAP = 5,
    SIGABRT = 6,
    SIGBUS = 7,
    SIGKILL = 9,
    SIGUSR1 = 10,
    SIGSEGV = 11,
    SIGUSR2 = 12,
    SIGPIPE = 13,
    SIGALRM = 14,
    SIGTERM = 15,
    SIGCHLD = 17,
    SIGCONT = 18,
    SIGSTOP = 19,
    SIGTSTP = 20,
    SIGVTALRM = 26,
    SIGPROF = 27
};
#define O_RDONLY   0
#define O_WRONLY   1
#define O_RDWR     2
#define O_CREAT    0100
#define O_TRUNC    01000
#define O_APPEND   02000
#define O_NONBLOCK 04000
#define AT_FDCWD   (-100)

#define PROT_NONE           0
#define PROT_READ           1
#define PROT_WRITE          2
#define PROT_EXEC           4
#define MAP_SHARED          1
#define MAP_PRIVATE         2
#define MAP_FIXED           0x10
#define MAP_ANONYMOUS       0x20
#define MAP_FIXED_NOREPLACE 0x100000
#define MREMAP_MAYMOVE      1
#define MREMAP_FIXED        2
#define MADV_DONTNEED       4
#define MADV_HUGEPAGE       14
#define MADV_NOHUGEPAGE     15
#define MADV_COLLAPSE       25

#define SA_SIGINFO   0x4ul
#define SA_ONSTACK   0x08000000ul
#define SA_RESTART   0x10000000ul
#define SA_NODEFER   0x40000000ul
#define SA_RESETHAND 0x80000000ul

#define CLONE_VM    0x100ul
#define CLONE_VFORK 0x4000ul

extern char **environ;
int main(int argc, char **argv);

s64 tiny_syscall(s64 nr, ...);
/* syscall with up to six arguments of any integer or pointer type */
#define SYS0(nr)          tiny_syscall(nr)
#define SYS1(nr, a)       tiny_syscall(nr, (s64)(a))
#define SYS2(nr, a, b)    tiny_syscall(nr, (s64)(a), (s64)(b))
#define SYS3(nr, a, b, c) tiny_syscall(nr, (s64)(a), (s64)(b), (s64)(c))
#define SYS4(nr, a, b, c, d)                                                   \
    tiny_syscall(nr, (s64)(a), (s64)(b), (s64)(c), (s64)(d))
#define SYS6(nr, a, b, c, d, e, f)                                             \
    tiny_syscall(nr, (s64)(a), (s64)(b), (s64)(c), (s64)(d), (s64)(e), (s64)(f))

void exit(int status) __attribute__((noreturn));
s64 fork(void);
s64 clone_run(u64 flags, int (*fn)(void *), void *arg, void *stack_top);
s64 wait4(s64 pid, int *status, int options);
s64 write(int fd, const void *buf, size_t n);
s64 read(int fd, void *buf, size_t n);
s64 open(const char *path, int flags, int mode);
s64 close(int fd);
void *mmap(void *at, size_t n, int prot, int flags, int fd, u64 off);
s64 munmap(void *at, size_t n);
s64 mprotect(void *at, size_t n, int prot);
void sleep_ms(u64 ms);
u64 now_us(void);
static inline bool is_error(const void *p)
{
    return (u64)p > -PAGE;
}

struct siginfo {
    s32 signo, err, code, pad;
    union {
        struct {
            s32 pid;
            u32 uid;
            s32 status;
        };
        u64 addr;
        u64 fill[14];
    };
};
struct sigaction {
    void *handler;
    u64 flags, mask;
};
s64 on_signal(int sig, void *handler, u64 flags);

/* kernel/lib/string.c and printf.c. */
void *memset(void *to, int byte, size_t n);
void *memcpy(void *to, const void *from, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
char *strstr(const char *s, const char *what);
int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap);

u64 strtou(const char *s);
/* To standard output, unbuffered. */
void printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void fprintf_fd(int fd, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The number behind `name` in a file of "name number" lines, such as
 * /proc/vmstat or "MemFree:" in /proc/meminfo; -1 if it is not there. */
s64 proc_number(const char *file, const char *name);

#endif
