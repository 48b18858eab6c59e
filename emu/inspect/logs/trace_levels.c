/* SPDX-License-Identifier: MIT */
/* Writes tracks of numbers, each made when its number is first known: free
 * frames, frames in each state, the policy's gauges (lists, thresholds), swap,
 * and every counter of the kernel. */
#include "inspect/display.h"
#include "inspect/policy.h"
#include "inspect/words.h"
#include "inspect/logs/trace_levels.h"

#include "inspect/internal.h"

#include <stdlib.h>

struct level {
    u64 track, value; /* track 0: not made yet */
    char name[16];    /* of a policy's gauge */
};

struct trace_levels {
    u64 memory, counters; /* the parents of the other tracks */
    struct level state[FS_COUNT], free, swap, gauge[LENS_GAUGES],
        counter[C_COUNT];
};

struct trace_levels *trace_levels_new(void)
{
    return xcalloc(1, sizeof(struct trace_levels));
}

void trace_levels_free(struct trace_levels *l)
{
    free(l);
}

static void write_level(struct level *l, struct perfetto *p, u64 ns, u64 parent,
                        const char *name, const char *unit, u64 value)
{
    bool fresh = !l->track;
    if (fresh)
        l->track = perfetto_counter(p, parent, name, unit);
    if (fresh || l->value != value)
        perfetto_value(p, l->track, ns, value);
    l->value = value;
}

static void write_gauges(struct trace_levels *l, struct perfetto *p, u64 ns,
                         const struct ins_policy *policy)
{
    for (unsigned i = 0; i < policy->ngauges; i++) {
        const struct ins_gauge *g = &policy->gauge[i];
        if (strcmp(l->gauge[i].name, g->name)) /* the policy has changed */
            l->gauge[i].track = 0;
        memcpy(l->gauge[i].name, g->name, sizeof g->name);
        write_level(&l->gauge[i], p, ns, l->memory, g->name,
                    inspect_gauge_unit(g->name), g->value);
    }
}

void trace_levels_write(struct trace_levels *l, struct machine *m,
                        struct perfetto *p, u64 ns)
{
    struct ins_sample now;
    struct ins_policy policy;
    if (!inspect_policy(m, &policy))
        return;
    if (!l->memory) {
        l->memory = perfetto_track(p, 0, "memory");
        l->counters = perfetto_track(p, 0, "counters");
    }
    ins_sample_now(m, &policy, &now);
    write_level(&l->free, p, ns, l->memory, "free", "frames", now.free_frames);
    for (unsigned i = 0; i < FS_COUNT; i++)
        if (i != FS_FREE)
            write_level(&l->state[i], p, ns, l->memory, ins_states[i].word,
                        "frames", now.histogram[i]);
    if (policy.swap)
        write_level(&l->swap, p, ns, l->memory, "swap used", "slots",
                    now.swap_used);
    write_gauges(l, p, ns, &policy);
    for (unsigned i = 0; i < C_COUNT; i++)
        write_level(&l->counter[i], p, ns, l->counters, ins_counters[i].name,
                    ins_counters[i].unit, now.counters[i]);
}
