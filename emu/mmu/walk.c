/* SPDX-License-Identifier: MIT */
/* The Sv39 walk: privileged manual 1.12, 4.3.2 and 4.4.1, one level a step.
 *
 *   ARMED --read--> RUNNING --read--> ... leaf --> FILLED
 *                      |                   \-set A/D-^
 *                      '--> FAULTED
 *
 * One function judges a PTE (pte_judge); stepping, running and probing differ
 * only in who reads and who counts. */
#include "mmu/quick.h"

#define ALWAYS_INLINE inline __attribute__((always_inline))

const char *const served_name[SERVED_COUNT] = {
    "none",        "walker cache",  "L1", "L2", "DRAM row hit",
    "DRAM closed", "DRAM conflict", "RAM"};

u32 walk_page_fault(enum access access)
{
    static const u8 cause[] = {
        [ACC_FETCH] = 12, [ACC_LOAD] = 13, [ACC_STORE] = 15};
    return cause[access];
}

u32 walk_access_fault(enum access access)
{
    static const u8 cause[] = {
        [ACC_FETCH] = 1, [ACC_LOAD] = 5, [ACC_STORE] = 7};
    return cause[access];
}

void walk_arm(struct walk *w, const struct mmu_ctx *ctx, u64 va,
              enum access access)
{
    /* of the steps only those of the last walk: the others are 0 */
    memset(w->steps, 0, w->nsteps * sizeof(w->steps[0]));
    memset(w, 0, offsetof(struct walk, steps));
    memset(&w->filled, 0, sizeof(w->filled));
    w->phase = WALK_ARMED;
    w->access = access;
    w->va = va;
    w->ctx = *ctx;
    w->level = 2;
    w->table = bits(ctx->satp, 43, 0) << PAGE_SHIFT;
}

u32 mmu_quick_faults(const struct mmu_ctx *ctx, u64 pte, enum access access)
{
    return pte_judge(ctx, access, 0, pte) >= PTE_FAULTS
               ? walk_page_fault(access)
               : 0;
}

static ALWAYS_INLINE void fill(struct walk *w, u64 pte, u16 asid)
{
    struct tlb_entry e = {.asid = asid,
                          .level = (u8)w->level,
                          .valid = 1,
                          .flags = (u8)pte,
                          .napot = !!(pte & PTE_N),
                          .type = (u8)PTE_PBMT(pte)};

    /* the low bits of a NAPOT leaf's PPN say its size, not its place */
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

/* What follows from the PTE in *step; true when the walk goes on. */
static ALWAYS_INLINE void proceed(struct walk *w, struct walk_step *step,
                                  u16 asid)
{
    switch (pte_judge(&w->ctx, w->access, w->level, step->pte)) {
    case PTE_LEADS_ON:
        step->kind = STEP_READ;
        w->table = PTE_PPN(step->pte) << PAGE_SHIFT;
        w->level--;
        break;
    case PTE_SERVES:
        step->kind = STEP_DONE;
        fill(w, step->pte, asid);
        break;
    case PTE_WANTS_AD:
        step->kind = STEP_READ;
        w->pte = step->pte;
        w->pte_pa = step->pte_pa;
        w->set_ad = 1;
        break;
    default:
        fault(w, step, walk_page_fault(w->access));
        break;
    }
}

static u64 pte_address(const struct walk *w)
{
    return w->table + bits(w->va, 20 + 9 * w->level, 12 + 9 * w->level) * 8;
}

/* Reads the PTE of this level: the walker's cache, then memory. */
static ALWAYS_INLINE bool read_pte(struct mmu *m, const struct mmu_port *port,
                                   struct walk_step *step, u16 asid)
{
    const struct pwc_entry *cached =
        m->walk.level > 0 ? pwc_find(m, step->pte_pa, asid) : NULL;
    enum served where = SERVED_NONE;
    bool ok = true;

    if (cached) {
        step->pte = cached->pte;
        step->cycles = m->timed ? m->pwc_hit_cycles : 0;
        where = SERVED_PWC;
    } else {
        ok = port->read_pte(port->opaque, step->pte_pa, &step->pte,
                            &step->cycles, &where);
    }
    step->where = (u8)where;
    if (!ok)
        return false;
    m->pte_reads++;
    m->served[where]++;
    return true;
}

static ALWAYS_INLINE void read_step(struct mmu *m, const struct mmu_port *port,
                                    struct walk_step *step, u16 asid)
{
    struct walk *w = &m->walk;
    u32 level = w->level;

    step->pte_pa = pte_address(w);
    if (!read_pte(m, port, step, asid)) {
        fault(w, step, walk_access_fault(w->access));
        return;
    }
    proceed(w, step, asid);
    if (w->level < level && step->where != SERVED_PWC)
        pwc_fill(m, step->pte_pa, step->pte, level, asid);
}

/* 4.3.2 step 7: compare, swap; the level is read again if another value was
 * there. */
static void set_ad_step(struct mmu *m, const struct mmu_port *port,
                        struct walk_step *step, u16 asid)
{
    struct walk *w = &m->walk;
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
        fill(w, pte, asid);
}

/* Where the next step is recorded; beyond the last place, *spare. */
static struct walk_step *step_begin(struct walk *w, struct walk_step *spare)
{
    struct walk_step *step =
        w->nsteps < WALK_STEPS_MAX ? &w->steps[w->nsteps] : spare;

    *step = (struct walk_step){.level = (u8)w->level};
    return step;
}

static void step_end(struct walk *w, const struct walk_step *step)
{
    w->cycles += step->cycles;
    w->nsteps += w->nsteps < WALK_STEPS_MAX;
}

static inline struct walk_step *take_step(struct mmu *m,
                                          const struct mmu_port *port, u16 asid,
                                          struct walk_step *spare)
{
    struct walk *w = &m->walk;
    struct walk_step *step = step_begin(w, spare);

    if (w->phase == WALK_ARMED)
        m->walks++;
    w->phase = WALK_RUNNING;
    if (unlikely(!sv39_canonical(w->va)))
        fault(w, step, walk_page_fault(w->access));
    else if (unlikely(w->set_ad))
        set_ad_step(m, port, step, asid);
    else
        read_step(m, port, step, asid);
    m->walk_cycles += step->cycles;
    step_end(w, step);
    if (w->phase == WALK_FILLED)
        walk_fills(m);
    return step;
}

struct walk_step mmu_walk_step(struct mmu *m, const struct mmu_port *port)
{
    struct walk_step spare;

    assert(m->walk.phase == WALK_ARMED || m->walk.phase == WALK_RUNNING);
    return *take_step(m, port, ctx_asid(m, &m->walk.ctx), &spare);
}

/* The levels from the root on that the walker's cache has, as take_step would
 * take them. */
static void run_cached(struct mmu *m, u16 asid)
{
    u32 cost = m->timed ? m->pwc_hit_cycles : 0, n;
    struct walk *w = &m->walk;

    for (n = 0; w->level > 0; n++) {
        u64 pte_pa = pte_address(w);
        const struct pwc_entry *c = pwc_find(m, pte_pa, asid);
        if (!c || pte_form(c->pte, w->level, false, false) != PTE_LEADS_ON)
            break; /* read it, or judge it */
        w->steps[n] = (struct walk_step){.kind = STEP_READ,
                                         .level = (u8)w->level,
                                         .where = SERVED_PWC,
                                         .cycles = cost,
                                         .pte_pa = pte_pa,
                                         .pte = c->pte};
        w->table = PTE_PPN(c->pte) << PAGE_SHIFT;
        w->level--;
    }
    w->phase = WALK_RUNNING;
    w->nsteps = n;
    w->cycles = n * cost;
    m->walks++;
    m->pte_reads += n;
    m->served[SERVED_PWC] += n;
    m->walk_cycles += w->cycles;
}

void walk_run(struct mmu *m, const struct mmu_port *port)
{
    u16 asid = ctx_asid(m, &m->walk.ctx);
    struct walk_step spare;

    m->placed = NULL;
    if (m->walk.phase == WALK_ARMED && sv39_canonical(m->walk.va))
        run_cached(m, asid);
    while (m->walk.phase == WALK_ARMED || m->walk.phase == WALK_RUNNING)
        take_step(m, port, asid, &spare);
}

/* A probe reads for itself and sets nothing: a leaf whose A or D the walker
 * would set counts as filled. */
void mmu_probe(const struct mmu_ctx *ctx, u64 va, enum access access,
               bool (*peek)(void *opaque, u64 pa, u64 *pte), void *opaque,
               struct walk *out)
{
    u16 asid = (u16)bits(ctx->satp, 59, 44);

    memset(out, 0, sizeof(*out));
    walk_arm(out, ctx, va, access);
    do {
        struct walk_step spare, *step = step_begin(out, &spare);
        out->phase = WALK_RUNNING;
        if (!sv39_canonical(va)) {
            fault(out, step, walk_page_fault(access));
        } else {
            step->pte_pa = pte_address(out);
            if (peek(opaque, step->pte_pa, &step->pte)) {
                proceed(out, step, asid);
            } else {
                fault(out, step, walk_access_fault(access));
            }
        }
        if (out->set_ad) {
            step->kind = STEP_DONE;
            out->set_ad = 0;
            fill(out, step->pte, asid);
        }
        step_end(out, step);
    } while (out->phase == WALK_RUNNING);
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
        return "the entry could not be read: no memory is there, or PMP "
               "forbids it";
    return v >= PTE_FAULTS ? pte_verdict_words[v]
                           : "the entry was changed meanwhile";
}
