/* SPDX-License-Identifier: MIT */
/* Reports to observers that must miss nothing: pages that programs touch
 * (engine_on_touch), executions of an address (engine_on_probe). While an
 * observer is set, the engine takes no shortcut that would bypass it; the
 * instructions executed and their costs stay the same. */
#pragma once

#include "engine/data_access.h"

/* ---- touches ---- */

/* Reports a slow-path access; drops the program's page from the host TLB. */
void observe_access(struct engine *e, const struct data_access *a, bool store);
/* Reports a fetch from va, whose page belongs into entry c. */
void observe_fetch(struct engine *e, u64 va, struct code_entry *c);
void observe_fault(struct engine *e, u64 cause, u64 va);
/* True if fetches are reported now, so that no jump target may be cached. */
static inline bool observes_fetches(const struct engine *e)
{
    return unlikely(e->touch != NULL) && e->h->priv == PRV_U;
}

/* ---- probes ---- */

void observe_free(struct engine *e);
bool observe_probed(const struct engine *e, u64 va);
/* True if the instruction at pa has a probe, so that it is executed alone. */
static inline bool observe_probe_near(const struct engine *e, u64 pa)
{
    return unlikely(e->nprobes) && observe_probed(e, pa + e->probe_delta);
}
static inline void observe_visit(struct engine *e, u64 pc)
{
    if (unlikely(e->nprobes) && observe_probed(e, pc))
        e->probe(e->probe_opaque, pc);
}
