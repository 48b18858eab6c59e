/* SPDX-License-Identifier: MIT */
/* A very small C library for our own guest programs: bare system calls of
 * Linux riscv64 and a printf. A program is some 8 KiB instead of glibc's
 * 500, and no start-up code of a C library touches pages. Calls return the
 * kernel's value: the negative of an error number on failure. */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Linux's own headers: the numbers of calls, errors and flags. */
#include <asm/errno.h>
#include <asm/resource.h>
#include <asm/signal.h>
#include <asm/unistd.h>
#include <linux/fcntl.h>
#include <linux/mman.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <linux/wait.h>

typedef int64_t s64;
typedef uint64_t u64;
typedef uint32_t u32;
typedef int32_t s32;
typedef uint8_t u8;

#define PAGE 4096ul

extern char **environ;
int main(int argc, char **argv);

s64 tiny_syscall(s64 nr, ...);
/* SYSn(__NR_name, ...): n arguments of any integer or pointer type; no SYS5. */
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
/* Maps n bytes of anonymous memory, MAP_PRIVATE or MAP_SHARED. */
static inline void *anonymous(size_t n, int sharing)
{
    return mmap(0, n, PROT_READ | PROT_WRITE, sharing | MAP_ANONYMOUS, -1, 0);
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
s64 on_signal(int sig, void *handler, u64 flags);

/* Defined in kernel/lib/string.c and printf.c. */
void *memset(void *to, int byte, size_t n);
void *memcpy(void *to, const void *from, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
char *strstr(const char *s, const char *what);
int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap);

u64 strtou(const char *s);
/* Prints to standard output, unbuffered. */
void printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void fprintf_fd(int fd, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Returns the number after `name` in a file of "name number" lines, such as
 * /proc/vmstat or "MemFree:" in /proc/meminfo; -1: no such file or name. */
s64 proc_number(const char *file, const char *name);
