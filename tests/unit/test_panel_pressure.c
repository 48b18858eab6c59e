/* SPDX-License-Identifier: MIT */
// rooms: panel inspect base
/* What the panel shows of memory under pressure: the clock's hands and their
 * trails, thresholds, disks' queues, lanes that stop the machine, a frame's
 * biography. From a made-up display. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../panel/synthetic.h"
#include "panel/keys.h"

#define SELECTED 1127

struct scene {
    struct ins_display *d;
    struct view *v;
    struct fb fb;
    struct draw g;
    char lines[16][80]; /* commands that were sent */
    unsigned nlines;
};

static struct scene *scene_new(int w, int h, u64 nframes)
{
    struct scene *s = xcalloc(1, sizeof *s);
    s->d = syn_display(nframes);
    syn_disks(s->d);
    syn_pressure(s->d);
    s->v = view_new(false);
    syn_history(s->v, s->d);
    if (nframes > SELECTED) {
        s->v->pinned = SELECTED;
        syn_selected(s->d, SELECTED);
    }
    fb_init(&s->fb, w, h);
    return s;
}

static void draw(struct scene *s)
{
    panel_draw(&s->fb, s->d, s->v);
    draw_plan(&s->g, s->fb.w, s->fb.h, s->d, s->v);
    s->g.fb = &s->fb;
}

static void scene_free(struct scene *s)
{
    fb_free(&s->fb);
    view_free(s->v);
    syn_free(s->d);
    free(s);
}

static u32 px(const struct scene *s, int x, int y)
{
    return s->fb.px[y * s->fb.w + x] & 0xffffff;
}

static unsigned count(const struct scene *s, struct rect r, u32 colour)
{
    unsigned n = 0;
    for (int y = r.y; y < r.y + r.h; y++)
        for (int x = r.x; x < r.x + r.w; x++)
            n += px(s, x, y) == (colour & 0xffffff);
    return n;
}

/* ---- hands --------------------------------------------------------------- */

static bool ringed(const struct scene *s, u64 pfn, u32 colour)
{
    struct rect c = map_cell_rect(&s->g, pfn);
    int x = c.x + c.w / 2, y = c.y + c.h + 2; /* the tab lies above */
    return px(s, x, c.y - 4) == colour && px(s, x, c.y + c.h + 3) == colour &&
           px(s, c.x - 4, y) == colour && px(s, c.x + c.w + 3, y) == colour;
}

static void hands_are_where_they_are(void **state)
{
    (void)state;
    static const u64 sizes[] = {1024, 4096, 6144, 65536};
    for (unsigned i = 0; i < ARRAY_LEN(sizes); i++)
        for (int linear = 0; linear < 2; linear++) {
            struct scene *s = scene_new(1280, 800, sizes[i]);
            s->v->linear = linear;
            s->v->pinned = NO_FRAME;
            draw(s);
            u32 back = hand_colour(&s->g, 0), front = hand_colour(&s->g, 1);
            assert_int_not_equal(back, front);
            assert_true(ringed(s, s->d->vm.hand[0], back));
            assert_true(ringed(s, s->d->vm.hand[1], front));
            /* both rulers point at it */
            struct rect c = map_cell_rect(&s->g, s->d->vm.hand[1]);
            assert_int_equal(px(s, c.x + c.w / 2, s->g.l.map.y - 1), front);
            assert_int_equal(px(s, s->g.l.map.x - 1, c.y + c.h / 2), front);
            s->d->vm.hand[0] += 40;
            draw(s);
            assert_true(ringed(s, s->d->vm.hand[0], back));
            assert_false(ringed(s, s->d->vm.hand[0] - 40, back));
            /* one hand alone is one that takes */
            s->d->vm.hand[1] = LENS_NO_PFN;
            draw(s);
            assert_int_equal(hand_colour(&s->g, 0), back);
            assert_true(ringed(s, s->d->vm.hand[0], back));
            s->d->vm.hand[0] = LENS_NO_PFN;
            draw(s);
            assert_int_equal(count(s, s->g.l.map, back), 0);
            scene_free(s);
        }
}

/* How strongly the gap right of a cell glows. */
static int glow(const struct scene *s, u64 pfn)
{
    struct rect c = map_cell_rect(&s->g, pfn);
    u32 p = px(s, c.x + c.w, c.y + 2);
    return (int)(p >> 16 & 255) + (int)(p >> 8 & 255) + (int)(p & 255);
}

static void trails_fade_and_end(void **state)
{
    (void)state;
    struct scene *s = scene_new(1280, 800, 4096);
    struct ins_samples *w = &s->d->samples;
    s->v->linear = true;
    w->nsweeps = 0;
    s->d->vm.hand[0] = 2010; /* row 31 of 64 */
    s->d->vm.hand[1] = LENS_NO_PFN;
    for (unsigned i = 0; i < 4; i++) /* 10 frames at a time */
        w->sweep[w->nsweeps++] = (struct ins_sweep){
            s->d->cycle - (4 - i) * 1000000, {1970 + 10 * i, LENS_NO_PFN}};
    draw(s);
    int none = glow(s, 1960);
    assert_int_equal(glow(s, 2020), none); /* not yet swept */
    assert_true(glow(s, 1972) > none);
    for (u64 pfn = 1985; pfn < 2000; pfn++)
        assert_true(glow(s, pfn) > glow(s, pfn - 5));
    /* a second of machine time later the trail is gone */
    s->d->cycle += s->d->clock_hz + 4000000;
    draw(s);
    assert_int_equal(glow(s, 1999), none);
    /* round the end of memory */
    s->d->cycle = w->sweep[3].cycle + 1000000;
    s->d->vm.hand[0] = 20;
    for (unsigned i = 0; i < 4; i++)
        w->sweep[i].hand[0] = (4076 + 10 * i) % 4096;
    draw(s);
    assert_true(glow(s, 4090) > none && glow(s, 5) > glow(s, 4090));
    scene_free(s);
}

/* ---- thresholds ------------------------------------------------------------
 */

static void thresholds_are_lines(void **state)
{
    (void)state;
    struct scene *s = scene_new(1280, 800, 4096);
    const struct theme *t = theme_get(false);
    draw(s);
    struct rect chart = s->g.l.sparks;
    chart.w = (chart.w - 90) / 10;
    assert_true(count(s, chart, t->bad) >= 10); /* min, low, high: dashes */
    assert_true(count(s, chart, t->good) >= 10);
    struct rect pane = s->g.l.memory;
    assert_true(pane.w > 0);
    unsigned low = count(s, pane, t->warn);
    assert_true(low > 100); /* the bar: free is below low */
    s->d->vm.ngauges = 0;
    draw(s);
    assert_int_equal(count(s, chart, t->bad), 0);
    assert_int_equal(count(s, chart, t->good), 0);
    assert_true(count(s, pane, t->warn) < low);
    scene_free(s);
}

/* solaris8 counts frames whose page it keeps as free: the panel said "below
 * min" while there was plenty, and its chart stayed at the bottom. */
static void kept_frames_are_free(void **state)
{
    (void)state;
    struct scene *s = scene_new(1280, 800, 4096);
    u64 high = 0;
    assert_true(inspect_gauge(&s->d->vm, "high", &high));
    s->d->free_frames = 1;
    draw(s);
    struct rect free = {s->g.l.memory.x, s->g.l.memory.y, s->g.l.memory.w,
                        2 * s->g.ch};
    assert_true(count(s, free, theme_get(false)->bad) > 20);
    s->d->vm.kept = high;
    draw(s);
    assert_true(count(s, free, theme_get(false)->bad) < 20);
    u32 blue = theme_get(false)->kind[FS_FILE_CLEAN][1];
    assert_true(count(s, free, blue) > 40);
    scene_free(s);
}

static void a_flat_map_leaves_room_that_is_used(void **state)
{
    (void)state;
    struct scene *s = scene_new(1280, 800, 6144); /* 24 MiB: 2:1 */
    draw(s);
    const struct layout *l = &s->g.l;
    assert_int_equal(l->memory.x, l->legend.x);
    assert_int_equal(l->disks.y + l->disks.h, l->frame.y + 601);
    assert_int_equal(l->procs.h, l->console.h);
    scene_free(s);
}

/* ---- clicks and keys
 * ---------------------------------------------------------- */

static void on_command(void *opaque, const char *line)
{
    struct scene *s = opaque;
    assert_true(s->nlines < ARRAY_LEN(s->lines));
    snprintf(s->lines[s->nlines++], sizeof s->lines[0], "%s", line);
}

static void on_select(void *opaque, s64 pfn)
{
    (void)opaque, (void)pfn;
}

static struct controls controls_for(struct scene *s)
{
    return (struct controls){.v = s->v,
                             .d = s->d,
                             .w = s->fb.w,
                             .h = s->fb.h,
                             .command = on_command,
                             .select = on_select,
                             .opaque = s};
}

static void expect_lines(struct scene *s, const char *const *lines)
{
    unsigned n = 0;
    for (; lines[n]; n++) {
        assert_true(n < s->nlines);
        assert_string_equal(s->lines[n], lines[n]);
    }
    assert_int_equal(s->nlines, n);
    s->nlines = 0;
}

static void lanes_stop_the_machine(void **state)
{
    (void)state;
    struct scene *s = scene_new(1280, 800, 4096);
    struct controls c = controls_for(s);
    draw(s);
    struct rect at = {s->g.l.lanes.x, s->g.l.lanes.y, 60, s->g.ch};
    u32 bad = theme_get(false)->bad;
    assert_int_equal(count(s, at, bad), 0);
    controls_release(&c, at.x + 20, at.y + 4);
    expect_lines(s, (const char *[]){"catch fault", NULL});
    assert_non_null(strstr(s->v->note, "stops at the next"));
    s->d->catching = inspect_reason_mask("fault");
    draw(s);
    assert_true(count(s, at, bad) > 200);
    controls_key(&c, '1', false);
    expect_lines(s, (const char *[]){"delete fault", NULL});
    controls_key(&c, '4', false);
    expect_lines(s,
                 (const char *[]){"catch fork", "catch exec", "catch proc-exit",
                                  "catch oom", "catch deadlock", NULL});
    /* what the monitor has caught already is not caught twice */
    s->d->catching = inspect_reason_mask("scan");
    controls_key(&c, '5', false);
    expect_lines(s, (const char *[]){"catch reclaim", "catch drop-cache",
                                     "catch cached", "catch cache-idle",
                                     "catch cache-reuse", "catch inode-reuse",
                                     NULL});
    s->d->running = false;
    controls_key(&c, KEY_ENTER, false);
    expect_lines(s, (const char *[]){"continue", NULL});
    scene_free(s);
}

/* What came before the events that are known one by one is still shown. */
static void lanes_remember_how_many(void **state)
{
    (void)state;
    struct scene *s = scene_new(1280, 800, 4096);
    struct history *h = &s->v->history;
    draw(s);
    struct rect p = s->g.l.lanes;
    int top = p.y + 4 * s->g.ch; /* reclaim */
    struct rect lower = {p.x + p.w - 300, top + 7, 280, 4};
    struct rect upper = {lower.x, top + 2, 280, 4};
    u32 empty = theme_get(false)->pane;
    h->nevents = 0;
    for (unsigned i = 0; i < h->n; i++)
        memset(h->sample[i].tally, 0, sizeof h->sample[i].tally);
    draw(s);
    unsigned before = count(s, lower, empty), above = count(s, upper, empty);
    for (unsigned i = 0; i < h->n; i++) /* one more in each sample */
        h->sample[(h->first + i) % HISTORY_SAMPLES].tally[R_RECLAIM] = i;
    draw(s);
    assert_true(count(s, lower, empty) < before / 4);
    assert_int_equal(count(s, upper, empty), above);
    scene_free(s);
}

/* A lane's ticks stop the machine: under solaris8, where frames go to the list
 * of free ones with their page, reclaim's did not; nor did a kill for
 * thrashing. (Faults and forks are one each, not one for each frame.) */
static void lanes_ran_through_their_own_ticks(void **state)
{
    (void)state;
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

/* Each word is one that the monitor's catch knows. */
static void lanes_words_are_known(void **state)
{
    (void)state;
    for (int lane = 0; lane < LANES; lane++)
        for (unsigned i = 0; i < LANE_WORDS && lane_catches(lane)[i]; i++)
            assert_int_not_equal(inspect_reason_mask(lane_catches(lane)[i]), 0);
}

/* One event of each reason: each leaves a tick in some lane. */
static void no_event_is_left_out(void **state)
{
    (void)state;
    struct scene *s = scene_new(1280, 800, 4096);
    struct history *h = &s->v->history;
    u32 pane = theme_get(false)->pane;
    h->n = 0;
    for (unsigned r = 0; r < R_COUNT; r++) {
        h->nevents = 0;
        h->first_event = 0;
        draw(s);
        struct rect p = s->g.l.lanes;
        p = (struct rect){p.x + 100, p.y, p.w - 110, LANES * s->g.ch};
        h->nevents = 1;
        h->event[0] =
            (struct ins_event){.cycle = s->d->cycle - 7000, .reason = (u8)r};
        draw(s);
        unsigned with = count(s, p, pane);
        h->event[0].reason = R_COUNT; /* no such */
        draw(s);
        if (with >= count(s, p, pane))
            fail_msg("%s: in no lane", ins_reasons[r].word);
    }
    scene_free(s);
}

static void biography_scrolls(void **state)
{
    (void)state;
    struct scene *s = scene_new(1280, 800, 4096);
    struct controls c = controls_for(s);
    static struct fb_text_record rec[4096];
    struct fb_log log = {0, ARRAY_LEN(rec), rec};
    s->d->biography[29].reason = R_BOOT; /* the oldest, and only there */
    s->d->biography[28].reason = R_PIPE;
    draw(s);
    assert_int_equal(s->g.l.life.w, 0);
    controls_key(&c, 'b', false);
    s->fb.log = &log;
    draw(s);
    assert_true(s->g.l.life.w > 0 && !s->g.l.console.w);
    for (unsigned i = 0; i < log.n; i++)
        assert_string_not_equal(rec[i].text, "boot");
    controls_wheel(&c, -30, s->g.l.life.x + 9, s->g.l.life.y + 60);
    log.n = 0;
    draw(s);
    int found = 0;
    for (unsigned i = 0; i < log.n; i++)
        found += !strcmp(rec[i].text, "boot") ||
                 !strcmp(rec[i].text, ins_reasons[R_BOOT].sentence);
    assert_int_equal(found, 2);
    controls_key(&c, KEY_ESC, false);
    draw(s);
    assert_true(s->g.l.console.w > 0);
    scene_free(s);
}

static const struct hit *why_hit(const struct scene *s, u64 what)
{
    for (unsigned i = 0; i < s->v->nhits; i++)
        if (s->v->hit[i].kind == HIT_WHY && s->v->hit[i].what == what)
            return &s->v->hit[i];
    fail_msg("nothing asks why %llu", (unsigned long long)what);
    return NULL;
}

static int x_of(const struct span *t, u64 cycle)
{
    return t->x + (int)((double)(cycle - t->first) /
                        (double)(t->last - t->first) * t->w);
}

static struct rect drawn_at(const struct fb_log *log, const char *text,
                            unsigned *times)
{
    struct rect at = {0};
    *times = 0;
    for (unsigned i = 0; i < log->n; i++)
        if (!strcmp(log->rec[i].text, text)) {
            at = log->rec[i].at;
            ++*times;
        }
    return at;
}

/* A click on a chart or a lane lists the events of then, with frame and
 * address; one elsewhere on it lists others. */
static void charts_and_lanes_tell_why(void **state)
{
    (void)state;
    struct scene *s = scene_new(1280, 800, 4096);
    struct controls c = controls_for(s);
    static struct fb_text_record rec[4096];
    struct fb_log log = {0, ARRAY_LEN(rec), rec};
    struct history *h = &s->v->history;
    unsigned n;
    s->v->pinned = NO_FRAME;
    draw(s);
    struct hit chart = *why_hit(s, 1);
    const struct span *t = &chart.span;
    assert_true(t->w > 20 && t->last > t->first);
    /* two faults, far apart; the first was served with frame 291 */
    u64 then = t->first + (t->last - t->first) / 4;
    u64 later = t->first + (t->last - t->first) / 2;
    for (unsigned i = 0; i < h->nevents; i++)
        h->event[(h->first_event + i) % HISTORY_EVENTS].reason = R_WRITE_BACK;
    struct ins_event *e = &h->event[(h->first_event + 4) % HISTORY_EVENTS];
    e[0] = (struct ins_event){.cycle = then,
                              .reason = R_DEMAND_ZERO,
                              .pfn = 291,
                              .pid = 12,
                              .va = 0x3f4995a38,
                              .to = FS_ANON};
    e[1] = (struct ins_event){.cycle = then,
                              .reason = R_FAULT_MINOR,
                              .pfn = LENS_NO_PFN,
                              .pid = 12,
                              .va = 0x3f4995000};
    e[2] = (struct ins_event){
        .cycle = later, .reason = R_FAULT_MAJOR, .pfn = LENS_NO_PFN, .pid = 12};
    controls_release(&c, x_of(t, then), chart.at.y + 20);
    assert_memory_equal(s->v->note, "pgfault: ", 9);
    s->fb.log = &log;
    draw(s);
    struct rect row = drawn_at(&log, "fault-minor", &n);
    assert_int_equal(n, 1);
    drawn_at(&log, "0x3f4995000", &n);
    assert_int_equal(n, 1);
    drawn_at(&log, "291", &n);
    assert_int_equal(n, 1);
    drawn_at(&log, "fault-major", &n);
    assert_int_equal(n, 0);
    assert_true(s->g.l.life.w > 0 && !s->g.l.console.w);
    controls_release(&c, row.x + 3, row.y + 3); /* anywhere on the row */
    assert_int_equal(s->v->pinned, 291);
    /* the other one, half a chart later; there again closes it */
    controls_release(&c, x_of(t, later), chart.at.y + 20);
    log.n = 0;
    draw(s);
    drawn_at(&log, "fault-major", &n);
    assert_int_equal(n, 1);
    drawn_at(&log, "fault-minor", &n);
    assert_int_equal(n, 0);
    controls_release(&c, x_of(t, later), chart.at.y + 20);
    assert_int_equal(s->v->why, 0);
    draw(s);
    /* the fault's lane, likewise */
    struct hit lane = *why_hit(s, WHY_LANE);
    controls_release(&c, x_of(&lane.span, then), lane.at.y + 3);
    log.n = 0;
    draw(s);
    drawn_at(&log, "fault-minor", &n);
    assert_int_equal(n, 1);
    drawn_at(&log, "fault-major", &n);
    assert_int_equal(n, 0);
    /* a chart's name: of all times */
    controls_release(&c, chart.at.x + 2, chart.at.y + 3);
    log.n = 0;
    draw(s);
    drawn_at(&log, "fault-minor", &n);
    assert_int_equal(n, 1);
    drawn_at(&log, "fault-major", &n);
    assert_int_equal(n, 1);
    controls_key(&c, KEY_ESC, false);
    draw(s);
    assert_true(s->g.l.console.w > 0);
    scene_free(s);
}

static bool says(const struct fb_log *log, const char *part)
{
    for (unsigned i = 0; i < log->n; i++)
        if (strstr(log->rec[i].text, part))
            return true;
    return false;
}

/* Where more came than pictures bring, no list pretends to be whole. */
static void unseen_events_are_owned_up_to(void **state)
{
    (void)state;
    struct scene *s = scene_new(1280, 800, 4096);
    struct controls c = controls_for(s);
    static struct fb_text_record rec[4096];
    struct fb_log log = {0, ARRAY_LEN(rec), rec};
    struct history *h = &s->v->history;
    draw(s);
    struct hit chart = *why_hit(s, 1);
    const struct span *t = &chart.span;
    u64 then = t->first + (t->last - t->first) / 2;
    static const u64 number[] = {10, 500, 900};
    u64 cycle[] = {t->first + 1, then, t->last};
    h->first_event = 0;
    h->nevents = 3;
    for (unsigned i = 0; i < 3; i++)
        h->event[i] = (struct ins_event){.number = number[i],
                                         .cycle = cycle[i],
                                         .reason = R_FAULT_MINOR,
                                         .pfn = LENS_NO_PFN};
    controls_release(&c, x_of(t, then), chart.at.y + 20);
    s->fb.log = &log;
    draw(s);
    assert_true(says(&log, "1 events; 888 of all kinds were not seen"));
    h->event[1].reason = R_WRITE_BACK;
    log.n = 0;
    draw(s);
    assert_true(says(&log, "None of those seen; 888 events"));
    h->event[0].number = 499;
    h->event[2].number = 501;
    log.n = 0;
    draw(s);
    assert_true(says(&log, "There was none then."));
    scene_free(s);
}

/* "Sleeping" was all that a process had to say. */
static void processes_tell_why(void **state)
{
    (void)state;
    struct scene *s = scene_new(1280, 800, 4096);
    struct controls c = controls_for(s);
    static struct fb_text_record rec[4096];
    struct fb_log log = {0, ARRAY_LEN(rec), rec};
    s->d->procs[3].ppid = 6; /* sort is the shell's child */
    draw(s);
    struct rect row = why_hit(s, WHY_PROC + 6)->at;
    controls_release(&c, row.x + 40, row.y + 3);
    s->fb.log = &log;
    draw(s);
    assert_true(says(&log, "sh (pid 6, child of"));
    assert_true(says(&log, "122 pages in RAM"));
    assert_true(says(&log, "1479 minor faults, 26 that"));
    assert_true(says(&log, "Its child sort (pid 12) has not ended"));
    s->v->why = WHY_PROC + 42 + 1; /* in state D */
    log.n = 0;
    draw(s);
    assert_true(says(&log, "waits for a disk: 5 requests are queued"));
    scene_free(s);
}

/* A click on a word, a number or a request says or shows what it is. */
static void clicks_explain(void **state)
{
    (void)state;
    struct scene *s = scene_new(1280, 800, 4096);
    struct controls c = controls_for(s);
    draw(s);
    struct rect m = s->g.l.memory, d = s->g.l.disks;
    controls_release(&c, m.x + 10, m.y + s->g.ch + 3 + 5 + s->g.lh);
    assert_int_equal(strncmp(s->v->note, "min: ", 5), 0);
    int row = d.y + s->g.ch + 5 + 2 * (s->g.lh + s->g.ch / 2 + 3) + 4;
    controls_release(&c, d.x + 20, row);
    assert_int_equal(s->v->pinned, 0x467); /* the frame it reads into */
    for (unsigned i = 0; i < s->v->nhits; i++) {
        const struct hit *h = &s->v->hit[i];
        const char *what;
        if (h->kind == HIT_TEXT)
            assert_true(h->text && h->text[0]);
        if (h->kind == HIT_TERM && !inspect_explain(h->word, &what))
            fail_msg("'%s' is not explained", h->word);
    }
    const char *what; /* a place in the frame pane, not a cause of cycles */
    assert_non_null(strstr(inspect_explain("DRAM", &what), "bank"));
    assert_true(s->v->nhits > 60 && s->v->nhits < VIEW_HITS);
    scene_free(s);
}

/* Every word and number outside the map and the guest's console answers a
 * click. (Legend marks, the help button and what filled the TLB did not.) */
static void every_word_answers(void **state)
{
    (void)state;
    static struct fb_text_record rec[4096];
    struct fb_log log = {0, ARRAY_LEN(rec), rec};
    struct scene *s = scene_new(1280, 800, 4096);
    s->fb.log = &log;
    draw(s);
    unsigned mute = 0;
    for (unsigned i = 0; i < log.n; i++) {
        struct rect r = rec[i].at;
        int x = r.x + r.w / 2, y = r.y + r.h / 2;
        bool quiet = rect_has(s->g.l.map, x, y) ||
                     rect_has(s->g.l.console, x, y) || y < 0;
        if (quiet || view_hit(s->v, x, y))
            continue;
        mute++;
        print_message("'%s' at %d,%d says nothing\n", rec[i].text, x, y);
    }
    assert_int_equal(mute, 0);
    scene_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hands_are_where_they_are),
        cmocka_unit_test(trails_fade_and_end),
        cmocka_unit_test(thresholds_are_lines),
        cmocka_unit_test(kept_frames_are_free),
        cmocka_unit_test(a_flat_map_leaves_room_that_is_used),
        cmocka_unit_test(lanes_stop_the_machine),
        cmocka_unit_test(lanes_words_are_known),
        cmocka_unit_test(lanes_ran_through_their_own_ticks),
        cmocka_unit_test(lanes_remember_how_many),
        cmocka_unit_test(no_event_is_left_out),
        cmocka_unit_test(biography_scrolls),
        cmocka_unit_test(charts_and_lanes_tell_why),
        cmocka_unit_test(unseen_events_are_owned_up_to),
        cmocka_unit_test(processes_tell_why),
        cmocka_unit_test(clicks_explain),
        cmocka_unit_test(every_word_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
