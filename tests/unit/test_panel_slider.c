/* SPDX-License-Identifier: MIT */
// rooms: panel inspect base linux xv6 dwarf boot
/* Checks a slider's arithmetic over many ranges. For its moves by mouse and
 * keys see tests/panel/scenes/policy.scene. */
#include "unit.h"

#include "panel/tabs/slider.h"

static const struct {
    s64 min, max;
} ranges[] = {{0, 0},          {0, 1},
              {5, 5},          {0, 100},
              {1, 100},        {-100, 100},
              {-3, 1000000},   {0, 1000},
              {0, 1001},       {1, 262144},
              {0, 1073741824}, {1000000, 1000000 + 4096},
              {0, INT64_MAX},  {INT64_MIN, INT64_MAX},
              {INT64_MIN, 0},  {INT64_MAX - 7, INT64_MAX}};
static const int widths[] = {1, 2, 3, 7, 100, 333, 2000};

static void check_scale(const struct scale *s)
{
    int last = s->w - 1;
    s64 before = s->min;
    assert_true(scale_place(s, s->min) == 0);
    assert_true(s->max == s->min || scale_place(s, s->max) == last);
    assert_true(scale_value(s, 0) == s->min && scale_value(s, -9) == s->min);
    if (last)
        assert_true(scale_value(s, last) == s->max &&
                    scale_value(s, last + 9) == s->max);
    for (int x = 0; x <= last; x++) {
        s64 v = scale_value(s, x);
        int at = scale_place(s, v);
        assert_true(v >= before && v >= s->min && v <= s->max);
        assert_true(at >= 0 && at <= last);
        /* a place's value is drawn there, or no value is drawn nearer */
        if (at != x && v > s->min && v < s->max) {
            int down = scale_place(s, v - 1), up = scale_place(s, v + 1);
            assert_true(abs(down - x) >= abs(at - x) &&
                        abs(up - x) >= abs(at - x));
        }
        /* the value of the place `at` is drawn at `at` */
        assert_int_equal(scale_place(s, scale_value(s, at)), at);
        before = v;
    }
}

TEST(a_place_and_its_value)
{
    for (unsigned i = 0; i < ARRAY_LEN(ranges); i++)
        for (unsigned k = 0; k < ARRAY_LEN(widths); k++) {
            struct scale s = {ranges[i].min, ranges[i].max, widths[k]};
            check_scale(&s);
        }
}

/* If every value has a place of its own, that place leads back to the value. */
TEST(few_values_are_exact)
{
    struct scale s = {-100, 100, 333};
    for (s64 v = s.min; v <= s.max; v++)
        assert_int_equal(scale_value(&s, scale_place(&s, v)), v);
    s = (struct scale){0, 5, 40};
    for (s64 v = s.min; v <= s.max; v++)
        assert_int_equal(scale_value(&s, scale_place(&s, v)), v);
}

/* In a long range without negative values each doubling has the same room. */
TEST(doublings_have_the_same_room)
{
    struct scale s = {0, 1 << 20, 2001};
    assert_true(scale_log(&s));
    int a = scale_place(&s, 15), b = scale_place(&s, 31),
        c = scale_place(&s, 63);
    assert_true(abs((b - a) - (c - b)) <= 1 && b - a > 90);
    s.max = 200;
    assert_false(scale_log(&s));
    assert_int_equal(scale_place(&s, 100), 1000);
    s = (struct scale){-1000000, 1000000, 2001};
    assert_false(scale_log(&s));
}

/* A press changes any value but the end's; 128 or fewer reach either end. */
TEST(steps_reach_the_ends)
{
    for (unsigned i = 0; i < ARRAY_LEN(ranges); i++) {
        struct scale s = {ranges[i].min, ranges[i].max, 100};
        unsigned presses = 0;
        s64 v = s.min;
        for (; v < s.max; presses++) {
            s64 next = scale_step(&s, v, 1);
            assert_true(next > v && next <= s.max);
            v = next;
        }
        assert_true(presses <= 128);
        assert_true(scale_step(&s, s.max, 1) == s.max);
        for (presses = 0; v > s.min; presses++) {
            s64 next = scale_step(&s, v, -1);
            assert_true(next < v && next >= s.min);
            v = next;
        }
        assert_true(presses <= 128);
        assert_true(scale_step(&s, s.min, -1) == s.min);
    }
    struct scale s = {0, 262144, 100};
    assert_int_equal(scale_step(&s, 512, 1), 1024);
    assert_int_equal(scale_step(&s, 512, -1), 256);
    s.max = 200;
    assert_int_equal(scale_step(&s, 60, 2), 70);
}
