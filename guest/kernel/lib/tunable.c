/* SPDX-License-Identifier: MIT */
#include "lib/tunable.h"

struct lens_tunable tunables[TUN_COUNT]
    __attribute__((section(".tunables"), used)) = {
#define TUNABLE(id, name, preset, min, max, unit, origin)                      \
    [TUN_##id] = {name, preset, preset, min, max, unit, origin},
#include "abi/tunables.def"
};

/* Compile-time checks: a text that fills its array would lose its NUL, and a
 * preset outside its range could not be set again. */
#define ROOM(member) sizeof(((struct lens_tunable *)0)->member)
#define TUNABLE(id, n, preset, low, high, u, o)                                \
    _Static_assert(sizeof(n) <= ROOM(name) && sizeof(u) <= ROOM(unit) &&       \
                       sizeof(o) <= ROOM(origin) && (low) <= (preset) &&       \
                       (preset) <= (high),                                     \
                   "tunables.def: " n);
#include "abi/tunables.def"

int tunable_set(enum tunable id, s64 value)
{
    if (value < tunables[id].min || value > tunables[id].max)
        return -EINVAL;
    tunables[id].value = value;
    return 0;
}
