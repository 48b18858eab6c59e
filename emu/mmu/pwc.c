/* SPDX-License-Identifier: MIT */
/* The walker's cache holds valid non-leaf PTEs of levels 2 and 1. An entry is
 * found by its PTE's physical address and the walk's ASID. Replacement is FIFO,
 * but holes left by a flush are filled first. */
#include "mmu/internal.h"

#define KEYS_NONE 0xffffffffu

/* Returns a PTE's search key, which several PTEs may share. */
static u32 pwc_search_key(u64 pte_pa)
{
    return (u32)(pte_pa >> 3);
}

/* Returns a bit for each entry that has the key. */
static u32 like(const struct mmu *m, u32 key)
{
    u32 found = 0;

    for (u32 i = 0; i < PWC_ENTRIES; i++)
        found |= (u32)(m->pwc_key[i] == key) << i;
    return found;
}

const struct pwc_entry *pwc_search(struct mmu *m, u64 pte_pa, u16 asid)
{
    for (u32 left = like(m, pwc_search_key(pte_pa)); left; left &= left - 1) {
        u8 i = (u8)__builtin_ctz(left);
        if (!pwc_is(&m->pwc[i], pte_pa, asid))
            continue;
        m->pwc_place[pwc_place(pte_pa)] = i;
        return &m->pwc[i];
    }
    return NULL;
}

static void pwc_derive(struct mmu *m, u32 i)
{
    const struct pwc_entry *e = &m->pwc[i];

    m->pwc_key[i] = e->valid ? pwc_search_key(e->pte_pa) : KEYS_NONE;
    m->pwc_holes &= ~(1u << i);
    m->pwc_holes |= (u32)!e->valid << i;
}

void pwc_fill(struct mmu *m, u64 pte_pa, u64 pte, u32 level, u16 asid)
{
    u32 i = m->pwc_fifo;

    if (m->pwc_holes)
        i = (u32)__builtin_ctz(m->pwc_holes);
    else
        m->pwc_fifo = (i + 1) % PWC_ENTRIES;
    m->pwc_place[pwc_place(pte_pa)] = (u8)i;
    m->pwc[i] = (struct pwc_entry){.pte_pa = pte_pa,
                                   .pte = pte,
                                   .valid = 1,
                                   .level = (u8)level,
                                   .asid = asid};
    pwc_derive(m, i);
}

void pwc_flush(struct mmu *m, bool has_asid, u16 asid)
{
    for (unsigned i = 0; i < PWC_ENTRIES; i++)
        if (!has_asid || m->pwc[i].asid == asid) {
            m->pwc[i] = (struct pwc_entry){0};
            pwc_derive(m, i);
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
            pwc_derive(m, i);
    }
    state_val(s, m->pwc_fifo);
    state_check(s, m->pwc_fifo < PWC_ENTRIES, "walker cache");
}
