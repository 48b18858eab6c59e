/* SPDX-License-Identifier: MIT */
// rooms: panel inspect base linux xv6 dwarf boot
/* For any window, number of frames and text size, panes lie in the window, none
 * over another; the panes that tell the story are there and have the room that
 * they need; the map is as large as can be. */
#include "unit.h"

#include "panel/draw/layout.h"

enum { TRIES = 50000 };

struct a_case { /* a window, and the panes wanted in it */
    int w, h;
    struct wanted want;
    u64 nframes;
    struct grid grid;
    struct layout l;
    int steps; /* the steps of text size that layout_make returned */
};

static struct a_case made(int w, int h, u64 nframes, struct wanted want)
{
    struct a_case c = {.w = w, .h = h, .want = want, .nframes = nframes};
    c.grid = grid_for(nframes, false);
    c.steps = layout_make(&c.l, w, h, &c.grid, want);
    return c;
}

static struct wanted usual(int steps)
{
    return (struct wanted){.steps = steps, .scale = 100, .tab = PANE_WALK};
}

/* Fails and prints the case, then the caller's words on what is wrong. */
#define fail_case(c, fmt, ...)                                                 \
    fail_msg("%dx%d, %llu frames, steps %d, scale %d%s%s, %s: " fmt, (c)->w,   \
             (c)->h, (unsigned long long)(c)->nframes, (c)->want.steps,        \
             (c)->want.scale, (c)->want.big_detail ? ", typing" : "",          \
             (c)->want.big_frame ? ", biography" : "", name[(c)->want.tab],    \
             __VA_ARGS__)

static const char *const name[PANES] = {
#define PANE(id, name, key, em, lines, pointer, wheel, title, sentence)        \
    [PANE_##id] = #name,
#include "panel/panes.def"
};
static const struct {
    int em, lines;
    bool title;
} least[PANES] = {
#define PANE(id, name, key, em, lines, pointer, wheel, title, sentence)        \
    [PANE_##id] = {em, lines, sizeof title > 1},
#include "panel/panes.def"
};

static bool there(const struct layout *l, enum pane_id id)
{
    return l->at[id].w > 0;
}

/* ---- the rules of every plan --------------------------------------------- */

static void inside_and_apart(const struct a_case *c)
{
    const struct rect *at = c->l.at;
    for (enum pane_id a = 0; a < PANES; a++) {
        if (!there(&c->l, a))
            continue;
        if (at[a].x < 0 || at[a].y < 0 || at[a].x + at[a].w > c->w ||
            at[a].y + at[a].h > c->h || at[a].h <= 0)
            fail_case(c, "%s is outside", name[a]);
        for (enum pane_id b = 0; b < a; b++) {
            struct rect both = rect_cut(at[a], at[b]);
            bool tab = b == PANE_DETAIL && a >= TAB_FIRST;
            if (there(&c->l, b) && both.w && both.h && !tab)
                fail_case(c, "%s over %s", name[a], name[b]);
        }
    }
}

static void story_is_there(const struct a_case *c)
{
    static const enum pane_id always[] = {PANE_BAR,    PANE_MAP,  PANE_SLOTS,
                                          PANE_LEGEND, PANE_CARD, PANE_TIME,
                                          PANE_HINTS};
    for (unsigned i = 0; i < ARRAY_LEN(always); i++)
        if (!there(&c->l, always[i]))
            fail_case(c, "no %s", name[always[i]]);
    bool instead = c->want.detail_first && there(&c->l, PANE_DETAIL);
    if (!there(&c->l, PANE_FRAME) && !instead && !c->want.big_detail)
        fail_case(c, "no %s", "frame");
    if (c->want.big_detail && there(&c->l, PANE_FRAME))
        fail_case(c, "%s beside the console in which somebody types", "frame");
}

/* The place for detail has the wanted tab and a row of tabs' names above. */
static void one_tab(const struct a_case *c)
{
    struct rect d = c->l.at[PANE_DETAIL];
    for (enum pane_id id = TAB_FIRST; id < PANES; id++) {
        struct rect t = c->l.at[id];
        if (there(&c->l, id) != (d.w && id == c->want.tab))
            fail_case(c, "%s is%s there", name[id], t.w ? "" : " not");
        if (!t.w)
            continue;
        struct rect in = rect_cut(t, d);
        if (in.w != t.w || in.h != t.h || t.y < d.y + c->l.lh)
            fail_case(c, "%s does not lie below the tabs' names", name[id]);
    }
}

/* Each pane has the room that panes.def demands for it. */
static void room_to_draw(const struct a_case *c)
{
    if (c->l.px < 10 || c->l.digit < 5 || c->l.lh < c->l.px ||
        c->l.big <= c->l.px)
        fail_case(c, "text of %d px", c->l.px);
    for (enum pane_id id = 0; id < PANES; id++) {
        struct rect r = c->l.at[id];
        int lines = least[id].lines + least[id].title;
        bool cells = id == PANE_MAP || id == PANE_SLOTS; /* no text */
        if (id >= TAB_FIRST)
            lines = least[id].lines - 1; /* its title is among the tabs */
        if (r.w && !cells &&
            (r.w < least[id].em * c->l.digit || r.h < lines * c->l.lh))
            fail_case(c, "%s has %d x %d", name[id], r.w, r.h);
    }
}

static int cells_side(u32 n, int px, unsigned shrink)
{
    return (int)(((u64)n * (unsigned)px + (1u << shrink) - 1) >> shrink);
}

/* The map consists of whole adjacent cells, without any other pixel. */
static void map_is_cells(const struct a_case *c)
{
    struct rect r = c->l.at[PANE_MAP];
    struct cells k = c->l.cells;
    if (r.w != cells_side(c->grid.cols, k.w, k.sx) ||
        r.h != cells_side(c->grid.rows, k.h, k.sy))
        fail_case(c, "cells of %dx%d on a map of %dx%d", k.w, k.h, r.w, r.h);
    if ((k.sx && k.w > 1) || (k.sy && k.h > 1) || k.w < 1 || k.h < 1)
        fail_case(c, "cells %dx%d, %u %u", k.w, k.h, k.sx, k.sy);
}

/* Returns by how much the panes below the map exceed their least heights. The
 * least height of the time axis is a quarter of the window, within bounds. */
static int spare_height(const struct a_case *c)
{
    const struct layout *l = &c->l;
    int legend = l->at[PANE_LEGEND].h - least[PANE_LEGEND].lines * l->lh;
    int low = (least[PANE_TIME].lines + 1) * l->lh + l->pad;
    int high = low + 5 * l->lh, time = c->h / 4;
    time = time < low ? low : time > high ? high : time;
    return legend + l->at[PANE_TIME].h - time;
}

/* Fails if each cell could have a whole pixel more in both directions, taken
 * from the panes beside the map and from legend and time axis below. */
static void map_is_as_large_as_can_be(const struct a_case *c)
{
    const struct layout *l = &c->l;
    struct rect m = l->at[PANE_MAP];
    struct cells k = l->cells;
    bool most = k.w >= 64 || k.h >= 64;
    int more_w = k.sx ? m.w : (int)c->grid.cols;
    int more_h = k.sy ? m.h : (int)c->grid.rows;
    int beside = l->at[PANE_CARD].w - least[PANE_FRAME].em * l->digit;
    int slots = l->at[PANE_SLOTS].w, console = 80 * (l->px * 3 / 5 + 1);
    bool half = m.w + more_w + slots > c->w / 2 - l->pad &&
                c->w - m.w - more_w - slots < console + 6 * l->pad;
    bool wide = half || more_w > beside - 4 * l->pad;
    bool high = more_h > spare_height(c) - 4 * l->pad;
    if (!most && !wide && !high && k.w < 2 * k.h && k.h < 2 * k.w)
        fail_case(c, "cells of %dx%d (%u %u) could be larger: %d and %d left",
                  k.w, k.h, k.sx, k.sy, beside, spare_height(c));
}

static void check(const struct a_case *c)
{
    inside_and_apart(c);
    story_is_there(c);
    one_tab(c);
    room_to_draw(c);
    map_is_cells(c);
    map_is_as_large_as_can_be(c);
}

TEST(panes_lie_apart)
{
    static const int scale[] = {100, 125, 150, 200, 300};
    u64 seed = 3;
    for (int i = 0; i < TRIES; i++) {
        u64 r = rand_step(&seed) >> 8, q = rand_step(&seed) >> 8;
        bool narrow = r >> 40 & 1, low = r >> 41 & 1;
        int w = MIN_WIDTH + (int)(r % (narrow ? 60 : 3300));
        int h = MIN_HEIGHT + (int)(r / 3300 % (low ? 60 : 1800));
        u64 nframes = (u64)1 << q % 21;
        if (q >> 8 & 1)
            nframes += (q >> 16) % nframes;
        struct wanted want = {.steps = (int)((q >> 9) % 9) - 3,
                              .scale = scale[(r >> 28) % ARRAY_LEN(scale)],
                              .big_detail = r >> 50 & 1,
                              .big_frame = (r >> 50 & 3) == 2,
                              .detail_first = r >> 53 & 1,
                              .tab =
                                  TAB_FIRST + (enum pane_id)((r >> 33) % TABS)};
        struct a_case c = made(w, h, nframes, want);
        check(&c);
        if (r >> 52 & 1) {
            c.grid = grid_for(nframes, true);
            layout_make(&c.l, w, h, &c.grid, want);
            check(&c);
        }
    }
}

/* ---- at the sizes that people have --------------------------------------- */

TEST(the_map_is_the_hero)
{
    static const struct {
        int w, h, percent;
    } size[] = {{1280, 800, 56},  {1366, 768, 50},  {1600, 900, 56},
                {1920, 1080, 53}, {2560, 1440, 53}, {3840, 2160, 53}};
    for (unsigned i = 0; i < ARRAY_LEN(size); i++) {
        struct a_case c = made(size[i].w, size[i].h, 4096, usual(0));
        int high = c.l.at[PANE_MAP].h;
        if (high * 100 < size[i].h * size[i].percent)
            fail_case(&c, "the map is %d high", high);
        if (!there(&c.l, PANE_SPACES) || !there(&c.l, PANE_DETAIL))
            fail_case(&c, "%s", "a pane on the right is missing");
    }
}

/* From 4 MiB to 4 GiB the map is never a strip, and at least three tenths as
 * high as the window (cells of whole pixels may leave much room). */
TEST(any_memory_is_a_square)
{
    static const int size[][2] = {
        {1280, 800}, {1366, 768}, {1920, 1080}, {3840, 2160}};
    for (unsigned i = 0; i < ARRAY_LEN(size); i++)
        for (u64 n = 1024; n <= 1u << 20; n += n / 2) {
            struct a_case c = made(size[i][0], size[i][1], n, usual(0));
            struct rect m = c.l.at[PANE_MAP];
            if (m.w * 10 < m.h * 7 || m.h * 10 < m.w * 7 ||
                m.h * 100 < size[i][1] * 30)
                fail_case(&c, "the map is %d x %d", m.w, m.h);
        }
}

/* Enlarging a pane, or choosing another tab, by a key does not move the map. */
TEST(keys_do_not_move_the_map)
{
    for (int w = 640; w < 2600; w += 37)
        for (int h = 480; h < 1500; h += 41) {
            struct wanted want = usual(0);
            struct layout plain = made(w, h, 4096, want).l;
            for (unsigned k = 0; k < 3; k++) {
                want.big_detail = k == 0;
                want.big_frame = k == 1;
                want.tab = k == 2 ? PANE_EVENTS : PANE_WALK;
                struct a_case c = made(w, h, 4096, want);
                if (memcmp(&c.l.at[PANE_MAP], &plain.at[PANE_MAP],
                           sizeof plain.at[0]) ||
                    c.l.px != plain.px)
                    fail_case(&c, "the map moves to %d, text to %d px",
                              c.l.at[PANE_MAP].w, c.l.px);
            }
        }
}

/* Each `+` enlarges text, until a size is refused; text never shrinks. */
TEST(text_grows_and_stops)
{
    static const int size[][2] = {
        {640, 480}, {800, 600}, {1280, 800}, {1920, 1080}, {3840, 2160}};
    for (unsigned i = 0; i < ARRAY_LEN(size); i++) {
        int px = 0, sizes = 0;
        for (int steps = -6; steps <= 12; steps++) {
            struct a_case c = made(size[i][0], size[i][1], 4096, usual(steps));
            check(&c);
            if (c.l.px < px)
                fail_case(&c, "%d px after %d", c.l.px, px);
            if (steps > 0 && c.steps > steps)
                fail_case(&c, "took %d", c.steps);
            sizes += c.l.px > px;
            px = c.l.px;
        }
        assert_true(sizes >= (size[i][0] < 1000 ? 3 : 6));
        if (size[i][0] >= 1280) /* text grows by half, for a hall's last row */
            assert_true(px * 2 >=
                        made(size[i][0], size[i][1], 4096, usual(0)).l.px * 3);
    }
}

/* If text is so large that FRAME and a tab share a place, keys choose one. */
TEST(large_text_keeps_a_tab)
{
    static const int size[][2] = {
        {1264, 755}, {1280, 800}, {1904, 1040}, {3824, 2120}};
    for (unsigned i = 0; i < ARRAY_LEN(size); i++)
        for (int steps = 1; steps <= 6; steps++) {
            struct wanted want = usual(steps);
            struct a_case c = made(size[i][0], size[i][1], 4096, want);
            bool both = there(&c.l, PANE_DETAIL);
            want.detail_first = true;
            struct a_case tab = made(size[i][0], size[i][1], 4096, want);
            check(&c);
            check(&tab);
            if (!there(&tab.l, PANE_WALK) || !there(&c.l, PANE_FRAME))
                fail_case(&tab, "%s", "the chosen pane is missing");
            if (there(&tab.l, PANE_FRAME) != both)
                fail_case(&tab, "%s", "FRAME and tab fit in one order only");
        }
}

/* Letters grow with the screen's scale, and by at most 3 pixels more. */
TEST(letters_keep_their_size)
{
    struct wanted want = usual(0);
    int one = made(1024, 700, 4096, want).l.px;
    for (want.scale = 100; want.scale <= 300; want.scale += 50) {
        int w = 1024 * want.scale / 100, h = 700 * want.scale / 100;
        int px = made(w, h, 4096, want).l.px;
        assert_true(px >= one * want.scale / 100);
        assert_true(px <= one * want.scale / 100 + 3);
    }
}

/* The smallest window has the whole story at every scale; a smaller one is
 * planned like it. */
TEST(the_smallest_window)
{
    for (int scale = 100; scale <= 300; scale += 50) {
        struct wanted want = usual(0);
        want.scale = scale;
        struct a_case c = made(MIN_WIDTH, MIN_HEIGHT, 4096, want);
        check(&c);
        struct layout less;
        layout_make(&less, 200, 100, &c.grid, want);
        assert_memory_equal(&less, &c.l, sizeof less);
    }
}
