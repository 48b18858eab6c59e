/* SPDX-License-Identifier: MIT */
/* Overcommit: decides whether more memory may be promised. vm.overcommit_memory
 * selects the rule, with Linux's modes (mm/util.c, __vm_enough_memory, 5.x and
 * later):
 *
 *   0  refuses only a request larger than all of RAM and swap
 *   1  refuses nothing
 *   2  refuses a request unless the sum of all promises stays below the limit,
 *      vm.overcommit_ratio % of RAM (or vm.overcommit_kbytes) + swap, less one
 *      reserve for root (vm.admin_reserve_kbytes) and one that keeps a program
 *      from taking all: 1/32 of its size, at most vm.user_reserve_kbytes. (As
 *      in Linux, committed < allowed: the last page is never given.)
 *
 * A promise is a page that may need a frame or a slot later: a page of a
 * private mapping that is or was writable, once for each mapping; a page of
 * shared memory without a file, once, however many processes map the memory,
 * when that is made (mm/shmem.c: shmem_acct_size); and a page of a file in
 * tmpfs, when the page is made (shmem_acct_blocks). Memory asked for with
 * MAP_NORESERVE or SHM_NORESERVE is not promised unless the mode is 2. Linux
 * keeps a running sum; here the mappings are summed on demand, for mode 2,
 * /proc/meminfo and /proc/counters. */
#include "lib/tunable.h"
#include "vm/page.h"
#include "vm/shmem.h"
#include "vm/swap.h"
#include "vm/vm.h"

#define RESERVE_SHIFT     5 /* 1/32 */
#define ADMIN_RESERVE_MAX ((8ul << 20) >> PAGE_SHIFT)
#define KIB_PAGES(kib)    ((u64)(kib) >> (PAGE_SHIFT - 10))

static u64 promised_shared; /* pages of all objects */

void commit_shared(u64 pages)
{
    promised_shared += pages;
    assert(promised_shared >= pages);
}

void uncommit_shared(u64 pages)
{
    assert(promised_shared >= pages);
    promised_shared -= pages;
}

/* Returns how many pages of the mapping are promised. */
u64 vma_promised(const struct vma *v)
{
    if ((v->attrs & ATTR_NORESERVE) || (v->lens.flags & VMA_SHARED) ||
        !(v->attrs & ATTR_ACCOUNTED))
        return 0;
    return (v->lens.end - v->lens.start) >> PAGE_SHIFT;
}

static void add_space(struct space *s, void *sum)
{
    for (struct vma *v = s->vmas; v; v = vma_next(v))
        *(u64 *)sum += vma_promised(v);
}

u64 commit_sum(void)
{
    u64 sum = promised_shared + tmpfs_pages;
    for_each_space(add_space, &sum);
    return sum;
}

u64 commit_limit(void)
{
    u64 kib = (u64)tun(TUN_OVERCOMMIT_KBYTES), total = nframes - boot_frames;
    u64 ram =
        kib ? KIB_PAGES(kib) : total * (u64)tun(TUN_OVERCOMMIT_RATIO) / 100;
    return ram + swap_slots;
}

bool commit_reserves(bool noreserve)
{
    return !noreserve || tun(TUN_OVERCOMMIT_MEMORY) == 2;
}

bool commit_allows(const struct space *s, u64 pages)
{
    struct vm_stats st;
    s64 mode = tun(TUN_OVERCOMMIT_MEMORY);
    if (mode == 1 || !pages)
        return true;
    if (mode == 0)
        return pages <= nframes - boot_frames + swap_slots;
    vm_stats(&st);
    u64 reserve = MIN(s->vsize >> (PAGE_SHIFT + RESERVE_SHIFT),
                      KIB_PAGES(tun(TUN_USER_RESERVE)));
    u64 admin = KIB_PAGES(tun(TUN_ADMIN_RESERVE));
    if (!admin)
        admin = MIN(st.total >> RESERVE_SHIFT, ADMIN_RESERVE_MAX);
    if (!capable(CAP_SYS_ADMIN))
        reserve += admin;
    return st.committed + pages + reserve < commit_limit();
}

bool commit_allows_fork(const struct space *s)
{
    u64 sum = 0;
    for (const struct vma *v = s->vmas; v; v = vma_next((struct vma *)v)) {
        u64 pages = vma_promised(v);
        if (!commit_allows(s, pages))
            return false;
        sum += pages;
    }
    return tun(TUN_OVERCOMMIT_MEMORY) != 2 || commit_allows(s, sum);
}
