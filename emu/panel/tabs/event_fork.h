/* SPDX-License-Identifier: MIT */
/* The drawing of a fork: for the tab of the event at hand. */
#ifndef CLOCKHAND_PANEL_EVENT_FORK_H
#define CLOCKHAND_PANEL_EVENT_FORK_H

#include "panel/draw/draw.h"

/* Needs d->nforked. */
void draw_event_fork(struct draw *g, struct rect r);

#endif
