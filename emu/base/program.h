/* SPDX-License-Identifier: MIT */
/* The running program: its name in messages, and the files that it needs. */
#pragma once

#include "base/base.h"

#define PROGRAM_PATH_MAX 4096 /* bytes of a path, with its NUL */

/* The first word of die()'s and complain()'s lines: "clockhand", unless a
 * tool's main() begins by setting another. */
extern const char *program_name;
/* Finds a file of the built guest, beside the executable or (by its last name
 * component) under its prefix's share/clockhand. False: not found. */
bool program_data_file(const char *name, char path[PROGRAM_PATH_MAX]);
