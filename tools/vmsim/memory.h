/* SPDX-License-Identifier: MIT */
/* Simulates memories. Each has a policy, a textbook's or the kernel's, and a
 * number of frames, and counts the hits and faults of its references. */
#pragma once

#include "tools/vmsim/textbook/textbook.h"
#include "tools/vmsim/trace.h"

struct counts {
    u64 references, hits, faults, dirty_evictions;
};

/* One reference and its result, for the watcher (below). */
struct decision {
    const char *policy;
    u32 frames;
    u64 time; /* the reference's number, from 0 */
    u64 page;
    bool write, hit;
    unsigned nvictims; /* the kernel's policies may free more than one page */
    const struct victim {
        u64 page;
        bool dirty;
    } * victim;
    const char *why; /* NULL: no reason is known */
};

struct simulation {
    const char *name; /* as --policy names it */
    u32 frames;
    const struct textbook_policy *textbook; /* NULL: a policy of the kernel */
    struct memory *memory;                  /* of a textbook policy */
    struct counts counts;
    /* Called for each reference, if set. */
    void (*watch)(void *opaque, const struct decision *);
    void *opaque;
};

/* Starts a simulation of the named policy; an unknown name ends the program.
 * seed: for the policy `random`. */
void simulation_start(struct simulation *, const char *name, u32 frames,
                      u64 seed);
void simulation_end(struct simulation *);
/* Feeds a batch; only for a textbook policy that needs no future. */
void simulation_batch(struct simulation *, const struct batch *,
                      const struct numbering *);
void simulation_string(struct simulation *, const struct string *,
                       const struct numbering *);
void policy_list(void); /* --policy list */
/* Ends the program: neither the textbooks nor the kernel have this policy. */
_Noreturn void policy_unknown(const char *name);
