/* SPDX-License-Identifier: MIT */
/* Reads the kernel's tunables as they are in RAM now. The guest may have
 * written anything there, so each text gets a NUL at its array's end. */

#include "inspect/policy.h"

u64 inspect_tunables(struct machine *m)
{
    u64 pa;
    return machine_tunables(m, &pa);
}

bool inspect_tunable_nth(struct machine *m, u64 i, struct lens_tunable *out)
{
    u64 pa;
    if (i >= machine_tunables(m, &pa) ||
        !machine_peek(m, pa + i * sizeof(*out), out, sizeof(*out)))
        return false;
    out->name[sizeof(out->name) - 1] = 0;
    out->unit[sizeof(out->unit) - 1] = 0;
    out->origin[sizeof(out->origin) - 1] = 0;
    return true;
}

bool inspect_tunable(struct machine *m, const char *name,
                     struct lens_tunable *out, u64 *value_pa)
{
    u64 pa, n = machine_tunables(m, &pa);
    for (u64 i = 0; i < n && inspect_tunable_nth(m, i, out); i++) {
        if (strcmp(out->name, name))
            continue;
        if (value_pa)
            *value_pa =
                pa + i * sizeof(*out) + offsetof(struct lens_tunable, value);
        return true;
    }
    return false;
}
