/* SPDX-License-Identifier: MIT */
/* Tells why a policy chose a frame when memory was low: how the page had shown
 * that it was not used, and how few frames were free. Part of why_frame.c's
 * answers. */
#include "inspect/events.h"
#include "inspect/frames.h"
#include "inspect/policy.h"
#include "monitor/verbs/verbs.h"

#define BIT(reason) (1ull << R_##reason)

struct freed {
    u64 until; /* the number of the event at which counting ends */
    s64 more;  /* frames that it and later events freed, less those taken */
    bool met;  /* the event was found */
};

static bool count_freed(void *opaque, const struct ins_event *e)
{
    struct freed *f = opaque;
    f->more +=
        e->pfn != LENS_NO_PFN ? (e->to == FS_FREE) - (e->from == FS_FREE) : 0;
    f->met = e->number == f->until;
    return !f->met;
}

/* Gives how many frames were free just before an event: the present number,
 * with all changes since then undone. False if the event is no longer kept, or
 * is R_CACHED: a policy's cache list counts as free, but no state shows it. */
static bool free_before(struct session *s, const struct ins_event *e, u64 *free)
{
    struct freed f = {.until = e->number};
    u64 count[FS_COUNT];
    inspect_frames_by_state(s->m, count);
    inspect_events_each(s->events, count_freed, &f);
    *free = count[FS_FREE] - (u64)f.more;
    return f.met && e->reason != R_CACHED;
}

/* True if the mark of use was cleared by the look that took the frame: no event
 * of another frame lies between. */
static bool at_that_look(const struct ins_event *e,
                         const struct ins_event *taken)
{
    return e->reason == R_REF_CLEARED && e->actor == taken->actor &&
           e->number + (u64)(e - taken) == taken->number;
}

/* True if the daemon begins with a few passes that measure its speed. */
static bool measures(struct session *s, const struct ins_policy *p)
{
    struct lens_tunable t;
    return inspect_tunable_of(p->name, "sunos.release") &&
           inspect_tunable(s->m, "sunos.release", &t, NULL) && t.value >= 9;
}

/* Tells the level of free frames at which the daemon begins, and how many were
 * free when it took the frame. */
static void begins_below(struct answer *a, const struct ins_event *taken)
{
    struct session *s = a->s;
    static const char *const marks[] = {"cachefree", "lotsfree"};
    struct ins_policy p;
    u64 low, high, free;
    if (!inspect_policy(s->m, &p) || !inspect_gauge(&p, "low", &low) ||
        !inspect_gauge(&p, "high", &high))
        return;
    for (unsigned i = 0; i < ARRAY_LEN(marks); i++) {
        if (!inspect_gauge(&p, marks[i], &low))
            continue;
        say(a,
            "  the daemon takes frames while fewer than %llu are free (%s); "
            "kept ones count as free%s\n",
            low, marks[i],
            measures(s, &p) ? ". It also does while it measures its own speed, "
                              "however many are free (sunos.release=9)"
                            : "");
        return;
    }
    say(a,
        "  the daemon begins, at the latest, when fewer than %llu frames are "
        "free (low), and aims at %llu (high)%s",
        low, high,
        strcmp(p.name, "mach97") && strcmp(p.name, "gnumach99")
            ? ""
            : ". It goes on, however many are free, until each process that "
              "waited for one has run");
    if (free_before(s, taken, &free))
        say(a, "; %llu were free when %s took this one", free,
            taken->actor == ACTOR_PAGEOUT ? "it" : "the process");
    say(a, "\n");
}

void why_chosen(struct answer *a, const struct ins_event *taken,
                const struct ins_event *end)
{
    struct ins_policy p;
    const struct ins_event *e;
    bool daemon = taken && taken->actor == ACTOR_PAGEOUT;
    if (a->json || !taken ||
        !(daemon || taken->actor == ACTOR_FAULT ||
          taken->actor == ACTOR_SYSCALL) ||
        !(1ull << taken->reason & (BIT(RECLAIM) | BIT(SWAP_ADD) | BIT(CACHED))))
        return;
    e = taken + 1;
    while (e < end && !at_that_look(e, taken) && e->from != FS_FREE &&
           e->reason != R_REF_CLEARED && e->reason != R_DEACTIVATE)
        e++;
    if (e < end && at_that_look(e, taken))
        say(a,
            "  its mark of use was cleared at that same look, and did not "
            "save it: %s\n",
            inspect_policy(a->s->m, &p) && !strcmp(p.name, "arc")
                ? "a first use does not count"
                : "no program maps it");
    else if (e < end)
        say(a, "  before that, at cycle %llu (%.1f ms earlier), %s\n", e->cycle,
            (double)(taken->cycle - e->cycle) * 1e3 / (double)a->s->m->clock_hz,
            e->reason == R_REF_CLEARED
                ? daemon ? "its mark of use was cleared; when the daemon came "
                           "to it, it had not been set again"
                         : "its mark of use was cleared; when the process, "
                           "which needed a frame, came to it, it had not been "
                           "set again"
            : e->reason == R_DEACTIVATE ? "it went on the inactive list"
                                        : "it was supplied");
    begins_below(a, taken);
}
