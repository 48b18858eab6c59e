/* SPDX-License-Identifier: MIT */
#include "tools/vmsim/own.h"

#include "base/base.h"
#include "base/kit.h"
#include "tools/vmsim/seam.h"

#include <dlfcn.h>
#include <stdio.h>

static const char *source, *library;
static void *loaded;
static const struct own_policy *own;

/* Loads the library anew, so that its variables have their initial values. */
static void load_library(void)
{
    if (loaded)
        dlclose(loaded);
    loaded = dlopen(library, RTLD_NOW);
    if (!loaded)
        die(source, "%s", dlerror());
    own = dlsym(loaded, "own_policy");
    if (!own)
        die(source, "no OWN_POLICY(id, line) in it "
                    "(tools/policy-template.c has one)");
}

const char *own_load(const char *file)
{
    static char name[16]; /* OWN_POLICY checks that it fits */
    source = file;
    library = kit_build(file, "policy.so");
    load_library();
    snprintf(name, sizeof name, "%s", own->name);
    if (sim_policy(name))
        die(source, "OWN_POLICY(%s, ...): the kernel has a policy of that name",
            name);
    return name;
}

const struct policy_ops *own_policy_of(const char *name)
{
    if (!own || strcmp(own->name, name))
        return NULL;
    load_library();
    return own->ops;
}

void own_list(void)
{
    if (own)
        printf("guest:%-10s the policy in %s\n", own->name, source);
}
