/* SPDX-License-Identifier: MIT */
/* Translates addresses by L1 TLB, L2 TLB and walk; saves and loads the MMU. */
#include "mmu/tlb.h"

static struct tlb *tlb_of(struct mmu *m, unsigned i)
{
    return i == 0 ? &m->itlb : i == 1 ? &m->dtlb : &m->l2tlb;
}

/* Gives the TLBs the shape of this timing, which empties them. Their counts
 * stay. */
static void set_shape(struct mmu *m, bool timed)
{
    for (unsigned i = 0; i < 3; i++) {
        struct tlb *t = tlb_of(m, i);
        struct tlb_stats stats = t->stats;
        tlb_free(t);
        tlb_init(t, m->shape[timed][i]);
        t->stats = stats;
    }
    m->placed = NULL;
    memset(m->large_place, 0, sizeof(m->large_place));
    m->large_once = m->dtlb.sets == 1 || m->dtlb.large;
    m->quick = m->dtlb.sets == 1 && !m->dtlb.large ? m->l2tlb.direct : 0;
    if (m->stale)
        stale_restart(m);
}

static bool has_shape(const struct tlb *t, struct tlb_shape s)
{
    u32 ways = s.ways && s.ways < s.entries ? s.ways : s.entries;
    return t->entries == s.entries && t->ways == ways && t->large == s.large;
}

static bool is_shaped(struct mmu *m, bool timed)
{
    for (unsigned i = 0; i < 3; i++)
        if (!has_shape(tlb_of(m, i), m->shape[timed][i]))
            return false;
    return true;
}

void mmu_init(struct mmu *m, const struct mmu_config *c)
{
    struct tlb_shape own[3] = {{c->itlb_entries, c->itlb_ways, 0},
                               {c->dtlb_entries, c->dtlb_ways, 0},
                               {c->l2_entries, c->l2_ways, 0}};
    struct tlb_shape fast[3] = {c->fast, c->fast};

    memset(m, 0, sizeof(*m));
    memcpy(m->shape[true], own, sizeof(own));
    memcpy(m->shape[false], c->fast.entries ? fast : own, sizeof(own));
    m->timed = true;
    pwc_flush(m, false, 0);
    set_shape(m, true);
    assert(m->itlb.entries && m->dtlb.entries);
    m->asids = c->asids;
    m->l2_hit_cycles = c->l2_hit_cycles;
    m->pwc_hit_cycles = c->pwc_hit_cycles;
}

void mmu_free(struct mmu *m)
{
    stale_free(m);
    tlb_free(&m->itlb);
    tlb_free(&m->dtlb);
    tlb_free(&m->l2tlb);
}

static struct tlb_listener listener(struct mmu *m, enum access access)
{
    return (struct tlb_listener){m, access == ACC_FETCH ? L1_ITLB : L1_DTLB};
}

void mmu_sfence(struct mmu *m, bool has_va, u64 va, bool has_asid, u16 asid)
{
    struct tlb_listener nobody = {NULL, 0};

    if (!m->asids) /* one address space: ignore the ASID in rs2 */
        asid = 0;
    tlb_flush(&m->itlb, has_va, va, has_asid, asid, listener(m, ACC_FETCH));
    tlb_flush(&m->dtlb, has_va, va, has_asid, asid, listener(m, ACC_LOAD));
    tlb_flush(&m->l2tlb, has_va, va, has_asid, asid, nobody);
    if (!has_va)
        pwc_flush(m, has_asid, asid);
    if (unlikely(m->stale) && !has_va && !has_asid)
        stale_flushed(m);
    m->walk.phase = WALK_IDLE; /* a walk's result may be stale now */
}

void mmu_flush_all(struct mmu *m)
{
    mmu_sfence(m, false, 0, false, 0);
}

void mmu_set_timed(struct mmu *m, bool timed)
{
    mmu_flush_all(m);
    memset(&m->walk, 0, sizeof(m->walk));
    m->timed = timed;
    if (!is_shaped(m, timed))
        set_shape(m, timed);
}

void mmu_count_hits(struct mmu *m, enum l1_tlb tlb, u64 hits)
{
    (tlb == L1_DTLB ? &m->dtlb : &m->itlb)->stats.accesses += hits;
}

static bool same_ctx(const struct mmu_ctx *a, const struct mmu_ctx *b)
{
    return a->satp == b->satp && a->priv == b->priv && a->sum == b->sum &&
           a->mxr == b->mxr && a->hw_ad == b->hw_ad && a->napot == b->napot &&
           a->pbmt == b->pbmt;
}

/* True if m->walk was made for this very access. A walk for another access is
 * dropped; the TLB entry that it filled stays, as after any walk. */
static bool walk_is_for(struct mmu *m, const struct mmu_ctx *ctx, u64 va,
                        enum access access)
{
    struct walk *w = &m->walk;

    if (w->phase == WALK_IDLE)
        return false;
    if (w->va == va && w->access == access && same_ctx(&w->ctx, ctx))
        return true;
    w->phase = WALK_IDLE;
    return false;
}

/* A finished walk fills the TLBs when it ends, not when it is consumed, so that
 * the entry is visible while the walk is stepped. */
void walk_fills(struct mmu *m)
{
    const struct walk *w = &m->walk;
    struct tlb_listener nobody = {NULL, 0};
    struct tlb *l1 = w->access == ACC_FETCH ? &m->itlb : &m->dtlb;

    if (unlikely(m->stale))
        stale_filled(m);
    if (tlb_pages(&w->filled) == 1) /* the L2 holds 4 KiB pages only */
        tlb_fill(&m->l2tlb, &w->filled, w->va, nobody);
    m->placed = tlb_fill(l1, &w->filled, w->va, listener(m, w->access));
}

/* Returns the L1 entry for va, fetched from the L2 if necessary; NULL if a walk
 * is needed. A clean writable entry does not serve a store. */
static ALWAYS_INLINE struct tlb_entry *look_up(struct mmu *m, struct tlb *l1,
                                               u64 va, enum access access,
                                               u16 asid, u32 *tlb_cycles)
{
    struct tlb_entry *e = tlb_find(l1, va, asid);

    if (e && (access != ACC_STORE || e->flags & PTE_D || !(e->flags & PTE_W)))
        return e;
    e = tlb_find(&m->l2tlb, va, asid);
    if (!e || (access == ACC_STORE && !(e->flags & PTE_D) && e->flags & PTE_W))
        return NULL;
    l1->stats.misses++;
    m->l2tlb.stats.accesses++;
    if (m->timed)
        *tlb_cycles += m->l2_hit_cycles;
    return tlb_fill(l1, e, va, listener(m, access));
}

static inline enum mmu_verdict use(const struct mmu_ctx *ctx,
                                   struct tlb_entry *e, u64 va,
                                   enum access access, u64 *pa,
                                   struct tlb_entry **leaf, u32 *cause)
{
    *leaf = e;
    *pa = tlb_pa(e, va);
    if (likely(pte_permits(ctx, e->flags, access) == PTE_SERVES))
        return MMU_OK;
    *cause = walk_page_fault(access);
    return MMU_FAULT;
}

/* Counts and charges a finished walk as a whole, whether stepped or not. */
static enum mmu_verdict walk(struct mmu *m, struct tlb *l1, u32 *cause,
                             u32 *walk_cycles)
{
    struct walk *w = &m->walk;

    l1->stats.misses++;
    if (m->l2tlb.entries) {
        m->l2tlb.stats.accesses++;
        m->l2tlb.stats.misses++;
    }
    *walk_cycles += w->cycles;
    *cause = w->cause;
    bool filled = w->phase == WALK_FILLED;
    w->phase = WALK_IDLE;
    return filled ? MMU_OK : MMU_FAULT;
}

struct tlb_entry *mmu_refill(struct mmu *m, const struct mmu_ctx *ctx,
                             const struct tlb_key *key, u64 va,
                             enum access access, const struct mmu_port *port,
                             u32 *cycles)
{
    u32 cause;

    if (unlikely(!sv39_canonical(va) || m->walk.phase != WALK_IDLE))
        return NULL;
    struct tlb_entry *e = look_up(m, &m->dtlb, va, access, key->asid, cycles);
    if (!e && !m->catch_walk) {
        walk_arm(&m->walk, ctx, va, access);
        walk_run(m, port);
        if (m->walk.phase != WALK_FILLED)
            return NULL;
        walk(m, &m->dtlb, &cause, cycles);
        e = m->placed;
    }
    if (e && size_of(e))
        *large_place(m, va) = (u16)(e - m->dtlb.e);
    return e && tlb_serves(e, key) ? e : NULL;
}

enum mmu_verdict mmu_translate(struct mmu *m, const struct mmu_ctx *ctx, u64 va,
                               enum access access, const struct mmu_port *port,
                               u64 *pa, struct tlb_entry **leaf, u32 *cause,
                               u32 *tlb_cycles, u32 *walk_cycles)
{
    struct tlb *l1 = access == ACC_FETCH ? &m->itlb : &m->dtlb;
    u16 asid = ctx_asid(m, ctx);
    struct tlb_entry *e;

    if (!sv39_canonical(va)) {
        l1->stats.accesses++;
        *cause = walk_page_fault(access);
        return MMU_FAULT;
    }
    if (!walk_is_for(m, ctx, va, access)) {
        e = look_up(m, l1, va, access, asid, tlb_cycles);
        if (e) {
            l1->stats.accesses++;
            if (stale_suspects(m, e))
                stale_used(m, ctx, va, access, e);
            return use(ctx, e, va, access, pa, leaf, cause);
        }
        walk_arm(&m->walk, ctx, va, access);
        if (m->catch_walk)
            return MMU_CAUGHT;
    }
    l1->stats.accesses++;
    walk_run(m, port);
    if (walk(m, l1, cause, walk_cycles) == MMU_FAULT) {
        if (unlikely(m->stale))
            stale_faulted(m, ctx, va, access);
        return MMU_FAULT;
    }
    e = m->placed ? m->placed : tlb_find(l1, va, asid);
    assert(e);
    if (stale_suspects(m, e))
        stale_used(m, ctx, va, access, e);
    return use(ctx, e, va, access, pa, leaf, cause);
}

static void ctx_state(struct mmu_ctx *c, struct state *s)
{
    state_val(s, c->satp);
    state_val(s, c->priv);
    state_flag(s, &c->sum);
    state_flag(s, &c->mxr);
    state_flag(s, &c->hw_ad);
    state_flag(s, &c->napot);
    state_flag(s, &c->pbmt);
}

static void step_state(struct walk_step *p, struct state *s)
{
    state_val(s, p->kind);
    state_val(s, p->level);
    state_val(s, p->where);
    state_val(s, p->cause);
    state_val(s, p->cycles);
    state_val(s, p->pte_pa);
    state_val(s, p->pte);
    state_check(s,
                p->kind <= STEP_FAULT && p->level <= 2 &&
                    p->where < SERVED_COUNT && p->cause < 16,
                "a step of the walk");
}

static void walk_state(struct walk *w, struct state *s)
{
    state_val(s, w->phase);
    state_val(s, w->access);
    state_val(s, w->va);
    ctx_state(&w->ctx, s);
    state_val(s, w->level);
    state_val(s, w->table);
    state_val(s, w->pte);
    state_val(s, w->pte_pa);
    state_val(s, w->set_ad);
    state_val(s, w->cause);
    state_val(s, w->cycles);
    state_val(s, w->nsteps);
    for (u32 i = w->nsteps; i < WALK_STEPS_MAX; i++)
        w->steps[i] = (struct walk_step){0}; /* clear an earlier walk's steps */
    for (u32 i = 0; i < WALK_STEPS_MAX; i++)
        step_state(&w->steps[i], s);
    tlb_entry_state(&w->filled, s);
    bool ok = w->phase <= WALK_FAULTED && w->access <= ACC_STORE &&
              w->level <= 2 && w->set_ad <= 1 && w->cause < 16 &&
              w->nsteps <= WALK_STEPS_MAX;
    state_check(s, ok, "the walk");
    if (!ok)
        memset(w, 0, sizeof(*w));
}

/* Saves or loads a TLB: first its shape, by which a load infers the timing. */
static void shaped_state(struct mmu *m, unsigned i, struct state *s)
{
    u32 entries = tlb_of(m, i)->entries, ways = tlb_of(m, i)->ways;

    state_val(s, entries);
    state_val(s, ways);
    for (unsigned timed = 0; state_loading(s) && i == 0 && timed < 2; timed++)
        if (m->shape[timed][0].entries == entries && !is_shaped(m, timed)) {
            set_shape(m, timed);
            break;
        }
    const struct tlb *t = tlb_of(m, i);
    state_check(s, entries == t->entries && ways == t->ways,
                "the TLBs have another shape");
    if (entries == t->entries && ways == t->ways)
        tlb_state(tlb_of(m, i), s);
}

void mmu_state(struct mmu *m, struct state *s)
{
    state_tag(s, "mmu");
    for (unsigned i = 0; i < 3; i++)
        shaped_state(m, i, s);
    pwc_state(m, s);
    state_flag(s, &m->asids);
    state_flag(s, &m->timed);
    state_check(s, is_shaped(m, m->timed), "TLBs of the other timing");
    if (!is_shaped(m, m->timed))
        set_shape(m, m->timed);
    walk_state(&m->walk, s);
    m->placed = NULL;
    const struct walk *w = &m->walk;
    struct tlb *l1 = w->access == ACC_FETCH ? &m->itlb : &m->dtlb;
    state_check(
        s, w->phase != WALK_FILLED || tlb_find(l1, w->va, ctx_asid(m, &w->ctx)),
        "a walk whose page is in no TLB");
    if (state_error(s))
        m->walk.phase = WALK_IDLE;
    if (m->stale && state_loading(s))
        stale_restart(m);
    state_val(s, m->walks);
    state_val(s, m->pte_reads);
    state_val(s, m->walk_cycles);
    state_val(s, m->served);
}
