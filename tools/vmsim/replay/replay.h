/* SPDX-License-Identifier: MIT */
/* Repeats the policy's part in a run of the guest. The calls that --refs
 * recorded drive the same policy, compiled for the host, and its questions to
 * the kernel are answered from the record. */
#pragma once

#include <stdint.h>

/* Replays the file with the policy `as` (guest:NAME; NULL: the recorded one).
 * Prints the first `victims` victims, then the counts of compared calls or the
 * first difference. Does not return: it ends the program with status 0 if every
 * call and victim is as recorded, 1 if not, 2 if the file cannot be replayed
 * (the reason is on standard error). */
int replay_file(const char *path, uint64_t victims, const char *as);
