/* SPDX-License-Identifier: MIT */
// rooms: panel inspect base linux xv6 source boot
/* The policy tab: a slider's arithmetic over any range, and sliders moved by
 * mouse and keys: one command for each move, at its end. For that command as an
 * input with its cycle see test_session.c (a_slider_is_an_input). */
#include <stdlib.h>

#include "unit.h"

#include "../panel/press.h"
#include "panel/tabs/slider.h"

/* ---- arithmetic ---------------------------------------------------------- */

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
        /* a place's value is drawn there, or no value is nearer to it */
        if (at != x && v > s->min && v < s->max) {
            int down = scale_place(s, v - 1), up = scale_place(s, v + 1);
            assert_true(abs(down - x) >= abs(at - x) &&
                        abs(up - x) >= abs(at - x));
        }
        /* a second time nothing moves */
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

/* If every value has a place of its own, the way there and back is exact. */
TEST(few_values_are_exact)
{
    struct scale s = {-100, 100, 333};
    for (s64 v = s.min; v <= s.max; v++)
        assert_int_equal(scale_value(&s, scale_place(&s, v)), v);
    s = (struct scale){0, 5, 40};
    for (s64 v = s.min; v <= s.max; v++)
        assert_int_equal(scale_value(&s, scale_place(&s, v)), v);
}

/* Of a long range the small values can be chosen, too. */
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

/* Keys reach both ends, each press a value further. */
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

/* ---- the tab ------------------------------------------------------------- */

static const struct ins_slider sliders[] = {
    {"vm.swappiness", "%", 60, 60, 0, 200, false, 0, 0},
    {"clock.handspread", "frames", 2000, 512, 1, 262144, false, 0, 0},
    {"vm.debt", "", -7, 0, -50, 50, false, 0, 0},
};

static struct scene policy_scene(int w, int h)
{
    struct scene s = scene_new(w, h, 4096, false);
    s.d->pace_limit = 0; /* as fast as it goes */
    s.d->ntunables = ARRAY_LEN(sliders);
    memcpy(s.d->tunable, sliders, sizeof sliders);
    s.v->tab = PANE_POLICY;
    return s;
}

/* The track between a slider's name and its value, less some pixels. */
static struct rect track(struct scene *s, const char *name, const char *value)
{
    scene_draw(s);
    const struct fb_text_record *a = NULL, *b = NULL;
    for (unsigned n = 0; !a || strcmp(a->text, name); n++)
        assert_non_null(a = scene_text(s, name, n));
    for (unsigned i = 0; i < s->log.n; i++)
        if (abs(s->log.rec[i].at.y - a->at.y) < 3 &&
            strstr(s->log.rec[i].text, value) && &s->log.rec[i] != a)
            b = &s->log.rec[i];
    assert_non_null(b);
    int left = a->at.x + a->at.w, middle = a->at.y + a->at.h / 2;
    int right = b->at.x - s->fb.w / 80;
    /* its thin line is one colour left of the knob and another right of it */
    const struct theme *t = theme_get(false);
    int first = 0, last = 0;
    for (int x = left; x < right + 9; x++) {
        u32 p = scene_px(s, x, middle);
        if (p == t->rule || p == t->data[0] || p == t->accent) {
            first = first ? first : x;
            last = x;
        }
    }
    assert_true(last - first > 40);
    return (struct rect){first, middle - 2, last - first + 1, 4};
}

TEST(a_drag_is_one_command)
{
    struct scene s = policy_scene(1280, 800);
    struct calls_seen h;
    struct controls c = controls_for(&s, &h);
    struct rect t = track(&s, "vm.swappiness", "60 %");
    int y = t.y + 2;
    controls_press(&c, t.x + t.w * 6 / 20, y);
    for (int x = t.x + t.w * 6 / 20; x < t.x + t.w * 3 / 4; x += 5)
        controls_move(&c, x, y);
    controls_move(&c, t.x + t.w / 2, y + 100); /* beside it, still held */
    assert_int_equal(h.nlines, 0);
    scene_draw(&s); /* shows the value that it would get */
    char text[16];
    snprintf(text, sizeof text, "%d %%", (int)s.v->slide_to);
    assert_in_range(s.v->slide_to, 98, 102);
    assert_true(scene_says(&s, text));
    controls_release(&c, t.x + t.w / 2, y + 100);
    assert_int_equal(h.nlines, 1);
    snprintf(text, sizeof text, "%d", (int)s.v->slide_to);
    assert_non_null(strstr(h.lines[0], "set vm.swappiness "));
    assert_string_equal(h.lines[0] + strlen("set vm.swappiness "), text);
    controls_move(&c, t.x, y); /* released: the pointer moves nothing */
    assert_int_equal(h.nlines, 1);
    scene_draw(&s);
    assert_true(scene_says(&s, "60 %")); /* until the machine says else */
    scene_free(&s);
}

TEST(the_ends_are_reached)
{
    static const int size[][2] = {{1280, 800}, {1920, 1080}, {3840, 2160}};
    for (unsigned i = 0; i < ARRAY_LEN(size); i++) {
        struct scene s = policy_scene(size[i][0], size[i][1]);
        struct calls_seen h;
        struct controls c = controls_for(&s, &h);
        struct rect t = track(&s, "clock.handspread", "2,000 frames");
        controls_press(&c, t.x + t.w / 2, t.y);
        controls_move(&c, 0, t.y);
        controls_release(&c, 0, t.y);
        controls_press(&c, t.x + t.w / 2, t.y);
        controls_move(&c, s.fb.w - 1, t.y);
        controls_release(&c, s.fb.w - 1, t.y);
        assert_int_equal(h.nlines, 2);
        assert_string_equal(h.lines[0], "set clock.handspread 1");
        assert_string_equal(h.lines[1], "set clock.handspread 262144");
        t = track(&s, "vm.debt", "−7");
        controls_press(&c, t.x + t.w / 2, t.y);
        controls_move(&c, 0, t.y);
        controls_release(&c, 0, t.y);
        assert_string_equal(h.lines[2], "set vm.debt -50");
        scene_free(&s);
    }
}

/* A click moves, too; where the value is already, it commands nothing. */
TEST(a_click_moves)
{
    struct scene s = policy_scene(1280, 800);
    struct calls_seen h;
    struct controls c = controls_for(&s, &h);
    struct rect t = track(&s, "pace", "as fast as it goes");
    controls_press(&c, t.x + t.w - 1, t.y);
    controls_release(&c, t.x + t.w - 1, t.y);
    assert_int_equal(h.nlines, 0); /* it is as fast as it goes */
    controls_press(&c, t.x, t.y);
    controls_release(&c, t.x, t.y);
    assert_int_equal(h.nlines, 1);
    assert_string_equal(h.lines[0], "pace 0.0001");
    assert_int_equal(s.v->slider, 0);
    scene_free(&s);
}

/* A 0, which leaves the threshold to the kernel, and a value that the kernel
 * limits are told with the threshold in force; while the machine runs, its
 * caption goes on. */
TEST(a_threshold_is_told_as_it_is)
{
    struct scene s = policy_scene(1920, 1080);
    struct calls_seen h;
    struct controls c = controls_for(&s, &h);
    struct ins_slider *t = &s.d->tunable[0];
    *t = (struct ins_slider){
        "vm.min_free_kbytes", "KiB", 0, 0, 0, 262144, true, 128, 0};
    scene_draw(&s);
    assert_true(scene_says(&s, "0: the kernel chooses, now 128 frames"));
    assert_true(scene_says(&s, " frames")); /* of min, low and high */
    t->value = 20704;
    t->now = 1024;
    scene_draw(&s);
    assert_true(scene_says(&s, "20,704 KiB, now 1,024 frames"));
    t->value = 4096;
    scene_draw(&s);
    assert_true(scene_says(&s, "4,096 KiB"));
    assert_false(scene_says(&s, "KiB, now"));
    s.v->slider = 1;
    s.d->running = true;
    controls_key(&c, KEY_RIGHT, false);
    assert_int_equal(h.nlines, 1);
    assert_string_equal(s.v->note, "");
    s.d->running = false;
    controls_key(&c, KEY_RIGHT, false);
    assert_non_null(strstr(s.v->note, "was 4,096 KiB. The kernel takes it"));
    scene_free(&s);
}

/* If another tab is opened while a slider is held, the slider is let go. */
TEST(another_tab_lets_go)
{
    struct scene s = policy_scene(1280, 800);
    struct calls_seen h;
    struct controls c = controls_for(&s, &h);
    struct rect t = track(&s, "vm.swappiness", "60 %");
    controls_press(&c, t.x + 9, t.y);
    controls_move(&c, t.x + 90, t.y);
    controls_key(&c, 'W', false);
    controls_move(&c, t.x + 100, t.y);
    controls_release(&c, t.x + 100, t.y);
    assert_int_equal(h.nlines, 0);
    assert_false(s.v->sliding);
    scene_free(&s);
}

TEST(keys_choose_and_move)
{
    struct scene s = policy_scene(1280, 800);
    struct calls_seen h;
    struct controls c = controls_for(&s, &h);
    s.v->tab = PANE_WALK;
    controls_key(&c, KEY_TAB, false);
    assert_int_equal(s.v->tab, PANE_POLICY);
    assert_int_equal(s.v->slider, 0);
    controls_key(&c, KEY_LEFT, false);
    assert_int_equal(h.nlines, 1);
    assert_string_equal(h.lines[0], "pace 10");
    controls_key(&c, KEY_TAB, false);
    controls_key(&c, KEY_RIGHT, false);
    assert_int_equal(h.nlines, 2);
    assert_string_equal(h.lines[1], "set vm.swappiness 65");
    controls_key(&c, KEY_TAB, false);
    controls_key(&c, KEY_LEFT, false);
    assert_string_equal(h.lines[2], "set clock.handspread 1000");
    controls_key(&c, KEY_TAB, false);
    controls_key(&c, KEY_LEFT, false);
    assert_string_equal(h.lines[3], "set vm.debt -9");
    controls_key(&c, KEY_TAB, false); /* behind the last: no slider */
    assert_int_equal(s.v->slider, -1);
    controls_key(&c, KEY_LEFT, false);
    assert_int_equal(h.nlines, 4);
    scene_free(&s);
}

/* The slider that keys move is on the screen, however many there are. */
TEST(the_chosen_one_is_shown)
{
    struct scene s = policy_scene(1280, 800);
    struct calls_seen h;
    struct controls c = controls_for(&s, &h);
    s.d->ntunables = INS_TUNABLES;
    for (unsigned i = 0; i < INS_TUNABLES; i++) {
        s.d->tunable[i] = sliders[0];
        snprintf(s.d->tunable[i].name, 40, "name-%u.", i);
    }
    for (unsigned i = 0; i <= INS_TUNABLES; i++) {
        char name[24];
        snprintf(name, sizeof name, "name-%u.", i - 1);
        controls_key(&c, KEY_TAB, false);
        scene_draw(&s);
        assert_true(scene_says(&s, i ? name : "pace"));
    }
    controls_key(&c, KEY_TAB, false);
    controls_key(&c, KEY_TAB, false);
    scene_draw(&s);
    assert_true(scene_says(&s, "pace"));
    scene_free(&s);
}

/* A tick marks the preset: the value when the kernel was built. */
TEST(the_preset_is_marked)
{
    struct scene s = policy_scene(1280, 800);
    struct rect t = track(&s, "clock.handspread", "2,000 frames");
    struct scale scale = {1, 262144, t.w};
    u32 dim = theme_get(false)->dim;
    int x = t.x + scale_place(&scale, 512);
    struct rect tick = {x - 2, t.y - 3, 5, 9};
    unsigned marked = scene_count(&s, tick, dim);
    assert_true(marked >= 4);
    s.d->tunable[1].preset = 16;
    scene_draw(&s);
    assert_true(scene_count(&s, tick, dim) < marked / 2);
    scene_free(&s);
}

/* A guest names its tunables: no name becomes another command. */
TEST(no_name_is_a_command)
{
    struct scene s = policy_scene(1280, 800);
    struct calls_seen h;
    struct controls c = controls_for(&s, &h);
    snprintf(s.d->tunable[0].name, 40, "x 1; quit\nquit");
    s.v->slider = 1;
    controls_key(&c, KEY_RIGHT, false);
    assert_int_equal(h.nlines, 0);
    scene_draw(&s);
    for (unsigned i = 0; i < s.v->nhits; i++)
        assert_null(strstr(s.v->hit[i].line, "quit"));
    scene_free(&s);
}

TEST(says_what_the_policy_does)
{
    struct scene s = policy_scene(1920, 1080);
    snprintf(s.d->policy_line, sizeof s.d->policy_line, "it takes any page");
    scene_draw(&s);
    assert_true(scene_says(&s, "twohand: it takes any page"));
    assert_true(scene_says(&s, "low "));
    memset(s.d->policy, 0, sizeof s.d->policy);
    s.d->ntunables = 0;
    scene_draw(&s);
    assert_true(scene_says(&s, "No kernel reports a policy"));
    assert_true(scene_says(&s, "as fast as it goes"));
    scene_free(&s);
}
