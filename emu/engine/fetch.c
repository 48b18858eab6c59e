/* SPDX-License-Identifier: MIT */
/* Fetches instructions: translates by the modelled I-TLB, checks PMP, accesses
 * the instruction cache line by line. fetch_quick() is the executor's shortcut
 * for a page that the I-TLB is known to hold and that PMP allows as a whole. */
#include "engine/block_unwind.h"
#include "engine/fetch.h"
#include "engine/observe.h"

static struct code_entry *code_entry(struct engine *e, u64 va)
{
    return &e->code[code_page(va) & (CODE_ENTRIES - 1)];
}

/* Translates va for execution and checks PMP for two bytes there. */
static enum fetch translate_fetch(struct engine *e, u64 va, struct fetched *f)
{
    u64 page = va & ~(PAGE_BYTES - 1), pa = va;
    struct code_entry *c = code_entry(e, va);
    struct hart *h = e->h;

    f->in_ram = f->plain = true;
    f->watched = false;
    if (c->page == page && c->ctx == e->fctx) {
        f->pa = c->pa + (va - page);
        return FETCH_OK;
    }
    if (e->ctx->fetch_sv39) {
        struct tlb_entry *leaf = NULL;
        u32 cause = 0, tlb = 0, walk = 0;
        enum mmu_verdict v =
            mmu_translate(e->mmu, &e->ctx->fetch, va, ACC_FETCH, &e->walk_port,
                          &pa, &leaf, &cause, &tlb, &walk);
        charge(e, &e->by.walk, tlb + walk);
        if (v == MMU_CAUGHT)
            return FETCH_CAUGHT;
        if (v == MMU_FAULT) {
            engine_trap(e, cause, va);
            return FETCH_TRAPPED;
        }
        e->itlb_more--; /* mmu_translate counted this access */
        f->watched = stale_suspects(e->mmu, leaf);
    }
    f->pa = pa;
    f->in_ram = ram_holds(e, pa, 2);
    f->plain = f->in_ram && pmp_uniform(e, pa);
    if (!pmp_ok(e, pa, 2, PMP_X, h->priv)) {
        engine_trap(e, CAUSE_FETCH_ACCESS, va);
        return FETCH_TRAPPED;
    }
    if (f->in_ram)
        stamp_use(e, pa);
    f->watched |= f->in_ram && memory_watched(e, pa & ~(PAGE_BYTES - 1),
                                              PAGE_BYTES, ACC_FETCH);
    if (f->plain && !f->watched)
        *c = (struct code_entry){page, e->fctx, pa & ~(PAGE_BYTES - 1)};
    if (unlikely(e->touch))
        observe_fetch(e, va, c);
    return FETCH_OK;
}

/* Accesses L1I: once for each line, and again after a transfer. */
static void fetch_line(struct engine *e, u64 pa, bool in_ram)
{
    if (e->fetch_line == pa >> LINE_SHIFT)
        return;
    e->fetch_line = pa >> LINE_SHIFT;
    e->acc[SUM_LINES]++;
    if (!in_ram) {
        e->l1i_more--;
    } else if (e->timed && !memtime_icached(e->mem, pa)) {
        u32 dram = 0;
        enum served where;
        u32 cycles =
            memtime_access(e->mem, MEM_FETCH, pa, e->h->cycle, &where, &dram);
        e->l1i_more--;
        charge(e, &e->by.dram, dram);
        charge(e, &e->by.icache, cycles - dram);
    }
}

enum fetch fetch_begin(struct engine *e, u64 pc, struct fetched *f)
{
    enum fetch r = translate_fetch(e, pc, f);
    if (r == FETCH_OK)
        fetch_line(e, f->pa, f->in_ram);
    return r;
}

/* Reads two bytes of code at pa. False: an access fault. */
static bool parcel(struct engine *e, u64 pa, bool in_ram, u32 *v)
{
    u64 value = 0;
    if (memory_watched(e, pa, 2, ACC_FETCH))
        e->fetch_hit = true;
    if (in_ram) {
        *v = (u32)get_le(e->port.ram + (pa - e->port.ram_base), 2);
        return true;
    }
    if (!e->port.mmio_read(e->port.opaque, pa, 2, &value))
        return false;
    *v = value & 0xffff;
    return true;
}

/* Fetches the upper half of a 32-bit instruction, if that half lies in another
 * page or may lie in another PMP region; the lower half is in half_raw. */
enum fetch fetch_second(struct engine *e, u64 pc, struct fetched *f)
{
    u32 high;
    enum fetch r = translate_fetch(e, pc + 2, f);

    if (r == FETCH_CAUGHT)
        e->half = true;
    if (r != FETCH_OK)
        return r;
    fetch_line(e, f->pa, f->in_ram);
    if (!parcel(e, f->pa, f->in_ram, &high)) {
        engine_trap(e, CAUSE_FETCH_ACCESS, pc + 2);
        return FETCH_TRAPPED;
    }
    f->raw = e->half_raw | high << 16;
    return FETCH_OK;
}

enum fetch fetch_rest(struct engine *e, u64 pc, struct fetched *f)
{
    u32 high;

    if (!parcel(e, f->pa, f->in_ram, &f->raw)) {
        engine_trap(e, CAUSE_FETCH_ACCESS, pc);
        return FETCH_TRAPPED;
    }
    if ((f->raw & 3) != 3)
        return FETCH_OK;
    if (((pc + 2) & (PAGE_BYTES - 1)) == 0 || !f->plain) {
        e->half_raw = f->raw;
        return fetch_second(e, pc, f);
    }
    fetch_line(e, f->pa + 2, true);
    parcel(e, f->pa + 2, true, &high);
    f->raw |= high << 16;
    return FETCH_OK;
}

struct block *fetch_quick(struct engine *e, u64 va, struct block **edge)
{
    const struct code_entry *c = code_entry(e, va);
    u64 flushes = e->stats.flushes;

    if (c->page != (va & ~(PAGE_BYTES - 1)) || c->ctx != e->fctx || e->leave)
        return NULL;
    u64 pa = c->pa + (va & (PAGE_BYTES - 1));
    struct block *b = block_find(e, pa, va);
    if (!b)
        b = block_make(e, pa, va);
    if (!b)
        return NULL;
    if (!observes_fetches(e)) {
        unsigned i = jump_index(va);
        e->jumps[i] = (struct jump_target){va, e->fctx, b, 0};
        e->jumps_used[i / JUMP_PER_PAGE] |= 1ull << i % JUMP_PER_PAGE;
    }
    if (edge && *edge != e->far && flushes == e->stats.flushes)
        *edge = b;
    return b;
}
