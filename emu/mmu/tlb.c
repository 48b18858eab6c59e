/* SPDX-License-Identifier: MIT */
/* One TLB: sets of ways, FIFO in each set (a pointer goes round; holes left by
 * sfence.vma are filled first). A hit changes nothing.
 *
 * The set is chosen by the 4 KiB page number, so in a set-associative TLB a
 * superpage may sit in several sets, once for each that was asked for; a fully
 * associative one holds it once. */
#include <stdlib.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "mmu/internal.h"

static u64 pages_mask(const struct tlb_entry *e)
{
    return tlb_pages(e) - 1;
}

static bool covers(const struct tlb_entry *e, u64 vpn)
{
    return (e->vpn ^ vpn) <= pages_mask(e);
}

#define KEY_NONE 0xffffffffu /* no canonical address has this key */

/* A canonical page number is known by its low 27 bits. */
static u32 key_of(u64 vpn)
{
    return (u32)vpn & 0x7ffffff;
}

static u32 set_index(const struct tlb *t, u64 va)
{
    u64 vpn = va >> PAGE_SHIFT;
    return (u32)(t->sets & (t->sets - 1) ? vpn % t->sets : vpn & (t->sets - 1));
}

/* Entry i has changed: its search key. */
static void rekey(struct tlb *t, u32 i)
{
    const struct tlb_entry *e = &t->e[i];
    t->key[i] = e->valid ? key_of(e->vpn) : KEY_NONE;
    t->same[i] = e->valid ? ~(u32)pages_mask(e) : KEY_NONE;
}

/* ---- what is there at all, by size and page number ---- */

static unsigned size_of(const struct tlb_entry *e)
{
    return e->napot ? 3 : e->level;
}

static unsigned near_of(u64 vpn, unsigned size)
{
    static const u8 shift[TLB_SIZES] = {0, 9, 18, 4};
    return vpn >> shift[size] & (TLB_NEAR - 1);
}

/* Entry e comes (by 1) or goes (by -1). */
static void count(struct tlb *t, const struct tlb_entry *e, int by)
{
    unsigned size = size_of(e);

    t->sized[size] += (u32)by;
    t->near[size][near_of(e->vpn, size)] += (u16)by;
}

/* False: certainly nothing here translates vpn. */
static bool may_hold(const struct tlb *t, u64 vpn)
{
    for (unsigned size = 0; size < TLB_SIZES; size++)
        if (t->sized[size] && t->near[size][near_of(vpn, size)])
            return true;
    return false;
}

static void derive(struct tlb *t)
{
    memset(t->sized, 0, sizeof(t->sized));
    memset(t->near, 0, sizeof(t->near));
    if (!t->entries)
        return; /* there is none: no arrays either */
    for (u32 i = 0; i < t->entries + 3; i++)
        t->key[i] = t->same[i] = KEY_NONE;
    memset(t->used, 0, t->sets * sizeof(*t->used));
    for (u32 i = 0; i < t->entries; i++) {
        rekey(t, i);
        t->used[i / t->ways] += t->e[i].valid;
        if (t->e[i].valid)
            count(t, &t->e[i], 1);
    }
}

/* The first entry in [i, end) whose page number agrees with vpn in the bits
 * that matter to it and are in `mask`; end when there is none. */
static u32 next_like(const struct tlb *t, u32 i, u32 end, u64 vpn, u32 mask)
{
    u32 key = key_of(vpn);
#ifdef __SSE2__
    const __m128i want = _mm_set1_epi32((int)key);
    const __m128i care = _mm_set1_epi32((int)mask), zero = _mm_setzero_si128();
    for (; i < end; i += 4) {
        __m128i k = _mm_loadu_si128((const __m128i *)(t->key + i));
        __m128i m = _mm_loadu_si128((const __m128i *)(t->same + i));
        __m128i differ =
            _mm_and_si128(_mm_and_si128(_mm_xor_si128(k, want), m), care);
        int like =
            _mm_movemask_ps(_mm_castsi128_ps(_mm_cmpeq_epi32(differ, zero)));
        if (like) {
            i += (u32)__builtin_ctz((unsigned)like);
            return i < end ? i : end;
        }
    }
    return end;
#else
    while (i < end && (t->key[i] ^ key) & t->same[i] & mask)
        i++;
    return i;
#endif
}

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
    t->used = xcalloc(t->sets, sizeof(*t->used));
    /* three more: entries are compared four at a time */
    t->key = xcalloc(entries + 3, sizeof(*t->key));
    t->same = xcalloc(entries + 3, sizeof(*t->same));
    derive(t);
}

void tlb_free(struct tlb *t)
{
    free(t->e);
    free(t->fifo);
    free(t->used);
    free(t->key);
    free(t->same);
    *t = (struct tlb){0};
}

struct tlb_entry *tlb_find(const struct tlb *t, u64 va, u16 asid)
{
    u64 vpn = va >> PAGE_SHIFT;

    if (!t->entries || !may_hold(t, vpn))
        return NULL;
    u32 first = set_index(t, va) * t->ways, end = first + t->ways;
    for (u32 i = next_like(t, first, end, vpn, ~0u); i < end;
         i = next_like(t, i + 1, end, vpn, ~0u)) {
        struct tlb_entry *e = &t->e[i];
        if (e->valid && covers(e, vpn) && (e->asid == asid || e->flags & PTE_G))
            return e;
    }
    return NULL;
}

static void leave(struct tlb *t, u32 i, struct tlb_listener l)
{
    struct tlb_entry *e = &t->e[i];
    if (!e->valid)
        return;
    if (l.which >= 0 && l.mmu->evicted)
        l.mmu->evicted(l.mmu->opaque, l.which, e);
    count(t, e, -1);
    *e = (struct tlb_entry){0};
    rekey(t, i);
    t->used[i / t->ways]--;
}

/* Whether some access could be answered by both. */
static bool compete(const struct tlb_entry *a, const struct tlb_entry *b)
{
    return a->valid && (covers(a, b->vpn) || covers(b, a->vpn)) &&
           (a->asid == b->asid || (a->flags | b->flags) & PTE_G);
}

/* Where a new entry of set `set` goes when it replaces none like it. */
static u32 free_place(struct tlb *t, u32 set, struct tlb_listener l)
{
    u32 first = set * t->ways, i = first;

    if (t->used[set] < t->ways) {
        while (t->e[i].valid)
            i++;
        return i;
    }
    i = first + t->fifo[set];
    t->fifo[set] = (t->fifo[set] + 1) % t->ways;
    leave(t, i, l);
    return i;
}

struct tlb_entry *tlb_fill(struct tlb *t, const struct tlb_entry *e, u64 va,
                           struct tlb_listener l)
{
    u32 mask = ~(u32)pages_mask(e);

    if (!t->entries)
        return NULL;
    u32 set = set_index(t, va), first = set * t->ways, end = first + t->ways;
    u32 place = end, like = end;
    if (mask != ~0u || may_hold(t, e->vpn))
        like = next_like(t, first, end, e->vpn, mask);
    for (u32 i = like; i < end; i = next_like(t, i + 1, end, e->vpn, mask)) {
        if (!compete(&t->e[i], e))
            continue;
        leave(t, i, l);
        if (place == end)
            place = i;
    }
    if (place == end)
        place = free_place(t, set, l);
    t->e[place] = *e;
    rekey(t, place);
    count(t, e, 1);
    t->used[set]++;
    return &t->e[place];
}

/* All at once: whoever listens hears it once. */
static void empty(struct tlb *t, struct tlb_listener l)
{
    if (l.which >= 0 && l.mmu->evicted)
        l.mmu->evicted(l.mmu->opaque, l.which, NULL);
    for (u32 i = 0; i < t->sets; i++) {
        t->fifo[i] = 0;
        if (!t->used[i])
            continue;
        memset(&t->e[i * t->ways], 0, t->ways * sizeof(*t->e));
        memset(&t->key[i * t->ways], 0xff, t->ways * sizeof(*t->key));
        memset(&t->same[i * t->ways], 0xff, t->ways * sizeof(*t->same));
        t->used[i] = 0;
    }
    for (unsigned size = 0; size < TLB_SIZES; size++)
        if (t->sized[size])
            memset(t->near[size], 0, sizeof(t->near[size]));
    memset(t->sized, 0, sizeof(t->sized));
}

void tlb_flush(struct tlb *t, bool has_va, u64 va, bool has_asid, u16 asid,
               struct tlb_listener l)
{
    u64 vpn = va >> PAGE_SHIFT;
    bool any = !has_va || may_hold(t, vpn);

    t->stats.flushes++;
    if (!has_va && !has_asid) {
        empty(t, l);
        return;
    }
    for (u32 i = 0; any && i < t->entries; i++) {
        if (has_va)
            i = next_like(t, i, t->entries, vpn, ~0u);
        if (i == t->entries)
            break;
        const struct tlb_entry *e = &t->e[i];
        if (has_va && !covers(e, vpn))
            continue;
        if (has_asid && (e->asid != asid || e->flags & PTE_G))
            continue;
        leave(t, i, l);
    }
}

void tlb_entry_state(struct tlb_entry *e, struct state *s)
{
    state_val(s, e->vpn);
    state_val(s, e->ppn);
    state_val(s, e->asid);
    state_val(s, e->level);
    state_val(s, e->valid);
    state_val(s, e->flags);
    state_val(s, e->napot);
    state_val(s, e->type);
    bool ok = e->level <= 2 && e->valid <= 1 && e->napot <= !e->level &&
              e->type < MEMTYPE_RESERVED;
    state_check(s, ok, "a TLB entry");
    if (!ok)
        *e = (struct tlb_entry){0};
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
    if (state_loading(s))
        derive(t);
    for (u32 i = 0; i < t->sets; i++) {
        state_val(s, t->fifo[i]);
        state_check(s, t->fifo[i] < t->ways, "a TLB's victim pointer");
        if (t->fifo[i] >= t->ways)
            t->fifo[i] = 0;
    }
    state_val(s, t->stats.accesses);
    state_val(s, t->stats.misses);
    state_val(s, t->stats.flushes);
}
