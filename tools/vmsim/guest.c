/* SPDX-License-Identifier: MIT */
#include "tools/vmsim/guest.h"

#include "base/base.h"
#include "tools/vmsim/own.h"
#include "tools/vmsim/seam.h"

#include <stdio.h>

#define PREFIX "guest:"

static const struct policy_ops *find_policy(const char *name)
{
    if (strncmp(name, PREFIX, strlen(PREFIX)))
        return NULL;
    name += strlen(PREFIX);
    const struct policy_ops *kernel = sim_policy(name);
    return kernel ? kernel : own_policy_of(name);
}

bool guest_has(const char *name)
{
    return find_policy(name);
}

void guest_list(void)
{
#define POLICY(id, line) printf(PREFIX "%-10s %s\n", #id, line);
#include "policy/policies.def"
}

/* The pages that have left memory at this reference. */
static struct victim *gone;
static unsigned ngone, room;

static void page_left(uint64_t page, bool dirty)
{
    if (ngone == room)
        gone = xrealloc(gone, (room = room * 2 + 64) * sizeof *gone);
    gone[ngone++] = (struct victim){page, dirty};
}

void guest_run(struct simulation *s, const struct string *string,
               const struct numbering *pages)
{
    sim_start(find_policy(s->name), s->frames);
    sim_watch(s->watch ? page_left : NULL);
    for (u64 i = 0; i < string->n; i++) {
        u64 page = pages->page[string->id[i] & ~STRING_WRITE];
        bool write = string->id[i] & STRING_WRITE;
        ngone = 0;
        bool hit = sim_access(page, write, KIND_ANON);
        if (!s->watch)
            continue;
        s->watch(s->opaque, &(struct decision){.policy = s->name,
                                               .frames = s->frames,
                                               .time = i,
                                               .page = page,
                                               .write = write,
                                               .hit = hit,
                                               .nvictims = ngone,
                                               .victim = gone});
    }
    struct sim_stats stats = sim_stats();
    s->counts = (struct counts){stats.references, stats.hits, stats.faults,
                                stats.dirty_evictions};
    if (stats.without_frame)
        complain(s->name,
                 "%u frames: no victim at %llu of %llu faults; the new page "
                 "was not kept",
                 s->frames, (unsigned long long)stats.without_frame,
                 (unsigned long long)stats.faults);
    sim_end();
}
