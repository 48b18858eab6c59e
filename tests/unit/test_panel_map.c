/* SPDX-License-Identifier: MIT */
// rooms: panel inspect base linux xv6 dwarf boot
/* Tests the frame map: the place of each frame and the frame of each pixel, the
 * colour of each cell's own pixel, at most one mark a cell, lit frames, hands.
 * For the mouse see tests/panel/scenes/map.scene. */
#include "unit.h"

#include "../panel/scene.h"
#include "panel/map/map.h"

/* Returns a cell's own pixel: the kind's colour, or I/O's in a small cell. */
static u32 own_pixel(const struct scene *s, struct draw *g, u64 pfn)
{
    struct rect r = map_cell(g, pfn);
    return scene_px(s, r.x + (r.w > 1), r.y + r.h / 2);
}

/* Makes the panel draw nothing on the map but cells. */
static void bare(struct scene *s)
{
    s->v->pinned = NO_FRAME;
    s->d->vm.hand[0] = s->d->vm.hand[1] = LENS_NO_PFN;
    s->d->running = true;
    s->d->nevents = 0;
}

/* ---- places -------------------------------------------------------------- */

static void places_of(int w, int h, u64 nframes, bool linear, unsigned zoom)
{
    SCENE(s, w, h, nframes, false);
    s.v->other_order = view_rows(s.v, s.d) != linear;
    s.v->zoom = zoom;
    s.v->left = s.v->top = zoom ? 5 : 0;
    struct draw g = scene_drawn(&s);
    struct rect m = g.l.at[PANE_MAP];
    struct cells c = map_cells(&g);
    u64 step = nframes / 997 + 1, seen = 0;
    for (u64 pfn = 0; pfn < nframes; pfn += step) {
        struct rect r;
        if (!place_frame(&g, pfn, &r))
            continue;
        seen++;
        assert_true(rect_has(m, r.x, r.y));
        s64 back = map_frame_at(&g, r.x, r.y);
        if (!c.sx && !c.sy) {
            assert_int_equal(back, pfn);
            int x = r.x + r.w - 1, y = r.y + r.h - 1;
            if (rect_has(m, x, y))
                assert_int_equal(map_frame_at(&g, x, y), pfn);
        } else { /* one of the frames that share the pixel */
            struct rect at;
            assert_true(back >= 0 && place_frame(&g, (u64)back, &at));
            assert_true(at.x == r.x && at.y == r.y);
        }
    }
    assert_true(seen > 0);
    assert_int_equal(map_frame_at(&g, m.x - 1, m.y), NO_FRAME);
    assert_int_equal(map_frame_at(&g, m.x, m.y + m.h), NO_FRAME);
}

TEST(places_and_frames)
{
    static const int size[][2] = {{640, 480}, {1281, 799}, {1920, 1080}};
    static const u64 count[] = {1, 1000, 1024, 6144, 8192, 65536, 524288};
    for (unsigned i = 0; i < ARRAY_LEN(size); i++)
        for (unsigned k = 0; k < ARRAY_LEN(count); k++)
            for (unsigned zoom = 0; zoom < 4; zoom += 3)
                for (int linear = 0; linear < 2; linear++)
                    places_of(size[i][0], size[i][1], count[k], linear, zoom);
}

/* With twice as many columns as rows, cells are half as wide as high. */
TEST(a_square_is_filled)
{
    SCENE(s, 1280, 800, 8192, false);
    struct draw g = scene_drawn(&s);
    assert_int_equal(2 * g.l.cells.w, g.l.cells.h);
    assert_int_equal(g.l.at[PANE_MAP].w, g.l.at[PANE_MAP].h);
}

/* ---- colours ------------------------------------------------------------- */

static const u8 flag_sets[] = {
    0,
    FRAME_F_DIRTY,
    FRAME_F_LOCKED,
    FRAME_F_INACTIVE,
    FRAME_F_IO,
    FRAME_F_IO | FRAME_F_DIRTY | FRAME_F_LOCKED | FRAME_F_INACTIVE,
    FRAME_F_DIRTY | FRAME_F_LOCKED,
};

/* Gives the frames every kind, used recently or not, with all flag_sets. */
static void every_look(struct scene *s)
{
    struct ins_display *d = s->d;
    bare(s);
    for (u64 i = 0; i < d->nframes; i++) {
        u8 kind = (u8)(i % (FS_COUNT + 1));
        d->kind[i] = kind < FS_COUNT ? kind : 0xff;
        d->age[i] = i / (FS_COUNT + 1) % 2 ? 200 : 3;
        d->flags[i] = flag_sets[i / (2 * FS_COUNT + 2) % ARRAY_LEN(flag_sets)];
    }
}

static void own_pixels_of(bool light, bool linear, unsigned zoom, u64 nframes)
{
    SCENE(s, 1280, 800, nframes, light);
    every_look(&s);
    s.v->other_order = view_rows(s.v, s.d) != linear;
    s.v->zoom = zoom;
    struct draw g = scene_drawn(&s);
    struct cells c = map_cells(&g);
    bool small = c.w < 4 || c.h < 4;
    for (u64 pfn = 0; pfn < nframes; pfn++) {
        struct rect r;
        if (!place_frame(&g, pfn, &r))
            continue;
        u8 kind = s.d->kind[pfn];
        u32 colour = s.d->flags[pfn] & FRAME_F_IO && small ? g.t->io
                     : kind >= FS_COUNT
                         ? g.t->unknown
                         : g.t->kind[kind][s.d->age[pfn] < INS_RECENT_AGE];
        assert_int_equal(own_pixel(&s, &g, pfn), colour);
    }
}

TEST(own_pixel_has_the_kind)
{
    for (int look = 0; look < 4; look++) {
        bool light = look & 1, linear = look & 2;
        for (unsigned zoom = 0; zoom < 5; zoom++)
            own_pixels_of(light, linear, zoom, 4096);
        own_pixels_of(light, linear, 0, 6000);
        own_pixels_of(light, linear, 0, 8192);
        own_pixels_of(light, linear, 0, 65536); /* I/O fills these cells */
        own_pixels_of(light, linear, 0, 16384);
    }
}

/* With a million frames, a pixel has the colour of one of its frames, but never
 * that of a free frame while another of them is in use. */
TEST(a_pixel_for_many)
{
    SCENE(s, 1600, 1000, 1 << 20, false);
    bare(&s);
    memset(s.d->flags, 0, s.d->nframes);
    struct draw g = scene_drawn(&s);
    struct cells c = map_cells(&g);
    assert_true(c.sx == 1 && c.sy == 1);
    for (u64 first = 0; first < s.d->nframes; first += 4 * 97) {
        u32 got = own_pixel(&s, &g, first);
        bool found = false, used = false;
        for (u64 i = first; i < first + 4; i++) {
            found |= got == kind_colour(&g, s.d->kind[i], frame_recent(s.d, i));
            used |= s.d->kind[i] != FS_FREE;
        }
        assert_true(found);
        if (used)
            assert_int_not_equal(got, g.t->kind[FS_FREE][1]);
    }
}

/* ---- marks --------------------------------------------------------------- */

/* Draws a cell of 12 x 12 pixels and copies them to px. */
static void cell_pixels(struct scene *s, struct draw *g, u8 kind, u8 flags,
                        u32 px[144])
{
    fb_clip(&s->fb, (struct rect){0, 0, 12, 12});
    fb_fill(&s->fb, s->fb.clip, g->t->page);
    draw_cell(g, s->fb.clip, kind, true, flags);
    for (int i = 0; i < 144; i++)
        px[i] = scene_px(s, i % 12, i / 12);
}

static bool same_cell(struct scene *s, struct draw *g, u8 kind, u8 a, u8 b)
{
    u32 one[144], other[144];
    cell_pixels(s, g, kind, a, one);
    cell_pixels(s, g, kind, b, other);
    return !memcmp(one, other, sizeof one);
}

TEST(one_mark_a_cell)
{
    enum { I = FRAME_F_IO, D = FRAME_F_DIRTY, L = FRAME_F_LOCKED };
    for (int light = 0; light < 2; light++) {
        SCENE(s, 1280, 800, 4096, light);
        struct draw g = scene_drawn(&s);
        u8 k = FS_ANON;
        assert_false(same_cell(&s, &g, k, 0, I));
        assert_false(same_cell(&s, &g, k, 0, D));
        assert_false(same_cell(&s, &g, k, 0, L));
        assert_false(same_cell(&s, &g, k, D, L));
        assert_true(same_cell(&s, &g, k, I, I | D | L));
        assert_true(same_cell(&s, &g, k, D, D | L));
        assert_true(same_cell(&s, &g, k, 0, FRAME_F_INACTIVE));
        /* The kind says already that the page is dirty: no mark. */
        assert_true(same_cell(&s, &g, FS_FILE_DIRTY, 0, D));
    }
}

/* Only cells of 14 x 14 pixels or more have a letter, and so more than one
 * colour. */
TEST(letters_where_there_is_room)
{
    for (unsigned zoom = 0; zoom < 3; zoom++) {
        SCENE(s, 1280, 800, 4096, false);
        every_look(&s);
        memset(s.d->flags, 0, s.d->nframes);
        s.v->zoom = zoom;
        struct draw g = scene_drawn(&s);
        struct cells c = map_cells(&g);
        struct rect r = map_cell(&g, FS_ANON);
        unsigned others = 0;
        for (int i = 0; i < r.w * r.h; i++)
            others += scene_px(&s, r.x + i % r.w, r.y + i / r.w) !=
                      own_pixel(&s, &g, FS_ANON);
        assert_int_equal(others > 0, c.w >= 14 && c.h >= 14);
    }
}

/* A window smaller than the least shows the top left of the least window's
 * plan; nothing is drawn outside the window. */
TEST(small_windows)
{
    static const int size[][2] = {{1, 1}, {5, 700}, {100, 60}, {150, 150}};
    static const u64 count[] = {1024, 4096, 65536, 1 << 20};
    for (unsigned i = 0; i < ARRAY_LEN(size); i++)
        for (unsigned k = 0; k < ARRAY_LEN(count); k++) {
            SCENE(s, size[i][0], size[i][1], count[k], false);
            fb_free(&s.fb); /* another picture, with a guard row after it */
            fb_init(&s.fb, size[i][0], size[i][1] + 1);
            s.fb.h--;
            u32 *guard = s.fb.px + s.fb.w * s.fb.h;
            for (int x = 0; x < s.fb.w; x++)
                guard[x] = 0xdeadbeef;
            scene_drawn(&s);
            for (int x = 0; x < s.fb.w; x++)
                assert_int_equal(guard[x], 0xdeadbeef);
        }
}

/* ---- lit, heat ----------------------------------------------------------- */

static void lit_of(u64 nframes)
{
    SCENE(s, 1280, 800, nframes, false);
    bare(&s);
    memset(s.d->flags, 0, nframes);
    s.d->lit = xcalloc(nframes, 1);
    for (u64 i = 0; i < nframes; i++)
        s.d->nlit += s.d->lit[i] = s.d->kind[i] == FS_ANON;
    struct draw g = scene_drawn(&s);
    for (u64 pfn = 0; pfn < nframes; pfn += 7) {
        u8 kind = s.d->kind[pfn];
        if (g.l.cells.sx)
            continue;
        u32 plain = kind_colour(&g, kind, frame_recent(s.d, pfn));
        u32 got = own_pixel(&s, &g, pfn);
        if (s.d->lit[pfn])
            assert_int_equal(got, plain);
        else if (kind != FS_FREE)
            assert_true(colour_contrast(got, g.t->page) <
                        1 + (colour_contrast(plain, g.t->page) - 1) / 2);
    }
    for (u64 pfn = 0; pfn < nframes && g.l.cells.sx; pfn++)
        if (s.d->lit[pfn]) /* a lit frame decides its pixel's colour */
            assert_true(own_pixel(&s, &g, pfn) == g.t->kind[FS_ANON][0] ||
                        own_pixel(&s, &g, pfn) == g.t->kind[FS_ANON][1]);
    s.d->nlit = 0; /* the filter matches no frame: nothing fades */
    g = scene_drawn(&s);
    assert_true(own_pixel(&s, &g, 0) ==
                    kind_colour(&g, s.d->kind[0], frame_recent(s.d, 0)) ||
                g.l.cells.sx);
}

/* Lit free frames are bright among dimmed ones. */
TEST(lit_free_frames_are_seen)
{
    for (int light = 0; light < 2; light++) {
        SCENE(s, 1280, 800, 4096, light);
        bare(&s);
        memset(s.d->flags, 0, 4096);
        s.d->lit = xcalloc(4096, 1);
        for (u64 i = 0; i < 4096; i++)
            s.d->nlit += s.d->lit[i] = s.d->kind[i] == FS_FREE;
        struct draw g = scene_drawn(&s);
        for (u64 pfn = 0; pfn < 4096; pfn++) {
            double seen = colour_contrast(own_pixel(&s, &g, pfn), g.t->page);
            assert_true(s.d->lit[pfn] ? seen >= 3 : seen < 3);
        }
    }
}

/* Twenty lit frames among very many are seen: each fills some 4 x 4 pixels. */
TEST(a_few_lit_frames_are_seen)
{
    static const u64 sizes[] = {8192, 65536, 262144};
    for (unsigned i = 0; i < ARRAY_LEN(sizes); i++) {
        u64 n = sizes[i];
        SCENE(s, 1280, 800, n, false);
        bare(&s);
        memset(s.d->flags, 0, n);
        s.d->lit = xcalloc(n, 1);
        for (u64 k = 0; k < 20; k++) {
            u64 pfn = n / 40 + k * (n / 20); /* far from each other */
            s.d->kind[pfn] = FS_FILE_DIRTY;
            s.d->age[pfn] = 200;
            s.d->lit[pfn] = 1;
        }
        s.d->nlit = 20;
        struct draw g = scene_drawn(&s);
        const u32 *colour = g.t->kind[FS_FILE_DIRTY];
        struct rect map = g.l.at[PANE_MAP];
        assert_true(scene_count(&s, map, colour[0]) +
                        scene_count(&s, map, colour[1]) >=
                    20 * 16 * 3 / 4); /* the map's edge cuts some */
    }
}

TEST(lit_frames_stay_bright)
{
    lit_of(4096);
    lit_of(65536);
    lit_of(1 << 20);
}

TEST(heat_is_cividis)
{
    SCENE(s, 1280, 800, 4096, false);
    bare(&s);
    memset(s.d->kind, FS_ANON, 4096);
    s.d->age[0] = 0;
    s.d->age[1] = 80;
    s.d->age[2] = 160;
    s.d->cycle =
        SYN_HZ / 1000 * ((1u << 20) - 1); /* as old as the scale goes */
    s.v->heat = true;
    struct draw g = scene_drawn(&s);
    assert_int_equal(own_pixel(&s, &g, 0), colour_cividis(256));
    assert_int_equal(own_pixel(&s, &g, 1), colour_cividis(128));
    assert_true(colour_luminance(own_pixel(&s, &g, 1)) >
                colour_luminance(own_pixel(&s, &g, 2)));
    s.d->cycle = SYN_HZ; /* frames unused for this 1 s are darkest */
    g = scene_drawn(&s);
    assert_int_equal(own_pixel(&s, &g, 1), colour_cividis(0));
}

/* ---- hands --------------------------------------------------------------- */

/* Rings are hollow, and the trail of the hands covers no cell's own pixel. */
TEST(hands_cover_no_cell)
{
    static const u64 counts[] = {4096, 8192, 65536};
    for (unsigned i = 0; i < ARRAY_LEN(counts); i++) {
        SCENE(s, 1280, 800, counts[i], false);
        s.v->pinned = NO_FRAME;
        s.d->nevents = 0;
        memset(s.d->flags, 0, s.d->nframes);
        struct draw g = scene_drawn(&s);
        unsigned ringed = 0;
        for (unsigned h = 0; h < 2; h++) {
            u64 at = s.d->vm.hand[h];
            struct rect r = map_cell(&g, at);
            assert_int_equal(
                own_pixel(&s, &g, at),
                kind_colour(&g, s.d->kind[at], frame_recent(s.d, at)));
            for (int x = r.x - 2 * g.l.px; x < r.x; x++)
                ringed += x >= 0 && scene_px(&s, x, r.y + r.h / 2) ==
                                        (h ? g.t->data[0] : g.t->bad);
        }
        assert_true(ringed >= 1);
        struct rect ring = rect_inset(map_cell(&g, s.d->vm.hand[0]), -9);
        for (u64 k = 40; k < counts[i] / 20; k++) { /* the hand's trail */
            u64 pfn = s.d->vm.hand[0] - k;
            if (rect_cut(map_cell(&g, pfn), ring).w)
                continue;
            assert_int_equal(
                own_pixel(&s, &g, pfn),
                kind_colour(&g, s.d->kind[pfn], frame_recent(s.d, pfn)));
        }
    }
}

/* Frames lie in rows if the policy has hands, else in Morton order; `o` shows
 * the other order. */
TEST(hands_are_seen_to_sweep)
{
    for (int i = 0; i < 4; i++) {
        SCENE(s, 1280, 800, 4096, false);
        if (i & 1)
            bare(&s);
        s.v->other_order = i & 2;
        struct draw g = scene_plan(&s);
        struct rect first = map_cell(&g, 1), next = map_cell(&g, 2);
        bool rows = i == 0 || i == 3;
        assert_int_equal(first.y == next.y && first.x < next.x, rows);
        assert_int_equal(first.y < next.y && first.x > next.x, !rows);
    }
}

/* Arrows into memory and out of it differ in colour from each other and from
 * ink, and contrast with the page; arrows to the free list have ink's
 * colour. */
TEST(ways_look_different)
{
    for (int light = 0; light < 2; light++) {
        SCENE(s, 640, 480, 64, light);
        struct draw g = scene_plan(&s);
        u32 in = way_colour(&g, WAY_FROM_DISK);
        u32 out = way_colour(&g, WAY_TO_SLOT);
        assert_int_equal(in, way_colour(&g, WAY_FROM_SLOT));
        assert_int_equal(out, way_colour(&g, WAY_TO_DISK));
        assert_true(in != out && in != g.t->ink && out != g.t->ink);
        assert_true(colour_contrast(in, g.t->page) > 4.5);
        assert_true(colour_contrast(out, g.t->page) > 4.5);
        assert_int_equal(way_colour(&g, WAY_TO_FREE), g.t->ink);
    }
}
