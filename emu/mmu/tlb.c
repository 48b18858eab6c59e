/* SPDX-License-Identifier: MIT */
/* One TLB: sets of ways, FIFO in each set (a pointer goes round; holes left by
 * sfence.vma are filled first). A hit changes nothing.
 *
 * The set is chosen by the 4 KiB page number, so in a set-associative TLB a
 * superpage may sit in several sets, once for each that was asked for; a fully
 * associative one holds it once. */
#include <stdlib.h>

#include "mmu/internal.h"

void tlb_init(struct tlb *t, u32 entries, u32 ways)
{
    *t = (struct tlb){0};
    if (!entries)
        return;
    if (!ways || ways > entries)
        ways = entries;
    assert(entries % ways == 0);
    t->entries = entries;
    t->ways = ways;
    t->sets = entries / ways;
    t->e = xcalloc(entries, sizeof(*t->e));
    t->fifo = xcalloc(t->sets, sizeof(*t->fifo));
}

void tlb_free(struct tlb *t)
{
    free(t->e);
    free(t->fifo);
    *t = (struct tlb){0};
}

static u64 pages_mask(const struct tlb_entry *e)
{
    return (1ull << (9 * e->level)) - 1;
}

static bool covers(const struct tlb_entry *e, u64 vpn)
{
    return (e->vpn ^ vpn) <= pages_mask(e);
}

static struct tlb_entry *set_of(const struct tlb *t, u64 va)
{
    return t->e + (va >> PAGE_SHIFT) % t->sets * t->ways;
}

struct tlb_entry *tlb_find(const struct tlb *t, u64 va, u16 asid)
{
    u64 vpn = va >> PAGE_SHIFT;

    if (!t->entries)
        return NULL;
    struct tlb_entry *e = set_of(t, va);
    for (u32 w = 0; w < t->ways; w++, e++)
        if (e->valid && covers(e, vpn) && (e->asid == asid || e->flags & PTE_G))
            return e;
    return NULL;
}

static void leave(struct tlb_entry *e, struct tlb_listener l)
{
    if (!e->valid)
        return;
    if (l.which >= 0 && l.mmu->evicted)
        l.mmu->evicted(l.mmu->opaque, l.which, e);
    *e = (struct tlb_entry){0};
}

/* Whether some access could be answered by both. */
static bool compete(const struct tlb_entry *a, const struct tlb_entry *b)
{
    return a->valid && (covers(a, b->vpn) || covers(b, a->vpn)) &&
           (a->asid == b->asid || (a->flags | b->flags) & PTE_G);
}

struct tlb_entry *tlb_fill(struct tlb *t, const struct tlb_entry *e, u64 va,
                           struct tlb_listener l)
{
    struct tlb_entry *set, *place = NULL;

    if (!t->entries)
        return NULL;
    set = set_of(t, va);
    for (u32 w = 0; w < t->ways; w++) {
        if (!compete(&set[w], e))
            continue;
        leave(&set[w], l);
        if (!place)
            place = &set[w];
    }
    for (u32 w = 0; w < t->ways && !place; w++)
        if (!set[w].valid)
            place = &set[w];
    if (!place) {
        u32 *next = &t->fifo[(va >> PAGE_SHIFT) % t->sets];
        place = &set[*next];
        *next = (*next + 1) % t->ways;
        leave(place, l);
    }
    *place = *e;
    return place;
}

void tlb_flush(struct tlb *t, bool has_va, u64 va, bool has_asid, u16 asid,
               struct tlb_listener l)
{
    for (u32 i = 0; i < t->entries; i++) {
        struct tlb_entry *e = &t->e[i];
        if (has_va && !covers(e, va >> PAGE_SHIFT))
            continue;
        if (has_asid && (e->asid != asid || e->flags & PTE_G))
            continue;
        leave(e, l);
    }
    if (!has_va && !has_asid)
        for (u32 i = 0; i < t->sets; i++)
            t->fifo[i] = 0;
    t->stats.flushes++;
}

void tlb_entry_state(struct tlb_entry *e, struct state *s)
{
    state_val(s, e->vpn);
    state_val(s, e->ppn);
    state_val(s, e->asid);
    state_val(s, e->level);
    state_val(s, e->valid);
    state_val(s, e->flags);
    state_check(s, e->level <= 2 && e->valid <= 1, "a TLB entry");
}

void tlb_state(struct tlb *t, struct state *s)
{
    u32 entries = t->entries, ways = t->ways;

    state_val(s, entries);
    state_val(s, ways);
    state_check(s, entries == t->entries && ways == t->ways,
                "the TLBs have another shape");
    if (entries != t->entries || ways != t->ways)
        return;
    for (u32 i = 0; i < t->entries; i++)
        tlb_entry_state(&t->e[i], s);
    for (u32 i = 0; i < t->sets; i++) {
        state_val(s, t->fifo[i]);
        state_check(s, t->fifo[i] < t->ways, "a TLB's victim pointer");
    }
    state_val(s, t->stats.accesses);
    state_val(s, t->stats.misses);
    state_val(s, t->stats.flushes);
}
