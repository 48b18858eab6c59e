/* SPDX-License-Identifier: MIT */
/* The words of a page walk; see walk.h. */
#include "panel/tabs/walk.h"

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

const char *walk_title(const struct ins_display *d)
{
    static const char *const access[] = {"fetch from", "load from", "store to"};
    const struct walk *w = &d->walk;
    const char *by = w->ctx.priv ? " by the kernel" : "";
    EACH(p, d->procs, d->nprocs)
        if (p->satp && p->satp == w->ctx.satp)
            by = phrase(" by %s%.16s (%u)",
                        w->ctx.priv ? "the kernel for " : "", p->name, p->pid);
    return phrase("%s 0x%llx%s", w->access < 3 ? access[w->access] : "?", w->va,
                  by);
}

static const char *cause_word(u32 cause)
{
    static const char *const causes[] = {
        [1] = "instruction access fault", [5] = "load access fault",
        [7] = "store access fault",       [12] = "instruction page fault",
        [13] = "load page fault",         [15] = "store page fault"};
    return cause < ARRAY_LEN(causes) && causes[cause] ? causes[cause] : "fault";
}

const char *walk_verdict(const struct ins_display *d)
{
    const struct walk *w = &d->walk;
    const struct tlb_entry *e = &w->filled;
    switch (walk_ending(w)) {
    case WALK_FAULT:
        return phrase("%s%s%s", cause_word(w->cause), d->walk_why ? ": " : "",
                      d->walk_why ? d->walk_why : "");
    case WALK_FOUND:
        return phrase("found: physical 0x%08llx; the TLB keeps this %s page%s",
                      tlb_pa(e, w->va), entry_size(e),
                      d->nbanks ? phrase(". %u cycles in all", w->cycles) : "");
    default:
        return "";
    }
}

const char *entry_size(const struct tlb_entry *e)
{
    static const char *const size[] = {"4 KiB", "2 MiB", "1 GiB"};
    return e->napot ? "64 KiB" : size[e->level % 3];
}
