/* SPDX-License-Identifier: MIT */
/* Writes a picture as a PNG file. The PNG's own text "Panel" repeats all text
 * of the picture, for tests, for searches and for people who cannot see it.
 * Each text is a line `x y w h TEXT`, in pixels from the top left. */
#include "panel/window/screenshot.h"

#include "base/whole.h"

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

static void on_png_warning(UNUSED png_structp png, UNUSED png_const_charp text)
{
}

/* Returns the texts of which a part is inside their clip, in one allocation. */
static char *texts_of(const struct fb_log *log)
{
    char *texts = NULL;
    size_t n;
    FILE *f = open_memstream(&texts, &n);
    if (!f)
        die("picture", "out of memory");
    for (unsigned i = 0; i < log->n; i++) {
        const struct fb_text_record *t = &log->rec[i];
        if (rect_cut(t->at, t->clip).w)
            fprintf(f, "%d %d %d %d %s\n", t->at.x, t->at.y, t->at.w, t->at.h,
                    t->text);
    }
    fclose(f);
    return texts;
}

static void write_texts(png_structp png, png_infop info, char *texts)
{
    char key[] = "Panel", language[] = "en", again[] = "Panel";
    png_text t = {.compression = PNG_ITXT_COMPRESSION_NONE,
                  .key = key,
                  .text = texts,
                  .itxt_length = strlen(texts),
                  .lang = language,
                  .lang_key = again};
    png_set_text(png, info, &t, 1);
}

static bool encode(const struct fb *fb, FILE *f, u8 *row, char *texts,
                   char why[80])
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
    png_set_filter(png, 0, PNG_FILTER_NONE); /* best for flat areas */
    if (texts)
        write_texts(png, info, texts);
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
    struct whole w;
    if (!whole_open(&w, path)) {
        snprintf(err, n, "%s", strerror(errno));
        return false;
    }
    char why[80] = "";
    u8 *row = xcalloc((size_t)fb->w, 3);
    char *texts = fb->log ? texts_of(fb->log) : NULL;
    bool ok = encode(fb, w.f, row, texts, why);
    free(texts);
    free(row);
    if (!ok && !ferror(w.f)) {
        whole_drop(&w);
        snprintf(err, n, "%s", why);
        return false;
    }
    ok = whole_close(&w); /* libpng says "Write Error", and not why */
    if (!ok)
        snprintf(err, n, "cannot be written: %s", strerror(errno));
    return ok;
}
