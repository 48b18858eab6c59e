/* SPDX-License-Identifier: MIT */
#include "base/base.h"
#include "base/program.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

/* die() frees no memory; the leak checker of SAN=1 must not report that. */
#if SANITIZED
static bool died;
int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void)
{
    return died;
}
#define DIES() (died = true)
#else
#define DIES() ((void)0)
#endif

static void line(const char *what, const char *why, va_list ap)
{
    fflush(stdout);
    fprintf(stderr, "%s: %s: ", program_name, what);
    vfprintf(stderr, why, ap);
    fputc('\n', stderr);
}

_Noreturn void die(const char *what, const char *why, ...)
{
    va_list ap;
    DIES();
    va_start(ap, why);
    line(what, why, ap);
    va_end(ap);
    exit(2);
}

static bool complained;

void complain(const char *what, const char *why, ...)
{
    va_list ap;
    complained = true;
    va_start(ap, why);
    line(what, why, ap);
    va_end(ap);
}

bool complaints(void)
{
    return complained;
}

size_t append(char *buf, size_t n, size_t at, const char *fmt, ...)
{
    va_list ap;
    assert(at < n);
    va_start(ap, fmt);
    int more = vsnprintf(buf + at, n - at, fmt, ap);
    va_end(ap);
    if (more < 0)
        return at;
    return (size_t)more < n - at ? at + (size_t)more : n - 1;
}

void *xcalloc(size_t n, size_t size)
{
    void *p = calloc(n ? n : 1, size ? size : 1);
    if (!p)
        die("memory", "the host has no more");
    return p;
}

void *xrealloc(void *p, size_t size)
{
    void *q = realloc(p, size ? size : 1);
    if (!q)
        die("memory", "the host has no more");
    return q;
}

void pointers_free(void *const *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(p[i]);
}

char *xstrdup(const char *s)
{
    size_t n = strlen(s) + 1;
    return memcpy(xcalloc(n, 1), s, n);
}

void *pages_new(size_t bytes)
{
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

void *xalloc_huge(size_t bytes)
{
    const size_t huge = 2 << 20, all = (bytes + huge - 1) / huge * huge;
    void *p = aligned_alloc(huge, all);
    if (!p)
        die("memory", "the host has no more");
    madvise(p, all, MADV_HUGEPAGE);
    return p;
}

void pages_clear(void *pages, size_t bytes)
{
#ifdef __EMSCRIPTEN__ /* Emscripten's madvise succeeds and does nothing */
    memset(pages, 0, bytes);
#else
    if (madvise(pages, bytes, MADV_DONTNEED) != 0)
        memset(pages, 0, bytes);
#endif
}
