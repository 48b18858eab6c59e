/* SPDX-License-Identifier: MIT */
// rooms: panel inspect base linux xv6 source boot
/* The panel while memory is short: the places of the hands, free memory, the
 * thresholds; a click lists the events of a lane or a process; each word
 * answers a click. */
#include <stdlib.h>

#include "unit.h"

#include "../panel/press.h"
#include "../panel/story.h"

static void click(struct scene *s, int x, int y)
{
    struct calls_seen h;
    struct controls c = controls_for(s, &h);
    controls_press(&c, x, y);
    controls_release(&c, x, y);
    scene_draw(s);
}

static void click_on(struct scene *s, struct rect r)
{
    click(s, r.x + r.w / 2, r.y + r.h / 2);
}

/* ---- hands --------------------------------------------------------------- */

/* True if a ring of that colour lies round the cell, but for one side. */
static bool ringed(struct scene *s, u64 pfn, u32 colour)
{
    struct draw g = scene_plan(s);
    struct rect c;
    assert_true(place_frame(&g, pfn, &c));
    int out = g.l.px / 4;
    struct rect all =
        rect_cut(rect_inset(c, -out - g.l.px / 2), g.l.at[PANE_MAP]);
    return scene_count(s, all, colour) >= 3 * (unsigned)(c.w + 2 * out);
}

TEST(hands_are_where_they_are)
{
    static const u64 sizes[] = {1024, 4096, 65536};
    for (unsigned i = 0; i < ARRAY_LEN(sizes); i++)
        for (int linear = 0; linear < 2; linear++) {
            struct scene s = scene_new(1280, 800, sizes[i], false);
            const struct theme *t = theme_get(false);
            s.v->linear = linear;
            s.v->pinned = NO_FRAME;
            /* somewhere in the middle in either order, far from each other */
            u32 row = sizes[i] == 65536 ? 256 : sizes[i] == 4096 ? 64 : 32;
            u32 back = row * (row / 2) + row / 2, front = back + row * 9;
            s.d->vm.hand[0] = back;
            s.d->vm.hand[1] = front;
            scene_draw(&s);
            assert_true(ringed(&s, back, t->bad));
            assert_true(ringed(&s, front, t->data[0]));
            if (sizes[i] == 4096) /* else the legend may lack the room */
                assert_true(scene_says(&s, "back hand"));
            s.d->vm.hand[0] = back - row * 7;
            scene_draw(&s);
            assert_true(ringed(&s, back - row * 7, t->bad));
            assert_false(ringed(&s, back, t->bad));
            s.d->vm.hand[1] = LENS_NO_PFN; /* the other hand alone takes */
            scene_draw(&s);
            assert_true(ringed(&s, back - row * 7, t->bad));
            assert_false(ringed(&s, front, t->data[0]));
            assert_false(scene_says(&s, "back hand"));
            scene_free(&s);
        }
}

/* ---- free memory and its thresholds -------------------------------------- */

/* Bar, policy tab and time axis agree about the thresholds. */
TEST(thresholds_agree)
{
    struct scene s = scene_new(1280, 800, 4096, false);
    const struct theme *t = theme_get(false);
    s.v->tab = PANE_POLICY;
    s.d->free_frames = 150; /* min is 128, low 160, high 192 */
    scene_draw(&s);
    struct draw g = scene_plan(&s);
    assert_true(scene_says(&s, "below low"));
    assert_true(scene_says(&s, "150 of 4,096"));
    static const char *const number[] = {"128", "160", "192"};
    static const char *const name[] = {"min", "low", "high"};
    for (unsigned i = 0; i < 3; i++) {
        assert_true(scene_says(&s, number[i]));
        unsigned n = 0;
        for (unsigned k = 0; k < s.log.n; k++)
            n += !strcmp(s.log.rec[k].text, name[i]);
        assert_true(n >= 1); /* beside the number, and, with room, its line */
        u32 colour = gauge_colour(&g, &s.d->vm.gauge[i]);
        assert_true(scene_count(&s, g.l.at[PANE_BAR], colour) > 0);
        assert_true(scene_count(&s, g.l.at[PANE_TIME], colour) > 20);
    }
    assert_true(scene_count(&s, g.l.at[PANE_BAR], t->warn) > 100);
    s.d->free_frames = 100;
    scene_draw(&s);
    assert_true(scene_says(&s, "below min"));
    s.d->free_frames = 1000;
    scene_draw(&s);
    assert_true(scene_says(&s, "enough"));
    scene_free(&s);
}

/* Frames whose page solaris8 keeps are free: with plenty of these "below min"
 * is not said. */
TEST(kept_frames_are_free)
{
    struct scene s = scene_new(1280, 800, 4096, false);
    s.d->free_frames = 1;
    scene_draw(&s);
    assert_true(scene_says(&s, "below min"));
    s.d->vm.kept = 700;
    scene_draw(&s);
    assert_false(scene_says(&s, "below min"));
    assert_true(scene_says(&s, "enough"));
    scene_free(&s);
}

/* ---- lanes and the events behind them ------------------------------------ */

TEST(lanes_words_are_known)
{
    for (int lane = 0; lane < LANES; lane++)
        for (unsigned i = 0; i < LANE_WORDS && lane_catches(lane)[i]; i++)
            assert_int_not_equal(inspect_reason_mask(lane_catches(lane)[i]), 0);
}

/* Each event that a lane shows can stop the machine: also if a frame goes to
 * the free list with its page (solaris8), and at a kill for thrashing. (Faults
 * and forks are one each, not one for each frame.) */
TEST(every_event_of_a_lane_can_stop)
{
    u64 stops = 0;
    for (int lane = 0; lane < LANES; lane++)
        for (unsigned i = 0; i < LANE_WORDS && lane_catches(lane)[i]; i++)
            stops |= inspect_reason_mask(lane_catches(lane)[i]);
    for (unsigned r = 0; r < R_COUNT; r++) {
        const char *kind = ins_reasons[r].kind;
        if (strcmp(kind, "fault") && strcmp(kind, "fork") &&
            strcmp(kind, "lock") && r > R_BOOT && !(stops >> r & 1))
            fail_msg("%s", ins_reasons[r].word);
    }
}

/* One event of each reason: each leaves a mark on the time axis. */
TEST(no_event_is_left_out)
{
    struct scene s = scene_new(1280, 800, 4096, false);
    struct timeline *h = &s.v->timeline;
    u32 pane = theme_get(false)->pane;
    for (unsigned i = 0; i < h->n; i++)
        memset(h->sample[i].tally, 0, sizeof h->sample[i].tally);
    for (unsigned r = 0; r < R_COUNT; r++) {
        h->first_event = 0;
        h->nevents = 1;
        h->event[0] = (struct ins_event){.cycle = s.d->cycle - 900000000,
                                         .reason = R_COUNT}; /* no such */
        scene_draw(&s);
        struct draw g = scene_plan(&s);
        unsigned none = scene_count(&s, g.l.at[PANE_TIME], pane);
        h->event[0].reason = (u8)r;
        scene_draw(&s);
        if (scene_count(&s, g.l.at[PANE_TIME], pane) >= none)
            fail_msg("%s: in no lane", ins_reasons[r].word);
    }
    scene_free(&s);
}

static struct hit events_hit(const struct scene *s, const char *word)
{
    for (unsigned i = 0; i < s->v->nhits; i++)
        if (s->v->hit[i].kind == HIT_EVENTS && s->v->hit[i].word &&
            !strcmp(s->v->hit[i].word, word))
            return s->v->hit[i];
    fail_msg("nothing asks for the events of %s", word);
    return (struct hit){0};
}

/* A click on a lane lists the events of that time, not those of another. */
TEST(lanes_list_their_events)
{
    struct scene s = scene_new(1280, 800, 4096, false);
    struct timeline *h = &s.v->timeline;
    s.v->pinned = NO_FRAME;
    scene_draw(&s);
    struct hit lane = events_hit(&s, "fault");
    const struct span *t = &lane.span;
    assert_true(t->w > 60 && t->last > t->first);
    u64 then = t->first + (t->last - t->first) / 3;
    u64 later = t->first + (t->last - t->first) / 3 * 2;
    h->first_event = 0;
    h->nevents = 2;
    h->event[0] = (struct ins_event){.number = 1,
                                     .cycle = then,
                                     .reason = R_FAULT_MINOR,
                                     .pfn = LENS_NO_PFN,
                                     .pid = 12,
                                     .va = 0x3f4995000};
    h->event[1] = (struct ins_event){.number = 2,
                                     .cycle = later,
                                     .reason = R_FAULT_MAJOR,
                                     .pfn = LENS_NO_PFN,
                                     .pid = 12,
                                     .va = 0x3f4997000};
    int y = lane.at.y + lane.at.h / 2;
    click(&s, t->x + t->w / 3, y);
    assert_int_equal(s.v->tab, PANE_EVENTS);
    assert_true(scene_says(&s, "fault-minor"));
    assert_false(scene_says(&s, "fault-major"));
    click(&s, t->x + t->w / 3 * 2, y);
    assert_true(scene_says(&s, "fault-major"));
    assert_false(scene_says(&s, "fault-minor"));
    /* events that no display brought are counted, so no list looks whole */
    h->event[0].number = 1;
    h->event[1].number = 900;
    h->nevents = 3;
    h->event[2] = h->event[1];
    h->event[2].number = 901;
    scene_draw(&s);
    assert_true(scene_says(&s, "898 more events"));
    scene_free(&s);
}

/* A click on a process's state lists its events, which say why it sleeps. */
TEST(processes_tell_why)
{
    struct scene s = scene_new(1280, 800, 4096, false);
    scene_draw(&s);
    const struct fb_text_record *state_word = scene_text(&s, "ready", 0);
    assert_non_null(state_word);
    click_on(&s, state_word->at);
    assert_int_equal(s.v->tab, PANE_EVENTS);
    assert_true(scene_says(&s, "pid 20"));
    assert_true(scene_says(&s, "faults"));
    scene_free(&s);
}

/* ---- every word answers -------------------------------------------------- */

/* True for tags and letters on map and slots, and for the guest's console. */
static bool quiet(const struct draw *g, const struct fb_text_record *t)
{
    int x = t->at.x + t->at.w / 2, y = t->at.y + t->at.h / 2;
    struct rect map = g->l.at[PANE_MAP], slots = g->l.at[PANE_SLOTS];
    struct rect console = g->l.at[PANE_CONSOLE];
    return rect_has(map, x, y) || rect_has(slots, x, y) ||
           rect_has(console, x, y);
}

TEST(every_word_answers)
{
    unsigned mute = 0;
    for (enum pane_id tab = TAB_FIRST; tab < PANES; tab++) {
        struct scene s = scene_new(1280, 800, 4096, false);
        story_low(&s);
        s.v->tab = tab;
        story_draw(&s);
        struct draw g = scene_plan(&s);
        for (unsigned i = 0; i < s.log.n; i++) {
            const struct fb_text_record *t = &s.log.rec[i];
            int x = t->at.x + t->at.w / 2, y = t->at.y + t->at.h / 2;
            if (quiet(&g, t) || view_hit(s.v, x, y))
                continue;
            mute++;
            print_message("tab %s: '%s' at %d,%d says nothing\n",
                          panes[tab].name, t->text, x, y);
        }
        assert_true(s.v->nhits > 30 && s.v->nhits < VIEW_HITS);
        scene_free(&s);
    }
    assert_int_equal(mute, 0);
}

/* Each hit has a sentence, and each term an explanation. */
TEST(answers_are_sentences)
{
    for (enum pane_id tab = TAB_FIRST; tab < PANES; tab++) {
        struct scene s = scene_new(1280, 800, 4096, false);
        s.v->tab = tab;
        story_draw(&s);
        for (unsigned i = 0; i < s.v->nhits; i++) {
            const struct hit *h = &s.v->hit[i];
            const char *what;
            if (h->kind == HIT_WORD)
                assert_true(h->word && h->text && h->text[0]);
            if (h->kind == HIT_TERM && !inspect_explain(h->word, &what))
                fail_msg("'%s' is not explained", h->word);
        }
        scene_free(&s);
    }
}
