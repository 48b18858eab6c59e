/* SPDX-License-Identifier: MIT */
/* cow [MS [KBYTES]]: the copy-on-write demonstration of the slides (seed
 * 002), with `pmap -x` at its four moments:
 *
 *   malloc(BUFSZ); sleep                       allocated, not touched
 *   for (i < BUFSZ) a[i] = i % 256; sleep      touched
 *   fork; the child sleeps                     shared
 *   for (i < BUFSZ) a[i] = i % 10; sleep       the child has written
 *
 * Sleeps take MS ms (default 100), the array KBYTES (default 10240). Totals of
 * the slides come from a certain address space - a program and two libraries
 * of Solaris - so this program makes itself one like it, row by row (`rows`):
 * it maps real files of those sizes at those addresses, and touches as many
 * pages of each. Only the stack lies where this kernel puts stacks.
 *
 *     the array 10240K     Kbytes    RSS   Anon
 *     allocated             11216    964     84
 *     touched               11216  11200  10320
 *     forked, in the child  11216  11200     36
 *     written by it         11216  11200  10280
 *
 * The pages that a process writes become private (Anon), so all code and data
 * that are used here stay within the counted pages: it is linked as one page of
 * text and one of data (cow.ld), runs on the middle page of three of stack, and
 * starts pmap by vfork, which copies nothing. */
#include "lib/tiny.h"

#include <linux/auxvec.h>

#define LIBC "/era/linux26/lib/libc.so.1"
#define LD   "/era/linux26/lib/ld.so.1"
#define DOOR "/tmp/cow.door"

#define KIB         1024ul
#define STACK_PAGES 3
#define RWX         (PROT_READ | PROT_WRITE | PROT_EXEC)
#define RW          (PROT_READ | PROT_WRITE)
#define RX          (PROT_READ | PROT_EXEC)

enum source { ANON, FILE_LIBC, FILE_LD, FILE_DOOR };

/* Every mapping except stack, program, heap. first: pages touched at start;
 * forked: pages that the child writes after the fork; writing: pages that it
 * writes before the last listing, beside the array. */
static const struct row {
    u64 start;
    u32 kib, prot, offset_kib;
    u8 source, first, forked, writing;
} rows[] = {
    {0xcfec0000, 4, RWX, 0, ANON, 1, 1, 0},
    {0xcfed0000, 740, RX, 0, FILE_LIBC, 185, 0, 0},
    {0xcff99000, 24, RW, 748, FILE_LIBC, 6, 3, 0},
    {0xcff9f000, 8, RW, 740, FILE_LIBC, 2, 0, 1},
    {0xcffb0000, 24, RWX, 0, ANON, 3, 1, 0},
    {0xcffc0000, 4, PROT_READ, 0, FILE_DOOR, 1, 0, 0},
    {0xcffca000, 132, RX, 0, FILE_LD, 33, 0, 0},
    {0xcfffb000, 4, RWX, 140, FILE_LD, 1, 1, 0},
    {0xcfffc000, 8, RWX, 132, FILE_LD, 2, 0, 0},
};
#define NROWS (sizeof rows / sizeof *rows)

/* These variables lie in the page of data; the const rows lie in the text. */
static u64 pause_ms = 100;
static u64 buffer_bytes = 10240 * KIB;
static char *stack, *array;
static char digits[24];
static void *libraries[NROWS];

static void fail(const char *what)
{
    write(2, "cow: ", 5);
    write(2, what, strlen(what));
    write(2, ": failed\n", 9);
    exit(1);
}

static void say(const char *what)
{
    write(1, what, strlen(what));
}

static void touch(char *p, u64 pages, bool writable)
{
    for (u64 i = 0; i < pages; i++) {
        volatile char *c = p + i * PAGE;
        if (writable)
            *c = *c;
        else
            (void)*c;
    }
}

/* Opens a file for one page of shared memory and removes its name, so that pmap
 * can only say dev:MAJOR,MINOR ino:NUMBER. */
static s64 open_door(void)
{
    s64 fd = open(DOOR, O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || SYS2(__NR_ftruncate, fd, PAGE) < 0 ||
        SYS3(__NR_unlinkat, AT_FDCWD, DOOR, 0) < 0)
        fail(DOOR);
    return fd;
}

static void map_rows(void)
{
    s64 fd[] = {-1, open(LIBC, O_RDONLY, 0), open(LD, O_RDONLY, 0),
                open_door()};
    if (fd[FILE_LIBC] < 0 || fd[FILE_LD] < 0)
        fail(fd[FILE_LIBC] < 0 ? LIBC : LD);
    for (u64 i = 0; i < NROWS; i++) {
        const struct row *r = &rows[i];
        int flags = MAP_FIXED_NOREPLACE |
                    (r->source == FILE_DOOR ? MAP_SHARED : MAP_PRIVATE) |
                    (r->source == ANON ? MAP_ANONYMOUS : 0);
        char *p = mmap((void *)r->start, r->kib * KIB, (int)r->prot, flags,
                       (int)fd[r->source], r->offset_kib * KIB);
        if (is_error(p))
            fail("mmap");
        touch(p, r->first, r->prot & PROT_WRITE);
        libraries[i] = p;
    }
    for (int i = 1; i < 4; i++)
        close((int)fd[i]);
}

/* Allocates the array like malloc. The heap grows by a page for the allocator
 * (its end holds the block's size), the array's pages, and a spare page. A
 * boundary tag (Knuth 1968) ends the block. Now 2 pages are touched, the first
 * and the array's last; after a fill, all except the spare page are. */
static void allocate(void)
{
    char *heap = (char *)SYS1(__NR_brk, 0);
    u64 size = buffer_bytes + 2 * PAGE;
    if ((char *)SYS1(__NR_brk, heap + size) != heap + size ||
        mprotect(heap, size, RWX) < 0)
        fail("brk");
    array = heap + PAGE;
    ((volatile u64 *)array)[-1] = buffer_bytes;
    buffer_bytes -= sizeof(u64);
    *(volatile u64 *)(array + buffer_bytes) = buffer_bytes;
}

static void fill(unsigned modulus)
{
    volatile char *a = array;
    unsigned v = 0;
    for (u64 i = 0; i < buffer_bytes; i++, v = v + 1 == modulus ? 0 : v + 1)
        a[i] = (char)v;
}

static bool filled(unsigned modulus)
{
    volatile char *a = array;
    unsigned v = 0;
    for (u64 i = 0; i < buffer_bytes; i++, v = v + 1 == modulus ? 0 : v + 1)
        if (a[i] != (char)v)
            return false;
    return true;
}

static int exec_pmap(void *pid)
{
    static char *argv[] = {"/era/linux26/bin/pmap", "-x", 0, 0};
    argv[2] = pid;
    SYS3(__NR_execve, argv[0], argv, argv + 3);
    return 127;
}

/* Runs pmap -x on this process. */
static void pmap(void)
{
    char *d = digits + sizeof digits - 1;
    int status = -1;
    for (u64 pid = (u64)SYS0(__NR_getpid); pid; pid /= 10)
        *--d = (char)('0' + pid % 10);
    /* The child runs on the stack's lowest page; its parent does not use it. */
    s64 child = clone_run(CLONE_VM | CLONE_VFORK, exec_pmap, d, stack + PAGE);
    if (child < 0 || wait4(child, &status, 0) != child || status)
        fail("pmap");
}

static int child(void)
{
    say("child has untouched cow pages\n");
    for (u64 i = 0; i < NROWS; i++)
        touch(libraries[i], rows[i].forked, true);
    /* Starting pmap will write these pages. They are written now, so that the
     * listing shows the state during the sleep. */
    touch(stack, 1, true);
    touch(digits, 1, true);
    sleep_ms(pause_ms);
    pmap();
    say("child writing to cow pages\n");
    fill(10);
    for (u64 i = 0; i < NROWS; i++)
        touch(libraries[i], rows[i].writing, true);
    sleep_ms(pause_ms);
    pmap();
    return !filled(10);
}

static int demonstrate(void)
{
    int status = -1;
    map_rows();
    allocate();
    say("memory allocated but not touched...\n");
    sleep_ms(pause_ms);
    pmap();
    fill(256);
    say("memory touched...\n");
    sleep_ms(pause_ms);
    pmap();
    s64 pid = fork();
    if (pid == 0)
        exit(child());
    if (pid < 0 || wait4(pid, &status, 0) != pid || status)
        fail("child");
    if (!filled(256))
        fail("the parent's array changed");
    return 0;
}

/* Returns the stack's end: the program's name lies last on a new stack, and
 * AT_EXECFN, in the vector behind the environment, points to it. */
static char *stack_end(void)
{
    u64 *p = (u64 *)environ, end = (u64)environ;
    while (*p++)
        ;
    for (; *p; p += 2)
        if (*p == AT_EXECFN)
            end = p[1] + strlen((char *)p[1]) + 1;
    return (char *)((end + PAGE - 1) & -PAGE);
}

/* Keeps three pages of the stack, and runs on the middle one. */
static void on_own_stack(char *stack_top)
{
    u64 low = 128 * KIB; /* more than a new stack has */
    stack = stack_top - STACK_PAGES * PAGE;
    munmap(stack - low, low);
    if (mprotect(stack, STACK_PAGES * PAGE, RWX) < 0 ||
        mprotect((void *)((u64)digits & -PAGE), PAGE, RWX) < 0)
        fail("mprotect");
    touch(stack, STACK_PAGES, true);
    __asm__ volatile("mv sp, %0\n"
                     "call %1\n"
                     "call exit\n"
                     :
                     : "r"(stack + 2 * PAGE), "i"(demonstrate)
                     : "memory");
}

int main(int argc, char **argv)
{
    if (argc > 1)
        pause_ms = strtou(argv[1]);
    if (argc > 2)
        buffer_bytes = strtou(argv[2]) * KIB;
    if (argc > 3 || buffer_bytes % PAGE || !buffer_bytes) {
        say("usage: cow [MS [KBYTES]], KBYTES in whole pages of 4\n");
        return 2;
    }
    char *top = stack_end();
    /* Unmaps the page of signal trampolines above it; cow has no handlers. */
    for (u64 i = 0; i < 64; i++)
        munmap(top + i * PAGE, PAGE);
    on_own_stack(top);
    return 0;
}
