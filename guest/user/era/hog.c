/* SPDX-License-Identifier: MIT */
/* hog [SIZE [CHILDREN]]: the memory hog. Writes SIZE of anonymous memory (64K,
 * 10M, or multiples of RAM: 3x; default 0.5x) with a pattern that
 * numbers every page, forks CHILDREN children (default 2), and reads all back:
 *
 *   each child reads all, writes every eighth page anew (no two children the
 *   same pages), and reads all again;
 *   the parent meanwhile writes the last page of each eight, which no child
 *   writes, waits, and reads all again.
 *
 * No process may see what another one wrote. Exit status: 0, 1 for a wrong page
 * (the first one is named), 2 if there is not enough memory, 3 if a signal
 * killed a child, as the OOM killer's does. */
#include "lib/work.h"

#define PARENT   1u
#define STRIDE   8u
#define CHILDREN (STRIDE - 1)

static char *memory;
static u64 npages;

/* Writes every STRIDE-th page from `from` on, as `whose`. */
static void write_part(u64 from, u64 whose)
{
    for (u64 i = from; i < npages; i += STRIDE)
        page_fill(memory + i * PAGE, i, whose);
}

/* Checks all pages: those of part `from` must be `whose`, the others as the
 * parent wrote them first. Returns how many are wrong. */
static u64 verify(u64 from, u64 whose, const char *when)
{
    u64 wrong = 0;
    for (u64 i = 0; i < npages; i++) {
        u64 owner = i % STRIDE == from ? whose : PARENT;
        if (page_holds(memory + i * PAGE, i, owner))
            continue;
        if (!wrong++)
            fprintf_fd(2, "hog: page %lu at 0x%lx is wrong %s\n", i,
                       (u64)memory + i * PAGE, when);
    }
    return wrong;
}

static int child(u64 number)
{
    u64 wrong = verify(STRIDE, 0, "in a new child");
    write_part(number, number + 10);
    wrong += verify(number, number + 10, "in a child that has written");
    return wrong != 0;
}

static int wait_for(u64 children)
{
    int worst = 0, status;
    while (children--) {
        if (wait4(-1, &status, 0) < 0)
            return 3;
        int code = status & 0x7f ? 3 : status >> 8 & 0xff;
        if (status & 0x7f)
            fprintf_fd(2, "hog: a child died of signal %d\n", status & 0x7f);
        worst = code > worst ? code : worst;
    }
    return worst;
}

int main(int argc, char **argv)
{
    u64 bytes = size_arg(argc > 1 ? argv[1] : "0.5x");
    u64 children = argc > 2 ? number_arg(argv[2]) : 2, started = 0;
    if (argc > 3 || children > CHILDREN) {
        fprintf_fd(2, "usage: hog [SIZE [CHILDREN]], at most %u children\n",
                   CHILDREN);
        return 2;
    }
    npages = bytes / PAGE;
    memory = mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                  -1, 0);
    if (is_error(memory))
        cannot("hog: mmap", (s64)memory);
    u64 start = now_us();
    for (u64 i = 0; i < npages; i++)
        page_fill(memory + i * PAGE, i, PARENT);
    for (; started < children; started++) {
        s64 pid = fork();
        if (pid == 0)
            exit(child(started));
        if (pid < 0) {
            fprintf_fd(2, "hog: fork: error %ld\n", -pid);
            break;
        }
    }
    write_part(STRIDE - 1, PARENT + 1);
    int status = wait_for(started);
    u64 wrong = verify(STRIDE - 1, PARENT + 1, "in the parent");
    printf("hog: wrote %lu KiB (%lu%% of the memory the kernel manages), "
           "forked %lu, read all back: %lu "
           "pages wrong; %lu ms of simulated time\n",
           KIB(bytes), bytes * 100 / ram_bytes(), started, wrong,
           (now_us() - start) / 1000);
    if (wrong)
        status = 1;
    return status ? status : started < children ? 2 : 0;
}
