/* SPDX-License-Identifier: MIT */
/* Shared by the replay's files. record.c walks through the file; ops.c calls
 * the policy as mechanism did; answers.c has the functions that the policy
 * calls; differ.c reports the first difference. */
#pragma once

#include "base/whole.h"
#include "tools/vmsim/refs_read.h"
#include "tools/vmsim/replay/replay.h"
#include "vm/framelist.h"
#include "vm/policy.h"

/* ---- the record ---- */

extern const struct policy_ops *replayed;
extern uint32_t nframes; /* 0: not known yet */
extern struct tally {
    uint64_t calls_to_policy, calls_to_kernel; /* so far */
    uint64_t victims, hash, shown;             /* shown: victims to print */
} tally;

/* Returns the next record of the stack that runs, after handling records of
 * other stacks and calls to the policy on this one. At the file's end it ends
 * the program: replay and record are the same. */
const struct refs_record *record_next(void);
/* Returns the next record of any stack; NULL: the file has ended. */
const struct refs_record *record_scan(void);
/* Returns the record of the policy function that runs, if it made no calls when
 * recorded; else NULL. */
const struct refs_record *record_without_calls(void);
/* Returns the record of this call if it is the next on the stack that runs;
 * else NULL. The compiler may reorder questions between which nothing happens
 * (C11, 6.5), so such questions are found in any order. */
const struct refs_record *record_find(enum seam_row row, const uint64_t *words);
/* Removes a used record, which record_next, _scan or _find has returned. */
void record_taken(const struct refs_record *);
_Noreturn void record_bad(const char *why);

/* ---- calls to the policy ---- */

/* Calls the policy as r says (REFS_ENTER; REFS_WHOLE: the recorded policy made
 * no calls). returned: the words of its result and of what it has filled. */
void op_call(const struct refs_record *r, uint64_t returned[SEAM_WORDS]);
/* Moves a frame to a list's head or tail, or off its list. */
void list_change(enum refs_list to, unsigned list, uint32_t frame);

/* ---- the first difference ---- */

/* Notes the victim, if the call chooses one. leaving: the words are those of
 * the result. */
void victim_note(enum seam_row row, const uint64_t *words, bool leaving);
/* Reports a difference: the record has `recorded`, and the policy calls or
 * leaves `row` with these words. From now on its calls are answered without the
 * record, until it has chosen a victim. */
void differ(const struct refs_record *recorded, enum seam_row row,
            const uint64_t *words, bool leaving);
extern bool differs; /* a difference was found: nothing is compared any more */
/* Answers a call after the difference like the latest such call, if any. */
void guess(enum seam_row row, const uint64_t *words,
           uint64_t returned[SEAM_WORDS]);
void guess_note(enum seam_row row, const uint64_t *words,
                const uint64_t *returned);
/* Reports a recorded call to a function that the policy does not have. */
_Noreturn void differ_lacks(const struct refs_record *recorded);
/* Ends the program: the policy did not choose a victim before it returned, or
 * within a number of calls. */
_Noreturn void differ_end(void);
