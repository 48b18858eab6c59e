/* SPDX-License-Identifier: MIT */
/* The walker's own cache: valid non-leaf PTEs of levels 2 and 1, found by the
 * PTE's physical address and the ASID that walked. FIFO; holes left by a flush
 * are filled first. Invalid PTEs and leaves never enter. */
#include "mmu/internal.h"

const struct pwc_entry *pwc_search(struct mmu *m, u64 pte_pa, u16 asid)
{
    for (u8 i = 0; i < PWC_ENTRIES; i++) {
        if (!pwc_is(&m->pwc[i], pte_pa, asid))
            continue;
        m->pwc_place[pwc_place(pte_pa)] = i;
        return &m->pwc[i];
    }
    return NULL;
}

void pwc_fill(struct mmu *m, u64 pte_pa, u64 pte, u32 level, u16 asid)
{
    unsigned i = 0;

    while (i < PWC_ENTRIES && m->pwc[i].valid)
        i++;
    if (i == PWC_ENTRIES) {
        i = m->pwc_fifo;
        m->pwc_fifo = (i + 1) % PWC_ENTRIES;
    }
    m->pwc_serial[i] = ++m->pwc_fills;
    m->pwc_place[pwc_place(pte_pa)] = (u8)i;
    m->pwc[i] = (struct pwc_entry){.pte_pa = pte_pa,
                                   .pte = pte,
                                   .valid = 1,
                                   .level = (u8)level,
                                   .asid = asid};
}

void pwc_flush(struct mmu *m, bool has_asid, u16 asid)
{
    for (unsigned i = 0; i < PWC_ENTRIES; i++)
        if (!has_asid || m->pwc[i].asid == asid) {
            m->pwc[i] = (struct pwc_entry){0};
            m->pwc_serial[i] = 0;
        }
    if (!has_asid)
        m->pwc_fifo = 0;
}

void pwc_state(struct mmu *m, struct state *s)
{
    for (unsigned i = 0; i < PWC_ENTRIES; i++) {
        struct pwc_entry *e = &m->pwc[i];
        state_val(s, e->pte_pa);
        state_val(s, e->pte);
        state_val(s, e->valid);
        state_val(s, e->level);
        state_val(s, e->asid);
        state_check(s, e->valid <= 1 && e->level <= 2, "walker cache");
        if (state_loading(s))
            m->pwc_serial[i] = e->valid ? ++m->pwc_fills : 0;
    }
    state_val(s, m->pwc_fifo);
    state_check(s, m->pwc_fifo < PWC_ENTRIES, "walker cache");
}
