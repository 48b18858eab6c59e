/* SPDX-License-Identifier: MIT */
/* ccmix [-d DIR] [-j JOBS] [UNITS [SIZE]]: behaves like a compiler at work on
 * UNITS units (default 8), JOBS (default 2) at once. For each unit a process
 *
 *   reads a source file from beginning to end (/bin/busybox or /sbin/init),
 *   inserts the hash of every eighth source word, in turn, into a search tree
 *   of SIZE (default 1/16 of RAM) in its heap and walks it, like a compiler,
 *   writes a temporary file of a quarter of SIZE into DIR (default /tmp),
 *   forks an assembler, which reads that file, checks it, removes it and
 *   writes an object file half as long.
 *
 * If no unit failed, a linker then reads, checks and removes all objects. Exit
 * status 1: wrong data; 2: a call failed; 128 + N: signal N ended a process. */
#include "lib/work.h"

#define OBJECT    0x10000ul /* + unit: page_fill's `whose` for an object file */
#define MAX_UNITS 512u
#define BLOCK     (16ul << 10)
#define NO_NODE   0xffffffffu

/* A binary search tree in an array: children by index. */
struct node {
    u64 key, weight;
    u32 left, right;
    u64 fill[5]; /* 64 bytes: a cache line */
};

static const char *dir = "/tmp";
static u64 tree_bytes;
static char block[BLOCK] __attribute__((aligned(4096)));

static void file_name(char path[80], char kind, u64 unit)
{
    char digits[8], *d = digits + sizeof digits, *p = path;
    size_t n = strlen(dir);
    memcpy(p, dir, n < 50 ? n : 50);
    p += n < 50 ? n : 50;
    memcpy(p, "/ccmix", 6);
    p += 6;
    do
        *--d = (char)('0' + unit % 10);
    while (unit /= 10);
    while (d < digits + sizeof digits)
        *p++ = *d++;
    *p++ = '.';
    *p++ = kind;
    *p = '\0';
}

static void insert(struct node *t, u32 at, u64 key)
{
    u32 i = 0;
    t[at] = (struct node){.key = key, .left = NO_NODE, .right = NO_NODE};
    while (at) {
        u32 *next = key < t[i].key ? &t[i].left : &t[i].right;
        t[i].weight++;
        if (*next == NO_NODE) {
            *next = at;
            return;
        }
        i = *next;
    }
}

/* The keys are hashes of one source word in eight; a source that is too short
 * is read again. */
static void build(struct node *t, u32 nodes, const char *source)
{
    u32 n = 0;
    for (u64 again = 0; n < nodes; again++) {
        s64 fd = open(source, O_RDONLY, 0), got;
        if (fd < 0)
            cannot(source, fd);
        while ((got = read((int)fd, block, BLOCK)) > 0)
            for (s64 i = 0; i + 7 < got && n < nodes; i += 64, n++)
                insert(t, n, mix(*(u64 *)(block + i) + again + (u64)n));
        close((int)fd);
        if (got < 0)
            cannot(source, got);
    }
}

/* Returns the number of nodes; 0: their keys do not ascend from left to right.
 * Keeps each node's parent in `weight`, which is no longer needed. */
static u32 walk(struct node *t)
{
    u32 up = NO_NODE, i = 0, seen = 0;
    u64 last = 0;
    while (i != NO_NODE || up != NO_NODE) {
        if (i != NO_NODE) {
            t[i].weight = up;
            up = i;
            i = t[i].left;
            continue;
        }
        i = up;
        up = (u32)t[i].weight;
        if (t[i].key < last)
            return 0;
        last = t[i].key;
        seen++;
        i = t[i].right;
    }
    return seen;
}

static void write_pages(char kind, u64 unit, u64 pages, u64 whose)
{
    char path[80];
    file_name(path, kind, unit);
    s64 fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600), n = 0;
    if (fd < 0)
        cannot(path, fd);
    for (u64 i = 0; i < pages; i++) {
        page_fill(block, i, whose);
        if ((n = write((int)fd, block, PAGE)) != (s64)PAGE)
            cannot(path, n < 0 ? n : 28);
    }
    close((int)fd);
}

/* Returns the number of wrong pages; removes the file. */
static u64 check_pages(char kind, u64 unit, u64 pages, u64 whose)
{
    char path[80];
    file_name(path, kind, unit);
    s64 fd = open(path, O_RDONLY, 0);
    u64 wrong = 0;
    if (fd < 0)
        cannot(path, fd);
    for (u64 i = 0; i < pages; i++)
        wrong += read((int)fd, block, PAGE) != (s64)PAGE ||
                 !page_holds(block, i, whose);
    wrong += read((int)fd, block, PAGE) != 0; /* the file's end */
    close((int)fd);
    if (SYS3(__NR_unlinkat, AT_FDCWD, path, 0))
        wrong++;
    if (wrong)
        fprintf_fd(2, "ccmix: %s: %lu pages are wrong\n", path, wrong);
    return wrong;
}

static u64 text_pages(void)
{
    return tree_bytes / 4 / PAGE + 1;
}

static int assemble(u64 unit)
{
    u64 wrong = check_pages('s', unit, text_pages(), unit);
    write_pages('o', unit, text_pages() / 2, OBJECT + unit);
    return wrong != 0;
}

/* Waits for a child; returns its status as a shell's $?. */
static int wait_one(void)
{
    int status = 0;
    if (wait4(-1, &status, 0) < 0)
        return 2;
    return status & 0x7f ? 128 + (status & 0x7f) : status >> 8 & 0xff;
}

static int compile(u64 unit)
{
    u32 nodes = (u32)(tree_bytes / sizeof(struct node));
    char *heap = (char *)SYS1(__NR_brk, 0);
    if ((char *)SYS1(__NR_brk, heap + tree_bytes) != heap + tree_bytes)
        cannot("ccmix: brk", ENOMEM);
    struct node *tree = (struct node *)(((u64)heap + 63) & ~63ul);
    nodes--; /* alignment may take one */
    build(tree, nodes, unit % 2 ? "/bin/busybox" : "/sbin/init");
    if (walk(tree) != nodes) {
        fprintf_fd(2, "ccmix: unit %lu: the tree has come apart\n", unit);
        return 1;
    }
    write_pages('s', unit, text_pages(), unit);
    s64 pid = fork();
    if (pid == 0)
        exit(assemble(unit));
    if (pid < 0)
        cannot("ccmix: fork", pid);
    return wait_one();
}

static int usage(void)
{
    fprintf_fd(2, "usage: ccmix [-d DIR] [-j JOBS] [UNITS [SIZE]]\n");
    return 2;
}

int main(int argc, char **argv)
{
    u64 jobs = 2, started = 0, done = 0, wrong = 0;
    int status = 0, i = 1;
    for (; i + 1 < argc && argv[i][0] == '-'; i += 2) {
        if (!strcmp(argv[i], "-d"))
            dir = argv[i + 1];
        else if (!strcmp(argv[i], "-j"))
            jobs = number_arg(argv[i + 1]);
        else
            return usage();
    }
    u64 units = i < argc ? number_arg(argv[i]) : 8;
    tree_bytes = i + 1 < argc ? size_arg(argv[i + 1])
                              : (ram_bytes() / 16 + PAGE - 1) & -PAGE;
    if (argc - i > 2 || !jobs || units > MAX_UNITS)
        return usage();
    u64 start = now_us();
    while (done < units) {
        while (started < units && started - done < jobs) {
            s64 pid = fork();
            if (pid == 0)
                exit(compile(started));
            if (pid < 0)
                cannot("ccmix: fork", pid);
            started++;
        }
        int code = wait_one();
        status = code > status ? code : status;
        done++;
    }
    for (u64 unit = 0; unit < units && !status; unit++)
        wrong += check_pages('o', unit, text_pages() / 2, OBJECT + unit);
    printf("ccmix: %lu units of %lu KiB, %lu at once, in %s: %lu pages wrong, "
           "status %d; %lu ms\n",
           units, KIB(tree_bytes), jobs, dir, wrong, status,
           (now_us() - start) / 1000);
    return wrong ? 1 : status;
}
