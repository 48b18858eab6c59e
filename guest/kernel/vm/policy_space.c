/* SPDX-License-Identifier: MIT */
/* Gives policies access to address spaces, by number (vm/policy.h), with the
 * operations for swappers, Linux 2.4's swap_out, kpaged, and own_victim. */
#include "task/proc.h"
#include "vm/pte.h"
#include "vm/seam.h"
#include "vm/swap.h"
#include "vm/vm.h"

static struct waitq let_in = WAITQ_INIT(let_in);

/* False for a space that its last process has left: it is being emptied. */
static bool is_alive(const struct space *s)
{
    return s->root && s->users;
}

static struct space *by_number(u64 id)
{
    struct space *s = current ? current->space : NULL;
    if (!s || s->serial != id)
        s = id ? space_after(id - 1) : NULL;
    return s && s->serial == id && is_alive(s) ? s : NULL;
}

u64 policy_space_after(u64 id)
{
    struct space *s = space_after(id);
    while (s && !is_alive(s))
        s = space_after(s->serial);
    return s ? s->serial : 0;
}

u64 policy_space_rss(u64 id)
{
    struct space *s = by_number(id);
    return s ? s->rss : 0;
}

bool policy_space(u64 id, struct policy_space *info)
{
    struct space *s = by_number(id);
    if (!s)
        return false;
    *info = (struct policy_space){.rss = s->rss,
                                  .swapped = s->swapped,
                                  .slept_ns = ~0ul,
                                  .since_ns = s->held_ns,
                                  .out = s->held,
                                  .wants_in = s->at_gate != 0,
                                  .immune = s->locked != 0};
    for_each_task(p)
    {
        if (p->space != s || p->lens.state == PS_ZOMBIE)
            continue;
        bool ready = p->lens.state == PS_RUNNING || p->lens.state == PS_READY;
        u64 slept = ready ? 0 : now_ns() - p->left_ns;
        info->slept_ns = MIN(info->slept_ns, slept);
        info->pid = info->pid ? info->pid : p->lens.tgid;
        info->immune |= p->lens.tgid == 1 || p->leader->group_exit ||
                        (p->exiting && !p->leader->nthreads) ||
                        signal_fatal_pending(p);
    }
    return true;
}

/* True if the entry maps a page that the policy knows. */
static bool known(u64 pte)
{
    struct page *page = pte & PTE_V ? pte_page(pte) : NULL;
    return page && policy_kind(page_pfn(page));
}

u32 policy_space_frame(u64 id, u64 *va)
{
    struct space *s = by_number(id);
    u64 *slot;
    for (; s && (slot = pte_next_mapped(s, va, USER_TOP)); *va += PAGE_SIZE)
        if (known(pte_small(*slot, *va)))
            return page_pfn(pte_page(pte_small(*slot, *va)));
    return POLICY_NONE;
}

/* Returns va's entry if it maps a page known to the policy, else NULL. Policies
 * that walk page tables look at one page at a time, so a leaf of 2 MiB is split
 * (as Linux 2.6.38 did for walkers that did not know such leaves). */
static u64 *mapped_entry(struct space *s, u64 va)
{
    u64 *slot = s ? pte_split(s, va, R_SPLIT_RECLAIM) : NULL;
    return slot && known(*slot) ? slot : NULL;
}

bool policy_space_clear_used(u64 id, u64 va)
{
    struct space *s = by_number(id);
    u64 *slot = mapped_entry(s, va);
    if (!slot || !(*slot & PTE_A))
        return false;
    pte_change(s, va, slot, PTE_A, 0);
    return true;
}

bool policy_space_unmap(u64 id, u64 va)
{
    struct space *s = by_number(id);
    u64 *slot = mapped_entry(s, va);
    struct page *page = slot ? pte_page(*slot) : NULL;
    if (!page || !page_reclaimable(page) ||
        (page_is_anon(page) && !swap_give_slot(page)))
        return false;
    bool dirty = *slot & PTE_D;
    if (page_is_anon(page) && policy_is_daemon())
        page->frame.spare |= PAGE_GOING;
    page_pin(page); /* keeps the frame when its last PTE goes */
    if (page_is_anon(page))
        pte_swap_out(s, va, slot, page);
    else
        pte_unmap(s, va, slot, R_RECLAIM);
    page_unpin(page);
    if (dirty && page->frame.state == FS_FILE_CLEAN)
        object_page_dirty(page, R_FILE_WRITE);
    return true;
}

void policy_space_hold(u64 id, bool out)
{
    struct space *s = by_number(id);
    if (!s || s->held == out)
        return;
    s->held = out;
    s->held_ns = now_ns();
    if (!out)
        wake_up(&let_in);
}

void space_gate(struct space *s)
{
    s->at_gate++;
    if (pageout_daemon())
        pageout_kick(~0u); /* tells the swapper: a process wants in */
    sleep_until(NEVER, &let_in);
    s->at_gate--;
}
