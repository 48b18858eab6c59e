/* SPDX-License-Identifier: MIT */
// rooms: base isa hart dev mmu time
/* A driver that writes anything anywhere - registers, rings, descriptors,
 * tables - mostly nearly right, in both transports. */
#include "unit.h"
#include "virtio_board.h"

#define ALL                                                                    \
    (F_VERSION_1 | F_INDIRECT_DESC | F_EVENT_IDX | F_FLUSH | F_CONFIG_WCE |    \
     F_DISCARD | F_WRITE_ZEROES)

static u64 rng = 2026;

static u64 any(u64 n)
{
    return rand_step(&rng) % n;
}

/* A descriptor that is probably sound. */
static void nearly_right(struct board *b, u64 table, u32 i, u16 limit)
{
    static const u32 sizes[] = {1, 16, 512, 4096};
    u64 r = rand_step(&rng), pa = RAM_BASE + any(RAM + 64);
    u16 flags = (u16)(r >> 13 & 3);
    if ((r >> 40 & 31) == 0)
        flags |= D_INDIRECT;
    desc_at(b, table, i, r % 64 ? pa : r,
            r >> 8 & 31 ? sizes[r & 3] : (u32)(r >> 32), flags,
            (u16)(r >> 20 & (r >> 50 & 15 ? limit - 1u : 0xffff)));
}

static void new_driver(struct board *b)
{
    for (unsigned i = 0; i < RAM; i += 8)
        put_le(b->ram + i, rand_step(&rng), 8);
    virtio_reset(&b->v);
    set_up(b, 1u << any(7), ALL & rand_step(&rng));
}

static void step(struct board *b)
{
    static const u8 types[] = {0, 1, 4, 8, 11, 13, 2, 12};
    for (u32 i = 0; i < 4; i++)
        nearly_right(b, DESC, (u32)any(16), 16);
    for (u32 i = 0; i < 2; i++)
        nearly_right(b, TABLE, (u32)any(8), 8);
    header(b, types[any(8)], any(1010));
    desc(b, 0, HEADER, 16, D_NEXT, (u16)any(16));
    desc_at(b, TABLE, 0, HEADER, 16, D_NEXT, (u16)any(8));
    desc(b, 1, TABLE, (u32)any(9) * 16, D_INDIRECT, 0);
    switch (any(40)) {
    case 0:
        reg(b, any(0x40) * 4, rand_step(&rng));
        break;
    case 1:
        get(b, any(0x80) * 4);
        break;
    case 2:
        ring_bell(b);
        break;
    case 3:
        virtio_write(&b->v, 0x100 + any(64), 1, b->now, any(2));
        break;
    default:
        if (b->v.q.ready)
            offer(b, any(8) ? (u16)any(2) : (u16)rand_step(&rng));
    }
}

static void random_driver(int kind)
{
    struct board b;
    unsigned served = 0, broken = 0, indirect = 0;
    power_on(&b, kind);
    for (int round = 0; round < 40000; round++) {
        if (round % 200 == 0)
            new_driver(&b);
        step(&b);
        assert_true(b.v.count <= VQ_MAX && b.captured <= RAM);
        if (any(3) == 0 && b.q.at[EV_DISK0] != NEVER) {
            b.now = b.q.at[EV_DISK0];
            served += b.v.count;
            indirect += b.v.features & F_INDIRECT_DESC ? b.v.count : 0;
            virtio_event(&b.v, b.now);
        }
        if (b.v.status & STATUS_NEEDS_RESET) {
            broken++;
            virtio_reset(&b.v);
            set_up(&b, 16, ALL & rand_step(&rng));
        }
    }
    print_message("%u served, %u of them with tables allowed, %u broken\n",
                  served, indirect, broken);
    assert_true(served > 1000 && indirect > 300 && broken > 1000);
    power_off(&b);
}

TEST(random_driver_of_version_2)
{
    random_driver(MODERN);
}

TEST(random_driver_of_version_1)
{
    random_driver(LEGACY);
}
