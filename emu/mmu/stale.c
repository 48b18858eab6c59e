/* SPDX-License-Identifier: MIT */
/* Which uses of translations the page table no longer gives.
 *
 * A walk makes an entry of a TLB, or of the walker's cache, from PTEs at known
 * addresses: its source.
 *
 *   walk -> source (PTEs) <- entry         a line that holds a PTE of a source
 *              |                           is marked: a store there is told,
 *   store to one of the PTEs               as one to decoded code is
 *              v
 *           suspect: the entry leaves the host TLB, so that each use of it
 *              |     comes here, where a walk of the present table judges it
 *              v
 *   it gives this access the same answer --> nothing; and if it agrees in all,
 *              |                             the entry is trusted again
 *   another frame, fewer rights, not valid --> told to the observer
 *
 * So a store to a PTE without an entry costs a look into a hash, a use of an
 * entry that no store has touched costs nothing, and what is followed changes
 * no bit of the run. A store that clears a PTE and another that restores it
 * leave an entry that agrees again.
 *
 * The judgement is of one access: the manual (privileged, 4.2.1, 4.3.1) lets a
 * hart use an entry that grants less than the table, or more if the access does
 * not need it. The D bit counts for stores, because a store through an entry
 * with D leaves the table's D clear for ever; A likewise for all. A table that
 * grants an access that an entry forbids causes a fault that the manual
 * permits.
 *
 * Sources are kept in an array, found by the address of a PTE through two
 * tables of chains: of leaves, most of which have one source, and of pointers,
 * which have many. Entries come and go without telling; when the array is full,
 * the sources to which no entry refers are found and used again. */
#include <stdlib.h>

#include "hart/hart.h"
#include "mmu/tlb.h"

#define ASIDS  65536u
#define CHAINS 4096u /* of each table: a power of two */

struct stale {
    struct stale_port port;
    struct stale_source *source; /* [0] is none */
    u32 capacity, used;          /* sources 1 .. used - 1 are in the chains */
    u32 chain[2][CHAINS];   /* leaves, pointers: 4 * source + level, or 0 */
    u64 *lines;             /* by frame: stale_lines() */
    u32 *pending, npending; /* suspects whose entries must leave */
    u32 through; /* the suspect of the walker's cache that this walk used */
    u64 *root;   /* by ASID: the root table in use, 0: none yet */
    bool asks_freed;
    u64 returned;
    struct stale_permitted permitted;
};

/* ---- sources and marks ---- */

static u32 *chain_of(struct stale *t, u64 pte_pa, bool pointer)
{
    return &t->chain[pointer][(pte_pa >> 3 ^ pte_pa >> 15) & (CHAINS - 1)];
}

static bool is_pointer(const struct stale_source *s, u32 level)
{
    return level > s->level || s->cached;
}

static void link_level(struct stale *t, u32 i, u32 level)
{
    struct stale_source *s = &t->source[i];
    u64 pa = s->pte_pa[level], offset = pa - t->port.ram_base;

    if (!pa || offset >= t->port.ram_bytes)
        return;
    u32 *head = chain_of(t, pa, is_pointer(s, level));
    s->next[level] = *head;
    *head = 4 * i + level;
    u64 *lines = &t->lines[offset >> PAGE_SHIFT];
    u64 bit = 1ull << (pa >> LINE_SHIFT & 63);
    if (*lines & bit)
        return;
    *lines |= bit;
    t->port.mark(t->port.opaque, pa);
}

static void link_all(struct stale *t, u32 i)
{
    for (u32 level = t->source[i].level; level < 3; level++)
        link_level(t, i, level);
}

static struct tlb *tlb_at(struct mmu *m, unsigned i)
{
    return i == 0 ? &m->itlb : i == 1 ? &m->dtlb : &m->l2tlb;
}

static u32 tlb_places(const struct tlb *t)
{
    return t->entries ? t->entries + t->large : 0;
}

/* The n-th of all references to sources: entries of the TLBs and the walker's
 * cache, the walk in progress; NULL: there is none. */
static u32 *nth_reference(struct mmu *m, u32 n)
{
    for (unsigned k = 0; k < 3; n -= tlb_places(tlb_at(m, k++)))
        if (n < tlb_places(tlb_at(m, k)))
            return &tlb_at(m, k)->e[n].source;
    return n < PWC_ENTRIES    ? &m->pwc[n].source
           : n == PWC_ENTRIES ? &m->stale->through
                              : NULL;
}

/* Moves the sources to which entries refer to the front. */
static void collect(struct mmu *m)
{
    struct stale *t = m->stale;
    u32 *moved = xcalloc(t->capacity, sizeof(*moved)), *ref;
    struct stale_source *kept = xcalloc(t->capacity, sizeof(*kept));

    stale_settle(m);
    memset(t->chain, 0, sizeof(t->chain));
    t->used = 1;
    for (u32 n = 0; (ref = nth_reference(m, n)); n++) {
        if (*ref && !moved[*ref]) {
            moved[*ref] = t->used;
            kept[t->used++] = t->source[*ref];
        }
        *ref = moved[*ref];
    }
    free(t->source);
    t->source = kept;
    for (u32 i = 1; i < t->used; i++)
        link_all(t, i);
    free(moved);
}

static u32 source_new(struct mmu *m, const struct stale_source *like)
{
    struct stale *t = m->stale;

    if (t->used == t->capacity)
        collect(m);
    t->source[t->used] = *like;
    link_all(t, t->used);
    return t->used++;
}

/* ---- entries ---- */

static u64 root_of(u64 satp)
{
    return bits(satp, 43, 0) << PAGE_SHIFT;
}

static struct stale_source source_of(const struct stale *t,
                                     const struct walk *w)
{
    struct stale_source s = {.va = w->filled.vpn << PAGE_SHIFT,
                             .root = root_of(w->ctx.satp),
                             .filled = *t->port.cycle,
                             .asid = w->filled.asid,
                             .level = w->filled.level};

    for (u32 i = 0; i < w->nsteps; i++)
        if (w->steps[i].level >= s.level) {
            s.pte_pa[w->steps[i].level] = w->steps[i].pte_pa;
            s.pte[w->steps[i].level] = w->steps[i].pte;
        }
    return s;
}

static void taint(struct stale_source *s, const struct stale_source *by)
{
    s->suspect = s->cached = true;
    s->since = by->since;
    s->wrote = by->wrote;
    s->wrote_pa = by->wrote_pa;
    s->wrote_pc = by->wrote_pc;
}

void stale_filled(struct mmu *m)
{
    struct stale *t = m->stale;
    struct stale_source s = source_of(t, &m->walk);
    u32 i = source_new(m, &s);

    if (t->through)
        taint(&t->source[i], &t->source[t->through]);
    else /* not `since` a write: its first use is judged */
        t->source[i].suspect = t->asks_freed && s.pte[s.level] & PTE_U;
    t->through = 0;
    m->walk.filled.source = i;
}

void stale_cached(struct mmu *m, struct pwc_entry *e, u32 level)
{
    const struct walk *w = &m->walk;
    struct stale_source s = {.va = w->va,
                             .root = root_of(w->ctx.satp),
                             .filled = *m->stale->port.cycle,
                             .asid = e->asid,
                             .level = (u8)level,
                             .cached = true};

    s.pte_pa[level] = e->pte_pa;
    s.pte[level] = e->pte;
    e->source = 0;
    e->source = source_new(m, &s);
}

void stale_through(struct mmu *m, struct pwc_entry *e)
{
    struct stale *t = m->stale;
    u64 now;

    if (!e->source) {
        stale_cached(m, e, e->level);
        t->source[e->source].suspect =
            !t->port.peek(t->port.opaque, e->pte_pa, &now) || now != e->pte;
    }
    if (t->source[e->source].suspect)
        t->through = e->source;
}

bool stale_is_suspect(const struct mmu *m, const struct tlb_entry *e)
{
    return !e->source || m->stale->source[e->source].suspect;
}

/* ---- judging a use ---- */

/* Walks the present table for the access. */
static void walk_now(const struct stale *t, const struct mmu_ctx *ctx, u64 va,
                     enum access access, struct walk *w)
{
    mmu_probe(ctx, va, access, t->port.peek, t->port.opaque, w);
}

static enum stale_kind judge(const struct walk *w, const struct tlb_entry *e,
                             enum access access)
{
    enum pte_verdict v = mmu_walk_verdict(w);

    if (w->phase == WALK_FILLED) {
        if (tlb_pa(&w->filled, w->va) != tlb_pa(e, w->va))
            return STALE_FRAME;
        if (access == ACC_STORE && !(w->filled.flags & PTE_D))
            return STALE_DIRTY;
        return w->filled.flags & PTE_A ? STALE_NONE : STALE_ACCESSED;
    }
    return v == PTE_NOT_DIRTY                          ? STALE_DIRTY
           : v == PTE_NOT_ACCESSED                     ? STALE_ACCESSED
           : v >= PTE_OF_USER && v <= PTE_NOT_WRITABLE ? STALE_RIGHTS
                                                       : STALE_INVALID;
}

/* True if the entry is what the walk would make, or less. */
static bool agrees(const struct walk *w, const struct tlb_entry *e)
{
    const struct tlb_entry *f = &w->filled;
    const u8 rights = PTE_R | PTE_W | PTE_X | PTE_G | PTE_A | PTE_D;

    return w->phase == WALK_FILLED && f->vpn == e->vpn && f->ppn == e->ppn &&
           f->level == e->level && f->napot == e->napot && f->type == e->type &&
           !((f->flags ^ e->flags) & PTE_U) && !(e->flags & ~f->flags & rights);
}

static void tell(struct mmu *m, const struct walk *w, enum stale_kind kind,
                 u64 pa, u32 source)
{
    struct stale *t = m->stale;
    const struct walk_step *last = mmu_walk_last_read(w);
    struct stale_use u = {.from = &t->source[source],
                          .kind = kind,
                          .access = w->access,
                          .priv = w->ctx.priv,
                          .va = w->va,
                          .pa = pa};

    if (last) {
        u.pte = last->pte;
        u.pte_pa = last->pte_pa;
    }
    if (w->phase == WALK_FILLED)
        u.pa_now = tlb_pa(&w->filled, w->va);
    t->port.used(t->port.opaque, &u);
}

void stale_used(struct mmu *m, const struct mmu_ctx *ctx, u64 va,
                enum access access, struct tlb_entry *e)
{
    struct stale *t = m->stale;
    struct walk w;
    bool known = e->source;
    bool forbids = pte_permits(ctx, e->flags, access) != PTE_SERVES;

    walk_now(t, ctx, va, access, &w);
    enum stale_kind kind = judge(&w, e, access);
    if (kind == STALE_ACCESSED && known && t->source[e->source].moved)
        kind = STALE_NONE; /* A was not cleared: the table is another one */
    if (forbids && kind != STALE_FRAME) { /* of another frame is no right */
        t->permitted.faults += kind == STALE_NONE;
        kind = STALE_NONE;
    }
    if (kind == STALE_NONE && !forbids && t->asks_freed && ctx->priv == PRV_U &&
        t->port.freed(t->port.opaque, tlb_pa(e, va)))
        kind = STALE_FREED;
    if (known && agrees(&w, e) && !t->source[e->source].since) {
        t->source[e->source].suspect = kind == STALE_FREED;
    } else if (agrees(&w, e) || !known) {
        struct stale_source s = source_of(t, &w);
        s.va = e->vpn << PAGE_SHIFT;
        s.asid = e->asid;
        s.level = e->level;
        s.suspect = !agrees(&w, e);
        s.since = s.suspect ? *t->port.cycle : 0; /* or earlier */
        e->source = 0;
        e->source = source_new(m, &s);
    } else if (kind == STALE_NONE && !forbids) {
        t->permitted.harmless++;
    }
    if (kind != STALE_NONE)
        tell(m, &w, kind, tlb_pa(e, va), e->source);
}

void stale_faulted(struct mmu *m, const struct mmu_ctx *ctx, u64 va,
                   enum access access)
{
    struct stale *t = m->stale;
    u32 by = t->through;
    struct walk w;

    t->through = 0;
    if (!by)
        return;
    walk_now(t, ctx, va, access, &w);
    if (w.phase == WALK_FILLED)
        tell(m, &w, STALE_TABLE, 0, by);
}

/* ---- stores ---- */

u64 stale_lines(const struct stale *t, u64 frame)
{
    return t->lines[frame];
}

static bool suspect(struct stale *t, u32 i, u64 pa, u64 pc)
{
    struct stale_source *s = &t->source[i];

    if (s->dead)
        return false;
    if (!s->suspect)
        t->pending[t->npending++] = i;
    if (!s->suspect || !s->since)
        s->since = *t->port.cycle;
    s->suspect = true;
    s->told = 0;
    s->wrote = *t->port.cycle;
    s->wrote_pa = pa;
    s->wrote_pc = pc;
    return true;
}

/* The sources made from the PTE at pa become suspects; with `ask`, only says
 * whether there are any. */
static bool sources_at(struct stale *t, u64 pa, u64 pc, bool ask)
{
    bool any = false;

    for (unsigned pointer = 0; pointer < 2; pointer++)
        for (u32 at = *chain_of(t, pa, pointer); at;
             at = t->source[at / 4].next[at % 4]) {
            if (t->source[at / 4].pte_pa[at % 4] != pa)
                continue;
            const struct stale_source *s = &t->source[at / 4];
            if (ask ? !s->dead : suspect(t, at / 4, pa, pc))
                any = true;
            if (ask && any)
                return true;
        }
    return any;
}

/* A marked line without a source loses its mark: its frame may be in other use
 * by now. */
static void line_written(struct stale *t, u64 line, u64 pa, u64 n, u64 pc,
                         bool *any)
{
    bool live = false;

    for (u64 at = line; at < line + LINE_BYTES; at += 8)
        if (at < pa + n && pa < at + 8)
            live |= *any |= sources_at(t, at, pc, false);
    for (u64 at = line; !live && at < line + LINE_BYTES; at += 8)
        live = sources_at(t, at, pc, true);
    if (!live)
        t->lines[(line - t->port.ram_base) >> PAGE_SHIFT] &=
            ~(1ull << (line >> LINE_SHIFT & 63));
}

bool stale_written(struct mmu *m, u64 pa, u64 n, u64 pc)
{
    struct stale *t = m->stale;
    bool any = false;

    for (u64 line = pa & ~(u64)(LINE_BYTES - 1); line < pa + n;
         line += LINE_BYTES)
        if (t->lines[(line - t->port.ram_base) >> PAGE_SHIFT] >>
                (line >> LINE_SHIFT & 63) &
            1)
            line_written(t, line, pa, n, pc, &any);
    return any;
}

/* Without a flush, entries of an ASID that gets another table are of the table
 * that it had. */
void stale_entered(struct mmu *m, u64 satp, u64 pc)
{
    struct stale *t = m->stale;
    u16 asid = m->asids ? (u16)bits(satp, 59, 44) : 0;
    u64 had = t->root[asid];

    t->root[asid] = root_of(satp);
    if (!had || had == root_of(satp))
        return;
    for (u32 i = 1; i < t->used; i++) {
        struct stale_source *s = &t->source[i];
        if (s->asid != asid || s->pte[s->level] & PTE_G)
            continue;
        u64 wrote = s->wrote;
        s->moved = s->root != root_of(satp);
        if (s->moved && suspect(t, i, s->wrote_pa, s->wrote_pc)) {
            s->wrote = wrote;
            s->moved_at = *t->port.cycle;
            s->moved_pc = pc;
        }
    }
    stale_settle(m);
}

void stale_ask_freed(struct mmu *m, bool on)
{
    m->stale->asks_freed = on;
}

void stale_frame_freed(struct mmu *m, u64 pa)
{
    struct stale *t = m->stale;

    for (u32 i = 1; t->asks_freed && i < t->used; i++) {
        struct stale_source *s = &t->source[i];
        u64 pages = 1ull << (9 * s->level), leaf = s->pte[s->level];
        if (s->suspect || s->cached || s->dead || !(leaf & PTE_U) ||
            (PTE_PPN(leaf) ^ pa >> PAGE_SHIFT) >= pages)
            continue;
        s->suspect = true;
        s->told = 0;
        t->pending[t->npending++] = i;
    }
}

/* Takes the source's entry in t out of the host TLB. A large page may have
 * several entries. True if an entry of it is in use. */
static bool withdraw(struct mmu *m, const struct tlb *t, u32 i)
{
    const struct stale_source *s = &m->stale->source[i];
    struct tlb_entry *e = tlb_find(t, s->va, s->asid);
    bool large = s->level || (e && e->napot), found = e && e->source == i;
    enum l1_tlb l1 = t == &m->itlb ? L1_ITLB : L1_DTLB;

    if (t != &m->l2tlb && m->evicted && (found || large))
        m->evicted(m->opaque, l1, large ? NULL : e);
    return found || large;
}

void stale_settle(struct mmu *m)
{
    struct stale *t = m->stale;

    while (t->npending) {
        u32 i = t->pending[--t->npending];
        bool live = t->source[i].cached;
        for (unsigned k = 0; k < 3; k++)
            live |= withdraw(m, tlb_at(m, k), i);
        t->source[i].dead = !live;
    }
}

/* ---- begin, end, snapshots ---- */

/* (A kernel without ASIDs does this at each switch, mostly with few sources.)
 */
void stale_flushed(struct mmu *m)
{
    struct stale *t = m->stale;

    for (u32 i = 1; i < t->used; i++)
        for (u32 level = 0; level < 3; level++)
            *chain_of(t, t->source[i].pte_pa[level], false) =
                *chain_of(t, t->source[i].pte_pa[level], true) = 0;
    t->used = 1;
    t->npending = t->through = 0;
}

void stale_restart(struct mmu *m)
{
    struct stale *t = m->stale;
    u32 n = 0, *ref;

    for (; (ref = nth_reference(m, n)); n++)
        *ref = 0;
    m->walk.filled.source = 0;
    /* with twice the entries, collecting costs little for each source */
    t->capacity = 2 * n + 16;
    t->source = xrealloc(t->source, t->capacity * sizeof(*t->source));
    t->pending = xrealloc(t->pending, t->capacity * sizeof(*t->pending));
    t->source[0] = (struct stale_source){0};
    t->used = 1;
    t->npending = 0;
    memset(t->chain, 0, sizeof(t->chain));
    memset(t->root, 0, ASIDS * sizeof(*t->root));
}

void stale_follow(struct mmu *m, const struct stale_port *port)
{
    m->stale = xcalloc(1, sizeof(*m->stale));
    m->stale->port = *port;
    m->stale->lines =
        xcalloc(port->ram_bytes >> PAGE_SHIFT, sizeof(*m->stale->lines));
    m->stale->root = xcalloc(ASIDS, sizeof(*m->stale->root));
    stale_restart(m);
}

void stale_free(struct mmu *m)
{
    struct stale *t = m->stale;

    if (!t)
        return;
    stale_restart(m);
    free(t->source);
    free(t->pending);
    free(t->lines);
    free(t->root);
    free(t);
    m->stale = NULL;
}

void stale_returned(struct mmu *m)
{
    m->stale->returned = *m->stale->port.cycle;
}

u64 stale_last_return(const struct mmu *m)
{
    return m->stale->returned;
}

struct stale_permitted stale_permitted(const struct mmu *m)
{
    return m->stale->permitted;
}

static void source_state(struct stale_source *s, struct state *state)
{
    for (unsigned i = 0; i < 3; i++)
        s->next[i] = 0;
    state_val(state, *s);
    state_check(state, s->level < 3, "a translation's source");
    s->level %= 3;
}

/* For each followed entry 1 + its number and its source; then 0. What was saved
 * by a machine that followed no entries leaves all to their first use. */
void stale_state(struct mmu *m, struct state *s)
{
    struct stale *t = m->stale, none = {0};
    u32 on = t != NULL, tag = 1, *ref = NULL;

    state_val(s, on);
    if (!on)
        return;
    if (!t) /* saved by a machine that followed: read and dropped */
        t = &none;
    state_val(s, t->returned);
    state_val(s, t->permitted);
    for (u32 n = 0; tag && !state_error(s); n++) {
        struct stale_source from = {0};
        while (!state_loading(s) && (ref = nth_reference(m, n)) && !*ref)
            n++;
        tag = !state_loading(s) && ref ? n + 1 : 0;
        state_val(s, tag);
        if (!tag)
            break;
        if (!state_loading(s))
            from = t->source[*ref];
        source_state(&from, s);
        if (!state_loading(s) || t == &none)
            continue;
        ref = nth_reference(m, tag - 1);
        state_check(s, ref != NULL, "a translation's source");
        if (ref)
            *ref = source_new(m, &from);
    }
}
