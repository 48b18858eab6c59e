/* SPDX-License-Identifier: MIT */
/* Keeps the swap areas, with a use count for each slot. Slots are allocated in
 * clusters, so that pages evicted together are adjacent on the disk and can be
 * read together. */
#include "vm/shadow.h"
#include "vm/swap.h"
#include "abi/swap_header.h"
#include "arch/fdt.h"
#include "drv/virtio_blk.h"
#include "task/proc.h"
#include "vm/pte.h"
#include "vm/reclaim.h"
#include "vm/shmem.h"
#include "vm/vm.h"

/* In the map, above a slot's count: the slot's page is in memory, in the swap
 * cache (CACHED) or in the object that owns the slot (OWNED). */
#define CACHED      LENS_SLOT_CACHED
#define OWNED       0x4000u
#define CLUSTER     32u /* adjacent slots to search for (Linux 2.4: 256) */
#define SECTORS     (PAGE_SIZE / SECTOR_SIZE)
#define INDEX(slot) ((slot) & ((1u << SLOT_BITS) - 1))

static struct area {
    struct blkdev *dev; /* NULL: not in use */
    u32 pages;          /* with the header */
    u32 used;
    struct pieces map; /* by page, u16: users, CACHED, OWNED */
    u32 next, left;    /* of the cluster that is being filled */
    u32 lowest;        /* no slot below it is free */
    bool no_run;       /* no CLUSTER contiguous slots are free */
    bool going;        /* swapoff is in progress: no new slots */
} areas[SWAP_AREAS];
/* The machine reads this table (abi.h). */
_Static_assert(sizeof(struct area) == sizeof(struct lens_swap_area) &&
                   offsetof(struct area, pages) ==
                       offsetof(struct lens_swap_area, pages) &&
                   offsetof(struct area, map) + offsetof(struct pieces, at) ==
                       offsetof(struct lens_swap_area, map_va),
               "as the machine reads it");

u64 swap_slots, swap_used;

static u16 *map_entry(const struct area *a, u32 page)
{
    return piece_at(&a->map, page * sizeof(u16));
}

static u16 *entry(u32 slot)
{
    struct area *a = &areas[slot >> SLOT_BITS];
    assert(slot >> SLOT_BITS < SWAP_AREAS && a->dev && INDEX(slot) &&
           INDEX(slot) < a->pages);
    return map_entry(a, INDEX(slot));
}

/* Returns the first of n contiguous free slots from page `from` on, or 0. */
static u32 find_run(const struct area *a, u32 from, u32 n)
{
    u32 run = 0;
    for (u32 i = from; i < a->pages; i++) {
        run = *map_entry(a, i) ? 0 : run + 1;
        if (run == n)
            return i + 1 - n;
    }
    return 0;
}

/* Finds the next free cluster. A full or fragmented area has none: then single
 * slots are used, and no cluster is searched for until released() finds that
 * one is free. */
static void next_cluster(struct area *a)
{
    a->left = CLUSTER;
    if (!a->no_run) {
        a->next = find_run(a, a->next, CLUSTER);
        if (!a->next)
            a->next = find_run(a, 1, CLUSTER);
        a->no_run = !a->next;
    }
    if (a->no_run) {
        a->next = a->lowest = find_run(a, a->lowest, 1);
        a->left = 1;
    }
}

static bool ends_a_row(const struct area *a, u32 page)
{
    u32 n = 1;
    for (u32 i = page; n < CLUSTER && !*map_entry(a, i - 1); i--)
        n++;
    for (u32 i = page + 1; n < CLUSTER && i < a->pages && !*map_entry(a, i);
         i++)
        n++;
    return n == CLUSTER;
}

static u32 take_from(struct area *a)
{
    if (!a->dev || a->going || a->used == a->pages - 1)
        return 0;
    while (a->left && *map_entry(a, a->next))
        a->next++, a->left--;
    if (!a->left)
        next_cluster(a);
    assert(a->left && a->next && a->next < a->pages && !*map_entry(a, a->next));
    a->left--;
    a->used++;
    swap_used++;
    *map_entry(a, a->next) = CACHED;
    return (u32)(a - areas) << SLOT_BITS | a->next++;
}

u32 swap_alloc(void)
{
    u32 slot = 0;
    for (struct area *a = areas; a < areas + SWAP_AREAS && !slot; a++)
        slot = take_from(a);
    return slot;
}

static void released(u32 slot)
{
    shadow_take(shadow_of_slot(slot)); /* the slot's page is gone */
    struct area *a = &areas[slot >> SLOT_BITS];
    assert(a->used && swap_used && !*entry(slot));
    a->used--;
    a->lowest = MIN(a->lowest, INDEX(slot));
    a->no_run = a->no_run && !ends_a_row(a, INDEX(slot));
    swap_used--;
}

void swap_get(u32 slot)
{
    u16 *e = entry(slot);
    assert(*e && (*e & SWAP_COUNT_MAX) < SWAP_COUNT_MAX); /* a slot in use */
    ++*e;
}

void swap_put(u32 slot, enum reason why)
{
    u16 *e = entry(slot);
    assert(*e & SWAP_COUNT_MAX);
    --*e;
    assert(*e != OWNED); /* an owner's own count is the last to go */
    if (*e == 0) {
        released(slot);
    } else if (*e == CACHED) {
        struct page *page = swapcache_find(slot);
        if (page && page->frame.refs == 0)
            swapcache_unmapped(page, why);
    }
}

u32 swap_count(u32 slot)
{
    return *entry(slot) & SWAP_COUNT_MAX;
}

void swap_recache(u32 slot)
{
    assert(swap_count(slot) && !swap_in_memory(slot));
    *entry(slot) |= CACHED;
}

void swap_uncache(u32 slot)
{
    u16 *e = entry(slot);
    assert(*e & CACHED);
    *e &= (u16)~CACHED;
    if (!*e)
        released(slot);
}

/* Returns the number of free slots, except in an area that swapoff empties. */
u64 swap_room(void)
{
    u64 n = 0;
    for (const struct area *a = areas; a < areas + SWAP_AREAS; a++)
        if (a->dev && !a->going)
            n += a->pages - 1 - a->used;
    return n;
}

bool swap_full(void)
{
    return !swap_room();
}

bool swap_scarce(void)
{
    return swap_used > swap_slots / 2;
}

bool slot_place(u32 slot, struct blkdev **dev, u64 *sector)
{
    const struct area *a = &areas[slot >> SLOT_BITS];
    *dev = a->dev;
    *sector = INDEX(slot) * SECTORS;
    return a->dev != NULL;
}

void slot_window(u32 slot, u32 n, u32 *first, u32 *end)
{
    const struct area *a = &areas[slot >> SLOT_BITS];
    u32 base = slot - INDEX(slot), from = INDEX(slot) & ~(n - 1);
    *first = base + MAX(from, 1u);
    *end = base + MIN(from + n, a->pages);
}

bool slot_going(u32 slot)
{
    return areas[slot >> SLOT_BITS].going;
}

u64 slot_number(u32 slot)
{
    u64 n = 0;
    if (slot >> SLOT_BITS >= SWAP_AREAS)
        return ~0ul;
    const struct area *a = &areas[slot >> SLOT_BITS];
    for (const struct area *b = areas; b < a; b++)
        n += b->dev ? b->pages - 1 : 0;
    return a->dev && INDEX(slot) && INDEX(slot) < a->pages ? n + INDEX(slot) - 1
                                                           : ~0ul;
}

u32 slot_by_number(u64 n)
{
    const struct area *a = areas;
    for (; !a->dev || n >= a->pages - 1; a++)
        n -= a->dev ? a->pages - 1 : 0;
    return (u32)(a - areas) << SLOT_BITS | (u32)(n + 1);
}

bool swap_is_used(u32 slot)
{
    return *entry(slot) != 0;
}

bool swap_is_cached(u32 slot)
{
    return *entry(slot) & CACHED;
}

void swap_set_owned(u32 slot, bool owned)
{
    u16 *e = entry(slot);
    assert(!(*e & CACHED) && owned == !(*e & OWNED) && swap_count(slot));
    *e ^= OWNED;
}

bool swap_in_memory(u32 slot)
{
    return *entry(slot) & (CACHED | OWNED);
}

bool swap_area_info(unsigned n, struct blkdev **dev, u64 *slots, u64 *used)
{
    for (const struct area *a = areas; a < areas + SWAP_AREAS; a++)
        if (a->dev && n-- == 0) {
            *dev = a->dev;
            *slots = a->pages - 1;
            *used = a->used;
            return true;
        }
    return false;
}

static struct area *area_of(const struct blkdev *dev)
{
    for (struct area *a = areas; a < areas + SWAP_AREAS; a++)
        if (a->dev == dev)
            return a;
    return NULL;
}

/* Returns the area's number of pages, header included, or -errno. */
static s64 read_header(struct blkdev *dev, bool blank_will_do)
{
    u64 pages = blk_sectors(dev) / SECTORS, bits = 0;
    u64 *page = kmalloc(PAGE_SIZE);
    if (!page)
        return -ENOMEM;
    const struct swap_header *h = (const void *)page;
    int err = pages < 2 || blk_readonly(dev) ? -EINVAL
                                             : blk_read(dev, 0, page, SECTORS);
    for (u64 i = 0; !err && i < PAGE_SIZE / 8; i++)
        bits |= page[i];
    if (!err && (bits || !blank_will_do)) {
        if (memcmp(h->magic, SWAP_MAGIC, sizeof h->magic) ||
            h->version != SWAP_VERSION || h->bad_pages || h->last_page == 0 ||
            h->last_page >= pages)
            err = -EINVAL;
        else
            pages = (u64)h->last_page + 1;
    }
    kfree(page);
    return err ? err : (s64)MIN(pages, 1ul << SLOT_BITS);
}

static int use_area(struct blkdev *dev, bool blank_will_do)
{
    s64 pages = read_header(dev, blank_will_do);
    if (pages < 0)
        return (int)pages;
    struct pieces map = {0};
    bool given = pieces_reach(&map, (u64)pages * sizeof(u16), kzalloc_wait);
    struct area *a = area_of(NULL);
    if (!given || !a) {
        pieces_free(&map);
        return !given ? -ENOMEM : -EPERM;
    }
    *a = (struct area){
        .dev = dev, .pages = (u32)pages, .next = 1, .lowest = 1, .map = map};
    *map_entry(a, 0) = CACHED;
    swap_slots += (u64)pages - 1;
    audit_reserve();
    memory_relieved();
    return 0;
}

int swap_on(struct blkdev *dev, bool blank_will_do)
{
    if (!blk_take(dev, true))
        return -EBUSY;
    int err = use_area(dev, blank_will_do);
    if (err)
        blk_give(dev);
    return err;
}

/* Reads in all pages of one address space that are in the area. => sleeps, and
 * then looks for the next entry again; the caller holds a reference to s */
static int empty_space(struct space *s, const struct area *a)
{
    u64 va = 0, *slot;
    while (s->root && (slot = pte_next(s, &va, USER_TOP))) {
        u64 pte = *slot;
        if (signal_pending(current)) /* Linux 6.12, mm/swapfile.c: unuse_mm */
            return -EINTR;
        if (pte_is_swap(pte) && pte_slot(pte) >> SLOT_BITS == a - areas) {
            int err = swap_page_in(s, va);
            if (err == -EAGAIN)
                continue;
            if (err)
                return err;
        }
        va += PAGE_SIZE;
    }
    return 0;
}

static int empty_spaces(const struct area *a)
{
    struct space *s;
    int err = 0;
    for (u64 at = 0; !err && (s = space_after(at));) {
        at = s->serial;
        space_ref(s);
        err = empty_space(s, a);
        space_unref(s);
    }
    return err;
}

static void note_going(u32 slot, bool holds, void *arg)
{
    *(bool *)arg |= slot_going(slot);
}

/* True while the disk reads or writes a slot of the area to be emptied. */
static bool in_transfer(void)
{
    bool some = false;
    swap_each_transfer(note_going, &some);
    return some;
}

static void empty_cache(const struct area *a)
{
    for (u64 i = 0; i < nframes; i++) {
        struct page *page = &frames[i];
        if (page->frame.state == FS_SWAPCACHE &&
            page->slot >> SLOT_BITS == a - areas)
            swap_wait_page(page);
        if (page->frame.state != FS_SWAPCACHE ||
            page->slot >> SLOT_BITS != a - areas)
            continue;
        /* A page that is shared after a fork may have been unmapped again in a
         * space that was emptied before: the next round maps it there. */
        if (page->frame.refs && !swap_count(page->slot))
            swapcache_remove(page, R_SWAP_OFF);
    }
}

/* => sleeps; a->going keeps another swapoff and new slots out meanwhile */
int swap_off(struct blkdev *dev)
{
    struct area *a = dev ? area_of(dev) : NULL;
    if (!a || a->going)
        return -EINVAL;
    struct vm_stats st;
    vm_stats(&st);
    u64 elsewhere = swap_slots - swap_used - (a->pages - 1 - a->used);
    if (a->used > st.available + memory_swap_cache() + elsewhere ||
        !commit_allows(current->space, a->pages - 1)) /* to do without them */
        return -ENOMEM;
    a->going = true;
    current->leader->empties_swap++;
    int err = 0;
    for (int round = 0; !err && a->used && round < 8; round++) {
        err = empty_spaces(a);
        if (!err)
            err = shmem_empty((u32)(a - areas));
        empty_cache(a);
        while (!err && in_transfer())
            swap_wait_any();
    }
    if (!err && signal_fatal_pending(current)) /* memory would not suffice */
        err = -EINTR;
    current->leader->empties_swap--;
    current->was_refused = false; /* as in Linux it does not wait for memory */
    a->going = false;
    if (err || a->used) {
        memory_relieved(); /* its free slots may be taken again */
        return err ? err : -ENOMEM;
    }
    assert(swap_slots - swap_used >= a->pages - 1);
    swap_slots -= a->pages - 1;
    pieces_free(&a->map);
    *a = (struct area){0};
    blk_give(dev);
    return 0;
}

void swap_boot(void)
{
    char name[32] = "";
    bool named = boot_arg("swap", name, sizeof name);
    struct blkdev *dev;
    if (!strcmp(name, "none"))
        return;
    for (int n = 1; (dev = blk_dev(n)); n++) {
        const char *path = strncmp(name, "/dev/", 5) ? name : name + 5;
        if (named && strcmp(path, blk_name(dev)))
            continue;
        int err = swap_on(dev, named); /* a blank disk that no one names
                                        * may have another purpose */
        if (!err)
            return;
        if (named || err != -EINVAL) /* else it is not a swap area */
            kprintf("swap: %s: error %d\n", blk_name(dev), -err);
    }
}
