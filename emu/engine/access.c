/* SPDX-License-Identifier: MIT */
/* Loads and stores that are no hit: refill.c is asked first, then slow.c.
 * Integer ones as records name them: the executor leaves all of such a one to
 * here, whatever piece of code met it, and goes on with the record after it. */
#include "engine/internal.h"

/* 1, 2, 4 or 8 bytes, without a call of memcpy. */
static inline u64 get_sized(const u8 *p, unsigned n)
{
    return n == 8   ? get_le(p, 8)
           : n == 4 ? get_le(p, 4)
           : n == 2 ? get_le(p, 2)
                    : get_le(p, 1);
}

static inline void put_sized(u8 *p, u64 v, unsigned n)
{
    if (n == 8)
        put_le(p, v, 8);
    else if (n == 4)
        put_le(p, v, 4);
    else if (n == 2)
        put_le(p, v, 2);
    else
        put_le(p, v, 1);
}

enum slow slow_load(struct engine *e, u64 va, unsigned n, u64 *v)
{
    enum slow s;
    const u8 *p = refill(e, va, n, false, &s);

    if (!p)
        return slow_load_long(e, va, n, v);
    *v = get_sized(p, n);
    return s;
}

enum slow slow_store(struct engine *e, u64 va, unsigned n, u64 v)
{
    enum slow s;
    u8 *p = refill(e, va, n, true, &s);

    if (!p)
        return slow_store_long(e, va, n, v);
    put_sized(p, v, n);
    return s;
}

/* Where the integer load or store r goes. */
static u64 address_of(const struct engine *e, const struct rec *r)
{
    return e->h->x[r->rs1] + (u64)(s64)r->imm;
}

static unsigned bytes_of(const struct rec *r)
{
    return 1u << (r->rs3 & ACCESS_LOG2);
}

static void set_x(struct engine *e, const struct rec *r, u64 v)
{
    unsigned bits = 8 * bytes_of(r);
    u64 *x = (u64 *)e->h; /* with the sink for x0, see SINK_X */

    x[r->rd] = r->rs3 & ACCESS_SIGNED ? (u64)sext(v, bits) : v;
}

enum slow slow_x(struct engine *e)
{
    const struct rec *r = e->r;
    bool store = r->rs3 & ACCESS_STORE;
    unsigned n = bytes_of(r);
    u64 va = address_of(e, r), v = 0;
    enum slow s;
    u8 *p = refill(e, va, n, store, &s);

    if (store) {
        v = e->h->x[r->rs2];
        if (unlikely(!p))
            return slow_store_long(e, va, n, v);
        put_sized(p, v, n);
        return s;
    }
    if (likely(p))
        v = get_sized(p, n);
    else
        s = slow_load_long(e, va, n, &v);
    if (s < SLOW_TRAP)
        set_x(e, r, v);
    return s;
}

enum slow slow_x_missed(struct engine *e)
{
    const struct rec *r = e->r;
    bool store = r->rs3 & ACCESS_STORE;
    unsigned n = bytes_of(r);
    u64 va = address_of(e, r);
    const struct soft *t =
        &e->dtlb[va >> PAGE_SHIFT & (SOFT_USED(e->timed) - 1u)];
    u8 *p = (u8 *)(uintptr_t)(t->host + va);
    enum slow s = slow_line(e, t, va, store);

    if (store)
        put_sized(p, e->h->x[r->rs2], n);
    else
        set_x(e, r, get_sized(p, n));
    return s;
}
