/* SPDX-License-Identifier: MIT */
/* A second model of caches, TLBs and page walker: plain, slow, and sharing no
 * structure and no function with emu/. It is given the accesses of a hart in
 * program order; it reports L1 misses, PTE reads and updates (and which level
 * served them) and TLB fills. Lookups compare each entry and keep no result.
 *
 * The rules are those of emu/time/choices.md and of the privileged manual 1.12,
 * 4.2.1, 4.3.2. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* ---- the events it reports, one word each ---- */

enum ref_what {
    REF_FETCH_MISS = 1, /* L1I; address: of the line */
    REF_DATA_MISS,      /* L1D, by a load or store */
    REF_PTE_READ,       /* address: the PTE's, 0 if the walker remembered it */
    REF_PTE_UPDATE,
    REF_FILL_ITLB, /* address: of the page that was translated */
    REF_FILL_DTLB,
    REF_FILL_L2TLB
};
enum ref_where {
    REF_NOWHERE,
    REF_WALKER, /* the walker's own cache */
    REF_L1,
    REF_L2,
    REF_DRAM
};
static inline uint64_t ref_event(unsigned what, unsigned where, uint64_t addr)
{
    return (uint64_t)what << 60 | (uint64_t)where << 56 |
           (addr & 0xffffffffffffff);
}

/* ---- shapes and state ---- */

struct ref_line {
    bool valid, dirty;
    uint64_t line; /* address / 64 */
};
struct ref_cache {
    unsigned sets, ways; /* sets 0: the machine has no such cache */
    struct ref_line way[4096][16];
    unsigned next[4096]; /* FIFO: the next victim */
    bool random;         /* the victim is drawn, even if a way is empty */
    bool lot[17];        /* lot[1..16]: the LFSR that draws */
    uint64_t accesses, misses, writebacks;
};

struct ref_page {
    bool valid, global, dirty, readable, writable, executable, user, uncached;
    unsigned pages; /* of 4 KiB each */
    unsigned asid;
    uint64_t vpn, ppn; /* of its first page */
};
struct ref_tlb {
    unsigned sets, ways;
    unsigned
        large; /* ways of an additional set, for large pages only; 0: none */
    struct ref_page page[1024]; /* [sets][ways], then the additional set */
    unsigned next[1024];
    uint64_t accesses, misses;
};

struct ref_pointer { /* a non-leaf PTE that the walker remembers */
    bool valid;
    unsigned asid;
    uint64_t address, pte;
};

/* The hart's state that decides how an access is translated. */
struct ref_context {
    bool translated; /* satp.MODE is Sv39 and the privilege is not M */
    uint64_t root;   /* address of the first table */
    unsigned asid;
    bool user, sum, mxr, sets_ad, napot, pbmt;
};
enum ref_access { REF_FETCH, REF_LOAD, REF_STORE };

/* The model makes these mistakes on request, so that a test can show that the
 * comparison notices them. */
enum ref_mistake {
    REF_RIGHT,
    REF_LRU,            /* a hit in L1D renews the line */
    REF_DMA_IGNORED,    /* lines stay cached when a device writes them */
    REF_FENCE_ADDRESS,  /* sfence.vma with an address is ignored */
    REF_FENCE_GLOBAL,   /* sfence.vma with an ASID drops global pages, too */
    REF_NO_ASID,        /* entries of other address spaces match */
    REF_WALK_UNCACHED,  /* the walker's reads bypass L1D */
    REF_WALKER_FORGETS, /* the walker's own cache has 7 entries, not 8 */
    REF_HOLES_LAST,     /* L1D does not fill empty ways first */
    REF_CLEAN_STORES,   /* a store uses an entry without D */
    REF_SUPER_ONCE,     /* a superpage has one set for all its addresses */
    REF_L2_SUPER,       /* the L2 TLB holds superpages */
    REF_VICTIM_LOST,    /* dirty victims of L1D do not enter the L2 */
    REF_LOT_KEPT,       /* rocket's random way is always the same */
    REF_MISTAKES
};

struct refmodel {
    struct ref_cache l1i, l1d, l2;
    struct ref_tlb itlb, dtlb, l2tlb;
    struct ref_pointer pointer[8];
    unsigned next_pointer;
    bool asids;
    enum ref_mistake mistake;
    uint64_t fetched_line; /* number of the line being executed, or ~0 */
    uint8_t *ram;          /* to read PTEs */
    uint64_t ram_base, ram_bytes;
    uint64_t refuse_read, refuse_write; /* PTEs that PMP refuses; 0: none */
    bool refused; /* the latest walk met such a PTE, or a PTE outside RAM */
    void (*report)(void *, uint64_t event);
    void *opaque;
};

static bool ref_in_ram(const struct refmodel *r, uint64_t pa, unsigned n)
{
    return pa >= r->ram_base && pa + n <= r->ram_base + r->ram_bytes;
}

/* ---- caches ---- */

static struct ref_line *ref_find(struct ref_cache *c, uint64_t line)
{
    for (unsigned w = 0; c->sets && w < c->ways; w++) {
        struct ref_line *l = &c->way[line % c->sets][w];
        if (l->valid && l->line == line)
            return l;
    }
    return NULL;
}

/* Draws one of 2 or 4 ways: the lowest bits of a 16-bit LFSR, which then shifts
 * up by one (unless `keep`); the new bit is the XOR of bits 16, 14, 13, 11. */
static unsigned ref_draw(struct ref_cache *c, bool keep)
{
    unsigned way = c->lot[1] + 2 * (c->ways > 2 ? c->lot[2] : 0);
    bool fresh = c->lot[16] ^ c->lot[14] ^ c->lot[13] ^ c->lot[11];

    if (keep)
        return way;
    for (unsigned i = 16; i > 1; i--)
        c->lot[i] = c->lot[i - 1];
    c->lot[1] = fresh;
    return way;
}

/* Puts a line in; returns the line that it replaces. */
static struct ref_line ref_insert(const struct refmodel *r, struct ref_cache *c,
                                  uint64_t line, bool dirty)
{
    struct ref_line *set = c->way[line % c->sets], old;
    unsigned *next = &c->next[line % c->sets], w = 0;

    while (w < c->ways && set[w].valid)
        w++;
    if (w == c->ways || (r->mistake == REF_HOLES_LAST && c == &r->l1d)) {
        w = *next;
        *next = (*next + 1) % c->ways;
    }
    if (c->random) {
        *next = 0;
        w = ref_draw(c, r->mistake == REF_LOT_KEPT);
    }
    old = set[w];
    set[w] = (struct ref_line){true, dirty, line};
    return old;
}

/* Puts a line into the L2, which writes a dirty victim to memory. */
static void ref_into_l2(struct refmodel *r, uint64_t line, bool dirty)
{
    struct ref_line old = ref_insert(r, &r->l2, line, dirty);

    if (old.valid && old.dirty)
        r->l2.writebacks++;
}

/* Serves a miss of an L1 from the L2, else from DRAM, which fills the L2. */
static enum ref_where ref_below(struct refmodel *r, uint64_t line)
{
    if (!r->l2.sets)
        return REF_DRAM;
    r->l2.accesses++;
    if (ref_find(&r->l2, line))
        return REF_L2;
    r->l2.misses++;
    ref_into_l2(r, line, false);
    return REF_DRAM;
}

static void ref_write_back(struct refmodel *r, uint64_t line)
{
    struct ref_line *there = ref_find(&r->l2, line);

    r->l1d.writebacks++;
    if (!r->l2.sets || r->mistake == REF_VICTIM_LOST)
        return;
    if (there)
        there->dirty = true;
    else
        ref_into_l2(r, line, true);
}

/* Makes the mistake REF_LRU: a hit on L1D's next victim spares it once. */
static void ref_renew(struct ref_cache *c, uint64_t line)
{
    unsigned set = (unsigned)(line % c->sets);
    struct ref_line *l = ref_find(c, line);

    if (l == &c->way[set][c->next[set]])
        c->next[set] = (c->next[set] + 1) % c->ways;
}

static enum ref_where ref_data_line(struct refmodel *r, uint64_t pa, bool store)
{
    uint64_t line = pa / 64;
    struct ref_line *l = ref_find(&r->l1d, line);

    if (!r->l1d.sets)
        return REF_L1;
    r->l1d.accesses++;
    if (l) {
        l->dirty |= store;
        if (r->mistake == REF_LRU)
            ref_renew(&r->l1d, line);
        return REF_L1;
    }
    r->l1d.misses++;
    enum ref_where where = ref_below(r, line);
    struct ref_line old = ref_insert(r, &r->l1d, line, store);
    if (old.valid && old.dirty)
        ref_write_back(r, old.line);
    return where;
}

static enum ref_where ref_fetch_line(struct refmodel *r, uint64_t pa)
{
    if (!r->l1i.sets)
        return REF_L1;
    r->l1i.accesses++;
    if (ref_find(&r->l1i, pa / 64))
        return REF_L1;
    r->l1i.misses++;
    enum ref_where where = ref_below(r, pa / 64);
    ref_insert(r, &r->l1i, pa / 64, false);
    return where;
}

static void ref_forget_line(struct ref_cache *c, uint64_t line)
{
    struct ref_line *l = ref_find(c, line);

    if (l)
        *l = (struct ref_line){0};
}

/* Called when a device has written [pa, pa + n): all caches drop its lines. */
static void ref_dma_write(struct refmodel *r, uint64_t pa, uint64_t n)
{
    if (r->mistake == REF_DMA_IGNORED)
        return;
    for (uint64_t line = pa / 64; n && line <= (pa + n - 1) / 64; line++) {
        ref_forget_line(&r->l1i, line);
        ref_forget_line(&r->l1d, line);
        ref_forget_line(&r->l2, line);
    }
}

/* ---- TLBs ---- */

static bool ref_matches(const struct refmodel *r, const struct ref_page *p,
                        uint64_t vpn, unsigned asid)
{
    return p->valid && vpn >= p->vpn && vpn < p->vpn + p->pages &&
           (p->global || p->asid == asid || r->mistake == REF_NO_ASID);
}

static unsigned ref_set_of(const struct refmodel *r, const struct ref_tlb *t,
                           uint64_t vpn, const struct ref_page *p)
{
    if (r->mistake == REF_SUPER_ONCE && p)
        vpn = p->vpn;
    return (unsigned)(vpn % t->sets);
}

static unsigned ref_ways(const struct ref_tlb *t, unsigned set)
{
    return set < t->sets ? t->ways : t->large;
}

static struct ref_page *ref_lookup(struct refmodel *r, struct ref_tlb *t,
                                   uint64_t vpn, unsigned asid)
{
    for (unsigned s = 0; t->sets && s <= t->sets; s++)
        for (unsigned w = 0; w < ref_ways(t, s); w++) {
            struct ref_page *p = &t->page[s * t->ways + w];
            if ((s == vpn % t->sets || s == t->sets) &&
                ref_matches(r, p, vpn, asid))
                return p;
        }
    return NULL;
}

static bool ref_overlap(const struct ref_page *a, const struct ref_page *b)
{
    return a->vpn < b->vpn + b->pages && b->vpn < a->vpn + a->pages &&
           (a->asid == b->asid || a->global || b->global);
}

/* Removes the set's entries that overlap the page; returns the way of the first
 * such entry, or the number of ways. */
static unsigned ref_displace(struct ref_tlb *t, unsigned set,
                             const struct ref_page *page)
{
    struct ref_page *way = &t->page[set * t->ways];
    unsigned ways = ref_ways(t, set), first = ways;

    for (unsigned w = 0; w < ways; w++)
        if (way[w].valid && ref_overlap(&way[w], page)) {
            way[w].valid = false;
            first = first == ways ? w : first;
        }
    return first;
}

/* Puts the entry in the place of the first entry that overlaps its page, else
 * into an empty way, else in the oldest entry's place. */
static void ref_put(struct refmodel *r, struct ref_tlb *t,
                    const struct ref_page *page, uint64_t vpn)
{
    if (!t->sets)
        return;
    unsigned set = ref_set_of(r, t, vpn, page);
    if (t->large && page->pages > 1)
        set = t->sets;
    struct ref_page *way = &t->page[set * t->ways];
    unsigned ways = ref_ways(t, set), place = ref_displace(t, set, page);

    for (unsigned s = 0; t->large && s <= t->sets; s++)
        ref_displace(t, s, page);
    for (unsigned w = 0; place == ways && w < ways; w++)
        if (!way[w].valid)
            place = w;
    if (place == ways) {
        place = t->next[set];
        t->next[set] = (place + 1) % ways;
    }
    way[place] = *page;
    unsigned what = t == &r->itlb   ? REF_FILL_ITLB
                    : t == &r->dtlb ? REF_FILL_DTLB
                                    : REF_FILL_L2TLB;
    r->report(r->opaque, ref_event(what, 0, vpn * 4096));
}

static void ref_fence_tlb(struct refmodel *r, struct ref_tlb *t, bool has_va,
                          uint64_t va, bool has_asid, unsigned asid)
{
    for (unsigned s = 0; s <= t->sets; s++)
        for (unsigned w = 0; t->sets && w < ref_ways(t, s); w++) {
            struct ref_page *p = &t->page[s * t->ways + w];
            bool global = p->global && r->mistake != REF_FENCE_GLOBAL;
            if (has_va &&
                !(va / 4096 >= p->vpn && va / 4096 < p->vpn + p->pages))
                continue;
            if (!has_asid || (p->asid == asid && !global))
                p->valid = false;
        }
    for (unsigned s = 0; !has_va && !has_asid && s <= t->sets; s++)
        t->next[s] = 0;
}

/* Executes sfence.vma (4.2.1). */
static void ref_fence(struct refmodel *r, bool has_va, uint64_t va,
                      bool has_asid, unsigned asid)
{
    if (has_va && r->mistake == REF_FENCE_ADDRESS)
        return;
    asid = r->asids ? asid : 0;
    ref_fence_tlb(r, &r->itlb, has_va, va, has_asid, asid);
    ref_fence_tlb(r, &r->dtlb, has_va, va, has_asid, asid);
    ref_fence_tlb(r, &r->l2tlb, has_va, va, has_asid, asid);
    if (has_va) /* an address orders leaf PTEs only: keep non-leaf PTEs */
        return;
    for (unsigned i = 0; i < 8; i++)
        if (!has_asid || r->pointer[i].asid == asid)
            r->pointer[i].valid = false;
    if (!has_asid)
        r->next_pointer = 0;
}

/* ---- the walk (4.3.2) ---- */

static bool ref_pointer_known(struct refmodel *r, uint64_t address,
                              unsigned asid, uint64_t *pte)
{
    for (unsigned i = 0; i < 8; i++) {
        const struct ref_pointer *p = &r->pointer[i];
        if (p->valid && p->address == address && p->asid == asid) {
            *pte = p->pte;
            return true;
        }
    }
    return false;
}

static void ref_pointer_keep(struct refmodel *r, uint64_t address,
                             unsigned asid, uint64_t pte)
{
    unsigned places = r->mistake == REF_WALKER_FORGETS ? 7 : 8, i = 0;

    while (i < places && r->pointer[i].valid)
        i++;
    if (i == places) {
        i = r->next_pointer % places;
        r->next_pointer = (i + 1) % places;
    }
    r->pointer[i] = (struct ref_pointer){true, asid, address, pte};
}

static bool ref_allows(const struct ref_context *c, const struct ref_page *p,
                       enum ref_access access)
{
    if (c->user && !p->user)
        return false;
    if (!c->user && p->user && (access == REF_FETCH || !c->sum))
        return false;
    if (access == REF_FETCH)
        return p->executable;
    if (access == REF_STORE)
        return p->writable;
    return p->readable || (c->mxr && p->executable);
}

/* Reads one PTE. False: the address is not in RAM, or PMP refuses. */
static bool ref_read_pte(struct refmodel *r, uint64_t address, unsigned level,
                         unsigned asid, uint64_t *pte, bool *remembered)
{
    enum ref_where where = REF_WALKER;

    *remembered = level > 0 && ref_pointer_known(r, address, asid, pte);
    if (!*remembered) {
        r->refused = !ref_in_ram(r, address, 8) || address == r->refuse_read;
        if (r->refused)
            return false;
        memcpy(pte, r->ram + (address - r->ram_base), 8);
        where = r->mistake == REF_WALK_UNCACHED
                    ? REF_DRAM
                    : ref_data_line(r, address, false);
    }
    r->report(r->opaque,
              ref_event(REF_PTE_READ, where, *remembered ? 0 : address));
    return true;
}

/* Makes an entry of the leaf; false: reserved bits, or misaligned. */
static bool ref_leaf(const struct ref_context *c, uint64_t pte, unsigned level,
                     uint64_t vpn, struct ref_page *p)
{
    uint64_t ppn = pte >> 10 & 0xfffffffffff;
    unsigned type = pte >> 61 & 3;

    *p = (struct ref_page){.valid = true,
                           .readable = pte >> 1 & 1,
                           .writable = pte >> 2 & 1,
                           .executable = pte >> 3 & 1,
                           .user = pte >> 4 & 1,
                           .global = pte >> 5 & 1,
                           .dirty = pte >> 7 & 1,
                           .uncached = type != 0,
                           .asid = c->asid,
                           .pages = level == 2   ? 512 * 512
                                    : level == 1 ? 512
                                                 : 1};
    if (type && (!c->pbmt || type == 3))
        return false;
    if (pte >> 63) {
        if (!c->napot || level || (ppn & 15) != 8)
            return false;
        p->pages = 16;
        ppn -= 8;
    }
    if (ppn % p->pages)
        return false;
    p->vpn = vpn - vpn % p->pages;
    p->ppn = ppn;
    return true;
}

/* Walks the tables. False: an access fault if r->refused, else a page fault. */
static bool ref_walk(struct refmodel *r, const struct ref_context *c,
                     uint64_t va, enum ref_access access, struct ref_page *p)
{
    uint64_t table = c->root, pte = 0, address = 0;
    bool remembered;

    for (unsigned level = 2;; level--) {
        address = table + (va >> (12 + 9 * level) & 511) * 8;
        if (!ref_read_pte(r, address, level, c->asid, &pte, &remembered))
            return false;
        bool valid = pte & 1, leaf = pte & (2 | 8);
        if (!valid || (pte & 6) == 4 || pte >> 54 & 0x7f)
            return false;
        if (leaf) {
            if (!ref_leaf(c, pte, level, va >> 12 & 0x7ffffff, p) ||
                !ref_allows(c, p, access))
                return false;
            break;
        }
        if (level == 0 || pte >> 54 || pte & (1 << 4 | 1 << 6 | 1 << 7))
            return false;
        if (!remembered)
            ref_pointer_keep(r, address, c->asid, pte);
        table = (pte >> 10 & 0xfffffffffff) * 4096;
    }
    bool accessed = pte >> 6 & 1;
    if (accessed && (p->dirty || access != REF_STORE))
        return true;
    r->refused = c->sets_ad && address == r->refuse_write;
    if (!c->sets_ad || r->refused)
        return false;
    enum ref_where where = ref_data_line(r, address, true);
    r->report(r->opaque, ref_event(REF_PTE_UPDATE, where, address));
    p->dirty |= access == REF_STORE;
    return true;
}

/* True if the entry (may be NULL) serves the access without a walk. A store
 * needs D, unless it faults for lack of W. */
static bool ref_serves(const struct refmodel *r, const struct ref_page *p,
                       enum ref_access access)
{
    return p && (access != REF_STORE || p->dirty || !p->writable ||
                 r->mistake == REF_CLEAN_STORES);
}

/* Translates one access within a page. False: a fault, which counts as an
 * access of the L1 TLB. Successful accesses are counted later: a fetch with its
 * line, data when the instruction retires. */
static bool ref_translate(struct refmodel *r, const struct ref_context *c,
                          uint64_t va, enum ref_access access, uint64_t *pa,
                          bool *uncached)
{
    struct ref_tlb *l1 = access == REF_FETCH ? &r->itlb : &r->dtlb;
    uint64_t vpn = va >> 12 & 0x7ffffff;
    struct ref_page page;
    bool found;

    *pa = va;
    *uncached = false;
    if (!c->translated)
        return true;
    if ((uint64_t)((int64_t)(va << 25) >> 25) != va) {
        l1->accesses++;
        return false;
    }
    struct ref_page *p = ref_lookup(r, l1, vpn, c->asid);
    found = ref_serves(r, p, access);
    if (found) {
        page = *p;
    } else {
        l1->misses++;
        if (r->l2tlb.sets)
            r->l2tlb.accesses++;
        p = ref_lookup(r, &r->l2tlb, vpn, c->asid);
        found = ref_serves(r, p, access);
        if (found) {
            page = *p;
        } else {
            if (r->l2tlb.sets)
                r->l2tlb.misses++;
            found = ref_walk(r, c, va, access, &page);
            if (found && (page.pages == 1 || r->mistake == REF_L2_SUPER))
                ref_put(r, &r->l2tlb, &page, vpn);
        }
        if (found)
            ref_put(r, l1, &page, vpn);
    }
    if (!found || !ref_allows(c, &page, access)) {
        l1->accesses++;
        return false;
    }
    *pa = (page.ppn + (vpn - page.vpn)) * 4096 + va % 4096;
    *uncached = page.uncached;
    return true;
}

/* ---- instructions and data ---- */

/* Called after a jump, a trap or the like: the next fetch counts its line. */
static void ref_transfer(struct refmodel *r)
{
    r->fetched_line = ~0ull;
}

/* Fetches the bytes at va, which lie in one line. False: a fault. */
static bool ref_fetch(struct refmodel *r, const struct ref_context *c,
                      uint64_t va, uint64_t *pa)
{
    bool uncached;

    if (!ref_translate(r, c, va, REF_FETCH, pa, &uncached))
        return false;
    if (r->fetched_line == *pa / 64)
        return true;
    r->fetched_line = *pa / 64;
    if (c->translated)
        r->itlb.accesses++;
    if (ref_in_ram(r, *pa, 2)) {
        enum ref_where where = ref_fetch_line(r, *pa);
        if (where != REF_L1)
            r->report(r->opaque,
                      ref_event(REF_FETCH_MISS, where, *pa / 64 * 64));
    }
    return true;
}

/* Says where the bytes of a load or store lie, in one page or two. */
struct ref_data {
    unsigned parts;
    bool translated;
    struct {
        uint64_t pa;
        unsigned n;
        bool uncached;
    } part[2];
};

static bool ref_locate(struct refmodel *r, const struct ref_context *c,
                       uint64_t va, unsigned n, enum ref_access access,
                       struct ref_data *d)
{
    unsigned room = 4096 - (unsigned)(va % 4096);

    d->parts = n > room ? 2 : 1;
    d->translated = c->translated;
    d->part[0].n = n < room ? n : room;
    d->part[1].n = n - d->part[0].n;
    for (unsigned i = 0; i < d->parts; i++)
        if (!ref_translate(r, c, va + (i ? room : 0), access, &d->part[i].pa,
                           &d->part[i].uncached))
            return false;
    return true;
}

static void ref_retired(struct refmodel *r, const struct ref_data *d)
{
    if (d->translated)
        r->dtlb.accesses += d->parts;
}

static void ref_touch(struct refmodel *r, const struct ref_data *d, bool store)
{
    for (unsigned i = 0; i < d->parts; i++) {
        uint64_t first = d->part[i].pa, last = first + d->part[i].n - 1;
        if (d->part[i].uncached || !ref_in_ram(r, first, 1))
            continue;
        for (uint64_t line = first / 64; line <= last / 64; line++) {
            enum ref_where where = ref_data_line(r, line * 64, store);
            if (where != REF_L1)
                r->report(r->opaque,
                          ref_event(REF_DATA_MISS, where, line * 64));
        }
    }
}
