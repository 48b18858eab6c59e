/* SPDX-License-Identifier: MIT */
/* Does atomics and 64-byte cache-block operations, without the host TLB. */
#include "engine/data_access.h"

/* Makes the checks common to lr, sc, amo: alignment, translation, PMP, RAM. */
static enum outcome locate_atomic(struct engine *e, struct data_access *a,
                                  u64 va, unsigned n, bool load,
                                  unsigned rights)
{
    access_begin(e, a);
    if (va & (n - 1))
        return access_trap(
            e, a, load ? CAUSE_LOAD_MISALIGNED : CAUSE_STORE_MISALIGNED, va);
    enum outcome s =
        access_locate(e, a, va, n, load ? ACC_LOAD : ACC_STORE, rights);
    if (s == GO_ON && !a->in_ram)
        return access_trap(e, a, load ? CAUSE_LOAD_ACCESS : CAUSE_STORE_ACCESS,
                           va);
    return s;
}

static u64 reservation_of(u64 pa)
{
    return pa & ~(u64)(LINE_BYTES - 1);
}

enum outcome data_lr(struct engine *e, u64 va, unsigned n, u64 *v)
{
    struct data_access a;
    enum outcome s = locate_atomic(e, &a, va, n, true, PMP_R);

    if (s != GO_ON)
        return s;
    access_touch(e, &a, false);
    access_drain(e);
    *v = access_read(e, &a);
    e->h->reservation = reservation_of(a.part[0].pa);
    access_watch_memory(e, &a, false);
    access_note(e, va, n, false, *v);
    return access_finish(e, &a);
}

enum outcome data_sc(struct engine *e, u64 va, unsigned n, u64 v, u64 *failed)
{
    struct data_access a;
    enum outcome s = locate_atomic(e, &a, va, n, false, PMP_W);

    if (s != GO_ON)
        return s;
    u64 pa = a.part[0].pa;
    *failed = e->h->reservation != reservation_of(pa);
    e->h->reservation = ~0ull;
    if (*failed) {
        e->l1d_more--;
        return access_finish(e, &a);
    }
    access_touch(e, &a, true);
    access_drain(e);
    access_before_store(e, &a);
    memcpy(access_host(e, pa), &v, n);
    access_watch_memory(e, &a, true);
    access_note(e, va, n, true, v);
    return access_finish(e, &a);
}

enum outcome data_amo(struct engine *e, u64 va, unsigned n, void **p)
{
    struct data_access a;
    enum outcome s = locate_atomic(e, &a, va, n, false, PMP_R | PMP_W);

    if (s != GO_ON)
        return s;
    access_touch(e, &a, true);
    access_drain(e); /* waits for the AMO's own line, if it missed */
    access_before_store(e, &a);
    *p = access_host(e, a.part[0].pa);
    access_watch(e, va, n, false);
    access_watch_memory(e, &a, false);
    access_watch_memory(e, &a, true);
    access_note(e, va, n, true, 0);
    return access_finish(e, &a);
}

void data_amo_done(struct engine *e, u64 stored)
{
    e->log.load = true;
    e->log.data = stored;
}

/* Translates, checks and touches the whole block at once (CMO 1.0.1, 2.5).
 * cbo.zero needs a store's permission. The others need only a load's, so D is
 * not required. All faults are store faults, with rs1 in tval. */
enum outcome data_cbo(struct engine *e, u64 va, enum cbo op)
{
    bool zero = op == CBO_ZERO;
    struct data_access a;

    access_begin(e, &a);
    a.store_faults = true;
    enum outcome s = access_locate_block(e, &a, va, zero ? ACC_STORE : ACC_LOAD,
                                         zero ? PMP_W : PMP_R);
    if (s != GO_ON)
        return s;
    u64 pa = a.part[0].pa;
    if (!zero) {
        u32 cycles = memtime_block(e->mem, pa, e->h->cycle, op != CBO_CLEAN);
        stamp_use(e, pa);
        e->l1d_more--; /* no access of the data cache */
        charge(e, &e->by.dram, cycles);
        return access_finish(e, &a);
    }
    access_touch(e, &a, true);
    access_before_store(e, &a);
    memset(access_host(e, pa), 0, CBO_BLOCK);
    access_watch_memory(e, &a, true);
    access_note(e, va & ~(u64)(CBO_BLOCK - 1), CBO_BLOCK, true, 0);
    return access_finish(e, &a);
}
