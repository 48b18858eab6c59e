/* SPDX-License-Identifier: MIT */
/* Answers the calls of vm/policy.h whose answer never changes in seam.c's
 * simulated memory: no frame is locked or under I/O, the disk takes every page
 * at once, swap is never full, no process is swapped out whole or killed. Also
 * has the calls that do nothing here, or only check their argument. */
#include "tools/vmsim/seam.h"

#define ANSWER(type, name, answer, ...)                                        \
    type policy_##name(__VA_ARGS__)                                            \
    {                                                                          \
        return answer;                                                         \
    }
#define NOTHING(name, ...)                                                     \
    void policy_##name(__VA_ARGS__)                                            \
    {                                                                          \
    }

FRAME(bool, busy, false)
FRAME(bool, locked, false)
FRAME(bool, exec, false)
FRAME(bool, being_written, false)
FRAME(unsigned, zone_of, ZONE_NORMAL)
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

NOTHING(deadlock, void)
NOTHING(wait_room, void)
NOTHING(cond_resched, void)
NOTHING(write_metadata, uint64_t then, bool inodes)
NOTHING(space_hold, uint64_t id, bool out)
NOTHING(wake, uint32_t n)
/* The policy treats an unusable tunable as not set; none is refused here. */
NOTHING(unusable, enum tunable id, uint64_t least, uint64_t most)

void policy_event(uint32_t f, enum reason why)
{
    sim_check_frame("policy_event", f);
}

/* vm/framelist.c, which the kernel's policies call, has no checks.
 * tools/kit-build links a user's policy with these functions (--wrap). */
#define READS(type, name, check)                                               \
    CALL(type, __wrap_policy_##name, name, sim_check_##check, policy_##name(f))
READS(uint32_t *, data, frame)
READS(unsigned, list_of, frame)
READS(uint32_t, next, frame)
READS(uint32_t, prev, frame)
READS(uint32_t, first, number)
READS(uint32_t, last, number)
READS(uint64_t, count, number)
