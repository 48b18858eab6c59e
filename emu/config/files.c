/* SPDX-License-Identifier: MIT */
/* Finds files that were built with the program; checks a run's output files. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/program.h"
#include "base/whole.h"
#include "config/config.h"

const char *config_built(const char *name)
{
    char path[PROGRAM_PATH_MAX];
    if (!program_data_file(name, path))
        die(name, "not found beside the program (make builds it)");
    return xstrdup(path);
}

struct output {
    const char *option, *file;
    bool whole; /* a file that is replaced when the new one is complete */
};

static bool same_inode(const char *a, const char *b, mode_t type)
{
    struct stat one, other;
    return !stat(a, &one) && !stat(b, &other) &&
           (one.st_mode & S_IFMT) == type && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}

/* True if the last parts of both names, and their folders, are the same. */
static bool same_name(const char *a, const char *b)
{
    const char *a_slash = strrchr(a, '/'), *b_slash = strrchr(b, '/');
    char *a_folder = whole_folder(a), *b_folder = whole_folder(b);
    bool same = !strcmp(a_slash ? a_slash + 1 : a, b_slash ? b_slash + 1 : b) &&
                same_inode(a_folder, b_folder, S_IFDIR);
    free(a_folder);
    free(b_folder);
    return same;
}

/* True if both names mean one regular file, which need not exist yet. */
static bool same_file(const char *a, const char *b)
{
    char *a_target, *b_target;
    bool same = false;
    if (!access(a, F_OK) || !access(b, F_OK))
        return same_inode(a, b, S_IFREG);
    a_target = whole_target(a);
    b_target = whole_target(b);
    if (a_target && b_target)
        same = same_name(a_target, b_target);
    free(a_target);
    free(b_target);
    return same;
}

static void check_apart(const struct output *o, const char *file,
                        const char *what)
{
    if (file && same_file(o->file, file))
        die(o->option, "%s is also %s", o->file, what);
}

void config_check_outputs(const struct config *c)
{
    const struct output outputs[] = {
        {"--save", c->save, true},
        {"--record", c->record, true},
        {"--stats", c->stats, false},
        {"--events", c->events, false},
        {"--trace", c->trace, false},
        {"--refs", c->refs, false},
        {"--counters", c->counters, false},
        {"--screenshot", c->screenshot, true},
        {"--commit-log", c->commit_log, false},
        {"--signature", c->signature, false},
        {"--dump-dtb", c->dump_dtb, true},
    };
    for (unsigned i = 0; i < ARRAY_LEN(outputs); i++) {
        const struct output *o = &outputs[i];
        bool stream = o->file && !strcmp(o->file, "-");
        if (stream && o->whole)
            die(o->option, "needs a file, not - (standard output)");
        if (!o->file || stream)
            continue;
        if (!whole_writable(o->file))
            die(o->file, "cannot be written: %s", strerror(errno));
        for (unsigned k = 0; k < i; k++)
            check_apart(o, outputs[k].file, outputs[k].option);
        for (unsigned k = 0; k < c->ndrives; k++)
            check_apart(o, c->drives[k].file, "a drive");
        for (unsigned k = 0; k < c->nscripts; k++)
            check_apart(o, c->scripts[k], "a script");
        for (unsigned k = 0; k < c->nconfigs; k++)
            check_apart(o, c->configs[k], "a configuration");
        if (o->file != c->save) /* --save may replace the machine loaded */
            check_apart(o, c->load, "--load");
        check_apart(o, c->replay, "--replay");
        check_apart(o, c->symbols, "--symbols");
        check_apart(o, c->elf, "the program");
        check_apart(o, c->kernel, "the kernel");
        check_apart(o, c->initrd, "the initrd");
        check_apart(o, c->bios, "the firmware");
        check_apart(o, c->dtb, "the device tree");
        check_apart(o, c->policy_file, "the policy");
    }
}
