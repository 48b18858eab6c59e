/* SPDX-License-Identifier: MIT */
/* Chooses the guest's kernel, its policy and tunables; builds a user's policy
 * into the kernel (--policy-file). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/kit.h"
#include "boot/tables.h"
#include "config/config.h"

const char *config_guest_kernel(struct config *c)
{
    const char *built = config_built("guest/kernel.elf");
    if (!c->policy_file)
        return built;
    const char *kernel = kit_build(c->policy_file, "kernel.elf");
    const char *own = boot_policy_added(kernel, built);
    if (!own)
        die(c->policy_file, "no OWN_POLICY(id, line) in it "
                            "(tools/policy-template.c has one)");
    if (!c->policy)
        c->policy = own;
    return kernel;
}

/* Puts the policy at the front of the kernel's command line, because all that
 * follows run= is one command. The default policy is left out (unless --append
 * has vm.policy=), so that naming it does not change the machine. */
static void complete_policy(struct config *c)
{
    const char *rest = c->append ? c->append : "";
    boot_policy_check(c->kernel, c->policy);
    if (!strcmp(c->policy, c->default_policy) && !strstr(rest, "vm.policy="))
        return;
    size_t room = strlen(rest) + strlen(c->policy) + 16;
    char *text = xcalloc(room, 1);
    snprintf(text, room, "vm.policy=%s%s%s", c->policy, *rest ? " " : "", rest);
    c->append = text;
}

void config_complete_kernel(struct config *c)
{
    bool any = c->nsets || c->policy;
    if (c->append && !*c->append)
        c->append = NULL;
    c->append_given = c->append || c->policy;
    if (c->nsets && c->load) /* load checks --policy, in append */
        die(c->load,
            "a saved machine has its tunables already (the monitor's set "
            "NAME VALUE changes one)");
    if ((any || c->list_sets || c->list_policies) && !c->kernel)
        die(c->policy || c->list_policies ? "--policy" : "--set",
            "a bare-metal program has none");
    if (c->list_sets)
        boot_tunables_list(c->kernel);
    if (c->list_policies)
        boot_policies_list(c->kernel);
    if (c->list_sets || c->list_policies)
        exit(0);
    c->default_policy = boot_policy_default(c->kernel);
    if (c->policy)
        complete_policy(c);
}
