/* SPDX-License-Identifier: MIT */
/* pressure [MS]: the story of a page under pressure, explained while it
 * happens. Watch the panel's frame map: each step announces itself, works in
 * small portions with pauses of 4 * MS ms (MS: 20 if not given), then prints
 * the change of the kernel's own counters.
 *
 *   1  a program of 4.5 MiB runs: its pages come from disk as they are needed
 *   2  fork, and writes by the child: copy on write
 *   3  files are read and written until hardly a frame is free: the page
 *      cache
 *   4  more memory is written than there is RAM: the pageout daemon takes clean
 *      pages at once, and dirty ones when they have been written to swap
 *   5  all of it is read again: pages come back from swap
 *   6  the program gives its memory back, and the frames are free
 *
 * Exit status 1 if anything came back wrong, 2 if there was no memory. */
#include "lib/work.h"

#define PARTS      32 /* portions of a step */
#define MANY_PARTS 96 /* of step 4, which has most events */
#define AT_ONCE    1
#define WHOSE      5u

#define SCRATCH     "/root/pressure.tmp"
#define SCRATCH_MAX (8ul << 20)

extern char text_pages[];
extern const u64 text_page_count;

static u64 pause_ms = 20;

static const struct {
    const char *name, *word;
} shown[] = {
    {"pgfault", "faults"},
    {"pgmajfault", "of them waited for a disk"},
    {"cow_copied", "frames copied on write"},
    {"pgpgin", "KiB read from disk"},
    {"pgpgout", "KiB written to disk"},
    {"pgscan_kswapd", "frames looked at by the daemon"},
    {"pgsteal_kswapd", "frames taken by the daemon"},
    {"pgscan_direct", "frames looked at by processes that needed one"},
    {"pswpout", "pages to swap"},
    {"pswpin", "pages from swap"},
};
#define NSHOWN (sizeof shown / sizeof *shown)
static s64 before[NSHOWN];

static void look(void)
{
    for (size_t i = 0; i < NSHOWN; i++)
        before[i] = proc_number("/proc/vmstat", shown[i].name);
}

/* Prints the counters that have risen since look(). */
static void tell(void)
{
    size_t column = 3;
    printf("  ");
    for (size_t i = 0; i < NSHOWN; i++) {
        s64 n = proc_number("/proc/vmstat", shown[i].name) - before[i];
        size_t len = strlen(shown[i].word) + 8;
        if (n <= 0)
            continue;
        if (column + len > 76) {
            printf("\n  ");
            column = 3;
        }
        printf(" %ld %s;", n, shown[i].word);
        column += len;
    }
    printf("\n   free: %ld KiB of %ld, swap in use: %ld KiB\n",
           proc_number("/proc/meminfo", "MemFree:"),
           proc_number("/proc/meminfo", "MemTotal:"),
           proc_number("/proc/meminfo", "SwapTotal:") -
               proc_number("/proc/meminfo", "SwapFree:"));
    sleep_ms(pause_ms * 40);
}

static void say(const char *what)
{
    printf("\n%s\n", what);
    sleep_ms(pause_ms * 40);
    look();
}

/* Called at page i of n of a step; pauses where a part of the step begins. */
static void part_done(u64 i, u64 n, u64 parts)
{
    if (i % ((n + parts - 1) / parts) == 0)
        sleep_ms(pause_ms * 4);
}

static u64 run_text(void)
{
    u64 sum = 0;
    say("1. This program is 4.5 MiB long, more than a quarter of RAM, and "
        "hardly\n"
        "   any of it is in memory. Now its 1152 pages are executed, one by "
        "one:\n"
        "   each comes from disk when it is needed, or a little before.");
    for (u64 i = 0; i < text_page_count; i++) {
        u64 (*page)(u64) = (u64(*)(u64))(uintptr_t)(text_pages + i * PAGE);
        sum = page(sum);
        part_done(i, text_page_count, PARTS);
    }
    tell();
    return sum != text_page_count;
}

static void write_pages(char *p, u64 from, u64 n, u64 whose, u64 parts)
{
    for (u64 i = from; i < from + n; i++) {
        page_fill(p + i * PAGE, i, whose);
        part_done(i - from, n, parts);
    }
}

static u64 wrong_pages(const char *p, u64 from, u64 n, u64 whose, u64 parts)
{
    u64 wrong = 0;
    for (u64 i = from; i < from + n; i++) {
        wrong += !page_holds(p + i * PAGE, i, whose);
        part_done(i - from, n, parts);
    }
    return wrong;
}

static u64 copy_on_write(char *p)
{
    enum { ALL = 256, HALF = ALL / 2 };
    int status = -1;
    say("2. One MiB is written, and the program forks. Both processes have it, "
        "in\n"
        "   the same frames, until the child writes half of it: 128 frames "
        "are\n"
        "   copied, the others stay shared.");
    write_pages(p, 0, ALL, WHOSE, PARTS);
    s64 pid = fork();
    if (pid == 0) {
        write_pages(p, 0, HALF, WHOSE + 1, PARTS);
        exit(wrong_pages(p, 0, HALF, WHOSE + 1, AT_ONCE) ||
             wrong_pages(p, HALF, HALF, WHOSE, AT_ONCE));
    }
    if (pid < 0)
        cannot("pressure: fork", pid);
    wait4(pid, &status, 0);
    tell();
    return wrong_pages(p, 0, ALL, WHOSE, AT_ONCE) + (status != 0);
}

/* Reads a file to its end; returns its pages, 0 if there is no such file. */
static u64 read_file(const char *path)
{
    static char buffer[PAGE];
    s64 fd = open(path, O_RDONLY, 0);
    u64 pages = 0;
    if (fd < 0)
        return 0;
    while (read((int)fd, buffer, PAGE) > 0) {
        pages++;
        part_done(pages, 1152, PARTS);
    }
    close((int)fd);
    return pages;
}

/* Writes a file until 1 MiB of memory is free, at most 8 MiB: its pages are
 * dirty until the write-back daemon writes them. Returns their number. */
static u64 write_file(void)
{
    static char page[PAGE];
    s64 fd = open(SCRATCH, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    u64 pages = 0;
    if (fd < 0)
        return 0; /* a read-only disk */
    while (pages < SCRATCH_MAX / PAGE &&
           proc_number("/proc/meminfo", "MemFree:") > 1024) {
        page_fill(page, pages, WHOSE);
        if (write((int)fd, page, PAGE) != (s64)PAGE)
            break;
        part_done(++pages, 1152, PARTS);
    }
    close((int)fd);
    return pages;
}

static void fill_cache(void)
{
    static const char *const files[] = {
        "/era/bin/pressure",
        "/bin/busybox",
        "/era/linux26/lib/libc.so.1",
        "/era/linux26/lib/ld.so.1",
        "/tests/glibc",
        "/tests/all",
    };
    u64 pages = 0;
    say("3. Files are read, and one is written. Their pages stay in memory "
        "when\n"
        "   that is over: frames that nobody uses are of no use to anybody.");
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        pages += read_file(files[i]);
    u64 written = write_file();
    printf("   %lu pages of files read, %lu written.\n", pages, written);
    tell();
}

static u64 overcommit(char *p, u64 pages)
{
    say("4. Now more memory is written than there is RAM. As free frames run "
        "out,\n"
        "   the pageout daemon wakes: its hand goes round and takes pages "
        "that\n"
        "   were not used lately, the clean ones at once, the dirty ones when\n"
        "   they have been written to swap.");
    write_pages(p, 0, pages, WHOSE + 2, MANY_PARTS);
    tell();
    say("5. All of it is read again, from the beginning: what is not there "
        "any\n"
        "   more comes back from swap, and pushes other pages out.");
    u64 wrong = wrong_pages(p, 0, pages, WHOSE + 2, PARTS);
    tell();
    return wrong;
}

int main(int argc, char **argv)
{
    if (argc > 1)
        pause_ms = number_arg(argv[1]);
    u64 bytes = size_arg("1.25x"), wrong = 0;
    char *p = mmap(0, bytes, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (is_error(p))
        cannot("pressure: mmap", (s64)p);
    printf("pressure: the story of a page\n");
    wrong += run_text();
    wrong += copy_on_write(p);
    fill_cache();
    wrong += overcommit(p, bytes / PAGE);
    say("6. The program gives its memory back: its frames and its places in "
        "swap\n"
        "   become free.");
    munmap(p, bytes);
    SYS3(__NR_unlinkat, AT_FDCWD, SCRATCH, 0);
    tell();
    printf("\nThat is the story; %lu pages were wrong. `vmstat 1` and `cat "
           "/proc/vmstat`\nhave more.\n",
           wrong);
    return wrong != 0;
}
