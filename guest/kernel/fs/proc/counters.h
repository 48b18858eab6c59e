/* SPDX-License-Identifier: MIT */
/* Every gauge and every counter at one moment. */
#ifndef FS_PROC_COUNTERS_H
#define FS_PROC_COUNTERS_H

#include "abi/abi.h"
#include "lib/kernel.h"

#define NUMBERS       (G_COUNT + C_COUNT) /* gauges, then counters */
#define NUMBER_ABSENT (-1) /* this machine or the policy has no such thing */

/* => good until the next call */
const s64 *numbers_now(void);
/* A source of outputs.def, one word: the sum, absent numbers left out;
 * NUMBER_ABSENT if all are. */
s64 number_of(const s64 *all, const char *source);

#endif
