/* SPDX-License-Identifier: MIT */
/* Address spaces as strips, and the census of a filter. Both come from the page
 * tables of all processes, which are read in rounds. While the machine runs, a
 * round takes as many updates as it needs, over the processes that existed when
 * it began. */
#include "inspect/display/update.h"

#include <stdio.h>
#include <stdlib.h>

/* Page tables read in one update: TABLES_AT_ONCE, or one for each
 * FRAMES_PER_TABLE frames of RAM if that is more. All tables of a 64 MiB guest
 * are read within a quarter of a second. Reading a process's list of mappings
 * counts as one table. */
#define TABLES_AT_ONCE   16
#define FRAMES_PER_TABLE 32768

/* ---- one address space -------------------------------------------------- */

struct reader {
    struct machine *m;
    struct ins_display *d;
    struct ins_round *r;
    bool strip, census, outs, accessed; /* results to make */
};

/* The cell of an address; addresses come in order. INS_STRIP: none. */
static unsigned cell_at(struct ins_round *r, u64 va)
{
    const struct ins_space *s = &r->made;
    for (; r->area < s->nareas; r->area++) {
        const struct ins_area *a = &s->area[r->area];
        if (va < a->start)
            return INS_STRIP;
        u64 page = (va - a->start) >> PAGE_SHIFT;
        if (page < a->pages)
            return a->first + (unsigned)(page / s->pages_a_cell);
    }
    return INS_STRIP;
}

static void count_resident(struct reader *o, u64 va, u64 pfn)
{
    struct ins_round *r = o->r;
    if (pfn >= o->d->nframes)
        return;
    u8 kind = o->d->kind[pfn];
    if (ins_resident(kind)) {
        r->made.resident++;
        r->made.shared += o->d->update->fact[pfn] & FACT_REFS;
    }
    unsigned cell = cell_at(r, va);
    if (cell == INS_STRIP || kind >= FS_COUNT)
        return;
    r->votes[cell][kind]++;
    r->hot[cell] |= o->d->age[pfn] < INS_RECENT_AGE;
}

static void strip_leaf(void *opaque, const struct ins_leaf *l)
{
    struct reader *o = opaque;
    struct ins_update *update = o->d->update;
    u64 pages = 1ull << 9 * l->level;
    if (l->pa < RAM_BASE)
        return;
    u64 pfn = (l->pa - RAM_BASE) >> PAGE_SHIFT;
    if (o->census)
        ins_census_leaf(&update->filter, o->r->made.pid, l, update->next_census,
                        o->d->nframes);
    if (o->accessed)
        ins_accessed_leaf(l, update->next_accessed, o->d->nframes);
    for (u64 i = 0; o->strip && i < pages && pfn + i < o->d->nframes; i++)
        count_resident(o, l->va + (i << PAGE_SHIFT), pfn + i);
}

/* Lists the page if the filter names its slot. */
static void list_swapped(struct reader *o, u64 va, u32 slot)
{
    struct ins_round *r = o->r;
    if (slot != o->d->lit_slot)
        return;
    if (r->nouts < INS_OUTS)
        r->out[r->nouts] = (struct ins_out){r->made.pid, va, slot};
    r->nouts++;
}

static void strip_absent(void *opaque, u64 va, u64 pte)
{
    struct reader *o = opaque;
    u32 slot = inspect_pte_slot(o->m, pte);
    if (slot == INS_NO_SLOT)
        return;
    if (o->outs)
        list_swapped(o, va, slot);
    if (!o->strip)
        return;
    o->r->made.in_swap++;
    unsigned cell = cell_at(o->r, va);
    if (cell != INS_STRIP)
        o->r->votes[cell][STRIP_VOTES - 1]++;
}

static void begin_space(struct reader *o, const struct ins_turn *t)
{
    struct ins_round *r = o->r;
    r->under_way = true;
    r->from = 0;
    r->area = 0;
    r->made = (struct ins_space){.pid = t->pid};
    if (!o->strip)
        return;
    unsigned n = ins_vma_list(o->m, t->vmas, r->vma, INS_VMAS_MAX);
    ins_areas(&r->made, r->vma, n);
    memset(r->votes, 0, r->made.ncells * sizeof r->votes[0]);
    memset(r->hot, 0, r->made.ncells);
}

static u8 majority(const u32 *votes, bool hot)
{
    unsigned best = 0;
    for (unsigned k = 1; k < STRIP_VOTES; k++)
        if (votes[k] > votes[best])
            best = k;
    if (!votes[best])
        return STRIP_NEVER;
    u8 cell = best == STRIP_VOTES - 1 ? STRIP_SWAP : (u8)best;
    return hot ? cell | STRIP_HOT : cell;
}

static void finish_space(struct reader *o)
{
    struct ins_round *r = o->r;
    struct ins_space *s = &r->made;
    r->under_way = false;
    for (unsigned i = 0; i < s->ncells; i++)
        s->cell[i] = majority(r->votes[i], r->hot[i]);
    for (unsigned i = 0; o->strip && i < o->d->nspaces; i++)
        if (o->d->spaces[i].pid == s->pid)
            o->d->spaces[i] = *s;
}

/* Continues with turn[at]; true: its tables are read completely. */
static bool read_space(struct reader *o, u64 *budget, bool whole)
{
    struct ins_round *r = o->r;
    const struct ins_turn *t = &r->turn[r->at];
    o->strip = r->at < INS_PROCS_MAX;
    o->census = o->d->update->next_census && !t->again;
    o->accessed = !o->d->belief.lists && !t->again;
    o->outs = o->d->lit_slot != INS_NO_SLOT && !t->again;
    if (!r->under_way) {
        begin_space(o, t);
        *budget -= *budget != 0;
    }
    struct tree_visit v = {NULL,
                           strip_leaf,
                           o,
                           *budget,
                           o->strip || o->outs ? strip_absent : NULL,
                           r->from};
    bool all = true;
    if (t->satp && (o->strip || o->census || o->outs || o->accessed)) {
        all = ins_tree(o->m, t->satp, TREE_USER_FIRST, TREE_USER_LAST, &v);
        all |= whole || SATP_MODE(t->satp) != SATP_MODE_SV39;
        *budget = v.budget;
        r->from = v.from;
    }
    if (all)
        finish_space(o);
    return all;
}

/* ---- processes ---------------------------------------------------------- */

/* True if a process has begun or ended since the last update. */
static bool processes_changed(const struct ins_display *d)
{
    static const u8 reasons[] = {R_FORK, R_PROC_EXIT, R_EXEC};
    bool any = false;
    for (unsigned i = 0; i < ARRAY_LEN(reasons); i++) {
        any |= d->update->seen[i] != d->tally[reasons[i]];
        d->update->seen[i] = d->tally[reasons[i]];
    }
    return any;
}

static void take_process(struct ins_display *d, const struct lens_proc *p,
                         u32 current)
{
    if (d->nprocs < INS_PROCS_MAX) {
        ins_proc_fill(p, current, &d->procs[d->nprocs++]);
    } else if (d->nnames < INS_NAMES_MAX) {
        struct ins_name *n = &d->names[d->nnames++];
        n->pid = p->pid;
        snprintf(n->name, sizeof n->name, "%.16s", p->name);
    }
}

/* The process table has thousands of slots, most of them unused. All are read
 * in the two updates after a process has begun or ended (the event may come
 * before the slot is ready), and every 30th update for changes without an
 * event. */
#define READ_AGAIN 2
#define READ_EVERY 30
void ins_update_procs(struct machine *m, struct ins_display *d, bool whole)
{
    struct ins_update *update = d->update;
    struct lens_proc p;
    u64 slots = ins_nslots(m);
    u32 current = ins_current_pid(m);
    if (processes_changed(d) || whole || update->looked >= READ_EVERY)
        update->looked = 0;
    if (update->looked++ < READ_AGAIN) {
        update->nslots = 0;
        update->slot =
            xrealloc(update->slot, (slots + 1) * sizeof *update->slot);
        for (u64 i = 0; i < slots; i++)
            if (ins_kernel_proc(m, i, &p) && p.state != PS_UNUSED)
                update->slot[update->nslots++] = i;
    }
    d->nprocs = d->nnames = 0;
    for (unsigned i = 0; i < update->nslots; i++)
        if (ins_kernel_proc(m, update->slot[i], &p) && p.state != PS_UNUSED &&
            !ins_is_thread(&p))
            take_process(d, &p, current);
    for (unsigned i = 0; i < update->nslots; i++)
        if (ins_kernel_proc(m, update->slot[i], &p) && p.state != PS_UNUSED &&
            ins_is_thread(&p))
            for (unsigned k = 0; k < d->nprocs; k++)
                d->procs[k].threads += d->procs[k].pid == p.tgid;
}

/* ---- rounds ------------------------------------------------------------- */

/* Processes between vfork and exec share a page table. */
static bool table_seen(const struct ins_round *r, u64 satp)
{
    for (unsigned i = 0; i < r->n; i++)
        if (r->turn[i].satp && SATP_ROOT(r->turn[i].satp) == SATP_ROOT(satp))
            return true;
    return false;
}

static void begin_round(struct machine *m, struct ins_update *update)
{
    struct ins_round *r = &update->round;
    r->at = r->n = r->nouts = 0;
    r->under_way = false;
    r->turn = xrealloc(r->turn, (update->nslots + 1) * sizeof *r->turn);
    for (unsigned i = 0; i < update->nslots; i++) {
        struct lens_proc p;
        if (!ins_kernel_proc(m, update->slot[i], &p) || p.state == PS_UNUSED ||
            ins_is_thread(&p))
            continue;
        bool again = table_seen(r, p.satp);
        r->turn[r->n++] = (struct ins_turn){p.pid, p.satp, p.vmas, again};
    }
    memset(update->next_accessed, 0, update->nframes);
    if (update->next_census)
        memset(update->next_census, 0, update->nframes);
}

static void finish_round(struct ins_display *d)
{
    struct ins_update *update = d->update;
    u8 *census = update->census, *accessed = update->accessed;
    update->census = update->next_census;
    update->next_census = census;
    update->accessed = update->next_accessed;
    update->next_accessed = accessed;
    d->nouts = update->round.nouts;
    memcpy(d->out, update->round.out, sizeof d->out);
    d->outs_known = d->lit_slot != INS_NO_SLOT;
}

/* Puts the spaces into the order of the processes: known ones move to their
 * places, new ones are empty until their turn. */
static void order_spaces(struct ins_display *d)
{
    unsigned same = 0;
    while (same < d->nspaces && same < d->nprocs &&
           d->spaces[same].pid == d->procs[same].pid)
        same++;
    unsigned known = d->nspaces - same;
    if (!known && same == d->nprocs)
        return;
    struct ins_space *were = xcalloc(known ? known : 1, sizeof *were);
    memcpy(were, d->spaces + same, known * sizeof *were);
    for (unsigned i = same; i < d->nprocs; i++) {
        unsigned k = 0;
        while (k < known && were[k].pid != d->procs[i].pid)
            k++;
        d->spaces[i] =
            k < known ? were[k] : (struct ins_space){.pid = d->procs[i].pid};
    }
    free(were);
    d->nspaces = d->nprocs;
}

void ins_update_spaces(struct machine *m, struct ins_display *d, bool whole)
{
    struct ins_update *update = d->update;
    struct ins_round *r = &update->round;
    struct reader o = {.m = m, .d = d, .r = r};
    u64 tables = ins_table_budget(m), budget = d->nframes / FRAMES_PER_TABLE;
    if (budget < TABLES_AT_ONCE)
        budget = TABLES_AT_ONCE;
    if (whole)
        budget = tables;
    order_spaces(d);
    if (whole || r->at >= r->n)
        begin_round(m, update);
    while (r->at < r->n && (whole || budget))
        r->at += read_space(&o, &budget, whole);
    if (r->n && r->at == r->n)
        finish_round(d);
}
