/* SPDX-License-Identifier: MIT */
// rooms: base isa hart dev mmu time
/* Tests virtio-blk in both transports: registers, requests, the write cache.
 * For bad drivers see test_dev_virtio_hostile.c. */
#include "unit.h"
#include "virtio_board.h"

#define LOW_FEATURES 0x30006e54u /* as QEMU 7.2, see tests/machine */

TEST(registers)
{
    BOARD(b, MODERN);
    u64 v;
    assert_int_equal(get(&b, VIRTIO_MMIO_MAGIC_VALUE), 0x74726976);
    assert_int_equal(get(&b, VIRTIO_MMIO_VERSION), 2);
    assert_int_equal(get(&b, VIRTIO_MMIO_DEVICE_ID), 2);
    assert_int_equal(get(&b, VIRTIO_MMIO_VENDOR_ID), 0x554d4551);
    reg(&b, VIRTIO_MMIO_DEVICE_FEATURES_SEL, 1);
    assert_int_equal(get(&b, VIRTIO_MMIO_DEVICE_FEATURES),
                     0x101); /* VERSION_1, RING_RESET */
    reg(&b, VIRTIO_MMIO_DEVICE_FEATURES_SEL, 2);
    assert_int_equal(get(&b, VIRTIO_MMIO_DEVICE_FEATURES), 0);
    reg(&b, VIRTIO_MMIO_DEVICE_FEATURES_SEL, 0);
    assert_int_equal(get(&b, VIRTIO_MMIO_DEVICE_FEATURES), LOW_FEATURES);
    assert_int_equal(get(&b, VIRTIO_MMIO_QUEUE_NUM_MAX), 1024);
    reg(&b, VIRTIO_MMIO_QUEUE_SEL, 1);
    assert_int_equal(get(&b, VIRTIO_MMIO_QUEUE_NUM_MAX), 0);
    assert_int_equal(get(&b, 0x100), SECTORS);
    assert_true(virtio_read(&b.v, 0x100, 8, &v));
    assert_int_equal(v, SECTORS);
    assert_true(virtio_read(&b.v, 0x115, 1, &v));
    assert_int_equal(v, 2); /* blk_size 512, second byte */
    assert_int_equal(get(&b, VIRTIO_MMIO_SHM_LEN_LOW), 0xffffffff);
    power_off(&b);
    power_on(&b, LEGACY);
    assert_int_equal(get(&b, VIRTIO_MMIO_VERSION), 1);
    assert_int_equal(get(&b, VIRTIO_MMIO_DEVICE_FEATURES),
                     LOW_FEATURES | 1 << 24 | 1 << 7);
    reg(&b, VIRTIO_MMIO_DEVICE_FEATURES_SEL, 1);
    assert_int_equal(get(&b, VIRTIO_MMIO_DEVICE_FEATURES), 0);
}

/* Aligned accesses of all widths act as in QEMU; beyond 0x200 they fault. */
TEST(registers_of_all_widths)
{
    u64 v, low, high;
    for (int kind = MODERN; kind <= LEGACY; kind += LEGACY) {
        BOARD(b, kind);
        for (u64 off = 0; off < 0x1000; off++)
            for (unsigned n = 1; n <= 8; n *= 2) {
                if (off % n)
                    continue;
                assert_int_equal(virtio_read(&b.v, off, n, &v),
                                 off + n <= 0x200);
                if (off < 0x100 && n < 4)
                    assert_int_equal(v, 0);
                else if (off >= 0x100 + 57 && off + n <= 0x200)
                    assert_int_equal(v, ~0ull >> (64 - n * 8));
                if (n == 8 && off + n <= 0x200) {
                    virtio_read(&b.v, off, 4, &low);
                    virtio_read(&b.v, off + 4, 4, &high);
                    assert_int_equal(v, low | high << 32);
                }
                assert_int_equal(virtio_write(&b.v, off, n, 0, 0),
                                 off + n <= 0x200);
            }
        assert_true(virtio_write(&b.v, VIRTIO_MMIO_STATUS, 1, 0, 1));
        assert_true(virtio_write(&b.v, VIRTIO_MMIO_STATUS, 2, 0, 1));
        assert_int_equal(get(&b, VIRTIO_MMIO_STATUS), 0);
        assert_true(virtio_write(&b.v, VIRTIO_MMIO_STATUS, 8, 0, 1));
        assert_int_equal(get(&b, VIRTIO_MMIO_STATUS), 1);
    }
}

TEST(configuration)
{
    static const u8 qemu[57] = {
        0xe8, 3,   0,  0,  0,   0,   0,  0, /* capacity */
        0,    0,   0,  0,  254, 0,   0,  0, /* size_max, seg_max */
        2,    0,   16, 63, 0,   2,   0,  0, /* geometry, blk_size */
        0,    0,   0,  0,  0,   0,   0,  0, /* topology */
        1,    0,   1,  0,  255, 255, 63, 0, /* writeback, queues, max discard */
        1,    0,   0,  0,  1,   0,   0,  0, /* discard segments, alignment */
        255,  255, 63, 0,  1,   0,   0,  0, /* max write zeroes, its segments */
        1};                                 /* may unmap */
    BOARD(b, MODERN);
    u64 v;
    for (unsigned i = 0; i < sizeof(qemu); i++) {
        assert_true(virtio_read(&b.v, 0x100 + i, 1, &v));
        assert_int_equal(v, qemu[i]);
    }
    assert_int_equal(get(&b, VIRTIO_MMIO_CONFIG_GENERATION), 0);
}

TEST(features)
{
    READY(b, MODERN, F_VERSION_1 | F_FLUSH);
    assert_int_equal(get(&b, VIRTIO_MMIO_STATUS), 0xf);
    reg(&b, VIRTIO_MMIO_DRIVER_FEATURES_SEL,
        0); /* too late: the features are fixed */
    reg(&b, VIRTIO_MMIO_DRIVER_FEATURES, LOW_FEATURES);
    reg(&b, VIRTIO_MMIO_STATUS, 3);
    reg(&b, VIRTIO_MMIO_STATUS, 0xf);
    assert_int_equal(b.v.features, F_VERSION_1 | F_FLUSH);
    reg(&b, VIRTIO_MMIO_STATUS,
        0); /* a feature that is not offered; then one that is */
    reg(&b, VIRTIO_MMIO_DRIVER_FEATURES, 1 << 12);
    reg(&b, VIRTIO_MMIO_STATUS, 0xb);
    assert_int_equal(get(&b, VIRTIO_MMIO_STATUS), 3);
    reg(&b, VIRTIO_MMIO_DRIVER_FEATURES, 1 << 9);
    reg(&b, VIRTIO_MMIO_STATUS, 0xb);
    assert_int_equal(get(&b, VIRTIO_MMIO_STATUS), 0xb);
    /* A driver that does not accept VERSION_1, such as xv6's. */
    set_up(&b, 8, 0);
    assert_int_equal(request(&b, T_IN, 0, 512), 0);
    reg(&b, VIRTIO_MMIO_STATUS, 0); /* without FEATURES_OK: no features */
    reg(&b, VIRTIO_MMIO_DRIVER_FEATURES, 1 << 9);
    reg(&b, VIRTIO_MMIO_STATUS, 7);
    assert_int_equal(b.v.features, 0);
    reg(&b, VIRTIO_MMIO_STATUS, 0xf); /* too late */
    assert_int_equal(b.v.features, 0);
    power_off(&b);
    power_on(&b, LEGACY); /* each write sets the features, until DRIVER_OK */
    reg(&b, VIRTIO_MMIO_DRIVER_FEATURES, ~0u);
    assert_int_equal(b.v.features, LOW_FEATURES | 1 << 24 | 1 << 7);
    reg(&b, VIRTIO_MMIO_DRIVER_FEATURES, 1 << 9);
    reg(&b, VIRTIO_MMIO_STATUS, 7);
    reg(&b, VIRTIO_MMIO_DRIVER_FEATURES, LOW_FEATURES);
    assert_int_equal(b.v.features, F_FLUSH);
}

static void all_requests(struct board *b)
{
    for (unsigned i = 0; i < 1024; i++)
        at(b, DATA)[i] = (u8)(i * 7 + 1);
    assert_int_equal(request(b, T_OUT, 5, 1024), 0);
    assert_int_equal(used_len(b), 1);
    assert_int_equal(get(b, VIRTIO_MMIO_INTERRUPT_STATUS), 1);
    assert_true(b->plic.level[0] >> 1 & 1);
    reg(b, VIRTIO_MMIO_INTERRUPT_ACK, 1);
    assert_false(b->plic.level[0] >> 1 & 1);
    memset(at(b, DATA), 0, 4096);
    assert_int_equal(request(b, T_IN, 6, 512), 0);
    assert_int_equal(used_len(b), 513);
    for (unsigned i = 0; i < 512; i++)
        assert_int_equal(at(b, DATA)[i], (u8)((i + 512) * 7 + 1));
    assert_int_equal(at(b, DATA)[512], 0);
    assert_int_equal(request(b, T_FLUSH, 0, 0), 0);
    memset(at(b, DATA), 0xff, 64);
    assert_int_equal(request(b, T_GET_ID, 0, 20), 0);
    assert_memory_equal(at(b, DATA), "clockhand0\0\0\0\0\0\0\0\0\0", 20);
    assert_int_equal(used_len(b), 21);
    assert_int_equal(request(b, T_GET_ID, 0, 30), 0);
    assert_int_equal(at(b, DATA)[20], 0xff);
    assert_int_equal(used_len(b), 20); /* without the gap and the status */
    assert_int_equal(request(b, 99, 0, 0), 2);
    assert_int_equal(request(b, 10, 0, 0), 2); /* DISCARD sent as a read */
    assert_int_equal(request(b, 12, 0, 0), 2);
    assert_int_equal(request(b, 2, 0, 512), 2);               /* SCSI */
    assert_int_equal(request(b, 1u << 31, 6, 512), 0);        /* BARRIER */
    assert_int_equal(request(b, T_IN, SECTORS - 1, 1024), 1); /* past the end */
    assert_int_equal(used_len(b), 0);
    assert_int_equal(request(b, T_IN, ~0ull, 512), 1);
    assert_int_equal(request(b, T_OUT, ~0ull - 1, 1024), 1);
    assert_int_equal(request(b, T_IN, 0, 100), 1); /* not whole sectors */
    assert_int_equal(request(b, T_IN, 0, 0), 0);   /* no data */
    assert_int_equal(request(b, T_OUT, SECTORS, 0), 0);
    assert_int_equal(request(b, T_OUT, SECTORS + 1, 0), 1);
    assert_int_equal(get(b, VIRTIO_MMIO_STATUS) & STATUS_NEEDS_RESET, 0);
}

TEST(transfers)
{
    struct board b;
    for (int kind = MODERN; kind <= LEGACY; kind += LEGACY) {
        power_on(&b, kind);
        set_up(&b, 8, kind ? 0 : F_VERSION_1);
        all_requests(&b);
        power_off(&b);
    }
    power_on(&b, READONLY);
    set_up(&b, 8, F_VERSION_1 | F_RO);
    reg(&b, VIRTIO_MMIO_DEVICE_FEATURES_SEL, 0);
    assert_int_equal(get(&b, VIRTIO_MMIO_DEVICE_FEATURES),
                     LOW_FEATURES | 1 << 5);
    assert_int_equal(request(&b, T_OUT, 5, 512), 1);
    assert_int_equal(request(&b, T_OUT, 5, 0), 1);
    assert_int_equal(range_request(&b, T_DISCARD, 5, 1, 0), 1);
    assert_int_equal(range_request(&b, T_WRITE_ZEROES, 5, 1, 0), 1);
    assert_int_equal(request(&b, T_IN, 5, 512), 0);
    assert_int_equal(request(&b, T_FLUSH, 0, 0), 0);
    power_off(&b);
}

static void fill(struct board *b, u64 sector, u32 n, u8 byte)
{
    for (u32 i = 0; i < n; i++) {
        memset(at(b, DATA), byte, 512);
        assert_int_equal(request(b, T_OUT, sector + i, 512), 0);
    }
}

static u8 first_byte(struct board *b, u64 sector)
{
    *at(b, DATA) = 0xcc;
    assert_int_equal(request(b, T_IN, sector, 512), 0);
    return *at(b, DATA);
}

/* Flags, limits, segments are checked (5.2.6.2); discarded pages are freed. */
TEST(discard_and_write_zeroes)
{
    READY(b, MODERN, F_VERSION_1 | F_DISCARD | F_WRITE_ZEROES);
    fill(&b, 8, 24, 'a');
    assert_non_null(b.disk.page[1]);
    assert_int_equal(range_request(&b, T_DISCARD, 8, 8, 0), 0);
    assert_null(b.disk.page[1]);
    assert_int_equal(first_byte(&b, 8), 0);
    assert_int_equal(first_byte(&b, 16), 'a');
    assert_int_equal(range_request(&b, T_WRITE_ZEROES, 16, 2, 0), 0);
    assert_int_equal(first_byte(&b, 17), 0);
    assert_int_equal(first_byte(&b, 18), 'a');
    assert_int_equal(range_request(&b, T_WRITE_ZEROES, 18, 9, 1), 0);
    assert_int_equal(first_byte(&b, 26), 0);
    assert_int_equal(first_byte(&b, 27), 'a');
    assert_int_equal(range_request(&b, T_DISCARD, 27, 0, 0), 0); /* empty */
    assert_int_equal(first_byte(&b, 27), 'a');
    assert_int_equal(range_request(&b, T_DISCARD, 0, SECTORS, 0), 0);
    assert_int_equal(first_byte(&b, 31), 0);
    struct disk_stats s = disk_stats(b.model);
    assert_int_equal(s.discards, 2);
    assert_int_equal(s.discard_bytes, (8 + SECTORS) * 512);
    for (u32 type = T_DISCARD; type <= T_WRITE_ZEROES; type += 2) {
        bool zero = type == T_WRITE_ZEROES;
        assert_int_equal(range_request(&b, type, 1, 1, 1), zero ? 0 : 2);
        assert_int_equal(range_request(&b, type, 1, 1, 2), 2);
        assert_int_equal(range_request(&b, type, 1, 1, 1u << 31), 2);
        assert_int_equal(range_request(&b, type, SECTORS, 1, 0), 1);
        assert_int_equal(range_request(&b, type, SECTORS, 1, 2), 2);
        assert_int_equal(range_request(&b, type, 0, SECTORS + 1, 0), 1);
        assert_int_equal(range_request(&b, type, ~0ull, 2, 0), 1);
        assert_int_equal(range_request(&b, type, 0, ~0u, 0), 1);
        assert_int_equal(request(&b, type, 0, 32), 2); /* two segments */
    }
    assert_int_equal(get(&b, VIRTIO_MMIO_STATUS), 0xf);
}

/* 5.2.5.2: for a driver that cannot flush, the cache is write-through. */
TEST(write_cache)
{
    static const struct {
        u64 features;
        bool writeback;
    } rows[] = {{0, false},
                {F_FLUSH, true},
                {F_CONFIG_WCE, false},
                {F_FLUSH | F_CONFIG_WCE, true}};
    u64 v;
    for (int kind = MODERN; kind <= LEGACY; kind += LEGACY) {
        BOARD(b, kind);
        for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
            set_up(&b, 8, rows[i].features);
            virtio_read(&b.v, 0x120, 1, &v);
            assert_int_equal(v, rows[i].writeback);
            for (unsigned on = 0; on < 4; on++) {
                virtio_write(&b.v, on & 2 ? 0x11c : 0x120, on & 2 ? 8 : 1, 0,
                             (u64)(on & 1) << (on & 2 ? 32 : 0));
                virtio_read(&b.v, 0x120, 1, &v);
                assert_int_equal(v, rows[i].features & F_CONFIG_WCE
                                        ? on & 1
                                        : rows[i].writeback);
            }
            virtio_write(&b.v, 0x120, 1, 0, 0x80); /* non-zero sets the flag */
            virtio_write(&b.v, 0x121, 1, 0, 0);    /* beside it */
            virtio_write(&b.v, 0x100, 8, 0, 0);    /* the capacity stays */
            virtio_read(&b.v, 0x120, 1, &v);
            assert_int_equal(
                v, rows[i].features & F_CONFIG_WCE ? 1 : rows[i].writeback);
            assert_int_equal(get(&b, 0x100), SECTORS);
        }
    }
}

/* In write-through mode a write reaches the host's disk before its status is
 * given. So the write fails if the host cannot flush, as on a pipe. */
TEST(write_through_flushes)
{
    BOARD(b, MODERN);
    char file[] = "/tmp/clockhand-virtio-XXXXXX";
    int fd = mkstemp(file), pipe_fd[2];
    assert_int_equal(ftruncate(fd, SECTORS * 512), 0);
    close(fd);
    backing_close(&b.disk);
    backing_open_file(&b.disk, file, false, false);
    set_up(&b, 8, F_FLUSH | F_CONFIG_WCE);
    assert_int_equal(request(&b, T_OUT, 3, 512), 0);
    assert_int_equal(pipe(pipe_fd), 0); /* takes writes, no fdatasync */
    assert_int_equal(range_request(&b, T_WRITE_ZEROES, 3, 1, 0), 0);
    fd = b.disk.fd;
    b.disk.fd = pipe_fd[1];
    assert_int_equal(request(&b, T_FLUSH, 0, 0), 1);
    assert_int_equal(request(&b, T_OUT, 3, 0), 0);
    virtio_write(&b.v, 0x120, 1, 0, 0);
    assert_int_equal(request(&b, T_OUT, 3, 0), 1);
    b.disk.fd = fd;
    assert_int_equal(request(&b, T_OUT, 3, 512), 0);
    close(pipe_fd[0]);
    close(pipe_fd[1]);
    unlink(file);
}

/* A write takes its bytes from RAM when the driver notifies the device. */
TEST(captured_early)
{
    READY(b, MODERN, 0);
    memset(at(&b, DATA), 'a', 512);
    chain(&b, T_OUT, 3, 512);
    offer(&b, 0);
    memset(at(&b, DATA), 'b', 512);
    finish(&b);
    assert_int_equal(first_byte(&b, 3), 'a');
}
