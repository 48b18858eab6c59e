/* SPDX-License-Identifier: MIT */
/* Calls about files, for refused.c: what is there before, the call, and whether
 * the state is right after it. */
#pragma once

static void with_file(void)
{
    gone();
    make(one, 20 * PAGE + 100);
    fd = open(one, O_RDWR);
}
static void with_big(void)
{
    gone();
    make(one, BIG);
    fd = open(one, O_RDWR);
}
static void cold_file(void)
{
    with_file();
    cold();
}
static void cold_big(void)
{
    with_big();
    cold();
}
static void cold_none(void)
{
    gone();
    cold();
}
static void closed_big(void)
{
    with_big();
    close(fd);
    fd = -1;
    cold();
}
static long opens(void)
{
    return fd = open(one, O_RDWR | O_CREAT | O_EXCL, 0644);
}
static int opened(long r)
{
    return r < 0 ? !there(one) : holds(one, 0);
}
static long reads(void)
{
    return read(fd, other, BIG);
}
static int has_read(long r)
{
    return r <= 20 * PAGE + 100 &&
           (r < 0 || (r && !memcmp(other, text, (size_t)r)));
}
static long reads_big(void)
{
    return pread(fd, other, 8 * PAGE, 280 * PAGE);
}
static int has_read_big(long r)
{
    return r < 0 || (r && !memcmp(other, text + 280 * PAGE, (size_t)r));
}
static long reads_untouched(void)
{
    m = mmap(NULL, 40 * PAGE, RW, ANON, -1, 0);
    return read(fd, m, 20 * PAGE);
}
static int has_read_untouched(long r)
{
    int ok = r < 0 || (r && !memcmp(m, text, (size_t)r));
    munmap(m, 40 * PAGE);
    return ok;
}
static long writes(void)
{
    fd = open(one, O_RDWR | O_CREAT, 0644);
    return fd < 0 ? -1 : write(fd, text, 20 * PAGE);
}
static int written(long r)
{
    struct stat st = {0};
    return r < 0 ? stat(one, &st) || !st.st_size : r && kept(one, r);
}
static long appends(void)
{
    return pwrite(fd, text + 20 * PAGE + 100, 9 * PAGE, 20 * PAGE + 100);
}
static int appended(long r)
{
    return kept(one, 20 * PAGE + 100 + (r > 0 ? r : 0));
}
static long overwrites(void)
{
    return pwrite(fd, text + 100, 6 * PAGE, 100);
}
static int same_file(long r)
{
    return kept(one, 20 * PAGE + 100);
}
static int same_big(long r)
{
    return kept(one, BIG);
}
static long cuts(void)
{
    return ftruncate(fd, 15 * PAGE + 33);
}
static int is_cut(long r)
{
    return kept(one, r ? BIG : 15 * PAGE + 33);
}
static long cuts_all(void)
{
    return truncate(one, 0);
}
static int is_empty(long r)
{
    struct stat st;
    return kept(one, r ? BIG : 0) && !stat(one, &st) && (r || !st.st_blocks);
}
static long opens_empty(void)
{
    return fd = open(one, O_RDWR | O_TRUNC);
}
static int is_emptied(long r)
{
    return r < 0 ? holds(one, BIG) || holds(one, 0) : kept(one, 0);
}
static long unlinks(void)
{
    return unlink(one);
}
static int unlinked(long r)
{
    return r ? kept(one, BIG) : !there(one);
}
static long removes(void)
{
    unlink(one);
    return close(fd);
}
static long fsyncs(void)
{
    return fsync(fd);
}
static long syncs(void)
{
    sync();
    return 0;
}
static long syncfss(void)
{
    return syncfs(fd);
}
static long ranges(void)
{
    return sync_file_range(fd, 0, 0, 7);
}
static void with_store(void)
{
    with_big();
    m = mmap(NULL, BIG, RW, MAP_SHARED, fd, 0);
    for (long i = 0; i < BIG; i += 7 * PAGE)
        m[i] = text[i];
}
static long msyncs(void)
{
    return msync(m, BIG, MS_SYNC);
}
static int unmapped_big(long r)
{
    munmap(m, BIG);
    return same_big(r);
}
static long links(void)
{
    return link(one, two);
}
static int linked(long r)
{
    return holds(one, 20 * PAGE + 100) &&
           (r ? !there(two) : holds(two, 20 * PAGE + 100));
}
static long renames(void)
{
    return rename(one, two);
}
static int renamed(long r)
{
    return r ? holds(one, 20 * PAGE + 100) && !there(two)
             : holds(two, 20 * PAGE + 100) && !there(one);
}
static void with_two(void)
{
    with_file();
    make(two, 5);
    cold();
}
static int replaced(long r)
{
    return r ? holds(one, 20 * PAGE + 100) && holds(two, 5)
             : holds(two, 20 * PAGE + 100) && !there(one);
}
static long mkdirs(void)
{
    return mkdir(one, 0755);
}
static int made(long r)
{
    struct stat st;
    return r ? !there(one)
             : !stat(one, &st) && S_ISDIR(st.st_mode) && st.st_nlink == 2;
}
static void with_dir(void)
{
    gone();
    mkdir(one, 0755);
    cold();
}
static long rmdirs(void)
{
    return rmdir(one);
}
static int removed(long r)
{
    return !r == !there(one);
}
static long symlinks(void)
{
    return symlink(text + 1, longer);
}
static int is_link(long r)
{
    long n = readlink(longer, other, BIG);
    return r ? n < 0
             : n == (long)strlen(text + 1) &&
                   !memcmp(other, text + 1, (size_t)n);
}
static void with_link(void)
{
    gone();
    if (symlink(text + 1, longer))
        perror("symlink"), exit(3);
    cold();
}
static long reads_link(void)
{
    return readlink(longer, other, BIG);
}
static int link_read(long r)
{
    return r < 0 || is_link(0);
}
static long fifos(void)
{
    return mkfifo(one, 0600);
}
static int fifo_made(long r)
{
    return there(one) == (r == 0);
}
static long stats(void)
{
    struct stat st;
    return stat(one, &st);
}
static long lists(void)
{
    DIR *d = opendir(dir);
    int n = 0, e;
    if (!d)
        return -1;
    for (errno = 0; readdir(d);)
        n++;
    e = errno;
    closedir(d);
    errno = e;
    return e ? -1 : n;
}
static int listed(long r)
{
    return r < 0 || r >= 3;
}
static long allocates(void)
{
    return fallocate(fd, 0, 20 * PAGE, 30 * PAGE);
}
static int allocated(long r)
{
    struct stat st;
    if (fstat(fd, &st) || memcmp(text, other, 0))
        return 0;
    return st.st_size == (r ? 20 * PAGE + 100 : 50 * PAGE);
}
static long sends(void)
{
    off_t at = 0;
    return sendfile(fd2, fd, &at, 20 * PAGE);
}
static void with_target(void)
{
    with_file();
    fd2 = open(two, O_RDWR | O_CREAT, 0644);
    cold();
}
static int sent(long r)
{
    close(fd2);
    return kept(two, r < 0 ? 0 : r);
}
static long chowns(void)
{
    return chown(one, 5, 6);
}
static int owned(long r)
{
    struct stat st;
    cold();
    return !stat(one, &st) && st.st_uid == (r ? 0 : 5) &&
           st.st_gid == (r ? 0 : 6);
}
