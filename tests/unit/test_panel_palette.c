/* SPDX-License-Identifier: MIT */
// rooms: panel base
/* Checks the palettes with figures that are computed here from the standards,
 * not by the panel: CIEDE2000 (Sharma, Wu, Dalal 2005), colour blindness by
 * Machado, Oliveira, Fernandes 2009 at full severity, contrast by WCAG. */

#include <math.h>

#include "unit.h"

#include "panel/draw/palette.h"

struct rgb {
    double r, g, b;
};
struct lab {
    double l, a, b;
};

static double linear(unsigned byte)
{
    double c = byte / 255.0;
    return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

static struct rgb linear_of(u32 c)
{
    return (struct rgb){linear(c >> 16 & 255), linear(c >> 8 & 255),
                        linear(c & 255)};
}

static double luminance(u32 c)
{
    struct rgb x = linear_of(c);
    return 0.2126 * x.r + 0.7152 * x.g + 0.0722 * x.b;
}

static double contrast(u32 a, u32 b)
{
    double x = luminance(a) + 0.05, y = luminance(b) + 0.05;
    return x > y ? x / y : y / x;
}

static double lab_f(double t)
{
    return t > 216.0 / 24389 ? cbrt(t) : (24389.0 / 27 * t + 16) / 116;
}

/* Converts linear sRGB, white D65, to CIE L*a*b*. */
static struct lab lab_of(struct rgb c)
{
    double x = .4124564 * c.r + .3575761 * c.g + .1804375 * c.b;
    double y = .2126729 * c.r + .7151522 * c.g + .0721750 * c.b;
    double z = .0193339 * c.r + .1191920 * c.g + .9503041 * c.b;
    double fx = lab_f(x / .95047), fy = lab_f(y), fz = lab_f(z / 1.08883);
    return (struct lab){116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)};
}

static double hue(double a, double b)
{
    double h = a == 0 && b == 0 ? 0 : atan2(b, a) * 180 / M_PI;
    return h < 0 ? h + 360 : h;
}

static double mean_hue(double c, double h1, double h2)
{
    if (c == 0)
        return h1 + h2;
    if (fabs(h1 - h2) <= 180)
        return (h1 + h2) / 2;
    return h1 + h2 < 360 ? (h1 + h2 + 360) / 2 : (h1 + h2 - 360) / 2;
}

static double ciede2000(struct lab p, struct lab q)
{
    const double rad = M_PI / 180, k7 = pow(25, 7);
    double cm = (hypot(p.a, p.b) + hypot(q.a, q.b)) / 2;
    double g = .5 * (1 - sqrt(pow(cm, 7) / (pow(cm, 7) + k7)));
    double a1 = (1 + g) * p.a, a2 = (1 + g) * q.a;
    double c1 = hypot(a1, p.b), c2 = hypot(a2, q.b);
    double h1 = hue(a1, p.b), h2 = hue(a2, q.b), dh = h2 - h1;
    if (c1 * c2 == 0)
        dh = 0;
    else if (dh > 180)
        dh -= 360;
    else if (dh < -180)
        dh += 360;
    double dl = q.l - p.l, dc = c2 - c1;
    double dhh = 2 * sqrt(c1 * c2) * sin(dh / 2 * rad);
    double l = (p.l + q.l) / 2, c = (c1 + c2) / 2;
    double h = mean_hue(c1 * c2, h1, h2);
    double t = 1 - .17 * cos((h - 30) * rad) + .24 * cos(2 * h * rad) +
               .32 * cos((3 * h + 6) * rad) - .20 * cos((4 * h - 63) * rad);
    double l50 = (l - 50) * (l - 50);
    double sl = 1 + .015 * l50 / sqrt(20 + l50);
    double sc = 1 + .045 * c, sh = 1 + .015 * c * t;
    double rc = 2 * sqrt(pow(c, 7) / (pow(c, 7) + k7));
    double rt = -sin(60 * exp(-pow((h - 275) / 25, 2)) * rad) * rc;
    double x = dl / sl, y = dc / sc, z = dhh / sh;
    return sqrt(x * x + y * y + z * z + rt * y * z);
}

enum { NORMAL, PROTAN, DEUTAN, TRITAN, SIGHTS };

static double clamp(double x)
{
    return x < 0 ? 0 : x > 1 ? 1 : x;
}

static struct lab seen(u32 colour, int sight)
{
    static const double m[SIGHTS][9] = {
        {1, 0, 0, 0, 1, 0, 0, 0, 1},
        {0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882,
         -0.048116, 1.051998},
        {0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820,
         0.042940, 0.968881},
        {1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602,
         0.004733, 0.691367, 0.303900},
    };
    struct rgb c = linear_of(colour);
    const double *k = m[sight];
    return lab_of((struct rgb){clamp(k[0] * c.r + k[1] * c.g + k[2] * c.b),
                               clamp(k[3] * c.r + k[4] * c.g + k[5] * c.b),
                               clamp(k[6] * c.r + k[7] * c.g + k[8] * c.b)});
}

static double distance(u32 a, u32 b, int sight)
{
    return ciede2000(seen(a, sight), seen(b, sight));
}

/* ciede2000() agrees with pairs published with the formula. */
TEST(ciede2000_is_right)
{
    static const struct {
        struct lab p, q;
        double d;
    } pairs[] = {
        {{50, 2.6772, -79.7751}, {50, 0, -82.7485}, 2.0425},
        {{50, -1.3802, -84.2814}, {50, 0, -82.7485}, 1.0000},
        {{50, 2.5, 0}, {50, 0, -2.5}, 4.3065},
        {{50, 2.5, 0}, {73, 25, -18}, 27.1492},
        {{50, 2.5, 0}, {58, 24, 15}, 19.4535},
        {{60.2574, -34.0099, 36.2677}, {60.4626, -34.1751, 39.4387}, 1.2644},
        {{22.7233, 20.0904, -46.6940}, {23.0331, 14.9730, -42.5619}, 2.0373},
        {{90.9257, -0.5406, -0.9208}, {88.6381, -0.8985, -0.7239}, 1.5381},
        {{2.0776, 0.0795, -1.1350}, {0.9033, -0.0636, -0.5514}, 0.9082},
    };
    for (unsigned i = 0; i < ARRAY_LEN(pairs); i++)
        assert_true(fabs(ciede2000(pairs[i].p, pairs[i].q) - pairs[i].d) <
                    1e-4);
}

static void kinds_are_apart(bool light)
{
    const struct theme *t = theme_get(light);
    double worst[SIGHTS] = {99, 99, 99, 99};
    for (unsigned a = 0; a < FS_COUNT; a++)
        for (unsigned b = 0; b < a; b++)
            for (int s = 0; s < SIGHTS; s++)
                worst[s] =
                    fmin(worst[s], distance(t->kind[a][1], t->kind[b][1], s));
    print_message("%s: worst pair %.1f, protan %.1f deutan %.1f tritan %.1f\n",
                  light ? "light" : "dark", worst[0], worst[1], worst[2],
                  worst[3]);
    assert_true(worst[NORMAL] >=
                23.15); /* draw/README.md: 23.2, rounded to a tenth */
    for (int s = PROTAN; s < SIGHTS; s++)
        assert_true(worst[s] >= 18.55);
}

/* Frames in use (all kinds but free and zeroed) stand out. */
static void in_use_stands_out(bool light)
{
    const struct theme *t = theme_get(light);
    for (unsigned k = 0; k < FS_COUNT; k++) {
        if (k == FS_FREE || k == FS_ZEROED)
            continue;
        assert_true(contrast(t->kind[k][1], t->kind[FS_FREE][1]) >= 3);
        assert_true(contrast(t->kind[k][0], t->kind[FS_FREE][1]) >= 2);
    }
}

/* Kinds that meet or turn into each other differ in grey print too. */
static void neighbours_differ_in_grey(bool light)
{
    static const u8 pair[][2] = {
        {FS_FREE, FS_ZEROED},
        {FS_ZEROED, FS_ANON},
        {FS_KCODE, FS_KDATA},
        {FS_ANON, FS_COW},
        {FS_ANON, FS_FILE_CLEAN},
        {FS_ANON, FS_FILE_DIRTY},
        {FS_FILE_CLEAN, FS_FILE_DIRTY},
        {FS_COW, FS_FILE_CLEAN},
        {FS_ANON, FS_SWAPCACHE},
        {FS_ANON, FS_SHMEM},
        {FS_COW, FS_SHMEM},
        {FS_KCODE, FS_PGTABLE},
    };
    const struct theme *t = theme_get(light);
    for (unsigned i = 0; i < ARRAY_LEN(pair); i++)
        assert_true(contrast(t->kind[pair[i][0]][1], t->kind[pair[i][1]][1]) >=
                    1.3);
}

/* The change to "not used lately" is visible, goes towards the background, and
 * never makes a kind look like another kind. */
static void steps_keep_the_kind(bool light)
{
    const struct theme *t = theme_get(light);
    for (unsigned k = 0; k < FS_COUNT; k++) {
        if (k == FS_FREE || k == FS_ZEROED) {
            assert_int_equal(t->kind[k][0], t->kind[k][1]);
            continue;
        }
        u32 old = t->kind[k][0], now = t->kind[k][1];
        assert_true(contrast(old, t->kind[FS_FREE][1]) * 1.2 <=
                    contrast(now, t->kind[FS_FREE][1]));
        for (int s = 0; s < SIGHTS; s++)
            assert_true(distance(old, now, s) >= 9);
        for (unsigned other = 0; other < FS_COUNT; other++)
            for (int step = 0; step < 2 && other != k; step++) {
                if (other != FS_FREE) /* old is nearer to its own kind */
                    assert_true(distance(old, now, NORMAL) <
                                distance(old, t->kind[other][1], NORMAL));
                assert_true(distance(old, t->kind[other][step], NORMAL) >= 15);
                for (int s = PROTAN; s < SIGHTS; s++)
                    assert_true(distance(old, t->kind[other][step], s) >= 10);
            }
    }
}

/* Anonymous frames and page tables lie side by side everywhere: even an older
 * anonymous frame is at least CIEDE2000 20 from both colours of page tables. */
static void older_anonymous_is_no_page_table(bool light)
{
    const struct theme *t = theme_get(light);
    for (int step = 0; step < 2; step++)
        assert_true(distance(t->kind[FS_ANON][0], t->kind[FS_PGTABLE][step],
                             NORMAL) >= 20);
}

static void text_is_legible(bool light)
{
    const struct theme *t = theme_get(light);
    const u32 behind[] = {t->page, t->pane, t->band};
    for (unsigned i = 0; i < ARRAY_LEN(behind); i++) {
        assert_true(contrast(t->ink, behind[i]) >= 7);
        assert_true(contrast(t->dim, behind[i]) >= 4.5);
    }
    const u32 words[] = {t->good, t->fair, t->warn, t->bad, t->accent};
    for (unsigned i = 0; i < 3; i++) /* good, fair, warn, bad: a scale */
        assert_true(distance(words[i], words[i + 1], NORMAL) >= 15);
    assert_true(distance(t->fair, t->dim, NORMAL) >= 20);
    for (unsigned i = 0; i < ARRAY_LEN(words); i++)
        assert_true(contrast(words[i], t->page) >= 4.5);
    for (unsigned i = 0; i < ARRAY_LEN(t->data); i++)
        assert_true(contrast(t->data[i], t->pane) >= 4.5);
}

static void glyphs_are_legible(bool light)
{
    const struct theme *t = theme_get(light);
    for (unsigned k = 0; k < FS_COUNT; k++)
        for (int step = 0; step < 2; step++) {
            u32 cell = t->kind[k][step];
            assert_true(contrast(colour_glyph(cell), cell) >= 3);
            assert_true(contrast(colour_strong(cell), cell) >= 4.5);
            assert_true(fabs(colour_luminance(cell) - luminance(cell)) < 1e-9);
        }
}

/* Cividis rises evenly in lightness, so age can be read in grey, too. */
TEST(cividis_rises)
{
    double before = -1, first = seen(colour_cividis(0), NORMAL).l;
    double range = seen(colour_cividis(256), NORMAL).l - first;
    assert_true(range > 70);
    for (unsigned i = 0; i <= 256; i += 8) {
        double l = seen(colour_cividis(i), NORMAL).l;
        assert_true(l > before);
        assert_true(fabs(l - first - range * i / 256) < 4);
        before = l;
    }
}

#define BOTH(fn)                                                               \
    TEST(fn##_dark)                                                            \
    {                                                                          \
        fn(false);                                                             \
    }                                                                          \
    TEST(fn##_light)                                                           \
    {                                                                          \
        fn(true);                                                              \
    }
BOTH(kinds_are_apart)
BOTH(in_use_stands_out)
BOTH(neighbours_differ_in_grey)
BOTH(steps_keep_the_kind)
BOTH(older_anonymous_is_no_page_table)
BOTH(text_is_legible)
BOTH(glyphs_are_legible)
