/* SPDX-License-Identifier: MIT */
/* A run of the guest again, as far as its policy goes: the calls that --refs
 * recorded drive the same policy, compiled for the host, and what it asks of
 * the kernel is answered from the record. */
#ifndef VMSIM_REPLAY_H
#define VMSIM_REPLAY_H

#include <stdint.h>

/* Replays the file: 0: every call and every victim as recorded; 1: not, and
 * the first difference is printed; 2: it cannot be replayed (on standard
 * error, why). Prints one line with what was compared; and the first `victims`
 * of the victims. A program can do it once. */
int replay_file(const char *path, uint64_t victims);

#endif
