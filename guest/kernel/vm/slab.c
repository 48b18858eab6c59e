/* SPDX-License-Identifier: MIT */
/* kmalloc carves power-of-two objects from single frames (Bonwick's slab, 1994,
 * without constructors); above 2 KiB it takes whole blocks from the buddy
 * allocator. frame.index is the object size in a slab; in a block it is the
 * order, with BLOCK_TAG. */
#include "vm/page.h"

#define MIN_SHIFT 4
#define MAX_SHIFT 11
#define BLOCK_TAG (1ul << 32)

static struct list partial[MAX_SHIFT + 1]; /* slabs with room, by shift */
static u64 slab_frames;
/* For sar -k: objects in use and slabs, by shift; frames of whole blocks. */
static u64 used[MAX_SHIFT + 1], slabs[MAX_SHIFT + 1], block_frames;

static u64 refused[3];

#define SMALL_SHIFT 8 /* the small pool has objects of up to 256 bytes */
enum pool { SMALL, LARGE, OVERSIZE };

struct free_object {
    struct free_object *next;
};

static struct page *new_slab(unsigned shift)
{
    struct page *page = page_alloc(FS_KDATA, R_ALLOC_KERNEL, 0);
    if (!page)
        return NULL;
    char *va = page_va(page);
    struct free_object *chain = NULL;
    for (size_t off = PAGE_SIZE; off > 0;) {
        off -= 1ul << shift;
        struct free_object *o = (void *)(va + off);
        o->next = chain;
        chain = o;
    }
    page->slab_free = chain;
    page->slab_used = 0;
    page->frame.index = 1ul << shift;
    page->frame.pins = 1;
    slab_frames++;
    slabs[shift]++;
    list_add(&page->link, &partial[shift]);
    return page;
}

unsigned kmalloc_order(size_t size)
{
    unsigned order = 0;
    while (order <= ROW_ORDER && PAGE_SIZE << order < size)
        order++;
    return order;
}

static void *slab_alloc_block(size_t size, bool zeroed)
{
    unsigned order = kmalloc_order(size);
    struct page *page = NULL;
    if (order <= ROW_ORDER)
        page = page_alloc_order_zeroed(order, zeroed ? size : 0, FS_KDATA,
                                       R_ALLOC_KERNEL, 0);
    if (!page) {
        refused[OVERSIZE]++;
        return NULL;
    }
    for (unsigned i = 0; i < 1u << order; i++)
        page[i].frame.pins = 1;
    page->frame.index = BLOCK_TAG | order;
    slab_frames += 1ul << order;
    block_frames += 1ul << order;
    return page_va(page);
}

void *kmalloc(size_t size)
{
    unsigned shift = MIN_SHIFT;
    while (1ul << shift < size)
        if (++shift > MAX_SHIFT)
            return slab_alloc_block(size, false);
    if (!partial[shift].next)
        list_init(&partial[shift]);
    if (alloc_fails_nth() ||
        (list_empty(&partial[shift]) && !new_slab(shift))) {
        refused[shift <= SMALL_SHIFT ? SMALL : LARGE]++;
        return NULL;
    }
    struct page *page = list_first_entry(&partial[shift], struct page, link);
    struct free_object *o = page->slab_free;
    page->slab_free = o->next;
    page->slab_used++;
    used[shift]++;
    if (!page->slab_free)
        list_del(&page->link);
    return o;
}

void *kzalloc(size_t size)
{
    if (size > 1ul << MAX_SHIFT)
        return slab_alloc_block(size, true);
    void *p = kmalloc(size);
    return p ? memset(p, 0, size) : NULL;
}

static void slab_free_block(struct page *page)
{
    unsigned order = (unsigned)(page->frame.index & ~BLOCK_TAG);
    for (unsigned i = 0; i < 1u << order; i++)
        page[i].frame.pins = 0;
    slab_frames -= 1ul << order;
    block_frames -= 1ul << order;
    page_free_order(page, order, R_FREE_KERNEL);
}

void kfree(void *p)
{
    if (!p)
        return;
    struct page *page = va_to_page(p);
    assert(page && page->frame.state == FS_KDATA && page->frame.index);
    if (page->frame.index & BLOCK_TAG) {
        slab_free_block(page);
        return;
    }
    assert(page->slab_used && (u64)p % page->frame.index == 0);
    unsigned shift = (unsigned)__builtin_ctzl(page->frame.index);
    struct free_object *o = p;
    o->next = page->slab_free;
    if (!page->slab_free)
        list_add(&page->link, &partial[shift]);
    page->slab_free = o;
    used[shift]--;
    /* The only slab with room stays, though empty (SLUB's min_partial, Linux
     * since 2.6.22), or a kmalloc-kfree loop would take a frame each time. */
    if (--page->slab_used == 0 && partial[shift].next != partial[shift].prev) {
        list_del(&page->link);
        page->frame.pins = 0;
        slab_frames--;
        slabs[shift]--;
        page_free(page, R_FREE_KERNEL);
    }
}

bool pieces_reach(struct pieces *p, u64 bytes, void *(*alloc)(size_t))
{
    u64 n = DIV_ROUND_UP(bytes, PAGE_SIZE);
    u8 **more = n > p->room ? alloc(n * sizeof *more) : p->at;
    if (n > p->room && more) {
        if (p->n)
            memcpy(more, p->at, p->n * sizeof *more);
        kfree(p->at);
        p->at = more;
        p->room = n;
    }
    while (p->n < MIN(n, p->room) && (p->at[p->n] = alloc(PAGE_SIZE)))
        p->n++;
    return p->n >= n;
}

void pieces_free(struct pieces *p)
{
    while (p->n)
        kfree(p->at[--p->n]);
    kfree(p->at);
    *p = (struct pieces){0};
}

u64 slab_bytes(void)
{
    return slab_frames << PAGE_SHIFT;
}

struct kmem_pools kmem_pools(void)
{
    struct kmem_pools k = {.oversize = block_frames << PAGE_SHIFT,
                           .small_fail = refused[SMALL],
                           .large_fail = refused[LARGE],
                           .oversize_fail = refused[OVERSIZE]};
    for (unsigned shift = MIN_SHIFT; shift <= MAX_SHIFT; shift++) {
        bool small = shift <= SMALL_SHIFT;
        *(small ? &k.small_mem : &k.large_mem) += slabs[shift] << PAGE_SHIFT;
        *(small ? &k.small_alloc : &k.large_alloc) += used[shift] << shift;
    }
    return k;
}
