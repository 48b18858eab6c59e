/* SPDX-License-Identifier: MIT */
/* Walks Sv39 tables (privileged manual 1.12, 4.3.2, 4.4.1), one level a step.
 *
 *   ARMED --read--> RUNNING --read--> ... leaf --> FILLED
 *                      |                   \-set A/D-^
 *                      '--> FAULTED
 *
 * One function judges a PTE (pte_judge), another takes a step; stepping,
 * running and probing share them. A probe reads memory in its own way, counts
 * nothing, and sets no A or D. */
#include "hart/hart.h"
#include "mmu/tlb.h"

const char *const served_name[SERVED_COUNT] = {
    "none",        "walker cache",  "L1", "L2", "DRAM row hit",
    "DRAM closed", "DRAM conflict", "RAM"};

u32 walk_page_fault(enum access access)
{
    static const u8 cause[] = {[ACC_FETCH] = CAUSE_FETCH_PAGE,
                               [ACC_LOAD] = CAUSE_LOAD_PAGE,
                               [ACC_STORE] = CAUSE_STORE_PAGE};
    return cause[access];
}

u32 walk_access_fault(enum access access)
{
    static const u8 cause[] = {[ACC_FETCH] = CAUSE_FETCH_ACCESS,
                               [ACC_LOAD] = CAUSE_LOAD_ACCESS,
                               [ACC_STORE] = CAUSE_STORE_ACCESS};
    return cause[access];
}

void walk_arm(struct walk *w, const struct mmu_ctx *ctx, u64 va,
              enum access access)
{
    w->phase = WALK_ARMED;
    w->access = access;
    w->va = va;
    w->ctx = *ctx;
    w->level = 2;
    w->pte = w->pte_pa = 0;
    w->set_ad = w->cause = w->cycles = 0;
    w->nsteps = 0; /* the number of valid steps[] */
    w->filled = (struct tlb_entry){0};
    w->table = bits(ctx->satp, 43, 0) << PAGE_SHIFT;
}

static ALWAYS_INLINE void fill(struct walk *w, u64 pte, u16 asid, u32 level)
{
    struct tlb_entry e = {.asid = asid,
                          .level = (u8)level,
                          .valid = 1,
                          .flags = (u8)pte,
                          .napot = !!(pte & PTE_N),
                          .type = (u8)PTE_PBMT(pte)};

    /* the low bits of a NAPOT leaf's PPN encode its size */
    e.vpn = w->va >> PAGE_SHIFT & ~(tlb_pages(&e) - 1);
    e.ppn = PTE_PPN(pte) & ~(tlb_pages(&e) - 1);
    w->phase = WALK_FILLED;
    w->filled = e;
}

static void fault(struct walk *w, struct walk_step *step, u32 cause)
{
    w->phase = WALK_FAULTED;
    w->cause = cause;
    step->kind = STEP_FAULT;
    step->cause = (u8)cause;
}

static u64 pte_address(u64 table, u64 va, u32 level)
{
    return table + bits(va, 20 + 9 * level, 12 + 9 * level) * 8;
}

/* Judges the PTE in *step (pointer: known to be a pointer). True if the walk
 * goes on to the next level. */
static ALWAYS_INLINE bool proceed(struct walk *w, struct walk_step *step,
                                  u16 asid, bool probe, bool pointer)
{
    switch (pointer ? PTE_LEADS_ON
                    : pte_judge(&w->ctx, w->access, w->level, step->pte)) {
    case PTE_LEADS_ON:
        step->kind = STEP_READ;
        w->table = PTE_PPN(step->pte) << PAGE_SHIFT;
        w->level--;
        return true;
    case PTE_WANTS_AD:
        if (!probe) {
            step->kind = STEP_READ;
            w->pte = step->pte;
            w->pte_pa = step->pte_pa;
            w->set_ad = 1;
            break;
        }
        /* fallthrough */
    case PTE_SERVES:
        step->kind = STEP_DONE;
        fill(w, step->pte, asid, w->level);
        break;
    default:
        fault(w, step, walk_page_fault(w->access));
        break;
    }
    return false;
}

/* Reads the PTE of w's level, from the walker's cache or from memory, and acts
 * on it. True if the next level follows. m NULL: a probe. */
static ALWAYS_INLINE bool read_step(struct mmu *m, struct walk *w,
                                    const struct mmu_port *port,
                                    struct walk_step *step, u16 asid)
{
    u32 level = w->level;
    u64 pa = pte_address(w->table, w->va, level);
    const struct pwc_entry *cached =
        m && level > 0 ? pwc_find(m, pa, asid) : NULL;
    enum served where = SERVED_NONE;

    step->pte_pa = pa;
    if (cached) {
        step->pte = cached->pte;
        step->cycles = m->timed ? m->pwc_hit_cycles : 0;
        where = SERVED_PWC;
    } else if (!port->read_pte(port->opaque, pa, &step->pte, &step->cycles,
                               &where)) {
        fault(w, step, walk_access_fault(w->access));
        return false;
    }
    step->where = (u8)where;
    if (m) {
        m->pte_reads++;
        m->served[where]++;
    }
    bool leads_on = proceed(w, step, asid, !m, cached);
    if (m && leads_on && !cached)
        pwc_fill(m, pa, step->pte, level, asid);
    return leads_on;
}

/* Sets A and D by compare and swap (4.3.2, step 7). If the PTE has changed
 * meanwhile, the next step reads the level again. */
static void set_ad_step(struct walk *w, const struct mmu_port *port,
                        struct walk_step *step, u16 asid)
{
    u64 pte = w->pte | PTE_A | (w->access == ACC_STORE ? PTE_D : 0);
    bool done = false;

    step->kind = STEP_SET_AD;
    step->pte_pa = w->pte_pa;
    step->pte = pte;
    w->set_ad = 0;
    if (!port->update_pte(port->opaque, w->pte_pa, w->pte, pte, &step->cycles,
                          &done))
        fault(w, step, walk_access_fault(w->access));
    else if (done)
        fill(w, pte, asid, w->level);
}

/* Takes one step or all remaining steps of w. If m is not NULL, w is m's walk
 * and uses m's cache and counts; else it is a probe. Returns the last step,
 * which is in *spare if w->steps is full. */
static ALWAYS_INLINE struct walk_step *take_steps(struct mmu *m, struct walk *w,
                                                  const struct mmu_port *port,
                                                  u16 asid, bool all,
                                                  struct walk_step *spare)
{
    struct walk_step *step;
    bool leads_on = false;
    u32 before = w->cycles;

    w->phase = WALK_RUNNING;
    do {
        step = w->nsteps < WALK_STEPS_MAX ? &w->steps[w->nsteps++] : spare;
        *step = (struct walk_step){.level = (u8)w->level};
        if (leads_on || likely(sv39_canonical(w->va) && !w->set_ad))
            leads_on = read_step(m, w, port, step, asid);
        else if (w->set_ad)
            set_ad_step(w, port, step, asid);
        else
            fault(w, step, walk_page_fault(w->access));
        w->cycles += step->cycles;
    } while (all && (leads_on || w->phase == WALK_RUNNING));
    if (m)
        m->walk_cycles += w->cycles - before;
    if (m && w->phase == WALK_FILLED)
        walk_fills(m);
    return step;
}

struct walk_step mmu_walk_step(struct mmu *m, const struct mmu_port *port)
{
    struct walk_step spare;

    assert(m->walk.phase == WALK_ARMED || m->walk.phase == WALK_RUNNING);
    m->walks += m->walk.phase == WALK_ARMED;
    return *take_steps(m, &m->walk, port, ctx_asid(m, &m->walk.ctx), false,
                       &spare);
}

void walk_run(struct mmu *m, const struct mmu_port *port)
{
    struct walk *w = &m->walk;
    struct walk_step spare;

    m->placed = NULL;
    if (w->phase != WALK_ARMED && w->phase != WALK_RUNNING)
        return;
    m->walks += w->phase == WALK_ARMED;
    take_steps(m, w, port, ctx_asid(m, &w->ctx), true, &spare);
}

/* Reads the leaf (step 3). False: it faults, or does not serve key as it is. */
static ALWAYS_INLINE bool quick_leaf(struct mmu *m, const struct mmu_port *port,
                                     const struct tlb_key *key)
{
    const u64 always = PTE_V | PTE_R | PTE_A;
    struct walk *w = &m->walk;
    struct walk_step *step = &w->steps[2];
    enum served where = SERVED_NONE;

    *step = (struct walk_step){.kind = STEP_DONE,
                               .pte_pa = pte_address(w->table, w->va, 0)};
    if (!port->read_pte(port->opaque, step->pte_pa, &step->pte, &step->cycles,
                        &where)) {
        fault(w, step, walk_access_fault(w->access));
        return false;
    }
    step->where = (u8)where;
    m->pte_reads++;
    m->served[where]++;
    w->cycles += step->cycles;
    m->walk_cycles += step->cycles;
    if (likely((step->pte & (key->mask | always | ~0ull << 54)) ==
               (key->value | always))) {
        tlb_page(&w->filled, key, w->va >> PAGE_SHIFT, step->pte);
        return true;
    }
    proceed(w, step, key->asid, false, false);
    if (w->phase == WALK_FILLED)
        walk_fills(m);
    return false;
}

const struct tlb_entry *walk_quickly(struct mmu *m, const struct mmu_ctx *ctx,
                                     const struct tlb_key *key, u64 va,
                                     enum access access,
                                     const struct mmu_port *port)
{
    struct walk *w = &m->walk;
    u64 top_pa = pte_address(bits(ctx->satp, 43, 0) << PAGE_SHIFT, va, 2);
    const struct pwc_entry *top = pwc_find(m, top_pa, key->asid), *mid;

    if (!top || m->catch_walk || !sv39_canonical(va))
        return NULL;
    u64 mid_pa = pte_address(PTE_PPN(top->pte) << PAGE_SHIFT, va, 1);
    if (!(mid = pwc_find(m, mid_pa, key->asid)))
        return NULL;
    u32 hit = m->pwc_hit_cycles, i = va >> PAGE_SHIFT & m->quick;
    walk_arm(w, ctx, va, access);
    w->steps[0] =
        (struct walk_step){STEP_READ, 2, SERVED_PWC, 0, hit, top_pa, top->pte};
    w->steps[1] =
        (struct walk_step){STEP_READ, 1, SERVED_PWC, 0, hit, mid_pa, mid->pte};
    w->phase = WALK_RUNNING;
    w->level = 0;
    w->table = PTE_PPN(mid->pte) << PAGE_SHIFT;
    w->nsteps = 3;
    w->cycles = 2 * hit;
    m->walk_cycles += 2 * hit;
    m->walks++;
    m->pte_reads += 2;
    m->served[SERVED_PWC] += 2;
    if (!quick_leaf(m, port, key))
        return NULL;
    w->phase = WALK_IDLE;
    m->l2tlb.stats.misses++;
    if (likely(m->l2tlb.e[i].valid && !size_of(&m->l2tlb.e[i])))
        return tlb_replace(&m->l2tlb, i, &w->filled);
    return tlb_fill(&m->l2tlb, &w->filled, va, (struct tlb_listener){NULL, 0});
}

struct peek {
    bool (*read)(void *opaque, u64 pa, u64 *pte);
    void *opaque;
};

static bool peek_pte(void *opaque, u64 pa, u64 *pte, u32 *cycles,
                     enum served *where)
{
    const struct peek *p = opaque;

    *cycles = 0;
    *where = SERVED_NONE;
    return p->read(p->opaque, pa, pte);
}

/* A probe sets nothing: a leaf whose A or D the walker would set counts as
 * filled. */
void mmu_probe(const struct mmu_ctx *ctx, u64 va, enum access access,
               bool (*peek)(void *opaque, u64 pa, u64 *pte), void *opaque,
               struct walk *out)
{
    struct peek p = {peek, opaque};
    struct mmu_port port = {.opaque = &p, .read_pte = peek_pte};
    struct walk_step spare;

    memset(out, 0, sizeof(*out));
    walk_arm(out, ctx, va, access);
    take_steps(NULL, out, &port, (u16)bits(ctx->satp, 59, 44), true, &spare);
}

/* ---- why it faulted ---- */

const struct walk_step *mmu_walk_last_read(const struct walk *w)
{
    for (unsigned i = w->nsteps; i-- > 0;)
        if (w->steps[i].pte_pa && w->steps[i].kind != STEP_SET_AD)
            return &w->steps[i];
    return NULL;
}

enum pte_verdict mmu_walk_verdict(const struct walk *w)
{
    const struct walk_step *s = mmu_walk_last_read(w);

    if (!s || w->cause == walk_access_fault(w->access))
        return PTE_SERVES;
    return pte_judge(&w->ctx, w->access, s->level, s->pte);
}

const char *mmu_walk_why(const struct walk *w)
{
    enum pte_verdict v = mmu_walk_verdict(w);

    if (!sv39_canonical(w->va))
        return "bits 63 to 39 of the address must equal bit 38";
    if (w->cause == walk_access_fault(w->access))
        return "the entry could not be read, or its A or D could not be set: "
               "no memory is there, or PMP forbids it";
    return v >= PTE_FAULTS ? pte_verdict_words[v]
                           : "the entry was changed meanwhile";
}
