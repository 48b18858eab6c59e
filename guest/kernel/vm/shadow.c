/* SPDX-License-Identifier: MIT */
/* Entries are on lists, the oldest first, and in a hash table. A chain of the
 * table is a ring of numbers: the chain's own (n or above), then its entries'
 * (below n). So drop finds an entry's predecessor although no key is kept.
 * Low bits of the key's hash select the chain; the high 32 are kept as a
 * tag: two pages are confused once in some 10^9 cases. */
#include "vm/shadow.h"

static struct framelist shadow_lists;
static uint32_t *tags, *links;
static uint32_t places, chains; /* chains: a power of two */
static uint32_t fresh;          /* places from here on were never used */
static uint32_t unused;         /* first place free again, or POLICY_NONE */

uint64_t shadow_links(uint64_t n)
{
    uint64_t c = 1;
    while (4 * c <= n)
        c *= 2;
    return n + c;
}

void shadow_init(const struct shadow_memory *memory, uint32_t n)
{
    framelist_init(&shadow_lists, memory->entries);
    tags = memory->tags;
    links = memory->links;
    places = n;
    chains = (uint32_t)shadow_links(n) - n;
    fresh = 0;
    unused = POLICY_NONE;
}

/* links[i] is the number after i, xor i: so zeroed memory has empty rings. */
static uint32_t after(uint32_t i)
{
    return links[i] ^ i;
}

static void set_after(uint32_t i, uint32_t next)
{
    links[i] = next ^ i;
}

/* The finalizer of splitmix64 (Steele, Lea, Flood 2014). */
static uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ x >> 27) * 0x94d049bb133111ebull;
    return x ^ x >> 31;
}

static uint32_t chain_of(uint64_t hash)
{
    return places + ((uint32_t)hash & (chains - 1));
}

static void drop(uint32_t i)
{
    uint32_t before = after(i);
    while (after(before) != i)
        before = after(before);
    set_after(before, after(i));
    framelist_remove(&shadow_lists, i);
    set_after(i, unused);
    unused = i;
}

bool shadow_forget(unsigned list)
{
    uint32_t oldest = shadow_lists.first[list];
    if (oldest != POLICY_NONE)
        drop(oldest);
    return oldest != POLICY_NONE;
}

static uint32_t free_place(unsigned list)
{
    if (unused == POLICY_NONE && fresh < places)
        return fresh++;
    if (unused == POLICY_NONE && !shadow_forget(list))
        for (unsigned other = 1; !shadow_forget(other);)
            other++;
    uint32_t i = unused;
    unused = after(i);
    return i;
}

void shadow_put(uint64_t key, unsigned list, uint32_t value)
{
    shadow_take(key);
    uint64_t hash = mix(key);
    uint32_t i = free_place(list), chain = chain_of(hash);
    set_after(i, after(chain));
    set_after(chain, i);
    tags[i] = (uint32_t)(hash >> 32);
    shadow_lists.entry[i].data = value;
    framelist_add_tail(&shadow_lists, list, i);
}

uint32_t shadow_take(uint64_t key)
{
    uint64_t hash = mix(key);
    for (uint32_t i = after(chain_of(hash)); i < places; i = after(i))
        if (tags[i] == (uint32_t)(hash >> 32)) {
            drop(i);
            return shadow_lists.entry[i].data;
        }
    return 0;
}

const uint64_t *shadow_count(unsigned list)
{
    return &shadow_lists.count[list];
}
