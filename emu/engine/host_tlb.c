/* SPDX-License-Identifier: MIT */
/* Caches translations for the host's speed. They are never saved, and may be
 * dropped at any time. Each context (privilege, SUM, MXR, ASID) has a table of
 * data pages, so a trap or a change of address space only switches tables. Code
 * pages and jump targets carry the fetch context as a tag. An entry lives for
 * one epoch at most; an Sv39 one only while the modelled TLB holds its page. */
#include <stdlib.h>

#include "engine/host_tlb.h"

#define SV39_TABLES (ASID_SLOTS * CTX_SV39_KINDS)
#define ALL_SV39    ((1u << SV39_TABLES) - 1)
static_assert(SV39_TABLES + CTX_BARE_KINDS <= 32, "tables_used has a bit each");

static void entry_clear(struct host_page *s)
{
    s->load = s->store = NO_PAGE;
    s->host = 0; /* marks an unused entry, see host_tlb_enter() */
}

/* Initialises a table when a context first needs it; most are never needed. */
static struct host_table *table_ready(struct host_table *t)
{
    if (likely(t->ready))
        return t;
    for (unsigned i = 0; i < HOST_PAGES; i++)
        entry_clear(&t->e[i]);
    t->ready = true;
    return t;
}

static void table_clear(struct host_table *t)
{
    for (; t->some; t->some &= t->some - 1) {
        unsigned w = (unsigned)__builtin_ctzll(t->some);
        for (; t->live[w]; t->live[w] &= t->live[w] - 1)
            entry_clear(&t->e[64 * w + (unsigned)__builtin_ctzll(t->live[w])]);
    }
}

static void tables_clear_used(struct engine *e)
{
    for (u32 used = e->tables_used; used; used &= used - 1) {
        unsigned i = (unsigned)__builtin_ctz(used);
        table_clear(i < SV39_TABLES ? &e->sv39[i] : &e->bare[i - SV39_TABLES]);
    }
    e->tables_used = 0;
}

/* Entries stay uninitialised until table_ready. */
static struct host_table *tables_new(unsigned n)
{
    struct host_table *t = xalloc_huge(n * sizeof(*t));
    for (unsigned i = 0; i < n; i++) {
        memset(t[i].live, 0, sizeof(t[i].live));
        t[i].some = 0;
        t[i].ready = false;
    }
    return t;
}

void host_tlb_init(struct engine *e)
{
    e->bare = tables_new(CTX_BARE_KINDS);
    e->sv39 = tables_new(SV39_TABLES);
    e->none = tables_new(1);
    e->jumps = xcalloc(JUMP_PAGES * JUMP_PER_PAGE, sizeof(*e->jumps));
    for (unsigned i = 0; i < JUMP_PAGES * JUMP_PER_PAGE; i++)
        e->jumps[i].va = e->jumps[i].ctx = NO_PAGE;
    for (unsigned i = 0; i < CODE_ENTRIES; i++)
        e->code[i].page = e->code[i].ctx = NO_PAGE;
    e->last_use = xcalloc(e->frames, sizeof(*e->last_use));
    e->written = xcalloc(e->frames, sizeof(*e->written));
    e->epoch_cycles = cycles_per_ms(e->h->clock_hz);
    e->ctx = &e->contexts[0];
    e->context_dirty = true;
}

void host_tlb_free(struct engine *e)
{
    free_all(e->bare, e->sv39, e->none, e->jumps, e->last_use, e->written);
}

/* Starts a new generation of fetch contexts: no code or jump entry matches. */
static void code_forget(struct engine *e)
{
    e->generation++;
    e->fctx = (u64)e->generation << 8 | (e->fctx & 0xff);
}

/* ---- tables ---- */

static u32 slot_tables(unsigned slot)
{
    return ((1u << CTX_SV39_KINDS) - 1) << (slot * CTX_SV39_KINDS);
}

unsigned host_tlb_slot_of(struct engine *e, u16 asid)
{
    for (unsigned i = 0; i < e->asid_used; i++)
        if (e->asid[i] == asid)
            return i;
    unsigned slot = e->asid_used;
    if (slot < ASID_SLOTS) {
        e->asid_used++;
    } else {
        slot = e->asid_next;
        e->asid_next = (u8)((slot + 1) % ASID_SLOTS);
        for (unsigned k = 0; k < CTX_SV39_KINDS; k++)
            if (e->tables_used >> (slot * CTX_SV39_KINDS + k) & 1)
                table_clear(&e->sv39[slot * CTX_SV39_KINDS + k]);
        e->tables_used &= ~slot_tables(slot);
        e->contexts_valid = 0;
        code_forget(e);
    }
    e->asid[slot] = asid;
    return slot;
}

static unsigned data_kind(const struct mmu_ctx *c)
{
    if (c->priv == PRV_U)
        return c->mxr ? CTX_U_MXR : CTX_U;
    return c->mxr ? (c->sum ? CTX_S_SUM_MXR : CTX_S_MXR)
                  : (c->sum ? CTX_S_SUM : CTX_S);
}

void host_tlb_choose(struct engine *e, struct context *c, unsigned slot)
{
    if (e->nwatch || e->commit) {
        c->table = e->none;
    } else if (c->data_sv39) {
        unsigned i = slot * CTX_SV39_KINDS + data_kind(&c->data);
        c->table = &e->sv39[i];
        c->table_bit = 1u << i;
    } else {
        unsigned i = c->data_priv == PRV_M ? CTX_M : CTX_BARE;
        c->table = &e->bare[i];
        c->table_bit = 1u << (SV39_TABLES + i);
    }
    table_ready(c->table);
}

struct host_page *host_tlb_put(struct engine *e, u64 va, u64 pa,
                               struct tlb_entry *leaf, bool store)
{
    struct host_page *s = host_tlb_slot(e, va, e->timed);
    u64 offset = pa - e->port.ram_base;
    bool loads = true, stores = true;

    if (e->ctx->table == e->none || frame_watched(e, offset >> PAGE_SHIFT) ||
        (leaf && stale_suspects(e->mmu, leaf)))
        return NULL;
    if (unlikely(e->touch) && host_tlb_allows(e, offset, leaf, e->timed))
        host_tlb_touch(e, s, va, leaf, store, &loads, &stores);
    return host_tlb_enter(e, s, va, offset, leaf, store, loads, stores,
                          e->timed);
}

/* ---- eviction ---- */

void host_tlb_flush(struct engine *e)
{
    tables_clear_used(e);
    code_forget(e);
    e->contexts_valid = 0;
    e->pmp.end = e->pmp.from;
}

void host_tlb_new_epoch(struct engine *e)
{
    u64 n = e->h->cycle / e->epoch_cycles;
    e->epoch = n + 1;
    e->epoch_end = (n + 1) * e->epoch_cycles;
    host_tlb_flush(e);
}

static void table_evict(struct host_table *t, u64 vpn, u64 pages)
{
    for (u64 some = t->some; some; some &= some - 1) {
        unsigned w = (unsigned)__builtin_ctzll(some);
        for (u64 live = t->live[w]; live; live &= live - 1) {
            unsigned i = 64 * w + (unsigned)__builtin_ctzll(live);
            struct host_page *s = &t->e[i];
            if ((s->load >> PAGE_SHIFT) - vpn < pages ||
                (s->store >> PAGE_SHIFT) - vpn < pages) {
                entry_clear(s);
                t->live[w] &= ~(1ull << (i & 63));
            }
        }
    }
}

static void code_evict(struct engine *e, u64 vpn)
{
    u64 page = code_page(vpn << PAGE_SHIFT), row = page & (JUMP_PAGES - 1);
    struct code_entry *c = &e->code[page & (CODE_ENTRIES - 1)];
    if (c->page >> PAGE_SHIFT == vpn)
        c->page = c->ctx = NO_PAGE;
    for (u64 left = e->jumps_used[row]; left; left &= left - 1) {
        unsigned i = (unsigned)__builtin_ctzll(left);
        struct jump_target *j = &e->jumps[row * JUMP_PER_PAGE + i];
        if (j->va >> PAGE_SHIFT != vpn)
            continue;
        j->ctx = NO_PAGE;
        e->jumps_used[row] &= ~(1ull << i);
    }
}

/* Drops all entries for a modelled TLB that was emptied. */
static __attribute__((noinline)) void all_evicted(struct engine *e,
                                                  enum l1_tlb tlb)
{
    if (tlb == L1_ITLB) {
        code_forget(e);
        return;
    }
    for (u32 used = e->tables_used & ALL_SV39; used; used &= used - 1)
        table_clear(&e->sv39[__builtin_ctz(used)]);
    e->tables_used &= ~ALL_SV39;
}

static __attribute__((noinline)) void fetch_evicted(struct engine *e,
                                                    const struct tlb_entry *t)
{
    if (tlb_pages(t) == 1)
        code_evict(e, t->vpn);
    else
        code_forget(e);
}

static __attribute__((noinline)) void large_evicted(struct engine *e,
                                                    const struct tlb_entry *t)
{
    u64 pages = tlb_pages(t);

    for (u32 held = t->held; held; held &= held - 1)
        table_evict(&e->sv39[__builtin_ctz(held)], t->vpn & ~(pages - 1),
                    pages);
}

void host_tlb_evicted(void *engine, enum l1_tlb tlb, const struct tlb_entry *t)
{
    struct engine *e = engine;

    if (!t) {
        all_evicted(e, tlb);
    } else if (tlb == L1_ITLB) {
        fetch_evicted(e, t);
    } else if (tlb_pages(t) > 1) {
        large_evicted(e, t);
    } else {
        host_tlb_page_evicted(e, t, e->timed);
    }
}
