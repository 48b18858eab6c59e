/* SPDX-License-Identifier: MIT */
/* map_merges FILE SEED STEPS: draws calls that split and merge mappings, by
 * seed, on four adjacent windows: shared memory of a file, private memory of
 * the file, shared memory without a file, and private memory without a file.
 * After each call it prints the mappings that there are. map_calls.t compares
 * the lines of the host's Linux with those of the guest.
 *
 * Whether private mappings with pages merge depends on Linux's version
 * (6.12.107 and 6.18.44 differ, and 6.18 before it). So adjacent private ones
 * with the same rights are printed as one, and a move takes one page of them;
 * how many there really are stands at the line's end.
 *
 * Host and guest draw the same calls: no call is drawn by the answer of
 * another, except by the list of mappings, which is printed. Left out are
 * advice about use (MADV_RANDOM and the like), which splits mappings in Linux
 * and has no effect in the guest; and a move of several mappings at once, which
 * Linux 6.17 allows and Linux 6.12 refuses. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE   4096ul
#define WINDOW 12ul /* pages */
#define PAGES  (4 * WINDOW)
#define BASE   ((char *)0x1000000000) /* free on both machines */

enum window { SHARED_FILE, PRIVATE_FILE, SHARED_MEMORY, PRIVATE_MEMORY };

static int files[2]; /* two descriptions of one file */
static unsigned random_state;
static struct mapping {
    unsigned long from, to; /* pages */
    char rights[5];
} maps[PAGES];
static unsigned nmaps, really;
static long moved_by; /* pages, by the last move */

/* xorshift32 (Marsaglia, Journal of Statistical Software 8, 2003) */
static unsigned draw(unsigned long below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state % (unsigned)below;
}

/* Reads the mappings of `pages` pages from `start` on. */
static void read_maps(const char *start, unsigned long pages)
{
    char line[512];
    unsigned long from, to, base = (unsigned long)start;
    FILE *f = fopen("/proc/self/maps", "r");
    nmaps = really = 0;
    while (fgets(line, sizeof line, f)) {
        struct mapping *m = &maps[nmaps];
        if (sscanf(line, "%lx-%lx %4s", &from, &to, m->rights) == 3 &&
            from < base + pages * PAGE && to > base) {
            m->from = from > base ? (from - base) / PAGE : 0;
            m->to = (to - base) / PAGE;
            really++;
            if (nmaps && m[-1].to == m->from && m->rights[3] == 'p' &&
                !strcmp(m[-1].rights, m->rights))
                m[-1].to = m->to;
            else
                nmaps++;
        }
    }
    fclose(f);
}

/* Prints the last call and the mappings: first page, page after the last,
 * rights. */
static void show(unsigned step, const char *call, unsigned long at,
                 unsigned long n, unsigned long to, long result)
{
    int err = result == -1 ? errno : 0;
    read_maps(BASE, PAGES);
    printf("%u %s %lu+%lu", step, call, at, n);
    if (to)
        printf(" %lu", to);
    printf(" %s:", err ? strerrorname_np(err) : "ok");
    for (unsigned i = 0; i < nmaps; i++)
        printf(" %lu-%lu%s", maps[i].from, maps[i].to, maps[i].rights);
    printf(" of %u\n", really);
}

/* Maps n pages of the window again, as they were at first (`as_before`) or with
 * another file, other pages of the file (those that a move like the last would
 * bring here) or other rights. */
static long map_again(unsigned long at, unsigned long n, int as_before)
{
    enum window w = (enum window)(at / WINDOW);
    int shared = w == SHARED_FILE || w == SHARED_MEMORY;
    int rights = as_before || draw(3) ? PROT_READ | PROT_WRITE : PROT_READ;
    int file = w <= PRIVATE_FILE ? files[!as_before && !draw(4)] : -1;
    long first = (long)at - (as_before || draw(2) ? 0 : moved_by);
    first = first < 0 || first > (long)(PAGES - n) ? (long)at : first;
    int extra = as_before || draw(8) ? 0 : MAP_NORESERVE;
    return (long)mmap(BASE + at * PAGE, n * PAGE, rights,
                      (shared ? MAP_SHARED : MAP_PRIVATE) | MAP_FIXED | extra |
                          (file < 0 ? MAP_ANONYMOUS : 0),
                      file, file < 0 ? 0 : first * (off_t)PAGE);
}

/* Maps the first hole at or after page `at` again, as it was at first. */
static void fill(unsigned step, unsigned long at)
{
    for (unsigned i = 0; i < nmaps && maps[i].from <= at; i++)
        at = maps[i].to > at ? maps[i].to : at;
    if (at == PAGES)
        return;
    unsigned long end = at - at % WINDOW + WINDOW;
    for (unsigned i = nmaps; i-- && maps[i].from > at;)
        end = maps[i].from < end ? maps[i].from : end;
    show(step, "fill", at, end - at, 0, map_again(at, end - at, 1));
}

/* Has the kernel read or write a byte of each page, if the rights allow it. */
static long touch(unsigned long at, unsigned long n, int writes)
{
    static int zero, ends[2];
    char c;
    if (!zero && ((zero = open("/dev/zero", O_RDONLY)) < 0 || pipe(ends)))
        exit(1);
    for (; n; n--, at++)
        if (writes)
            (void)!read(zero, BASE + at * PAGE, 1);
        else if (write(ends[1], BASE + at * PAGE, 1) == 1)
            (void)!read(ends[0], &c, 1);
    return 0;
}

/* Draws a part of one mapping and moves it, or grows it where it is. */
static void move(unsigned step)
{
    if (!nmaps)
        return;
    const struct mapping *m = &maps[draw(nmaps)];
    unsigned long at = m->from + draw(m->to - m->from);
    unsigned long most = m->rights[3] == 'p' ? 1 : m->to - at;
    unsigned long n = 1 + draw(most), to = draw(PAGES - n + 1);
    char *from = BASE + at * PAGE;
    long again = (long)at + moved_by; /* as far as the last move */
    if (draw(2) && again >= 0 && again <= (long)(PAGES - n))
        to = (unsigned long)again;
    if (draw(3) == 0) {
        unsigned long more = n + 1 + draw(3);
        if (at + more <= PAGES)
            show(step, "grow", at, n, more,
                 (long)mremap(from, n * PAGE, more * PAGE, 0));
    } else if (to >= at + n || at >= to + n) {
        moved_by = (long)(to - at);
        show(step, "move", at, n, to,
             (long)mremap(from, n * PAGE, n * PAGE,
                          MREMAP_MAYMOVE | MREMAP_FIXED, BASE + to * PAGE));
    }
}

static void one_step(unsigned step)
{
    static const int rights[] = {PROT_READ, PROT_READ | PROT_WRITE,
                                 PROT_READ | PROT_WRITE, PROT_NONE};
    static const char *const names[] = {"protect 1", "protect 3", "protect 3",
                                        "protect 0"};
    unsigned long at = draw(PAGES), room = PAGES - at, in_window;
    unsigned long n = 1 + draw(room < 8 ? room : 8);
    char *p = BASE + at * PAGE;
    unsigned kind = draw(4);
    in_window = WINDOW - at % WINDOW;
    in_window = n < in_window ? n : in_window;
    switch (draw(17)) {
    case 0:
    case 1:
    case 2:
        show(step, names[kind], at, n, 0, mprotect(p, n * PAGE, rights[kind]));
        break;
    case 3:
        show(step, "dontfork", at, n, 0, madvise(p, n * PAGE, MADV_DONTFORK));
        break;
    case 4:
    case 5:
        show(step, "dofork", at, n, 0, madvise(p, n * PAGE, MADV_DOFORK));
        break;
    case 6:
        show(step, "lock", at, n, 0,
             kind ? mlock(p, n * PAGE) : mlock2(p, n * PAGE, MLOCK_ONFAULT));
        break;
    case 7:
    case 8:
        show(step, "unlock", at, n, 0, munlock(p, n * PAGE));
        break;
    case 9:
        n = n < 2 ? n : 2;
        show(step, "unmap", at, n, 0, munmap(p, n * PAGE));
        break;
    case 10:
        show(step, "map", at, in_window, 0, map_again(at, in_window, kind));
        break;
    case 11:
        show(step, "touch", at, n, 0, touch(at, n, kind != 0));
        break;
    case 12:
    case 16:
        move(step);
        break;
    case 13:
    case 14:
        fill(step, at);
        break;
    case 15:
        show(step, "wipe", at, n, 0,
             madvise(p, n * PAGE, kind ? MADV_KEEPONFORK : MADV_WIPEONFORK));
        break;
    }
}

/* Locks a page in the middle of the stack, and unlocks it. */
static void lock_stack(void)
{
    char room[8 * PAGE], *p = room + PAGE - (unsigned long)room % PAGE;
    for (unsigned long i = 0; i < sizeof room; i += PAGE)
        *(volatile char *)&room[i] = 1;
    for (int i = 0; i < 3; i++) {
        if (i)
            (void)!(i == 1 ? mlock : munlock)(p + 3 * PAGE, PAGE);
        read_maps(p, 6);
        printf("stack: mappings %u\n", really);
    }
}

/* Moves a private page of the file, and maps the page before it before it. */
static void map_before_moved(void)
{
    char *p = mmap(BASE + 8 * PAGE, PAGE, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_FIXED, files[0], PAGE);
    *p = 1;
    show(0, "move", 8, 1, 1,
         (long)mremap(p, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
                      BASE + PAGE));
    show(0, "map before", 0, 1, 0,
         (long)mmap(BASE, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED,
                    files[0], 0));
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    unsigned steps = (unsigned)atoi(argv[3]);
    random_state = 2463534242u ^ (unsigned)atoi(argv[2]) * 2654435769u;
    for (int i = 0; i < 2; i++)
        files[i] = open(argv[1], O_RDWR | O_CREAT, 0600);
    if (ftruncate(files[0], (off_t)(PAGES * PAGE)))
        return 1;
    lock_stack();
    map_before_moved();
    for (unsigned step = 0; step < steps; step++) {
        for (unsigned long at = 0; at < PAGES && step % 50 == 0; at += WINDOW)
            show(step, "map", at, WINDOW, 0, map_again(at, WINDOW, 1));
        one_step(step);
        int status;
        if (draw(50))
            continue;
        fflush(stdout);
        if (fork()) { /* the child goes on */
            wait(&status);
            return status != 0;
        }
        show(step, "fork", 0, 0, 0, 0);
    }
    return 0;
}
