/* SPDX-License-Identifier: MIT */
/* mmap and related calls check their arguments; vm/map.c does the work. */
#include "fs/dcache.h"
#include "fs/vfs.h"
#include "task/proc.h"
#include "sys/mman.h"
#include "sys/syscall.h"
#include "vm/huge.h"
#include "vm/pte.h"
#include "vm/reclaim.h"
#include "vm/space.h"
#include "vm/swap.h"
#include "vm/uaccess.h"

#include <linux/mman.h>

static u32 rights(u64 prot)
{
    return (prot & PROT_READ ? VMA_R : 0) | (prot & PROT_WRITE ? VMA_W : 0) |
           (prot & PROT_EXEC ? VMA_X : 0);
}

/* True if the range is in the first GiB of physical addresses, far below RAM:
 * the devices are there, and the kernel maps this GiB, too (arch/head.S). */
static bool device_range(u64 pa, u64 len)
{
    return pa + len >= pa && pa + len <= 1ul << 30;
}

/* Finds the mapping's source: sets object and file of r. 0 or -errno. *file is
 * a reference, or NULL for anonymous memory; the caller drops it. */
static int mapping_source(struct map_request *r, struct file **file)
{
    bool shared = r->flags & VMA_SHARED;
    bool noreserve = r->attrs & ATTR_NORESERVE;
    struct vm_object *ignored;
    r->may_flags = VMA_R | VMA_W | VMA_X;
    if (!*file) {
        if (shared && (r->attrs & ATTR_GROWSDOWN))
            return -EINVAL;
        if (shared && !(r->object = object_anonymous(r->len, noreserve)))
            return -ENOMEM;
        r->offset = 0;
        return 0;
    }
    int err = file_mmap(*file, r->flags, &r->object);
    if (err)
        return err;
    if ((r->attrs & ATTR_GROWSDOWN))
        return -EINVAL; /* a file mapping cannot grow down */
    if (shared && file_mmap(*file, r->flags | VMA_W, &ignored))
        r->may_flags &= ~VMA_W; /* not open for writing: never writable */
    if ((*file)->inode->sb->flags & SB_NOEXEC)
        r->may_flags &= ~VMA_X;
    if ((*file)->ops->flags & FILE_DEVICE) {
        if (!device_range(r->offset, r->len))
            return -EPERM;
        r->flags |= VMA_DEVICE;
    } else if (!r->object) { /* /dev/zero: anonymous memory */
        file_put(*file);
        *file = NULL;
        r->offset = 0;
        if (shared && !(r->object = object_anonymous(r->len, noreserve)))
            return -ENOMEM;
        return 0;
    }
    r->file = *file;
    return 0;
}

/* Brings pages in for MAP_POPULATE (`asked`) or for locked mappings. An error
 * does not make the call fail (mmap(2)). */
static void populate(u64 start, u64 len, bool asked)
{
    if (asked)
        space_populate(current->space, start, len, false);
    else if (space_locked_in(current->space, start, len))
        space_populate(current->space, start, len, true);
}

/* Returns 0 if the type of mapping is valid. Refuses unknown flags only for
 * MAP_SHARED_VALIDATE, which is for files only. */
static int type_allowed(u64 flags, bool anonymous)
{
    u64 type = flags & MAP_TYPE;
    if (type == MAP_SHARED || type == MAP_PRIVATE)
        return 0;
    if (type != MAP_SHARED_VALIDATE || anonymous)
        return -EINVAL;
    return flags & ~(u64)MAP_LEGACY ? -EOPNOTSUPP : 0;
}

static s64 map(struct map_request *r, u64 flags, struct file *file)
{
    bool shared = (flags & MAP_TYPE) != MAP_PRIVATE;
    r->flags |= shared ? VMA_SHARED : 0;
    s64 ret = type_allowed(flags, !file);
    if (!ret)
        ret = mapping_source(r, &file);
    if (!ret && (flags & MAP_LOCKED) && !may_lock())
        ret = -EPERM;
    if (!ret)
        ret = space_map(current->space, r);
    if (file)
        file_put(file);
    else if (r->object)
        object_unref(r->object);
    return ret;
}

/* The checks are in Linux's order, which decides on the error: offset,
 * descriptor, length, type. */
s64 sys_mmap(struct sysargs *a)
{
    u64 flags = a->a[3];
    struct map_request r = {
        .start = a->a[0],
        .len = PAGE_UP(a->a[1]),
        .flags = rights(a->a[2]),
        .offset = a->a[5],
        .fixed = flags & (MAP_FIXED | MAP_FIXED_NOREPLACE),
        .noreplace = flags & MAP_FIXED_NOREPLACE,
        .attrs = (flags & MAP_GROWSDOWN ? ATTR_GROWSDOWN : 0) |
                 (flags & MAP_LOCKED ? ATTR_LOCKED : 0) |
                 (flags & MAP_NORESERVE ? ATTR_NORESERVE : 0),
    };
    struct file *file = NULL;
    if (r.offset % PAGE_SIZE)
        return -EINVAL;
    if (!(flags & MAP_ANONYMOUS) && !(file = fd_get((u32)a->a[4])))
        return -EBADF;
    s64 ret = 0;
    if (file && (file->flags & O_PATH))
        ret = -EBADF;
    else if (!a->a[1] || (flags & MAP_HUGETLB))
        ret = -EINVAL;
    else if (r.len < a->a[1] || r.len > USER_TOP)
        ret = -ENOMEM;
    else if (r.offset + r.len < r.offset ||
             (file && S_ISREG(file->inode->mode) &&
              (s64)(r.offset + r.len) < 0))
        ret = -EOVERFLOW;
    if (ret) {
        if (file)
            file_put(file);
        return ret;
    }
    if (!r.fixed)
        r.start = PAGE_UP(r.start);
    ret = map(&r, flags, file);
    if (ret > 0)
        populate((u64)ret, r.len,
                 (flags & (MAP_POPULATE | MAP_NONBLOCK)) == MAP_POPULATE);
    return ret;
}

/* Rounds *len up; false if the rounded range wraps. Cuts it at the end of the
 * user half: what lies beyond is not mapped (*cut). */
static bool cut_range(u64 start, u64 *len, bool *cut)
{
    *len = PAGE_UP(*len);
    if (start + *len < start)
        return false;
    u64 most = start < USER_TOP ? USER_TOP - start : 0;
    *cut = *len > most;
    *len = MIN(*len, most);
    return true;
}

/* Rounds len up; true if the range is page-aligned and in the user half. */
static bool user_range(u64 start, u64 *len)
{
    *len = PAGE_UP(*len);
    return start % PAGE_SIZE == 0 && start <= USER_TOP &&
           *len <= USER_TOP - start;
}

s64 sys_munmap(struct sysargs *a)
{
    u64 len = a->a[1];
    if (!len || len > USER_TOP || !user_range(a->a[0], &len))
        return -EINVAL;
    return space_unmap(current->space, a->a[0], len);
}

/* PROT_GROWSDOWN: the range begins where the stack's mapping begins. */
static s64 stack_start(u64 *start, u64 *len)
{
    const struct vma *v = vma_after(current->space, *start);
    if (!v || v->lens.start >= *start + *len)
        return -ENOMEM;
    *len += *start - v->lens.start;
    *start = v->lens.start;
    return v->attrs & ATTR_GROWSDOWN ? 0 : -EINVAL;
}

s64 sys_mprotect(struct sysargs *a)
{
    u64 start = a->a[0], len = a->a[1], prot = a->a[2];
    bool down = prot & PROT_GROWSDOWN, up = prot & PROT_GROWSUP;
    prot &= ~(u64)(PROT_GROWSDOWN | PROT_GROWSUP);
    if (start % PAGE_SIZE || up)
        return -EINVAL;
    if (!len)
        return 0;
    bool cut;
    if (!PAGE_UP(len) || !cut_range(start, &len, &cut))
        return -ENOMEM;
    if (prot & ~(u64)PROT_ALL)
        return -EINVAL;
    if (cut)
        return -ENOMEM;
    s64 err = down ? stack_start(&start, &len) : 0;
    if (!err)
        err = space_protect(current->space, start, len, rights(prot));
    if (!err && (prot & PROT_WRITE))
        populate(start, len, false); /* COW of locked pages breaks now */
    return err;
}

s64 sys_mremap(struct sysargs *a)
{
    u64 old_len = PAGE_UP(a->a[1]), new_len = PAGE_UP(a->a[2]);
    bool fixed = a->a[3] & MREMAP_FIXED;
    if (a->a[0] % PAGE_SIZE || !new_len || (new_len > USER_TOP && fixed) ||
        (a->a[3] & ~3ul) || !old_len)
        return -EINVAL;
    if (a->a[0] >= USER_TOP || old_len > USER_TOP - a->a[0])
        return -EFAULT;
    if (new_len > USER_TOP)
        return vma_find(current->space, a->a[0]) ? -ENOMEM : -EFAULT;
    s64 to = space_remap(current->space, a->a[0], old_len, new_len,
                         (u32)a->a[3], a->a[4]);
    if (to > 0 && new_len > old_len)
        populate((u64)to + old_len, new_len - old_len, false);
    return to;
}

s64 sys_brk(struct sysargs *a)
{
    struct space *s = current->space;
    u64 old = PAGE_UP(s->brk);
    s64 brk;
    do
        brk = space_brk(s, a->a[0]);
    while ((u64)brk != a->a[0] && memory_call_again());
    if ((u64)brk > old)
        populate(old, PAGE_UP(brk) - old, false);
    return brk;
}

/* True if every page of the range is in a mapping. */
static bool all_mapped(u64 start, u64 len)
{
    u64 end = start + len;
    for (struct vma *v = vma_after(current->space, start); start < end;
         v = vma_next(v)) {
        if (!v || v->lens.start > start)
            return false;
        start = v->lens.end;
    }
    return true;
}

/* Shared file pages are those of the page cache, which every reader sees;
 * MS_SYNC writes them to the disk. MS_ASYNC does nothing: kflushd writes them
 * later. */
s64 sys_msync(struct sysargs *a)
{
    u64 len = a->a[1], how = a->a[2], va = a->a[0];
    if (va % PAGE_SIZE || (how & ~7ul) || ((how & MS_ASYNC) && (how & MS_SYNC)))
        return -EINVAL;
    bool cut;
    if (!cut_range(va, &len, &cut))
        return -ENOMEM;
    int hole = !cut && all_mapped(va, len) ? 0 : -ENOMEM;
    if ((how & MS_INVALIDATE) && space_locked_in(current->space, va, len))
        return -EBUSY;
    int err = 0;
    for (u64 end = va + len; (how & MS_SYNC) && !err && va < end;) {
        struct vma *v = vma_after(current->space, va);
        if (!v || v->lens.start >= end)
            break;
        va = v->lens.end;
        if (!v->file || !(v->lens.flags & VMA_SHARED))
            continue;
        struct file *f = file_get(v->file); /* v may be freed meanwhile */
        err = file_sync(f);
        file_put(f);
    }
    return err ? err : hole;
}

#define MINCORE_PIECE 256ul /* pages reported by one copyout */

/* Sets in[] for pages of v in [va, end) that are in the cache without being
 * mapped here. */
static void look_in_cache(const struct vma *v, u64 va, u64 end, u8 *in)
{
    for (; va < end; va += PAGE_SIZE, in++) {
        u64 index = (v->lens.offset + (va - v->lens.start)) >> PAGE_SHIFT;
        if (!*in)
            *in = object_has_page(v->object, index) &&
                  !object_page_busy(v->object, index);
    }
}

/* True if the program may learn which pages of the mapping's file others have
 * brought in: it is its own, or it may write the file (Linux 6.12,
 * mm/mincore.c: can_do_mincore). */
static bool may_look_in_cache(const struct vma *v)
{
    return !v->file || !inode_owner(v->file->inode) ||
           !inode_access(v->file->inode, MAY_WRITE);
}

/* True if a read of the entry's page would not wait for the disk. */
static bool entry_in_core(u64 pte)
{
    const struct page *page =
        pte_is_swap(pte) ? swapcache_find(pte_slot(pte)) : NULL;
    return (pte & PTE_V) || (page && (!(page->frame.flags & FRAME_F_IO) ||
                                      (page->frame.flags & FRAME_F_DIRTY)));
}

/* Sets in[i] if page i of the n pages from va on is in memory. Returns how many
 * pages lie before the first that is in no mapping. */
static u64 look_in_core(u64 va, u64 n, u8 *in)
{
    struct space *s = current->space;
    u64 start = va, end = va + n * PAGE_SIZE, run, *slot;
    memset(in, 0, n);
    for (; (slot = pte_run(s, &va, end, &run)); va += run * PAGE_SIZE) {
        u8 *first = in + ((va - start) >> PAGE_SHIFT);
        u64 step = pte_is_huge(*slot) ? 0 : 1;
        for (u64 i = 0; i < run; i++)
            first[i] = entry_in_core(slot[i * step]);
    }
    for (va = start; va < end;) {
        const struct vma *v = vma_find(s, va);
        if (!v)
            break;
        u64 to = MIN(end, v->lens.end);
        if (v->object && !may_look_in_cache(v))
            memset(in + ((va - start) >> PAGE_SHIFT), 1,
                   (to - va) >> PAGE_SHIFT);
        else if (v->object)
            look_in_cache(v, va, to, in + ((va - start) >> PAGE_SHIFT));
        va = to;
    }
    return (va - start) >> PAGE_SHIFT;
}

s64 sys_mincore(struct sysargs *a)
{
    u64 start = a->a[0], len = a->a[1];
    if (start % PAGE_SIZE)
        return -EINVAL;
    if (len > USER_TOP || !user_range(start, &len))
        return -ENOMEM;
    for (u64 done = 0, n; done < len >> PAGE_SHIFT; done += n) {
        u8 in[MINCORE_PIECE];
        n = MIN((len >> PAGE_SHIFT) - done, sizeof in);
        u64 mapped = look_in_core(start + (done << PAGE_SHIFT), n, in);
        if (copyout(a->a[2] + done, in, mapped))
            return -EFAULT;
        if (mapped < n)
            return -ENOMEM;
        if (cond_resched())
            return -EINTR;
    }
    return 0;
}

/* Advice without `act` changes attributes of the mappings, or has no effect
 * (Linux 6.12, mm/madvise.c: madvise_vma_behavior). */
static const struct advice {
    u32 how;
    s64 (*act)(struct space *, u64 start, u64 len);
    u32 refused; /* VMA_* flags that no mapping may have */
    u32 clear, set;
} advices[] = {
    {MADV_NORMAL, NULL, 0, 0, 0},
    {MADV_RANDOM, NULL, 0, 0, 0},
    {MADV_SEQUENTIAL, NULL, 0, 0, 0},
    {MADV_WILLNEED, NULL, 0, 0, 0},
    {MADV_DONTNEED, space_forget, 0, 0, 0},
    {MADV_DONTFORK, NULL, 0, 0, ATTR_NOFORK},
    {MADV_DOFORK, NULL, VMA_DEVICE, ATTR_NOFORK, 0},
    {MADV_HUGEPAGE, NULL, VMA_DEVICE, ATTR_NOHUGE, ATTR_HUGE},
    {MADV_NOHUGEPAGE, NULL, VMA_DEVICE, ATTR_HUGE, ATTR_NOHUGE},
    {MADV_WIPEONFORK, NULL, VMA_FILE | VMA_SHARED | VMA_DEVICE, 0, ATTR_WIPED},
    {MADV_KEEPONFORK, NULL, 0, ATTR_WIPED, 0},
    {MADV_COLLAPSE, space_collapse, 0, 0, 0},
};

s64 sys_madvise(struct sysargs *a)
{
    u64 start = a->a[0], len = a->a[1];
    const struct advice *t = advices, *end = t + ARRAY_SIZE(advices);
    s64 err = 0;
    while (t < end && t->how != a->a[2])
        t++;
    bool cut;
    if (start % PAGE_SIZE || t == end || (len && !PAGE_UP(len)) ||
        !cut_range(start, &len, &cut))
        return -EINVAL;
    if (!len)
        return cut ? -ENOMEM : 0;
    bool whole = !cut && all_mapped(start, len); /* that part gets the advice */
    if (t->act)
        err = t->act(current->space, start, len);
    else if (t->clear | t->set)
        err = space_apply(current->space, start, len, t->refused, t->clear,
                          t->set);
    return err || whole ? err : -ENOMEM;
}

s64 sys_riscv_flush_icache(struct sysargs *a)
{
    fence_i();
    return 0;
}
