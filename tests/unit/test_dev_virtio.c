/* SPDX-License-Identifier: MIT */
// rooms: base isa hart dev mmu time
/* virtio-blk: what a driver does, what a bad driver does, and many random
 * ones (run with SAN=1 to see that the host comes to no harm). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "dev/virtio.h"

#define RAM     (64u << 10)
#define DESC    (RAM_BASE + 0x1000)
#define AVAIL   (RAM_BASE + 0x2000)
#define USED    (RAM_BASE + 0x3000)
#define HEADER  (RAM_BASE + 0x4000)
#define DATA    (RAM_BASE + 0x5000)
#define STATUS  (RAM_BASE + 0xf000)
#define SECTORS 1000u
#define NEXT    1
#define WRITE   2

struct board {
    struct hart hart;
    struct plic plic;
    struct events q;
    u8 *ram;
    struct backing disk;
    struct disk_model *model;
    struct virtio v;
    u64 now, written_by_device;
    u16 avail;
};

static void touched(void *opaque, u64 pa, u64 n, bool write)
{
    struct board *b = opaque;
    assert_true(pa >= RAM_BASE && n <= RAM && pa - RAM_BASE <= RAM - n);
    b->written_by_device += write ? n : 0;
}

static void reg(struct board *b, u64 off, u64 v)
{
    assert_true(virtio_write(&b->v, off, 4, b->now, v));
}

static u64 get(struct board *b, u64 off)
{
    u64 v;
    assert_true(virtio_read(&b->v, off, 4, &v));
    return v;
}

static void power_on(struct board *b, bool readonly)
{
    memset(b, 0, sizeof(*b));
    b->hart.clock_hz = b->hart.timebase_hz = 1000000000;
    events_init(&b->q);
    plic_init(&b->plic, &b->hart);
    b->ram = xcalloc(1, RAM); /* exactly: ASan sees the next byte */
    backing_open_memory(&b->disk, SECTORS * 512);
    b->disk.readonly = readonly;
    b->model = disk_model_new("cheetah9lp", SECTORS, 1000000000);
    assert_non_null(b->model);
    struct dma dma = {b->ram, RAM, b, touched};
    virtio_init(&b->v, 0, &b->plic, &b->q, &dma, &b->disk, b->model);
    b->now = 1000;
}

static void power_off(struct board *b)
{
    virtio_free(&b->v);
    backing_close(&b->disk);
    disk_model_free(b->model);
    free(b->ram);
}

static void set_up_queue(struct board *b, u32 num)
{
    reg(b, 0x70, 1);
    reg(b, 0x70, 3);
    reg(b, 0x30, 0);
    reg(b, 0x38, num);
    reg(b, 0x80, DESC & 0xffffffff);
    reg(b, 0x84, DESC >> 32);
    reg(b, 0x90, AVAIL & 0xffffffff);
    reg(b, 0xa0, USED & 0xffffffff);
    reg(b, 0x44, 1);
    reg(b, 0x70, 7);
    b->avail = 0;
}

static u8 *at(struct board *b, u64 pa)
{
    return b->ram + (pa - RAM_BASE);
}

static void desc(struct board *b, u32 i, u64 pa, u32 len, u16 flags, u16 next)
{
    u8 *d = at(b, DESC + i * 16);
    put_le(d, pa, 8);
    put_le(d + 8, len, 4);
    put_le(d + 12, flags, 2);
    put_le(d + 14, next, 2);
}

static void header(struct board *b, u32 type, u64 sector)
{
    put_le(at(b, HEADER), type, 4);
    put_le(at(b, HEADER + 8), sector, 8);
}

/* Offers the chain at `head` and rings. */
static void offer(struct board *b, u16 head)
{
    u64 num = b->v.num ? b->v.num : 1;
    put_le(at(b, AVAIL + 4 + b->avail % num * 2), head, 2);
    b->avail++;
    put_le(at(b, AVAIL + 2), b->avail, 2);
    reg(b, 0x50, 0);
}

static void finish(struct board *b)
{
    for (int i = 0; b->q.at[EV_DISK0] != NEVER; i++) {
        assert_true(i < 100000);
        assert_true(b->q.at[EV_DISK0] > b->now);
        b->now = b->q.at[EV_DISK0];
        virtio_event(&b->v, b->now);
    }
}

/* One request with n bytes of data at DATA; the status byte it got. */
static u8 request(struct board *b, u32 type, u64 sector, u32 n)
{
    u16 dir = type == 1 ? 0 : WRITE;
    header(b, type, sector);
    desc(b, 0, HEADER, 16, NEXT, n ? 1 : 2);
    desc(b, 1, DATA, n, NEXT | dir, 2);
    desc(b, 2, STATUS, 1, WRITE, 0);
    *at(b, STATUS) = 0xee;
    offer(b, 0);
    assert_int_equal(*at(b, STATUS), 0xee); /* later, not at once */
    finish(b);
    return *at(b, STATUS);
}

static void registers(void **state)
{
    (void)state;
    struct board b;
    u64 v;
    power_on(&b, false);
    assert_int_equal(get(&b, 0), 0x74726976);
    assert_int_equal(get(&b, 4), 2);
    assert_int_equal(get(&b, 8), 2);
    assert_int_equal(get(&b, 12), 0x554d4551);
    reg(&b, 0x14, 1);
    assert_int_equal(get(&b, 0x10), 1); /* VERSION_1 */
    reg(&b, 0x14, 0);
    assert_int_equal(get(&b, 0x10), 1 << 2 | 1 << 6 | 1 << 9);
    assert_int_equal(get(&b, 0x34), VQ_MAX);
    reg(&b, 0x30, 1);
    assert_int_equal(get(&b, 0x34), 0);
    assert_int_equal(get(&b, 0x100), SECTORS);
    assert_true(virtio_read(&b.v, 0x100, 8, &v));
    assert_int_equal(v, SECTORS);
    assert_true(virtio_read(&b.v, 0x115, 1, &v));
    assert_int_equal(v, 2); /* blk_size 512, second byte */
    assert_false(virtio_read(&b.v, 0, 1, &v));
    assert_false(virtio_read(&b.v, 0, 8, &v));
    /* A feature that was not offered is not accepted. */
    reg(&b, 0x24, 0);
    reg(&b, 0x20, 1 << 13);
    reg(&b, 0x70, 0xb);
    assert_int_equal(get(&b, 0x70), 3);
    reg(&b, 0x70, 0);
    reg(&b, 0x24, 1);
    reg(&b, 0x20, 1);
    reg(&b, 0x70, 0xb);
    assert_int_equal(get(&b, 0x70), 0xb);
    power_off(&b);
}

static void transfers(void **state)
{
    (void)state;
    struct board b;
    power_on(&b, false);
    set_up_queue(&b, 8);
    for (unsigned i = 0; i < 1024; i++)
        at(&b, DATA)[i] = (u8)(i * 7 + 1);
    assert_int_equal(request(&b, 1, 5, 1024), 0);
    assert_int_equal(get(&b, 0x60), 1);
    assert_true(b.plic.level[0] >> 1 & 1);
    reg(&b, 0x64, 1);
    assert_false(b.plic.level[0] >> 1 & 1);
    memset(at(&b, DATA), 0, 4096);
    assert_int_equal(request(&b, 0, 6, 512), 0);
    for (unsigned i = 0; i < 512; i++)
        assert_int_equal(at(&b, DATA)[i], (u8)((i + 512) * 7 + 1));
    assert_int_equal(at(&b, DATA)[512], 0);
    /* used ring: two entries, ids 0, lengths status / data + status */
    assert_int_equal(get_le(at(&b, USED + 2), 2), 2);
    assert_int_equal(get_le(at(&b, USED + 8), 4), 1);
    assert_int_equal(get_le(at(&b, USED + 16), 4), 513);
    assert_int_equal(request(&b, 4, 0, 0), 0);
    assert_int_equal(request(&b, 8, 0, 20), 0);
    assert_memory_equal(at(&b, DATA), "clockhand0", 10);
    assert_int_equal(request(&b, 99, 0, 0), 2);
    assert_int_equal(request(&b, 0, SECTORS - 1, 1024), 1); /* past the end */
    assert_int_equal(request(&b, 0, ~0ull, 512), 1);
    assert_int_equal(request(&b, 1, ~0ull - 1, 1024), 1);
    assert_int_equal(request(&b, 0, 0, 100), 1); /* not whole sectors */
    assert_int_equal(get(&b, 0x70), 7);
    power_off(&b);
    power_on(&b, true);
    set_up_queue(&b, 8);
    reg(&b, 0x14, 0);
    assert_true(get(&b, 0x10) & 1 << 5);
    assert_int_equal(request(&b, 1, 5, 512), 1);
    assert_int_equal(request(&b, 0, 5, 512), 0);
    power_off(&b);
}

/* A write's bytes are those of the moment it was presented. */
static void captured_early(void **state)
{
    (void)state;
    struct board b;
    power_on(&b, false);
    set_up_queue(&b, 8);
    memset(at(&b, DATA), 'a', 512);
    header(&b, 1, 3);
    desc(&b, 0, HEADER, 16, NEXT, 1);
    desc(&b, 1, DATA, 512, NEXT, 2);
    desc(&b, 2, STATUS, 1, WRITE, 0);
    offer(&b, 0);
    memset(at(&b, DATA), 'b', 512);
    finish(&b);
    assert_int_equal(request(&b, 0, 3, 512), 0);
    assert_int_equal(at(&b, DATA)[0], 'a');
    power_off(&b);
}

static void expect_broken(struct board *b)
{
    assert_true(get(b, 0x70) & 0x40);
    assert_int_equal(get(b, 0x60) & 2, 2);
    finish(b);
    offer(b, 0); /* stopped until reset */
    assert_int_equal(b->v.count, 0);
    reg(b, 0x70, 0);
    assert_int_equal(get(b, 0x70), 0);
    set_up_queue(b, 8);
    memset(at(b, USED), 0, 64);
    assert_int_equal(request(b, 0, 0, 512), 0);
}

static void bad_chains(void **state)
{
    (void)state;
    static const struct bad {
        u64 pa;
        u32 len;
        u16 flags, next;
    } second[] = {
        {DATA, 512, NEXT | WRITE, 1}, /* a loop */
        {DATA, 512, NEXT | WRITE, 8}, /* outside the table */
        {DATA, 512, NEXT | WRITE, 65535},
        {RAM_BASE - 512, 512, NEXT | WRITE, 2}, /* below RAM */
        {RAM_BASE + RAM - 511, 512, NEXT | WRITE, 2},
        {~0ull - 100, 512, NEXT | WRITE, 2}, /* wraps */
        {DATA, 0xffffffff, NEXT | WRITE, 2},
        {DATA, 0, NEXT | WRITE, 2},         /* nothing */
        {DATA, 16, WRITE | 4, 2},           /* indirect, not offered */
        {DATA, 512, NEXT, 2},               /* a read into const */
        {DATA, 512, 0, 0},                  /* no status byte */
        {0x10000000, 512, NEXT | WRITE, 2}, /* a device */
    };
    struct board b;
    power_on(&b, false);
    for (unsigned i = 0; i < ARRAY_LEN(second); i++) {
        const struct bad *s = &second[i];
        virtio_reset(&b.v);
        set_up_queue(&b, 8);
        header(&b, 0, 0);
        desc(&b, 0, HEADER, 16, NEXT, 1);
        desc(&b, 1, s->pa, s->len, s->flags, s->next);
        desc(&b, 2, STATUS, 1, WRITE, 0);
        offer(&b, 0);
        expect_broken(&b);
    }
    virtio_reset(&b.v); /* a head outside the table */
    set_up_queue(&b, 8);
    offer(&b, 8);
    expect_broken(&b);
    virtio_reset(&b.v); /* more available than there is room for */
    set_up_queue(&b, 8);
    b.avail = 100;
    offer(&b, 0);
    expect_broken(&b);
    virtio_reset(&b.v); /* a ring outside RAM */
    reg(&b, 0x38, 8);
    reg(&b, 0x80, 0x1000);
    reg(&b, 0x44, 1);
    reg(&b, 0x70, 7);
    reg(&b, 0x50, 0);
    assert_true(get(&b, 0x70) & 0x40);
    virtio_reset(&b.v); /* sizes that are no sizes */
    for (unsigned n = 0; n < 300; n++) {
        reg(&b, 0x70, 0);
        reg(&b, 0x38, n);
        reg(&b, 0x44, 1);
        bool good = n && n <= VQ_MAX && !(n & (n - 1));
        assert_int_equal(get(&b, 0x44), good);
    }
    power_off(&b);
}

/* Headers, data and status cut up in any way mean the same (2.6.4). */
static void any_layout(void **state)
{
    (void)state;
    struct board b;
    power_on(&b, false);
    set_up_queue(&b, 8);
    memset(at(&b, DATA), 'x', 512);
    assert_int_equal(request(&b, 1, 9, 512), 0);
    memset(at(&b, DATA), 0, 1024);
    header(&b, 0, 9);
    desc(&b, 0, HEADER, 3, NEXT, 1);
    desc(&b, 1, HEADER + 3, 13, NEXT, 5);
    desc(&b, 5, DATA, 500, NEXT | WRITE, 6);
    desc(&b, 6, DATA + 600, 13, WRITE, 0); /* 12 of data, 1 of status */
    offer(&b, 0);
    finish(&b);
    assert_int_equal(get(&b, 0x70), 7);
    for (unsigned i = 0; i < 500; i++)
        assert_int_equal(at(&b, DATA)[i], 'x');
    for (unsigned i = 600; i < 612; i++)
        assert_int_equal(at(&b, DATA)[i], 'x');
    assert_int_equal(at(&b, DATA)[612], 0); /* the status: ok */
    power_off(&b);
}

/* Many in flight: saved half way, loaded elsewhere, completed alike. */
static void saved_in_flight(void **state)
{
    (void)state;
    struct board a, c;
    char file[] = "/tmp/clockhand-virtio-XXXXXX", h1[33], h2[33];
    close(mkstemp(file));
    power_on(&a, false);
    set_up_queue(&a, 16);
    for (u16 i = 0; i < 5; i++) {
        u64 h = HEADER + i * 16;
        put_le(at(&a, h), i & 1, 4);
        put_le(at(&a, h + 8), i * 100, 8);
        desc(&a, i * 3, h, 16, NEXT, (u16)(i * 3 + 1));
        desc(&a, i * 3 + 1, DATA + i * 512u, 512, NEXT | (i & 1 ? 0 : WRITE),
             (u16)(i * 3 + 2));
        desc(&a, i * 3 + 2, STATUS + i, 1, WRITE, 0);
        memset(at(&a, DATA + i * 512u), 'a' + i, 512);
        offer(&a, (u16)(i * 3));
    }
    assert_int_equal(a.v.count, 5);
    a.now = a.q.at[EV_DISK0];
    virtio_event(&a.v, a.now);
    power_on(&c, false);
    struct board *both[] = {&a, &c};
    for (int k = 0; k < 2; k++) {
        struct state *s = k ? state_loader(file) : state_saver(file);
        virtio_state(&both[k]->v, s);
        backing_state(&both[k]->disk, s);
        state_bytes(s, both[k]->ram, RAM);
        events_state(&both[k]->q, s);
        assert_true(k ? state_load_finish(s) : state_save_finish(s));
    }
    assert_int_equal(c.v.count, a.v.count);
    assert_int_equal(c.v.captured, a.v.captured);
    c.now = a.now;
    for (int k = 0; k < 2; k++) {
        finish(both[k]);
        struct state *s = state_hasher();
        virtio_state(&both[k]->v, s);
        backing_state(&both[k]->disk, s);
        state_bytes(s, both[k]->ram, RAM);
        state_hash_finish(s, k ? h2 : h1);
    }
    assert_string_equal(h1, h2);
    assert_int_equal(a.now, c.now);
    assert_int_equal(a.disk.page[100 * 512 / 4096][100 * 512 % 4096], 'b');
    unlink(file);
    power_off(&a);
    power_off(&c);
}

/* A driver that writes anything anywhere: registers, rings, descriptors. */
static void random_driver(void **state)
{
    (void)state;
    struct board b;
    u64 rng = 2026;
    unsigned served = 0, broken = 0;
    power_on(&b, false);
    for (int round = 0; round < 60000; round++) {
        if (round % 200 == 0) {
            for (unsigned i = 0; i < RAM; i += 8)
                put_le(b.ram + i, rand_step(&rng), 8);
            virtio_reset(&b.v);
            set_up_queue(&b, 1u << rand_step(&rng) % 8);
        }
        for (u32 i = 0; i < 4; i++) { /* mostly sane descriptors */
            u64 r = rand_step(&rng);
            u64 pa = RAM_BASE + rand_step(&rng) % (RAM + 64);
            u32 len = (u32[]){1, 16, 512, 4096}[r & 3];
            desc(&b, (u32)(rand_step(&rng) % 16), r % 64 ? pa : r,
                 r >> 8 & 31 ? len : (u32)(r >> 32), (u16)(r >> 13 & 3),
                 (u16)(r >> 20 & (r >> 50 & 15 ? 15 : 0xffff)));
        }
        header(&b, (u32)(rand_step(&rng) % 5), rand_step(&rng) % 1010);
        desc(&b, 0, HEADER, 16, NEXT, (u16)(rand_step(&rng) % 16));
        switch (rand_step(&rng) % 40) {
        case 0:
            reg(&b, rand_step(&rng) % 0x40 * 4, rand_step(&rng));
            break;
        case 1:
            get(&b, rand_step(&rng) % 0x80 * 4);
            break;
        case 2:
            reg(&b, 0x50, 0);
            break;
        default:
            offer(&b, rand_step(&rng) % 8 ? 0 : (u16)rand_step(&rng));
        }
        assert_true(b.v.count <= VQ_MAX && b.v.captured <= RAM);
        if (rand_step(&rng) % 3 == 0 && b.q.at[EV_DISK0] != NEVER) {
            b.now = b.q.at[EV_DISK0];
            served += b.v.count;
            virtio_event(&b.v, b.now);
        }
        if (b.v.status & 0x40) {
            broken++;
            virtio_reset(&b.v);
            set_up_queue(&b, 16);
        }
    }
    assert_true(served > 100 && broken > 100); /* both kinds happened */
    power_off(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(registers),      cmocka_unit_test(transfers),
        cmocka_unit_test(captured_early), cmocka_unit_test(bad_chains),
        cmocka_unit_test(any_layout),     cmocka_unit_test(saved_in_flight),
        cmocka_unit_test(random_driver),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
