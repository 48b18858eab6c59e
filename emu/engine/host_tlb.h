/* SPDX-License-Identifier: MIT */
/* The host TLB caches, for each context, host addresses of guest pages. It
 * also caches code pages and jump targets. It is never saved, and may be
 * dropped at any time. */
#pragma once

#include "engine/context.h"

/* Mixes high bits, which tell kernel from user, into va's page number. */
static inline u64 code_page(u64 va)
{
    return va >> PAGE_SHIFT ^ va >> 40;
}
static inline unsigned jump_index(u64 va)
{
    return (code_page(va) & (JUMP_PAGES - 1)) * JUMP_PER_PAGE +
           ((va >> 1 ^ va >> 7) & (JUMP_PER_PAGE - 1));
}

void host_tlb_init(struct engine *e);
void host_tlb_free(struct engine *e);
void host_tlb_flush(struct engine *e); /* everything */
void host_tlb_new_epoch(struct engine *e);
void host_tlb_evicted(void *engine, enum l1_tlb tlb, const struct tlb_entry *t);
#define NO_PAGE ~0ull /* tag of an empty entry */
static inline struct host_page *host_tlb_slot(const struct engine *e, u64 va,
                                              bool timed)
{
    return &e->host_tlb[va >> PAGE_SHIFT & (HOST_PAGES_USED(timed) - 1u)];
}
/* Marks entry i of the current table as in use. */
static inline void host_tlb_live(struct engine *e, unsigned i)
{
    e->ctx->table->live[i / 64] |= 1ull << (i & 63);
    e->ctx->table->some |= 1ull << i / 64;
    e->tables_used |= e->ctx->table_bit;
}
static inline void host_page_drop(struct host_page *s, u64 vpn)
{
    u64 page = vpn << PAGE_SHIFT;

    if (s->load == page)
        s->load = NO_PAGE;
    if (s->store == page)
        s->store = NO_PAGE;
}
/* Returns the ASID's table slot; takes that of another ASID if none is free. */
unsigned host_tlb_slot_of(struct engine *e, u16 asid);
/* Gives c its table; if c translates, it is one of the tables of `slot`. */
void host_tlb_choose(struct engine *e, struct context *c, unsigned slot);

/* observe.c, for engine_on_touch, before entry s of the current table gets the
 * page of va. If the page is a program's, reports the access, and clears *loads
 * (*stores) if the next load (store) of the page must be reported, too. */
void host_tlb_touch(struct engine *e, struct host_page *s, u64 va,
                    const struct tlb_entry *leaf, bool store, bool *loads,
                    bool *stores);

/* Call when the D-TLB evicts t, an entry for a 4 KiB page. */
static ALWAYS_INLINE void
host_tlb_page_evicted(struct engine *e, const struct tlb_entry *t, bool timed)
{
    unsigned slot = t->vpn & (HOST_PAGES_USED(timed) - 1);

    for (u32 held = t->held; held; held &= held - 1)
        host_page_drop(&e->sv39[__builtin_ctz(held)].e[slot], t->vpn);
}

static inline bool host_tlb_allows(const struct engine *e, u64 offset,
                                   const struct tlb_entry *leaf, bool timed)
{
    return offset - e->ctx->plain < e->ctx->plain_bytes &&
           (!timed || !leaf || leaf->type == MEMTYPE_PMA);
}

/* Enters the page of va, at `offset` in RAM, as entry s of the current table,
 * after a permitted access. leaf: the D-TLB's entry; NULL: untranslated. The
 * entry also allows the other kind of access if the context does (for stores,
 * only if the frame is marked as written). loads, stores: observers need not be
 * told of such accesses. Returns NULL if the host TLB must not hold the page.
 */
static ALWAYS_INLINE struct host_page *
host_tlb_enter(struct engine *e, struct host_page *s, u64 va, u64 offset,
               struct tlb_entry *leaf, bool store, bool loads, bool stores,
               bool timed)
{
    const struct context *c = e->ctx;
    u64 page = va & ~(PAGE_BYTES - 1), frame = offset >> PAGE_SHIFT;
    u8 *written = &e->written[frame];

    if (unlikely(!host_tlb_allows(e, offset, leaf, timed)))
        return NULL;
    if (unlikely(!s->host))
        host_tlb_live(e, (unsigned)(s - e->host_tlb));
    /* The first store to a page passes here and marks its frame. */
    if (store)
        *written = 1;
    else
        stores &= *written && c->plain_rights & PMP_W &&
                  (!leaf || tlb_serves(leaf, &c->key[true]));
    s->store = stores ? page : NO_PAGE;
    s->load = loads && (!store || c->plain_rights & PMP_R) ? page : NO_PAGE;
    s->host = (u64)(uintptr_t)e->port.ram + offset - va;
    if (timed)
        s->lines = &e->quick.lines[frame];
    else
        s->code = &e->mem->code[frame];
    if (leaf)
        leaf->held |= c->table_bit;
    e->last_use[frame] = e->epoch;
    e->stats.pages++;
    return s;
}

/* Does host_tlb_enter() for any page, heeding observers and watched frames. */
struct host_page *host_tlb_put(struct engine *e, u64 va, u64 pa,
                               struct tlb_entry *leaf, bool store);
