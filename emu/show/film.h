/* SPDX-License-Identifier: MIT */
/* Internal to monitor/: film.c takes pictures of the panel for a film;
 * encoder.c runs the ffmpeg that makes a file of them. */
#pragma once

#include "base/base.h"

#define FILM_PER_SECOND 25 /* pictures, when the film is shown */

/* ffmpeg as a child that reads pictures of w x h pixels (0x..RRGGBB) and
 * writes `file`, in the format that its name asks for. */
struct encoder {
    int to;  /* a socket; -1: none */
    int pid; /* 0: none */
};
/* False with a message in err: ffmpeg is missing, or cannot be started. */
bool encoder_start(struct encoder *e, const char *file, int w, int h, char *err,
                   size_t n);
/* False: ffmpeg has ended. */
bool encoder_write(struct encoder *e, const void *bytes, size_t n);
/* Waits until the file is finished. False with a message in err: ffmpeg has
 * failed. */
bool encoder_finish(struct encoder *e, char *err, size_t n);
