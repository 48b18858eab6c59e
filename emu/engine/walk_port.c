/* SPDX-License-Identifier: MIT */
/* Gives the page-table walker access to memory. PMP is checked as for S-mode,
 * and the caches are accessed at the cycle of each step. hart.cycle stands
 * still during a walk; the cycles of the walk so far are in mmu.walk.cycles. */
#include "engine/block_unwind.h"
#include "engine/context.h"
#include "engine/walk_port.h"
#include "time/core/quick.h"

static ALWAYS_INLINE bool reachable(struct engine *e, u64 pa, unsigned kind)
{
    const struct context *c = e->ctx;

    /* PMP treats U as S, so c has the rights of S, unless c is for M */
    if (likely(pa - e->port.ram_base - c->plain < c->plain_bytes) &&
        likely(c->data_priv != PRV_M))
        return (c->plain_rights & kind) == kind;
    return ram_holds(e, pa, 8) && pmp_ok(e, pa, 8, kind, PRV_S);
}

static ALWAYS_INLINE u32 access_time(struct engine *e, enum mem_kind kind,
                                     u64 pa, enum served *where)
{
    u32 dram = 0;
    stamp_use(e, pa);
    *where = SERVED_RAM;
    if (!e->timed)
        return 0;
    if (kind == MEM_WALK &&
        memtime_quick_walk(&e->quick, (pa - e->port.ram_base) >> LINE_SHIFT)) {
        e->l1d_more++;
        *where = SERVED_L1;
        return e->quick.walk;
    }
    return memtime_access(e->mem, kind, pa, e->h->cycle + e->mmu->walk.cycles,
                          where, &dram);
}

static bool read_pte(void *opaque, u64 pa, u64 *pte, u32 *cycles,
                     enum served *where)
{
    struct engine *e = opaque;
    if (!reachable(e, pa, PMP_R))
        return false;
    *pte = get_le(e->port.ram + (pa - e->port.ram_base), 8);
    /* The page that a leaf names is mostly not in the host's cache. (Outside
     * RAM a prefetch would cost the host a walk of its own, for nothing.) */
    u64 at = (PTE_PPN(*pte) << PAGE_SHIFT) - e->port.ram_base +
             (e->mmu->walk.va & (PAGE_BYTES - 1));
    if (*pte & (PTE_R | PTE_X) && at < e->port.ram_bytes)
        __builtin_prefetch(e->port.ram + at, 1);
    *cycles = access_time(e, MEM_WALK, pa, where);
    return true;
}

static bool update_pte(void *opaque, u64 pa, u64 expect, u64 pte, u32 *cycles,
                       bool *done)
{
    struct engine *e = opaque;
    u8 *p = e->port.ram + (pa - e->port.ram_base);
    enum served where;

    if (!reachable(e, pa, PMP_R | PMP_W))
        return false;
    *cycles = access_time(e, MEM_WALK_UPDATE, pa, &where);
    *done = get_le(p, 8) == expect;
    if (!*done)
        return true;
    put_le(p, pte, 8);
    blocks_ram_changed(e, pa, 8);
    return true;
}

void walk_port_init(struct engine *e)
{
    e->walk_port = (struct mmu_port){
        .opaque = e, .read_pte = read_pte, .update_pte = update_pte};
}

struct walk_step engine_step_walk(struct engine *e)
{
    return mmu_walk_step(e->mmu, &e->walk_port);
}

static bool peek_pte(void *opaque, u64 pa, u64 *pte)
{
    struct engine *e = opaque;
    if (!reachable(e, pa, PMP_R))
        return false;
    *pte = get_le(e->port.ram + (pa - e->port.ram_base), 8);
    return true;
}

/* ---- stale translations ---- */

static void mark_line(void *opaque, u64 pa)
{
    struct engine *e = opaque;
    u64 frame = frame_of(e, pa);
    e->mem->code[frame] |= 1ull << (pa >> LINE_SHIFT & 63);
    memtime_code_changed(e->mem, frame);
}

void engine_stop_stale(struct engine *e)
{
    e->leave = e->stale_hit = true;
}

void engine_follow_translations(struct engine *e,
                                const struct stale_observer *to)
{
    struct stale_port port = {.opaque = e,
                              .cycle = &e->h->cycle,
                              .ram_base = e->port.ram_base,
                              .ram_bytes = e->port.ram_bytes,
                              .peek = peek_pte,
                              .mark = mark_line,
                              .to = to};
    stale_free(e->mmu);
    if (to)
        stale_follow(e->mmu, &port);
    blocks_renew_lines(e);
    e->check_lines = true;
    engine_context_changed(e);
}

/* Sets the hart's clock, which may be that of the slice's end, to now; returns
 * what it was. */
static u64 clock_to_now(struct engine *e)
{
    u64 was = e->h->cycle;

    e->h->cycle = engine_cycle(e);
    return was;
}

void walk_port_stored(struct engine *e, u64 pa, u64 n)
{
    u64 was = clock_to_now(e);

    e->leave |= stale_written(e->mmu, pa, n, e->page + e->r->pcoff);
    e->h->cycle = was;
}

void walk_port_new_satp(struct engine *e)
{
    u64 was = clock_to_now(e);

    stale_satp_written(e->mmu, e->h->satp, e->page + e->r->pcoff);
    e->h->cycle = was;
}
