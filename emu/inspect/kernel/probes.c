/* SPDX-License-Identifier: MIT */
/* Events of an unmodified kernel: its functions have the engine's probes, what
 * emu/linux makes of their calls goes to the events. Nothing here changes the
 * machine. */
#include "engine/engine.h"
#include "inspect/internal.h"
#include "machine_history.h"

#include <stdio.h>
#include <stdlib.h>

/* A look for a kernel reads all of RAM: of a machine that has none the next one
 * waits for a 4th of the time that it has run. */
#define LATER 4

struct ins_probes {
    struct machine *m;
    struct ins_events *events;
    struct linux_probes *seen;
    unsigned opened; /* the kernel that has them: machine_reader.opened; 0 */
    u64 from;        /* the cycle from which on it has */
    u64 next;        /* when a kernel is looked for again; 0: at once */
};

static void want(void *opaque, u64 va)
{
    struct ins_probes *p = opaque;
    engine_probe(p->m->engine, va);
}

static void seen(void *opaque, const struct linux_event *e)
{
    struct ins_probes *p = opaque;
    ins_events_probed(p->events, e);
}

static void on_probe(void *opaque, u64 pc)
{
    struct ins_probes *p = opaque;
    bool same = p->m->reader.kernel && p->m->reader.opened == p->opened;
    if (same && p->m->hart.cycle >= p->from)
        linux_probes_visit(p->seen, pc, p->m->hart.x);
}

static void drop(struct ins_probes *p)
{
    if (p->m->reader.probed)
        engine_on_probe(p->m->engine, 0, NULL, NULL);
    p->m->reader.probed = false;
}

static void on_clock(void *opaque)
{
    struct ins_probes *p = opaque;
    struct linux_watcher w = {p, want, seen};
    u64 now = p->m->hart.cycle;
    if (!p->m->reader.kernel && now < p->next)
        return;
    struct linux_kernel *k = ins_linux(p->m);
    p->next = k ? 0 : now + now / LATER;
    if (k && p->m->reader.probed && p->opened == p->m->reader.opened)
        return;
    drop(p);
    if (!k)
        return;
    p->opened = p->m->reader.opened;
    p->from = p->m->hart.cycle;
    engine_on_probe(p->m->engine, linux_text_delta(k), on_probe, p);
    linux_probes_attach(p->seen, k, &w);
    p->m->reader.probed = true;
}

static void on_past(void *opaque, struct state *s)
{
    struct ins_probes *p = opaque;
    linux_probes_past(p->seen, s);
}

struct ins_probes *inspect_probes_open(struct machine *m,
                                       struct ins_events *events)
{
    struct ins_probes *p = xcalloc(1, sizeof *p);
    p->m = m;
    p->events = events;
    p->seen = linux_probes_new();
    machine_on_clock(m, CLOCK_PROBES, m->clock_hz / 1000, on_clock, p);
    history_also(m, on_past, p);
    return p;
}

void inspect_probes_close(struct ins_probes *p)
{
    if (!p)
        return;
    machine_on_clock(p->m, CLOCK_PROBES, 0, NULL, NULL);
    drop(p);
    linux_probes_free(p->seen);
    free(p);
}

void inspect_probes_forget(struct ins_probes *p)
{
    if (!p)
        return;
    p->next = 0;
    linux_probes_forget(p->seen);
}

bool inspect_probed(const struct machine *m)
{
    return m->reader.probed;
}

bool inspect_probes_words(const struct ins_probes *p, unsigned i, char *buf,
                          size_t n)
{
    if (!p || !inspect_probed(p->m))
        return false;
    if (i)
        return linux_probes_untold(p->seen, i - 1, buf, n);
    snprintf(buf, n,
             "its events are seen by probes at its functions, since cycle %llu",
             (unsigned long long)p->from);
    return true;
}
