/* SPDX-License-Identifier: MIT */
/* Makes events of an unmodified Linux: the engine probes its functions, and
 * emu/linux turns the calls into events. Nothing here changes the machine. */
#include "engine/engine.h"
#include "inspect/events.h"
#include "inspect/internal.h"
#include "history/history.h"

#include <stdio.h>
#include <stdlib.h>

/* A kernel's description of itself is in RAM long before its first process.
 * From the time at which the hart translates addresses, look_for_kernel()
 * searches a 16th of RAM each ms. After one second it waits, before each search
 * of all RAM, for an 8th of the time since translation began. */
#define PARTS 16
#define LATER 8

struct ins_probes {
    struct machine *m;
    struct ins_events *events;
    struct linux_probes *seen;
    unsigned opened; /* machine_reader.opened of the probed kernel; 0: none */
    u64 from;        /* the cycle at which the probes were placed */
    /* While no kernel is known: the cycle at which translation was first seen
     * (0: not yet), the cycle of the next search, and the part of RAM that is
     * searched then. */
    u64 since, next;
    unsigned part;
    bool at_once; /* search all of RAM: at the start, and after a load */
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
    if (same && machine_now(p->m) >= p->from)
        linux_probes_visit(p->seen, pc, p->m->hart.x);
}

static void remove_probes(struct ins_probes *p)
{
    if (p->m->reader.probed)
        engine_on_probe(p->m->engine, 0, NULL, NULL);
    p->m->reader.probed = false;
}

/* Searches the next part of RAM, if that is due; true if a kernel describes
 * itself there, so that opening it is worth the time. */
static bool describes_itself(struct ins_probes *p)
{
    struct machine *m = p->m;
    struct kernel_ram ram = {m->ram, RAM_BASE, m->ram_bytes};
    u64 now = machine_now(m), part = (m->ram_bytes / PARTS | 4095) + 1;
    if (SATP_MODE(m->hart.satp) != SATP_MODE_SV39 || now < p->since)
        p->since = p->next = 0;
    if (SATP_MODE(m->hart.satp) != SATP_MODE_SV39 || now < p->next ||
        ins_has_lens(m))
        return false;
    if (!p->since)
        p->since = now;
    bool found = linux_described(&ram, RAM_BASE + p->part * part, part);
    p->part = (p->part + 1) % PARTS;
    if ((!p->part || found) && now - p->since > m->clock_hz)
        p->next = now + (now - p->since) / LATER;
    return found;
}

/* Places probes at the cycle at which this search finds a kernel, even if a
 * question found it before: the time of a question depends on the host. */
static void look_for_kernel(void *opaque)
{
    struct ins_probes *p = opaque;
    struct linux_watcher w = {p, place_probe, event_seen, state_of};
    if (p->m->reader.probed && ins_linux(p->m) &&
        p->opened == p->m->reader.opened)
        return;
    remove_probes(p);
    if (!p->at_once && !describes_itself(p))
        return;
    p->at_once = false;
    p->m->reader.tried = false; /* search, even if a question just failed */
    struct linux_kernel *k = ins_linux(p->m);
    if (!k)
        return;
    p->opened = p->m->reader.opened;
    p->from = machine_now(p->m);
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
    p->at_once = true;
    machine_on_clock(m, CLOCK_PROBES, cycles_per_ms(m->clock_hz),
                     look_for_kernel, p);
    history_also(m->past, save_probes, p);
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
    p->next = p->opened = 0;
    p->at_once = true;
    linux_probes_forget(p->seen);
    look_for_kernel(p); /* before the machine runs on */
}

bool inspect_probed(const struct machine *m)
{
    return m->reader.probed;
}

u64 inspect_probes_since(const struct ins_probes *p)
{
    return p && inspect_probed(p->m) ? p->from : 0;
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
             p->from);
    return true;
}
