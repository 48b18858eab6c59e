/* SPDX-License-Identifier: MIT */
/* The words of a page walk; see walk.h. */
#include "panel/tabs/walk.h"

#include <stdio.h>

static const struct {
    const char *text, *brief, *term;
} served[SERVED_COUNT] = {
    [SERVED_NONE] = {"", "", "walk"},
    [SERVED_PWC] = {"walker cache", "walker cache", "walker cache"},
    [SERVED_L1] = {"L1 cache", "L1", "L1"},
    [SERVED_L2] = {"L2 cache", "L2", "L2"},
    [SERVED_DRAM_HIT] = {"DRAM, row open", "row open", "row hit"},
    [SERVED_DRAM_CLOSED] = {"DRAM, row closed", "row closed", "row closed"},
    [SERVED_DRAM_CONFLICT] = {"DRAM, other row", "other row", "row conflict"},
    [SERVED_RAM] = {"RAM", "RAM", "timing"},
};

const char *served_text(unsigned where, bool brief)
{
    if (where >= SERVED_COUNT)
        return "";
    return brief ? served[where].brief : served[where].text;
}

const char *served_term(unsigned where)
{
    return where < SERVED_COUNT ? served[where].term : "walk";
}

enum walk_end walk_ending(const struct walk *w)
{
    unsigned n = w->nsteps < WALK_STEPS_MAX ? w->nsteps : WALK_STEPS_MAX;
    unsigned last = n ? w->steps[n - 1].kind : STEP_READ;
    if (w->phase == WALK_FAULTED || last == STEP_FAULT)
        return WALK_FAULT;
    if (w->phase == WALK_FILLED || last == STEP_DONE ||
        (w->phase == WALK_IDLE && last == STEP_SET_AD))
        return WALK_FOUND;
    return WALK_GOING;
}

void walk_title(const struct ins_display *d, char *buf, size_t n)
{
    static const char *const access[] = {"fetch from", "load from", "store to"};
    const struct walk *w = &d->walk;
    const struct ins_proc *p = NULL;
    for (unsigned i = 0; i < d->nprocs && i < INS_PROCS_MAX; i++)
        if (d->procs[i].satp && d->procs[i].satp == w->ctx.satp)
            p = &d->procs[i];
    char by[48];
    if (!p)
        snprintf(by, sizeof by, w->ctx.priv ? " by the kernel" : "");
    else if (w->ctx.priv)
        snprintf(by, sizeof by, " by the kernel for %.16s (%u)", p->name,
                 p->pid);
    else
        snprintf(by, sizeof by, " by %.16s (%u)", p->name, p->pid);
    snprintf(buf, n, "%s 0x%llx%s", w->access < 3 ? access[w->access] : "?",
             w->va, by);
}

static const char *cause_word(u32 cause)
{
    switch (cause) {
    case 1:
        return "instruction access fault";
    case 5:
        return "load access fault";
    case 7:
        return "store access fault";
    case 12:
        return "instruction page fault";
    case 13:
        return "load page fault";
    case 15:
        return "store page fault";
    default:
        return "fault";
    }
}

void walk_verdict(const struct ins_display *d, char *buf, size_t n)
{
    const struct walk *w = &d->walk;
    static const char *const size[] = {"4 KiB", "2 MiB", "1 GiB"};
    const struct tlb_entry *e = &w->filled;
    switch (walk_ending(w)) {
    case WALK_FAULT:
        snprintf(buf, n, "%s%s%s", cause_word(w->cause),
                 d->walk_why ? ": " : "", d->walk_why ? d->walk_why : "");
        break;
    case WALK_FOUND:
        snprintf(buf, n,
                 "found: physical 0x%08llx; the TLB keeps this %s page. "
                 "%u cycles in all",
                 tlb_pa(e, w->va), e->napot ? "64 KiB" : size[e->level % 3],
                 w->cycles);
        break;
    default:
        buf[0] = 0;
    }
}
