/* SPDX-License-Identifier: MIT */
/* Which kernel the guest boots, with which policy and tunables; the kernel with
 * a policy of one's own (--policy-file) is linked here. */
#include <errno.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "boot/tables.h"
#include "config.h"

extern char **environ;

/* ---- a policy of one's own ---------------------------------------------- */

static char own_folder[PATH_MAX / 2], own_kernel[PATH_MAX];

static void remove_own_kernel(void)
{
    unlink(own_kernel);
    rmdir(own_folder);
}

/* Where the kernel lies until the program ends: symbols and source lines are
 * read from it. */
static void own_place(void)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(own_folder, sizeof own_folder, "%s/clockhand-XXXXXX",
             tmp && *tmp ? tmp : "/tmp");
    if (!mkdtemp(own_folder))
        die("--policy-file", "%s: %s", own_folder, strerror(errno));
    snprintf(own_kernel, sizeof own_kernel, "%s/kernel.elf", own_folder);
    atexit(remove_own_kernel);
}

/* Runs the kit's build (tools/kit-build); what the compiler says goes to
 * standard error as it is. Ends the program if it fails. */
static void build_own_kernel(const char *source)
{
    char kit[4096], build[sizeof kit + 8];
    int status;
    pid_t pid;
    if (access(source, R_OK))
        die(source, "%s", strerror(errno));
    if (!config_data_file("guest/kit", kit))
        die("--policy-file", "its kit is not beside the program (make)");
    own_place();
    snprintf(build, sizeof build, "%s/build", kit);
    char *argv[] = {build, (char *)source, own_kernel, NULL};
    int error = posix_spawn(&pid, build, NULL, NULL, argv, environ);
    if (error)
        die(build, "%s", strerror(error));
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            die(build, "%s", strerror(errno));
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
        die("--policy-file", "no compiler for the guest (make deps; the "
                             "environment's CROSS names another one)");
    if (status)
        die(source, "could not be built into the guest");
}

const char *config_guest_kernel(struct config *c)
{
    const char *built = config_built("guest/kernel.elf");
    if (!c->policy_file)
        return built;
    build_own_kernel(c->policy_file);
    const char *own = boot_policy_added(own_kernel, built);
    if (!own)
        die(c->policy_file, "no OWN_POLICY(id, line) in it "
                            "(tools/policy-template.c has one)");
    if (!c->policy)
        c->policy = own;
    return own_kernel;
}

/* ---- policy and tunables ------------------------------------------------ */

/* The policy goes onto the kernel's command line, in front: what follows run=
 * is one command. The default is left out: a machine is the same whether its
 * defaults are spelt or not. */
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

/* --set and --policy, once the kernel is known: lists end the program. */
void config_complete_kernel(struct config *c)
{
    bool any = c->nsets || c->policy;
    if (c->append && !*c->append)
        c->append = NULL;
    c->append_given = c->append || c->policy;
    if (c->nsets && c->load) /* the policy is on its command line, compared */
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
