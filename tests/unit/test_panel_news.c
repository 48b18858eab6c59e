/* SPDX-License-Identifier: MIT */
// rooms: panel inspect base linux xv6 source boot
/* The latest events: the new ones, how many of a sort, and the map's marks of
 * them: ring, tag, and an arrow the way that the page went. */
#include <stdlib.h>

#include "unit.h"

#include "../panel/scene.h"
#include "panel/map/map.h"

enum { FRAME = 2500, SOURCE = 300, SLOT = 1234 };

static struct ins_event event_of(u8 reason, u8 from, u8 to)
{
    return (struct ins_event){.number = 1000,
                              .pfn = FRAME,
                              .pid = 7,
                              .reason = reason,
                              .from = from,
                              .to = to,
                              .slot = INS_NO_SLOT};
}

/* A machine that is stopped at e. */
static struct scene standing(int w, int h, bool light, struct ins_event e)
{
    struct scene s = scene_new(w, h, 4096, light);
    syn_slots(s.d, 8192, 2000);
    s.v->pinned = NO_FRAME;
    s.d->vm.hand[0] = s.d->vm.hand[1] = LENS_NO_PFN;
    s.d->running = false;
    e.cycle = s.d->cycle;
    s.d->events[0] = e;
    s.d->nevents = 1;
    s.d->caption_pfn = e.pfn;
    s.d->caption_cycle = s.d->cycle;
    return s;
}

static u32 pixel(const struct scene *s, int x, int y)
{
    if (x < 0 || y < 0 || x >= s->fb.w || y >= s->fb.h)
        return 0x123456;
    return s->fb.px[(size_t)y * (size_t)s->fb.w + (size_t)x] & 0xffffff;
}

/* True if the colours are much alike: an arrow may be thinner than 2 pixels. */
static bool like(u32 a, u32 b)
{
    for (int i = 0; i < 24; i += 8)
        if (abs((int)(a >> i & 255) - (int)(b >> i & 255)) > 70)
            return false;
    return true;
}

/* Arrows end at the edge of a box that is nearer to the map. */
static struct rect edge_of(struct rect r)
{
    return (struct rect){r.x, r.y, 1, r.h};
}

/* Percent of the pixels between two places that have the arrow's colour. */
static unsigned inked(const struct scene *s, const struct draw *g,
                      struct rect a, struct rect b, u32 colour)
{
    (void)g;
    int x0 = a.x + a.w / 2, y0 = a.y + a.h / 2, x1 = b.x + b.w / 2,
        y1 = b.y + b.h / 2;
    unsigned hits = 0, n = 0;
    for (int i = 15; i <= 85; i++, n++) {
        int x = x0 + (x1 - x0) * i / 100, y = y0 + (y1 - y0) * i / 100;
        bool near = false;
        for (int k = 0; k < 9; k++)
            near |= like(pixel(s, x + k % 3 - 1, y + k / 3 - 1), colour);
        hits += near;
    }
    return hits * 100 / n;
}

/* ---- arrows -------------------------------------------------------------- */

enum end { AT_NOTHING, AT_SOURCE, AT_SLOT, AT_DISK, AT_FREE };

static const struct {
    u8 reason, from, to;
    enum end end;
    const char *text;
} stories[] = {
    {R_COW_COPY, FS_FREE, FS_ANON, AT_SOURCE, "frame 2500: copy of 300"},
    {R_FORK_COPY, FS_FREE, FS_ANON, AT_SOURCE, "frame 2500: copy of 300"},
    {R_SWAP_ADD, FS_ANON, FS_SWAPCACHE, AT_SLOT,
     "frame 2500: out to slot 1,234"},
    {R_SWAP_OUT, FS_SWAPCACHE, FS_SWAPCACHE, AT_SLOT,
     "frame 2500: out to slot 1,234"},
    {R_SWAP_IN, FS_FREE, FS_SWAPCACHE, AT_SLOT,
     "frame 2500: back from slot 1,234"},
    {R_PAGE_IN, FS_FREE, FS_FILE_CLEAN, AT_DISK, "frame 2500: comes from disk"},
    {R_FILE_READ, FS_FREE, FS_FILE_CLEAN, AT_DISK,
     "frame 2500: comes from disk"},
    {R_WRITE_BACK, FS_FILE_DIRTY, FS_FILE_CLEAN, AT_DISK,
     "frame 2500: written back to disk"},
    {R_RECLAIM, FS_FILE_CLEAN, FS_FREE, AT_FREE,
     "frame 2500: taken by pageout: free now"},
    {R_EXIT, FS_ANON, FS_FREE, AT_FREE, "frame 2500: its process ended"},
    {R_EXIT, FS_COW, FS_COW, AT_NOTHING, "frame 2500: its process ended"},
    {R_DEMAND_ZERO, FS_FREE, FS_ANON, AT_FREE,
     "frame 2500: given out, cleared"},
    {R_REF_CLEARED, FS_ANON, FS_ANON, AT_NOTHING,
     "frame 2500: was marked as used: spared"},
};

TEST(arrows_go_the_way_of_the_page)
{
    for (unsigned i = 0; i < ARRAY_LEN(stories); i++)
        for (int light = 0; light < 2; light++) {
            struct ins_event e =
                event_of(stories[i].reason, stories[i].from, stories[i].to);
            enum end end = stories[i].end;
            e.source = end == AT_SOURCE ? SOURCE : 0;
            e.slot = end == AT_SLOT ? SLOT : INS_NO_SLOT;
            struct scene s = standing(1280, 800, light, e);
            struct draw g = scene_drawn(&s);
            struct rect f, to[5];
            assert_true(place_frame(&g, FRAME, &f));
            assert_true(place_frame(&g, SOURCE, &to[AT_SOURCE]));
            assert_true(place_slot(&g, SLOT, &to[AT_SLOT]));
            assert_true(place_disk(&g, &to[AT_DISK]));
            assert_true(place_free(&g, &to[AT_FREE]));
            to[AT_DISK] = edge_of(to[AT_DISK]);
            to[AT_FREE] = edge_of(to[AT_FREE]);
            u32 colour = way_colour(&g, event_way(&s.d->events[0]));
            for (enum end k = AT_SOURCE; k <= AT_FREE; k++) {
                unsigned n = inked(&s, &g, f, to[k], colour);
                if (k != end)
                    assert_true(n < 70);
                else if (k == AT_SOURCE) /* dashed */
                    assert_in_range(n, 35, 80);
                else
                    assert_true(n >= 85);
            }
            assert_non_null(scene_text(&s, stories[i].text, 0));
            scene_free(&s);
        }
}

/* A box at the foot of the strip is lit if the event goes there, and only
 * then: other requests may be under way. */
TEST(boxes_are_lit_by_the_event)
{
    for (unsigned i = 0; i < ARRAY_LEN(stories); i++) {
        struct ins_event e =
            event_of(stories[i].reason, stories[i].from, stories[i].to);
        e.source = stories[i].end == AT_SOURCE ? SOURCE : 0;
        e.slot = stories[i].end == AT_SLOT ? SLOT : INS_NO_SLOT;
        struct scene s = standing(1280, 800, false, e);
        s.d->disks[0].queued = s.d->disks[1].queued = 3;
        struct draw g = scene_drawn(&s);
        struct rect r;
        assert_true(place_disk(&g, &r));
        assert_int_equal(scene_count(&s, rect_inset(r, 1), g.t->ink) > 0,
                         stories[i].end == AT_DISK);
        assert_true(place_free(&g, &r));
        assert_int_equal(scene_count(&s, rect_inset(r, 1), g.t->ink) > 0,
                         stories[i].end == AT_FREE);
        scene_free(&s);
    }
}

/* Arrows into memory and out of it: told apart by eye, on the page and from
 * each other; an arrow to the free list has the colour of ink. */
TEST(ways_look_different)
{
    for (int light = 0; light < 2; light++) {
        struct scene s = scene_new(640, 480, 64, light);
        struct draw g = scene_plan(&s);
        u32 in = way_colour(&g, WAY_FROM_DISK);
        u32 out = way_colour(&g, WAY_TO_SLOT);
        assert_int_equal(in, way_colour(&g, WAY_FROM_SLOT));
        assert_int_equal(out, way_colour(&g, WAY_TO_DISK));
        assert_false(like(in, out) && like(in, g.t->ink));
        assert_true(in != out && in != g.t->ink && out != g.t->ink);
        assert_true(colour_contrast(in, g.t->page) > 4.5);
        assert_true(colour_contrast(out, g.t->page) > 4.5);
        assert_int_equal(way_colour(&g, WAY_TO_FREE), g.t->ink);
        scene_free(&s);
    }
}

/* An event whose other end is unknown gets no arrow and no made-up place. */
TEST(unknown_ends)
{
    struct ins_event e = event_of(R_SWAP_OUT, FS_SWAPCACHE, FS_SWAPCACHE);
    char text[128];
    event_text_one(&e, text, sizeof text);
    assert_string_equal(text, "frame 2500: out to swap");
    assert_int_equal(event_way(&e), WAY_NONE);
    e = event_of(R_COW_COPY, FS_FREE, FS_ANON);
    event_text_one(&e, text, sizeof text);
    assert_string_equal(text, "frame 2500: a copy of its own");
    assert_int_equal(event_way(&e), WAY_NONE);
    for (unsigned r = 0; r < 256; r++) { /* a guest's numbers may be any */
        e = event_of((u8)r, FS_ANON, FS_ANON);
        event_text_one(&e, text, sizeof text);
        assert_true(strlen(text) > strlen("frame 2500: "));
        event_way(&e);
    }
}

/* ---- the tag ------------------------------------------------------------- */

static bool meet(struct rect a, struct rect b)
{
    struct rect r = rect_cut(a, b);
    return r.w > 0 && r.h > 0;
}

/* The tag in every window, for frames everywhere: within the window, in whole,
 * off the frame, over no other text. */
static void tag_of(int w, int h, u32 pfn)
{
    struct ins_event e = event_of(R_SWAP_AHEAD, FS_FREE, FS_SWAPCACHE);
    e.pfn = pfn;
    e.slot = SLOT;
    struct scene s = standing(w, h, false, e);
    struct draw g = scene_drawn(&s);
    struct rect f;
    unsigned of_tag = 0;
    assert_true(place_frame(&g, pfn, &f));
    for (unsigned i = 0; i < s.log.n; i++) { /* the tag is written last */
        const struct fb_text_record *r = &s.log.rec[i];
        bool tag = i + 2 >= s.log.n &&
                   (strstr(r->text, "ahead") || strstr(r->text, "frame ") ||
                    strstr(r->text, "slot 1,234"));
        if (!tag)
            continue;
        of_tag++;
        assert_true(r->at.x >= 0 && r->at.y >= 0);
        assert_true(r->at.x + r->at.w <= w && r->at.y + r->at.h <= h);
        assert_null(strstr(r->text, "…"));
        assert_false(meet(r->at, f));
        for (unsigned k = 0; k < i; k++)
            if (k + 2 < s.log.n)
                assert_false(
                    meet(r->at, rect_cut(s.log.rec[k].at, s.log.rec[k].clip)));
    }
    assert_true(of_tag > 0);
    scene_free(&s);
}

TEST(tags_cover_nothing)
{
    static const int size[][2] = {{640, 480},   {800, 600},  {1280, 800},
                                  {1920, 1080}, {900, 1400}, {2560, 1440}};
    static const u32 at[] = {0, 1, 1365, 2730, 4095, 2048, 1024, 3000, 77};
    for (unsigned i = 0; i < ARRAY_LEN(size); i++)
        for (unsigned k = 0; k < ARRAY_LEN(at); k++)
            tag_of(size[i][0], size[i][1], at[k]);
}

/* A frame outside the zoomed map has no tag. */
TEST(out_of_sight)
{
    struct ins_event e = event_of(R_RECLAIM, FS_ANON, FS_FREE);
    struct scene s = standing(1280, 800, false, e);
    s.v->zoom = 3;
    struct draw g = scene_drawn(&s);
    struct rect f;
    assert_false(place_frame(&g, FRAME, &f));
    assert_null(scene_text(&s, "frame 2500: taken", 0));
    scene_free(&s);
}

/* ---- new events ---------------------------------------------------------- */

/* n events of a sort, the newest with this number. */
static void happen(struct ins_display *d, u8 reason, u64 newest, unsigned n)
{
    d->nevents = n < INS_LANE_MAX ? n : INS_LANE_MAX;
    for (unsigned i = 0; i < d->nevents; i++) {
        d->events[i] = event_of(reason, FS_ANON, FS_COW);
        d->events[i].number = newest - i;
        d->events[i].pfn = (u32)(newest - i) % 4096;
        d->events[i].cycle = d->cycle;
    }
    d->tally[reason] += n;
}

TEST(events_are_told_once)
{
    struct scene s = scene_new(1280, 800, 4096, false);
    struct news *t = &s.v->news;
    *t = (struct news){.next = 0};
    happen(s.d, R_COW_SHARE, 9, 5);
    news_observe(t, s.d);
    assert_int_equal(t->nfresh, 5);
    news_observe(t, s.d); /* the same display again */
    assert_int_equal(t->nfresh, 5);
    happen(s.d, R_COW_SHARE, 11, 6); /* two of these are new */
    s.d->tally[R_COW_SHARE] -= 4;
    news_observe(t, s.d);
    assert_int_equal(t->nfresh, 7);
    assert_int_equal(news_group(t)->n, 7);
    for (int i = 0; i < NEWS_AGE; i++)
        news_observe(t, s.d);
    assert_int_equal(t->nfresh, 0);
    assert_null(news_group(t));
    happen(s.d, R_COW_SHARE, 3, 2); /* the machine went back */
    news_observe(t, s.d);
    assert_int_equal(t->next, 4);
    scene_free(&s);
}

/* While the machine stands, the news stay. */
TEST(standing_does_not_age)
{
    struct scene s = scene_new(1280, 800, 4096, false);
    struct news *t = &s.v->news;
    *t = (struct news){.next = 0};
    happen(s.d, R_RECLAIM, 40, 30);
    news_observe(t, s.d);
    s.d->running = false;
    for (int i = 0; i < 3 * NEWS_AGE; i++)
        news_observe(t, s.d);
    assert_int_equal(t->nfresh, 30);
    scene_free(&s);
}

/* Events beyond those that the display lists are counted by its tally. */
TEST(more_than_are_listed)
{
    struct scene s = scene_new(1280, 800, 4096, false);
    struct news *t = &s.v->news;
    *t = (struct news){.next = 0};
    happen(s.d, R_EXIT, 10, 1);
    news_observe(t, s.d);
    happen(s.d, R_COW_SHARE, 10 + 9000, 9000);
    news_observe(t, s.d);
    assert_int_equal(news_group(t)->reason, R_COW_SHARE);
    assert_int_equal(news_group(t)->n, 9000);
    scene_drawn(&s);
    assert_non_null(scene_text(&s, "fork: 9,000 frames shared", 0));
    scene_free(&s);
}

/* ---- many events --------------------------------------------------------- */

static unsigned long picture_sum(const struct scene *s, struct rect r)
{
    unsigned long sum = 0;
    for (int i = 0; i < r.w * r.h; i++)
        sum = sum * 31 + pixel(s, r.x + i % r.w, r.y + i / r.w);
    return sum;
}

static void flashes_of(u64 nframes)
{
    struct scene s = scene_new(1280, 800, nframes, false);
    s.v->pinned = NO_FRAME;
    s.d->vm.hand[0] = s.d->vm.hand[1] = LENS_NO_PFN;
    memset(s.d->flags, 0, nframes);
    s.v->news = (struct news){.next = 0};
    happen(s.d, R_RECLAIM, 20, 1);
    news_observe(&s.v->news, s.d);
    s.d->cycle += s.d->clock_hz;
    for (int i = 0; i < NEWS_LONG; i++)
        news_observe(&s.v->news, s.d);
    struct draw g = scene_drawn(&s);
    struct rect r = map_cell(&g, 100), around = rect_inset(r, -1);
    unsigned long before = picture_sum(&s, around);
    happen(s.d, R_RECLAIM, 140, 80); /* frames 61 to 140 */
    news_observe(&s.v->news, s.d);
    g = scene_drawn(&s);
    assert_non_null(scene_text(&s, "pageout: 80 frames taken", 0));
    unsigned long bright = picture_sum(&s, around);
    assert_true(bright != before);
    assert_int_equal(pixel(&s, r.x + 1, r.y + r.h / 2), /* flash or not */
                     kind_colour(&g, s.d->kind[100], frame_recent(s.d, 100)));
    for (int i = 0; i < NEWS_AGE / 2; i++)
        news_observe(&s.v->news, s.d);
    scene_drawn(&s);
    unsigned long fading = picture_sum(&s, around);
    assert_true(fading != before && fading != bright);
    for (int i = 0; i < NEWS_AGE; i++)
        news_observe(&s.v->news, s.d);
    scene_drawn(&s);
    assert_true(picture_sum(&s, around) == before);
    assert_null(scene_text(&s, "pageout: 80 frames taken", 0));
    scene_free(&s);
}

TEST(many_flash_and_fade)
{
    flashes_of(4096);
    flashes_of(16384);
    flashes_of(65536);
}

/* If there are few, the newest is told, even while the machine runs. */
TEST(few_one_by_one)
{
    struct scene s = scene_new(1280, 800, 4096, false);
    s.v->news = (struct news){.next = 0};
    happen(s.d, R_RECLAIM, 19, 1);
    news_observe(&s.v->news, s.d);
    happen(s.d, R_RECLAIM, 20, 1);
    news_observe(&s.v->news, s.d);
    scene_drawn(&s);
    assert_non_null(scene_text(&s, "frame 20: taken", 0));
    for (int i = 0; i < NEWS_LONG; i++)
        news_observe(&s.v->news, s.d);
    scene_drawn(&s); /* for the machine no time has passed */
    assert_non_null(scene_text(&s, "frame 20: taken", 0));
    s.d->cycle += s.d->clock_hz;
    scene_drawn(&s);
    assert_null(scene_text(&s, "frame 20: taken", 0));
    scene_free(&s);
}

/* A person stops the machine some seconds after the caption's event: the map
 * does not draw the frame's latest event as if it were now. Else the caption
 * would say "swap-out", and the label of the same frame "back from slot". */
TEST(past_is_not_drawn_as_now)
{
    struct ins_event out = event_of(R_SWAP_OUT, FS_SWAPCACHE, FS_SWAPCACHE);
    out.slot = SLOT;
    struct scene s = standing(1280, 800, false, out);
    s.d->selected_valid = false;
    snprintf(s.d->caption, sizeof s.d->caption,
             "swap-out: frame 2500 was written to swap");
    struct ins_event in = s.d->events[0];
    in.reason = R_SWAP_IN;
    in.number++;
    in.cycle = s.d->cycle += s.d->clock_hz / 1000 * 50;
    s.d->events[1] = s.d->events[0]; /* the caption's event */
    s.d->events[0] = in;
    s.d->nevents = 2;
    scene_drawn(&s);
    assert_null(scene_text(&s, "out to slot", 0));
    assert_non_null(scene_text(&s, "swap-out, 50.0 ms ago", 0));
    assert_non_null(scene_text(&s, "the caption's event was 50.0 ms ago", 0));
    s.d->events[0].pfn = FRAME + 1; /* another frame: the caption is of now */
    scene_drawn(&s);
    assert_non_null(scene_text(&s, "frame 2500: out to slot 1,234", 0));
    assert_null(scene_text(&s, "back from slot", 0));
    assert_null(scene_text(&s, "swap-out, ", 0));
    s.d->events[0].pfn = FRAME;
    s.d->cycle += s.d->clock_hz * 43 / 10;
    scene_drawn(&s);
    assert_null(scene_text(&s, "out to slot", 0));
    assert_null(scene_text(&s, "back from slot", 0));
    assert_non_null(scene_text(&s, "swap-out, 4.3 s ago", 0));
    assert_non_null(scene_text(&s, "the caption's event was 4.3 s ago", 0));
    s.d->running = true; /* whole seconds can be read while they pass */
    scene_drawn(&s);
    assert_non_null(scene_text(&s, "swap-out, 4 s ago", 0));
    scene_free(&s);
}

/* While the machine runs, the caption says that its event is past: soon after
 * "it was written to swap and may be given to another" another may have it. */
TEST(a_running_caption_says_when)
{
    struct ins_event out = event_of(R_SWAP_OUT, FS_SWAPCACHE, FS_SWAPCACHE);
    struct scene s = standing(1280, 800, false, out);
    u64 ms = s.d->clock_hz / 1000;
    s.d->selected_valid = false;
    s.d->running = true;
    snprintf(s.d->caption, sizeof s.d->caption,
             "swap-out: frame 2500 was written to swap");
    s.d->cycle += 50 * ms;
    scene_drawn(&s);
    assert_null(scene_text(&s, "swap-out, ", 0));
    s.d->cycle += 60 * ms;
    scene_drawn(&s);
    assert_non_null(scene_text(&s, "swap-out, less than 1 s ago", 0));
    s.d->cycle -= 60 * ms;
    s.d->events[1] = s.d->events[0];
    s.d->events[0].reason = R_RECLAIM; /* its frame is taken at once */
    s.d->events[0].number++;
    s.d->events[0].cycle += 5 * ms;
    s.d->nevents = 2;
    scene_drawn(&s);
    assert_non_null(scene_text(&s, "swap-out, less than 1 s ago", 0));
    s.d->events[0].cycle = s.d->events[1].cycle + ms / 20; /* in one call */
    scene_drawn(&s);
    assert_null(scene_text(&s, "swap-out, ", 0));
    scene_free(&s);
}

/* While the machine runs, the label is of the caption's event as long as both
 * are shown, though others come; if they differ, the caption says how old its
 * event is. */
TEST(label_and_caption_tell_one_event)
{
    struct scene s = scene_new(1280, 800, 4096, false);
    s.v->news = (struct news){.next = 0};
    happen(s.d, R_RECLAIM, 19, 1);
    s.d->caption_pfn = 19;
    s.d->caption_cycle = s.d->cycle;
    news_observe(&s.v->news, s.d);
    s.d->cycle += 1000;
    happen(s.d, R_RECLAIM, 20, 1);
    news_observe(&s.v->news, s.d);
    scene_drawn(&s);
    assert_non_null(scene_text(&s, "frame 19: taken", 0));
    s.d->caption_pfn = 21; /* the caption goes on, and the label with it */
    s.d->cycle += 1000;
    s.d->caption_cycle = s.d->cycle;
    happen(s.d, R_RECLAIM, 21, 1);
    news_observe(&s.v->news, s.d);
    scene_drawn(&s);
    assert_non_null(scene_text(&s, "frame 21: taken", 0));
    scene_free(&s);
}

/* A picture of a machine that stands at fork: its frames, by their events. */
TEST(fork_is_gathered)
{
    struct ins_event e = event_of(R_FORK, FS_FREE, FS_FREE);
    e.pfn = LENS_NO_PFN;
    struct scene s = standing(1280, 800, false, e);
    e = s.d->events[0];
    happen(s.d, R_COW_SHARE, 999, 2001);
    for (unsigned i = 0; i < 2000; i++)
        s.d->events[2000 - i] = s.d->events[1999 - i];
    s.d->events[0] = e;
    scene_drawn(&s);
    assert_non_null(scene_text(&s, "fork: 2,000 frames shared", 0));
    scene_free(&s);
}
