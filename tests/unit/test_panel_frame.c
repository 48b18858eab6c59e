/* SPDX-License-Identifier: MIT */
// rooms: panel inspect machine history boot dev engine time mmu hart isa base linux xv6 source
/* The frame pane: the sentence, the PTEs, the biography. */
#include <stdlib.h>

#include "unit.h"

#include "../panel/scene.h"

#define HEAP 0x90000ull

/* A frame pinned by a click: anonymous, in the heap of hog (pid 11). */
static struct scene chosen(int w, int h)
{
    struct scene s = scene_new(w, h, 4096, false);
    struct ins_frame *f = &s.d->selected;
    s.d->nprocs = s.d->nspaces = 1;
    s.d->procs[0] = (struct ins_proc){.pid = 11, .vsize = 1 << 20};
    snprintf(s.d->procs[0].name, sizeof s.d->procs[0].name, "hog");
    struct ins_space *sp = &s.d->spaces[0];
    memset(sp, 0, sizeof *sp);
    sp->pid = 11;
    sp->nareas = 2;
    sp->area[0] = (struct ins_area){.start = HEAP, .pages = 64, .cells = 1};
    sp->area[0].sort = AREA_HEAP;
    sp->area[1] = (struct ins_area){
        .start = 0x10000, .pages = 4, .cells = 1, .inode = 17};
    snprintf(sp->area[1].name, sizeof sp->area[1].name, "busybox");
    sp->ncells = 2;
    f->state = FS_ANON;
    f->flags = FRAME_F_DIRTY;
    f->owner = 11;
    snprintf(f->owner_name, sizeof f->owner_name, "hog");
    f->age_cycles = 1450000000; /* of a clock of 1 GHz */
    f->nptes = 2;
    f->ptes[0] = (struct ins_pte){.pid = 0, .va = 0xffffffc080467000};
    f->ptes[1] = (struct ins_pte){.pid = 11, .va = HEAP + 0x5000, .pte = 0xd7};
    return s;
}

TEST(the_sentence)
{
    struct scene s = chosen(1280, 800);
    scene_draw(&s);
    assert_true(scene_says(&s, "anonymous"));
    assert_true(scene_says(&s, ", of hog (pid 11), page 0x95 of its heap; "
                               "dirty; last used 1.450 s ago"));
    assert_true(scene_says(&s, "bank 5, row 0x12a"));
    assert_true(scene_says(&s, "0x80467000"));
    s.d->selected.object = 17;
    s.d->selected.index = 31;
    scene_draw(&s);
    assert_true(scene_says(&s, ", page 31 of busybox"));
    s.d->selected.object = 18; /* no area names it */
    scene_draw(&s);
    assert_true(scene_says(&s, ", page 31 of the file with inode 18"));
    s.d->selected.state = FS_FREE;
    scene_draw(&s);
    assert_false(scene_says(&s, "of hog (pid"));
    scene_free(&s);
}

/* On its way in, a page has no PTE; the event that brings it says where. */
TEST(a_place_without_pte)
{
    struct scene s = chosen(1280, 800);
    s.d->selected.nptes = 1; /* the kernel's */
    s.d->biography[0].va = HEAP + 0x7000;
    s.d->biography[0].pid = s.d->biography[0].space = 11;
    scene_draw(&s);
    assert_true(scene_says(&s, "page 0x97 of its heap"));
    assert_true(scene_says(&s, "no process"));
    scene_free(&s);
}

TEST(its_ptes)
{
    struct scene s = chosen(1280, 800);
    scene_draw(&s);
    assert_true(scene_says(&s, "1 PTE"));
    assert_true(scene_says(&s, "0x95000"));
    assert_false(scene_says(&s, "0xffffffc080467000"));
    unsigned bits = 0;
    struct draw g = scene_plan(&s);
    for (unsigned i = 0; i < s.v->nhits; i++) {
        const struct hit *h = &s.v->hit[i];
        bits += rect_has(g.l.at[PANE_FRAME], h->at.x, h->at.y) &&
                h->kind == HIT_TERM && strlen(h->word) == 1;
    }
    assert_int_equal(bits, 8); /* each explained by a click */
    s.d->selected.nptes = 33;
    for (unsigned i = 0; i < INS_PTES_MAX; i++)
        s.d->selected.ptes[i] = s.d->selected.ptes[1];
    scene_draw(&s);
    assert_true(scene_says(&s, "33 PTEs"));
    const struct fb_text_record *more = scene_text(&s, "+ ", 0);
    assert_non_null(more);
    int shown = 0;
    while (scene_text(&s, "0x95000", (unsigned)shown))
        shown++;
    assert_int_equal(atoi(more->text + 2), 33 - shown);
    scene_free(&s);
}

static struct scene lived(int w, int h)
{
    struct scene s = chosen(w, h);
    static const u8 reasons[] = {R_SWAP_OUT, R_REF_CLEARED, R_DEMAND_ZERO};
    s.d->nbiography = 3;
    for (unsigned i = 0; i < 3; i++)
        s.d->biography[i] =
            (struct ins_event){.cycle = s.d->cycle - 1000000 * (i + 1),
                               .pfn = SELECTED,
                               .pid = 11,
                               .from = i ? FS_ANON : FS_FREE,
                               .to = FS_ANON,
                               .reason = reasons[i]};
    return s;
}

/* A sentence without room ends with a whole clause, not within a word. */
TEST(a_row_without_room_says_whole_clauses)
{
    struct scene s = lived(1280, 800);
    s.d->nbiography = 12;
    for (unsigned i = 0; i < 12; i++) {
        s.d->biography[i] = s.d->biography[1];
        s.d->biography[i].reason = R_REF_CLEARED;
    }
    scene_draw(&s);
    unsigned whole = 0;
    for (unsigned i = 0; i < s.log.n; i++) {
        const char *text = s.log.rec[i].text;
        if (!strncmp(text, "the hand found", 14)) {
            const char *said = ins_reasons[R_REF_CLEARED].sentence;
            size_t n = strlen(text);
            assert_memory_equal(text, said, n);
            assert_true(!said[n] || strchr(",;: ", said[n]));
            whole += !strcmp(text, "the hand found its mark of use set");
        }
    }
    assert_true(whole >= 2);
    scene_free(&s);
}

TEST(newest_first)
{
    struct scene s = lived(1280, 800);
    scene_draw(&s);
    const struct fb_text_record *out = scene_text(&s, "swap-out", 0);
    const struct fb_text_record *ref = scene_text(&s, "ref-cleared", 0);
    const struct fb_text_record *zero = scene_text(&s, "demand-zero", 0);
    assert_non_null(out);
    assert_non_null(ref);
    assert_non_null(zero);
    assert_true(out->at.y < ref->at.y && ref->at.y < zero->at.y);
    assert_int_equal(out->at.x, ref->at.x); /* columns */
    assert_true(scene_says(&s, ins_reasons[R_SWAP_OUT].sentence));
    assert_true(scene_says(&s, "hog (11)"));
    s.d->nbiography = 0;
    scene_draw(&s);
    assert_true(scene_says(&s, "no event of this frame is known"));
    scene_free(&s);
}

/* Times have microseconds if two of them would be the same otherwise. */
TEST(times_tell_apart)
{
    struct scene s = lived(1280, 800);
    s.d->biography[0].cycle = 1200000900;
    s.d->biography[1].cycle = 1200000100;
    scene_draw(&s);
    assert_true(scene_says(&s, "1.200001 s")); /* rounded */
    assert_true(scene_says(&s, "1.200000 s"));
    s.d->biography[1].cycle = 1100000000;
    scene_draw(&s);
    assert_true(scene_says(&s, "1.200 s"));
    assert_false(scene_says(&s, "1.200000 s"));
    scene_free(&s);
}

/* The longest sentence is there in full, on further lines if it must be. */
TEST(in_full_in_a_narrow_pane)
{
    struct scene s = lived(640, 480);
    s.d->nbiography = 1;
    s.d->biography[0].reason = R_SWAP_KEEP;
    s.d->selected.nptes = 0;
    scene_draw(&s);
    const char *text = ins_reasons[R_SWAP_KEEP].sentence;
    const char *last = strrchr(text, ' ') + 1;
    assert_true(scene_says(&s, "stays in memory"));
    assert_true(scene_says(&s, last));
    scene_free(&s);
}

static unsigned rows_of_life(const struct scene *s)
{
    unsigned n = 0;
    while (scene_text(s, " ms", n) && n < 200)
        n++;
    return n;
}

TEST(all_of_it)
{
    struct scene s = chosen(1280, 800);
    s.d->nbiography = 40;
    for (unsigned i = 0; i < 40; i++)
        s.d->biography[i] = (struct ins_event){.cycle = 900000000 - i * 1000000,
                                               .reason = R_REF_CLEARED,
                                               .pid = 11};
    s.d->cycle = 999000000;
    scene_draw(&s);
    assert_true(scene_says(&s, "900.00 ms"));
    assert_true(scene_says(&s, "b: all events"));
    unsigned few = rows_of_life(&s);
    s.v->scroll[PANE_FRAME] = 2;
    scene_draw(&s);
    assert_false(scene_says(&s, "900.00 ms"));
    assert_true(scene_says(&s, "898.00 ms"));
    s.v->whole_biography = true;
    s.v->scroll[PANE_FRAME] = 0;
    scene_draw(&s);
    assert_true(scene_says(&s, "b: close"));
    assert_true(rows_of_life(&s) > 2 * few);
    bool key = false;
    for (unsigned i = 0; i < s.v->nhits; i++)
        key |= s.v->hit[i].kind == HIT_KEY && s.v->hit[i].what == 'b';
    assert_true(key);
    scene_free(&s);
}

/* The frame's last use was that of the page before, so it is not told. */
TEST(a_new_page_is_not_used_yet)
{
    struct scene s = chosen(1280, 800);
    u64 epoch = s.d->clock_hz / 1000;
    s.d->biography[0].from = FS_FREE;
    s.d->biography[0].cycle = s.d->selected.last_use_epoch * epoch;
    scene_draw(&s);
    assert_true(scene_says(&s, "no instruction has used it yet"));
    assert_false(scene_says(&s, "the kernel set the mark"));
    /* Nor beside "the hand found its mark of use set". */
    s.d->nbiography = 2;
    s.d->biography[1] = s.d->biography[0];
    s.d->biography[0].from = s.d->biography[0].to = FS_ANON;
    s.d->biography[0].reason = R_REF_CLEARED;
    scene_draw(&s);
    assert_true(scene_says(&s, "no instruction has used it yet"));
    assert_true(scene_says(&s, "the kernel set the mark that the hand found"));
    s.d->biography[1].cycle -= epoch;
    scene_draw(&s);
    assert_true(scene_says(&s, "last used"));
    assert_false(scene_says(&s, "the kernel set the mark"));
    scene_free(&s);
}

/* After a click FRAME says "selected" at once, while the pointer stays. */
TEST(a_click_holds_at_once)
{
    struct scene s = chosen(1280, 800);
    s.v->hover = s.v->pinned;
    scene_draw(&s);
    assert_true(scene_says(&s, "selected; Esc deselects"));
    s.v->hover = s.v->pinned + 1;
    scene_draw(&s);
    assert_true(scene_says(&s, "under the pointer; a click selects it"));
    scene_free(&s);
}

TEST(nobody_chose)
{
    struct scene s = chosen(1280, 800);
    s.v->pinned = NO_FRAME;
    s.d->selected_valid = false;
    scene_draw(&s);
    assert_true(scene_says(&s, "Point at a frame"));
    s.d->caption_pfn = 77; /* the caption tells of a frame */
    s.d->kind[77] = FS_SHMEM;
    s.d->nevents = 1;
    s.d->events[0] = (struct ins_event){.pfn = 77, .reason = R_SWAP_IN};
    s.d->running = false;
    scene_draw(&s);
    assert_true(scene_says(&s, "the frame of the caption's event"));
    s.d->running = true; /* the machine goes on, the caption stays */
    s.d->caption_cycle = s.d->cycle;
    s.d->cycle += 3 * s.d->clock_hz;
    scene_draw(&s);
    assert_true(scene_says(&s, "the caption's event was 3 s ago"));
    s.d->running = false;
    assert_true(scene_says(&s, "shared-memory"));
    assert_true(scene_says(&s, "swap-in"));
    s.v->pinned = 78; /* not told of yet */
    scene_draw(&s);
    assert_true(scene_says(&s, "waiting for the machine"));
    scene_free(&s);
}

/* Three seconds after an event FRAME does not call it the latest, even if a
 * note that a click made stands in the caption's place. */
TEST(a_note_does_not_make_it_the_latest)
{
    struct scene s = chosen(1280, 800);
    s.v->pinned = NO_FRAME;
    s.d->selected_valid = false;
    s.d->running = true;
    s.d->caption_pfn = 77;
    s.d->caption_cycle = s.d->cycle;
    view_note(s.v, s.d, "TIME: what it is");
    scene_draw(&s);
    assert_true(scene_says(&s, "the frame of the caption's event"));
    s.d->cycle += 3 * s.d->clock_hz;
    scene_draw(&s);
    assert_true(
        scene_says(&s, "its state now; the caption's event was 3 s ago"));
    assert_false(scene_says(&s, "latest event"));
    scene_free(&s);
}

/* Either all rows of ended processes have numbers, or none has. */
TEST(numbers_in_all_rows_or_in_none)
{
    unsigned seen[2] = {0, 0};
    for (int w = 640; w <= 1920; w += 64) {
        struct scene s = lived(w, 800);
        s.d->biography[0].pid = s.d->biography[1].pid = 6; /* it ended */
        s.d->biography[2].pid = 5;
        s.d->biography[0].reason = R_ACTIVATE;
        s.d->biography[2].reason = R_SWAP_KEEP;
        scene_draw(&s);
        unsigned with = 0, without = 0;
        for (unsigned i = 0; i < s.log.n; i++) {
            without += !strcmp(s.log.rec[i].text, "ended");
            with += !strncmp(s.log.rec[i].text, "ended (", 7);
        }
        assert_true(!with || !without);
        seen[0] += with;
        seen[1] += without;
        scene_free(&s);
    }
    assert_true(seen[0] && seen[1]);
}

/* Linux has dozens of threads of its own, more than the panel lists: such a
 * thread (kswapd0) is not said to have ended. */
TEST(beyond_the_list_is_not_ended)
{
    struct scene s = lived(1280, 800);
    s.d->biography[0].pid = 40;
    s.d->nnames = 1;
    s.d->names[0] = (struct ins_name){40, "kswapd0"};
    scene_draw(&s);
    assert_true(scene_says(&s, "kswapd0"));
    assert_false(scene_says(&s, "ended"));
    scene_free(&s);
}
