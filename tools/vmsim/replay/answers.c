/* SPDX-License-Identifier: MIT */
/* vm/policy.h for the replayed policy: each call must equal the recorded one,
 * and gets the recorded result. Lists are kept here. */
#include "tools/vmsim/replay/parts.h"

#include <string.h>

/* ---- a recorded call ---- */

static void answer(enum seam_row row, const uint64_t *words, uint64_t *returned)
{
    const struct refs_record *alone = record_without_calls();
    const struct refs_record *r = alone ? NULL : record_find(row, words);
    if (!r) {
        differ(alone ? alone : record_next(), row, words, false);
        return;
    }
    tally.calls_to_kernel++;
    victim_note(row, words, false);
    if (r->part == REFS_ENTER) {
        record_taken(r);
        r = record_next();
        if (r->part != REFS_LEAVE || r->row != row)
            record_bad("a call does not end");
    }
    memcpy(returned, r->value + r->entered,
           (r->nvalues - r->entered) * sizeof *returned);
    record_taken(r);
    guess_note(row, words, returned);
}

/* parameters: as in registers; a pointer's place has what it points to, if the
 * callee reads that. returned: the result, and the words that the call has
 * filled.
 */
static uint64_t call(enum seam_row row, const uint64_t *parameters,
                     uint64_t returned[SEAM_WORDS])
{
    const char *text = refs_row_text(row), *p = text;
    uint64_t words[SEAM_WORDS];
    unsigned n = 0;
    for (unsigned i = 0; *p != '>'; p++, i++)
        if (*p != 'P')
            words[n++] = refs_word(*p, parameters[i]);
    if (!differs)
        answer(row, words, returned);
    if (differs) {
        victim_note(row, words, false);
        guess(row, words, returned);
    }
    return p[1] ? refs_unword(p[1], returned[0]) : 0;
}

#define CALL(name, ...)                                                        \
    uint64_t returned_[SEAM_WORDS] = {0};                                      \
    uint64_t result_ =                                                         \
        call(SEAM_##name, (const uint64_t[]){0, ##__VA_ARGS__} + 1, returned_)

#define NONE_TO(type, name)                                                    \
    type policy_##name(void)                                                   \
    {                                                                          \
        CALL(name);                                                            \
        return (type)result_;                                                  \
    }
#define FRAME_TO(type, name)                                                   \
    type policy_##name(uint32_t frame)                                         \
    {                                                                          \
        CALL(name, frame);                                                     \
        return (type)result_;                                                  \
    }
#define NONE(name)                                                             \
    void policy_##name(void)                                                   \
    {                                                                          \
        CALL(name);                                                            \
        (void)result_;                                                         \
    }

FRAME_TO(enum policy_kind, kind)
FRAME_TO(bool, may_take)
FRAME_TO(bool, used)
FRAME_TO(bool, clear_used)
FRAME_TO(bool, dirty)
FRAME_TO(bool, busy)
FRAME_TO(bool, being_written)
FRAME_TO(bool, locked)
FRAME_TO(bool, in_swap)
FRAME_TO(uint32_t, mapped)
FRAME_TO(bool, exec)
FRAME_TO(uint32_t, owner)
FRAME_TO(uint64_t, object)
FRAME_TO(uint64_t, index)
FRAME_TO(int, take)
FRAME_TO(int, launder)
FRAME_TO(bool, unmap)
FRAME_TO(int, page_message)
FRAME_TO(bool, sent)
FRAME_TO(int, page_default)
NONE_TO(bool, reuse_cached)
NONE_TO(bool, swamped)
NONE_TO(uint64_t, laundry)
NONE(deadlock)
NONE(wake_flusher)
NONE_TO(bool, much_dirty)
NONE_TO(uint64_t, writing)
NONE_TO(uint64_t, dirty_files)
NONE_TO(bool, write_room)
NONE(wait_room)
NONE_TO(uint64_t, swap_free)
NONE_TO(uint64_t, swap_used)
NONE_TO(uint64_t, swap_cached)
FRAME_TO(unsigned, zone_of)
NONE_TO(unsigned, zone_top)
NONE_TO(uint64_t, frames)
NONE_TO(uint64_t, free)
NONE_TO(uint64_t, cached)
NONE_TO(uint64_t, mapped_frames)
NONE_TO(uint64_t, now)
NONE_TO(uint64_t, load)
NONE_TO(uint64_t, draw)
NONE_TO(uint64_t, waiters)
NONE_TO(bool, is_daemon)
NONE(hopeless)
NONE(cond_resched)

uint32_t policy_neighbour(uint32_t frame, int64_t delta)
{
    CALL(neighbour, frame, (uint64_t)delta);
    return (uint32_t)result_;
}

bool policy_cache(unsigned list, uint32_t frame, bool at_head)
{
    CALL(cache, list, frame, at_head);
    return result_;
}

bool policy_free_behind(unsigned list, uint32_t frame)
{
    CALL(free_behind, list, frame);
    return result_;
}

uint64_t policy_write_older(uint64_t then)
{
    CALL(write_older, then);
    return result_;
}

void policy_write_metadata(uint64_t then, bool inodes)
{
    CALL(write_metadata, then, inodes);
    (void)result_;
}

/* ---- address spaces ---- */

uint64_t policy_space_after(uint64_t id)
{
    CALL(space_after, id);
    return result_;
}

bool policy_space(uint64_t id, struct policy_space *info)
{
    CALL(space, id, 0);
    _Static_assert(sizeof *info == 40, "abi/seam.def: P");
    memcpy(info, returned_ + 1, sizeof *info);
    return result_;
}

uint64_t policy_space_rss(uint64_t id)
{
    CALL(space_rss, id);
    return result_;
}

uint32_t policy_space_frame(uint64_t id, uint64_t *va)
{
    CALL(space_frame, id, *va);
    *va = returned_[1];
    return (uint32_t)result_;
}

bool policy_space_clear_used(uint64_t id, uint64_t va)
{
    CALL(space_clear_used, id, va);
    return result_;
}

bool policy_space_unmap(uint64_t id, uint64_t va)
{
    CALL(space_unmap, id, va);
    return result_;
}

void policy_space_hold(uint64_t id, bool out)
{
    CALL(space_hold, id, out);
    (void)result_;
}

/* ---- zones, numbers, threads ---- */

#define ZONE_TO(type, name)                                                    \
    type policy_zone_##name(unsigned zone)                                     \
    {                                                                          \
        CALL(zone_##name, zone);                                               \
        return (type)result_;                                                  \
    }
ZONE_TO(uint64_t, present)
ZONE_TO(uint64_t, free)
ZONE_TO(uint64_t, cached)
ZONE_TO(uint64_t, scanned)
ZONE_TO(bool, reuse_cached)

const struct policy_levels *policy_zone_levels(unsigned zone)
{
    static struct policy_levels levels[POLICY_ZONES];
    CALL(zone_levels, zone);
    (void)result_;
    levels[zone % POLICY_ZONES] =
        (struct policy_levels){returned_[0], returned_[1], returned_[2]};
    return &levels[zone % POLICY_ZONES];
}

int64_t policy_tunable(enum tunable id)
{
    CALL(tunable, id);
    return (int64_t)result_;
}

void policy_unusable(enum tunable id, uint64_t least, uint64_t most)
{
    CALL(unusable, id, least, most);
    (void)result_;
}

void policy_count_event(enum counter id, uint64_t n)
{
    CALL(count_event, id, n);
    (void)result_;
}

void policy_event(uint32_t frame, enum reason why)
{
    CALL(event, frame, why);
    (void)result_;
}

void policy_kick(unsigned i)
{
    CALL(kick, i);
    (void)result_;
}

void policy_wake(uint32_t n)
{
    CALL(wake, n);
    (void)result_;
}

uint64_t policy_ghosts(unsigned list)
{
    CALL(ghosts, list);
    return result_;
}

bool policy_forget(unsigned list)
{
    CALL(forget, list);
    return result_;
}

/* ---- lists: the policy's own changes ---- */

void policy_add_head(unsigned list, uint32_t frame)
{
    CALL(add_head, list, frame);
    (void)result_;
    list_change(REFS_HEAD, list, frame);
}

void policy_add_tail(unsigned list, uint32_t frame)
{
    CALL(add_tail, list, frame);
    (void)result_;
    list_change(REFS_TAIL, list, frame);
}

void policy_remove(uint32_t frame)
{
    CALL(remove, frame);
    (void)result_;
    list_change(REFS_OFF, 0, frame);
}

const struct policy_ops *const policies[] = {
#define POLICY(id, line) &policy_##id,
#include "policy/policies.def"
#undef POLICY
};
const unsigned npolicies = sizeof policies / sizeof *policies;
