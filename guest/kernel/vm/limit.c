/* SPDX-License-Identifier: MIT */
/* RLIMIT_AS and RLIMIT_DATA, which limit mappings, are at the end of this file.
 *
 * RLIMIT_RSS is enforced exactly: a process at its limit replaces one of its
 * own pages (local replacement), however much memory is free. (setrlimit(2):
 * Linux has the limit and has ignored it since 2.4.30; 4.3BSD only preferred
 * victims from processes above it.)
 *
 *   a fault is about to map one frame more, and rss is at the limit:
 *     policy->own_victim     chooses the victim, in the policy's order; if it
 *                            is NULL, a clock over the page table chooses
 *     anonymous, unshared    the victim is written to swap if dirty, while the
 *                            fault waits; its frame goes to the new page, as
 *                            in every textbook
 *     any other victim       loses only this process's mapping
 *
 * mlocked pages count and stay. Pages mapped to the zero frame do not count.
 *
 * The limit is exceeded in two cases: nothing is replaced while swap is full or
 * absent; and every process may have LEAST pages, in addition to its locked
 * pages if these fill the limit. With fewer, an instruction and its operand
 * could evict each other for ever.
 *
 * Exact LRU must see every use, but an A bit does not count uses. For a policy
 * with every_use, the data pages of a limited process therefore have no PTE_U,
 * except the one or two used last: an access to any other faults, and `present`
 * (vm/fault.c) sets its PTE_U. Pages of program text keep PTE_U, since an
 * instruction needs its own page and its operand's together; their A bits show
 * their use. Locked pages keep PTE_U, too. */
#include "task/proc.h"
#include "task/signal.h"
#include "vm/pte.h"
#include "vm/rmap.h"
#include "vm/seam.h"
#include "vm/swap.h"
#include "vm/vm.h"

/* An instruction and its operand may each lie across two pages. */
#define LEAST 4ul

/* True if serving the fault maps one more frame. */
static bool adds_frame(struct space *s, u64 va, bool write)
{
    u64 pte = pte_read(s, va);
    if (pte & PTE_V)
        return write && pte_page(pte) == zero_page;
    if (pte)
        return true; /* in swap */
    const struct vma *v = vma_find(s, va);
    if (!v)
        return true; /* the stack grows, or the access is illegal */
    return !(v->lens.flags & VMA_DEVICE) && (v->object || write);
}

/* Returns the victim of a clock that goes round the space's own page table. */
static u32 own_clock(struct space *s)
{
    u64 va = s->rss_hand, laps = 0, *slot;
    while (laps < 3) {
        slot = pte_next_mapped(s, &va, USER_TOP);
        if (!slot) {
            va = 0;
            laps++;
            continue;
        }
        if (pte_is_huge(*slot))
            slot = pte_split(s, va, R_SPLIT_RECLAIM);
        struct page *page = pte_page(*slot);
        bool may = page && page != zero_page && policy_may_take(page_pfn(page));
        if (may && !(*slot & PTE_A)) {
            s->rss_hand = va + PAGE_SIZE;
            return page_pfn(page);
        }
        if (may)
            pte_change(s, va, slot, PTE_A, 0);
        va += PAGE_SIZE;
    }
    return POLICY_NONE;
}

struct entry {
    struct space *space;
    u64 va;
    bool found;
};

static bool match_space(struct space *s, u64 va, u64 *slot, void *arg)
{
    struct entry *e = arg;
    if (s != e->space)
        return true;
    e->va = va;
    e->found = true;
    return false;
}

/* Unmaps the page from s alone. */
static bool unmap_here(struct space *s, struct page *page)
{
    struct entry e = {.space = s};
    rmap_walk(page, match_space, &e);
    return e.found && policy_space_unmap(s->serial, e.va);
}

/* Evicts a page that no other process maps. => sleeps until it is evicted */
static bool evict_own(struct page *page)
{
    u32 pfn = page_pfn(page);
    while (!swap_io_room())
        swap_wait_any();
    if (!page_is_anon(page) || policy_take(pfn) < 0)
        return false;
    swap_submit_gathered();
    if (page_is_anon(page))
        swap_wait_page(page);
    if (page->frame.state == FS_FREE)
        current->given_up = pfn;
    return true;
}

static bool replace_one(struct space *s)
{
    u32 pfn = policy->own_victim ? policy->own_victim(s->serial) : own_clock(s);
    if (pfn == POLICY_NONE)
        return false;
    struct page *page = &frames[pfn];
    if (page_is_anon(page) && page->frame.refs == 1)
        return evict_own(page);
    return unmap_here(s, page);
}

void rss_make_room(struct space *s, u64 va, bool write)
{
    struct proc *me = current;
    u64 limit = MAX(me->leader->rlim[RLIMIT_RSS].cur >> PAGE_SHIFT, LEAST);
    u64 locked = s->locked >> PAGE_SHIFT;
    bool before = me->memalloc;
    enum actor actor = me->actor;
    if (limit <= locked)
        limit = locked + LEAST;
    me->memalloc = true; /* replacement may take the last frames */
    me->actor = ACTOR_LIMIT;
    while (s->root && s->rss >= limit && !swap_full() &&
           adds_frame(s, va, write) && !signal_fatal_pending(me) &&
           replace_one(s))
        ;
    me->memalloc = before;
    me->actor = actor;
}

/* ---- a fault for every use ---- */

static void close_page(struct space *s, u64 va)
{
    u64 *slot = pte_split(s, va, R_SPLIT_PART);
    struct page *page = slot && (*slot & PTE_V) ? pte_page(*slot) : NULL;
    if (!page || page == zero_page || (*slot & PTE_X) ||
        (page->frame.flags & FRAME_F_LOCKED))
        return;
    policy_clear_used(page_pfn(page));
    pte_change(s, va, slot, PTE_U, 0);
}

/* True if an access at `first` may cross a page boundary and go on at va. */
static bool straddles(u64 first, u64 va)
{
    return va % PAGE_SIZE == 0 && first < va && va - first < sizeof(u64);
}

void rss_used(struct space *s, u64 va)
{
    u64 pte = s->root ? pte_read(s, va) : 0; /* no root: s has ended */
    struct page *page = pte & PTE_V ? pte_page(pte) : NULL;
    if (!page || page == zero_page)
        return;
    u64 open = s->rss_open, page_va = PAGE_DOWN(va);
    if (policy->page_touched && policy_kind(page_pfn(page)))
        policy->page_touched(page_pfn(page), CAME_FAULT);
    if (!open) { /* the first use: all pages have PTE_U */
        u64 at = 0;
        for (; pte_next_mapped(s, &at, USER_TOP); at += PAGE_SIZE)
            if (at != page_va)
                close_page(s, at);
    } else if (PAGE_DOWN(open) != page_va && !straddles(open, va)) {
        close_page(s, open);
        if (s->rss_open_too && PAGE_DOWN(s->rss_open_too) != page_va)
            close_page(s, s->rss_open_too);
    }
    s->rss_open_too = open && straddles(open, va) ? open : 0;
    s->rss_open = va;
}

/* ---- how much may be mapped (Linux 6.12, mm/mmap.c: may_expand_vm) ---- */

/* mm/vma.h: is_data_mapping; a stack does not count as data. */
bool limit_is_data(u32 flags, bool growsdown)
{
    return (flags & (VMA_W | VMA_SHARED)) == VMA_W && !growsdown;
}

bool limit_as_allows(const struct space *s, s64 more)
{
    u64 limit = current->leader->rlim[RLIMIT_AS].cur;
    return limit == ~0ul || s->vsize + (u64)more <= PAGE_DOWN(limit);
}

bool limit_data_allows(const struct space *s, s64 more)
{
    const struct rlimit *data = &current->leader->rlim[RLIMIT_DATA];
    u64 sum = (u64)more;
    if (data->cur == ~0ul)
        return true;
    for (const struct vma *v = s->vmas; v; v = vma_next((struct vma *)v))
        if (limit_is_data(v->lens.flags, v->attrs & ATTR_GROWSDOWN))
            sum += v->lens.end - v->lens.start;
    /* valgrind sets a limit of 0 and means the hard limit. */
    return sum <= PAGE_DOWN(data->cur ? data->cur : data->max);
}

bool limits_allow(const struct space *s, u32 flags, bool growsdown, s64 more)
{
    return limit_as_allows(s, more) &&
           (!limit_is_data(flags, growsdown) || limit_data_allows(s, more));
}
