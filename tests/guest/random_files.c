/* SPDX-License-Identifier: MIT */
/* Makes random file calls in one directory. ext2_write.t compiles this program
 * for the host and for the guest: the same seed must give the same lines and
 * the same tree.
 *
 *   random_files DIR SEED STEPS BLOCKS [ordinary]
 *
 * With `ordinary` root gives up its rights first (ordinary.h). Files stay below
 * BLOCKS * 4 KiB, but O_APPEND may exceed it. Every 64th step fsyncs its file,
 * if it is open. Prints each call with its result, and at the end the whole
 * tree (names, modes, sizes, links, a sum of the content). */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "ordinary.h"

static unsigned long state;
static unsigned roll(unsigned n)
{
    state = state * 6364136223846793005ul + 1442695040888963407ul;
    return (unsigned)(state >> 33) % n;
}

#define NOPEN 6
static int fds[NOPEN];
static unsigned long limit;
static unsigned char buf[65536];

/* Returns a path of up to three components. There are few names (12 for the
 * last component, 4 for others), so that calls meet the same files. */
static const char *path(void)
{
    static char text[4][900];
    static int turn;
    char *p = text[turn++ % 4], *at = p;
    unsigned depth = roll(3);
    for (unsigned i = 0; i <= depth; i++) {
        unsigned n = roll(i < depth ? 4 : 12);
        at += sprintf(at, "%s%c", i ? "/" : "", 'a' + n);
        if (n == 11) /* the longest name there can be */
            for (int k = 1; k < 255; k++)
                *at++ = 'x';
        *at = '\0';
    }
    return p;
}

static void say(const char *what, long result)
{
    printf("%s %s\n", what, result < 0 ? strerrorname_np(errno) : "");
    if (result >= 0)
        printf("  %ld\n", result);
    errno = 0;
}

static void fill(size_t n)
{
    unsigned seed = roll(1u << 30);
    for (size_t i = 0; i < n; i++)
        buf[i] = (unsigned char)((seed + i * 131) >> 3 | 1);
}

static unsigned sum(const unsigned char *p, size_t n)
{
    unsigned s = 1;
    for (size_t i = 0; i < n; i++)
        s = s * 31 + p[i];
    return s;
}

static unsigned long length(void)
{
    switch (roll(4)) {
    case 0:
        return roll(100);
    case 1:
        return 4096ul * (1 + roll(4));
    default:
        return roll(20000);
    }
}

static unsigned long place(void)
{
    return roll(3) ? roll((unsigned)limit) : 4096ul * roll(limit / 4096);
}

static void open_one(int *fd)
{
    static const int how[] = {O_RDWR | O_CREAT, O_RDWR | O_CREAT | O_TRUNC,
                              O_RDWR | O_CREAT | O_EXCL, O_RDWR,
                              O_RDWR | O_APPEND | O_CREAT};
    if (*fd >= 0)
        close(*fd);
    const char *name = path(); /* before roll(): C does not order arguments */
    int flags = how[roll(5)];
    *fd = open(name, flags, 0600 + roll(0100));
    say("open", *fd < 0 ? -1 : 0);
}

static void map_and_write(int fd)
{
    struct stat st;
    if (fstat(fd, &st) || st.st_size < 4096)
        return;
    size_t off = 4096ul * roll((unsigned)(st.st_size / 4096));
    unsigned char *p =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)off);
    if (p == MAP_FAILED) {
        say("mmap", -1);
        return;
    }
    printf("mmap %u\n", sum(p, 4096));
    size_t from = roll(2000), n = roll(2000);
    memset(p + from, (int)roll(256), n);
    if (!roll(4))
        say("msync", msync(p, 4096, MS_SYNC));
    munmap(p, 4096);
}

static void on_file(int fd)
{
    unsigned long n = length(), at = place();
    long got;
    if (at + n > limit)
        n = limit - at;
    switch (roll(8)) {
    case 0:
    case 1:
    case 2:
        fill(n);
        say("pwrite", pwrite(fd, buf, n, (off_t)at));
        break;
    case 3: {
        struct stat st;
        if (fstat(fd, &st) == 0 && (unsigned long)st.st_size + n < limit) {
            fill(n);
            lseek(fd, 0, SEEK_END);
            say("append", write(fd, buf, n));
        }
        break;
    }
    case 4:
    case 5:
        got = pread(fd, buf, n, (off_t)at);
        say("pread", got);
        if (got > 0)
            printf("  sum %u\n", sum(buf, (size_t)got));
        break;
    case 6:
        say("ftruncate", ftruncate(fd, (off_t)at));
        break;
    case 7:
        map_and_write(fd);
        break;
    }
}

static void on_names(void)
{
    const char *from = path(), *to = path();
    switch (roll(11)) {
    case 0:
    case 1:
        say("mkdir", mkdir(from, 0755));
        break;
    case 2:
        say("rmdir", rmdir(from));
        break;
    case 3:
    case 4:
        say("unlink", unlink(from));
        break;
    case 5:
        say("link", link(from, to));
        break;
    case 6:
    case 7:
    case 8:
        say("rename", rename(from, to));
        break;
    case 9: {
        char target[200];
        size_t n = roll(2) ? roll(40) + 1 : roll(120) + 50;
        memset(target, 'a' + (int)roll(26), n);
        target[n] = '\0';
        say("symlink", symlink(target, from));
        break;
    }
    case 10:
        say("chmod", chmod(from, 0600 + roll(0100)));
        say("truncate", truncate(to, (off_t)place()));
        break;
    }
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void show(const char *dir, int depth)
{
    struct dirent **list;
    int n = scandir(dir, &list, NULL, by_name);
    if (n < 0) {
        printf("%*s%s\n", depth * 2, "", strerror(errno));
        return;
    }
    for (int i = 0; i < n; i++) {
        char p[4096], text[300];
        struct stat st;
        const char *name = list[i]->d_name;
        if (!strcmp(name, ".") || !strcmp(name, ".."))
            continue;
        snprintf(p, sizeof p, "%s/%s", dir, name);
        if (lstat(p, &st)) {
            printf("%*s%.20s %s\n", depth * 2, "", name, strerror(errno));
            continue;
        }
        printf("%*s%.20s %o %lu", depth * 2, "", name, st.st_mode,
               (unsigned long)st.st_nlink);
        if (S_ISLNK(st.st_mode)) {
            long got = readlink(p, text, sizeof text);
            printf(" -> %ld %u\n", got,
                   sum((unsigned char *)text, (size_t)got));
        } else if (S_ISREG(st.st_mode)) {
            int fd = open(p, O_RDONLY);
            unsigned total = 0;
            long got;
            while ((got = read(fd, buf, sizeof buf)) > 0)
                total = total * 7 + sum(buf, (size_t)got);
            close(fd);
            printf(" %ld %u\n", (long)st.st_size, total);
        } else {
            printf("\n");
            show(p, depth + 1);
        }
    }
}

int main(int argc, char **argv)
{
    if (argc < 5 || chdir(argv[1]) || (argc > 5 && !become_ordinary()))
        return 2;
    umask(0);
    state = strtoul(argv[2], NULL, 10);
    unsigned long steps = strtoul(argv[3], NULL, 10);
    limit = strtoul(argv[4], NULL, 10) * 4096;
    setvbuf(stdout, NULL, _IOFBF, 65536);
    memset(fds, -1, sizeof fds);
    for (const char *d = "abcd"; *d; d++)
        mkdir((const char[]){*d, '\0'}, 0755);
    for (unsigned long i = 0; i < steps; i++) {
        int *fd = &fds[roll(NOPEN)];
        unsigned what = roll(10);
        printf("%lu: ", i);
        if (what < 2 || (what < 7 && *fd < 0))
            open_one(fd);
        else if (what < 7)
            on_file(*fd);
        else
            on_names();
        if (i % 64 == 63 && *fd >= 0)
            say("fsync", fsync(*fd));
    }
    show(".", 0);
    return 0;
}
