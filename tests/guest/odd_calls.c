/* SPDX-License-Identifier: MIT */
/* Makes each system call of a table with odd arguments: one or two of them
 * differ from usual ones. odd.t runs this program on the host and in the guest,
 * and compares every result. Arguments: a directory to work in; perhaps the
 * name of one call. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include "says.h"

#define PAGE 4096l

/* ---- odd values, by kind of argument; the first is the usual one ---- */

struct value {
    const char *name;
    long v;
};
static char *mem; /* two pages, of which the second is not mapped */
static char name_long[300];
#define BAD 16 /* no address of the program's */

enum { FILE_R = 20, FILE_W, DIRECTORY, PIPE_R, PIPE_W, ZERO, PATH, CLOSED };

static struct value kinds[128][24] = {
    ['f'] = {{"file", FILE_R},
             {"write-only", FILE_W},
             {"dir", DIRECTORY},
             {"pipe0", PIPE_R},
             {"pipe1", PIPE_W},
             {"/dev/zero", ZERO},
             {"O_PATH", PATH},
             {"closed", CLOSED},
             {"-1", -1},
             {"AT_FDCWD", AT_FDCWD},
             {"2^31-1", INT_MAX}},
    ['w'] = {{"write-only", FILE_W},
             {"file", FILE_R},
             {"dir", DIRECTORY},
             {"pipe0", PIPE_R},
             {"pipe1", PIPE_W},
             {"/dev/zero", ZERO},
             {"O_PATH", PATH},
             {"closed", CLOSED},
             {"-1", -1}},
    ['d'] = {{"AT_FDCWD", AT_FDCWD},
             {"dir", DIRECTORY},
             {"file", FILE_R},
             {"O_PATH", PATH},
             {"closed", CLOSED},
             {"-1", -1},
             {"pipe0", PIPE_R}},
    ['n'] = {{"8", 8},
             {"0", 0},
             {"1", 1},
             {"4096", 4096},
             {"-1", -1},
             {"2^31", 1l << 31},
             {"2^62", 1l << 62}},
    ['o'] = {{"0", 0},
             {"1", 1},
             {"4096", 4096},
             {"-1", -1},
             {"2^40", 1l << 40},
             {"max", LONG_MAX},
             {"min", LONG_MIN}},
    ['i'] = {{"0", 0},
             {"1", 1},
             {"2", 2},
             {"3", 3},
             {"4", 4},
             {"5", 5},
             {"-1", -1},
             {"100", 100},
             {"2^31-1", INT_MAX},
             {"-2^31", INT_MIN}},
    ['b'] = {{"0", 0},
             {"1", 1},
             {"2", 2},
             {"4", 4},
             {"8", 8},
             {"0x10", 16},
             {"0x20", 32},
             {"0x40", 64},
             {"0x80", 128},
             {"0x100", 256},
             {"0x200", 512},
             {"0x400", 1024},
             {"0x800", 2048},
             {"0x1000", 4096},
             {"0x2000", 8192},
             {"0x8000", 32768},
             {"-1", -1},
             {"2^31", 1l << 31}},
    ['s'] = {{"SIGUSR1", 10},
             {"0", 0},
             {"-1", -1},
             {"SIGKILL", 9},
             {"SIGSTOP", 19},
             {"32", 32},
             {"64", 64},
             {"65", 65},
             {"2^31-1", INT_MAX}},
    ['P'] = {{"none", 999999},
             {"0", 0},
             {"-999999", -999999},
             {"2^31-1", INT_MAX},
             {"-2^31", INT_MIN}},
    ['m'] = {{"0600", 0600},
             {"0", 0},
             {"07777", 07777},
             {"-1", -1},
             {"S_IFREG", S_IFREG | 0600},
             {"S_IFIFO", S_IFIFO | 0600},
             {"S_IFDIR", S_IFDIR | 0600},
             {"S_IFCHR", S_IFCHR | 0600}},
    ['c'] = {{"0", 0},
             {"1", 1},
             {"2", 2},
             {"3", 3},
             {"4", 4},
             {"5", 5},
             {"6", 6},
             {"7", 7},
             {"9", 9},
             {"10", 10},
             {"11", 11},
             {"12", 12},
             {"13", 13},
             {"14", 14},
             {"-1", -1}},
    ['C'] = {{"0", 0},
             {"1", 1},
             {"4", 4},
             {"5", 5},
             {"7", 7},
             {"10", 10},
             {"100", 100},
             {"2^31-1", INT_MAX}},
    ['e'] = {{"0", 0}, {"1", 1}, {"8", 8}, {"2^31", 1l << 31}},
    ['x'] = {{"0", 0}, {"1", 1}, {"4", 4}, {"8", 8}, {"2^31", 1l << 31}},
    ['r'] = {{"7", 7},
             {"1", 1},
             {"2", 2},
             {"3", 3},
             {"16", 16},
             {"-1", -1},
             {"100", 100},
             {"2^31-1", INT_MAX}},
    ['k'] = {{"0x5413", 0x5413},
             {"0", 0},
             {"0x541b", 0x541b},
             {"0x5421", 0x5421},
             {"0x5451", 0x5451},
             {"-1", -1}},
};

static void fill_kinds(void)
{
    long page = (long)mem;
    memset(name_long, 'a', 256);
    struct value buffers[] = {{"buf", page},
                              {"NULL", 0},
                              {"bad", BAD},
                              {"kernel", LONG_MIN},
                              {"end", page + PAGE - 4},
                              {"odd", page + 1}};
    memcpy(kinds['p'], buffers, sizeof buffers); /* a pointer */
    struct value paths[] = {{"f", (long)"f"},
                            {"d", (long)"d"},
                            {"new", (long)"new"},
                            {"f/", (long)"f/"},
                            {"d/", (long)"d/"},
                            {"new/", (long)"new/"},
                            {"\"\"", (long)""},
                            {"link", (long)"link"},
                            {"link/", (long)"link/"},
                            {"loop", (long)"loop"},
                            {"f/x", (long)"f/x"},
                            {"d/x", (long)"d/x"},
                            {".", (long)"."},
                            {"d/.", (long)"d/."},
                            {"d/..", (long)"d/.."},
                            {"/", (long)"/"},
                            {"long", (long)name_long},
                            {"NULL", 0},
                            {"bad", BAD},
                            {"dangling", (long)"dangling"},
                            {"fifo", (long)"fifo"}};
    memcpy(kinds['t'], paths, sizeof paths);
    struct value times[] = {{"{0,0}", page + 64},     {"NULL", 0},
                            {"{0,-1}", page + 80},    {"{-1,0}", page + 96},
                            {"{0,10^9}", page + 112}, {"bad", BAD}};
    memcpy(kinds['T'], times, sizeof times);
    struct value lengths[] = {{"page", PAGE},     {"0", 0},
                              {"1", 1},           {"-1", -1},
                              {"2^47", 1l << 47}, {"2^63", LONG_MIN}};
    memcpy(kinds['l'], lengths, sizeof lengths);
    memcpy(kinds['L'], lengths, sizeof lengths - 2 * sizeof *lengths);
    struct value areas[] = {{"page", page},        {"NULL", 0},
                            {"odd", page + 1},     {"kernel", LONG_MIN},
                            {"hole", page + PAGE}, {"-page", -PAGE}};
    memcpy(kinds['a'], areas, sizeof areas);
}

/* ---- the calls: a letter of `args` is an argument's kind ---- */

static const struct call {
    const char *name;
    int nr;
    const char *args;
    bool address; /* the result varies if it is no error */
} calls[] = {
#define C(name, args) {#name, SYS_##name, args, false},
#define A(name, args) {#name, SYS_##name, args, true},
#include "odd_calls.def"
};

static int removed(const char *path, const struct stat *st, int kind,
                   struct FTW *ftw)
{
    (void)st, (void)kind;
    if (ftw->level && remove(path) && kind != FTW_DNR)
        perror(path);
    return 0;
}

static int base; /* the directory to work in, whose rights a call may change */

static void make_names(void)
{
    fchmod(base, 0777);
    for (const char *const *p = (const char *[]){"d", "f", "new", NULL}; *p;
         p++)
        chmod(*p, 0700); /* a directory may have each of these names */
    nftw(".", removed, 20, FTW_DEPTH | FTW_PHYS);
    mkdir("d", 0700);
    int fd = open("f", O_RDWR | O_CREAT | O_TRUNC, 0600);
    for (int i = 0; i < 625; i++)
        if (write(fd, "0123456789abcdef", 16) != 16)
            _exit(4);
    close(fd);
    close(open("d/x", O_RDWR | O_CREAT, 0600));
    (void)!symlink("f", "link");
    (void)!symlink("loop", "loop");
    (void)!symlink("nowhere", "dangling");
    mkfifo("fifo", 0600);
}

static void put(int fd, int at)
{
    dup2(fd, at);
    close(fd);
}

static void open_all(void)
{
    int p[2];
    put(open("f", O_RDONLY), FILE_R);
    put(open("f", O_WRONLY), FILE_W);
    put(open("d", O_RDONLY), DIRECTORY);
    if (pipe2(p, O_NONBLOCK))
        _exit(4);
    put(p[0], PIPE_R);
    put(p[1], PIPE_W);
    put(open("/dev/zero", O_RDWR), ZERO);
    put(open("f", O_PATH), PATH);
    close(CLOSED);
}

static void fill_memory(void)
{
    mmap(mem, PAGE, PROT_READ | PROT_WRITE,
         MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    munmap(mem + PAGE, PAGE);
    long *t = (long *)(mem + 64);
    t[3] = -1;
    t[4] = -1;
    t[7] = 1000000000;
}

static void one(const struct call *c, const struct value **v)
{
    long a[6] = {0};
    char what[200];
    size_t at = (size_t)snprintf(what, sizeof what, "%s(", c->name);
    for (int i = 0; c->args[i]; i++) {
        a[i] = v[i]->v;
        at += (size_t)snprintf(what + at, sizeof what - at, "%s%s",
                               i ? ", " : "", v[i]->name);
    }
    snprintf(what + at, sizeof what - at, ")");
    long r = syscall(c->nr, a[0], a[1], a[2], a[3], a[4], a[5]);
    if (c->address)
        ok(what, r);
    else
        say(what, r);
    fflush(stdout);
}

static bool changes_names(const struct call *c)
{
    return strchr(c->args, 't') || strchr(c->args, 'w') ||
           strstr(c->name, "fch");
}

/* Makes one call in a child, so that nothing that it does stays. */
static void probe(const struct call *c, const struct value **v)
{
    int status;
    if (changes_names(c))
        make_names();
    fflush(stdout);
    pid_t pid = fork();
    if (!pid) {
        setpgid(0, 0);
        open_all();
        fill_memory();
        signal(SIGPIPE, SIG_IGN);
        ualarm(200000, 0);
        one(c, v);
        _exit(0);
    }
    waitpid(pid, &status, WUNTRACED);
    bool stopped = WIFSTOPPED(status);
    if (stopped) {
        kill(pid, SIGKILL);
        waitpid(pid, &status, 0);
    }
    if (WIFSIGNALED(status)) {
        printf("%s(", c->name);
        for (int i = 0; c->args[i]; i++)
            printf("%s%s", i ? ", " : "", v[i]->name);
        printf("): %s\n", stopped ? "stopped" : sigabbrev_np(WTERMSIG(status)));
    }
}

static void odd(const struct call *c)
{
    const struct value *v[6];
    int n = (int)strlen(c->args);
    for (int i = 0; i < n; i++)
        v[i] = kinds[(int)c->args[i]];
    probe(c, v);
    for (int i = 0; i < n; i++) {
        const struct value *usual = v[i];
        while ((++v[i])->name)
            probe(c, v);
        v[i] = usual;
    }
    for (int i = 0; i < n; i++)
        for (int k = i + 1; k < n; k++) {
            const struct value *ui = v[i], *uk = v[k];
            for (v[i] = ui + 1; v[i]->name; v[i]++)
                for (v[k] = uk + 1; v[k]->name; v[k]++)
                    if (((v[i] - ui) * 7 + (v[k] - uk) * 3 + i + k) % 5 == 0)
                        probe(c, v);
            v[i] = ui;
            v[k] = uk;
        }
}

int main(int argc, char **argv)
{
    struct rlimit files = {1024, 1024};
    umask(022);
    setrlimit(RLIMIT_NOFILE, &files);
    /* An address that both kinds of machine have. */
    mem = mmap((void *)0x1000000000, 2 * PAGE, PROT_READ | PROT_WRITE,
               MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    fill_kinds();
    syscall(SYS_close_range, 3, ~0u, 0);
    base = argc < 2 ? -1 : fcntl(open(argv[1], O_RDONLY), F_DUPFD, 100);
    close(3);
    if (base < 0 || fchdir(base))
        return 1;
    make_names();
    for (unsigned i = 0; i < sizeof calls / sizeof *calls; i++)
        if (argc < 3 || !strcmp(argv[2], calls[i].name))
            odd(&calls[i]);
    puts("end");
    return 0;
}
