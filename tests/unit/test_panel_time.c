/* SPDX-License-Identifier: MIT */
// rooms: panel inspect base linux xv6 dwarf boot
/* Tests the time axis of a made-up display: columns and cycles, the kinds of
 * frames, thresholds, ticks of events, the cursor and its words. For the lists
 * of events see tests/panel/scenes/time.scene. */
#include "unit.h"

#include "../panel/press.h"
#include "panel/time/time_axis.h"

static struct scene s;
static struct draw g;
static struct axis a;
static struct controls c;
static struct calls_seen seen;

static void draw(void)
{
    g = scene_drawn(&s);
    axis_make(&a, &g);
}

/* Makes a scene in which the panel remembers nothing yet. */
static void begin(int w, int h)
{
    if (s.d)
        scene_free(&s);
    s = scene_new(w, h, 4096, false);
    c = controls_for(&s, &seen);
    memset(&s.v->timeline, 0, sizeof s.v->timeline);
    memset(&s.d->samples, 0, sizeof s.d->samples);
    memset(s.d->tally, 0, sizeof s.d->tally);
    memset(s.d->counters, 0, sizeof s.d->counters);
    s.d->nevents = 0;
}

/* Shows the display of a cycle, with `n` new events of a reason at it. */
static void pass(u64 cycle, u8 reason, unsigned n)
{
    static u64 number = 1;
    s.d->cycle = cycle;
    s.d->nevents = n;
    for (unsigned i = n; i-- > 0;)
        s.d->events[i] = (struct ins_event){.cycle = cycle,
                                            .number = number++,
                                            .pfn = 1000 + i,
                                            .va = 0x4000,
                                            .pid = 12,
                                            .from = FS_FREE,
                                            .to = FS_ANON,
                                            .reason = reason};
    s.d->tally[reason] += n;
    timeline_observe(&s.v->timeline, s.d);
    syn_sample(s.d, 0);
}

/* Shows ten displays, 100 ms apart. */
static void past(int w, int h)
{
    begin(w, h);
    for (u64 i = 1; i <= 10; i++)
        pass(i * (SYN_HZ / 10), R_DEMAND_ZERO, 0);
    draw();
}

static const struct hit *row_of(unsigned list)
{
    for (unsigned i = 0; i < s.v->nhits; i++)
        if (s.v->hit[i].kind == HIT_EVENTS && s.v->hit[i].what == list &&
            s.v->hit[i].span.w)
            return &s.v->hit[i];
    return NULL;
}

static const struct hit *row(unsigned list)
{
    const struct hit *h = row_of(list);
    if (!h)
        fail_msg("no row lists %u", list);
    return h;
}

static void click(int x, int y)
{
    controls_press(&c, x, y);
    controls_release(&c, x, y);
}

/* ---- the axis ------------------------------------------------------------ */

TEST(column_and_cycle_are_inverse)
{
    static const u64 spans[] = {0, SYN_HZ / 3, SYN_HZ / 1000, 5000};
    past(1280, 800);
    for (unsigned i = 0; i < ARRAY_LEN(spans); i++) {
        s.v->span = spans[i];
        axis_make(&a, &g);
        assert_int_equal(a.last, s.d->cycle);
        if (spans[i])
            assert_int_equal(a.last - a.first, spans[i]);
        for (int x = a.plot.x; x < a.plot.x + a.plot.w; x++)
            assert_int_equal(axis_x(&a, axis_cycle(&a, x)), x);
        assert_true(axis_x(&a, a.last + 1) >= a.plot.x + a.plot.w);
    }
}

TEST(wheel_zooms_at_the_pointer)
{
    past(1280, 800);
    int x = a.plot.x + a.plot.w / 3, y = a.plot.y + 4;
    u64 at = axis_cycle(&a, x), all = a.last - a.first;
    for (int i = 0; i < 6; i++)
        controls_wheel(&c, 1, x, y);
    draw();
    assert_true(a.last - a.first < all / 4);
    assert_in_range(axis_x(&a, at), x - 1, x + 1);
    controls_key(&c, KEY_HOME, false);
    assert_int_equal(s.v->span, 0);
    controls_wheel(&c, 1, x, y);
    assert_int_not_equal(s.v->span, 0);
    draw();
    struct rect r = g.l.at[PANE_TIME];
    int all_x = r.x + r.w - g.pad - 2;
    click(all_x, r.y + g.lh / 2);
    assert_int_equal(s.v->span, 0);
}

/* The axis has the run's coarse samples, then the latest, finer ones. If time
 * runs back, the panel forgets all events. */
TEST(what_is_remembered)
{
    begin(1280, 800);
    for (unsigned i = 0; i < 50; i++)
        s.d->samples.whole.at[s.d->samples.whole.n++].cycle =
            i * (SYN_HZ / 1000);
    for (u64 i = 0; i < 600; i++) /* more than the series holds */
        pass(SYN_HZ + i * (SYN_HZ / 100), R_FORK, 1);
    draw();
    assert_int_equal(a.begin, 0);
    for (unsigned i = 1; i < a.n; i++)
        assert_true(a.s[i]->cycle > a.s[i - 1]->cycle);
    assert_int_equal(a.s[a.n - 1]->cycle, s.d->cycle);
    u64 sampled = s.d->cycle; /* then an event, too soon for a sample */
    pass(sampled + 5000, R_FORK, 1);
    assert_int_equal(s.v->timeline.nevents, 601);
    pass(sampled + 4000, R_FORK, 0);
    assert_int_equal(s.v->timeline.nevents, 0);
}

/* ---- rows ---------------------------------------------------------------- */

TEST(stack_holds_all_frames)
{
    past(1280, 1200);
    u64 frames[STACKS], sum = 0;
    stack_of(a.s[3], frames);
    for (unsigned i = 0; i < STACKS; i++)
        sum += frames[i];
    assert_int_equal(sum, 4096);
    const struct hit *h = row(EVENTS_MEMORY);
    assert_true(h->at.h >= g.lh);
    /* In a column without a name: each area's height is its share. */
    struct rect column = {h->at.x + 2, h->at.y, 1, h->at.h};
    unsigned all = 0;
    for (unsigned i = 0; i < STACKS; i++) {
        u8 kind = stack_parts[i].kind;
        unsigned n = scene_count(&s, column, g.t->kind[kind][kind == FS_KCODE]);
        double share = (double)frames[i] / 4096 * column.h;
        assert_true(n >= share - 1.01 && n <= share + 1.01);
        all += n;
    }
    assert_int_equal(all, column.h);
}

TEST(thresholds_are_lines)
{
    past(1280, 1200);
    const struct hit *h = row(EVENTS_FREE);
    for (unsigned i = 0; i < s.d->vm.ngauges; i++) {
        const struct ins_gauge *gauge = &s.d->vm.gauge[i];
        u64 min = s.d->vm.gauge[0].value, max = s.d->vm.gauge[2].value;
        double part = (double)(gauge->value - min + (max - min)) /
                      (3.0 * (double)(max - min));
        u32 colour = gauge_colour(&g, gauge);
        int y = h->at.y + h->at.h - 1 - (int)(part * (h->at.h - 1) + 0.5);
        struct rect line = {h->at.x + h->at.w / 2, y, h->at.w / 2, 1};
        assert_true(scene_count(&s, line, colour) > (unsigned)line.w / 3);
        line.y -= 2;
        assert_int_equal(scene_count(&s, line, colour), 0);
        unsigned named = 0;
        for (unsigned k = 0; k < s.log.n; k++)
            named += !strcmp(s.log.rec[k].text, gauge->name) &&
                     rect_has(h->at, s.log.rec[k].at.x, h->at.y + 1) &&
                     s.log.rec[k].at.y >= h->at.y - g.lh &&
                     s.log.rec[k].at.y < h->at.y + h->at.h;
        assert_int_equal(named, 1);
    }
}

TEST(past_keeps_its_thresholds)
{
    begin(1280, 1200);
    s.d->free_frames = 600;
    for (u64 i = 1; i <= 10; i++)
        pass(i * (SYN_HZ / 10), R_DEMAND_ZERO, 0);
    u64 changed = s.d->cycle;
    for (unsigned i = 0; i < 3; i++)
        s.d->vm.gauge[i].value *= 4;
    for (u64 i = 0; i < 10; i++)
        pass(changed + (i + 1) * (SYN_HZ / 10), R_DEMAND_ZERO, 0);
    draw();
    const struct hit *h = row(EVENTS_FREE);
    int x = axis_x(&a, changed + SYN_HZ / 10) + 8; /* the next sample */
    int right = h->at.x + h->at.w;
    u32 colour = gauge_colour(&g, &s.d->vm.gauge[2]); /* drawn last */
    int y[2] = {0};
    for (int k = h->at.y; k < h->at.y + h->at.h; k++) {
        struct rect before = {h->at.x + h->at.w / 4, k, h->at.w / 4, 1},
                    since = {x, k, right - x, 1};
        y[0] = scene_count(&s, before, colour) > 20 ? k : y[0];
        y[1] = scene_count(&s, since, colour) > 20 ? k : y[1];
    }
    assert_in_range(y[1], h->at.y, h->at.y + h->at.h);
    assert_true(y[0] > y[1]);
    const char *words; /* 600 free: more than high (192) then; now low is 640 */
    words = time_words(&g, &a, axis_x(&a, changed / 2), 9999);
    assert_null(strstr(words, "below"));
    words = time_words(&g, &a, axis_x(&a, changed / 2 * 3), 9999);
    assert_non_null(strstr(words, "600 free (below low)"));
    assert_null(strstr(words, "counted at")); /* sampled at that moment */
    words = time_words(&g, &a, axis_x(&a, changed / 2 * 3) + 12, 9999);
    assert_non_null(strstr(words, "; counted at 1.5"));
}

/* A lane without events, and swap that holds nothing, have no row. */
TEST(rows_are_of_what_was_used)
{
    past(1280, 800);
    assert_null(row_of(EVENTS_LANE + (unsigned)lane_of(R_FORK)));
    assert_non_null(row_of(EVENTS_SWAP));
    begin(1280, 800);
    s.d->vm.swap_used = 0;
    pass(SYN_HZ / 10, R_FORK, 1);
    draw();
    assert_null(row_of(EVENTS_SWAP));
    for (int i = 0; i < LANES; i++)
        assert_int_equal(row_of(EVENTS_LANE + (unsigned)i) != NULL,
                         i == lane_of(R_FORK));
    s.d->catching = ~0ull; /* a lane that stops the machine has its row */
    draw();
    for (int i = 0; i < LANES; i++)
        assert_non_null(row_of(EVENTS_LANE + (unsigned)i));
}

/* Each row has its name beside it; with its gap it is as high as text, or more.
 * Where rows would be lower, the least telling lanes are left out. */
TEST(rows_have_their_names)
{
    static const char *const name[] = {"frames", "free", "swap"};
    static const int size[][2] = {{640, 480}, {1280, 800}, {1920, 1080}};
    for (unsigned k = 0; k < ARRAY_LEN(size); k++) {
        begin(size[k][0], size[k][1]);
        memset(s.d->tally, 1, sizeof s.d->tally);
        draw();
        struct time_rows rows;
        time_rows(&g, &a, &rows);
        if (k)
            assert_int_equal(rows.n, 3 + LANES);
        else
            assert_in_range(rows.n, 5, 2 + LANES);
        for (unsigned i = 0; i < rows.n; i++) {
            int lane = rows.row[i] - ROW_LANE;
            int middle = rows.at[i].y + rows.at[i].h / 2;
            char text[48];
            if (lane < 0)
                snprintf(text, sizeof text, "%s", name[rows.row[i]]);
            else
                snprintf(text, sizeof text, "%d %s", lane + 1, lane_name(lane));
            unsigned named = 0;
            for (unsigned n = 0; n < s.log.n; n++) {
                const struct fb_text_record *t = &s.log.rec[n];
                named += !strcmp(t->text, text) && t->at.x == a.names.x &&
                         middle >= t->at.y && middle < t->at.y + t->at.h;
            }
            assert_int_equal(named, 1);
            assert_true(rows.at[i].h + g.pad / 4 >= g.sans->height);
            if (i)
                assert_true(rows.at[i].y > rows.at[i - 1].y + rows.at[i - 1].h);
        }
        assert_int_equal(rows.at[0].x + rows.at[0].w, a.plot.x + a.plot.w);
        assert_true(a.plot.w * 10 > s.fb.w * 8); /* most of the width */
    }
}

/* While a part is shown, a bar over the rows says which part of the whole. */
TEST(minimap_of_the_whole)
{
    past(1280, 800);
    struct rect over = {a.plot.x, a.plot.y - 4, a.plot.w, 4};
    assert_int_equal(scene_count(&s, over, g.t->accent), 0);
    s.v->span = SYN_HZ / 4;
    s.v->span_end = SYN_HZ / 2;
    draw();
    unsigned all = scene_count(&s, over, g.t->accent);
    double part = (double)s.v->span / (double)(a.now - a.begin);
    assert_true(all >= over.w * part && all <= over.w * part * over.h + 20);
    over.x +=
        (int)((double)(a.first - a.begin) / (double)(a.now - a.begin) * over.w);
    over.w = (int)(over.w * part);
    assert_true(scene_count(&s, over, g.t->accent) >= all - 20);
}

/* A known event is a tick in its column and lane, and nowhere else. */
TEST(event_is_a_tick)
{
    past(1280, 800);
    memset(s.d->tally, 1, sizeof s.d->tally); /* before the known events */
    memset(&s.d->samples, 0, sizeof s.d->samples);
    pass(SYN_HZ, R_FORK, 0);
    pass(11 * (SYN_HZ / 10), R_FORK, 1);
    u64 then = s.d->cycle;
    pass(2 * SYN_HZ, R_FORK, 0);
    draw();
    int x = axis_x(&a, then);
    assert_string_equal(lane_name(lane_of(R_FORK)), "process");
    for (int i = 0; i < LANES; i++) {
        const struct hit *h = row(EVENTS_LANE + (unsigned)i);
        struct rect lane = {h->at.x, h->at.y, h->at.w, h->at.h - 1};
        unsigned other = 0;
        for (int k = lane.x; k < lane.x + lane.w; k++) {
            struct rect one = {k, lane.y, 1, lane.h};
            bool empty = scene_count(&s, one, g.t->pane) +
                             scene_count(&s, one, g.t->rule) ==
                         (unsigned)lane.h;
            if (k == x)
                assert_int_equal(empty, i != lane_of(R_FORK));
            else
                other += !empty;
        }
        assert_int_equal(other, 0);
    }
}

/* Events that were counted, but are not known singly, fill their lane. */
TEST(unknown_events_are_a_crowd)
{
    past(1280, 800);
    s.d->tally[R_COW_COPY] += 5000;
    pass(11 * (SYN_HZ / 10), R_FORK, 0);
    draw();
    const struct hit *h = row(EVENTS_LANE + (unsigned)lane_of(R_COW_COPY));
    int from = axis_x(&a, SYN_HZ) + 2, to = axis_x(&a, s.d->cycle) - 2;
    struct rect r = {from, h->at.y, to - from, h->at.h / 3};
    assert_int_equal(scene_count(&s, r, g.t->pane), 0);
    r.x = axis_x(&a, SYN_HZ * 8 / 10) + 2;
    r.w = axis_x(&a, SYN_HZ * 9 / 10) - r.x - 2;
    assert_true(scene_count(&s, r, g.t->pane) > (unsigned)(r.w * r.h) * 9 / 10);
}

/* A sleeping hart is not sampled; events just before its sleep were once drawn
 * over all of it. */
TEST(a_sleep_is_empty)
{
    past(1280, 800);
    u64 asleep = s.d->cycle + s.d->samples.recent.step;
    s.d->tally[R_COW_COPY] += 5000;
    s.d->cycle += SYN_HZ;
    draw();
    const struct hit *h = row(EVENTS_LANE + (unsigned)lane_of(R_COW_COPY));
    int from = axis_x(&a, asleep) + 2, to = axis_x(&a, s.d->cycle) - 2;
    struct rect r = {from, h->at.y, to - from, h->at.h / 3};
    assert_true(scene_count(&s, r, g.t->pane) > (unsigned)(r.w * r.h) * 9 / 10);
}

/* ---- the cursor ---------------------------------------------------------- */

TEST(words_say_what_was_then)
{
    begin(1280, 800);
    memset(s.d->histogram, 0, sizeof s.d->histogram);
    for (u64 i = 1; i <= 10; i++) {
        s.d->histogram[FS_ANON] = 1218 + 10 * i;
        s.d->free_frames = 200 - i;
        s.d->counters[C_PGFAULT] += i * 250; /* faults in 100 ms */
        pass(i * (SYN_HZ / 10), R_FORK, i == 5);
    }
    s.v->cursor = SYN_HZ / 2 + SYN_HZ / 1000;
    draw();
    const char *words;
    int x = time_cursor(&g, &a);
    assert_int_equal(x, axis_x(&a, s.v->cursor));
    words = time_words(&g, &a, x, 9999);
    assert_non_null(strstr(words, "1,268 anonymous"));
    assert_non_null(strstr(words, "195 free"));
    assert_non_null(strstr(words, "15,000 faults a second over 100.00 ms"));
    assert_true(scene_says(&s, "1,268 anonymous"));
    /* The moment is exact to the cycle, though a column is wider. */
    assert_non_null(strstr(words, "0.5010 s"));
    /* At the fork itself the words tell of it, too. */
    words = time_words(&g, &a, axis_x(&a, SYN_HZ / 2), 9999);
    assert_non_null(strstr(words, "fork by"));
    int room = font_width(g.sans, words) - 1; /* for the fork, not the faults */
    words = time_words(&g, &a, axis_x(&a, SYN_HZ / 2), room);
    assert_non_null(strstr(words, "fork by"));
    assert_in_range(font_width(g.sans, words), 1, room);
    /* The cursor's line crosses all rows. */
    struct rect line = {x, a.plot.y, 1, a.plot.h};
    assert_int_equal(scene_count(&s, line, g.t->ink), line.h);
    /* The pointer has precedence over the moment of the click. */
    s.v->pointer_x = a.plot.x + 5;
    s.v->pointer_y = a.plot.y + 5;
    assert_int_equal(time_cursor(&g, &a), a.plot.x + 5);
    s.v->pointer_x = -1;
    controls_key(&c, KEY_ESC, false);
    controls_key(&c, KEY_ESC, false);
    assert_true(s.v->cursor == NEVER);
    /* If the machine stands in its past, the words tell of that moment, as the
     * legend does, and not of the sample before it. */
    s.d->present = s.d->cycle;
    s.d->past = true;
    s.d->cycle = SYN_HZ / 20 * 11;
    s.d->free_frames = 77;
    draw();
    words = time_words(&g, &a, axis_x(&a, s.d->cycle) + 1, 9999);
    assert_non_null(strstr(words, "0.5500 s: 1,318 anonymous, 77 free"));
}

/* A click between rows keeps the moment and lists its events, too. */
TEST(a_click_keeps_anywhere)
{
    past(1280, 1000);
    int x = axis_x(&a, SYN_HZ / 2);
    for (int y = a.plot.y; y < a.plot.y + a.plot.h; y++) {
        s.v->cursor = NEVER;
        s.v->tab = PANE_WALK;
        draw();
        click(x, y);
        assert_int_equal(axis_x(&a, s.v->cursor), x);
        assert_int_equal(s.v->tab, PANE_EVENTS);
    }
}
