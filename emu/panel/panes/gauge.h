/* SPDX-License-Identifier: MIT */
/* Draws the bar's gauges: free frames, with thresholds as ticks, and swap. */
#pragma once

#include "panel/draw/draw.h"

/* Compares free frames with thresholds, in words ("" for "enough" if no high).
 * *colour: bad below min, warn below low, fair below high, else good. */
const char *gauge_verdict(const struct draw *g, u32 *colour);
/* Draws the gauge, with a tick at each threshold, which a click explains. */
void gauge_free(struct draw *g, struct rect r, u32 colour);
void gauge_swap(struct draw *g, struct rect r);
/* Returns the thresholds' names ("min low high"). gauge_put_names writes each
 * in its tick's colour; a click explains it. Returns the x after them. */
const char *gauge_names(const struct draw *g);
int gauge_put_names(struct draw *g, int x, int y);
