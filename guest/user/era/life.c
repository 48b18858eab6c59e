/* SPDX-License-Identifier: MIT */
/* life FILE: five processes that take one frame through the life of a page
 * (requirements 003-12 ... 003-17; tools/experiments/page-life.ch explains it).
 * Each line on standard input starts one scene:
 *
 *   1  DATA has 256 pages of its own; page 100 is the page of the story. HOG
 *      makes memory short, DATA uses the page for 5 s and then leaves it alone
 *   2  HOG ends; DATA reads the page, and page 10, which has been left alone
 *      for longer; the main program uses half of FILE's pages, as its text
 *   3  DATA ends; the main program uses every page of FILE
 *   4  FRIEND, another process, uses every page of FILE, too
 *   5  PATCHER maps FILE privately and writes every page
 *   6  all end
 *
 * life -w FILE: writes every page of the file itself, through a mapping.
 *
 * While DATA fills its pages the main program takes frames in turns with it,
 * and locks its own: so the frames that DATA gives back have no free
 * neighbours, and are the next to be allocated. */
#include "lib/work.h"

#define PAGES   256ul
#define ONE     100ul
#define OTHER   10ul
#define DATA_AT 0x1000000000ul /* the same in every run */
#define FILE_AT 0x1100000000ul

enum role { DATA, HOG, FRIEND, PATCHER, ROLES };
static int there[ROLES][2], back[ROLES][2]; /* pipes */
static s64 pids[ROLES];
static const char *path;
static u64 sum;

static void pass(int fd)
{
    char c = 0;
    if (write(fd, &c, 1) != 1)
        cannot("life: pipe", -1);
}

static void await(int fd)
{
    char c;
    if (read(fd, &c, 1) != 1)
        cannot("life: pipe", -1);
}

static void line(void)
{
    char c;
    do
        if (read(0, &c, 1) != 1)
            cannot("life: input", -1);
    while (c != '\n');
}

static char *map(u64 at, u64 bytes, int prot, int flags, int fd)
{
    char *got = mmap((void *)at, bytes, prot, flags | MAP_FIXED, fd, 0);
    if (is_error(got))
        cannot("life: mmap", (s64)got);
    return got;
}

static char *map_file(int prot, int flags, u64 *bytes)
{
    s64 fd = open(path, O_RDWR, 0);
    s64 size = fd < 0 ? fd : SYS3(__NR_lseek, fd, 0, 2);
    if (size <= 0)
        cannot(path, size);
    *bytes = (u64)size;
    return map(FILE_AT, *bytes, prot, flags, (int)fd);
}

static char *own_memory(void)
{
    return map(DATA_AT, PAGES * PAGE, PROT_READ | PROT_WRITE,
               MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

static void use(const char *at, u64 bytes)
{
    for (u64 p = 0; p < bytes; p += PAGE)
        sum += (u8)at[p];
}

static void change(char *at, u64 bytes)
{
    for (u64 p = 0; p < bytes; p += PAGE)
        at[p]++;
}

/* ---- the roles: a byte starts each step, another byte answers ---- */

static void data(int in, int out)
{
    char *mine = own_memory(), *one = mine + ONE * PAGE;
    bool good = true;
    for (u64 p = 0; p < PAGES; p++) {
        await(in);
        page_fill(mine + p * PAGE, p, 1);
        pass(out);
    }
    await(in);
    for (int i = 0; i < 250; i++) {
        s64 t[2] = {0, 20000000};
        good &= page_holds(one, ONE, 1);
        SYS2(__NR_nanosleep, t, NULL);
    }
    pass(out);
    await(in);
    good &= page_holds(one, ONE, 1);
    printf("life: the page is %s\n", good ? "as it was" : "WRONG");
    good = page_holds(mine + OTHER * PAGE, OTHER, 1);
    printf("life: the other one is %s\n", good ? "as it was" : "WRONG");
    pass(out);
    await(in);
}

/* Writes one and a half times RAM, again and again, until it is killed. */
static void hog(void)
{
    u64 bytes = ram_bytes() / 2 * 3 & -PAGE;
    char *at = mmap(0, bytes, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (is_error(at))
        cannot("life: mmap", (s64)at);
    for (u64 n = 0;; n = (n + PAGE) % bytes)
        at[n]++;
}

static void play(enum role role)
{
    int in = there[role][0], out = back[role][1];
    u64 bytes;
    if (role == DATA) {
        data(in, out);
        return;
    }
    await(in);
    if (role == HOG)
        hog();
    if (role == FRIEND) {
        char *at = map_file(PROT_READ | PROT_EXEC, MAP_PRIVATE, &bytes);
        use(at, bytes);
    } else {
        char *at = map_file(PROT_READ | PROT_WRITE, MAP_PRIVATE, &bytes);
        change(at, bytes);
    }
    pass(out);
    await(in);
}

static void cast(void)
{
    for (int r = 0; r < ROLES; r++)
        if (SYS2(__NR_pipe2, there[r], 0) || SYS2(__NR_pipe2, back[r], 0))
            cannot("life: pipe", -1);
    for (int r = 0; r < ROLES; r++) {
        pids[r] = fork();
        if (pids[r] < 0)
            cannot("life: fork", pids[r]);
        if (!pids[r]) {
            play((enum role)r);
            exit(0);
        }
    }
}

static void call(enum role r)
{
    pass(there[r][1]);
    await(back[r][0]);
}

static void end(enum role r)
{
    pass(there[r][1]);
    wait4(pids[r], NULL, 0);
}

static void scenes(void)
{
    u64 bytes;
    char *file = map_file(PROT_READ | PROT_EXEC, MAP_PRIVATE, &bytes);
    SYS2(__NR_mlock, file, PAGE); /* makes the mapping's page table now */
    line();
    pass(there[HOG][1]);
    call(DATA);
    printf("life: the page is left alone\n");
    line();
    SYS2(__NR_kill, pids[HOG], SIGKILL);
    wait4(pids[HOG], NULL, 0);
    call(DATA);
    /* Uses half of the text now: the kernel allocates its own memory for the
     * text's pages here, so that it does not take the story's frame later. */
    use(file, bytes / 2);
    line();
    end(DATA);
    use(file, bytes);
    printf("life: %lu pages of code are in use\n", bytes / PAGE);
    line();
    call(FRIEND);
    printf("life: by two\n");
    line();
    call(PATCHER);
    printf("life: the patcher has its own\n");
    line();
    end(FRIEND);
    end(PATCHER);
}

int main(int argc, char **argv)
{
    u64 bytes;
    if (argc == 3 && !strcmp(argv[1], "-w")) {
        path = argv[2];
        char *at = map_file(PROT_READ | PROT_WRITE, MAP_SHARED, &bytes);
        change(at, bytes);
        printf("life: changed %lu pages of the file\n", bytes / PAGE);
        return 0;
    }
    if (argc != 2) {
        fprintf_fd(2, "usage: life [-w] FILE\n");
        return 2;
    }
    path = argv[1];
    cast();
    char *mine = own_memory();
    for (u64 p = 0; p < PAGES; p++) {
        call(DATA);
        page_fill(mine + p * PAGE, p, 0);
    }
    s64 err = SYS1(__NR_mlockall, 1); /* MCL_CURRENT */
    if (err)
        cannot("life: mlockall", err);
    printf("life: %lu pages; page %lu is the one\n", PAGES, ONE);
    scenes();
    return 0;
}
