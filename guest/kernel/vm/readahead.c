/* SPDX-License-Identifier: MIT */
#include "vm/readahead.h"

#include "lib/tunable.h"
#include "task/proc.h"
#include "vm/reclaim.h"
#include "vm/seam.h"
#include "vm/shmem.h"

#define AROUND     16u  /* aligned pages that a random fault reads */
#define MAX_MISSES 100u /* then a fault reads its page alone */

/* True if there is memory for read-ahead; while memory is scarce, read-ahead is
 * abandoned (requirement 004-8). */
static bool memory_for_readahead(void)
{
    return memory_spare() > (memory_levels.min + memory_levels.low) / 2;
}

/* The pages [from, to) that were asked for; all others are read ahead. */
struct asked {
    u64 from, to;
    enum reason why;
};

/* Reads the absent pages of [from, from + n). False: memory is too scarce to
 * read all of them. marker: page that gets PAGE_MARK, or ~0. */
static bool submit(struct vm_object *o, u64 from, u64 n, struct asked asked,
                   u64 marker)
{
    struct page *pages[OBJECT_CLUSTER];
    u64 end = DIV_ROUND_UP(o->size, PAGE_SIZE);
    u32 run = 0;
    end = MIN(end, from + n);
    for (u64 i = from; i < end; i++) {
        bool guess = i < asked.from || i >= asked.to;
        struct page *page = NULL;
        bool absent = !object_has_page(o, i) && !shmem_slot(o, i);
        if (absent && memory_for_readahead())
            page = object_new_page(o, i, guess ? R_READ_AHEAD : asked.why);
        if (page) {
            /* A page read ahead must survive one revolution of a clock's hand,
             * or reading it was useless. */
            page->frame.spare |= guess ? PAGE_AHEAD : 0;
            page_mark(page);
            page->frame.spare |= i == marker ? PAGE_MARK : 0;
            if (guess)
                COUNT(RA_PAGES);
            pages[run++] = page;
        }
        if (run && (!page || run == OBJECT_CLUSTER || i + 1 == end)) {
            o->ops->start_read(o, pages, run);
            run = 0;
        }
        if (absent && !page)
            return false;
    }
    return true;
}

static u64 first_window(u64 want, u64 max)
{
    u64 n = 1;
    while (n < want && n < max)
        n *= 2;
    if (n <= max / 32)
        n *= 4;
    else if (n <= max / 4)
        n *= 2;
    return MIN(n, max);
}

static u64 next_window(u64 n, u64 max)
{
    if (n < max / 16)
        return 4 * n;
    return n <= max / 2 ? 2 * n : max;
}

static void advance(struct readahead *ra, u64 max)
{
    ra->start += ra->size;
    ra->size = next_window(ra->size, max);
    ra->async = ra->size;
}

/* Called if page `index` has the marker of another window: of another reader of
 * the file, or of this reader before a seek. Starts a window after the pages in
 * memory. False: the next max pages are in memory. */
static bool join(struct vm_object *o, struct readahead *ra, u64 index, u64 want,
                 u64 max)
{
    u64 start = index + 1;
    while (start - index <= max && object_has_page(o, start))
        start++;
    if (start - index > max)
        return false;
    ra->start = start;
    ra->size = next_window(MIN(start - index + want, max), max);
    ra->async = ra->size;
    return true;
}

/* Sets the window for a miss at index, or for a hit of a marker. False: none,
 * since the miss is random, or the next max pages are in memory. */
static bool plan(struct vm_object *o, struct readahead *ra, u64 index, u64 want,
                 u64 max, bool marker)
{
    if (ra->size && (index == ra->start + ra->size ||
                     index == ra->start + ra->size - ra->async)) {
        advance(ra, max);
    } else if (marker) {
        return join(o, ra, index, want, max);
    } else if (index == 0 || index == ra->prev || index == ra->prev + 1) {
        ra->start = index;
        ra->size = first_window(want, max);
        ra->async = ra->size;
    } else {
        return false;
    }
    /* The pages of this request must not carry the marker. */
    if (!marker && ra->start <= index && ra->async == ra->size &&
        ra->size > want)
        ra->async = ra->size - want;
    return true;
}

/* True if page `index` is absent, or carries the marker (which is cleared). */
static bool due(struct vm_object *o, u64 index, bool *marker)
{
    struct page *page = object_peek_page(o, index);
    *marker = page && (page->frame.spare & PAGE_MARK);
    if (*marker)
        page->frame.spare &= (u8)~PAGE_MARK;
    return !page || *marker;
}

static bool can_read(const struct vm_object *o)
{
    return o->ops && o->ops->start_read;
}

void readahead_file(struct vm_object *o, struct readahead *ra, u64 index,
                    u64 want)
{
    u64 max = (u64)tun(TUN_READ_AHEAD);
    bool marker;
    if (!can_read(o) || !due(o, index, &marker))
        return;
    want = MIN(want, (u64)OBJECT_CLUSTER);
    struct asked asked = {index, index + want, R_FILE_READ};
    if (max && plan(o, ra, index, want, max, marker))
        submit(o, ra->start, ra->size, asked, ra->start + ra->size - ra->async);
    else if (!marker)
        submit(o, index, want, asked, ~0ul);
}

bool readahead_fault(struct vm_object *o, struct readahead *ra, u64 index)
{
    u64 max = (u64)tun(TUN_READ_AHEAD);
    struct asked asked = {index, index + 1, R_PAGE_IN};
    bool marker;
    if (!can_read(o) || !max)
        return false;
    bool wanted = due(o, index, &marker);
    if (!wanted) {
        ra->misses -= ra->misses != 0;
    } else if (plan(o, ra, index, 1, max, marker)) {
        submit(o, ra->start, ra->size, asked, ra->start + ra->size - ra->async);
    } else if (!marker && ra->misses < MAX_MISSES) {
        u64 n = policy->reads_around ? max : MIN(max, (u64)AROUND);
        ra->misses++;
        ra->start =
            index - MIN(index, policy->reads_around ? n / 2 : index % n);
        ra->size = n;
        ra->async = n / 4;
        submit(o, ra->start, n, asked, ra->start + n - ra->async);
    }
    ra->prev = index;
    return wanted && !marker;
}

void readahead_force(struct vm_object *o, u64 from, u64 n)
{
    bool more = can_read(o);
    while (more && n && from < DIV_ROUND_UP(o->size, PAGE_SIZE)) {
        u64 piece = MIN(n, (u64)OBJECT_CLUSTER);
        struct asked all = {from, from + piece, R_FILE_READ}; /* no guess */
        more = submit(o, from, piece, all, ~0ul) && !cond_resched();
        from += piece;
        n -= piece;
    }
}
