/* SPDX-License-Identifier: MIT */
/* Implements vm/policy.h for the replayed policy. Each call must equal the
 * recorded one, and gets the recorded result. Lists are kept here. */
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

/* Returns the answer to a policy's call. parameters: as in registers, but a
 * pointer is replaced by the word that it points to, if the callee reads that.
 * returned: the result, and the words that the call has filled. */
static uint64_t call(enum seam_row row, const uint64_t *parameters,
                     uint64_t returned[SEAM_WORDS])
{
    const char *text = refs_rows[row].text, *p = text;
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

#define SEAM_CALL(name, text, type, parameters, ...)                           \
    type policy_##name parameters                                              \
    {                                                                          \
        CALL(name, ##__VA_ARGS__);                                             \
        return (type)result_;                                                  \
    }
#define SEAM_DO(name, text, parameters, ...)                                   \
    void policy_##name parameters                                              \
    {                                                                          \
        CALL(name, ##__VA_ARGS__);                                             \
        (void)result_;                                                         \
    }
#define SEAM_KEPT(name, text)
#include "abi/seam.def"

/* ---- calls that write through a pointer, or return one ---- */

bool policy_space(uint64_t id, struct policy_space *info)
{
    CALL(space, id, 0);
    _Static_assert(sizeof *info == 40, "abi/seam.def: P");
    memcpy(info, returned_ + 1, sizeof *info);
    return result_;
}

uint32_t policy_space_frame(uint64_t id, uint64_t *va)
{
    CALL(space_frame, id, *va);
    *va = returned_[1];
    return (uint32_t)result_;
}

const struct policy_levels *policy_zone_levels(unsigned zone)
{
    static struct policy_levels levels[POLICY_ZONES];
    CALL(zone_levels, zone);
    (void)result_;
    levels[zone % POLICY_ZONES] =
        (struct policy_levels){returned_[0], returned_[1], returned_[2]};
    return &levels[zone % POLICY_ZONES];
}

/* ---- lists: the policy's own changes ---- */

#define LIST(name, parameters, to, list, ...)                                  \
    void policy_##name parameters                                              \
    {                                                                          \
        CALL(name, __VA_ARGS__);                                               \
        (void)result_;                                                         \
        list_change(to, list, frame);                                          \
    }
LIST(add_head, (unsigned list, uint32_t frame), REFS_HEAD, list, list, frame)
LIST(add_tail, (unsigned list, uint32_t frame), REFS_TAIL, list, list, frame)
LIST(remove, (uint32_t frame), REFS_OFF, 0, frame)
