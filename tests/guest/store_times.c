/* SPDX-License-Identifier: MIT */
/* Checks when a store through a mapping changes a file's times: at the fault
 * that makes the page writable. On a disk, a page becomes read-only again when
 * it is written back, and a first read maps it read-only; in tmpfs neither is
 * so (Linux 6.12, mm/filemap.c: filemap_page_mkwrite; mm/memory.c:
 * fault_dirty_shared_page).
 *
 *   store_times DIR
 *
 * Prints "ok" or "not ok" for each row of the table; ends with 1 if a row is
 * not ok. DIR may be in tmpfs. DIR/left remains, with a page that was stored
 * into last. writeback.t also runs this program on the host's Linux. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE   4096l
#define RW     (PROT_READ | PROT_WRITE)
#define BEFORE 1000 /* st_mtime before the step that is judged, in s */
#define TMPFS  0x01021994

static const struct timespec before[2] = {{BEFORE, 0}, {BEFORE, 0}};

struct at {
    int fd;
    char *p; /* the mapping */
};

static void step(struct at *at, char letter)
{
    volatile char *p = at->p;
    char *old = at->p;
    int ends[2];
    switch (letter) {
    case 'm': /* maps the file shared, p privately, o for reading only */
    case 'p':
    case 'o':
        at->p = mmap(NULL, PAGE, letter == 'o' ? PROT_READ : RW,
                     letter == 'p' ? MAP_PRIVATE : MAP_SHARED, at->fd, 0);
        break;
    case 'f': /* maps and populates */
        at->p = mmap(NULL, PAGE, RW, MAP_SHARED | MAP_POPULATE, at->fd, 0);
        break;
    case 'r':
        (void)*p;
        break;
    case 's':
        *p = 's';
        break;
    case 'k': /* the kernel stores, for read() */
        if (pipe(ends) || write(ends[1], "k", 1) != 1 ||
            read(ends[0], at->p, 1) != 1)
            abort();
        close(ends[0]);
        close(ends[1]);
        break;
    case 'c': /* a child stores */
        if (!fork()) {
            *p = 'c';
            _exit(0);
        }
        wait(NULL);
        break;
    case 'w':
        if (pwrite(at->fd, "w", 1, 0) != 1)
            abort();
        break;
    case 'y':
        msync(at->p, PAGE, MS_SYNC);
        break;
    case 'F':
        fsync(at->fd);
        break;
    case 'a': /* allows, t takes the right to write */
        mprotect(at->p, PAGE, RW);
        break;
    case 't':
        mprotect(at->p, PAGE, PROT_READ);
        break;
    case 'd':
        madvise(at->p, PAGE, MADV_DONTNEED);
        break;
    case 'v': /* moves the mapping */
        at->p = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        at->p = mremap(old, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, at->p);
        break;
    case 'u':
        unlink("file");
        break;
    default:
        abort();
    }
}

static const struct {
    const char *steps;
    int disk, tmpfs; /* whether the last step changes the times */
} rows[] = {
    {"ms", 1, 1},      {"mr", 0, 0},     {"mss", 0, 0},   {"mrs", 1, 0},
    {"ps", 0, 0},      {"prs", 0, 0},    {"mk", 1, 1},    {"mrk", 1, 0},
    {"msk", 0, 0},     {"mc", 1, 1},     {"mus", 1, 1},   {"mws", 1, 1},
    {"mrws", 1, 0},    {"mwrs", 1, 0},   {"msms", 1, 1},  {"msmrs", 1, 0},
    {"msmr", 0, 0},    {"msys", 1, 0},   {"msFs", 1, 0},  {"msFr", 0, 0},
    {"mrFs", 1, 0},    {"msysys", 1, 0}, {"msyss", 0, 0}, {"oas", 1, 1},
    {"oras", 1, 0},    {"orwas", 1, 0},  {"mstas", 0, 0}, {"mstFas", 1, 0},
    {"mrtwas", 1, 0},  {"msds", 1, 1},   {"mrds", 1, 1},  {"msvs", 0, 0},
    {"mrvs", 1, 0},    {"fs", 1, 0},     {"msy", 0, 0},   {"msF", 0, 0},
    {"mstFwas", 1, 0}, {"msc", 1, 1},    {"mrc", 1, 1},   {"mscs", 0, 0},
    {"mcs", 1, 1},
};

/* Makes the file and takes a row's steps. Returns whether the last one changed
 * both times; -1: it changed only one of them. */
static int changes(const char *steps)
{
    struct stat st;
    struct at at = {.fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600)};
    if (at.fd < 0 || write(at.fd, "hello", 5) != 5)
        abort();
    for (; steps[1]; steps++)
        step(&at, *steps);
    if (futimens(at.fd, before))
        abort();
    step(&at, *steps);
    if (fstat(at.fd, &st))
        abort();
    munmap(at.p, PAGE);
    close(at.fd);
    int m = st.st_mtim.tv_sec != BEFORE;
    int same = st.st_mtim.tv_sec == st.st_ctim.tv_sec &&
               st.st_mtim.tv_nsec == st.st_ctim.tv_nsec;
    return m == same ? m : -1;
}

/* Stores into a file whose times are on the disk; nothing follows that would
 * write the inode. */
static void leave(const char *name)
{
    int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (write(fd, "hello", 5) != 5)
        abort();
    char *p = mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0);
    if (futimens(fd, before) || fsync(fd))
        abort();
    *p = 'j';
}

int main(int argc, char **argv)
{
    struct statfs fs;
    int failed = 0;
    if (argc != 2 || chdir(argv[1]) || statfs(".", &fs))
        return 2;
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        int want = fs.f_type == TMPFS ? rows[i].tmpfs : rows[i].disk;
        int got = changes(rows[i].steps);
        printf("%s - %s: %d\n", got == want ? "ok" : "not ok", rows[i].steps,
               got);
        failed |= got != want;
    }
    leave("left");
    return failed;
}
