/* SPDX-License-Identifier: MIT */
/* Rows of a frame's biography (biography.c), which the frame pane shows. */
#ifndef CLOCKHAND_PANEL_BIOGRAPHY_H
#define CLOCKHAND_PANEL_BIOGRAPHY_H

#include "panel/draw/draw.h"

/* Newest first, scrolled by view.scroll[PANE_FRAME], with as many sentences in
 * full as fit. n 0: says that no event is known. */
void draw_biography(struct draw *g, struct rect r, const struct ins_event *e,
                    unsigned n);

#endif
