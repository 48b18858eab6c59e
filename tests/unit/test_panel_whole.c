/* SPDX-License-Identifier: MIT */
// rooms: panel inspect base linux xv6 source boot
/* In the windows that people have, no sentence of the panel's own is cut: an
 * ellipsis ends only what the guest named (a file, a process, a disk). */
#include <stdlib.h>

#include "unit.h"

#include "../panel/longest.h"
#include "../panel/story.h"

/* The size of pictures; screens of 1280 x 800 and of 1920 x 1080, less the
 * borders of a window manager; a lesson's window on both. */
static const int windows[][2] = {
    {1280, 800}, {1264, 755}, {1904, 1040}, {752, 755}, {1136, 972}};

static unsigned faults;
static char told[64][64]; /* each fault is told once */

/* longest.h fills the guest's strings with one letter each; synthetic.h has a
 * process with a long name, longest.h disks. */
static bool guests_own(const char *text)
{
    if (!strncmp(text, "longname", 8) || !strncmp(text, "long-name", 9))
        return true;
    for (const char *s = text; s[0]; s++)
        if (s[0] == s[1] && s[1] == s[2] && s[2] == s[3] && s[0] >= 'A')
            return true;
    return false;
}

static void check_whole(struct scene *s, const char *what)
{
    scene_draw(s);
    for (unsigned i = 0; i < s->log.n; i++) {
        const char *text = s->log.rec[i].text, *end = strstr(text, "…");
        bool before = false;
        if (!end || end[strlen("…")] || guests_own(text))
            continue;
        for (unsigned k = 0; k < faults && k < ARRAY_LEN(told); k++)
            before |= !strncmp(told[k], text, sizeof told[k] - 1);
        if (before || faults >= ARRAY_LEN(told))
            continue;
        print_error("%dx%d, %s, tab %s: cut: \"%s\"\n", s->fb.w, s->fb.h, what,
                    panes[s->v->tab].name, text);
        snprintf(told[faults++], sizeof told[0], "%.63s", text);
    }
}

static void check_views(struct scene *s, const char *what)
{
    for (unsigned i = 0; i < ARRAY_LEN(windows); i++) {
        fb_free(&s->fb);
        fb_init(&s->fb, windows[i][0], windows[i][1]);
        for (enum pane_id tab = TAB_FIRST; tab < PANES; tab++) {
            s->v->tab = tab;
            s->v->slider = tab == PANE_POLICY ? 1 : -1;
            check_whole(s, what);
        }
        s->v->slider = -1;
        struct rect time = scene_plan(s).l.at[PANE_TIME];
        for (int x = time.x; x < time.x + time.w; x += 37) {
            s->v->pointer_x = x;
            s->v->pointer_y = time.y + time.h / 2;
            check_whole(s, what);
        }
        struct draw g = scene_plan(s);
        struct rect map = g.l.at[PANE_MAP], slots = g.l.at[PANE_SLOTS];
        for (int k = 0; k < 40; k++) {
            s->v->pointer_x = map.x + map.w * k / 40;
            s->v->pointer_y = map.y + map.h * (k * 7 % 40) / 40;
            s->v->hover = map_frame_at(&g, s->v->pointer_x, s->v->pointer_y);
            check_whole(s, what);
            s->v->hover = NO_FRAME;
            s->v->pointer_x = slots.x + slots.w / 2;
            s->v->pointer_y = slots.y + slots.h * k / 40;
            check_whole(s, what);
        }
        s->v->pointer_x = s->v->pointer_y = -1;
        s->v->console = true;
        check_whole(s, what);
        s->v->console = false;
        s->v->whole_biography = true;
        check_whole(s, what);
        s->v->whole_biography = false;
        s->v->pinned = NO_FRAME;
        check_whole(s, what);
        s->v->heat = true;
        check_whole(s, what);
        s->v->heat = false;
        s->v->pinned = SELECTED;
    }
}

/* Each reason as the newest of a frame's life, and each state. */
static void check_lives(struct scene *s, const char *what)
{
    for (unsigned i = 0; i < ARRAY_LEN(windows); i++) {
        fb_free(&s->fb);
        fb_init(&s->fb, windows[i][0], windows[i][1]);
        for (unsigned r = 0; r < R_COUNT; r++)
            for (unsigned n = 1; n < 8; n += 3) {
                struct ins_display *d = s->d;
                d->nbiography = n;
                for (unsigned k = 0; k < n; k++) {
                    d->biography[k].reason = (u8)((r + k) % R_COUNT);
                    d->biography[k].from = (u8)((r + n) % FS_COUNT);
                    d->biography[k].to = (u8)((r + k) % FS_COUNT);
                }
                d->selected.state = (u8)(r % FS_COUNT);
                check_whole(s, what);
            }
    }
}

/* The number of frames decides the map's width, and so the room beside it. */
TEST(usual)
{
    static const u64 frames[] = {2048, 4096, 6000, 8192, 65536};
    faults = 0;
    for (unsigned i = 0; i < ARRAY_LEN(frames); i++) {
        struct scene s = scene_new(64, 64, frames[i], false);
        view_observe(s.v, s.d);
        check_views(&s, "usual");
        check_lives(&s, "usual");
        scene_free(&s);
    }
    assert_int_equal(faults, 0);
}

TEST(stories)
{
    static void (*const tell[])(struct scene *) = {
        story_boot, story_fork,   story_write_back,
        story_low,  story_return, story_walk};
    faults = 0;
    for (unsigned i = 0; i < ARRAY_LEN(tell); i++) {
        struct scene s = scene_new(64, 64, 4096, false);
        tell[i](&s);
        view_observe(s.v, s.d);
        check_views(&s, "story");
        scene_free(&s);
    }
    assert_int_equal(faults, 0);
}

TEST(longest_values)
{
    struct scene s = scene_new(64, 64, 4096, false);
    faults = 0;
    longest(s.d, true);
    view_observe(s.v, s.d);
    check_views(&s, "longest");
    check_lives(&s, "longest");
    scene_free(&s);
    assert_int_equal(faults, 0);
}
