/* SPDX-License-Identifier: MIT */
// rooms: panel inspect base
/* What each key and the mouse do, on a made-up display. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../panel/scene.h"
#include "panel/keys.h"

/* ---- keys and mouse
 * -------------------------------------------------------------- */

struct heard {
    char lines[8][80];
    unsigned nlines;
    char keys[64];
    size_t nkeys;
    s64 selected;
};

static void on_command(void *opaque, const char *line)
{
    struct heard *h = opaque;
    assert_true(h->nlines < 8);
    snprintf(h->lines[h->nlines++], 80, "%s", line);
}

static void on_keys(void *opaque, const char *bytes, size_t n)
{
    struct heard *h = opaque;
    memcpy(h->keys + h->nkeys, bytes, n);
    h->nkeys += n;
}

static void on_select(void *opaque, s64 pfn)
{
    ((struct heard *)opaque)->selected = pfn;
}

static struct controls controls_for(struct scene *s, struct heard *h)
{
    memset(h, 0, sizeof *h);
    return (struct controls){.v = s->v,
                             .d = s->d,
                             .w = s->fb.w,
                             .h = s->fb.h,
                             .command = on_command,
                             .keys = on_keys,
                             .select = on_select,
                             .opaque = h};
}

static void keys_become_commands(void **state)
{
    (void)state;
    struct scene s = scene_new(1280, 800, 4096, false);
    struct heard h;
    struct controls c = controls_for(&s, &h);
    static const struct {
        int key;
        bool ctrl, running;
        const char *line;
    } expect[] = {
        {' ', false, true, "halt"},       {' ', false, false, "continue"},
        {'.', false, false, "stepi"},     {'.', true, false, "run-for 1ms"},
        {'w', false, false, "step-walk"}, {'[', false, true, "pace 0.3"},
        {']', false, true, "pace 3"},
    };
    for (unsigned i = 0; i < ARRAY_LEN(expect); i++) {
        h.nlines = 0;
        s.d->running = expect[i].running;
        controls_key(&c, expect[i].key, expect[i].ctrl);
        assert_int_equal(h.nlines, 1);
        assert_string_equal(h.lines[0], expect[i].line);
    }
    /* nothing was said while an idle guest ran for ever to its next walk */
    controls_key(&c, 'w', false);
    assert_non_null(strstr(s.v->note, "next page walk"));
    s.d->running = false;
    view_observe(s.v, s.d);
    assert_non_null(strstr(s.v->note, "next page walk"));
    snprintf(s.d->caption, sizeof s.d->caption, "before the walk of a load");
    view_observe(s.v, s.d);
    assert_string_equal(view_caption(s.v, s.d), s.d->caption);
    h.nlines = 0;
    s.d->pace_limit = 0; /* as fast as it goes: there is no faster */
    controls_key(&c, ']', false);
    assert_string_equal(h.lines[0], "pace max");
    controls_key(&c, KEY_F12, false);
    assert_true(c.picture);
    scene_free(&s);
}

static void keys_change_the_view(void **state)
{
    (void)state;
    struct scene s = scene_new(1280, 800, 4096, false);
    struct heard h;
    struct controls c = controls_for(&s, &h);
    struct view *v = s.v;
    controls_key(&c, 'h', false);
    controls_key(&c, 'o', false);
    controls_key(&c, 't', false);
    controls_key(&c, 'f', false);
    assert_true(v->heat && v->linear && v->light && v->filter == FS_FREE);
    controls_key(&c, KEY_ESC, false);
    assert_int_equal(v->filter, -1);
    assert_int_equal(v->pinned, SELECTED);
    controls_key(&c, KEY_ESC, false);
    assert_int_equal(v->pinned, NO_FRAME);
    controls_key(&c, '+', false);
    assert_int_equal(v->text, 1);
    for (int i = 0; i < 12; i++)
        controls_key(&c, '+', false);
    assert_non_null(strstr(v->note, "no room"));
    controls_key(&c, '?', false);
    assert_true(v->help);
    controls_key(&c, '?', false);
    assert_false(v->help);
    v->linear = false;
    v->pinned = 0;
    controls_key(&c, KEY_RIGHT, false);
    controls_key(&c, KEY_DOWN, false);
    assert_int_equal(v->pinned, 3); /* Morton: (1, 1) */
    assert_int_equal(h.selected, 3);
    controls_key(&c, KEY_UP, false);
    controls_key(&c, KEY_UP, false); /* there is nothing above */
    assert_int_equal(v->pinned, 1);
    assert_int_equal(h.nlines, 0);
    scene_free(&s);
}

static void typed_keys_go_to_the_guest(void **state)
{
    (void)state;
    struct scene s = scene_new(1280, 800, 4096, false);
    struct heard h;
    struct controls c = controls_for(&s, &h);
    controls_key(&c, 'c', false);
    assert_true(s.v->console);
    controls_key(&c, 'w', false);
    controls_key(&c, ' ', false);
    controls_key(&c, KEY_ENTER, false);
    controls_key(&c, 'c', true);
    controls_key(&c, KEY_UP, false);
    controls_key(&c, 0xe9, false);
    static const char sent[] = "w \r\003\033[A\xc3\xa9";
    assert_int_equal(h.nkeys, sizeof sent - 1);
    assert_memory_equal(h.keys, sent, sizeof sent - 1);
    assert_int_equal(h.nlines, 0);
    controls_key(&c, KEY_F10, false);
    assert_false(s.v->console);
    controls_key(&c, ' ', false);
    assert_int_equal(h.nlines, 1);
    scene_free(&s);
}

static void mouse(void **state)
{
    (void)state;
    struct scene s = scene_new(1280, 800, 4096, false);
    struct heard h;
    struct controls c = controls_for(&s, &h);
    struct draw g;
    s.v->pinned = NO_FRAME;
    panel_draw(&s.fb, s.d, s.v);
    draw_plan(&g, 1280, 800, s.d, s.v);
    struct rect r = map_cell_rect(&g, 777);
    controls_move(&c, r.x + 3, r.y + 3);
    assert_int_equal(s.v->hover, 777);
    assert_int_equal(h.selected, 777);
    controls_press(&c, r.x + 3, r.y + 3);
    controls_release(&c, r.x + 3, r.y + 3);
    assert_int_equal(s.v->pinned, 777);
    for (int i = 0; i < 3; i++) { /* what is under the pointer stays there */
        controls_wheel(&c, 1, r.x + 3, r.y + 3);
        assert_int_equal(s.v->hover, 777);
    }
    assert_int_equal(s.v->zoom, 3);
    s64 left = s.v->left;
    controls_press(&c, r.x, r.y); /* drag: moves, pins nothing */
    controls_move(&c, r.x + 130, r.y);
    controls_release(&c, r.x + 130, r.y);
    assert_true(s.v->left < left);
    assert_int_equal(s.v->pinned, 777);
    controls_wheel(&c, -9, r.x, r.y);
    assert_int_equal(s.v->zoom, 0);
    assert_int_equal(s.v->left, 0);
    controls_leave(&c);
    assert_int_equal(s.v->hover, NO_FRAME);
    /* the legend filters and says what the word means */
    struct rect legend = g.l.legend;
    controls_press(&c, legend.x + 3, legend.y + 3);
    controls_release(&c, legend.x + 3, legend.y + 3);
    assert_int_equal(s.v->filter, FS_FREE);
    assert_non_null(strstr(s.v->note, ins_states[FS_FREE].sentence));
    /* so does a chart */
    controls_release(&c, g.l.sparks.x + 5, g.l.sparks.y + 5);
    assert_non_null(strstr(s.v->note, "had at once"));
    assert_int_equal(s.v->why, 1);
    controls_key(&c, KEY_ESC, false);
    assert_int_equal(s.v->why, 0);
    /* the console takes the keys when clicked, and gives them back */
    controls_release(&c, g.l.console.x + 9, g.l.console.y + 30);
    assert_true(s.v->console);
    controls_release(&c, g.l.frame.x + 9, g.l.frame.y + 30);
    assert_false(s.v->console);
    scene_free(&s);
}

/* Where a word was written: a click there. */
static void click_text(struct scene *s, struct controls *c, const char *text)
{
    static struct fb_text_record rec[4096];
    struct fb_log log = {0, ARRAY_LEN(rec), rec};
    s->fb.log = &log;
    panel_draw(&s->fb, s->d, s->v);
    s->fb.log = NULL;
    for (unsigned i = 0; i < log.n; i++)
        if (strstr(rec[i].text, text)) {
            int x = rec[i].at.x + 1 +
                    (int)(strstr(rec[i].text, text) - rec[i].text) *
                        font_regular[0].width;
            controls_release(c, x, rec[i].at.y + 3);
            return;
        }
    fail_msg("'%s' is nowhere", text);
}

/* A walk could be stepped by key only; a click on the policy said what any
 * policy is, one on Morton what a frame is, one on the ASID what satp is. */
static void clicks_that_were_missing(void **state)
{
    (void)state;
    struct scene s = scene_new(1280, 800, 4096, false);
    struct heard h = {.nlines = 0};
    struct controls c = controls_for(&s, &h);
    s.d->running = false;
    click_text(&s, &c, "w: step");
    assert_string_equal(h.lines[0], "step-walk");
    s.d->walk.phase = WALK_RUNNING;
    s.d->walk.nsteps = 1;
    s.d->walk_live = true;
    h.nlines = 0;
    click_text(&s, &c, "next: read level");
    click_text(&s, &c, "stopped inside the walk");
    assert_int_equal(h.nlines, 2);
    assert_string_equal(h.lines[1], "step-walk");
    h.nlines = 0;
    click_text(&s, &c, "policy ");
    click_text(&s, &c, "policy twohand");
    assert_int_equal(h.nlines, 2);
    assert_string_equal(h.lines[0], "explain twohand");
    assert_string_equal(h.lines[1], "explain twohand");
    h.nlines = 0; /* what a guest calls its policy is no command */
    snprintf(s.d->policy, sizeof s.d->policy, "a\nquit");
    click_text(&s, &c, "policy ");
    assert_int_equal(h.nlines, 0);
    snprintf(s.d->policy, sizeof s.d->policy, "twohand");
    static const char *const words[][2] = {
        {"Morton", "Morton: "}, {"px/frame", "scale: "},
        {" asid ", "asid: "},   {"asid vpn", "asid: "},
        {"vpn pfn", "vpn: "},   {"0x3f4995a38", "va: "},
        {"  store", "access: "}};
    for (unsigned i = 0; i < ARRAY_LEN(words); i++) {
        click_text(&s, &c, words[i][0]);
        assert_memory_equal(s.v->note, words[i][1], strlen(words[i][1]));
    }
    scene_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_become_commands),
        cmocka_unit_test(keys_change_the_view),
        cmocka_unit_test(typed_keys_go_to_the_guest),
        cmocka_unit_test(mouse),
        cmocka_unit_test(clicks_that_were_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
