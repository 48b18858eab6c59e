/* SPDX-License-Identifier: MIT */
/* Keeps the frame table, and allocates frames in buddy blocks (Knowlton 1965).
 *
 * A free block of 2^k frames starts at a pfn that is a multiple of 2^k. Its
 * first frame has order k + 1 and is on free_list[k]; its other frames are FREE
 * with order 0, so that an entry of all zeros is a frame inside a free block.
 * Freeing merges a block with its buddy (pfn ^ 2^k) as long as the buddy is a
 * whole free block of the same order in the same zone.
 *
 * Start-up must not take longer with more memory, so the biggest blocks are
 * deferred: at first they are on no list. Each zone has one deferred range;
 * only the entry of its first frame says so (FRAME_DEFERRED), all others are
 * zero. If the lists have no block, one is cut off its end (several biggest
 * ones: off its start). (Linux 4.2, 2015, CONFIG_DEFERRED_STRUCT_PAGE_INIT;
 * deferred_grow_zone cuts on demand since 4.17. Linux's threads initialise the
 * rest after the start; here blocks that are never needed stay deferred.) */
#include "vm/page.h"
#include "arch/irq.h"
#include "lib/tunable.h"
#include "task/proc.h"
#include "vm/pte.h"
#include "vm/reclaim.h"
#include "vm/seam.h"
#include "vm/vm.h"

#define NOT_FIRST 0

struct page *frames;
u64 nframes, ram_base, free_frames, boot_frames;
u64 state_frames[FS_COUNT];
static u64 cleared;    /* free frames with PAGE_CLEARED */
static bool ram_zeros; /* RAM never used so far is all zeros */

u64 marked_frames;

static bool counts_as_marked(const struct page *page, enum frame_state state)
{
    u8 flags = page->frame.flags & (FRAME_F_REF | FRAME_F_LOCKED);
    return flags == FRAME_F_REF && state_reclaimable(state);
}

bool page_is_marked(const struct page *page)
{
    return counts_as_marked(page, page->frame.state);
}

void page_mark(struct page *page)
{
    assert(page->frame.state != FS_FREE);
    if (page->frame.flags & FRAME_F_REF)
        return;
    page->frame.flags |= FRAME_F_REF;
    marked_frames += page_is_marked(page);
}

void page_unmark(struct page *page)
{
    marked_frames -= page_is_marked(page);
    page->frame.flags &= (u8)~FRAME_F_REF;
}

void page_set_state(struct page *page, enum frame_state to, enum reason why)
{
    enum frame_state from = page->frame.state;
    assert(state_frames[from] && to < FS_COUNT);
    assert(to != FS_FREE || (!page->frame.refs && !page->frame.pins));
    lens_busy();
    if (from != FS_FREE && !state_reclaimable(to))
        tell_page_gone(page);
    if (page->frame.flags & FRAME_F_REF)
        marked_frames +=
            counts_as_marked(page, to) - counts_as_marked(page, from);
    page->frame.state = (u8)to;
    state_frames[from]--;
    state_frames[to]++;
    lens_report(page_pfn(page), from, to, why);
    lens_ready();
}

/* True if a free block of that order starts at the page. */
static bool block_starts(const struct page *page, unsigned order)
{
    return page->frame.state == FS_FREE && page->frame.order == order + 1;
}

static void block_add(struct page *page, unsigned order)
{
    assert(page->frame.state == FS_FREE && page->frame.order == NOT_FIRST &&
           page_pfn(page) % (1ul << order) == 0);
    page->frame.order = (u8)(order + 1);
    list_add(&page->link, &zone_of(page_pfn(page))->free_list[order]);
}

static void block_remove(struct page *page)
{
    assert(page_free_run(page) && page->frame.order != FRAME_DEFERRED);
    page->frame.order = NOT_FIRST;
    list_del(&page->link);
}

/* ---- deferred blocks ---- */

#define BIGGEST (1ul << MAX_ORDER)

static void set_deferred(struct zone *z, u64 from, u64 to)
{
    struct lens_frame *was = &frames[z->deferred].frame;
    struct lens_frame *is = &frames[from].frame;
    if (z->deferred < z->deferred_end) {
        was->order = NOT_FIRST;
        was->index = 0;
    }
    if (from < to) {
        is->order = FRAME_DEFERRED;
        is->index = to - from;
    }
    z->deferred = from;
    z->deferred_end = to;
}

/* Moves one deferred block to the tail of the free list, so that it is taken
 * last. False: none is deferred. */
static bool undefer(struct zone *z)
{
    if (z->deferred == z->deferred_end)
        return false;
    u64 pfn = z->deferred_end - BIGGEST;
    set_deferred(z, z->deferred, pfn);
    frames[pfn].frame.order = MAX_ORDER + 1;
    list_add_tail(&frames[pfn].link, &z->free_list[MAX_ORDER]);
    return true;
}

static u64 deferred_frames(const struct zone *z)
{
    u64 n = 0;
    for (u64 pfn = z->deferred; pfn < z->deferred_end; pfn++)
        n += frames[pfn].frame.state == FS_FREE &&
             (frames[pfn].frame.order == NOT_FIRST || pfn == z->deferred);
    return n;
}

u64 page_free_run(const struct page *page)
{
    const struct lens_frame *f = &page->frame;
    if (f->state != FS_FREE || f->order == NOT_FIRST)
        return 0;
    return f->order == FRAME_DEFERRED ? f->index : 1ul << (f->order - 1);
}

/* ---- free blocks ---- */

u64 free_list_frames(const struct zone *z)
{
    u64 n = deferred_frames(z);
    struct page *page;
    for (unsigned k = 0; k <= MAX_ORDER; k++)
        list_for_each_entry(page, &z->free_list[k], link)
        {
            if (block_starts(page, k) && page_pfn(page) >= z->start &&
                page_pfn(page) + (1ul << k) <= z->end)
                n += 1ul << k;
        }
    return n;
}

bool page_block_free(unsigned order, enum policy_zone top)
{
    for_each_zone(z)
    {
        if (z > &zones[top] || zone_free(z) <= z->mark.min / 2 + (1ul << order))
            continue;
        for (unsigned k = order; k <= MAX_ORDER; k++)
            if (!list_empty(&z->free_list[k]))
                return true;
        if (z->deferred < z->deferred_end)
            return true;
    }
    return false;
}

/* Removes one frame from its free block. NULL: it is in use, or deferred. */
static struct page *take_frame(u32 pfn)
{
    struct page *page = &frames[pfn], *block = page;
    unsigned k = 0;
    if (page->frame.state != FS_FREE)
        return NULL;
    while (!block_starts(block, k)) {
        if (++k > MAX_ORDER)
            return NULL;
        block = &frames[ALIGN_DOWN(pfn, 1u << k)];
    }
    block_remove(block);
    while (k > 0) { /* keep the half with the frame */
        struct page *upper = block + (1u << --k);
        block_add(page < upper ? upper : block, k);
        block = page < upper ? block : upper;
    }
    return page;
}

/* Removes n contiguous blocks of the biggest order from the zone and returns
 * the first: from the start of the deferred range, else from the free list. */
static struct page *take_contiguous(struct zone *z, u64 n)
{
    u64 run = 0, from = z->deferred;
    if (n * BIGGEST <= z->deferred_end - from) {
        set_deferred(z, from + n * BIGGEST, z->deferred_end);
        return &frames[from];
    }
    while (undefer(z))
        ;
    for (u64 pfn = ALIGN_UP(z->start, BIGGEST); pfn + BIGGEST <= z->end;
         pfn += BIGGEST) {
        run = block_starts(&frames[pfn], MAX_ORDER) ? run + 1 : 0;
        if (run < n)
            continue;
        for (; run; run--, pfn -= BIGGEST)
            block_remove(&frames[pfn]);
        return &frames[pfn + BIGGEST];
    }
    return NULL;
}

/* Removes a block of `order` from the zone's lists, splitting a bigger one if
 * need be. An order above MAX_ORDER (tables that grow with RAM) is a row of
 * biggest blocks. */
static struct page *take_block(struct zone *z, unsigned order)
{
    if (order > MAX_ORDER)
        return take_contiguous(z, 1ul << (order - MAX_ORDER));
    unsigned k = order;
    while (k <= MAX_ORDER && list_empty(&z->free_list[k]))
        k++;
    if (k > MAX_ORDER && !undefer(z))
        return NULL;
    k = MIN(k, (unsigned)MAX_ORDER);
    struct page *page = list_first_entry(&z->free_list[k], struct page, link);
    block_remove(page);
    while (k > order) { /* keep the lower half, give the upper back */
        k--;
        block_add(page + (1u << k), k);
    }
    return page;
}

static void give_block(struct page *page, unsigned order)
{
    u64 pfn = page_pfn(page);
    for (; order > MAX_ORDER; order--)
        give_block(page + (1ul << (order - 1)), order - 1);
    for (; order < MAX_ORDER; order++) {
        u64 buddy = pfn ^ 1ul << order;
        if (buddy >= nframes || zone_of(buddy) != zone_of(pfn) ||
            !block_starts(&frames[buddy], order))
            break;
        block_remove(&frames[buddy]);
        pfn &= ~(1ul << order);
    }
    block_add(&frames[pfn], order);
}

u64 alloc_fail_every;

bool alloc_fails_nth(void)
{
    struct proc *me = current;
    if (!me || irq_serving || !me->fail_nth || --me->fail_nth)
        return false;
    me->was_refused |= me->refuse_nth;
    return true;
}

static bool planted_failure(void)
{
    static u64 n;
    struct proc *parent = current ? current->leader->parent : NULL;
    return alloc_fails_nth() ||
           (alloc_fail_every && parent && parent->lens.pid != 1 &&
            ++n % alloc_fail_every == 0);
}

/* Takes the frame that the running process, at its RLIMIT_RSS, has given up for
 * the page that is now allocated (vm/limit.c). NULL: there is none. */
static struct page *frame_regrabbed(enum frame_state state)
{
    u32 pfn = current ? current->given_up : 0;
    if (!pfn || !state_reclaimable(state))
        return NULL;
    current->given_up = 0;
    return take_frame(pfn);
}

/* Takes a block from the zone's free lists. If there is none, free pages with
 * an identity (cache lists) give up frames until there is one; but not for
 * 2 MiB or more, because a huge page's fault can take a small page instead. */
static struct page *zone_block(struct zone *z, unsigned order)
{
    struct page *page;
    while (!(page = take_block(z, order)) && order < HUGE_ORDER &&
           policy_zone_reuse_cached((unsigned)(z - zones)))
        ;
    return page;
}

/* Tries the zones from the highest down: first only those that stay above their
 * low mark, then any that the caller may use (Linux, mm/page_alloc.c,
 * __alloc_pages). */
static struct page *free_block(unsigned order, enum frame_state state)
{
    enum policy_zone top = zone_top(state);
    enum policy_grab kind = memory_kind(state);
    struct page *page = order ? NULL : frame_regrabbed(state);
    for (int low = 1; !page && low >= 0; low--)
        for (struct zone *z = &zones[top]; !page && z > zones; z--)
            if (z->start < z->end && zone_may(z, kind, 1ul << order, top, low))
                page = zone_block(z, order);
    return page;
}

/* Allocates a block; sets *zeros if all its frames were cleared in advance. */
static struct page *alloc_block(unsigned order, enum frame_state state,
                                enum reason why, u32 owner, bool *zeros)
{
    struct page *page = NULL;
    lens_busy();
    if (memory_may_grab(state, 1ul << order) && !planted_failure())
        page = free_block(order, state);
    if (!page) {
        COUNT(ALLOCFAIL);
        lens_ready();
        return NULL;
    }
    u64 n = 1ul << order, zeroed = 0;
    assert(zone_of(page_pfn(page))->free >= n && free_frames >= n);
    free_frames -= n;
    zone_of(page_pfn(page))->free -= n;
    COUNT_ADD(PGALLOC, n);
    for (u64 i = 0; i < n; i++) {
        struct lens_frame *f = &page[i].frame;
        assert(f->state == FS_FREE && f->refs == 0 && f->pins == 0);
        assert(!f->flags && !f->owner && !tell_is_known(&page[i]));
        zeroed += (f->spare & PAGE_CLEARED) != 0;
        f->flags = f->order = f->spare = 0;
        f->owner = owner;
        f->object = f->index = 0;
        list_init(&page[i].link);
        page[i].object = NULL;
        page[i].hash_next = NULL;
        page_set_state(&page[i], state, why);
    }
    cleared -= zeroed;
    *zeros = zeroed == n;
    lens_ready();
    memory_pressed(zone_top(state));
    return page;
}

struct page *page_alloc_order(unsigned order, enum frame_state state,
                              enum reason why, u32 owner)
{
    bool zeros;
    return alloc_block(order, state, why, owner, &zeros);
}

struct page *page_alloc_order_zeroed(unsigned order, u64 bytes,
                                     enum frame_state state, enum reason why,
                                     u32 owner)
{
    bool unused = !counters[C_PGFREE]; /* nothing was ever freed: free frames
                                        * are unused */
    struct page *page = page_alloc_order(order, state, why, owner);
    if (page && !(ram_zeros && unused))
        memset(page_va(page), 0, bytes);
    return page;
}

struct page *page_alloc(enum frame_state state, enum reason why, u32 owner)
{
    return page_alloc_order(0, state, why, owner);
}

struct page *page_alloc_zeroed(enum frame_state state, enum reason why,
                               u32 owner)
{
    bool zeros = false;
    struct page *page = alloc_block(0, state, why, owner, &zeros);
    if (page && zeros)
        COUNT(PREZEROED);
    else if (page)
        page_clear(page_va(page));
    return page;
}

void page_free_order(struct page *page, unsigned order, enum reason why)
{
    u64 n = 1ul << order;
    lens_busy();
    if (why == R_RECLAIM)
        count_page_freed(page);
    for (u64 i = 0; i < n; i++) {
        struct lens_frame *f = &page[i].frame;
        assert(f->state != FS_FREE && f->refs == 0 && f->pins == 0);
        assert(!(f->flags & (FRAME_F_IO | FRAME_F_LOCKED)));
        assert(page_is_anon(&page[i])    ? !page[i].slot && !page[i].anon
               : page_is_cache(&page[i]) ? !page[i].object
                                         : true);
        tell_page_gone(&page[i]);
        page_unmark(&page[i]);
        f->flags = f->spare = 0;
        f->order = NOT_FIRST;
        f->owner = 0;
        f->object = f->index = 0;
        page_set_state(&page[i], FS_FREE, why);
    }
    give_block(page, order);
    zone_of(page_pfn(page))->pages_scanned = 0;
    zone_of(page_pfn(page))->free += n;
    free_frames += n;
    COUNT_ADD(PGFREE, n);
    lens_ready();
    if (memory_waiters)
        memory_freed();
}

void page_free(struct page *page, enum reason why)
{
    page_free_order(page, 0, why);
}

static void list_blocks(u64 pfn, u64 end)
{
    while (pfn < end) {
        unsigned order = MAX_ORDER;
        while (pfn & ((1ul << order) - 1) || 1ul << order > end - pfn)
            order--;
        block_add(&frames[pfn], order);
        pfn += 1ul << order;
    }
}

/* Adds a free range to the zone. The zone's longest range of biggest blocks is
 * deferred, the others are listed. */
static void give_stretch(struct zone *z, u64 pfn, u64 end)
{
    u64 from = ALIGN_UP(pfn, BIGGEST), to = ALIGN_DOWN(end, BIGGEST);
    u64 was = z->deferred, was_end = z->deferred_end;
    z->free += end - pfn;
    free_frames += end - pfn;
    if (from >= to || to - from <= was_end - was) {
        list_blocks(pfn, end);
        return;
    }
    set_deferred(z, from, to);
    list_blocks(was, was_end);
    list_blocks(pfn, from);
    list_blocks(to, end);
}

void page_give(u64 from, u64 to)
{
    u64 end = (to - ram_base) >> PAGE_SHIFT;
    for (u64 pfn = (from - ram_base) >> PAGE_SHIFT, stop; pfn < end;
         pfn = stop) {
        stop = MIN(end, zone_of(pfn)->end);
        give_stretch(zone_of(pfn), pfn, stop);
    }
}

void page_reserve(u64 from, u64 to, enum frame_state state)
{
    u64 n = (to - from) >> PAGE_SHIFT;
    struct page *page = pa_to_page(from), *end = page + n;
    for (; page < end; page++) {
        page->frame.state = (u8)state;
        page->frame.pins = 1;
    }
    state_frames[FS_FREE] -= n;
    state_frames[state] += n;
    boot_frames += n;
}

void page_clear(void *va)
{
    u64 *p = va, *end = p + PAGE_SIZE / 8;
    for (; p < end; p += 8) {
        p[0] = p[1] = p[2] = p[3] = 0;
        p[4] = p[5] = p[6] = p[7] = 0;
    }
}

void page_copy(void *to, const void *from)
{
    memcpy(to, from, PAGE_SIZE);
}

static struct page *not_cleared(const struct zone *z, unsigned order)
{
    struct page *block;
    list_for_each_entry(block, &z->free_list[order], link)
    {
        for (u64 i = 0; i < 1ul << order; i++)
            if (!(block[i].frame.spare & PAGE_CLEARED))
                return &block[i];
    }
    return NULL;
}

/* Returns the next free frame to clear: of small blocks of all zones, then of
 * bigger ones, then of deferred ones, which it puts on the list. */
static struct page *next_to_clear(void)
{
    struct page *page;
    for (unsigned k = 0; k <= MAX_ORDER; k++)
        for (struct zone *z = &zones[POLICY_ZONES - 1]; z > zones; z--)
            do {
                if ((page = not_cleared(z, k)))
                    return page;
            } while (k == MAX_ORDER && undefer(z));
    return NULL;
}

bool page_clear_ahead(void)
{
    if (cleared >= (u64)tun(TUN_PREZERO) || cleared >= free_frames)
        return false;
    lens_busy();
    struct page *page = next_to_clear();
    lens_ready();
    if (!page)
        return false;
    page_clear(page_va(page));
    page->frame.spare |= PAGE_CLEARED;
    cleared++;
    return true;
}

/* Initialises the allocator's state; page_reserve and page_give then say which
 * frames are free. */
void page_table_init(void *table, u64 base, u64 n, bool zeros)
{
    frames = table;
    ram_base = base;
    nframes = n;
    ram_zeros = zeros;
    if (!zeros)
        memset(table, 0, n * sizeof(struct page));
    state_frames[FS_FREE] = n;
}
