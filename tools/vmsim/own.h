/* SPDX-License-Identifier: MIT */
/* Compiles --policy-file, the student's own policy (tools/policy-template.c),
 * for this host and loads it. clockhand links that file with the kernel. */
#pragma once

struct policy_ops;

/* Compiles and loads the file (.so: only loads it). The compiler's messages go
 * to standard error; an error ends the program. Returns the policy's name. */
const char *own_load(const char *source);
/* Returns the named policy, with initial values in its variables; NULL: it was
 * not loaded. Pointers returned before are no longer valid. */
const struct policy_ops *own_policy_of(const char *name);
/* Prints the policy's line of --policy list, if one was loaded. */
void own_list(void);
