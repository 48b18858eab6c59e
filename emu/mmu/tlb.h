/* SPDX-License-Identifier: MIT */
/* Inline functions that search a TLB and replace its entries. */
#pragma once

#include "mmu/internal.h"

static inline u64 pages_mask(const struct tlb_entry *e)
{
    return tlb_pages(e) - 1;
}

static inline bool covers(const struct tlb_entry *e, u64 vpn)
{
    return (e->vpn ^ vpn) <= pages_mask(e);
}

#define KEY_NONE 0xffffffffu /* no canonical address has this key */

/* A canonical page number is determined by its low 27 bits. */
static inline u32 tlb_key_of(u64 vpn)
{
    return (u32)vpn & 0x7ffffff;
}

static inline u32 set_index(const struct tlb *t, u64 va)
{
    u64 vpn = va >> PAGE_SHIFT;
    return (u32)(t->sets & (t->sets - 1) ? vpn % t->sets : vpn & (t->sets - 1));
}

static inline void rekey(struct tlb *t, u32 i)
{
    const struct tlb_entry *e = &t->e[i];
    t->key[i] = e->valid ? tlb_key_of(e->vpn) : KEY_NONE;
    t->same[i] = e->valid ? ~(u32)pages_mask(e) : KEY_NONE;
}

/* ---- counts of entries by size and page number ---- */

static inline unsigned size_of(const struct tlb_entry *e)
{
    return e->napot ? 3 : e->level;
}

/* Returns the index in t->near[size]. If large pages have a set of their own,
 * 4 KiB pages are counted by 2 MiB: only flushes and fills of large pages use
 * that count, because a lookup of a 4 KiB page searches its set anyway. */
static inline unsigned near_of(const struct tlb *t, u64 vpn, unsigned size)
{
    static const u8 shift[TLB_SIZES] = {0, 9, 18, 4};
    return vpn >> (size ? shift[size] : t->near_shift) & (TLB_NEAR - 1);
}

/* Counts an entry that was added (by = 1) or removed (by = -1). */
static inline void count(struct tlb *t, const struct tlb_entry *e, int by)
{
    unsigned size = size_of(e);

    t->sized[size] += (u32)by;
    if (size || !t->direct)
        t->near[size][near_of(t, e->vpn, size)] += (u16)by;
}

static inline bool may_hold_size(const struct tlb *t, u64 vpn, unsigned size)
{
    return t->sized[size] &&
           ((!size && t->direct) || t->near[size][near_of(t, vpn, size)]);
}

/* False: no large page here translates vpn. */
static inline bool may_hold_large(const struct tlb *t, u64 vpn)
{
    if (!(t->sized[1] | t->sized[2] | t->sized[3]))
        return false;
    for (unsigned size = 1; size < TLB_SIZES; size++)
        if (may_hold_size(t, vpn, size))
            return true;
    return false;
}

/* False: no entry here translates vpn. */
static inline bool may_hold(const struct tlb *t, u64 vpn)
{
    return may_hold_size(t, vpn, 0) || may_hold_large(t, vpn);
}

/* ---- replacing ---- */

static inline u32 set_ways(const struct tlb *t, u32 set)
{
    return set < t->sets ? t->ways : t->large;
}

/* Returns the FIFO victim's way in a full set and advances the pointer. */
static inline u32 tlb_victim(struct tlb *t, u32 set)
{
    u32 way = t->fifo[set];

    t->fifo[set] = way + 1 == set_ways(t, set) ? 0 : way + 1;
    return way;
}

/* Replaces a 4 KiB page by another. Apart from the entry, only `near` and the
 * key change. The caller has told the listener. */
static inline struct tlb_entry *tlb_replace(struct tlb *t, u32 i,
                                            const struct tlb_entry *e)
{
    struct tlb_entry *place = &t->e[i];

    if (!t->direct) {
        u16 *out = &t->near[0][near_of(t, place->vpn, 0)];
        u16 *in = &t->near[0][near_of(t, e->vpn, 0)];
        --*out;
        ++*in;
    }
    place->vpn = e->vpn; /* word by word, as tlb_page() */
    place->ppn = e->ppn;
    place->kind = e->kind;
    place->held = e->held;
    place->source = e->source;
    t->key[i] = tlb_key_of(e->vpn);
    return place;
}

/* ---- searching ---- */

struct tlb_entry *tlb_search(const struct tlb *t, u64 va, u16 asid);
static inline bool translates(const struct tlb_entry *e, u64 vpn, u16 asid)
{
    return e->valid && covers(e, vpn) && (e->asid == asid || e->flags & PTE_G);
}
static inline u16 *large_place(struct mmu *m, u64 va)
{
    return &m->large_place[va >> 21 & (LARGE_PLACES - 1)];
}
/* Returns the entry that translates va for asid, or NULL. At most one does. */
static ALWAYS_INLINE struct tlb_entry *tlb_find(const struct tlb *t, u64 va,
                                                u16 asid)
{
    u64 vpn = va >> PAGE_SHIFT;

    if (t->direct)
        return translates(&t->e[vpn & t->direct], vpn, asid)
                   ? &t->e[vpn & t->direct]
                   : NULL;
    if (!t->entries || (t->sets == 1 && !may_hold(t, vpn)))
        return NULL; /* this check is cheaper than searching one large set */
    return tlb_search(t, va, asid);
}
