/* SPDX-License-Identifier: MIT */
// rooms: policy base
/* Compares the lists of frames that policies keep (vm/framelist.c) with a plain
 * model; tests the record of evicted pages (vm/shadow.c). */
#include "unit.h"

#include "vm/framelist.h"
#include "vm/shadow.h"

#define FRAMES 97
#define LISTS  3

static uint64_t x = 1;

static uint32_t draw(uint32_t n)
{
    x = x * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t)((x >> 33) % n);
}

/* The model: each list as an array, head first. */
static uint32_t model[LISTS + 1][FRAMES];
static unsigned len[LISTS + 1];

static void model_remove(uint32_t frame)
{
    for (unsigned l = 1; l <= LISTS; l++)
        for (unsigned i = 0; i < len[l]; i++)
            if (model[l][i] == frame) {
                memmove(&model[l][i], &model[l][i + 1],
                        (--len[l] - i) * sizeof model[l][0]);
                return;
            }
}

static void compare(const struct framelist *f)
{
    for (unsigned l = 1; l <= LISTS; l++) {
        assert_int_equal(f->count[l], len[l]);
        assert_int_equal(framelist_check(f, l, FRAMES), len[l]);
        uint32_t at = f->first[l], back = f->last[l];
        for (unsigned i = 0; i < len[l]; i++) {
            assert_int_equal(at, model[l][i]);
            assert_int_equal(f->entry[at].list, l);
            at = f->entry[at].next;
            assert_int_equal(back, model[l][len[l] - 1 - i]);
            back = f->entry[back].prev;
        }
        assert_int_equal(at, POLICY_NONE);
        assert_int_equal(back, POLICY_NONE);
    }
}

TEST(lists_and_model)
{
    static struct frame_entry entries[FRAMES];
    struct framelist f;
    framelist_init(&f, entries);
    for (int i = 0; i < 20000; i++) {
        uint32_t frame = draw(FRAMES);
        unsigned l = 1 + draw(LISTS), how = draw(3);
        framelist_remove(&f, frame);
        model_remove(frame);
        if (how == 0) {
            framelist_add_head(&f, l, frame);
            memmove(&model[l][1], &model[l][0], len[l] * sizeof model[l][0]);
            model[l][0] = frame;
            len[l]++;
        } else if (how == 1) {
            framelist_add_tail(&f, l, frame);
            model[l][len[l]++] = frame;
        }
        if (i % 16 == 0)
            compare(&f);
    }
    compare(&f);
}

/* framelist_check finds a wrong link, list number or tail. */
TEST(damage_is_found)
{
    static struct frame_entry entries[4];
    struct framelist f;
    framelist_init(&f, entries);
    for (uint32_t i = 0; i < 4; i++)
        framelist_add_tail(&f, 1, i);
    assert_int_equal(framelist_check(&f, 1, 4), 4);
    entries[2].next = 0; /* a circle */
    assert_true(framelist_check(&f, 1, 4) == ~0ull);
    entries[2].next = 3;
    entries[1].list = 2;
    assert_true(framelist_check(&f, 1, 4) == ~0ull);
    entries[1].list = 1;
    f.last[1] = 2;
    assert_true(framelist_check(&f, 1, 4) == ~0ull);
}

static struct shadow_memory shadows(uint32_t n)
{
    struct shadow_memory m = {calloc(n, sizeof *m.entries),
                              calloc(n, sizeof *m.tags),
                              calloc(shadow_links(n), sizeof *m.links)};
    shadow_init(&m, n);
    return m;
}

static void free_shadows(struct shadow_memory m)
{
    free(m.entries);
    free(m.tags);
    free(m.links);
}

/* A page's newest shadow is found, unchanged, and only once. */
TEST(shadows_come_back)
{
    struct shadow_memory memory = shadows(600);
    for (uint32_t i = 1; i <= 300; i++) {
        shadow_put(shadow_of_object(7, i), 1, i);
        shadow_put(shadow_of_slot(i), 2, 1000 + i);
    }
    shadow_put(shadow_of_slot(5), 1, 77);
    assert_int_equal(*shadow_count(1), 301);
    for (uint32_t i = 1; i <= 300; i++) {
        assert_int_equal(shadow_take(shadow_of_object(7, i)), i);
        assert_int_equal(shadow_take(shadow_of_slot(i)),
                         i == 5 ? 77 : 1000 + i);
        assert_int_equal(shadow_take(shadow_of_object(7, i)), 0);
        assert_int_equal(shadow_take(shadow_of_object(8, i)), 0);
    }
    assert_int_equal(*shadow_count(1) + *shadow_count(2), 0);
    free_shadows(memory);
}

/* If twice as many shadows are put as fit, exactly the later half stays. A full
 * record drops the oldest shadow of the list to which it adds, or, if this list
 * is empty, of another; shadow_forget drops a list's oldest shadow. */
TEST(the_oldest_goes)
{
    uint32_t n = 1000;
    struct shadow_memory memory = shadows(n);
    for (uint32_t i = 0; i < 2 * n; i++)
        shadow_put(shadow_of_object(1, i), 1, 1);
    for (uint32_t i = 0; i < 2 * n; i++)
        if (i % 2)
            assert_int_equal(shadow_take(shadow_of_object(1, i)), i > n);
    for (uint32_t i = 0; i < n / 2; i++)
        shadow_put(shadow_of_object(2, i), 1, 1);
    shadow_put(shadow_of_object(3, 0), 3, 1); /* the oldest of list 1 goes */
    assert_int_equal(*shadow_count(3), 1);
    assert_int_equal(shadow_take(shadow_of_object(1, n)), 0);
    assert_int_equal(shadow_take(shadow_of_object(1, n + 2)), 1);
    assert_true(shadow_forget(1));
    assert_int_equal(shadow_take(shadow_of_object(1, n + 4)), 0);
    assert_true(shadow_forget(3));
    assert_false(shadow_forget(3));
    free_shadows(memory);
}
