/* SPDX-License-Identifier: MIT */
/* hold [NAME...]: does a system call (each NAME, else all) keep the hart too
 * long? A child makes the call; its parent sleeps 1 ms again and again, and
 * kills the child after 60 ms. Prints the longest delay of the parent's wake-up
 * and how long the killed child lived on, in us. Files and memory are prepared
 * before the measurement, but not the buffers of mincore and getrandom. */
#include "lib/work.h"

#define GIB      (1ul << 30)
#define MEBI     (1ul << 20)
#define SPARSE   (1024 * GIB)
#define PATIENCE 60000 /* us */

static u64 amount; /* bytes of memory that a call works on */
static char *memory;
static int fd;

static void *map(u64 n, int prot, int flags)
{
    void *p =
        need_mapping(mmap(0, n, prot, flags | MAP_ANONYMOUS, -1, 0), "mmap");
    return p;
}

static void need_memory(void)
{
    memory = map(amount, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    for (u64 i = 0; i < amount; i += PAGE)
        memory[i] = 1;
}

static void need_space(void)
{
    memory = map(64 * GIB, PROT_READ, MAP_PRIVATE | MAP_NORESERVE);
}

/* Makes a file of SPARSE bytes, all of it a hole. */
static void need_file(void)
{
    fd = (int)open("/hold.file", O_RDWR | O_CREAT | O_TRUNC, 0600);
    SYS3(__NR_unlinkat, AT_FDCWD, "/hold.file", 0);
    if (fd < 0)
        cannot("/hold.file", fd);
    SYS2(__NR_ftruncate, fd, SPARSE);
}

static void need_last_page(void)
{
    need_file();
    SYS3(__NR_lseek, fd, -(s64)PAGE, 2);
    write(fd, "x", 1);
    SYS3(__NR_lseek, fd, 0, 0);
    write(fd, "x", 1);
}

static void need_zero(void)
{
    fd = (int)open("/dev/zero", O_RDONLY, 0);
    memory = map(MEBI, PROT_READ | PROT_WRITE, MAP_PRIVATE);
}

static void do_populate(void)
{
    map(64 * GIB, PROT_READ, MAP_PRIVATE | MAP_NORESERVE | MAP_POPULATE);
}

static void do_mincore(void)
{
    char *map64 = memory;
    amount = 64 * GIB / PAGE;
    need_memory();
    SYS3(__NR_mincore, map64, 64 * GIB, memory);
}

static void do_readahead(void)
{
    SYS3(__NR_readahead, fd, 0, SPARSE);
}

static void do_willneed(void)
{
    SYS4(__NR_fadvise64, fd, 0, 0, 3);
}

static void do_fadvise_dontneed(void)
{
    SYS4(__NR_fadvise64, fd, 0, 0, 4);
}

static void do_sync(void)
{
    SYS1(__NR_fsync, fd);
}

static void do_sendfile(void)
{
    int null = (int)open("/dev/null", 1, 0);
    SYS4(__NR_sendfile, null, fd, 0, 2 * GIB);
}

static void do_readv(void)
{
    struct {
        char *base;
        u64 n;
    } iov[1024];
    for (int i = 0; i < 1024; i++) {
        iov[i].base = memory;
        iov[i].n = MEBI;
    }
    SYS3(__NR_readv, fd, iov, 1024);
}

static void do_getrandom(void)
{
    u64 n = 32 * MEBI;
    SYS3(__NR_getrandom, map(n, PROT_READ | PROT_WRITE, MAP_PRIVATE), n - 1, 0);
}

static void read_all(const char *path)
{
    static char text[4096];
    int file = (int)open(path, O_RDONLY, 0);
    while (read(file, text, sizeof text) > 0)
        ;
}

static void do_smaps(void)
{
    read_all("/proc/self/smaps");
}

static void need_mappings(void)
{
    memory = map(8000 * PAGE, PROT_READ, MAP_PRIVATE);
    for (u64 i = 0; i < 8000; i += 2)
        mprotect(memory + i * PAGE, PAGE, PROT_NONE);
}

static void do_maps(void)
{
    read_all("/proc/self/maps");
}

static void do_fork(void)
{
    fork();
}

static void do_protect(void)
{
    mprotect(memory, amount, PROT_READ);
}

static void do_unmap(void)
{
    munmap(memory, amount);
}

static void do_dontneed(void)
{
    SYS3(__NR_madvise, memory, amount, MADV_DONTNEED);
}

static void do_move(void)
{
    SYS4(__NR_mremap, memory, amount, amount + PAGE, MREMAP_MAYMOVE);
}

/* Maps a page after the memory, so that it cannot grow in place. */
static void need_crowded(void)
{
    need_memory();
    mmap(memory + amount, PAGE, PROT_READ,
         MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
}

static void do_lock(void)
{
    SYS2(__NR_mlock, memory, amount);
    SYS2(__NR_munlock, memory, amount);
}

/* Maps 8000 pages of one file, each by a mapping of its own. */
static void need_file_pages(void)
{
    u64 n = 8000 * PAGE;
    fd = (int)open("/tmp/hold.file", O_RDWR | O_CREAT | O_TRUNC, 0600);
    SYS3(__NR_unlinkat, AT_FDCWD, "/tmp/hold.file", 0);
    SYS2(__NR_ftruncate, fd, n);
    memory = need_mapping(mmap(0, n, PROT_READ, MAP_SHARED, fd, 0), "mmap");
    for (u64 i = 0; i < n; i += 2 * PAGE)
        mprotect(memory + i, PAGE, PROT_READ | PROT_WRITE);
    for (u64 i = 0; i < n && i < amount / 2; i += 2 * PAGE)
        memory[i] = 1;
}

static void do_truncate(void)
{
    SYS2(__NR_ftruncate, fd, 0);
}

/* Allows a core dump; maps memory, and 64 GiB more that nothing touches. */
static void need_core(void)
{
    u64 unlimited[2] = {~0ul, ~0ul};
    SYS4(__NR_prlimit64, 0, RLIMIT_CORE, unlimited, 0);
    SYS1(__NR_chdir, "/tmp");
    map(64 * GIB, PROT_READ, MAP_SHARED | MAP_NORESERVE);
    amount /= 4;
    need_memory();
}

static void do_core(void)
{
    SYS2(__NR_kill, SYS0(__NR_getpid), SIGQUIT);
}

static void do_exit(void)
{
}

static const struct call {
    const char *name;
    void (*prepare)(void), (*run)(void);
} calls[] = {
    {"populate", NULL, do_populate},
    {"readahead", need_file, do_readahead},
    {"willneed", need_file, do_willneed},
    {"fadvise-dontneed", need_last_page, do_fadvise_dontneed},
    {"fsync", need_last_page, do_sync},
    {"sendfile", need_file, do_sendfile},
    {"mincore", need_space, do_mincore},
    {"smaps", need_space, do_smaps},
    {"maps", need_mappings, do_maps},
    {"readv", need_zero, do_readv},
    {"getrandom", NULL, do_getrandom},
    {"fork", need_memory, do_fork},
    {"mprotect", need_memory, do_protect},
    {"munmap", need_memory, do_unmap},
    {"madvise-dontneed", need_memory, do_dontneed},
    {"mremap", need_crowded, do_move},
    {"mlock", need_memory, do_lock},
    {"exit", need_memory, do_exit},
    {"truncate", need_file_pages, do_truncate},
    {"core-dump", need_core, do_core},
};

static s64 start(const struct call *c)
{
    int ready[2];
    char byte;
    SYS2(__NR_pipe2, ready, 0);
    s64 pid = fork();
    if (pid == 0) {
        close(ready[0]);
        if (c->prepare)
            c->prepare();
        write(ready[1], "r", 1);
        close(ready[1]);
        c->run();
        exit(0);
    }
    close(ready[1]);
    read(ready[0], &byte, 1);
    close(ready[0]);
    return pid;
}

static void watch(const struct call *c)
{
    s64 pid = start(c);
    u64 held = 0, begin = now_us(), now = begin;
    int status;
    while (now - begin < PATIENCE) {
        sleep_ms(1);
        u64 then = now + 1000;
        now = now_us();
        held = now - then > held ? now - then : held;
        if (wait4(pid, &status, 1) == pid) { /* WNOHANG */
            printf("%s: held %lu us\n", c->name, held);
            return;
        }
        now = now_us();
    }
    SYS2(__NR_kill, pid, SIGKILL);
    wait4(pid, &status, 0);
    printf("%s: held %lu us, died after %lu us\n", c->name, held,
           now_us() - now);
}

int main(int argc, char **argv)
{
    amount = ram_bytes() / 2;
    for (u64 i = 0; i < sizeof calls / sizeof *calls; i++) {
        bool wanted = argc == 1;
        for (int k = 1; k < argc; k++)
            wanted |= strcmp(argv[k], calls[i].name) == 0;
        if (wanted)
            watch(&calls[i]);
    }
    return 0;
}
