/* SPDX-License-Identifier: MIT */
// rooms: base isa hart dev mmu time
/* A disk's volatile write cache at a power cut, and faults on request. */
#include "virtio_board.h"

#define SEEDS 60u
#define WCE   0x120

static void start(struct board *b, u64 seed, u64 features)
{
    power_on(b, MODERN);
    b->v.cache = (struct write_cache){.on = true, .seed = seed, .room = RAM};
    set_up(b, 8, features);
}

static void put(struct board *b, u64 sector, u32 n, u8 byte)
{
    memset(at(b, DATA), byte, n * 512);
    assert_int_equal(request(b, T_OUT, sector, n * 512), 0);
}

static void flush(struct board *b)
{
    assert_int_equal(request(b, T_FLUSH, 0, 0), 0);
}

static u8 byte_of(struct board *b, u64 sector)
{
    u8 buf[512];
    assert_true(backing_read(&b->disk, sector * 512, buf, sizeof buf));
    for (unsigned i = 1; i < sizeof buf; i++)
        assert_int_equal(buf[i], buf[0]); /* no sector is torn */
    return buf[0];
}

/* Ends the machine; what the cut leaves of n sectors, as text. */
static void cut(struct board *b, char *text, unsigned n)
{
    blk_cut(&b->v);
    for (unsigned i = 0; i < n; i++)
        text[i] = (char)byte_of(b, i);
    text[n] = 0;
    assert_int_equal(b->v.cache.count, 0);
    power_off(b);
}

/* Sectors 0 to 3 are flushed, 4 to 7 flushed and written again, 8 to 15 flushed
 * and written twice. */
static void write_some(struct board *b, u64 seed)
{
    start(b, seed, F_FLUSH);
    put(b, 0, 16, 'a');
    flush(b);
    put(b, 4, 12, 'b');
    put(b, 8, 8, 'c');
}

static void flushed_stays(void **state)
{
    (void)state;
    char text[SEEDS][17], again[17];
    unsigned lost = 0, kept = 0, torn = 0, middle = 0;
    struct board b;
    for (u64 seed = 0; seed < SEEDS; seed++) {
        char *t = text[seed];
        write_some(&b, seed);
        assert_int_equal(byte_of(&b, 9), 'c');
        assert_int_equal(b.v.cache.bytes, 20 * 512);
        cut(&b, t, 16);
        assert_memory_equal(t, "aaaa", 4);
        assert_int_equal(strspn(t, "ab") >= 8, 1);
        assert_int_equal(strspn(t, "abc"), 16);
        lost += !strcmp(t + 4, "aaaaaaaaaaaa");
        kept += !strcmp(t + 4, "bbbbcccccccc");
        torn += strchr(t + 8, 'c') && strspn(t + 8, "c") < 8;
        middle += !strcmp(t + 8, "bbbbbbbb"); /* the second one is lost */
        write_some(&b, seed);
        cut(&b, again, 16);
        assert_string_equal(again, t); /* the seed alone decides */
    }
    assert_true(lost && kept && torn && middle);
    assert_string_not_equal(text[0], text[1]);
}

/* If the newest of two writes to a sector is lost, the older one's fate is what
 * it is alone. */
static void newest_that_is_there(void **state)
{
    (void)state;
    unsigned older = 0;
    for (u64 seed = 0; seed < SEEDS; seed++) {
        struct board b;
        char alone[2], both[2];
        for (int n = 1; n <= 2; n++) {
            start(&b, seed, F_FLUSH);
            put(&b, 0, 1, 'a');
            flush(&b);
            put(&b, 0, 1, 'b');
            if (n == 2)
                put(&b, 0, 1, 'c');
            cut(&b, n == 2 ? both : alone, 1);
        }
        assert_true(both[0] == 'c' || both[0] == alone[0]);
        older += both[0] != 'c';
    }
    assert_true(older > SEEDS / 8);
}

/* 5.2.6.2: stable when it completes: writeback was 0, or no driver's flush. A
 * write under way at the switch is not, nor one before it. */
static void write_through_stays(void **state)
{
    (void)state;
    unsigned lost = 0;
    for (u64 seed = 0; seed < SEEDS; seed++) {
        struct board b;
        char t[5];
        start(&b, seed, 0);
        put(&b, 0, 4, 'a');
        cut(&b, t, 4);
        assert_string_equal(t, "aaaa");

        start(&b, seed, F_FLUSH | F_CONFIG_WCE);
        memset(at(&b, DATA), 'a', 2048);
        chain(&b, T_OUT, 0, 2048);
        offer(&b, 0);
        virtio_write(&b.v, WCE, 1, b.now, 0);
        finish(&b);
        assert_int_equal(b.v.cache.count, 1);
        if (seed & 1) {
            put(&b, 1, 1, 'b');
            assert_int_equal(b.v.cache.count, 0);
        }
        cut(&b, t, 4);
        lost += t[0] != 'a';
        assert_true(!(seed & 1) || !strcmp(t, "abaa"));
    }
    assert_true(lost > SEEDS / 8);
}

/* A flush covers writes that were over when it was sent; one that is still in
 * flight then, or at the cut, may be lost. */
static void in_flight(void **state)
{
    (void)state;
    for (int sent = 0; sent < 2; sent++) {
        unsigned lost = 0;
        for (u64 seed = 0; seed < SEEDS; seed++) {
            struct board b;
            char t[2];
            start(&b, seed, F_FLUSH);
            memset(at(&b, DATA), 'a', 512);
            chain(&b, T_OUT, 0, 512);
            offer(&b, 0);
            if (sent) {
                put_le(at(&b, TABLE), T_FLUSH, 4);
                desc(&b, 3, TABLE, 16, D_NEXT, 4);
                desc(&b, 4, STATUS + 8, 1, D_WRITE, 0);
                offer(&b, 3);
                finish(&b);
                assert_int_equal(used_idx(&b), 2);
                assert_int_equal(*at(&b, STATUS + 8), 0);
            }
            cut(&b, t, 1);
            lost += t[0] != 'a';
        }
        assert_true(lost > SEEDS / 8 && lost < SEEDS * 7 / 8);
    }
}

/* The cache has room for 8 sectors: the oldest writes go to the disk. */
static void full_cache(void **state)
{
    (void)state;
    unsigned lost = 0;
    for (u64 seed = 0; seed < SEEDS; seed++) {
        struct board b;
        char t[17];
        start(&b, seed, F_FLUSH);
        b.v.cache.room = 8 * 512;
        for (unsigned i = 0; i < 16; i++)
            put(&b, i, 1, 'a');
        assert_int_equal(b.v.cache.count, 8);
        cut(&b, t, 16);
        assert_memory_equal(t, "aaaaaaaa", 8);
        lost += memchr(t + 8, 0, 8) != NULL;

        start(&b, seed, F_FLUSH);
        b.v.cache.room = 8 * 512;
        put(&b, 0, 1, 'a');
        put(&b, 1, 9, 'b'); /* more than the cache holds */
        cut(&b, t, 10);
        assert_string_equal(t, "abbbbbbbbb");
    }
    assert_true(lost > SEEDS / 2);
}

static void visit(struct board *b, struct state *s, char hex[33])
{
    virtio_state(&b->v, s);
    if (hex)
        state_hash_finish(s, hex);
}

static void saved_and_hashed(void **state)
{
    (void)state;
    struct board b;
    struct state_kept k = {0};
    char before[33], after[33], t[17], again[17];
    write_some(&b, 5);
    b.v.faults = (struct disk_faults){.rule = {{.last = 9, .to = 9}}, .n = 1};
    struct state *s = state_keeper(&k);
    visit(&b, s, NULL);
    state_keep_finish(s);
    visit(&b, state_hasher(), before);
    put(&b, 16, 4, 'c');
    request(&b, T_IN, 0, 512); /* counts for the rule */
    visit(&b, state_hasher(), after);
    assert_string_not_equal(before, after);
    for (size_t i = 0; i < k.n; i++) { /* no byte is trusted */
        k.bytes[i] ^= 0xff;
        s = state_keep_loader(k.bytes, k.n);
        visit(&b, s, NULL);
        state_load_finish(s);
        assert_true(b.v.cache.bytes <= b.v.cache.room);
        k.bytes[i] ^= 0xff;
    }
    s = state_keep_loader(k.bytes, k.n);
    visit(&b, s, NULL);
    assert_true(state_load_finish(s));
    visit(&b, state_hasher(), after);
    assert_string_equal(before, after);
    cut(&b, t, 16);
    write_some(&b, 5);
    cut(&b, again, 16);
    assert_string_equal(t, again);
    free(k.bytes);
}

static void fault_words(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",          "reads",     "write:",   "write:x",
        "write:3-2", "write#0",   "flush:1",  "read#",
        "read#2-1",  "write:1,2", "flush#-",  "read:-1",
        "read#1#2",  "read#1:2",  "write:1-", "read:99999999999999999999"};
    struct disk_fault f;
    for (unsigned i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(fault_parse(bad[i], &f));
    assert_true(fault_parse("write:5-7#2-3", &f));
    assert_int_equal(f.op, FAULT_WRITE);
    assert_true(f.first == 5 && f.last == 7 && f.from == 2 && f.to == 3);
    assert_true(fault_parse("read:5", &f) && f.first == 5 && f.last == 5);
    assert_true(f.from == 1 && f.to == ~0ull);
    assert_true(fault_parse("flush#4", &f) && f.from == 4 && f.to == 4);
}

static void faults(void **state)
{
    (void)state;
    struct board b;
    char t[9];
    start(&b, 0, F_FLUSH);
    static const char *const rules[] = {"write:5-6", "read:2#2", "flush#2"};
    for (unsigned i = 0; i < ARRAY_LEN(rules); i++)
        assert_true(fault_parse(rules[i], &b.v.faults.rule[i]));
    b.v.faults.n = ARRAY_LEN(rules);
    put(&b, 0, 5, 'a');
    put(&b, 7, 1, 'a');
    assert_int_equal(request(&b, T_OUT, 4, 1024), 1); /* touches sector 5 */
    assert_int_equal(used_len(&b), 1);
    assert_int_equal(range_request(&b, T_WRITE_ZEROES, 6, 2, 0), 1);
    assert_int_equal(request(&b, T_OUT, 6, 512), 1);
    for (unsigned i = 1; i < 4; i++) /* the second one */
        assert_int_equal(request(&b, T_IN, 0, 2048), i == 2);
    assert_int_equal(request(&b, T_IN, 3, 4096), 0);
    assert_int_equal(b.v.faults.failed, 4);
    flush(&b);
    put(&b, 1, 1, 'b');
    assert_int_equal(request(&b, T_FLUSH, 0, 0), 1);
    assert_int_equal(b.v.cache.count, 1); /* it has made nothing durable */
    flush(&b);
    cut(&b, t, 8);
    assert_memory_equal(t, "abaaa\0\0a", 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(newest_that_is_there),
                                       cmocka_unit_test(flushed_stays),
                                       cmocka_unit_test(write_through_stays),
                                       cmocka_unit_test(in_flight),
                                       cmocka_unit_test(full_cache),
                                       cmocka_unit_test(saved_and_hashed),
                                       cmocka_unit_test(fault_words),
                                       cmocka_unit_test(faults)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
