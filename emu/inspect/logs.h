/* SPDX-License-Identifier: MIT */
/* Files that are written while the machine runs. */
#pragma once

#include "inspect/answers.h"

/* Writes a Perfetto trace from now on. It shows the thread on the hart, page
 * faults as slices from the trap to the return, every kernel event with its
 * reason on the track of its thread, disk requests, marks, and levels and
 * counters every 1 ms; flows join causes and effects. Times are simulated ns
 * and never run backwards: after the machine has gone back, nothing is written
 * until it has passed the latest packet. One at a time; "-": stdout. */
struct ins_trace;
struct ins_trace *inspect_trace_open(struct machine *m, struct ins_events *e,
                                     const char *path);
void inspect_trace_mark(struct ins_trace *t, const char *name); /* t or NULL */
/* Ends the open slices. False: not all of the trace could be written. */
bool inspect_trace_close(struct ins_trace *t);

/* Writes levels and counters as CSV: a row every `every` cycles, and one at the
 * end; "-": to standard output. While the machine repeats its past, writes
 * nothing. One log at a time. */
struct ins_counter_log;
struct ins_counter_log *inspect_counter_log_open(struct machine *m,
                                                 const char *path, u64 every);
/* False: not all of it could be written. */
bool inspect_counter_log_close(struct ins_counter_log *l);
/* Call when the machine went to another time: writes a row for that moment,
 * and further rows from there on. */
void inspect_counter_log_went(struct ins_counter_log *l);

/* Writes the file of --refs (guest/abi/refs.h); "-": to standard output. One at
 * a time: it takes the engine's hooks for touches and probes. */
struct ins_refs;
struct ins_refs *inspect_refs_open(struct machine *m, struct ins_events *e,
                                   const char *path);
/* False and errno: not all of it could be written. */
bool inspect_refs_close(struct ins_refs *r);

/* Writes a line for each retired instruction, as Spike's --log-commits; "-": to
 * standard output. One log at a time: it takes the engine's commit hook. */
struct ins_commit_log;
struct ins_commit_log *inspect_commit_log_open(struct machine *m,
                                               const char *path);
/* False: not all of it could be written. */
bool inspect_commit_log_close(struct ins_commit_log *l);
/* inspect_signature_write writes the memory from begin_signature to
 * end_signature, `granularity` (1 or more) bytes a line; it complains if the
 * file cannot be written. inspect_signature_check ends the program if a symbol
 * is missing, end_signature comes first or the region is not in RAM. */
void inspect_signature_check(struct machine *m, const char *path);
void inspect_signature_write(struct machine *m, const char *path,
                             u64 granularity);
