/* SPDX-License-Identifier: MIT */
/* Makes and ends address spaces, and keeps their ordered lists of mappings.
 * Fork is in vm/fork.c, the mapping calls in vm/map.c, faults in vm/fault.c. */
#include "vm/space.h"
#include "fs/vfs.h"
#include "lib/tunable.h"
#include "task/proc.h"
#include "vm/pte.h"
#include "vm/seam.h"
#include "vm/rmap.h"
#include "vm/shm.h"
#include "vm/swap.h"
#include "vm/vm.h"

#define NASID 256
static u8 asid_used[NASID]; /* without [0]: several spaces may have ASID 0 */
static bool have_asids;
static struct space *active;
static struct list spaces = LIST_INIT(spaces); /* those with a page table */

/* Finds out whether satp's ASID field has enough writable bits. */
static void probe_asids(void)
{
    u64 satp = csr_read("satp");
    csr_write("satp", satp | 0xfffful << SATP_ASID_SHIFT);
    u64 bits = csr_read("satp") >> SATP_ASID_SHIFT & 0xffff;
    csr_write("satp", satp);
    fence_all();
    have_asids = bits >= NASID - 1;
}

static u32 asid_take(void)
{
    for (u32 i = 1; have_asids && i < NASID; i++)
        if (!asid_used[i]) {
            asid_used[i] = 1;
            fence_asid(i);
            return i;
        }
    return 0; /* shared: space_activate flushes it */
}

struct page *zero_page;
static struct vm_object trampoline; /* one page, mapped at VDSO_BASE */

void vm_init(void)
{
    static const u32 sigreturn[2] = {0x08b00893, 0x00000073};
    object_cache_init();
    swapcache_init();
    probe_asids();
    zero_page = page_alloc_zeroed(FS_ZEROED, R_BOOT, 0);
    object_init(&trampoline, NULL, PAGE_SIZE, 0, FS_KCODE);
    int err = 0;
    bool major;
    struct page *page =
        object_get_page(&trampoline, 0, ACTOR_BOOT, &major, &err);
    if (!zero_page || !page)
        panic("no memory at start-up");
    zero_page->frame.pins = 1;
    memcpy(page_va(page), sigreturn, sizeof sigreturn);
    trampoline.refs = 1;
    lens_info.zero_pfn = page_pfn(zero_page);
    start_policy();
}

struct vm_object *trampoline_object(void)
{
    return &trampoline;
}

struct space *space_new(struct proc *owner, const struct space *parent)
{
    struct space *s = kzalloc(sizeof *s);
    if (!s)
        return NULL;
    lens_busy();
    struct page *root =
        page_alloc_zeroed(FS_PGTABLE, R_ALLOC_PGTABLE, owner->lens.pid);
    if (!root || anon_join(s, parent)) {
        if (root)
            page_free(root, R_FREE_PGTABLE);
        lens_ready();
        kfree(s);
        return NULL;
    }
    static u64 newest;
    s->serial = ++newest;
    s->held_ns = now_ns();
    list_add_tail(&s->all, &spaces);
    list_init(&s->huge_tables);
    mutex_init(&s->changing);
    list_init(&s->changes);
    s->refs = s->users = 1;
    s->dumpable = !parent || parent->dumpable;
    s->root = page_va(root);
    for (unsigned i = PTE_COUNT / 2; i < PTE_COUNT; i++)
        s->root[i] = kernel_root[i];
    s->tables = 1;
    s->asid = asid_take();
    s->owner = owner;
    owner->lens.asid = s->asid;
    owner->lens.satp = SATP_SV39 | (u64)s->asid << SATP_ASID_SHIFT |
                       page_pa(root) >> PAGE_SHIFT;
    owner->lens.vmas = 0;
    owner->lens.moved = 0;
    owner->lens.rss = owner->lens.vsize = 0;
    lens_ready();
    return s;
}

void space_activate(struct space *s)
{
    u64 satp = lens_info.kernel_satp;
    if (s == active)
        return;
    if (s)
        satp = SATP_SV39 | (u64)s->asid << SATP_ASID_SHIFT |
               va_pa(s->root) >> PAGE_SHIFT;
    csr_write("satp", satp);
    if (s && !s->asid)
        fence_asid(0); /* TLB entries of the last space with ASID 0 */
    active = s;
}

void space_ref(struct space *s)
{
    s->refs++;
}

u32 space_pid(const struct space *s)
{
    return s->owner ? s->owner->lens.tgid : current->lens.tgid;
}

void space_unref(struct space *s)
{
    assert(s->refs);
    if (--s->refs == 0)
        kfree(s);
}

/* Puts v on the list of its object's mappings; vma_unlink removes it. */
void vma_adopt(struct space *s, struct vma *v)
{
    v->space = s;
    list_init(&v->sharer);
    if (v->object) {
        list_add_tail(&v->sharer, &v->object->vmas);
        v->object->text |= (v->lens.flags & VMA_X) != 0;
    }
}

/* Moves unmap_object on to the next mapping of o. */
static void next_cut(struct vm_object *o)
{
    o->cut = o->cut->next;
    o->cut_at = 0;
}

static void vma_unlink(struct vma *v)
{
    v->space = NULL;
    if (v->object && v->object->cut == &v->sharer)
        next_cut(v->object);
    list_del(&v->sharer);
}

/* Empties the space: first its pages, table by table, yielding in between;
 * then, without yielding, pages that came back meanwhile (swapoff reads
 * anonymous pages in), and the root; last the mappings, since releasing their
 * files may sleep. Meanwhile a fault by a reader of /proc/PID waits; a fault
 * that was asleep when this began sees a new generation and maps nothing. */
static void space_empty(struct space *s, struct proc *p, enum reason why)
{
    struct vma *v = s->vmas, *next;
    struct change change;
    s->generation++;
    change_begin(s, &change, 0, USER_TOP);
    pte_zap_range(s, USER_MIN, USER_TOP, why);
    for (struct vma *w = v; w; w = vma_next(w)) {
        vma_unlink(w); /* from here on no page of an object comes back */
        cond_resched();
    }
    lens_busy();
    pte_unmap_range(s, USER_MIN, USER_TOP, why);
    anon_leave(s);
    list_del(&s->all);
    p->lens.satp = p->lens.vmas = 0;
    p->lens.rss = p->lens.vsize = 0;
    s->vmas = s->hint = s->tree = NULL;
    s->owner = NULL;
    if (active == s)
        space_activate(NULL);
    assert(!s->rss && !s->rss_anon && !s->rss_shmem && !s->swapped && !s->huge);
    pte_free_root(s);
    lens_ready();
    change_end(s, &change);
    if (s->asid)
        asid_used[s->asid] = 0;
    for (; v; v = next) {
        next = vma_next(v);
        vma_free(v);
        cond_resched();
    }
}

/* Makes another process that uses s the owner of s: the process whose lens
 * figures are kept up to date. */
static void hand_over(struct space *s, struct proc *from)
{
    s->owner = NULL;
    for_each_proc(p) if (p->space == s && p != from)
    {
        s->owner = p;
        p->lens.vmas = (u64)s->vmas;
        p->lens.moved = s->moved;
        p->lens.rss = s->rss;
        p->lens.vsize = s->vsize;
    }
}

void space_leave(struct space *s, struct proc *p, enum reason why)
{
    p->space = NULL;
    p->leader->maxrss = MAX(p->leader->maxrss, s->peak_rss);
    if (--s->users == 0) {
        space_empty(s, p, why);
    } else {
        if (active == s && p == current)
            space_activate(NULL);
        p->lens.satp = p->lens.vmas = 0;
        p->lens.rss = p->lens.vsize = 0;
        if (s->owner == p)
            hand_over(s, p);
    }
    space_unref(s);
}

struct vma *vma_after(struct space *s, u64 va)
{
    struct vma *v = s->hint;
    if (!v || v->lens.start > va || v->lens.end <= va)
        v = vmtree_after(s, va);
    if (v)
        s->hint = v;
    return v;
}

struct vma *vma_find(struct space *s, u64 va)
{
    struct vma *v = vma_after(s, va);
    return v && v->lens.start <= va ? v : NULL;
}

struct vma *vma_new(u64 start, u64 end, u32 flags, u32 may_flags)
{
    struct vma *v = kzalloc(sizeof *v);
    if (v) {
        v->lens.start = start;
        v->lens.end = end;
        v->lens.flags = flags;
        v->may_flags = may_flags;
        v->lens.home = start >> PAGE_SHIFT;
        list_init(&v->sharer);
    }
    return v;
}

void vma_free(struct vma *v)
{
    if (v->file) {
        kfree((void *)v->lens.name);
        file_put(v->file);
    } else if (v->object) {
        if (v->object->shm)
            shm_detached(v->object);
        object_unref(v->object);
    }
    kfree(v);
}

/* Called after every change of the list. v: a mapping that has changed and
 * stays in the list, or NULL. */
static void list_changed(struct space *s, struct vma *v, s64 bytes)
{
    s->generation++;
    s->hint = v;
    s->vsize += (u64)bytes;
    s->peak_vsize = MAX(s->peak_vsize, s->vsize);
    if (s->owner) {
        s->owner->lens.vmas = (u64)s->vmas;
        s->owner->lens.moved = s->moved;
        s->owner->lens.vsize = s->vsize;
    }
}

void vma_insert(struct space *s, struct vma *v)
{
    struct vma *next = vmtree_after(s, v->lens.start);
    struct vma *prev = next ? vmtree_prev(next) : vmtree_last(s);
    assert(v->lens.start < v->lens.end &&
           (!prev || prev->lens.end <= v->lens.start) &&
           (!next || v->lens.end <= next->lens.start));
    lens_busy();
    v->lens.next = (u64)next;
    vma_adopt(s, v);
    if (prev)
        prev->lens.next = (u64)v;
    else
        s->vmas = v;
    s->nmaps++;
    vmtree_insert(s, v, prev);
    s->locked += v->attrs & ATTR_LOCKED ? v->lens.end - v->lens.start : 0;
    list_changed(s, v, (s64)(v->lens.end - v->lens.start));
    lens_ready();
}

void vma_remove(struct space *s, struct vma *v)
{
    struct vma *prev = vmtree_prev(v);
    u64 bytes = v->lens.end - v->lens.start;
    assert(v->space == s && s->nmaps && s->vsize >= bytes &&
           (!(v->attrs & ATTR_LOCKED) || s->locked >= bytes));
    lens_busy();
    vma_unlink(v);
    vmtree_remove(s, v);
    if (prev)
        prev->lens.next = v->lens.next;
    else
        s->vmas = vma_next(v);
    s->nmaps--;
    s->locked -= v->attrs & ATTR_LOCKED ? bytes : 0;
    list_changed(s, NULL, -(s64)bytes);
    lens_ready();
}

void vma_resize(struct space *s, struct vma *v, u64 start, u64 end)
{
    s64 more = (s64)(end - start) - (s64)(v->lens.end - v->lens.start);
    lens_busy();
    if (v->object)
        v->lens.offset += start - v->lens.start;
    v->lens.home += (start >> PAGE_SHIFT) - (v->lens.start >> PAGE_SHIFT);
    v->lens.start = start;
    v->lens.end = end;
    vmtree_moved(v, vmtree_prev(v));
    if (vma_next(v))
        vmtree_moved(vma_next(v), v);
    s->locked += v->attrs & ATTR_LOCKED ? (u64)more : 0;
    list_changed(s, v, more);
    lens_ready();
}

struct vma *vma_copy(const struct vma *v)
{
    struct vma *w = kmalloc(sizeof *w);
    if (!w)
        return NULL;
    *w = *v;
    if (v->file) {
        const char *name = (const char *)v->lens.name;
        char *copy = name ? kmalloc(strlen(name) + 1) : NULL;
        if (copy)
            memcpy(copy, name, strlen(name) + 1);
        w->lens.name = (u64)copy;
        file_get(w->file);
    } else if (v->object) {
        object_ref(v->object);
    }
    return w;
}

int vma_cut(struct space *s, u64 at)
{
    struct vma *v = vma_find(s, at);
    if (!v || v->lens.start == at)
        return 0;
    struct vma *w = vma_copy(v);
    if (!w)
        return -ENOMEM;
    w->lens.start = at;
    if (w->object || (w->lens.flags & VMA_DEVICE))
        w->lens.offset += at - v->lens.start;
    w->lens.home += (at - v->lens.start) >> PAGE_SHIFT;
    lens_busy();
    vma_adopt(s, w);
    v->lens.end = at;
    v->lens.next = (u64)w;
    s->nmaps++;
    vmtree_insert(s, w, v);
    if (at % HUGE_SIZE) /* no mapping may end inside a leaf */
        pte_split(s, at, R_SPLIT_PART);
    list_changed(s, w, 0);
    lens_ready();
    return 0;
}

int vma_split(struct space *s, u64 at)
{
    struct vma *v = vma_find(s, at);
    if (v && v->lens.start != at && s->nmaps >= (u64)tun(TUN_MAX_MAP_COUNT))
        return -ENOMEM;
    return vma_cut(s, at);
}

int vma_split_around(struct space *s, u64 start, u64 end, struct vma_bits mask,
                     struct vma_bits want)
{
    const struct vma *first = vma_find(s, start), *last = vma_find(s, end - 1);
    bool cut_end = last && vma_differs(last, mask, want);
    if (first && vma_differs(first, mask, want) && vma_split(s, start))
        return -ENOMEM;
    return cut_end ? vma_split(s, end) : 0;
}

static u64 newest_kin;

u64 merge_group_new(void)
{
    return ++newest_kin;
}

/* True if w lies behind v, and w's pages follow v's: in their object, or, if
 * they are private anonymous memory, in the numbers that their homes give. */
static bool follows(const struct vma *v, const struct vma *w)
{
    u64 bytes = w->lens.start - v->lens.start;
    if (v->lens.end != w->lens.start || v->object != w->object ||
        v->file != w->file || (v->lens.flags & VMA_DEVICE))
        return false;
    return v->object ? w->lens.offset - v->lens.offset == bytes
                     : w->lens.home - v->lens.home == bytes >> PAGE_SHIFT;
}

/* Returns the home that v, which has no private page, gets if it joins the
 * merge_group of its neighbour n: their private pages are numbered on from one
 * to the other. Below 1: v cannot join it. */
static s64 home_beside(const struct vma *v, const struct vma *n)
{
    return (s64)(n->lens.home + (v->lens.start >> PAGE_SHIFT) -
                 (n->lens.start >> PAGE_SHIFT));
}

/* True if v may join n's merge_group: they differ in rights alone. */
static bool may_be_kin(const struct vma *v, const struct vma *n)
{
    u32 differ = v->lens.flags ^ n->lens.flags;
    return n->merge_group && !n->forked && v->attrs == n->attrs &&
           !(differ & ~(VMA_R | VMA_W | VMA_X)) &&
           (follows(v, n) || follows(n, v)) && home_beside(v, n) > 0;
}

void vma_find_kin(struct space *s, struct vma *v)
{
    if (v->merge_group)
        return;
    struct vma *next = vma_next(v), *prev = vma_find(s, v->lens.start - 1);
    s->hint = v;
    const struct vma *kin = next && may_be_kin(v, next)   ? next
                            : prev && may_be_kin(v, prev) ? prev
                                                          : NULL;
    if (kin)
        v->lens.home = (u64)home_beside(v, kin);
    v->merge_group = kin ? kin->merge_group : merge_group_new();
}

/* True if v and the mapping w behind it may become one (Linux, mm/vma.c:
 * can_vma_merge_after). Their private pages allow it if both are of one group,
 * or if one has no group yet and neither comes from a fork; the groups differ
 * if both got private pages while they were separate. (Linux before 6.16 also
 * keeps two apart if the one that changes has a group and its neighbour none.)
 * Mappings of a segment stay apart, since each counts as an attachment. */
static bool may_merge(const struct vma *v, const struct vma *w)
{
    if (!follows(v, w) || v->lens.flags != w->lens.flags ||
        v->may_flags != w->may_flags || v->attrs != w->attrs || shm_of(v))
        return false;
    if (v->merge_group && w->merge_group)
        return v->merge_group == w->merge_group;
    return !v->forked && !w->forked &&
           (!w->merge_group || home_beside(v, w) > 0);
}

/* Makes v cover the range of w, too, and frees w. v keeps the file and the
 * object in use, so releasing w's references does not sleep. */
static void merge(struct space *s, struct vma *v, struct vma *w)
{
    lens_busy();
    if (!v->merge_group && w->merge_group) {
        v->merge_group = w->merge_group;
        v->lens.home = (u64)home_beside(v, w);
        v->last_came = w->last_came;
    }
    assert(!w->merge_group || (s64)v->lens.home == home_beside(v, w));
    vmtree_remove(s, w);
    if (v->object && v->object->cut) { /* v's turn may be over, and w's not */
        vma_unlink(v);
        vma_adopt(s, v);
    }
    vma_unlink(w);
    v->lens.end = w->lens.end;
    v->lens.next = w->lens.next;
    s->nmaps--;
    if (vma_next(v))
        vmtree_moved(vma_next(v), v);
    list_changed(s, v, 0);
    lens_ready();
    vma_free(w);
}

void vma_merge(struct space *s, u64 start, u64 end)
{
    struct vma *w = vma_after(s, start), *v = w ? vmtree_prev(w) : NULL;
    v = v ? v : w;
    while (v && (w = vma_next(v)) && w->lens.start <= end)
        if (w->lens.start >= start && may_merge(v, w))
            merge(s, v, w);
        else
            v = w;
}

void for_each_space(void (*fn)(struct space *, void *), void *arg)
{
    struct space *s;
    list_for_each_entry(s, &spaces, all) fn(s, arg);
}

/* Unmaps the pages of v from index on, up to the end of one leaf table. Returns
 * the index after them, or 0 if there are none. */
static u64 unmap_piece(struct vma *v, u64 index)
{
    u64 first = v->lens.offset >> PAGE_SHIFT;
    u64 skip = index > first ? (index - first) << PAGE_SHIFT : 0, n;
    u64 va = v->lens.start + skip;
    if (skip >= v->lens.end - v->lens.start ||
        !pte_run(v->space, &va, v->lens.end, &n))
        return 0;
    pte_unmap_range(v->space, va, va + n * PAGE_SIZE, R_UNMAP);
    return first + ((va - v->lens.start) >> PAGE_SHIFT) + n;
}

/* While this function yields, mappings may be added at the end of the list or
 * removed from it (next_cut keeps o->cut valid). If two merge, the merged one
 * goes to the end, too. */
void unmap_object(struct vm_object *o, u64 from_index)
{
    assert(!o->cut);
    o->cut = o->vmas.next;
    o->cut_at = 0;
    while (o->cut != &o->vmas) {
        o->cut_at = unmap_piece(list_entry(o->cut, struct vma, sharer),
                                MAX(from_index, o->cut_at));
        if (!o->cut_at)
            next_cut(o);
        cond_resched();
    }
    o->cut = NULL;
}

struct space *space_after(u64 serial)
{
    struct space *s;
    list_for_each_entry(s, &spaces, all) if (s->serial > serial) return s;
    return NULL;
}
