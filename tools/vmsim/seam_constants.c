/* SPDX-License-Identifier: MIT */
/* Answers the calls of vm/policy.h whose answer is always the same in the
 * simulated memory of seam.c: no frame is locked or under I/O, the disk takes
 * every page at once, swap is never full, no process is swapped out whole or
 * killed. */
#include "vm/policy.h"

#define ANSWER(type, name, answer, ...)                                        \
    type policy_##name(__VA_ARGS__)                                            \
    {                                                                          \
        return answer;                                                         \
    }
#define NOTHING(name, ...)                                                     \
    void policy_##name(__VA_ARGS__)                                            \
    {                                                                          \
    }

ANSWER(bool, busy, false, uint32_t f)
ANSWER(bool, locked, false, uint32_t f)
ANSWER(bool, exec, false, uint32_t f)
ANSWER(bool, being_written, false, uint32_t f)
ANSWER(bool, sent, false, uint32_t f)
ANSWER(bool, much_dirty, false, void)
ANSWER(uint64_t, writing, 0, void)
ANSWER(uint64_t, write_older, 0, uint64_t then)
ANSWER(bool, write_room, true, void)
ANSWER(uint64_t, swap_free, 1u << 20, void)
ANSWER(uint64_t, swap_cached, 0, void)
ANSWER(uint64_t, swap_used, 0, void)
ANSWER(uint64_t, load, 1 << 16, void)
ANSWER(bool, is_daemon, true, void)
ANSWER(bool, swamped, false, void)
ANSWER(uint64_t, laundry, 0, void)
ANSWER(unsigned, zone_top, ZONE_HIGHMEM, void)
/* The simulated pagers need no memory and no time. */
ANSWER(int, page_message, policy_take(f) > 0 ? 0 : -1, uint32_t f)
ANSWER(int, page_default, policy_take(f) > 0 ? 0 : -1, uint32_t f)

NOTHING(deadlock, void)
NOTHING(wait_room, void)
NOTHING(cond_resched, void)
NOTHING(write_metadata, uint64_t then, bool inodes)
NOTHING(space_hold, uint64_t id, bool out)
NOTHING(event, uint32_t f, enum reason why)
NOTHING(wake, uint32_t n)
/* A tunable that cannot be used counts as not set. */
NOTHING(unusable, enum tunable id, uint64_t least, uint64_t most)
