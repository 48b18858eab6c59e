/* SPDX-License-Identifier: MIT */
// rooms: base isa hart dev mmu time
/* Tests the queue: layouts of chains, indirect tables, event fields, interrupts
 * and their suppression, version 1's queue, the reset of a queue, saving and
 * loading of requests in flight. */
#include "unit.h"
#include "virtio_board.h"
#include "saved.h"

#define ALL                                                                    \
    (F_VERSION_1 | F_INDIRECT_DESC | F_EVENT_IDX | F_FLUSH | F_CONFIG_WCE)

static void write_pattern(struct board *b, u64 sector, u8 byte)
{
    memset(at(b, DATA), byte, 512);
    assert_int_equal(request(b, T_OUT, sector, 512), 0);
    memset(at(b, DATA), 0, 2048);
}

/* A request may be cut into buffers in any way (2.7.4). */
TEST(any_layout)
{
    READY(b, MODERN, 0);
    write_pattern(&b, 9, 'x');
    header(&b, T_IN, 9);
    desc(&b, 0, HEADER, 3, D_NEXT, 1);
    desc(&b, 1, HEADER + 3, 13, D_NEXT, 5);
    desc(&b, 5, DATA, 500, D_NEXT | D_WRITE, 6);
    desc(&b, 6, DATA + 600, 13, D_WRITE, 0); /* 12 of data, 1 of status */
    offer(&b, 0);
    finish(&b);
    assert_int_equal(get(&b, VIRTIO_MMIO_STATUS), 0xf);
    assert_int_equal(used_len(&b), 513);
    for (unsigned i = 0; i < 500; i++)
        assert_int_equal(at(&b, DATA)[i], 'x');
    for (unsigned i = 600; i < 612; i++)
        assert_int_equal(at(&b, DATA)[i], 'x');
    assert_int_equal(at(&b, DATA)[612], 0); /* the status: ok */
    /* The header's first byte alone; its rest with the data; no alignment. */
    header(&b, T_OUT, 10);
    memset(at(&b, HEADER + 16), 'y', 512);
    desc(&b, 0, HEADER, 1, D_NEXT, 1);
    desc(&b, 1, HEADER + 1, 527, D_NEXT, 2);
    desc(&b, 2, STATUS + 3, 1, D_WRITE, 0);
    offer(&b, 0);
    finish(&b);
    assert_int_equal(request(&b, T_IN, 10, 512), 0);
    assert_int_equal(at(&b, DATA)[511], 'y');
    /* A write takes its bytes from all buffers, in their order. */
    header(&b, T_OUT, 11);
    memset(at(&b, DATA), 'a', 100);
    memset(at(&b, DATA + 1000), 'b', 300);
    memset(at(&b, DATA + 200), 'c', 112);
    desc(&b, 0, HEADER, 16, D_NEXT, 1);
    desc(&b, 1, DATA, 100, D_NEXT, 3);
    desc(&b, 3, DATA + 1000, 300, D_NEXT, 2);
    desc(&b, 2, DATA + 200, 112, D_NEXT, 4);
    desc(&b, 4, STATUS, 1, D_WRITE, 0);
    offer(&b, 0);
    finish(&b);
    assert_int_equal(request(&b, T_IN, 11, 512), 0);
    for (unsigned i = 0; i < 512; i++)
        assert_int_equal(at(&b, DATA)[i], i < 100 ? 'a' : i < 400 ? 'b' : 'c');
}

/* Used entry i is at i modulo the ring's size; nothing else is written. */
TEST(used_ring_wraps)
{
    READY(b, MODERN, 0);
    memset(at(&b, b.used), 0xaa, 4 + 10 * 8);
    for (unsigned i = 0; i < 20; i++) {
        assert_int_equal(request(&b, T_IN, i, 512), 0);
        assert_int_equal(used_len(&b), 513);
        memset(at(&b, b.used + 4 + i % 8 * 8), 0xaa, 8);
        for (unsigned k = 0; k < 10 * 8; k++)
            assert_int_equal(at(&b, b.used + 4)[k], 0xaa);
    }
}

/* The device ignores buffers of the wrong direction for the request. */
TEST(other_direction)
{
    READY(b, MODERN, 0);
    write_pattern(&b, 1, 'z');
    header(&b, T_IN, 1);
    memset(at(&b, DATA), 'r', 1024);
    desc(&b, 0, HEADER, 16, D_NEXT, 1);
    desc(&b, 1, DATA, 512, D_NEXT, 2); /* readable: a read must not use it */
    desc(&b, 2, DATA + 512, 512, D_NEXT | D_WRITE, 3);
    desc(&b, 3, STATUS, 1, D_WRITE, 0);
    offer(&b, 0);
    finish(&b);
    assert_int_equal(at(&b, DATA)[0], 'r');
    assert_int_equal(at(&b, DATA)[512], 'z');
}

/* Makes a table for a read into n data buffers of 512 / n bytes. */
static void indirect_read(struct board *b, u64 table, u32 n)
{
    header(b, T_IN, 9);
    desc_at(b, table, 0, HEADER, 16, D_NEXT, 1);
    for (u32 i = 0; i < n; i++)
        desc_at(b, table, i + 1, DATA + i * (512 / n) * 2, 512 / n,
                D_NEXT | D_WRITE, (u16)(i + 2));
    desc_at(b, table, n + 1, STATUS, 1, D_WRITE, 0);
    *at(b, STATUS) = 0xee;
}

static void check_indirect(struct board *b, u32 n)
{
    finish(b);
    assert_int_equal(*at(b, STATUS), 0);
    assert_int_equal(used_len(b), 513);
    for (u32 i = 0; i < n * 2; i++)
        assert_int_equal(at(b, DATA)[i * (512 / n)], i & 1 ? 0 : 'i');
    memset(at(b, DATA), 0, 2048);
}

TEST(indirect_tables)
{
    for (int kind = MODERN; kind <= LEGACY; kind += LEGACY) {
        READY(b, kind, ALL & (kind ? 0xffffffff : ~0ull));
        write_pattern(&b, 9, 'i');
        indirect_read(&b, TABLE, 1);
        desc(&b, 3, TABLE, 3 * 16, D_INDIRECT, 0);
        offer(&b, 3);
        check_indirect(&b, 1);
        /* D_WRITE, and `next` without D_NEXT, are ignored in this entry */
        desc(&b, 3, TABLE, 3 * 16, D_INDIRECT | D_WRITE, 77);
        offer(&b, 3);
        check_indirect(&b, 1);
        /* a table at an odd address, longer than its chain and the queue */
        indirect_read(&b, TABLE + 3, 128);
        desc(&b, 0, TABLE + 3, 140 * 16, D_INDIRECT, 0);
        offer(&b, 0);
        check_indirect(&b, 128);
        /* a table may be the last of a chain (2.7.5.3.2) */
        indirect_read(&b, TABLE, 4);
        desc(&b, 5, HEADER, 10, D_NEXT, 2);
        desc_at(&b, TABLE, 0, HEADER + 10, 6, D_NEXT, 1);
        desc(&b, 2, TABLE, 6 * 16, D_INDIRECT, 0);
        offer(&b, 5);
        check_indirect(&b, 4);
        assert_int_equal(get(&b, VIRTIO_MMIO_STATUS) & STATUS_NEEDS_RESET, 0);
    }
}

/* A request may have as many buffers as QEMU takes (VQ_MAX), and no more. */
TEST(indirect_limit)
{
    BOARD(b, MODERN);
    for (u32 extra = 0; extra < 2; extra++) {
        set_up(&b, 8, ALL);
        header(&b, T_FLUSH, 0);
        u32 n = VQ_MAX + extra;
        for (u32 i = 0; i < n; i++)
            desc_at(&b, TABLE, i, i < n - 1 ? HEADER : STATUS, 16,
                    i < n - 1 ? D_NEXT : D_WRITE, (u16)(i + 1));
        desc(&b, 0, TABLE, n * 16, D_INDIRECT, 0);
        offer(&b, 0);
        assert_int_equal(b.v.count, 1 - extra);
        assert_int_equal(!!(get(&b, VIRTIO_MMIO_STATUS) & STATUS_NEEDS_RESET),
                         extra);
        finish(&b);
    }
}

static void set_used_event(struct board *b, u16 v)
{
    put_le(at(b, b->avail + 4 + b->v.q.num * 2), v, 2);
}

static u16 avail_event(struct board *b)
{
    return (u16)get_le(at(b, b->used + 4 + b->v.q.num * 8), 2);
}

static bool interrupted(struct board *b)
{
    bool yes = get(b, VIRTIO_MMIO_INTERRUPT_STATUS) & 1;
    reg(b, VIRTIO_MMIO_INTERRUPT_ACK, 1);
    return yes;
}

/* 2.7.7.2, 2.7.10: an interrupt comes only for the entry that used_event names;
 * NO_INTERRUPT is ignored; avail_event names the next chain. */
TEST(event_fields)
{
    READY(b, MODERN, ALL);
    put_le(at(&b, b.avail), 1, 2);     /* NO_INTERRUPT: ignored */
    put_le(at(&b, b.used), 0xffff, 2); /* flags: a driver's rubbish */
    for (u32 n = 0; n < 70000; n++) {  /* indices wrap at 65536 */
        u16 want = (u16)(n % 3 ? n : n + 1);
        set_used_event(&b, want);
        chain(&b, T_FLUSH, 0, 0);
        offer(&b, 0);
        assert_int_equal(avail_event(&b), (u16)(n + 1));
        finish(&b);
        assert_int_equal(used_idx(&b), (u16)(n + 1));
        assert_int_equal(interrupted(&b), want == (u16)n);
        assert_int_equal(get_le(at(&b, b.used), 2), 0);
    }
}

/* Three requests done at once interrupt only if used_event names one. */
TEST(event_fields_in_a_batch)
{
    BOARD(b, MODERN);
    for (u16 want = 0; want < 5; want++) {
        set_up(&b, 8, ALL);
        set_used_event(&b, want);
        chain(&b, T_FLUSH, 0, 0);
        for (int i = 0; i < 3; i++)
            make_available(&b, 0);
        ring_bell(&b);
        assert_int_equal(avail_event(&b), 3);
        assert_int_equal(b.v.count, 3);
        finish(&b);
        assert_int_equal(interrupted(&b), want < 3);
    }
}

TEST(suppressed_interrupts)
{
    BOARD(b, LEGACY);
    for (int empty = 0; empty < 2; empty++) {
        set_up(&b, 8, empty ? F_NOTIFY_ON_EMPTY : 0);
        put_le(at(&b, b.avail), 1, 2);
        chain(&b, T_FLUSH, 0, 0);
        offer(&b, 0);
        make_available(&b, 0);
        finish(&b);
        assert_false(interrupted(&b)); /* another request waits */
        ring_bell(&b);
        finish(&b);
        assert_int_equal(interrupted(&b), empty);
        put_le(at(&b, b.avail), 0, 2);
        offer(&b, 0);
        finish(&b);
        assert_true(interrupted(&b));
    }
}

/* A request that takes no time waits for the requests before it. */
TEST(served_in_order)
{
    READY(b, MODERN, 0);
    chain(&b, T_IN, 500, 512);
    offer(&b, 0);
    put_le(at(&b, TABLE), T_FLUSH, 4);
    desc(&b, 3, TABLE, 16, D_NEXT, 4);
    desc(&b, 4, STATUS + 1, 1, D_WRITE, 0);
    offer(&b, 3);
    assert_int_equal(b.v.count, 2);
    struct disk_outlook o[2];
    assert_int_equal(disk_outlook(b.model, o, 2), 2);
    assert_int_equal(o[1].done_at, o[0].done_at);
    finish(&b);
    assert_int_equal(get_le(at(&b, USED + 4), 4), 0);
    assert_int_equal(get_le(at(&b, USED + 12), 4), 3);
}

/* The used ring lists requests in the order in which the disk served them, here
 * by sector (5.2.6.2 promises no order). Each gets its own data and status. */
TEST(served_as_suits_the_heads)
{
    static const u64 sectors[] = {900, 500, 100, 700};
    static const u32 order[] = {2, 1, 3, 0};
    BOARD(b, MODERN);
    disk_model_free(b.model);
    b.model = b.v.model =
        disk_model_new("cheetah9lp,queue=clook", SECTORS, 1000000000);
    set_up(&b, 16, 0);
    for (u32 i = 0; i < 4; i++)
        write_pattern(&b, sectors[i], (u8)('A' + i));
    write_pattern(&b, 0, 0); /* moves the head to the start */
    u16 before = used_idx(&b);
    for (u32 i = 0; i < 4; i++) {
        u64 h = TABLE + i * 16;
        put_le(at(&b, h), T_IN, 4);
        put_le(at(&b, h + 8), sectors[i], 8);
        desc(&b, i * 3, h, 16, D_NEXT, (u16)(i * 3 + 1));
        desc(&b, i * 3 + 1, DATA + i * 512, 512, D_NEXT | D_WRITE,
             (u16)(i * 3 + 2));
        desc(&b, i * 3 + 2, STATUS + i, 1, D_WRITE, 0);
        *at(&b, STATUS + i) = 0xee;
        make_available(&b, (u16)(i * 3));
    }
    ring_bell(&b);
    finish(&b);
    assert_int_equal((u16)(used_idx(&b) - before), 4);
    for (u32 i = 0; i < 4; i++) {
        assert_int_equal(get_le(at(&b, USED + 4 + (before + i) % 16u * 8), 4),
                         order[i] * 3);
        assert_int_equal(*at(&b, STATUS + i), 0);
        assert_int_equal(at(&b, DATA)[i * 512], 'A' + i);
        assert_int_equal(at(&b, DATA)[i * 512 + 511], 'A' + i);
    }
}

/* 4.2.4: the queue's page size, alignment and place. A driver's reset keeps the
 * page size, since Linux sets it before that; the machine's reset does not. */
TEST(legacy_queue)
{
    BOARD(b, LEGACY);
    reg(&b, VIRTIO_MMIO_GUEST_PAGE_SIZE, 512);
    reg(&b, VIRTIO_MMIO_STATUS, 0);
    reg(&b, VIRTIO_MMIO_STATUS, 3);
    for (u32 align = 4; align <= 4096; align *= 2) {
        reg(&b, VIRTIO_MMIO_QUEUE_NUM, 4);
        reg(&b, VIRTIO_MMIO_QUEUE_ALIGN, align);
        reg(&b, VIRTIO_MMIO_QUEUE_PFN, DESC / 512);
        assert_int_equal(get(&b, VIRTIO_MMIO_QUEUE_PFN), DESC / 512);
        assert_int_equal(b.v.q.avail, DESC + 64);
        assert_int_equal(b.v.q.used,
                         (DESC + 64 + 6 + 8 + align - 1) / align * align);
        /* writes to a queue in use, or to another, do not change this queue */
        reg(&b, VIRTIO_MMIO_QUEUE_NUM, 8);
        reg(&b, VIRTIO_MMIO_QUEUE_PFN, 77);
        assert_int_equal(b.v.q.num, 4);
        assert_int_equal(get(&b, VIRTIO_MMIO_QUEUE_PFN), DESC / 512);
        reg(&b, VIRTIO_MMIO_QUEUE_SEL, 1);
        reg(&b, VIRTIO_MMIO_QUEUE_PFN, 0);
        reg(&b, VIRTIO_MMIO_QUEUE_SEL, 0);
        assert_true(b.v.q.ready);
        b.avail = b.v.q.avail;
        b.used = b.v.q.used;
        b.offered = 0;
        memset(at(&b, b.avail), 0, 64);
        assert_int_equal(request(&b, T_IN, 0, 512), 0); /* before DRIVER_OK */
        offer(&b, 0);
        reg(&b, VIRTIO_MMIO_QUEUE_PFN, 0); /* a request is in flight */
        assert_int_equal(b.v.count, 0);
        assert_int_equal(get(&b, VIRTIO_MMIO_QUEUE_PFN), 0);
        assert_int_equal(get(&b, VIRTIO_MMIO_STATUS), 3);
    }
    /* Registers of version 2 are not there. */
    reg(&b, VIRTIO_MMIO_QUEUE_DESC_LOW, 0x1234);
    reg(&b, VIRTIO_MMIO_QUEUE_READY, 1);
    assert_int_equal(get(&b, VIRTIO_MMIO_QUEUE_READY), 0);
    assert_false(b.v.q.ready);
    virtio_reset(&b.v);
    assert_int_equal(b.v.page_shift, 0);
    power_off(&b);
    power_on(&b, MODERN); /* has no registers of version 1 */
    reg(&b, VIRTIO_MMIO_GUEST_PAGE_SIZE, 512);
    reg(&b, VIRTIO_MMIO_QUEUE_PFN, DESC / 512);
    assert_int_equal(get(&b, VIRTIO_MMIO_QUEUE_PFN), 0);
    assert_false(b.v.q.ready);
}

/* 2.6.1: only a driver that negotiated RING_RESET may reset a queue; the reset
 * drops the requests in flight. */
TEST(queue_reset)
{
    BOARD(b, MODERN);
    for (int may = 0; may < 2; may++) {
        set_up(&b, 8, F_VERSION_1 | (may ? F_RING_RESET : 0));
        chain(&b, T_IN, 500, 512);
        offer(&b, 0);
        reg(&b, VIRTIO_MMIO_QUEUE_RESET, 1);
        assert_int_equal(get(&b, VIRTIO_MMIO_QUEUE_RESET), 0);
        assert_int_equal(get(&b, VIRTIO_MMIO_QUEUE_READY), !may);
        assert_int_equal(b.v.count, !may);
        finish(&b);
        assert_int_equal(*at(&b, STATUS), may ? 0xee : 0);
        assert_int_equal(used_idx(&b), !may);
    }
    assert_int_equal(b.v.features, F_VERSION_1 | F_RING_RESET);
}

/* Offers five chains: two plain, two by tables, one that writes zeroes. */
static void many(struct board *b)
{
    for (u16 i = 0; i < 5; i++) {
        u64 h = HEADER + i * 16, table = i & 2 ? TABLE + i * 64u : DESC;
        u16 d = i & 2 ? 0 : (u16)(i * 3);
        put_le(at(b, h), i == 4 ? T_WRITE_ZEROES : i & 1, 4);
        put_le(at(b, h + 8), i * 100, 8);
        desc_at(b, table, d, h, 16, D_NEXT, (u16)(d + 1));
        desc_at(b, table, d + 1u, DATA + i * 512u, i == 4 ? 16 : 512,
                D_NEXT | (i & 1 || i == 4 ? 0 : D_WRITE), (u16)(d + 2));
        desc_at(b, table, d + 2u, STATUS + i, 1, D_WRITE, 0);
        memset(at(b, DATA + i * 512u), 'a' + i, 512);
        if (table != DESC)
            desc(b, i * 3, table, 48, D_INDIRECT, 0);
        make_available(b, (u16)(i * 3));
    }
    put_le(at(b, DATA + 4 * 512), 100, 8);
    put_le(at(b, DATA + 4 * 512 + 8), 1 | 1ull << 32, 8); /* unmap */
    ring_bell(b);
    assert_int_equal(b->v.count, 5);
}

static void all_state(struct board *b, struct state *s)
{
    virtio_state(&b->v, s);
    disk_model_state(b->model, s);
    virtio_matches_disk(&b->v, s);
    backing_state(&b->disk, s);
    state_bytes(s, b->ram, RAM);
    events_state(&b->q, s);
}

/* Compares two devices in all but the pointers to their parts. */
static void assert_same_device(const struct virtio *a, const struct virtio *c)
{
    size_t from = offsetof(struct virtio, status);
    assert_memory_equal((const u8 *)a + from, (const u8 *)c + from,
                        offsetof(struct virtio, request) - from);
    assert_int_equal(a->count, c->count);
    assert_int_equal(*a->captured, *c->captured);
    for (u32 i = 0; i < a->count; i++) {
        const struct blk_request *r = &a->request[i], *q = &c->request[i];
        assert_int_equal(r->head, q->head);
        assert_int_equal(r->nseg, q->nseg);
        assert_int_equal(r->type, q->type);
        assert_int_equal(r->status, q->status);
        assert_int_equal(r->unmap, q->unmap);
        assert_int_equal(r->room, q->room);
        assert_int_equal(r->sector, q->sector);
        assert_int_equal(r->tag, q->tag);
        assert_int_equal(r->bytes, q->bytes);
        assert_int_equal(r->status_pa, q->status_pa);
        for (unsigned k = 0; k < r->nseg; k++) {
            assert_int_equal(r->seg[k].pa, q->seg[k].pa);
            assert_int_equal(r->seg[k].len, q->seg[k].len);
        }
        assert_int_equal(!r->data, !q->data);
        if (r->data)
            assert_memory_equal(r->data, q->data, r->bytes);
    }
}

/* Saves board a after `completed` requests, loads it as c; both end alike. */
static void saved_in_flight(int kind, unsigned completed)
{
    struct board a, c;
    char h1[33], h2[33];
    struct board *both[] = {&a, &c};
    power_on(&a, kind);
    power_on(&c, kind);
    set_up(&a, 16, ALL & (kind ? 0xffffffff : ~0ull));
    reg(&a, VIRTIO_MMIO_DEVICE_FEATURES_SEL, 1);
    reg(&a, VIRTIO_MMIO_QUEUE_SEL, 3);
    virtio_write(&a.v, 0x120, 1, 0, 0);
    many(&a);
    struct disk_outlook o[5];
    assert_int_equal(disk_outlook(a.model, o, 5), 5);
    for (u32 i = 1; i < 5; i++) /* the outlook is in order */
        assert_true(o[i - 1].done_at <= o[i].done_at);
    while (used_idx(&a) < completed) {
        a.now = a.q.at[EV_DISK0];
        virtio_event(&a.v, a.now);
    }
    SAVE(all_state(&a, s));
    LOAD(all_state(&c, s));
    assert_same_device(&a.v, &c.v);
    c.now = a.now;
    c.avail = a.avail;
    c.used = a.used;
    c.offered = a.offered;
    for (int k = 0; k < 2; k++) {
        finish(both[k]);
        write_pattern(both[k], 7, 'k'); /* both go on alike */
        DIGEST(k ? h2 : h1, all_state(both[k], s));
    }
    assert_string_equal(h1, h2);
    assert_int_equal(a.now, c.now);
    u8 *page = a.disk.page[300 * 512 / 4096];
    assert_non_null(page);
    assert_int_equal(page[300 * 512 % 4096], 'd');
    page = a.disk.page[100 * 512 / 4096];
    assert_int_equal(page[100 * 512 % 4096], 0); /* the zeros came last */
    power_off(&a);
    power_off(&c);
}

TEST(in_flight_is_state)
{
    for (unsigned completed = 0; completed <= 5; completed++) {
        saved_in_flight(MODERN, completed);
        saved_in_flight(LEGACY, completed);
    }
}

/* A save with an invalid second request is loaded into a device that has
 * completed some requests. The third and later requests are not loaded; their
 * slots must own no memory, since the load freed the old requests' memory. */
TEST(refused_requests_own_nothing)
{
    struct board a, c;
    power_on(&a, MODERN);
    set_up(&a, 16, ALL);
    many(&a);
    a.v.request[1].bytes = RAM + 1;
    a.v.request[1].type = T_IN;
    free(a.v.request[1].data);
    a.v.request[1].data = NULL;
    SAVE(virtio_state(&a.v, s));
    power_on(&c, MODERN);
    set_up(&c, 16, ALL);
    many(&c);
    chain(&c, T_IN, 600, 512); /* the last request has buffers */
    offer(&c, 0);
    while (used_idx(&c) < 3) {
        c.now = c.q.at[EV_DISK0];
        virtio_event(&c.v, c.now);
    }
    REFUSE("", virtio_state(&c.v, s));
    for (u32 i = 2; i < c.v.count; i++)
        assert_null(c.v.request[i].seg);
    power_off(&a);
    power_off(&c);
}

TEST(transports_do_not_mix)
{
    struct board a, c;
    power_on(&a, MODERN);
    power_on(&c, LEGACY);
    SAVE(virtio_state(&a.v, s));
    REFUSE("transport", virtio_state(&c.v, s));
    power_off(&a);
    power_off(&c);
}
