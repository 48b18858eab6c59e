/* SPDX-License-Identifier: MIT */
/* Calls observers of the running machine: at multiples of simulated time, at
 * traps, before sleep, at disk requests, after DMA. They do not change the
 * machine. */
#include "machine/parts.h"

#include <stdlib.h>

/* ---- clocks ------------------------------------------------------------- */

/* Returns the next multiple of `every` after now, or NEVER. */
static u64 next_multiple(u64 now, u64 every)
{
    return now / every < NEVER / every ? (now / every + 1) * every : NEVER;
}

void machine_on_clock(struct machine *m, enum machine_clock which, u64 every,
                      void (*fn)(void *), void *opaque)
{
    struct machine_parts *p = m->parts;
    p->clock[which].every = every;
    p->clock[which].at = every ? next_multiple(machine_now(m), every) : NEVER;
    p->clock[which].fn = fn;
    p->clock[which].opaque = opaque;
}

/* True if the clock does not call fn while the hart sleeps. */
static bool pauses_in_sleep(unsigned clock)
{
    return clock == CLOCK_TRUTH || clock == CLOCK_PROBES ||
           clock == CLOCK_SAMPLES;
}

static u64 next_clock(const struct machine *m, bool pausing)
{
    u64 next = NEVER;
    for (unsigned i = 0; i < CLOCKS; i++)
        if (m->parts->clock[i].every && pauses_in_sleep(i) == pausing)
            next = earlier(next, m->parts->clock[i].at);
    return next;
}

u64 machine_next_clock_asleep(const struct machine *m)
{
    return next_clock(m, false);
}

/* A pausing clock that came due during a sleep fires after the first
 * instruction that follows. */
u64 machine_next_clock(const struct machine *m)
{
    u64 late = next_clock(m, true); /* of the pausing clocks */
    if (m->hart.wfi && late <= machine_now(m))
        late = machine_now(m) + 1;
    return earlier(late, next_clock(m, false));
}

void machine_tick(struct machine *m)
{
    u64 now = machine_now(m);
    for (unsigned i = 0; i < CLOCKS; i++) {
        u64 every = m->parts->clock[i].every;
        if (!every)
            continue;
        if (m->parts->clock[i].at >
            next_multiple(now, every)) /* time went back */
            m->parts->clock[i].at = next_multiple(now, every);
        if (now < m->parts->clock[i].at || (m->hart.wfi && pauses_in_sleep(i)))
            continue;
        m->parts->clock[i].at = next_multiple(now, every);
        m->parts->clock[i].fn(m->parts->clock[i].opaque);
    }
}

/* ---- traps and disk requests -------------------------------------------- */

/* Lists in `out` at most `max` frames of RAM that hold the request's data;
 * returns their number. */
static unsigned frames_of(const struct machine *m, const struct blk_request *r,
                          u32 *out, unsigned max)
{
    unsigned n = 0;
    for (unsigned i = 0; i < r->nseg; i++) {
        u64 pa = r->seg[i].pa, end = pa + r->seg[i].len;
        for (pa &= ~(PAGE_BYTES - 1); pa < end && n < max; pa += PAGE_BYTES) {
            u64 pfn = (pa - RAM_BASE) >> PAGE_SHIFT;
            if (pa < RAM_BASE || pfn >= m->ram_bytes >> PAGE_SHIFT)
                break;
            if (!n || out[n - 1] != pfn)
                out[n++] = (u32)pfn;
        }
    }
    return n;
}

static void on_request(void *machine, const struct virtio *v,
                       const struct blk_request *r, bool over)
{
    enum { PAGES = 1024 };
    struct machine *m = machine;
    const struct machine_watcher *w = m->parts->watcher;
    u32 pages[PAGES];
    struct machine_request told = {
        .disk = v->slot,
        .tag = r->tag,
        .others = v->count - 1,
        .over = over,
        .failed = over && r->status,
        .type = r->type,
        .sector = r->sector,
        .bytes = r->bytes,
    };
    w->request(w->opaque, &told, pages, frames_of(m, r, pages, PAGES));
}

static void on_trap(void *machine, u64 cause, u64 tval)
{
    struct machine *m = machine;
    const struct machine_watcher *w = m->parts->watcher;
    w->trap(w->opaque, cause, tval);
}

void machine_on_dma(struct machine *m,
                    void (*fn)(void *, u64 pa, u64 bytes, bool write),
                    void *opaque)
{
    m->parts->on_dma = fn;
    m->parts->dma_opaque = opaque;
}

void machine_watch(struct machine *m, const struct machine_watcher *w)
{
    m->parts->watcher = w;
    engine_on_trap(m->engine, w ? on_trap : NULL, m);
    for (unsigned i = 0; i < m->parts->ndisks; i++) {
        m->parts->virtio[i].watch = w ? on_request : NULL;
        m->parts->virtio[i].watch_opaque = m;
    }
}
