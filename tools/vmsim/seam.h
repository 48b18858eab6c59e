/* SPDX-License-Identifier: MIT */
/* Implements vm/policy.h on the host: a memory of nframes frames for one string
 * of page references, under one of the kernel's policies. Policies
 * (guest/kernel/policy), lists and shadows are the kernel's own files. The
 * mechanism is simulated: there is one process, the disk needs no time, and
 * nothing is read ahead. */
#pragma once

#include "vm/policy.h"

/* The counts since sim_start. */
struct sim_stats {
    uint64_t references, hits, faults, dirty_evictions;
    uint64_t without_frame; /* faults for which the policy chose no victim */
};

/* The policy of that name, or NULL. */
const struct policy_ops *sim_policy(const char *name);
/* Starts with an empty memory; presets tunables. => nframes >= 1 */
void sim_start(const struct policy_ops *, uint32_t nframes);
void sim_end(void);
/* A program touches page `page` of a file or of its own memory; each object has
 * 2^20 page numbers. Returns true if the page was in memory; if it is not there
 * afterwards either (sim_has), the policy has freed no frame. */
bool sim_access(uint64_t page, bool write, enum policy_kind);
/* read() touches a page of a file: no PTE is set, page_touched is called. */
bool sim_read(uint64_t page);
bool sim_has(uint64_t page);
/* Sets the function that is called when a page leaves memory, or NULL. dirty:
 * the page had to be written. */
void sim_watch(void (*left)(uint64_t page, bool dirty));
struct sim_stats sim_stats(void);
uint64_t sim_counter(enum counter);
void sim_set(enum tunable, int64_t value); /* until sim_start or sim_marks */

/* Presets tunables; sets the policy's marks and thresholds, for nframes. */
void sim_marks(const struct policy_ops *, uint64_t nframes,
               struct policy_levels *levels);
/* Returns a mark by its name; aborts if the policy has none of that name. */
uint64_t sim_mark(const struct policy_ops *, const char *name);

/* Ends the program with a sentence about the policy if its call names a frame
 * that does not exist, or a list above POLICY_LISTS, which no policy has. */
void sim_check_frame(const char *call, uint32_t frame);
void sim_check_number(const char *call, uint32_t list);
/* Defines a call for policies: a function of one number, which is checked. */
#define CALL(type, symbol, name, check, answer)                                \
    type symbol(uint32_t f);                                                   \
    type symbol(uint32_t f)                                                    \
    {                                                                          \
        check("policy_" #name, f);                                             \
        return answer;                                                         \
    }
#define FRAME(type, name, answer)                                              \
    CALL(type, policy_##name, name, sim_check_frame, answer)
