/* SPDX-License-Identifier: MIT */
/* Every number by its name: columns of historical programs, counters, levels.
 */
#pragma once

#include "machine/machine.h"

struct ins_output { /* a historical program (vmstat), or one of its reports */
    const char *system, *command, *sentence;
};
struct ins_column {
    enum output output;
    const char *name;
    enum column_kind kind;
    const char *source, *measures, *isnt; /* guest/abi/outputs.def */
};
struct ins_gauge_word {
    const char *name, *unit, *sentence;
    const char *moves; /* counters whose events move it */
    u8 notion;
};
extern const struct ins_output ins_outputs[OUT_COUNT];
extern const struct ins_column ins_columns[];
extern const unsigned ins_ncolumns;
extern const struct ins_gauge_word ins_gauges[G_COUNT];
/* Returns the kernel functions that raise the counter, found in the kernel's
 * source at build time; "": none. */
const char *inspect_raised(unsigned counter);
int inspect_counter_id(const char *name); /* -1: none */
int inspect_gauge_id(const char *name);   /* -1: none */
const char *inspect_column_unit(const struct ins_column *c);
/* Writes "vmstat.re": the command's first word and the column's name. */
void inspect_column_name(const struct ins_column *c, char *buf, size_t n);
/* Returns the first column that `word` names, or the next one after `after` if
 * that is not NULL; NULL: no more. Several programs may have a column of one
 * name; "SYSTEM." before it restricts the search to that system's programs. */
const struct ins_column *inspect_column(const char *word,
                                        const struct ins_column *after);
/* Moves *source to its next name; returns the name's length, 0 at the end. */
size_t inspect_source_next(const char **source);
bool inspect_source_has(const char *source, const char *name);

/* inspect_number reads one number; inspect_source adds up those that the first
 * word of a source names ("a+b-c"). INS_UNKNOWN: one of them cannot be read
 * from outside the kernel. INS_ABSENT: the policy in force has none of them. */
enum ins_known { INS_UNKNOWN, INS_ABSENT, INS_HERE };
enum ins_known inspect_number(struct machine *m, const char *name, size_t n,
                              s64 *value);
enum ins_known inspect_source(struct machine *m, const char *source,
                              s64 *value);

/* inspect_rules gives a counter's rules, and returns their number. An event
 * that matches one raises the counter; for exceptions see inspect_eventless. */
#define INS_RULES   8
#define INS_ANY     0xff
#define INS_NOTHING 0xfe /* an unknown word; a test reports it */
struct ins_rule {
    u8 from, to, reason;
    bool part; /* written ~: only some such events raise the counter */
};
unsigned inspect_rules(unsigned counter, struct ins_rule r[INS_RULES]);
/* Returns a sentence about exceptions: the counter rises without an event, or
 * some events that match its rules do not raise it; "": there are none. */
const char *inspect_eventless(unsigned counter);
bool inspect_rules_match(const struct ins_rule *r, unsigned n, bool frame,
                         u8 from, u8 to, u8 reason);

/* Finds a number by its name: a kernel counter (pgfault), vm.free, vm.frames,
 * vm.STATE (vm.file_clean), the policy's (vm.low, vm.swap_used, vm.hand0), an
 * unmodified kernel's (xv6.free), or an integer of --stats (tlb.dtlb.misses,
 * disks.0.reads), except those of "belief". False: no such number now. */
bool inspect_counter(struct machine *m, const char *name, u64 *value);
/* Calls fn with every name that inspect_counter knows. */
void inspect_counter_names(struct machine *m,
                           void (*fn)(void *, const char *name, u64 value),
                           void *opaque);
/* Makes the JSON object of --stats; the caller frees *text. It has the member
 * "belief" if truth is not NULL. */
struct ins_truth;
void inspect_stats_json(struct machine *m, const struct ins_truth *truth,
                        double host_seconds, double startup_seconds,
                        char **text);
