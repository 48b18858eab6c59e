/* SPDX-License-Identifier: MIT */
/* Two helpers of every file here: texts, and the elements of an array. */
#pragma once

#include "base/base.h"

/* printf into a ring (format.c). A text stays good while some thousand more
 * are made; what is kept for longer is copied. */
const char *phrase(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The first n elements of an array, never more than it has. */
#define EACH(it, array, n)                                                     \
    for (__auto_type it = &(array)[0];                                         \
         it < (array) + (n) && it < (array) + ARRAY_LEN(array); it++)
