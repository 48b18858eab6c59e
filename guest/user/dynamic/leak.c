/* SPDX-License-Identifier: MIT */
/* An allocator that finds leaks (003-6), as Solaris's libumem does. It is
 * loaded before the C library (LD_PRELOAD=libleak.so) and records the caller of
 * each allocation. When the program ends, it searches the writable segments,
 * the stack and the registers for pointers to blocks, then the blocks found (a
 * conservative mark, after Boehm and Weiser, Software Practice and Experience
 * 1988). A block to which no pointer is left is lost. It prints the lost blocks
 * on standard error, by caller, in the form of mdb's ::findleaks:
 *
 *   LEAKED      BYTES CALLER
 *       40    1310720 lose+0x14
 *       40    1310720 Total
 *
 * Not for programs with threads. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

extern void *__libc_malloc(size_t);
extern void __libc_free(void *);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_stack_end;

/* The header of each block; the program gets the address after it. */
struct block {
    struct block *next, *prev;
    size_t size;
    uintptr_t from;
    uintptr_t mark; /* SEAL ^ its address; bit 0: a pointer to it is found */
    uintptr_t fill;
};
#define SEAL ((uintptr_t)0x6c65616b6c65616b)

static struct block all = {.next = &all, .prev = &all};
static struct block **sorted;
static size_t n;

static uintptr_t seal(const struct block *b)
{
    return (SEAL ^ (uintptr_t)b) & ~(uintptr_t)1;
}

/* Returns the header, or NULL if p is not our block (from memalign, or older
 * than this library). */
static struct block *block_of(void *p)
{
    struct block *b = (struct block *)p - 1;
    return p && (b->mark & ~(uintptr_t)1) == seal(b) ? b : NULL;
}

static void *get(size_t size, void *from)
{
    if (size > SIZE_MAX / 2)
        return NULL;
    struct block *b = __libc_malloc(sizeof *b + size);
    if (!b)
        return NULL;
    *b = (struct block){all.next, &all, size, (uintptr_t)from, seal(b), 0};
    all.next->prev = b;
    all.next = b;
    return b + 1;
}

static void drop(struct block *b)
{
    b->next->prev = b->prev;
    b->prev->next = b->next;
    b->mark = 0;
    __libc_free(b);
}

EXPORT void *malloc(size_t size)
{
    return get(size, __builtin_return_address(0));
}

EXPORT void *calloc(size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        return NULL;
    void *p = get(bytes, __builtin_return_address(0));
    return p ? memset(p, 0, bytes) : NULL;
}

EXPORT void free(void *p)
{
    struct block *b = block_of(p);
    if (b)
        drop(b);
    else
        __libc_free(p);
}

EXPORT void *realloc(void *p, size_t size)
{
    struct block *b = block_of(p);
    if (p && !b)
        return __libc_realloc(p, size);
    void *q = get(size, __builtin_return_address(0));
    if (q && b) {
        memcpy(q, p, b->size < size ? b->size : size);
        drop(b);
    }
    return q;
}

static int by_address(const void *a, const void *b)
{
    const struct block *x = *(struct block *const *)a,
                       *y = *(struct block *const *)b;
    return x < y ? -1 : x > y;
}

static struct block *find(uintptr_t v)
{
    size_t lo = 0, hi = n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        uintptr_t start = (uintptr_t)(sorted[mid] + 1);
        if (v < start)
            hi = mid;
        else if (v - start >= sorted[mid]->size + 1) /* its end counts */
            lo = mid + 1;
        else
            return sorted[mid];
    }
    return NULL;
}

static size_t ntodo;
static struct block **todo;

static void mark(const void *from, const void *to)
{
    uintptr_t at = ((uintptr_t)from + 7) & ~(uintptr_t)7;
    for (; at + 8 <= (uintptr_t)to; at += 8) {
        struct block *b = find(*(const volatile uintptr_t *)at);
        if (b && !(b->mark & 1)) {
            b->mark |= 1;
            todo[ntodo++] = b;
        }
    }
}

static int mark_segments(struct dl_phdr_info *info, size_t size, void *arg)
{
    (void)size, (void)arg;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *h = &info->dlpi_phdr[i];
        const char *at = (const char *)info->dlpi_addr + h->p_vaddr;
        if (h->p_type == PT_LOAD && (h->p_flags & PF_W))
            mark(at, at + h->p_memsz);
    }
    return 0;
}

static __attribute__((noinline)) void mark_stack(void)
{
    jmp_buf registers;
    setjmp(registers);
    mark(__builtin_frame_address(0), __libc_stack_end);
    mark(&registers, &registers + 1);
}

static int by_caller(const void *a, const void *b)
{
    const struct block *x = *(struct block *const *)a,
                       *y = *(struct block *const *)b;
    return x->from < y->from ? -1 : x->from > y->from;
}

static void *pages(size_t bytes)
{
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

static void say(const char *where, size_t blocks, size_t bytes)
{
    char line[160];
    int len =
        snprintf(line, sizeof line, "%8zu %10zu %s\n", blocks, bytes, where);
    if (write(2, line, (size_t)len) != len)
        return;
}

static void say_caller(uintptr_t from, size_t blocks, size_t bytes)
{
    char where[100];
    Dl_info info;
    if (dladdr((void *)from, &info) && info.dli_sname)
        snprintf(where, sizeof where, "%s+0x%lx", info.dli_sname,
                 (unsigned long)(from - (uintptr_t)info.dli_saddr));
    else
        snprintf(where, sizeof where, "0x%lx", (unsigned long)from);
    say(where, blocks, bytes);
}

static __attribute__((destructor)) void report(void)
{
    size_t blocks = 0, bytes = 0;
    for (struct block *b = all.next; b != &all; b = b->next)
        n++;
    sorted = pages((n + 1) * sizeof *sorted);
    todo = pages((n + 1) * sizeof *todo);
    if (!sorted || !todo)
        return;
    n = 0;
    for (struct block *b = all.next; b != &all; b = b->next)
        sorted[n++] = b;
    qsort(sorted, n, sizeof *sorted, by_address);
    dl_iterate_phdr(mark_segments, NULL);
    mark_stack();
    while (ntodo) {
        struct block *b = todo[--ntodo];
        mark(b + 1, (char *)(b + 1) + b->size);
    }
    static const char head[] = "  LEAKED      BYTES CALLER\n";
    if (write(2, head, sizeof head - 1) < 0)
        return;
    qsort(sorted, n, sizeof *sorted, by_caller);
    for (size_t i = 0, j; i < n; i = j) {
        size_t b = 0, sum = 0;
        for (j = i; j < n && sorted[j]->from == sorted[i]->from; j++)
            if (!(sorted[j]->mark & 1))
                b++, sum += sorted[j]->size;
        if (b)
            say_caller(sorted[i]->from, b, sum);
        blocks += b;
        bytes += sum;
    }
    say("Total", blocks, bytes);
}
