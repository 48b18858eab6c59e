/* SPDX-License-Identifier: MIT */
#ifndef CLOCKHAND_PANEL_PNG_H
#define CLOCKHAND_PANEL_PNG_H

#include "panel/fb.h"

/* Writes the picture; false with the reason in err (size n). */
bool png_write(const struct fb *fb, const char *path, char *err, size_t n);

#endif
