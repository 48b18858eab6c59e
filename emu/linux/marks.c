/* SPDX-License-Identifier: MIT */
/* Marks frames whose struct page does not show their use: free frames on a
 * CPU's own lists (mm/page_alloc.c), stacks of tasks, the kernel's page tables
 * and the roots of processes' tables. Finds them by following the CPU's lists,
 * the list of tasks, and page tables. */
#include "linux/internal.h"
#include "mmu/pte.h"

#define PCP_LISTS 64

static void mark(struct linux_kernel *k, u64 pfn, u8 kind, u32 owner)
{
    if (pfn >= k->nframes)
        return;
    k->mark[pfn] = kind;
    k->mark_owner[pfn] = owner;
}

/* ---- free frames of the CPU --------------------------------------------- */

static void pcp_list(struct linux_kernel *k, u64 head, unsigned order,
                     u64 *budget)
{
    u64 at = head, member = k->layout.field[F_PAGE_PCP].at;
    while (*budget && lx_number(k, at, 8, &at) && at != head) {
        u64 pfn = lx_page_pfn(k, at - member);
        if (pfn >= k->nframes)
            return;
        for (u64 i = 0; i < 1ull << order; i++)
            mark(k, pfn + i, LINUX_PCP, 0);
        --*budget;
    }
}

static void pcp_of_zone(void *opaque, u64 zone)
{
    struct linux_kernel *k = opaque;
    u64 pcp, budget = k->nframes, bytes = k->layout.field[F_PCP_LISTS].size;
    u64 types = (u64)k->layout.value[V_PCP_TYPES];
    if (!lx_get(k, zone, F_ZONE_PCP, &pcp) || !types)
        return;
    u64 list = lx_at(k, pcp + k->percpu, F_PCP_LISTS);
    for (u64 i = 0; i < bytes / 16 && i < PCP_LISTS; i++) {
        u64 order = i / types > N_COSTLY_ORDER ? N_PCP_HUGE_ORDER : i / types;
        pcp_list(k, list + 16 * i, (unsigned)order, &budget);
    }
}

/* ---- page tables -------------------------------------------------------- */

static void tables(struct linux_kernel *k, u64 pa, unsigned level, u64 *budget)
{
    const u8 *table = *budget ? lx_ram(k, pa, PAGE_BYTES) : NULL;
    if (!table)
        return;
    --*budget;
    mark(k, (pa - k->ram.base) >> PAGE_SHIFT, LINUX_TABLE, 0);
    for (unsigned i = level == 2 ? 256 : 0; level && i < 512; i++) {
        u64 pte = get_le(table + 8 * i, 8);
        if (pte & PTE_V && !(pte & (PTE_R | PTE_W | PTE_X)))
            tables(k, PTE_PPN(pte) << PAGE_SHIFT, level - 1, budget);
    }
}

/* ---- tasks -------------------------------------------------------------- */

void lx_mark_task(struct linux_kernel *k, u64 stack, u32 pid)
{
    u64 pfn;
    for (unsigned i = 0; i < N_STACK_PAGES; i++)
        if (lx_pfn(k, stack + i * PAGE_BYTES, &pfn))
            mark(k, pfn, LINUX_STACK, pid);
}

void lx_mark_root(struct linux_kernel *k, u64 satp, u32 pid)
{
    u64 pa = (satp & ((1ull << 44) - 1)) << PAGE_SHIFT;
    if (pa >= k->ram.base)
        mark(k, (pa - k->ram.base) >> PAGE_SHIFT, LINUX_TABLE, pid);
}

void lx_marks(struct linux_kernel *k)
{
    const struct lens_proc *row;
    u64 budget = k->nframes;
    k->marked = true;
    memset(k->mark, LINUX_PLAIN, k->nframes);
    memset(k->mark_owner, 0, k->nframes * sizeof *k->mark_owner);
    lx_zones(k, pcp_of_zone, k);
    tables(k, k->root, 2, &budget);
    linux_tasks(k, &row); /* marks the tasks' stacks and root tables */
}
