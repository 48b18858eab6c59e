/* SPDX-License-Identifier: MIT */
/* Observes calls of the kernel's functions by probes. A probe at a function's
 * first instruction finds the arguments in registers. If the result matters, a
 * probe at the return address finds it, in the same task with the same stack
 * pointer. The kernel's structures at both moments show the call's effect. */
#include "linux/probes.h"

#include <stdio.h>
#include <stdlib.h>

enum { RA = 1, SP = 2, TP = 4, A0 = 10 }; /* TP: the running task */

/* ---- task and actor ----------------------------------------------------- */

struct lx_call *lx_call_of(struct linux_probes *p, enum lx_probe row)
{
    for (u32 i = p->ncalls; i--;)
        if (p->call[i].task == p->task && p->call[i].row == row &&
            !p->call[i].retried)
            return &p->call[i];
    return NULL;
}

static u8 actor_of(struct linux_probes *p)
{
    char comm[16];
    u64 mm;
    if (lx_call_of(p, P_FAULT))
        return ACTOR_FAULT;
    if (lx_get(p->k, p->task, F_TASK_MM, &mm) && mm)
        return ACTOR_SYSCALL;
    if (lx_string(p->k, lx_at(p->k, p->task, F_TASK_COMM), comm, sizeof comm) &&
        !strncmp(comm, "kswapd", 6))
        return ACTOR_PAGEOUT;
    return ACTOR_KERNEL;
}

u8 lx_state(const struct linux_probes *p, u64 pfn)
{
    return p->watcher.state(p->watcher.opaque, (u32)pfn);
}

void lx_tell(struct linux_probes *p, struct lx_told t)
{
    struct linux_event e = {
        .va = t.va,
        .fault_va = t.fault_va,
        .pid = p->pid,
        .tid = p->tid,
        .source = t.source,
        .slot = t.slot,
        .from = t.from,
        .to = t.to,
        .reason = t.reason,
        .actor = t.reason == R_WRITE_BACK || t.reason == R_OOM ? ACTOR_KERNEL
                                                               : actor_of(p)};
    for (u32 i = 0; i < t.n; i++) {
        e.pfn = t.pfn + (t.pfn == LENS_NO_PFN ? 0 : i);
        u8 was = t.pfn == LENS_NO_PFN ? FS_COUNT : lx_state(p, e.pfn);
        e.from = was < FS_COUNT ? was : t.from;
        p->watcher.event(p->watcher.opaque, &e);
        e.va += t.va ? PAGE_BYTES : 0;
        e.slot += t.slot == LINUX_NO_SLOT ? 0 : 1;
    }
}

/* ---- swap, write-back, OOM ---------------------------------------------- */

static u64 page_va(const struct linux_frame *f)
{
    return f->flags & KPF(ANON) ? f->is.index << PAGE_SHIFT : 0;
}

static void tell_folio(struct linux_probes *p, u64 folio, enum reason reason)
{
    struct linux_frame f;
    u64 pfn;
    unsigned n;
    if (!lx_folio(p->k, folio, &pfn, &n, &f))
        return;
    struct lx_told t = {.va = page_va(&f),
                        .pfn = (u32)pfn,
                        .n = n,
                        .slot = f.slot,
                        .from = f.is.state,
                        .to = f.is.state,
                        .reason = (u8)reason};
    if (lx_state(p, pfn) == FS_SHMEM) { /* add_to_swap is not called for it */
        t.reason = R_SWAP_ADD;
        lx_tell(p, t);
        t.reason = (u8)reason;
    }
    lx_tell(p, t);
}

/* Reports a read from swap. The page gets the fault's address, unless the fault
 * wants another page: then this read is read-ahead. */
static void swap_read(struct linux_probes *p)
{
    const struct lx_call *fault = lx_call_of(p, P_FAULT);
    struct linux_frame f;
    u64 pfn;
    unsigned n;
    if (!lx_folio(p->k, p->x[A0], &pfn, &n, &f))
        return;
    u32 wanted = fault ? linux_pte_slot(fault->pte) : LINUX_NO_SLOT;
    bool own = wanted == LINUX_NO_SLOT || f.slot == LINUX_NO_SLOT ||
               wanted - f.slot < n;
    struct lx_told t = {.va = own && fault ? fault->va : 0,
                        .pfn = (u32)pfn,
                        .n = n,
                        .slot = f.slot,
                        .from = FS_FREE,
                        .to = FS_SWAPCACHE,
                        .reason = own ? R_SWAP_IN : R_SWAP_AHEAD};
    lx_tell(p, t);
    lx_refault_tell(p, p->x[A0]);
}

static void swap_added(struct linux_probes *p, const struct lx_call *c)
{
    struct linux_frame f;
    u64 pfn;
    unsigned n;
    if (!(p->x[A0] & 0xff)) {
        lx_reclaim_slot(p, c->object, LINUX_NO_SLOT);
        return;
    }
    if (!lx_folio(p->k, c->object, &pfn, &n, &f) || f.slot == LINUX_NO_SLOT)
        return;
    struct lx_told t = {.va = page_va(&f),
                        .pfn = (u32)pfn,
                        .n = n,
                        .slot = f.slot,
                        .from = FS_ANON,
                        .to = FS_SWAPCACHE,
                        .reason = R_SWAP_ADD};
    lx_tell(p, t);
    lx_reclaim_slot(p, c->object, f.slot);
}

/* Reports that a page leaves the swap cache, and stays mapped. Its fault's own
 * event tells that of the faulting page, and that of its end a freed page's. */
static void swap_freed(struct linux_probes *p)
{
    const struct lx_call *fault = lx_call_of(p, P_FAULT);
    struct linux_frame f;
    u64 pfn;
    unsigned n;
    if (!lx_folio(p->k, p->x[A0], &pfn, &n, &f) || !(f.flags & KPF(ANON)) ||
        !f.is.refs ||
        (fault && fault->pte & PTE_V &&
         lx_frame_of_pte(p->k, fault->pte) - pfn < n))
        return;
    struct lx_told t = {.va = page_va(&f),
                        .pfn = (u32)pfn,
                        .n = n,
                        .slot = LINUX_NO_SLOT,
                        .from = FS_SWAPCACHE,
                        .to = f.anon,
                        .reason = R_SWAP_FREE};
    lx_tell(p, t);
}

/* Reports a file's write-back; P_SWAP_WRITE's probe reports writes to swap. The
 * disk's interrupt ends it: the task on the hart has no part in it. */
static void write_back(struct linux_probes *p)
{
    u32 pid = p->pid, tid = p->tid;
    struct linux_frame f;
    u64 pfn;
    unsigned n;
    if (!lx_folio(p->k, p->x[A0], &pfn, &n, &f) ||
        f.flags & (KPF(ANON) | KPF(SWAPBACKED)))
        return;
    struct lx_told t = {.pfn = (u32)pfn,
                        .n = n,
                        .slot = LINUX_NO_SLOT,
                        .from = FS_FILE_DIRTY,
                        .to = f.flags & KPF(DIRTY) ? FS_FILE_DIRTY
                                                   : FS_FILE_CLEAN,
                        .reason = R_WRITE_BACK};
    p->pid = p->tid = 0;
    lx_tell(p, t);
    p->pid = pid;
    p->tid = tid;
}

static void oom(struct linux_probes *p)
{
    u64 pid;
    u32 own = p->pid;
    if (!lx_get(p->k, p->x[A0], F_TASK_TGID, &pid))
        return;
    p->pid = (u32)pid;
    lx_tell(p, (struct lx_told){.pfn = LENS_NO_PFN,
                                .n = 1,
                                .slot = LINUX_NO_SLOT,
                                .reason = R_OOM});
    p->pid = own;
}

/* ---- calls -------------------------------------------------------------- */

static void drop(struct linux_probes *p, u32 i)
{
    if (p->call[i].row == P_RECLAIM)
        p->batch[p->call[i].batch].n = 0;
    memmove(&p->call[i], &p->call[i + 1],
            (p->ncalls - i - 1) * sizeof *p->call);
    p->ncalls--;
}

/* Drops all calls of a task that ends: none of them will return. */
static void drop_all(struct linux_probes *p)
{
    for (u32 i = p->ncalls; i--;)
        if (p->call[i].task == p->task)
            drop(p, i);
}

/* Drops the task's calls whose stack frames are gone: no probe saw them end. */
static void drop_ended(struct linux_probes *p)
{
    for (u32 i = p->ncalls; i--;)
        if (p->call[i].task == p->task && !p->call[i].retried &&
            p->call[i].sp <= p->x[SP])
            drop(p, i);
}

/* Notes the arguments at a function's entry. False: no event will follow. */
static bool noted(struct linux_probes *p, enum lx_probe row, struct lx_call *c)
{
    switch (row) {
    case P_FAULT:
        lx_fault_enter(p, c);
        return true;
    case P_RECLAIM:
        return lx_reclaim_enter(p, c);
    case P_CACHE_ADD:
        lx_cache_enter(p, c);
        return true;
    case P_ALLOC:
        c->va = p->x[A0 + 1];
        return true;
    case P_ALLOC_MANY:
        lx_alloc_many_enter(p, c);
        return true;
    case P_COPY:
        lx_copy_enter(p, c);
        return true;
    case P_AROUND:
        lx_around_enter(p, c);
        return true;
    case P_SPLIT:
        lx_split_enter(p, c);
        return true;
    case P_EXIT_MM:
        lx_root(p, c->object, false);
        return true;
    default:
        return true;
    }
}

static void begin(struct linux_probes *p, enum lx_probe row)
{
    struct lx_call c = {.task = p->task,
                        .ra = p->x[RA],
                        .sp = p->x[SP],
                        .object = p->x[A0],
                        .row = (u8)row};
    drop_ended(p);
    if (c.ra & 1 || ((row == P_REFERENCED || row == P_RELEASE) &&
                     !lx_call_of(p, P_RECLAIM)))
        return;
    if (!noted(p, row, &c))
        return;
    if (p->ncalls == LX_CALLS) {
        u32 i = 0;
        while (i < LX_CALLS && !p->call[i].retried)
            i++;
        p->lost += i == LX_CALLS;
        drop(p, i % LX_CALLS);
    }
    p->call[p->ncalls++] = c;
    p->watcher.probe(p->watcher.opaque, c.ra);
}

static void ended(struct linux_probes *p, struct lx_call *c)
{
    switch (c->row) {
    case P_SWAP_ADD:
        swap_added(p, c);
        break;
    case P_RECLAIM:
        lx_reclaim_leave(p, c);
        break;
    case P_REFERENCED:
        lx_referenced_leave(p, c);
        break;
    case P_RELEASE:
        lx_reclaim_released(p, c);
        break;
    case P_CACHE_ADD:
        lx_cache_leave(p, c);
        break;
    case P_ALLOC:
        lx_alloc_leave(p, c);
        break;
    case P_ALLOC_MANY:
        lx_alloc_many_leave(p, c);
        break;
    case P_COPY:
        lx_copy_leave(p, c);
        break;
    case P_EXEC:
        lx_exec_leave(p);
        break;
    case P_AROUND:
        lx_around_leave(p, c);
        break;
    case P_SPLIT:
        lx_split_leave(p, c);
        break;
    case P_SHMEM_ADD:
        lx_shmem_leave(p, c);
        break;
    default: /* a call that only lx_call_of looks up */
        break;
    }
}

static void leave(struct linux_probes *p, u32 i)
{
    struct lx_call *c = &p->call[i];
    if (c->row == P_FAULT && !lx_fault_leave(p, c))
        return;
    ended(p, c);
    drop(p, i);
}

static void enter(struct linux_probes *p, enum lx_probe row)
{
    switch (row) {
    case P_SWAP_READ:
        swap_read(p);
        break;
    case P_SWAP_WRITE:
        tell_folio(p, p->x[A0], R_SWAP_OUT);
        lx_reclaim_written(p, p->x[A0]);
        break;
    case P_WRITE_BACK:
        write_back(p);
        break;
    case P_OOM:
        oom(p);
        break;
    case P_FORK:
        lx_fork(p);
        break;
    case P_EXIT:
        lx_exit(p);
        drop_all(p);
        break;
    case P_FREE_ONE:
        lx_free(p);
        break;
    case P_FREE_MANY:
        lx_free_many(p);
        break;
    case P_ACTIVATE:
        lx_activate(p);
        break;
    case P_REFAULT:
        lx_refault(p);
        break;
    case P_MARK_DIRTY:
        lx_dirty(p, p->x[A0], true);
        break;
    case P_MARK_DIRTY_RAM:
        lx_dirty(p, p->x[A0 + 1], false);
        break;
    case P_SWAP_FREE:
        swap_freed(p);
        break;
    case P_MOVE:
        lx_move(p);
        break;
    case P_TABLE_GONE:
        lx_table_gone(p);
        break;
    default:
        begin(p, row);
    }
}

void linux_probes_visit(struct linux_probes *p, u64 pc, const u64 *x)
{
    u64 tid, pid;
    p->x = x;
    p->task = x[TP];
    if (!lx_get(p->k, p->task, F_TASK_PID, &tid) ||
        !lx_get(p->k, p->task, F_TASK_TGID, &pid))
        return;
    p->pid = (u32)pid;
    p->tid = tid == pid ? 0 : (u32)tid;
    for (u32 i = p->ncalls; i--;) {
        const struct lx_call *c = &p->call[i];
        if (c->task == p->task && c->ra == pc && c->sp == x[SP] && !c->retried)
            leave(p, i);
    }
    for (unsigned row = 0; row < LX_PROBES; row++)
        if (p->entry[row] == pc)
            enter(p, (enum lx_probe)row);
}

/* ---- attaching, saved calls ----------------------------------------- */

static bool results_known(const struct linux_kernel *k)
{
    const s64 *v = k->layout.value;
    return v[V_FAULT_OOM] >= 0 && v[V_FAULT_SIGBUS] >= 0 &&
           v[V_FAULT_MAJOR] >= 0 && v[V_FAULT_SIGSEGV] >= 0 &&
           v[V_FAULT_RETRY] >= 0;
}

struct linux_probes *linux_probes_new(void)
{
    return xcalloc(1, sizeof(struct linux_probes));
}

void linux_probes_free(struct linux_probes *p)
{
    free(p);
}

void linux_probes_attach(struct linux_probes *p, struct linux_kernel *k,
                         const struct linux_watcher *w)
{
    p->k = k;
    p->watcher = *w;
    linux_probes_forget(p);
    for (unsigned i = 0; i < LX_PROBES; i++) {
        u64 va, pa;
        bool known = i != P_FAULT || results_known(k);
        p->entry[i] = 0;
        if (!known || !elf_symbol(k->symbols, lx_probes[i].function, &va) ||
            va & 1 || !lx_pa(k, va, &pa))
            continue;
        p->entry[i] = va;
        w->probe(w->opaque, va);
    }
}

void linux_probes_forget(struct linux_probes *p)
{
    p->ncalls = 0;
    p->lost = 0;
    p->refault = 0;
    for (unsigned i = 0; i < LX_BATCHES; i++)
        p->batch[i].n = 0;
}

void linux_probes_past(struct linux_probes *p, struct state *s)
{
    state_vals(s, p->lost, p->refault, p->ncalls);
    state_check(s, p->ncalls <= LX_CALLS, "calls of the kernel");
    if (!state_error(s))
        state_bytes(s, p->call, p->ncalls * sizeof *p->call);
    for (unsigned i = 0; i < LX_BATCHES && !state_error(s); i++) {
        state_vals(s, p->batch[i].n, p->batch[i].no_io, p->batch[i].any_use);
        state_check(s, p->batch[i].n <= LX_BATCH, "folios of a batch");
        if (!state_error(s))
            state_bytes(s, p->batch[i].at,
                        p->batch[i].n * sizeof *p->batch[i].at);
    }
}

bool linux_probes_untold(const struct linux_probes *p, unsigned i, char *buf,
                         size_t n)
{
    for (unsigned row = 0; row < LX_PROBES; row++)
        if (!p->entry[row] && !i--) {
            snprintf(buf, n, "not told: %s (this kernel has no function %s)",
                     lx_probes[row].events, lx_probes[row].function);
            return true;
        }
    if (!p->lost || i)
        return false;
    snprintf(buf, n, "not told: %llu calls (too many at once, or bad lists)",
             p->lost);
    return true;
}
