/* SPDX-License-Identifier: MIT */
#pragma once

#include "panel/view/view.h"

/* Writes the picture as a PNG. If fb has a log of texts, it becomes the PNG's
 * text "Panel". False with the reason in err (size n). */
bool png_write(const struct fb *fb, const char *path, char *err, size_t n);
/* Draws the panel anew, with such a log, and writes the PNG. */
bool panel_picture(struct fb *fb, const struct ins_display *d, struct view *v,
                   const char *path, char *err, size_t n);
