/* SPDX-License-Identifier: MIT */
// rooms: base isa hart dev mmu time
/* Compares the PLIC with a plain model under random use, and tests one by one
 * the rules of PLIC and CLINT that drivers rely on. */
#include "unit.h"

#include "dev/clint.h"
#include "dev/plic.h"

#define CLAIM(c)     (0x200004u + (c)*0x1000u)
#define THRESHOLD(c) (0x200000u + (c)*0x1000u)
#define ENABLE(c, w) (0x2000u + (c)*0x80u + (w)*4u)

static u32 rd(struct plic *p, u64 off)
{
    u64 v;
    assert_true(plic_read(p, off, 4, &v));
    return (u32)v;
}

static void wr(struct plic *p, u64 off, u32 v)
{
    assert_true(plic_write(p, off, 4, v));
}

static bool seip(const struct hart *h)
{
    return hart_pending(h) >> IRQ_SEIP & 1;
}

TEST(claim_and_complete)
{
    struct hart h = {.clock_hz = 1, .timebase_hz = 1};
    struct plic p;
    plic_init(&p, &h);
    wr(&p, 4 * 10, 3);
    wr(&p, ENABLE(1, 0), 1 << 10);
    plic_set(&p, 10, true);
    assert_true(seip(&h));
    assert_int_equal(rd(&p, 0x1000), 1 << 10);
    assert_int_equal(rd(&p, CLAIM(1)), 10);
    assert_false(seip(&h));
    assert_int_equal(rd(&p, CLAIM(1)), 0);
    /* The line is still high, but the device has not driven it again. */
    wr(&p, CLAIM(1), 10);
    assert_false(seip(&h));
    plic_set(&p, 10, true);
    assert_true(seip(&h));
    assert_int_equal(rd(&p, CLAIM(1)), 10);
    /* Driven high during service, the source is pending afterwards. */
    plic_set(&p, 10, true);
    assert_false(seip(&h));
    assert_int_equal(rd(&p, CLAIM(1)), 0);
    wr(&p, CLAIM(1), 10);
    assert_true(seip(&h));
    plic_set(&p, 10, false);
    assert_false(seip(&h));
    /* No source was enabled for the M context. */
    assert_false(hart_pending(&h) >> IRQ_MEIP & 1);
}

TEST(priority_and_threshold)
{
    struct hart h = {.clock_hz = 1, .timebase_hz = 1};
    struct plic p;
    plic_init(&p, &h);
    wr(&p, ENABLE(1, 0), ~0u);
    assert_int_equal(rd(&p, ENABLE(1, 0)), ~1u); /* source 0 does not exist */
    wr(&p, 4 * 3, 2);
    wr(&p, 4 * 5, 2);
    wr(&p, 4 * 7, 0xffffffff);
    assert_int_equal(rd(&p, 4 * 7), 7);
    plic_set(&p, 5, true);
    plic_set(&p, 3, true);
    assert_int_equal(rd(&p, CLAIM(1)), 3); /* lowest number among equals */
    plic_set(&p, 7, true);
    wr(&p, THRESHOLD(1), 7);
    assert_false(seip(&h)); /* not above the threshold */
    wr(&p, THRESHOLD(1), 6);
    assert_true(seip(&h));
    assert_int_equal(rd(&p, CLAIM(1)), 7);
    assert_false(seip(&h));
    wr(&p, 4 * 5, 0); /* priority 0 never interrupts */
    wr(&p, THRESHOLD(1), 0);
    assert_false(seip(&h));
    assert_int_equal(rd(&p, CLAIM(1)), 0);
}

TEST(widths_and_holes)
{
    struct hart h = {.clock_hz = 1, .timebase_hz = 1};
    struct plic p;
    u64 v;
    plic_init(&p, &h);
    assert_false(plic_read(&p, 0, 1, &v));
    assert_false(plic_read(&p, 0, 8, &v));
    assert_false(plic_write(&p, 4, 2, 0));
    for (u64 off = 0; off < 0x600000; off += 4) {
        assert_true(plic_write(&p, off, 4, 0xffffffff));
        assert_true(plic_read(&p, off, 4, &v));
    }
    assert_int_equal(rd(&p, CLAIM(2)), 0); /* only contexts 0 and 1 exist */
    wr(&p, CLAIM(1), 95);
    wr(&p, CLAIM(1), 97);
    wr(&p, CLAIM(1), 0xffffffff);
}

/* The model: the state of each source, in plain flags. */
struct model {
    bool pending[97], claimed[97], enable[2][97];
    u32 priority[97], threshold[2];
};

static unsigned model_best(const struct model *m, unsigned c)
{
    unsigned best = 0;
    for (unsigned i = 1; i < 97; i++)
        if (m->pending[i] && !m->claimed[i] && m->enable[c][i] &&
            m->priority[i] > (best ? m->priority[best] : 0))
            best = i;
    return best;
}

TEST(random_use)
{
    struct hart h = {.clock_hz = 1, .timebase_hz = 1};
    struct plic p;
    struct model m = {0};
    u64 rng = 42;
    plic_init(&p, &h);
    for (int step = 0; step < 200000; step++) {
        unsigned i = 1 + rand_step(&rng) % 96, c = rand_step(&rng) % 2;
        switch (rand_step(&rng) % 6) {
        case 0:
            m.pending[i] = rand_step(&rng) & 1;
            plic_set(&p, i, m.pending[i]);
            break;
        case 1:
            m.priority[i] = rand_step(&rng) % 8;
            wr(&p, 4 * i, m.priority[i]);
            break;
        case 2: {
            u32 w = 0;
            m.enable[c][i] = !m.enable[c][i];
            for (unsigned k = i / 32 * 32; k < i / 32 * 32 + 32 && k < 97; k++)
                w |= (u32)m.enable[c][k] << k % 32;
            wr(&p, ENABLE(c, i / 32), w);
            break;
        }
        case 3:
            m.threshold[c] = rand_step(&rng) % 8;
            wr(&p, THRESHOLD(c), m.threshold[c]);
            break;
        case 4: {
            unsigned want = model_best(&m, c);
            assert_int_equal(rd(&p, CLAIM(c)), want);
            m.claimed[want] = want != 0;
            m.pending[want] = false;
            break;
        }
        case 5:
            /* a completion is ignored unless context c enables the source */
            m.claimed[i] &= !m.enable[c][i];
            wr(&p, CLAIM(c), i);
            break;
        }
        for (c = 0; c < 2; c++) {
            unsigned b = model_best(&m, c);
            bool up = b && m.priority[b] > m.threshold[c];
            assert_int_equal(hart_pending(&h) >> (c ? IRQ_SEIP : IRQ_MEIP) & 1,
                             up);
        }
    }
}

/* ---- CLINT -------------------------------------------------------------- */

TEST(timer_compare)
{
    struct hart h = {.clock_hz = 1000000000, .timebase_hz = 10000000};
    struct events q;
    struct clint c;
    u64 v;
    events_init(&q);
    clint_init(&c, &h, &q);
    assert_true(q.at[EV_TIMER] == NEVER);
    assert_true(clint_write(&c, 0x4000, 8, 5)); /* tick 5 is cycle 500 */
    assert_int_equal(q.at[EV_TIMER], 500);
    h.cycle = 499;
    clint_update(&c);
    assert_false(h.mip >> IRQ_MTIP & 1);
    h.cycle = 500;
    clint_update(&c);
    assert_true(h.mip >> IRQ_MTIP & 1);
    assert_true(q.at[EV_TIMER] == NEVER);
    /* Write mtimecmp by halves, the high half first. */
    assert_true(clint_write(&c, 0x4004, 4, 1));
    assert_false(h.mip >> IRQ_MTIP & 1);
    assert_true(clint_write(&c, 0x4000, 4, 7));
    assert_true(clint_read(&c, 0x4000, 8, &v));
    assert_true(v == 0x100000007);
    assert_true(clint_read(&c, 0x4004, 4, &v));
    assert_int_equal(v, 1);
    /* Writing mtime moves the time and the timer's event. */
    assert_true(clint_write(&c, 0xbff8, 8, 0x100000006));
    assert_int_equal(q.at[EV_TIMER], 600);
    assert_true(clint_read(&c, 0xbff8, 8, &v));
    assert_true(v == 0x100000006);
    assert_false(clint_read(&c, 0xbff8, 1, &v));
    /* No event comes at HART_COUNT_END or later: no state can be saved then. */
    q.at[EV_TIMER] = HART_COUNT_END - 1;
    assert_true(events_next(&q) == HART_COUNT_END - 1);
    q.at[EV_TIMER]++;
    assert_true(events_next(&q) == NEVER);
    assert_true(clint_write(&c, 0, 4, 0xffffffff));
    assert_int_equal(h.mip >> IRQ_MSIP & 1, 1);
    assert_true(clint_read(&c, 0, 4, &v));
    assert_int_equal(v, 1);
}

TEST(timer_both)
{
    struct hart h = {.clock_hz = 1000000000,
                     .timebase_hz = 10000000,
                     .exts = isa_default(),
                     .menvcfg = MENVCFG_STCE,
                     .stimecmp = 3};
    struct events q;
    struct clint c;
    events_init(&q);
    clint_init(&c, &h, &q);
    assert_int_equal(q.at[EV_TIMER], 300);
    assert_true(clint_write(&c, 0x4000, 8, 2));
    assert_int_equal(q.at[EV_TIMER], 200);
    h.cycle = 200;
    clint_update(&c);
    assert_int_equal(q.at[EV_TIMER], 300);
    h.cycle = 300;
    clint_update(&c);
    assert_true(hart_pending(&h) >> IRQ_STIP & 1);
    assert_true(q.at[EV_TIMER] == NEVER);
}
