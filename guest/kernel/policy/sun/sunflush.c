/* SPDX-License-Identifier: MIT */
/* fsflush (fs_fsflush.c of SunOS 5): data written to a file reach the disk
 * within about `autoup` seconds, whatever the scanner does.
 *
 *   frames in physical order                    once round in autoup seconds
 *     |<-- n -->|<-- n -->|<-- n -->| ...       n = frames * fsflushr / autoup
 *     wake      wake      wake                  every tune_t_fsflushr seconds
 *
 * At each wake it looks at the next n frames and begins to write those that
 * hold a modified page of a file; delayed writes of the buffer cache that are
 * older than autoup go with them, and all inodes once a revolution. So its
 * processor time falls as 1 / autoup.
 *
 * There are two forms (sunos.fsflush10). The old one locks every page that is
 * not free and has a vnode and asks the MMU about it (hat_pagesync walks all
 * mappings). Solaris 10's reads the page's own fields first, without a lock,
 * and locks only pages that are modified.
 *
 * Pages filled by write() do not wait for fsflush: each full kluster is pushed
 * at once, and a writer is stopped at ufs_HW (vm/writeback.c, write_behind).
 * When the first inode becomes dirty, fsflush is kicked, and writes all dirty
 * pages if these exceed vm.dirty_background_ratio; this rule is ours. */
#include "policy/sun/sun.h"

static uint32_t at;          /* the next frame to look at */
static uint64_t wakes, beat; /* beat: time of the next regular wake-up */

void sun_flush_init(void)
{
    at = 0;
    wakes = beat = 0;
}

/* True if the frame holds a modified page of a file that can be written now. */
static bool wants_flush(uint32_t frame, bool form10)
{
    if (policy_kind(frame) != KIND_FILE)
        return false;
    if (form10 && !policy_dirty(frame))
        return false;
    if (policy_busy(frame) || policy_list_of(frame) == CACHELIST)
        return false;
    if (!form10)
        policy_used(frame); /* asks the MMU about every page */
    return policy_dirty(frame);
}

static void flush_frames(uint64_t n)
{
    bool form10 = policy_tunable(TUN_SUN_FSFLUSH10);
    for (; n; n--) {
        if (wants_flush(at, form10))
            policy_launder(at);
        at = at + 1 == policy_frames() ? 0 : at + 1;
    }
}

struct policy_nap sun_fsflush(uint64_t now)
{
    uint64_t every = (uint64_t)policy_tunable(TUN_SUN_FSFLUSHR);
    uint64_t autoup = larger((uint64_t)policy_tunable(TUN_SUN_AUTOUP), every);
    if (beat && now < beat) { /* kicked */
        if (policy_much_dirty())
            policy_write_older(now);
        return (struct policy_nap){beat, W_KICK};
    }
    flush_frames((policy_frames() * every + autoup - 1) / autoup);
    uint64_t age = autoup * SECOND;
    bool inodes = ++wakes % (autoup / every) == 0;
    policy_write_metadata(now > age ? now - age : 0, inodes);
    beat = next_beat(now, every * SECOND);
    return (struct policy_nap){beat, W_KICK};
}

const struct policy_thread sun_threads[] = {
    {"pageout", sun_pageout, ACTOR_PAGEOUT, true, false},
    {"fsflush", sun_fsflush, ACTOR_WRITER, true, false},
    {"sched", sun_sched, ACTOR_SWAPPER, true, false},
    {NULL, NULL, ACTOR_BOOT, false, false}};
