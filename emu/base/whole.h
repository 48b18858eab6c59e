/* SPDX-License-Identifier: MIT */
/* A file that is there whole or not at all: written under a name beside its
 * own, and renamed once nothing has failed. A file of that name stays as it
 * was until then. One that cannot be replaced is written in place (whole.c). */
#ifndef CLOCKHAND_WHOLE_H
#define CLOCKHAND_WHOLE_H

#include "base/base.h"

#include <stdio.h>

struct whole {
    FILE *f;
    char *path, *beside; /* beside NULL: f writes to path in place */
};

/* Could path be written? False and errno: it could not. */
bool whole_writable(const char *path);
/* The file that path leads to by symbolic links, there or not, and the folder
 * of a file; xcalloc. NULL and ELOOP: the links lead nowhere. */
char *whole_target(const char *path);
char *whole_folder(const char *path);
/* False and errno: it cannot be created. */
bool whole_open(struct whole *w, const char *path);
/* Everything into the file of a stream that stays open. False and errno. */
bool stream_written(FILE *f);
/* Without a trace. */
void whole_drop(struct whole *w);
/* Writes it out and gives it its name. False and errno: a write has failed,
 * and nothing is left of what was written beside. */
bool whole_close(struct whole *w);

#endif
