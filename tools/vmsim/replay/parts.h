/* SPDX-License-Identifier: MIT */
/* The replay between its files. record.c walks through the file; ops.c calls
 * the policy as mechanism did; answers.c is what the policy calls; differ.c
 * says where they part. */
#ifndef REPLAY_PARTS_H
#define REPLAY_PARTS_H

#include "tools/vmsim/refs_read.h"
#include "tools/vmsim/replay/replay.h"
#include "vm/framelist.h"
#include "vm/policy.h"

/* ---- the record ---- */

extern const struct policy_ops *replayed;
extern struct framelist lists;
extern uint32_t nframes; /* 0: not known yet */
extern struct tally {
    uint64_t ops, calls;           /* so far */
    uint64_t victims, hash, shown; /* shown: so many are printed */
} tally;

/* The next record of the stack that runs; those of other stacks, and calls of
 * the policy on this one, are seen to first. At the file's end the program
 * ends: all was alike. */
const struct refs_record *record_next(void);
/* The next one of any stack; NULL: the file has ended. */
const struct refs_record *record_scan(void);
/* The policy's function that runs, if it called nothing; or NULL. */
const struct refs_record *record_whole(void);
/* The call that is next on the stack that runs, if it is this one. The order
 * of questions between which nothing happens is the compiler's (C11, 6.5): of
 * these it may be a later one. NULL: it is another one. */
const struct refs_record *record_find(enum seam_row row, const uint64_t *words);
/* It has been used. => record_next or record_find has returned it */
void record_taken(const struct refs_record *);
_Noreturn void record_bad(const char *why);

/* ---- calls of the policy ---- */

/* Calls the policy as the record, which is entering it or whole, says; the
 * words of its result and of what it has filled come to `left`. */
void op_call(const struct refs_record *r, uint64_t left[SEAM_WORDS]);
/* Between calls: a frame goes to a list's end, or off its list. */
void list_change(enum refs_list to, unsigned list, uint32_t frame);

/* ---- where they part ---- */

/* Notes what has been chosen, if the call is one that chooses. leaving: the
 * words are those of the result. */
void victim_note(enum seam_row row, const uint64_t *words, bool leaving);
/* What was recorded is `recorded`, and the policy calls or leaves `row` with
 * these words. From now on its calls are answered without the record, until it
 * has chosen a victim. */
void differ(const struct refs_record *recorded, enum seam_row row,
            const uint64_t *words, bool leaving);
extern bool differs; /* already: nothing is compared any more */
/* Answers of a policy that has left the record: as asked last. */
void guess(enum seam_row row, const uint64_t *words, uint64_t left[SEAM_WORDS]);
void guess_note(enum seam_row row, const uint64_t *words, const uint64_t *left);
/* The policy has left what it was called for: nothing more can be said. */
_Noreturn void differ_end(void);

#endif
