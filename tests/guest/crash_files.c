/* SPDX-License-Identifier: MIT */
/* Changes files on a machine whose power will be cut (tests/guest/crash.t).
 *
 *   crash_files DIR SEED STEPS
 *
 * Makes numbered files DIR/[a-d]/fN-*, whose content follows from N and the
 * length. Prints "kept N LENGTH NAME" when fsync has returned, and never writes
 * to that file again. Prints "moving N LENGTH NAME" before it renames such a
 * file to NAME (fsync and "kept" follow), "going N" before it removes such a
 * file. In between it makes, truncates, moves and removes other files, and some
 * directories, without fsync, so that blocks and inodes change owners. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static unsigned long state;
static unsigned roll(unsigned n)
{
    state = state * 6364136223846793005ul + 1442695040888963407ul;
    return (unsigned)(state >> 33) % n;
}

#define NFILES 400
static char names[NFILES][40]; /* "": no such file */
static unsigned lengths[NFILES];
static unsigned nfiles;
static unsigned char buf[300000];

static void say(const char *fmt, unsigned n, unsigned length, const char *name)
{
    char line[120];
    int len = snprintf(line, sizeof line, fmt, n, length, name);
    if (write(1, line, (size_t)len) != len)
        exit(3);
}

static void content(unsigned n, unsigned length)
{
    for (unsigned i = 0; i < length; i++)
        buf[i] = (unsigned char)(n * 37 + (i >> 8) * 11 + i);
}

static void fresh_name(char *name, unsigned n)
{
    static unsigned serial;
    snprintf(name, 40, "%c/f%u-%u", 'a' + (int)roll(4), n, serial++);
}

static void sync_path(const char *name)
{
    int fd = open(name, O_RDONLY);
    if (fd < 0 || fsync(fd) || close(fd))
        exit(4);
}

static void keep(void)
{
    unsigned n = nfiles, length = roll(3) ? roll(30000) : roll(250000);
    if (n == NFILES)
        return;
    fresh_name(names[n], n);
    content(n, length);
    int fd = open(names[n], O_WRONLY | O_CREAT | O_EXCL, 0644);
    unsigned done = 0;
    while (fd >= 0 && done < length) {
        unsigned piece = 1 + roll(40000);
        if (piece > length - done)
            piece = length - done;
        if (write(fd, buf + done, piece) != (ssize_t)piece)
            break;
        done += piece;
    }
    if (fd < 0 || done < length) { /* the disk is full */
        if (fd >= 0)
            close(fd);
        unlink(names[n]);
        return;
    }
    if (fsync(fd) || close(fd))
        exit(5);
    lengths[n] = length;
    nfiles++;
    say("kept %u %u %s\n", n, length, names[n]);
}

static void change_kept(void)
{
    if (!nfiles)
        return;
    unsigned n = roll(nfiles);
    if (!names[n][0])
        return;
    if (roll(2)) {
        say("going %u\n", n, 0, "");
        unlink(names[n]);
        names[n][0] = '\0';
        return;
    }
    char to[40];
    fresh_name(to, n);
    say("moving %u %u %s\n", n, lengths[n], to);
    if (rename(names[n], to))
        exit(6);
    strcpy(names[n], to);
    sync_path(to);
    say("kept %u %u %s\n", n, lengths[n], to);
}

static void noise(void)
{
    char a[40], b[40];
    snprintf(a, sizeof a, "%c/n%u", 'a' + (int)roll(4), roll(20));
    snprintf(b, sizeof b, "%c/n%u", 'a' + (int)roll(4), roll(20));
    switch (roll(6)) {
    case 0:
    case 1: {
        int fd = open(a, O_RDWR | O_CREAT, 0644);
        if (fd < 0)
            return;
        content(roll(1000), 60000);
        if (write(fd, buf, roll(60000)) < 0)
            ftruncate(fd, 0);
        close(fd);
        break;
    }
    case 2:
        unlink(a);
        break;
    case 3:
        rename(a, b);
        break;
    case 4:
        truncate(a, (off_t)roll(60000));
        break;
    case 5:
        if (mkdir(b, 0755))
            rmdir(b);
        break;
    }
}

int main(int argc, char **argv)
{
    if (argc != 4 || chdir(argv[1]))
        return 2;
    state = strtoul(argv[2], NULL, 10);
    for (const char *d = "abcd"; *d; d++)
        mkdir((const char[]){*d, '\0'}, 0755);
    for (unsigned long i = strtoul(argv[3], NULL, 10); i; i--) {
        unsigned what = roll(10);
        if (what < 3)
            keep();
        else if (what < 4)
            change_kept();
        else
            noise();
    }
    say("end %u\n", nfiles, 0, "");
    return 0;
}
