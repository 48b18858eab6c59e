/* SPDX-License-Identifier: MIT */
/* The parts of vm/policy.h that the simulated memory (seam.c) and the replay of
 * a record (replay/) share: they depend on nothing but their arguments. */
#include "tools/vmsim/seam.h"

#include <string.h>

const struct policy_ops *const policies[] = {
#define POLICY(id, line) &policy_##id,
#include "policy/policies.def"
};
const unsigned npolicies = sizeof policies / sizeof *policies;

const struct policy_ops *sim_policy(const char *name)
{
    for (unsigned i = 0; i < npolicies; i++)
        if (!strcmp(policies[i]->name, name))
            return policies[i];
    return NULL;
}

uint64_t policy_isqrt(uint64_t n)
{
    uint64_t r = 0;
    for (uint64_t bit = 1ull << 31; bit; bit >>= 1)
        if ((r + bit) * (r + bit) <= n)
            r += bit;
    return r;
}
