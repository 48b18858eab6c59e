/* SPDX-License-Identifier: MIT */
/* A binary heap of pages, the smallest key first. A page's `word` is its place
 * in the heap. */
#pragma once

#include "tools/vmsim/textbook/textbook.h"

struct heap {
    u32 *at; /* pages; at[0] has the smallest key */
    u64 *key;
    u32 count;
};

void heap_start(struct heap *, u32 room);
void heap_end(struct heap *);
/* Does a policy's access(): gives the page its new key. If the page is not in
 * memory and memory is full, the page of the smallest key leaves. */
u32 heap_access(struct heap *, struct memory *, u32 page, u64 key);
