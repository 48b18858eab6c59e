/* SPDX-License-Identifier: MIT */
#include "base/program.h"

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

const char *program_name = "clockhand";

bool program_data_file(const char *name, char path[PROGRAM_PATH_MAX])
{
    char exe[PATH_MAX / 2];
    ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
    if (n <= 0)
        return false;
    exe[n] = 0;
    char *slash = strrchr(exe, '/');
    if (slash)
        *slash = 0;
    snprintf(path, PROGRAM_PATH_MAX, "%s/%s", exe, name);
    if (!access(path, R_OK))
        return true;
    const char *base = strrchr(name, '/');
    snprintf(path, PROGRAM_PATH_MAX, "%s/../share/clockhand/%s", exe,
             base ? base + 1 : name);
    return !access(path, R_OK);
}
