/* SPDX-License-Identifier: MIT */
/* pollute HOT FILE K [SEED]: does reading a big file once push out pages that
 * are in use? HOT (a size) of memory is used over and over, at random (SEED,
 * default 42); then FILE is read from end to end, and after every K pages of it
 * one hot page is used; then every hot page once more. Prints
 *
 *   pollute: H hot pages: D came back from disk during, A after; S frames
 *   taken, R of them wanted again within H uses, P% taken rightly
 *
 * D counts major faults of hot pages while the file was read, A those at the
 * end. Each is a page that was taken although it was needed again. Taking a
 * page was wrong (R) if the page is used again within H uses, the average
 * distance between two uses of a hot page. Residence is checked (mincore) after
 * every 16 uses, so R is exact to 16 uses. S counts the frames taken while the
 * file was read; P is the share of S not in R. Each use checks the word. */
#include "lib/work.h"

#define MOST 4096 /* hot pages */
#define LOOK 16   /* uses */
#define HERE (~0ull)

static u64 wrong, n, uses, soon;
static u64 gone_at[MOST]; /* `uses` when seen gone; HERE: in memory */

static u64 counter(const char *name)
{
    return (u64)proc_number("/proc/vmstat", name);
}

static u64 steals(void)
{
    return counter("dfree");
}

static u64 majors(void)
{
    s64 r[18];
    SYS2(__NR_getrusage, 0, r);
    return (u64)r[9];
}

/* Uses a hot page; returns its major faults, 1 if it was not in memory. */
static u64 use(const char *hot, u64 i)
{
    u64 before = majors();
    if (*(const volatile u64 *)(hot + i * PAGE) != mix(i))
        wrong++;
    return majors() - before;
}

/* Notes the pages that have gone since the last look. */
static void look(const char *hot)
{
    static u8 there[MOST];
    s64 err = SYS3(__NR_mincore, hot, n * PAGE, there);
    if (err)
        cannot("mincore", err);
    for (u64 i = 0; i < n; i++)
        if (there[i] & 1)
            gone_at[i] = HERE;
        else if (gone_at[i] == HERE)
            gone_at[i] = uses;
}

/* As use(), while the file is read; `soon` counts the missing pages that were
 * taken at most n uses ago, among them those that went since the last look. */
static u64 use_again(const char *hot, u64 i)
{
    u64 came = use(hot, i);
    soon += came && (gone_at[i] == HERE || uses - gone_at[i] <= n);
    gone_at[i] = HERE;
    if (++uses % LOOK == 0)
        look(hot);
    return came;
}

int main(int argc, char **argv)
{
    static char page[PAGE];
    if (argc != 4 && argc != 5)
        cannot("usage: pollute HOT FILE K [SEED]", 0);
    n = size_arg(argv[1]) / PAGE;
    u64 k = number_arg(argv[3]), x = argc == 5 ? number_arg(argv[4]) : 42;
    s64 fd = open(argv[2], O_RDONLY, 0);
    char *hot = anonymous(n * PAGE, MAP_PRIVATE);
    if (fd < 0 || is_error(hot) || n > MOST)
        cannot(argv[2], fd);
    for (u64 i = 0; i < n; i++)
        *(u64 *)(hot + i * PAGE) = mix(i);
    for (u64 i = 0; i < 20 * n; i++)
        use(hot, (x = mix(x)) % n);
    u64 taken = steals(), during = 0, after = 0;
    look(hot);
    for (u64 i = 0; read((int)fd, page, PAGE) > 0; i++)
        if (i % k == 0)
            during += use_again(hot, (x = mix(x)) % n);
    taken = steals() - taken;
    for (u64 i = 0; i < n; i++)
        after += use(hot, i);
    printf("pollute: %lu hot pages: %lu came back from disk during, %lu after; "
           "%lu frames taken, %lu of them wanted again within %lu uses, %lu%% "
           "taken rightly\n",
           n, during, after, taken, soon, n,
           100 - soon * 100 / (taken + !taken));
    if (wrong)
        printf("pollute: %lu pages wrong\n", wrong);
    return wrong != 0;
}
