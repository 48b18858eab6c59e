/* SPDX-License-Identifier: MIT */
// rooms: time mmu isa base
/* A DRAM that loads another one's save gives the same answers and hash. */
#include "dram_parts.h"
#include "saved.h"

TEST(saved_and_loaded_alike)
{
    struct dram *a = dram_new(dram_part_find("ddr4-2400r"));
    struct dram *b = dram_new(a->part);
    struct dram *other = dram_new(dram_part_find("ddr3-1600k"));
    u64 seed = 3, now = 0;
    enum served where;

    for (int n = 0; n < 400; n++)
        now = n % 3 ? dram_write(a, rand_step(&seed) & 0xfffffc0, now) + 1
                    : dram_read(a, rand_step(&seed) & 0xfffffc0, now, &where);
    for (int n = 0; n < 20; n++)
        now = dram_write(a, rand_step(&seed) & 0xfffffc0, now) + 1;
    assert_true(a->waiting > 8);
    SAVE(dram_state(a, s));
    LOAD(dram_state(b, s));
    for (int n = 0; n < 400; n++) {
        u64 pa = rand_step(&seed) & 0xfffffc0;
        u64 done = dram_read(a, pa, now, &where);
        assert_int_equal(dram_read(b, pa, now, &where), done);
        now = done;
    }
    REFUSE("", dram_state(other, s));
    dram_free(a);
    dram_free(b);
    dram_free(other);
}

static u64 one_access(struct dram *d, unsigned writes, u64 r, u64 now)
{
    enum served where;

    if ((r >> 50) % 100 < writes)
        return dram_write(d, r & 0x7ffc0, now) + 1;
    return dram_read(d, r & 0x7ffc0, now, &where);
}

TEST(a_loaded_one_has_the_same_hash)
{
    for (unsigned i = 0; i < 600; i++) {
        struct dram *a = dram_new(dram_part_find(part_names[i % PARTS]));
        struct dram *b = dram_new(a->part);
        char one[33], other[33];
        u64 seed = i + 1, now = 0;

        for (unsigned n = 0; n < 100 + i + 50; n++) {
            u64 r = rand_step(&seed), then = now;
            if (n == 100 + i) {
                SAVE(dram_state(a, s));
                LOAD(dram_state(b, s));
            }
            now = one_access(a, i / 3 % 10 * 11, r, then);
            if (n >= 100 + i) {
                assert_int_equal(one_access(b, i / 3 % 10 * 11, r, then), now);
                dram_digest(a, one);
                dram_digest(b, other);
                assert_string_equal(one, other);
            }
            now += n % 7 ? 0 : (r >> 40) % (n % 97 ? 50 : 20000);
        }
        dram_free(a);
        dram_free(b);
    }
}

/* If a machine goes back to a moment at which it was saved, the writes that it
 * made after that moment must hold up no access. */
TEST(nothing_of_the_future_is_left)
{
    for (unsigned i = 0; i < 3 * 200; i++) {
        struct dram *d[2] = {dram_new(dram_part_find(part_names[i % PARTS])),
                             dram_new(dram_part_find(part_names[i % PARTS]))};
        u64 seed = i + 1, now = 100 + rand_step(&seed) % 400, later;
        enum served where;
        dram_read(d[0], 0, now, &where);
        SAVE(dram_state(d[0], s));
        later = now + 100;
        for (unsigned n = 0; n < 6; n++, later += rand_step(&seed) % 500) {
            u64 pa = rand_step(&seed) & 0x3ffc0;
            later = n % 2 ? dram_write(d[0], pa, later)
                          : dram_read(d[0], pa, later, &where);
        }
        for (unsigned k = 0; k < 2; k++)
            LOAD(dram_state(d[k], s));
        for (unsigned n = 0; n < 8; n++) {
            u64 pa = rand_step(&seed) & 0x3ffc0, done[2];
            now += 50 + rand_step(&seed) % 300;
            for (unsigned k = 0; k < 2; k++)
                done[k] = n % 3 == 1 ? dram_write(d[k], pa, now)
                                     : dram_read(d[k], pa, now, &where);
            assert_int_equal(done[0], done[1]);
            now = done[0];
        }
        dram_free(d[0]);
        dram_free(d[1]);
    }
}
