/* SPDX-License-Identifier: MIT */
// rooms: panel inspect base
/* Any window, any number of frames, any text: panes lie in the window, none
 * over another, and those that tell the story are there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "panel/layout.h"

enum { TRIES = 50000, PANES = 17 };

static void panes_of(const struct layout *l, struct rect p[PANES])
{
    const struct rect all[PANES] = {
        l->status, l->map_title, l->ruler_top, l->ruler_left, l->map,
        l->legend, l->frame,     l->walk,      l->tlb,        l->procs,
        l->memory, l->disks,     l->console,   l->life,       l->sparks,
        l->lanes,  l->caption};
    memcpy(p, all, sizeof all);
}

static void check(const struct layout *l, int w, int h, u64 nframes)
{
    struct rect p[PANES];
    panes_of(l, p);
    for (unsigned a = 0; a < PANES; a++) {
        if (!p[a].w)
            continue;
        if (p[a].x < 0 || p[a].y < 0 || p[a].x + p[a].w > w ||
            p[a].y + p[a].h > h || p[a].h <= 0)
            fail_msg("%dx%d, %llu frames: pane %u is outside", w, h,
                     (unsigned long long)nframes, a);
        for (unsigned b = 0; b < a; b++) {
            struct rect both = rect_cut(p[a], p[b]);
            if (p[b].w && both.w && both.h)
                fail_msg("%dx%d, %llu frames: pane %u over %u", w, h,
                         (unsigned long long)nframes, a, b);
        }
    }
}

static void panes_lie_apart(void **state)
{
    (void)state;
    static const u64 frames[] = {1,    64,    2048,   4096,
                                 6144, 65536, 262144, 2097152};
    u64 seed = 3;
    for (int i = 0; i < TRIES; i++) {
        u64 r = rand_step(&seed) >> 8;
        bool narrow = r >> 40 & 1, low = r >> 41 & 1;
        int w = MIN_WIDTH + (int)(r % (narrow ? 60 : 2400));
        int h = MIN_HEIGHT + (int)(r / 2400 % (low ? 60 : 1200));
        u64 nframes = frames[(r >> 42) % ARRAY_LEN(frames)];
        struct grid g = grid_for(nframes, r >> 50 & 1);
        enum layout_focus focus = (r >> 30) % 3;
        int steps = (int)((r >> 33) % 9) - 3;
        int scale = 100 + 50 * (int)((r >> 28) % 3);
        struct layout l;
        layout_make(&l, w, h, &g, steps, focus, scale);
        assert_true(l.map.w && l.frame.w && l.console.w && l.caption.w);
        assert_true((l.memory.w && l.disks.w) ||
                    (focus == FOCUS_INSIDE && !l.wide));
        if (r >> 27 & 1)
            layout_life(&l);
        check(&l, w, h, nframes);
    }
}

/* A screen of twice the dots has letters of twice the size, or what fits. */
static void letters_keep_their_size(void **state)
{
    (void)state;
    struct grid g = grid_for(4096, false);
    struct layout one, two;
    layout_make(&one, 1024, 700, &g, 0, FOCUS_NONE, 100);
    layout_make(&two, 2048, 1400, &g, 0, FOCUS_NONE, 200);
    assert_int_equal(font_regular[one.size].height, 12);
    assert_true(font_regular[two.size].height >= 24);
    layout_make(&two, 1536, 1050, &g, 0, FOCUS_NONE, 150);
    assert_int_equal(font_regular[two.size].height, 18);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(panes_lie_apart),
        cmocka_unit_test(letters_keep_their_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
