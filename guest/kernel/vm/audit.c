/* SPDX-License-Identifier: MIT */
/* The kernel audits itself, by counting again what it keeps counted:
 *   - every PTE: has a mapping that allows its rights; the references of each
 *     frame are the PTEs found; a page that a program can write is shared
 *     with nobody (unless the mapping is);
 *   - every page table: hangs in one place, counts its entries;
 *   - every address space: order and size of its mappings, resident pages;
 *   - the states: sums, the free lists, the page cache's hash. */
#include "proc/proc.h"
#include "vm/pte.h"
#include "vm/vm.h"

struct tally {
    u32 *ptes;           /* by pfn: user PTEs found */
    u64 tables;          /* page tables found */
    struct space *space; /* whose tables are being counted */
    u64 rss, rss_anon, rss_shmem;
    int errors;
};

static void complain(struct tally *t, const char *what, u64 who, u64 found,
                     u64 expected)
{
    if (t->errors++ < 8)
        kprintf("audit: %s %#lx: found %lu, the table says %lu\n", what, who,
                found, expected);
}

static void check_pte(struct tally *t, u64 va, u64 pte)
{
    struct vma *v = vma_find(t->space, va);
    struct page *page = pte_page(pte);
    bool shared = v && (v->lens.flags & VMA_SHARED);
    u64 rights = v ? pte_rights(v->lens.flags) : 0;
    if (v && !(v->lens.flags & (VMA_R | VMA_W | VMA_X)))
        rights = PTE_R; /* PROT_NONE, see protect_pages */
    t->ptes[page_pfn(page)]++;
    if (page != zero_page) {
        t->rss++;
        t->rss_anon += page_is_anon(page);
        t->rss_shmem += page->frame.state == FS_SHMEM;
    }
    if (!v)
        complain(t, "page without a mapping at", va, pte, 0);
    else if (pte & (PTE_U | PTE_R | PTE_W | PTE_X) & ~rights)
        complain(t, "rights of the page at", va, pte & 0x1f, rights);
    if ((pte & PTE_W) && !shared &&
        (page->frame.state != FS_ANON || page->frame.refs != 1))
        complain(t, "owners of the writable page at", va, (u64)page->frame.refs,
                 1);
    if (!page_is_anon(page) && page != zero_page &&
        (!v || page->object != v->object))
        complain(t, "page of another object at", va, page_pfn(page), 0);
}

static void count_table(struct tally *t, const u64 *table, unsigned level,
                        u64 va)
{
    unsigned n = level == 2 ? PTE_COUNT / 2 : PTE_COUNT, used = 0;
    for (unsigned i = 0; i < n; i++, va += 1ul << LEVEL_SHIFT(level)) {
        if (!(table[i] & PTE_V))
            continue;
        used++;
        struct page *page = pte_page(table[i]);
        if (!page)
            complain(t, "PTE without a frame", table[i], 0, 1);
        else if (level)
            count_table(t, page_va(page), level - 1, va);
        else
            check_pte(t, va, table[i]);
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

static void count_mappings(struct tally *t, struct space *s)
{
    u64 bytes = 0;
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

static void count_space(struct space *s, void *arg)
{
    struct tally *t = arg;
    u64 before = t->tables;
    if (!s->root)
        return;
    t->space = s;
    t->rss = t->rss_anon = t->rss_shmem = 0;
    count_mappings(t, s);
    count_table(t, s->root, 2, 0);
    if (t->tables - before != s->tables)
        complain(t, "tables of asid", s->asid, t->tables - before, s->tables);
    if (t->rss != s->rss || (s->owner && t->rss != s->owner->lens.rss))
        complain(t, "resident pages of asid", s->asid, t->rss, s->rss);
    if (t->rss_anon != s->rss_anon || t->rss_shmem != s->rss_shmem)
        complain(t, "anonymous or shared pages of asid", s->asid, t->rss_anon,
                 s->rss_anon);
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
        mapped += f->refs > 0 && page_is_cache(&frames[pfn]);
        kernel_tables += f->state == FS_PGTABLE && f->pins;
        if (f->refs < 0 || t->ptes[pfn] != (u32)f->refs)
            complain(t, "PTEs of frame", pfn, t->ptes[pfn], (u64)f->refs);
        if (f->state == FS_ANON && f->refs > 1)
            complain(t, "owners of anonymous frame", pfn, (u64)f->refs, 1);
        if (!object_audit(&frames[pfn]))
            complain(t, "frame not in the page cache's hash", pfn, 0, f->index);
    }
    for (unsigned s = 0; s < FS_COUNT; s++)
        if (states[s] != state_frames[s])
            complain(t, "frames in state", s, states[s], state_frames[s]);
    if (states[FS_FREE] != free_frames)
        complain(t, "free frames", 0, states[FS_FREE], free_frames);
    if (free_list_frames() != free_frames)
        complain(t, "frames on the free lists", 0, free_list_frames(),
                 free_frames);
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
