/* SPDX-License-Identifier: MIT */
/* Touches. While an observer is set, the host TLB (in all its tables) holds
 * only one page of a program, the page of the last load or store, and allows
 * only the kinds of access that were reported. Of a program's code only the
 * page of the last fetch is cached, and no jump target. So each change of page
 * takes the slow path, which reports it. Kernel pages are not affected.
 *
 * Probes. No block holds an instruction with a probe, so the run loop executes
 * such an instruction alone. */
#include "engine/observe.h"

#include <stdlib.h>

/* ---- touches ---- */

void engine_on_touch(struct engine *e,
                     void (*fn)(void *, u64, enum access, bool), void *opaque)
{
    e->touch = fn;
    e->touch_opaque = opaque;
    e->touched = NULL;
    e->touched_code = NULL;
    host_tlb_flush(e);
    e->context_dirty = true;
}

static bool of_program(const struct tlb_entry *leaf)
{
    return leaf && leaf->flags & PTE_U;
}

static void forget_page(struct engine *e)
{
    if (e->touched)
        e->touched->load = e->touched->store = NO_PAGE;
    e->touched = NULL;
}

void engine_touch_again(struct engine *e)
{
    forget_page(e);
}

void host_tlb_touch(struct engine *e, struct host_page *s, u64 va,
                    const struct tlb_entry *leaf, bool store, bool *loads,
                    bool *stores)
{
    u64 page = va & ~(PAGE_BYTES - 1);

    if (!of_program(leaf)) {
        if (e->touched == s) /* a kernel page replaces the program's page */
            e->touched = NULL;
        return;
    }
    if (e->touched != s)
        forget_page(e);
    e->touched = s;
    *loads &= !store || s->load == page;
    *stores &= store || s->store == page;
    e->touch(e->touch_opaque, va, store ? ACC_STORE : ACC_LOAD, false);
}

void observe_access(struct engine *e, const struct data_access *a, bool store)
{
    forget_page(e);
    if (!e->ctx->data_sv39 || !of_program(a->leaf))
        return;
    for (unsigned i = 0; i < a->parts; i++)
        e->touch(e->touch_opaque, a->part[i].va, store ? ACC_STORE : ACC_LOAD,
                 false);
}

void observe_fetch(struct engine *e, u64 va, struct code_entry *c)
{
    if (!observes_fetches(e) || !e->ctx->fetch_sv39)
        return;
    if (e->touched_code && e->touched_code != c)
        e->touched_code->page = e->touched_code->ctx = NO_PAGE;
    e->touched_code = c;
    e->touch(e->touch_opaque, va, ACC_FETCH, false);
}

void observe_fault(struct engine *e, u64 cause, u64 va)
{
    static const enum access access[] = {[CAUSE_FETCH_PAGE] = ACC_FETCH,
                                         [CAUSE_LOAD_PAGE] = ACC_LOAD,
                                         [CAUSE_STORE_PAGE] = ACC_STORE};
    if (cause == CAUSE_FETCH_PAGE || cause == CAUSE_LOAD_PAGE ||
        cause == CAUSE_STORE_PAGE)
        e->touch(e->touch_opaque, va, access[cause], true);
}

/* ---- probes: a hash of even addresses; 1 marks an empty place ---- */

#define EMPTY 1u

static u64 *place(const struct engine *e, u64 va)
{
    u64 i = va * 0x9e3779b97f4a7c15ull >> 32 & e->probes_mask;

    while (e->probes[i] != EMPTY && e->probes[i] != va)
        i = (i + 1) & e->probes_mask;
    return &e->probes[i];
}

bool observe_probed(const struct engine *e, u64 va)
{
    return *place(e, va) == va;
}

static void grow(struct engine *e, u64 n)
{
    u64 *old = e->probes, had = old ? e->probes_mask + 1 : 0;

    e->probes = xcalloc(n, sizeof(*e->probes));
    e->probes_mask = n - 1;
    for (u64 i = 0; i < n; i++)
        e->probes[i] = EMPTY;
    for (u64 i = 0; i < had; i++)
        if (old[i] != EMPTY)
            *place(e, old[i]) = old[i];
    free(old);
}

void engine_on_probe(struct engine *e, u64 delta, void (*fn)(void *, u64),
                     void *opaque)
{
    observe_free(e);
    e->probe_delta = delta;
    e->probe = fn;
    e->probe_opaque = opaque;
    blocks_flush(e);
}

void engine_probe(struct engine *e, u64 va)
{
    u64 pa = va - e->probe_delta;

    assert(e->probe);
    if (va % 2) /* a word read from the guest may be odd: no code there */
        return;
    if (4 * e->nprobes >= 3 * (e->probes ? e->probes_mask + 1 : 0))
        grow(e, e->probes ? 2 * (e->probes_mask + 1) : 64);
    u64 *p = place(e, va);
    if (*p == va)
        return;
    *p = va;
    e->nprobes++;
    if (ram_holds(e, pa, 2))
        blocks_drop(e, pa, 2);
}

void observe_free(struct engine *e)
{
    free(e->probes);
    e->probes = NULL;
    e->nprobes = 0;
}
