/* SPDX-License-Identifier: MIT */
/* Reads all gauges and counters at one moment. */
#pragma once

#include "abi/abi.h"
#include "lib/kernel.h"

#define NUMBERS       (G_COUNT + C_COUNT) /* gauges, then counters */
#define NUMBER_ABSENT (-1) /* this machine or the policy has no such thing */

/* Reads all. => valid until the next call */
const s64 *numbers_now(void);
/* Evaluates a `source` of outputs.def, names joined by + and -: the sum without
 * absent numbers; NUMBER_ABSENT if all are absent. */
s64 number_of(const s64 *all, const char *source);
