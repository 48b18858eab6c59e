/* SPDX-License-Identifier: MIT */
// rooms: panel inspect machine engine mmu hart isa dev time boot history base linux xv6 source
/* The effects of each key and of the mouse, on a made-up display. */
#include <stdlib.h>

#include "unit.h"

#include "../panel/press.h"

/* ---- keys ---------------------------------------------------------------- */

TEST(keys_become_commands)
{
    struct scene s = scene_new(1280, 800, 4096, false);
    struct calls_seen h;
    struct controls c = controls_for(&s, &h);
    static const struct {
        int key;
        bool ctrl, running;
        const char *line;
    } expect[] = {
        {' ', false, true, "halt"},
        {' ', false, false, "continue"},
        {KEY_ENTER, false, false, "next-event"},
        {KEY_ENTER, false, true, "next-event"},
        {'.', false, false, "next-event"},
        {',', false, false, "previous-event"},
        {'>', false, false, "stepi"},
        {'<', false, false, "reverse-stepi"},
        {'.', true, false, "run-for 1ms"},
        {',', true, false, "goto -1ms"},
        {KEY_END, false, false, "goto now"},
        {'w', false, false, "step-walk"},
        {'S', false, true, "sysrq m"},
    };
    for (unsigned i = 0; i < ARRAY_LEN(expect); i++) {
        h.nlines = 0;
        s.d->running = expect[i].running;
        controls_key(&c, expect[i].key, expect[i].ctrl);
        assert_int_equal(h.nlines, 1);
        assert_string_equal(h.lines[0], expect[i].line);
    }
    h.nlines = 0; /* a walk cannot be stepped while the machine runs */
    s.d->running = true;
    s.v->tab = PANE_BUDDY;
    controls_key(&c, 'w', false);
    assert_int_equal(h.nlines, 2);
    assert_string_equal(h.lines[0], "halt");
    assert_string_equal(h.lines[1], "step-walk");
    assert_int_equal(s.v->tab, PANE_WALK);
    controls_key(&c, KEY_F12, false);
    assert_true(c.picture);
    scene_free(&s);
}

/* A kernel that tells of no events: nothing of it can be caught, and next-event
 * stops at its page faults only. */
TEST(a_silent_kernel)
{
    struct scene s = scene_new(1280, 800, 4096, false);
    struct calls_seen h;
    struct controls c = controls_for(&s, &h);
    for (unsigned silent = 0; silent < 2; silent++) {
        s.d->silent = silent;
        h.nlines = 0;
        controls_key(&c, '1', false);
        assert_int_equal(h.nlines != 0, !silent);
        assert_int_equal(!!strstr(s.v->note, "tells of no events"), silent);
        controls_key(&c, KEY_ENTER, false);
        assert_string_equal(h.lines[h.nlines - 1], "next-event");
        assert_non_null(
            strstr(s.v->note, silent ? "next page fault;" : "next event;"));
    }
    scene_free(&s);
}

/* A note names the goal of a run: an idle guest may never come to it. */
TEST(a_way_without_end_is_told)
{
    struct scene s = scene_new(1280, 800, 4096, false);
    struct calls_seen h;
    struct controls c = controls_for(&s, &h);
    static const struct {
        int key;
        const char *says;
    } ways[] = {{'w', "next page walk"}, {KEY_ENTER, "next event"}};
    for (unsigned i = 0; i < ARRAY_LEN(ways); i++) {
        s.d->running = true;
        controls_key(&c, ways[i].key, false);
        assert_non_null(strstr(s.v->note, ways[i].says));
        view_observe(s.v, s.d);
        assert_non_null(strstr(view_caption(s.v, s.d), ways[i].says));
        s.d->running = false;
        snprintf(s.d->caption, sizeof s.d->caption, "there %u", i);
        view_observe(s.v, s.d);
        assert_string_equal(view_caption(s.v, s.d), s.d->caption);
    }
    scene_free(&s);
}

/* The next key ends the note of a key: "running to the next event" when the
 * machine is stopped, "no smaller text" after larger text; Enter ends the
 * message about unknown words of /. A click's explanation stays while text is
 * made larger. */
TEST(what_a_key_said_ends_with_the_next)
{
    struct scene s = scene_new(1280, 800, 4096, false);
    struct calls_seen h;
    struct controls c = controls_for(&s, &h);
    s.d->running = true;
    controls_key(&c, KEY_ENTER, false);
    assert_non_null(strstr(view_caption(s.v, s.d), "next event"));
    controls_key(&c, ' ', false);
    assert_string_equal(view_caption(s.v, s.d), s.d->caption);
    for (int i = 0; i < 9; i++)
        controls_key(&c, '-', false);
    assert_non_null(strstr(view_caption(s.v, s.d), "no smaller text"));
    controls_key(&c, '+', false);
    assert_string_equal(view_caption(s.v, s.d), s.d->caption);
    snprintf(s.d->lit_error, sizeof s.d->lit_error, "durty: unknown");
    h.nlight = 0;
    controls_key(&c, KEY_ENTER, false);
    assert_int_equal(h.nlight, 1);
    assert_string_equal(h.light, "");
    s.d->lit_error[0] = 0;
    controls_key(&c, ' ', false);
    view_note(s.v, s.d, "anonymous: what it means");
    controls_key(&c, '+', false);
    assert_non_null(strstr(view_caption(s.v, s.d), "what it means"));
    controls_key(&c, ' ', false); /* Space ends it */
    assert_string_equal(view_caption(s.v, s.d), s.d->caption);
    scene_free(&s);
}

/* If all processes sleep, and only then, Enter says that an idle kernel has no
 * events. */
TEST(only_of_a_sleeping_guest_says_enter_so)
{
    struct scene s = scene_new(1280, 800, 4096, false);
    struct calls_seen h;
    struct controls c = controls_for(&s, &h);
    for (unsigned i = 0; i < s.d->nprocs; i++)
        s.d->procs[i].state = PS_SLEEPING;
    controls_key(&c, KEY_ENTER, false);
    assert_non_null(strstr(s.v->note, "press c and type a command"));
    s.d->procs[0].state = PS_DISK;
    controls_key(&c, KEY_ENTER, false);
    assert_non_null(strstr(s.v->note, "running to the next event"));
    assert_null(strstr(s.v->note, "sleep"));
    scene_free(&s);
}

/* In large text a tab takes the place of FRAME until a frame is chosen, and the
 * caption says so. */
TEST(a_tab_in_the_place_of_frame)
{
    struct scene s = scene_new(1264, 755, 4096, false);
    struct calls_seen h;
    struct controls c = controls_for(&s, &h);
    struct draw g = scene_plan(&s);
    for (int i = 0; i < 9 && g.l.at[PANE_DETAIL].w; i++) {
        controls_key(&c, '+', false);
        g = scene_plan(&s);
    }
    assert_int_equal(g.l.at[PANE_DETAIL].w, 0);
    assert_non_null(strstr(view_caption(s.v, s.d), "share one place"));
    controls_key(&c, 'T', false);
    g = scene_plan(&s);
    assert_true(g.l.at[PANE_TLB].w > 0 && !g.l.at[PANE_FRAME].w);
    assert_non_null(strstr(view_caption(s.v, s.d), "the place of FRAME"));
    controls_hover(&c, 5); /* as long as the pointer is there */
    assert_true(scene_plan(&s).l.at[PANE_FRAME].w > 0);
    controls_hover(&c, NO_FRAME);
    assert_true(scene_plan(&s).l.at[PANE_TLB].w > 0);
    controls_select_frame(&c, 5);
    assert_true(scene_plan(&s).l.at[PANE_FRAME].w > 0);
    controls_key(&c, 'T', false);
    controls_key(&c, 'b', false);
    assert_true(scene_plan(&s).l.at[PANE_FRAME].w > 0);
    scene_free(&s);
}

/* If there is no room even so, the caption says which keys make room. */
TEST(a_pane_without_room_says_so)
{
    struct scene s = scene_new(1920, 1050, 4096, false);
    struct calls_seen h;
    struct controls c = controls_for(&s, &h);
    controls_key(&c, 'W', false);
    assert_string_equal(view_caption(s.v, s.d), s.d->caption);
    for (int i = 0; i < 12; i++)
        controls_key(&c, '+', false);
    controls_key(&c, 'W', false);
    int text = s.v->text, n = 0;
    const char *at = strstr(view_caption(s.v, s.d), "press - ");
    assert_non_null(at);
    assert_int_equal(sscanf(at, "press - %d", &n), 1);
    assert_int_equal(s.v->text, text);
    for (; n > 0; n--) { /* so many times, as it says, and no fewer */
        assert_int_equal(scene_plan(&s).l.at[PANE_WALK].w, 0);
        controls_key(&c, '-', false);
    }
    assert_true(scene_plan(&s).l.at[PANE_WALK].w > 0);
    controls_key(&c, 'b', false);
    controls_key(&c, 'T', false);
    assert_non_null(strstr(view_caption(s.v, s.d), "b closes"));
    scene_free(&s);
}

TEST(pace_goes_step_by_step)
{
    struct scene s = scene_new(1280, 800, 4096, false);
    struct calls_seen h;
    struct controls c = controls_for(&s, &h);
    s.d->pace_limit = 1;
    controls_key(&c, '[', false);
    controls_key(&c, ']', false);
    assert_int_equal(h.nlines, 2);
    double slower = 0, faster = 0;
    assert_int_equal(sscanf(h.lines[0], "pace %lf", &slower), 1);
    assert_int_equal(sscanf(h.lines[1], "pace %lf", &faster), 1);
    assert_true(slower > 0 && slower < 1 && faster > 1);
    s.d->pace_limit = 0; /* as fast as it goes: there is no faster */
    h.nlines = 0;
    controls_key(&c, ']', false);
    assert_int_equal(h.nlines, 1);
    assert_string_equal(h.lines[0], "pace max");
    scene_free(&s);
}

TEST(lanes_stop_the_machine)
{
    struct scene s = scene_new(1280, 800, 4096, false);
    struct calls_seen h;
    struct controls c = controls_for(&s, &h);
    for (int lane = 0; lane < LANES; lane++) {
        u64 caught = 0;
        s.d->catching = 0;
        h.nlines = 0;
        controls_key(&c, '1' + lane, false);
        assert_true(h.nlines > 0);
        for (unsigned i = 0; i < h.nlines; i++) {
            assert_memory_equal(h.lines[i], "catch ", 6);
            u64 mask = inspect_reason_mask(h.lines[i] + 6);
            assert_true(mask);
            caught |= mask;
        }
        s.d->catching = caught; /* pressed again: no more */
        assert_true(lane_stops(s.d, lane));
        h.nlines = 0;
        controls_key(&c, '1' + lane, false);
        assert_true(h.nlines > 0);
        for (unsigned i = 0; i < h.nlines; i++)
            assert_memory_equal(h.lines[i], "delete ", 7);
    }
    scene_free(&s);
}

TEST(keys_change_the_view)
{
    struct scene s = scene_new(1280, 800, 4096, false);
    struct calls_seen h;
    struct controls c = controls_for(&s, &h);
    struct view *v = s.v;
    controls_key(&c, 'h', false);
    controls_key(&c, 'o', false);
    controls_key(&c, 't', false);
    controls_key(&c, 'b', false);
    v->note[0] = 0;
    assert_true(v->heat && v->linear && v->light && v->whole_biography);
    controls_key(&c, KEY_ESC, false); /* one thing at a time */
    assert_false(v->whole_biography);
    assert_int_equal(v->pinned, SELECTED);
    controls_key(&c, KEY_ESC, false);
    assert_int_equal(v->pinned, NO_FRAME);
    v->linear = false;
    v->pinned = 0;
    controls_key(&c, KEY_RIGHT, false);
    controls_key(&c, KEY_DOWN, false);
    assert_int_equal(v->pinned, 3); /* Morton: (1, 1) */
    assert_int_equal(h.selected, 3);
    controls_key(&c, KEY_UP, false);
    controls_key(&c, KEY_UP, false); /* there is nothing above */
    assert_int_equal(v->pinned, 1);
    v->zoom = 2;
    v->left = 5;
    controls_key(&c, KEY_HOME, false);
    assert_true(!v->zoom && !v->left);
    controls_key(&c, KEY_PAGE_DOWN, false);
    assert_int_equal(v->scroll[v->tab], 8);
    controls_key(&c, KEY_PAGE_UP, false);
    controls_key(&c, KEY_PAGE_UP, false);
    assert_int_equal(v->scroll[v->tab], 0);
    controls_key(&c, KEY_TAB, false);
    assert_int_equal(v->tab, PANE_POLICY);
    assert_int_equal(v->slider, 0);
    assert_int_equal(h.nlines, 0);
    scene_free(&s);
}

/* Text grows as long as console and caption have their room, and shrinks. */
TEST(text_has_its_bounds)
{
    struct scene s = scene_new(1280, 800, 4096, false);
    struct calls_seen h;
    struct controls c = controls_for(&s, &h);
    struct draw g;
    controls_key(&c, '+', false);
    assert_int_equal(s.v->text, 1);
    for (int i = 0; i < 40; i++)
        controls_key(&c, '+', false);
    assert_non_null(strstr(s.v->note, "no room"));
    draw_plan(&g, 1280, 800, s.d, s.v);
    assert_true(g.l.at[PANE_CONSOLE].h >= 3 * g.lh && g.l.at[PANE_CAPTION].h);
    int largest = g.l.px;
    for (int i = 0; i < 80; i++)
        controls_key(&c, '-', false);
    assert_non_null(strstr(s.v->note, "no smaller"));
    draw_plan(&g, 1280, 800, s.d, s.v);
    assert_true(g.l.px < largest && g.l.px >= 9);
    scene_free(&s);
}

TEST(tabs_have_keys)
{
    struct scene s = scene_new(1280, 800, 4096, false);
    struct calls_seen h;
    struct controls c = controls_for(&s, &h);
    static const char letters[] = "WTDBIVCPE";
    assert_int_equal(TABS, sizeof letters - 1);
    for (unsigned i = 0; i < TABS; i++) {
        controls_key(&c, letters[i], false);
        assert_int_equal(s.v->tab, TAB_FIRST + i);
    }
    scene_free(&s);
}

TEST(light)
{
    struct scene s = scene_new(1280, 800, 4096, false);
    struct calls_seen h;
    struct controls c = controls_for(&s, &h);
    controls_key(&c, '/', false);
    assert_true(s.v->finding);
    for (const char *p = "wrong"; *p; p++)
        controls_key(&c, *p, false);
    controls_key(&c, 'u', true);
    for (const char *p = "dirty pid 7x"; *p; p++) /* h, w, space are no keys */
        controls_key(&c, *p, false);
    controls_key(&c, KEY_BACKSPACE, false);
    assert_int_equal(h.nlight, 0);
    controls_key(&c, KEY_ENTER, false);
    assert_string_equal(h.light, "dirty pid 7");
    assert_false(s.v->finding);
    controls_key(&c, '/', false);
    assert_string_equal(s.v->find, "");
    controls_key(&c, 'a', false);
    controls_key(&c, KEY_ESC, false);
    assert_false(s.v->finding);
    assert_int_equal(h.nlight, 1);
    assert_int_equal(h.nlines, 0);
    controls_key(&c, '/', false); /* never beyond its end */
    for (int i = 0; i < 200; i++)
        controls_key(&c, 'a', false);
    assert_int_equal(strlen(s.v->find), sizeof s.v->find - 1);
    scene_free(&s);
}

/* f lights kind after kind of which there are frames, then none. */
TEST(kinds_one_by_one)
{
    struct scene s = scene_new(1280, 800, 4096, false);
    struct calls_seen h;
    struct controls c = controls_for(&s, &h);
    unsigned kinds = 0;
    s.d->histogram[FS_SHMEM] = 0;
    for (unsigned k = 0; k < FS_COUNT; k++)
        kinds += s.d->histogram[k] > 0;
    for (unsigned i = 0; i < kinds; i++) {
        controls_key(&c, 'f', false);
        assert_true(*h.light);
        assert_string_not_equal(h.light, ins_states[FS_SHMEM].word);
        assert_memory_equal(s.v->note, h.light, strlen(h.light));
        snprintf(s.d->lit_words, sizeof s.d->lit_words, "%s", h.light);
    }
    controls_key(&c, 'f', false);
    assert_string_equal(h.light, "");
    /* Escape: all frames again */
    controls_key(&c, KEY_ESC, false);
    assert_string_equal(h.light, "");
    assert_int_equal(h.nlight, kinds + 2);
    scene_free(&s);
}

TEST(typed_keys_go_to_the_guest)
{
    struct scene s = scene_new(1280, 800, 4096, false);
    struct calls_seen h;
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
    controls_key(&c, KEY_F12, false);
    assert_true(c.picture);
    controls_key(&c, KEY_F10, false);
    assert_false(s.v->console);
    controls_key(&c, ' ', false);
    assert_int_equal(h.nlines, 1);
    scene_free(&s);
}

/* Any key closes the help page, and does nothing else. */
TEST(the_page_closes)
{
    struct scene s = scene_new(1280, 800, 4096, false);
    struct calls_seen h;
    struct controls c = controls_for(&s, &h);
    static const int keys[] = {'?', KEY_ESC, ' ', 'h', KEY_ENTER};
    for (unsigned i = 0; i < ARRAY_LEN(keys); i++) {
        controls_key(&c, '?', false);
        assert_true(s.v->help);
        controls_key(&c, keys[i], false);
        assert_false(s.v->help);
    }
    controls_key(&c, '?', false);
    controls_press(&c, 100, 100);
    controls_release(&c, 100, 100);
    assert_false(s.v->help);
    assert_false(s.v->heat || c.picture);
    assert_int_equal(h.nlines, 0);
    controls_key(&c, '?', false); /* but F12 takes a picture of it */
    controls_key(&c, KEY_F12, false);
    assert_true(s.v->help && c.picture);
    scene_free(&s);
}

/* Each row of keys.def does something where it says that it is a key, and
 * nothing elsewhere. */
TEST(every_row_does_something)
{
    for (unsigned i = 0; i < nkey_rows; i++)
        for (int terminal = 0; terminal < 2; terminal++) {
            const struct key_row *row = &key_rows[i];
            if (row->key == KEY_NONE)
                continue;
            struct scene s = scene_new(1280, 800, 4096, false);
            struct calls_seen h;
            struct controls c = controls_for(&s, &h);
            c.terminal = terminal;
            s.v->zoom = 1;
            s.v->scroll[s.v->tab] = 20;
            struct view *before = xcalloc(1, sizeof *before);
            memcpy(before, s.v, sizeof *before);
            controls_key(&c, row->key & ~KEY_CTRL, row->key & KEY_CTRL);
            bool did = memcmp(before, s.v, sizeof *before) || h.nlines ||
                       h.nlight || c.picture || c.quit;
            bool here = row->where & (terminal ? AT_TERM : AT_WINDOW);
            if (did != here)
                fail_msg("row %u '%s': %s", i, row->name,
                         did ? "is a key here" : "does nothing");
            free(before);
            scene_free(&s);
        }
}

/* A tab's key and the rows of keys.def would all act on one key: each key has
 * one meaning in the window, and one in the terminal. */
TEST(no_key_has_two_meanings)
{
    for (unsigned i = 0; i < nkey_rows; i++) {
        const struct key_row *row = &key_rows[i];
        if (row->key == KEY_NONE)
            continue;
        for (enum pane_id tab = TAB_FIRST; tab < PANES; tab++)
            if (row->key == panes[tab].key)
                fail_msg("'%s' is the key of a tab, too", row->name);
        for (unsigned j = i + 1; j < nkey_rows; j++)
            if (row->key == key_rows[j].key && row->where & key_rows[j].where)
                fail_msg("rows %u and %u ('%s') have the same key", i, j,
                         row->name);
    }
    for (enum pane_id a = TAB_FIRST; a < PANES; a++)
        for (enum pane_id b = a + 1; b < PANES; b++)
            assert_int_not_equal(panes[a].key, panes[b].key);
}

/* Each key that a hint names is in the table. */
TEST(hints_are_keys)
{
    struct scene s = scene_new(1280, 800, 4096, false);
    for (int at = 0; at < 8; at++) {
        s.v->console = at == 1;
        s.v->finding = at == 2;
        s.v->help = at == 3;
        s.d->running = at == 4;
        s.d->walk_live = at == 5;
        s.v->tab = at == 6 ? PANE_POLICY : PANE_WALK;
        s.v->slider = at == 6 ? 1 : -1;
        s.d->caption_pfn = at == 7 ? 5 : LENS_NO_PFN;
        struct hint now[HINTS + 1];
        hints_now(s.v, s.d, now);
        for (const struct hint *k = now; k->name; k++) {
            bool known = k->key == KEY_NONE;
            for (unsigned i = 0; i < nkey_rows; i++)
                known |= key_rows[i].key == k->key;
            assert_true(known && *k->does);
        }
        if (at == 0 || at == 7)
            assert_int_equal(now->key, KEY_ENTER);
        if (at == 5)
            assert_int_equal(now->key, 'w');
    }
    scene_free(&s);
}

/* Escape takes back the latest choice that is visible: not a list behind
 * another tab, and the frame only after what was chosen later. */
TEST(escape_takes_back_the_latest)
{
    struct scene s = scene_new(1280, 800, 4096, false);
    struct calls_seen h;
    struct controls c = controls_for(&s, &h);
    struct view *v = s.v;
    v->events = EVENTS_FAULTS;
    v->tab = PANE_WALK;
    controls_key(&c, 'b', false);
    controls_select_frame(&c, 77);
    view_note(v, s.d, "%s", "a word: what it means");
    controls_key(&c, KEY_ESC, false);
    assert_int_equal(v->note[0], 0);
    assert_int_equal(v->pinned, 77);
    controls_key(&c, KEY_ESC, false);
    assert_int_equal(v->pinned, NO_FRAME);
    assert_true(v->whole_biography);
    controls_key(&c, KEY_ESC, false);
    assert_false(v->whole_biography);
    assert_int_equal(v->events, EVENTS_FAULTS);
    v->tab = PANE_EVENTS;
    controls_key(&c, KEY_ESC, false);
    assert_int_equal(v->events, 0);
    scene_free(&s);
}

/* Keys to a machine that stands go nowhere, and a note says so. */
TEST(a_stopped_machine_reads_no_keys)
{
    struct scene s = scene_new(1280, 800, 4096, false);
    struct calls_seen h;
    struct controls c = controls_for(&s, &h);
    for (int running = 1; running >= 0; running--) {
        s.d->running = running;
        s.v->console = true;
        controls_key(&c, 'x', false);
        assert_int_equal(strstr(s.v->note, "is stopped") != NULL, !running);
    }
    scene_free(&s);
}

/* ---- the mouse ----------------------------------------------------------- */

TEST(map_answers_the_mouse)
{
    struct scene s = scene_new(1280, 800, 4096, false);
    struct calls_seen h;
    struct controls c = controls_for(&s, &h);
    struct draw g;
    struct rect r;
    s.v->pinned = NO_FRAME;
    scene_draw(&s);
    draw_plan(&g, 1280, 800, s.d, s.v);
    assert_true(place_frame(&g, 777, &r));
    int x = r.x + r.w / 2, y = r.y + r.h / 2;
    controls_move(&c, x, y);
    assert_int_equal(s.v->hover, 777);
    assert_int_equal(h.selected, 777);
    controls_press(&c, x, y);
    controls_release(&c, x, y);
    assert_int_equal(s.v->pinned, 777);
    for (int i = 0; i < 3; i++) { /* the frame under the pointer stays there */
        controls_wheel(&c, 1, x, y);
        controls_move(&c, x, y);
        assert_int_equal(s.v->hover, 777);
    }
    assert_true(s.v->zoom >= 2);
    s64 left = s.v->left;
    controls_press(&c, x, y); /* drag: moves, pins nothing */
    controls_move(&c, x + 130, y);
    controls_release(&c, x + 130, y);
    assert_true(s.v->left < left);
    assert_int_equal(s.v->pinned, 777);
    controls_wheel(&c, -9, x, y);
    assert_int_equal(s.v->zoom, 0);
    assert_int_equal(s.v->left, 0);
    controls_leave(&c);
    assert_int_equal(s.v->hover, NO_FRAME);
    scene_free(&s);
}

static void click_at(struct controls *c, struct rect r)
{
    controls_press(c, r.x + r.w / 2, r.y + r.h / 2);
    controls_release(c, r.x + r.w / 2, r.y + r.h / 2);
}

static void click_text(struct scene *s, struct controls *c, const char *text)
{
    scene_draw(s);
    const struct fb_text_record *t = scene_text(s, text, 0);
    if (!t)
        fail_msg("'%s' is nowhere", text);
    else
        click_at(c, t->at);
}

TEST(words_and_hints_answer_a_click)
{
    struct scene s = scene_new(1280, 800, 4096, false);
    struct calls_seen h;
    struct controls c = controls_for(&s, &h);
    s.d->running = false;
    click_text(&s, &c, "the next event"); /* a hint: its key */
    assert_int_equal(h.nlines, 1);
    assert_string_equal(h.lines[0], "next-event");
    click_text(&s, &c, "TIME"); /* a title: its sentence */
    assert_memory_equal(s.v->note, "TIME: ", 6);
    h.nlines = 0;
    click_text(&s, &c, "twohand"); /* the policy: the monitor explains it */
    assert_true(h.nlines == 1 && !strcmp(h.lines[0], "explain twohand"));
    s.d->histogram[FS_SHMEM] = 0; /* a kind: lit, told, counted */
    click_text(&s, &c, "shared-memory");
    assert_string_equal(h.light, "shared-memory");
    assert_memory_equal(s.v->note, "shared-memory: no frames now; ", 30);
    s.v->note[0] = 0; /* a process: its frames and its page tables */
    controls_explain_lit(&c, "pid 5");
    assert_memory_equal(s.v->note, "pid 5: ", 7);
    assert_non_null(strstr(s.v->note, "taken for it: page tables"));
    controls_explain_lit(&c, "pid 5 va 0x1000-0x2000");
    assert_memory_equal(s.v->note, "pid 5: ", 7);
    h.nlines = 0; /* a guest's name for its policy is no command */
    snprintf(s.d->policy, sizeof s.d->policy, "a\nquit");
    click_text(&s, &c, "quit");
    assert_int_equal(h.nlines, 0);
    scene_free(&s);
}

/* The console takes the keys when clicked; a click elsewhere gives them back.
 */
TEST(console_by_mouse)
{
    struct scene s = scene_new(1280, 800, 4096, false);
    struct calls_seen h;
    struct controls c = controls_for(&s, &h);
    struct draw g;
    scene_draw(&s);
    draw_plan(&g, 1280, 800, s.d, s.v);
    click_at(&c, g.l.at[PANE_CONSOLE]);
    assert_true(s.v->console);
    scene_draw(&s);
    click_at(&c, g.l.at[PANE_TIME]);
    assert_false(s.v->console);
    scene_free(&s);
}

TEST(wheel_scrolls_lines)
{
    struct scene s = scene_new(1280, 800, 4096, false);
    struct calls_seen h;
    struct controls c = controls_for(&s, &h);
    struct draw g;
    s.v->tab = PANE_COUNTERS;
    draw_plan(&g, 1280, 800, s.d, s.v);
    struct rect r = g.l.at[PANE_COUNTERS];
    assert_true(r.w > 0);
    controls_wheel(&c, -1, r.x + 9, r.y + r.h / 2);
    assert_int_equal(s.v->scroll[PANE_COUNTERS], 3);
    controls_wheel(&c, 5, r.x + 9, r.y + r.h / 2);
    assert_int_equal(s.v->scroll[PANE_COUNTERS], 0);
    scene_free(&s);
}
