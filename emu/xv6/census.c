/* SPDX-License-Identifier: MIT */
/* Finds the use of each frame. xv6 has no frame table, so a frame's use follows
 * from the list or table that leads to it: kmem.freelist (kernel/kalloc.c), the
 * page tables (vm.c), proc[] (proc.c), bcache (bio.c). */
#include "xv6/internal.h"

static struct xv6_frame *frame(struct xv6_kernel *k, u64 pa)
{
    u64 pfn = x6_pfn(k, pa);
    return pfn >= k->first && pfn < k->last ? &k->frame[pfn] : NULL;
}

/* Marks a frame as the kernel's, unless it already has another use. */
static void is_kernels(struct xv6_frame *f, u8 state, u8 kind, u32 owner)
{
    if (!f || f->kind != XV6_ALLOCATED)
        return;
    f->is.state = state;
    f->is.owner = owner;
    f->kind = kind;
}

/* ---- the image ---------------------------------------------------------- */

static void image(struct xv6_kernel *k)
{
    u64 code = x6_pfn(k, k->layout.symbol[XS_ETEXT]);
    for (u64 i = 0; i < k->nframes; i++) {
        struct xv6_frame *f = &k->frame[i];
        *f = (struct xv6_frame){.is.state = FS_KDATA};
        f->kind = i < k->first  ? XV6_IMAGE
                  : i < k->last ? XV6_ALLOCATED
                                : XV6_BEYOND;
        if (i < k->first && i < code)
            f->is.state = FS_KCODE;
    }
}

static void buffers(struct xv6_kernel *k)
{
    struct xv6_member all = k->layout.field[XF_BUFS];
    u64 cache = k->layout.symbol[XS_BCACHE];
    for (u64 i = 0; i < all.count; i++) {
        u64 at = x6_element(cache, all, i), valid, refs;
        if (!x6_ram(k, at, all.each) || !x6_get(k, at, XF_BUF_VALID, &valid) ||
            !x6_get(k, at, XF_BUF_REFS, &refs))
            return;
        k->counter[XC_BUFS]++;
        k->counter[XC_BUFS_VALID] += valid != 0;
        k->counter[XC_BUFS_HELD] += refs != 0;
        u64 last = x6_pfn(k, at + all.each - 1);
        for (u64 pfn = x6_pfn(k, at); pfn <= last && pfn < k->first; pfn++)
            k->frame[pfn].kind = XV6_BCACHE;
    }
}

bool xv6_frame_name(struct xv6_kernel *k, u64 pfn, char *buf, size_t n)
{
    struct xv6_member all = k->layout.field[XF_BUFS];
    u64 cache = k->layout.symbol[XS_BCACHE], valid, block;
    size_t at = 0;
    *buf = 0;
    if (pfn >= k->nframes || xv6_frames(k)[pfn].kind != XV6_BCACHE)
        return false;
    for (u64 i = 0; i < all.count; i++) {
        u64 pa = x6_element(cache, all, i);
        if (x6_pfn(k, pa) <= pfn && x6_pfn(k, pa + all.each - 1) >= pfn &&
            x6_get(k, pa, XF_BUF_VALID, &valid) && valid &&
            x6_get(k, pa, XF_BUF_BLOCK, &block))
            at = append(buf, n, at, at ? " %u" : "blocks %u", (u32)block);
    }
    return at > 0;
}

/* ---- page tables -------------------------------------------------------- */

struct space {
    struct xv6_kernel *k;
    struct lens_proc *p; /* NULL: the kernel's */
    u64 trapframe;
};

static void mark_table(void *opaque, u64 pa)
{
    struct space *s = opaque;
    is_kernels(frame(s->k, pa), FS_PGTABLE, XV6_TABLE, s->p ? s->p->pid : 0);
}

static void user_page(struct space *s, struct xv6_frame *f, u64 va, u64 pte)
{
    bool is_user = f->is.state == FS_ANON || f->is.state == FS_COW;
    if (!is_user && f->kind != XV6_ALLOCATED)
        return;
    f->is.state = f->is.refs > 1 ? FS_COW : FS_ANON;
    f->kind = pte & PTE_U ? XV6_PLAIN : XV6_GUARD;
    if (is_user)
        return;
    f->is.owner = s->p->pid;
    f->is.index = va >> PAGE_SHIFT;
}

static void count_user_leaf(void *opaque, u64 va, u64 pte, u64 pages)
{
    struct space *s = opaque;
    u64 pa = PTE_PPN(pte) << PAGE_SHIFT;
    for (u64 i = 0; i < pages; i++, pa += PAGE_BYTES, va += PAGE_BYTES) {
        u64 pfn = x6_pfn(s->k, pa);
        struct xv6_frame *f = frame(s->k, pa);
        if (pfn == s->k->nframes)
            return;
        s->k->frame[pfn].is.refs++; /* of the trampoline's frame, too */
        if (f && pa == s->trapframe)
            is_kernels(f, FS_KDATA, XV6_TRAPFRAME, s->p->pid);
        else if (f)
            user_page(s, f, va, pte);
        s->p->rss += va < s->p->vsize;
    }
}

/* Marks the kernel stacks: each slot of proc[] has one, in use or not. */
static void stacks(struct xv6_kernel *k)
{
    u64 kstack, pa;
    for (u64 i = 0; i < k->layout.field[XF_PROCS].count; i++)
        if (x6_get(k, x6_proc(k, i), XF_PROC_KSTACK, &kstack) &&
            x6_walk(k, k->root, kstack, &pa))
            is_kernels(frame(k, pa), FS_KDATA, XV6_STACK, x6_pid(k, i));
}

static void spaces(struct xv6_kernel *k)
{
    struct space s = {.k = k};
    struct x6_visit v = {mark_table, NULL, &s, k->nframes};
    x6_tree(k, k->root, &v);
    stacks(k);
    v.leaf = count_user_leaf;
    for (unsigned i = 0; i < k->ntasks; i++) {
        s.p = &k->task[i];
        x6_get(k, x6_proc(k, k->slot[i]), XF_PROC_TRAPFRAME, &s.trapframe);
        if (s.p->satp)
            x6_tree(k, x6_root(k, k->slot[i]), &v);
        /* for a trapframe that is not in the page table (yet) */
        is_kernels(frame(k, s.trapframe), FS_KDATA, XV6_TRAPFRAME, s.p->pid);
    }
}

/* ---- free frames -------------------------------------------------------- */

/* Runs after all marks and overrides them: a frame on the list is free. */
static void free_frames(struct xv6_kernel *k)
{
    u64 at, n = 0;
    k->list_sound = x6_get(k, k->layout.symbol[XS_KMEM], XF_FREELIST, &at);
    while (k->list_sound && at) {
        struct xv6_frame *f = at % PAGE_BYTES ? NULL : frame(k, at);
        if (!f || f->is.state == FS_FREE) { /* FS_FREE: a circular list */
            k->list_sound = false;
            break;
        }
        f->is.state = FS_FREE;
        f->is.order = 1; /* one frame */
        f->is.owner = 0;
        f->is.index = 0;
        f->kind = XV6_PLAIN;
        n++;
        x6_get(k, at, XF_RUN_NEXT, &at);
    }
    k->counter[XC_FREE] = n;
}

/* ---- all frames --------------------------------------------------------- */

static void sums(struct xv6_kernel *k)
{
    memset(k->count, 0, sizeof k->count);
    for (u64 i = 0; i < k->nframes; i++) {
        const struct xv6_frame *f = &k->frame[i];
        bool user = f->is.state == FS_ANON || f->is.state == FS_COW;
        k->count[f->is.state]++;
        k->counter[XC_TABLES] += f->kind == XV6_TABLE;
        k->counter[XC_STACKS] += f->kind == XV6_STACK;
        k->counter[XC_TRAPFRAMES] += f->kind == XV6_TRAPFRAME;
        k->counter[XC_OTHER] += f->kind == XV6_ALLOCATED;
        k->counter[XC_USER] += user;
        k->counter[XC_SHARED] += user && f->is.refs > 1;
    }
    k->counter[XC_PROCS] = k->ntasks;
    k->counter[XC_ALLOCATED] = k->last - k->first - k->counter[XC_FREE];
}

void x6_census(struct xv6_kernel *k)
{
    if (k->counted)
        return;
    k->counted = true;
    memset(k->counter, 0, sizeof k->counter);
    x6_tasks_read(k);
    image(k);
    buffers(k);
    spaces(k);
    free_frames(k);
    sums(k);
}

const struct xv6_frame *xv6_frames(struct xv6_kernel *k)
{
    x6_census(k);
    return k->frame;
}

const u64 *xv6_counts(struct xv6_kernel *k)
{
    x6_census(k);
    return k->count;
}

const char *xv6_counter_nth(struct xv6_kernel *k, unsigned i, u64 *value,
                            bool *known)
{
    static const char *const names[XV6_COUNTERS] = {
#define COUNTER(id, name) name,
#include "xv6/counters.def"
    };
    if (i >= XV6_COUNTERS)
        return NULL;
    x6_census(k);
    *value = k->counter[i];
    *known =
        k->list_sound || (i != XC_FREE && i != XC_ALLOCATED && i != XC_OTHER);
    return names[i];
}
