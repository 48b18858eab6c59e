/* SPDX-License-Identifier: MIT */
/* An instruction may need several pages at once: its own, or two if it lies
 * across a boundary, and those of its operand. Each fault brings in one of
 * them.
 *
 *   fault on the code page  ── disk ──>  mapped; the retry lacks the operand
 *   fault on the operand    ── disk ──>  mapped; the retry lacks the code page
 *                                        if it was evicted meanwhile
 *   fault on the code page  ── disk ──>  ...
 *
 * If all reads take equally long (an SSD, a disk with a buffer), this never
 * ends under any policy that scans all of memory while the disk reads one page.
 * So "we must have enough frames to hold all the different pages that any
 * single instruction can reference" (Silberschatz, Galvin, Gagne, Operating
 * System Concepts, "Minimum Number of Frames"); VAX/VMS had MINWSCNT for it,
 * and vm/limit.c has LEAST. Here the last four pages, at most, for which a
 * process waited at one pc stay until its pc has changed. (Linux 2.6.9's swap
 * token, mm/thrash.c, does more: it spares all pages of one process until the
 * process has made progress.)
 *
 * FRAME_F_INSN is a hint. It is valid only while a process that has not run
 * since its fault names the frame. When the policy next looks at the frame and
 * no such process is left, insn_page_needed clears the flag; so nothing need be
 * done when the process goes on, or ends. */
#include "vm/insn_pages.h"
#include "task/proc.h"
#include "vm/space.h"

void insn_pages_note(struct page *page)
{
    struct proc *me = current;
    u32 pfn = page_pfn(page);
    assert(page->frame.state != FS_FREE);
    page->frame.flags |= FRAME_F_INSN;
    if (me->insn_pc != me->tf->pc)
        me->ninsn = 0;
    me->insn_pc = me->tf->pc;
    for (u32 i = 0; i < MIN(me->ninsn, INSN_PAGES); i++)
        if (me->insn_pfn[i] == pfn)
            return;
    me->insn_pfn[me->ninsn++ % INSN_PAGES] = pfn;
}

/* True if the process has not run since it faulted. A process that cannot run,
 * because it is stopped or swapped out whole, needs no page for now. */
static bool waits(const struct proc *p)
{
    return p->ninsn && p->space && !p->space->held && !p->exiting &&
           p->lens.state != PS_STOPPED && p->tf->pc == p->insn_pc;
}

static bool needs(const struct proc *p, u32 pfn)
{
    if (!waits(p))
        return false;
    for (u32 i = 0; i < MIN(p->ninsn, INSN_PAGES); i++)
        if (p->insn_pfn[i] == pfn)
            return true;
    return false;
}

bool insn_page_needed(struct page *page)
{
    u32 pfn = page_pfn(page);
    for_each_task(p)
    {
        if (needs(p, pfn))
            return true;
    }
    page->frame.flags &= (u8)~FRAME_F_INSN;
    return false;
}

bool insn_pages_release_others(void)
{
    bool any = false;
    for_each_task(p)
    {
        if (p != current && waits(p)) {
            p->ninsn = 0;
            any = true;
        }
    }
    return any;
}
