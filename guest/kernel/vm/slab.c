/* SPDX-License-Identifier: MIT */
/* kmalloc: power-of-two objects carved from single frames (Bonwick's slab,
 * 1994, without constructors); above 2 KiB, whole blocks of the buddy.
 * frame.index of a slab's frame is its object size; of a block, its order
 * with BLOCK_TAG. */
#include "vm/page.h"

#define MIN_SHIFT 4
#define MAX_SHIFT 11
#define BLOCK_TAG (1ul << 32)

static struct list partial[MAX_SHIFT + 1]; /* slabs with room, by shift */
static u64 slab_frames;

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
    list_add(&page->link, &partial[shift]);
    return page;
}

static void *alloc_block(size_t size)
{
    unsigned order = 0;
    while (PAGE_SIZE << order < size)
        if (++order > ROW_ORDER)
            return NULL;
    struct page *page = page_alloc_order(order, FS_KDATA, R_ALLOC_KERNEL, 0);
    if (!page)
        return NULL;
    for (unsigned i = 0; i < 1u << order; i++)
        page[i].frame.pins = 1;
    page->frame.index = BLOCK_TAG | order;
    slab_frames += 1ul << order;
    return page_va(page);
}

void *kmalloc(size_t size)
{
    unsigned shift = MIN_SHIFT;
    while (1ul << shift < size)
        if (++shift > MAX_SHIFT)
            return alloc_block(size);
    if (!partial[shift].next)
        list_init(&partial[shift]);
    if (list_empty(&partial[shift]) && !new_slab(shift))
        return NULL;
    struct page *page = list_first_entry(&partial[shift], struct page, link);
    struct free_object *o = page->slab_free;
    page->slab_free = o->next;
    page->slab_used++;
    if (!page->slab_free)
        list_del(&page->link);
    return o;
}

void *kzalloc(size_t size)
{
    void *p = kmalloc(size);
    return p ? memset(p, 0, size) : NULL;
}

static void free_block(struct page *page)
{
    unsigned order = (unsigned)(page->frame.index & ~BLOCK_TAG);
    for (unsigned i = 0; i < 1u << order; i++)
        page[i].frame.pins = 0;
    slab_frames -= 1ul << order;
    page_free_order(page, order, R_FREE_KERNEL);
}

void kfree(void *p)
{
    if (!p)
        return;
    struct page *page = va_to_page(p);
    assert(page && page->frame.state == FS_KDATA && page->frame.index);
    if (page->frame.index & BLOCK_TAG) {
        free_block(page);
        return;
    }
    assert(page->slab_used && (u64)p % page->frame.index == 0);
    unsigned shift = (unsigned)__builtin_ctzl(page->frame.index);
    struct free_object *o = p;
    o->next = page->slab_free;
    if (!page->slab_free)
        list_add(&page->link, &partial[shift]);
    page->slab_free = o;
    if (--page->slab_used == 0) {
        list_del(&page->link);
        page->frame.pins = 0;
        slab_frames--;
        page_free(page, R_FREE_KERNEL);
    }
}

u64 slab_bytes(void)
{
    return slab_frames << PAGE_SHIFT;
}
