/* SPDX-License-Identifier: MIT */
/* Keeps future events, one slot per source. So the queue is a plain array, and
 * its order depends only on its content. */
#include "dev/dev.h"

void events_init(struct events *q)
{
    for (int i = 0; i < EV_COUNT; i++)
        q->at[i] = NEVER;
}

u64 events_next(const struct events *q)
{
    u64 first = NEVER;
    for (int i = 0; i < EV_COUNT; i++)
        if (q->at[i] < first)
            first = q->at[i];
    return first < HART_COUNT_END ? first : NEVER;
}

/* Returns the earliest of the due events, ties by event_id. */
int events_due(const struct events *q, u64 now)
{
    int due = -1;
    for (int i = 0; i < EV_COUNT; i++)
        if (q->at[i] != NEVER && q->at[i] <= now &&
            (due < 0 || q->at[i] < q->at[due]))
            due = i;
    return due;
}

void events_state(struct events *q, struct state *s)
{
    state_tag(s, "events");
    state_val(s, q->at);
}
