/* SPDX-License-Identifier: MIT */
/* Serves page faults: maps a page on first touch, copies it on write.
 *
 *   vm_fault         finds the mapping, checks that it allows the access
 *     grow_stack     below the stack: the mapping grows
 *     not_present    first touch:
 *       huge_fault     a page of 2 MiB, if the mapping may have one (huge.c)
 *       anonymous      read: the zero frame; write: a cleared frame
 *       file_page      from the page cache, reading it if need be; a write
 *                      to a private mapping copies at once
 *       swapped        the page is in swap: from the swap cache or the disk
 *     present        the page is mapped, but a right (or A or D) is missing:
 *       huge_reuse     write to a page of 2 MiB by its last owner
 *       break_cow      write to a read-only page: a private one is copied, or
 *                      reused by its last owner; a shared one becomes dirty
 *
 * file_page may sleep in the file system, and the mapping may be gone
 * afterwards. The page is therefore mapped only if the list of mappings has not
 * changed; otherwise the access is tried again. A fault in a range that a call
 * removes, replaces or moves waits for the end of that change (vm/map.c). */
#include "fs/vfs.h"
#include "lib/tunable.h"
#include "task/proc.h"
#include "vm/huge.h"
#include "vm/insn_pages.h"
#include "vm/pte.h"
#include "vm/reclaim.h"
#include "vm/seam.h"
#include "vm/swap.h"
#include "vm/thrash.h"
#include "vm/vm.h"
#include "vm/writeback.h"

struct fault {
    struct space *space;
    struct vma *vma;
    u64 va; /* page aligned */
    u64 *slot;
    bool write, major;
    bool reopened;   /* present, but without PTE_U: vm/limit.c */
    enum reason why; /* for a fresh anonymous frame */
    int sig, code;
};

static struct page *fresh_frame(struct fault *f, enum reason why, bool clear)
{
    struct page *page =
        clear ? page_alloc_zeroed(FS_ANON, why, space_pid(f->space))
              : page_alloc(FS_ANON, why, space_pid(f->space));
    if (page) {
        vma_find_kin(f->space, f->vma);
        page->frame.index = f->va >> PAGE_SHIFT;
        tell_page_came(page, why);
    }
    return page;
}

/* Notes that a private page has been mapped at va. If the page before it was
 * the last one mapped, access is sequential, and the policy is told that the
 * program has passed the earlier page. (Mach's vm_page_insert treats all
 * objects alike, and an anonymous mapping is an object there.) */
static void note_private_page(struct space *s, struct vma *v, u64 va)
{
    if (!policy->behind)
        return;
    u64 before = v->last_came + PAGE_SIZE == va ? pte_read(s, v->last_came) : 0;
    v->last_came = va;
    /* The mapping may have been cut since then: a device can lie there now. */
    struct page *page = before & PTE_V ? pte_page(before) : NULL;
    if (page && page_is_anon(page))
        tell_page_behind(page);
}

/* Serves a fault on anonymous memory without a frame: maps the zero frame for a
 * read, a cleared frame for a write. */
static int anonymous(struct fault *f)
{
    u64 rights = pte_rights(f->vma->lens.flags);
    if (!f->write) {
        COUNT(ZERO_MAPPED);
        page_set_state(zero_page, FS_ZEROED, R_ZERO_MAP);
        pte_map(f->space, f->va, f->slot, zero_page, rights & ~PTE_W);
        return 0;
    }
    struct page *page = fresh_frame(f, f->why, true);
    if (!page)
        return -ENOMEM;
    COUNT(DEMAND_ZERO);
    if (f->why == R_STACK_GROW)
        COUNT(STACK_GROWN);
    pte_map(f->space, f->va, f->slot, page, rights | PTE_D);
    note_private_page(f->space, f->vma, f->va);
    return 0;
}

/* Serves a write through a private mapping to a shared page, `old`: maps a copy
 * in the writer's own frame. `old` need not be mapped at this address. */
static int copy_frame(struct fault *f, struct page *old)
{
    assert(old->frame.refs || old->frame.pins); /* it stays meanwhile */
    struct page *page = fresh_frame(f, R_COW_COPY, false);
    if (!page)
        return -ENOMEM;
    page_copy(page_va(page), page_va(old));
    if (page_is_cache(old))
        old->frame.spare |= PAGE_ORIGINAL;
    COUNT(COW_COPIED);
    lens_busy();
    if (*f->slot & PTE_V)
        pte_unmap(f->space, f->va, f->slot, R_COW_COPY);
    pte_map(f->space, f->va, f->slot, page,
            pte_rights(f->vma->lens.flags) | PTE_D);
    lens_ready();
    note_private_page(f->space, f->vma, f->va);
    return 0;
}

/* Reserves disk space for the write that is about to happen. => may sleep; the
 * page may have left its object then */
static int make_writable(struct page *page)
{
    struct vm_object *o = page->object;
    if (!o || !o->ops || !o->ops->prepare_write)
        return 0;
    return o->ops->prepare_write(o, page, 0);
}

static int bus_error(struct fault *f)
{
    f->sig = SIGBUS;
    f->code = BUS_ADRERR;
    return -EFAULT;
}

/* Notes a write through a shared mapping, whose entry the caller then makes
 * writable: the page becomes dirty, and its file's times change. Later writes
 * through this entry do not fault until a write-back takes its right to write.
 * tmpfs has no write-back, and its entries are writable from the first on,
 * except those that fork makes. Linux 6.12 does this at the same faults
 * (mm/memory.c: fault_dirty_shared_page; mm/filemap.c: filemap_page_mkwrite).
 */
static void note_shared_write(struct fault *f, struct page *page)
{
    object_page_dirty(page, R_FILE_WRITE);
    if (f->vma->file)
        inode_touch(f->vma->file->inode);
}

/* Maps a page of the cache (or a copy, for a private write) into an empty
 * entry. cached: the page was in memory before this fault. */
static int enter_file_page(struct fault *f, struct page *page, bool cached)
{
    bool shared = f->vma->lens.flags & VMA_SHARED;
    u64 rights = pte_rights(f->vma->lens.flags);
    if (*f->slot) /* another thread's fault was faster */
        return 0;
    if (f->write && !shared)
        return copy_frame(f, page);
    if (cached && page->frame.state != FS_SHMEM)
        page_set_state(page, page->frame.state, R_MAP_CACHED);
    if (f->write)
        note_shared_write(f, page);
    else if (!shared || page->frame.state != FS_SHMEM)
        rights &= ~PTE_W; /* the first write must fault */
    pte_map(f->space, f->va, f->slot, page, rights | (f->write ? PTE_D : 0));
    return 0;
}

/* After a read fault on a cached page, also maps the vma's cached pages in the
 * same aligned group of vm.fault_around pages (if 0, policy->faults_around). No
 * A bit is set, as none is used yet; a page read ahead is left to its fault, to
 * show that the guess was right (Linux 3.15, mm/memory.c: do_fault_around). A
 * page that is free with identity stays free: its frame counts as free memory,
 * and a guess must not use that up. (SunOS 5 looks for the neighbours of a
 * faulting page with page_lookup_nowait, which skips free pages. Neither 4.3BSD
 * nor Linux 2.4 maps around a fault.) */
static void map_around(struct fault *f, struct vm_object *o, u64 index)
{
    const struct vma *v = f->vma;
    u64 pages = (u64)tun(TUN_FAULT_AROUND);
    pages = pages ? pages : policy->faults_around;
    while (pages & (pages - 1))
        pages &= pages - 1; /* rounded down, as in Linux */
    if (pages < 2 || current->leader->rlim[RLIMIT_RSS].cur != ~0ul)
        return;
    u64 event_va = current->event_va;
    u64 bytes = pages * PAGE_SIZE, base = ALIGN_DOWN(f->va, bytes);
    u64 va = MAX(base, v->lens.start), end = MIN(base + bytes, v->lens.end);
    for (; va < end; va += PAGE_SIZE) {
        s64 away = (s64)(va - f->va) / (s64)PAGE_SIZE;
        u64 *slot = f->slot + away;
        struct page *page = object_peek_page(o, index + (u64)away);
        if (*slot || !page ||
            (page->frame.flags & (FRAME_F_IO | FRAME_F_CACHED)) ||
            (page->frame.spare & (PAGE_AHEAD | PAGE_MARK | PAGE_ERROR)))
            continue;
        current->event_va = va;
        page_set_state(page, page->frame.state, R_MAP_CACHED);
        pte_share(f->space, va, slot, page, pte_rights(v->lens.flags) & ~PTE_W);
    }
    current->event_va = event_va;
}

static int file_page(struct fault *f)
{
    struct vma *v = f->vma;
    struct vm_object *object = v->object;
    u64 index = (v->lens.offset + (f->va - v->lens.start)) >> PAGE_SHIFT;
    u64 generation = f->space->generation;
    if (index >= DIV_ROUND_UP(object->size, PAGE_SIZE))
        return bus_error(f);
    struct file *file = v->file ? file_get(v->file) : NULL;
    if (!file)
        object_ref(object);
    int err = 0;
    bool was = f->major, came = false;
    bool dirties = f->write && (v->lens.flags & VMA_SHARED);
    if (file)
        came = readahead_fault(object, &file->ra, index);
    struct page *page =
        object_get_page(object, index, ACTOR_FAULT, &f->major, &err);
    if (page && dirties && (err = make_writable(page))) {
        page_put(page);
        page = NULL;
    }
    /* While the fault slept, the file may have become shorter. */
    bool inside = index < DIV_ROUND_UP(object->size, PAGE_SIZE);
    if (page && inside && f->space->generation == generation &&
        page->object == object)
        f->slot = pte_make(f->space, f->va); /* page tables may be gone, too */
    else
        f->slot = NULL; /* nothing is mapped: the access is tried again */
    if (f->slot)
        err = enter_file_page(f, page, !came && f->major == was);
    if (f->slot && !err && f->major == was && !f->write &&
        page->frame.state != FS_SHMEM)
        map_around(f, object, index);
    if (page)
        page_put(page);
    else if (err != -ENOMEM) /* disk broken or full, file shorter */
        err = bus_error(f);
    if (file)
        file_put(file);
    else
        object_unref(object);
    if (!err && dirties)
        balance_dirty(); /* -EINTR: a signal, handled on return to user mode */
    return err;
}

/* True if no other entry maps the page or names its slot. */
static bool only_owner(const struct page *page)
{
    return page->frame.refs == 1 && (!page->slot || !swap_count(page->slot));
}

/* Serves the first write to a shared file page since its last write-back.
 * make_writable may sleep; if the mappings or the entry have changed meanwhile,
 * the access is tried again. */
static int first_write(struct fault *f, struct page *page)
{
    u64 generation = f->space->generation, pte = *f->slot;
    struct vma *v = f->vma;
    struct file *file = v->file ? file_get(v->file) : NULL;
    page_pin(page);
    int err = make_writable(page);
    f->slot = pte_find(f->space, f->va);
    if (!err && f->space->generation == generation && f->slot &&
        *f->slot == pte) {
        note_shared_write(f, page);
        pte_change(f->space, f->va, f->slot, 0, PTE_W | PTE_D | PTE_A);
    }
    page_put(page);
    if (file)
        file_put(file);
    if (err && err != -ENOMEM) {
        f->sig = SIGBUS;
        f->code = BUS_ADRERR;
        return -EFAULT;
    }
    if (!err)
        balance_dirty();
    return err;
}

/* Serves a write to a page that is present but read-only, in a mapping that
 * allows writing. */
static int break_cow(struct fault *f)
{
    struct page *page = pte_page(*f->slot);
    bool shared = f->vma->lens.flags & VMA_SHARED;
    if (shared && !page_is_dirty(page)) {
        return first_write(f, page);
    } else if (shared) {
        note_shared_write(f, page);
    } else if (page == zero_page) {
        lens_busy();
        pte_unmap(f->space, f->va, f->slot, R_DEMAND_ZERO);
        int err = anonymous(f);
        lens_ready();
        return err;
    } else if (!page_is_anon(page) || !only_owner(page)) {
        return copy_frame(f, page);
    } else if (page->frame.flags & FRAME_F_IO) { /* being written to swap */
        f->major = true;
        swap_wait_page(page);
        return 0;
    } else if (page->slot) {
        page->frame.owner = space_pid(f->space);
        swapcache_remove(page, R_SWAP_FREE);
    } else if (page->frame.state == FS_COW) { /* the last owner */
        COUNT(COW_REUSED);
        page->frame.owner = space_pid(f->space);
        page_set_state(page, FS_ANON, R_COW_REUSE);
    }
    assert(shared || page->frame.refs == 1);
    pte_change(f->space, f->va, f->slot, 0, PTE_W | PTE_D | PTE_A);
    return 0;
}

/* Returns the PTE bits of an anonymous page whose first write must fault. */
static u64 read_rights(const struct vma *v)
{
    u64 bits = pte_rights(v->lens.flags) & ~PTE_W;
    return bits & (PTE_R | PTE_X) ? bits : PTE_R; /* see protect_pages */
}

/* Replaces the swap entry by a mapping of the page that its slot held. */
static void map_swapped(struct space *s, struct vma *v, u64 va, u64 *slot,
                        struct page *page, bool major)
{
    if (!major)
        page_set_state(page, FS_SWAPCACHE, R_SWAP_MAP);
    /* A read-ahead or a swapoff read the page for the process of this space. */
    if (!page->frame.refs)
        page->frame.owner = space_pid(s);
    swapcache_used(page, major);
    pte_swap_in(s, va, slot, page, read_rights(v));
    if (major)
        note_private_page(s, v, va);
}

static int swapped(struct fault *f)
{
    u64 entry = *f->slot, generation = f->space->generation;
    struct page *page;
    int err = 0;
    while (!(page = swap_in(pte_slot(entry), ACTOR_FAULT, &f->major, &err))) {
        if (err == -EIO) {
            f->sig = SIGBUS;
            f->code = BUS_ADRERR;
            return -EFAULT;
        }
        if (err != -EAGAIN)
            return err;
        f->major = true; /* the fault waited for the disk */
        if (!f->space->root || f->space->generation != generation)
            return 0; /* the access is tried again */
        f->slot = pte_find(f->space, f->va);
        if (!f->slot || *f->slot != entry)
            return 0;
    }
    COUNT(SWPC_FIND);
    map_swapped(f->space, f->vma, f->va, f->slot, page, f->major);
    if (f->write)
        return break_cow(f);
    if (swap_scarce() && only_owner(page) &&
        !(page->frame.flags & FRAME_F_IO) && !page->frame.pins)
        swapcache_remove(page, R_SWAP_FREE);
    return 0;
}

int swap_page_in(struct space *s, u64 va)
{
    u64 *slot = pte_find(s, va);
    struct vma *v = vma_find(s, va);
    bool major = false;
    int err = 0;
    struct page *page = swap_in(pte_slot(*slot), ACTOR_FAULT, &major, &err);
    if (page)
        map_swapped(s, v, va, slot, page, true);
    else if (err == -ENOMEM && memory_try())
        err = -EAGAIN;
    return page ? 0 : err;
}

static int not_present(struct fault *f)
{
    if (huge_fault(f->space, f->vma, f->va))
        return 0;
    f->slot = pte_make(f->space, f->va);
    if (!f->slot)
        return -ENOMEM;
    if (*f->slot)
        return swapped(f);
    const struct vma *v = f->vma;
    if (v->lens.flags & VMA_DEVICE) {
        pte_map_device(f->space, f->va, f->slot,
                       v->lens.offset + (f->va - v->lens.start),
                       pte_rights(v->lens.flags));
        return 0;
    }
    return v->object ? file_page(f) : anonymous(f);
}

static int present(struct fault *f, u32 access)
{
    u64 rights = pte_rights(f->vma->lens.flags);
    if (access == VMA_W && !(*f->slot & PTE_W)) {
        if (pte_is_huge(*f->slot) && huge_reuse(f->space, f->va, f->slot))
            return 0;
        f->slot = pte_split(f->space, f->va, R_SPLIT_COW);
        return break_cow(f);
    }
    f->reopened = !(*f->slot & PTE_U);
    /* The TLB entry was stale, PTE_U was off, or software sets A and D
     * (Svade). */
    pte_change(f->space, f->va, f->slot, 0,
               (rights & ~PTE_W) | PTE_A | (f->write ? PTE_D : 0));
    return 0;
}

/* True if a stack may grow down to `page`: mappings that a program can access
 * must be far below, so that a large local variable does not reach into them
 * (Linux since 2017, mm/mmap.c: expand_downwards, stack_guard_gap). */
static bool gap_below(const struct vma *v, u64 page)
{
    const struct vma *prev = vmtree_prev(v);
    u64 end = prev ? prev->lens.end : USER_MIN;
    bool near = !prev || (prev->attrs & ATTR_GROWSDOWN) ||
                !(prev->lens.flags & (VMA_R | VMA_W | VMA_X));
    return page >= end && (near || page - end >= GUARD_GAP);
}

/* Finds the mapping of va. If va lies below the stack and the limits allow it,
 * the stack's mapping grows down to the page of va. */
static struct vma *grow_stack(struct space *s, u64 va, bool *grown)
{
    struct vma *v = vma_after(s, va);
    if (!v || !(v->attrs & ATTR_GROWSDOWN) || v->lens.start <= va)
        return v && v->lens.start <= va ? v : NULL;
    if (s != current->space) /* an access through /proc */
        return NULL;
    u64 page = PAGE_DOWN(va);
    if (v->lens.end - page > current->leader->rlim[RLIMIT_STACK].cur ||
        !gap_below(v, page) ||
        !limits_allow(s, v->lens.flags, true, (s64)(v->lens.start - page)) ||
        ((v->attrs & ATTR_LOCKED) && !lock_allowed(s, v->lens.start - page)) ||
        !commit_allows(s, (v->lens.start - page) >> PAGE_SHIFT))
        return NULL;
    vma_resize(s, v, page, v->lens.end);
    *grown = true;
    return v;
}

static int try_once(struct fault *f, u64 va, u32 access)
{
    bool grown = false;
    f->vma = va < USER_TOP ? grow_stack(f->space, va, &grown) : NULL;
    f->sig = SIGSEGV;
    f->code = f->vma ? SEGV_ACCERR : SEGV_MAPERR;
    f->why = grown ? R_STACK_GROW : R_DEMAND_ZERO;
    if (!f->vma)
        return -EFAULT;
    u32 has = f->vma->lens.flags;
    if (has & VMA_W)
        has |= VMA_R;
    if (!(has & access))
        return -EFAULT;
    f->slot = pte_find(f->space, va);
    return f->slot && (*f->slot & PTE_V) ? present(f, access) : not_present(f);
}

/* Keeps in memory, until the faulting instruction has run, the page that this
 * fault waited for: another page may have to be read first. (For a process with
 * an RLIMIT_RSS, LEAST does this: vm/limit.c.) */
static void keep_for_insn(struct space *s, u64 va)
{
    u64 pte = pte_read(s, va);
    struct page *page = pte & PTE_V ? pte_page(pte) : NULL;
    if (page && page != zero_page)
        insn_pages_note(page);
}

static void count_served(bool major, u64 va)
{
    struct proc *p = current;
    u64 before = p->event_va;
    p->event_va = va;
    COUNT(PGFAULT);
    if (major) {
        COUNT(PGMAJFAULT);
        p->lens.maj_flt++;
        p->leader->lens.maj_flt += p->leader != p;
        CHARGE(p, maj_flt, 1);
    } else {
        p->lens.min_flt++;
        p->leader->lens.min_flt += p->leader != p;
        CHARGE(p, min_flt, 1);
    }
    lens_report(LENS_NO_PFN, 0, 0, major ? R_FAULT_MAJOR : R_FAULT_MINOR);
    p->event_va = before;
}

int vm_fault(struct space *s, u64 va, u32 access, int *sig, int *code)
{
    struct proc *p = current;
    enum actor actor = p->actor;
    u64 event_va = p->event_va;
    struct fault f = {
        .space = s, .va = PAGE_DOWN(va), .write = access == VMA_W};
    p->actor = ACTOR_FAULT;
    p->event_va = va;
    p->event_space = s == p->space ? 0 : space_pid(s); /* /proc/PID/cmdline */
    p->vain_rounds = 0;
    bool limited = p->leader->rlim[RLIMIT_RSS].cur != ~0ul;
    int err;
    do {
        if (limited)
            rss_make_room(s, va, f.write);
        if (!space_settle(s, va)) {
            err = -ENOMEM;
            break;
        }
    } while ((err = try_once(&f, va, access)) == -ENOMEM &&
             memory_wait_fault());
    p->given_up = 0;
    if (!err && limited && policy->every_use)
        rss_used(s, va);
    if (!err) {
        if (!f.reopened) /* else the page was present: only a use was
                          * recorded */
            count_served(f.major, va);
        if (f.major)
            thrash_watch();
        if (f.major && sig && !limited)
            keep_for_insn(s, va);
    } else if (err == -ENOMEM) { /* the process is being killed */
        err = -EFAULT;
        f.sig = SIGKILL;
    } else if (sig) {
        COUNT(PGILLFAULT);
        p->lens.ill_flt++;
        p->leader->lens.ill_flt += p->leader != p;
        lens_report(LENS_NO_PFN, 0, 0, R_FAULT_ILLEGAL);
    }
    if (sig) {
        *sig = f.sig;
        *code = f.code;
    }
    p->actor = actor;
    p->event_va = event_va;
    p->event_space = 0;
    return err;
}
