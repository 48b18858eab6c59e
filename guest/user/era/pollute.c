/* SPDX-License-Identifier: MIT */
/* pollute HOT FILE K: does reading a big file once push out what is in use?
 * HOT (a size) of memory is used over and over, at random; then FILE is read
 * from end to end, and after every K pages of it one hot page is used; then
 * every hot page once more. Prints
 *
 *   pollute: H hot pages: D came back from disk during, A after; S frames
 *   taken, R% of them wrongly
 *
 * D and A are major faults of hot pages: each is a page that was taken although
 * it would be needed. Every word is checked. */
#include "lib/work.h"

static u64 wrong;

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
    SYS2(NR_getrusage, 0, r);
    return (u64)r[9];
}

/* Uses a hot page; 1 if it was not there. */
static u64 use(const char *hot, u64 i)
{
    u64 before = majors();
    if (*(const volatile u64 *)(hot + i * PAGE) != mix(i))
        wrong++;
    return majors() - before;
}

int main(int argc, char **argv)
{
    static char page[PAGE];
    if (argc != 4)
        cannot("usage: pollute HOT FILE K", 0);
    u64 n = size_arg(argv[1]) / PAGE, k = number_arg(argv[3]), x = 42;
    s64 fd = open(argv[2], O_RDONLY, 0);
    char *hot = mmap(0, n * PAGE, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (fd < 0 || is_error(hot))
        cannot(argv[2], fd);
    for (u64 i = 0; i < n; i++)
        *(u64 *)(hot + i * PAGE) = mix(i);
    for (u64 i = 0; i < 20 * n; i++)
        use(hot, (x = mix(x)) % n);
    u64 taken = steals(), during = 0, after = 0;
    for (u64 i = 0; read((int)fd, page, PAGE) > 0; i++)
        if (i % k == 0)
            during += use(hot, (x = mix(x)) % n);
    for (u64 i = 0; i < n; i++)
        after += use(hot, i);
    taken = steals() - taken;
    printf("pollute: %lu hot pages: %lu came back from disk during, %lu after; "
           "%lu frames taken, %lu%% of them wrongly\n",
           n, during, after, taken, (during + after) * 100 / (taken + !taken));
    if (wrong)
        printf("pollute: %lu pages wrong\n", wrong);
    return wrong != 0;
}
