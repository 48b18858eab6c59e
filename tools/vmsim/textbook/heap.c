/* SPDX-License-Identifier: MIT */
#include "tools/vmsim/textbook/heap.h"

enum { IN_MEMORY = 1 };

void heap_start(struct heap *h, u32 room)
{
    *h = (struct heap){.at = xcalloc(room, sizeof(u32)),
                       .key = xcalloc(room, sizeof(u64))};
}

void heap_end(struct heap *h)
{
    free(h->at);
    free(h->key);
}

static void put(struct heap *h, struct memory *m, u32 place, u32 page, u64 key)
{
    h->at[place] = page;
    h->key[place] = key;
    m->page[page].word = place;
}

/* Moves the hole at `place` to the key's place, and puts the page there. */
static void settle(struct heap *h, struct memory *m, u32 place, u32 page,
                   u64 key)
{
    while (place && h->key[(place - 1) / 2] > key) {
        u32 parent = (place - 1) / 2;
        put(h, m, place, h->at[parent], h->key[parent]);
        place = parent;
    }
    for (u32 child; (child = 2 * place + 1) < h->count; place = child) {
        if (child + 1 < h->count && h->key[child + 1] < h->key[child])
            child++;
        if (h->key[child] >= key)
            break;
        put(h, m, place, h->at[child], h->key[child]);
    }
    put(h, m, place, page, key);
}

u32 heap_access(struct heap *h, struct memory *m, u32 page, u64 key)
{
    struct page *p = &m->page[page];
    u32 victim = LOADED;
    if (p->list) {
        settle(h, m, p->word, page, key);
        return HIT;
    }
    if (h->count == m->frames) {
        victim = h->at[0]; /* the victim */
        m->page[victim].list = 0;
        h->count--;
        if (h->count)
            settle(h, m, 0, h->at[h->count], h->key[h->count]);
    }
    p->list = IN_MEMORY;
    h->count++;
    settle(h, m, h->count - 1, page, key);
    return victim;
}
