/* SPDX-License-Identifier: MIT */
/* Writes the packets of a Perfetto trace: tracks, and on them slices, instants
 * and counter values (perfetto.dev, Track events; the field numbers are those
 * of its published protos/perfetto/trace). All packets are one sequence, so the
 * caller must pass times in order.
 *
 * The caller begins a packet with its event, adds annotations and flows, and
 * ends it:
 *   perfetto_event(p, PERFETTO_BEGIN, track, ns, "fault", "page fault");
 *   perfetto_address(p, "va", va);
 *   perfetto_end(p);
 * Categories, names of events, keys and words of annotations are written once
 * and then known by their addresses, so they must outlive the trace. */
#pragma once

#include "inspect/logs/protobuf.h"

#include <stdio.h>

#define PERFETTO_WORDS 256 /* at most, of each kind */
enum perfetto_words {
    PERFETTO_CATEGORY,
    PERFETTO_NAME,
    PERFETTO_KEY,
    PERFETTO_TEXT,
    PERFETTO_KINDS
};
struct perfetto {
    FILE *f;
    struct pb packet, fresh; /* fresh: words that no packet used before */
    u64 tracks; /* number of tracks so far, which is the last one's number */
    u64 packets;
    struct {
        unsigned n;
        const char *word[PERFETTO_WORDS];
    } words[PERFETTO_KINDS];
};

enum perfetto_type { /* of TrackEvent */
                     PERFETTO_BEGIN = 1,
                     PERFETTO_ENDED = 2,
                     PERFETTO_INSTANT = 3,
                     PERFETTO_VALUE = 4
};

void perfetto_free(struct perfetto *p); /* the caller closes f */

/* These make a track and return its number; parent 0: none. */
u64 perfetto_track(struct perfetto *p, u64 parent, const char *name);
u64 perfetto_counter(struct perfetto *p, u64 parent, const char *name,
                     const char *unit);
/* These make a process's or thread's track if `track` is 0, else rename it. */
u64 perfetto_process(struct perfetto *p, u64 track, u32 pid, const char *name);
u64 perfetto_thread(struct perfetto *p, u64 track, u64 process, u32 pid,
                    u32 tid, const char *name);

/* Begins an event at ns of simulated time. category and name may be NULL. */
void perfetto_event(struct perfetto *p, enum perfetto_type type, u64 track,
                    u64 ns, const char *category, const char *name);
/* As perfetto_event, but the name need not outlive the call. */
void perfetto_named(struct perfetto *p, enum perfetto_type type, u64 track,
                    u64 ns, const char *category, const char *name);
void perfetto_count(struct perfetto *p, const char *key, u64 v);
void perfetto_address(struct perfetto *p, const char *key, u64 v);
void perfetto_word(struct perfetto *p, const char *key, const char *word);
/* Adds the event to flow `id`; last: it ends the flow. */
void perfetto_flow(struct perfetto *p, u64 id, bool last);
void perfetto_end(struct perfetto *p);
/* Writes a whole packet with the value of a counter's track. */
void perfetto_value(struct perfetto *p, u64 track, u64 ns, u64 v);
