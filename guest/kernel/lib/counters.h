/* SPDX-License-Identifier: MIT */
/* The kernel's counters, by abi/counters.def: for /proc, and for the machine,
 * which finds them through the lens. */
#pragma once

#include "abi/abi.h"
#include "lib/kernel.h"

extern u64 counters[C_COUNT];

/* Raises a counter, e.g. COUNT(PGFAULT); COUNT_ADD(PGPGIN, 4). */
#define COUNT(id)        (counters[C_##id]++)
#define COUNT_ADD(id, n) (counters[C_##id] += (n))
