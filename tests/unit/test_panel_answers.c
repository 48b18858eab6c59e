/* SPDX-License-Identifier: MIT */
// rooms: panel inspect base linux xv6 dwarf boot
/* Each word that the panel shows answers a click. A lane of the time axis shows
 * each event, and nearly each event can stop the machine. */
#include "unit.h"

#include "../panel/story.h"
#include "inspect/words.h"

/* ---- lanes --------------------------------------------------------------- */

/* Each event that a lane shows can stop the machine, also a freeing after which
 * the frame keeps its page (solaris8), and a kill for thrashing. (Exempt: boot,
 * locks, and faults and forks, which are one event each, not one for each
 * frame.) */
TEST(every_event_of_a_lane_can_stop)
{
    u64 stops = 0;
    for (int lane = 0; lane < LANES; lane++)
        for (unsigned i = 0; i < LANE_WORDS && lane_catches(lane)[i]; i++) {
            u64 mask = inspect_reason_mask(lane_catches(lane)[i]);
            assert_int_not_equal(mask, 0); /* inspect knows the word */
            stops |= mask;
        }
    for (unsigned r = 0; r < R_COUNT; r++) {
        const char *kind = ins_reasons[r].kind;
        if (strcmp(kind, "fault") && strcmp(kind, "fork") &&
            strcmp(kind, "lock") && r > R_BOOT && !(stops >> r & 1))
            fail_msg("%s", ins_reasons[r].word);
    }
}

/* An event of any reason leaves a mark on the time axis. */
TEST(no_event_is_left_out)
{
    SCENE(s, 1280, 800, 4096, false);
    struct timeline *h = &s.v->timeline;
    u32 pane = theme_get(false)->pane;
    memset(&s.d->samples, 0, sizeof s.d->samples);
    for (unsigned r = 0; r < R_COUNT; r++) {
        h->first_event = 0;
        h->nevents = 1;
        h->event[0] = (struct ins_event){.cycle = s.d->cycle - 900000000,
                                         .reason = R_COUNT}; /* unknown */
        struct draw g = scene_drawn(&s);
        unsigned none = scene_count(&s, g.l.at[PANE_TIME], pane);
        h->event[0].reason = (u8)r;
        scene_draw(&s);
        if (scene_count(&s, g.l.at[PANE_TIME], pane) >= none)
            fail_msg("%s: in no lane", ins_reasons[r].word);
    }
}

/* A guest may report any number as a reason. */
TEST(any_reason_has_words)
{
    for (unsigned r = 0; r < 256; r++) {
        struct ins_event e = {
            .pfn = 2500, .reason = (u8)r, .slot = INS_NO_SLOT};
        assert_true(strlen(event_text_one(&e)) > strlen("frame 2500: "));
        event_way(&e);
    }
}

/* ---- every word answers -------------------------------------------------- */

/* True for text on map, slots and guest's console, which need not answer. */
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
        SCENE(s, 1280, 800, 4096, false);
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
    }
    assert_int_equal(mute, 0);
}

/* Each click on a word has a sentence for an answer, each term an
 * explanation. */
TEST(answers_are_sentences)
{
    for (enum pane_id tab = TAB_FIRST; tab < PANES; tab++) {
        SCENE(s, 1280, 800, 4096, false);
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
    }
}
