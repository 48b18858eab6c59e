/* SPDX-License-Identifier: MIT */
/* Pictures: the panel drawn into memory and written as PNG. No SDL, no
 * display. */
#include "panel/panel.h"

#include "panel/draw.h"
#include "panel/png.h"

#include <errno.h>
#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

static void on_png_error(png_structp png, png_const_charp message)
{
    char *why = png_get_error_ptr(png);
    snprintf(why, 80, "%s", message);
    png_longjmp(png, 1);
}

static void on_png_warning(png_structp png, png_const_charp message)
{
    (void)png;
    (void)message;
}

static bool encode(const struct fb *fb, FILE *f, u8 *row, char why[80])
{
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, why,
                                              on_png_error, on_png_warning);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    if (!info) {
        png_destroy_write_struct(&png, NULL);
        snprintf(why, 80, "out of memory");
        return false;
    }
    if (setjmp(png_jmpbuf(png))) {
        png_destroy_write_struct(&png, &info);
        return false;
    }
    png_init_io(png, f);
    png_set_IHDR(png, info, (png_uint_32)fb->w, (png_uint_32)fb->h, 8,
                 PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_filter(png, 0, PNG_FILTER_NONE); /* flat areas pack best so */
    png_write_info(png, info);
    for (int y = 0; y < fb->h; y++) {
        const u32 *p = fb->px + (size_t)y * (size_t)fb->w;
        for (int x = 0; x < fb->w; x++) {
            row[3 * x] = (u8)(p[x] >> 16);
            row[3 * x + 1] = (u8)(p[x] >> 8);
            row[3 * x + 2] = (u8)p[x];
        }
        png_write_row(png, row);
    }
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    return true;
}

bool png_write(const struct fb *fb, const char *path, char *err, size_t n)
{
    FILE *f = fopen(path, "wb");
    if (!f) {
        snprintf(err, n, "%s", strerror(errno));
        return false;
    }
    char why[80] = "cannot be written";
    u8 *row = xcalloc((size_t)fb->w, 3);
    bool ok = encode(fb, f, row, why);
    free(row);
    if (fclose(f) && ok) {
        snprintf(why, sizeof why, "%s", strerror(errno));
        ok = false;
    }
    if (!ok)
        snprintf(err, n, "%s", why);
    return ok;
}

bool panel_screenshot(const struct ins_display *d, const struct config *c,
                      const char *path, char *err, size_t n)
{
    struct fb fb;
    struct view *v = view_new(c->light);
    fb_init(&fb, PANEL_WIDTH, PANEL_HEIGHT);
    history_of(&v->history, d);
    if (d->selected_valid && d->selected.pfn != d->caption_pfn)
        v->pinned = (s64)d->selected.pfn;
    panel_draw(&fb, d, v);
    bool ok = png_write(&fb, path, err, n);
    view_free(v);
    fb_free(&fb);
    return ok;
}
