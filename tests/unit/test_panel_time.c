/* SPDX-License-Identifier: MIT */
// rooms: panel inspect base linux xv6 source boot
/* The time axis: columns and cycles, the kinds of frames, thresholds, ticks of
 * events, the cursor and its words, and the lists of events. From a made-up
 * display. */
#include <stdlib.h>

#include "unit.h"

#include "../panel/synthetic.h"
#include "panel/time/time_axis.h"
#include "panel/input/keys.h"

enum { TEXTS = 8192 };

struct scene {
    struct ins_display *d;
    struct view *v;
    struct fb fb;
    struct draw g;
    struct axis a;
    struct controls c;
    char line[8][64]; /* commands that were sent */
    unsigned nlines;
};

static void sent(void *opaque, const char *line)
{
    struct scene *s = opaque;
    if (s->nlines < ARRAY_LEN(s->line))
        snprintf(s->line[s->nlines++], sizeof s->line[0], "%s", line);
}

static void selected(void *opaque, s64 pfn)
{
    (void)opaque;
    (void)pfn;
}

static void lit(void *opaque, const char *words)
{
    (void)opaque;
    (void)words;
}

static void draw(struct scene *s)
{
    s->fb.log->n = 0;
    panel_draw(&s->fb, s->d, s->v);
    draw_plan(&s->g, s->fb.w, s->fb.h, s->d, s->v);
    s->g.fb = &s->fb;
    axis_make(&s->a, &s->g);
}

/* A machine at one second; nothing is remembered yet. */
static struct scene *scene_new(int w, int h)
{
    struct scene *s = xcalloc(1, sizeof *s);
    s->d = syn_display(4096);
    syn_pressure(s->d);
    s->d->nevents = 0;
    s->v = view_new(false);
    fb_init(&s->fb, w, h);
    s->fb.log = xcalloc(1, sizeof *s->fb.log);
    s->fb.log->max = TEXTS;
    s->fb.log->rec = xcalloc(TEXTS, sizeof *s->fb.log->rec);
    s->c = (struct controls){.v = s->v,
                             .d = s->d,
                             .w = w,
                             .h = h,
                             .pressed = PANES,
                             .command = sent,
                             .select = selected,
                             .light = lit,
                             .opaque = s};
    return s;
}

static void scene_free(struct scene *s)
{
    free(s->fb.log->rec);
    free(s->fb.log);
    fb_free(&s->fb);
    view_free(s->v);
    syn_free(s->d);
    free(s);
}

/* A display of that cycle, with `n` new events of a reason just then. */
static void pass(struct scene *s, u64 cycle, u8 reason, unsigned n)
{
    static u64 number = 1;
    s->d->cycle = cycle;
    s->d->nevents = n;
    for (unsigned i = n; i-- > 0;)
        s->d->events[i] = (struct ins_event){.cycle = cycle,
                                             .number = number++,
                                             .pfn = 1000 + i,
                                             .va = 0x4000,
                                             .pid = 12,
                                             .from = FS_FREE,
                                             .to = FS_ANON,
                                             .reason = reason};
    s->d->tally[reason] += n;
    timeline_observe(&s->v->timeline, s->d);
}

/* Ten displays, 100 ms from one to the next. */
static struct scene *scene_past(int w, int h)
{
    struct scene *s = scene_new(w, h);
    for (u64 i = 1; i <= 10; i++)
        pass(s, i * (SYN_HZ / 10), R_DEMAND_ZERO, 0);
    draw(s);
    return s;
}

static const struct hit *row(const struct scene *s, unsigned list)
{
    for (unsigned i = 0; i < s->v->nhits; i++)
        if (s->v->hit[i].kind == HIT_EVENTS && s->v->hit[i].what == list &&
            s->v->hit[i].span.w)
            return &s->v->hit[i];
    return NULL;
}

static unsigned count(const struct scene *s, struct rect r, u32 colour)
{
    unsigned n = 0;
    for (int y = r.y; y < r.y + r.h; y++)
        for (int x = r.x; x < r.x + r.w; x++)
            n += (s->fb.px[y * s->fb.w + x] & 0xffffff) == (colour & 0xffffff);
    return n;
}

static unsigned texts(const struct scene *s, const char *part)
{
    unsigned n = 0;
    for (unsigned i = 0; i < s->fb.log->n; i++)
        n += strstr(s->fb.log->rec[i].text, part) != NULL;
    return n;
}

/* Counts such texts in the list of the events tab. */
static unsigned rows_with(const struct scene *s, const char *part)
{
    unsigned n = 0;
    for (unsigned i = 0; i < s->fb.log->n; i++) {
        const struct fb_text_record *t = &s->fb.log->rec[i];
        n += rect_has(s->g.l.at[PANE_EVENTS], t->at.x, t->at.y) &&
             strstr(t->text, part);
    }
    return n;
}

/* ---- the axis ------------------------------------------------------------ */

TEST(test_column_and_cycle_are_inverse)
{
    static const u64 spans[] = {0, SYN_HZ / 3, SYN_HZ / 1000, 5000};
    struct scene *s = scene_past(1280, 800);
    for (unsigned i = 0; i < ARRAY_LEN(spans); i++) {
        s->v->span = spans[i];
        axis_make(&s->a, &s->g);
        assert_int_equal(s->a.last, s->d->cycle);
        if (spans[i])
            assert_int_equal(s->a.last - s->a.first, spans[i]);
        for (int x = s->a.plot.x; x < s->a.plot.x + s->a.plot.w; x++)
            assert_int_equal(axis_x(&s->a, axis_cycle(&s->a, x)), x);
        assert_true(axis_x(&s->a, s->a.last + 1) >= s->a.plot.x + s->a.plot.w);
    }
    scene_free(s);
}

TEST(test_wheel_zooms_at_the_pointer)
{
    struct scene *s = scene_past(1280, 800);
    int x = s->a.plot.x + s->a.plot.w / 3, y = s->a.plot.y + 4;
    u64 at = axis_cycle(&s->a, x), all = s->a.last - s->a.first;
    for (int i = 0; i < 6; i++)
        controls_wheel(&s->c, 1, x, y);
    draw(s);
    assert_true(s->a.last - s->a.first < all / 4);
    assert_in_range(axis_x(&s->a, at), x - 1, x + 1);
    controls_key(&s->c, KEY_HOME, false);
    assert_int_equal(s->v->span, 0);
    controls_wheel(&s->c, 1, x, y);
    assert_int_not_equal(s->v->span, 0);
    draw(s);
    struct rect r = s->g.l.at[PANE_TIME];
    int all_x = r.x + r.w - s->g.pad - 2;
    controls_press(&s->c, all_x, r.y + s->g.lh / 2);
    controls_release(&s->c, all_x, r.y + s->g.lh / 2);
    assert_int_equal(s->v->span, 0);
    scene_free(s);
}

/* The run's coarse samples come before the finer ones; if time runs back, all
 * is forgotten. */
TEST(test_what_is_remembered)
{
    struct scene *s = scene_new(1280, 800);
    for (unsigned i = 0; i < 50; i++)
        s->d->samples.at[s->d->samples.n++].cycle = i * (SYN_HZ / 1000);
    for (u64 i = 0; i < 600; i++) /* more than the ring holds */
        pass(s, SYN_HZ + i * (SYN_HZ / 100), R_FORK, 1);
    draw(s);
    assert_int_equal(s->a.begin, 0);
    for (unsigned i = 1; i < s->a.n; i++)
        assert_true(s->a.s[i]->cycle > s->a.s[i - 1]->cycle);
    assert_int_equal(s->a.s[s->a.n - 1]->cycle, s->d->cycle);
    u64 sampled = s->d->cycle; /* then an event, too soon for a sample */
    pass(s, sampled + 5000, R_FORK, 1);
    assert_int_equal(s->v->timeline.nevents, 601);
    pass(s, sampled + 4000, R_FORK, 0);
    assert_int_equal(s->v->timeline.nevents, 0);
    scene_free(s);
}

/* ---- rows ---------------------------------------------------------------- */

TEST(test_stack_holds_all_frames)
{
    struct scene *s = scene_past(1280, 1200);
    u64 frames[STACKS], sum = 0;
    stack_of(s->a.s[3], frames);
    for (unsigned i = 0; i < STACKS; i++)
        sum += frames[i];
    assert_int_equal(sum, 4096);
    const struct hit *h = row(s, EVENTS_MEMORY);
    assert_non_null(h);
    assert_true(h->at.h >= s->g.lh);
    /* In a column without a name: each area's height is its share. */
    struct rect column = {h->at.x + 2, h->at.y, 1, h->at.h};
    unsigned all = 0;
    for (unsigned i = 0; i < STACKS; i++) {
        u8 kind = stack_parts[i].kind;
        unsigned n = count(s, column, s->g.t->kind[kind][kind == FS_KCODE]);
        double share = (double)frames[i] / 4096 * column.h;
        assert_true(n >= share - 1.01 && n <= share + 1.01);
        all += n;
    }
    assert_int_equal(all, column.h);
    scene_free(s);
}

TEST(test_thresholds_are_lines)
{
    struct scene *s = scene_past(1280, 1200);
    const struct hit *h = row(s, EVENTS_FREE);
    assert_non_null(h);
    for (unsigned i = 0; i < s->d->vm.ngauges; i++) {
        const struct ins_gauge *gauge = &s->d->vm.gauge[i];
        u64 min = s->d->vm.gauge[0].value, max = s->d->vm.gauge[2].value;
        double part = (double)(gauge->value - min + (max - min)) /
                      (3.0 * (double)(max - min));
        u32 colour = gauge_colour(&s->g, gauge);
        int y = h->at.y + h->at.h - 1 - (int)(part * (h->at.h - 1) + 0.5);
        struct rect line = {h->at.x + h->at.w / 2, y, h->at.w / 2, 1};
        assert_true(count(s, line, colour) > (unsigned)line.w / 3);
        line.y -= 2;
        assert_int_equal(count(s, line, colour), 0);
        unsigned named = 0;
        for (unsigned k = 0; k < s->fb.log->n; k++)
            named += !strcmp(s->fb.log->rec[k].text, gauge->name) &&
                     rect_has(h->at, s->fb.log->rec[k].at.x, h->at.y + 1) &&
                     s->fb.log->rec[k].at.y >= h->at.y - s->g.lh &&
                     s->fb.log->rec[k].at.y < h->at.y + h->at.h;
        assert_int_equal(named, 1);
    }
    scene_free(s);
}

/* The past keeps its thresholds when a tunable moves them. */
TEST(test_past_keeps_its_thresholds)
{
    struct scene *s = scene_new(1280, 1200);
    s->d->free_frames = 600;
    for (u64 i = 1; i <= 10; i++)
        pass(s, i * (SYN_HZ / 10), R_DEMAND_ZERO, 0);
    u64 changed = s->d->cycle;
    for (unsigned i = 0; i < 3; i++)
        s->d->vm.gauge[i].value *= 4;
    for (u64 i = 0; i < 10; i++)
        pass(s, changed + (i + 1) * (SYN_HZ / 10), R_DEMAND_ZERO, 0);
    draw(s);
    const struct hit *h = row(s, EVENTS_FREE);
    int x = axis_x(&s->a, changed + SYN_HZ / 10) + 8; /* the next sample */
    int right = h->at.x + h->at.w;
    u32 colour = gauge_colour(&s->g, &s->d->vm.gauge[2]); /* drawn last */
    int y[2] = {0};
    for (int k = h->at.y; k < h->at.y + h->at.h; k++) {
        struct rect before = {h->at.x + h->at.w / 4, k, h->at.w / 4, 1},
                    since = {x, k, right - x, 1};
        y[0] = count(s, before, colour) > 20 ? k : y[0];
        y[1] = count(s, since, colour) > 20 ? k : y[1];
    }
    assert_in_range(y[1], h->at.y, h->at.y + h->at.h);
    assert_true(y[0] > y[1]);
    char words[256]; /* 600 free: then more than high, 192; now low is 640 */
    time_words(&s->g, &s->a, axis_x(&s->a, changed / 2), 9999, words,
               sizeof words);
    assert_null(strstr(words, "below"));
    time_words(&s->g, &s->a, axis_x(&s->a, changed / 2 * 3), 9999, words,
               sizeof words);
    assert_non_null(strstr(words, "600 free (below low)"));
    scene_free(s);
}

/* If lanes are lower than their names, a line leads from each to its lane. */
TEST(test_names_lead_to_lanes)
{
    struct scene *s = scene_past(1280, 800);
    for (int i = 0; i < LANES; i++) {
        const struct hit *h = row(s, EVENTS_LANE + (unsigned)i);
        assert_non_null(h);
        assert_true(h->at.h < s->g.lh);
        struct rect left = {h->at.x - 4, h->at.y + h->at.h / 2, 2, 1};
        assert_int_equal(
            count(s, left, colour_mix(s->g.t->pane, s->g.t->data[i], 130)), 2);
    }
    scene_free(s);
}

/* A known event: a tick in its column and lane, and nowhere else. */
TEST(test_event_is_a_tick)
{
    struct scene *s = scene_past(1280, 800);
    pass(s, 11 * (SYN_HZ / 10), R_FORK, 1);
    u64 then = s->d->cycle;
    pass(s, 2 * SYN_HZ, R_FORK, 0);
    draw(s);
    int x = axis_x(&s->a, then);
    assert_string_equal(lane_name(lane_of(R_FORK)), "process");
    for (int i = 0; i < LANES; i++) {
        const struct hit *h = row(s, EVENTS_LANE + (unsigned)i);
        assert_non_null(h);
        struct rect lane = {h->at.x, h->at.y, h->at.w, h->at.h - 1};
        unsigned other = 0;
        for (int k = lane.x; k < lane.x + lane.w; k++) {
            struct rect one = {k, lane.y, 1, lane.h};
            bool empty =
                count(s, one, s->g.t->pane) + count(s, one, s->g.t->rule) ==
                (unsigned)lane.h;
            if (k == x)
                assert_int_equal(empty, i != lane_of(R_FORK));
            else
                other += !empty;
        }
        assert_int_equal(other, 0);
    }
    scene_free(s);
}

/* Events that were counted, but are not known singly, fill their lane. */
TEST(test_unknown_events_are_a_crowd)
{
    struct scene *s = scene_past(1280, 800);
    s->d->tally[R_COW_COPY] += 5000;
    pass(s, 11 * (SYN_HZ / 10), R_FORK, 0);
    draw(s);
    const struct hit *h = row(s, EVENTS_LANE + (unsigned)lane_of(R_COW_COPY));
    int from = axis_x(&s->a, SYN_HZ) + 2, to = axis_x(&s->a, s->d->cycle) - 2;
    struct rect r = {from, h->at.y, to - from, h->at.h / 3};
    assert_int_equal(count(s, r, s->g.t->pane), 0);
    r.x = axis_x(&s->a, SYN_HZ * 8 / 10) + 2;
    r.w = axis_x(&s->a, SYN_HZ * 9 / 10) - r.x - 2;
    assert_true(count(s, r, s->g.t->pane) > (unsigned)(r.w * r.h) * 9 / 10);
    scene_free(s);
}

TEST(test_lane_stops_the_machine)
{
    struct scene *s = scene_past(1280, 800);
    int x = 0, y = 0;
    for (unsigned i = 0; i < s->v->nhits; i++)
        if (s->v->hit[i].kind == HIT_KEY && s->v->hit[i].what == '4' &&
            rect_has(s->g.l.at[PANE_TIME], s->v->hit[i].at.x,
                     s->v->hit[i].at.y)) {
            x = s->v->hit[i].at.x + s->v->hit[i].at.w / 2;
            y = s->v->hit[i].at.y + s->v->hit[i].at.h / 2;
        }
    assert_int_not_equal(x, 0);
    controls_press(&s->c, x, y);
    controls_release(&s->c, x, y);
    assert_true(s->nlines > 0);
    assert_string_equal(s->line[0], "catch fork");
    unsigned red = count(s, s->a.names, s->g.t->bad);
    for (unsigned i = 0; i < LANE_WORDS && lane_catches(3)[i]; i++)
        s->d->catching |= inspect_reason_mask(lane_catches(3)[i]);
    assert_true(lane_stops(s->d, 3));
    draw(s);
    assert_true(count(s, s->a.names, s->g.t->bad) > red + 20);
    scene_free(s);
}

/* No text over another or cut, at any size. */
TEST(test_no_text_overlaps)
{
    static const struct {
        int w, h, scale;
    } sizes[] = {{640, 480, 100},   {800, 600, 100},   {1024, 768, 100},
                 {1280, 720, 100},  {1280, 800, 100},  {1366, 768, 100},
                 {1920, 1080, 100}, {1920, 1080, 150}, {2560, 1600, 200},
                 {3840, 2160, 300}};
    for (unsigned i = 0; i < ARRAY_LEN(sizes) * 7; i++) {
        struct scene *s = scene_new(sizes[i / 7].w, sizes[i / 7].h);
        s->v->scale = sizes[i / 7].scale;
        s->v->text = (int)(i % 7) - 2;
        syn_history(s->v, s->d);
        if (i % 2) { /* as long as numbers can be */
            s->d->free_frames = s->d->vm.swap_used = ~0ull;
            s->d->vm.swap_total = s->d->vm.gauge[1].value = ~0ull;
            s->d->catching = ~0ull;
            memset(s->d->histogram, 0xff, sizeof s->d->histogram);
            memset(s->d->counters, 0xff, sizeof s->d->counters);
            pass(s, ~0ull - 1000 * i, R_SWAP_OUT, 5);
        }
        if (i % 4 == 3)
            s->d->clock_hz = 0;
        s->v->tab = PANE_EVENTS;
        s->v->cursor = s->d->cycle / 8 * (1 + i % 7);
        s->v->span = i % 3 ? s->d->cycle / 3 : 0;
        draw(s);
        for (unsigned k = 0; k < s->fb.log->n; k++) {
            const struct fb_text_record *t = &s->fb.log->rec[k];
            struct rect pane = s->g.l.at[PANE_TIME];
            if (rect_has(s->g.l.at[PANE_EVENTS], t->at.x, t->at.y))
                pane = s->g.l.at[PANE_EVENTS];
            else if (!rect_has(pane, t->at.x, t->at.y))
                continue;
            assert_true(t->at.x + t->at.w <= pane.x + pane.w);
            assert_true(t->at.y + t->at.h <= pane.y + pane.h);
            for (unsigned m = 0; m < k; m++) {
                struct rect both = rect_cut(t->at, s->fb.log->rec[m].at);
                if (both.w > 0 && both.h > 0)
                    fail_msg("%d x %d, text %d: '%s' over '%s' by %d x %d",
                             s->fb.w, s->fb.h, s->v->text, t->text,
                             s->fb.log->rec[m].text, both.w, both.h);
            }
        }
        scene_free(s);
    }
}

/* ---- the cursor and the lists -------------------------------------------- */

TEST(test_words_say_what_was_then)
{
    struct scene *s = scene_new(1280, 800);
    memset(s->d->histogram, 0, sizeof s->d->histogram);
    for (u64 i = 1; i <= 10; i++) {
        s->d->histogram[FS_ANON] = 1218 + 10 * i;
        s->d->free_frames = 200 - i;
        s->d->counters[C_PGFAULT] += i * 250; /* in 100 ms */
        pass(s, i * (SYN_HZ / 10), R_FORK, i == 5);
    }
    s->v->cursor = SYN_HZ / 2 + SYN_HZ / 1000;
    draw(s);
    char words[256];
    int x = time_cursor(&s->g, &s->a);
    assert_int_equal(x, axis_x(&s->a, s->v->cursor));
    time_words(&s->g, &s->a, x, 9999, words, sizeof words);
    assert_non_null(strstr(words, "1,268 anonymous"));
    assert_non_null(strstr(words, "195 free"));
    assert_non_null(strstr(words, "15.0 faults a ms"));
    assert_int_equal(texts(s, "1,268 anonymous"), 1);
    /* Exact to the cycle, though a column is wider: it does not drift. */
    assert_non_null(strstr(words, "0.501 s"));
    /* At the fork itself the words tell of it, too. */
    time_words(&s->g, &s->a, axis_x(&s->a, SYN_HZ / 2), 9999, words,
               sizeof words);
    assert_non_null(strstr(words, "fork by"));
    int room = font_width(s->g.sans, words) - 1; /* the fork, not the faults */
    time_words(&s->g, &s->a, axis_x(&s->a, SYN_HZ / 2), room, words,
               sizeof words);
    assert_non_null(strstr(words, "fork by"));
    assert_in_range(font_width(s->g.sans, words), 1, room);
    /* The cursor's line crosses all rows. */
    struct rect line = {x, s->a.plot.y, 1, s->a.plot.h};
    assert_int_equal(count(s, line, s->g.t->ink), line.h);
    /* The pointer goes before the moment of the click. */
    s->v->pointer_x = s->a.plot.x + 5;
    s->v->pointer_y = s->a.plot.y + 5;
    assert_int_equal(time_cursor(&s->g, &s->a), s->a.plot.x + 5);
    s->v->pointer_x = -1;
    controls_key(&s->c, KEY_ESC, false);
    controls_key(&s->c, KEY_ESC, false);
    assert_true(s->v->cursor == NEVER);
    scene_free(s);
}

/* A click between rows keeps the moment and lists its events, too. */
TEST(test_a_click_keeps_anywhere)
{
    struct scene *s = scene_past(1280, 1000);
    int x = axis_x(&s->a, SYN_HZ / 2);
    for (int y = s->a.plot.y; y < s->a.plot.y + s->a.plot.h; y++) {
        s->v->cursor = NEVER;
        s->v->tab = PANE_WALK;
        draw(s);
        controls_press(&s->c, x, y);
        controls_release(&s->c, x, y);
        assert_int_equal(axis_x(&s->a, s->v->cursor), x);
        assert_int_equal(s->v->tab, PANE_EVENTS);
    }
    scene_free(s);
}

TEST(test_lists_filter)
{
    struct scene *s = scene_new(1280, 1720);
    for (u64 i = 1; i <= 9; i++)
        pass(s, i * (SYN_HZ / 10), i % 3 ? R_DEMAND_ZERO : R_COW_COPY,
             i % 3 ? 1 : 2);
    s->v->tab = PANE_EVENTS;
    draw(s);
    assert_int_equal(rows_with(s, "cow-copy"), 6);
    assert_int_equal(rows_with(s, "demand-zero"), 6);
    s->v->events = EVENTS_LANE + (unsigned)lane_of(R_COW_COPY);
    draw(s);
    assert_int_equal(rows_with(s, "cow-copy"), 6);
    assert_int_equal(rows_with(s, "demand-zero"), 0);
    /* A click on the lane lists its events then, and keeps the cursor. */
    const struct hit *h = row(s, s->v->events);
    int x = axis_x(&s->a, 6 * (SYN_HZ / 10)), y = h->at.y + h->at.h / 2;
    s->v->tab = PANE_WALK;
    controls_press(&s->c, x, y);
    controls_release(&s->c, x, y);
    draw(s);
    assert_int_equal(s->v->tab, PANE_EVENTS);
    assert_int_equal(rows_with(s, "cow-copy"), 2);
    assert_int_equal(axis_x(&s->a, s->v->cursor), x);
    assert_int_equal(rows_with(s, "2 events"), 1);
    /* Not "0 events" for a time at which the lane has a tick. */
    struct ins_event *oldest =
        &s->v->timeline.event[s->v->timeline.first_event];
    oldest->number = 7000;
    s->v->events_first = oldest->cycle / 4;
    s->v->events_last = oldest->cycle / 2;
    draw(s);
    assert_int_equal(rows_with(s, "0 events"), 0);
    assert_int_equal(rows_with(s, "older than what is kept; Esc"), 1);
    oldest->number = 0; /* then there was none before it */
    draw(s);
    assert_int_equal(rows_with(s, "0 events"), 1);
    s->v->events_first = 0;
    s->v->events_last = NEVER;
    s->v->events = EVENTS_PROC + 12;
    draw(s);
    assert_int_equal(rows_with(s, "cow-copy"), 6);
    s->v->events = EVENTS_PROC + 20;
    draw(s);
    assert_int_equal(rows_with(s, "cow-copy"), 0);
    assert_int_equal(rows_with(s, "There is none"), 1);
    scene_free(s);
}
