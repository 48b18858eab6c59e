/* SPDX-License-Identifier: MIT */
/* The words for states, reasons, actors, counters, and the meanings of words.
 */
#pragma once

#include "machine/machine.h"

struct ins_state_word {
    const char *word, *sentence;
    char glyph;
    u32 colour;
};
struct ins_reason_word {
    const char *word, *kind, *sentence;
};
struct ins_term {
    const char *word, *sentence;
};
struct ins_counter_word {
    const char *name, *unit, *sentence;
    const char *events; /* the events that raise it (counters.def) */
    u8 notion;          /* enum notion: only policies with it count this */
};
extern const struct ins_state_word ins_states[FS_COUNT];
extern const struct ins_reason_word ins_reasons[R_COUNT];
extern const struct ins_counter_word ins_counters[C_COUNT];
extern const char *const ins_actors[ACTOR_COUNT];
extern const struct ins_term ins_terms[]; /* glossary.def */
extern const unsigned ins_nterms;
extern const struct ins_term ins_notions[NOTION_COUNT];

/* These return a word for any number, because the guest's tables may hold any
 * (words.c). */
const char *inspect_state_word(u32 state);
const char *inspect_reason_word(u32 reason);
const char *inspect_actor_word(u32 actor);
/* Returns the word for a disk_request's type: "read", "discard" ...; "other"
 * for a type that no disk knows. */
const char *inspect_request_word(u8 type);
const char *inspect_proc_state_word(u32 state); /* enum proc_state */
/* Returns the reasons that `catch WORD` stops at, as 1 << enum reason. word
 * names a group (ins_event_groups), else a reason, else a kind. 0: unknown. */
u64 inspect_reason_mask(const char *word);
/* Words that `catch` takes beside reasons and kinds. */
struct ins_event_group {
    const char *word, *sentence;
    u64 reasons;
};
extern const struct ins_event_group ins_event_groups[];
extern const unsigned ins_nevent_groups;
/* A meaning of a word: its sort (frame state, counter, level, term, event ...)
 * and a sentence. */
struct ins_meaning {
    const char *what, *sentence;
};
#define INS_MEANINGS 8
/* Gives all meanings of a word; the number of them, 0 if it is unknown. */
unsigned inspect_meanings(const char *word, struct ins_meaning m[INS_MEANINGS]);
/* Returns the first meaning's sentence, *what its sort; NULL: unknown word. */
const char *inspect_explain(const char *word, const char **what);
/* Returns the sentence about a number that the policy publishes (struct
 * ins_policy, gauge); NULL: there is none, as for a policy of one's own. */
const char *inspect_gauge_sentence(const char *policy, const char *name);
