/* SPDX-License-Identifier: MIT */
// rooms: base isa hart dev mmu time
/* Tests which bytes a power cut leaves on a disk with a write cache, also after
 * failed requests. */
#include <ctype.h>

#include "unit.h"
#include "virtio_board.h"

#define SEEDS 60u
#define WCE   0x120
#define CACHE (F_FLUSH | F_CONFIG_WCE)

/* Steps: "b48" writes the letter b to 8 sectors from sector 4 on (hexadecimal
 * digits); the write of a capital letter is still in flight at the next step.
 * '.' writes zeros; F flushes; T switches to write-through. left: for each
 * sector, all letters that some seed leaves; '.' is zero. */
static const struct {
    const char *steps, *left;
    u64 features, room; /* room: sectors in the cache */
    const char *fault;
} rows[] = {
    {"a0cFb48", "a a a a ab ab ab ab ab ab ab ab ", CACHE, 64, NULL},
    /* Of the writes that survive, the newest counts. */
    {"a0cFb48c84", "a a a a ab ab ab ab abc abc abc abc ", CACHE, 64, NULL},
    {"a04F.04", ".a .a .a .a ", CACHE, 64, NULL},
    /* A write is in flight at the cut, or when a flush is sent. */
    {"A01", ".a ", CACHE, 64, NULL},
    {"A01", ".a ", 0, 64, NULL},
    {"A01F", ".a ", CACHE, 64, NULL},
    /* Write-through; a switch to it does not make older writes durable, but
     * the next write does. */
    {"a04", "a a a a ", 0, 64, NULL},
    {"A04T", ".a .a .a .a ", CACHE, 64, NULL},
    {"A04Tb11", "a b a a ", CACHE, 64, NULL},
    /* In two rows the writes exceed the cache; in two more, requests fail. */
    {"a04b44c44", "a a a a bc bc bc bc ", CACHE, 4, NULL},
    {"a01b16", "a b b .b .b .b .b ", CACHE, 4, NULL},
    {"a04F", ".a .a .a .a ", CACHE, 64, "flush"},
    {"a04.22b02c01", "c a a a ", 0, 64, "write:1-2#2-3"},
};

static void take_step(struct board *b, const char *p)
{
    unsigned first, n;
    u64 failed = b->v.faults.failed;
    if (*p == 'T') {
        virtio_write(&b->v, WCE, 1, b->now, 0);
    } else if (*p == 'F') { /* even while a write is in flight */
        put_le(at(b, TABLE), T_FLUSH, 4);
        desc(b, 3, TABLE, 16, D_NEXT, 4);
        desc(b, 4, STATUS, 1, D_WRITE, 0);
        offer(b, 3);
    } else {
        assert_int_equal(sscanf(p + 1, "%1x%1x", &first, &n), 2);
        memset(at(b, DATA), tolower(*p), n * 512);
        if (*p == '.')
            range_request(b, T_WRITE_ZEROES, first, n, 0);
        else
            chain(b, T_OUT, first, n * 512), offer(b, 0);
        if (isupper(*p))
            return;
    }
    finish(b);
    assert_int_equal(*at(b, STATUS), b->v.faults.failed != failed);
}

static void play(unsigned row, u64 seed, const char *loses,
                 char left[16][SEEDS])
{
    BOARD(b, MODERN);
    struct disk_fault rule;
    u8 buf[512];
    write_cache_init(&b.v.cache, seed, loses, rows[row].room * 512);
    b.v.faults = (struct disk_faults){&rule, rows[row].fault != NULL, {0}, 0};
    assert_true(!b.v.faults.n || fault_parse(rows[row].fault, &rule));
    set_up(&b, 8, rows[row].features);
    const char *p = rows[row].steps;
    for (; *p; p += *p == 'F' || *p == 'T' ? 1 : 3)
        take_step(&b, p);
    blk_settle(&b.v, true);
    for (unsigned i = 0; i < 16; i++) {
        assert_true(backing_read(&b.disk, i * 512, buf, sizeof buf));
        assert_memory_equal(
            buf, buf + 1, sizeof buf - 1); /* all bytes alike: no torn sector */
        left[i][seed] = buf[0] ? (char)buf[0] : '.';
    }
}

TEST(left_by_a_cut)
{
    static char left[ARRAY_LEN(rows)][16][SEEDS];
    unsigned whole = 0;
    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        char text[100], *p = text;
        for (u64 seed = 0; seed < SEEDS; seed++)
            play(i, seed, NULL, left[i]);
        for (unsigned k = 0; k < 16; k++, *p++ = ' ')
            for (const char *c = ".abc"; *c; c++)
                if (memchr(left[i][k], *c, SEEDS))
                    *p++ = *c;
        p[0] = text[strlen(rows[i].left)] = 0;
        assert_string_equal(text, rows[i].left);
    }
    /* All, none or some sectors of a write survive; a newer write (c) does not
     * change which. */
    for (unsigned seed = 0; seed < SEEDS; seed++) {
        unsigned same = 0;
        for (unsigned k = 4; k < 12; k++) {
            char alone = left[0][k][seed], with_c = left[1][k][seed];
            assert_true(with_c == 'c' || with_c == alone);
            same += alone == left[0][4][seed];
        }
        whole += same == 8;
    }
    assert_true(whole > SEEDS / 2 && whole < SEEDS * 4 / 5);
}

/* The sectors in the list have the fate that they have without a list; the
 * others have the newest bytes. */
TEST(listed_sectors_are_lost)
{
    static char all[16][SEEDS], none[16][SEEDS], some[16][SEEDS];
    unsigned lost = 0, spared = 0;
    for (unsigned i = 0; i < ARRAY_LEN(rows); i++)
        for (u64 seed = 0; seed < SEEDS; seed++) {
            play(i, seed, NULL, all);
            play(i, seed, "16-99", none);
            play(i, seed, "1+4-6+9-9+11", some);
            for (unsigned k = 0; k < 16; k++) {
                bool listed = strchr("14569;", (int)('0' + k));
                assert_int_equal(some[k][seed], (listed ? all : none)[k][seed]);
                lost += all[k][seed] != none[k][seed] && listed;
                spared += all[k][seed] != none[k][seed] && !listed;
                if (i == 1)
                    assert_int_equal(none[k][seed], "aaaabbbbcccc...."[k]);
            }
        }
    assert_true(lost > SEEDS && spared > SEEDS);
}
