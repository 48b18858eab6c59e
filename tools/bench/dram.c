/* SPDX-License-Identifier: MIT */
/* Measures the host's cost of one access to the DRAM model alone. The addresses
 * are prepared in an array; each access begins when the one before is done, as
 * from a hart with one miss outstanding. Prints lines "TRAFFIC WRITES
 * NANOSECONDS": the percentage of writes, and the CPU time of an access (the
 * median of rounds, each of which runs all kinds of traffic). "loop" calls
 * functions that do nothing: it shows the cost of the loop, mostly mispredicted
 * branches between read and write, which all other rows contain, too.
 *
 *   dram PART [ROUNDS]   (an access is to take at most 30 ns) */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "time/time.h"

#define ACCESSES 200000u
#define MOST     99

struct traffic {
    const char *name;
    u64 bytes; /* random addresses in a region of this size; 0: in order */
};

static const struct traffic traffic[] = {
    /* no_read and no_write in place of the model */
    {"loop", 64 << 20},
    {"sequential", 0},
    {"128K", 128 << 10},
    {"64M", 64 << 20}};
static const u32 writes[] = {0, 10, 30, 50, 70, 90};
#define KINDS (sizeof(traffic) / sizeof(*traffic))
#define MIXES (sizeof(writes) / sizeof(*writes))

static double cpu_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Fills `access` with addresses of lines; bit 0 marks a write. */
static void prepare(u64 *access, const struct traffic *t, u32 percent)
{
    u64 seed = 1;

    for (u32 i = 0; i < ACCESSES; i++) {
        u64 pa = t->bytes ? rand_step(&seed) >> 20 & (t->bytes - 1) : i * 64ull;
        bool write = (rand_step(&seed) >> 40) % 100 < percent;
        access[i] = (pa & ~63ull) | write;
    }
}

/* The functions that are timed. */
struct model {
    u64 (*read)(struct dram *d, u64 pa, u64 now, enum served *where);
    u64 (*write)(struct dram *d, u64 pa, u64 now);
};

static __attribute__((noinline)) u64 no_read(struct dram *d, u64 pa, u64 now,
                                             enum served *where)
{
    (void)d;
    *where = SERVED_DRAM_HIT;
    return now + (pa & 63) + 50;
}

static __attribute__((noinline)) u64 no_write(struct dram *d, u64 pa, u64 now)
{
    (void)d;
    return now + (pa & 63);
}

static const struct model the_dram = {dram_read, dram_write};
static const struct model nobody = {no_read, no_write};

/* Inlined, so that the calls of *m are direct. */
static inline __attribute__((always_inline)) double
measure(const struct dram_part *part, const u64 *access, const struct model *m)
{
    struct dram *d = dram_new(part);
    enum served where;
    u64 now = 0;
    double start = cpu_ns();

    for (u32 i = 0; i < ACCESSES; i++) {
        if (access[i] & 1)
            now = m->write(d, access[i] & ~1ull, now) + 1;
        else
            now = m->read(d, access[i], now, &where);
    }
    double spent = cpu_ns() - start;
    dram_free(d);
    return spent / ACCESSES;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    static double ns[KINDS][MIXES][MOST];
    const struct dram_part *part = argc > 1 ? dram_part_find(argv[1]) : NULL;
    int rounds = argc > 2 ? atoi(argv[2]) : 5;
    u64 *access = malloc(ACCESSES * sizeof(*access));

    if (!part || !access || rounds < 1 || rounds > MOST) {
        fprintf(stderr, "dram: PART [1..%d]\n", MOST);
        return 2;
    }
    for (int r = 0; r < rounds; r++)
        for (unsigned k = 0; k < KINDS; k++)
            for (unsigned m = 0; m < MIXES; m++) {
                prepare(access, &traffic[k], writes[m]);
                ns[k][m][r] = k ? measure(part, access, &the_dram)
                                : measure(part, access, &nobody);
            }
    for (unsigned k = 0; k < KINDS; k++)
        for (unsigned m = 0; m < MIXES; m++) {
            qsort(ns[k][m], (size_t)rounds, sizeof(double), by_size);
            printf("%s %" PRIu32 " %.1f\n", traffic[k].name, writes[m],
                   ns[k][m][rounds / 2]);
        }
    free(access);
    return 0;
}
