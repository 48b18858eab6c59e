/* SPDX-License-Identifier: MIT */
/* Host accelerators for translation: never state, always droppable. One table
 * of data pages for each context (privilege, SUM, MXR, ASID), so that a trap
 * or a change of address space only switches tables; code pages and jump
 * targets carry the fetch context as a tag. An entry lives only while the
 * modelled TLB holds its page (soft_evicted), and for one epoch. */
#include <stdlib.h>

#include "engine/internal.h"

#define SV39_TABLES (ASID_SLOTS * CTX_SV39_KINDS)
#define ALL_SV39    ((1u << SV39_TABLES) - 1)
static_assert(SV39_TABLES + CTX_BARE_KINDS <= 32, "tables_used has a bit each");

static void entry_clear(struct soft *s)
{
    s->load = s->store = SOFT_NONE;
    s->host = 0; /* not live: see soft_put() */
}

/* A table is made when a context first needs it: few ever do. */
static struct soft_table *table_ready(struct soft_table *t)
{
    if (likely(t->ready))
        return t;
    for (unsigned i = 0; i < SOFT_ENTRIES; i++)
        entry_clear(&t->e[i]);
    t->ready = true;
    return t;
}

static void table_clear(struct soft_table *t)
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
static struct soft_table *tables_new(unsigned n)
{
    struct soft_table *t = aligned_alloc(64, n * sizeof(*t));
    assert(t);
    for (unsigned i = 0; i < n; i++) {
        memset(t[i].live, 0, sizeof(t[i].live));
        t[i].some = 0;
        t[i].ready = false;
    }
    return t;
}

void soft_init(struct engine *e)
{
    e->bare = tables_new(CTX_BARE_KINDS);
    e->sv39 = tables_new(SV39_TABLES);
    e->none = tables_new(1);
    e->hints = xcalloc(SOFT_HINTS, sizeof(*e->hints));
    e->jumps = xcalloc(JUMP_PAGES * JUMP_PER_PAGE, sizeof(*e->jumps));
    for (unsigned i = 0; i < JUMP_PAGES * JUMP_PER_PAGE; i++)
        e->jumps[i].va = e->jumps[i].ctx = SOFT_NONE;
    for (unsigned i = 0; i < SOFT_CODE_ENTRIES; i++)
        e->code[i].page = e->code[i].ctx = SOFT_NONE;
    e->last_use = xcalloc(e->frames, sizeof(*e->last_use));
    e->epoch_cycles = e->h->clock_hz / 1000 ? e->h->clock_hz / 1000 : 1;
    e->ctx = &e->contexts[0];
    e->context_dirty = true;
}

void soft_free(struct engine *e)
{
    free(e->bare);
    free(e->sv39);
    free(e->none);
    free(e->hints);
    free(e->jumps);
    free(e->last_use);
}

/* All fetch contexts get new names: code and jump entries match no more. */
static void code_forget(struct engine *e)
{
    e->generation++;
    e->fctx = (u64)e->generation << 8 | (e->fctx & 0xff);
}

void soft_flush(struct engine *e)
{
    tables_clear_used(e);
    code_forget(e);
    e->contexts_valid = 0;
    e->pmp.end = e->pmp.from;
}

void soft_new_epoch(struct engine *e)
{
    u64 n = e->h->cycle / e->epoch_cycles;
    e->epoch = (u32)n + 1;
    e->epoch_end = (n + 1) * e->epoch_cycles;
    soft_flush(e);
}

/* ---- contexts ----------------------------------------------------------- */

static u32 slot_tables(unsigned slot)
{
    return ((1u << CTX_SV39_KINDS) - 1) << (slot * CTX_SV39_KINDS);
}

static unsigned asid_slot(struct engine *e, u16 asid)
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

static inline void set_ctx(struct mmu_ctx *c, const struct hart *h, u32 priv)
{
    c->satp = h->satp;
    c->priv = priv;
    c->sum = h->mstatus & MSTATUS_SUM;
    c->mxr = h->mstatus & MSTATUS_MXR;
    c->hw_ad = hart_hw_ad(h);
    c->napot = hart_has(h, EXT_SVNAPOT);
    c->pbmt = hart_pbmt(h);
}

static void context_table(struct engine *e, struct context *c, unsigned slot)
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

static void context_make(struct engine *e, struct context *c)
{
    const struct hart *h = e->h;
    bool sv39 = h->satp >> 60 == 8;
    unsigned slot = 0;

    c->satp = h->satp;
    c->mstatus = context_bits(h->mstatus);
    c->data_priv = hart_data_priv(h);
    c->fetch_sv39 = sv39 && h->priv != PRV_M;
    c->data_sv39 = sv39 && c->data_priv != PRV_M;
    set_ctx(&c->data, h, c->data_priv);
    set_ctx(&c->fetch, h, h->priv);
    c->plain_bytes = 0;
    if (c->fetch_sv39 || c->data_sv39)
        slot = asid_slot(e, e->mmu->asids ? (u16)bits(h->satp, 59, 44) : 0);
    c->which = (u8)(h->priv == PRV_M ? 0
                    : c->fetch_sv39  ? 2 + 2 * slot + (h->priv == PRV_U)
                                     : 1);
    context_table(e, c, slot);
    e->contexts_valid |= 1u << (c - e->contexts);
}

void soft_context(struct engine *e)
{
    unsigned i = context_index(e->h);
    struct context *c = &e->contexts[i];

    bool fits = e->contexts_valid >> i & 1 && c->satp == e->h->satp &&
                c->mstatus == context_bits(e->h->mstatus);
    e->context_dirty = false;
    if (!fits || c->data_sv39 != e->ctx->data_sv39 ||
        c->fetch_sv39 != e->ctx->fetch_sv39)
        engine_drain(e); /* hits so far are hits of the old one's TLBs */
    if (unlikely(!fits))
        context_make(e, c);
    e->ctx = c;
    e->fctx = (u64)e->generation << 8 | c->which;
    e->dtlb = c->table->e;
}

/* Looks for the pages around pa that are RAM and have one answer of PMP. */
bool soft_find_plain(struct engine *e, struct context *c, u64 pa,
                     unsigned rights)
{
    u64 from = e->port.ram_base, end = from + e->port.ram_bytes;

    if (!ram_holds(e, pa & ~(PAGE_BYTES - 1), PAGE_BYTES) ||
        !pmp_uniform(e, pa))
        return false;
    if (e->pmp.from > from)
        from = (e->pmp.from + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
    if (e->pmp.end < end)
        end = e->pmp.end & ~(PAGE_BYTES - 1);
    c->plain = from;
    c->plain_bytes = end - from;
    c->plain_rights = 0;
    for (unsigned right = PMP_R; right <= PMP_W; right <<= 1)
        if (hart_pmp_region_ok(&e->pmp, right, c->data_priv))
            c->plain_rights |= right;
    return (c->plain_rights & rights) == rights;
}

/* ---- entries ------------------------------------------------------------ */

static void table_evict(struct soft_table *t, u64 vpn, u64 pages)
{
    for (u64 some = t->some; some; some &= some - 1) {
        unsigned w = (unsigned)__builtin_ctzll(some);
        for (u64 live = t->live[w]; live; live &= live - 1) {
            unsigned i = 64 * w + (unsigned)__builtin_ctzll(live);
            struct soft *s = &t->e[i];
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
    u64 page = code_page(vpn << PAGE_SHIFT);
    struct soft_code *c = &e->code[page & (SOFT_CODE_ENTRIES - 1)];
    if (c->page >> PAGE_SHIFT == vpn)
        c->page = c->ctx = SOFT_NONE;
    struct soft_jump *j = &e->jumps[(page & (JUMP_PAGES - 1)) * JUMP_PER_PAGE];
    for (unsigned i = 0; i < JUMP_PER_PAGE; i++)
        if (j[i].va >> PAGE_SHIFT == vpn)
            j[i].va = j[i].ctx = SOFT_NONE;
}

/* The modelled TLB is empty. */
static void all_evicted(struct engine *e, int which)
{
    if (which == 0) {
        code_forget(e);
        return;
    }
    for (u32 used = e->tables_used & ALL_SV39; used; used &= used - 1)
        table_clear(&e->sv39[__builtin_ctz(used)]);
    e->tables_used &= ~ALL_SV39;
}

static void fetch_evicted(struct engine *e, const struct tlb_entry *t)
{
    if (tlb_pages(t) == 1)
        code_evict(e, t->vpn);
    else
        code_forget(e);
}

void soft_evicted(void *engine, int which, const struct tlb_entry *t)
{
    struct engine *e = engine;

    if (!t) {
        all_evicted(e, which);
        return;
    }
    if (which == 0) {
        fetch_evicted(e, t);
        return;
    }
    bool global = t->flags & PTE_G;
    u64 pages = tlb_pages(t), vpn = t->vpn & ~(pages - 1);
    if (likely(pages == 1)) {
        u32 used = soft_tables(e, t->asid, global) & e->tables_used;
        unsigned i = vpn & (SOFT_USED(e->timed) - 1);
        for (; used; used &= used - 1)
            soft_drop(&e->sv39[__builtin_ctz(used)].e[i], vpn);
        return;
    }
    for (u32 used = soft_tables(e, t->asid, global) & e->tables_used; used;
         used &= used - 1)
        table_evict(&e->sv39[__builtin_ctz(used)], vpn, pages);
}
