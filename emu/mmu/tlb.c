/* SPDX-License-Identifier: MIT */
/* Implements one TLB: sets of ways, each set with FIFO replacement (the victim
 * pointer goes round; empty ways left by sfence.vma are filled first). A hit
 * changes nothing.
 *
 * The set is chosen by the 4 KiB page number. A set-associative TLB may hold a
 * superpage once in each set that an access to it has searched; a fully
 * associative one holds it once. A TLB with separate places for large pages
 * holds these in a last set of their own, and 4 KiB pages in the others. */
#include <stdlib.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "mmu/tlb.h"

/* ---- sets ---- */

static u32 set_first(const struct tlb *t, u32 set)
{
    return set * t->ways;
}

static u32 set_end(const struct tlb *t, u32 set)
{
    return set_first(t, set) + set_ways(t, set);
}

/* Returns the number of sets, including the set of the large pages. */
static u32 all_sets(const struct tlb *t)
{
    return t->sets + (t->large != 0);
}

static u32 all_entries(const struct tlb *t)
{
    return t->entries + t->large;
}

static u32 busy_words(const struct tlb *t)
{
    return (all_sets(t) + 63) / 64;
}

/* Marks a set that has or had entries, until a flush empties the whole TLB. */
static void set_busy(struct tlb *t, u32 set)
{
    t->busy[set / 64] |= 1ull << (set & 63);
}

#define FOR_BUSY(t, set, work)                                                 \
    for (u32 w_ = 0; w_ < busy_words(t); w_++)                                 \
        for (u64 bits_ = (t)->busy[w_]; bits_; bits_ &= bits_ - 1) {           \
            u32 set = 64 * w_ + (u32)__builtin_ctzll(bits_);                   \
            work;                                                              \
        }

static void derive_set(struct tlb *t, u32 set)
{
    t->used[set] = 0;
    for (u32 i = set_first(t, set); i < set_end(t, set); i++) {
        rekey(t, i);
        if (!t->e[i].valid)
            continue;
        t->used[set]++;
        count(t, &t->e[i], 1);
    }
    if (t->used[set] || t->fifo[set])
        set_busy(t, set);
}

static void tlb_derive(struct tlb *t)
{
    memset(t->sized, 0, sizeof(t->sized));
    memset(t->near, 0, sizeof(t->near));
    if (!t->entries)
        return; /* no TLB: no arrays either */
    memset(t->busy, 0, busy_words(t) * sizeof(*t->busy));
    for (u32 i = 0; i < all_entries(t) + 3; i++)
        t->key[i] = t->same[i] = KEY_NONE;
    for (u32 set = 0; set < all_sets(t); set++)
        derive_set(t, set);
}

/* Returns the first entry in [i, end) whose page number agrees with vpn in all
 * bits that are relevant to the entry and set in `mask`, or end. */
static u32 next_like(const struct tlb *t, u32 i, u32 end, u64 vpn, u32 mask)
{
    u32 key = tlb_key_of(vpn);
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

void tlb_init(struct tlb *t, struct tlb_shape shape)
{
    u32 ways = shape.ways;

    *t = (struct tlb){0};
    if (!shape.entries)
        return;
    if (!ways || ways > shape.entries)
        ways = shape.entries;
    assert(shape.entries % ways == 0 && shape.large <= 64);
    t->entries = shape.entries;
    t->ways = ways;
    t->large = shape.large;
    t->near_shift = t->large ? 9 : 0;
    t->sets = t->entries / ways;
    if (ways == 1 && !t->large && !(t->sets & (t->sets - 1)))
        t->direct = t->sets - 1;
    t->e = xcalloc(all_entries(t), sizeof(*t->e));
    t->fifo = xcalloc(all_sets(t), sizeof(*t->fifo));
    t->used = xcalloc(all_sets(t), sizeof(*t->used));
    t->busy = xcalloc(busy_words(t), sizeof(*t->busy));
    /* three more: entries are compared four at a time */
    t->key = xcalloc(all_entries(t) + 3, sizeof(*t->key));
    t->same = xcalloc(all_entries(t) + 3, sizeof(*t->same));
    tlb_derive(t);
}

void tlb_free(struct tlb *t)
{
    free(t->e);
    free(t->fifo);
    free(t->used);
    free(t->busy);
    free(t->key);
    free(t->same);
    *t = (struct tlb){0};
}

static struct tlb_entry *find_in(const struct tlb *t, u32 set, u64 vpn,
                                 u16 asid)
{
    u32 first = set_first(t, set), end = set_end(t, set);

    for (u32 i = end - first > 1 ? next_like(t, first, end, vpn, ~0u) : first;
         i < end; i = next_like(t, i + 1, end, vpn, ~0u)) {
        struct tlb_entry *e = &t->e[i];
        if (translates(e, vpn, asid))
            return e;
    }
    return NULL;
}

struct tlb_entry *tlb_search(const struct tlb *t, u64 va, u16 asid)
{
    u64 vpn = va >> PAGE_SHIFT;
    struct tlb_entry *e = find_in(t, set_index(t, va), vpn, asid);

    if (e || !t->large || !may_hold_large(t, vpn))
        return e;
    return find_in(t, t->sets, vpn, asid);
}

static inline void tell(const struct tlb *t, u32 i, struct tlb_listener l)
{
    if (l.mmu && l.mmu->evicted)
        l.mmu->evicted(l.mmu->opaque, l.tlb, &t->e[i]);
}

static void leave(struct tlb *t, u32 set, u32 i, struct tlb_listener l)
{
    struct tlb_entry *e = &t->e[i];
    if (!e->valid)
        return;
    tell(t, i, l);
    count(t, e, -1);
    *e = (struct tlb_entry){0};
    rekey(t, i);
    t->used[set]--;
}

/* True if some address could be translated by both entries. */
static bool compete(const struct tlb_entry *a, const struct tlb_entry *b)
{
    return a->valid && (covers(a, b->vpn) || covers(b, a->vpn)) &&
           (a->asid == b->asid || (a->flags | b->flags) & PTE_G);
}

/* Removes the set's entries that compete with e. Returns the place of the first
 * one removed, or the set's end. */
static u32 displace(struct tlb *t, u32 set, const struct tlb_entry *e,
                    struct tlb_listener l)
{
    u32 mask = ~(u32)pages_mask(e), end = set_end(t, set), place = end;

    for (u32 i = next_like(t, set_first(t, set), end, e->vpn, mask); i < end;
         i = next_like(t, i + 1, end, e->vpn, mask)) {
        if (!compete(&t->e[i], e))
            continue;
        leave(t, set, i, l);
        if (place == end)
            place = i;
    }
    return place;
}

/* In a TLB with a set for large pages, removes competitors in other sets. */
static void displace_apart(struct tlb *t, const struct tlb_entry *e,
                           struct tlb_listener l)
{
    if (tlb_pages(e) == 1) {
        if (may_hold_large(t, e->vpn))
            displace(t, t->sets, e, l);
        return;
    }
    if (e->level < 2 ? !may_hold_size(t, e->vpn, 0) : !t->sized[0])
        return;
    FOR_BUSY(t, set, if (set < t->sets && t->used[set]) displace(t, set, e, l));
}

/* Returns the place of a new entry that displaces no competitor: an empty way
 * of `set`, else the place of the FIFO victim. */
static inline u32 free_place(struct tlb *t, u32 set)
{
    u32 i = set_first(t, set);

    if (t->used[set] == set_ways(t, set))
        return i + tlb_victim(t, set);
    while (t->e[i].valid)
        i++;
    return i;
}

static struct tlb_entry *put(struct tlb *t, u32 set, u32 i,
                             const struct tlb_entry *e, struct tlb_listener l)
{
    struct tlb_entry *place = &t->e[i];

    if (place->valid) {
        tell(t, i, l);
        count(t, place, -1);
    } else {
        t->used[set]++;
        set_busy(t, set);
    }
    *place = *e;
    rekey(t, i);
    count(t, e, 1);
    return place;
}

/* Does put() for a 4 KiB page, which mostly replaces another 4 KiB page. */
static inline struct tlb_entry *put_page(struct tlb *t, u32 set, u32 i,
                                         const struct tlb_entry *e,
                                         struct tlb_listener l)
{
    struct tlb_entry *place = &t->e[i];

    if (unlikely(!place->valid || size_of(place)))
        return put(t, set, i, e, l);
    tell(t, i, l);
    return tlb_replace(t, i, e);
}

static __attribute__((noinline)) struct tlb_entry *
fill_any(struct tlb *t, const struct tlb_entry *e, u64 va,
         struct tlb_listener l)
{
    bool page = !size_of(e);

    if (!t->entries)
        return NULL;
    u32 set = page || !t->large ? set_index(t, va) : t->sets;
    u32 end = set_end(t, set), place = end;
    if (!page || t->large || may_hold(t, e->vpn))
        place = displace(t, set, e, l);
    if (t->large)
        displace_apart(t, e, l);
    if (place == end)
        place = free_place(t, set);
    return put(t, set, place, e, l);
}

struct tlb_entry *tlb_fill(struct tlb *t, const struct tlb_entry *e, u64 va,
                           struct tlb_listener l)
{
    if (likely(!size_of(e))) {
        if (t->direct) /* the only place */
            return put_page(t, va >> PAGE_SHIFT & t->direct,
                            va >> PAGE_SHIFT & t->direct, e, l);
        if (t->sets == 1 && !may_hold(t, e->vpn)) /* no competitor */
            return put_page(t, 0, free_place(t, 0), e, l);
    }
    return fill_any(t, e, va, l);
}

/* Empties a set of a TLB whose listener has been told already. */
static void empty_set(struct tlb *t, u32 set)
{
    u32 first = set_first(t, set), ways = set_ways(t, set);

    t->fifo[set] = 0;
    if (!t->used[set])
        return;
    memset(&t->e[first], 0, ways * sizeof(*t->e));
    memset(&t->key[first], 0xff, ways * sizeof(*t->key));
    memset(&t->same[first], 0xff, ways * sizeof(*t->same));
    t->used[set] = 0;
}

static void empty(struct tlb *t, struct tlb_listener l)
{
    if (l.mmu && l.mmu->evicted)
        l.mmu->evicted(l.mmu->opaque, l.tlb, NULL);
    FOR_BUSY(t, set, empty_set(t, set));
    for (u32 i = 0; i < busy_words(t); i++)
        t->busy[i] = 0;
    for (unsigned size = 0; size < TLB_SIZES; size++)
        if (t->sized[size])
            memset(t->near[size], 0, sizeof(t->near[size]));
    memset(t->sized, 0, sizeof(t->sized));
}

struct fence {
    bool has_va, has_asid;
    u64 vpn;
    u16 asid;
};

static void flush_set(struct tlb *t, u32 set, const struct fence *f,
                      struct tlb_listener l)
{
    u32 end = set_end(t, set);

    for (u32 i = set_first(t, set); t->used[set] && i < end; i++) {
        if (f->has_va)
            i = next_like(t, i, end, f->vpn, ~0u);
        if (i == end)
            break;
        const struct tlb_entry *e = &t->e[i];
        if (f->has_va && !covers(e, f->vpn))
            continue;
        if (f->has_asid && (e->asid != f->asid || e->flags & PTE_G))
            continue;
        leave(t, set, i, l);
    }
}

void tlb_flush(struct tlb *t, bool has_va, u64 va, bool has_asid, u16 asid,
               struct tlb_listener l)
{
    struct fence f = {has_va, has_asid, va >> PAGE_SHIFT, asid};

    t->stats.flushes++;
    if (!t->entries)
        return;
    if (!has_va && !has_asid) {
        empty(t, l);
        return;
    }
    if (has_va && !may_hold(t, f.vpn))
        return;
    bool large = !has_va || may_hold_large(t, f.vpn);
    if (large && (!has_va || !t->large)) {
        FOR_BUSY(t, set, flush_set(t, set, &f, l));
        return;
    }
    flush_set(t, set_index(t, va), &f, l);
    if (large)
        flush_set(t, t->sets, &f, l);
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

static void dense_state(struct tlb *t, struct state *s)
{
    for (u32 i = 0; i < t->entries; i++)
        tlb_entry_state(&t->e[i], s);
    for (u32 i = 0; i < t->sets; i++)
        state_val(s, t->fifo[i]);
}

static u64 valid_ways(const struct tlb *t, u32 set)
{
    u64 ways = 0;
    for (u32 i = set_end(t, set); i-- > set_first(t, set);)
        ways = ways << 1 | t->e[i].valid;
    return ways;
}

/* Saves or loads a TLB that has a set for large pages: valid entries only. */
static void sparse_state(struct tlb *t, struct state *s)
{
    u32 sets = all_sets(t), large = t->large;
    u64 *ways = xcalloc(sets, sizeof(*ways));

    state_val(s, large);
    state_check(s, large == t->large, "the TLBs have another shape");
    for (u32 set = 0; !state_loading(s) && set < sets; set++)
        ways[set] = t->used[set] ? valid_ways(t, set) : 0;
    state_bytes(s, ways, sets * sizeof(*ways));
    state_bytes(s, t->fifo, sets * sizeof(*t->fifo));
    if (state_loading(s))
        memset(t->e, 0, all_entries(t) * sizeof(*t->e));
    for (u32 set = 0; set < sets; set++) {
        u64 none = set_ways(t, set) < 64 ? ~0ull << set_ways(t, set) : 0;
        state_check(s, !(ways[set] & none), "a TLB's places");
        for (u64 left = ways[set] & ~none; left; left &= left - 1) {
            u32 i = set_first(t, set) + (u32)__builtin_ctzll(left);
            tlb_entry_state(&t->e[i], s);
            state_check(s, t->e[i].valid, "a TLB's places");
        }
    }
    free(ways);
}

void tlb_state(struct tlb *t, struct state *s)
{
    if (t->large)
        sparse_state(t, s);
    else
        dense_state(t, s);
    for (u32 set = 0; set < all_sets(t); set++) {
        state_check(s, t->fifo[set] < set_ways(t, set),
                    "a TLB's victim pointer");
        if (t->fifo[set] >= set_ways(t, set))
            t->fifo[set] = 0;
    }
    if (state_loading(s))
        tlb_derive(t);
    state_val(s, t->stats.accesses);
    state_val(s, t->stats.misses);
    state_val(s, t->stats.flushes);
}
