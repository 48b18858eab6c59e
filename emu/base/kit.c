/* SPDX-License-Identifier: MIT */
#include "base/kit.h"

#include "base/base.h"
#include "base/ending.h"
#include "base/program.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static char folder[PROGRAM_PATH_MAX / 2], product[PROGRAM_PATH_MAX];

static void remove_product(void)
{
    unlink(product);
    rmdir(folder);
}

static void make_folder(const char *name)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/%s-XXXXXX", tmp && *tmp ? tmp : "/tmp",
             program_name);
    if (!mkdtemp(folder))
        die("--policy-file", "%s: %s", folder, strerror(errno));
    snprintf(product, sizeof product, "%s/%s", folder, name);
    atexit(remove_product);
    ending_undo(remove_product);
}

const char *kit_build(const char *source, const char *name)
{
    char build[PROGRAM_PATH_MAX];
    int status;
    pid_t pid;
    if (access(source, R_OK))
        die(source, "%s", strerror(errno));
    if (!program_data_file("guest/kit", build))
        die("--policy-file", "no kit beside the program (make builds it)");
    append(build, sizeof build, strlen(build), "/build");
    make_folder(name);
    char *argv[] = {build, (char *)source, product, NULL};
    int error = posix_spawn(&pid, build, NULL, NULL, argv, environ);
    if (error)
        die(build, "%s", strerror(error));
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            die(build, "%s", strerror(errno));
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
        die("--policy-file", "no compiler (make deps installs it; $CROSS names "
                             "another one for the guest, $CC for vmsim)");
    if (status)
        die(source, "could not be built");
    return product;
}
