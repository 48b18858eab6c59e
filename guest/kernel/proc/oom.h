/* SPDX-License-Identifier: MIT */
/* Out of memory: who is to die (oom.c), and what is said about it
 * (oom_report.c). oom_kill itself is in vm/reclaim.h: it is reclaim that
 * asks. */
#ifndef PROC_OOM_H
#define PROC_OOM_H

#include "lib/kernel.h"

struct proc;

#define OOM_ADJ_MIN     (-17) /* /proc/PID/oom_adj, Linux 2.6.11: never */
#define OOM_ADJ_MAX     15
#define OOM_SCORE_NEVER (-1000) /* /proc/PID/oom_score_adj, Linux 2.6.36 */
#define OOM_SCORE_MAX   1000

/* Points by the formula in force (vm.oom_formula); the one with most is to
 * die. 0: not this one. */
u64 oom_points(const struct proc *p);
/* As /proc/PID/oom_score shows them: 6.12 scales to 0 ... 2000. */
u64 oom_score(const struct proc *p);

/* The report of the policy's system, a stamp of simulated time before each
 * line. */
void oom_report(const struct proc *victim, u64 points);

#endif
