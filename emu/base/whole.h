/* SPDX-License-Identifier: MIT */
/* A file that is there whole or not at all: written under a name beside its
 * own, and renamed once nothing has failed. A file of that name stays as it
 * was until then. What is no regular file (a terminal, a pipe, /dev/full) is
 * written to directly. */
#ifndef CLOCKHAND_WHOLE_H
#define CLOCKHAND_WHOLE_H

#include "base/base.h"

#include <stdio.h>

struct whole {
    FILE *f;
    char *path, *beside; /* beside NULL: f writes to path directly */
};

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
