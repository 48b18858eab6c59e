/* SPDX-License-Identifier: MIT */
/* The kernel audits itself: the frame table against every page table, the
 * sums of states against the frames, the free lists against their count.
 * And the sums for meminfo, which come from the same table. */
#include "proc/proc.h"
#include "vm/pte.h"
#include "vm/vm.h"

struct tally {
    u32 *ptes;  /* by pfn: user PTEs found */
    u64 tables; /* page tables found */
    int errors;
};

static void complain(struct tally *t, const char *what, u64 who, u64 found,
                     u64 expected)
{
    if (t->errors++ < 8)
        kprintf("audit: %s %#lx: found %lu, the table says %lu\n", what, who,
                found, expected);
}

static void count_table(struct tally *t, const u64 *table, unsigned level)
{
    unsigned n = level == 2 ? PTE_COUNT / 2 : PTE_COUNT, used = 0;
    for (unsigned i = 0; i < n; i++) {
        if (!(table[i] & PTE_V))
            continue;
        used++;
        struct page *page = pte_page(table[i]);
        if (!page)
            complain(t, "PTE without a frame", table[i], 0, 1);
        else if (level)
            count_table(t, page_va(page), level - 1);
        else
            t->ptes[page_pfn(page)]++;
    }
    struct page *self = va_to_page(table);
    t->tables++;
    if (self->frame.state != FS_PGTABLE)
        complain(t, "page table in the wrong state, frame", page_pfn(self),
                 FS_PGTABLE, self->frame.state);
    if (self->table_used != used)
        complain(t, "entries of the page table in frame", page_pfn(self), used,
                 self->table_used);
}

static void count_space(struct space *s, void *arg)
{
    struct tally *t = arg;
    u64 before = t->tables, bytes = 0;
    if (!s->root)
        return;
    count_table(t, s->root, 2);
    if (t->tables - before != s->tables)
        complain(t, "tables of asid", s->asid, t->tables - before, s->tables);
    for (struct vma *v = s->vmas; v; v = vma_next(v)) {
        struct vma *next = vma_next(v);
        bytes += v->lens.end - v->lens.start;
        if (v->lens.start >= v->lens.end ||
            (next && next->lens.start < v->lens.end))
            complain(t, "mapping out of order at", v->lens.start, v->lens.end,
                     next ? next->lens.start : 0);
    }
    if (bytes != s->vsize)
        complain(t, "bytes mapped by asid", s->asid, bytes, s->vsize);
}

static void count_frames(struct tally *t)
{
    u64 states[FS_COUNT] = {0}, kernel_tables = 0, mapped = 0;
    for (u64 pfn = 0; pfn < nframes; pfn++) {
        const struct lens_frame *f = &frames[pfn].frame;
        if (f->state >= FS_COUNT) {
            complain(t, "state of frame", pfn, f->state, FS_COUNT - 1);
            continue;
        }
        states[f->state]++;
        mapped +=
            f->refs > 0 && (f->state == FS_FILE_CLEAN ||
                            f->state == FS_FILE_DIRTY || f->state == FS_SHMEM);
        kernel_tables += f->state == FS_PGTABLE && f->pins;
        if (f->refs < 0 || t->ptes[pfn] != (u32)f->refs)
            complain(t, "PTEs of frame", pfn, t->ptes[pfn], (u64)f->refs);
        if (f->state == FS_ANON && f->refs > 1)
            complain(t, "owners of anonymous frame", pfn, (u64)f->refs, 1);
    }
    for (unsigned s = 0; s < FS_COUNT; s++)
        if (states[s] != state_frames[s])
            complain(t, "frames in state", s, states[s], state_frames[s]);
    if (states[FS_FREE] != free_frames)
        complain(t, "free frames", 0, states[FS_FREE], free_frames);
    if (mapped != mapped_files)
        complain(t, "mapped pages of the cache", 0, mapped, mapped_files);
    if (t->tables + kernel_tables != states[FS_PGTABLE])
        complain(t, "page tables", 0, t->tables + kernel_tables,
                 states[FS_PGTABLE]);
}

int vm_audit(void)
{
    struct tally t = {.ptes = kzalloc(nframes * sizeof(u32))};
    if (!t.ptes)
        return -ENOMEM;
    for_each_space(count_space, &t);
    count_frames(&t);
    kfree(t.ptes);
    if (t.errors)
        kprintf("audit: %d errors\n", t.errors);
    return t.errors ? -EIO : 0;
}

static void count_commitment(struct space *s, void *arg)
{
    u64 *sum = arg;
    for (struct vma *v = s->vmas; v; v = vma_next(v))
        if ((v->lens.flags & VMA_W) &&
            (!(v->lens.flags & VMA_SHARED) || !v->file))
            *sum += (v->lens.end - v->lens.start) >> PAGE_SHIFT;
}

void vm_stats(struct vm_stats *st)
{
    memset(st, 0, sizeof *st);
    st->total = nframes - boot_frames;
    st->free = free_frames;
    st->mapped = mapped_files;
    st->anon = state_frames[FS_ANON] + state_frames[FS_COW];
    st->dirty = state_frames[FS_FILE_DIRTY];
    st->file = state_frames[FS_FILE_CLEAN] + st->dirty;
    st->shmem = state_frames[FS_SHMEM];
    st->pgtables = state_frames[FS_PGTABLE];
    st->kernel = state_frames[FS_KCODE] + state_frames[FS_KDATA];
    st->slab = slab_bytes() >> PAGE_SHIFT;
    st->kstack = proc_kstack_frames();
    for_each_space(count_commitment, &st->committed);
}

void space_view(struct space *s, u64 va, struct page_view *view)
{
    u64 *slot = s->root ? pte_find(s, va) : NULL;
    *view = (struct page_view){0};
    if (!slot || !(*slot & PTE_V))
        return;
    view->present = true;
    view->page = pte_page(*slot);
    view->zero = view->page == zero_page;
    view->writable = *slot & PTE_W;
    view->dirty = *slot & PTE_D;
    view->accessed = *slot & PTE_A;
}
