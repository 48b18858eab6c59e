/* SPDX-License-Identifier: MIT */
/* Reads processes and their mappings, and makes page walks. */
#include "inspect/internal.h"
#include "inspect/kernel.h"
#include "inspect/process.h"
#include "inspect/walk.h"

#include <stdio.h>
#include <stdlib.h>

/* Copies a guest's string of at most n bytes, with ? for what is no ASCII. */
static void clean_name(char *to, const char *from, size_t n)
{
    size_t i = 0;
    for (; i < n && from[i]; i++)
        to[i] = (u8)from[i] >= 0x20 && (u8)from[i] < 0x7f ? from[i] : '?';
    to[i] = 0;
}

/* Gives the process (id[0]) and the task (id[1]) on the hart; 0: none. */
static void on_hart(struct machine *m, u32 id[2])
{
    const struct lens_view *v = ins_lens(m);
    id[0] = id[1] = 0;
    if (v)
        machine_peek(m, v->info->current_pa, id, 2 * sizeof *id);
    else if (ins_xv6(m))
        id[0] = id[1] = xv6_current(ins_xv6(m));
    else if (ins_linux(m))
        id[1] = linux_current(ins_linux(m), &id[0]);
}

u32 ins_current_pid(struct machine *m)
{
    u32 id[2];
    on_hart(m, id);
    return id[0];
}

u32 ins_current_tid(struct machine *m)
{
    u32 id[2];
    on_hart(m, id);
    return id[1];
}

void ins_proc_fill(const struct lens_proc *p, u32 current, struct ins_proc *out)
{
    *out = (struct ins_proc){.pid = p->pid,
                             .ppid = p->ppid,
                             .tgid = p->tgid,
                             .state = p->state,
                             .asid = p->asid,
                             .satp = p->satp,
                             .min_flt = p->min_flt,
                             .maj_flt = p->maj_flt,
                             .ill_flt = p->ill_flt,
                             .rss = p->rss,
                             .vsize = p->vsize,
                             .current = p->pid == current && current};
    clean_name(out->name, p->name, sizeof p->name);
}

/* Reads the next row in use from *slot on, and moves *slot past it. */
static bool next_row(struct machine *m, u64 *slot, struct lens_proc *p)
{
    u64 slots = ins_nslots(m);
    while (*slot < slots)
        if (ins_kernel_proc(m, (*slot)++, p) && p->state != PS_UNUSED)
            return true;
    return false;
}

unsigned inspect_procs(struct machine *m, struct ins_proc *out, unsigned max)
{
    u32 current = ins_current_pid(m);
    struct lens_proc p;
    unsigned n = 0;
    for (u64 slot = 0; n < max && next_row(m, &slot, &p);)
        if (!ins_is_thread(&p))
            ins_proc_fill(&p, current, &out[n++]);
    for (u64 slot = 0; next_row(m, &slot, &p);)
        for (unsigned i = 0; ins_is_thread(&p) && i < n; i++)
            out[i].threads += out[i].pid == p.tgid;
    return n;
}

unsigned inspect_threads(struct machine *m, u32 pid, struct ins_proc *out,
                         unsigned max)
{
    u32 current = ins_current_tid(m);
    struct lens_proc p;
    unsigned n = 0;
    for (u64 slot = 0; n < max && next_row(m, &slot, &p);)
        if (ins_is_thread(&p) && p.tgid == pid)
            ins_proc_fill(&p, current, &out[n++]);
    return n;
}

static bool find_row(struct machine *m, u32 pid, struct lens_proc *p)
{
    for (u64 slot = 0; next_row(m, &slot, p);)
        if (p->pid == pid)
            return true;
    return false;
}

/* Finds a process's or thread's row; a thread gets its process's mappings. */
static bool find_process(struct machine *m, u32 pid, struct lens_proc *p)
{
    struct lens_proc whole;
    if (!find_row(m, pid, p))
        return false;
    if (ins_is_thread(p) && find_row(m, p->tgid, &whole))
        p->vmas = whole.vmas;
    return true;
}

u64 ins_page_va(struct machine *m, u32 pid, u64 index, u32 pfn, u64 told)
{
    struct lens_proc p;
    struct lens_vma v;
    u64 found = told;
    if (ins_linux(m) || ins_xv6(m) || !find_row(m, pid, &p) || !p.moved)
        return index << PAGE_SHIFT;
    u64 direct = ins_lens(m)->info->direct_va, row = p.vmas;
    for (unsigned n = 0; row && n < INS_VMAS_MAX; n++, row = v.next) {
        if (!machine_peek(m, row - direct, &v, sizeof v))
            break;
        u64 at = v.start + ((index - v.home) << PAGE_SHIFT), pa;
        if (index < v.home || at >= v.end)
            continue;
        if (ins_va_to_pa(m, p.satp, at, &pa) &&
            (pa - RAM_BASE) >> PAGE_SHIFT == pfn)
            return at;
        found = found ? found : at; /* in swap, or not mapped yet */
    }
    return found;
}

bool inspect_proc(struct machine *m, u32 pid, struct ins_proc *out)
{
    struct lens_proc p;
    if (!find_process(m, pid, &p))
        return false;
    ins_proc_fill(&p, ins_current_pid(m), out);
    return true;
}

u32 inspect_process_of(struct machine *m, u32 id)
{
    struct lens_proc p;
    return find_row(m, id, &p) ? p.tgid : id;
}

/* ---- mappings ----------------------------------------------------------- */

/* Counts the resident pages of mappings; both the mappings and the visited
 * leaves are in order of address. */
struct census {
    struct machine *m;
    struct ins_vma *vma;
    unsigned n, at;
};

static void count_leaf(void *opaque, const struct ins_leaf *l)
{
    struct census *c = opaque;
    struct lens_frame f;
    while (c->at < c->n && l->va >= c->vma[c->at].end)
        c->at++;
    if (c->at == c->n || l->va < c->vma[c->at].start)
        return;
    struct ins_vma *v = &c->vma[c->at];
    if (l->pa < RAM_BASE)
        return;
    /* A leaf's frames may differ: others have split theirs, and copied pages */
    u64 pfn = (l->pa - RAM_BASE) >> PAGE_SHIFT, end = pfn + (1 << 9 * l->level);
    for (; pfn < end && ins_kernel_frame(c->m, pfn, &f); pfn++) {
        if (!ins_resident(f.state))
            continue;
        v->resident++;
        v->anon +=
            f.state == FS_ANON || f.state == FS_COW || f.state == FS_SWAPCACHE;
        v->shared += f.refs > 1;
    }
}

static void read_string(struct machine *m, u64 pa, char *to, size_t n)
{
    char raw[64] = "";
    for (size_t i = 0; i + 1 < n && i < sizeof raw - 1; i++)
        if (!machine_peek(m, pa + i, &raw[i], 1) || !raw[i])
            break;
    raw[sizeof raw - 1] = 0;
    clean_name(to, raw, n - 1);
}

/* Reads the kernel's row at *va, moves *va to the next. False: not in RAM. */
static bool read_vma(struct machine *m, u64 *va, struct ins_vma *out)
{
    u64 direct = ins_lens(m)->info->direct_va;
    struct lens_vma v;
    if (!machine_peek(m, *va - direct, &v, sizeof v))
        return false;
    *out = (struct ins_vma){.start = v.start,
                            .end = v.end,
                            .offset = v.offset,
                            .inode = v.inode,
                            .disk = v.dev >> 20 == LENS_DEV_DISK(0) >> 20
                                        ? (v.dev & 0xfffff) >> 4
                                        : ~0u,
                            .flags = v.flags};
    if (v.name)
        read_string(m, v.name - direct, out->name, sizeof out->name);
    *va = v.next;
    return true;
}

/* Lists the mappings of a process of Linux, or of xv6 (from its page table);
 * names that are too long are cut. */
static unsigned unmodified_mappings(struct machine *m, u64 vmas,
                                    struct ins_vma *out, unsigned max)
{
    struct kernel_vma *v = xcalloc(max ? max : 1, sizeof *v);
    unsigned n = ins_xv6(m) ? xv6_vmas(ins_xv6(m), vmas, v, max)
                            : linux_vmas(ins_linux(m), vmas, v, max);
    for (unsigned i = 0; i < n; i++) {
        out[i] = (struct ins_vma){.start = v[i].is.start,
                                  .end = v[i].is.end,
                                  .offset = v[i].is.offset,
                                  .inode = v[i].is.inode,
                                  .flags = v[i].is.flags};
        snprintf(out[i].name, sizeof out[i].name, "%s", v[i].name);
    }
    free(v);
    return n;
}

static bool unmodified_vma_at(struct machine *m, u64 vmas, u64 va,
                              struct ins_vma *out)
{
    struct ins_vma *v = xcalloc(INS_VMAS_MAX, sizeof *v);
    unsigned n = unmodified_mappings(m, vmas, v, INS_VMAS_MAX), i = 0;
    while (i < n && (va < v[i].start || va >= v[i].end))
        i++;
    if (i < n)
        *out = v[i];
    free(v);
    return i < n;
}

bool inspect_vma_at(struct machine *m, u32 pid, u64 va, struct ins_vma *out)
{
    struct lens_proc p;
    if (!inspect_tables_known(m) || !find_process(m, pid, &p))
        return false;
    if (!ins_lens(m))
        return unmodified_vma_at(m, p.vmas, va, out);
    u64 row = p.vmas;
    for (unsigned n = 0; row && n < INS_VMAS_MAX; n++) {
        if (!read_vma(m, &row, out))
            return false;
        if (va >= out->start && va < out->end)
            return true;
    }
    return false;
}

unsigned ins_vma_list(struct machine *m, u64 vmas, struct ins_vma *out,
                      unsigned max)
{
    unsigned n = 0;
    if (ins_linux(m) || ins_xv6(m))
        return unmodified_mappings(m, vmas, out, max);
    for (u64 va = vmas; va && n < max; n++)
        if (!read_vma(m, &va, &out[n]))
            break;
    return n;
}

unsigned inspect_vma_rows(struct machine *m, u32 pid, struct ins_vma *out,
                          unsigned max)
{
    struct lens_proc p;
    return inspect_tables_known(m) && find_process(m, pid, &p)
               ? ins_vma_list(m, p.vmas, out, max)
               : 0;
}

unsigned inspect_vmas(struct machine *m, u32 pid, struct ins_vma *out,
                      unsigned max)
{
    struct lens_proc p;
    unsigned n = inspect_vma_rows(m, pid, out, max);
    if (!n || !find_process(m, pid, &p))
        return 0;
    struct census c = {m, out, n, 0};
    struct tree_visit t = {NULL, count_leaf, &c, ins_nframes(m), NULL};
    if (p.satp)
        ins_tree(m, p.satp, TREE_USER_FIRST, TREE_USER_LAST, &t);
    return n;
}

/* ---- walks -------------------------------------------------------------- */

static bool peek_pte(void *opaque, u64 pa, u64 *pte)
{
    return machine_peek(opaque, pa, pte, sizeof *pte);
}

static bool translating(const struct hart *h)
{
    return SATP_MODE(h->satp) == SATP_MODE_SV39 && hart_data_priv(h) != PRV_M;
}

bool ins_va_to_pa(struct machine *m, u64 satp, u64 va, u64 *pa)
{
    struct mmu_ctx ctx = {.satp = satp,
                          .priv = PRV_S,
                          .sum = true,
                          .mxr = true,
                          .hw_ad = true,
                          .napot = hart_has(&m->hart, EXT_SVNAPOT),
                          .pbmt = hart_pbmt(&m->hart)};
    struct walk w;
    if (SATP_MODE(satp) != SATP_MODE_SV39)
        return false;
    mmu_probe(&ctx, va, ACC_LOAD, peek_pte, m, &w);
    if (w.phase != WALK_FILLED)
        return false;
    *pa = tlb_pa(&w.filled, va);
    return true;
}

bool inspect_va_to_pa(struct machine *m, u64 va, u64 *pa)
{
    *pa = va;
    return !translating(&m->hart) || ins_va_to_pa(m, m->hart.satp, va, pa);
}

bool inspect_read_va(struct machine *m, u64 va, void *p, size_t n)
{
    u8 *to = p;
    while (n) {
        u64 pa;
        size_t part = PAGE_BYTES - va % PAGE_BYTES;
        if (part > n)
            part = n;
        if (!inspect_va_to_pa(m, va, &pa) || !machine_peek(m, pa, to, part))
            return false;
        va += part;
        to += part;
        n -= part;
    }
    return true;
}

bool inspect_walk(struct machine *m, u64 va, u32 pid, enum access access,
                  struct walk *out, u64 *pa)
{
    const struct hart *h = &m->hart;
    struct mmu_ctx ctx = {.satp = h->satp,
                          .sum = h->mstatus & MSTATUS_SUM,
                          .mxr = h->mstatus & MSTATUS_MXR,
                          .hw_ad = hart_hw_ad(h),
                          .napot = hart_has(h, EXT_SVNAPOT),
                          .pbmt = hart_pbmt(h)};
    struct lens_proc p;
    memset(out, 0, sizeof *out);
    if (pid) {
        if (!find_process(m, pid, &p))
            return false;
        ctx.satp = p.satp;
        ctx.priv = (s64)va < 0 ? PRV_S : PRV_U;
    } else {
        ctx.priv = access == ACC_FETCH ? h->priv : hart_data_priv(h);
        if (ctx.priv == PRV_M)
            ctx.priv = PRV_S;
    }
    if (SATP_MODE(ctx.satp) != SATP_MODE_SV39)
        return false;
    mmu_probe(&ctx, va, access, peek_pte, m, out);
    *pa = out->phase != WALK_FILLED ? 0 : tlb_pa(&out->filled, va);
    return true;
}

bool inspect_leaves(struct machine *m, u32 pid,
                    void (*fn)(void *, const struct ins_leaf *), void *opaque)
{
    struct tree_visit v = {NULL, fn, opaque, ins_nframes(m), NULL};
    struct lens_proc p = {.satp = m->hart.satp};
    if (pid && !find_process(m, pid, &p))
        return false;
    return ins_tree(m, p.satp, TREE_USER_FIRST, TREE_KERNEL_LAST, &v);
}

/* ---- pages in swap ------------------------------------------------------ */

struct swapped {
    struct machine *m;
    void (*fn)(void *, const struct ins_out *);
    void *opaque;
    u32 pid;
    u64 budget;
};

static void report_swapped(void *opaque, u64 va, u64 pte)
{
    struct swapped *o = opaque;
    u32 slot = inspect_pte_slot(o->m, pte);
    if (slot != INS_NO_SLOT)
        o->fn(o->opaque, &(struct ins_out){o->pid, va, slot});
}

static void swapped_of(void *opaque, const struct lens_proc *p)
{
    struct swapped *o = opaque;
    struct tree_visit v = {
        .opaque = o, .budget = o->budget, .absent = report_swapped};
    o->pid = p->pid;
    ins_tree(o->m, p->satp, TREE_USER_FIRST, TREE_USER_LAST, &v);
    o->budget = v.budget;
}

void inspect_swapped(struct machine *m,
                     void (*fn)(void *, const struct ins_out *), void *opaque)
{
    struct swapped o = {m, fn, opaque, 0, ins_table_budget(m)};
    if (inspect_tables_known(m))
        ins_spaces(m, swapped_of, &o);
}

u32 inspect_page_slot(struct machine *m, u32 pid, u64 va)
{
    struct walk w;
    u64 pa, pte = 0;
    if (!pid || !inspect_walk(m, va, pid, ACC_LOAD, &w, &pa) ||
        w.phase == WALK_FILLED)
        return INS_NO_SLOT;
    for (unsigned i = 0; i < w.nsteps; i++)
        if (w.steps[i].pte_pa)
            pte = w.steps[i].pte;
    return pte & PTE_V ? INS_NO_SLOT : inspect_pte_slot(m, pte);
}

bool inspect_page_frame(struct machine *m, u32 pid, u64 va, u32 *pfn)
{
    struct lens_proc p;
    u64 pa;
    if (!find_process(m, pid, &p) || !ins_va_to_pa(m, p.satp, va, &pa) ||
        pa < RAM_BASE || (pa - RAM_BASE) >> PAGE_SHIFT >= ins_nframes(m))
        return false;
    *pfn = (u32)((pa - RAM_BASE) >> PAGE_SHIFT);
    return true;
}

struct named {
    u32 slot;
    bool found;
};

static void match_slot(void *opaque, const struct ins_out *o)
{
    struct named *n = opaque;
    n->found |= o->slot == n->slot;
}

bool inspect_slot_named(struct machine *m, u64 pfn)
{
    struct named n = {ins_frame_slot(m, pfn), false};
    if (n.slot != INS_NO_SLOT)
        inspect_swapped(m, match_slot, &n);
    return n.found;
}
