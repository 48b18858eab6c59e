/* SPDX-License-Identifier: MIT */
/* poke [-p FILE | -s FILE] PAGES OP...: touches pages on command, for lessons
 * and for the question "what does the kernel do at this access?". It maps
 * PAGES pages at 0x1000000000 (page N lies at 0x1000000000 + N * 4096):
 * anonymous ones, or FILE's, private (-p) or shared (-s); of a file, PAGES 0
 * means all. Then it does each OP in turn and says "poke: OP done":
 *
 *   rA-B, rA, r   reads a byte of pages A to B, of page A, of all
 *   wA-B, wA, w   writes a byte of each
 *   hA-B, hA, h   keeps these pages hot: from now on they are read again
 *                 after every 16 pages that an r or a w touches
 *   m             moves the memory up by 0x1000000000 (mremap)
 *   tMS           sleeps for MS milliseconds
 *   fork          makes a child with a copy of the memory (-s: with the same)
 *   c:OP          the child does OP, and the parent waits
 *
 * Exit status 2: a wrong command, or a system call failed; 3: the child was
 * killed or failed. */
#include "lib/work.h"

#define AT 0x1000000000ul /* the same in every run */

static char *memory;
static u64 npages, sum, touched;
static u64 hot_from = 1, hot_to; /* none */
static int to_child[2], to_parent[2];
static s64 child = -1; /* 0 in the child, -1 before the fork */

static void usage(void)
{
    fprintf_fd(2, "usage: poke [-p FILE | -s FILE] PAGES OP...: rA-B wA-B hA-B "
                  "m tMS fork c:OP (poke -h says what they do)\n");
    exit(2);
}

static void map(const char *file, bool shared, u64 pages)
{
    int prot = PROT_READ | PROT_WRITE, fd = -1;
    int flags = MAP_FIXED | (shared ? MAP_SHARED : MAP_PRIVATE);
    s64 size = (s64)(pages * PAGE);
    if (file) {
        fd = (int)open(file, shared ? O_RDWR : O_RDONLY, 0);
        if (fd >= 0 && !pages)
            size = SYS3(__NR_lseek, fd, 0, 2);
        if (fd < 0 || size < 0)
            cannot(file, fd < 0 ? fd : size);
    }
    npages = ((u64)size + PAGE - 1) / PAGE;
    memory = mmap((void *)AT, npages * PAGE, prot,
                  flags | (file ? 0 : MAP_ANONYMOUS), fd, 0);
    if (is_error(memory))
        cannot("poke: mmap", (s64)memory);
}

static u64 number(const char **p)
{
    u64 n = 0;
    const char *from = *p;
    for (; **p >= '0' && **p <= '9' && n < 1ul << 40; ++*p)
        n = n * 10 + (u64)(**p - '0');
    if (*p == from)
        usage();
    return n;
}

static void read_page(u64 i)
{
    sum += *(volatile u8 *)(memory + i * PAGE);
}

static void heat(void)
{
    for (u64 i = hot_from; i <= hot_to; i++)
        read_page(i);
}

/* Performs r, w or h on its pages. */
static void touch(const char *op)
{
    u64 from = 0, to = npages - 1;
    const char *p = op + 1;
    if (*p) {
        from = to = number(&p);
        if (*p == '-') {
            p++;
            to = number(&p);
        }
    }
    if (*p || to >= npages || from > to)
        usage();
    if (*op == 'h') {
        hot_from = from;
        hot_to = to;
        return;
    }
    for (u64 i = from; i <= to; i++) {
        if (*op == 'w')
            *(volatile char *)(memory + i * PAGE) = (char)(i + 1);
        else
            read_page(i);
        if (++touched % 16 == 0)
            heat();
    }
}

static void move(void)
{
    u64 bytes = npages * PAGE;
    s64 to = SYS6(__NR_mremap, memory, bytes, bytes,
                  MREMAP_MAYMOVE | MREMAP_FIXED, memory + AT, 0);
    if (to < 0)
        cannot("poke: mremap", to);
    memory = (char *)to;
}

static void pass(const int pipe[2])
{
    char c = 0;
    if (write(pipe[1], &c, 1) != 1)
        exit(3);
}

static void await(const int pipe[2])
{
    char c;
    if (read(pipe[0], &c, 1) != 1)
        exit(3);
}

static void split(void)
{
    if (child >= 0)
        usage();
    if (SYS2(__NR_pipe2, to_child, 0) || SYS2(__NR_pipe2, to_parent, 0))
        cannot("poke: pipe", 0);
    child = fork();
    if (child < 0)
        cannot("poke: fork", child);
    /* Closing the last writing end of a pipe ends the reader's wait. */
    close(child ? to_child[0] : to_child[1]);
    close(child ? to_parent[1] : to_parent[0]);
}

static void perform(const char *op)
{
    const char *p = op + 1;
    if (*op == 'r' || *op == 'w' || *op == 'h') {
        touch(op);
    } else if (*op == 't') {
        u64 ms = number(&p);
        if (*p)
            usage();
        sleep_ms(ms);
    } else if (!strcmp(op, "m")) {
        move();
    } else if (!strcmp(op, "fork")) {
        split();
    } else {
        usage();
    }
}

/* Does c:OP in the child, any other op in the parent. The parent waits during a
 * c:OP; the child waits for its next c:OP, and ends after its last. */
static void step(const char *op)
{
    bool childs = op[0] == 'c' && op[1] == ':';
    if (childs && child < 0)
        usage();
    if (!childs && child == 0)
        return;
    if (childs && child > 0) {
        pass(to_child);
        await(to_parent);
        return;
    }
    if (childs)
        await(to_child);
    perform(childs ? op + 2 : op);
    if (child != 0 || childs)
        printf("poke: %s done\n", op);
    if (childs)
        pass(to_parent);
}

int main(int argc, char **argv)
{
    int i = 1, status = 0;
    bool shared = argc > 1 && !strcmp(argv[1], "-s");
    const char *file = NULL;
    if (argc > 2 && (shared || !strcmp(argv[1], "-p"))) {
        file = argv[2];
        i = 3;
    }
    if (argc - i < 2)
        usage();
    u64 pages = number_arg(argv[i++]);
    if (pages > ~0ul / PAGE || (!pages && !file))
        usage();
    map(file, shared, pages);
    for (; i < argc; i++)
        step(argv[i]);
    if (child > 0 && (wait4(child, &status, 0) < 0 || status))
        return 3;
    return 0;
}
