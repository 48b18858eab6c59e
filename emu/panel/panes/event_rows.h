/* SPDX-License-Identifier: MIT */
/* Rows of events, newest first, in columns that stay where they are: for a
 * frame's biography and the tab that lists events. */
#pragma once

#include "panel/draw/draw.h"

/* Draws a row for each of n events => r has n lines. frames: with columns for
 * frame and address; else all are of one frame. */
void draw_event_rows(struct draw *g, struct rect r, const struct ins_event *e,
                     unsigned n, bool frames);
