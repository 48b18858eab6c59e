/* SPDX-License-Identifier: MIT */
#include "tools/vmsim/textbook/heap.h"

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

void heap_add(struct heap *h, struct memory *m, u32 page, u64 key)
{
    u32 place = h->count++;
    h->key[place] = key;
    settle(h, m, place, page, key);
}

void heap_change(struct heap *h, struct memory *m, u32 page, u64 key)
{
    settle(h, m, m->page[page].word, page, key);
}

u32 heap_pop(struct heap *h, struct memory *m)
{
    u32 page = h->at[0], last = --h->count;
    if (last)
        settle(h, m, 0, h->at[last], h->key[last]);
    return page;
}
