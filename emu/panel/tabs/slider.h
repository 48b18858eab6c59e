/* SPDX-License-Identifier: MIT */
/* A slider's arithmetic: values and places on its track, and steps by keys.
 * Small ranges and those with values below 0 are linear; long ones are
 * logarithmic (each doubling has the same width), so that small values can be
 * chosen, too. */
#pragma once

#include "base/base.h"

struct scale {
    s64 min, max; /* min <= max */
    int w;        /* pixels of the track: places 0 to w - 1 */
};
bool scale_log(const struct scale *s);
/* The ends are min and max whatever the range. */
int scale_place(const struct scale *s, s64 value);
/* The value nearest to a place; scale_place() of it is that place again, or, if
 * there are fewer values than places, the nearest place that has a value. */
s64 scale_value(const struct scale *s, int place);
/* The value so many key presses further: each moves by at least 1, never beyond
 * the ends. */
s64 scale_step(const struct scale *s, s64 value, int steps);
