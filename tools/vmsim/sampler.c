/* SPDX-License-Identifier: MIT */
/* Samples reference bits in two ways.
 *
 * Idle page tracking (Linux 4.3, 2015, mm/page_idle.c) reads and clears the
 * bits of all pages: exact for its windows, which do not overlap, at the price
 * of looking at every page.
 *
 * DAMON looks at one page of each region, drawn anew for each sampling
 * interval, and takes the whole region for used if that page is. As in Linux,
 * an aggregation interval, T, has about twenty sampling intervals, there are 10
 * to 1000 regions (fewer if pages are few), and the two largest gaps between
 * pages are left out. Its estimate is the size of all regions found used at
 * least once. (Linux 5.15, 2021, mm/damon/core.c: kdamond_merge_regions(),
 * kdamond_split_regions(); mm/damon/vaddr.c: __damon_va_three_regions(); S.
 * Park, Y. Lee, H. Y. Yeom, "Profiling dynamic data access patterns with
 * controlled overhead and quality", Middleware Industry 2019.)
 *
 *     | . . . . x . . | . x . |        gap        | . . . . . . x . . . |
 *       regions, each with the page that is looked at */
#include "tools/vmsim/textbook/textbook.h"
#include "tools/vmsim/workingset.h"

#define SAMPLES     20 /* about as many in an aggregation interval */
#define MIN_REGIONS 10
#define MAX_REGIONS 1000
#define PARTS       3 /* of the address space, between its largest gaps */

struct region {
    u64 start, end; /* pages; end is excluded, 0: after page 2^64 - 1 */
    u64 looked_at;  /* the page */
    u32 found;      /* samples in which the page looked at was used */
    u32 part;       /* regions of different parts do not merge */
};

struct damon {
    struct region region[MAX_REGIONS];
    unsigned regions, regions_before; /* regions_before: at the last split */
    u64 total;                        /* pages of all parts */
    const u64 *page; /* all pages, sorted, as the trace names them */
    const u32 *rank; /* by id (trace.h): the page's place in page[] */
    u64 *last;       /* by place in page[]: its last use, from 1 */
    u32 pages;
    u64 rng, since; /* since: the sampling interval's first reference */
};

static int by_number(const void *a, const void *b)
{
    u64 x = *(const u64 *)a, y = *(const u64 *)b;
    return x < y ? -1 : x > y;
}

/* Returns a page's index in page[], or the index where it would be inserted. */
static u32 place_of(const struct damon *d, u64 page)
{
    u32 low = 0, high = d->pages;
    while (low < high) {
        u32 middle = low + (high - low) / 2;
        if (d->page[middle] < page)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool used(const struct damon *d, u64 page)
{
    u32 at = place_of(d, page);
    return at < d->pages && d->page[at] == page && d->last[at] >= d->since;
}

/* ---- regions ---- */

/* Finds the places in page[] after the two largest gaps, ascending; 0: none. */
static void largest_gaps(const struct damon *d, u32 at[PARTS - 1])
{
    u64 size[PARTS - 1] = {1, 1}; /* pages that follow each other: no gap */
    at[0] = at[1] = 0;
    for (u32 i = 1; i < d->pages; i++) {
        u64 gap = d->page[i] - d->page[i - 1];
        unsigned least = size[1] < size[0];
        if (gap > size[least]) {
            size[least] = gap;
            at[least] = i;
        }
    }
    if (at[0] > at[1]) {
        u32 swap = at[0];
        at[0] = at[1];
        at[1] = swap;
    }
}

static void add_region(struct damon *d, u32 part, u64 start, u64 end)
{
    if (start != end && d->regions < MAX_REGIONS)
        d->region[d->regions++] =
            (struct region){.start = start, .end = end, .part = part};
}

/* Divides each part into pieces of a tenth of all pages. */
static void first_regions(struct damon *d)
{
    u32 gap[PARTS - 1], from = 0;
    largest_gaps(d, gap);
    u32 bounds[PARTS] = {gap[0], gap[1], d->pages};
    for (int pass = 0; pass < 2; pass++, from = 0)
        for (u32 part = 0; part < PARTS; part++) {
            if (bounds[part] <= from)
                continue;
            u64 start = d->page[from], end = d->page[bounds[part] - 1] + 1;
            u64 piece = d->total / MIN_REGIONS + 1;
            from = bounds[part];
            if (pass == 0)
                d->total += end - start;
            for (u64 at = start; pass == 1 && at != end; at += piece) {
                piece = piece < end - at ? piece : end - at;
                add_region(d, part, at, at + piece);
            }
        }
}

static u64 draw(struct damon *d, u64 n)
{
    return (rand_step(&d->rng) >> 16) % n;
}

static void look(struct damon *d, u64 now)
{
    for (unsigned i = 0; i < d->regions; i++) {
        struct region *r = &d->region[i];
        r->looked_at = r->start + draw(d, r->end - r->start);
    }
    d->since = now;
}

static void check_regions(struct damon *d)
{
    for (unsigned i = 0; i < d->regions; i++)
        d->region[i].found += used(d, d->region[i].looked_at);
}

static u64 estimate(const struct damon *d)
{
    u64 pages = 0;
    for (unsigned i = 0; i < d->regions; i++)
        if (d->region[i].found)
            pages += d->region[i].end - d->region[i].start;
    return pages;
}

/* Merges neighbours that were used alike into regions of at most a tenth. */
static void merge(struct damon *d)
{
    unsigned to = 0;
    u64 limit = d->total / MIN_REGIONS + 1;
    u32 most = 0;
    for (unsigned i = 0; i < d->regions; i++)
        most = d->region[i].found > most ? d->region[i].found : most;
    for (unsigned i = 1; i < d->regions; i++) {
        struct region *a = &d->region[to], *b = &d->region[i];
        u64 size_a = a->end - a->start, size_b = b->end - b->start;
        u32 differ =
            a->found > b->found ? a->found - b->found : b->found - a->found;
        if (a->part == b->part && a->end == b->start && differ <= most / 10 &&
            size_a + size_b <= limit) {
            a->found = (u32)((a->found * size_a + b->found * size_b) /
                             (size_a + size_b));
            a->end = b->end;
        } else {
            d->region[++to] = *b;
        }
    }
    d->regions = d->regions ? to + 1 : 0;
}

/* Splits each region at random places into two, or into three if merging has
 * undone the last split; not if there could be more than MAX_REGIONS. */
static void split(struct damon *d)
{
    static struct region was[MAX_REGIONS];
    unsigned n = d->regions, pieces = n == d->regions_before ? 3 : 2;
    if (n > MAX_REGIONS / 2)
        return;
    if (n >= MAX_REGIONS / 3)
        pieces = 2;
    d->regions_before = n;
    memcpy(was, d->region, n * sizeof *was);
    d->regions = 0;
    for (unsigned i = 0; i < n; i++) {
        u64 start = was[i].start, end = was[i].end;
        for (unsigned k = 1; k < pieces && end - start > 1; k++) {
            /* DAMON splits at 10% to 90% */
            u64 cut = start + (end - start) * (1 + draw(d, 9)) / 10;
            cut = cut == start ? start + 1 : cut;
            add_region(d, was[i].part, start, cut);
            start = cut;
        }
        add_region(d, was[i].part, start, end);
    }
}

static u64 aggregate(struct damon *d)
{
    merge(d);
    u64 pages = estimate(d);
    split(d);
    for (unsigned i = 0; i < d->regions; i++)
        d->region[i].found = 0;
    return pages;
}

/* ---- both samplers, reference by reference ---- */

static void damon_start(struct damon *d, const struct numbering *pages,
                        u64 seed)
{
    u64 *page = xcalloc(pages->count, sizeof *page);
    u32 *rank = xcalloc(pages->count, sizeof *rank);
    *d = (struct damon){.page = page,
                        .rank = rank,
                        .pages = pages->count,
                        .rng = seed ? seed : 1};
    memcpy(page, pages->page, pages->count * sizeof *page);
    qsort(page, pages->count, sizeof *page, by_number);
    for (u32 i = 0; i < pages->count; i++)
        rank[i] = place_of(d, pages->page[i]);
    d->last = xcalloc(pages->count, sizeof *d->last);
    first_regions(d);
}

struct sampled sample(u64 t, const struct string *s,
                      const struct numbering *pages, u64 seed)
{
    static struct damon d;
    u64 interval = t / SAMPLES ? t / SAMPLES : 1, set = 0;
    u64 window = 1, intervals = 0; /* window: its first reference */
    u64 bits = 0, regions = 0, next = interval;
    damon_start(&d, pages, seed);
    look(&d, 1);
    for (u64 now = 1; now <= s->n; now++) {
        u64 *last = &d.last[d.rank[s->id[now - 1] & ~STRING_WRITE]];
        set += *last < window;
        *last = now;
        bool whole = now + 1 == window + t, sampled = whole || now == next;
        if (sampled) {
            check_regions(&d);
            next = now + interval;
        }
        if (whole) {
            bits += set;
            regions += aggregate(&d);
            intervals++;
            set = 0;
            window = now + 1;
        }
        if (sampled)
            look(&d, now + 1);
    }
    free_all((void *)d.page, (void *)d.rank, d.last);
    return intervals ? (struct sampled){(double)bits / (double)intervals,
                                        (double)regions / (double)intervals}
                     : (struct sampled){0, 0};
}
