/* SPDX-License-Identifier: MIT */
/* Draws the display that inspect/ fills, and sends commands to monitor/. The
 * panel draws into one ARGB framebuffer (draw/fb.h), which the window gets in
 * one upload. For --screenshot the same code draws into memory and needs no
 * screen. README.md names the files. */
#pragma once

#include "inspect/display.h"
#include "monitor/monitor.h"

#define PANEL_WIDTH  1280 /* pixels of pictures; a new window may be larger */
#define PANEL_HEIGHT 800

/* panel_available returns false, with a message, if no window can be opened.
 * panel_main opens the window, or with --panel=term draws in the terminal. It
 * runs its loop in the calling (main) thread until the session ends or the user
 * closes the panel. */
bool panel_available(char *why, size_t n);
void panel_main(struct session *s, const struct config *c);

/* Draws a display into memory and writes a PNG. */
bool panel_screenshot(const struct ins_display *d, const struct config *c,
                      const char *path, char *err, size_t n);

extern const struct show_pictures panel_pictures;
