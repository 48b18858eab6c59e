/* SPDX-License-Identifier: MIT */
/* Makes system calls while the kernel is refused a frame, or room for an object
 * (fail_nth.t): in each call's first run its first allocation is refused, then
 * its second, and so on until no allocation is left. The call begins again and
 * succeeds, or ends with an error that its man page allows for want of memory.
 * Then everything is as before the call, or as after its success.
 *
 *   refused DIR [STEP [CALL]]   in DIR (a file system of its own); STEP: only
 *                               every STEP-th allocation; CALL: only that call
 *
 * Prints a line for each wrong result, and "refused: N calls, N wrong". */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE   4096l
#define BIG    (300 * PAGE) /* has blocks of pointers */
#define MANY   200
#define RW     (PROT_READ | PROT_WRITE)
#define ANON   (MAP_PRIVATE | MAP_ANONYMOUS)
#define BIT(e) ((unsigned __int128)1 << (e))

static const char *dir;
static char one[300], two[300], deep[300], longer[300];
static char text[BIG], other[BIG];
static int fd, fd2, fail;
static char *m, *m2;
static pid_t pid;

static void make(const char *path, long bytes)
{
    int f = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
    if (f < 0 || write(f, text, (size_t)bytes) != bytes)
        perror(path), exit(3);
    close(f);
}

static void put(const char *path, const char *what)
{
    int f = open(path, O_WRONLY);
    if (f < 0 || write(f, what, strlen(what)) < 0)
        perror(path), exit(3);
    close(f);
}

/* Nothing of a file is in memory any more. */
static void cold(void)
{
    sync();
    put("/proc/sys/vm/drop_caches", "3");
}

/* True if the file has this size and, up to it, the bytes of `text`. */
static int holds(const char *path, long bytes)
{
    struct stat st;
    int f = open(path, O_RDONLY);
    long n = f < 0 ? -1 : read(f, other, sizeof other);
    int ok = f >= 0 && !fstat(f, &st) && st.st_size == bytes &&
             n == (bytes < BIG ? bytes : BIG) &&
             !memcmp(other, text, (size_t)n);
    close(f);
    return ok;
}

/* As holds, of what is on the disk. */
static int kept(const char *path, long bytes)
{
    cold();
    return holds(path, bytes);
}

static int there(const char *path)
{
    struct stat st;
    return !lstat(path, &st);
}

static int bytes_are(const char *at, long n, char c)
{
    for (long i = 0; i < n; i++)
        if (at[i] != c)
            return 0;
    return 1;
}

static void gone(void)
{
    unlink(one);
    unlink(two);
    unlink(longer);
    rmdir(one);
    unlink(deep);
    *deep = 0;
}

#include "refused_files.h"
#include "refused_memory.h"

static const struct row {
    const char *name;
    void (*set)(void);
    long (*call)(void);
    int (*is_right)(long ret); /* the state; ret < 0: before, else after it */
    unsigned __int128 errors;  /* besides ENOMEM */
} rows[] = {
    {"open", cold_none, opens, opened, 0},
    {"read", cold_file, reads, has_read, 0},
    {"pread", cold_big, reads_big, has_read_big, 0},
    {"read-untouched", cold_file, reads_untouched, has_read_untouched,
     BIT(EFAULT)},
    {"write", cold_none, writes, written, 0},
    {"append", cold_file, appends, appended, 0},
    {"overwrite", cold_file, overwrites, same_file, 0},
    {"ftruncate", cold_big, cuts, is_cut, 0},
    {"truncate", cold_big, cuts_all, is_empty, 0},
    {"O_TRUNC", closed_big, opens_empty, is_emptied, 0},
    {"unlink", cold_big, unlinks, unlinked, 0},
    {"unlink-closed", closed_big, unlinks, unlinked, 0},
    {"close-unlinked", cold_big, removes, right, 0},
    {"fsync", with_big, fsyncs, same_big, 0},
    {"sync", with_big, syncs, same_big, 0},
    {"syncfs", with_big, syncfss, same_big, 0},
    {"sync_file_range", with_big, ranges, same_big, 0},
    {"msync", with_store, msyncs, unmapped_big, 0},
    {"link", cold_file, links, linked, 0},
    {"rename", cold_file, renames, renamed, 0},
    {"rename-over", with_two, renames, replaced, 0},
    {"mkdir", cold_none, mkdirs, made, 0},
    {"rmdir", with_dir, rmdirs, removed, 0},
    {"symlink", cold_none, symlinks, is_link, 0},
    {"readlink", with_link, reads_link, link_read, 0},
    {"mkfifo", cold_none, fifos, fifo_made, 0},
    {"stat", cold_file, stats, right, 0},
    {"getdents", cold_file, lists, listed, 0},
    {"fallocate", cold_file, allocates, allocated, BIT(EOPNOTSUPP)},
    {"sendfile", with_target, sends, sent, 0},
    {"chown", cold_file, chowns, owned, 0},
    {"mmap", none, maps, mapped, 0},
    {"mmap-over", with_map, maps_over, mapped_over, 0},
    {"munmap", with_map, unmaps, unmapped, 0},
    {"mprotect", with_map, protects, same_map, 0},
    {"mremap-grow", with_map, grows, grown, 0},
    {"mremap-move", with_hole, moves, moved, 0},
    {"mremap-less", with_hole, moves_less, moved_less, 0},
    {"mremap-more", with_hole, moves_more, grown, 0},
    {"mlock", with_map, locks, same_map, BIT(EAGAIN)},
    {"madvise", with_map, advises, same_map, BIT(EAGAIN)},
    {"brk", none, breaks, right, 0},
    {"touch", touched, touches, was_touched, 0},
    {"store", with_hollow, stores, stored, 0},
    {"fork", with_map, forks, forked, BIT(EAGAIN)},
    {"execve", none, execs, executed, BIT(EAGAIN)},
    {"pipe", none, pipes, piped, BIT(ENFILE)},
    {"pipe-write", with_pipe, fills, filled, 0},
    {"poll", none, polls, right, 0},
    {"preadv", cold_file, vectors, vectored, 0},
    {"dup", none, dups, dupped, 0},
    {"unlock", with_lock, splits, split, BIT(ENOLCK)},
    {"relock", with_lock, reads_lock, split, BIT(ENOLCK)},
    {"flock", with_file, flocks, flocked, BIT(ENOLCK)},
    {"shmget", none, segments, has_segment, 0},
    {"shmat", with_segment, attaches, attached, 0},
    {"sigqueue", blocked, queues, queued, BIT(EAGAIN)},
    {"handler", with_stack, signals, signalled, 0},
    {"setgroups", none, groups, grouped, 0},
    {"proc", none, proc_reads, proc_read, 0},
};

/* Makes the call once, with its n-th allocation refused. Returns false if it
 * made fewer than n. (Or one more, which the read of /proc made: that run is
 * like any other.) */
static int once(const struct row *r, long n, int *wrong)
{
    char number[24] = "0";
    fd = fd2 = -1;
    r->set();
    snprintf(number, sizeof number, "-%ld", n);
    pwrite(fail, number, strlen(number), 0);
    errno = 0;
    long ret = r->call();
    int err = errno, left;
    memset(number, 0, sizeof number);
    pread(fail, number, sizeof number - 1, 0);
    left = atoi(number);
    pwrite(fail, "0", 1, 0);
    if (ret < 0 && err != ENOMEM && !(r->errors & BIT(err)))
        printf("%s, allocation %ld: %s\n", r->name, n, strerror(err)), ++*wrong;
    else if (!r->is_right(ret))
        printf("%s, allocation %ld: returned %ld (%s), %s\n", r->name, n, ret,
               strerror(ret < 0 ? err : 0), "but its state is another"),
            ++*wrong;
    if (ret < 0 && getenv("SHOW"))
        printf("# %s, allocation %ld: %s\n", r->name, n, strerror(err));
    if (fd >= 0)
        close(fd);
    return left == 0;
}

/* Each row has a process, which a refused page would kill. */
static int row(const struct row *r, long n, long step)
{
    int status, wrong = 0;
    pid_t p = fork();
    if (p == 0) {
        fail = open("/proc/self/fail-nth", O_RDWR);
        dup2(fail, 900), close(fail), fail = 900;
        while (wrong < 10 && once(r, n, &wrong))
            n += step;
        if (getenv("SHOW"))
            printf("# %s: %ld\n", r->name, n);
        gone();
        _exit(wrong);
    }
    waitpid(p, &status, 0);
    if (!WIFEXITED(status))
        printf("%s: ended by signal %d\n", r->name, WTERMSIG(status));
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

/* Sums up the kernel's memory, and that of programs. */
static long lent(void)
{
    static const char *const names[] = {
        "kmem_small_alloc ", "kmem_large_alloc ", "kmem_oversize ",
        "nr_page_table_pages ", "nr_anon_or_swapped "};
    long sum = 0;
    for (int i = 0; i < 3; i++)
        cold();
    FILE *f = fopen("/proc/vmstat", "r");
    while (fgets(other, 200, f))
        for (int i = 0; i < 5; i++)
            if (!strncmp(other, names[i], strlen(names[i])))
                sum += atol(other + strlen(names[i])) * (i < 3 ? 1 : PAGE);
    fclose(f);
    return sum;
}

int main(int argc, char **argv)
{
    int wrong = 0, calls = 0;
    dir = argc > 1 ? argv[1] : "/tmp";
    long step = argc > 2 ? atol(argv[2]) : 1;
    for (long i = 0; i < BIG; i++)
        text[i] = (char)('a' + i % 23 + i / 5000 % 3);
    memset(text + 1, 'x', 200);
    text[190] = 0; /* the text of a link */
    snprintf(one, sizeof one, "%s/one", dir);
    snprintf(two, sizeof two, "%s/two", dir);
    snprintf(longer, sizeof longer, "%s/%0200d", dir, 7);
    setvbuf(stdout, NULL, _IOLBF, 0);
    lent();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (argc > 3 && strcmp(argv[3], rows[i].name))
            continue;
        row(&rows[i], 1 << 30, 1); /* allocates what stays */
        long before = lent(), now;
        wrong += row(&rows[i], 1, step);
        if ((now = lent()) != before && (now = lent()) != before)
            printf("%s: %ld bytes are lost\n", rows[i].name, now - before),
                wrong++;
        calls++;
    }
    printf("refused: %d calls, %d wrong\n", calls, wrong);
    return wrong != 0;
}
