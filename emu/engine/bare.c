/* SPDX-License-Identifier: MIT */
/* What the software TLB lacks in cycle timing where nothing is translated: the
 * page costs nothing, only its line may. Most of a program's misses there are
 * for want of room in the software TLB. First all that may forbid it is asked,
 * then it is done; refill.c is the same for what is translated. */
#include "engine/internal.h"
#include "time/quick.h"

/* The software TLB gets the page. */
static inline struct soft *fill(struct engine *e, u64 va)
{
    struct soft_table *t = e->ctx->table;
    u64 page = va & ~(PAGE_BYTES - 1);
    unsigned i = (unsigned)(va >> PAGE_SHIFT) & (SOFT_TIMED - 1);
    size_t frame = (va - e->port.ram_base) >> PAGE_SHIFT;
    struct soft *s = &t->e[i];

    if (unlikely(!s->host))
        soft_live(e, i);
    s->load = s->store = page;
    s->host = (u64)(uintptr_t)e->port.ram - e->port.ram_base;
    s->lines = &e->mem->lines[frame];
    e->last_use[frame] = e->epoch;
    return s;
}

/* Its line is in L1D but clean and a store comes, or in the L2. */
static __attribute__((noinline)) enum slow
near(struct engine *e, const struct soft *s, u64 va, bool store)
{
    struct frame_lines *f = s->lines;

    if (e->budget < e->missed_least)
        return slow_line(e, s, va, store);
    enum quick q = memtime_quick_access(&e->quick, f, va, store);
    if (q == QUICK_ASK)
        return slow_line(e, s, va, store);
    if (q == QUICK_MISSED)
        e->budget -= e->missed_cost;
    return overdrawn(e) || e->leave ? SLOW_LEAVE : SLOW_DONE;
}

static __attribute__((noinline, cold)) u8 *
bare_after(struct engine *e, u64 va, bool store, enum slow *what)
{
    return soft_find_plain(e, e->ctx, va & ~(PAGE_BYTES - 1))
               ? bare(e, va, store, what)
               : NULL;
}

u8 *bare(struct engine *e, u64 va, bool store, enum slow *what)
{
    const struct context *c = e->ctx;

    if (!c->refills || e->split_pa != NO_LINE)
        return NULL;
    if (unlikely(va - c->plain >= c->plain_bytes))
        return bare_after(e, va, store, what);
    u8 *p = e->port.ram + (va - e->port.ram_base);
    __builtin_prefetch(p, 1);
    e->stats.refills++;
    const struct soft *s = fill(e, va);
    const struct frame_lines *f = s->lines;
    unsigned line = va >> LINE_SHIFT & 63;
    if ((store ? f->wr_ok : f->rd_ok) >> line & 1)
        *what = overdrawn(e) || e->leave ? SLOW_LEAVE : SLOW_DONE;
    else if ((f->rd_ok | f->in_l2) >> line & 1)
        *what = near(e, s, va, store);
    else
        *what = slow_line(e, s, va, store);
    return p;
}
