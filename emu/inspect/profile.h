/* SPDX-License-Identifier: MIT */
/* Cycles by function, cause and caller. */
#pragma once

#include "machine/machine.h"

#define INS_CAUSES 9 /* of struct cycles_by, in its order */
extern const char *const ins_causes[INS_CAUSES];
/* Gives cycles by cause, in the order of ins_causes. */
void inspect_cycles_by(const struct machine *m, u64 by[INS_CAUSES]);
/* Charges every cycle from now on to one function, cause and call stack. Each
 * sample, taken every `every` cycles in which the hart is not asleep, charges
 * the cycles since the last one to the stack that it finds. every 0: samples
 * after each instruction, as slow as --commit-log, whose hook it takes. The sum
 * is exact; the machine is not affected. One profile at a time. */
struct ins_profile;
struct ins_profile *inspect_profile_open(struct machine *m, u64 every);
void inspect_profile_close(struct ins_profile *p);
/* For history_also: makes the profile in *slot (NULL: none) go back with the
 * machine. Before the cycle at which it began, the profile is empty. */
void inspect_profile_past(void *slot, struct state *s);
/* Begins the profile anew, after a saved machine was loaded. */
void inspect_profile_restart(struct ins_profile *p);
struct ins_profile_facts {
    u64 every, samples;
    u64 began; /* the cycle */
};
struct ins_profile_facts inspect_profile_facts(const struct ins_profile *p);
/* Lists the functions that have cycles of their own, those with most first;
 * `total` includes functions that they called. User code is named by the
 * symbols of its file on the guest's disk, else FILE+OFFSET, rounded down to
 * 64 bytes. The caller frees *out; p owns the names. */
struct ins_function {
    const char *name;
    u64 by[INS_CAUSES], self, total;
};
unsigned inspect_profile_functions(struct ins_profile *p,
                                   struct ins_function **out);
/* Writes folded stacks, the input of flame graphs, a line for each stack:
 * `process;[kernel];f;g CYCLES`. False and errno: not all could be written. */
bool inspect_profile_folded(struct ins_profile *p, const char *path);
