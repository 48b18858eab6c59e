/* SPDX-License-Identifier: MIT */
/* Draws rows of events, newest first, in columns at fixed places: for a frame's
 * biography and the tab that lists events. */
#pragma once

#include "panel/draw/draw.h"

/* Draws a row for each of n events in r, which must have n lines. frames: rows
 * have a column for the frame; else all events are of one frame. */
void draw_event_rows(struct draw *g, struct rect r, const struct ins_event *e,
                     unsigned n, bool frames);
