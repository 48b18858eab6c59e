/* SPDX-License-Identifier: MIT */
// rooms: panel inspect machine history boot dev engine time mmu hart isa base linux xv6 source
/* Address spaces: strips in the colours of their pages, as wide as the
 * processes are large; frames lit by a click; more processes than lines. */
#include <stdlib.h>

#include "unit.h"

#include "../panel/scene.h"

static void area(struct ins_space *s, u8 sort, u64 start, u64 pages, u8 cell)
{
    struct ins_area *a = &s->area[s->nareas++];
    *a = (struct ins_area){
        .start = start, .pages = pages, .first = s->ncells, .cells = 20};
    a->sort = sort;
    s->pages += pages;
    for (unsigned i = 0; i < a->cells; i++)
        s->cell[s->ncells++] = cell;
}

/* One process: its heap used lately, its mapping in swap, its stack untouched.
 */
static struct scene one(int w, int h, u32 pid, u64 pages)
{
    struct scene s = scene_new(w, h, 4096, false);
    struct ins_display *d = s.d;
    d->nprocs = d->nspaces = 1;
    d->procs[0] = (struct ins_proc){
        .pid = pid, .state = PS_DISK, .vsize = 3 * pages << PAGE_SHIFT};
    snprintf(d->procs[0].name, sizeof d->procs[0].name, "hog");
    struct ins_space *sp = &d->spaces[0];
    memset(sp, 0, sizeof *sp);
    sp->pid = pid;
    sp->resident = pages;
    area(sp, AREA_HEAP, 0x10000, pages, FS_ANON | STRIP_HOT);
    area(sp, AREA_MAP, 0x3f00000000, pages, STRIP_SWAP);
    area(sp, AREA_STACK, 0x3ffff00000, pages, STRIP_NEVER);
    return s;
}

/* The n-th hit that lights frames by a line that begins so. */
static const struct hit *lights(const struct scene *s, const char *line,
                                unsigned n)
{
    for (unsigned i = 0; i < s->v->nhits; i++)
        if (s->v->hit[i].kind == HIT_LIGHT &&
            !strncmp(s->v->hit[i].line, line, strlen(line)) && !n--)
            return &s->v->hit[i];
    return NULL;
}

TEST(a_strip_has_the_colours)
{
    struct scene s = one(1280, 800, 12, 512);
    scene_draw(&s);
    const struct theme *t = theme_get(false);
    const struct hit *heap = lights(&s, "pid 12 va ", 0);
    const struct hit *map = lights(&s, "pid 12 va ", 1);
    const struct hit *stack = lights(&s, "pid 12 va ", 2);
    assert_non_null(heap);
    assert_non_null(map);
    assert_non_null(stack);
    unsigned all = (unsigned)(heap->at.w * heap->at.h);
    unsigned hot = scene_count(&s, heap->at, t->kind[FS_ANON][1]);
    assert_in_range(hot, all * 2 / 3, all); /* gaps between its cells */
    unsigned swap = scene_count(&s, map->at, t->kind[FS_SWAPCACHE][1]);
    assert_in_range(swap, all / 6, all / 2); /* lines, not a plain colour */
    assert_in_range(scene_count(&s, stack->at, t->page), all / 2, all);
    assert_int_equal(scene_count(&s, stack->at, t->kind[FS_ANON][1]), 0);
    assert_true(heap->at.x + heap->at.w < map->at.x); /* a gap */
    scene_free(&s);
}

/* A page not used lately has the darker of its kind's two colours. */
TEST(what_was_not_used_is_darker)
{
    struct scene s = one(1280, 800, 12, 512);
    for (unsigned i = 0; i < 20; i++)
        s.d->spaces[0].cell[i] = FS_ANON;
    scene_draw(&s);
    const struct theme *t = theme_get(false);
    const struct hit *heap = lights(&s, "pid 12 va ", 0);
    assert_int_equal(scene_count(&s, heap->at, t->kind[FS_ANON][1]), 0);
    assert_true(scene_count(&s, heap->at, t->kind[FS_ANON][0]) > 0);
    scene_free(&s);
}

TEST(a_click_lights_frames)
{
    struct scene s = one(1280, 800, 12, 512);
    scene_draw(&s);
    assert_string_equal(lights(&s, "pid 12 va ", 0)->line,
                        "pid 12 va 0x10000-0x210000");
    assert_string_equal(lights(&s, "pid 12", 0)->line, "pid 12");
    bool why = false;
    for (unsigned i = 0; i < s.v->nhits; i++)
        why |= s.v->hit[i].kind == HIT_EVENTS && s.v->hit[i].what == 128 + 12;
    assert_true(why);
    assert_true(scene_says(&s, "waits for disk"));
    assert_true(scene_says(&s, "2.0M")); /* resident */
    assert_true(scene_says(&s, " of 6.0M"));
    scene_free(&s);
}

/* The foot tells of the area under the pointer. */
TEST(an_area_tells_of_itself)
{
    struct scene s = one(1280, 800, 12, 512);
    scene_draw(&s);
    assert_true(scene_says(&s, "not in memory"));
    assert_false(scene_says(&s, "of hog: "));
    struct rect at = lights(&s, "pid 12 va ", 1)->at;
    s.v->pointer_x = at.x + at.w / 2;
    s.v->pointer_y = at.y + at.h / 2;
    scene_draw(&s);
    const struct fb_text_record *r = scene_text(&s, "mappings of hog: 2.0M", 0);
    assert_non_null(r);
    assert_non_null(strstr(r->text, "100% in swap"));
    scene_free(&s);
}

/* A pin marks the place of the chosen frame in its strip. */
TEST(its_frame_has_a_pin)
{
    struct scene s = one(1280, 800, 12, 512);
    struct ins_frame *f = &s.d->selected;
    f->nptes = 1;
    f->ptes[0] = (struct ins_pte){.pid = 13, .va = 0x10000 + (256 << 12)};
    scene_draw(&s);
    struct rect heap = lights(&s, "pid 12 va ", 0)->at;
    u32 ink = theme_get(false)->ink;
    assert_int_equal(scene_count(&s, heap, ink), 0); /* another's */
    f->ptes[0].pid = 12;
    scene_draw(&s);
    struct rect middle = {heap.x + heap.w / 2 - 2, heap.y, 5, heap.h};
    assert_true(scene_count(&s, middle, ink) > 0);
    assert_int_equal(scene_count(&s, middle, ink), scene_count(&s, heap, ink));
    s.v->pinned = 5; /* a frame that is not told of yet */
    scene_draw(&s);
    assert_int_equal(scene_count(&s, heap, ink), 0);
    scene_free(&s);
}

static int extent(const struct scene *s, u32 pid)
{
    char line[32];
    snprintf(line, sizeof line, "pid %u va ", pid);
    const struct hit *from = lights(s, line, 0), *to = lights(s, line, 2);
    return to->at.x + to->at.w - from->at.x;
}

TEST(widths_are_in_proportion)
{
    struct scene s = one(1280, 800, 12, 4000);
    struct scene half = one(1280, 800, 13, 2000);
    s.d->nprocs = s.d->nspaces = 2;
    s.d->procs[1] = half.d->procs[0];
    s.d->spaces[1] = half.d->spaces[0];
    s.d->procs[1].current = true;
    scene_draw(&s);
    int large = extent(&s, 12), small = extent(&s, 13);
    assert_in_range(small, large * 45 / 100, large * 58 / 100);
    /* The mark of the process on the hart stands left of its row only. */
    struct draw g = scene_plan(&s);
    int y = lights(&s, "pid 13", 0)->at.y, x = g.l.at[PANE_SPACES].x;
    u32 accent = theme_get(false)->accent;
    struct rect edge = {x, y, g.pad, g.lh};
    assert_true(scene_count(&s, edge, accent) > 0);
    edge.y = lights(&s, "pid 12", 0)->at.y;
    assert_int_equal(scene_count(&s, edge, accent), 0);
    scene_free(&half);
    scene_free(&s);
}

TEST(more_than_there_are_lines)
{
    struct scene s = one(1280, 800, 1, 64);
    s.d->nprocs = s.d->nspaces = 30;
    for (unsigned i = 1; i < 30; i++) {
        s.d->procs[i] = s.d->procs[0];
        s.d->spaces[i] = s.d->spaces[0];
        s.d->procs[i].pid = s.d->spaces[i].pid = 1 + i;
    }
    scene_draw(&s);
    assert_true(scene_says(&s, "+ "));
    assert_non_null(lights(&s, "pid 1 va", 0));
    assert_null(lights(&s, "pid 30 va", 0));
    s.v->scroll[PANE_SPACES] = 1000;
    scene_draw(&s);
    assert_null(lights(&s, "pid 1 va", 0));
    assert_non_null(lights(&s, "pid 30 va", 0));
    assert_in_range(s.v->scroll[PANE_SPACES], 10, 29); /* corrected */
    scene_free(&s);
}

TEST(without_processes_a_sentence)
{
    struct scene s = one(1280, 800, 12, 512);
    s.d->nspaces = 0; /* the process, and no more */
    scene_draw(&s);
    assert_true(scene_says(&s, "its mappings are not known"));
    s.d->nprocs = 0;
    scene_draw(&s);
    assert_true(scene_says(&s, "No process has memory"));
    scene_free(&s);
}
