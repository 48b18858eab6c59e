/* SPDX-License-Identifier: MIT */
/* Tells the outcome of a page walk, in words. */
#include "inspect/parts.h"

#include "mmu/pte.h"

struct ins_walk_fault inspect_walk_fault(const struct walk *w)
{
    enum pte_verdict v = mmu_walk_verdict(w);
    return (struct ins_walk_fault){
        .kind = v == PTE_ABSENT          ? INS_WALK_ABSENT
                : v == PTE_NOT_WRITABLE  ? INS_WALK_NOT_WRITABLE
                : v == PTE_OF_USER       ? INS_WALK_OF_USER
                : v == PTE_OF_SUPERVISOR ? INS_WALK_CLOSED
                                         : INS_WALK_OTHER,
        .why = mmu_walk_why(w)};
}

bool inspect_walk_entry(const struct walk *w, u64 *pte)
{
    const struct walk_step *p = mmu_walk_last_read(w);
    if (p)
        *pte = p->pte;
    return p;
}

const char *inspect_served(unsigned where)
{
    return served_name[where];
}

const char *inspect_memory_type(unsigned type)
{
    return memtype_name[type];
}
