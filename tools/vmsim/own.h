/* SPDX-License-Identifier: MIT */
/* --policy-file: the student's own policy (tools/policy-template.c), compiled
 * for this host and loaded; the same file that clockhand links with the kernel.
 */
#ifndef VMSIM_OWN_H
#define VMSIM_OWN_H

struct policy_ops;

/* Compiles it; what the compiler says goes to standard error as it is, and a
 * mistake ends the program. Returns the policy's name. */
const char *own_load(const char *source);
/* The policy of that name, its variables as at its start; NULL: it is not the
 * one that was loaded. What was returned before is gone. */
const struct policy_ops *own_policy_of(const char *name);
/* A line of --policy list, if one was loaded. */
void own_list(void);

#endif
