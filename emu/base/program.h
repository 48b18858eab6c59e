/* SPDX-License-Identifier: MIT */
/* The program that runs: its name in messages, the files that belong to it. */
#ifndef CLOCKHAND_PROGRAM_H
#define CLOCKHAND_PROGRAM_H

#include "base/base.h"

#define PROGRAM_PATH_MAX 4096 /* bytes of a path, with its NUL */

/* What lines of die() and complain() begin with: "clockhand", unless a tool's
 * main() says otherwise before anything else. */
extern const char *program_name;
/* A file of the built guest, beside the executable or (its last name alone)
 * under its prefix's share/clockhand. False: there is none. */
bool program_data_file(const char *name, char path[PROGRAM_PATH_MAX]);

#endif
