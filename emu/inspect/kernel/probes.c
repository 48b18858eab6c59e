/* SPDX-License-Identifier: MIT */
/* Events of an unmodified kernel: the engine's probes stand at its functions,
 * emu/linux turns their calls into events. Nothing here changes the machine. */
#include "engine/engine.h"
#include "inspect/internal.h"
#include "machine_history.h"

#include <stdio.h>
#include <stdlib.h>

/* A search for a kernel reads all of RAM: on a machine without one, the next
 * search waits for a quarter of the time that the machine has run. */
#define LATER 4

struct ins_probes {
    struct machine *m;
    struct ins_events *events;
    struct linux_probes *seen;
    unsigned opened; /* machine_reader.opened of the probed kernel; or 0 */
    u64 from;        /* the cycle at which its probes were placed */
    u64 next;        /* the cycle of the next search; 0: at once */
};

static void place_probe(void *opaque, u64 va)
{
    struct ins_probes *p = opaque;
    engine_probe(p->m->engine, va);
}

static void event_seen(void *opaque, const struct linux_event *e)
{
    struct ins_probes *p = opaque;
    ins_events_probed(p->events, e);
}

static u8 state_of(void *opaque, u32 pfn)
{
    const struct ins_probes *p = opaque;
    return ins_events_state(p->events, pfn);
}

static void linux_probe(void *opaque, u64 pc)
{
    struct ins_probes *p = opaque;
    bool same = p->m->reader.kernel && p->m->reader.opened == p->opened;
    if (same && p->m->hart.cycle >= p->from)
        linux_probes_visit(p->seen, pc, p->m->hart.x);
}

static void remove_probes(struct ins_probes *p)
{
    if (p->m->reader.probed)
        engine_on_probe(p->m->engine, 0, NULL, NULL);
    p->m->reader.probed = false;
}

static void look_for_kernel(void *opaque)
{
    struct ins_probes *p = opaque;
    struct linux_watcher w = {p, place_probe, event_seen, state_of};
    u64 now = p->m->hart.cycle;
    if (!p->m->reader.kernel && now < p->next)
        return;
    struct linux_kernel *k = ins_linux(p->m);
    p->next = k ? 0 : now + now / LATER;
    if (k && p->m->reader.probed && p->opened == p->m->reader.opened)
        return;
    remove_probes(p);
    if (!k)
        return;
    p->opened = p->m->reader.opened;
    p->from = p->m->hart.cycle;
    engine_on_probe(p->m->engine, linux_text_delta(k), linux_probe, p);
    linux_probes_attach(p->seen, k, &w);
    p->m->reader.probed = true;
}

static void save_probes(void *opaque, struct state *s)
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
    machine_on_clock(m, CLOCK_PROBES, m->clock_hz / 1000, look_for_kernel, p);
    history_also(m, save_probes, p);
    return p;
}

void inspect_probes_close(struct ins_probes *p)
{
    if (!p)
        return;
    machine_on_clock(p->m, CLOCK_PROBES, 0, NULL, NULL);
    remove_probes(p);
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
