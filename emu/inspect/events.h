/* SPDX-License-Identifier: MIT */
/* The kernel's events, and the probes that report an unmodified Linux's. */
#pragma once

#include "inspect/answers.h"

struct ins_rule;

/* Returns why reclaim left the frame of an R_KEPT in memory: "locked", and a
 * sentence. NULL: another reason's event, or the kernel gave no cause. */
const char *inspect_kept(const struct ins_event *e, const char **sentence);
/* True for a fault that the kernel counted but could not serve, because no
 * frame was free. */
bool inspect_fault_failed(const struct ins_event *e);
/* True if Linux's compaction moved a page to the event's frame: R_COLLAPSE. */
bool inspect_moved(const struct ins_event *e);
/* True if a fault on another page of the file mapped the event's: it is not
 * used yet. */
bool inspect_mapped_around(const struct ins_event *e);
/* True if an R_COW_COPY copied a page of a file (or of a tmpfs), which a
 * private mapping copies whoever else has it, and not a shared page. In our
 * kernel the entry of a shared one still maps it; Linux copies one out of swap,
 * too. */
bool inspect_copied_file(const struct ins_event *e);
/* Returns the frame that this event's frame was copied from; 0: none. */
u32 inspect_copied_from(const struct ins_event *e);
/* Returns the event's word: "kept-CAUSE", "fault-no-frame", "moved" or its
 * reason's. */
const char *inspect_event_word(const struct ins_event *e);
/* Returns the sentence about the event's reason; for R_KEPT, about the cause;
 * for a failed fault, a sentence saying that no frame was free. */
const char *inspect_event_sentence(const struct ins_event *e);
/* Writes " of NAME (pid N)" for a frame that its owner has to itself, else
 * ", once given to NAME (pid N)": if several processes share the frame or its
 * slot in swap, or the first has ended, the present owner is not known. "" if
 * the owner is the event's process. now: the event has just happened, so that
 * the owner's page table shows whether it has the slot. Returns buf. */
const char *inspect_owner(struct machine *m, const struct ins_event *e,
                          bool now, char *buf, size_t n);
/* Collects the kernel's events; the caller owns the result. Events are saved
 * and loaded with the machine, so that a loaded machine has only its own past.
 * The file `csv` (NULL: none) gets this run's events in the order of their
 * arrival; the program ends if the file cannot be opened. */
struct ins_events;
struct ins_events *inspect_events_open(struct machine *m, const char *csv);
/* False: not all of the CSV could be written. */
bool inspect_events_close(struct ins_events *e);
/* Lists a frame's events, or all events (pfn LENS_NO_PFN), the latest first. */
unsigned inspect_events_recent(struct ins_events *e, u32 pfn,
                               struct ins_event *out, unsigned max);
/* Lists all of the frame's events that are still kept, the latest first, in
 * memory that the caller frees. */
unsigned inspect_events_known(struct ins_events *e, u32 pfn,
                              struct ins_event **out);
/* Returns the cycle at which the frame last left FS_FREE; 0: no such event. */
u64 inspect_events_taken(const struct ins_events *e, u32 pfn);

/* Calls fn for each event as it arrives, until inspect_events_unfollow with the
 * same opaque. */
#define INS_FOLLOWERS 5
void inspect_events_follow(struct ins_events *e,
                           void (*fn)(void *, const struct ins_event *),
                           void *opaque);
void inspect_events_unfollow(struct ins_events *e, const void *opaque);
/* For a load that failed half-way: forgets old events and loaded ones. */
void inspect_events_forget(struct ins_events *e);
/* Returns the number of events so far; flushes the CSV. */
u64 inspect_events_count(struct ins_events *e);
/* Writes a CSV row: `how` the machine went to another time (branch ...). */
void inspect_events_went(struct ins_events *e, const char *how);
/* Returns the number of a frame's events, including those no longer kept. */
u32 inspect_events_of_frame(const struct ins_events *e, u32 pfn);
/* Gives the number of events of each reason since the machine began. */
void inspect_events_tally(const struct ins_events *e, u32 tally[R_COUNT]);
/* Returns how many events match the rules (inspect_rules) since the machine's
 * last reset, when the kernel's counters begin anew. */
u64 inspect_events_total(const struct ins_events *e, const struct ins_rule *r,
                         unsigned n);
/* Returns how many events of that reason, since the reset, found their frame in
 * the state `from` and left it in `to`, which may be the same. */
u64 inspect_events_moved(const struct ins_events *e, u8 from, u8 to, u8 reason);
/* inspect_events_first returns the number of the first event since the reset,
 * inspect_events_before the counter's value at that event. */
u64 inspect_events_before(const struct ins_events *e, unsigned counter);
u64 inspect_events_first(const struct ins_events *e);
/* Calls fn for each event that is still kept, newest first, until fn returns
 * false. Returns how often fn returned true. */
u64 inspect_events_each(const struct ins_events *e,
                        bool (*fn)(void *, const struct ins_event *),
                        void *opaque);
struct ins_event inspect_event_of(const struct lens_record *r);

/* Reports events of an unmodified Linux, by probes at its functions
 * (emu/linux). While the machine runs, RAM is searched for such a kernel; once
 * found, its events go to `events`. Takes the engine's hook for probes. */
struct ins_probes;
struct ins_probes *inspect_probes_open(struct machine *m,
                                       struct ins_events *events);
void inspect_probes_close(struct ins_probes *p); /* p or NULL */
/* After a load: forgets calls that had not returned; searches all RAM anew. */
void inspect_probes_forget(struct ins_probes *p);
/* Returns the cycle since which probes are in place; 0: none are. p or NULL */
u64 inspect_probes_since(const struct ins_probes *p);
bool inspect_probed(const struct machine *m); /* probes are in place */
/* Writes the i-th sentence about the probes; false: there are no more. */
bool inspect_probes_words(const struct ins_probes *p, unsigned i, char *buf,
                          size_t n);

/* Writes a caption: one sentence for people about a kernel event. */
void inspect_caption(struct machine *m, const struct ins_event *e, char *buf,
                     size_t n);
