/* SPDX-License-Identifier: MIT */
// rooms: history base
/* Tests which snapshots stay within a bound: they lie close together near the
 * machine's moment and far apart elsewhere; the first always stays. Tests
 * versions of arrays of pages, which share what they have in common. */
#include "unit.h"

#include "history/copies.h"
#include "history/thin.h"

#define EVERY 4000000ull
#define KEPT  100

/* Takes a snapshot every EVERY steps, as the machine does; keeps KEPT. */
TEST(thinned_by_distance)
{
    u64 at[KEPT + 1];
    size_t n = 0;
    for (u64 i = 0; i < 10000; i++) {
        u64 here = i * EVERY;
        at[n++] = here;
        if (n <= KEPT)
            continue;
        size_t gone = thin_which(at, n, here);
        assert_in_range(gone, 1, n - 2);
        memmove(at + gone, at + gone + 1, (n - gone - 1) * sizeof(*at));
        n--;
    }
    u64 here = 9999 * EVERY;
    assert_int_equal(at[0], 0);
    assert_int_equal(at[n - 1], here);
    assert_int_equal(at[n - 2], here - EVERY); /* nearby all are kept */
    for (size_t i = 0; i + 1 < n; i++) { /* farther away, gaps may be wider */
        u64 gap = at[i + 1] - at[i], away = here - at[i + 1];
        assert_true(gap <= EVERY || gap * 4 <= away + 4 * EVERY);
    }
}

/* A machine in the middle of its past loses a snapshot near one of the ends. */
TEST(thinned_around_here)
{
    u64 at[50];
    for (unsigned i = 0; i < 50; i++)
        at[i] = i * EVERY;
    size_t gone = thin_which(at, 50, 25 * EVERY);
    assert_true(gone == 1 || gone == 48);
}

#define UNITS 3000
#define UNIT  64

static u8 now[UNITS][UNIT];

static void write_some(const struct copies_shape *c, void **root, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        unsigned at = (unsigned)rand() % UNITS;
        memset(now[at], rand() % 5, UNIT);
        const u8 *p = rand() % 7 ? now[at] : NULL;
        if (!p)
            memset(now[at], 0, UNIT);
        copies_set(c, root, at, p);
    }
}

static void same_as(const struct copies_shape *c, const void *root,
                    u8 (*want)[UNIT])
{
    static const u8 zeros[UNIT];
    for (unsigned i = 0; i < UNITS; i++) {
        const u8 *p = copies_at(c, root, i);
        assert_memory_equal(p ? p : zeros, want[i], UNIT);
    }
}

struct differing {
    u8 at[UNITS];
};

static void differs(void *differing, u64 i)
{
    ((struct differing *)differing)->at[i] = 1;
}

/* Makes twenty versions, each but the first with 30 changes. Each stays as it
 * was, whatever is written later and whichever others are freed; copies_differ
 * reports all differences; in the end no memory is in use. */
static void versions_stay(bool once)
{
    u64 bytes = 0;
    struct copies_shape c =
        copies_shape(UNITS, copies_store_new(UNIT, once, &bytes));
    static u8 want[20][UNITS][UNIT];
    void *version[20], *root = NULL;
    memset(now, 0, sizeof(now));
    srand(1);
    for (unsigned v = 0; v < 20; v++) {
        write_some(&c, &root, v ? 30 : UNITS);
        version[v] = copies_hold(root);
        memcpy(want[v], now, sizeof(now));
    }
    u64 all = bytes;
    assert_true(all < 2 * UNITS * (UNIT + 32)); /* not twenty times */
    for (unsigned v = 0; v < 20; v++)
        same_as(&c, version[v], want[v]);
    for (unsigned v = 1; v < 20; v++) {
        struct differing d = {{0}};
        copies_differ(&c, version[v - 1], version[v], differs, &d);
        for (unsigned i = 0; i < UNITS; i++)
            assert_true(d.at[i] || !memcmp(want[v - 1][i], want[v][i], UNIT));
    }
    for (unsigned v = 0; v < 20; v += 2)
        copies_drop(&c, version[v]);
    for (unsigned v = 1; v < 20; v += 2) {
        same_as(&c, version[v], want[v]);
        copies_drop(&c, version[v]);
    }
    copies_drop(&c, root);
    assert_int_equal(bytes, 0);
    copies_store_free(c.store);
}

TEST(versions_of_copies)
{
    versions_stay(false);
}

TEST(versions_of_contents)
{
    versions_stay(true);
}

TEST(a_mark_takes_no_room)
{
    u64 bytes = 0;
    struct copies_shape c =
        copies_shape(UNITS, copies_store_new(UNIT, true, &bytes));
    void *root = NULL;
    copies_set(&c, &root, 5, copies_mark);
    u64 nodes = bytes;
    assert_ptr_equal(copies_at(&c, root, 5), copies_mark);
    assert_null(copies_at(&c, root, 6));
    copies_set(&c, &root, 5, now[0]);
    assert_true(bytes > nodes);
    copies_set(&c, &root, 5, copies_mark);
    assert_int_equal(bytes, nodes);
    copies_drop(&c, root);
    assert_int_equal(bytes, 0);
    copies_store_free(c.store);
}

/* Of two arrays with the same 3,000 contents, the second takes nodes only. */
TEST(each_content_once)
{
    u64 bytes = 0;
    struct copies_store *store = copies_store_new(UNIT, true, &bytes);
    struct copies_shape a = copies_shape(UNITS, store), b = a;
    void *one = NULL, *other = NULL;
    u32 content[UNIT / 4] = {0};
    for (unsigned i = 0; i < UNITS; i++) {
        content[0] = i;
        copies_set(&a, &one, i, (u8 *)content);
    }
    u64 once = bytes;
    for (unsigned i = 0; i < UNITS; i++) {
        content[0] = i;
        copies_set(&b, &other, UNITS - 1 - i, (u8 *)content);
    }
    assert_true(bytes - once < UNITS * 16);
    copies_drop(&a, one);
    for (unsigned i = 0; i < UNITS; i++) {
        content[0] = i;
        assert_memory_equal(copies_at(&b, other, UNITS - 1 - i), content, UNIT);
    }
    copies_drop(&b, other);
    assert_int_equal(bytes, 0);
    copies_store_free(store);
}
