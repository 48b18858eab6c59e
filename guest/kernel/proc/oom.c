/* SPDX-License-Identifier: MIT */
/* Out of memory: nothing can be dropped, nothing be written to swap. One
 * process has to go, the one that gives back most (Linux since 2.6.36: rss
 * and swap entries). Never init, never a kernel thread; and no second one
 * while the first is still on its way out. */
#include "proc/sched.h"
#include "vm/reclaim.h"
#include "vm/space.h"
#include "vm/swap.h"

static bool is_dying(const struct proc *p)
{
    return p->exiting || (p->sig_pending & SIGBIT(SIGKILL));
}

static u64 worth(const struct proc *p)
{
    return p->space->rss + p->space->swapped + p->space->tables;
}

static void report(const struct proc *victim)
{
    struct vm_stats st;
    const struct proc *asks = current;
    u64 k = PAGE_SIZE / 1024;
    vm_stats(&st);
    kprintf("oom-killer: %s (%u) needs memory, and no page can leave\n",
            asks->lens.name, asks->lens.pid);
    kprintf("Free pages: %lukB min:%lukB low:%lukB high:%lukB\n", st.free * k,
            zone.min * k, zone.low * k, zone.high * k);
    kprintf("anon:%lu file:%lu dirty:%lu writeback:%lu shmem:%lu slab:%lu "
            "mapped:%lu pagetables:%lu\n",
            st.anon, st.file, st.dirty, st.writeback, st.shmem, st.slab,
            st.mapped, st.pgtables);
    kprintf("Swap: %lukB free of %lukB, %lu pages cached\n", st.swap_free * k,
            st.swap_total * k, st.swap_cached);
    kprintf("Out of Memory: Killed process %u (%s). rss:%lukB swap:%lukB "
            "pagetables:%lukB\n",
            victim->lens.pid, victim->lens.name, victim->space->rss * k,
            victim->space->swapped * k, victim->space->tables * k);
}

bool oom_kill(void)
{
    struct proc *victim = NULL;
    for_each_proc(p)
    {
        if (!p->space || p->lens.state == PS_ZOMBIE)
            continue;
        if (is_dying(p))
            return false;
        if (p->lens.pid != 1 && (!victim || worth(p) > worth(victim)))
            victim = p;
    }
    if (!victim)
        panic("out of memory, and nobody left to kill");
    report(victim);
    COUNT(OOM_KILL);
    lens_report(LENS_NO_PFN, 0, 0, R_OOM);
    signal_send(victim, SIGKILL, NULL);
    memory_wake(); /* it may be waiting itself */
    return true;
}
