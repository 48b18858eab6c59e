/* SPDX-License-Identifier: MIT */
/* Keeps a shadow entry of each evicted page: 32 bits under the page's identity,
 * in a table of bounded size. A page that comes in again while its entry exists
 * is a refault. (Linux keeps a shadow in the slot of the page cache or the swap
 * cache that the page has left: mm/workingset.c.) */
#pragma once

#include "vm/framelist.h"

/* The memory of n entries, zeroed; the caller keeps owning it. => shadow_init
 * is called before all other functions */
struct shadow_memory {
    struct frame_entry *entries; /* n */
    uint32_t *tags;              /* n */
    uint32_t *links;             /* shadow_links(n) */
};
uint64_t shadow_links(uint64_t n);
void shadow_init(const struct shadow_memory *, uint32_t n);

/* Adds an entry at the young end of one of POLICY_LISTS lists; value is not 0.
 * If all n are in use, drops the oldest entry of this list or, if the list is
 * empty, of another. */
void shadow_put(uint64_t key, unsigned list, uint32_t value);
/* Removes the entry and returns its value, or 0. */
uint32_t shadow_take(uint64_t key);
/* Drops the oldest entry of the list. False: it is empty. */
bool shadow_forget(unsigned list);
const uint64_t *shadow_count(unsigned list);

/* Keys for page `index` of an object, and for a slot in swap. */
static inline uint64_t shadow_of_object(uint64_t serial, uint64_t index)
{
    return serial << 40 ^ index;
}
static inline uint64_t shadow_of_slot(uint32_t slot)
{
    return 1ull << 63 | slot;
}
