/* SPDX-License-Identifier: MIT */
/* Repeats the policy's part in a run of the guest: the calls that --refs
 * recorded drive the same policy, compiled for the host, and its questions to
 * the kernel are answered from the record. */
#pragma once

#include <stdint.h>

/* Replays the file with the policy `as` (guest:NAME; NULL: the recorded one).
 * 0: every call and every victim is as recorded; 1: not, and the first
 * difference is printed; 2: it cannot be replayed (the reason is on standard
 * error). Prints a line with the counts of compared calls, and the first
 * `victims` victims. A process can do it once. */
int replay_file(const char *path, uint64_t victims, const char *as);
