/* SPDX-License-Identifier: MIT */
/* Reports fork, exec and exit of processes, and changes of many PTEs at once:
 * pages shared by fork, pages mapped around a fault, splits of 2 MiB pages
 * (Linux 6.12, kernel/fork.c, fs/exec.c, kernel/exit.c, mm/memory.c,
 * mm/filemap.c, mm/huge_memory.c). */
#include "linux/probes.h"
#include "mmu/pte.h"

enum { A0 = 10, A1, A2 };

#define AROUND_MOST 64    /* pages around a fault; Linux's default is 16 */
#define COPY_MOST   65536 /* entries of one mapping that are examined */
#define SPAN(level) (PAGE_BYTES << 9 * (level))

/* ---- processes ---------------------------------------------------------- */

static void tell_bare(struct linux_probes *p, enum reason reason)
{
    lx_tell(p, (struct lx_told){.pfn = LENS_NO_PFN,
                                .n = 1,
                                .slot = LINUX_NO_SLOT,
                                .reason = (u8)reason});
}

void lx_fork(struct linux_probes *p)
{
    u64 tgid, mm;
    if (lx_follow(p->k, p->x[A0], F_TASK_MM, &mm))
        lx_root(p, mm, true);
    if (lx_get(p->k, p->x[A0], F_TASK_TGID, &tgid) && tgid != p->pid)
        tell_bare(p, R_FORK); /* a new process, not a thread */
}

void lx_exec_leave(struct linux_probes *p)
{
    u64 mm;
    if ((s32)p->x[A0])
        return;
    if (lx_follow(p->k, p->task, F_TASK_MM, &mm))
        lx_root(p, mm, true);
    tell_bare(p, R_EXEC);
}

/* Reports the end of the process if its last thread exits. */
void lx_exit(struct linux_probes *p)
{
    u64 signal, live;
    if (lx_follow(p->k, p->task, F_TASK_SIGNAL, &signal) &&
        lx_get(p->k, signal, F_SIGNAL_LIVE, &live) && live == 1)
        tell_bare(p, R_PROC_EXIT);
}

/* ---- page tables -------------------------------------------------------- */

/* Returns the root page table (physical) of a vma's process; 0: not known. */
static u64 page_table_root(struct linux_probes *p, u64 vma)
{
    u64 mm, pgd, root;
    return lx_follow(p->k, vma, F_VMA_MM, &mm) &&
                   lx_follow(p->k, mm, F_MM_PGD, &pgd) &&
                   lx_pa(p->k, pgd, &root)
               ? root
               : 0;
}

static bool is_leaf(u64 pte)
{
    return pte & PTE_V && pte & (PTE_R | PTE_X);
}

/* ---- fork --------------------------------------------------------------- */

void lx_copy_enter(struct linux_probes *p, struct lx_call *c)
{
    c->root = page_table_root(p, c->object);
}

static void tell_shared(struct linux_probes *p, u64 va, u64 pte)
{
    struct linux_frame f;
    u64 pfn = lx_frame_of_pte(p->k, pte);
    if (pte & PTE_W || !lx_frame(p->k, pfn, &f) || !(f.flags & KPF(ANON)) ||
        f.is.state >= FS_COUNT)
        return;
    struct lx_told t = {.va = va,
                        .pfn = (u32)pfn,
                        .n = 1,
                        .slot = f.slot,
                        .from = f.is.refs > 2 ? FS_COW : FS_ANON,
                        .to = f.is.state,
                        .reason = R_COW_SHARE};
    lx_tell(p, t);
}

/* Reports the anonymous read-only pages that the child's table maps now: the
 * child shares them with its parent. */
void lx_copy_leave(struct linux_probes *p, const struct lx_call *c)
{
    u64 from, to, budget = COPY_MOST;
    unsigned level;
    if ((s32)p->x[A0] || !c->root ||
        !lx_get(p->k, c->object, F_VMA_START, &from) ||
        !lx_get(p->k, c->object, F_VMA_END, &to))
        return;
    for (u64 va = from; va < to && budget; budget--) {
        u64 pte = lx_entry(p->k, c->root, va, &level);
        u64 inside = is_leaf(pte) ? (va & (SPAN(level) - 1)) >> PAGE_SHIFT : 0;
        if (level > 2)
            return;
        if (is_leaf(pte))
            tell_shared(p, va, pte + (inside << 10));
        va = is_leaf(pte) ? va + PAGE_BYTES : (va | (SPAN(level) - 1)) + 1;
    }
}

/* ---- around a fault ----------------------------------------------------- */

/* Returns how many pages the call may map (0: not known), from *va on. */
static u64 around(struct linux_probes *p, const struct lx_call *c, u64 *va)
{
    u64 start, end, first, low = c->va, high = c->pte;
    if (!lx_get(p->k, c->object, F_VMA_START, &start) ||
        !lx_get(p->k, c->object, F_VMA_END, &end) ||
        !lx_get(p->k, c->object, F_VMA_PGOFF, &first) || low < first ||
        high < low || high - low >= AROUND_MOST)
        return 0;
    *va = start + ((low - first) << PAGE_SHIFT);
    return high - low + 1;
}

static u64 valid_around(struct linux_probes *p, const struct lx_call *c)
{
    u64 va, n = c->root ? around(p, c, &va) : 0, set = 0;
    unsigned level;
    for (u64 i = 0; i < n; i++) {
        u64 pte = lx_entry(p->k, c->root, va + (i << PAGE_SHIFT), &level);
        set |= (u64)is_leaf(pte) << i;
    }
    return set;
}

/* Sets c->object (the vma), c->va and c->pte (the first and last file page). */
void lx_around_enter(struct linux_probes *p, struct lx_call *c)
{
    u64 vmf = c->object;
    c->va = p->x[A1];
    c->pte = p->x[A2];
    c->object = c->root = 0;
    if (lx_follow(p->k, vmf, F_VMF_VMA, &c->object))
        c->root = page_table_root(p, c->object);
    c->before = valid_around(p, c);
}

/* Reports the pages that the call has mapped. The faulting page is reported
 * when the fault ends. */
void lx_around_leave(struct linux_probes *p, const struct lx_call *c)
{
    const struct lx_call *fault = lx_call_of(p, P_FAULT);
    u64 va, new = valid_around(p, c) & ~c->before;
    if (!fault || !new || !around(p, c, &va))
        return;
    for (unsigned level; new; va += PAGE_BYTES, new >>= 1) {
        struct linux_frame f;
        u64 pte = lx_entry(p->k, c->root, va, &level),
            pfn = lx_frame_of_pte(p->k, pte);
        bool own = va >> PAGE_SHIFT == fault->va >> PAGE_SHIFT;
        if (!(new & 1) || own || level || !lx_frame(p->k, pfn, &f) ||
            f.is.state >= FS_COUNT)
            continue;
        struct lx_told t = {.va = va,
                            .fault_va = fault->va,
                            .pfn = (u32)pfn,
                            .n = 1,
                            .slot = LINUX_NO_SLOT,
                            .from = f.is.state,
                            .to = f.is.state,
                            .reason = R_MAP_CACHED};
        lx_tell(p, t);
    }
}

/* ---- pages of 2 MiB ----------------------------------------------------- */

void lx_split_enter(struct linux_probes *p, struct lx_call *c)
{
    unsigned level;
    c->va = p->x[A1];
    c->root = page_table_root(p, c->object);
    c->pte = c->root ? lx_entry(p->k, c->root, c->va, &level) : 0;
    c->before = c->root && is_leaf(c->pte) && level == 1;
}

void lx_split_leave(struct linux_probes *p, const struct lx_call *c)
{
    enum reason why = lx_call_of(p, P_RECLAIM) ? R_SPLIT_RECLAIM
                      : lx_call_of(p, P_FAULT) ? R_SPLIT_COW
                                               : R_SPLIT_PART;
    u64 table;
    if (!c->before || !lx_table(p->k, c->root, c->va, &table))
        return;
    u64 pfn = (table - p->k->ram.base) >> PAGE_SHIFT;
    struct lx_told t = {.va = c->va,
                        .pfn = (u32)pfn,
                        .n = 1,
                        .slot = LINUX_NO_SLOT,
                        .from = FS_PGTABLE,
                        .to = FS_PGTABLE,
                        .reason = (u8)why};
    if (table >= p->k->ram.base && pfn < p->k->nframes)
        lx_tell(p, t);
}
