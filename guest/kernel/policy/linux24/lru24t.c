/* SPDX-License-Identifier: MIT */
#include "policy/linux24/lru24t.h"

const struct policy_list lru24t_lists[] = {
    {"lru_cache", LIST_PLAIN}, {"pending", LIST_PLAIN}, {0, LIST_PLAIN}};

struct policy_levels lru24t_levels;
static bool wake[POLICY_ZONES]; /* zone_wake_kswapd */

void lru24t_set_marks(uint64_t nframes, struct policy_levels *l)
{
    mm24_levels(nframes, l);
    lru24t_levels = *l;
}

void lru24t_zone_marks(const uint64_t present[POLICY_ZONES],
                       struct policy_zone_marks m[POLICY_ZONES])
{
    mm24_zone_marks(present, 128, m);
    lru24t_levels = mm24_sum(m);
}

void lru24t_init(void)
{
    mm_forget();
    for (unsigned z = 0; z < POLICY_ZONES; z++)
        wake[z] = false;
}

uint32_t lru24t_pressed(void)
{
    bool any = false;
    for (unsigned z = ZONE_DMA; z < POLICY_ZONES; z++) {
        wake[z] |= policy_zone_free(z) < policy_zone_levels(z)->low;
        any |= wake[z];
    }
    return any;
}

bool lru24t_wanted(void)
{
    for (unsigned z = ZONE_DMA; z < POLICY_ZONES; z++)
        wake[z] &= policy_zone_free(z) < policy_zone_levels(z)->high;
    return lru24t_pressed();
}

void lru24t_page_in(uint32_t frame, enum policy_why why, uint32_t shadow)
{
    if (policy_kind(frame) != KIND_ANON || policy_in_swap(frame))
        policy_add_head(LRU_CACHE, frame);
}

/* PageTestandClearReferenced. (PTEs of a mapped page are left to swap_out.) */
static bool referenced(uint32_t frame)
{
    uint32_t *data = policy_data(frame);
    bool was = *data & PG_REFERENCED;
    *data &= ~PG_REFERENCED;
    return (!policy_mapped(frame) && policy_clear_used(frame)) || was;
}

/* Looks at a page from the old end. Returns 1: freed; 0: it stays, and counts
 * as looked at; -1: it was used or has no slot any more, and does not count. */
static int shrink_one(uint32_t frame, bool write)
{
    if (policy_kind(frame) == KIND_ANON && !policy_in_swap(frame)) {
        policy_remove(frame); /* it has no slot any more: not in the cache */
        return -1;
    }
    policy_add_head(LRU_CACHE, frame); /* if it stays */
    if (referenced(frame))
        return -1;
    if (policy_mapped(frame) || !policy_may_take(frame))
        return 0;
    if (!policy_dirty(frame))
        return policy_take(frame) > 0;
    if (write && policy_write_room())
        policy_launder(frame);
    return 0;
}

bool shrink_mmap(int priority, bool write)
{
    uint64_t looks = policy_count(LRU_CACHE);
    uint64_t count = looks / (uint64_t)(priority + 1);
    while (count && looks--) {
        uint32_t frame = policy_last(LRU_CACHE);
        if (frame == POLICY_NONE)
            return false;
        int got = shrink_one(frame, write);
        if (got > 0)
            return true;
        if (got == 0)
            count--;
    }
    return false;
}

bool lru24t_unmap(struct mm *mm, uint32_t frame, uint64_t va)
{
    if (policy_busy(frame) || policy_locked(frame) ||
        !policy_space_unmap(mm->id, va))
        return false;
    policy_add_head(LRU_CACHE, frame);
    if (mm->swap_cnt)
        mm->swap_cnt--;
    return true;
}

static lru24t_out *give_out; /* called by unmap_unused for a dirty page */

/* For mm_walk: unmaps the page if it was not used. If it is dirty, gives it to
 * give_out and returns true, which ends the walk. */
static bool unmap_unused(struct mm *mm, uint32_t frame, uint64_t va)
{
    if (policy_space_clear_used(mm->id, va)) {
        *policy_data(frame) |= PG_REFERENCED;
        return false;
    }
    if (!lru24t_unmap(mm, frame, va) || !policy_dirty(frame))
        return false;
    if (policy_is_daemon())
        policy_count_event(C_KSWAPD_MARKED, 1);
    give_out(frame);
    return true;
}

bool lru24t_swap_out(int priority, lru24t_out *out)
{
    uint64_t counter = ((uint64_t)mm_refresh() << 2) >> (priority >> 2);
    give_out = out;
    if (!policy_swap_free())
        counter = 0; /* one mm: its text can still be unmapped */
    for (counter += !counter; counter; counter--) {
        policy_cond_resched();
        struct mm *mm = mm_largest(0, 0);
        if (!mm)
            return false;
        if (policy_is_daemon())
            policy_count_event(C_KSWAPD_IO, 1);
        if (mm_walk(mm, unmap_unused))
            return true;
    }
    return false;
}

uint64_t try_to_free_pages(lru24t_out *out)
{
    uint64_t freed = 0;
    for (int priority = PRIORITY; priority >= 0; priority--) {
        policy_cond_resched();
        while (shrink_mmap(priority, true))
            if (++freed == FREE_COUNT)
                return freed;
        /* Pages that go to the disk now are free later: they do not count. */
        for (int n = 0; n <= SWAP_COUNT && policy_write_room(); n++)
            if (!lru24t_swap_out(priority, out))
                break;
        if (!policy_write_room())
            break; /* the disk's queue is full */
    }
    while (freed < FREE_COUNT && shrink_mmap(0, true))
        freed++;
    return freed;
}
