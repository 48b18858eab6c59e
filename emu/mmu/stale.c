/* SPDX-License-Identifier: MIT */
/* Finds uses of translations that the page table no longer gives.
 *
 * A walk makes an entry of a TLB, or of the walker's cache, from PTEs at known
 * addresses: the entry's source.
 *
 *   walk -> source (PTEs) <- entry         a line that holds a PTE of a source
 *              |                           is marked; a store to it is reported
 *   store to one of the PTEs               as a store to decoded code is
 *              v
 *           suspect: the entry leaves the host TLB, so that each use of it
 *              |     comes here, where a walk of the present table judges it
 *              v
 *   the walk gives the same answer --------> nothing; if the walk would make
 *              |                             this entry, it is trusted again
 *   another frame, fewer rights, not valid --> told to the observer
 *
 * So a store to a PTE from which no entry was made costs hash lookups at most;
 * a use of an entry whose PTEs were not written costs nothing, and following
 * entries does not change the run. A store that clears a PTE and another that
 * restores it leave an entry that agrees again.
 *
 * Each access is judged alone: the manual (privileged, 4.2.1, 4.3.1) lets a
 * hart use an entry that grants less than the table, or grants more, if the
 * table grants this access. D counts for stores, since a store through an
 * entry with D never sets the table's D; A counts for all accesses. If the
 * table grants an access that the entry forbids, the access faults, and the
 * manual permits that fault.
 *
 * An entry of a NAPOT range stands for 16 PTEs: a store to any of them makes
 * its source a suspect, which is trusted again only when all of them agree.
 *
 * A pointer's PTE is a source of its own. The sources of the entries made
 * through it refer to it (`above`), so that a write to it makes all of them
 * suspects. A walk that the walker's cache serves finds the source of the
 * cached PTE again.
 *
 * Sources are kept in an array, found by the address of their PTE through hash
 * chains. This file does not hear of evictions; when the array is full, sources
 * to which no entry refers are dropped. */
#include <stdlib.h>

#include "hart/hart.h"
#include "mmu/tlb.h"

#define ASIDS  65536u
#define CHAINS 8192u /* a power of two */
/* A snapshot has fewer sources: of entries and of the pointers above them. */
#define SOURCES_MAX (1u << 20)

struct stale {
    struct stale_port port;
    struct stale_source *source; /* [0]: none; `above` is a smaller index */
    u32 capacity, used;
    u32 chain[CHAINS]; /* the first source; 0: none */
    u64 *lines;        /* by frame: stale_lines() */
    u32 pending;       /* the first suspect to be taken out of the host TLB */
    u64 *root;         /* by ASID: the root table in use, 0: not known */
    u64 satp;          /* as an instruction last wrote it, */
    struct stale_write satp_wrote; /* and which one */
    u64 returned; /* when the hart last returned to a program */
};

/* ---- sources and marks ---- */

#define GROUP_BYTES (8 * NAPOT_PAGES)

static bool is_napot(const struct stale_source *s)
{
    return s->pte & PTE_N && !s->pointer;
}

/* Returns the address by which a source is found: of the first PTE that it
 * stands for. */
static u64 key_of(const struct stale_source *s)
{
    return is_napot(s) ? s->pte_pa & ~(u64)(GROUP_BYTES - 1) : s->pte_pa;
}

static u32 *chain_of(struct stale *t, u64 pte_pa)
{
    return &t->chain[(pte_pa >> 3 ^ pte_pa >> 15) & (CHAINS - 1)];
}

static void link_source(struct stale *t, u32 i)
{
    u64 pa = key_of(&t->source[i]), offset = pa - t->port.ram_base;
    u64 end = pa + (is_napot(&t->source[i]) ? GROUP_BYTES : 8);

    if (!pa || offset >= t->port.ram_bytes)
        return;
    t->source[t->source[i].above].below++;
    t->source[i].next = *chain_of(t, pa);
    *chain_of(t, pa) = i;
    for (; pa < end; pa += LINE_BYTES) {
        u64 *lines = &t->lines[offset >> PAGE_SHIFT];
        u64 bit = 1ull << (pa >> LINE_SHIFT & 63);
        if (*lines & bit)
            continue;
        *lines |= bit;
        t->port.mark(t->port.opaque, pa);
    }
}

static struct tlb *tlb_at(struct mmu *m, unsigned i)
{
    return i == 0 ? &m->itlb : i == 1 ? &m->dtlb : &m->l2tlb;
}

/* Returns where the n-th entry, counted over all TLBs, keeps the index of its
 * source; or NULL. */
static u32 *nth_reference(struct mmu *m, u32 n)
{
    for (unsigned k = 0; k < 3; k++) {
        const struct tlb *t = tlb_at(m, k);
        u32 places = t->entries ? t->entries + t->large : 0;
        if (n < places)
            return &t->e[n].source;
        n -= places;
    }
    return NULL;
}

/* Drops unused sources; the others move to the front and get new indices. */
static void collect(struct mmu *m)
{
    struct stale *t = m->stale;
    u32 *to = xcalloc(t->used, sizeof(*to)), n, *ref, used = t->used;

    stale_settle(m);
    for (n = 0; (ref = nth_reference(m, n)); n++)
        to[*ref] = 1;
    for (u32 i = used; i-- > 1;) {
        const struct stale_source *s = &t->source[i];
        if (to[i] || (s->pointer && pwc_search(m, s->pte_pa, s->asid)))
            to[i] = to[s->above] = 1;
    }
    memset(t->chain, 0, sizeof(t->chain));
    to[0] = 0;
    t->used = 1;
    for (u32 i = 1; i < used; i++) {
        if (!to[i])
            continue;
        to[i] = t->used++;
        t->source[to[i]] = t->source[i];
        t->source[to[i]].above = to[t->source[i].above];
        t->source[to[i]].below = 0;
        link_source(t, to[i]);
    }
    for (n = 0; (ref = nth_reference(m, n)); n++)
        *ref = to[*ref];
    free(to);
}

static void room_for(struct stale *t, u32 sources)
{
    if (sources <= t->capacity)
        return;
    t->capacity = 2 * sources;
    t->source = xrealloc(t->source, t->capacity * sizeof(*t->source));
}

static u32 source_new(struct stale *t, const struct stale_source *like)
{
    t->source[t->used] = *like;
    link_source(t, t->used);
    return t->used++;
}

/* ---- entries ---- */

static u64 root_of(u64 satp)
{
    return bits(satp, 43, 0) << PAGE_SHIFT;
}

/* Finds or makes the source of pointer p, which all entries made through it
 * share. A pointer from the walker's cache may have been written since. */
static u32 pointer_source(struct stale *t, const struct walk_step *p, u32 above,
                          u16 asid)
{
    struct stale_source new = {.pte_pa = p->pte_pa,
                               .pte = p->pte,
                               .filled = *t->port.cycle,
                               .above = above,
                               .asid = asid,
                               .level = p->level,
                               .pointer = true};
    u64 now;

    for (u32 i = *chain_of(t, p->pte_pa); i; i = t->source[i].next) {
        const struct stale_source *s = &t->source[i];
        if (s->pointer && s->pte_pa == p->pte_pa && s->pte == p->pte &&
            (s->suspect ? p->where == SERVED_PWC : s->above == above))
            return i;
    }
    new.suspect =
        !t->port.peek(t->port.opaque, p->pte_pa, &now) || now != p->pte;
    new.since = new.suspect ? *t->port.cycle : 0; /* the write may be older */
    return source_new(t, &new);
}

/* Returns a new source for entry e, which walk w made or would make. If not
 * `make`, returns the source of the walk's last pointer instead. */
static u32 source_of(struct mmu *m, const struct walk *w,
                     const struct tlb_entry *e, bool make)
{
    struct stale *t = m->stale;
    struct stale_source new = {.va = e->vpn << PAGE_SHIFT,
                               .root = root_of(w->ctx.satp),
                               .filled = *t->port.cycle,
                               .asid = e->asid,
                               .level = e->level};

    if (t->used + WALK_STEPS_MAX > t->capacity) {
        collect(m);
        room_for(t, 2 * t->used + WALK_STEPS_MAX);
    }
    for (u32 i = 0; i < w->nsteps; i++) {
        const struct walk_step *p = &w->steps[i];
        if (p->level > e->level && p->kind == STEP_READ) {
            new.above = pointer_source(t, p, new.above, e->asid);
        } else if (p->level == e->level) {
            new.pte_pa = p->pte_pa;
            new.pte = p->pte;
        }
    }
    return make ? source_new(t, &new) : new.above;
}

/* True if all PTEs of a NAPOT range give what the source's gives, but for A and
 * D, of which the range may have any (privileged manual, 5). */
static bool range_agrees(const struct stale *t, const struct stale_source *s)
{
    u64 pte;

    for (u64 at = key_of(s); at < key_of(s) + GROUP_BYTES; at += 8)
        if (!t->port.peek(t->port.opaque, at, &pte) ||
            (pte ^ s->pte) & ~(u64)(PTE_A | PTE_D))
            return false;
    return true;
}

void stale_filled(struct mmu *m)
{
    struct tlb_entry *e = &m->walk.filled;

    e->source = source_of(m, &m->walk, e, true);
    struct stale_source *s = &m->stale->source[e->source];
    /* suspect though not written (`since` is 0), so its first use is judged */
    s->suspect = (m->stale->port.to->asks_freed && s->pte & PTE_U) ||
                 (is_napot(s) && !range_agrees(m->stale, s));
}

/* Returns the first suspect among source i and the pointers above it, or 0. */
static u32 reason_of(const struct stale *t, u32 i)
{
    while (i && !t->source[i].suspect)
        i = t->source[i].above;
    return i;
}

bool stale_is_suspect(const struct mmu *m, const struct tlb_entry *e)
{
    return !e->source || reason_of(m->stale, e->source);
}

/* ---- judging a use ---- */

static enum stale_kind judge(const struct walk *w, const struct tlb_entry *e,
                             enum access access)
{
    enum pte_verdict v = mmu_walk_verdict(w);

    if (w->phase == WALK_FILLED) {
        if (tlb_pa(&w->filled, w->va) != tlb_pa(e, w->va))
            return STALE_FRAME;
        if (w->filled.type != e->type)
            return STALE_TYPE;
        if (access == ACC_STORE && !(w->filled.flags & PTE_D))
            return STALE_DIRTY;
        return w->filled.flags & PTE_A ? STALE_NONE : STALE_ACCESSED;
    }
    return v == PTE_NOT_DIRTY                          ? STALE_DIRTY
           : v == PTE_NOT_ACCESSED                     ? STALE_ACCESSED
           : v >= PTE_OF_USER && v <= PTE_NOT_WRITABLE ? STALE_RIGHTS
                                                       : STALE_INVALID;
}

/* True if the walk would make the same entry, or one with more rights. */
static bool agrees(const struct walk *w, const struct tlb_entry *e)
{
    const struct tlb_entry *f = &w->filled;
    const u8 rights = PTE_R | PTE_W | PTE_X | PTE_G | PTE_A | PTE_D;

    return w->phase == WALK_FILLED && f->vpn == e->vpn && f->ppn == e->ppn &&
           f->level == e->level && f->napot == e->napot && f->type == e->type &&
           !((f->flags ^ e->flags) & PTE_U) && !(e->flags & ~f->flags & rights);
}

static void tell(struct mmu *m, const struct walk *w, enum stale_kind kind,
                 u64 pa, u32 source, u32 reason)
{
    struct stale *t = m->stale;
    const struct walk_step *last = mmu_walk_last_read(w);
    struct stale_use u = {.from = &t->source[source],
                          .by = &t->source[reason],
                          .kind = kind,
                          .access = w->access,
                          .va = w->va,
                          .pa = pa};

    u.returned = u.by->since < t->returned;
    if (last) {
        u.pte = last->pte;
        u.pte_pa = last->pte_pa;
    }
    if (w->phase == WALK_FILLED)
        u.pa_now = tlb_pa(&w->filled, w->va);
    t->port.to->used(t->port.to->opaque, &u);
}

void stale_used(struct mmu *m, const struct mmu_ctx *ctx, u64 va,
                enum access access, struct tlb_entry *e)
{
    struct stale *t = m->stale;
    struct walk w;
    u32 reason = reason_of(t, e->source); /* 0: not followed yet */
    bool forbids = pte_permits(ctx, e->flags, access) != PTE_SERVES;

    mmu_probe(ctx, va, access, t->port.peek, t->port.opaque, &w);
    enum stale_kind kind = judge(&w, e, access);
    if (kind == STALE_ACCESSED && t->source[e->source].moved)
        kind = STALE_NONE; /* A is 0, but in another table */
    if (forbids) {         /* the fault is permitted, and no frame is reached */
        t->port.to->permitted->faults += w.phase == WALK_FILLED;
        kind = STALE_NONE;
    }
    if (kind == STALE_NONE && !forbids && t->port.to->asks_freed &&
        ctx->priv == PRV_U &&
        t->port.to->freed(t->port.to->opaque, tlb_pa(e, va)))
        kind = STALE_FREED;
    if (reason && agrees(&w, e) && !t->source[reason].since) {
        t->source[reason].suspect = kind == STALE_FREED;
    } else if (agrees(&w, e) || !reason) {
        e->source = 0;
        e->source = reason = source_of(m, &w, e, true);
        struct stale_source *s = &t->source[reason];
        s->suspect = !agrees(&w, e) || (is_napot(s) && !range_agrees(t, s));
        s->since = s->suspect ? *t->port.cycle : 0; /* the write may be older */
    } else if (kind == STALE_NONE && !forbids) {
        t->port.to->permitted->harmless++;
    }
    if (kind != STALE_NONE)
        tell(m, &w, kind, tlb_pa(e, va), e->source, reason);
}

void stale_faulted(struct mmu *m, const struct mmu_ctx *ctx, u64 va,
                   enum access access)
{
    struct tlb_entry none = {.asid = ctx_asid(m, ctx)};
    u32 reason = reason_of(m->stale, source_of(m, &m->walk, &none, false));
    struct walk w;

    if (!reason)
        return;
    mmu_probe(ctx, va, access, m->stale->port.peek, m->stale->port.opaque, &w);
    if (w.phase == WALK_FILLED)
        tell(m, &w, STALE_TABLE, 0, reason, reason);
}

/* ---- stores ---- */

u64 stale_lines(const struct stale *t, u64 frame)
{
    return t->lines[frame];
}

static void suspect(struct stale *t, u32 i)
{
    struct stale_source *s = &t->source[i];

    if (!s->suspect) {
        s->waits = t->pending;
        t->pending = i;
    }
    s->suspect = true;
    s->told = 0;
}

static void suspect_since(struct stale *t, u32 i, bool moved,
                          struct stale_write by)
{
    struct stale_source *s = &t->source[i];

    suspect(t, i);
    s->since = s->since ? s->since : by.cycle;
    s->wrote[moved] = by;
}

/* False if no entry made from the source is left. Always true for a large page:
 * it may have several entries, of which tlb_find() finds one. */
static bool in_use(struct mmu *m, u32 i)
{
    const struct stale_source *s = &m->stale->source[i];

    if (s->pointer)
        return s->below || pwc_search(m, s->pte_pa, s->asid);
    for (unsigned k = 0; k < 3; k++) {
        const struct tlb_entry *e = tlb_find(tlb_at(m, k), s->va, s->asid);
        if (e && e->source == i)
            return true;
    }
    return s->level || s->pte & PTE_N;
}

/* Handles a store to the line of the PTE (of the range, if `napot`) at pa;
 * `here`: to the PTE or range itself. Its unused sources leave the chain. True
 * if a source in use remains. */
static bool pte_followed(struct mmu *m, u64 pa, bool napot, bool here,
                         struct stale_write by)
{
    struct stale *t = m->stale;
    bool live = false;

    for (u32 i, *link = chain_of(t, pa); (i = *link);) {
        struct stale_source *s = &t->source[i];
        bool its = key_of(s) == pa && is_napot(s) == napot;
        if (its && !in_use(m, i)) {
            t->source[s->above].below--;
            *link = s->next;
            continue;
        }
        live |= its;
        if (here && its)
            suspect_since(t, i, false, by);
        link = &s->next;
    }
    return live;
}

/* Handles a store to a marked line. If no source is left there, the line loses
 * its mark: its frame may have another use by now. */
static void line_written(struct mmu *m, u64 line, u64 pa, u64 n, u64 pc)
{
    struct stale *t = m->stale;
    struct stale_write by = {*t->port.cycle, pc, pa & ~7ull};
    u64 range = line & ~(u64)(GROUP_BYTES - 1);
    bool live = pte_followed(m, range, true, true, by);

    for (u64 at = line; at < line + LINE_BYTES; at += 8) {
        bool here = at < pa + n && pa < at + 8;
        by.pa = at;
        if (here || !live)
            live |= pte_followed(m, at, false, here, by);
    }
    if (!live)
        t->lines[(line - t->port.ram_base) >> PAGE_SHIFT] &=
            ~(1ull << (line >> LINE_SHIFT & 63));
}

bool stale_written(struct mmu *m, u64 pa, u64 n, u64 pc)
{
    struct stale *t = m->stale;

    for (u64 line = pa & ~(u64)(LINE_BYTES - 1); line < pa + n;
         line += LINE_BYTES)
        if (t->lines[(line - t->port.ram_base) >> PAGE_SHIFT] >>
                (line >> LINE_SHIFT & 63) &
            1)
            line_written(m, line, pa, n, pc);
    return t->pending;
}

void stale_satp_written(struct mmu *m, u64 satp, u64 pc)
{
    m->stale->satp = satp;
    m->stale->satp_wrote = (struct stale_write){*m->stale->port.cycle, pc, 0};
}

/* If an ASID gets another root table without a flush, its entries still come
 * from the old one. */
void stale_entered(struct mmu *m, u64 satp)
{
    struct stale *t = m->stale;
    struct stale_write by = t->satp_wrote;
    u16 asid = m->asids ? (u16)bits(satp, 59, 44) : 0;
    u64 had = t->root[asid];

    t->root[asid] = root_of(satp);
    if (had == root_of(satp))
        return;
    if (t->satp != satp) /* it was written by a debugger, say */
        by = (struct stale_write){*t->port.cycle, 0, 0};
    for (u32 i = 1; i < t->used; i++) {
        struct stale_source *s = &t->source[i];
        if (s->pointer || s->asid != asid || s->pte & PTE_G)
            continue;
        s->moved = s->root != root_of(satp);
        if (s->moved)
            suspect_since(t, i, true, by);
    }
    stale_settle(m);
}

void stale_frame_freed(struct mmu *m, u64 pa)
{
    struct stale *t = m->stale;

    for (u32 i = 1; i < t->used; i++) {
        const struct stale_source *s = &t->source[i];
        if (!s->suspect && !s->pointer && s->pte & PTE_U &&
            (PTE_PPN(s->pte) ^ pa >> PAGE_SHIFT) < 1ull << (9 * s->level))
            suspect(t, i);
    }
}

/* Takes the entries made from a source out of the host TLB. A pointer has many
 * entries and a large page several: then all entries leave. */
static void withdraw(struct mmu *m, u32 i)
{
    const struct stale_source *s = &m->stale->source[i];
    bool many = s->pointer || s->level || s->pte & PTE_N;

    for (unsigned k = 0; k < 2; k++) {
        struct tlb_entry *e = tlb_find(tlb_at(m, k), s->va, s->asid);
        if (m->evicted && (many || (e && e->source == i)))
            m->evicted(m->opaque, k, many ? NULL : e);
    }
}

void stale_settle(struct mmu *m)
{
    struct stale *t = m->stale;

    for (; t->pending; t->pending = t->source[t->pending].waits)
        withdraw(m, t->pending);
}

/* ---- begin, end, snapshots ---- */

void stale_flushed(struct mmu *m)
{
    struct stale *t = m->stale;

    memset(t->chain, 0, sizeof(t->chain));
    t->used = 1;
    t->pending = 0;
}

void stale_restart(struct mmu *m)
{
    for (u32 n = 0, *ref; (ref = nth_reference(m, n)); n++)
        *ref = 0;
    stale_flushed(m);
    memset(m->stale->root, 0, ASIDS * sizeof(*m->stale->root));
}

void stale_follow(struct mmu *m, const struct stale_port *port)
{
    struct stale *t = m->stale = xcalloc(1, sizeof(*t));

    t->port = *port;
    t->lines = xcalloc(port->ram_bytes >> PAGE_SHIFT, sizeof(*t->lines));
    t->root = xcalloc(ASIDS, sizeof(*t->root));
    room_for(t, 1024);
    t->source[0] = (struct stale_source){0};
    stale_restart(m);
}

void stale_free(struct mmu *m)
{
    struct stale *t = m->stale;

    if (t)
        free_all(t->source, t->lines, t->root, t);
    m->stale = NULL;
}

void stale_returned(struct mmu *m)
{
    m->stale->returned = *m->stale->port.cycle;
}

/* Saves or loads the sources and each entry's reference to one. If the saving
 * machine followed no entries, the first use of each is judged. */
void stale_state(struct mmu *m, struct state *s)
{
    struct stale none = {0}, *t = m->stale ? m->stale : &none;
    u32 *ref;

    if (m->stale && !state_loading(s))
        collect(m);
    u32 used = t->used;
    state_val(s, used);
    state_check(s, used <= SOURCES_MAX, "sources");
    if (!used || state_error(s))
        return;
    room_for(t, used);
    t->used = used;
    state_vals(s, t->returned, t->satp, t->satp_wrote);
    state_bytes(s, t->source, used * sizeof(*t->source));
    for (u32 n = 0; (ref = nth_reference(m, n)); n++) {
        state_val(s, *ref);
        state_check(s, *ref < used, "sources");
    }
    for (u32 i = 1; state_loading(s) && !state_error(s) && i < used; i++) {
        struct stale_source *p = &t->source[i];
        bool fits = p->above < i && p->level <= 3 && p->moved <= 1;
        state_check(s, fits, "sources");
        p->below = 0;
        if (m->stale && fits)
            link_source(t, i);
    }
    if (!m->stale) /* drop the saving machine's sources */
        free(t->source);
}
