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
/* Returns a value's place. The ends are min and max whatever the range. */
int scale_place(const struct scale *s, s64 value);
/* Returns the value nearest to a place; its scale_place() is that place again,
 * or the nearest with a value, if there are fewer values than places. */
s64 scale_value(const struct scale *s, int place);
/* Returns the value `steps` key presses further: each moves by at least 1, but
 * none beyond the ends. */
s64 scale_step(const struct scale *s, s64 value, int steps);
