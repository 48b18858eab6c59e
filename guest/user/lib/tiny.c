/* SPDX-License-Identifier: MIT */
#include "lib/tiny.h"

char **environ;
void tiny_start(u64 *sp) __attribute__((noreturn));
/* Start-up of a library (lib/work.c), called before main. */
void tiny_began(int argc, char **argv) __attribute__((weak));

void tiny_start(u64 *sp)
{
    char **argv = (char **)(sp + 1);
    environ = argv + *sp + 1;
    if (tiny_began)
        tiny_began((int)*sp, argv);
    exit(main((int)*sp, argv));
}

void exit(int status)
{
    for (;;)
        SYS1(__NR_exit_group, status);
}

s64 fork(void)
{
    return SYS6(__NR_clone, SIGCHLD, 0, 0, 0, 0, 0);
}

/* Runs fn(arg) in a child on a stack of its own. */
s64 clone_run(u64 flags, int (*fn)(void *), void *arg, void *stack_top)
{
    u64 *top = stack_top;
    *--top = (u64)arg;
    *--top = (u64)fn;
    register s64 a0 __asm__("a0") = (s64)flags | SIGCHLD;
    register void *a1 __asm__("a1") = top;
    register s64 a2 __asm__("a2") = 0;
    register s64 a3 __asm__("a3") = 0;
    register s64 a4 __asm__("a4") = 0;
    register s64 a7 __asm__("a7") = __NR_clone;
    __asm__ volatile("ecall\n"
                     "bnez a0, 1f\n"
                     "ld t0, 0(sp)\n"
                     "ld a0, 8(sp)\n"
                     "addi sp, sp, 16\n"
                     "jalr t0\n"
                     "call exit\n"
                     "1:"
                     : "+r"(a0)
                     : "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a7)
                     : "memory", "t0", "ra");
    return a0;
}

s64 wait4(s64 pid, int *status, int options)
{
    return SYS4(__NR_wait4, pid, status, options, 0);
}
s64 write(int fd, const void *buf, size_t n)
{
    return SYS3(__NR_write, fd, buf, n);
}
s64 read(int fd, void *buf, size_t n)
{
    return SYS3(__NR_read, fd, buf, n);
}
s64 open(const char *path, int flags, int mode)
{
    return SYS4(__NR_openat, AT_FDCWD, path, flags, mode);
}
s64 close(int fd)
{
    return SYS1(__NR_close, fd);
}
void *mmap(void *at, size_t n, int prot, int flags, int fd, u64 off)
{
    return (void *)SYS6(__NR_mmap, at, n, prot, flags, fd, off);
}
s64 munmap(void *at, size_t n)
{
    return SYS2(__NR_munmap, at, n);
}
s64 mprotect(void *at, size_t n, int prot)
{
    return SYS3(__NR_mprotect, at, n, prot);
}

void sleep_ms(u64 ms)
{
    s64 t[2] = {(s64)(ms / 1000), (s64)(ms % 1000) * 1000000};
    while (SYS2(__NR_nanosleep, t, t) == -EINTR)
        ;
}

u64 now_us(void)
{
    s64 t[2] = {0, 0};
    SYS2(__NR_clock_gettime, 1, t);
    return (u64)t[0] * 1000000 + (u64)t[1] / 1000;
}

s64 on_signal(int sig, void *handler, u64 flags)
{
    struct sigaction act = {handler, flags, {{0}}};
    return SYS4(__NR_rt_sigaction, sig, &act, 0, 8);
}

u64 strtou(const char *s)
{
    u64 v = 0;
    while (*s >= '0' && *s <= '9')
        v = v * 10 + (u64)(*s++ - '0');
    return v;
}

/* Prints in one write, so that a pipe's reader gets the text whole. */
static void vprint(int fd, const char *fmt, va_list ap)
{
    size_t n = (size_t)vsnprintf(NULL, 0, fmt, ap), done = 0;
    char text[n + 1];
    vsnprintf(text, n + 1, fmt, ap);
    while (done < n) {
        s64 k = write(fd, text + done, n - done);
        if (k <= 0)
            break;
        done += (size_t)k;
    }
}

void printf(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vprint(1, fmt, ap);
    va_end(ap);
}

void fprintf_fd(int fd, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vprint(fd, fmt, ap);
    va_end(ap);
}

s64 proc_number(const char *file, const char *name)
{
    static char text[8192];
    size_t n = 0;
    s64 fd = open(file, O_RDONLY, 0), got, len = (s64)strlen(name);
    if (fd < 0)
        return -1;
    while (n < sizeof text - 1 &&
           (got = read((int)fd, text + n, sizeof text - 1 - n)) > 0)
        n += (size_t)got;
    text[n] = '\0';
    close((int)fd);
    for (const char *p = text; (p = strstr(p, name)); p += len) {
        if ((p != text && p[-1] != '\n') || (p[len] != ' ' && p[len] != '\t'))
            continue;
        for (p += len; *p == ' ' || *p == '\t'; p++)
            ;
        return (s64)strtou(p);
    }
    return -1;
}
