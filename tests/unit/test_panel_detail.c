/* SPDX-License-Identifier: MIT */
// rooms: panel inspect base linux xv6 source boot
/* The place for detail and its tabs: their texts for a display, and the effects
 * of clicks there. For the policy tab see test_panel_policy.c. */
#include <stdlib.h>

#include "unit.h"

#include "../panel/scene.h"
#include "panel/input/keys.h"

static struct scene tab_scene(enum pane_id tab)
{
    struct scene s = scene_new(1920, 1080, 4096, false);
    s.v->tab = tab;
    return s;
}

static void assert_says(struct scene *s, const char *part)
{
    scene_draw(s);
    if (!scene_says(s, part))
        fail_msg("nothing says: %s", part);
}

static void assert_silent(struct scene *s, const char *part)
{
    scene_draw(s);
    if (scene_says(s, part))
        fail_msg("still says: %s", part);
}

/* The hit of a click on the middle of a text. */
static const struct hit *hit_on(struct scene *s, const char *part)
{
    scene_draw(s);
    const struct fb_text_record *t = scene_text(s, part, 0);
    assert_non_null(t);
    return view_hit(s->v, t->at.x + t->at.w / 2, t->at.y + t->at.h / 2);
}

/* ---- the row of tabs ----------------------------------------------------- */

/* Counts the names and the keys of tabs in their row. */
static unsigned names_in_row(struct scene *s, unsigned *keys)
{
    struct draw g = scene_plan(s);
    struct rect d = g.l.at[PANE_DETAIL], row = {d.x, d.y, d.w, g.lh};
    unsigned names = 0;
    *keys = 0;
    scene_draw(s);
    for (unsigned i = 0; i < s->log.n; i++) {
        const struct fb_text_record *t = &s->log.rec[i];
        struct rect both = rect_cut(t->at, row);
        if (both.w <= 0 || both.h < t->at.h / 2)
            continue;
        assert_true(both.w == t->at.w); /* within the row */
        for (enum pane_id id = TAB_FIRST; id < PANES; id++) {
            names += !strcmp(t->text, panes[id].title);
            *keys += t->text[0] == panes[id].key && !t->text[1];
        }
    }
    return names;
}

TEST(every_tab_has_its_key)
{
    unsigned keys;
    struct scene s = tab_scene(PANE_TLB);
    assert_int_equal(names_in_row(&s, &keys), TABS);
    assert_int_equal(keys, TABS);
    scene_free(&s);
    s = scene_new(800, 600, 4096, false); /* no room for names */
    s.v->tab = PANE_COUNTERS;
    struct draw g = scene_plan(&s);
    assert_true(g.l.at[PANE_DETAIL].w > 0);
    assert_int_equal(names_in_row(&s, &keys), 1);
    assert_int_equal(keys, TABS);
    assert_true(scene_says(&s, "counters"));
    scene_free(&s);
}

TEST(a_click_opens_a_tab)
{
    struct scene s = tab_scene(PANE_WALK);
    const struct hit *h = hit_on(&s, "buddy");
    assert_int_equal(h->kind, HIT_KEY);
    assert_int_equal(h->what, 'B');
    h = hit_on(&s, "walk"); /* the open tab says what it is */
    assert_int_equal(h->kind, HIT_WORD);
    assert_string_equal(h->text, panes[PANE_WALK].sentence);
    /* The mark is on the open tab. */
    u32 accent = theme_get(false)->accent;
    struct rect row = scene_plan(&s).l.at[PANE_DETAIL];
    row.h = 2;
    struct rect left = {row.x, row.y, 60, 2};
    assert_true(scene_count(&s, left, accent) > 20);
    s.v->tab = PANE_EVENTS;
    scene_draw(&s);
    assert_int_equal(scene_count(&s, left, accent), 0);
    assert_true(scene_count(&s, row, accent) > 20);
    scene_free(&s);
}

/* ---- walk ---------------------------------------------------------------- */

TEST(a_walk_in_words)
{
    struct scene s = tab_scene(PANE_WALK);
    s.d->procs[3].satp = s.d->walk.ctx.satp;
    char who[64];
    snprintf(who, sizeof who, "store to 0x3f4995a38 by %s (%u)",
             s.d->procs[3].name, s.d->procs[3].pid);
    assert_says(&s, who);
    s.d->walk.ctx.priv = 1;
    assert_says(&s, "store to 0x3f4995a38 by the kernel for sort");
    static const char *const parts[] = {"000001111",
                                        "110100100",
                                        "110010101",
                                        "101000111000",
                                        "VPN[2] 15",
                                        "VPN[1] 420",
                                        "VPN[0] 405",
                                        "offset 0xa38",
                                        "L1",
                                        "L2",
                                        "other row",
                                        "sets A or D",
                                        "found: physical 0x80467a38",
                                        "125 cycles"};
    for (unsigned i = 0; i < ARRAY_LEN(parts); i++)
        assert_says(&s, parts[i]);
    scene_free(&s);
}

TEST(each_bit_is_explained)
{
    struct scene s = tab_scene(PANE_WALK);
    scene_draw(&s);
    struct rect walk = scene_plan(&s).l.at[PANE_WALK];
    static const char *const bit[] = {"D", "A", "G", "U", "X", "W", "R", "V"};
    for (unsigned b = 0; b < ARRAY_LEN(bit); b++) {
        unsigned n = 0;
        for (unsigned i = 0; i < s.v->nhits; i++)
            n += s.v->hit[i].kind == HIT_TERM &&
                 rect_has(walk, s.v->hit[i].at.x, s.v->hit[i].at.y) &&
                 !strcmp(s.v->hit[i].word, bit[b]);
        assert_int_equal(n, 4); /* three reads and the update */
        assert_non_null(inspect_explain(bit[b], &(const char *){NULL}));
    }
    scene_free(&s);
}

TEST(a_stepped_walk_shows_its_step)
{
    struct scene s = tab_scene(PANE_WALK);
    struct walk *w = &s.d->walk;
    s.d->walk_live = true;
    w->phase = WALK_RUNNING;
    w->nsteps = 2;
    w->level = 0;
    w->table = 0x80402000;
    assert_says(&s, "next: level 0, entry 405 at 0x80402000");
    assert_silent(&s, "found:");
    const struct hit *h = hit_on(&s, "w: next step");
    assert_int_equal(h->kind, HIT_KEY);
    assert_int_equal(h->what, 'w');
    assert_int_equal(hit_on(&s, "next: level")->what, 'w');
    w->set_ad = 1;
    assert_says(&s, "next: the walker sets A or D");
    scene_free(&s);
}

TEST(a_fault_says_why)
{
    struct scene s = tab_scene(PANE_WALK);
    struct walk *w = &s.d->walk;
    w->phase = WALK_FAULTED;
    w->nsteps = 3;
    w->steps[2].kind = STEP_FAULT;
    w->cause = 15;
    s.d->walk_why = "W is clear, one says";
    assert_says(&s, "store page fault: W is clear, one says");
    w->cause = 5;
    s.d->walk_why = "no memory is there";
    assert_says(&s, "load access fault: no memory is there");
    assert_silent(&s, "found:");
    memset(w, 0, sizeof *w);
    assert_says(&s, "No page walk yet");
    scene_free(&s);
}

/* ---- TLB ----------------------------------------------------------------- */

TEST(the_tlb_scrolls_to_its_end)
{
    struct scene s = tab_scene(PANE_TLB);
    char last[16];
    s.d->dtlb_places = 48;
    assert_says(&s, "32 of 48 entries are in use: 28 by programs, 4 by the");
    s.v->scroll[PANE_TLB] = 1000;
    assert_says(&s, "2 MiB");
    s = (scene_free(&s), scene_new(800, 600, 4096, false));
    s.v->tab = PANE_TLB;
    s.d->dtlb[31].vpn = 0x123456;
    snprintf(last, sizeof last, "0x0123456");
    assert_silent(&s, last);
    s.v->scroll[PANE_TLB] = 1000; /* no further than the end */
    assert_says(&s, last);
    assert_true(s.v->scroll[PANE_TLB] < 32);
    const struct hit *h = hit_on(&s, last);
    assert_int_equal(h->kind, HIT_FRAME);
    assert_int_equal(h->what, s.d->dtlb[31].ppn - 0x80000);
    s.d->ndtlb = 0;
    assert_says(&s, "The data TLB is empty");
    scene_free(&s);
}

/* ---- DRAM ---------------------------------------------------------------- */

TEST(the_bank_used_last_is_bright)
{
    struct scene s = tab_scene(PANE_DRAM);
    struct ins_bank *b = s.d->bank;
    s.d->nbanks = 16;
    memset(b, 0, sizeof s.d->bank);
    b[3] = (struct ins_bank){true, 0x4711, 60, 10, 10, 100};
    b[9] = (struct ins_bank){true, 0x4242, 10, 5, 5, 200};
    assert_says(&s, "Bank 9 was used last: row 0x4242 is open in it");
    assert_says(&s, "0x4711");
    assert_says(&s, "70% the row was open");
    assert_says(&s, "15% no row was open");
    u32 accent = theme_get(false)->accent;
    const struct fb_text_record *nine = scene_text(&s, "bank 9", 0);
    const struct fb_text_record *three = scene_text(&s, "bank 3", 0);
    assert_true(scene_count(&s, nine->at, accent) > 50);
    assert_int_equal(scene_count(&s, three->at, accent), 0);
    b[3].last = 200; /* nobody knows which of them was the last */
    assert_says(&s, "2 banks were used since the last picture; 2 of 16 have");
    b[3].last = 300;
    b[3].open = false;
    assert_says(&s, "Bank 3 was used last; it has no row open now");
    scene_free(&s);
}

TEST(fast_timing_has_no_banks)
{
    struct scene s = tab_scene(PANE_DRAM);
    s.d->nbanks = 0;
    snprintf(s.d->timing, sizeof s.d->timing, "fast");
    assert_says(&s, "With fast timing the DRAM has no timing");
    const struct hit *h = hit_on(&s, "switch to cycle timing");
    assert_int_equal(h->kind, HIT_LINE);
    assert_string_equal(h->line, "timing cycle");
    scene_free(&s);
}

/* ---- buddy, disks -------------------------------------------------------- */

TEST(the_largest_block_in_words)
{
    struct scene s = tab_scene(PANE_BUDDY);
    memset(s.d->buddy, 0, sizeof s.d->buddy);
    s.d->buddy[0] = 3;
    s.d->buddy[4] = 2;
    assert_says(&s, "The largest free block is 64 KiB: 16 frames");
    assert_says(&s, "35 frames are free, in 5 blocks");
    s.d->buddy[12] = 1; /* more orders than are usual */
    assert_says(&s, "The largest free block is 16 MiB: 4,096 frames");
    assert_says(&s, "16M");
    s.d->buddy[12] = s.d->buddy[4] = 0;
    assert_says(&s, "Only single frames are free");
    s.d->buddy[0] = 0;
    assert_says(&s, "No frame is free");
    s.d->buddy_known = false;
    assert_says(&s, "does not tell of its free blocks");
    scene_free(&s);
}

TEST(disks_say_what_they_do)
{
    struct scene s = tab_scene(PANE_DISKS);
    struct disk_view *v = &s.d->disks[1];
    v->request[0] =
        (struct disk_request){1, 30000, 8192, 0x80467000, s.d->cycle, false};
    v->request[1].waits = true;
    assert_says(&s, "vdb writes 8 KiB at sector 30,000, from frame 1127");
    assert_says(&s, "root.img");
    assert_says(&s, "5 in its queue");
    assert_says(&s, "waits");
    v->nrequests = v->queued = 0;
    assert_says(&s, "All disks are idle");
    s.d->ndisks = 0;
    assert_says(&s, "This machine has no disk");
    scene_free(&s);
}

/* The head is drawn at its place on the line. */
TEST(the_head_moves)
{
    struct scene s = tab_scene(PANE_DISKS);
    struct disk_view *v = &s.d->disks[0];
    int at[3];
    s.d->ndisks = 1;
    v->nrequests = 0;
    for (int i = 0; i < 3; i++) {
        v->stats.head_sector = v->sectors / 2 * (u64)i;
        scene_draw(&s);
        at[i] = -1;
        const struct hit *h = NULL;
        for (unsigned k = 0; k < s.v->nhits; k++)
            if (s.v->hit[k].kind == HIT_WORD &&
                !strcmp(s.v->hit[k].word, "disk"))
                h = &s.v->hit[k];
        assert_non_null(h);
        for (int x = h->at.x; x < h->at.x + h->at.w; x++)
            if (at[i] < 0 && scene_px(&s, x, h->at.y + h->at.h - 1) ==
                                 (theme_get(false)->ink & 0xffffff))
                at[i] = x - h->at.x;
        assert_true(at[i] >= h->at.w * i / 2 - 4);
        assert_true(at[i] <= h->at.w * i / 2 + 4);
    }
    scene_free(&s);
}

/* ---- belief, counters ---------------------------------------------------- */

TEST(belief_against_truth)
{
    struct scene s = tab_scene(PANE_BELIEF);
    s.d->belief = (struct ins_belief){true, 1700, 123, 77, 100, 0, 0};
    static const char *const parts[] = {"1,700",
                                        "123",
                                        "77",
                                        "right about 90% of the pages",
                                        "kept though idle",
                                        "victim though used",
                                        "by its lists"};
    for (unsigned i = 0; i < ARRAY_LEN(parts); i++)
        assert_says(&s, parts[i]);
    s.d->belief = (struct ins_belief){false, 100, 10, 900, 100, 2000, 500};
    assert_says(&s, "policy would take 900 pages in use");
    assert_says(&s, "mark of use");
    assert_says(&s, "Of 2,000 pages taken 25.0% came back in 100 ms");
    s.d->belief = (struct ins_belief){false, 100, 900, 10, 100, 0, 0};
    assert_says(&s, "policy keeps 900 pages that were not used lately");
    memset(&s.d->belief, 0, sizeof s.d->belief);
    assert_says(&s, "no page yet that the policy could take");
    scene_free(&s);
}

TEST(counters_that_counted)
{
    struct scene s = tab_scene(PANE_COUNTERS);
    struct timeline *h = &s.v->timeline;
    memset(s.d->counters, 0, sizeof s.d->counters);
    assert_says(&s, "has counted nothing yet");
    for (unsigned i = 0; i < h->n; i++)
        memset(h->sample[i].counters, 0, sizeof h->sample[i].counters);
    for (unsigned i = 0; i < h->n; i++) /* a second ago it had so many */
        h->sample[i].counters[C_PGFAULT] = 1000;
    s.d->counters[C_PGFAULT] = 3000;
    for (unsigned i = 0; i < h->n; i++)
        h->sample[i].counters[C_FORKS] = 7;
    s.d->counters[C_FORKS] = 7;
    assert_says(&s, "1 of 2 counters grew in the last second, pgfault most");
    assert_says(&s, "3,000");
    assert_says(&s, "+2.0/ms");
    assert_says(&s, "forks");
    assert_silent(&s, "pswpin"); /* it is 0 */
    assert_string_equal(hit_on(&s, "forks")->word, "forks");
    s.d->counters[C_PGFAULT] = 1000;
    assert_says(&s, "2 counters have counted; none grew");
    for (unsigned i = 0; i < C_COUNT; i++)
        s.d->counters[i] = i + 1;
    s.v->scroll[PANE_COUNTERS] = 1000;
    assert_says(&s, ins_counters[C_COUNT - 1].name);
    assert_silent(&s, ins_counters[0].name);
    scene_free(&s);
}
