/* SPDX-License-Identifier: MIT */
/* Does the work of mmap, munmap, mprotect, mremap and brk on an address space:
 * maps, unmaps, protects, moves. As far as possible, each call first does what
 * can fail, and only then changes the space. */
#include "fs/vfs.h"
#include "lib/tunable.h"
#include "task/proc.h"
#include "vm/pte.h"
#include "vm/reclaim.h"
#include "vm/vm.h"

#include <linux/mman.h>

/* Returns the end of the area that mmap may use; above it lies the stack. */
static u64 mmap_top(void)
{
    u64 limit = current->leader->rlim[RLIMIT_STACK].cur;
    return STACK_TOP - PAGE_UP(MIN(limit, USER_TOP / 4)) - STACK_GAP;
}

/* Returns the highest address below mmap_top with len free bytes, or 0. */
static u64 find_hole(struct space *s, u64 len)
{
    u64 top = mmap_top();
    struct vma *v = vma_after(s, top - 1); /* at the top, or above it */
    const struct vma *prev = v ? vmtree_prev(v) : vmtree_last(s);
    u64 from = prev ? prev->lens.end : USER_MIN;
    u64 to = v ? MIN(vma_floor(v), top) : top;
    if (to > from && to - from >= len)
        return to - len;
    v = prev ? vmtree_wide_before(s, v, len) : NULL;
    return v ? vma_floor(v) - len : 0;
}

static bool range_ok(u64 start, u64 len)
{
    return len && start % PAGE_SIZE == 0 && len % PAGE_SIZE == 0 &&
           start >= USER_MIN && start < USER_TOP && len <= USER_TOP - start;
}

static bool overlaps(struct space *s, u64 start, u64 len)
{
    struct vma *v = vma_after(s, start);
    return v && v->lens.start < start + len;
}

/* True if the program's hint can be followed: the range is free, and not in the
 * room that a stack keeps below it (Linux 6.12, mm/mmap.c: vm_start_gap). */
static bool hint_ok(struct space *s, u64 start, u64 len)
{
    if (!range_ok(start, len) || overlaps(s, start, len))
        return false;
    const struct vma *v = vma_after(s, start);
    return !v || vma_floor(v) >= start + len;
}

static u64 path_copy(struct file *file)
{
    char *buf = kmalloc(PATH_MAX), *copy = NULL;
    if (!buf)
        return 0;
    const char *path = file_path(file, buf, PATH_MAX);
    copy = kmalloc(strlen(path) + 1);
    if (copy)
        memcpy(copy, path, strlen(path) + 1);
    kfree(buf);
    return (u64)copy;
}

/* True if vm.max_map_count leaves room for more than `spare` mappings. In Linux
 * 6.12 mmap and brk fail when it is exceeded, splits when it is reached, and
 * mremap when at most three are left. */
static bool room_for_maps(const struct space *s, u64 spare)
{
    return s->nmaps + spare < (u64)tun(TUN_MAX_MAP_COUNT);
}

/* ---- ranges under change ---- */

void change_begin(struct space *s, struct change *c, u64 start, u64 end)
{
    assert(mutex_is_mine(&s->changing) || !s->users);
    c->start = start;
    c->end = end;
    list_add_tail(&c->link, &s->changes);
}

void change_end(struct space *s, struct change *c)
{
    list_del(&c->link);
    wake_up(&s->changing.waiting);
}

/* True if va lies in a range under change, or below a stack whose start lies in
 * such a range. */
static bool under_change(struct space *s, u64 va)
{
    const struct vma *v = vma_after(s, va);
    u64 grows = v && (v->attrs & ATTR_GROWSDOWN) ? MAX(v->lens.start, va) : va;
    struct change *c;
    list_for_each_entry(c, &s->changes, link)
    {
        if ((c->start <= va && va < c->end) ||
            (c->start <= grows && grows < c->end))
            return true;
    }
    return false;
}

bool change_wait(struct space *s, u64 va)
{
    while (under_change(s, va))
        if (sleep_on_killable(&s->changing.waiting))
            return false;
    return true;
}

/* ---- unmapping ---- */

static int cut_at_ends(struct space *s, u64 start, u64 end)
{
    struct vma *v = vma_find(s, start);
    if (v && v->lens.start < start && v->lens.end > end && !room_for_maps(s, 0))
        return -ENOMEM; /* cutting a hole adds a mapping */
    return vma_cut(s, start) || vma_cut(s, end) ? -ENOMEM : 0;
}

/* Removes [start, end): pages, tables, mappings. Returns the mappings for
 * free_detached. => call cut_at_ends and change_begin first: while detach
 * yields, no stack may grow into the range, no new fault may map a page */
static struct vma *detach(struct space *s, u64 start, u64 end)
{
    struct vma *gone = NULL, **tail = &gone, *v;
    for (v = vma_after(s, start); v && v->lens.start < end; v = vma_next(v))
        pte_zap_range(s, v->lens.start, v->lens.end, R_UNMAP);
    while ((v = vma_after(s, start)) && v->lens.start < end) {
        lens_busy();
        /* A fault that slept when the change began may have mapped a page. */
        pte_unmap_range(s, v->lens.start, v->lens.end, R_UNMAP);
        vma_remove(s, v);
        lens_ready();
        v->lens.next = 0;
        *tail = v;
        tail = (struct vma **)&v->lens.next;
    }
    return gone;
}

/* Frees what detach has returned. => may sleep: the space is consistent again,
 * and no range is under change */
static void free_detached(struct vma *gone)
{
    for (struct vma *v; (v = gone);) {
        gone = vma_next(v);
        vma_free(v);
    }
}

static s64 unmap(struct space *s, u64 start, u64 len)
{
    struct change change;
    int err = cut_at_ends(s, start, start + len);
    if (err)
        return err;
    change_begin(s, &change, start, start + len);
    struct vma *gone = detach(s, start, start + len);
    change_end(s, &change);
    free_detached(gone);
    return 0;
}

static u64 promised_in(struct space *s, u64 start, u64 len)
{
    u64 sum = 0, end = start + len;
    for (struct vma *v = vma_after(s, start); v && v->lens.start < end;
         v = vma_next(v))
        if (vma_promised(v))
            sum += MIN(v->lens.end, end) - MAX(v->lens.start, start);
    return sum >> PAGE_SHIFT;
}

/* True if overcommit allows the mapping (vm/commit.c); the pages that it
 * replaces no longer count as promised. => the caller holds space.changing from
 * here until they are replaced */
static bool promise(struct space *s, const struct map_request *r)
{
    if ((r->flags & (VMA_W | VMA_SHARED)) != VMA_W)
        return true; /* shared memory was promised when it was made */
    if (r->promised || !commit_reserves(r->attrs & ATTR_NORESERVE))
        return true;
    u64 ended = r->fixed ? promised_in(s, r->start, r->len) : 0;
    return commit_allows(s, (r->len >> PAGE_SHIFT) - ended);
}

static u64 mapped_in(struct space *s, u64 start, u64 len)
{
    u64 sum = 0, end = start + len;
    for (struct vma *v = vma_after(s, start); v && v->lens.start < end;
         v = vma_next(v))
        sum += MIN(v->lens.end, end) - MAX(v->lens.start, start);
    return sum;
}

/* True if RLIMIT_AS and RLIMIT_DATA allow the mapping; pages that it replaces
 * are not counted. */
static bool within_limits(struct space *s, const struct map_request *r)
{
    if (r->promised ||
        limits_allow(s, r->flags, r->attrs & ATTR_GROWSDOWN, (s64)r->len))
        return true;
    return r->fixed &&
           limits_allow(s, r->flags, r->attrs & ATTR_GROWSDOWN,
                        (s64)(r->len - mapped_in(s, r->start, r->len)));
}

/* Returns ATTR_ACCOUNTED if a mapping with these flags and attributes counts as
 * promised from now on (Linux, mm/vma.c: accountable_mapping). */
static u32 accounted(u32 flags, u32 attrs)
{
    return (flags & (VMA_SHARED | VMA_W)) == VMA_W && !(attrs & ATTR_NORESERVE)
               ? ATTR_ACCOUNTED
               : 0;
}

/* Makes the mapping; returns its address or -errno. *gone: the mappings that it
 * replaces, for free_detached. No fault sees the range unmapped meanwhile. */
static s64 map(struct space *s, const struct map_request *r, struct vma **gone)
{
    u64 start = r->start;
    struct change own, *change = r->moves ? r->moves : &own;
    *gone = NULL;
    if (r->fixed && !range_ok(start, r->len))
        return start % PAGE_SIZE ? -EINVAL : -ENOMEM;
    if (r->noreplace && overlaps(s, start, r->len))
        return -EEXIST;
    if (!r->fixed && !hint_ok(s, start, r->len))
        start = find_hole(s, r->len);
    if (r->moves ? !room_for_maps(s, 3)
                 : s->nmaps > (u64)tun(TUN_MAX_MAP_COUNT))
        return -ENOMEM;
    if (!start || !within_limits(s, r) || !promise(s, r))
        return -ENOMEM;
    u32 attrs = r->attrs | (r->moves ? 0 : s->future);
    if (!r->moves && (attrs & ATTR_LOCKED) && !lock_allowed(s, r->len))
        return -EAGAIN;
    struct vma *v = vma_new(start, start + r->len, r->flags, r->may_flags);
    if (!v)
        return -ENOMEM;
    bool replaces = r->fixed && overlaps(s, start, r->len);
    if (replaces && cut_at_ends(s, start, start + r->len)) {
        kfree(v);
        return -ENOMEM;
    }
    if (replaces || r->moves)
        change_begin(s, change, start, start + r->len);
    if (replaces)
        *gone = detach(s, start, start + r->len);
    if (!r->moves && commit_reserves(true))
        attrs &= ~ATTR_NORESERVE;
    v->attrs = attrs | accounted(r->flags, attrs);
    v->merge_group = r->merge_group;
    v->forked = r->forked;
    v->object = r->object;
    if (r->home) {
        v->lens.home = r->home;
        s->moved = true;
    }
    v->lens.offset = r->offset;
    if (r->file) {
        v->file = file_get(r->file);
        v->lens.flags |= VMA_FILE;
        v->lens.name = path_copy(r->file);
    } else if (r->object) {
        object_ref(r->object);
    } else if (r->flags & (VMA_STACK | VMA_HEAP)) {
        v->lens.name = (u64)(r->flags & VMA_HEAP ? "[heap]" : "[stack]");
    }
    if (r->object) {
        v->lens.inode = r->object->id;
        v->lens.dev = r->object->dev;
    }
    vma_insert(s, v);
    if (!r->moves)
        vma_merge(s, start, start + r->len);
    if (replaces && !r->moves)
        change_end(s, change);
    return (s64)start;
}

/* True if mprotect may make an entry of a shared mapping writable. A file's
 * entry must fault at the first write through it since the page was written
 * back (Linux 6.12, mm/mprotect.c: can_change_shared_pte_writable). */
static bool is_written_shared(u64 pte, const struct page *page)
{
    return page->frame.state == FS_SHMEM ||
           (page_is_dirty(page) && (pte & PTE_D));
}

/* Gives n entries of one leaf table, or a leaf of 2 MiB, the new rights. */
static void protect_run(struct space *s, const struct vma *v, u64 va, u64 *slot,
                        u64 n, u64 rights)
{
    u64 changed = 0;
    bool huge = pte_is_huge(*slot);
    for (u64 i = 0; (rights & PTE_X) && i < n; i++) {
        u64 pte = huge ? pte_small(*slot, va + i * PAGE_SIZE) : slot[i];
        if ((pte & PTE_V) && pte_page(pte))
            page_fence(pte_page(pte));
    }
    for (; n; n--, slot++, va += PAGE_SIZE) {
        if (!(*slot & PTE_V))
            continue; /* empty; or in swap: gets its rights when it is read */
        struct page *page = pte_page(*slot);
        bool own = !page || !(rights & PTE_W) ? true
                   : huge                     ? huge_is_writable(*slot)
                   : v->lens.flags & VMA_SHARED
                       ? is_written_shared(*slot, page)
                       : page->frame.state == FS_ANON && page->frame.refs == 1;
        *slot &= ~(PTE_U | PTE_R | PTE_W | PTE_X);
        *slot |= own ? rights : rights & ~PTE_W;
        if (changed++ < FENCES_MOST)
            fence_page(va, s->asid);
        if (huge)
            break;
    }
    if (changed > FENCES_MOST)
        fence_asid(s->asid);
}

/* Gives present pages the rights of the mapping, except the write permission
 * that only a fault may grant (COW, clean file pages). */
static void protect_pages(struct space *s, const struct vma *v)
{
    u64 rights = pte_rights(v->lens.flags);
    if (!(v->lens.flags & (VMA_R | VMA_W | VMA_X)))
        rights = PTE_R; /* PROT_NONE: valid, but not for user mode */
    u64 va = v->lens.start, *slot, n;
    while ((slot = pte_run(s, &va, v->lens.end, &n))) {
        protect_run(s, v, va, slot, n, rights);
        va += n * PAGE_SIZE;
        cond_resched();
    }
}

static s64 protect(struct space *s, u64 start, u64 len, u32 flags)
{
    u64 end = start + len, at = start, more = 0, data = 0;
    s64 err = 0;
    for (struct vma *v = vma_after(s, start); at < end; v = vma_next(v)) {
        err = !v || v->lens.start > at  ? -ENOMEM
              : (flags & ~v->may_flags) ? -EACCES
                                        : 0;
        if (err) { /* the part before `at` is changed, as in Linux */
            end = at;
            break;
        }
        u64 part = MIN(v->lens.end, end) - at;
        if (!(v->lens.flags & VMA_SHARED) && (flags & VMA_W) &&
            !(v->attrs & (ATTR_ACCOUNTED | ATTR_NORESERVE)))
            more += part; /* private, now writable */
        u32 becomes = flags | (v->lens.flags & VMA_SHARED);
        bool stack = v->attrs & ATTR_GROWSDOWN;
        if (limit_is_data(becomes, stack) &&
            !limit_is_data(v->lens.flags, stack))
            data += part;
        at = v->lens.end;
    }
    /* mprotect does not change the size of the space. Linux (6.12,
     * mm/mprotect.c: mprotect_fixup) refuses only if the range could be mapped
     * with its old rights and not with the new ones, so a process at its
     * RLIMIT_AS is not refused. */
    if (end == start)
        return err;
    if (data && limit_as_allows(s, (s64)data) &&
        !limit_data_allows(s, (s64)data))
        return -ENOMEM;
    if (!commit_allows(s, more >> PAGE_SHIFT))
        return -ENOMEM;
    const struct vma_bits all = {.flags = VMA_R | VMA_W | VMA_X},
                          new = {.flags = flags};
    if (vma_split_around(s, start, end, all, new))
        return -ENOMEM;
    struct vma *v;
    for (at = start; (v = vma_step(s, &at, end));) {
        u64 from = v->lens.start;
        if (!vma_differs(v, all, new))
            continue;
        v->lens.flags = (v->lens.flags & ~all.flags) | flags;
        if (!(flags & VMA_W) && !v->object && !v->merge_group)
            v->attrs &= ~ATTR_ACCOUNTED; /* no page was ever needed */
        v->attrs |= accounted(v->lens.flags, v->attrs);
        s->generation++; /* a fault that sleeps now has seen the old rights */
        protect_pages(s, v);
        vma_merge(s, from, at);
    }
    return err;
}

static s64 apply(struct space *s, u64 start, u64 end, u32 refused, u32 clear,
                 u32 set)
{
    struct vma *v = vma_after(s, start);
    s64 err = 0;
    for (; v && v->lens.start < end; v = vma_next(v))
        if (v->lens.flags & refused) { /* the part before it is changed */
            end = MAX(start, v->lens.start);
            err = -EINVAL;
        }
    if (start == end)
        return err;
    const struct vma_bits all = {.attrs = clear | set}, new = {.attrs = set};
    if (vma_split_around(s, start, end, all, new))
        return -ENOMEM;
    for (u64 at = start; (v = vma_step(s, &at, end));) {
        if (!vma_differs(v, all, new))
            continue;
        v->attrs = (v->attrs & ~clear) | set;
        vma_merge(s, v->lens.start, at);
    }
    s->generation++;
    return err;
}

static void move_entry(struct space *s, u64 *slot, u64 va, u64 *to, u64 new_va)
{
    u64 pte = *slot;
    *slot = 0;
    va_to_page(slot)->table_used--;
    fence_page(va, s->asid);
    *to = pte;
    va_to_page(to)->table_used++;
    fence_page(new_va, s->asid);
}

/* Moves n entries of one leaf table, whose new places lie in one table, too. A
 * leaf of 2 MiB stays whole if the new address is aligned (Linux:
 * move_huge_pmd). False: no memory for a table. */
static bool move_run(struct space *s, u64 *slot, u64 va, u64 n, u64 new_va)
{
    if (pte_is_huge(*slot)) {
        if (n == PTE_COUNT && new_va % HUGE_SIZE == 0) {
            u64 *to = pte_make_huge(s, new_va);
            assert(!to || !*to); /* no fault has made a table there */
            if (to)
                move_entry(s, slot, va, to, new_va);
            return to != NULL;
        }
        slot = pte_split(s, va, R_SPLIT_PART);
    }
    u64 *to = NULL;
    for (; n; n--, slot++, to += to != NULL, va += PAGE_SIZE) {
        if (*slot && !to && !(to = pte_make(s, new_va)))
            return false;
        if (*slot)
            move_entry(s, slot, va, to, new_va);
        new_va += PAGE_SIZE;
    }
    return true;
}

/* Moves the pages of [from, from + len) to `to`, table by table. 0; -ENOMEM:
 * the process is to die, and some pages have been moved. => sleeps */
static int move_pages(struct space *s, u64 from, u64 to, u64 len)
{
    u64 va = from, *slot, n;
    while ((slot = pte_run(s, &va, from + len, &n))) {
        u64 new_va = to + (va - from);
        n = MIN(n, PTE_COUNT - PTE_INDEX(new_va, 0));
        lens_busy();
        bool moved = move_run(s, slot, va, n, new_va);
        lens_ready();
        if (!moved && !memory_wait())
            return -ENOMEM;
        va += moved ? n * PAGE_SIZE : 0;
        cond_resched();
    }
    return 0;
}

/* Moves a whole mapping (already split from its neighbours). => sleeps; both
 * places are under change meanwhile */
static s64 move_mapping(struct space *s, struct vma *v, u64 old_len,
                        u64 new_len, u32 how, u64 new_addr)
{
    struct change here, there;
    struct vma *replaced;
    struct map_request r = {
        .start = how & MREMAP_FIXED ? new_addr : 0,
        .len = new_len,
        .flags =
            v->lens.flags & (VMA_R | VMA_W | VMA_X | VMA_SHARED | VMA_DEVICE),
        .may_flags = v->may_flags,
        .offset = v->lens.offset,
        .file = v->file,
        .object = v->object,
        .fixed = how & MREMAP_FIXED,
        .home = v->merge_group ? v->lens.home : 0,
        .attrs = v->attrs & ~ATTR_GROWSDOWN,
        .promised = true,
        .moves = &there,
        .merge_group = v->merge_group,
        .forked = v->forked,
    };
    u64 old = v->lens.start;
    change_begin(s, &here, old, old + old_len);
    s64 to = map(s, &r, &replaced);
    int err = to < 0 ? (int)to : move_pages(s, old, (u64)to, old_len);
    struct vma *moved = err ? NULL : detach(s, old, old + old_len);
    if (to >= 0) {
        vma_merge(s, (u64)to, (u64)to + new_len);
        change_end(s, &there);
    }
    change_end(s, &here);
    free_detached(replaced);
    free_detached(moved);
    return err ? err : to;
}

static s64 remap(struct space *s, u64 old, u64 old_len, u64 new_len, u32 how,
                 u64 new_addr)
{
    if (how & MREMAP_FIXED) {
        if (!(how & MREMAP_MAYMOVE) || !range_ok(new_addr, new_len) ||
            (new_addr < old + old_len && old < new_addr + new_len))
            return -EINVAL;
    }
    struct vma *v = vma_find(s, old);
    if (!v)
        return -EFAULT;
    if (new_len < old_len) { /* the tail may be of several mappings */
        s64 err = unmap(s, old + new_len, old_len - new_len);
        if (err)
            return err;
        old_len = new_len;
        v = vma_find(s, old);
    }
    if (new_len == old_len && !(how & MREMAP_FIXED))
        return (s64)old;
    if (v->lens.end - old < old_len)
        return -EFAULT;
    if (new_len > old_len && (v->lens.flags & VMA_DEVICE))
        return -EFAULT; /* next comes another device, or RAM */
    if (new_len > old_len && vma_promised(v) &&
        !commit_allows(s, (new_len - old_len) >> PAGE_SHIFT))
        return -ENOMEM;
    if (new_len > old_len &&
        !limits_allow(s, v->lens.flags, v->attrs & ATTR_GROWSDOWN,
                      (s64)(new_len - old_len)))
        return -ENOMEM;
    if (new_len > old_len && (v->attrs & ATTR_LOCKED) &&
        !lock_allowed(s, new_len - old_len))
        return -EAGAIN;
    if (!(how & MREMAP_FIXED)) {
        u64 end = old + old_len, more = new_len - old_len;
        if (v->lens.end == end && range_ok(end, more) &&
            !overlaps(s, end, more) && end + more <= mmap_top()) {
            vma_resize(s, v, v->lens.start, end + more);
            vma_merge(s, end + more, end + more);
            return (s64)old;
        }
        if (!(how & MREMAP_MAYMOVE))
            return -ENOMEM;
    }
    if (vma_split(s, old) || vma_split(s, old + old_len))
        return -ENOMEM;
    return move_mapping(s, vma_find(s, old), old_len, new_len, how, new_addr);
}

static s64 move_brk(struct space *s, u64 brk)
{
    u64 old_end = PAGE_UP(s->brk), new_end = PAGE_UP(brk);
    if (brk < s->brk_start || brk >= mmap_top())
        return (s64)s->brk;
    if (new_end < old_end) {
        if (unmap(s, new_end, old_end - new_end) < 0)
            return (s64)s->brk;
    } else if (new_end > old_end) {
        u64 more = new_end - old_end;
        struct vma *none; /* nothing is replaced */
        struct map_request r = {
            .start = old_end,
            .len = more,
            .flags = VMA_R | VMA_W | VMA_HEAP,
            .may_flags = VMA_R | VMA_W | VMA_X,
            .fixed = true,
        };
        u64 data = brk - s->brk_start + (s->data_end - s->data_start);
        if (data > current->leader->rlim[RLIMIT_DATA].cur ||
            overlaps(s, old_end, more + PAGE_SIZE) || map(s, &r, &none) < 0)
            return (s64)s->brk;
    }
    s->brk = brk;
    return (s64)brk;
}

/* ---- the calls, which take space.changing ---- */

s64 space_map(struct space *s, const struct map_request *r)
{
    if (mutex_lock_killable(&s->changing))
        return -EINTR;
    struct vma *gone;
    s64 ret = map(s, r, &gone);
    free_detached(gone);
    mutex_unlock(&s->changing);
    return ret;
}

s64 space_unmap(struct space *s, u64 start, u64 len)
{
    if (mutex_lock_killable(&s->changing))
        return -EINTR;
    s64 ret = unmap(s, start, len);
    mutex_unlock(&s->changing);
    return ret;
}

s64 space_protect(struct space *s, u64 start, u64 len, u32 flags)
{
    if (mutex_lock_killable(&s->changing))
        return -EINTR;
    s64 ret = protect(s, start, len, flags);
    mutex_unlock(&s->changing);
    return ret;
}

s64 space_apply(struct space *s, u64 start, u64 len, u32 refused, u32 clear,
                u32 set)
{
    if (mutex_lock_killable(&s->changing))
        return -EINTR;
    s64 ret = apply(s, start, start + len, refused, clear, set);
    mutex_unlock(&s->changing);
    return ret;
}

s64 space_remap(struct space *s, u64 old, u64 old_len, u64 new_len, u32 how,
                u64 new_addr)
{
    if (mutex_lock_killable(&s->changing))
        return -EINTR;
    s64 ret = remap(s, old, old_len, new_len, how, new_addr);
    mutex_unlock(&s->changing);
    return ret;
}

s64 space_brk(struct space *s, u64 brk)
{
    if (mutex_lock_killable(&s->changing))
        return (s64)s->brk;
    s64 ret = move_brk(s, brk);
    mutex_unlock(&s->changing);
    return ret;
}

s64 space_forget(struct space *s, u64 start, u64 len)
{
    if (mutex_lock_killable(&s->changing))
        return -EINTR;
    u64 end = start + len;
    struct vma *v = vma_after(s, start);
    while (v && v->lens.start < end && !(v->attrs & ATTR_LOCKED))
        v = vma_next(v);
    bool locked = v && v->lens.start < end;
    pte_zap_range(s, start, locked ? MAX(start, v->lens.start) : end, R_UNMAP);
    mutex_unlock(&s->changing);
    return locked ? -EINVAL : 0;
}
