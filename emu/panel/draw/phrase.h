/* SPDX-License-Identifier: MIT */
/* Two helpers for every file of the panel: phrase and EACH. */
#pragma once

#include "base/base.h"

/* Prints up to 511 bytes into a ring (format.c), where they stay until 64 KiB
 * more are printed. Copy a text that must stay for longer. */
const char *phrase(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Loops over the first n elements of an array, never more than it has. */
#define EACH(it, array, n)                                                     \
    for (__auto_type it = &(array)[0];                                         \
         it < (array) + (n) && it < (array) + ARRAY_LEN(array); it++)
