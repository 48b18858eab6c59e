/* SPDX-License-Identifier: MIT */
/* Loads and stores that are no hit: refill.c or its like is asked, then slow.c.
 * Integer ones as records name them: the executor leaves all of such a one to
 * here, whatever piece of code met it, and goes on with the record after it. */
#include "engine/internal.h"

/* The software TLB promises for all of a page what it promises for what is
 * aligned; a line that the access runs into is one more access of L1D. */
u8 *misaligned(struct engine *e, u64 va, unsigned n, bool store)
{
    const struct soft *s = soft_slot(e, va);
    u64 last = va + n - 1;
    u64 lines =
        1ull << (va >> LINE_SHIFT & 63) | 1ull << (last >> LINE_SHIFT & 63);

    if ((store ? s->store : s->load) != (va & ~(PAGE_BYTES - 1)) ||
        (va ^ last) >> PAGE_SHIFT || e->split_pa != NO_LINE)
        return NULL;
    if (e->timed) {
        if (lines & ~(store ? s->lines->wr_ok : s->lines->rd_ok))
            return NULL;
        e->l1d_more += (va ^ last) >> LINE_SHIFT != 0;
    } else if (store && lines & *s->code) {
        return NULL;
    }
    return (u8 *)(uintptr_t)(s->host + va);
}

enum slow slow_load(struct engine *e, u64 va, unsigned n, u64 *v)
{
    enum slow s;
    const u8 *p = page_comes(e, va, n, false, &s);

    if (!p)
        return s == SLOW_TRAP ? s : slow_load_long(e, va, n, v);
    *v = get_sized(p, n);
    return s;
}

enum slow slow_store(struct engine *e, u64 va, unsigned n, u64 v)
{
    enum slow s;
    u8 *p = page_comes(e, va, n, true, &s);

    if (!p)
        return s == SLOW_TRAP ? s : slow_store_long(e, va, n, v);
    put_sized(p, v, n);
    return s;
}

/* Where the integer load or store r goes. */
static inline u64 address_of(const struct engine *e, const struct rec *r)
{
    return e->h->x[r->rs1] + (u64)(s64)r->imm;
}

static inline unsigned bytes_of(const struct rec *r)
{
    return 1u << (r->rs3 & ACCESS_LOG2);
}

/* The integer load or store r, whose bytes are at p. Each kind by itself: so
 * nothing stands between what is loaded and its register. */
static inline __attribute__((always_inline)) void
access_x(struct engine *e, const struct rec *r, u8 *p)
{
    u64 *x = (u64 *)e->h; /* with the sink for x0, see SINK_X */

    switch (r->rs3 & (ACCESS_STORE | ACCESS_SIGNED | ACCESS_LOG2)) {
    case 0:
        x[r->rd] = get_le(p, 1);
        break;
    case 1:
        x[r->rd] = get_le(p, 2);
        break;
    case 2:
        x[r->rd] = get_le(p, 4);
        break;
    case 3:
    case ACCESS_SIGNED | 3:
        x[r->rd] = get_le(p, 8);
        break;
    case ACCESS_SIGNED:
        x[r->rd] = (u64)(s64)(s8)get_le(p, 1);
        break;
    case ACCESS_SIGNED | 1:
        x[r->rd] = (u64)(s64)(s16)get_le(p, 2);
        break;
    case ACCESS_SIGNED | 2:
        x[r->rd] = (u64)(s64)(s32)get_le(p, 4);
        break;
    default:
        put_sized(p, x[r->rs2], bytes_of(r));
    }
}

/* The same when all of it is left to slow.c. */
static __attribute__((noinline)) enum slow long_x(struct engine *e)
{
    const struct rec *r = e->r;
    unsigned n = bytes_of(r);
    u64 va = address_of(e, r), v = 0;

    if (r->rs3 & ACCESS_STORE)
        return slow_store_long(e, va, n, e->h->x[r->rs2]);
    enum slow s = slow_load_long(e, va, n, &v);
    if (s < SLOW_TRAP)
        access_x(e, r, (u8 *)&v);
    return s;
}

enum slow slow_x(struct engine *e)
{
    const struct rec *r = e->r;
    enum slow s;
    u8 *p =
        page_comes(e, address_of(e, r), bytes_of(r), r->rs3 & ACCESS_STORE, &s);

    if (unlikely(!p))
        return s == SLOW_TRAP ? s : long_x(e);
    access_x(e, r, p);
    return s;
}

enum slow slow_x_missed(struct engine *e)
{
    const struct rec *r = e->r;
    u64 va = address_of(e, r);
    const struct soft *t = soft_slot(e, va);
    u8 *p = (u8 *)(uintptr_t)(t->host + va);
    enum slow s = slow_line(e, t, va, r->rs3 & ACCESS_STORE);

    access_x(e, r, p);
    return s;
}
