/* SPDX-License-Identifier: MIT */
/* Implements SiFive's core-local interruptor for one hart: msip at 0, mtimecmp
 * at 0x4000, mtime at 0xbff8 (FU540 manual, chapter 9). mtime is a function of
 * hart.cycle, so nothing ticks: the only event is a change of MTIP or STIP. */
#include "dev/clint.h"

#define MSIP     0x0
#define MTIMECMP 0x4000
#define MTIME    0xbff8

void clint_init(struct clint *c, struct hart *h, struct events *q)
{
    c->hart = h;
    c->events = q;
    clint_reset(c);
}

void clint_reset(struct clint *c)
{
    c->mtimecmp = NEVER;
    hart_set_irq(c->hart, IRQ_MSIP, false);
    clint_update(c);
}

void clint_update(struct clint *c)
{
    struct hart *h = c->hart;
    hart_set_irq(h, IRQ_MTIP, hart_mtime(h) >= c->mtimecmp);
    u64 at = hart_cycle_of_change(h, c->mtimecmp);
    if (hart_has(h, EXT_SSTC) && h->menvcfg & MENVCFG_STCE) {
        u64 s = hart_cycle_of_change(h, h->stimecmp);
        at = s < at ? s : at;
    }
    c->events->at[EV_TIMER] = at;
}

void clint_state(struct clint *c, struct state *s)
{
    state_tag(s, "clint");
    state_val(s, c->mtimecmp);
}

/* As on QEMU's board: below 0x4000 only words are allowed, up to mtime also
 * doublewords, nothing beyond mtime. Places without a register read as 0. */
static bool width_ok(u64 offset, unsigned bytes)
{
    return offset < MTIMECMP ? bytes == 4 : bytes >= 4 && offset < MTIME + 8;
}

/* True if the 64-bit register at `base`, or a half of it, is at offset. */
static bool part(u64 offset, u64 base, unsigned *shift)
{
    if (offset < base || offset >= base + 8)
        return false;
    *shift = (unsigned)(offset - base) * 8;
    return true;
}

static u64 merge(u64 old, unsigned shift, unsigned bytes, u64 value)
{
    if (bytes == 8)
        return value;
    return (old & ~(0xffffffffull << shift)) | value << shift;
}

bool clint_read(void *clint, u64 offset, unsigned bytes, u64 *value)
{
    struct clint *c = clint;
    u64 mask = bytes == 8 ? ~0ull : 0xffffffffull;
    unsigned shift;
    if (!width_ok(offset, bytes))
        return false;
    if (offset == MSIP)
        *value = c->hart->mip >> IRQ_MSIP & 1;
    else if (part(offset, MTIMECMP, &shift))
        *value = c->mtimecmp >> shift & mask;
    else if (part(offset, MTIME, &shift))
        *value = hart_mtime(c->hart) >> shift & mask;
    else
        *value = 0;
    return true;
}

bool clint_write(void *clint, u64 offset, unsigned bytes, u64 value)
{
    struct clint *c = clint;
    struct hart *h = c->hart;
    unsigned shift;
    if (!width_ok(offset, bytes))
        return false;
    if (offset == MSIP) {
        hart_set_irq(h, IRQ_MSIP, value & 1);
    } else if (part(offset, MTIMECMP, &shift)) {
        c->mtimecmp = merge(c->mtimecmp, shift, bytes, value);
        clint_update(c);
    } else if (part(offset, MTIME, &shift)) {
        u64 now = hart_mtime(h);
        h->mtime_offset += merge(now, shift, bytes, value) - now;
        clint_update(c);
    }
    return true;
}
