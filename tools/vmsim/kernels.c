/* SPDX-License-Identifier: MIT */
/* The kernel's policies by their names. */
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
