/* SPDX-License-Identifier: MIT */
// rooms: panel inspect machine engine mmu hart isa dev time boot history base linux xv6 source
/* A click on the place of a frame's page leads there, and a key leads back; the
 * right button asks who wrote it; a click's sentence lasts seconds. */
#include <stdlib.h>

#include "unit.h"

#include "../panel/press.h"

struct room {
    struct scene s;
    struct calls_seen h;
    struct controls c;
};

static void enter(struct room *r)
{
    r->s = scene_new(1280, 800, 4096, false);
    r->c = controls_for(&r->s, &r->h);
    r->s.d->running = false;
    scene_draw(&r->s);
}

/* The display that the session would make after the request. */
static void display(struct room *r)
{
    snprintf(r->s.d->lit_words, sizeof r->s.d->lit_words, "%s", r->h.light);
    controls_observe(&r->c, false);
    scene_draw(&r->s);
}

static struct rect text_at(const struct room *r, const char *text)
{
    const struct fb_text_record *t = scene_text(&r->s, text, 0);
    assert_non_null(t);
    return t->at;
}

static void click(struct room *r, struct rect at)
{
    int x = at.x + at.w / 2, y = at.y + at.h / 2;
    controls_move(&r->c, x, y);
    controls_press(&r->c, x, y);
    controls_release(&r->c, x, y);
    display(r);
}

static void right_click(struct room *r, struct rect at)
{
    r->h.nlines = 0;
    controls_move(&r->c, at.x + at.w / 2, at.y + at.h / 2);
    controls_why(&r->c, at.x + at.w / 2, at.y + at.h / 2);
}

static void back(struct room *r)
{
    r->h.nlines = 0;
    controls_key(&r->c, KEY_BACKSPACE, false);
    display(r);
}

/* ---- places, and back ---------------------------------------------------- */

TEST(the_row_of_the_dram)
{
    struct room r;
    enter(&r);
    click(&r, text_at(&r, "bank 5, row 0x12a"));
    assert_int_equal(r.s.v->tab, PANE_DRAM);
    assert_string_equal(r.h.light, "bank 5 row 0x12a");
    assert_true(scene_says(&r.s, "back to walk")); /* a visible place */
    click(&r, text_at(&r, "bank 3")); /* a bank: the frames of its row */
    assert_string_equal(r.h.light, "bank 3 row 0x1e7");
    click(&r, text_at(&r, "Backspace"));
    assert_string_equal(r.h.light, "bank 5 row 0x12a");
    back(&r);
    assert_int_equal(r.s.v->tab, PANE_WALK);
    assert_string_equal(r.h.light, "");
    assert_false(scene_says(&r.s, "Backspace"));
    back(&r);
    assert_non_null(strstr(r.s.v->note, "at its end"));
    scene_free(&r.s);
}

TEST(the_sector_of_the_file)
{
    struct room r;
    enter(&r);
    assert_false(scene_says(&r.s, "vda sector"));
    r.s.d->selected.object = 31;
    r.s.d->selected_block = (struct ins_block){true, 0, 30104};
    scene_draw(&r.s);
    click(&r, text_at(&r, "vda sector 30,104"));
    assert_int_equal(r.s.v->tab, PANE_DISKS);
    assert_string_equal(r.h.light, "inode 31");
    r.s.v->pinned = 7; /* another frame; the row leads back to the first */
    click(&r, text_at(&r, "sector 30,104 holds the page of frame 1127"));
    assert_int_equal(r.s.v->pinned, SELECTED);
    scene_free(&r.s);
}

static struct rect slot_at(struct room *r, u64 slot)
{
    struct draw g = scene_plan(&r->s);
    struct rect at;
    assert_true(place_slot(&g, slot, &at));
    return at;
}

TEST(the_slot_of_swap)
{
    struct room r;
    enter(&r);
    u64 i = 1;
    while (r.s.d->slot[i] != SLOT_CACHED)
        i++;
    u64 number = r.s.d->swap_area[0].slot + i;
    char words[32];
    snprintf(words, sizeof words, "slot %llu", (unsigned long long)number);
    r.s.d->lit = xcalloc(4096, 1);
    r.s.d->lit[99] = 1;
    r.s.d->nlit = 1;
    click(&r, slot_at(&r, number));
    assert_string_equal(r.h.light, words);
    assert_int_equal(r.s.v->pinned, 99);
    memcpy(r.s.d->lit_words, words, sizeof words);
    scene_draw(&r.s);
    assert_true(scene_says(&r.s, "1 frame, 4K")); /* not 1 frames */
    r.s.d->lit_words[0] = 0;
    back(&r);
    assert_int_equal(r.s.v->pinned, SELECTED);
    assert_string_equal(r.h.light, "");
    /* And from the frame to the slot: a ring, and its number. */
    struct rect at = slot_at(&r, number);
    struct rect round = {at.x - 4, at.y - 4, at.w + 8, at.h + 8};
    u32 accent = theme_get(false)->accent;
    unsigned before = scene_count(&r.s, round, accent);
    r.s.d->selected_slot = (u32)number;
    scene_draw(&r.s);
    assert_true(scene_says(&r.s, words));
    assert_true(scene_count(&r.s, round, accent) > before);
    scene_free(&r.s);
}

/* A slot whose page is in no frame: the pane FRAME says whose page it is. */
TEST(the_only_copy_of_a_page)
{
    struct room r;
    enter(&r);
    u32 number = r.s.d->swap_area[0].slot + 900;
    memset(r.s.d->slot + 1, SLOT_FREE, r.s.d->nslots - 1);
    r.s.d->slot[900] = SLOT_USED;
    struct rect at = slot_at(&r, number);
    struct rect round = {at.x - 4, at.y - 4, at.w + 8, at.h + 8};
    u32 accent = theme_get(false)->accent;
    unsigned before = scene_count(&r.s, round, accent);
    click(&r, at);
    assert_string_equal(r.h.light, "slot 900");
    assert_int_equal(r.s.v->pinned, NO_FRAME);
    r.s.d->lit_slot = number;
    r.s.d->selected_valid = false;
    scene_draw(&r.s);
    assert_true(scene_says(&r.s, "waiting for the machine's answer"));
    r.s.d->outs_known = true;
    scene_draw(&r.s);
    assert_true(scene_says(&r.s, "no page table names it"));
    assert_true(scene_count(&r.s, round, accent) > before);
    r.s.d->nouts = 1;
    r.s.d->out[0] = (struct ins_out){12, 0x3f4995000, number};
    scene_draw(&r.s);
    assert_true(scene_says(&r.s, "only copy of a page of sort (pid 12)"));
    click(&r, text_at(&r, "0x3f4995000"));
    assert_string_equal(r.h.light, "pid 12");
    back(&r);
    assert_string_equal(r.h.light, "slot 900");
    scene_free(&r.s);
}

/* ---- who wrote it -------------------------------------------------------- */

TEST(the_right_button_asks_who_wrote_it)
{
    struct room r;
    char pa[40];
    enter(&r);
    r.s.v->tab = PANE_COUNTERS;
    r.s.d->counters_pa = 0x80300000;
    r.s.d->counters[C_PGFAULT] = 5;
    scene_draw(&r.s);
    click(&r, text_at(&r, "0x3f4995000")); /* the left button follows */
    assert_string_equal(r.h.light, "pid 12");
    right_click(&r, text_at(&r, "0x3f4995000"));
    assert_string_equal(r.h.lines[0], "last-write pa:0x80402ca8");
    right_click(&r, text_at(&r, ", of sort (pid 12)"));
    assert_string_equal(r.h.lines[0], "last-write pfn:1127");
    right_click(&r, text_at(&r, "pgfault"));
    snprintf(pa, sizeof pa, "last-write pa:0x%x", 0x80300000 + 8 * C_PGFAULT);
    assert_string_equal(r.h.lines[0], pa);
    struct draw g = scene_plan(&r.s);
    struct rect cell;
    assert_true(place_frame(&g, 77, &cell));
    right_click(&r, cell);
    assert_string_equal(r.h.lines[0], "last-write pfn:77");
    scene_draw(&r.s);
    assert_true(scene_says(&r.s, "who wrote it")); /* the hint */
    right_click(&r, text_at(&r, "ADDRESS SPACES"));
    assert_int_equal(r.h.nlines, 0);
    assert_non_null(strstr(r.s.v->note, "the right button goes back"));
    controls_leave(&r.c); /* the key asks about the frame that is held */
    controls_key(&r.c, 'y', false);
    assert_string_equal(r.h.lines[0], "last-write pfn:1127");
    scene_free(&r.s);
}

TEST(back_in_time)
{
    struct room r;
    enter(&r);
    right_click(&r, text_at(&r, "0x3f4995000"));
    r.s.d->present = r.s.d->cycle;
    r.s.d->past = true;
    r.s.d->cycle = 5000;
    scene_draw(&r.s);
    assert_true(scene_says(&r.s, "back to the present"));
    right_click(&r, text_at(&r, ", of sort (pid 12)"));
    r.s.d->cycle = 4000;
    back(&r);
    assert_string_equal(r.h.lines[0], "goto 5000");
    back(&r);
    assert_string_equal(r.h.lines[0], "goto now");
    scene_free(&r.s);
}

/* No "back to the present" in the present, after a key has gone there. */
TEST(a_way_that_a_key_has_gone)
{
    struct room r;
    enter(&r);
    right_click(&r, text_at(&r, "0x3f4995000"));
    r.s.d->past = true;
    scene_draw(&r.s);
    assert_true(scene_says(&r.s, "back to the present"));
    r.s.d->past = false; /* End, and space */
    r.s.d->running = true;
    scene_draw(&r.s);
    assert_false(scene_says(&r.s, "back to the present"));
    back(&r);
    assert_int_equal(r.h.nlines, 0);
    assert_non_null(strstr(r.s.v->note, "at its end"));
    scene_free(&r.s);
}

/* ---- how long a sentence stands ------------------------------------------ */

/* A note stands five seconds, however many displays come meanwhile. */
TEST(a_note_lasts_seconds)
{
    struct room r;
    enter(&r);
    r.s.v->now = 100;
    view_note(r.s.v, r.s.d, "a click's sentence");
    r.s.d->running = true;
    snprintf(r.s.d->caption, sizeof r.s.d->caption, "news");
    for (unsigned i = 0; i < 400; i++)
        view_observe(r.s.v, r.s.d);
    r.s.v->now = 104.5;
    assert_string_equal(view_caption(r.s.v, r.s.d), "a click's sentence");
    r.s.v->now = 105.5;
    assert_string_equal(view_caption(r.s.v, r.s.d), "news");
    scene_free(&r.s);
}
