/* SPDX-License-Identifier: MIT */
/* Chooses what the panel's caption tells: of the latest events the one that is
 * worth most, for long enough to be read, or a sentence of the session's own.
 */
#include "inspect/parts.h"
#include "console/stream.h"
#include "show/show.h"

#define OWN_CAPTION  255 /* rank of a caption about no event */
#define READ_SECONDS 1.5 /* least time of a caption if no higher rank comes */

/* Drops the caption of an event that, at this moment, has not happened yet. */
void publish_drop_later(struct show *v)
{
    if (v->caption_cycle != NEVER && v->caption_cycle > inspect_cycle(v->m))
        publish_caption(v, "", LENS_NO_PFN, 0);
}

/* The rank of an event's caption. For READ_SECONDS only a caption of a higher
 * rank replaces it. 0: no caption. */
static const u8 rank[R_COUNT] = {
    [R_FAULT_ILLEGAL] = 9, [R_OOM] = 9,           [R_OOM_THRASH] = 9,
    [R_FORK] = 8,          [R_EXEC] = 7,          [R_PROC_EXIT] = 6,
    [R_COW_REUSE] = 5,     [R_COW_COPY] = 4,      [R_SWAP_IN] = 4,
    [R_SWAP_OUT] = 4,      [R_WRITE_BACK] = 4,    [R_RECLAIM] = 3,
    [R_PAGE_IN] = 3,       [R_SWAP_MAP] = 3,      [R_SWAP_ADD] = 2,
    [R_DEMAND_ZERO] = 2,   [R_REF_CLEARED] = 1,   [R_FAULT_HUGE] = 2,
    [R_READ_AHEAD] = 2,    [R_SWAP_AHEAD] = 2,    [R_UNMAP] = 2,
    [R_COLLAPSE] = 2,      [R_SPLIT_RECLAIM] = 4, [R_SPLIT_COW] = 4,
    [R_SPLIT_PART] = 4,    [R_FILE_READ] = 2,     [R_FILE_WRITE] = 2};

/* next-event stops at events of rank RANK_TOLD or more; lower ones come by the
 * thousand, as when the clock's hand passes frames. It stops at EXAMPLES events
 * of each reason, but at every event of rank RANK_CHAPTER or more: fork, exec,
 * exit, an illegal fault, an OOM kill. After such an event it counts anew. */
enum { RANK_TOLD = 2, RANK_CHAPTER = 6, EXAMPLES = 3 };

u64 publish_reasons(const struct show *v, bool past)
{
    u64 reasons = 0;
    for (unsigned i = 0; i < R_COUNT; i++)
        if (rank[i] >= RANK_TOLD && (past || v->examples_shown[i] < EXAMPLES))
            reasons |= 1ull << i;
    return reasons;
}

void publish_note_example(struct show *v, unsigned reason)
{
    if (reason >= R_COUNT)
        return;
    if (rank[reason] >= RANK_CHAPTER)
        memset(v->examples_shown, 0, sizeof v->examples_shown);
    else if (v->examples_shown[reason] < EXAMPLES)
        v->examples_shown[reason]++;
}

unsigned publish_best_event(struct show *v, u64 *told, struct ins_event *out)
{
    struct ins_event e[INS_LANE_MAX];
    int best = -1;
    u64 now = inspect_events_count(v->events), fresh = now - *told;
    unsigned n = inspect_events_recent(v->events, LENS_NO_PFN, e,
                                       fresh < INS_LANE_MAX ? (unsigned)fresh
                                                            : INS_LANE_MAX);
    *told = now;
    for (unsigned i = 0; i < n; i++)
        if (e[i].reason < R_COUNT && rank[e[i].reason] &&
            (best < 0 || rank[e[i].reason] > rank[e[best].reason]))
            best = (int)i;
    if (best < 0)
        return 0;
    *out = e[best];
    return rank[out->reason];
}

struct search {         /* finds the latest wanted event of those listed */
    u64 reasons, until; /* until: the event's latest possible cycle */
    u32 pid, left;      /* pid 0: any; left: events still to look at */
    struct ins_event *found;
};

static bool look_at(void *opaque, const struct ins_event *e)
{
    struct search *w = opaque;
    bool wanted = e->reason < R_COUNT && w->reasons >> e->reason & 1 &&
                  e->cycle <= w->until && (!w->pid || e->pid == w->pid);
    if (wanted)
        *w->found = *e;
    w->left = wanted ? 0 : w->left - 1;
    return w->left;
}

bool publish_latest_of(struct show *v, u64 reasons, struct ins_event *e)
{
    struct search w = {
        .reasons = reasons, .until = NEVER, .left = INS_LANE_MAX, .found = e};
    e->reason = R_COUNT;
    if (v->events)
        inspect_events_each(v->events, look_at, &w);
    return e->reason < R_COUNT;
}

bool publish_latest_told(struct show *v, struct ins_event *told)
{
    return publish_latest_of(v, publish_reasons(v, true), told);
}

u32 publish_frame(const struct show *v, const struct ins_event *e)
{
    struct ins_event shared = {.pfn = LENS_NO_PFN};
    struct search w = {.reasons = 1ull << R_COW_SHARE,
                       .until = e->cycle,
                       .pid = e->pid,
                       .left = INS_LANE_MAX,
                       .found = &shared};
    if (e->reason != R_FORK)
        return e->pfn;
    inspect_events_each(v->events, look_at, &w);
    u64 since = e->cycle - shared.cycle; /* long for a vfork: it shares none */
    return since < v->m->clock_hz / 100 ? shared.pfn : LENS_NO_PFN;
}

void publish_event_caption(struct show *v)
{
    struct ins_event e;
    unsigned best = publish_best_event(v, &v->captioned, &e);
    publish_drop_later(v);
    double host = host_now();
    if (!best || (host < v->caption_until && best <= v->caption_rank))
        return;
    v->caption_rank = best;
    v->caption_until = host + READ_SECONDS;
    inspect_caption(v->m, &e, v->caption, sizeof v->caption);
    v->caption_pfn = publish_frame(v, &e);
    v->caption_cycle = e.cycle;
}

void publish_caption(struct show *v, const char *text, u32 pfn, double seconds)
{
    snprintf(v->caption, sizeof v->caption, "%s", text);
    v->caption_pfn = pfn;
    v->caption_cycle = pfn == LENS_NO_PFN ? NEVER : inspect_cycle(v->m);
    v->captioned = v->events ? inspect_events_count(v->events) : 0;
    v->caption_until = host_now() + seconds;
    v->caption_rank = OWN_CAPTION;
}

void publish_latest(struct show *v)
{
    struct ins_event told;
    publish_caption(v, "", LENS_NO_PFN, 0);
    if (!publish_latest_told(v, &told))
        return;
    inspect_caption(v->m, &told, v->caption, sizeof v->caption);
    v->caption_pfn = publish_frame(v, &told);
    v->caption_cycle = told.cycle;
}
