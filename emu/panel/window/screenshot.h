/* SPDX-License-Identifier: MIT */
#pragma once

#include "panel/view/view.h"

/* Writes the picture, and fb's log of texts, if there is one, as the PNG's text
 * "Panel"; false with the reason in err (size n). */
bool png_write(const struct fb *fb, const char *path, char *err, size_t n);
/* Draws the panel anew, with such a log, and writes it. */
bool panel_picture(struct fb *fb, const struct ins_display *d, struct view *v,
                   const char *path, char *err, size_t n);
