/* SPDX-License-Identifier: MIT */
/* The VM policy in force, its tunables, and the policies of the kernel. */
#pragma once

#include "inspect/answers.h"

/* False: no kernel's tables can be read. Hands are known only with a lens. */
bool inspect_policy(struct machine *m, struct ins_policy *out);
bool inspect_gauge(const struct ins_policy *p, const char *name, u64 *value);
const char *inspect_gauge_unit(const char *name); /* policy.c */
/* Gives the name (*mark) and the value of the threshold that the policy
 * computes from the tunable; false: there is none. */
bool inspect_tunable_sets(const struct ins_policy *p, const char *name,
                          const char **mark, u64 *now);
extern const char *const ins_levels[INS_LEVELS];
void inspect_levels(const struct ins_policy *p, u64 level[INS_LEVELS]);

/* ---- tunables ---- */
u64 inspect_tunables(struct machine *m); /* their number */
bool inspect_tunable_nth(struct machine *m, u64 i, struct lens_tunable *out);
/* Finds a tunable; *value_pa is its value's address (value_pa may be NULL). */
bool inspect_tunable(struct machine *m, const char *name,
                     struct lens_tunable *out, u64 *value_pa);
/* True if the policy of that name reads the tunable. sliders.c */
bool inspect_tunable_of(const char *policy, const char *name);
/* Reads a decimal or hexadecimal number, also a negative one; false: none. */
bool inspect_tunable_number(const char *text, s64 *value);

/* Calls fn for each policy of the kernel image until fn returns false
 * (policies.c). */
void inspect_policies(const struct machine *m,
                      bool (*fn)(void *, const char *name, const char *line),
                      void *opaque);
/* Writes inspect_policies' line of that policy; false: no such policy. */
bool inspect_policy_line(const struct machine *m, const char *name, char *buf,
                         size_t n);
