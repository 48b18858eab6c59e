/* SPDX-License-Identifier: MIT */
/* Converts a slider's values to places on its track and back, and moves values
 * by keys. Small ranges and those with values below 0 are linear. Long ranges
 * are logarithmic (each doubling has the same width), so that the user can also
 * choose small values. */
#pragma once

#include "base/base.h"

struct scale {
    s64 min, max; /* min <= max */
    int w;        /* pixels of the track: places 0 to w - 1 */
};
bool scale_log(const struct scale *s);
/* Returns a value's place. The ends of the track are always min and max. */
int scale_place(const struct scale *s, s64 value);
/* Returns the value nearest to a place. scale_place() of that value is the same
 * place or, if no value lies there, the nearest place that has one. */
s64 scale_value(const struct scale *s, int place);
/* Returns the value after `steps` key presses. Each moves by at least 1, but
 * not beyond the ends. */
s64 scale_step(const struct scale *s, s64 value, int steps);
