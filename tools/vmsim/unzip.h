/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdio.h>

/* Takes a file over, open for reading; `name` (lives as long) is for messages.
 * Returns it as it is or, if its first bytes are zstd's, a stream of what it
 * holds. fclose() closes both. Damage ends the program with one line. */
FILE *unzip_open(FILE *f, const char *name);
