/* SPDX-License-Identifier: MIT */
/* Draws arrows; see arrow.h. The shaft is painted column by column, or row by
 * row if it is steep; the head is a triangle. A pixel that the arrow covers in
 * part is mixed with the background in that proportion. */
#include "panel/draw/arrow.h"

#include <math.h>

static void plot(struct fb *fb, int x, int y, u32 colour, double cover)
{
    if (cover <= 0 || !rect_has(fb->clip, x, y))
        return;
    u32 *p = fb->px + (size_t)y * (size_t)fb->w + x;
    *p = fb_mix(*p, colour, cover >= 1 ? 255 : (unsigned)(cover * 255));
}

static void arrow_shaft(struct fb *fb, const struct arrow *a, double back,
                        double width, u32 colour)
{
    double dx = a->x1 - a->x0, dy = a->y1 - a->y0, length = hypot(dx, dy);
    double part = length > back ? 1 - back / length : 0;
    bool steep = fabs(dy) > fabs(dx);
    double u0 = steep ? a->y0 : a->x0, v0 = steep ? a->x0 : a->y0;
    double du = (steep ? dy : dx) * part, dv = (steep ? dx : dy) * part;
    if (fabs(du) < 1)
        return;
    double slope = dv / du, half = width / 2 * sqrt(1 + slope * slope);
    double first = du > 0 ? u0 : u0 + du, last = du > 0 ? u0 + du : u0;
    double dash = a->dash / sqrt(1 + slope * slope);
    for (int u = (int)floor(first); u < last; u++) {
        if (dash > 0 && (int)(fabs(u - u0) / dash) % 2)
            continue;
        double mid = v0 + slope * (u + .5 - u0);
        for (int v = (int)floor(mid - half); v < mid + half; v++) {
            double cover = fmin(mid + half, v + 1) - fmax(mid - half, v);
            plot(fb, steep ? v : u, steep ? u : v, colour, cover);
        }
    }
}

static double head_length(const struct arrow *a)
{
    return 4 * a->width + 2;
}

/* Paints the head, `more` pixels larger on all sides. */
static void arrow_head(struct fb *fb, const struct arrow *a, double more,
                       u32 colour)
{
    double dx = a->x1 - a->x0, dy = a->y1 - a->y0, length = hypot(dx, dy);
    double l = head_length(a), half = l * .55, slope = half / l;
    double ux = dx / length, uy = dy / length;
    int reach = (int)(l + 2 * more) + 2;
    for (int y = (int)a->y1 - reach; y <= (int)a->y1 + reach; y++)
        for (int x = (int)a->x1 - reach; x <= (int)a->x1 + reach; x++) {
            double px = x + .5 - a->x1, py = y + .5 - a->y1;
            double back = -(px * ux + py * uy), side = fabs(px * uy - py * ux);
            double in = (slope * back - side) / sqrt(1 + slope * slope) + more;
            double base = l - back + more;
            plot(fb, x, y, colour, fmin(in, base) + .5);
        }
}

/* Draws a terminal's arrow right (bent if the rows differ), or up or down. */
static void arrow_of_cells(struct fb *fb, const struct arrow *a)
{
    enum { ACROSS = 0x2500, DOWN = 0x2502 };
    static const u32 bend[2][2] = {{0x2510, 0x2514}, {0x2518, 0x250c}};
    int x = (int)a->x0, y = (int)a->y0 / 2, end = (int)a->x1;
    int last = (int)a->y1 / 2, bend_at = end - 2 > x ? end - 2 : x, i = 0;
    if (x == end) { /* straight down or up */
        int step = last < y ? -1 : 1;
        for (y -= step < 0; y != last; y += step)
            fb_code(fb, x, 2 * y, a->colour, DOWN, false);
        fb_code(fb, x, 2 * y, a->colour, step < 0 ? 0x2191 : 0x2193, false);
        return;
    }
    for (; x < end; x++, i++) {
        bool up = last < y, bends = x == bend_at && y != last;
        if (!a->dash || i % 2 == 0 || bends)
            fb_code(fb, x, 2 * y, a->colour, bends ? bend[up][0] : ACROSS,
                    false);
        if (!bends)
            continue;
        for (y += up ? -1 : 1; y != last; y += up ? -1 : 1)
            fb_code(fb, x, 2 * y, a->colour, DOWN, false);
        fb_code(fb, x, 2 * y, a->colour, bend[up][1], false);
    }
    fb_code(fb, x, 2 * y, a->colour, 0x2192, false);
}

void draw_arrow(struct fb *fb, const struct arrow *a)
{
    double length = hypot(a->x1 - a->x0, a->y1 - a->y0);
    double back = head_length(a) * .8;
    if (fb->cell) {
        arrow_of_cells(fb, a);
        return;
    }
    if (length < 2)
        return;
    if (a->edge > 0) {
        arrow_shaft(fb, a, back, a->width + 2 * a->edge, a->edge_colour);
        arrow_head(fb, a, a->edge, a->edge_colour);
    }
    arrow_shaft(fb, a, back, a->width, a->colour);
    arrow_head(fb, a, 0, a->colour);
}

/* Returns the t at which r's middle + t * (dx, dy) lies on r's edge. */
static double within(struct rect r, double dx, double dy)
{
    double x = dx != 0 ? r.w / 2.0 / fabs(dx) : 1;
    double y = dy != 0 ? r.h / 2.0 / fabs(dy) : 1;
    return fmin(x, y);
}

bool arrow_between(struct rect from, struct rect to, struct arrow *a)
{
    double x0 = from.x + from.w / 2.0, y0 = from.y + from.h / 2.0;
    double x1 = to.x + to.w / 2.0, y1 = to.y + to.h / 2.0;
    double dx = x1 - x0, dy = y1 - y0;
    double tail = within(from, dx, dy), tip = 1 - within(to, dx, dy);
    if (tail >= tip || hypot(dx, dy) * (tip - tail) < 2)
        return false;
    a->x0 = x0 + dx * tail;
    a->y0 = y0 + dy * tail;
    a->x1 = x0 + dx * tip;
    a->y1 = y0 + dy * tip;
    return true;
}
