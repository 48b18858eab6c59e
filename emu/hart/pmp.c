/* SPDX-License-Identifier: MIT */
/* Checks physical memory protection (manual 3.7): 16 entries, grain 4 bytes. */
#include "hart/internal.h"

#define ADDR_MASK (~0ull >> 10) /* bits 55..2 of an address */

u64 hart_pmpcfg_read(const struct hart *h, unsigned first)
{
    return get_le(&h->pmpcfg[first], 8);
}

/* Locked entries keep their bytes. W without R is reserved: W is dropped. */
void hart_pmpcfg_write(struct hart *h, unsigned first, u64 v)
{
    for (unsigned k = 0; k < 8; k++) {
        u8 *cfg = &h->pmpcfg[first + k];
        u8 want = v >> 8 * k & (PMP_L | PMP_A | PMP_X | PMP_W | PMP_R);
        if (*cfg & PMP_L)
            continue;
        if (!(want & PMP_R))
            want &= (u8)~PMP_W;
        *cfg = want;
    }
}

/* Entry i + 1 in mode TOR begins at pmpaddr i, which its lock covers, too. */
bool hart_pmpaddr_locked(const struct hart *h, unsigned i)
{
    const unsigned locked_tor = PMP_L | PMP_TOR;
    return h->pmpcfg[i] & PMP_L ||
           (i + 1 < PMP_ENTRIES &&
            (h->pmpcfg[i + 1] & (PMP_L | PMP_A)) == locked_tor);
}

void hart_pmpaddr_write(struct hart *h, unsigned i, u64 v)
{
    if (!hart_pmpaddr_locked(h, i))
        h->pmpaddr[i] = v & ADDR_MASK;
}

/* Gets the bytes [*from, *end) of entry i: none if it is off. */
static void entry_range(const struct hart *h, unsigned i, u64 *from, u64 *end)
{
    u64 addr = h->pmpaddr[i];
    *from = *end = 0;
    switch (h->pmpcfg[i] & PMP_A) {
    case PMP_TOR:
        *from = i ? h->pmpaddr[i - 1] << 2 : 0;
        *end = addr << 2;
        break;
    case PMP_NA4:
        *from = addr << 2;
        *end = *from + 4;
        break;
    case PMP_NAPOT: {
        u64 ones = addr & ~(addr + 1); /* the trailing ones */
        *from = (addr & ~ones) << 2;
        *end = *from + ((ones + 1) << 3);
        break;
    }
    }
}

static bool permits(u8 cfg, unsigned kind, u32 priv)
{
    if (priv == PRV_M && !(cfg & PMP_L))
        return true;
    return (cfg & kind) == kind;
}

/* The lowest entry that matches any byte decides; it must match all bytes. */
bool hart_pmp_ok(const struct hart *h, u64 pa, unsigned size, unsigned kind,
                 u32 priv)
{
    u64 last = pa + size - 1;
    for (unsigned i = 0; i < PMP_ENTRIES; i++) {
        u64 from, end;
        if (!(h->pmpcfg[i] & PMP_A))
            continue;
        entry_range(h, i, &from, &end);
        if (from >= end || last < from || pa >= end)
            continue;
        return from <= pa && last < end && permits(h->pmpcfg[i], kind, priv);
    }
    return priv == PRV_M;
}

/* An entry that does not contain pa bounds the region at its own edge. */
struct pmp_region hart_pmp_region(const struct hart *h, u64 pa)
{
    struct pmp_region r = {.from = 0, .end = ~0ull};

    for (unsigned i = 0; i < PMP_ENTRIES && !r.matched; i++) {
        u64 from, end;
        entry_range(h, i, &from, &end);
        if (from >= end)
            continue;
        r.matched = from <= pa && pa < end;
        r.cfg = h->pmpcfg[i];
        if (pa >= end)
            r.from = end > r.from ? end : r.from;
        else if (pa < from)
            r.end = from < r.end ? from : r.end;
        else {
            r.from = from > r.from ? from : r.from;
            r.end = end < r.end ? end : r.end;
        }
    }
    return r;
}

bool hart_pmp_region_ok(const struct pmp_region *r, unsigned kind, u32 priv)
{
    return r->matched ? permits(r->cfg, kind, priv) : priv == PRV_M;
}
