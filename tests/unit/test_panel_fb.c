/* SPDX-License-Identifier: MIT */
// rooms: panel base
/* The six primitives: what they write, and that nothing is written outside
 * the clip, wherever they are asked to draw. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "panel/fb.h"

#define SIDE 40
static const struct rect inner = {7, 9, 20, 16};
enum { BACK = 0xff123456u, INK = 0xff00ff80u };

static struct fb fresh(void)
{
    struct fb fb;
    fb_init(&fb, SIDE, SIDE);
    fb_fill(&fb, fb.clip, BACK);
    fb_clip(&fb, inner);
    return fb;
}

static u32 at(const struct fb *fb, int x, int y)
{
    return fb->px[y * fb->w + x];
}

static unsigned count(const struct fb *fb, bool inside)
{
    unsigned n = 0;
    for (int y = 0; y < fb->h; y++)
        for (int x = 0; x < fb->w; x++)
            n += at(fb, x, y) != BACK && rect_has(inner, x, y) == inside;
    return n;
}

/* Each primitive at every offset around and across the clip. */
static void nothing_leaves_the_clip(void **state)
{
    (void)state;
    u32 tile[11 * 5];
    for (unsigned i = 0; i < ARRAY_LEN(tile); i++)
        tile[i] = INK;
    for (unsigned which = 0; which < 6; which++)
        for (int y = -30; y < SIDE + 10; y += 3)
            for (int x = -30; x < SIDE + 10; x += 3) {
                struct fb fb = fresh();
                struct rect r = {x, y, 11, 5};
                switch (which) {
                case 0:
                    fb_fill(&fb, r, INK);
                    break;
                case 1:
                    fb_frame(&fb, r, INK);
                    break;
                case 2:
                    fb_line(&fb, x, y, x + 25, y + 13, INK);
                    break;
                case 3:
                    fb_shade(&fb, r, INK, 128);
                    break;
                case 4:
                    fb_copy(&fb, x, y, tile, 11, 5);
                    break;
                default:
                    fb_text(&fb, &font_regular[0], x, y, INK, "Wq#");
                    break;
                }
                assert_int_equal(count(&fb, false), 0);
                struct rect both = rect_cut(r, inner);
                if (which == 0 || which == 4)
                    assert_int_equal(count(&fb, true), both.w * both.h);
                fb_free(&fb);
            }
}

static void a_clip_beyond_the_picture_is_cut(void **state)
{
    (void)state;
    struct fb fb = fresh();
    fb_clip(&fb, (struct rect){-100, -100, 1000, 1000});
    fb_fill(&fb, (struct rect){-50, -50, 500, 500}, INK);
    for (int i = 0; i < SIDE * SIDE; i++)
        assert_int_equal(fb.px[i], INK);
    fb_clip(&fb, (struct rect){60, 60, 5, 5});
    fb_fill(&fb, (struct rect){0, 0, SIDE, SIDE}, BACK);
    assert_int_equal(at(&fb, 0, 0), INK);
    fb_free(&fb);
}

static void frame_line_shade(void **state)
{
    (void)state;
    struct fb fb = fresh();
    fb_frame(&fb, (struct rect){10, 12, 6, 5}, INK);
    assert_int_equal(count(&fb, true), 2 * 6 + 2 * 3);
    assert_int_equal(at(&fb, 12, 14), BACK);
    fb_free(&fb);
    fb = fresh();
    fb_line(&fb, 10, 10, 20, 20, INK);
    for (int i = 10; i <= 20; i++)
        assert_int_equal(at(&fb, i, i), INK);
    assert_int_equal(count(&fb, true), 11);
    fb_free(&fb);
    fb = fresh();
    fb_shade(&fb, (struct rect){10, 10, 1, 1}, 0xffffff, 255);
    fb_shade(&fb, (struct rect){11, 10, 1, 1}, 0xffffff, 0);
    fb_shade(&fb, (struct rect){12, 10, 1, 1}, 0xffffff, 128);
    assert_int_equal(at(&fb, 10, 10), 0xffffffffu);
    assert_int_equal(at(&fb, 11, 10), BACK);
    assert_int_equal(at(&fb, 12, 10), 0xff899aabu);
    fb_free(&fb);
}

/* Drawn pixels are exactly the font's bits, in every size and both weights. */
static void text_is_the_font(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2 * FONT_SIZES; i++) {
        const struct font *f =
            i < FONT_SIZES ? &font_regular[i] : &font_bold[i - FONT_SIZES];
        struct fb fb;
        fb_init(&fb, 4 * f->width, f->height);
        int end = fb_text(&fb, f, 0, 0, INK, "Ak→");
        assert_int_equal(end, 3 * f->width);
        static const unsigned codes[] = {'A', 'k', 0x2192};
        for (int y = 0; y < fb.h; y++)
            for (int x = 0; x < end; x++) {
                const u16 *rows = font_glyph(f, codes[x / f->width]);
                bool ink = rows[y] >> (15 - x % f->width) & 1;
                assert_int_equal(at(&fb, x, y) == INK, ink);
            }
        fb_free(&fb);
        assert_int_equal(font_regular[i % FONT_SIZES].height, f->height);
        if (i && i != FONT_SIZES)
            assert_true(f->height > (f - 1)->height);
    }
}

/* Each printing character has ink, and no two look alike. */
static void fonts_are_whole(void **state)
{
    (void)state;
    for (unsigned s = 0; s < FONT_SIZES; s++) {
        const struct font *f = &font_regular[s];
        for (unsigned a = '!'; a < 0x7f; a++)
            for (unsigned b = ' '; b < a; b++)
                assert_memory_not_equal(font_glyph(f, a), font_glyph(f, b),
                                        f->height * sizeof(u16));
    }
}

static void malformed_utf8(void **state)
{
    (void)state;
    static const char *const bad[] = {"\xff", "\xc3", "\xe2\x86", "a\x80z",
                                      "\xf0\x9f\x98\x80"};
    static const int columns[] = {1, 1, 2, 3, 4};
    for (unsigned i = 0; i < ARRAY_LEN(bad); i++) {
        struct fb fb = fresh();
        assert_int_equal(text_columns(bad[i]), columns[i]);
        assert_int_equal(fb_text(&fb, &font_regular[0], 8, 10, INK, bad[i]),
                         8 + columns[i] * font_regular[0].width);
        fb_free(&fb);
    }
    assert_int_equal(text_columns("µ → é"), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_leaves_the_clip),
        cmocka_unit_test(a_clip_beyond_the_picture_is_cut),
        cmocka_unit_test(frame_line_shade),
        cmocka_unit_test(text_is_the_font),
        cmocka_unit_test(fonts_are_whole),
        cmocka_unit_test(malformed_utf8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
