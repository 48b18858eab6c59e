/* SPDX-License-Identifier: MIT */
/* Out of memory: no page can be dropped or written to swap. The kernel kills
 * the process with the most points, by one of these formulas.
 *
 *   1  2.4.0 (mm/oom_kill.c, badness; van Riel): pages of address space, used
 *      or not, divided by the square root of processor time (in units of 1024
 *      ticks of 10 ms) and the fourth root of age (in units of 131072 ticks).
 *      Doubled if niced; quartered for root, and again as root may do raw I/O
 *   2  2.6 (also badness): as 1, but units of 8192 and 2^20 ticks of 1 ms, and
 *      half of each child's address space is added, so that a server that forks
 *      too much pays for it; shifted by oom_adj; a child dies first. (Document
 *      001 has Red Hat's 2.6.9; in Linus's kernels oom_adj came with 2.6.11,
 *      the half of each child with 2.6.16)
 *   3  6.12 (since 2.6.36; Rientjes): the memory that its end frees: resident
 *      pages, pages in swap, page tables; plus oom_score_adj thousandths of
 *      RAM and swap
 *   4  2.4.0-test2 (arch/i386/mm/fault.c, do_page_fault): no points; the
 *      process that cannot get a page is killed, however small; the OOM killer
 *      came with 2.4.0-test10. (If init or a kernel thread gets no page,
 *      2.4.0's formula is used: our addition.)
 *
 * vm.oom_formula selects the formula; 0: that of the policy's system, formula 3
 * for systems without an OOM killer. init and kernel threads are never killed;
 * nor is a second process while the first is still ending. Left out: 2.4 and
 * 2.6 sent SIGTERM, not SIGKILL, to a process that may do raw I/O. */
#include "proc/oom.h"
#include "lib/tunable.h"
#include "vm/reclaim.h"
#include "vm/seam.h"
#include "vm/space.h"
#include "vm/swap.h"

static enum policy_oom formula(void)
{
    enum policy_oom f = (enum policy_oom)tun(TUN_OOM_FORMULA);

    f = f == OOM_BY_DEFAULT ? policy->oom : f;
    return f == OOM_BY_DEFAULT ? OOM_LINUX_6 : f;
}

/* True if p is ending. */
static bool is_dying(const struct proc *p)
{
    return p->group_exit || (p->exiting && !p->nthreads) ||
           signal_fatal_pending(p);
}

/* Returns 2.4.0's rough square root; 1 for 0. */
static u64 rough_sqrt(u64 x)
{
    u64 out = x;
    for (; x > 1; x >>= 2)
        out >>= 1;
    if (x)
        out -= out >> 2;
    return MAX(out, 1ul);
}

/* Returns 2.6's square root (lib/int_sqrt.c), rounded down; 1 in place of 0,
 * since 2.6 does not divide by 0. */
static u64 fine_sqrt(u64 x)
{
    u64 r = 0;
    for (u64 bit = 1ul << 31; bit; bit >>= 1)
        if ((r + bit) * (r + bit) <= x)
            r += bit;
    return MAX(r, 1ul);
}

static u64 total_vm(const struct proc *p)
{
    return p->space ? p->space->vsize >> PAGE_SHIFT : 0;
}

/* Sums half the address space of each child that has its own, in pages. */
static u64 half_of_children(const struct proc *p)
{
    u64 sum = 0;
    struct proc *c;
    list_for_each_entry(c, &p->children,
                        sibling) if (c->space && c->space != p->space) sum +=
        total_vm(c) / 2 + 1;
    return sum;
}

/* A tick in ns, and SHIFT_HZ (linux/timex.h), on an i386. */
struct ticks {
    u64 ns;
    unsigned shift;
};
static const struct ticks ticks_2_4 = {10000000, 7}, ticks_2_6 = {1000000, 10};

/* Applies the common part of the formulas of 2.4 and 2.6 to points. */
static u64 old_points(const struct proc *p, u64 points, u64 (*root)(u64),
                      const struct ticks *t)
{
    u64 cpu = (p->all.utime + p->all.stime) / t->ns >> (t->shift + 3);
    u64 age = (now_ns() - p->start_ns) / t->ns >> (t->shift + 10);
    points /= root(cpu);
    points /= root(root(age));
    if (p->nice > 0)
        points *= 2;
    if (p->uid == 0 || p->euid == 0)
        points /= 16;
    return points;
}

static u64 adjust_points(u64 points, s32 score_adj)
{
    s32 adj = score_adj * -OOM_ADJ_MIN / OOM_SCORE_MAX;
    if (score_adj == OOM_SCORE_MAX)
        adj = OOM_ADJ_MAX;
    if (adj > 0)
        return MAX(points, 1ul) << adj;
    return adj > OOM_ADJ_MIN ? points >> -adj : 0;
}

static u64 all_pages(void)
{
    return nframes - boot_frames + swap_slots;
}

static s64 new_points(const struct proc *p)
{
    const struct space *s = p->space;
    s64 adj = p->oom_score_adj * (s64)(all_pages() / 1000);
    return (s64)(s->rss + s->swapped + s->tables) + adj;
}

static bool may_die(const struct proc *p)
{
    return p && p->space && p->lens.pid != 1;
}

u64 oom_points(const struct proc *p)
{
    if (!may_die(p))
        return 0;
    switch (formula()) {
    case OOM_THE_ALLOCATOR:
        if (current && may_die(current->leader))
            return p == current->leader;
        /* fall through */
    case OOM_LINUX_2_4:
        return old_points(p, total_vm(p), rough_sqrt, &ticks_2_4);
    case OOM_LINUX_2_6:
        return adjust_points(old_points(p, total_vm(p) + half_of_children(p),
                                        fine_sqrt, &ticks_2_6),
                             p->oom_score_adj);
    default:
        if (p->empties_swap) /* it takes all memory (6.12: oom_task_origin) */
            return ~0ul;
        if (p->oom_score_adj == OOM_SCORE_NEVER)
            return 0;
        return (u64)MAX(new_points(p), 1l);
    }
}

u64 oom_score(const struct proc *p)
{
    if (!p->space)
        return 0;
    if (formula() != OOM_LINUX_6)
        return oom_points(p);
    if (p->oom_score_adj == OOM_SCORE_NEVER)
        return 0;
    s64 share = new_points(p) * 1000 / (s64)all_pages();
    return (u64)MAX((1000 + share) * 2 / 3, 0l);
}

/* Returns p; for 2.6 a child with memory of its own instead, if one may die. */
static struct proc *prefer_child(struct proc *p)
{
    struct proc *c;
    if (formula() != OOM_LINUX_2_6)
        return p;
    list_for_each_entry(c, &p->children, sibling) if (c->space &&
                                                      c->space != p->space &&
                                                      oom_points(c)) return c;
    return p;
}

bool oom_kill(enum reason why)
{
    struct proc *victim = NULL;
    u64 most = 0;
    for_each_proc(p)
    {
        if (!p->space || p->lens.state == PS_ZOMBIE)
            continue;
        if (is_dying(p))
            return false;
        u64 points = oom_points(p);
        if (points > most) {
            most = points;
            victim = p;
        }
    }
    if (!victim)
        panic("out of memory, and nobody left to kill");
    victim = prefer_child(victim);
    oom_report(victim, most);
    if (tun(TUN_PANIC_ON_OOM))
        panic("out of memory. panic_on_oom is selected");
    COUNT(OOM_KILL);
    /* The process whose call or fault found no memory is another one. */
    struct lens_by by = {ACTOR_KERNEL, victim->lens.tgid};
    const struct lens_by *before = lens_on_behalf(&by);
    lens_report(LENS_NO_PFN, 0, 0, why);
    lens_on_behalf(before);
    /* The memory is freed only when all processes that share it have ended. */
    for_each_proc(p) if (p == victim ||
                         (p->space == victim->space && p->lens.pid != 1))
        signal_send(p, SIGKILL, NULL);
    memory_relieved(); /* the victim may be waiting for memory */
    return true;
}
