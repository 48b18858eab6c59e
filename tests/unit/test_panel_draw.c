/* SPDX-License-Identifier: MIT */
// rooms: panel inspect base
/* The whole panel from a made-up display: golden pictures, no text over
 * another or cut, every cell the colour of its state (test_panel_keys: keys).
 * `make golden` rewrites the pictures. Run from the top folder. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <png.h>

#include "../panel/scene.h"
#include "panel/png.h"
#include "panel/term.h"

/* ---- golden pictures
 * --------------------------------------------------------- */

static void golden(const char *name, int w, int h, u64 nframes, bool light,
                   void (*set)(struct view *))
{
    struct scene s = scene_new(w, h, nframes, light);
    char path[128], err[160];
    if (set)
        set(s.v);
    if (s.v->life) {
        s.d->catching = inspect_reason_mask("fault");
        for (unsigned i = 0; i < LANE_WORDS && lane_catches(4)[i]; i++)
            s.d->catching |= inspect_reason_mask(lane_catches(4)[i]);
        s.d->running = false;
        snprintf(s.d->mode, sizeof s.d->mode, "HALT");
    }
    panel_draw(&s.fb, s.d, s.v);
    snprintf(path, sizeof path, "tests/panel/golden/%s.png", name);
    if (getenv("GOLDEN"))
        assert_true(png_write(&s.fb, path, err, sizeof err));
    png_image image = {.version = PNG_IMAGE_VERSION};
    if (!png_image_begin_read_from_file(&image, path))
        fail_msg("%s: %s", path, image.message);
    image.format = PNG_FORMAT_BGRA;
    assert_int_equal(image.width, w);
    assert_int_equal(image.height, h);
    u32 *px = xcalloc((size_t)w * (size_t)h, 4);
    assert_true(png_image_finish_read(&image, NULL, px, 0, NULL));
    int different = 0, x = 0, y = 0;
    for (int i = 0; i < w * h; i++)
        if (px[i] != s.fb.px[i] && !different++) {
            x = i % w;
            y = i / w;
        }
    free(px);
    if (different) {
        snprintf(path, sizeof path, "build/golden-%s.png", name);
        png_write(&s.fb, path, err, sizeof err);
        fail_msg("%s: %d pixels differ, the first at %d,%d; see %s", name,
                 different, x, y, path);
    }
    scene_free(&s);
}

static void set_console(struct view *v)
{
    v->console = true;
}

static void set_heat(struct view *v)
{
    v->heat = v->linear = true;
}

static void golden_wide(void **state)
{
    (void)state;
    golden("wide", 1280, 800, 4096, false, NULL);
}

static void golden_light_odd(void **state)
{
    (void)state;
    golden("light-6144", 1280, 800, 6144, true, NULL);
}

static void golden_small_console(void **state)
{
    (void)state;
    golden("small-console", 1024, 640, 4096, false, set_console);
}

/* A biography at length; the machine stops at faults and at reclaim. */
static void set_life(struct view *v)
{
    v->life = true;
    v->linear = true;
    v->charts = 1;
}

static void golden_life(void **state)
{
    (void)state;
    golden("life", 1280, 800, 4096, false, set_life);
}

/* The smallest window: it showed the top left of a larger one. */
static void golden_least(void **state)
{
    (void)state;
    golden("least", MIN_WIDTH, MIN_HEIGHT, 4096, false, NULL);
}

static void set_inside(struct view *v)
{
    v->inside = true;
}

static void golden_small_inside(void **state)
{
    (void)state;
    golden("small-inside", 1024, 640, 4096, true, set_inside);
}

/* For a projector: text half as large again, and everything that tells the
 * story. */
static void set_large(struct view *v)
{
    v->text = 3;
}

static void golden_large_text(void **state)
{
    (void)state;
    golden("large-text", 1280, 800, 4096, false, set_large);
}

/* A screen of twice the dots. */
static void set_dots(struct view *v)
{
    v->scale = 200;
}

static void golden_dots(void **state)
{
    (void)state;
    golden("dots", 1600, 1000, 4096, false, set_dots);
}

static void golden_heat_linear(void **state)
{
    (void)state;
    golden("heat-linear", 1280, 800, 4096, false, set_heat);
}

/* ---- text
 * ---------------------------------------------------------------------- */

static bool apart(struct rect a, struct rect b)
{
    struct rect both = rect_cut(a, b);
    return both.w == 0 || both.h == 0;
}

/* The longest that every field can be. */
static void stretch(struct ins_display *d)
{
    memset(d->caption, 'M', sizeof d->caption - 1);
    memset(d->where, 'm', sizeof d->where - 1);
    memset(d->policy, 'p', sizeof d->policy - 1);
    syn_stretch_pressure(d);
    snprintf(d->mode, sizeof d->mode, "STDIN");
    d->running = false;
    d->cycle = ~0ull;
    d->mips = 99999;
    d->pace_now = 12345678;
    d->nprocs = INS_PROCS_MAX;
    for (unsigned i = 0; i < INS_PROCS_MAX; i++) {
        struct ins_proc *p = &d->procs[i];
        p->pid = 65535;
        p->rss = p->vsize = p->min_flt = p->maj_flt = 1ull << 40;
        p->state = PS_DISK;
        memset(p->name, 'w', sizeof p->name - 1);
    }
    struct walk *w = &d->walk;
    w->va = ~0ull;
    w->ctx.satp = ~0ull;
    w->phase = WALK_FAULTED;
    w->cause = 15;
    for (unsigned i = 0; i < w->nsteps; i++) {
        w->steps[i].pte = ~0ull;
        w->steps[i].where = SERVED_DRAM_CONFLICT;
        w->steps[i].cycles = 99999;
    }
    w->steps[w->nsteps - 1].kind = STEP_FAULT;
    for (unsigned i = 0; i < d->ndtlb; i++) {
        d->dtlb[i].vpn = d->dtlb[i].ppn = ~0ull;
        d->dtlb[i].asid = 65535;
    }
    struct ins_frame *f = &d->selected;
    f->refs = -2147483647 - 1;
    f->pins = f->owner = ~0u;
    f->object = f->index = ~0ull >> 8;
    f->nptes = ~0u;
    f->flags = 255;
    f->dram_bank = 63;
    f->dram_row = ~0u;
    memset(f->owner_name, 'W', sizeof f->owner_name - 1);
    for (unsigned i = 0; i < INS_PTES_MAX; i++)
        f->ptes[i] = (struct ins_pte){65535, 2, ~0ull, ~0ull, ~0ull};
    d->nbiography = INS_BIOGRAPHY;
    for (unsigned i = 0; i < INS_BIOGRAPHY; i++)
        d->biography[i] = (struct ins_event){~0ull, ~0ull, 1,   2, 65535, 255,
                                             255,   255,   255, 0, 0,     0};
}

static void check_text(int w, int h, u64 nframes, int steps, bool console,
                       bool help, bool stretched)
{
    static struct fb_text_record rec[4096];
    struct scene s = scene_new(w, h, nframes, false);
    struct fb_log log = {0, ARRAY_LEN(rec), rec};
    s.fb.log = &log;
    if (stretched)
        stretch(s.d);
    s.v->text = steps;
    s.v->console = console;
    s.v->help = help;
    s.v->life = steps == 1 || steps == -1;
    s.v->inside = steps == 2 || steps == -1;
    s.v->scale = 100 + 50 * (steps % 3);
    s.v->charts = s.v->heat = steps == 3;
    s.v->why = steps == 3                ? 2
               : steps == 2              ? WHY_PROC + 42 + 1
               : steps == 0 && stretched ? WHY_LANE + 6
                                         : 0;
    panel_draw(&s.fb, s.d, s.v);
    unsigned least = help ? 20 : w < 1600 ? 50 : 90;
    if (log.n <= least || log.n >= log.max)
        fail_msg("%dx%d %d: %u texts", w, h, steps, log.n);
    for (unsigned i = 0; i < log.n; i++) {
        struct rect seen = rect_cut(rec[i].at, rec[i].clip);
        if (seen.w != rec[i].at.w || seen.h != rec[i].at.h)
            fail_msg("%dx%d %d: cut: \"%s\"", w, h, steps, rec[i].text);
        for (unsigned j = 0; j < i; j++)
            if (!apart(rec[i].at, rec[j].at))
                fail_msg("%dx%d %d: \"%s\" over \"%s\"", w, h, steps,
                         rec[i].text, rec[j].text);
    }
    scene_free(&s);
}

static void no_text_overlaps_or_is_cut(void **state)
{
    (void)state;
    static const int size[][2] = {
        {640, 480},  {700, 500},  {800, 600},   {1024, 640},  {1280, 800},
        {1366, 768}, {1600, 900}, {1920, 1080}, {2560, 1440}, {3840, 2160}};
    static const u64 frames[] = {64, 2048, 4096, 6144, 65536, 262144, 2097152};
    for (unsigned i = 0; i < ARRAY_LEN(size); i++)
        for (unsigned f = 0; f < ARRAY_LEN(frames); f++)
            for (int steps = -1; steps <= 3; steps++)
                for (int console = 0; console < 2; console++)
                    for (int hard = 0; hard < 2; hard++)
                        check_text(size[i][0], size[i][1], frames[f], steps,
                                   console, false, hard);
    check_text(640, 480, 4096, 0, false, true, false);
    check_text(800, 600, 4096, 0, false, true, false);
    check_text(1024, 640, 4096, 0, false, true, false);
    check_text(1280, 800, 4096, 0, false, true, false);
    check_text(1280, 800, 4096, 1, false, true, true);
}

/* At every text size that a window allows: the panes that tell the story. */
static void panes_that_stay(void **state)
{
    (void)state;
    static const int size[][2] = {{640, 480},  {700, 500},   {1024, 768},
                                  {1280, 800}, {1920, 1080}, {2560, 1440}};
    for (unsigned i = 0; i < ARRAY_LEN(size); i++) {
        struct scene s = scene_new(size[i][0], size[i][1], 4096, false);
        int sizes = 0, before = -99;
        for (int steps = -9; steps < 9; steps++) {
            struct draw g;
            s.v->text = steps;
            draw_plan(&g, size[i][0], size[i][1], s.d, s.v);
            const struct rect *whole[] = {&g.l.console, &g.l.memory,
                                          &g.l.disks,   &g.l.frame,
                                          &g.l.map,     &g.l.caption};
            for (unsigned k = 0; k < ARRAY_LEN(whole); k++) {
                struct rect r = *whole[k];
                assert_true(r.w >= 64 && r.h >= g.ch);
                assert_true(r.x >= 0 && r.x + r.w <= size[i][0]);
                assert_true(r.y >= 0 && r.y + r.h <= size[i][1]);
            }
            assert_true(g.l.console.w >= 80 * g.cw);
            assert_true(g.l.console.h >= 8 * g.ch);
            sizes += s.v->text != before;
            before = s.v->text;
        }
        if (size[i][0] >= 1280) /* up to twice as large */
            assert_true(sizes >= 7);
        scene_free(&s);
    }
}

static bool was_drawn(const struct fb_log *log, const char *text)
{
    for (unsigned i = 0; i < log->n; i++)
        if (!strcmp(log->rec[i].text, text))
            return true;
    return false;
}

/* What a request is was "other" unless it read, wrote or flushed. */
static void discards_were_other(void **state)
{
    (void)state;
    static const struct {
        u8 type;
        const char *text, *sector;
    } row[] = {{0, "R", "64000"},   {1, "W", "64000"},  {4, "flush", NULL},
               {8, "get id", NULL}, {11, "D", "64000"}, {13, "Z", "64000"}};
    for (unsigned i = 0; i < ARRAY_LEN(row); i++) {
        static struct fb_text_record rec[4096];
        struct scene s = scene_new(1280, 800, 4096, false);
        struct fb_log log = {0, ARRAY_LEN(rec), rec};
        s.fb.log = &log;
        s.d->disks[1].nrequests = 1;
        s.d->disks[1].request[0].type = row[i].type;
        s.d->disks[1].request[0].sector = 64000;
        panel_draw(&s.fb, s.d, s.v);
        if (!was_drawn(&log, row[i].text) || was_drawn(&log, "other") ||
            (row[i].sector && !was_drawn(&log, row[i].sector)))
            fail_msg("request of type %u: no \"%s\"", row[i].type, row[i].text);
        scene_free(&s);
    }
}

/* ---- cells
 * ---------------------------------------------------------------------- */

static u32 px(const struct scene *s, int x, int y)
{
    return s->fb.px[y * s->fb.w + x] & 0xffffff;
}

/* The one place in a cell that no glyph and no mark covers: a pixel from the
 * left edge, half way down. */
static u32 cell_colour(const struct scene *s, struct rect r)
{
    return px(s, r.x + (r.w > 3 ? 1 : 0), r.y + (r.h > 3 ? r.h / 2 : 0));
}

/* A hand's ring lies over the cells around its own, and where these are small
 * so does the frame around that of the caption. */
static bool under_a_ring(const struct draw *g, struct rect r)
{
    struct rect said = map_cell_rect(g, g->d->caption_pfn);
    if (abs(said.x - r.x) < r.w + 3 && abs(said.y - r.y) < r.h + 3)
        return true;
    for (unsigned i = 0; i < 2; i++) {
        struct rect hand = map_cell_rect(g, g->d->vm.hand[i]);
        if (abs(hand.x - r.x) < r.w + 18 && abs(hand.y - r.y) < r.h + 18)
            return true;
    }
    return false;
}

static void check_cells(int w, int h, u64 nframes, bool linear, bool light)
{
    struct scene s = scene_new(w, h, nframes, light);
    s.d->running = false;
    s.d->caption_pfn = nframes > 1000 ? 1000 : 0; /* marked, and lines to it */
    const struct theme *t = theme_get(light);
    struct draw g;
    s.v->pinned = NO_FRAME;
    s.v->linear = linear;
    panel_draw(&s.fb, s.d, s.v);
    draw_plan(&g, w, h, s.d, s.v);
    for (u64 pfn = 0; pfn < nframes; pfn++) {
        struct rect r = map_cell_rect(&g, pfn);
        u8 kind = s.d->kind[pfn];
        bool step =
            s.d->age[pfn] < AGE_RECENT || kind == FS_FREE || kind == FS_ZEROED;
        u32 want = t->kind[kind][step];
        if (under_a_ring(&g, r))
            continue;
        if (g.l.cell < 4 && s.d->flags[pfn] & FRAME_F_IO)
            want = t->io;
        assert_int_equal(cell_colour(&s, r), want);
        assert_int_equal(map_frame_at(&g, r.x, r.y), pfn);
    }
    scene_free(&s);
}

static void every_cell_is_its_state(void **state)
{
    (void)state;
    for (int linear = 0; linear < 2; linear++)
        for (int light = 0; light < 2; light++) {
            check_cells(1280, 800, 4096, linear, light);
            check_cells(1280, 800, 6000, linear, light);
            check_cells(1024, 640, 4096, linear, light);
            check_cells(1280, 800, 1024, linear, light);
            check_cells(1280, 800, 65536, linear, light);
        }
}

/* From 8 px up each kind has its own glyph; marks show what they mark. */
static void glyphs_and_marks(void **state)
{
    (void)state;
    struct scene s = scene_new(1280, 800, 4096, false);
    struct draw g;
    draw_plan(&g, 1280, 800, s.d, s.v);
    g.fb = &s.fb;
    for (int size = 8; size <= 40; size++) {
        static u64 shape[FS_COUNT][40];
        memset(shape, 0, sizeof shape);
        for (unsigned k = 0; k < FS_COUNT; k++) {
            unsigned ink = 0;
            fb_fill(&s.fb, s.fb.clip, 0x010203);
            draw_cell(&g, 100, 100, size, (u8)k, true, 0);
            for (int y = 0; y < size - 1; y++)
                for (int x = 0; x < size - 1; x++)
                    if (px(&s, 100 + x, 100 + y) != g.t->kind[k][1]) {
                        shape[k][y] |= 1ull << x;
                        ink++;
                    }
            assert_true(ink >= (k == FS_FREE ? 1 : 6));
            assert_int_equal(px(&s, 100 + size - 1, 100), 0x010203);
            for (unsigned other = 0; other < k; other++)
                assert_memory_not_equal(shape[k], shape[other],
                                        sizeof shape[k]);
        }
    }
    for (int size = 6; size <= 40; size++) {
        int inner = size >= 8 ? size - 1 : size;
        u32 c = g.t->kind[FS_ANON][1], ink = colour_strong(c);
        draw_cell(&g, 100, 100, size, FS_ANON, true, 15);
        assert_int_equal(px(&s, 100, 100), g.t->io);
        assert_int_equal(px(&s, 99 + inner, 99 + inner), g.t->io);
        assert_int_equal(px(&s, 101, 101), ink); /* mlocked */
        assert_int_equal(px(&s, 100 + inner / 2, 98 + inner), ink);
        assert_int_equal(px(&s, 101, 100 + inner / 2), c);
        draw_cell(&g, 100, 100, size, FS_ANON, true, FRAME_F_DIRTY);
        assert_int_equal(px(&s, 99 + inner, 100), ink);
        assert_int_equal(px(&s, 100, 99 + inner), c);
    }
    scene_free(&s);
}

static void a_picture_follows_its_frames(void **state)
{
    (void)state;
    struct scene s = scene_new(1280, 800, 4096, false);
    struct draw g;
    panel_draw(&s.fb, s.d, s.v);
    draw_plan(&g, 1280, 800, s.d, s.v);
    struct rect r = map_cell_rect(&g, 2000);
    u32 before = cell_colour(&s, r);
    s.d->kind[2000] = s.d->kind[2000] == FS_PGTABLE ? FS_ANON : FS_PGTABLE;
    panel_draw(&s.fb, s.d, s.v);
    assert_int_not_equal(cell_colour(&s, r), before);
    scene_free(&s);
}

/* ---- terminal
 * -------------------------------------------------------------------- */

/* Columns of a line without its escape sequences. */
static int line_columns(const char *s, const char *end)
{
    int n = 0;
    while (s < end) {
        if (*s == '\033')
            while (s < end && *s != 'm')
                s++;
        else if ((*s & 0xc0) != 0x80)
            n++;
        s++;
    }
    return n;
}

static void check_term(int columns, int rows, u64 nframes,
                       enum term_depth depth)
{
    struct scene s = scene_new(64, 64, nframes, false);
    struct term_text out = {0};
    term_render(&out, s.d, s.v, columns, rows, depth);
    const char *p = out.text, *end = p + out.n;
    int lines = 0;
    while (p < end) {
        const char *nl = memmem(p, (size_t)(end - p), "\r\n", 2);
        const char *stop = nl ? nl : end;
        assert_int_equal(line_columns(p, stop), columns);
        lines++;
        p = nl ? nl + 2 : end;
    }
    assert_int_equal(lines, rows);
    if (depth == TERM_PLAIN)
        assert_null(memchr(out.text, '\033', out.n));
    if (depth == TERM_LETTERS) {
        assert_null(memmem(out.text, out.n, "\033[3", 3));
        assert_null(memmem(out.text, out.n, "\033[4", 3));
    }
    assert_non_null(memmem(out.text, out.n, "page-table", 10));
    assert_non_null(memmem(out.text, out.n, "the child shares", 16));
    /* the last line: a sentence that is cut was cut like a whole one */
    bool cut = strlen(view_caption(s.v, s.d)) > (size_t)columns;
    assert_int_equal(memcmp(end - 3, "...", 3) == 0, cut);
    free(out.text);
    scene_free(&s);
}

static void terminal_screens(void **state)
{
    (void)state;
    for (enum term_depth depth = TERM_PLAIN; depth <= TERM_24BIT; depth++) {
        check_term(80, 24, 4096, depth);
        check_term(80, 24, 6144, depth);
        check_term(132, 50, 4096, depth);
        check_term(200, 80, 65536, depth);
    }
    assert_int_equal(term_depth_of("xterm-256color", NULL, false), TERM_256);
    assert_int_equal(term_depth_of("xterm-256color", "truecolor", false),
                     TERM_24BIT);
    assert_int_equal(term_depth_of("vt100", NULL, false), TERM_LETTERS);
    assert_int_equal(term_depth_of("xterm", "truecolor", true), TERM_LETTERS);
}

/* In letters on a terminal large enough, each cell is its kind's glyph. */
static void terminal_letters_are_states(void **state)
{
    (void)state;
    struct scene s = scene_new(64, 64, 4096, false);
    struct grid grid = grid_for(4096, false);
    struct term_text out = {0};
    term_render(&out, s.d, s.v, 120, 80, TERM_LETTERS);
    const char *line = strstr(out.text, "\r\n") + 2;
    for (u32 row = 0; row < 64; row++) {
        for (u32 col = 0; col < 64; col++) {
            u64 pfn = 0;
            assert_true(grid_frame(&grid, col, row, &pfn));
            assert_int_equal(line[col], ins_states[s.d->kind[pfn]].glyph);
        }
        line = strstr(line, "\r\n") + 2;
    }
    free(out.text);
    scene_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_wide),
        cmocka_unit_test(golden_light_odd),
        cmocka_unit_test(golden_small_console),
        cmocka_unit_test(golden_heat_linear),
        cmocka_unit_test(golden_life),
        cmocka_unit_test(golden_small_inside),
        cmocka_unit_test(golden_large_text),
        cmocka_unit_test(golden_dots),
        cmocka_unit_test(golden_least),
        cmocka_unit_test(no_text_overlaps_or_is_cut),
        cmocka_unit_test(panes_that_stay),
        cmocka_unit_test(discards_were_other),
        cmocka_unit_test(every_cell_is_its_state),
        cmocka_unit_test(glyphs_and_marks),
        cmocka_unit_test(a_picture_follows_its_frames),
        cmocka_unit_test(terminal_screens),
        cmocka_unit_test(terminal_letters_are_states),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
