/* SPDX-License-Identifier: MIT */
/* Finds the outcome of a page fault. The functions that handle kinds of faults
 * (do_anonymous_page, wp_page_copy, do_cow_fault) are inlined, so the outcome
 * is derived from the PTE before and after handle_mm_fault. Faults are counted
 * as by mm_account_fault and PGMAJFAULT (Linux 6.12, mm/memory.c,
 * mm/filemap.c). */
#include "linux/probes.h"
#include "mmu/pte.h"

enum { A0 = 10, A1 = 11 };

#define HUGE_BYTES (PAGE_BYTES << 9)

static u64 result(const struct linux_probes *p, enum lx_value v)
{
    return p->x[A0] & (u64)p->k->layout.value[v];
}

/* The kernel retries a fault by another call. Drops the task's calls that asked
 * for a retry. True if such a call, for this page, read the disk. */
static bool tried_before(struct linux_probes *p, u64 va)
{
    bool major = false;
    for (u32 i = p->ncalls; i--;) {
        struct lx_call *c = &p->call[i];
        if (c->task != p->task || !c->retried)
            continue;
        major = c->major && c->va >> PAGE_SHIFT == va >> PAGE_SHIFT;
        memmove(c, c + 1, (p->ncalls - i - 1) * sizeof *c);
        p->ncalls--;
    }
    return major;
}

/* Returns the entry of va's 4 KiB page, or the leaf of 2 MiB; 0: neither. */
static u64 entry_of(const struct linux_probes *p, const struct lx_call *c,
                    bool *huge)
{
    unsigned level;
    u64 pte = c->root ? lx_entry(p->k, c->root, c->va, &level) : 0;
    *huge = c->root && level == 1 && pte & PTE_V && pte & (PTE_R | PTE_X);
    return c->root && (!level || *huge) ? pte : 0;
}

void lx_fault_enter(struct linux_probes *p, struct lx_call *c)
{
    struct linux_kernel *k = p->k;
    u64 mm, pgd, file;
    c->va = p->x[A1];
    c->major = tried_before(p, c->va);
    if (lx_follow(k, c->object, F_VMA_MM, &mm) &&
        lx_follow(k, mm, F_MM_PGD, &pgd) && !lx_pa(k, pgd, &c->root))
        c->root = 0;
    c->file = lx_get(k, c->object, F_VMA_FILE, &file) && file;
    bool huge;
    c->pte = entry_of(p, c, &huge);
    c->before = huge;
    if (huge) /* makes it the entry of the faulting 4 KiB page */
        c->pte |= (c->va >> PAGE_SHIFT & 511) << 10;
}

struct outcome {
    enum reason reason; /* R_NONE: the frame has no event */
    u8 from;
    u32 source, slot;
};

/* Returns the outcome of a fault on a page that was mapped already. */
static struct outcome of_write(const struct linux_probes *p,
                               const struct lx_call *c, u64 after,
                               const struct linux_frame *f)
{
    u64 old = lx_frame_of_pte(p->k, c->pte);
    bool anon = f->flags & KPF(ANON);
    if (!anon)
        return (struct outcome){.reason = R_NONE};
    if (old == lx_frame_of_pte(p->k, after))
        return (struct outcome){!(c->pte & PTE_W) && after & PTE_W ? R_COW_REUSE
                                                                   : R_NONE,
                                f->is.state, 0, f->slot};
    if (old == p->k->zero_pfn)
        return (struct outcome){R_DEMAND_ZERO, FS_FREE, 0, LINUX_NO_SLOT};
    return (struct outcome){R_COW_COPY, FS_FREE, (u32)old, LINUX_NO_SLOT};
}

/* was: the frame's state after its latest event */
static struct outcome outcome_of(const struct linux_probes *p,
                                 const struct lx_call *c, u64 after, u8 was,
                                 const struct linux_frame *f)
{
    u32 slot = linux_pte_slot(c->pte);
    struct outcome none = {.reason = R_NONE, .slot = LINUX_NO_SLOT};
    if (c->pte & PTE_V)
        return of_write(p, c, after, f);
    if (c->pte && slot != LINUX_NO_SLOT) {
        if (was == FS_FREE) /* the page is shared, and was copied at once */
            return (struct outcome){R_COW_COPY, FS_FREE, 0, slot};
        if (!c->major)
            return (struct outcome){R_SWAP_MAP, FS_SWAPCACHE, 0, slot};
        return f->is.state == FS_SWAPCACHE /* swap_read_folio reported it */
                   ? none
                   : (struct outcome){R_SWAP_FREE, FS_SWAPCACHE, 0,
                                      LINUX_NO_SLOT};
    }
    if (c->pte || f->is.state == FS_SHMEM)
        return none;
    if (f->flags & KPF(ANON))
        return (struct outcome){c->file ? R_COW_COPY : R_DEMAND_ZERO, FS_FREE,
                                0, LINUX_NO_SLOT};
    if (!c->file || f->is.state >= FS_COUNT || c->major)
        return none; /* major: filemap_add_folio reported it */
    return (struct outcome){R_MAP_CACHED, f->is.state, 0, LINUX_NO_SLOT};
}

/* Reports a 2 MiB page that one fault mapped, or that its last owner wrote. The
 * 2 MiB zero page is not reported, because it has no owner. */
static void tell_huge(struct linux_probes *p, const struct lx_call *c, u64 pfn)
{
    struct linux_frame f;
    struct lx_told t = {.va = c->va & ~(HUGE_BYTES - 1),
                        .pfn = (u32)pfn,
                        .n = HUGE_BYTES >> PAGE_SHIFT,
                        .slot = LINUX_NO_SLOT,
                        .from = c->pte ? FS_COW : FS_FREE,
                        .to = FS_ANON,
                        .reason = c->pte ? R_COW_REUSE : R_FAULT_HUGE};
    if ((!c->pte || lx_state(p, pfn) == FS_COW) && p->k->nframes - pfn >= t.n &&
        lx_frame(p->k, pfn, &f) && f.is.state == FS_ANON)
        lx_tell(p, t);
}

/* Reports the event, if any, of the frame that the PTE maps now. */
static void tell_frame(struct linux_probes *p, const struct lx_call *c)
{
    struct linux_kernel *k = p->k;
    bool huge;
    u64 after = entry_of(p, c, &huge), pfn = lx_frame_of_pte(k, after);
    struct linux_frame f;
    if (!(after & PTE_V) || pfn >= k->nframes)
        return;
    if (huge) {
        tell_huge(p, c, pfn);
        return;
    }
    struct lx_told t = {.va = c->va, .pfn = (u32)pfn, .n = 1};
    if (pfn == k->zero_pfn) {
        t.from = t.to = FS_ZEROED;
        t.reason = R_ZERO_MAP;
        t.slot = LINUX_NO_SLOT;
        if (!(c->pte & PTE_V))
            lx_tell(p, t);
        return;
    }
    if (!lx_frame(k, pfn, &f))
        return;
    struct outcome o = outcome_of(p, c, after, lx_state(p, pfn), &f);
    t.from = o.from;
    t.to = f.is.state;
    t.reason = (u8)o.reason;
    t.source = o.source;
    t.slot = o.slot;
    if (o.reason != R_NONE)
        lx_tell(p, t);
}

bool lx_fault_leave(struct linux_probes *p, struct lx_call *c)
{
    struct lx_told t = {
        .va = c->va, .pfn = LENS_NO_PFN, .n = 1, .slot = LINUX_NO_SLOT};
    c->major |= result(p, V_FAULT_MAJOR) != 0;
    if (result(p, V_FAULT_RETRY)) {
        c->retried = 1;
        return false;
    }
    bool illegal = result(p, V_FAULT_SIGBUS) || result(p, V_FAULT_SIGSEGV);
    bool no_frame = result(p, V_FAULT_OOM);
    if (!illegal && !no_frame)
        tell_frame(p, c);
    t.reason = illegal                 ? R_FAULT_ILLEGAL
               : c->major && !no_frame ? R_FAULT_MAJOR
                                       : R_FAULT_MINOR;
    t.source = no_frame && t.reason == R_FAULT_MINOR;
    lx_tell(p, t);
    return true;
}
