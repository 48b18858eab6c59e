/* SPDX-License-Identifier: MIT */
// rooms: panel inspect base linux xv6 source boot
/* The legend, which is the live histogram, and the strip of swap slots. */
#include <stdlib.h>

#include "unit.h"

#include "../panel/scene.h"
#include "panel/map/map.h"

static bool within(struct rect a, struct rect b)
{
    struct rect r = rect_cut(a, b);
    return r.w == a.w && r.h == a.h;
}

/* ---- legend -------------------------------------------------------------- */

/* The entry that lights a kind; NULL: it was left out. */
static const struct hit *entry_of(const struct scene *s, const struct draw *g,
                                  u8 kind)
{
    for (unsigned i = 0; i < s->v->nhits; i++) {
        const struct hit *h = &s->v->hit[i];
        if (h->kind == HIT_LIGHT && !strcmp(h->line, ins_states[kind].word) &&
            within(h->at, g->l.at[PANE_LEGEND]))
            return h;
    }
    return NULL;
}

TEST(every_kind_has_its_count)
{
    struct scene s = scene_new(1280, 800, 4096, false);
    for (unsigned k = 0; k < FS_COUNT; k++)
        s.d->histogram[k] = 1000 + k * 37;
    s.d->free_frames = 999; /* the bar's number, not the histogram's */
    struct draw g = scene_drawn(&s);
    for (u8 k = 0; k < FS_COUNT; k++) {
        const struct hit *h = entry_of(&s, &g, k);
        char count[32];
        bool found = false;
        assert_non_null(h);
        grouped(count, k == FS_FREE ? 999 : s.d->histogram[k]);
        for (unsigned i = 0; i < s.log.n; i++)
            found |= !strcmp(s.log.rec[i].text, count) &&
                     rect_has(h->at, s.log.rec[i].at.x, h->at.y);
        assert_true(found);
    }
    assert_non_null(scene_text(&s, "cow-shared", 0));
    scene_free(&s);
}

static bool has_colour(const struct scene *s, struct rect r, u32 colour)
{
    for (int i = 0; i < r.w * r.h; i++)
        if (scene_px(s, r.x + i % r.w, r.y + i / r.w) == colour)
            return true;
    return false;
}

TEST(the_lit_kind_is_marked)
{
    struct scene s = scene_new(1280, 800, 4096, false);
    snprintf(s.d->lit_words, sizeof s.d->lit_words, "%s",
             ins_states[FS_COW].word);
    struct draw g = scene_drawn(&s);
    for (u8 k = 0; k < FS_COUNT; k++)
        if (entry_of(&s, &g, k))
            assert_int_equal(
                has_colour(&s, entry_of(&s, &g, k)->at, g.t->accent),
                k == FS_COW);
    scene_free(&s);
}

/* In every window entries are whole, none over another; free is always there.
 */
TEST(entries_fit)
{
    static const int size[][2] = {{640, 480},   {800, 600},   {1024, 768},
                                  {1280, 800},  {1920, 1080}, {2560, 1440},
                                  {3840, 2160}, {900, 1400}};
    static const u64 count[] = {2048, 8192, 1 << 20};
    for (unsigned i = 0; i < ARRAY_LEN(size); i++)
        for (unsigned k = 0; k < ARRAY_LEN(count); k++) {
            struct scene s = scene_new(size[i][0], size[i][1], count[k], i & 1);
            struct draw g = scene_drawn(&s);
            struct rect free_at;
            unsigned n = 0;
            for (u8 a = 0; a < FS_COUNT; a++) {
                const struct hit *h = entry_of(&s, &g, a);
                n += h != NULL;
                for (u8 b = 0; h && b < a; b++) {
                    const struct hit *o = entry_of(&s, &g, b);
                    assert_true(!o || !rect_cut(h->at, o->at).w ||
                                !rect_cut(h->at, o->at).h);
                }
                if (!h) /* only kinds without frames are left out */
                    assert_int_equal(s.d->histogram[a], 0);
            }
            assert_true(n >= 8);
            assert_true(place_free(&g, &free_at));
            assert_true(within(free_at, g.l.at[PANE_SLOTS]));
            assert_non_null(entry_of(&s, &g, FS_FREE));
            scene_free(&s);
        }
}

/* A swatch has the map's colours: left half used lately, right half older. */
TEST(swatches_have_both_steps)
{
    for (int light = 0; light < 2; light++) {
        struct scene s = scene_new(1280, 800, 4096, light);
        struct draw g = scene_drawn(&s);
        for (u8 k = 0; k < FS_COUNT; k++) {
            const struct hit *h = entry_of(&s, &g, k);
            if (!h || k == FS_FREE)
                continue;
            int side = g.l.px - g.l.px / 8, y = h->at.y + g.lh / 2;
            assert_int_equal(scene_px(&s, h->at.x + side / 4, y),
                             kind_colour(&g, k, true));
            assert_int_equal(scene_px(&s, h->at.x + side * 3 / 4, y),
                             kind_colour(&g, k, false));
        }
        scene_free(&s);
    }
}

/* The meanings of the marks stand there in every usual window, however much
 * else there is: kinds without frames go first, then long words. */
TEST(marks_are_always_there)
{
    static const int size[][2] = {
        {1024, 768}, {1280, 800}, {1920, 1080}, {2560, 1440}, {3840, 2160}};
    static const char *const words[] = {"used lately, older", "disk I/O",
                                        "changed", "locked", "event now"};
    for (unsigned i = 0; i < ARRAY_LEN(size); i++)
        for (unsigned full = 0; full < 2; full++) {
            struct scene s = scene_new(size[i][0], size[i][1], 4096, false);
            for (unsigned k = 0; full && k < FS_COUNT; k++)
                s.d->histogram[k] = 1000 + k;
            struct draw g = scene_drawn(&s);
            for (unsigned k = 0; k < ARRAY_LEN(words); k++) {
                const struct fb_text_record *r = scene_text(&s, words[k], 0);
                assert_non_null(r);
                assert_true(within(r->at, g.l.at[PANE_LEGEND]));
            }
            scene_free(&s);
        }
}

/* In heat mode the colours of age have their scale, in every window. */
TEST(heat_has_its_scale)
{
    static const int size[][2] = {{640, 480}, {1280, 800}, {3840, 2160}};
    for (unsigned i = 0; i < ARRAY_LEN(size); i++) {
        struct scene s = scene_new(size[i][0], size[i][1], 4096, false);
        s.v->heat = true;
        struct draw g = scene_drawn(&s);
        const struct fb_text_record *far;
        char age[32]; /* the machine's age is the darkest */
        sim_time(age, s.d, s.d->cycle);
        unsigned n = 0;
        do
            assert_non_null(far = scene_text(&s, age, n++));
        while (!within(far->at, g.l.at[PANE_LEGEND]));
        assert_non_null(far = scene_text(&s, "never", 0));
        assert_true(within(far->at, g.l.at[PANE_LEGEND]));
        assert_non_null(entry_of(&s, &g, FS_FREE));
        scene_free(&s);
    }
}

/* ---- slots --------------------------------------------------------------- */

static void slots_of(u64 n)
{
    struct scene s = scene_new(1280, 800, 4096, false);
    syn_slots(s.d, n, n / 2);
    struct draw g = scene_drawn(&s);
    struct rect r, last = {0, 0, 0, 0}, all = g.l.at[PANE_SLOTS], disk;
    assert_true(place_disk(&g, &disk));
    assert_true(within(disk, all));
    for (u64 slot = 0; slot < n; slot += n / 61 + 1) {
        char said[128], want[64], number[32];
        assert_true(place_slot(&g, slot, &r));
        assert_true(within(r, all) && r.w > 0 && r.h > 0);
        assert_true(r.y >= last.y); /* in order */
        assert_true(r.y + r.h <= disk.y);
        s.v->pointer_x = r.x;
        s.v->pointer_y = r.y;
        assert_true(slot_words(&g, 0, said, sizeof said));
        snprintf(want, sizeof want, "slot %s of swap", grouped(number, slot));
        if (n < 4096) /* a cell a slot */
            assert_true(!strncmp(said, want, strlen(want)));
        last = r;
    }
    assert_false(place_slot(&g, n, &r));
    assert_false(place_slot(&g, INS_NO_SLOT, &r));
    scene_free(&s);
}

TEST(slots_have_places)
{
    static const u64 counts[] = {2, 100, 1000, 4095, 8191, 16384, 262144};
    for (unsigned i = 0; i < ARRAY_LEN(counts); i++)
        slots_of(counts[i]);
}

/* Slots in use differ from free ones, and from those in the swap cache. */
TEST(slots_have_shades)
{
    struct scene s = scene_new(1280, 800, 4096, false);
    syn_slots(s.d, 1000, 10);
    memset(s.d->slot + 1, SLOT_FREE, 999);
    s.d->slot[500] = SLOT_USED;
    s.d->slot[501] = SLOT_CACHED;
    struct draw g = scene_drawn(&s);
    struct rect r;
    u32 shade[3];
    for (unsigned i = 0; i < 3; i++) {
        assert_true(place_slot(&g, 500 + i, &r));
        shade[i] = scene_px(&s, r.x, r.y);
    }
    assert_int_equal(shade[0], g.t->kind[FS_SWAPCACHE][1]);
    assert_int_equal(shade[1], g.t->kind[FS_SWAPCACHE][0]);
    assert_true(colour_contrast(shade[2], shade[1]) > 1.3);
    scene_free(&s);
}

TEST(the_holder_is_said)
{
    struct scene s = scene_new(1280, 800, 4096, false);
    syn_slots(s.d, 1000, 10);
    s.d->slot[700] = SLOT_USED;
    struct ins_event e = {.number = 1u << 30,
                          .cycle = s.d->cycle,
                          .pfn = 5,
                          .pid = 2,
                          .owner = 12,
                          .reason = R_SWAP_OUT,
                          .slot = 700};
    s.d->events[0] = e;
    s.d->nevents = 1;
    timeline_observe(&s.v->timeline, s.d);
    struct draw g = scene_drawn(&s);
    struct rect r;
    assert_true(place_slot(&g, 700, &r));
    s.v->pointer_x = r.x;
    s.v->pointer_y = r.y;
    scene_drawn(&s);
    assert_non_null(
        scene_text(&s, "slot 700 of swap: in use; of sort (pid 12)", 0));
    scene_free(&s);
}

/* An unmodified kernel's own words for frames light these frames. */
TEST(an_unmodified_kernels_kinds)
{
    struct scene s = scene_new(1280, 800, 4096, false);
    scene_drawn(&s);
    assert_null(scene_text(&s, "slab", 0));
    s.d->kernel_kinds[s.d->nkernel_kinds++] = "slab";
    s.d->kernel_kinds[s.d->nkernel_kinds++] = "stack";
    scene_drawn(&s);
    const struct fb_text_record *t = scene_text(&s, "stack", 0);
    assert_non_null(t);
    const struct hit *h = view_hit(s.v, t->at.x + 2, t->at.y + t->at.h / 2);
    assert_int_equal(h->kind, HIT_LIGHT);
    assert_string_equal(h->line, "stack");
    scene_free(&s);
}

static void offers(struct scene *s, const char *what, const char * not )
{
    scene_drawn(s);
    assert_non_null(scene_text(s, what, 0));
    assert_null(scene_text(s, not, 0));
}

/* A kernel without events is offered page faults, not events. */
TEST(a_silent_kernel_stops_at_faults)
{
    static const char *const hint[][2] = {
        {"the next event", "the next page fault"},
        {"to the next event", "to the next page fault"},
        {"an event back, forward", "a page fault back, forward"}};
    struct scene s = scene_new(1280, 800, 4096, false);
    for (unsigned i = 0; i < ARRAY_LEN(hint); i++) {
        s.d->running = false;
        s.d->caption_pfn = i ? LENS_NO_PFN : 5;
        s.d->past = i == 2;
        s.d->silent = false;
        offers(&s, hint[i][0], hint[i][1]);
        s.d->silent = true;
        offers(&s, hint[i][1], hint[i][0]);
        assert_null(scene_text(&s, "stop at events of a kind", 0));
    }
    scene_free(&s);
}

TEST(no_swap_is_said)
{
    struct scene s = scene_new(1280, 800, 4096, false);
    free(s.d->slot);
    s.d->slot = NULL;
    s.d->nslots = 0;
    struct draw g = scene_drawn(&s);
    struct rect r;
    bool said = false;
    for (unsigned i = 0; i < s.log.n; i++) /* in one line or in two */
        said |= !strcmp(s.log.rec[i].text, "no swap") ||
                !strcmp(s.log.rec[i].text, "no");
    assert_true(said);
    assert_false(place_slot(&g, 5, &r));
    scene_free(&s);
}
