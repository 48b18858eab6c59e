/* SPDX-License-Identifier: MIT */
// rooms: base isa hart dev mmu time
/* Plays bad drivers of virtio-blk. If a driver breaks a rule, the device sets
 * DEVICE_NEEDS_RESET, the host comes to no harm (SAN=1 would show it), and
 * after a reset the disk works. */
#include "unit.h"
#include "virtio_board.h"

#define ALL (F_VERSION_1 | F_INDIRECT_DESC | F_EVENT_IDX)

static const int transports[] = {MODERN, LEGACY};

static u64 features_of(struct board *b)
{
    return b->v.legacy ? ALL & 0xffffffff : ALL;
}

static void start(struct board *b)
{
    set_up(b, 8, features_of(b));
}

/* Checks that the device has failed: it says so and serves no request until a
 * reset. */
static void expect_failed(struct board *b)
{
    assert_true(get(b, VIRTIO_MMIO_STATUS) & STATUS_NEEDS_RESET);
    if (get(b, VIRTIO_MMIO_STATUS) & STATUS_DRIVER_OK)
        assert_int_equal(get(b, VIRTIO_MMIO_INTERRUPT_STATUS) & 2, 2);
    finish(b);
    u32 count = b->v.count;
    b->v.q.num ? offer(b, 0) : ring_bell(b);
    assert_int_equal(b->v.count, count);
    reg(b, VIRTIO_MMIO_STATUS, 0xf); /* does not clear NEEDS_RESET */
    assert_true(get(b, VIRTIO_MMIO_STATUS) & STATUS_NEEDS_RESET);
    reg(b, VIRTIO_MMIO_STATUS, 0);
    assert_int_equal(get(b, VIRTIO_MMIO_STATUS), 0);
    assert_int_equal(get(b, VIRTIO_MMIO_INTERRUPT_STATUS), 0);
    start(b);
    assert_int_equal(request(b, T_IN, 0, 512), 0);
}

/* Bad second descriptors of a read request that is otherwise valid. A device
 * that accepts one would find a status byte in descriptor 8, after the table,
 * and the rest of the request in the indirect table. */
static const struct {
    const char *what;
    u64 pa;
    u32 len;
    u16 flags, next;
} second[] = {
    {"chain that loops", DATA, 512, D_NEXT | D_WRITE, 1},
    {"next outside the table", DATA, 512, D_NEXT | D_WRITE, 8},
    {"next far outside", DATA, 512, D_NEXT | D_WRITE, 65535},
    {"buffer below RAM", RAM_BASE - 512, 512, D_NEXT | D_WRITE, 2},
    {"buffer across RAM's end", RAM_BASE + RAM - 511, 512, D_NEXT | D_WRITE, 2},
    {"buffer that wraps", ~0ull - 100, 512, D_NEXT | D_WRITE, 2},
    {"buffer of 4 GiB", DATA, 0xffffffff, D_NEXT | D_WRITE, 2},
    {"buffer of nothing", DATA, 0, D_NEXT | D_WRITE, 2},
    {"buffer in a device", 0x10000000, 512, D_NEXT | D_WRITE, 2},
    {"buffer in the disk's registers", 0x10001000, 512, D_NEXT | D_WRITE, 2},
    {"buffer in ROM", 0x1000, 512, D_NEXT | D_WRITE, 2},
    {"no status byte", DATA, 512, 0, 0},
    {"readable behind writable", DATA, 512, D_NEXT | D_WRITE, 3},
    {"table with a next", TABLE, 32, D_INDIRECT | D_NEXT, 2},
    {"table of nothing", TABLE, 0, D_INDIRECT, 0},
    {"table of two and a half", TABLE, 40, D_INDIRECT, 0},
    {"table below RAM", 0x1000, 16, D_INDIRECT, 0},
    {"table across RAM's end", RAM_BASE + RAM - 16, 32, D_INDIRECT, 0},
    {"table that wraps", ~0ull - 15, 32, D_INDIRECT, 0},
    {"table of 4 GiB", TABLE, 0xfffffff0, D_INDIRECT, 0},
};

static void second_descriptor(struct board *b, size_t i)
{
    print_message("# %s\n", second[i].what);
    chain(b, T_IN, 0, 512);
    desc(b, 8, STATUS, 1, D_WRITE, 0);
    desc(b, 3, DATA + 512, 16, D_NEXT, 2);
    desc_at(b, TABLE, 0, DATA, 512, D_NEXT | D_WRITE, 1);
    desc_at(b, TABLE, 1, STATUS, 1, D_WRITE, 0);
    desc(b, 1, second[i].pa, second[i].len, second[i].flags, second[i].next);
    offer(b, 0);
}

/* Bad last entries of an indirect table of n entries, to which head 3 points;
 * the entries before the last all name the header. */
static const struct in_table {
    const char *what;
    u32 n;
    u64 pa;
    u32 len;
    u16 flags, next;
} in_table[] = {
    {"table in a table", 2, STATUS, 1, D_INDIRECT | D_WRITE, 0},
    {"table that loops", 4, HEADER, 16, D_NEXT, 2},
    {"table entry whose next is itself", 1, HEADER, 16, D_NEXT, 0},
    {"next outside an indirect table", 4, HEADER, 16, D_NEXT, 4},
    {"table that is too long", VQ_MAX + 1, STATUS, 1, D_WRITE, 0},
    {"table entry with a buffer outside RAM", 2, 0x80, 1, D_WRITE, 0},
    {"table without a status byte", 3, HEADER, 16, 0, 0},
};

static void table_with(struct board *b, const struct in_table *t)
{
    print_message("# %s\n", t->what);
    header(b, T_FLUSH, 0);
    for (u32 i = 0; i + 1 < t->n; i++)
        desc_at(b, TABLE, i, HEADER, 16, D_NEXT, (u16)(i + 1));
    desc_at(b, TABLE, t->n - 1, t->pa, t->len, t->flags, t->next);
    desc(b, 3, TABLE, t->n * 16, D_INDIRECT, 0);
    offer(b, 3);
}

static void last_entry(struct board *b, size_t i)
{
    table_with(b, &in_table[i]);
}

enum {
    LONG_CHAIN,
    SHORT_HEADER,
    SHORT_RANGE,
    HEAD_OUTSIDE,
    RUNS_AWAY,
    RUNS_BACK,
    IN_FLIGHT,
    HEADS
};

/* Offers a bad head, index or length. */
static void head_or_index(struct board *b, size_t i)
{
    switch (i) {
    case LONG_CHAIN: /* longer than the queue */
        header(b, T_FLUSH, 0);
        for (u16 k = 0; k < 8; k++)
            desc(b, k, HEADER, 16, D_NEXT, k + 1);
        desc(b, 8, STATUS, 1, D_WRITE, 0); /* beyond the table of 8 */
        offer(b, 0);
        break;
    case SHORT_HEADER:
        chain(b, T_FLUSH, 0, 0);
        desc(b, 0, HEADER, 15, D_NEXT, 2);
        offer(b, 0);
        break;
    case SHORT_RANGE:
        chain(b, T_DISCARD, 0, 15);
        offer(b, 0);
        break;
    case HEAD_OUTSIDE:
        chain(b, T_FLUSH, 0, 0);
        desc(b, 8, HEADER, 16, D_NEXT, 2);
        offer(b, 8);
        break;
    case RUNS_AWAY:
        chain(b, T_IN, 0, 512);
        b->offered = 8; /* offer() makes it 9, but 8 fit */
        offer(b, 0);
        assert_int_equal(b->v.count, 0);
        break;
    case RUNS_BACK:
        assert_int_equal(request(b, T_IN, 0, 512), 0);
        b->offered = (u16)-1;
        offer(b, 0);
        break;
    case IN_FLIGHT: /* the same chain, nine times, unanswered */
        chain(b, T_IN, 0, 512);
        for (int k = 0; k < 9; k++)
            offer(b, 0);
        assert_int_equal(b->v.count, 8);
    }
}

/* Runs n abuses in both transports, on a ready queue of eight; the device must
 * fail at each. */
static void each_fails(void (*abuse)(struct board *, size_t), size_t n)
{
    for (size_t i = 0; i < 2 * n; i++) {
        BOARD(b, transports[i & 1]);
        start(&b);
        abuse(&b, i / 2);
        expect_failed(&b);
    }
}

TEST(second_descriptors)
{
    each_fails(second_descriptor, ARRAY_LEN(second));
}

TEST(last_entries_of_tables)
{
    each_fails(last_entry, ARRAY_LEN(in_table));
}

TEST(heads_and_indices)
{
    each_fails(head_or_index, HEADS);
}

/* 2.7.5.3.1: D_INDIRECT is an error if the driver did not negotiate it. */
TEST(indirect_not_negotiated)
{
    READY(b, MODERN, F_VERSION_1);
    table_with(&b,
               &(struct in_table){"not negotiated", 2, STATUS, 1, D_WRITE, 0});
    expect_failed(&b);
}

/* The rings overlap: the second used entry overwrites the available index. */
TEST(used_ring_over_the_available_ring)
{
    READY(b, MODERN, F_VERSION_1);
    reg(&b, VIRTIO_MMIO_QUEUE_READY, 0);
    reg(&b, VIRTIO_MMIO_QUEUE_USED_LOW, (AVAIL - 12) & 0xffffffff);
    reg(&b, VIRTIO_MMIO_QUEUE_READY, 1);
    chain(&b, T_IN, 0, 512);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(get(&b, VIRTIO_MMIO_STATUS), 0xf);
        offer(&b, 0);
        finish(&b);
    }
    assert_int_equal(get_le(at(&b, AVAIL + 2), 2), 0);
    ring_bell(&b);
    expect_failed(&b);
}

/* A ring outside RAM: the device fails as soon as the queue is made ready. */
TEST(ring_that_is_not_in_ram)
{
    static const u64 bad[] = {
        0x1000,     /* ROM */
        0x10000000, /* a device */
        0x10001000, /* the disk's registers */
        RAM_BASE - 16, RAM_BASE + RAM, RAM_BASE + RAM - 8, ~0ull << 4, 0};
    static const u64 low[] = {VIRTIO_MMIO_QUEUE_DESC_LOW,
                              VIRTIO_MMIO_QUEUE_AVAIL_LOW,
                              VIRTIO_MMIO_QUEUE_USED_LOW};
    BOARD(b, MODERN);
    for (unsigned i = 0; i < ARRAY_LEN(bad); i++)
        for (unsigned part = 0; part < 3; part++) {
            start(&b);
            reg(&b, VIRTIO_MMIO_QUEUE_READY, 0);
            reg(&b, low[part], bad[i] & 0xffffffff);
            reg(&b, low[part] + 4, bad[i] >> 32);
            reg(&b, VIRTIO_MMIO_QUEUE_READY, 1);
            assert_int_equal(get(&b, VIRTIO_MMIO_QUEUE_READY), 0);
            expect_failed(&b);
        }
    power_off(&b);
    power_on(&b, LEGACY);
    for (unsigned i = 0; i < ARRAY_LEN(bad) - 1; i++) {
        start(&b);
        reg(&b, VIRTIO_MMIO_QUEUE_PFN, 0);
        reg(&b, VIRTIO_MMIO_GUEST_PAGE_SIZE, 8);
        reg(&b, VIRTIO_MMIO_QUEUE_PFN, bad[i] / 8);
        assert_int_equal(get(&b, VIRTIO_MMIO_QUEUE_PFN), 0);
        expect_failed(&b);
    }
}

TEST(ring_that_is_misaligned)
{
    static const struct {
        u64 low, pa;
    } bad[] = {{VIRTIO_MMIO_QUEUE_DESC_LOW, DESC + 8},
               {VIRTIO_MMIO_QUEUE_AVAIL_LOW, AVAIL + 1},
               {VIRTIO_MMIO_QUEUE_USED_LOW, USED + 2}};
    BOARD(b, MODERN);
    for (unsigned i = 0; i < ARRAY_LEN(bad); i++) {
        start(&b);
        reg(&b, VIRTIO_MMIO_QUEUE_READY, 0);
        reg(&b, bad[i].low, bad[i].pa & 0xffffffff);
        reg(&b, VIRTIO_MMIO_QUEUE_READY, 1);
        expect_failed(&b);
    }
    power_off(&b);
    power_on(&b, LEGACY);
    start(&b);
    reg(&b, VIRTIO_MMIO_QUEUE_SEL, 1); /* there is no queue 1 */
    assert_int_equal(get(&b, VIRTIO_MMIO_QUEUE_PFN), 0);
    reg(&b, VIRTIO_MMIO_QUEUE_SEL, 0);
    reg(&b, VIRTIO_MMIO_QUEUE_PFN, 0);
    reg(&b, VIRTIO_MMIO_QUEUE_ALIGN, 4095); /* no power of two */
    reg(&b, VIRTIO_MMIO_QUEUE_PFN, DESC / 4096);
    expect_failed(&b);
    start(&b);
    reg(&b, VIRTIO_MMIO_QUEUE_PFN, 0);
    reg(&b, VIRTIO_MMIO_QUEUE_ALIGN, 1u << 31);
    reg(&b, VIRTIO_MMIO_QUEUE_PFN, DESC / 4096);
    expect_failed(&b);
}

TEST(queue_sizes_that_are_none)
{
    for (unsigned i = 0; i < ARRAY_LEN(transports); i++) {
        BOARD(b, transports[i]);
        for (u32 n = 0; n < 3000; n += n < 300 ? 1 : 61) {
            bool good = n && n <= VQ_MAX && !(n & (n - 1));
            start(&b);
            reg(&b,
                b.v.legacy ? VIRTIO_MMIO_QUEUE_PFN : VIRTIO_MMIO_QUEUE_READY,
                0);
            reg(&b, VIRTIO_MMIO_QUEUE_NUM, n);
            if (b.v.legacy)
                reg(&b, VIRTIO_MMIO_QUEUE_PFN, DESC / 4096);
            else
                reg(&b, VIRTIO_MMIO_QUEUE_READY, 1);
            assert_int_equal(b.v.q.ready, good);
            if (!good)
                expect_failed(&b);
        }
    }
}

/* A request for more data than RAM has (one buffer of 512 bytes, named 1021
 * times) breaks no rule, but gets an I/O error and takes no memory. */
TEST(data_of_more_than_ram)
{
    BOARD(b, MODERN);
    start(&b);
    for (u32 type = T_IN; type <= T_OUT; type++) {
        header(&b, type, 0);
        u16 dir = type == T_OUT ? 0 : D_WRITE;
        desc_at(&b, TABLE, 0, HEADER, 16, D_NEXT, 1);
        for (u32 i = 1; i < 1022; i++)
            desc_at(&b, TABLE, i, DATA, 512, D_NEXT | dir, (u16)(i + 1));
        desc_at(&b, TABLE, 1022, STATUS, 1, D_WRITE, 0);
        desc(&b, 0, TABLE, 1023 * 16, D_INDIRECT, 0);
        offer(&b, 0);
        assert_int_equal(b.captured, 0);
        finish(&b);
        assert_int_equal(*at(&b, STATUS), 1);
    }
    chain(&b, T_OUT, 0, 20480); /* RAM's size allows the data of three */
    for (int i = 0; i < 5; i++)
        offer(&b, 0);
    assert_int_equal(b.captured, 3 * 20480);
    finish(&b);
    assert_int_equal(get(&b, VIRTIO_MMIO_STATUS), 0xf);
    b.captured = RAM - 512; /* other disks have captured all but 512 bytes */
    chain(&b, T_OUT, 0, 1024);
    offer(&b, 0);
    finish(&b);
    assert_int_equal(*at(&b, STATUS), 1);
    assert_int_equal(b.captured, RAM - 512);
}

/* 2.1.2: a request is served only once DRIVER_OK is set, but then without
 * another notification. Legacy drivers are served before DRIVER_OK (3.1.2). */
TEST(notified_before_driver_ok)
{
    for (unsigned i = 0; i < ARRAY_LEN(transports); i++) {
        BOARD(b, transports[i]);
        start(&b);
        reg(&b, VIRTIO_MMIO_STATUS, b.v.legacy ? 3 : 0xb);
        chain(&b, T_IN, 0, 512);
        offer(&b, 0);
        finish(&b);
        assert_int_equal(used_idx(&b), b.v.legacy);
        reg(&b, VIRTIO_MMIO_STATUS, b.v.legacy ? 7 : 0xf);
        finish(&b);
        assert_int_equal(used_idx(&b), 1);
        assert_int_equal(*at(&b, STATUS), 0);
    }
}

TEST(notified_without_a_queue)
{
    BOARD(b, MODERN);
    ring_bell(&b);
    reg(&b, VIRTIO_MMIO_STATUS, 0xf);
    ring_bell(&b);
    for (u32 n = 1; n < 70000; n += 7)
        reg(&b, VIRTIO_MMIO_QUEUE_NOTIFY, n); /* other queues */
    assert_int_equal(get(&b, VIRTIO_MMIO_STATUS), 0xf);
}

/* Further notifications of the same request change nothing. */
TEST(storm_of_notifications)
{
    BOARD(b, MODERN);
    start(&b);
    chain(&b, T_IN, 0, 512);
    offer(&b, 0);
    u64 at_cycle = b.q.at[EV_DISK0];
    for (int i = 0; i < 100000; i++)
        ring_bell(&b);
    assert_int_equal(b.v.count, 1);
    assert_int_equal(b.q.at[EV_DISK0], at_cycle);
    finish(&b);
    assert_int_equal(used_idx(&b), 1);
}

/* If a queue is stopped, or the device or the machine is reset while requests
 * are in flight, these requests write nothing to RAM. */
TEST(reset_in_mid_flight)
{
    for (unsigned i = 0; i < ARRAY_LEN(transports); i++)
        for (int how = 0; how < 3; how++) {
            BOARD(b, transports[i]);
            start(&b);
            chain(&b, T_IN, 0, 512);
            memset(at(&b, DATA), 0xab, 512);
            offer(&b, 0);
            offer(&b, 0);
            if (how == 0)
                reg(&b,
                    b.v.legacy ? VIRTIO_MMIO_QUEUE_PFN
                               : VIRTIO_MMIO_QUEUE_READY,
                    0);
            else if (how == 1)
                reg(&b, VIRTIO_MMIO_STATUS, 0);
            else
                virtio_reset(&b.v);
            assert_int_equal(b.q.at[EV_DISK0], NEVER);
            virtio_event(&b.v, b.now + 1000000000);
            assert_int_equal(*at(&b, DATA), 0xab);
            assert_int_equal(*at(&b, STATUS), 0xee);
            start(&b);
            assert_int_equal(request(&b, T_IN, 0, 512), 0);
        }
}

/* Requests that came before the bad chain are answered. */
TEST(bad_chain_behind_good_ones)
{
    BOARD(b, MODERN);
    start(&b);
    chain(&b, T_IN, 0, 512);
    desc(&b, 4, 0, 16, 0, 0);
    make_available(&b, 0);
    make_available(&b, 4);
    make_available(&b, 0);
    ring_bell(&b);
    assert_true(get(&b, VIRTIO_MMIO_STATUS) & STATUS_NEEDS_RESET);
    assert_int_equal(b.v.count, 1);
    finish(&b);
    assert_int_equal(used_idx(&b), 1);
    assert_int_equal(*at(&b, STATUS), 0);
    expect_failed(&b);
}
