/* SPDX-License-Identifier: MIT */
/* Calls of vm/policy.h whose answer is always the same in the simulated memory
 * of seam.c: no frame is locked or under I/O, the disk takes every page at
 * once, swap is never full, no process is swapped out whole or killed. */
#include "vm/policy.h"

bool policy_busy(uint32_t f)
{
    (void)f;
    return false;
}

bool policy_locked(uint32_t f)
{
    (void)f;
    return false;
}

bool policy_exec(uint32_t f)
{
    (void)f;
    return false;
}

bool policy_being_written(uint32_t f)
{
    (void)f;
    return false;
}

bool policy_much_dirty(void)
{
    return false;
}

void policy_deadlock(void)
{
}

uint64_t policy_write_older(uint64_t then)
{
    (void)then;
    return 0;
}

void policy_write_metadata(uint64_t then, bool inodes)
{
    (void)then, (void)inodes;
}

uint64_t policy_writing(void)
{
    return 0;
}

bool policy_write_room(void)
{
    return true;
}

void policy_wait_room(void)
{
}

void policy_cond_resched(void)
{
}

uint64_t policy_swap_free(void)
{
    return 1u << 20;
}

uint64_t policy_swap_cached(void)
{
    return 0;
}

uint64_t policy_swap_used(void)
{
    return 0;
}

void policy_space_hold(uint64_t id, bool out)
{
    (void)id, (void)out;
}

uint64_t policy_load(void)
{
    return 1 << 16;
}

void policy_event(uint32_t f, enum reason why)
{
    (void)f, (void)why;
}

bool policy_is_daemon(void)
{
    return true;
}

void policy_wake(uint32_t n)
{
    (void)n;
}

bool policy_swamped(void)
{
    return false;
}

uint64_t policy_laundry(void)
{
    return 0;
}

unsigned policy_zone_top(void)
{
    return ZONE_HIGHMEM;
}

void policy_unusable(enum tunable id, uint64_t least, uint64_t most)
{
    (void)id, (void)least, (void)most; /* counts as not set */
}

bool policy_sent(uint32_t f)
{
    (void)f;
    return false;
}

/* Pagers that need no memory and no time. */
int policy_page_message(uint32_t f)
{
    return policy_take(f) > 0 ? 0 : -1;
}

int policy_page_default(uint32_t f)
{
    return policy_take(f) > 0 ? 0 : -1;
}
