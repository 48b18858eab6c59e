/* SPDX-License-Identifier: MIT */
/* Colours. A theme (dark or light) gives each kind of frame a hue, in two steps
 * of lightness: used recently, or not. Ages have the colours of cividis. */
#pragma once

#include "abi.h"
#include "base/base.h"

struct theme {
    u32 page;     /* behind everything */
    u32 pane;     /* plots, the console */
    u32 band;     /* title bars, status bar */
    u32 rule;     /* thin lines, axes */
    u32 ink, dim; /* text; labels */
    u32 accent;   /* selected or live things */
    u32 good, fair, warn, bad;
    u32 data[6];           /* lines and ticks of plots */
    u32 io;                /* border of a frame under I/O */
    u32 unknown;           /* a frame of unknown kind */
    u32 kind[FS_COUNT][2]; /* [0] not used lately, [1] used recently */
};

const struct theme *theme_get(bool light);

double colour_luminance(u32 rgb);     /* relative, WCAG 2.1: 0..1 */
double colour_contrast(u32 a, u32 b); /* WCAG 2.1: 1..21 */
u32 colour_mix(u32 a, u32 b, unsigned b_of_256);
/* Returns a mark's colour on `under`: black or white, mixed with as much of
 * `under` as leaves a contrast of 3.5:1, to be legible, and calm among many. */
u32 colour_glyph(u32 under);
u32 colour_strong(u32 under); /* black or white: what contrasts more */
/* Returns the colour of cividis at t / 256, from dark blue to yellow. Its
 * lightness grows evenly, and it looks alike to all kinds of colour vision
 * (Nunez, Anderton, Renslow 2018). */
u32 colour_cividis(unsigned t);
