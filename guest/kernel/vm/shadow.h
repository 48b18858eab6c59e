/* SPDX-License-Identifier: MIT */
/* Shadow entries of evicted pages: 32 bits under the page's identity, in a
 * table of bounded size. A page that comes in again while its shadow entry
 * exists is a refault. (Linux keeps the same in the slot of the page cache or
 * the swap cache that the page has left: mm/workingset.c.) */
#ifndef VM_SHADOW_H
#define VM_SHADOW_H

#include <stdint.h>

/* Room for at least n pages; memory: shadow_bytes(n) bytes, zeroed. => called
 * before the others */
uint64_t shadow_bytes(uint64_t n);
void shadow_init(void *memory, uint64_t n);

/* Adds an entry; value is not 0. The oldest entry of the same set is
 * dropped. */
void shadow_put(uint64_t key, uint32_t value);
/* Removes the entry and returns its value, or 0. */
uint32_t shadow_take(uint64_t key);

/* Keys for page `index` of an object, and for a slot in swap. */
static inline uint64_t shadow_of_object(uint64_t serial, uint64_t index)
{
    return serial << 40 ^ index;
}
static inline uint64_t shadow_of_slot(uint32_t slot)
{
    return 1ull << 63 | slot;
}

#endif
