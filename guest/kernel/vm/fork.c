/* SPDX-License-Identifier: MIT */
/* Does fork's half of copy-on-write. The child gets copies of the parent's
 * mappings and page tables, but no page is copied: every private anonymous
 * frame is mapped read-only in both and, unless it has a slot, becomes COW. The
 * first write copies it (vm/fault.c). With vm.fork=0 fork copies all these
 * frames, as Unix did before copy-on-write.
 *
 * Fork does not count as a use of a page: the child's entries have no A bit
 * (Linux 2.4.0 to 6.12, mm/memory.c: pte_mkold; 4.3BSD clears the bit in the
 * entries that it makes; Mach and SunOS make none), and the parent's A bits
 * stay as they are. If fork set A bits, each fork of a shell would mark all its
 * pages as used. */
#include "lib/tunable.h"
#include "task/proc.h"
#include "vm/pte.h"
#include "vm/reclaim.h"
#include "vm/seam.h"
#include "vm/vm.h"

/* Numbers the private pages of w, the child's copy of v, as v's are numbered; v
 * has had none until it has a merge_group, and none may join w's. */
static void follow_group(struct vma *w, const struct vma *v)
{
    if (w->merge_group || !v->merge_group)
        return;
    w->lens.home = v->lens.home + (w->lens.start >> PAGE_SHIFT) -
                   (v->lens.start >> PAGE_SHIFT);
    w->merge_group = merge_group_new();
    w->forked = true;
}

static int copy_mappings(struct space *to, const struct space *from)
{
    struct vma *last = NULL;
    for (struct vma *v = from->vmas; v; v = vma_next(v)) {
        if (v->attrs & ATTR_NOFORK)
            continue;
        struct vma *w;
        while (!(w = vma_copy(v)))
            if (!memory_wait())
                return -ENOMEM;
        w->attrs &= ~(ATTR_LOCKED | ATTR_ONFAULT); /* locks are not inherited */
        w->merge_group = 0;
        w->forked = false;
        if (!(w->attrs & ATTR_WIPED)) /* else the child gets no page */
            follow_group(w, v);
        w->lens.next = 0;
        vma_adopt(to, w);
        if (last)
            last->lens.next = (u64)w;
        else
            to->vmas = w;
        vmtree_insert(to, w, last);
        to->nmaps++;
        to->vsize += w->lens.end - w->lens.start;
        last = w;
        if (cond_resched())
            return -EINTR;
    }
    to->peak_vsize = to->vsize;
    to->owner->lens.vmas = (u64)to->vmas;
    to->owner->lens.vsize = to->vsize;
    return 0;
}

/* Shares one page: the child's entry maps the parent's frame. A private
 * anonymous frame loses its write permission in both; a swap entry is copied,
 * and both name the slot. The child's first store into a shared page of a file
 * must fault, as it changes the file's times (note_shared_write in fault.c;
 * Linux 6.12 gives the child no entry: mm/memory.c, vma_needs_copy). */
static void share_page(struct space *to, const struct vma *v, u64 va,
                       u64 *child, u64 *parent)
{
    bool shared = v->lens.flags & VMA_SHARED;
    if (pte_is_swap(*parent)) {
        pte_map_swap(to, va, child, pte_slot(*parent));
        return;
    }
    struct page *page = pte_page(*parent);
    if (!page) {
        pte_map_device(to, va, child, pte_pa(*parent),
                       *parent & ~(PTE_PPN_MASK | PTE_V));
        return;
    }
    if (!shared && page_is_anon(page)) {
        assert(v->merge_group);
        *parent &= ~PTE_W; /* one fence at the end */
        page_set_state(page, page->slot ? FS_SWAPCACHE : FS_COW, R_COW_SHARE);
    }
    u64 bits = *parent & ~(PTE_PPN_MASK | PTE_V);
    if (shared && v->file)
        bits &= ~(PTE_W | PTE_D);
    pte_share(to, va, child, page, bits);
}

/* Shares a page of 2 MiB by one leaf (Linux 6.12, mm/huge_memory.c:
 * copy_huge_pmd). False: out of memory. */
static bool share_huge(struct space *to, u64 va, u64 *parent)
{
    u64 *child = pte_make_huge(to, va);
    struct page *table = child ? huge_table(to, R_ALLOC_PGTABLE) : NULL;
    if (table)
        pte_share_huge(to, va, child, parent, table);
    return table != NULL;
}

/* vm.fork=0: copies the page to a frame of the child. (A page in swap stays
 * there and is shared.) False: no frame is free. */
static bool fork_copy_page(struct space *to, const struct vma *v, u64 va,
                           u64 *child, u64 parent)
{
    struct page *page = page_alloc(FS_ANON, R_FORK_COPY, to->owner->lens.pid);
    if (!page)
        return false;
    page_copy(page_va(page), page_va(pte_page(parent)));
    page->frame.index = va >> PAGE_SHIFT;
    tell_page_came(page, R_FORK_COPY);
    COUNT(FORK_COPIED);
    u64 bits = parent & ~(PTE_PPN_MASK | PTE_V);
    pte_map(to, va, child, page,
            bits | PTE_D | (v->lens.flags & VMA_W ? PTE_W : 0));
    return true;
}

static bool must_copy(const struct vma *v, u64 pte)
{
    return !tun(TUN_FORK) && !(v->lens.flags & VMA_SHARED) &&
           !pte_is_swap(pte) && page_is_anon(pte_page(pte));
}

/* Shares or copies n entries of one leaf table; *va moves past each entry that
 * is done. False: out of memory. */
static bool copy_run(struct space *to, const struct vma *v, u64 *va, u64 *slot,
                     u64 n)
{
    u64 *child = NULL;
    for (; n; n--, slot++, child += child != NULL, *va += PAGE_SIZE) {
        if (!*slot)
            continue;
        if (!child && !(child = pte_make(to, *va)))
            return false;
        if (!must_copy(v, *slot))
            share_page(to, v, *va, child, slot);
        else if (!fork_copy_page(to, v, *va, child, *slot))
            return false;
    }
    return true;
}

/* Shares or copies n entries, or a leaf of 2 MiB. (*va can lie within a leaf:
 * while fork slept, another thread made a stack of the parent grow, and a fault
 * mapped a leaf across the address at which the child's copy of it starts.) */
static bool copy_entries(struct space *to, struct space *from,
                         const struct vma *v, u64 *va, u64 *slot, u64 n)
{
    if (pte_is_huge(*slot)) {
        if (n == PTE_COUNT && !must_copy(v, *slot)) {
            if (!share_huge(to, *va, slot))
                return false;
            *va += HUGE_SIZE;
            return true;
        }
        slot = pte_split(from, *va, R_SPLIT_PART);
    }
    return copy_run(to, v, va, slot, n);
}

/* Walks the child's mappings, not the parent's: the parent's stack may grow
 * meanwhile. Other threads of the parent may also have given a mapping its
 * first private page since it was copied. */
static int copy_tables(struct space *to, struct space *from)
{
    for (struct vma *v = to->vmas; v; v = vma_next(v)) {
        u64 va = v->lens.start, *slot, n;
        if (v->attrs & ATTR_WIPED)
            continue;
        while ((slot = pte_run(from, &va, v->lens.end, &n))) {
            follow_group(v, vma_find(from, va));
            bool given = copy_entries(to, from, v, &va, slot, n);
            /* Other threads of the parent and the pageout daemon may run now,
             * so the loop looks the rest up again. */
            fence_asid(from->asid);
            if (!given && !memory_wait())
                return -ENOMEM;
            if (cond_resched())
                return -EINTR;
        }
    }
    return 0;
}

struct space *space_fork(struct space *from, struct proc *child)
{
    struct space *to = space_new(child, from);
    if (!to || mutex_lock_killable(&from->changing)) {
        if (to)
            space_leave(to, child, R_UNMAP);
        return NULL;
    }
    /* Values that another thread may change are read under the lock. */
    to->moved = from->moved;
    child->lens.moved = from->moved;
    to->brk_start = from->brk_start;
    to->brk = from->brk;
    to->barriers = from->barriers;
    to->code_start = from->code_start;
    to->code_end = from->code_end;
    to->data_start = from->data_start;
    to->data_end = from->data_end;
    to->stack_start = from->stack_start;
    to->arg_start = from->arg_start;
    to->arg_end = from->arg_end;
    to->env_start = from->env_start;
    to->env_end = from->env_end;
    int err = commit_allows_fork(from) ? copy_mappings(to, from) : -ENOMEM;
    if (!err)
        err = copy_tables(to, from);
    fence_asid(from->asid);
    mutex_unlock(&from->changing);
    if (err) {
        space_leave(to, child, R_UNMAP);
        return NULL;
    }
    return to;
}
