/* SPDX-License-Identifier: MIT */
/* Observers of the hart that need every occurrence: pages that programs touch
 * (engine_on_touch), visits of an address (engine_on_probe). The shortcuts
 * that would pass an observer by are not taken while it is there; what is
 * executed and what it costs stay the same. */
#ifndef CLOCKHAND_ENGINE_OBSERVE_H
#define CLOCKHAND_ENGINE_OBSERVE_H

#include "engine/data_access.h"

/* ---- touches ---- */

/* An access that is done at length; after it the host TLB knows no page. */
void observe_access(struct engine *e, const struct data_access *a, bool store);
/* The hart fetches from va; c: where its page has just been noted. */
void observe_fetch(struct engine *e, u64 va, struct code_entry *c);
/* A page fault is about to be taken. */
void observe_fault(struct engine *e, u64 cause, u64 va);
/* May the jump table and the code entries be trusted for the running code? */
static inline bool observes_fetches(const struct engine *e)
{
    return unlikely(e->touch != NULL) && e->h->priv == PRV_U;
}

/* ---- probes ---- */

void observe_free(struct engine *e);
bool observe_probed(const struct engine *e, u64 va);
/* Is there a probe at the instruction at pa? Such ones are executed alone. */
static inline bool observe_probe_near(const struct engine *e, u64 pa)
{
    return unlikely(e->nprobes) && observe_probed(e, pa + e->probe_delta);
}
static inline void observe_visit(struct engine *e, u64 pc)
{
    if (unlikely(e->nprobes) && observe_probed(e, pc))
        e->probe(e->probe_opaque, pc);
}

#endif
