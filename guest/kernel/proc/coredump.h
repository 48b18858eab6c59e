/* SPDX-License-Identifier: MIT */
/* Core files: what a process was when a signal killed it. */
#ifndef PROC_COREDUMP_H
#define PROC_COREDUMP_H

#include "proc/signal.h"

#define CORE_PATTERN_MAX 128 /* Linux: CORENAME_MAX_SIZE */

/* Name of the files to come, with %p, %e and the like (core(5)); relative to
 * the working directory of who dies. */
extern char core_pattern[CORE_PATTERN_MAX];

/* The signal kills the running process, whose default action is a core file:
 * writes it, if RLIMIT_CORE and PR_SET_DUMPABLE let it. The other threads are
 * told to end, and wait until their registers are in it. The process's
 * group_status has WCOREFLAG then. => sleeps; the caller ends the process */
void core_dump(const struct siginfo *why);
/* A task that has begun to end, and still has its memory: waits while a core
 * file of its process is being written. => sleeps (state D) */
void core_park(struct proc *me);

/* proc/elfcore.c: writes the file of the running process, whose other threads
 * are parked; at most `limit` bytes. False: nothing was written.
 * => sleeps */
struct file;
bool elf_core_write(struct file *f, u64 limit, const struct siginfo *why,
                    u64 blocked);

#endif
