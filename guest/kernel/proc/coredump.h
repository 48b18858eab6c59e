/* SPDX-License-Identifier: MIT */
/* A core file has the memory and registers of a process killed by a signal. */
#pragma once

#include "proc/signal.h"

#define CORE_PATTERN_MAX 128 /* Linux: CORENAME_MAX_SIZE */

/* Pattern for the names of core files, with %p, %e and the like (core(5));
 * relative to the working directory of the dying process. */
extern char core_pattern[CORE_PATTERN_MAX];

/* Called when a signal whose default action is a core file kills the running
 * process: writes the file, if RLIMIT_CORE and PR_SET_DUMPABLE allow it. The
 * other threads get SIGKILL and wait until the file is complete.
 * Sets WCOREFLAG in group_status unless nothing was written or SIGKILL came.
 * => sleeps; the caller ends the process */
void core_dump(const struct siginfo *why);
/* Called by a task that has begun to end and still has its memory: waits while
 * a core file of its process is being written. => sleeps (state D) */
void core_park(struct proc *me);

/* proc/elfcore.c: writes the file of the running process, whose other threads
 * are parked; at most `limit` bytes. False: nothing was written.
 * => sleeps */
struct file;
bool elf_core_write(struct file *f, u64 limit, const struct siginfo *why,
                    u64 blocked);
