/* SPDX-License-Identifier: MIT */
/* Holds the themes, and computes colours; see palette.h. */
#include "panel/draw/palette.h"

#include <math.h>

static const struct theme dark = {
    .page = 0x0B0C10,
    .pane = 0x14161C,
    .band = 0x232833,
    .rule = 0x3A4150,
    .ink = 0xE6E8EC,
    .dim = 0x9AA3B2,
    .accent = 0xFFD24A,
    .good = 0x57D08A,
    .fair = 0xD6D65A,
    .warn = 0xFFB454,
    .bad = 0xFF7A6B,
    .data = {0x6FB4FF, 0xFFC36B, 0x7BDFA4, 0xF08BB4, 0xC9A6FF, 0x7FE0E6},
    .io = 0xFFFFFF,
    .unknown = 0x22252E,
    .kind =
        {
#define STATE(id, word, glyph, colour, sentence) [FS_##id][1] = colour,
#include "frame_states.def"
#undef STATE
#define PAINT(id, dark_older, light, light_older) [FS_##id][0] = dark_older,
#include "panel/palette.def"
#undef PAINT
        },
};

static const struct theme light = {
    .page = 0xFFFFFF,
    .pane = 0xF1F2F0,
    .band = 0xDDE1E6,
    .rule = 0xB4BAC4,
    .ink = 0x14161A,
    .dim = 0x4E5663,
    .accent = 0xB03A00,
    .good = 0x0B6B36,
    .fair = 0x5C6300,
    .warn = 0x8A4B00,
    .bad = 0xB3160B,
    .data = {0x0B5CAD, 0x8A4B00, 0x0B6B36, 0xA3195B, 0x5B33B5, 0x00646B},
    .io = 0xFF3B00,
    .unknown = 0xD5D5D0,
    .kind =
        {
#define PAINT(id, dark_older, light, light_older)                              \
    [FS_##id] = {light_older, light},
#include "panel/palette.def"
#undef PAINT
        },
};

const struct theme *theme_get(bool is_light)
{
    return is_light ? &light : &dark;
}

static double linear(unsigned c)
{
    double x = c / 255.0;
    return x <= 0.04045 ? x / 12.92 : pow((x + 0.055) / 1.055, 2.4);
}

double colour_luminance(u32 c)
{
    return 0.2126 * linear(c >> 16 & 255) + 0.7152 * linear(c >> 8 & 255) +
           0.0722 * linear(c & 255);
}

double colour_contrast(u32 a, u32 b)
{
    double x = colour_luminance(a) + 0.05, y = colour_luminance(b) + 0.05;
    return x > y ? x / y : y / x;
}

u32 colour_mix(u32 a, u32 b, unsigned t)
{
    u32 out = 0;
    for (unsigned s = 0; s < 24; s += 8)
        out |= ((a >> s & 255) * (256 - t) + (b >> s & 255) * t) / 256 << s;
    return out;
}

u32 colour_strong(u32 under)
{
    bool white = colour_contrast(under, 0xffffff) >= colour_contrast(under, 0);
    return white ? 0xffffff : 0;
}

u32 colour_glyph(u32 under)
{
    u32 over = colour_strong(under);
    for (unsigned t = 64; t < 256; t += 16) {
        u32 c = colour_mix(under, over, t);
        if (colour_contrast(c, under) >= 3.5)
            return c;
    }
    return over;
}

/* Polynomials of degree 5 fitted to the published table. */
u32 colour_cividis(unsigned t256)
{
    static const double k[3][6] = {
        {-4.54, -35.34, 2381.73, -6402.70, 7024.72, -2710.57},
        {32.49, 170.73, 52.82, -131.46, 176.58, -67.37},
        {81.24, 442.36, -2482.43, 6167.24, -6614.94, 2475.67},
    };
    double t = t256 > 256 ? 1 : t256 / 256.0;
    u32 out = 0;
    for (unsigned i = 0; i < 3; i++) {
        double v = 0;
        for (int j = 5; j >= 0; j--)
            v = v * t + k[i][j];
        out = out << 8 | (v < 0 ? 0u : v > 255 ? 255u : (u32)(v + 0.5));
    }
    return out;
}
