/* SPDX-License-Identifier: MIT */
/* Chooses the victim when memory is out (oom.c), and reports the kill
 * (oom_report.c). oom_kill itself is declared in vm/reclaim.h, since reclaim
 * calls it. */
#pragma once

#include "lib/kernel.h"

struct proc;

#define OOM_ADJ_MIN     (-17) /* /proc/PID/oom_adj, Linux 2.6.11: no kill */
#define OOM_ADJ_MAX     15
#define OOM_SCORE_NEVER (-1000) /* /proc/PID/oom_score_adj, Linux 2.6.36 */
#define OOM_SCORE_MAX   1000

/* Returns p's points by the current formula (vm.oom_formula); the process with
 * the most, or in 2.6 a child of it, is the victim. 0: never chosen. */
u64 oom_points(const struct proc *p);
/* Returns the points of /proc/PID/oom_score: with 6.12's formula 0 ... 2000. */
u64 oom_score(const struct proc *p);

/* Prints the report of the policy's system, with simulated time before each
 * line. */
void oom_report(const struct proc *victim, u64 points);
