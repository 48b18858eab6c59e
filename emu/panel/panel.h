/* SPDX-License-Identifier: MIT */
/* Draws what inspect/ says; sends commands to monitor/. One ARGB framebuffer
 * of our own, five primitives, one upload; the same code draws into memory for
 * --screenshot and needs no display. The files: README.md. */
#pragma once

#include "inspect/display.h"
#include "monitor/monitor.h"

#define PANEL_WIDTH  1280 /* pixels: the window at first, and pictures */
#define PANEL_HEIGHT 800

/* panel_available: false with a message when there is no display. panel_main:
 * opens the window, or with --panel=term draws in the terminal, and runs its
 * loop in the calling (main) thread until the session ends or the panel is
 * closed. */
bool panel_available(char *why, size_t n);
void panel_main(struct session *s, const struct config *c);

/* Draws a display into memory and writes a PNG. */
bool panel_screenshot(const struct ins_display *d, const struct config *c,
                      const char *path, char *err, size_t n);

extern const struct session_pictures panel_pictures;
