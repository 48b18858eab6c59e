/* SPDX-License-Identifier: MIT */
// rooms: panel inspect machine history boot dev engine time mmu hart isa base linux xv6 source
/* The bar, the caption and the console: the gauges' ticks, what a narrow
 * window leaves out, a sentence that is never cut, keys that do something, and
 * the guest's screen around its cursor. */
#include <stdlib.h>

#include "unit.h"

#include "../panel/scene.h"
#include "panel/input/keys.h"

/* ---- the bar ------------------------------------------------------------- */

static void gauge(struct ins_display *d, unsigned i, const char *name,
                  u64 value)
{
    snprintf(d->vm.gauge[i].name, sizeof d->vm.gauge[i].name, "%s", name);
    d->vm.gauge[i].value = value;
    d->vm.ngauges = i + 1;
}

static struct scene barred(int w, int h)
{
    struct scene s = scene_new(w, h, 4096, false);
    gauge(s.d, 0, "min", 50);
    gauge(s.d, 1, "low", 100);
    gauge(s.d, 2, "high", 200);
    s.d->vm.kept = 0;
    s.d->catching = 0;
    return s;
}

/* The first column of this colour in the bar, right of x; -1: none. */
static int column(const struct scene *s, struct rect bar, int x, u32 colour)
{
    for (; x < bar.x + bar.w; x++)
        if (scene_count(s, (struct rect){x, bar.y, 1, bar.h}, colour) >=
            (unsigned)bar.h / 2)
            return x;
    return -1;
}

/* The gauge spans four times the highest threshold: ticks stand at 1/16, 1/8
 * and 1/4 of it, and it is filled as far as memory is free. */
TEST(ticks_at_the_thresholds)
{
    struct scene s = barred(1600, 900);
    const struct theme *t = theme_get(false);
    s.d->free_frames = 600; /* of 800 */
    scene_draw(&s);
    struct draw g = scene_plan(&s);
    struct rect bar = g.l.at[PANE_BAR];
    int label = scene_text(&s, "free", 0)->at.x;
    int min = column(&s, bar, label, t->bad);
    int low = column(&s, bar, label, t->warn);
    assert_true(min > 0 && low > min);
    assert_in_range(column(&s, bar, low + 2, t->fair) - low,
                    2 * (low - min) - 2, 2 * (low - min) + 2);
    /* The distance of the first two ticks is a sixteenth of the gauge. */
    int sixteenth = low - min, y = bar.y + bar.h / 2;
    int left = min - sixteenth, end = left;
    for (int x = left; x < bar.x + bar.w && x < end + sixteenth; x++)
        if (scene_px(&s, x, y) == (t->good & 0xffffff))
            end = x;
    assert_in_range(end - left, 12 * sixteenth - 16, 12 * sixteenth + 16);
    assert_true(scene_says(&s, "600 of 4,096"));
    assert_true(scene_says(&s, "enough"));
    scene_free(&s);
}

/* The ticks' names: each in its tick's colour where there is room; a click on a
 * name or a tick says what it is, at any width. */
TEST(ticks_have_names)
{
    static const char *const names[] = {"min", "low", "high"};
    for (int w = 1280; w <= 2560; w += 640) {
        bool wide = w > 1280; /* for its height, and so for its text */
        struct scene s = barred(w, wide ? w * 3 / 8 : w * 5 / 8);
        scene_draw(&s);
        struct draw g = scene_plan(&s);
        u32 colour[] = {g.t->bad, g.t->warn, g.t->fair};
        for (unsigned k = 0; k < 3; k++) {
            unsigned terms = 0, there = 0;
            for (unsigned i = 0; i < s.v->nhits; i++) {
                const struct hit *h = &s.v->hit[i];
                if (h->kind != HIT_TERM || h->at.y > g.l.at[PANE_BAR].h ||
                    strcmp(h->word, names[k]))
                    continue;
                assert_true(terms++ || scene_count(&s, h->at, colour[k]) > 0);
            }
            for (unsigned i = 0; i < s.log.n; i++)
                there += s.log.rec[i].at.y < g.l.at[PANE_BAR].h &&
                         !strcmp(s.log.rec[i].text, names[k]);
            assert_int_equal(terms, 1 + there);
            assert_true(there || !wide);
        }
        scene_free(&s);
    }
}

/* The words' colours: red if programs wait, a warning if the daemon works, a
 * third one (no grey) below the last threshold, green if there is enough. */
TEST(words_have_colours)
{
    static const struct {
        u64 free;
        const char *said;
    } rows[] = {{49, "below min"},
                {99, "below low"},
                {199, "below high"},
                {600, "enough"}};
    for (int light = 0; light < 2; light++)
        for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
            const struct theme *t = theme_get(light);
            u32 colours[] = {t->bad, t->warn, t->fair, t->good};
            struct scene s = barred(1600, 900);
            s.v->light = light;
            s.d->free_frames = rows[i].free;
            scene_draw(&s);
            struct rect at = scene_text(&s, rows[i].said, 0)->at;
            for (unsigned k = 0; k < 4; k++)
                assert_int_equal(scene_count(&s, at, colours[k]) > 0, k == i);
            scene_free(&s);
        }
}

TEST(words_by_thresholds)
{
    struct scene s = barred(1600, 900);
    s.d->free_frames = 49;
    scene_draw(&s);
    assert_true(scene_says(&s, "below min: programs wait"));
    s.d->free_frames = 99;
    scene_draw(&s);
    assert_true(scene_says(&s, "below low: the daemon runs"));
    s.d->free_frames = 199; /* the daemon runs if its process does */
    s.d->nevents = 1;
    s.d->events[0] = (struct ins_event){.actor = ACTOR_PAGEOUT, .pid = 2};
    s.d->procs[1].state = PS_DISK;
    scene_draw(&s);
    assert_true(scene_says(&s, "below high: the daemon runs"));
    s.d->procs[1].state = PS_SLEEPING;
    scene_draw(&s);
    assert_true(scene_says(&s, "below high: the daemon rests"));
    s.d->free_frames = 190;
    s.d->vm.kept = 10; /* counts as free */
    scene_draw(&s);
    assert_true(scene_says(&s, "200 of 4,096"));
    assert_true(scene_says(&s, "enough"));
    s.d->vm.swap_total = 0;
    scene_draw(&s);
    assert_true(scene_says(&s, "none"));
    scene_free(&s);
}

TEST(the_pace_in_words)
{
    static const struct {
        double pace;
        const char *words;
    } rows[] = {{.05, "1/20 of real time"},
                {1, "in real time"},
                {3, "3 times real time"},
                {0, "as fast as it goes"}};
    struct scene s = barred(1600, 900);
    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        s.d->pace_limit = rows[i].pace;
        scene_draw(&s);
        assert_true(scene_says(&s, rows[i].words));
    }
    scene_free(&s);
}

static unsigned in_bar(const struct scene *s, const struct draw *g, int *end)
{
    unsigned n = 0;
    *end = 0;
    for (unsigned i = 0; i < s->log.n; i++) {
        const struct fb_text_record *r = &s->log.rec[i];
        if (r->at.y + r->at.h > g->l.at[PANE_BAR].h)
            continue;
        assert_true(r->at.x >= *end); /* written from left to right */
        *end = r->at.x + r->at.w;
        n++;
    }
    return n;
}

/* The important parts are there at every width, the others if there is room. */
TEST(a_narrow_bar_leaves_out)
{
    unsigned before = 0;
    for (int w = 640; w <= 2560; w += 160) {
        struct scene s = barred(w, w * 3 / 4);
        int end;
        s.d->catching = 1ull << R_SWAP_OUT;
        scene_draw(&s);
        struct draw g = scene_plan(&s);
        unsigned n = in_bar(&s, &g, &end);
        assert_true(end <= w);
        assert_true(scene_says(&s, "RUN"));
        assert_true(scene_says(&s, "? keys"));
        assert_true(scene_says(&s, "1.235 s"));
        assert_true(scene_says(&s, "144 of 4,096") ||
                    scene_says(&s, " of 4,096"));
        if (w == 640) {
            assert_false(scene_says(&s, "MIPS"));
            before = n;
        }
        scene_free(&s);
    }
    struct scene s = barred(2560, 800);
    int end;
    scene_draw(&s);
    struct draw g = scene_plan(&s);
    assert_true(in_bar(&s, &g, &end) > before + 4);
    assert_true(scene_says(&s, "83.4 MIPS"));
    assert_true(scene_says(&s, "1,234,567,890"));
    s.d->mips = 0;
    scene_draw(&s);
    assert_false(scene_says(&s, "MIPS")); /* the machine stands still */
    scene_free(&s);
}

TEST(stops_and_lights)
{
    struct scene s = barred(2560, 1000);
    s.d->catching = inspect_reason_mask("pageout");
    s.d->lit = xcalloc(4096, 1);
    s.d->nlit = 1130;
    snprintf(s.d->lit_words, sizeof s.d->lit_words, "anonymous pid 7");
    scene_draw(&s);
    assert_true(scene_says(&s, "stops at"));
    assert_true(scene_says(&s, "anonymous pid 7"));
    assert_true(scene_says(&s, "1,130 frames"));
    free(s.d->lit);
    s.d->lit = NULL;
    scene_free(&s);
}

/* ---- the caption --------------------------------------------------------- */

/* The caption's words as they stand in the picture, line after line. */
static void caption_drawn(const struct scene *s, struct rect at, char *buf,
                          size_t n)
{
    buf[0] = 0;
    for (unsigned i = 0; i < s->log.n; i++) {
        const struct fb_text_record *r = &s->log.rec[i];
        size_t len = strlen(buf);
        if (r->at.y >= at.y && len + 2 < n)
            snprintf(buf + len, n - len, "%s ", r->text);
        if (r->at.y >= at.y) {
            assert_true(r->at.x + r->at.w <= at.x + at.w);
            assert_true(r->at.y + r->at.h <= at.y + at.h);
        }
    }
}

/* At every size: the sentence is there from its first word to its last. */
TEST(a_sentence_is_never_cut)
{
    static const int sizes[][2] = {{640, 480},   {800, 600},   {1024, 768},
                                   {1280, 800},  {1920, 1080}, {2560, 1440},
                                   {3840, 2160}, {640, 2160}};
    static char drawn[1024];
    for (unsigned i = 0; i < ARRAY_LEN(sizes); i++)
        for (int step = -2; step <= 4; step += 2)
            for (size_t n = 20; n < 200; n += 59) {
                struct scene s = barred(sizes[i][0], sizes[i][1]);
                s.v->text = step;
                s.v->scale = sizes[i][0] >= 2560 ? 200 : 100;
                /* Lines of the log have room for 95 letters. */
                char *c = s.d->caption, *end = c + n;
                memset(c, 0, sizeof s.d->caption);
                for (unsigned k = 0; c + 5 < end; k++, c += 5)
                    snprintf(c, 6, "w%03u ", k);
                s.d->running = false;
                scene_draw(&s);
                struct draw g = scene_plan(&s);
                caption_drawn(&s, g.l.at[PANE_CAPTION], drawn, sizeof drawn);
                assert_null(strstr(drawn, "…"));
                char first[8];
                snprintf(first, sizeof first, "w%03u", 0u);
                assert_non_null(strstr(drawn, first));
                if (sizes[i][0] < 1200) { /* lines that the log holds whole */
                    snprintf(first, sizeof first, "w%03u",
                             (unsigned)(n - 1) / 5 - 1);
                    assert_non_null(strstr(drawn, first));
                }
                scene_free(&s);
            }
}

/* The word for the event is the sentence's label; the number of the catch is
 * not shown. */
TEST(a_label_before_the_sentence)
{
    struct scene s = barred(1280, 800);
    snprintf(s.d->caption, sizeof s.d->caption,
             "catch 12: swap-out: frame 9 was written to swap");
    scene_draw(&s);
    assert_false(scene_says(&s, "catch 12"));
    const struct fb_text_record *text =
        scene_text(&s, "frame 9 was written to swap", 0);
    assert_non_null(text);
    assert_string_equal(text->text, "frame 9 was written to swap");
    struct draw g = scene_plan(&s);
    bool label = false;
    for (unsigned i = 0; i < s.log.n; i++)
        label |= s.log.rec[i].at.y >= g.l.at[PANE_CAPTION].y &&
                 !strcmp(s.log.rec[i].text, "swap-out");
    assert_true(label);
    snprintf(s.d->caption, sizeof s.d->caption, "The time is 12: noon");
    scene_draw(&s);
    assert_true(scene_says(&s, "The time is 12: noon"));
    scene_free(&s);
}

TEST(its_frame_is_a_click_away)
{
    struct scene s = barred(1280, 800);
    s.d->caption_pfn = 99;
    scene_draw(&s);
    struct draw g = scene_plan(&s);
    struct rect at = g.l.at[PANE_CAPTION];
    const struct hit *h = view_hit(s.v, at.x + at.w / 2, at.y + g.pad);
    assert_int_equal(h->kind, HIT_FRAME);
    assert_int_equal(h->what, 99);
    scene_free(&s);
}

/* ---- the keys ------------------------------------------------------------ */

static char asked[256];

static void on_command(void *opaque, const char *line)
{
    (void)opaque;
    snprintf(asked, sizeof asked, "%s", line);
}

static void on_keys(void *opaque, const char *bytes, size_t n)
{
    (void)opaque;
    snprintf(asked, sizeof asked, "typed %.*s", (int)n, bytes);
}

static void on_select(void *opaque, s64 pfn)
{
    (void)opaque;
    (void)pfn;
}

static void on_light(void *opaque, const char *words)
{
    (void)opaque;
    snprintf(asked, sizeof asked, "light %s", words);
}

enum { RUNNING, HALTED, EVENT, WALKING, TYPING, FINDING, SLIDER, OFF };

static struct scene in_state(int state)
{
    struct scene s = barred(1600, 900);
    s.d->running = state == RUNNING || state == TYPING;
    snprintf(s.d->mode, sizeof s.d->mode, "%s",
             s.d->running       ? "RUN"
             : state == OFF     ? "OFF"
             : state == WALKING ? "WALK"
                                : "HALT");
    s.d->walk_live = state == WALKING;
    s.d->caption_pfn = state == EVENT ? 5 : LENS_NO_PFN;
    s.v->console = state == TYPING;
    s.v->finding = state == FINDING;
    s.d->ntunables = 2;
    snprintf(s.d->tunable[0].name, sizeof s.d->tunable[0].name, "vm.a");
    s.d->tunable[0].max = 100;
    if (state == SLIDER) {
        s.v->tab = PANE_POLICY;
        s.v->slider = 0;
    }
    return s;
}

static const char *const told[] = {
    [RUNNING] = "type to the guest", [HALTED] = "to the next event",
    [EVENT] = "the next event",      [WALKING] = "the next step of the walk",
    [TYPING] = "back to the panel",  [FINDING] = "light up these frames",
    [SLIDER] = "the next slider",    [OFF] = "all keys"};

/* Each key that the caption names does something then: it sends a command, or
 * changes the panel. */
TEST(keys_do_what_they_say)
{
    for (int state = RUNNING; state <= OFF; state++) {
        struct scene s = in_state(state);
        scene_draw(&s);
        struct draw g = scene_plan(&s);
        if (!scene_says(&s, told[state]))
            fail_msg("state %d: not a word of \"%s\"", state, told[state]);
        unsigned keys = 0, nhits = s.v->nhits;
        static struct hit hit[VIEW_HITS];
        memcpy(hit, s.v->hit, sizeof hit);
        for (unsigned i = 0; i < nhits; i++) {
            struct hit *h = &hit[i];
            if (h->kind != HIT_KEY || h->at.y < g.l.at[PANE_CAPTION].y)
                continue;
            struct scene again = in_state(state);
            static struct view was;
            struct controls c = {.v = again.v,
                                 .d = again.d,
                                 .w = 1600,
                                 .h = 900,
                                 .command = on_command,
                                 .keys = on_keys,
                                 .select = on_select,
                                 .light = on_light};
            was = *again.v;
            asked[0] = 0;
            controls_key(&c, (int)h->what, false);
            bool did =
                asked[0] || c.picture || memcmp(&was, again.v, sizeof was) != 0;
            if (!did)
                print_error("state %d, key %llu\n", state,
                            (unsigned long long)h->what);
            assert_true(did);
            scene_free(&again);
            keys++;
        }
        assert_true(keys > 0);
        scene_free(&s);
    }
}

TEST(a_line_is_typed)
{
    struct scene s = in_state(FINDING);
    snprintf(s.v->find, sizeof s.v->find, "anonymous dirty");
    scene_draw(&s);
    assert_true(scene_says(&s, "anonymous dirty"));
    struct draw g = scene_plan(&s);
    assert_true(scene_count(&s, g.l.at[PANE_CAPTION], g.t->accent) > 0);
    s.v->finding = false;
    snprintf(s.d->lit_error, sizeof s.d->lit_error, "dirtyy: no such word");
    scene_draw(&s);
    assert_true(scene_says(&s, "dirtyy: no such word"));
    scene_free(&s);
}

TEST(many_events_are_gathered)
{
    struct scene s = in_state(RUNNING);
    s.v->news.group[0] =
        (struct news_group){.reason = R_COW_SHARE, .pid = 12, .n = 2560};
    scene_draw(&s);
    assert_true(scene_says(&s, "fork: 2,560 frames shared (sort)"));
    s.v->news.group[0].age = NEWS_AGE;
    scene_draw(&s);
    assert_false(scene_says(&s, "frames shared (sort)"));
    scene_free(&s);
}

/* ---- the console --------------------------------------------------------- */

TEST(the_cursor_is_seen)
{
    static const int sizes[][2] = {
        {640, 480}, {1280, 800}, {1920, 1080}, {3840, 2160}};
    for (unsigned i = 0; i < ARRAY_LEN(sizes); i++)
        for (int typing = 0; typing < 2; typing++) {
            struct scene s = barred(sizes[i][0], sizes[i][1]);
            s.v->console = typing;
            s.v->scale = sizes[i][0] == 3840 ? 200 : 100;
            snprintf(s.d->console[23], sizeof s.d->console[0], "%75s%s", "",
                     "here#");
            s.d->cursor_row = 23;
            s.d->cursor_col = 79;
            scene_draw(&s);
            const struct fb_text_record *r = scene_text(&s, "here#", 0);
            assert_non_null(r);
            struct draw g = scene_plan(&s);
            struct rect at = g.l.at[PANE_CONSOLE];
            assert_true(r->at.x + r->at.w <= at.x + at.w);
            assert_true(r->at.y + r->at.h <= at.y + at.h);
            assert_true(r->at.h >= 9);
            assert_true(
                scene_says(&s, typing ? "keys go to the guest" : "type here"));
            scene_free(&s);
        }
}

/* While somebody types, all of the guest's screen is there. */
TEST(typing_shows_the_whole_screen)
{
    struct scene s = barred(1920, 1080);
    for (unsigned i = 0; i < INS_CONSOLE_ROWS; i++)
        snprintf(s.d->console[i], sizeof s.d->console[0], "row %02u%66s%s", i,
                 "", "12345678");
    s.d->cursor_row = 23;
    scene_draw(&s);
    assert_false(scene_says(&s, "row 00"));
    assert_true(scene_says(&s, "lines "));
    s.v->console = true;
    scene_draw(&s);
    assert_true(scene_says(&s, "row 00"));
    assert_true(scene_says(&s, "row 23"));
    assert_false(scene_says(&s, "lines "));
    const struct fb_text_record *r = scene_text(&s, "row 00", 0);
    assert_int_equal(strlen(r->text), 80);
    scene_free(&s);
}

/* Lines and letters of the console while nobody types: six lines at 1280 x 800,
 * though 80 columns of the body's 13 pixels lack 14 pixels there; a wide window
 * has letters larger than the body's. */
TEST(the_console_is_legible)
{
    static const struct {
        int w, h;
        unsigned lines;
        bool larger;
    } window[] = {
        {1280, 800, 6, false}, {1920, 1080, 5, true}, {3840, 2160, 5, true}};
    for (unsigned i = 0; i < ARRAY_LEN(window); i++) {
        struct scene s = barred(window[i].w, window[i].h);
        unsigned from = 0, to = 0;
        snprintf(s.d->console[23], sizeof s.d->console[0], "%75s%s", "",
                 "here#");
        s.d->cursor_row = 23;
        struct draw g = scene_drawn(&s);
        const struct fb_text_record *r = scene_text(&s, "here#", 0);
        const struct fb_text_record *n = scene_text(&s, "lines ", 0);
        assert_non_null(r);
        assert_non_null(n);
        assert_int_equal(sscanf(n->text, "lines %u-%u of", &from, &to), 2);
        if (to - from + 1 < window[i].lines)
            fail_msg("%d: %s", window[i].w, n->text);
        if (window[i].larger)
            assert_true(r->at.h > g.mono->height);
        else
            assert_true(r->at.h >= g.mono->height - 2);
        scene_free(&s);
    }
}
