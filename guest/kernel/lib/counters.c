/* SPDX-License-Identifier: MIT */
#include "lib/counters.h"

u64 counters[C_COUNT];
