/* SPDX-License-Identifier: MIT */
/* The self-check: the kernel counts its own figures again and compares.
 *   - every PTE: has a mapping that allows its rights; each frame has as many
 *     references as PTEs were found; a page that a program can write has one
 *     owner (unless its mapping is shared); one that it can execute has seen a
 *     fence.i;
 *   - every page table: linked from one place, its count of entries right;
 *   - every address space: order and size of its mappings, their tree, their
 *     place among those of their object, resident pages;
 *   - the states: sums, the free lists, the page cache's hash;
 *   - swap: a slot's use count is the number of entries and transfers that hold
 *     it; pages of the swap cache have a slot and are found by it; the map says
 *     of which slots the page is in memory, in the cache or in its object;
 *   - tmpfs: its count of pages is those in memory plus those only in swap;
 *   - the reverse map: it finds all PTEs of every frame;
 *   - mlock: a frame is locked if, and only if, a locked mapping maps it;
 *   - the policy has been told of every page that it could evict, and of no
 *     other; its lists: every frame is on one at most, lengths and flags agree.
 * The audit does not yield, so that sums over all of memory can agree: no other
 * process runs for some 300 cycles a frame (2.4 ms for 32 MiB, half of it in
 * use; 10 ms for 128 MiB). It is for tests, and for root. */
#include "task/proc.h"
#include "vm/pte.h"
#include "vm/rmap.h"
#include "vm/seam.h"
#include "vm/shmem.h"
#include "vm/swap.h"
#include "vm/vm.h"

struct tally {
    struct pieces ptes;  /* by pfn, u32: user PTEs found */
    struct pieces slots; /* by slot, u32: entries found that name it */
    u64 owned;           /* slots whose page is in the object that owns them */

    u64 tables;          /* page tables found */
    struct space *space; /* being counted */
    u64 rss, rss_anon, rss_shmem, swapped, huge;
    u64 leaves; /* of 2 MiB, of all spaces */
    int errors;
};

static void complain(struct tally *t, const char *what, u64 who, u64 found,
                     u64 expected)
{
    if (t->errors++ < 8)
        kprintf("audit: %s %#lx: found %lu, the table says %lu\n", what, who,
                found, expected);
}

static void numbers_clear(struct pieces *p)
{
    for (u64 i = 0; i < p->n; i++)
        memset(p->at[i], 0, PAGE_SIZE);
}

static u32 *number(const struct pieces *p, u64 i)
{
    return piece_at(p, i * sizeof(u32));
}

static void count_slot(u32 slot, void *arg)
{
    struct tally *t = arg;
    u64 at = slot_number(slot);
    if (at < t->slots.n * (PAGE_SIZE / sizeof(u32)))
        ++*number(&t->slots, at);
    else
        complain(t, "slot that does not exist", slot, at, 0);
}

static void check_swap_pte(struct tally *t, u64 va, u64 pte)
{
    t->swapped++;
    count_slot(pte_slot(pte), t);
    const struct vma *v = vma_find(t->space, va);
    if (!v || !v->merge_group)
        complain(t, "swapped page without a mapping that had it at", va, pte,
                 0);
}

static void check_pte(struct tally *t, u64 va, u64 pte)
{
    struct vma *v = vma_find(t->space, va);
    struct page *page = pte_page(pte);
    bool shared = v && (v->lens.flags & VMA_SHARED);
    u64 rights = v ? pte_rights(v->lens.flags) : 0;
    if (v && !(v->lens.flags & (VMA_R | VMA_W | VMA_X)))
        rights = PTE_R; /* PROT_NONE, see protect_pages */
    ++*number(&t->ptes, page_pfn(page));
    if (page != zero_page) {
        t->rss++;
        t->rss_anon += page_is_anon(page);
        t->rss_shmem += page->frame.state == FS_SHMEM;
    }
    if (!v)
        complain(t, "page without a mapping at", va, pte, 0);
    else if (pte & (PTE_U | PTE_R | PTE_W | PTE_X) & ~rights)
        complain(t, "rights of the page at", va,
                 pte & (PTE_V | PTE_R | PTE_W | PTE_X | PTE_U), rights);
    if (v && page_is_anon(page) && !v->merge_group)
        complain(t, "private page in a mapping that never had one at", va, pte,
                 0);
    if ((pte & PTE_X) && !(page->frame.spare & PAGE_FENCED))
        complain(t, "executable page without a fence.i at", va, pte, 0);
    if ((pte & PTE_W) && !shared &&
        (page->frame.state != FS_ANON || page->frame.refs != 1))
        complain(t, "owners of the writable page at", va, (u64)page->frame.refs,
                 1);
    if ((pte & PTE_W) && shared && !page_is_dirty(page))
        complain(t, "clean page of a file that can be written at", va, pte, 0);
    if (v && (v->attrs & ATTR_LOCKED) && page != zero_page &&
        !(page->frame.flags & FRAME_F_LOCKED))
        complain(t, "locked mapping, page that is not at", va, 0, 1);
    if (!page_is_anon(page) && page != zero_page &&
        (!v || page->object != v->object))
        complain(t, "page of another object at", va, page_pfn(page), 0);
}

/* True if the entry maps the device page that belongs at va in its mapping. */
static bool device_pte(struct space *s, u64 va, u64 pte)
{
    const struct vma *v = vma_find(s, va);
    return v && (v->lens.flags & VMA_DEVICE) &&
           pte_pa(pte) == v->lens.offset + (va - v->lens.start);
}

/* Counts a leaf of 2 MiB and checks each frame as if an entry mapped it. */
static void count_huge(struct tally *t, u64 va, u64 pte)
{
    u64 pfn = page_pfn(pte_page(pte)), end = va + HUGE_SIZE;
    t->huge++;
    if (pfn % PTE_COUNT)
        complain(t, "misaligned leaf of 2 MiB at", va, pfn, 0);
    for (; va < end; va += PAGE_SIZE)
        check_pte(t, va, pte_small(pte, va));
}

static void count_table(struct tally *t, const u64 *table, unsigned level,
                        u64 va)
{
    unsigned n = level == 2 ? PTE_COUNT / 2 : PTE_COUNT, used = 0;
    for (unsigned i = 0; i < n; i++, va += 1ul << LEVEL_SHIFT(level)) {
        if (!table[i])
            continue;
        used++;
        if (level == 0 && pte_is_swap(table[i])) {
            check_swap_pte(t, va, table[i]);
            continue;
        }
        struct page *page = pte_page(table[i]);
        if (!page && !level && device_pte(t->space, va, table[i]))
            continue;
        if (!page)
            complain(t, "PTE without a frame", table[i], 0, 1);
        else if (level == 1 && pte_is_huge(table[i]))
            count_huge(t, va, table[i]);
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
    u64 bytes = 0, locked = 0, end = USER_MIN;
    for (struct vma *v = s->vmas; v; end = v->lens.end, v = vma_next(v)) {
        struct vma *next = vma_next(v);
        if (vmtree_after(s, v->lens.start) != v ||
            v->tree.gap != vma_room(v, end) || v->tree.max_gap < v->tree.gap)
            complain(t, "place in the tree of the mapping at", v->lens.start,
                     v->tree.gap, vma_room(v, end));
        if (s->users && (v->space != s || list_empty(&v->sharer) != !v->object))
            complain(t, "place among the object's of the mapping at",
                     v->lens.start, list_empty(&v->sharer), !v->object);
        bytes += v->lens.end - v->lens.start;
        locked += v->attrs & ATTR_LOCKED ? v->lens.end - v->lens.start : 0;
        if (v->lens.start >= v->lens.end ||
            (next && next->lens.start < v->lens.end))
            complain(t, "mapping out of order at", v->lens.start, v->lens.end,
                     next ? next->lens.start : 0);
    }
    if (bytes != s->vsize)
        complain(t, "bytes mapped by asid", s->asid, bytes, s->vsize);
    if (locked != s->locked)
        complain(t, "bytes locked by asid", s->asid, locked, s->locked);
}

static void count_space(struct space *s, void *arg)
{
    struct tally *t = arg;
    u64 before = t->tables;
    if (!s->root)
        return;
    t->space = s;
    t->rss = t->rss_anon = t->rss_shmem = t->swapped = t->huge = 0;
    count_mappings(t, s);
    count_table(t, s->root, 2, 0);
    if (t->tables - before != s->tables)
        complain(t, "tables of asid", s->asid, t->tables - before, s->tables);
    t->leaves += t->huge;
    struct page *table;
    u64 spare = 0;
    list_for_each_entry(table, &s->huge_tables, link) spare++;
    if (t->huge != s->huge || spare != s->huge)
        complain(t, "leaves of 2 MiB (or tables for them) of asid", s->asid,
                 t->huge, spare);
    if (t->rss != s->rss || (s->owner && t->rss != s->owner->lens.rss))
        complain(t, "resident pages of asid", s->asid, t->rss, s->rss);
    if (t->swapped != s->swapped)
        complain(t, "swapped pages of asid", s->asid, t->swapped, s->swapped);
    if (t->rss_anon != s->rss_anon || t->rss_shmem != s->rss_shmem)
        complain(t, "anonymous or shared pages of asid", s->asid, t->rss_anon,
                 s->rss_anon);
}

static bool just_count(struct space *s, u64 va, u64 *slot, void *arg)
{
    return true;
}

/* Checks one frame, which may hold a page of a program or a file. */
static void check_page(struct tally *t, struct page *page)
{
    const struct lens_frame *f = &page->frame;
    u64 pfn = page_pfn(page);
    if (f->state == FS_ANON && f->refs > 1)
        complain(t, "owners of anonymous frame", pfn, (u64)f->refs, 1);
    if (!object_audit(page))
        complain(t, "place or dirtiness of the page cache's frame", pfn, 0,
                 f->index);
    if (f->state == FS_SWAPCACHE && swapcache_find(page->slot) != page)
        complain(t, "slot of frame", pfn, 0, page->slot);
    if ((f->state == FS_ANON || f->state == FS_COW) && page->slot)
        complain(t, "slot of anonymous frame", pfn, page->slot, 0);
    if ((page_is_anon(page) || page_is_cache(page)) && f->refs > 0) {
        u64 found = rmap_walk(page, just_count, NULL);
        if (found != (u64)f->refs)
            complain(t, "PTEs that the reverse map finds of frame", pfn, found,
                     (u64)f->refs);
    }
}

static void count_owner(u32 slot, bool in_memory, void *arg)
{
    struct tally *t = arg;
    count_slot(slot, t);
    t->owned += in_memory;
    if (in_memory && swapcache_find(slot))
        complain(t, "page in its object and in the swap cache, slot", slot, 1,
                 0);
    if (in_memory && !swap_in_memory(slot))
        complain(t, "page in the object that owns slot", slot, 1, 0);
}

static void check_transfer(u32 slot, bool holds, void *arg)
{
    if (holds)
        count_slot(slot, arg);
    if (!swap_is_used(slot))
        complain(arg, "transfer of a free slot", slot, 0, 1);
}

static void check_slots(struct tally *t)
{
    u64 used = 0, in_memory = 0;
    shmem_each(count_owner, t);
    swap_each_transfer(check_transfer, t);
    for (u64 i = 0; i < swap_slots; i++) {
        u32 slot = slot_by_number(i), count = swap_count(slot);
        used += swap_is_used(slot);
        in_memory += swap_in_memory(slot);
        if (count != *number(&t->slots, i))
            complain(t, "entries that name slot", slot, *number(&t->slots, i),
                     count);
        if (swap_is_cached(slot) != (swapcache_find(slot) != NULL))
            complain(t, "page in the swap cache for slot", slot,
                     swapcache_find(slot) != NULL, swap_is_cached(slot));
    }
    if (used != swap_used)
        complain(t, "slots in use", 0, used, swap_used);
    if (in_memory != t->owned + state_frames[FS_SWAPCACHE])
        complain(t, "slots with their page in memory", 0,
                 t->owned + state_frames[FS_SWAPCACHE], in_memory);
}

static void check_lists(struct tally *t)
{
    u32 pfn;
    const char *wrong = lists_audit(&pfn);
    if (wrong)
        complain(t, wrong, pfn, 0, 0);
}

static void count_frames(struct tally *t)
{
    u64 states[FS_COUNT] = {0}, kernel_tables = 0, mapped = 0, anon = 0;
    u64 locked = 0, marked = 0, tmpfs = shmem_swapped_alone();
    /* Walks below may find that they have emptied a slab, and give its frame
     * back; so all that they change changes before frames are counted. */
    for (u64 pfn = 0; pfn < nframes; pfn++)
        if (page_is_anon(&frames[pfn]))
            rmap_settle(&frames[pfn]);
    for (u64 pfn = 0; pfn < nframes; pfn++) {
        const struct lens_frame *f = &frames[pfn].frame;
        if (f->state >= FS_COUNT) {
            complain(t, "state of frame", pfn, f->state, FS_COUNT - 1);
            continue;
        }
        states[f->state]++;
        mapped += f->refs > 0 && page_is_cache(&frames[pfn]);
        anon += f->refs > 0 && page_is_anon(&frames[pfn]);
        marked += page_is_marked(&frames[pfn]);
        tmpfs += f->state == FS_SHMEM && frames[pfn].object &&
                 !frames[pfn].object->anonymous;
        locked += (f->flags & FRAME_F_LOCKED) != 0;
        if ((f->flags & FRAME_F_LOCKED) && !page_has_locker(&frames[pfn]))
            complain(t, "locked mappings of frame", pfn, 0, 1);
        kernel_tables += f->state == FS_PGTABLE && f->pins;
        u32 found = *number(&t->ptes, pfn);
        if (f->refs < 0 || found != (u32)f->refs)
            complain(t, "PTEs of frame", pfn, found, (u64)f->refs);
        check_page(t, &frames[pfn]);
    }
    for (unsigned s = 0; s < FS_COUNT; s++)
        if (states[s] != state_frames[s])
            complain(t, "frames in state", s, states[s], state_frames[s]);
    if (states[FS_FREE] != free_frames)
        complain(t, "free frames", 0, states[FS_FREE], free_frames);
    u64 in_zones = 0;
    for_each_zone(z)
    {
        in_zones += z->free;
        if (free_list_frames(z) != z->free)
            complain(t, "frames on the free lists of the zone from", z->start,
                     free_list_frames(z), z->free);
    }
    if (in_zones != free_frames)
        complain(t, "free frames of all zones", 0, in_zones, free_frames);
    if (mapped != mapped_files)
        complain(t, "mapped pages of the cache", 0, mapped, mapped_files);
    if (locked != mlocked_frames)
        complain(t, "locked frames", 0, locked, mlocked_frames);
    if (marked != marked_frames)
        complain(t, "frames with the mark of use", 0, marked, marked_frames);
    if (anon != mapped_anon)
        complain(t, "mapped anonymous pages", 0, anon, mapped_anon);
    if (tmpfs != tmpfs_pages)
        complain(t, "pages of files in tmpfs", 0, tmpfs, tmpfs_pages);
    if (t->leaves != huge_leaves)
        complain(t, "leaves of 2 MiB", 0, t->leaves, huge_leaves);
    if (t->tables + kernel_tables != states[FS_PGTABLE])
        complain(t, "page tables", 0, t->tables + kernel_tables,
                 states[FS_PGTABLE]);
}

/* Kept from one audit to the next: an audit matters most when no memory is left
 * to allocate. */
static struct pieces ptes, slots;

bool audit_reserve(void)
{
    return pieces_reach(&ptes, nframes * sizeof(u32), kmalloc) &&
           pieces_reach(&slots, swap_slots * sizeof(u32), kmalloc);
}

/* Waits until no process is in the middle of a change of its mappings.
 * => sleeps */
static void wait_for_changes(void)
{
    struct space *s;
    for (u64 at = 0; (s = space_after(at));) {
        at = s->serial;
        if (!s->changing.owner)
            continue;
        space_ref(s);
        mutex_lock(&s->changing);
        mutex_unlock(&s->changing);
        space_unref(s);
        at = 0; /* other changes may have begun meanwhile */
    }
}

int vm_audit(void)
{
    if (!audit_reserve())
        return -ENOMEM;
    wait_for_changes();
    numbers_clear(&ptes);
    numbers_clear(&slots);
    struct tally t = {.ptes = ptes, .slots = slots};
    for_each_space(count_space, &t);
    count_frames(&t);
    check_lists(&t);
    check_slots(&t);
    if (t.errors)
        kprintf("audit: %d errors\n", t.errors);
    return t.errors ? -EIO : 0;
}
