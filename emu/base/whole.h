/* SPDX-License-Identifier: MIT */
/* Writes a file that exists completely or not at all: it is written under
 * another name in the same folder, and renamed if nothing has failed. An older
 * file of its name is unchanged until then. A file that cannot be replaced is
 * written in place (whole.c). */
#pragma once

#include "base/base.h"

#include <stdio.h>

struct whole {
    FILE *f;
    char *path, *beside; /* beside NULL: f writes to path in place */
};

/* True if path could be written. False and errno: it could not. */
bool whole_writable(const char *path);
/* whole_target returns the file to which path leads by symbolic links, existing
 * or not (NULL and ELOOP: endless links); whole_folder returns a file's folder.
 * The caller frees them. */
char *whole_target(const char *path);
char *whole_folder(const char *path);
/* Opens the file for writing. False and errno: it cannot be created. */
bool whole_open(struct whole *w, const char *path);
/* Flushes a stream, which stays open. False and errno: a write has failed. */
bool stream_written(FILE *f);
/* Flushes standard output at a tool's end. Returns the status, or dies. */
int stdout_written(int status);
/* Drops the new file; a file written in place is left empty. */
void whole_drop(struct whole *w);
/* Writes the file out and gives it its name. False and errno: a write has
 * failed, and nothing is left of the file written beside. */
bool whole_close(struct whole *w);
