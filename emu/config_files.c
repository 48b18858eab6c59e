/* SPDX-License-Identifier: MIT */
/* The files that a configuration names: those that were built with the program,
 * and those that a run is to write. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"

bool config_data_file(const char *name, char *path)
{
    char exe[PATH_MAX / 2];
    ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
    if (n <= 0)
        return false;
    exe[n] = 0;
    char *slash = strrchr(exe, '/');
    if (slash)
        *slash = 0;
    snprintf(path, 4096, "%s/%s", exe, name);
    if (!access(path, R_OK))
        return true;
    const char *base = strrchr(name, '/');
    snprintf(path, 4096, "%s/../share/clockhand/%s", exe,
             base ? base + 1 : name);
    return !access(path, R_OK);
}

const char *config_built(const char *name)
{
    char path[4096];
    if (!config_data_file(name, path))
        die(name, "not found beside the program (make builds it)");
    return xstrdup(path);
}

/* ---- what is written ---------------------------------------------------- */

struct output {
    const char *option, *file;
};

/* The folder that the file is, or will be, in. */
static void folder_of(const char *file, char *folder, size_t n)
{
    const char *slash = strrchr(file, '/');
    if (!slash)
        snprintf(folder, n, ".");
    else if (slash == file)
        snprintf(folder, n, "/");
    else
        snprintf(folder, n, "%.*s", (int)(slash - file), file);
}

static void check_writable(const char *file)
{
    struct stat st;
    char folder[PATH_MAX];
    bool exists = !stat(file, &st);
    if (exists && S_ISDIR(st.st_mode))
        die(file, "%s", strerror(EISDIR));
    if (exists && access(file, W_OK))
        die(file, "cannot be written: %s", strerror(errno));
    if (exists && !S_ISREG(st.st_mode))
        return; /* nothing is created beside it */
    folder_of(file, folder, sizeof folder);
    if (access(folder, W_OK | X_OK))
        die(file, "cannot be written: %s", strerror(errno));
}

/* One regular file of the host's, whatever the names. */
static bool same_file(const char *a, const char *b)
{
    struct stat one, other;
    if (stat(a, &one) || stat(b, &other))
        return !strcmp(a, b);
    return S_ISREG(one.st_mode) && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
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
        {"--save", c->save},
        {"--stats", c->stats},
        {"--events", c->events},
        {"--screenshot", c->screenshot},
        {"--commit-log", c->commit_log},
        {"--signature", c->signature},
        {"--dump-dtb", c->dump_dtb},
    };
    for (unsigned i = 0; i < ARRAY_LEN(outputs); i++) {
        const struct output *o = &outputs[i];
        if (!o->file || !strcmp(o->file, "-"))
            continue;
        check_writable(o->file);
        for (unsigned k = 0; k < i; k++)
            check_apart(o, outputs[k].file, outputs[k].option);
        for (unsigned k = 0; k < c->ndrives; k++)
            check_apart(o, c->drives[k].file, "a drive");
        check_apart(o, c->elf, "the program");
        check_apart(o, c->kernel, "the kernel");
        check_apart(o, c->initrd, "the initrd");
        check_apart(o, c->bios, "the firmware");
        check_apart(o, c->dtb, "the device tree");
    }
}
