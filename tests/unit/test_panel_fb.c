/* SPDX-License-Identifier: MIT */
// rooms: panel base
/* Tests that the five primitives draw the right pixels, none of them outside
 * the clip; text in every face and size; a terminal's characters. */
#include "unit.h"

#include "panel/draw/fb.h"

#define SIDE 40
static const struct rect inner = {7, 9, 20, 16};
enum { BACK = 0xff123456u, INK = 0xff00ff80u };
enum { LARGEST = 50 }; /* pixels of the panel's largest em */

static struct fonts *fonts;
static struct font *face(enum face f, int px)
{
    return fonts_get(fonts, f, px);
}

static void free_fonts(struct fonts **f)
{
    fonts_free(*f);
}

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

/* Draws with each primitive at offsets around and across the clip. */
TEST(nothing_leaves_the_clip)
{
    u32 tile[11 * 5];
    for (unsigned i = 0; i < ARRAY_LEN(tile); i++)
        tile[i] = INK;
    for (unsigned which = 0; which < 5; which++)
        for (int y = -30; y < SIDE + 10; y += 3)
            for (int x = -30; x < SIDE + 10; x += 3) {
                struct fb fb FREED_BY(fb_free) = fresh();
                struct rect r = {x, y, 11, 5};
                switch (which) {
                case 0:
                    fb_fill(&fb, r, INK);
                    break;
                case 1:
                    fb_frame(&fb, r, INK);
                    break;
                case 2:
                    fb_shade(&fb, r, INK, 128);
                    break;
                case 3:
                    fb_copy(&fb, x, y, tile, 11, 5);
                    break;
                default:
                    fb_text(&fb, face(FACE_BOLD, 13), x, y, INK, "Wqj#");
                    break;
                }
                assert_int_equal(count(&fb, false), 0);
                struct rect both = rect_cut(r, inner);
                if (which == 0 || which == 3)
                    assert_int_equal(count(&fb, true), both.w * both.h);
            }
}

TEST(a_clip_beyond_the_picture_is_cut)
{
    struct fb fb FREED_BY(fb_free) = fresh();
    fb_clip(&fb, (struct rect){-100, -100, 1000, 1000});
    fb_fill(&fb, (struct rect){-50, -50, 500, 500}, INK);
    for (int i = 0; i < SIDE * SIDE; i++)
        assert_int_equal(fb.px[i], INK);
    fb_clip(&fb, (struct rect){60, 60, 5, 5});
    fb_fill(&fb, (struct rect){0, 0, SIDE, SIDE}, BACK);
    assert_int_equal(at(&fb, 0, 0), INK);
}

TEST(frame_and_shade)
{
    struct fb fb = fresh();
    fb_frame(&fb, (struct rect){10, 12, 6, 5}, INK);
    assert_int_equal(count(&fb, true), 2 * 6 + 2 * 3);
    assert_int_equal(at(&fb, 12, 14), BACK);
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

/* Returns a picture of one row of text; sets *end to the column after it. */
static struct fb written(struct font *f, const char *text, int *end)
{
    struct fb fb;
    fb_init(&fb, font_width(f, text) + 2 * f->px, f->height + 4);
    fb_fill(&fb, fb.clip, 0);
    *end = fb_text(&fb, f, f->px, 2, 0xffffff, text);
    return fb;
}

/* Returns a row's ink: the sum of its grey levels. */
static unsigned ink(const struct fb *fb, int y)
{
    unsigned sum = 0;
    for (int x = 0; x < fb->w; x++)
        sum += at(fb, x, y) & 255;
    return sum;
}

/* At all sizes letters stand on a whole pixel: a letter that ends at the base
 * has all of its ink above, in full strength, and nothing in the row below; and
 * capitals, digits and small letters share that base. */
TEST(letters_stand_on_whole_pixels)
{
    for (enum face f = 0; f < FACES; f++)
        for (int px = 10; px <= LARGEST; px++) {
            struct font *font = face(f, px);
            static const char *const flat[] = {"H", "E", "n", "1", "x", "FTI"};
            for (unsigned i = 0; i < ARRAY_LEN(flat); i++) {
                int end, base = 2 + font->ascent;
                struct fb fb FREED_BY(fb_free) = written(font, flat[i], &end);
                if (ink(&fb, base) || ink(&fb, base - 1) < 200)
                    fail_msg("%s of face %u, %d px: ink of %u on the base, "
                             "%u below",
                             flat[i], f, px, ink(&fb, base - 1),
                             ink(&fb, base));
            }
        }
}

/* The bar of a T begins with a strong row: no grey row lies above it. */
TEST(bars_are_sharp)
{
    for (enum face f = 0; f < FACES; f++)
        for (int px = 10; px <= LARGEST; px++) {
            int end, top = 0;
            struct fb fb FREED_BY(fb_free) = written(face(f, px), "T", &end);
            while (!ink(&fb, top))
                top++;
            int strongest = 0;
            for (int x = 0; x < fb.w; x++)
                if ((int)(at(&fb, x, top) & 255) > strongest)
                    strongest = at(&fb, x, top) & 255;
            if (strongest < 200)
                fail_msg("face %u, %d px: the bar begins with %d", f, px,
                         strongest);
        }
}

/* A text has the pixels of its glyphs drawn singly: a glyph's neighbours do not
 * change it. */
TEST(text_is_its_glyphs)
{
    for (enum face f = 0; f < FACES; f++)
        for (int px = 9; px <= 40; px += 3) {
            struct font *font = face(f, px);
            struct fb one, two;
            fb_init(&one, 40 * px, font->height);
            fb_init(&two, 40 * px, font->height);
            int x = 7, end = fb_text(&one, font, x, 0, INK, "Ak→µj 09");
            static const char *const each[] = {"A", "k", "→", "µ",
                                               "j", " ", "0", "9"};
            for (unsigned i = 0; i < ARRAY_LEN(each); i++)
                x = fb_text(&two, font, x, 0, INK, each[i]);
            assert_int_equal(x, end);
            assert_int_equal(end - 7, font_width(font, "Ak→µj 09"));
            assert_memory_equal(one.px, two.px,
                                (size_t)one.w * (size_t)one.h * 4);
            fb_free(&one);
            fb_free(&two);
        }
}

/* A glyph lies within its font's height, and at most 1 + px / 8 pixels outside
 * its advance, so that texts which lie apart do not touch. */
TEST(glyphs_keep_to_their_place)
{
    for (enum face f = 0; f < FACES; f++)
        for (int px = 9; px <= 64; px++) {
            struct font *font = face(f, px);
            int slack = 1 + px / 8;
            for (unsigned c = ' '; c < 0x7f; c++) {
                const struct glyph *g = font_glyph(font, c);
                if (g->top > font->ascent ||
                    g->h - g->top > font->height - font->ascent)
                    fail_msg("U+%04x of face %u, %d px: too high", c, f, px);
                if (g->left < -slack || g->left + g->w > g->advance + slack)
                    fail_msg("U+%04x of face %u, %d px: too wide", c, f, px);
            }
        }
}

TEST(widths_are_steady)
{
    for (int px = 9; px <= 64; px++) {
        struct font *mono = face(FACE_MONO, px);
        for (unsigned c = ' '; c < 0x7f; c++)
            assert_int_equal(font_glyph(mono, c)->advance, mono->digit);
        for (enum face f = 0; f < FACES; f++) {
            struct font *font = face(f, px);
            for (char c = '0'; c <= '9'; c++)
                assert_int_equal(font_glyph(font, (u8)c)->advance, font->digit);
            assert_true(font->height >= px && font->height <= px * 13 / 10 + 2);
            assert_true(font->ascent > font->height / 2);
        }
        struct font *sans = face(FACE_SANS, px);
        assert_true(font_width(sans, "iiii") < font_width(sans, "mmmm"));
        assert_int_equal(font_width(sans, ""), 0);
    }
    assert_ptr_equal(face(FACE_SANS, 13), face(FACE_SANS, 13));
    assert_ptr_equal(face(FACE_SANS, 2), face(FACE_SANS, 6));
    assert_ptr_equal(face(FACE_SANS, 900), face(FACE_SANS, 200));
}

/* Printing characters have ink, and none looks like another one of ASCII. */
TEST(fonts_are_whole)
{
    static const unsigned more[] = {0xb5,   0xb7,   0xd7,  0xe9,
                                    0x2013, 0x2026, 0x2192};
    for (enum face f = 0; f < FACES; f++)
        for (int px = 10; px <= 40; px += 5) {
            struct font *font = face(f, px);
            const struct glyph *none = font_glyph(font, 0xfffe);
            for (unsigned a = '!'; a < 0x7f + ARRAY_LEN(more); a++) {
                unsigned c = a < 0x7f ? a : more[a - 0x7f];
                const struct glyph *g = font_glyph(font, c);
                assert_true(g->w > 0 && g->h > 0 && g->advance > 0);
                if (c != '?') /* '?' stands for a missing glyph */
                    assert_false(g->w == none->w && g->h == none->h &&
                                 !memcmp(g->grey, none->grey,
                                         (size_t)g->w * (size_t)g->h));
                for (unsigned b = '!'; b < 0x7f && b < a; b++) {
                    const struct glyph *o = font_glyph(font, b);
                    if (g->w == o->w && g->h == o->h && g->top == o->top &&
                        !memcmp(g->grey, o->grey, (size_t)g->w * (size_t)g->h))
                        fail_msg("U+%04x looks like %c, %d px", c, b, px);
                }
            }
        }
}

TEST(malformed_utf8)
{
    static const struct {
        const char *text, *as;
    } bad[] = {{"\xff", "?"},
               {"\xc3", "?"},
               {"\xe2\x86", "??"},
               {"a\x80z", "a?z"},
               {"\xf0\x9f\x98\x80", "????"},
               {"\xc3Z", "?Z"},
               {"\xe2\x86Z", "??Z"}};
    struct font *f = face(FACE_SANS, 13);
    for (unsigned i = 0; i < ARRAY_LEN(bad); i++) {
        int one, two;
        struct fb a FREED_BY(fb_free) = written(f, bad[i].text, &one);
        struct fb b FREED_BY(fb_free) = written(f, bad[i].as, &two);
        assert_int_equal(font_width(f, bad[i].text), font_width(f, bad[i].as));
        assert_int_equal(one, two);
        assert_memory_equal(a.px, b.px, (size_t)a.w * (size_t)a.h * 4);
    }
    const char *s = "é→";
    assert_int_equal(utf8_next(&s), 0xe9);
    assert_int_equal(utf8_next(&s), 0x2192);
    assert_int_equal(*s, 0);
}

/* The log has each text, its place and its clip. It lacks blanks, which hide
 * nothing, and texts for which it has no room. */
TEST(the_log_of_texts)
{
    struct fb_text_record rec[2];
    struct fb_log log = {0, ARRAY_LEN(rec), rec};
    struct fb fb FREED_BY(fb_free) = fresh();
    struct font *f = face(FACE_SANS, 13);
    fb.log = &log;
    fb_text(&fb, f, 8, 10, INK, "  ");
    assert_int_equal(log.n, 0);
    int end = fb_text(&fb, f, 8, 10, INK, "ab");
    assert_int_equal(log.n, 1);
    assert_string_equal(rec[0].text, "ab");
    struct rect whole = {8, 10, end - 8, f->height};
    assert_memory_equal(&rec[0].at, &whole, sizeof whole);
    assert_memory_equal(&rec[0].clip, &inner, sizeof inner);
    for (int i = 0; i < 4; i++)
        fb_text(&fb, f, 8, 10, INK, "more");
    assert_int_equal(log.n, 2);
}

/* In a terminal, text puts characters into cells, only within the clip. A fill
 * of a whole cell removes its character; a mark or a fill of half keeps it. */
TEST(characters_of_a_terminal)
{
    struct fonts *cells FREED_BY(free_fonts) = fonts_new();
    struct fb fb FREED_BY(fb_free);
    fonts_in_cells(cells);
    struct font *f = fonts_get(cells, FACE_BOLD, 33);
    assert_int_equal(font_width(f, "a→b"), 3);
    for (int letters = 0; letters < 2; letters++) {
        fb_init_cells(&fb, 10, 4, letters);
        struct fb_cell *c = fb.cell + 10; /* the second row */
        fb_clip(&fb, (struct rect){0, 0, 3, 8});
        assert_int_equal(fb_text(&fb, f, 1, 2, INK, "→\033xy"), 5);
        assert_int_equal(c[1].code, 0x2192);
        assert_int_equal(c[1].ink, INK);
        assert_int_equal(c[2].code, '?');
        assert_int_equal(c[3].code, 0);
        fb_fill(&fb, (struct rect){0, 3, 10, 2}, BACK);
        assert_int_equal(c[1].code, 0x2192);
        assert_int_equal(fb.px[3 * 10 + 1], BACK);
        fb_mark(&fb, (struct rect){1, 2, 1, 2}, INK);
        assert_true(c[1].mark && c[1].code == 0x2192);
        assert_int_equal(fb.px[2 * 10 + 1], INK);
        fb_fill(&fb, (struct rect){1, 2, 1, 2}, BACK);
        assert_true(!c[1].mark && !c[1].code && c[2].code);
        fb_frame(&fb, (struct rect){0, 0, 3, 8}, INK);
        assert_int_equal(fb.px[2 * 10 + 1], BACK);
        fb_glyph(&fb, (struct rect){0, 2, 2, 1}, 'k');
        assert_int_equal(c[1].code, letters ? 'k' : 0);
        if (!letters)
            fb_free(&fb);
    }
}

BEFORE_ALL
{
    fonts = fonts_new();
}

AFTER_ALL
{
    fonts_free(fonts);
}
