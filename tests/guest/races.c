/* SPDX-License-Identifier: MIT */
/* Finds races between two tasks, one of which sleeps in a system call. Each
 * claim must hold in whatever order the tasks run; sleeping.t tests it in a
 * kernel that sleeps wherever it may (sleeping.c).
 *
 *   races CLAIM ROUNDS [DIR]     prints for some claims a line for each wrong
 *                                round, and "CLAIM: N rounds, N wrong"
 *
 * append: when a write returns, all bytes of the file are right, although the
 *     write waited for a page of its buffer and another process syncs
 * truncate: a file cut to length 0, while a program writes to it through a
 *     mapping, has no blocks, and shows zeros when it grows
 * unwritten: a hole shows no deleted file's bytes while it is written, nor
 *     after write() fails, nor after a store during munmap or a cut of the file
 * allocated: fallocate that is killed leaves all its pages in tmpfs or none
 * cut: a file grows and is cut while processes map it page by page, use it,
 *     fork, unmap it; each of them dies of SIGBUS at last
 * mixed: a file that is written, cut and mapped at random has the bytes of its
 *     copy in memory, while another process syncs and drops the cache (in the
 *     manner of fsx)
 * mounted: of two mounts of one disk one succeeds, while another process syncs
 *     and drops cached names and inodes
 * renamed: several renames of one file compete with its removal, and one call
 *     succeeds; if several files are renamed to one name, all succeed
 * busy: no program runs while a process may write to it
 * dying: /proc/PID can be read while its process ends or runs another program
 * text: two readers of one open file of /proc get what one alone would get
 * stack: munmap of the space below a stack leaves the stack
 * below: if a part of a stack is unmapped while it grows, the new pages stay
 * fixed: a page that mmap(MAP_FIXED) replaces is mapped at every moment
 * protect: after mprotect(PROT_READ) no page can be written
 * moved: pages that mremap moves right after a fork keep their content,
 *     although another thread touches both places */
#include "races.h"

/* ---- files ---- */

static int append(int rounds)
{
    int bad = 0, source = opened("source");
    memset(page, 'B', PAGE);
    for (int i = 0; i < rounds; i++)
        bad += write(source, page, PAGE) != (long)PAGE;
    pid_t other = fork();
    while (!other) {
        sync();
        usleep(300);
    }
    char *buf = mmap(NULL, 2 * PAGE, RW, ANON, -1, 0), text[300];
    memset(buf, 'B', PAGE);
    for (int r = 0; r < rounds; r++) {
        mmap(buf + PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, source,
             (long)PAGE * r);
        int fd = opened("appended");
        struct iovec v[2] = {{buf + PAGE - 100, 100}, {buf + PAGE, 100}};
        memset(text, 'B', 100);
        long n = write(fd, text, 100);
        n += r % 2 ? write(fd, buf + PAGE - 100, 200) : writev(fd, v, 2);
        int lost = n == 300 && pread(fd, text, 300, 0) == 300
                       ? not_of(text, 300, 'B')
                       : 300;
        if (lost && ++bad)
            printf("round %d: %d bytes lost\n", r, lost);
        close(fd);
    }
    ended(other);
    return bad;
}

static int truncated(int rounds)
{
    enum { AT = 500 }; /* a page that an indirect block points to */
    int bad = 0;
    memset(page, 'S', PAGE);
    catch_faults();
    for (int r = 0; r < rounds; r++) {
        int fd = opened("truncated");
        ftruncate(fd, 600 * PAGE);
        pwrite(fd, page, PAGE, 20 * PAGE);
        char *m = mmap(NULL, 600 * PAGE, RW, MAP_SHARED, fd, 0);
        (void)*(volatile char *)(m + AT * PAGE);
        pid_t other = fork();
        if (!other) {
            usleep(r % 8 * 100);
            _exit(ftruncate(fd, 0) != 0);
        }
        for (int i = 0; i < 8; i++)
            touch(m + (AT + i) * PAGE, 1);
        waitpid(other, NULL, 0);
        struct stat st;
        fstat(fd, &st);
        ftruncate(fd, 600 * PAGE);
        char text[PAGE];
        int old = 0;
        for (int i = 0; i < 8; i++) {
            pread(fd, text, PAGE, (long)PAGE * (AT + i));
            old += not_of(text, PAGE, 0);
        }
        if ((st.st_blocks || old) && ++bad)
            printf("round %d: %ld blocks of an empty file, %d old bytes\n", r,
                   (long)st.st_blocks, old);
        munmap(m, 600 * PAGE);
        close(fd);
    }
    return bad;
}

static int renamed(int rounds)
{
    enum { N = 4 };
    int bad = 0;
    for (int r = 0; r < rounds; r++) {
        char from[N][8], to[N][8];
        pid_t child[N];
        int won = 0, removed = 0, names = 0, status, over = r % 4 == 3;
        for (int i = 0; i < N; i++) {
            snprintf(from[i], sizeof from[i], "old%d", over ? i : 0);
            snprintf(to[i], sizeof to[i], "new%d", over ? 0 : i);
            close(opened(from[i]));
        }
        for (int i = 0; i < N; i++)
            if (!(child[i] = fork()))
                _exit(i || over ? rename(path(from[i]), path(to[i])) != 0
                                : unlink(path(from[i])) != 0);
        for (int i = 0; i < N; i++) {
            waitpid(child[i], &status, 0);
            won += status == 0;
            removed += i == 0 && status == 0 && !over;
        }
        for (int i = 0; i < N; i++)
            names += unlink(path(to[i])) == 0;
        if ((won != (over ? N : 1) || names != 1 - removed) && ++bad)
            printf("round %d: %d calls succeeded, %d names left\n", r, won,
                   names);
    }
    return bad;
}

static int allocated(int rounds)
{
    struct stat st;
    int bad = 0;
    dir = "/tmp";
    for (int r = 0; r < rounds; r++) {
        int fd = opened("allocated");
        pwrite(fd, "kept", 4, 20 * PAGE);
        pid_t child = fork();
        if (!child)
            _exit(fallocate(fd, 0, 0, 200 * PAGE) != 0);
        usleep((unsigned)rand() % 4000);
        ended(child);
        fstat(fd, &st);
        if (st.st_blocks != 8 && st.st_blocks != 1600 && ++bad)
            printf("round %d: %ld blocks\n", r, (long)st.st_blocks);
        close(fd);
    }
    return bad;
}

static int busy(int rounds)
{
    int bad = 0, p[2], in = open("/proc/self/exe", O_RDONLY);
    if (!rounds) /* the copy that runs */
        pause();
    int out = opened("program");
    sendfile(out, in, NULL, 8ul << 20);
    fchmod(out, 0700);
    close(out);
    for (int r = 0; r < rounds; r++) {
        pipe2(p, O_CLOEXEC);
        pid_t child = fork();
        if (!child) {
            execl(path("program"), "program", "busy", "0", NULL);
            write(p[1], "x", 1);
            _exit(0);
        }
        close(p[1]);
        usleep((unsigned)rand() % 20000);
        int fd = open(path("program"), O_WRONLY);
        if (read(p[0], page, 1) == 0 && fd >= 0 && ++bad)
            printf("round %d: a running program can be written\n", r);
        close(fd);
        close(p[0]);
        ended(child);
    }
    return bad;
}

static int mounted(int rounds)
{
    const char *const at[2] = {"m0", "m1"};
    int status;
    char name[40];
    /* Few names and inodes, so that idle ones are replaced soon. */
    int few = open("/proc/sys/ufs/ufs_ninode", O_WRONLY);
    int names = open("/proc/sys/ufs/ncsize", O_WRONLY);
    int drop = open("/proc/sys/vm/drop_caches", O_WRONLY);
    int bad = write(few, "40", 2) != 2 || write(names, "20", 2) != 2;
    pid_t other = fork();
    for (unsigned i = 0; !other; i++) {
        i % 2 ? sync() : (void)!write(drop, "2", 1);
        usleep(1000);
    }
    for (int r = 0; r < rounds; r++) {
        int won = 0, left = 0;
        pid_t child[2];
        for (int i = 0; i < 2; i++) {
            mkdir(path(at[i]), 0700);
            if (!(child[i] = fork()))
                _exit(mount("/dev/vdb", path(at[i]), "ext2", 0, "") != 0);
        }
        for (int i = 0; i < 2; i++) {
            waitpid(child[i], &status, 0);
            won += status == 0;
        }
        for (int i = 0; i < 20; i++) {
            snprintf(name, sizeof(name), "%s/%d", path(at[i % 2]), i);
            close(open(name, O_CREAT | O_RDWR, 0600));
        }
        for (int i = 0; i < 2; i++)
            left += umount(path(at[i])) == 0;
        if ((won != 1 || left != 1) && ++bad)
            printf("round %d: %d mounted, %d unmounted\n", r, won, left);
    }
    ended(other);
    return bad;
}

#define MIXED_MAX (256ul << 10)
static char copy[MIXED_MAX], got[MIXED_MAX];

/* Makes one change or check of the file and its copy of *size bytes. Returns 0
 * if they agree. */
static int mix(int fd, size_t *size, int op, char c)
{
    size_t at = (size_t)rand() % MIXED_MAX, n = 1 + (size_t)rand() % 20000;
    n = n < MIXED_MAX - at ? n : MIXED_MAX - at;
    if (op < 2) { /* write */
        memset(copy + at, c, n);
        if (pwrite(fd, copy + at, n, (long)at) != (long)n)
            return 1;
        *size = at + n > *size ? at + n : *size;
    } else if (op == 2) { /* cut, or grow */
        memset(copy + at, 0, MIXED_MAX - at);
        *size = at;
        return ftruncate(fd, (long)at);
    } else if (op < 5 && *size) { /* by a mapping */
        at %= *size;
        n = n < *size - at ? n : *size - at;
        size_t from = at & ~(PAGE - 1);
        char *m = mmap(NULL, at + n - from, RW, MAP_SHARED, fd, (long)from);
        int bad = memcmp(m + at - from, copy + at, n);
        if (op == 4) {
            memset(m + at - from, c, n);
            memset(copy + at, c, n);
            if (at + n == *size && *size % PAGE)
                m[at + n - from] = 'Z'; /* behind the file's end */
        }
        munmap(m, at + n - from);
        return bad;
    } else {
        long want = at < *size ? (long)(*size - at) : 0;
        want = want < (long)n ? want : (long)n;
        return pread(fd, got, n, (long)at) != want ||
               memcmp(got, copy + at, (size_t)want);
    }
    return 0;
}

static int mixed(int rounds)
{
    int bad = 0, fd = opened("mixed");
    size_t size = 0;
    pid_t other = fork();
    while (!other) {
        sync();
        usleep(2000);
        int drop = open("/proc/sys/vm/drop_caches", O_WRONLY);
        write(drop, "1", 1);
        close(drop);
    }
    for (int r = 0; r < rounds && !bad; r++)
        bad = mix(fd, &size, rand() % 7, (char)('a' + r % 26));
    ended(other);
    unlink(path("mixed"));
    return bad;
}

#define CUT_PAGES 4000
/* Every other page has other rights, so that each page has its own mapping. */
static void use_pages(int fd, unsigned seed)
{
    size_t length = CUT_PAGES * PAGE;
    for (int round = 0;; round++) {
        char *p =
            mmap(NULL, length, RW, round % 3 ? MAP_SHARED : MAP_PRIVATE, fd, 0);
        for (size_t i = 0; i < CUT_PAGES; i += 2)
            mprotect(p + i * PAGE, PAGE, PROT_READ);
        for (size_t i = seed; i < CUT_PAGES; i += 3)
            if (i % 2)
                p[i * PAGE] = (char)round;
        if (fork() == 0) {
            munmap(p + seed * 100 * PAGE, length / 2);
            _exit(0);
        }
        wait(NULL);
        mremap(p, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p + length - PAGE);
        munmap(p, length);
    }
}

static int cut(int rounds)
{
    int fd = opened("cut"), bad = 0, status;
    for (int r = 0; r < rounds; r++) {
        ftruncate(fd, CUT_PAGES * PAGE);
        for (unsigned i = 0; i < 4; i++)
            if (fork() == 0)
                use_pages(fd, i);
        usleep(20000);
        for (volatile long i = 0; i < r % 8 * 400000l; i++)
            ; /* so that the time slice ends early or late in ftruncate */
        ftruncate(fd, r % 2 ? CUT_PAGES * PAGE / 3 : 0);
        for (int i = 0; i < 4; i++)
            bad += wait(&status) < 0 || status != SIGBUS;
    }
    unlink(path("cut"));
    return bad;
}

/* ---- processes ---- */

static void read_all(pid_t pid, const char *name, int ready)
{
    char file[40], text[512];
    snprintf(file, sizeof file, "/proc/%d/%s", pid, name);
    int fd = open(file, O_RDONLY);
    write(ready, "x", 1);
    while (fd >= 0 && read(fd, text, sizeof text) > 0)
        ;
    close(fd);
}

/* The arguments of the process that is read lie in a mapped file, so that
 * reading them may wait for the disk. */
static int dying(int rounds, char *argument)
{
    char *at = (char *)(((unsigned long)argument + PAGE) & ~(PAGE - 1));
    static const char *const names[] = {"cmdline", "environ", "maps",   "smaps",
                                        "status",  "stat",    "cmdline"};
    for (int r = 0; r < rounds; r++) {
        int fd = opened("arguments"), up[2], down[2];
        for (int i = 0; i < 4; i++)
            write(fd, at, PAGE);
        pipe(up);
        pipe(down);
        pid_t dies = fork();
        if (!dies) {
            mmap(at, PAGE, PROT_READ, MAP_FIXED | MAP_PRIVATE, fd, 0);
            write(up[1], "x", 1);
            read(down[0], page, 1);
            usleep(r % 16 * 300);
            if (r % 2)
                execl("/bin/true", "true", (char *)NULL);
            _exit(0);
        }
        read(up[0], page, 1);
        pid_t reads = fork();
        if (!reads) {
            read_all(dies, names[r % 7], down[1]);
            _exit(0);
        }
        waitpid(dies, NULL, 0);
        waitpid(reads, NULL, 0);
        for (int i = 0; i < 2; i++) {
            close(up[i]);
            close(down[i]);
        }
        close(fd);
    }
    return 0;
}

/* Tells whether pread from `at` on returns the rest of the copied text. */
static int is_text(int fd, long at, long size)
{
    return pread(fd, got, PAGE, at) == size - at &&
           !memcmp(got, copy + at, (size_t)(size - at));
}

static int texts(int rounds)
{
    int bad = 0, status;
    for (int r = 0; r < rounds; r++) {
        int both = open("/proc/self/maps", O_RDONLY);
        long size = pread(open("/proc/self/maps", O_RDONLY), copy, PAGE, 0);
        if (!fork())
            _exit(!is_text(both, 0, size));
        bad += !is_text(both, 8, size);
        bad += wait(&status) < 0 || status;
    }
    return bad;
}

/* ---- mappings ---- */

static volatile int go, over, wrong;
static char *base;

static unsigned long stack_start(void)
{
    char line[256];
    unsigned long start = 0;
    FILE *f = fopen("/proc/self/maps", "r");
    while (f && fgets(line, sizeof line, f))
        if (strstr(line, "[stack]"))
            sscanf(line, "%lx", &start);
    fclose(f);
    return start;
}

static unsigned long low;
static void *unmaps(void *unused)
{
    while (!go)
        ;
    go = 2;
    munmap(base, low - (unsigned long)base);
    return unused;
}

static int stack(int rounds)
{
    size_t size = 8ul << 20;
    int bad = 0;
    for (int r = 0; r < rounds; r++) {
        int status;
        pid_t child = fork();
        if (!child) { /* new: its stack has not grown yet */
            pthread_t t;
            low = stack_start();
            base = (char *)(low - 0x200000 - size); /* far below: it grows */
            mmap(base, size, RW, ANON | MAP_FIXED, -1, 0);
            memset(base, 1, size);
            pthread_create(&t, NULL, unmaps, NULL);
            go = 1;
            while (go != 2)
                ;
            *(volatile char *)(low - 3 * PAGE) = 1;
            pthread_join(t, NULL);
            _exit(0);
        }
        waitpid(child, &status, 0);
        if (status && ++bad)
            printf("round %d: status %x\n", r, status);
    }
    return bad;
}

static void *touches(void *unused)
{
    while (!over)
        wrong |= touch(base, 0);
    return unused;
}

static int fixed(int rounds)
{
    size_t size = 2ul << 20;
    int bad = 0;
    pthread_t t;
    catch_faults();
    base = mmap(NULL, size, RW, ANON, -1, 0);
    pthread_create(&t, NULL, touches, NULL);
    for (int r = 0; r < rounds; r++) {
        wrong = 0;
        mprotect(base, PAGE, PROT_READ);
        memset(base + PAGE, 1, size - PAGE);
        mmap(base, size, RW, ANON | MAP_FIXED, -1, 0);
        if (wrong && ++bad)
            printf("round %d: signal %d\n", r, wrong);
    }
    over = 1;
    pthread_join(t, NULL);
    return bad;
}

/* Writes to the byte at base while another thread changes its mapping. */
static int stored;
static unsigned late; /* the store's delay in us */
static void *stores(void *unused)
{
    while (!go)
        usleep(500);
    go = 2;
    if (late)
        usleep(late);
    stored = !touch(base, 1);
    return unused;
}

static void begin_store(void)
{
    go = 1;
    while (go != 2)
        ;
    usleep((unsigned)rand() % 2000);
}

static int below(int rounds)
{
    size_t size = 4ul << 20;
    int bad = 0;
    catch_faults();
    for (int r = 0; r < rounds; r++) {
        pthread_t t; /* made first, so that its stack lies elsewhere */
        go = 0;
        pthread_create(&t, NULL, stores, NULL);
        char *area = mmap(NULL, 2 * size, PROT_NONE, ANON, -1, 0);
        munmap(area, 2 * size);
        char *m = mmap(area + size, size, RW, ANON | MAP_GROWSDOWN | MAP_FIXED,
                       -1, 0);
        memset(m, 1, size);
        base = m - 8;
        late = (unsigned)rand() % 2000;
        begin_store();
        munmap(m, size / 2);
        pthread_join(t, NULL);
        if (stored && (touch(base, 0) || *base != 1) && ++bad)
            printf("round %d: a page that the stack grew by is gone\n", r);
        munmap(area, 2 * size);
    }
    return bad;
}

static int written_and_read(int fd)
{
    int bad = 0, status;
    for (char c = 'B'; c < 'I'; c++) {
        unsigned late = (unsigned)rand() % 400;
        char got = 0;
        ftruncate(fd, 0);
        ftruncate(fd, PAGE);
        memset(page, c, PAGE);
        if (!fork()) {
            usleep(late);
            pread(fd, &got, 1, 0);
            _exit(got && got != c);
        }
        pwrite(fd, page, PAGE, 0);
        bad += wait(&status) < 0 || status;
    }
    return bad;
}

static int unwritten(int rounds)
{
    int bad = 0;
    catch_faults();
    for (int r = 0; r < rounds; r++) {
        int fd = opened("secret"), drop, old = 0;
        pthread_t t;
        memset(page, 'S', PAGE);
        for (int i = 0; i < 6; i++)
            write(fd, page, PAGE);
        fsync(fd);
        close(fd);
        unlink(path("secret"));
        sync(); /* the blocks are free only now */
        fd = opened("unwritten");
        ftruncate(fd, PAGE);
        base = mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0);
        for (int i = r % 8; i > 1; i--) {
            go = 0;
            pthread_create(&t, NULL, stores, NULL);
            begin_store();
            if (i > 2) {
                ftruncate(fd, 0);
                ftruncate(fd, PAGE);
            } else
                munmap(base, PAGE);
            pthread_join(t, NULL);
            pread(fd, page, PAGE, 0);
            old += (int)PAGE - not_of(page, PAGE, 'S');
        }
        munmap(base, PAGE);
        if (r % 8 == 1)
            pwrite(fd, base, 100, 0);
        else if (r % 8 == 0)
            old = written_and_read(fd);
        sync();
        write(drop = open("/proc/sys/vm/drop_caches", O_WRONLY), "1", 1);
        close(drop);
        pread(fd, page, PAGE, 0);
        old += (int)PAGE - not_of(page, PAGE, 'S');
        if (old && ++bad)
            printf("round %d: %d old bytes\n", r, old);
        close(fd);
        unlink(path("unwritten"));
    }
    return bad;
}

static int protect(int rounds)
{
    size_t size = 8ul << 20;
    int bad = 0;
    catch_faults();
    for (int r = 0; r < rounds; r++) {
        int fd = opened("protected");
        pthread_t t;
        go = 0;
        pthread_create(&t, NULL, stores, NULL);
        ftruncate(fd, (long)size);
        base = mmap(NULL, size, RW, MAP_SHARED, fd, 0);
        for (size_t i = 0; i < size; i += 1ul << 20)
            touch(base + i, 0);
        begin_store();
        mprotect(base, size, PROT_READ);
        pthread_join(t, NULL);
        if (!touch(base, 1) && ++bad)
            printf("round %d: a page of a read-only mapping is written\n", r);
        munmap(base, size);
        close(fd);
    }
    return bad;
}

#define MOVED (300 * PAGE)
static void *touches_both(void *other)
{
    while (!over)
        for (size_t at = 0; at < MOVED; at += 7 * PAGE) {
            touch(base + at + 1, 1);
            touch((char *)other + at + 1, 1);
        }
    return NULL;
}

static int moved(int rounds)
{
    int bad = 0, reserve = PROT_NONE;
    pthread_t t;
    catch_faults();
    char *home[2];
    base = home[0] = mmap(NULL, MOVED, RW, ANON, -1, 0);
    home[1] = mmap(NULL, MOVED, reserve, ANON, -1, 0);
    for (size_t i = 0; i < MOVED / PAGE; i++)
        base[i * PAGE] = (char)i;
    pthread_create(&t, NULL, touches_both, home[1]);
    for (int r = 0; r < rounds; r++) {
        char *from = home[r % 2], *to = home[!(r % 2)];
        pid_t child = fork();
        if (!child)
            _exit(0);
        int lost =
            mremap(from, MOVED, MOVED, MREMAP_MAYMOVE | MREMAP_FIXED, to) != to;
        mmap(from, MOVED, reserve, ANON | MAP_FIXED, -1, 0);
        for (size_t i = 0; i < MOVED / PAGE; i++)
            lost += to[i * PAGE] != (char)i;
        waitpid(child, NULL, 0);
        if (lost && ++bad)
            printf("round %d: %d pages lost\n", r, lost);
    }
    over = 1;
    pthread_join(t, NULL);
    return bad;
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    const char *claim = argv[1];
    int rounds = atoi(argv[2]), bad = -1;
    dir = argc > 3 ? argv[3] : dir;
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (!strcmp(claim, "dying") && argc < 5) { /* add a long argument */
        static char much[5 * PAGE];
        memset(much, 'a', sizeof much - 1);
        execl("/proc/self/exe", argv[0], claim, argv[2], dir, much, NULL);
        return 2;
    }
#define CLAIM(name, run) bad = strcmp(claim, name) ? bad : run(rounds)
    CLAIM("append", append), CLAIM("truncate", truncated);
    CLAIM("unwritten", unwritten), CLAIM("allocated", allocated);
    CLAIM("cut", cut), CLAIM("mixed", mixed), CLAIM("mounted", mounted);
    CLAIM("renamed", renamed), CLAIM("busy", busy), CLAIM("stack", stack);
    CLAIM("below", below), CLAIM("fixed", fixed);
    CLAIM("protect", protect), CLAIM("moved", moved);
    CLAIM("text", texts);
    bad = strcmp(claim, "dying") ? bad : dying(rounds, argv[4]);
    bad = bad < 0 ? run_call(claim, rounds) : bad;
    printf("%s: %d rounds, %d wrong\n", claim, rounds, bad);
    return bad != 0;
}
