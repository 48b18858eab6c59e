/* SPDX-License-Identifier: MIT */
/* Reads and writes through buffers that are mapped in part only. Prints what
 * each call returned, and what it did to the file and to memory. map_calls.t
 * compares the lines of the host with those of the guest.
 *
 *   uio_calls DIR
 *   uio_calls typed     (reads of a terminal at which somebody types)
 *
 * A terminal is /dev/console in the guest, a pseudo-terminal on the host: what
 * is written to it is printed, too. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <termios.h>
#include "says.h"

#define PAGE  4096l
#define PAGES 8
#define WHOLE 12300 /* bytes in a file: three pages and a part */

/* The buffers lie in eight pages, of which 1 and 4 are not mapped. */
static char *area, text[1 << 17];
static int is_mapped(long at)
{
    return at / PAGE != 1 && at / PAGE != 4;
}

/* A row: up to four buffers by first byte and length, up to a length of 0. One
 * alone is for read and write, several are for readv and writev. */
static const struct row {
    const char *what;
    struct {
        long at, len;
    } v[4];
} rows[] = {
    {"mapped", {{2 * PAGE, 5000}}},
    {"unmapped", {{PAGE, 100}}},
    {"100 bytes, unmapped", {{PAGE - 100, 200}}},
    {"2148 bytes, unmapped", {{PAGE - 2148, 3000}}},
    {"a page, unmapped", {{0, 2 * PAGE}}},
    {"a part of a page, unmapped", {{1000, 2 * PAGE}}},
    {"two pages, unmapped", {{2 * PAGE, 3 * PAGE}}},
    {"more than a page, unmapped", {{2 * PAGE + 1000, 3 * PAGE}}},
    {"unmapped, mapped", {{PAGE + 10, PAGE}}},
    {"mapped; unmapped", {{0, 10}, {PAGE, 10}}},
    {"mapped; unmapped; mapped", {{0, 10}, {PAGE, 10}, {20, 10}}},
    {"unmapped; mapped", {{PAGE, 10}, {0, 10}}},
    {"a page; unmapped", {{0, PAGE}, {PAGE, 10}}},
    {"5000 bytes; unmapped", {{2 * PAGE, 5000}, {4 * PAGE, 10}}},
    {"two; 100 bytes, unmapped", {{0, 10}, {20, 10}, {PAGE - 100, 200}}},
    {"more; unmapped", {{2 * PAGE, 8000}, {5 * PAGE, 8000}, {PAGE, 10}}},
};

static void fill(char *p, long n)
{
    for (long i = 0; i < n; i++)
        p[i] = (char)('A' + i % 29);
}

/* Calls with the row's buffers, after it has set all memory. */
static ssize_t transfer(int fd, const struct row *r, int writes)
{
    struct iovec v[4];
    int n = 0;
    for (long i = 0; i < PAGES * PAGE; i++)
        if (is_mapped(i))
            area[i] = writes ? (char)('a' + i % 23) : 1;
    for (; n < 4 && r->v[n].len; n++)
        v[n] = (struct iovec){area + r->v[n].at, (size_t)r->v[n].len};
    return n > 1    ? (writes ? writev : readv)(fd, v, n)
           : writes ? write(fd, v->iov_base, v->iov_len)
                    : read(fd, v->iov_base, v->iov_len);
}

/* Calls, and says what memory a read has changed. */
static void call(int fd, const struct row *r, int writes)
{
    long changed = 0;
    say(r->what, transfer(fd, r, writes));
    for (long i = 0; i < PAGES * PAGE && !writes; i++)
        changed += is_mapped(i) && area[i] != 1;
    if (!writes)
        printf("  %ld bytes changed\n", changed);
}

/* Prints the length and a sum of all that can be read from fd. */
static void content(int fd)
{
    unsigned sum = 0;
    long n = 0, got;
    for (; (got = read(fd, text, sizeof text)) > 0; n += got)
        for (long i = 0; i < got; i++)
            sum = sum * 31 + (unsigned char)text[i];
    printf("  %ld bytes, %x\n", n, sum);
}

/* A pipe that holds n bytes before the call. */
static void of_pipe(const struct row *r, int writes, long n)
{
    int ends[2];
    printf("%s of a pipe with %ld bytes, ", writes ? "write" : "read", n);
    fill(text, n);
    if (pipe2(ends, O_NONBLOCK) || write(ends[1], text, (size_t)n) != n)
        abort();
    call(ends[writes], r, writes);
    content(ends[0]);
    close(ends[0]);
    close(ends[1]);
}

/* A file of `size` bytes, at `pos`. */
static void of_file(const struct row *r, int writes, int flags, int size,
                    long pos)
{
    int fd = open("f", O_RDWR | O_CREAT | O_TRUNC | flags, 0600);
    printf("%s of %d bytes at %ld, flags %d, ", writes ? "write" : "read", size,
           pos, flags & O_APPEND);
    fill(text, size);
    if (write(fd, text, (size_t)size) != size)
        abort();
    lseek(fd, pos, SEEK_SET);
    call(fd, r, writes);
    say("  position", lseek(fd, 0, SEEK_CUR));
    lseek(fd, 0, SEEK_SET);
    content(fd);
    close(fd);
}

static void of_hole(const struct row *r)
{
    int fd = open("h", O_RDWR | O_CREAT | O_TRUNC, 0600);
    printf("read of a hole, ");
    if (ftruncate(fd, WHOLE))
        abort();
    call(fd, r, 0);
    say("  position", lseek(fd, 0, SEEK_CUR));
    close(fd);
}

static void of_device(const struct row *r, const char *name, int writes)
{
    int fd = open(name, writes ? O_WRONLY : O_RDONLY);
    printf("%s of %s, ", writes ? "write" : "read", name);
    call(fd, r, writes);
    close(fd);
}

/* Writes pieces of n bytes until a pipe is full. In its first page 1000 bytes
 * are left of 3000, behind which 2000 do not fit. */
static void fill_pipe(long n)
{
    int ends[2];
    long all = 0, got;
    if (pipe2(ends, O_NONBLOCK) || write(ends[1], text, 3000) != 3000 ||
        read(ends[0], text, 2000) != 2000 || write(ends[1], text, 2000) != 2000)
        abort();
    while ((got = write(ends[1], text, (size_t)n)) > 0)
        all += got;
    printf("pieces of %ld: ", n);
    say("a full pipe has", all);
    if (read(ends[0], text, 5000) != 5000)
        abort();
    say("5000 less, so a page fits", write(ends[1], text, PAGE));
    content(ends[0]);
    close(ends[0]);
    close(ends[1]);
}

/* The number of bytes before the first that is not mapped. */
static long before_hole(const struct row *r)
{
    long n = 0;
    for (int i = 0; i < 4; i++)
        for (long at = r->v[i].at; at < r->v[i].at + r->v[i].len; at++, n++)
            if (!is_mapped(at))
                return n;
    return n;
}

static void of_terminal(const struct row *r)
{
    if (before_hole(r) > PAGE) /* a pseudo-terminal holds little more */
        return;
    int tty = open("/dev/ptmx", O_RDWR | O_NOCTTY), master = tty;
    printf("write to a terminal: ");
    fflush(stdout);
    if (tty >= 0 && !unlockpt(tty))
        tty = open(ptsname(tty), O_RDWR | O_NOCTTY);
    else
        tty = open("/dev/console", O_WRONLY | O_NOCTTY);
    ssize_t got = transfer(tty, r, 1);
    for (ssize_t n, left = got; master >= 0 && left > 0; left -= n) {
        if ((n = read(master, text, sizeof text)) <= 0)
            break;
        fwrite(text, 1, (size_t)n, stdout);
    }
    say(r->what, got);
    close(tty);
    close(master);
}

#define TYPED 300

/* Reads from a terminal that holds TYPED bytes, into memory that ends after
 * n. On the host, this program types itself. */
static void of_typed(int tty, int master, long n)
{
    int left = 0;
    fill(text, TYPED);
    if (master >= 0 && write(master, text, TYPED) != TYPED)
        abort();
    while (left < TYPED && !ioctl(tty, FIONREAD, &left))
        usleep(1000);
    printf("room for %ld of %d bytes: ", n, left);
    say("read", read(tty, area + PAGE - n, TYPED));
    ioctl(tty, FIONREAD, &left);
    say("left", left);
    fflush(stdout);
    tcflush(tty, TCIFLUSH);
}

static int typed(void)
{
    struct termios raw;
    int tty = 0, master = open("/dev/ptmx", O_RDWR | O_NOCTTY);
    if (master >= 0 && !unlockpt(master))
        tty = open(ptsname(master), O_RDWR | O_NOCTTY);
    if (tcgetattr(tty, &raw))
        abort();
    struct termios old = raw;
    cfmakeraw(&raw);
    raw.c_oflag = old.c_oflag;
    tcsetattr(tty, TCSANOW, &raw);
    for (long n = 0; n <= 192; n += 32) {
        printf("now\n");
        fflush(stdout);
        of_typed(tty, master, n);
    }
    tcsetattr(tty, TCSANOW, &old);
    printf("end\n");
    return 0;
}

int main(int argc, char **argv)
{
    area = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(area + PAGE, PAGE);
    munmap(area + 4 * PAGE, PAGE);
    if (argc == 2 && !strcmp(argv[1], "typed"))
        return typed();
    if (argc != 2 || chdir(argv[1]))
        return 2;
    for (const struct row *r = rows; r < rows + sizeof rows / sizeof *r; r++) {
        of_pipe(r, 1, 0);
        of_pipe(r, 1, 10);
        of_pipe(r, 1, 5000);
        of_pipe(r, 0, 10);
        of_pipe(r, 0, 150);
        of_pipe(r, 0, 5000);
        of_pipe(r, 0, 12000);
        of_file(r, 1, 0, 0, 0);
        of_file(r, 1, 0, WHOLE, 0);
        of_file(r, 1, 0, WHOLE, 100);
        of_file(r, 1, O_APPEND, WHOLE, 7);
        of_file(r, 0, 0, WHOLE, 0);
        of_file(r, 0, 0, WHOLE, 100);
        of_hole(r);
        of_device(r, "/dev/zero", 0);
        of_device(r, "/dev/full", 0);
        of_device(r, "/dev/null", 0);
        of_device(r, "/dev/full", 1);
        of_device(r, "/dev/null", 1);
        of_terminal(r);
    }
    for (long n = 50; n < 20000; n = n * 3 + 50)
        fill_pipe(n);
    printf("end\n");
    return 0;
}
