/* SPDX-License-Identifier: MIT */
/* A set-associative hash with WAYS entries a set, the newest first. The key is
 * kept as a tag of 32 further bits of its hash, so that two pages are confused
 * once in some 10^9 cases. */
#include "vm/shadow.h"

#define WAYS 8u

static struct entry {
    uint32_t tag, value; /* value 0: empty */
} * table;
static uint64_t nsets; /* a power of two */

static uint64_t sets(uint64_t n)
{
    uint64_t s = 1;
    while (s * WAYS < n)
        s *= 2;
    return s;
}

uint64_t shadow_bytes(uint64_t n)
{
    return sets(n) * WAYS * sizeof(struct entry);
}

void shadow_init(void *memory, uint64_t n)
{
    table = memory;
    nsets = sets(n);
}

/* The finalizer of splitmix64 (Steele, Lea, Flood 2014). */
static uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ x >> 27) * 0x94d049bb133111ebull;
    return x ^ x >> 31;
}

void shadow_put(uint64_t key, uint32_t value)
{
    uint64_t h = mix(key);
    struct entry *set = &table[(h & (nsets - 1)) * WAYS];
    unsigned i = 0;
    while (i < WAYS - 1 && set[i].value && set[i].tag != (uint32_t)(h >> 32))
        i++;
    for (; i > 0; i--)
        set[i] = set[i - 1];
    set[0] = (struct entry){(uint32_t)(h >> 32), value};
}

uint32_t shadow_take(uint64_t key)
{
    uint64_t h = mix(key);
    struct entry *set = &table[(h & (nsets - 1)) * WAYS];
    for (unsigned i = 0; i < WAYS && set[i].value; i++) {
        if (set[i].tag != (uint32_t)(h >> 32))
            continue;
        uint32_t value = set[i].value;
        for (; i < WAYS - 1; i++)
            set[i] = set[i + 1];
        set[WAYS - 1].value = 0;
        return value;
    }
    return 0;
}
