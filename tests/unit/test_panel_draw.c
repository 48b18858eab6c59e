/* SPDX-License-Identifier: MIT */
// rooms: panel inspect base linux xv6 dwarf boot
/* Draws the whole panel from made-up displays. Golden pictures show the moments
 * that readers meet first. In any window and state no text is cut, too small,
 * painted over or drawn on another text; in usual windows no sentence of the
 * panel's own is shortened. `make golden` rewrites the pictures. Run this test
 * in the top folder. SOAK=1 adds choices, RAM sizes, pointers, frame lives. */
#include "unit.h"

#include <png.h>

#include "../panel/longest.h"
#include "../panel/story.h"
#include "panel/window/screenshot.h"

/* ---- golden pictures ----------------------------------------------------- */

static u32 *read_picture(const char *path, int w, int h)
{
    png_image image = {.version = PNG_IMAGE_VERSION};
    if (!png_image_begin_read_from_file(&image, path))
        fail_msg("%s: %s", path, image.message);
    image.format = PNG_FORMAT_BGRA;
    assert_int_equal(image.width, w);
    assert_int_equal(image.height, h);
    u32 *px = xcalloc((size_t)w * (size_t)h, 4);
    assert_true(png_image_finish_read(&image, NULL, px, 0, NULL));
    return px;
}

static void golden(const char *name, struct scene *s)
{
    char path[80], err[160];
    int w = s->fb.w, h = s->fb.h, different = 0, x = 0, y = 0;
    story_draw(s);
    snprintf(path, sizeof path, "tests/panel/golden/%s.png", name);
    if (getenv("GOLDEN"))
        assert_true(png_write(&s->fb, path, err, sizeof err));
    u32 *px = read_picture(path, w, h);
    for (int i = 0; i < w * h; i++)
        if (px[i] != s->fb.px[i] && !different++) {
            x = i % w;
            y = i / w;
        }
    free(px);
    if (different) {
        snprintf(path, sizeof path, "build/golden-%s.png", name);
        png_write(&s->fb, path, err, sizeof err);
        fail_msg("%s: %d pixels differ, the first at %d,%d; see %s", name,
                 different, x, y, path);
    }
}

static const struct story {
    const char *name;
    void (*tell)(struct scene *);
    int w, h;
    bool light;
} stories[] = {
    {"boot", story_boot, 1024, 640, false},
    {"fork", story_fork, 1280, 800, false},
    {"write-back", story_write_back, 1024, 640, false},
    {"low", story_low, 1280, 800, false},
    {"return", story_return, 1024, 640, false},
    {"walk", story_walk, 1024, 640, false},
    {"light", story_fork, 1024, 640, true},
    {"least", story_low, MIN_WIDTH, MIN_HEIGHT, false},
};

TEST(golden_pictures)
{
    for (unsigned i = 0; i < ARRAY_LEN(stories); i++) {
        const struct story *t = &stories[i];
        SCENE(s, t->w, t->h, 4096, t->light);
        t->tell(&s);
        golden(t->name, &s);
    }
}

/* ---- text ---------------------------------------------------------------- */

/* The tests check each sparse()-th place of the pointer and life of a frame. */
static int sparse(void)
{
    return getenv("SOAK") ? 1 : 8;
}

/* A person's choices, besides the size of text. */
static const struct choice {
    const char *name;
    enum pane_id tab;
    bool console, whole_biography, help, heat, linear, finding, lit, note,
        pointed;
    unsigned zoom, scroll;
} choices[] = {
    {.name = "event", .tab = PANE_EVENT},
    {.name = "walk", .tab = PANE_WALK},
    {.name = "TLB", .tab = PANE_TLB, .scroll = 3},
    {.name = "DRAM", .tab = PANE_DRAM, .heat = true},
    {.name = "buddy", .tab = PANE_BUDDY, .linear = true},
    {.name = "disks", .tab = PANE_DISKS, .lit = true},
    {.name = "belief", .tab = PANE_BELIEF, .finding = true},
    {.name = "counters", .tab = PANE_COUNTERS, .scroll = 9},
    {.name = "policy", .tab = PANE_POLICY, .note = true},
    {.name = "events", .tab = PANE_EVENTS, .pointed = true},
    {.name = "console", .tab = PANE_CONSOLE, .console = true},
    {.name = "biography",
     .tab = PANE_WALK,
     .whole_biography = true,
     .scroll = 2},
    {.name = "help", .tab = PANE_WALK, .help = true},
    {.name = "zoom", .tab = PANE_EVENTS, .zoom = 2, .heat = true},
    {.name = "the guest's screen", .tab = PANE_CONSOLE, .lit = true},
};

static void choose(struct scene *s, const struct choice *c)
{
    struct view *v = s->v;
    v->tab = c->tab;
    v->console = c->console;
    v->whole_biography = c->whole_biography;
    v->help = c->help;
    v->heat = c->heat;
    v->other_order = c->linear;
    v->zoom = c->zoom;
    v->left = v->top = c->zoom ? 5 : 0;
    v->finding = c->finding;
    memset(v->find, 0, sizeof v->find);
    if (c->finding)
        memset(v->find, 'f', sizeof v->find - 1);
    for (unsigned i = 0; i < PANES; i++)
        v->scroll[i] = c->scroll;
    if (c->lit && !s->d->lit)
        s->d->lit = xcalloc(s->d->nframes, 1);
    if (!c->lit) {
        free(s->d->lit);
        s->d->lit = NULL;
    }
    for (u64 i = 0; s->d->lit && i < s->d->nframes; i++)
        s->d->lit[i] = i % 3 == 0;
    memset(v->note, 0, sizeof v->note);
    if (c->note)
        memset(v->note, 'n', sizeof v->note - 1);
    v->pointer_x = v->pointer_y = c->pointed ? 300 : -1;
    v->hover = c->pointed ? 17 : NO_FRAME;
    v->cursor = c->pointed ? s->d->cycle - s->d->clock_hz / 50 : NEVER;
    v->slider = c->tab == PANE_POLICY ? 1 : -1;
}

static bool apart(struct rect a, struct rect b)
{
    struct rect both = rect_cut(a, b);
    return both.w == 0 || both.h == 0;
}

/* True for a letter in a cell of the map, which a label may cover. */
static bool in_a_cell(const struct fb_text_record *t, struct rect map)
{
    return !t->text[1] && rect_has(map, t->at.x, t->at.y);
}

/* True if the cells of a terminal still hold a text. */
static bool has_letters(const struct scene *s, const struct fb_text_record *t)
{
    const struct fb_cell *c = &s->fb.cell[t->at.y / 2 * s->fb.w + t->at.x];
    for (const char *text = t->text; *text; c++) {
        u32 code = utf8_next(&text);
        if (c->code != code && !(code < ' ' && c->code == '?'))
            return false;
    }
    return true;
}

static bool has_ink(const struct scene *s, struct rect r)
{
    u32 first = scene_px(s, r.x, r.y);
    for (int y = r.y; y < r.y + r.h; y++)
        for (int x = r.x; x < r.x + r.w; x++)
            if (scene_px(s, x, y) != first)
                return true;
    return false;
}

static bool terminal; /* the panel is drawn in a terminal */

/* Each fault is printed once, where it is found first. */
static unsigned faults;
static struct {
    const char *what;
    char text[64], other[64];
} told[40];

static void fault(const struct scene *s, const char *where, const char *what,
                  const char *text, const char *other)
{
    for (unsigned i = 0; i < faults; i++)
        if (told[i].what == what && !strncmp(told[i].text, text, 63) &&
            !strncmp(told[i].other, other, 63))
            return;
    print_error("%dx%d, steps %d, scale %d, %s%s: %s: \"%s\" \"%s\"\n", s->fb.w,
                s->fb.h, s->v->text, s->v->scale, where,
                s->v->light ? ", light" : "", what, text, other);
    if (faults == ARRAY_LEN(told))
        fail_msg("%s", "and so on");
    told[faults].what = what;
    snprintf(told[faults].text, sizeof told[0].text, "%s", text);
    snprintf(told[faults++].other, sizeof told[0].other, "%s", other);
}

static void check_texts(struct scene *s, const char *where)
{
    const struct fb_text_record *rec = s->log.rec;
    struct rect map = scene_plan(s).l.at[PANE_MAP];
    if (s->log.n < 29 || s->log.n >= s->log.max)
        fault(s, where, "implausible count", phrase("%d", (int)s->log.n), "");
    for (unsigned i = 0; i < s->log.n; i++) {
        struct rect seen = rect_cut(rec[i].at, rec[i].clip);
        if (seen.w != rec[i].at.w || seen.h != rec[i].at.h) {
            fault(s, where, "cut", rec[i].text, "");
            continue;
        }
        if (rec[i].at.h < 9 && !s->fb.cell)
            fault(s, where, "too small", rec[i].text, "");
        if (!s->v->help && in_a_cell(&rec[i], map))
            continue;
        if (s->fb.cell ? !has_letters(s, &rec[i]) : !has_ink(s, seen))
            fault(s, where, "painted over", rec[i].text, "");
        for (unsigned j = 0; j < i; j++)
            if (!apart(rec[i].at, rec[j].at) && !in_a_cell(&rec[j], map))
                fault(s, where, "over another", rec[i].text, rec[j].text);
    }
}

/* w and h are in pixels; in a terminal, in columns and rows. */
static void resize(struct scene *s, int w, int h)
{
    fb_free(&s->fb);
    if (terminal) { /* alternately with and without colours */
        view_in_cells(s->v, s->v->pixels == CELLS);
        fb_init_cells(&s->fb, w, h, s->v->pixels == LETTERS);
    } else
        fb_init(&s->fb, w, h);
}

/* Checks each window, scale and text size with the next `each` choices; after
 * the last choice the first is next, and the theme changes. */
static void check_windows(struct scene *s, const char *what, unsigned each)
{
    static const int size[][2] = {{640, 480},   {800, 600},  {1024, 640},
                                  {1280, 800},  {1366, 768}, {1920, 1080},
                                  {2560, 1440}, {3840, 2160}};
    static const int scale[] = {100, 150, 200, 300};
    unsigned turn = 0;
    for (unsigned i = 0; i < ARRAY_LEN(size); i++) {
        resize(s, size[i][0], size[i][1]);
        for (unsigned k = 0; k < ARRAY_LEN(scale); k++)
            for (int steps = -2; steps <= 4; steps++)
                for (unsigned n = 0; n < each; n++) {
                    const struct choice *c =
                        &choices[turn++ % ARRAY_LEN(choices)];
                    char where[80];
                    s->v->text = steps;
                    s->v->scale = scale[k];
                    s->v->light = turn / ARRAY_LEN(choices) % 2;
                    choose(s, c);
                    scene_draw(s);
                    snprintf(where, sizeof where, "%s, %s", what, c->name);
                    check_texts(s, where);
                }
    }
}

/* Checks every choice in usual windows, every other one in the light theme. */
static void check_choices(struct scene *s, const char *what)
{
    static const int size[2][4][2] = {
        {{640, 480}, {1280, 800}, {1920, 1080}, {640, 480}},
        {{80, 24}, {100, 30}, {132, 43}, {200, 60}}};
    for (unsigned i = 0; i < ARRAY_LEN(size[0]); i++) {
        resize(s, size[terminal][i][0], size[terminal][i][1]);
        for (unsigned k = 0; k < ARRAY_LEN(choices); k++) {
            char where[80];
            s->v->text = 0;
            s->v->scale = 100;
            s->v->light = k % 2;
            choose(s, &choices[k]);
            scene_draw(s);
            snprintf(where, sizeof where, "%s, %s", what, choices[k].name);
            check_texts(s, where);
        }
    }
}

static void check_usual(void)
{
    SCENE(s, 64, 64, 4096, false);
    view_observe(s.v, s.d);
    check_choices(&s, "usual");
    if (!terminal)
        check_windows(&s, "usual", sparse() > 1 ? 1 : 2);
}

/* Checks 4 MiB to 4 GiB: the map and its own words change with the memory. */
static void check_any_memory(void)
{
    static const u64 frames[] = {1024, 2048, 6144, 65536, 1048576};
    for (unsigned i = 0; i < ARRAY_LEN(frames); i++) {
        SCENE(s, 64, 64, frames[i], false);
        char what[32];
        snprintf(what, sizeof what, "%llu frames",
                 (unsigned long long)frames[i]);
        view_observe(s.v, s.d);
        check_choices(&s, what);
    }
}

/* If nothing is known yet, the panel shows sentences, and does not crash. */
static void check_nothing_known(void)
{
    SCENE(s, 64, 64, 4096, false);
    struct ins_display *d = xcalloc(1, sizeof *d);
    d->nframes = 4096;
    d->kind = xcalloc(4096, 1);
    d->flags = xcalloc(4096, 1);
    d->age = xcalloc(4096, 1);
    memset(d->kind, 0xff, 4096);
    d->caption_pfn = d->vm.hand[0] = d->vm.hand[1] = LENS_NO_PFN;
    syn_free(s.d);
    s.d = d;
    view_free(s.v);
    s.v = view_new(false);
    view_observe(s.v, d);
    check_choices(&s, "nothing known");
}

/* ---- whole sentences ------------------------------------------------------
 */

/* Windows of the pictures' size, of screens of 1280 x 800 and 1920 x 1080 less
 * a window manager's borders, and of a lesson on either screen. */
static const int windows[][2] = {
    {1280, 800}, {1264, 755}, {1904, 1040}, {752, 755}, {1136, 972}};
static const int terminals[][2] = {{80, 24}, {132, 43}};

/* True for a name that the guest gave: longest.h fills such strings with one
 * letter each and has disks with long names; synthetic.h names a process. */
static bool guests_own(const char *text)
{
    if (!strncmp(text, "longname", 8) || !strncmp(text, "long-name", 9))
        return true;
    for (const char *s = text; s[0]; s++)
        if (s[0] == s[1] && s[1] == s[2] && s[2] == s[3] && s[0] >= 'A')
            return true;
    return false;
}

/* Only names of guests_own() may be shortened (and so end in an ellipsis). */
static void check_whole(struct scene *s, const char *what)
{
    scene_draw(s);
    for (unsigned i = 0; i < s->log.n; i++) {
        const char *text = s->log.rec[i].text, *end = strstr(text, "…");
        if (end && !end[strlen("…")] && !guests_own(text))
            fault(s, what, "shortened", text, panes[s->v->tab].name);
    }
}

static void check_views(struct scene *s, const char *what)
{
    for (unsigned i = 0; i < (terminal ? 2 : ARRAY_LEN(windows)); i++) {
        const int *size = terminal ? terminals[i] : windows[i];
        resize(s, size[0], size[1]);
        for (enum pane_id tab = TAB_FIRST; tab < PANES; tab++) {
            s->v->tab = tab;
            s->v->slider = tab == PANE_POLICY ? 1 : -1;
            check_whole(s, what);
        }
        s->v->slider = -1;
        struct rect time = scene_plan(s).l.at[PANE_TIME];
        for (int x = time.x; x < time.x + time.w; x += 37 * sparse()) {
            s->v->pointer_x = x;
            s->v->pointer_y = time.y + time.h / 2;
            check_whole(s, what);
        }
        struct draw g = scene_plan(s);
        struct rect map = g.l.at[PANE_MAP], slots = g.l.at[PANE_SLOTS];
        for (int k = 0; k < 40; k += sparse()) {
            s->v->pointer_x = map.x + map.w * k / 40;
            s->v->pointer_y = map.y + map.h * (k * 7 % 40) / 40;
            s->v->hover = map_frame_at(&g, s->v->pointer_x, s->v->pointer_y);
            check_whole(s, what);
            s->v->hover = NO_FRAME;
            s->v->pointer_x = slots.x + slots.w / 2;
            s->v->pointer_y = slots.y + slots.h * k / 40;
            check_whole(s, what);
        }
        s->v->pointer_x = s->v->pointer_y = -1;
        s->v->console = true;
        s->v->tab = PANE_CONSOLE;
        check_whole(s, what);
        s->v->console = false;
        s->v->whole_biography = true;
        check_whole(s, what);
        s->v->whole_biography = false;
        s->v->pinned = NO_FRAME;
        check_whole(s, what);
        s->v->heat = true;
        check_whole(s, what);
        s->v->heat = false;
        s->v->pinned = SELECTED;
    }
}

/* Shows each reason as the newest event of a frame's life, and each state. */
static void check_lives(struct scene *s, const char *what)
{
    for (unsigned i = 0; i < ARRAY_LEN(windows); i++) {
        resize(s, windows[i][0], windows[i][1]);
        for (unsigned r = 0; r < R_COUNT; r++)
            for (unsigned n = sparse() > 1 ? (r + i) % 3 * 3 + 1 : 1; n < 8;
                 n += 3 * (unsigned)sparse()) {
                struct ins_display *d = s->d;
                d->nbiography = n;
                for (unsigned k = 0; k < n; k++) {
                    d->biography[k].reason = (u8)((r + k) % R_COUNT);
                    d->biography[k].from = (u8)((r + n) % FS_COUNT);
                    d->biography[k].to = (u8)((r + k) % FS_COUNT);
                }
                d->selected.state = (u8)(r % FS_COUNT);
                check_whole(s, what);
            }
    }
}

/* The number of frames decides the map's width, and so the room beside it. */
TEST(usual_whole)
{
    static const u64 frames[] = {2048, 4096, 6000, 8192, 65536};
    faults = 0;
    for (unsigned i = 0; i<ARRAY_LEN(frames); i += sparse()> 1 ? 2 : 1) {
        SCENE(s, 64, 64, frames[i], false);
        view_observe(s.v, s.d);
        check_views(&s, "usual");
        check_lives(&s, "usual");
    }
    assert_int_equal(faults, 0);
}

static void check_stories(void)
{
    for (unsigned i = 0; i < 2 * ARRAY_LEN(stories); i++) {
        const struct story *t = &stories[i / 2];
        SCENE(s, 64, 64, 4096, false);
        t->tell(&s);
        view_observe(s.v, s.d);
        (i % 2 ? check_views : check_choices)(&s, t->name);
    }
}

static void check_longest(void)
{
    static const char *const what[] = {"longest", "longest, words",
                                       "longest, whole"};
    for (int i = 0; i < 3; i++) {
        SCENE(s, 64, 64, 4096, false);
        longest(s.d, i > 0);
        view_observe(s.v, s.d);
        if (i < 2) {
            check_choices(&s, what[i]);
            if (!terminal)
                check_windows(&s, what[i], sparse() > 1 ? 1 : 2);
        } else if (!terminal) {
            check_views(&s, what[i]);
            check_lives(&s, what[i]);
        }
    }
}

static void (*const checks[])(void) = {check_usual, check_any_memory,
                                       check_nothing_known, check_stories,
                                       check_longest};

TEST(texts_in_windows)
{
    faults = 0;
    for (unsigned i = 0; i < ARRAY_LEN(checks); i++)
        checks[i]();
    assert_int_equal(faults, 0);
}

TEST(texts_in_terminals)
{
    faults = 0;
    terminal = true;
    for (unsigned i = 0; i < ARRAY_LEN(checks); i++)
        checks[i]();
    terminal = false;
    assert_int_equal(faults, 0);
}
