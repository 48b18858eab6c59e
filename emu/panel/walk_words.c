/* SPDX-License-Identifier: MIT */
/* The words of a page walk; see walk.h. */
#include "panel/walk.h"

#include <stdio.h>

static const struct {
    const char *text, *brief, *term;
} served[SERVED_COUNT] = {
    [SERVED_NONE] = {"", "", "walk"},
    [SERVED_PWC] = {"walk cache", "walk cache", "walk cache"},
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
             (unsigned long long)w->va, by);
}

/* The last entry that was read; NULL: none was. */
static const struct walk_step *last_read(const struct walk *w)
{
    unsigned n = w->nsteps < WALK_STEPS_MAX ? w->nsteps : WALK_STEPS_MAX;
    for (unsigned i = n; i-- > 0;)
        if (w->steps[i].kind != STEP_SET_AD && w->steps[i].pte_pa)
            return &w->steps[i];
    return NULL;
}

/* What a leaf does not allow. */
static const char *right_missing(const struct walk *w, u64 pte)
{
    if (pte & PTE_U && w->ctx.priv == 1 &&
        (w->access == ACC_FETCH || !w->ctx.sum))
        return "a program's page, touched by the kernel without SUM";
    if (!(pte & PTE_U) && w->ctx.priv == 0)
        return "the kernel's page, touched by a program (U = 0)";
    if (w->access == ACC_FETCH && !(pte & PTE_X))
        return "the page may not be executed (X = 0)";
    if (w->access == ACC_STORE && !(pte & PTE_W))
        return "the page may not be written (W = 0)";
    if (w->access == ACC_LOAD && !(pte & PTE_R))
        return "the page may not be read (R = 0)";
    return NULL;
}

/* Why an entry ended the walk: the manual's order (privileged 4.3.2). */
static const char *reason(const struct walk *w)
{
    const struct walk_step *s = last_read(w);
    u64 pte = s ? s->pte : 0;
    if (!sv39_canonical(w->va))
        return "bits 63..39 of the address differ from bit 38";
    if (w->cause == 1 || w->cause == 5 || w->cause == 7)
        return "the entry itself could not be read";
    if (!s)
        return "before any entry was read";
    if (!(pte & PTE_V))
        return pte ? "the entry is not valid (V = 0); the kernel keeps "
                     "the page's place in its other bits"
                   : "the entry is not valid (V = 0)";
    if (!(pte & PTE_R) && pte & PTE_W)
        return "the entry has W without R, which is reserved";
    if (pte & PTE_RESERVED)
        return "bits 60..54 of the entry are reserved";
    if (!pte_upper_ok(pte, s->level, pte & (PTE_R | PTE_X), w->ctx.napot,
                      w->ctx.pbmt))
        return pte & PTE_N ? "N (Svnapot) where or as it may not be"
                           : "a memory type (Svpbmt) that may not be";
    if (!(pte & (PTE_R | PTE_X)))
        return s->level ? "a pointer with reserved bits set"
                        : "the last level must be a leaf";
    const char *missing = right_missing(w, pte);
    if (missing)
        return missing;
    if (s->level && PTE_PPN(pte) & ((1ull << 9 * s->level) - 1))
        return "a large page that is not aligned";
    return "A or D is 0, and software is to set it";
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

void walk_verdict(const struct walk *w, char *buf, size_t n)
{
    static const char *const size[] = {"4 KiB", "2 MiB", "1 GiB"};
    const struct tlb_entry *e = &w->filled;
    switch (walk_ending(w)) {
    case WALK_FAULT:
        snprintf(buf, n, "%s: %s", cause_word(w->cause), reason(w));
        break;
    case WALK_FOUND:
        snprintf(buf, n,
                 "found: it lies at 0x%08llx; the TLB keeps this %s page. "
                 "%u cycles in all",
                 (unsigned long long)tlb_pa(e, w->va),
                 e->napot ? "64 KiB" : size[e->level % 3], w->cycles);
        break;
    default:
        buf[0] = 0;
    }
}
