/* SPDX-License-Identifier: MIT */
/* Reads proc[], the hart's process, and mappings (kernel/proc.c, exec.c). */
#include "xv6/internal.h"

#include <stdio.h>

#define STACK_PAGES 1            /* USERSTACK (kernel/param.h) has no symbol */
#define MAXVA       (1ull << 38) /* kernel/riscv.h */

u64 x6_proc(const struct xv6_kernel *k, u64 slot)
{
    return x6_element(k->layout.symbol[XS_PROC], k->layout.field[XF_PROCS],
                      slot);
}

u64 x6_root(const struct xv6_kernel *k, u64 slot)
{
    u64 root;
    x6_get(k, x6_proc(k, slot), XF_PROC_TABLE, &root);
    return root % PAGE_BYTES == 0 && x6_ram(k, root, PAGE_BYTES) ? root : 0;
}

static u32 pid_at(const struct xv6_kernel *k, u64 pa)
{
    struct xv6_member all = k->layout.field[XF_PROCS];
    u64 from = k->layout.symbol[XS_PROC], pid;
    if (pa < from || (pa - from) % all.each ||
        (pa - from) / all.each >= all.count)
        return 0;
    x6_get(k, pa, XF_PROC_PID, &pid);
    return (u32)pid;
}

u32 x6_pid(const struct xv6_kernel *k, u64 slot)
{
    for (unsigned i = 0; i < k->ntasks; i++)
        if (k->slot[i] == slot)
            return k->task[i].pid;
    return 0;
}

/* True for a channel in bcache: the process waits for a buffer or the disk. */
static bool in_bcache(const struct xv6_kernel *k, u64 pa)
{
    u64 from = k->layout.symbol[XS_BCACHE];
    return pa >= from && pa - from < k->layout.field[XF_CACHE].size;
}

static bool one(const struct xv6_kernel *k, u64 slot, struct lens_proc *p)
{
    struct xv6_member name = k->layout.field[XF_PROC_NAME];
    u64 at = x6_proc(k, slot), state, pid, parent, chan, sz;
    const u8 *text = x6_ram(k, at + name.at, name.size);
    *p = (struct lens_proc){.state = PS_UNUSED};
    if (!x6_get(k, at, XF_PROC_STATE, &state) || state >= XV6_STATES ||
        !x6_get(k, at, XF_PROC_PID, &pid) || !pid || !text)
        return false;
    x6_get(k, at, XF_PROC_PARENT, &parent);
    x6_get(k, at, XF_PROC_CHAN, &chan);
    x6_get(k, at, XF_PROC_SZ, &sz);
    p->state = k->layout.state[state];
    if (p->state == PS_SLEEPING && in_bcache(k, chan))
        p->state = PS_DISK;
    p->pid = p->tgid = (u32)pid;
    p->ppid = pid_at(k, parent);
    p->vsize = sz;
    p->vmas = slot + 1;
    u64 root = x6_root(k, slot);
    p->satp = root ? SATP_SV39 | root >> PAGE_SHIFT : 0;
    memcpy(p->name, text,
           name.size < sizeof p->name ? name.size : sizeof p->name);
    return p->state != PS_UNUSED;
}

void x6_tasks_read(struct xv6_kernel *k)
{
    k->ntasks = 0;
    for (u64 i = 0; i < k->layout.field[XF_PROCS].count; i++)
        if (one(k, i, &k->task[k->ntasks]))
            k->slot[k->ntasks++] = i;
}

unsigned xv6_tasks(struct xv6_kernel *k, const struct lens_proc **rows)
{
    x6_census(k); /* computes rss */
    *rows = k->task;
    return k->ntasks;
}

u32 xv6_current(struct xv6_kernel *k)
{
    u64 proc;
    x6_get(k, k->layout.symbol[XS_CPUS], XF_CPU_PROC, &proc);
    return pid_at(k, proc);
}

struct runs {
    struct xv6_kernel *k;
    struct kernel_vma *out;
    unsigned n, max;
    u64 sz, trapframe;
    u64 guards; /* pages still to come that belong to the stack */
    bool heap;  /* the guard was seen: pages after the stack are heap */
};

static void add(struct runs *r, u64 from, u64 to, u32 flags, const char *name)
{
    struct kernel_vma *last = r->n ? &r->out[r->n - 1] : NULL;
    if (last && last->is.end == from && last->is.flags == flags &&
        !strcmp(last->name, name)) {
        last->is.end = to;
    } else if (r->n < r->max && from < to) {
        last = &r->out[r->n++];
        *last = (struct kernel_vma){
            .is = {.start = from, .end = to, .flags = flags}};
        snprintf(last->name, sizeof last->name, "%s", name);
    }
}

/* Adds a gap below p->sz to the heap: memory granted by sbrk that has no PTE
 * yet (sbrklazy). */
static void hole(struct runs *r, u64 to)
{
    u64 from = r->n ? r->out[r->n - 1].is.end : 0;
    if (from < to)
        add(r, from, to, VMA_R | VMA_W | VMA_HEAP, "");
}

static void add_leaf(void *opaque, u64 va, u64 pte, u64 pages)
{
    struct runs *r = opaque;
    u64 pa = PTE_PPN(pte) << PAGE_SHIFT, to = va + (pages << PAGE_SHIFT);
    u32 flags = !(pte & PTE_U)
                    ? 0
                    : (pte & PTE_R ? VMA_R : 0) | (pte & PTE_W ? VMA_W : 0) |
                          (pte & PTE_X ? VMA_X : 0);
    const char *name = "";
    if (va >= r->sz) {
        hole(r, r->sz);
        if (pa == r->trapframe)
            name = "trapframe";
        else if (pa == (r->k->layout.symbol[XS_TRAMPOLINE] & ~(PAGE_BYTES - 1)))
            name = "trampoline";
    } else if (hole(r, va), !flags) {
        name = "guard";
        r->guards = STACK_PAGES;
        r->heap = true;
    } else if (r->guards) {
        flags |= VMA_STACK;
        r->guards--;
    } else if (r->heap) {
        flags |= VMA_HEAP;
    }
    add(r, va, to, flags, name);
}

unsigned xv6_vmas(struct xv6_kernel *k, u64 handle, struct kernel_vma *out,
                  unsigned max)
{
    u64 slot = handle - 1, at = x6_proc(k, slot), root;
    struct runs r = {.k = k, .out = out, .max = max};
    struct x6_visit v = {NULL, add_leaf, &r, k->nframes};
    if (slot >= k->layout.field[XF_PROCS].count || !(root = x6_root(k, slot)))
        return 0;
    x6_get(k, at, XF_PROC_SZ, &r.sz);
    x6_get(k, at, XF_PROC_TRAPFRAME, &r.trapframe);
    r.sz = r.sz > MAXVA ? MAXVA : r.sz;
    r.sz = (r.sz + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
    x6_tree(k, root, &v);
    if (!r.n || r.out[r.n - 1].is.end < r.sz)
        hole(&r, r.sz);
    return r.n;
}
