/* SPDX-License-Identifier: MIT */
/* firstlight [MS]: a short walk through virtual memory, explained while it
 * happens. Watch the panel's frame map: each step announces itself, works page
 * by page (fork in one go) with pauses of MS milliseconds (default 8), and then
 * prints by how much the kernel's own counters have changed.
 *
 *   1  read memory that was never written   the one zero frame
 *   2  write it                             a cleared frame for each page
 *   3  read a file through a mapping        demand paging from disk
 *   4  fork                                 every frame shared, none copied
 *   5  the child writes some pages          copy on write
 *   6  the child ends, the parent writes    the last owner copies nothing */
#include "lib/tiny.h"

#define PAGES   192 /* 768 KiB: visible on the map, little of 16 MiB */
#define WRITTEN 48  /* pages that the child writes */

static char arena[PAGES * PAGE] __attribute__((aligned(4096)));
static u64 pause_ms = 8;

struct counters {
    s64 minor, major, zero, cleared, copied, reused, frames;
};

static struct counters look(void)
{
    struct counters c;
    const char *vm = "/proc/vmstat";
    c.major = proc_number(vm, "pgmajfault");
    c.minor = proc_number(vm, "pgfault") - c.major;
    c.zero = proc_number(vm, "zero_mapped");
    c.cleared = proc_number(vm, "demand_zero");
    c.copied = proc_number(vm, "cow_copied");
    c.reused = proc_number(vm, "cow_reused");
    c.frames = proc_number(vm, "pgalloc") - proc_number(vm, "pgfree");
    return c;
}

static void say(const char *what)
{
    printf("\n%s\n", what);
    sleep_ms(pause_ms * 60);
}

/* Prints the cost of a step, in the kernel's counters. */
static void tell(struct counters a)
{
    struct counters b = look();
    printf("   faults: %ld minor, %ld major; zero frame mapped %ld times\n"
           "   frames: %ld cleared, %ld copied, %ld kept by their last owner; "
           "in use %s%ld\n",
           b.minor - a.minor, b.major - a.major, b.zero - a.zero,
           b.cleared - a.cleared, b.copied - a.copied, b.reused - a.reused,
           b.frames < a.frames ? "" : "+", b.frames - a.frames);
    sleep_ms(pause_ms * 60);
}

static void read_pages(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        (void)*(volatile const char *)(p + i * PAGE);
        sleep_ms(pause_ms);
    }
}

static void write_pages(char *p, size_t n, char c)
{
    for (size_t i = 0; i < n; i++) {
        *(volatile char *)(p + i * PAGE) = c;
        sleep_ms(pause_ms);
    }
}

static void zero_and_write(void)
{
    struct counters c = look();
    say("1. 192 pages that nobody has written are read, one by one: all "
        "of them\n   are the same frame of zeros.");
    read_pages(arena, PAGES);
    tell(c);
    c = look();
    say("2. Now they are written: each first write takes a free frame "
        "and clears\n   it.");
    write_pages(arena, PAGES, 'a');
    tell(c);
}

static void demand_paging(void)
{
    enum { FILE_PAGES = 96 };
    s64 fd = open("/bin/busybox", O_RDONLY, 0);
    char *p =
        mmap(0, FILE_PAGES * PAGE, PROT_READ, MAP_PRIVATE, (int)fd, 128 * PAGE);
    if (fd < 0 || is_error(p)) {
        printf("   (no /bin/busybox here)\n");
        return;
    }
    struct counters c = look();
    say("3. 96 pages of a program file are mapped and read: each page "
        "comes from\n   disk when it is touched (major), unless somebody "
        "has brought it in\n   before (minor).");
    read_pages(p, FILE_PAGES);
    tell(c);
    munmap(p, FILE_PAGES * PAGE);
    close((int)fd);
}

static void child_writes(void)
{
    struct counters c = look();
    say("5. The child writes 48 of the pages: each write copies one "
        "frame, and only\n   that one.");
    write_pages(arena, WRITTEN, 'c');
    tell(c);
    exit(arena[WRITTEN * PAGE] != 'a');
}

static int fork_and_copy(void)
{
    int status = -1;
    struct counters c = look();
    say("4. fork: the child gets all of this memory. Its frames are "
        "shared,\n   read-only; what is new are page tables and a kernel "
        "stack.");
    s64 pid = fork();
    if (pid == 0) {
        tell(c);
        child_writes();
    }
    if (pid < 0) {
        printf("fork: error %ld\n", -pid);
        return 1;
    }
    wait4(pid, &status, 0);
    c = look();
    say("6. The child has ended. The parent writes all pages: it is the "
        "last\n   owner of each, so that nothing is copied.");
    write_pages(arena, PAGES, 'p');
    tell(c);
    return status != 0;
}

int main(int argc, char **argv)
{
    if (argc > 1)
        pause_ms = strtou(argv[1]);
    printf("firstlight: virtual memory at work\n");
    look(); /* touches the pages that look() needs */
    zero_and_write();
    demand_paging();
    int status = fork_and_copy();
    say("That is all. `cat /proc/vmstat` has the counters, `cat "
        "/proc/self/maps`\nthe mappings.");
    return status;
}
