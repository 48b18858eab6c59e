/* SPDX-License-Identifier: MIT */
/* play FILE|- --frames N [-v]: plays a reference string with at most N frames.
 *
 * FILE has one page number a line, with `w` after it for a write; # begins a
 * comment. (vmsim reads the same format; lines that begin with ! are skipped.)
 * Each page is touched in turn, and the kernel chooses the victims: everything
 * else of this program is locked into memory, and its RLIMIT_RSS leaves room
 * for N more pages. Prints the number of references, and how many of them found
 * their page not in memory. -v: a line for each reference, with the pages in
 * memory after it.
 *
 * A page is written when it is first touched, with its number + 1, and must
 * hold that ever after. Exit status 1: a page was wrong; 2: a call failed. */
#include "lib/work.h"

#define MAX_REFS  (1u << 20)
#define MAX_PAGES (1u << 16)
#define SLOTS     (2 * MAX_PAGES) /* of the hash from numbers to places */
#define WRITES    (1u << 31)      /* flag in `refs`; other bits: a place */

static u32 *refs;   /* each reference, as its page's place | WRITES */
static u64 *number; /* the page's number; the index is its place */
static u32 *hash;   /* place + 1, 0: none */
static u8 *seen;    /* by place: the page was touched before */
static u32 nrefs, npages, wrong;
static u8 in_memory[MAX_PAGES];

static void *memory(u64 bytes)
{
    void *p = need_mapping(anonymous(bytes, MAP_PRIVATE), "play: memory");
    return p;
}

static u32 place_of(u64 page)
{
    u32 slot = (u32)mix(page) % SLOTS;
    for (; hash[slot]; slot = (slot + 1) % SLOTS)
        if (number[hash[slot] - 1] == page)
            return hash[slot] - 1;
    if (npages == MAX_PAGES)
        cannot("play: too many pages", 0);
    number[npages] = page;
    hash[slot] = ++npages;
    return npages - 1;
}

/* ---- the string ---- */

static int input;

static int next_char(void)
{
    static char buffer[PAGE];
    static s64 n, at;
    if (at == n) {
        n = read(input, buffer, sizeof buffer);
        at = 0;
    }
    if (n < 0)
        cannot("play: read", n);
    return n ? (u8)buffer[at++] : -1;
}

/* Copies the start of the next line, without its comment; false: no more lines.
 */
static bool next_line(char *line, u32 size)
{
    u32 n = 0;
    bool comment = false;
    int c = next_char();
    if (c < 0)
        return false;
    for (; c >= 0 && c != '\n'; c = next_char()) {
        comment |= c == '#';
        if (!comment && n < size - 1)
            line[n++] = (char)c;
    }
    line[n] = '\0';
    return true;
}

static const char *skip_blanks(const char *p)
{
    while (*p == ' ' || *p == '\t' || *p == '\r')
        p++;
    return p;
}

static void take_line(const char *line, u32 n)
{
    const char *p = skip_blanks(line);
    u64 page = 0;
    if (!*p || *p == '!')
        return;
    const char *digits = p;
    for (; *p >= '0' && *p <= '9'; p++)
        page = page * 10 + (u64)(*p - '0');
    bool some = p > digits, writes = false;
    p = skip_blanks(p);
    if (*p == 'w') {
        writes = true;
        p = skip_blanks(p + 1);
    }
    if (!some || *p) {
        fprintf_fd(2, "play: line %u: not a page number: %s\n", n, line);
        exit(2);
    }
    if (nrefs == MAX_REFS)
        cannot("play: too many references", 0);
    refs[nrefs++] = place_of(page) | (writes ? WRITES : 0);
}

static void read_string(const char *file)
{
    char line[80];
    s64 fd = strcmp(file, "-") ? open(file, O_RDONLY, 0) : 0;
    if (fd < 0)
        cannot(file, fd);
    input = (int)fd;
    refs = memory(MAX_REFS * sizeof *refs);
    number = memory(MAX_PAGES * sizeof *number);
    hash = memory(SLOTS * sizeof *hash);
    for (u32 n = 1; next_line(line, sizeof line); n++)
        take_line(line, n);
    munmap(hash, SLOTS * sizeof *hash);
    seen = memory(npages + PAGE);
}

/* ---- the frames ---- */

static u64 whole_pages(u64 bytes)
{
    return (bytes + PAGE - 1) / PAGE * PAGE;
}

/* Unmaps the pages of [p, p + all) after its first `used` bytes. */
static void cut(void *p, u64 used, u64 all)
{
    u64 keep = whole_pages(used);
    if (keep < all)
        munmap((char *)p + keep, all - keep);
}

static u64 resident(void)
{
    char text[80] = "";
    s64 fd = open("/proc/self/statm", O_RDONLY, 0);
    if (fd < 0 || read((int)fd, text, sizeof text - 1) <= 0)
        cannot("play: /proc/self/statm", fd);
    close((int)fd);
    char *second = strstr(text, " ");
    return second ? strtou(second + 1) : 0;
}

static void limit_to(u64 pages)
{
    u64 limit[2] = {pages * PAGE, ~0ul};
    s64 err = SYS4(__NR_prlimit64, 0, RLIMIT_RSS, limit, 0);
    if (err)
        cannot("play: setrlimit", err);
}

/* Locks all pages of the process so far; leaves room for `frames` more. */
static void leave_room(u32 frames)
{
    cut(refs, nrefs * sizeof *refs, MAX_REFS * sizeof *refs);
    cut(number, npages * sizeof *number, MAX_PAGES * sizeof *number);
    s64 err = SYS1(__NR_mlockall, MCL_CURRENT);
    if (err)
        cannot("play: mlockall", err);
    resident(); /* brings in the pages that it needs */
    limit_to(resident() + frames);
}

static bool present(const char *area, u32 place)
{
    u8 there = 0;
    s64 err = SYS3(__NR_mincore, area + place * PAGE, PAGE, &there);
    if (err)
        cannot("play: mincore", err);
    return there & 1;
}

static void touch(char *area, u32 ref)
{
    u32 place = ref & ~WRITES;
    volatile u64 *word = (volatile u64 *)(area + place * PAGE);
    if (!seen[place] || (ref & WRITES))
        *word = number[place] + 1;
    else
        wrong += *word != number[place] + 1;
    seen[place] = 1;
}

static void show(const char *area, u32 ref, bool faulted)
{
    u32 place = ref & ~WRITES;
    s64 err = SYS3(__NR_mincore, area, npages * PAGE, in_memory);
    if (err)
        cannot("play: mincore", err);
    printf("%4lu%s %s  in memory:", number[place], ref & WRITES ? "w" : " ",
           faulted ? "fault" : "     ");
    for (u32 i = 0; i < npages; i++)
        if (in_memory[i] & 1)
            printf(" %lu", number[i]);
    printf("\n");
}

int main(int argc, char **argv)
{
    const char *file = NULL;
    u64 frames = 0, faults = 0;
    bool verbose = false;
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--frames") && i + 1 < argc)
            frames = number_arg(argv[++i]);
        else if (!strcmp(argv[i], "-v"))
            verbose = true;
        else if (!file)
            file = argv[i];
        else
            frames = 0, i = argc;
    }
    if (!file || !frames || frames > MAX_PAGES)
        cannot("usage: play FILE|- --frames N [-v]", 0);
    read_string(file);
    leave_room((u32)frames);
    char *area = memory(npages ? npages * PAGE : PAGE);
    for (u32 i = 0; i < nrefs; i++) {
        bool there = present(area, refs[i] & ~WRITES);
        touch(area, refs[i]);
        faults += !there;
        if (verbose)
            show(area, refs[i], !there);
    }
    limit_to(~0ul / PAGE);
    SYS0(__NR_munlockall);
    printf("references %u\nfaults %lu\n", nrefs, faults);
    if (wrong)
        fprintf_fd(2, "play: %u pages were wrong\n", wrong);
    return wrong != 0;
}
