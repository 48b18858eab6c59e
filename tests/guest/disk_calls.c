/* SPDX-License-Identifier: MIT */
/* Reads a disk in one call that lasts longer than the disk is open for writing,
 * and looks whether a later writer sees what was written between (raw_disk.t).
 *
 *   disk_calls DISK FILE    FILE: not in memory; its pages are the buffer, so
 *                           that the call sleeps while it copies
 *
 * The disk has an ext2 with a file of SIZE bytes, "f". Prints a line for each
 * thing that is wrong, and "end". */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include "says.h"

#define SIZE (6l << 20)

static char bytes[SIZE], again[SIZE];

static void read_disk(const char *disk, int flags, void *to)
{
    int fd = open(disk, flags);
    long n = pread(fd, to, SIZE, 0);
    if (n != SIZE)
        say("read", n);
    close(fd);
}

static pid_t slow_reader(int writer, const char *disk, const char *file)
{
    pid_t pid = fork();
    if (!pid) {
        close(writer);
        read_disk(disk, O_RDONLY,
                  mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE,
                       open(file, O_RDONLY), 0));
        _exit(0);
    }
    return pid;
}

static void overwrite(const char *disk)
{
    memset(bytes, 'B', sizeof bytes);
    if (mount(disk, "/mnt", "ext2", 0, NULL))
        say("mount", -1);
    int fd = open("/mnt/f", O_RDWR);
    if (write(fd, bytes, SIZE) != SIZE)
        say("write", -1);
    close(fd);
    if (umount("/mnt"))
        say("umount", -1);
}

/* A mount reads the disk before it is done: nobody may open it meanwhile. */
static void open_while_mounting(const char *disk)
{
    int status = 0;
    pid_t pid = fork();
    if (!pid)
        _exit(mount(disk, "/mnt", "ext2", 0, NULL) ? errno : 0);
    sched_yield();
    int fd = open(disk, O_RDWR);
    waitpid(pid, &status, 0);
    if (fd >= 0 && status == 0)
        puts("mounted, and open for writing");
    if (fd >= 0)
        close(fd);
    if (status == 0)
        umount("/mnt");
}

/* open's O_EXCL claims a disk, as a mount does. */
static void claims(const char *disk)
{
    int own = open(disk, O_RDONLY | O_EXCL);
    if (own < 0 || open(disk, O_RDONLY | O_EXCL) >= 0 || errno != EBUSY)
        say("O_EXCL twice", own);
    if (!mount(disk, "/mnt", "ext2", 0, NULL) || errno != EBUSY)
        puts("a claimed disk is mounted");
    if (fcntl(own, F_GETFL) & O_EXCL)
        puts("F_GETFL shows O_EXCL");
    close(own);
    if (mount(disk, "/mnt", "ext2", 0, NULL) ||
        open(disk, O_RDONLY | O_EXCL) >= 0 || errno != EBUSY)
        puts("a mounted disk is claimed");
    umount("/mnt");
    own = open(disk, O_RDWR | O_EXCL);
    if (own < 0 || fallocate(own, 0, 0, 1) == 0 || errno != EOPNOTSUPP)
        say("fallocate", own);
    close(own);
}

/* A disk has no end to append to, and does not grow. */
static void no_file(const char *disk)
{
    struct rlimit least = {512, 512};
    int fd = open(disk, O_RDWR | O_APPEND);
    setrlimit(RLIMIT_FSIZE, &least);
    if (write(fd, "ab", 2) != 2 || pwrite(fd, "c", 1, 4096) != 1)
        say("O_APPEND, RLIMIT_FSIZE", -1);
    if (sync_file_range(fd, 0, 0, 7))
        say("sync_file_range", -1);
    char c[3] = "";
    if (pread(fd, c, 2, 0) != 2 || strcmp(c, "ab"))
        puts("the bytes are elsewhere");
    close(fd);
}

int main(int argc, char **argv)
{
    const char *disk = argc > 2 ? argv[1] : "", *file = argc > 2 ? argv[2] : "";
    int writer = open(disk, O_RDWR);
    if (writer < 0)
        say(disk, writer);
    pid_t reader = slow_reader(writer, disk, file);
    nap(3);
    close(writer);
    if (waitpid(reader, NULL, WNOHANG))
        puts("the reader ended too early: nothing was tried");
    waitpid(reader, NULL, 0);
    overwrite(disk);
    read_disk(disk, O_RDONLY, bytes);
    read_disk(disk, O_RDWR, again);
    if (memcmp(bytes, again, SIZE))
        puts("a writer sees older bytes than a reader");
    for (int i = 0; i < 10; i++)
        open_while_mounting(disk);
    claims(disk);
    no_file(disk);
    puts("end");
    return 0;
}
