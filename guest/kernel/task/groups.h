/* SPDX-License-Identifier: MIT */
/* Supplementary groups of tasks. */
#pragma once

#include "lib/kernel.h"

#define NGROUPS_MOST 65536u /* groups of a task: as Linux's NGROUPS_MAX */

struct groups {
    u32 refs; /* tasks that have it */
    u32 n;
    u32 id[];
};

/* Returns n groups to be filled and sorted, or NULL. */
struct groups *groups_new(u32 n);
/* Heapsort: needs no memory, and no stack. => may sleep */
void groups_sort(struct groups *g);
/* Take and drop a task's reference; a task without groups may have NULL. */
struct groups *groups_get(struct groups *g);
void groups_put(struct groups *g);
bool groups_have(const struct groups *g, u32 gid);
