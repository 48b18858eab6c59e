/* SPDX-License-Identifier: MIT */
/* Most misses of the D-TLB, as inline code for the engine: what is missing is a
 * 4 KiB page that the L2 TLB has, or that a walk finds whose pointers are in
 * the walker's cache and whose leaf needs nothing, or forbids. A question
 * changes nothing; what has been found is then done in one go, and leaves all
 * state as mmu_translate would. Whatever else may be is mmu_translate's
 * business. */
#ifndef CLOCKHAND_MMU_QUICK_H
#define CLOCKHAND_MMU_QUICK_H

#include "mmu/tlb.h"

/* A TLB's entry as three words, which the host can hold in registers. */
struct quick_leaf {
    u64 vpn, ppn, rest;
};
static_assert(sizeof(struct quick_leaf) == sizeof(struct tlb_entry) &&
                  offsetof(struct tlb_entry, asid) == 16,
              "rest is what follows ppn");

static inline struct quick_leaf quick_leaf(const struct tlb_entry *e)
{
    struct quick_leaf l = {e->vpn, e->ppn, 0};

    memcpy(&l.rest, (const u8 *)e + 16, 8);
    return l;
}
static inline void quick_put(struct tlb_entry *e, struct quick_leaf l)
{
    e->vpn = l.vpn;
    e->ppn = l.ppn;
    memcpy((u8 *)e + 16, &l.rest, 8);
}

/* `rest` of a 4 KiB page of usual memory. flags: PTE bits 7..0 */
#define QUICK_FLAG(bits) ((u64)(u8)(bits) << 32)
static inline u64 quick_rest(u16 asid, u8 flags)
{
    struct tlb_entry e = {.asid = asid, .valid = 1, .flags = flags};
    return quick_leaf(&e).rest;
}
/* Of `rest`, what tells such a page from others. */
#define QUICK_USUAL  0x00ffff00ffff0000ull
#define QUICK_GLOBAL QUICK_FLAG(PTE_G)

/* Walks by where their leaf was; in fast timing it has cost nothing. */
enum { WALKED_L1, WALKED_L2, WALKED_RAM, WALKED_KINDS };
/* What has been done and not counted yet: by the L2; by walks. */
struct mmu_quick {
    u64 found, walked[WALKED_KINDS];
};

/* Nobody steps or catches walks. */
static inline bool mmu_quick_may(const struct mmu *m)
{
    return m->walk.phase == WALK_IDLE && !m->catch_walk;
}

/* What the D-TLB has for va, or NULL: of an address that is not canonical
 * nothing, as the L2. */
static inline const struct tlb_entry *mmu_quick_l1(const struct mmu *m, u64 va,
                                                   u16 asid)
{
    const struct tlb *t = &m->dtlb;
    u64 vpn = va >> PAGE_SHIFT;

    if (likely(t->sized[0] == t->whole && !t->near[0][vpn & (TLB_NEAR - 1)]))
        return NULL;
    return likely(!may_hold(t, vpn)) ? NULL : tlb_find(t, va, asid);
}

/* What the L2 TLB has, or NULL. */
static inline const struct tlb_entry *mmu_quick_l2(const struct mmu *m, u64 va,
                                                   u16 asid)
{
    const struct tlb *t = &m->l2tlb;
    u64 vpn = va >> PAGE_SHIFT;

    if (unlikely(!t->direct))
        return tlb_find(t, va, asid);
    const struct tlb_entry *e = &t->e[vpn & t->direct];
    return e->vpn == vpn && e->valid && (e->asid == asid || e->flags & PTE_G)
               ? e
               : NULL;
}

/* ---- a walk ---- */

/* The way to the leaves of 2 MiB by pointers that the walker's cache has. */
struct quick_path {
    struct mmu_ctx ctx; /* for whom */
    u16 asid;
    u8 place[2];    /* in that cache of the pointers of levels 1 and 2, */
    u64 serial[2];  /* and mmu.pwc_serial there, or QUICK_NOWHERE; */
    u64 pointer[2]; /* they are these, */
    u64 pte_pa[3];  /* and here; of level 0 the table */
};

#define QUICK_NOWHERE ~0ull

/* Whether the walker's cache still has that of level 1 or 2; both. */
static inline bool mmu_quick_has(const struct mmu *m,
                                 const struct quick_path *p, u32 level)
{
    return m->pwc_serial[p->place[level - 1]] == p->serial[level - 1];
}
static inline bool mmu_quick_stands(const struct mmu *m,
                                    const struct quick_path *p)
{
    return mmu_quick_has(m, p, 1) && mmu_quick_has(m, p, 2);
}

/* Whether the walker's cache has the pointer of level 1 or 2 at
 * p->pte_pa[level]; and which it is. */
bool mmu_quick_cached(struct mmu *m, struct quick_path *p, u32 level);
/* That pointer has been read and enters it. */
void mmu_quick_enters(struct mmu *m, struct quick_path *p, u32 level);

/* A walk along p, which stands, has read its leaf: `where`, for `cycles`. */
static inline void mmu_quick_walked(struct mmu *m, const struct quick_path *p,
                                    u64 va, enum access access, u64 pte,
                                    enum served where, u32 cycles)
{
    struct quick_walk *q = &m->quick;

    q->path = p;
    q->va = va;
    q->pte = pte;
    q->cycles[0] = cycles;
    q->where[0] = (u8)where;
    q->far = false;
    q->access = (u8)access;
    q->cause = 0;
}

/* Trap cause of a walk that finds `pte` in a table of leaves; 0: it does not
 * fault. */
u32 mmu_quick_faults(const struct mmu_ctx *ctx, u64 pte, enum access access);

/* `walk` records that: before p changes, and before anybody looks. */
void mmu_quick_settle(struct mmu *m);

/* A walk along p that had to read a pointer, or whose leaf was somewhere else,
 * likewise, and counted. where, cycles: of each level's PTE. Returns the
 * cycles of it all. */
u32 mmu_quick_walked_far(struct mmu *m, const struct quick_path *p, u64 va,
                         enum access access, u64 pte, const u8 where[3],
                         const u32 cycles[3]);

/* ---- fills ---- */

static __attribute__((noinline)) void
quick_fill(struct mmu *m, struct tlb *t, int which, struct quick_leaf leaf)
{
    struct tlb_entry e;

    quick_put(&e, leaf);
    tlb_fill(t, &e, leaf.vpn << PAGE_SHIFT,
             (struct tlb_listener){.mmu = m, .which = which});
}

/* What a walk has found enters the L2 TLB. */
static inline void mmu_quick_fill_l2(struct mmu *m, struct quick_leaf leaf)
{
    struct tlb *t = &m->l2tlb;
    u32 i = (u32)leaf.vpn & t->direct;

    if (unlikely(!t->direct || !t->e[i].valid)) {
        quick_fill(m, t, -1, leaf);
        return;
    }
    quick_put(&t->e[i], leaf);
    t->key[i] = key_of(leaf.vpn);
}

#define QUICK_NOBODY ~0ull

/* A page that the D-TLB lacks enters it. Returns the page number that leaves
 * for it, which is of the same ASID: the caller tells whoever must know. Or
 * QUICK_NOBODY, if all have been told. */
static inline u64 mmu_quick_fill_l1(struct mmu *m, struct quick_leaf leaf,
                                    u16 asid)
{
    struct tlb *t = &m->dtlb;
    u32 i = t->fifo[0];
    struct tlb_entry *place = &t->e[i];
    u64 out = place->vpn;

    if (unlikely(t->sized[0] != t->whole ||
                 ((leaf.rest | QUICK_FLAG(place->flags)) & QUICK_GLOBAL) ||
                 place->asid != asid)) {
        quick_fill(m, t, 1, leaf);
        return QUICK_NOBODY;
    }
    t->fifo[0] = i + 1 == t->ways ? 0 : i + 1;
    t->near[0][out & (TLB_NEAR - 1)]--;
    t->near[0][leaf.vpn & (TLB_NEAR - 1)]++;
    quick_put(place, leaf);
    t->key[i] = key_of(leaf.vpn);
    return out;
}

/* The same in any shape, for a page that the D-TLB certainly lacks. */
static inline void mmu_quick_fill(struct mmu *m, struct quick_leaf leaf)
{
    struct tlb_entry e;

    quick_put(&e, leaf);
    if (unlikely(leaf.rest & QUICK_GLOBAL)) /* others may have it */
        quick_fill(m, &m->dtlb, 1, leaf);
    else
        tlb_add(&m->dtlb, &e, leaf.vpn << PAGE_SHIFT,
                (struct tlb_listener){.mmu = m, .which = 1});
}

/* Counts what has been done; returns the cycles of it. walk: of one of each
 * kind. */
static inline u64 mmu_quick_count(struct mmu *m, struct mmu_quick *q,
                                  const u32 walk[WALKED_KINDS])
{
    u64 walks = 0, cycles = 0, found = q->found;

    for (unsigned i = 0; i < WALKED_KINDS; i++) {
        walks += q->walked[i];
        cycles += q->walked[i] * walk[i];
    }

    m->walks += walks;
    m->pte_reads += 3 * walks;
    m->walk_cycles += cycles;
    m->served[SERVED_PWC] += 2 * walks;
    m->served[SERVED_L1] += q->walked[WALKED_L1];
    m->served[SERVED_L2] += q->walked[WALKED_L2];
    m->served[SERVED_RAM] += q->walked[WALKED_RAM];
    m->dtlb.stats.misses += walks + found;
    if (m->l2tlb.entries) {
        m->l2tlb.stats.accesses += walks + found;
        m->l2tlb.stats.misses += walks;
    }
    *q = (struct mmu_quick){0};
    return cycles + found * m->l2_hit_cycles;
}

#endif
