/* SPDX-License-Identifier: MIT */
/* Gives the tests of emu/mmu a small RAM for page tables, and the port through
 * which the walker reads and updates PTEs in it. */
#pragma once

#include "mmu/mmu.h"

#define MEM_BASE  0x80000000ull
#define MEM_PAGES 64u

struct memory {
    u64 word[MEM_PAGES * PAGE_BYTES / 8];
    u64 reads, updates;
    u64 refuse; /* PMP forbids reading this address; 0: none */
    u64 refuse_write;
    u64 snatch; /* software changes this PTE once, just before an update */
};

static inline u64 *memory_at(struct memory *m, u64 pa)
{
    if (pa < MEM_BASE || pa >= MEM_BASE + sizeof(m->word) || pa % 8)
        return NULL;
    return &m->word[(pa - MEM_BASE) / 8];
}

static inline u64 table_page(unsigned page)
{
    return MEM_BASE + page * PAGE_BYTES;
}

static inline u64 pte_of(u64 pa, u64 flags)
{
    return pa >> 12 << 10 | flags;
}

static inline u64 satp_of(unsigned page, u64 asid)
{
    return 8ull << 60 | asid << 44 | table_page(page) >> 12;
}

static bool port_read(void *opaque, u64 pa, u64 *pte, u32 *cycles,
                      enum served *where)
{
    struct memory *m = opaque;
    u64 *word = memory_at(m, pa);

    if (!word || pa == m->refuse)
        return false;
    m->reads++;
    *pte = *word;
    *cycles = 4 + (u32)(pa >> 6 & 7); /* so that the sums of walks differ */
    *where = pa & 64 ? SERVED_L1 : SERVED_L2;
    return true;
}

static bool port_update(void *opaque, u64 pa, u64 expect, u64 pte, u32 *cycles,
                        bool *done)
{
    struct memory *m = opaque;
    u64 *word = memory_at(m, pa);

    if (!word || pa == m->refuse_write)
        return false;
    *cycles = 5;
    if (pa == m->snatch) {
        *word |= 1ull << 8; /* a bit that hardware ignores */
        m->snatch = 0;
    }
    *done = *word == expect;
    if (*done)
        *word = pte;
    m->updates++;
    return true;
}

static inline bool memory_peek(void *opaque, u64 pa, u64 *pte)
{
    struct memory *m = opaque;
    u64 *word = memory_at(m, pa);

    if (!word || pa == m->refuse)
        return false;
    *pte = *word;
    return true;
}

static inline struct mmu_port port_to(struct memory *m)
{
    return (struct mmu_port){m, port_read, port_update};
}

/* Declares an MMU that is freed at the end of its block. */
#define MMU(m, shape)                                                          \
    struct mmu m __attribute__((cleanup(mmu_free)));                           \
    mmu_init(&m, shape)
