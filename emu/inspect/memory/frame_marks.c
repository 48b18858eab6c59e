/* SPDX-License-Identifier: MIT */
/* Marks frames (marks.def) by the frame table and processes' page tables. */
#include "inspect/frames.h"
#include "inspect/internal.h"
#include "inspect/kernel.h"
#include "inspect/walk.h"

#include <stdlib.h>

#define ST(state) (1u << FS_##state)

bool inspect_row_is(const struct ins_row *r, const struct ins_condition *c)
{
    return (r->state < FS_COUNT && c->states >> r->state & 1) ||
           (r->marks & c->mark) ||
           (r->unmodified.known && (c->kinds >> r->unmodified.kind & 1 ||
                                    c->kernel_flags & r->unmodified.flags));
}

/* ---- the page tables ---------------------------------------------------- */

struct census {
    struct ins_rows *out;
    struct machine *m;
    u32 pid;
    u64 budget;
};

static void mark_leaf(void *opaque, const struct ins_leaf *l)
{
    struct census *c = opaque;
    u64 first = l->pa - RAM_BASE, pages = 1ull << 9 * l->level;
    if (l->pa < RAM_BASE)
        return;
    for (u64 i = 0; i < pages; i++) {
        u64 pfn = (first >> PAGE_SHIFT) + i;
        if (pfn >= c->out->n)
            return;
        struct ins_row *r = &c->out->row[pfn];
        if (!r->nptes++) {
            r->pid = c->pid;
            r->va = l->va + (i << PAGE_SHIFT);
            if (r->unmodified.known && !ins_is_kernels(r->state))
                r->owner = c->pid; /* as inspect_frame() says */
        }
        r->pte |= l->pte & (PTE_A | PTE_D);
        if (c->pid != c->out->pid)
            continue;
        c->out->rss += ins_resident(r->state);
        c->out->mapped += !r->of_pid && ins_resident(r->state);
        r->of_pid = true;
    }
}

static void mark_space(void *opaque, const struct lens_proc *p)
{
    struct census *c = opaque;
    struct tree_visit v = {NULL, mark_leaf, c, c->budget, NULL};
    c->pid = p->pid;
    ins_tree(c->m, p->satp, TREE_USER_FIRST, TREE_USER_LAST, &v);
    c->budget = v.budget;
}

/* ---- the frame table ---------------------------------------------------- */

static void read_row(struct machine *m, u64 pfn, struct ins_row *r)
{
    struct lens_frame f;
    r->pfn = (u32)pfn;
    r->state = 0xff;
    if (!ins_kernel_frame(m, pfn, &f))
        return;
    r->state = f.state;
    r->flags = f.flags;
    r->refs = f.refs;
    r->pins = f.pins;
    r->owner = f.owner;
    r->object = f.object;
    r->index = f.index;
    r->unmodified = ins_unmodified(m, pfn);
}

static u32 marks_of_ptes(const struct ins_row *r)
{
    u32 marks = 0;
    u32 on_disk = ST(FILE_CLEAN) | ST(FILE_DIRTY) | ST(SWAPCACHE);
    u32 content = on_disk | ST(ANON) | ST(COW) | ST(SHMEM);
    if (r->nptes)
        marks |= 1u << MARK_MAPPED;
    if (r->nptes > 1)
        marks |= 1u << MARK_SHARED;
    if (r->pins)
        marks |= 1u << MARK_PINNED;
    if (r->pte & PTE_A && content >> r->state & 1)
        marks |= 1u << MARK_REFERENCED;
    if (r->pte & PTE_D && content >> r->state & 1)
        marks |= 1u << MARK_DIRTY;
    return marks;
}

void ins_mark_row(struct ins_row *r)
{
    u32 on_disk = ST(FILE_CLEAN) | ST(FILE_DIRTY) | ST(SWAPCACHE);
    if (r->state >= FS_COUNT)
        return;
    for (unsigned i = 0; i < MARK_COUNT; i++)
        if (ins_marks[i].states >> r->state & 1 ||
            ins_marks[i].flags & r->flags)
            r->marks |= 1u << i;
    r->marks |= marks_of_ptes(r);
    if (!(r->marks & 1u << MARK_DIRTY) && on_disk >> r->state & 1)
        r->marks |= 1u << MARK_CLEAN;
}

struct ins_row inspect_frame_row(const struct ins_frame *f)
{
    struct ins_row r = {.pfn = (u32)f->pfn,
                        .state = f->state,
                        .flags = f->flags,
                        .refs = f->refs,
                        .pins = f->pins,
                        .owner = f->owner,
                        .nptes = f->users,
                        .pte = f->pte,
                        .object = f->object,
                        .index = f->index,
                        .unmodified = f->unmodified};
    ins_mark_row(&r);
    return r;
}

bool inspect_rows(struct machine *m, u32 pid, struct ins_rows *out)
{
    *out = (struct ins_rows){.pid = pid ? pid : ~0u};
    struct census c = {out, m, 0, ins_table_budget(m)};
    if (!inspect_tables_known(m))
        return false;
    out->n = ins_nframes(m);
    out->row = xcalloc(out->n ? out->n : 1, sizeof *out->row);
    for (u64 pfn = 0; pfn < out->n; pfn++)
        read_row(m, pfn, &out->row[pfn]);
    ins_spaces(m, mark_space, &c);
    for (u64 pfn = 0; pfn < out->n; pfn++) {
        ins_mark_row(&out->row[pfn]);
        out->row[pfn].of_pid |= out->row[pfn].owner == pid;
    }
    return true;
}

void inspect_rows_free(struct ins_rows *r)
{
    free(r->row);
    r->row = NULL;
}

void inspect_row_marks(const struct ins_row *r, char *buf, size_t n)
{
    size_t at = 0;
    *buf = 0;
    for (unsigned i = 0; i < MARK_COUNT && at < n; i++) {
        if (!(r->marks >> i & 1) || !ins_marks[i].shown)
            continue;
        const char *by = "";
        if (i == MARK_DIRTY && r->state != FS_FILE_DIRTY)
            by = r->flags & FRAME_F_DIRTY ? " (noted)"
                 : r->pte & PTE_D         ? " (D)"
                                          : "";
        at =
            append(buf, n, at, "%s%s%s", at ? ", " : "", ins_marks[i].word, by);
    }
}
