/* SPDX-License-Identifier: MIT */
/* Describes one frame: its row in the kernel's table, its state as the events
 * give it, its age and every PTE that maps it, found by visiting all tables. */
#include "inspect/frames.h"
#include "inspect/internal.h"
#include "inspect/kernel.h"
#include "inspect/process.h"
#include "inspect/walk.h"

#include <stdio.h>

/* Returns a frame's state by its PTE alone, if no kernel's tables are known. */
u8 ins_state_by_rights(u64 pte)
{
    if (pte & PTE_U)
        return FS_ANON;
    return pte & PTE_X ? FS_KCODE : FS_KDATA;
}

struct finder {
    struct ins_frame *out;
    u32 pid;
    u32 table_of; /* the process that has the frame as a page table */
    bool is_table;
};

static void find_leaf(void *opaque, const struct ins_leaf *l)
{
    struct finder *f = opaque;
    u64 pa = f->out->pa, bytes = PAGE_BYTES << 9 * l->level;
    if (pa < l->pa || pa - l->pa >= bytes)
        return;
    if (f->out->nptes < INS_PTES_MAX)
        f->out->ptes[f->out->nptes] = (struct ins_pte){
            f->pid, (u8)l->level, l->va + (pa - l->pa), l->pte_pa, l->pte};
    f->out->nptes++;
    if (f->pid) {
        f->out->users++;
        f->out->pte |= l->pte & (PTE_A | PTE_D);
    }
}

static void find_table(void *opaque, u64 pa, UNUSED unsigned level)
{
    struct finder *f = opaque;
    if (pa != f->out->pa)
        return;
    f->is_table = true;
    f->table_of = f->pid;
}

struct spaces {
    struct machine *m;
    struct finder *f;
    u64 budget; /* tables that may still be visited, in all trees */
};

static void find_space(void *opaque, const struct lens_proc *p)
{
    struct spaces *s = opaque;
    struct tree_visit v = {find_table, find_leaf, s->f, s->budget, NULL};
    s->f->pid = p->pid;
    ins_tree(s->m, p->satp, TREE_USER_FIRST, TREE_USER_LAST, &v);
    s->budget = v.budget;
}

static void name_owner(struct machine *m, struct ins_frame *out)
{
    struct ins_proc owner;
    const char *name = out->owner ? "" : "kernel";
    if (out->owner && inspect_proc(m, out->owner, &owner))
        name = owner.name;
    snprintf(out->owner_name, sizeof out->owner_name, "%.15s", name);
}

/* Neither Linux nor xv6 records for which process a frame was allocated. A page
 * table's owner is its process; a user page's, the first process that maps it;
 * a kernel stack's is in its row. Without one, the name is "kernel" or "-". */
static void unmodified_owner(struct machine *m, struct ins_frame *out,
                             u32 table_of)
{
    bool kernels = ins_is_kernels(out->state);
    if (table_of)
        out->owner = table_of;
    else if (out->users && !kernels)
        out->owner = out->ptes[0].pid;
    name_owner(m, out);
    if (!out->owner && !kernels)
        snprintf(out->owner_name, sizeof out->owner_name, "-");
}

/* Finds all PTEs: in each process's lower half and the kernel's own part, or in
 * the hart's page table if no kernel's tables are known. */
static void find_ptes(struct machine *m, struct ins_frame *out)
{
    struct finder f = {.out = out};
    struct tree_visit v = {find_table, find_leaf, &f, ins_nframes(m), NULL};
    unsigned first;
    u64 kernel;
    if (inspect_tables_known(m)) {
        ins_spaces(m, find_space, &(struct spaces){m, &f, ins_table_budget(m)});
        if (out->unmodified.known)
            unmodified_owner(m, out, f.table_of);
        f.pid = 0;
        kernel = ins_kernel_satp(m, &first);
        ins_tree(m, kernel, first, TREE_KERNEL_LAST, &v);
        return;
    }
    ins_tree(m, m->hart.satp, TREE_USER_FIRST, TREE_KERNEL_LAST, &v);
    if (f.is_table)
        out->state = FS_PGTABLE;
    else if (out->nptes)
        out->state = ins_state_by_rights(out->ptes[0].pte);
}

static void read_kernel_row(struct machine *m, struct ins_frame *out)
{
    const struct lens_view *lens = ins_lens(m);
    struct lens_frame row;
    if (!ins_kernel_frame(m, out->pfn, &row))
        return;
    out->known = true;
    out->state = row.state;
    out->unmodified = ins_unmodified(m, out->pfn);
    ins_unmodified_what(m, out->pfn, &out->unmodified, out->what,
                        sizeof out->what);
    if (lens && out->pfn < lens->nframes)
        out->shadow = lens->shadow[out->pfn];
    out->flags = row.flags;
    out->refs = row.refs;
    out->pins = row.pins;
    out->owner = row.owner;
    out->object = row.object;
    out->index = row.state == FS_FREE ? 0 : row.index; /* free: a run length */
    name_owner(m, out);
}

bool inspect_unused_since(struct machine *m, u64 pfn, u64 cycle)
{
    u64 last =
        pfn < ins_nframes(m) ? engine_last_use(m->engine)[pfn] : 0; /* epoch */
    return last && last * cycles_per_ms(m->clock_hz) <= cycle;
}

static void find_age(struct machine *m, struct ins_frame *out)
{
    u64 epoch = cycles_per_ms(m->clock_hz);
    const u64 *last = engine_last_use(m->engine);
    out->age_grid = epoch;
    out->epoch_now = 1 + machine_now(m) / epoch;
    out->last_use_epoch = last[out->pfn];
    if (out->last_use_epoch)
        out->age_cycles = machine_now(m) - (out->last_use_epoch - 1) * epoch;
}

const struct dram_part *ins_dram_part(struct machine *m)
{
    return m->config->dram ? dram_part_find(m->config->dram) : NULL;
}

/* Gives an address's bank and row. Its bits are, from the low end, 6 offset
 * bits, column, bank group, bank, row. There is one channel, with one rank. */
void ins_dram_place(const struct dram_part *part, u64 pa, unsigned *bank,
                    u32 *row)
{
    u64 line = (pa >> LINE_SHIFT) >> part->column_bits;
    unsigned groups = part->bank_groups ? part->bank_groups : 1;
    unsigned banks = part->banks ? part->banks : 1;
    unsigned group = line % groups;
    *bank = group * banks + line / groups % banks;
    *row = (u32)(line / groups / banks);
}

static void find_dram_place(struct machine *m, struct ins_frame *out)
{
    const struct dram_part *part = ins_dram_part(m);
    if (part)
        ins_dram_place(part, out->pa, &out->dram_bank, &out->dram_row);
}

bool inspect_frame(struct machine *m, u64 pfn, struct ins_frame *out)
{
    memset(out, 0, sizeof *out);
    if (pfn >= ins_nframes(m))
        return false;
    out->pfn = pfn;
    out->pa = RAM_BASE + (pfn << PAGE_SHIFT);
    out->state = out->shadow = 0xff;
    read_kernel_row(m, out);
    find_ptes(m, out);
    find_age(m, out);
    find_dram_place(m, out);
    return true;
}

u64 inspect_frames_by_state(struct machine *m, u64 count[FS_COUNT])
{
    u64 n = ins_nframes(m);
    struct lens_frame f;
    memset(count, 0, FS_COUNT * sizeof *count);
    for (u64 pfn = 0; pfn < n; pfn++)
        if (ins_kernel_frame(m, pfn, &f) && f.state < FS_COUNT)
            count[f.state]++;
    return n;
}

u64 ins_free_run(const struct lens_frame *f, u64 blocks[INS_ORDERS])
{
    if (f->state != FS_FREE || !f->order)
        return 0;
    if (f->order == FRAME_DEFERRED && f->index < LENS_NO_PFN) {
        blocks[LENS_MAX_ORDER] += f->index >> LENS_MAX_ORDER;
        return f->index;
    }
    if (f->order > INS_ORDERS)
        return 0;
    blocks[f->order - 1]++;
    return 1ull << (f->order - 1);
}

bool inspect_buddy(struct machine *m, u64 blocks[INS_ORDERS])
{
    u64 n = ins_nframes(m);
    struct lens_frame f;
    memset(blocks, 0, INS_ORDERS * sizeof *blocks);
    if (!inspect_tables_known(m))
        return false;
    for (u64 pfn = 0, step; pfn < n; pfn += step ? step : 1)
        step = ins_kernel_frame(m, pfn, &f) ? ins_free_run(&f, blocks) : 0;
    return true;
}
