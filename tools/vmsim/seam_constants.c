/* SPDX-License-Identifier: MIT */
/* Answers the calls of vm/policy.h whose answer is always the same in the
 * simulated memory of seam.c: no frame is locked or under I/O, the disk takes
 * every page at once, swap is never full, no process is swapped out whole or
 * killed. */
#include "vm/policy.h"

/* FRAME: the argument is a frame, the answer 0. CONSTANT: no argument. */
#define FRAME(type, name)                                                      \
    type policy_##name(uint32_t f)                                             \
    {                                                                          \
        (void)f;                                                               \
        return 0;                                                              \
    }
#define CONSTANT(type, name, value)                                            \
    type policy_##name(void)                                                   \
    {                                                                          \
        return value;                                                          \
    }

FRAME(bool, busy)
FRAME(bool, locked)
FRAME(bool, exec)
FRAME(bool, being_written)
FRAME(bool, sent)
CONSTANT(bool, much_dirty, false)
CONSTANT(uint64_t, writing, 0)
CONSTANT(bool, write_room, true)
CONSTANT(uint64_t, swap_free, 1u << 20)
CONSTANT(uint64_t, swap_cached, 0)
CONSTANT(uint64_t, swap_used, 0)
CONSTANT(uint64_t, load, 1 << 16)
CONSTANT(bool, is_daemon, true)
CONSTANT(bool, swamped, false)
CONSTANT(uint64_t, laundry, 0)
CONSTANT(unsigned, zone_top, ZONE_HIGHMEM)

void policy_deadlock(void)
{
}

void policy_wait_room(void)
{
}

void policy_cond_resched(void)
{
}

uint64_t policy_write_older(uint64_t then)
{
    return 0;
}

void policy_write_metadata(uint64_t then, bool inodes)
{
}

void policy_space_hold(uint64_t id, bool out)
{
}

void policy_event(uint32_t f, enum reason why)
{
}

void policy_wake(uint32_t n)
{
}

void policy_unusable(enum tunable id, uint64_t least, uint64_t most)
{
    (void)id, (void)least, (void)most; /* the tunable counts as not set */
}

/* The simulated pagers need no memory and no time. */
int policy_page_message(uint32_t f)
{
    return policy_take(f) > 0 ? 0 : -1;
}

int policy_page_default(uint32_t f)
{
    return policy_take(f) > 0 ? 0 : -1;
}
