/* SPDX-License-Identifier: MIT */
/* Out of memory: nothing can be dropped, nothing be written to swap. One
 * process has to go: the one with most points, by the formula of the time.
 *
 *   1  2.4.0 (mm/oom_kill.c, badness; van Riel)  pages of address space, used
 *      or not; less for processor time (square root, units of 1024 ticks) and
 *      age (fourth root, units of 131072 ticks, which were of 10 ms); nice:
 *      twice; root: a quarter, and again a quarter, since root may do raw I/O
 *   2  2.6 (the same)  the same (8192 and 2^20 ticks of 1 ms), and half of each
 * child's address space, so that a server that forks too much answers for its
 * children; shifted by oom_adj; a child dies first. (The slides' 2.6.9 is Red
 * Hat's, with patches; in Linus's own these three came with 2.6.11 and 2.6.16)
 *   3  6.12 (since 2.6.36; Rientjes)  what its end gives back: resident
 *      pages, pages in swap, page tables; and oom_score_adj thousandths of
 *      all memory
 *
 *   4  2.4.0-test2 (arch/i386/mm/fault.c, do_page_fault)  none: the process
 *      that cannot be given a page dies itself, however small; the killer came
 *      with 2.4.0-test10. (Where that would be init: 2.4.0's formula, as ours.)
 *
 * vm.oom_formula chooses; 0: what belongs to the policy. Never init, never a
 * kernel thread; and no second one while the first is still on its way out.
 * Left out: 2.4 and 2.6 sent SIGTERM, not SIGKILL, to who may do raw I/O. */
#include "proc/oom.h"
#include "lib/tunable.h"
#include "proc/sched.h"
#include "vm/reclaim.h"
#include "vm/space.h"
#include "vm/swap.h"

enum formula { BY_POLICY, LINUX_2_4, LINUX_2_6, LINUX_6, WHO_ASKS };

static enum formula formula(void)
{
    static const struct {
        const char *policy;
        enum formula formula;
    } table[] = {{"linux240t", WHO_ASKS},
                 {"kpaged", WHO_ASKS},
                 {"linux24", LINUX_2_4},
                 {"linux26", LINUX_2_6}};
    enum formula f = (enum formula)tun(TUN_OOM_FORMULA);
    for (unsigned i = 0; f == BY_POLICY && i < ARRAY_SIZE(table); i++)
        if (!strcmp(lens_info.policy, table[i].policy))
            f = table[i].formula;
    return f == BY_POLICY ? LINUX_6 : f;
}

/* A process that writes a core file dies later, and may need memory first. */
static bool is_dying(const struct proc *p)
{
    return (p->group_exit && !p->core_writing) ||
           (p->exiting && !p->nthreads) || (signal_set(p) & SIGBIT(SIGKILL));
}

/* 2.4.0's own: a rough square root, 1 for 0. */
static u64 rough_sqrt(u64 x)
{
    u64 out = x;
    for (; x > 1; x >>= 2)
        out >>= 1;
    if (x)
        out -= out >> 2;
    return MAX(out, 1ul);
}

/* Of 2.6 (lib/int_sqrt.c): rounded down; who divides by it leaves 0 out. */
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

/* Half of what each child has that does not run in p's own space. */
static u64 childrens(const struct proc *p)
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

/* What the two old formulas share. */
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

static u64 shifted(u64 points, s32 score_adj)
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
    case WHO_ASKS:
        if (current && may_die(current->leader))
            return p == current->leader;
        /* fall through */
    case LINUX_2_4:
        return old_points(p, total_vm(p), rough_sqrt, &ticks_2_4);
    case LINUX_2_6:
        return shifted(
            old_points(p, total_vm(p) + childrens(p), fine_sqrt, &ticks_2_6),
            p->oom_score_adj);
    default:
        if (p->oom_score_adj == OOM_SCORE_NEVER)
            return 0;
        return (u64)MAX(new_points(p), 1l);
    }
}

u64 oom_score(const struct proc *p)
{
    if (!p->space)
        return 0;
    if (formula() != LINUX_6)
        return oom_points(p);
    if (p->oom_score_adj == OOM_SCORE_NEVER)
        return 0;
    s64 share = new_points(p) * 1000 / (s64)all_pages();
    return (u64)MAX((1000 + share) * 2 / 3, 0l);
}

/* 2.6: a child of the chosen one, if there is one with memory of its own. */
static struct proc *or_child(struct proc *p)
{
    struct proc *c;
    if (formula() != LINUX_2_6)
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
    victim = or_child(victim);
    oom_report(victim, most);
    if (tun(TUN_PANIC_ON_OOM))
        panic("out of memory. panic_on_oom is selected");
    COUNT(OOM_KILL);
    lens_report(LENS_NO_PFN, 0, 0, why);
    /* Nothing comes free while another one uses the same memory. */
    for_each_proc(p) if (p == victim ||
                         (p->space == victim->space && p->lens.pid != 1))
        signal_send(p, SIGKILL, NULL);
    memory_wake(); /* it may be waiting itself */
    return true;
}
