/* SPDX-License-Identifier: MIT */
/* From the page tables of all processes: makes strips of address spaces, marks
 * frames that a PTE with A set maps, and lists pages in one slot of swap. */
#include "inspect/display/update.h"
#include "inspect/walk.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- one address space -------------------------------------------------- */

#define STRIP_VOTES (FS_COUNT + 1) /* the last: in swap */
struct reader {
    struct machine *m;
    struct ins_display *d;
    struct ins_space *made; /* NULL: no room for this process's strip */
    u32 pid;
    bool again;      /* another process has the same page table */
    unsigned area;   /* index of the area of the last address */
    u64 budget;      /* tables that may still be visited */
    unsigned nroots; /* entries of ins_update.root */
    u32 votes[INS_STRIP][STRIP_VOTES];
    bool hot[INS_STRIP];
    struct ins_vma vma[INS_VMAS_MAX];
};

/* Returns an address's cell, or INS_STRIP. Calls must be in address order. */
static unsigned cell_at(struct reader *o, u64 va)
{
    const struct ins_space *s = o->made;
    for (; o->area < s->nareas; o->area++) {
        const struct ins_area *a = &s->area[o->area];
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
    u8 kind = o->d->kind[pfn];
    if (ins_resident(kind)) {
        o->made->resident++;
        o->made->shared += o->d->update->shared[pfn];
    }
    unsigned cell = cell_at(o, va);
    if (cell == INS_STRIP || kind >= FS_COUNT)
        return;
    o->votes[cell][kind]++;
    o->hot[cell] |= o->d->age[pfn] < INS_RECENT_AGE;
}

static void strip_leaf(void *opaque, const struct ins_leaf *l)
{
    struct reader *o = opaque;
    u64 pages = 1ull << 9 * l->level, pfn = (l->pa - RAM_BASE) >> PAGE_SHIFT;
    if (l->pa < RAM_BASE)
        return;
    if (!o->again)
        ins_accessed_leaf(l, o->d->update->accessed, o->d->nframes);
    for (u64 i = 0; o->made && i < pages && pfn + i < o->d->nframes; i++)
        count_resident(o, l->va + (i << PAGE_SHIFT), pfn + i);
}

static void strip_absent(void *opaque, u64 va, u64 pte)
{
    struct reader *o = opaque;
    struct ins_display *d = o->d;
    u32 slot = inspect_pte_slot(o->m, pte);
    if (slot == INS_NO_SLOT)
        return;
    if (slot == d->lit_slot && !o->again && d->nouts++ < INS_OUTS)
        d->out[d->nouts - 1] = (struct ins_out){o->pid, va, slot};
    if (!o->made)
        return;
    o->made->in_swap++;
    unsigned cell = cell_at(o, va);
    if (cell != INS_STRIP)
        o->votes[cell][STRIP_VOTES - 1]++;
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

static void begin_strip(struct reader *o, u64 vmas)
{
    struct ins_space *s = o->made;
    *s = (struct ins_space){.pid = o->pid};
    unsigned n = ins_vma_list(o->m, vmas, o->vma, INS_VMAS_MAX);
    ins_areas(s, o->vma, n);
    memset(o->votes, 0, s->ncells * sizeof o->votes[0]);
    memset(o->hot, 0, s->ncells);
    o->area = 0;
}

/* True if the table was read already; after vfork two processes share it. */
static bool table_seen(struct reader *o, u64 satp)
{
    u64 *root = o->d->update->root;
    for (unsigned i = 0; i < o->nroots; i++)
        if (root[i] == SATP_ROOT(satp))
            return true;
    root[o->nroots++] = SATP_ROOT(satp);
    return false;
}

static void read_space(struct reader *o, const struct lens_proc *p)
{
    o->pid = p->pid;
    if (o->made)
        begin_strip(o, p->vmas);
    if (p->satp) {
        struct tree_visit v = {NULL, strip_leaf, o, o->budget, strip_absent};
        o->again = table_seen(o, p->satp);
        ins_tree(o->m, p->satp, TREE_USER_FIRST, TREE_USER_LAST, &v);
        o->budget = v.budget;
    }
    for (unsigned i = 0; o->made && i < o->made->ncells; i++)
        o->made->cell[i] = majority(o->votes[i], o->hot[i]);
}

/* ---- processes ---------------------------------------------------------- */

static void take_process(struct reader *o, const struct lens_proc *p,
                         u32 current)
{
    struct ins_display *d = o->d;
    o->made = NULL;
    if (d->nprocs < INS_PROCS_MAX) {
        o->made = &d->spaces[d->nprocs];
        ins_proc_fill(p, current, &d->procs[d->nprocs++]);
    } else if (d->nnames < INS_NAMES_MAX) {
        struct ins_name *n = &d->names[d->nnames++];
        n->pid = p->pid;
        snprintf(n->name, sizeof n->name, "%.16s", p->name);
    }
    read_space(o, p);
}

void ins_update_spaces(struct machine *m, struct ins_display *d)
{
    struct ins_update *update = d->update;
    u64 slots = ins_nslots(m);
    u32 current = ins_current_pid(m);
    struct lens_proc p;
    struct reader *o = xcalloc(1, sizeof *o);
    o->m = m;
    o->d = d;
    o->budget = ins_table_budget(m);
    update->root = xrealloc(update->root, (slots + 1) * sizeof *update->root);
    memset(update->accessed, 0, d->nframes);
    d->nprocs = d->nnames = d->nouts = 0;
    d->outs_known = d->lit_slot != INS_NO_SLOT;
    for (u64 i = 0; i < slots; i++)
        if (ins_kernel_proc(m, i, &p) && p.state != PS_UNUSED &&
            !ins_is_thread(&p))
            take_process(o, &p, current);
    d->nspaces = d->nprocs;
    for (u64 i = 0; i < slots; i++)
        if (ins_kernel_proc(m, i, &p) && p.state != PS_UNUSED &&
            ins_is_thread(&p))
            for (unsigned k = 0; k < d->nprocs; k++)
                d->procs[k].threads += d->procs[k].pid == p.tgid;
    free(o);
}
