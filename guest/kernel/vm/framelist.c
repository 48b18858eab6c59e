/* SPDX-License-Identifier: MIT */
#include "vm/framelist.h"

struct framelist policy_lists;

void framelist_init(struct framelist *l, struct frame_entry *entries)
{
    l->entry = entries;
    for (unsigned i = 0; i <= POLICY_LISTS; i++) {
        l->first[i] = l->last[i] = POLICY_NONE;
        l->count[i] = 0;
    }
}

/* Links the frame between two neighbours; POLICY_NONE stands for an end of the
 * list. */
static void put_between(struct framelist *l, unsigned list, uint32_t frame,
                        uint32_t before, uint32_t after)
{
    struct frame_entry *e = &l->entry[frame];
    e->prev = before;
    e->next = after;
    e->list = (uint8_t)list;
    *(before == POLICY_NONE ? &l->first[list] : &l->entry[before].next) = frame;
    *(after == POLICY_NONE ? &l->last[list] : &l->entry[after].prev) = frame;
    l->count[list]++;
}

void framelist_add_head(struct framelist *l, unsigned list, uint32_t frame)
{
    put_between(l, list, frame, POLICY_NONE, l->first[list]);
}

void framelist_add_tail(struct framelist *l, unsigned list, uint32_t frame)
{
    put_between(l, list, frame, l->last[list], POLICY_NONE);
}

void framelist_remove(struct framelist *l, uint32_t frame)
{
    struct frame_entry *e = &l->entry[frame];
    unsigned list = e->list;
    if (!list)
        return;
    *(e->prev == POLICY_NONE ? &l->first[list] : &l->entry[e->prev].next) =
        e->next;
    *(e->next == POLICY_NONE ? &l->last[list] : &l->entry[e->next].prev) =
        e->prev;
    e->list = 0;
    l->count[list]--;
}

uint64_t framelist_check(const struct framelist *l, unsigned list,
                         uint64_t limit)
{
    uint64_t n = 0;
    uint32_t before = POLICY_NONE, at = l->first[list];
    while (at != POLICY_NONE) {
        if (n++ == limit || at >= limit || l->entry[at].list != list ||
            l->entry[at].prev != before)
            return ~0ull;
        before = at;
        at = l->entry[at].next;
    }
    return l->last[list] == before ? n : ~0ull;
}

/* ---- what a policy reads (policy.h) ---- */

uint32_t *policy_data(uint32_t frame)
{
    return &policy_lists.entry[frame].data;
}

unsigned policy_list_of(uint32_t frame)
{
    return policy_lists.entry[frame].list;
}

uint32_t policy_first(unsigned list)
{
    return policy_lists.first[list];
}

uint32_t policy_last(unsigned list)
{
    return policy_lists.last[list];
}

uint32_t policy_next(uint32_t frame)
{
    return policy_lists.entry[frame].next;
}

uint32_t policy_prev(uint32_t frame)
{
    return policy_lists.entry[frame].prev;
}

uint64_t policy_count(unsigned list)
{
    return policy_lists.count[list];
}
