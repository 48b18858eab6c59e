/* SPDX-License-Identifier: MIT */
/* Does a slider's arithmetic; see slider.h. */
#include "panel/tabs/slider.h"

#include <math.h>

enum { LINEAR_MOST = 1000, KEYS_ACROSS = 40 };

static u64 range(const struct scale *s)
{
    return s->max > s->min ? (u64)s->max - (u64)s->min : 0;
}

bool scale_log(const struct scale *s)
{
    return s->min >= 0 && range(s) > LINEAR_MOST;
}

/* Returns the place on the track, 0 to 1, of the value min + above. */
static double track_part(const struct scale *s, u64 above)
{
    u64 all = range(s);
    if (!all)
        return 0;
    if (scale_log(s))
        return log2(1 + (double)above) / log2(1 + (double)all);
    return (double)above / (double)all;
}

static u64 above_of(const struct scale *s, s64 value)
{
    return value <= s->min   ? 0
           : value >= s->max ? range(s)
                             : (u64)value - (u64)s->min;
}

static s64 value_of(const struct scale *s, u64 above)
{
    return (s64)((u64)s->min + above);
}

int scale_place(const struct scale *s, s64 value)
{
    int last = s->w > 1 ? s->w - 1 : 0;
    return (int)(track_part(s, above_of(s, value)) * last + 0.5);
}

s64 scale_value(const struct scale *s, int place)
{
    u64 all = range(s), low;
    int last = s->w - 1;
    if (place <= 0 || last <= 0)
        return s->min;
    if (place >= last)
        return s->max;
    double part = (double)place / last;
    double above = scale_log(s) ? exp2(part * log2(1 + (double)all)) - 1
                                : part * (double)all;
    if (above >= (double)all) /* a double may round up to it */
        return s->max;
    low = (u64)above;
    if (low == all)
        return s->max;
    bool up = track_part(s, low + 1) - part < part - track_part(s, low);
    return value_of(s, low + up);
}

/* Returns the first of 1, 2, 5, 10, 20 ... at or above v. */
static u64 round_step(u64 v)
{
    u64 unit = 1;
    while (v > 10 * unit && unit < 1000000000000000000ull)
        unit *= 10;
    return v <= unit       ? unit
           : v <= 2 * unit ? 2 * unit
           : v <= 5 * unit ? 5 * unit
                           : 10 * unit;
}

/* Returns `above` after a step: doubled or halved on a logarithmic scale, else
 * more or less by a round number. */
static u64 step_once(const struct scale *s, u64 above, bool up)
{
    u64 all = range(s), by = round_step(all / KEYS_ACROSS);
    if (scale_log(s))
        return up ? (above > all / 2 ? all : above ? 2 * above : 1) : above / 2;
    if (up)
        return all - above > by ? above + by : all;
    return above > by ? above - by : 0;
}

s64 scale_step(const struct scale *s, s64 value, int steps)
{
    u64 above = above_of(s, value);
    for (; steps > 0; steps--)
        above = step_once(s, above, true);
    for (; steps < 0; steps++)
        above = step_once(s, above, false);
    return value_of(s, above);
}
